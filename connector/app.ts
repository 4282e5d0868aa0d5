/**
 * The HTTP side as one function from parts to a Hono app. The order of the layers is what clients can observe
 * (connector-api.md §5.1):
 *
 *   correlation id → headers, count, log → CORS → body → compression → open endpoints (/health, /docs)
 *   → authentication → /Monitoring → the table (404, 405, role, Accept, input, handler) → 404 → error handler
 */
import { randomUUID } from 'node:crypto';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { RelayUnreachable, type Clock, type Engine, type Random, type Refusal, type Result } from '../crdt/index.ts';
import type { Config } from './config.ts';
import { toDto } from './dto.ts';
import { preferred } from './http/accept.ts';
import { authenticate, type Authentication } from './http/auth.ts';
import { readBody } from './http/body.ts';
import * as errors from './http/errors.ts';
import { parseQuery } from './http/filter.ts';
import { corsHeaders, isPreflight, securityHeaders } from './http/headers.ts';
import { qrPng } from './http/qr.ts';
import { reply, replyJson } from './http/reply.ts';
import { isPermitted } from './http/roles.ts';
import { invalidValue, parseInput } from './http/schema.ts';
import { MAX_CORRELATION_ID_LENGTH, UNAUTHORIZED_DELAY_MS, UNAUTHORIZED_SPREAD_MS } from './limits.ts';
import { placeOf, withCorrelation, type Log } from './log.ts';
import { docsAt } from './routes/docs.ts';
import { matcher, type Match } from './routes/match.ts';
import { healthCheck, maskedConfiguration, requestCount, versionInfo } from './routes/monitoring.ts';
import type { Call, Route } from './routes/route.ts';
import { DEBUG_ROUTES, ROUTES } from './routes/table.ts';

export interface AppParts {
	readonly engine: Engine;
	readonly config: Config;
	readonly authentication: Authentication;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
	/** Whether the store answers. */
	readonly isStoreHealthy: () => boolean;
}

type Env = { Variables: { route: string; body: unknown; roles: readonly string[] } };
type C = Context<Env>;

const PICTURE = 'image/png';
const JSON_MEDIA = 'application/json';
const OFFERS = { json: [JSON_MEDIA], picture: [JSON_MEDIA, PICTURE] } as const;

const adopted = (header: string | undefined): string => {
	const given = header?.split(',')[0]?.trim() ?? '';
	return given.length <= MAX_CORRELATION_ID_LENGTH && /^[\x21-\x7e]+$/.test(given) ? given : randomUUID();
};

export function createApp(parts: AppParts): Hono<Env> {
	const { engine, config, authentication, clock, random, log } = parts;
	const rows = config.debug ? [...ROUTES, ...DEBUG_ROUTES] : ROUTES;
	const match = matcher(rows);
	const health = healthCheck(engine, parts.isStoreHealthy);
	const requests = requestCount(clock.now());
	const security = securityHeaders(config.debug);
	const cors = config.infrastructure.httpServer.cors;
	const docs = docsAt(config, rows);
	const app = new Hono<Env>();

	const refused = (c: C, refusal: Refusal, headers?: Readonly<Record<string, string>>): Response => {
		const stack = config.debug ? new Error(refusal.code).stack : undefined;
		return replyJson(
			c.req.raw,
			errors.statusOf(refusal.code),
			errors.errorBody(refusal, random, clock.now(), stack),
			headers
		);
	};

	const observe: MiddlewareHandler<Env> = async (c, next) => {
		const started = performance.now();
		c.set('route', 'none');
		await next();
		const duration = Math.round(performance.now() - started);
		for (const [name, value] of Object.entries(security)) c.res.headers.set(name, value);
		c.res.headers.set('x-response-duration-ms', String(duration));
		c.res.headers.set('x-response-time', new Date(clock.now()).toISOString());
		requests.count(c.res.status);
		log.info({ method: c.req.method, route: c.get('route'), status: c.res.status, ms: duration }, 'request');
	};

	const crossOrigin: MiddlewareHandler<Env> = async (c, next) => {
		const headers = corsHeaders(cors, c.req.raw);
		if (isPreflight(cors, c.req.raw))
			return new Response(null, {
				status: cors.optionsSuccessStatus ?? 204,
				headers: { ...headers, 'content-length': '0' }
			});
		await next();
		for (const [name, value] of Object.entries(headers)) c.res.headers.append(name, value);
		return undefined;
	};

	const body: MiddlewareHandler<Env> = async (c, next) => {
		const read = await readBody(c.req.raw);
		if (!read.ok) return refused(c, read.error);
		c.set('body', read.value);
		return next();
	};

	/** A wrong key costs time, so that guessing does not pay. */
	const authenticated: MiddlewareHandler<Env> = async (c, next) => {
		const roles = authenticate(authentication, c.req.header(authentication.headerName), clock.now());
		if (roles === undefined) {
			const share = new DataView(random.bytes(4).buffer).getUint32(0) / 0xffff_ffff;
			await clock.sleep(UNAUTHORIZED_DELAY_MS + Math.round(share * UNAUTHORIZED_SPREAD_MS));
			return refused(c, errors.unauthorized);
		}
		c.set('roles', roles);
		return next();
	};

	const monitoring: Readonly<Record<string, { role: string; read: () => Promise<unknown> }>> = {
		'/monitoring/version': { role: 'monitoring:version', read: async () => versionInfo },
		'/monitoring/requests': { role: 'monitoring:requests', read: async () => requests.read() },
		'/monitoring/support': {
			role: 'monitoring:support',
			read: async () => ({
				version: versionInfo,
				health: await health(),
				configuration: maskedConfiguration(config),
				identityInfo: engine.account.identityInfo()
			})
		}
	};
	const monitor: MiddlewareHandler<Env> = async (c, next) => {
		const endpoint = monitoring[plainPath(c).toLowerCase()];
		if (endpoint === undefined || !isRead(c)) return next();
		c.set('route', plainPath(c));
		if (!isPermitted(c.get('roles'), [endpoint.role])) return refused(c, errors.forbidden);
		return replyJson(c.req.raw, 200, await endpoint.read());
	};

	const open: MiddlewareHandler<Env> = async (c, next) => {
		if (!isRead(c)) return next();
		if (plainPath(c).toLowerCase() === '/health') {
			c.set('route', '/health');
			const state = await health();
			return replyJson(c.req.raw, state.isHealthy ? 200 : 500, state);
		}
		return docs?.(c.req.raw, plainPath(c)) ?? next();
	};

	const dispatch = async (c: C): Promise<Response> => {
		const matched: Match = match(c.req.method, new URL(c.req.url).pathname);
		if (matched.kind === 'none') return refused(c, errors.routeDoesNotExist);
		if (matched.kind === 'wrongMethod')
			return refused(c, errors.methodNotAllowed, { allow: matched.allow.join(', ') });
		c.set('route', matched.row.path);
		return answer(c, matched.row, matched.params);
	};

	async function answer(c: C, row: Route, params: Readonly<Record<string, string>>): Promise<Response> {
		if (!isPermitted(c.get('roles'), row.roles)) return refused(c, errors.forbidden);
		const type = row.accept === 'any' ? JSON_MEDIA : preferred(c.req.header('accept'), OFFERS[row.accept]);
		if (type === undefined)
			return refused(c, errors.notAcceptable(row.accept === 'any' ? [] : OFFERS[row.accept]), varyOf(c, row));
		if (row.run === undefined) return refused(c, errors.notImplemented(`${row.method} ${row.path}`).error);
		const call = callOf(c, row, params, type === PICTURE);
		const result = call.ok ? await row.run(call.value) : call;
		if (!result.ok) return refused(c, result.error, varyOf(c, row));
		return success(c, row, result.value, type);
	}

	function callOf(c: C, row: Route, params: Readonly<Record<string, string>>, wantsPicture: boolean): Result<Call> {
		const strayed = Object.entries(row.params ?? {}).find(([name, pattern]) => !pattern.test(params[name] ?? ''));
		if (strayed) return invalidValue(`${strayed[0]} must match pattern ${strayed[1].source}`);
		const input =
			row.body === undefined ? { ok: true as const, value: c.get('body') } : parseInput(row.body, c.get('body'));
		if (!input.ok) return input;
		const query = parseQuery(new URL(c.req.url).search);
		return { ok: true, value: { engine, params, body: input.value, query, now: clock.now(), wantsPicture } };
	}

	app.use('*', (c, next) => withCorrelation(adopted(c.req.header('x-correlation-id')), next));
	app.use('*', observe, crossOrigin, body, compressed, open, authenticated, monitor);
	app.all('*', dispatch);
	app.onError((error, c) => {
		if (error instanceof RelayUnreachable)
			return refused(c, { code: 'error.transport.request.unknown', message: 'The relay cannot be reached.' });
		log.error(placeOf(error), 'unexpected');
		return refused(c, errors.unexpected);
	});
	return app;
}

const isRead = (c: C) => c.req.method === 'GET' || c.req.method === 'HEAD';
const plainPath = (c: C) => new URL(c.req.url).pathname.replace(/(?<=.)\/$/, '');
const varyOf = (c: C, row: Route): Record<string, string> =>
	row.accept === 'picture' && isRead(c) ? { vary: 'Accept' } : {};

const compressor = compress();
const compressed: MiddlewareHandler<Env> = async (c, next) => {
	await compressor(c, next);
	if (c.res.body !== null) c.res.headers.append('vary', 'Accept-Encoding');
};

/** The envelope, a picture, or nothing. */
function success(c: C, row: Route, value: unknown, type: string): Response {
	const headers = { ...varyOf(c, row), ...(row.status === 201 ? { location: '_' } : {}) };
	if (row.status === 204) return new Response(null, { status: 204, headers });
	if (type !== PICTURE) return replyJson(c.req.raw, row.status, { result: toDto(value) }, headers);
	const { id, reference } = value as { id: string; reference: { url: string } };
	const disposition = { 'content-disposition': `attachment;filename=${id}.png` };
	return reply(c.req.raw, row.status, PICTURE, qrPng(reference.url), { ...headers, ...disposition });
}
