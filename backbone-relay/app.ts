/**
 * The HTTP side of the relay, the whole route table on one screen. Frames go to the same handler as on a line; what is not a
 * frame is plain JSON or the App. Errors are RFC 9457 problems with a stable `type`.
 *
 *   GET  /health       200 while it takes writes, 503 when the disk is broken
 *   GET  /v1/version   version, addressHost, relayKey (base64url), limits; ETag
 *   GET  /v1/announcements, /v1/tags, /v1/codes   what the operator publishes, ETag; announcements for an address need its token
 *   POST /v1/session   empty body → the challenge push frame
 *                      hello frame with header `challenge` (base64url) → its answer, with `token` and `expiresAt`
 *   POST /v1/frame     one request frame (`authorization: Bearer …` unless anonymous) → its answer
 *   GET  /v1/line      WebSocket: line.ts
 *   GET  /r/:id        a link: the App, or a page that explains
 *   GET  /*            the App
 */
import { Hono, type Context } from 'hono';
import {
	encodeAnswer,
	encodePush,
	encodeRequest,
	fromBase64Url,
	PUBLISHED,
	REFUSALS,
	toBase64Url,
	type Bytes,
	type Cbor,
	type PublishedName,
	type RefusalType
} from '@enmeshed/crdt/wire';
import { landingPage, LANDING_POLICY } from './landing.ts';
import { publicLimits } from './limits.ts';
import { VERSION } from './operations/index.ts';
import type { Answer, Relay } from './relay.ts';
import type { Shell } from './shell.ts';

export interface AppPorts {
	readonly relay: Relay;
	readonly relayKey: Bytes;
	readonly addressHost: string;
	/** Whether others reach it by HTTPS: then HSTS is sent. */
	readonly isSecure: boolean;
	readonly shell: Shell | undefined;
	readonly sourceOf: (context: Context) => string;
	/** Method, route (never the path: it may hold an id), status, ms. */
	readonly log: (method: string, route: string, status: number, ms: number) => void;
	readonly report: (error: unknown) => void;
}

const CBOR = 'application/cbor';

/** Bytes become base64url: a problem is JSON. */
const jsonOf = (value: Cbor | undefined): unknown => (value instanceof Uint8Array ? toBase64Url(value) : value);

function problem(type: RefusalType, fields: { readonly [name: string]: Cbor | undefined } = {}): Response {
	const { status, title } = REFUSALS[type];
	const particulars = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, jsonOf(value)]));
	const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
	if (status === 429 || status === 503 || status === 507)
		headers.set('retry-after', String(fields['retryAfter'] ?? 30));
	if (status === 401) headers.set('www-authenticate', 'Bearer');
	return new Response(JSON.stringify({ ...particulars, type, title, status }), { status, headers });
}

const frameResponse = (frame: Bytes): Response =>
	new Response(frame, { headers: { 'content-type': CBOR, 'cache-control': 'no-store' } });

const answerResponse = ({ id, outcome }: Answer): Response =>
	outcome.ok ? frameResponse(encodeAnswer(id, outcome.fields)) : problem(outcome.type, { ...outcome.fields, id });

/** The body up to a limit; undefined beyond it. Its announced length is checked before anything is read. */
async function readBody(context: Context, limit: number): Promise<Bytes | undefined> {
	if (Number(context.req.header('content-length') ?? 0) > limit) return undefined;
	const parts: Uint8Array[] = [];
	let length = 0;
	const body = context.req.raw.body as AsyncIterable<Uint8Array> | null;
	for await (const part of body ?? []) {
		length += part.length;
		if (length > limit) return undefined;
		parts.push(part);
	}
	return new Uint8Array(Buffer.concat(parts));
}

const bearerOf = (context: Context): string | undefined => {
	const header = context.req.header('authorization');
	return header === undefined ? undefined : (/^Bearer ([A-Za-z0-9_-]{1,400})$/i.exec(header)?.[1] ?? '');
};

const COMMON_HEADERS: { readonly [name: string]: string } = {
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'no-referrer',
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-resource-policy': 'same-origin',
	'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
	'x-frame-options': 'DENY'
};
const NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'";

export function createApp(ports: AppPorts) {
	const { relay, shell, sourceOf } = ports;
	const version = JSON.stringify({
		version: VERSION,
		addressHost: ports.addressHost,
		relayKey: toBase64Url(ports.relayKey),
		limits: publicLimits(relay.limits)
	});
	const versionTag = `"${VERSION}-${toBase64Url(ports.relayKey).slice(0, 8)}-${version.length}"`;

	async function session(context: Context): Promise<Response> {
		const frame = await readBody(context, 4096);
		if (!frame) return problem('too-large');
		if (frame.length === 0)
			return frameResponse(encodePush({ push: 'challenge', challenge: relay.http.challenge() }));
		const challenge = fromBase64Url(context.req.header('challenge') ?? '') ?? new Uint8Array(0);
		return answerResponse(await relay.http.session(frame, { source: sourceOf(context), challenge }));
	}

	async function frame(context: Context): Promise<Response> {
		const bytes = await readBody(context, relay.limits.frameBytes);
		if (!bytes) return problem('too-large');
		return answerResponse(await relay.http.handle(bytes, { source: sourceOf(context), token: bearerOf(context) }));
	}

	function versionOf(context: Context): Response {
		const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag: versionTag };
		const known = context.req.header('if-none-match') === versionTag;
		return known ? new Response(null, { status: 304, headers }) : new Response(version, { headers });
	}

	/** What the operator publishes, by the same handler that answers a line. */
	async function published(context: Context, name: PublishedName): Promise<Response> {
		const request = encodeRequest(0, 'published', { name });
		const { outcome } = await relay.http.handle(request, { source: sourceOf(context), token: bearerOf(context) });
		if (!outcome.ok) return problem(outcome.type, outcome.fields);
		const etag = `"${String(outcome.fields['etag'])}"`;
		const headers = {
			'content-type': 'application/json',
			'cache-control': 'no-cache',
			vary: 'authorization',
			etag
		};
		const known = context.req.header('if-none-match') === etag;
		return known
			? new Response(null, { status: 304, headers })
			: new Response(JSON.stringify(outcome.fields['value']), { headers });
	}

	const health = () => (relay.stats().broken ? problem('unavailable') : Response.json({ status: 'ok' }));

	async function link(context: Context): Promise<Response> {
		if (shell) return shell.page(context.req.raw.headers);
		const html = landingPage(context.req.header('accept-language'));
		const headers = {
			'content-type': 'text/html; charset=utf-8',
			'content-security-policy': LANDING_POLICY,
			vary: 'accept-language'
		};
		return new Response(html, { headers });
	}

	async function app(context: Context): Promise<Response> {
		return (await shell?.serve(context.req.path, context.req.raw.headers)) ?? problem('not-found');
	}

	const hono = new Hono();

	hono.use(async (context, next) => {
		const began = performance.now();
		await next();
		const { headers } = context.res;
		for (const [name, value] of Object.entries(COMMON_HEADERS)) headers.set(name, value);
		// A worker obeys the policy its own script came with, so scripts carry the App's as pages do.
		const runs = /^text\/(html|javascript)/.test(headers.get('content-type') ?? '');
		if (!headers.has('content-security-policy'))
			headers.set('content-security-policy', runs && shell ? shell.policy : NOTHING_POLICY);
		if (ports.isSecure) headers.set('strict-transport-security', 'max-age=63072000; includeSubDomains');
		ports.log(context.req.method, context.req.routePath, context.res.status, performance.now() - began);
	});

	hono.get('/health', health);
	hono.get('/v1/version', versionOf);
	for (const name of PUBLISHED) hono.get(`/v1/${name}`, (context) => published(context, name));
	hono.post('/v1/session', session);
	hono.post('/v1/frame', frame);
	hono.get('/v1/*', () => problem('not-found'));
	hono.get('/r/:id', link);
	hono.get('/*', app);

	hono.notFound(() => problem('not-found'));
	hono.onError((error) => {
		ports.report(error);
		return problem('unavailable');
	});
	return hono;
}
