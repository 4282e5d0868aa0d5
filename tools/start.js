// Relay, App and a demo Connector with one command, everything kept under data/.
import { prepare } from './bootstrap.js';

await prepare(import.meta.url);
const { command, start } = await import('./demo.ts');
await command(start);
