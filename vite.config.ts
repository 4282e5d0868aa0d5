// Builds and serves the App. In development the relay runs beside it (tools/dev.js) and is reached under the same origin,
// as in production, so the App needs no second address.
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { messages } from './tools/generated.ts';
import { chunks } from './web/tools/chunks.ts';

const relay = process.env['RELAY_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
	plugins: [paraglideVitePlugin(messages), tailwindcss(), sveltekit()],
	build: { target: 'es2024', rolldownOptions: { output: { codeSplitting: { groups: chunks } } } },
	worker: { format: 'es' },
	server: {
		proxy: {
			'/v1': { target: relay, ws: true },
			'/health': relay
		}
	}
});
