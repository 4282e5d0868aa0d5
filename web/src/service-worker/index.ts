/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/// <reference types="@sveltejs/kit" />
/**
 * Keeps the App itself on the device, so that it opens without a network: the shell, its scripts, styles and fonts, and the relay's
 * version document (needed to make a profile offline). Nothing else of the relay is ever kept, nothing personal is ever here.
 */
import { build, files, version } from '$service-worker';

const self = globalThis.self as unknown as ServiceWorkerGlobalScope;
const CACHE = `app-${version}`;
const SHELL = '/';
const RELAY_VERSION = '/v1/version';
/** A network that is there but does not answer counts as none. */
const PATIENCE_MS = 3_000;
const ASSETS = new Set([...build, ...files]);

self.addEventListener('install', (event) => {
	event.waitUntil(
		(async () => {
			const cache = await caches.open(CACHE);
			await cache.addAll([SHELL, ...ASSETS]);
			// A relay that is away for a moment must not keep the App from being installed.
			await cache.add(RELAY_VERSION).catch(() => undefined);
		})()
	);
});

self.addEventListener('activate', (event) => {
	event.waitUntil(
		(async () => {
			for (const key of await caches.keys())
				if (key.startsWith('app-') && key !== CACHE) await caches.delete(key);
			await self.clients.claim();
		})()
	);
});

self.addEventListener('message', (event) => {
	if (event.data === 'take-over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== self.location.origin) return;
	if (request.mode === 'navigate') event.respondWith(page(request));
	else if (url.pathname === RELAY_VERSION) event.respondWith(relayVersion(request));
	else if (ASSETS.has(url.pathname)) event.respondWith(asset(request, url.pathname));
});

/** The shell from the network while there is one, so that a new version is noticed; else the kept one. */
async function page(request: Request): Promise<Response> {
	try {
		const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
		if (fresh.ok || fresh.type === 'opaqueredirect') return fresh;
	} catch {
		// offline: below
	}
	return (await caches.match(SHELL)) ?? Response.error();
}

async function relayVersion(request: Request): Promise<Response> {
	const cache = await caches.open(CACHE);
	try {
		const fresh = await fetch(request);
		if (fresh.ok) await cache.put(RELAY_VERSION, fresh.clone());
		return fresh;
	} catch {
		return (await cache.match(RELAY_VERSION)) ?? Response.error();
	}
}

async function asset(request: Request, path: string): Promise<Response> {
	const cache = await caches.open(CACHE);
	return (await cache.match(path)) ?? fetch(request);
}
