// npm run check: everything that can be said about the code without running it. Two checks at a time, longest first; of those that
// pass only the name is shown.
import { existsSync } from 'node:fs';
import { generate } from './generated.ts';
import { run } from './processes.ts';

const LIMIT_MS = 3 * 60_000;
/** Whose imports are judged. */
const FOLDERS = ['crdt', 'backbone-relay', 'connector', 'web/src', 'trials', 'bench', 'e2e', 'tools'];

const checks: [name: string, command: string, ...args: string[]][] = [
	['lint', 'eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '--max-warnings=0', '.'],
	['app types', 'svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
	['node types', 'tsc', '-p', 'tsconfig.node.json'],
	['unused', 'knip', '--no-progress', '--no-config-hints'],
	[
		'format',
		'prettier',
		'--check',
		'--log-level=warn',
		'--cache',
		'--cache-location=node_modules/.cache/prettier/.prettier-cache',
		'.'
	],
	['imports', 'depcruise', ...FOLDERS.filter((folder) => existsSync(folder))]
];

// Types, lint and import rules all read what SvelteKit and the message compiler generate.
await generate();

const failed: string[] = [];
const waiting = [...checks];
async function worker(): Promise<void> {
	for (let next = waiting.shift(); next; next = waiting.shift()) {
		const [name, command, ...args] = next;
		const { code, output, ms } = await run(command, args, { limitMs: LIMIT_MS });
		console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${(ms / 1000).toFixed(1)} s`);
		if (code === 0) continue;
		failed.push(name);
		console.log(output.trim().replaceAll(/^/gm, '     '));
	}
}
await Promise.all([worker(), worker()]);

console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
process.exit(failed.length === 0 ? 0 : 1);
