// The simulation: `npm run sim -- --seed 42` shows one world, `-- --seeds 20000` looks for trouble in many.
import { prepare } from './bootstrap.js';

await prepare(import.meta.url);
const { run } = await import('./processes.ts');
const { code } = await run(process.execPath, ['trials/sim.ts', ...process.argv.slice(2)], { show: true });
process.exit(code);
