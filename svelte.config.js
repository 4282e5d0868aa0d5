// The App as static files: one page shell (200.html) that the relay serves for every route, everything else in the browser.
// The policy below is written into that shell as a <meta>; what a <meta> cannot carry (frame-ancestors, require-trusted-types-for)
// is sent by the relay as a header.
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	kit: {
		adapter: adapter({ pages: 'web/build', assets: 'web/build', fallback: '200.html', precompress: true }),
		files: { src: 'web/src', assets: 'web/static' },
		outDir: 'web/.svelte-kit',
		// The App asks nobody for a new version by itself: the service worker finds it when the person opens the App.
		version: { pollInterval: 0 },
		csp: {
			mode: 'hash',
			directives: {
				'default-src': ['self'],
				'script-src': ['self', 'wasm-unsafe-eval'],
				'style-src': ['self'],
				// Svelte's templates may carry style attributes; style elements stay forbidden.
				'style-src-attr': ['unsafe-inline'],
				'connect-src': ['self', 'ws:', 'wss:'],
				'img-src': ['self', 'data:', 'blob:'],
				'font-src': ['self'],
				'media-src': ['self', 'blob:'],
				'worker-src': ['self'],
				'manifest-src': ['self'],
				'frame-src': ['none'],
				'form-action': ['self'],
				'object-src': ['none'],
				'base-uri': ['none']
			}
		}
	}
};
