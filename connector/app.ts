/**
 * The HTTP side as one function from parts to a Hono app. The order of the layers is what clients can observe
 * (connector-api.md §5.1):
 *
 *   correlation id → headers, count, log → CORS → body → compression → open endpoints (/health, /docs, login)
 *   → authentication → /Monitoring → the table (404, 405, role, Accept, input, handler) → modules' own → 404 → error handler
 */
import { randomUUID } from 'node:crypto';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import {
	ok,
	RelayUnreachable,
	type Clock,
	type Engine,
	type Random,
	type Refusal,
	type Result
} from '../crdt/index.ts';
import type { Config } from './config.ts';
import { toDto } from './dto.ts';
import { preferred } from './http/accept.ts';
import { fileAnswer, jsonAnswer, pictureAnswer, varyOf } from './http/answer.ts';
import type { Authentication } from './http/auth.ts';
import { readBody, type Body } from './http/body.ts';
import type { Endpoints } from './http/endpoint.ts';
import * as errors from './http/errors.ts';
import { parseQuery } from './http/filter.ts';
import { corsHeaders, isPreflight } from './http/cors.ts';
import { securityHeaders } from './http/helmet.ts';
import { requestFigures } from './http/metrics.ts';
import { readUpload } from './http/multipart.ts';
import { pageOf } from './http/page.ts';
import { reply, replyJson } from './http/reply.ts';
import { isPermitted } from './http/roles.ts';
import { isRowStream, pageOfStream, streamAnswer, type RowStream } from './http/stream.ts';
import { invalidValue, parseInput } from './http/schema.ts';
import {
	DEFAULT_MAX_FILE_BYTES,
	MAX_CORRELATION_ID_LENGTH,
	UNAUTHORIZED_DELAY_MS,
	UNAUTHORIZED_SPREAD_MS
} from './limits.ts';
import { placeOf, withCorrelation, type Log } from './log.ts';
import { docsAt } from './routes/docs.ts';
import { matcher } from './routes/match.ts';
import { healthCheck, monitoringRows, requestCount, type MonitoringRow } from './routes/monitoring.ts';
import type { Call, Download, Route } from './routes/route.ts';
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
	/** Rows of others below /Monitoring. */
	readonly monitoring?: readonly MonitoringRow[];
	/** Endpoints modules brought with them; asked after the table, so never in the place of a row of ours. */
	readonly endpoints?: Endpoints;
}

type Env = { Variables: { route: string; body: Body; roles: readonly string[] } };
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
	const { cors, helmetOptions } = config.infrastructure.httpServer;
	const maxFileBytes = config.transportLibrary.platformMaxUnencryptedFileSize ?? DEFAULT_MAX_FILE_BYTES;
	const rows = config.debug ? [...ROUTES, ...DEBUG_ROUTES] : ROUTES;
	const match = matcher(rows);
	const health = healthCheck(engine, parts.isStoreHealthy);
	const requests = requestCount(clock.now());
	const figures = requestFigures(clock.now());
	const monitoring = [...monitoringRows({ engine, config, health, requests, figures }), ...(parts.monitoring ?? [])];
	const matchMonitoring = matcher(monitoring, '');
	const security = securityHeaders(config.debug, helmetOptions);
	const docs = docsAt(config, rows, monitoring);
	const app = new Hono<Env>();

	const refused = (c: C, refusal: Refusal, headers?: Readonly<Record<string, string>>): Response => {
		const stack = config.debug ? new Error(refusal.code).stack : undefined;
		return replyJson(
			c.req.raw,
			errors.statusOf(refusal),
			errors.errorBody(refusal, random, clock.now(), stack),
			headers
		);
	};

	const observe: MiddlewareHandler<Env> = async (c, next) => {
		const started = performance.now();
		c.set('route', 'none');
		await next();
		const ms = Math.round(performance.now() - started);
		for (const [name, value] of Object.entries(security)) c.res.headers.set(name, value);
		c.res.headers.set('x-response-duration-ms', String(ms));
		c.res.headers.set('x-response-time', new Date(clock.now()).toISOString());
		const { method } = c.req;
		const { status } = c.res;
		const route = c.get('route');
		requests.count(status);
		figures.observe({ method, route, status, seconds: ms / 1000 });
		log.info({ method, route, status, ms }, 'request');
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

	/** Wrong credentials cost time, so that guessing does not pay. */
	const unauthorized = async (c: C): Promise<Response> => {
		const share = new DataView(random.bytes(4).buffer).getUint32(0) / 0xffff_ffff;
		await clock.sleep(UNAUTHORIZED_DELAY_MS + Math.round(share * UNAUTHORIZED_SPREAD_MS));
		return refused(c, errors.unauthorized);
	};

	const authenticated: MiddlewareHandler<Env> = async (c, next) => {
		const judged = await authentication.judge(c.req.raw, clock.now());
		if (judged.kind === 'refused') return unauthorized(c);
		if (judged.kind === 'login') return judged.response;
		c.set('roles', judged.roles);
		await next();
		for (const cookie of judged.cookies) c.res.headers.append('set-cookie', cookie);
		return undefined;
	};

	const open: MiddlewareHandler<Env> = async (c, next) => {
		if (isRead(c) && plainPath(c).toLowerCase() === '/health') {
			c.set('route', '/health');
			const state = await health();
			return replyJson(c.req.raw, state.isHealthy ? 200 : 500, state);
		}
		const page = isRead(c) ? docs?.(c.req.raw, plainPath(c)) : undefined;
		if (page) return page;
		const given = c.get('body');
		const login = await authentication.page(c.req.raw, Array.isArray(given) ? {} : { ...given }, clock.now());
		return login === 'refused' ? unauthorized(c) : (login ?? next());
	};

	const monitor: MiddlewareHandler<Env> = async (c, next) => {
		const matched = matchMonitoring(c.req.method, new URL(c.req.url).pathname);
		if (matched.kind !== 'row') return next();
		const { row, params } = matched;
		c.set('route', row.path);
		if (!isPermitted(c.get('roles'), [row.role])) return refused(c, errors.forbidden);
		const answered = await row.run(params);
		if (!answered.ok) return refused(c, answered.error);
		const { status = 200, json, text, type } = answered.value;
		if (text !== undefined) return reply(c.req.raw, status, type ?? 'text/plain; charset=utf-8', text);
		return json === undefined ? new Response(null, { status: 204 }) : replyJson(c.req.raw, status, json);
	};

	const dispatch = async (c: C): Promise<Response> => {
		const { pathname } = new URL(c.req.url);
		const matched = match(c.req.method, pathname);
		if (matched.kind === 'none') return own(c, pathname);
		if (matched.kind === 'wrongMethod')
			return refused(c, errors.methodNotAllowed, { allow: matched.allow.join(', ') });
		c.set('route', matched.row.path);
		return answer(c, matched.row, matched.params);
	};

	/** An endpoint a module brought. */
	async function own(c: C, pathname: string): Promise<Response> {
		const found = parts.endpoints?.find(c.req.method, pathname);
		if (found === undefined) return refused(c, errors.routeDoesNotExist);
		const { endpoint, params } = found;
		c.set('route', endpoint.path);
		if (!isPermitted(c.get('roles'), endpoint.roles)) return refused(c, errors.forbidden);
		const answered = await endpoint.handle({ request: c.req.raw, params, body: c.get('body') });
		return answered instanceof Response ? answered : refused(c, answered.error);
	}

	async function answer(c: C, row: Route, params: Readonly<Record<string, string>>): Promise<Response> {
		const request = c.req.raw;
		if (!isPermitted(c.get('roles'), row.roles)) return refused(c, errors.forbidden);
		const type = row.accept === 'any' ? JSON_MEDIA : preferred(c.req.header('accept'), OFFERS[row.accept]);
		const vary = varyOf(request, row.accept);
		if (type === undefined)
			return refused(c, errors.notAcceptable(row.accept === 'any' ? [] : OFFERS[row.accept]), vary);
		const call = await callOf(c, row, params, type === PICTURE);
		const result = call.ok ? await row.run(call.value) : call;
		if (!result.ok) return refused(c, result.error, vary);
		if (row.status === 204) return new Response(null, { status: 204, headers: vary });
		if (row.answers === 'bytes') return fileAnswer(request, result.value as Download, vary);
		const headers = { ...vary, ...(row.status === 201 ? { location: '_' } : {}) };
		if (type === PICTURE) return pictureAnswer(request, row.status, result.value, headers);
		if (isRowStream(result.value)) return streamed(c, result.value, headers);
		return listed(c, row, toDto(result.value), headers);
	}

	/** A list too long to hold, or the part of it that was asked for. */
	async function streamed(c: C, stream: RowStream, headers: Readonly<Record<string, string>>): Promise<Response> {
		const page = await pageOfStream(stream, parseQuery(new URL(c.req.url).search));
		if (!page.ok) return refused(c, page.error);
		const { rows, total } = page.value;
		const told = total === undefined ? headers : { ...headers, 'x-total-count': String(total) };
		return isRowStream(rows) ? streamAnswer(c.req.raw, rows, told) : jsonAnswer(c.req.raw, 200, rows, told);
	}

	/** The whole list, or the part of it that was asked for. */
	function listed(c: C, row: Route, value: unknown, headers: Readonly<Record<string, string>>): Response {
		if (row.method !== 'GET' || !Array.isArray(value)) return jsonAnswer(c.req.raw, row.status, value, headers);
		const page = pageOf(value, parseQuery(new URL(c.req.url).search));
		if (!page.ok) return refused(c, page.error);
		const { rows: part, total } = page.value;
		const told = total === undefined ? headers : { ...headers, 'x-total-count': String(total) };
		return jsonAnswer(c.req.raw, row.status, part, told);
	}

	async function inputOf(c: C, row: Route): Promise<Result<unknown>> {
		if (row.upload !== true) return ok(c.get('body'));
		const upload = await readUpload(c.req.raw, maxFileBytes);
		if (!upload.ok) return upload;
		const { fields, file } = upload.value;
		return ok({ ...fields, ...(file === undefined ? {} : { content: file }) });
	}

	async function callOf(
		c: C,
		row: Route,
		params: Readonly<Record<string, string>>,
		wantsPicture: boolean
	): Promise<Result<Call>> {
		const strayed = Object.entries(row.params ?? {}).find(([name, pattern]) => !pattern.test(params[name] ?? ''));
		if (strayed) return invalidValue(`${strayed[0]} must match pattern ${strayed[1].source}`);
		const given = await inputOf(c, row);
		const input = given.ok && row.body !== undefined ? parseInput(row.body, given.value) : given;
		if (!input.ok) return input;
		const query = parseQuery(new URL(c.req.url).search);
		return ok({ engine, params, body: input.value, query, now: clock.now(), wantsPicture });
	}

	app.use('*', (c, next) => withCorrelation(adopted(c.req.header('x-correlation-id')), next));
	app.use('*', observe, crossOrigin, body, compressed, open, authenticated, monitor);
	app.all('*', dispatch);
	const failed = (error: Error, c: C): Response => {
		if (error instanceof RelayUnreachable)
			return refused(c, { code: 'error.transport.request.unknown', message: 'The relay cannot be reached.' });
		log.error(placeOf(error), 'unexpected');
		return refused(c, errors.unexpected);
	};
	app.onError((error, c) => {
		try {
			return failed(error, c);
		} catch {
			return refused(c, errors.errorInErrorHandler);
		}
	});
	return app;
}

const isRead = (c: C) => c.req.method === 'GET' || c.req.method === 'HEAD';
const plainPath = (c: C) => new URL(c.req.url).pathname.replace(/(?<=.)\/$/, '');

const compressor = compress();
const compressed: MiddlewareHandler<Env> = async (c, next) => {
	await compressor(c, next);
	const isSaid = c.res.headers.get('vary')?.toLowerCase().includes('accept-encoding') === true;
	if (c.res.body !== null && !isSaid) c.res.headers.append('vary', 'Accept-Encoding');
};
