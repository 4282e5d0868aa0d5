// Format, types, lint, unused code and import rules, in under a minute.
import { prepare } from './bootstrap.js';

await prepare(import.meta.url);
await import('./checks.ts');
