/**
 * The relay in little memory. What it takes is decided before a process begins, so main.ts replaces itself once (the same
 * process, by execve) with these set; measured under the load of bench/ingest.ts, resident memory falls from 300 to 120 MB:
 *
 *   compiled code is kept in DATA_DIR/code-cache   the TypeScript compiler (40 MB) is not loaded again; starts are quicker too
 *   one malloc arena that gives back               threads that check signatures leave no half-empty arenas behind
 *   a small young and a slowly growing old heap    V8 sizes both for a machine that does nothing else; 256 MB hold ten times
 *                                                  what all lines of limits.ts need; so small a young heap is swept quicker by
 *                                                  one thread than by threads that wait for each other
 *
 * Left out where it cannot be (Windows, a parent that talks to it over IPC as `node --watch` does) or is not wanted
 * (RELAY_RELAUNCH=0): then the relay runs all the same.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const HEAP = [
	'--max-semi-space-size=1',
	'--initial-old-space-size=8',
	'--heap-growing-percent=8',
	'--max-old-space-size=256',
	'--no-parallel-scavenge'
];
/** Freed buffers of this size and above go back to the system at once. */
const GIVE_BACK = String(128 << 10);
const DONE = 'RELAY_RELAUNCH';

function dataDir(): string {
	const { values } = parseArgs({
		args: process.argv.slice(2),
		options: { 'data-dir': { type: 'string' } },
		strict: false
	});
	const flag = values['data-dir'];
	return (typeof flag === 'string' && flag) || process.env['DATA_DIR'] || 'data/relay';
}

/** Does not return where the process was replaced. */
export function relaunch(): void {
	const wanted =
		process.env[DONE] === undefined && process.send === undefined && typeof process.execve === 'function';
	if (!wanted || process.platform === 'win32') return;
	const folder = dataDir();
	try {
		if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
		process.execve?.(process.execPath, [process.execPath, ...HEAP, ...process.execArgv, ...process.argv.slice(1)], {
			...process.env,
			[DONE]: '0',
			MALLOC_ARENA_MAX: process.env['MALLOC_ARENA_MAX'] ?? '1',
			MALLOC_TRIM_THRESHOLD_: process.env['MALLOC_TRIM_THRESHOLD_'] ?? GIVE_BACK,
			MALLOC_MMAP_THRESHOLD_: process.env['MALLOC_MMAP_THRESHOLD_'] ?? GIVE_BACK,
			NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(folder, 'code-cache')
		});
	} catch {
		// Not here: run as we are.
	}
}
