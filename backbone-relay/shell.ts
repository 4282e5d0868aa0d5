/**
 * The built App, served from a table made once at start: a path that is not in it does not exist, so no path can climb out of
 * the folder. What the build precompressed is sent so; what its name pins (/_app/immutable) may be kept for ever; everything
 * else is asked for again with its ETag. Any other page of the App is its shell, 200.html.
 *
 * The policy the shell carries in a <meta> is sent as a header too, with what a <meta> cannot say.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

const TYPES: { readonly [extension: string]: string } = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.mjs': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.json': 'application/json',
	'.webmanifest': 'application/manifest+json',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.ico': 'image/x-icon',
	'.webp': 'image/webp',
	'.woff2': 'font/woff2',
	'.wasm': 'application/wasm',
	'.txt': 'text/plain; charset=utf-8'
};
const FOR_EVER = 'public, max-age=31536000, immutable';
const SHELL = '/200.html';

interface File {
	readonly path: string;
	readonly type: string;
	readonly etag: string;
	readonly cache: string;
	/** Encodings that lie beside it. */
	readonly encodings: readonly string[];
}

/** SHA-256 of every inline script of a page, as CSP sources. */
const scriptHashes = (html: string): string[] =>
	[...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
		([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`
	);

/** Kit's service worker, Svelte's templates and the App's own worker each have a policy; nothing else may make one. */
const TRUSTED_TYPES = 'svelte-trusted-html sveltekit-trusted-url enmeshed-worker';

const contentPolicy = (scripts: readonly string[]): string =>
	[
		"default-src 'self'",
		`script-src 'self' 'wasm-unsafe-eval' ${scripts.join(' ')}`.trim(),
		"style-src 'self'",
		"style-src-attr 'unsafe-inline'",
		"connect-src 'self' ws: wss:",
		"img-src 'self' data: blob:",
		"font-src 'self'",
		"media-src 'self' blob:",
		"worker-src 'self'",
		"manifest-src 'self'",
		"frame-src 'none'",
		"frame-ancestors 'none'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'none'",
		"require-trusted-types-for 'script'",
		`trusted-types ${TRUSTED_TYPES}`
	].join('; ');

function filesOf(folder: string): Map<string, File> {
	const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name));
	return new Map(
		paths.map((path) => {
			const url = `/${relative(folder, path).split(sep).join('/')}`;
			const { size, mtimeMs } = statSync(path);
			const file: File = {
				path,
				type: TYPES[extname(path)] ?? 'application/octet-stream',
				etag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
				cache: url.startsWith('/_app/immutable/') ? FOR_EVER : 'no-cache',
				encodings: ['br', 'gz'].filter((encoding) => existsSync(`${path}.${encoding}`))
			};
			return [url, file];
		})
	);
}

export interface Shell {
	readonly policy: string;
	/** The answer to a GET; undefined when the App has nothing there. */
	serve(pathname: string, headers: Headers): Promise<Response | undefined>;
	/** The page every route of the App begins with. */
	page(headers: Headers): Promise<Response>;
}

const ENCODING = { br: 'br', gz: 'gzip' } as const;

function encodingFor(file: File, accepted: string): 'br' | 'gz' | undefined {
	const names = accepted.split(',').map((part) => part.trim().split(';')[0]);
	return (['br', 'gz'] as const).find((name) => file.encodings.includes(name) && names.includes(ENCODING[name]));
}

async function send(file: File, headers: Headers): Promise<Response> {
	const encoding = encodingFor(file, headers.get('accept-encoding') ?? '');
	const etag = encoding ? file.etag.replace(/"$/, `-${encoding}"`) : file.etag;
	const answer = new Headers({
		'content-type': file.type,
		'cache-control': file.cache,
		vary: 'accept-encoding',
		etag
	});
	if (headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: answer });
	if (encoding) answer.set('content-encoding', ENCODING[encoding]);
	return new Response(await readFile(encoding ? `${file.path}.${encoding}` : file.path), { headers: answer });
}

/** Throws when the folder holds no built App. */
export function openShell(folder: string): Shell {
	if (!existsSync(join(folder, SHELL))) throw new Error(`APP_DIR ${folder} holds no built App (200.html is missing)`);
	const files = filesOf(folder);
	const shell = files.get(SHELL)!;
	const pages = [...files.values()].filter(({ path }) => path.endsWith('.html'));
	const scripts = [...new Set(pages.flatMap(({ path }) => scriptHashes(readFileSync(path, 'utf8'))))];
	return {
		policy: contentPolicy(scripts),
		async serve(pathname, headers) {
			const file = pathname === '/' ? (files.get('/index.html') ?? shell) : files.get(pathname);
			if (file) return send(file, headers);
			// A route of the App has no extension; a missing script or picture is missing.
			return extname(pathname) === '' && !pathname.startsWith('/_app/') ? send(shell, headers) : undefined;
		},
		page: (headers) => send(shell, headers)
	};
}
