// What is generated before anything reads the App's sources: SvelteKit's types and paths, and the messages as functions. The build
// does both by itself; checks and tests call `generate` first.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.js';
import { run } from './processes.ts';

export const messages = {
	project: './web/project.inlang',
	outdir: './web/src/lib/paraglide',
	// Never in the address or a cookie: a link is the same in every language, and the relay learns none.
	strategy: ['localStorage', 'preferredLanguage', 'baseLocale'] as ['localStorage', 'preferredLanguage', 'baseLocale']
};

const GENERATED = [join('web', 'build'), join('web', '.svelte-kit'), join('web', 'src', 'lib', 'paraglide')];

/** Time of the latest change below these files and folders in ms, generated things, tests and node_modules left out. */
export function newestChangeMs(paths: string[], base = root): number {
	return Math.max(
		0,
		...paths.map((path) => {
			const full = join(base, path);
			if (
				GENERATED.includes(path) ||
				path.endsWith('.test.ts') ||
				path.endsWith('node_modules') ||
				!existsSync(full)
			)
				return 0;
			const stats = statSync(full);
			if (!stats.isDirectory()) return stats.mtimeMs;
			return newestChangeMs(
				readdirSync(full).map((name) => join(path, name)),
				base
			);
		})
	);
}

function messagesAreOld(): boolean {
	const compiled = join(root, messages.outdir, 'runtime.js');
	if (!existsSync(compiled)) return true;
	return (
		newestChangeMs(['web/messages', 'web/project.inlang/settings.json', 'vite.config.ts']) >
		statSync(compiled).mtimeMs
	);
}

/** Brings both up to date; throws when SvelteKit refuses the configuration. */
export async function generate(): Promise<void> {
	const { code, output } = await run('svelte-kit', ['sync']);
	if (code !== 0) throw new Error(`svelte-kit sync failed:\n${output}`);
	if (!messagesAreOld()) return;
	const { compile } = await import('@inlang/paraglide-js');
	await compile(messages);
}

/** Builds the App into web/build when a source is newer than the last build. Returns what went wrong, if anything. */
export async function buildApp({ always = false } = {}): Promise<string | undefined> {
	const shell = join(root, 'web/build/200.html');
	const sources = ['web', 'crdt', 'svelte.config.js', 'vite.config.ts', 'package-lock.json'];
	if (!always && existsSync(shell) && statSync(shell).mtimeMs > newestChangeMs(sources)) return undefined;
	console.log('Building the App …');
	const { code, output } = await run('vite', ['build'], { limitMs: 5 * 60_000 });
	return code === 0 ? undefined : output;
}
