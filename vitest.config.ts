// Every test that needs no browser. Two workers: the machine that checks this has two cores, and more would only make
// timing-sensitive trials (kill loops) slower.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { generate } from './tools/generated.ts';

// tsconfig.json extends what SvelteKit generates; in a fresh clone nobody has asked it to yet.
if (!existsSync('web/.svelte-kit/tsconfig.json')) await generate();

export default defineConfig({
	resolve: { alias: { $lib: fileURLToPath(new URL('./web/src/lib', import.meta.url)) } },
	test: {
		include: ['{crdt,backbone-relay,connector,trials,tools}/**/*.test.ts', 'web/src/**/*.test.ts'],
		environment: 'node',
		pool: 'forks',
		maxWorkers: 2,
		testTimeout: 30_000,
		hookTimeout: 30_000
	}
});
