// The figures of bench/README.md, measured on this machine.
import { prepare } from './bootstrap.js';

await prepare(import.meta.url);
const { run } = await import('./processes.ts');
const { code } = await run(process.execPath, ['bench/main.ts', ...process.argv.slice(2)], { show: true });
process.exit(code);
