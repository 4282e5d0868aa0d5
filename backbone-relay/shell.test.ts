/** The App as the relay serves it: what is cached, compressed, refused, and the headers on every page. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createApp } from './app.ts';
import { openShell } from './shell.ts';
import { createTestRelay } from './testing/relay.ts';

const outside = mkdtempSync(join(tmpdir(), 'relay-app-'));
const folder = join(outside, 'build');
const SCRIPT = '\n\t{ start(); }\n';
mkdirSync(join(folder, '_app/immutable'), { recursive: true });
writeFileSync(join(folder, '200.html'), `<!doctype html><script>${SCRIPT}</script><script src="/x.js"></script>`);
writeFileSync(join(folder, '200.html.br'), 'brotli');
writeFileSync(join(folder, '_app/immutable/a.js'), 'export {}');
writeFileSync(join(folder, '_app/immutable/a.js.gz'), 'gzip');
writeFileSync(join(folder, 'service-worker.js'), 'self');
writeFileSync(join(outside, 'secret.txt'), 'kept outside');
afterAll(() => rmSync(outside, { recursive: true }));

const world = createTestRelay();
const appWith = (isSecure: boolean) =>
	createApp({
		relay: world.relay,
		relayKey: world.relayKey,
		addressHost: 'localhost',
		isSecure,
		shell: openShell(folder),
		sourceOf: () => 'test',
		log: () => undefined,
		report: (error) => void world.reported.push(error)
	});
const app = appWith(false);
const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });

test('every route of the App begins with its shell, links included; a missing script is missing', async () => {
	for (const path of ['/', '/contacts', '/r/TOK123', '/mail/new'])
		expect([(await get(path)).status, await (await get(path)).text()]).toEqual([
			200,
			expect.stringContaining(SCRIPT)
		]);
	for (const path of [
		'/missing.js',
		'/_app/immutable/b.js',
		'/..%2fsecret.txt',
		'/%2e%2e/secret.txt',
		'/../secret.txt'
	])
		expect([path, (await get(path)).status]).toEqual([path, 404]);
});

test('named-by-content files are kept for ever, the rest is asked for again, and both come compressed', async () => {
	const pinned = await get('/_app/immutable/a.js', { 'accept-encoding': 'br, gzip' });
	expect([pinned.headers.get('content-encoding'), await pinned.text()]).toEqual(['gzip', 'gzip']);
	expect(pinned.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
	expect(pinned.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
	const shell = await get('/', { 'accept-encoding': 'gzip, br;q=0.9' });
	expect([shell.headers.get('content-encoding'), shell.headers.get('cache-control')]).toEqual(['br', 'no-cache']);
	const plain = await get('/service-worker.js');
	expect([plain.headers.get('content-encoding'), plain.headers.get('cache-control')]).toEqual([null, 'no-cache']);
	expect((await get('/service-worker.js', { 'if-none-match': plain.headers.get('etag')! })).status).toBe(304);
	expect((await get('/', { 'accept-encoding': 'br', 'if-none-match': plain.headers.get('etag')! })).status).toBe(200);
	expect((await app.request('/', { method: 'HEAD' })).status).toBe(200);
});

test('the strict policy lets run what the build wrote, and nothing else', async () => {
	const policy = (await get('/contacts')).headers.get('content-security-policy')!;
	const hash = createHash('sha256').update(SCRIPT).digest('base64');
	expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}';`);
	for (const part of [
		"require-trusted-types-for 'script'",
		"frame-ancestors 'none'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'none'",
		"worker-src 'self'"
	])
		expect(policy).toContain(part);
	expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toContain('unsafe-inline');
	expect(policy).not.toContain("'unsafe-eval'");
	const data = (await get('/v1/version')).headers.get('content-security-policy');
	expect(data).toBe("default-src 'none'; frame-ancestors 'none'");
});

test('every answer carries the safe headers, HSTS only where the address is HTTPS', async () => {
	for (const path of ['/', '/health', '/v1/version', '/missing.js', '/v1/nothing']) {
		const { headers } = await get(path);
		expect(headers.get('x-content-type-options')).toBe('nosniff');
		expect(headers.get('referrer-policy')).toBe('no-referrer');
		expect(headers.get('permissions-policy')).toContain('camera=(self)');
		expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
		expect(headers.has('strict-transport-security')).toBe(false);
	}
	expect((await appWith(true).request('/')).headers.get('strict-transport-security')).toContain('max-age=');
});
