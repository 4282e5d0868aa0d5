import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RelayUnreachable } from '../crdt/index.ts';
import {
	asJson,
	authenticationOf,
	KEY,
	PEER,
	rowEngine,
	ROWS,
	stillClock,
	testApp,
	testConfig,
	withKey
} from './testing/parts.ts';
import type { Route } from './routes/route.ts';
import { DEBUG_ROUTES, PREFIX, ROUTES } from './routes/table.ts';

const app = testApp();
const at = (path: string) => PREFIX + path;
type Failure = {
	error: { id: string; code: string; message: string; docs: string; time: string; stacktrace?: string[] };
};
const failure = async (response: Response) => ((await response.json()) as Failure).error;
const codeOf = async (response: Response) => [response.status, (await failure(response)).code];

describe('errors', () => {
	test('have one shape, and a stack in debug mode only', async () => {
		const response = await app.request(at('/Tokens/TOK00000000000000009'), withKey());
		expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
		expect(await response.json()).toEqual({
			error: {
				id: expect.stringMatching(/^ERR[A-HJ-NP-Z2-9]{17}$/),
				code: 'error.runtime.recordNotFound',
				message: 'Token not found. Make sure the ID exists and the record is not expired.',
				docs: 'https://enmeshed.eu/integrate/error-codes#error.runtime.recordNotFound',
				time: '2026-01-31T12:00:00.000Z'
			}
		});
		const debug = testApp({ config: testConfig({ debug: true }) });
		expect((await failure(await debug.request(at('/nowhere'), withKey()))).stacktrace).toContainEqual(
			expect.stringMatching(/^at /)
		);
	});

	test('a bug becomes 500 without saying anything about itself; an unreachable relay 500 with its code', async () => {
		const engine = rowEngine();
		const broken = (error: Error) =>
			testApp({ engine: { ...engine, account: { ...engine.account, sync: () => Promise.reject(error) } } });
		const bug = await broken(new Error('secret text')).request(at('/Account/Sync'), {
			method: 'POST',
			...withKey()
		});
		expect(bug.status).toBe(500);
		expect(await bug.text()).not.toContain('secret');
		const offline = await broken(new RelayUnreachable()).request(at('/Account/Sync'), {
			method: 'POST',
			...withKey()
		});
		expect(await codeOf(offline)).toEqual([500, 'error.transport.request.unknown']);
	});
});

describe('routing', () => {
	test('paths are taken in any case and with a trailing slash; HEAD works where GET does', async () => {
		for (const path of ['/account/identityinfo', '/ACCOUNT/IdentityInfo/', '/Account/IdentityInfo'])
			expect((await app.request(at(path), withKey())).status).toBe(200);
		const head = await app.request(at('/Account/IdentityInfo'), { method: 'HEAD', ...withKey() });
		expect(head.status).toBe(200);
		expect(await head.text()).toBe('');
	});

	test('an unknown path is 404 only after authentication', async () => {
		expect(await codeOf(await app.request(at('/nowhere')))).toEqual([401, 'error.connector.unauthorized']);
		expect(await codeOf(await app.request(at('/nowhere'), withKey()))).toEqual([
			404,
			'error.connector.http.routeDoesNotExist'
		]);
		expect(await codeOf(await app.request('/', withKey()))).toEqual([
			404,
			'error.connector.http.routeDoesNotExist'
		]);
		expect(await codeOf(await app.request(at('/Account//IdentityInfo'), withKey()))).toEqual([
			404,
			'error.connector.http.routeDoesNotExist'
		]);
	});

	test('a wrong verb is 405 with Allow, before the role is looked at', async () => {
		const config = testConfig({
			infrastructure: { httpServer: { authentication: { apiKey: { keys: { test: { key: KEY, scopes: [] } } } } } }
		});
		const nobody = testApp({ config });
		const response = await nobody.request(at('/Attributes'), { method: 'PATCH', ...withKey() });
		expect(await codeOf(response)).toEqual([405, 'error.connector.http.methodNotAllowed']);
		expect(response.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
		expect(await codeOf(await nobody.request(at('/Attributes'), withKey()))).toEqual([
			403,
			'error.connector.forbidden'
		]);
		expect(await codeOf(await nobody.request(at('/nowhere'), withKey()))).toEqual([
			404,
			'error.connector.http.routeDoesNotExist'
		]);
		expect(await codeOf(await nobody.request(at('/Attributes'), { method: 'OPTIONS', ...withKey() }))).toEqual([
			405,
			'error.connector.http.methodNotAllowed'
		]);
	});

	test('a fixed segment wins over a parameter, and a parameter takes what no fixed one takes', async () => {
		expect((await app.request(at('/RelationshipTemplates/Own'), withKey())).status).toBe(200);
		expect(await failure(await app.request(at('/Attributes/CanCreate'), withKey()))).toMatchObject({
			message: 'id must match pattern ATT[A-Za-z0-9]{17}'
		});
	});

	test('monitoring and health answer reads only; anything else there is 404', async () => {
		expect(await codeOf(await app.request('/Monitoring/Version', { method: 'POST', ...withKey() }))).toEqual([
			404,
			'error.connector.http.routeDoesNotExist'
		]);
		expect(await codeOf(await app.request('/health', { method: 'POST', ...withKey() }))).toEqual([
			404,
			'error.connector.http.routeDoesNotExist'
		]);
		expect(await codeOf(await app.request('/health', { method: 'POST' }))).toEqual([
			401,
			'error.connector.unauthorized'
		]);
	});
});

describe('what is accepted', () => {
	test.each([
		[undefined, 200],
		['*/*', 200],
		['application/json', 200],
		['application/*;q=0.5', 200],
		['text/html, application/json;q=0.1', 200],
		['text/html', 406],
		['application/json;q=0', 406],
		['image/png', 406]
	])('a JSON endpoint asked for %s answers %i', async (accept, status) => {
		const response = await app.request(
			at('/Account/IdentityInfo'),
			withKey(accept === undefined ? {} : { accept })
		);
		expect(response.status).toBe(status);
		if (status === 406) expect((await failure(response)).code).toBe('error.connector.http.notAcceptable');
	});

	test('lists of templates, deletions and monitoring do not look at Accept', async () => {
		for (const path of [at('/RelationshipTemplates'), '/Monitoring/Version', '/health'])
			expect((await app.request(path, withKey({ accept: 'text/html' }))).status).toBe(200);
		expect(
			(
				await app.request(at('/Tokens/TOK00000000000000001'), {
					method: 'DELETE',
					...withKey({ accept: 'text/html' })
				})
			).status
		).toBe(204);
	});
});

describe('request bodies', () => {
	const post = (body: BodyInit | null, headers: Record<string, string>, path = '/Attributes') =>
		app.request(at(path), { method: 'POST', body, headers });
	const json = { 'content-type': 'application/json' };
	const key = { 'x-api-key': KEY };

	test('malformed JSON is 400 before authentication; a bare scalar is malformed', async () => {
		for (const text of [
			'{',
			'1',
			'"x"',
			'null',
			'{"a":1}}',
			'['.repeat(100_000),
			`${'['.repeat(100)}${']'.repeat(100)}`
		])
			expect(await codeOf(await post(text, json))).toEqual([
				400,
				'error.connector.validation.invalidJsonInPayload'
			]);
		expect(await codeOf(await post('{}', json))).toEqual([401, 'error.connector.unauthorized']);
	});

	test('an empty body, none, or one of another type is {}', async () => {
		for (const [body, headers] of [
			['', json],
			[null, {}],
			['{"content":1}', { 'content-type': 'text/plain' }],
			['', { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' }]
		] as const)
			expect((await failure(await post(body, { ...headers, ...key }))).message).toBe(
				"must have required property 'content'"
			);
	});

	test('a flat form is a body', async () => {
		const form = { 'content-type': 'application/x-www-form-urlencoded', ...key };
		expect((await failure(await post('content=1', form))).message).toBe('content must be object');
		expect((await failure(await post('reference=x', form, '/Tokens/Peer'))).message).toBe(
			'token reference invalid'
		);
	});

	test('more than 2 MB is refused, packed or not, before it is taken in', async () => {
		const big = JSON.stringify({ content: 'x'.repeat(2 * 1024 * 1024) });
		expect(await codeOf(await post(big, { ...json, ...key }))).toEqual([413, 'error.connector.unexpected']);
		expect(await codeOf(await post(gzipSync(big), { ...json, ...key, 'content-encoding': 'gzip' }))).toEqual([
			413,
			'error.connector.unexpected'
		]);
		expect(
			(await failure(await post(gzipSync('{}'), { ...json, ...key, 'content-encoding': 'gzip' }))).message
		).toBe("must have required property 'content'");
	});
});

describe('what a schema refuses', () => {
	const attribute = { value: { '@type': 'GivenName', value: 'x' } };
	const template = { content: {}, expiresAt: '2027-01-01T00:00:00.000Z' };
	test.each<[string, string, unknown, string]>([
		['POST', '/Attributes', {}, "must have required property 'content'"],
		['POST', '/Attributes', [], 'must be object'],
		['POST', '/Attributes', { content: attribute, more: 1 }, 'must NOT have additional properties'],
		[
			'POST',
			'/Attributes',
			{ content: { ...attribute, owner: PEER } },
			'content must NOT have additional properties'
		],
		['POST', '/Attributes', { content: { value: [] } }, 'content/value must be object'],
		['POST', '/Attributes', { content: { ...attribute, tags: [1] } }, 'content/tags/0 must be string'],
		['POST', '/Attributes', { more: 1 }, "must have required property 'content'"],
		['POST', '/RelationshipTemplates/Own', {}, "must have required property 'expiresAt'"],
		[
			'POST',
			'/RelationshipTemplates/Own',
			{ ...template, expiresAt: '' },
			'expiresAt must match ISO8601 datetime format'
		],
		['POST', '/RelationshipTemplates/Own', { ...template, expiresAt: null }, 'expiresAt must be string'],
		[
			'POST',
			'/RelationshipTemplates/Own',
			{ ...template, expiresAt: '2020-01-01T00:00:00Z' },
			"'expiresAt' must be in the future"
		],
		[
			'POST',
			'/RelationshipTemplates/Own',
			{ ...template, maxNumberOfAllocations: 0 },
			'maxNumberOfAllocations must be >= 1'
		],
		[
			'POST',
			'/RelationshipTemplates/Own',
			{ ...template, maxNumberOfAllocations: 1.5 },
			'maxNumberOfAllocations must be integer'
		],
		[
			'POST',
			'/RelationshipTemplates/Own',
			{ ...template, forIdentity: 'x' },
			'forIdentity must match pattern did:e:((([A-Za-z0-9]+(-[A-Za-z0-9]+)*)\\.)+[a-z]{2,}|localhost):dids:[0-9a-f]{22}'
		],
		['POST', '/RelationshipTemplates/Peer', {}, 'token / relationship template reference invalid'],
		['POST', '/RelationshipTemplates/Peer', { reference: null }, 'token / relationship template reference invalid'],
		[
			'POST',
			'/RelationshipTemplates/Peer',
			{ reference: 'http://h/r/MSG1#a' },
			'token / relationship template reference invalid'
		],
		['POST', '/Tokens/Peer', { reference: 7 }, 'token reference invalid'],
		['POST', '/Messages', { recipients: [], content: {} }, 'recipients must NOT have fewer than 1 items'],
		['POST', '/Messages', { recipients: [PEER, PEER], content: {} }, 'recipients must NOT have duplicate items'],
		[
			'POST',
			'/Messages',
			{ recipients: ['x'], content: {} },
			'recipients/0 must match pattern did:e:((([A-Za-z0-9]+(-[A-Za-z0-9]+)*)\\.)+[a-z]{2,}|localhost):dids:[0-9a-f]{22}'
		],
		[
			'POST',
			'/Relationships',
			{ templateId: 'RLT1', creationContent: {} },
			'templateId must match pattern RLT[A-Za-z0-9]{17}'
		],
		['PUT', '/Relationships/x/Accept', {}, 'relationshipId must match pattern REL[A-Za-z0-9]{17}'],
		['DELETE', '/Tokens/x', undefined, 'tokenId must match pattern TOK[A-Za-z0-9]{17}'],
		['DELETE', '/Attributes/x', undefined, 'attributeId must match pattern ATT[A-Za-z0-9]{17}']
	])('%s %s %j', async (method, path, body, message) => {
		const response = await app.request(at(path), { method, ...(body === undefined ? withKey() : asJson(body)) });
		expect(await failure(response)).toMatchObject({
			code: 'error.runtime.validation.invalidPropertyValue',
			message
		});
		expect(response.status).toBe(400);
	});

	test('decisions are judged in outline only, after the request was found', async () => {
		const decide = (id: string, body: unknown, action = 'Accept') =>
			app.request(at(`/Requests/Incoming/${id}/${action}`), { method: 'PUT', ...asJson(body) });
		const known = ROWS.request.id;
		expect(await failure(await decide(known, { items: [], decidedByAutomation: true }))).toMatchObject({
			code: 'error.connector.incomingRequests.decidedByAutomation',
			message: 'Decided by automation is not allowed for this endpoint.'
		});
		expect(await codeOf(await decide('x', {}))).toEqual([404, 'error.runtime.recordNotFound']);
		expect(await failure(await decide('x', {}, 'CanAccept'))).toMatchObject({
			code: 'error.transport.recordNotFound',
			message: "'LocalRequest' not found."
		});
		expect(await codeOf(await decide(known, { items: 7 }))).toEqual([400, 'error.runtime.requestDeserialization']);
		expect(await codeOf(await decide(known, { items: [{}] }))).toEqual([
			400,
			'error.runtime.requestDeserialization'
		]);
		expect((await decide(known, { items: [{ accept: true, more: 1 }] })).status).toBe(200);
	});
});

describe('answers', () => {
	test('stand in the envelope, without members that are ours, with what people wrote untouched', async () => {
		const response = await app.request(at(`/RelationshipTemplates/${ROWS.template.id}`), withKey());
		const { _allocatedBy: _, ...expected } = ROWS.template;
		expect(await response.json()).toEqual({ result: expected });
		const list = (await (await app.request(at('/Relationships'), withKey())).json()) as { result: object[] };
		expect(Object.keys(list.result[0] ?? {})).toEqual([
			'id',
			'templateId',
			'status',
			'peer',
			'peerIdentity',
			'creationContent',
			'auditLog'
		]);
	});

	test('201 carries Location _, 204 nothing', async () => {
		const created = await app.request(at('/Tokens/Own'), {
			method: 'POST',
			...asJson({ content: {}, expiresAt: '2027-01-01T00:00:00Z' })
		});
		expect([created.status, created.headers.get('location')]).toEqual([201, '_']);
		const synced = await app.request(at('/Account/Sync'), { method: 'POST', ...withKey() });
		expect([synced.status, await synced.text()]).toEqual([204, '']);
		const deleted = await app.request(at(`/Attributes/${ROWS.attribute.id}`), { method: 'DELETE', ...withKey() });
		expect([deleted.status, await deleted.json()]).toEqual([200, { result: { notificationIds: [] } }]);
	});

	test('carry the security headers, their duration, and no hint of what runs here', async () => {
		const { headers } = await app.request(at('/Account/IdentityInfo'), withKey());
		expect(headers.get('x-response-duration-ms')).toMatch(/^\d+$/);
		expect(headers.get('x-response-time')).toBe('2026-01-31T12:00:00.000Z');
		expect(headers.get('content-security-policy')).toContain("default-src 'self'");
		expect(headers.get('x-content-type-options')).toBe('nosniff');
		expect(headers.get('x-powered-by')).toBeNull();
		expect(headers.get('access-control-allow-origin')).toBeNull();
		expect(headers.get('x-correlation-id')).toBeNull();
	});

	test('a GET has a weak tag, and the same answer again is 304', async () => {
		const first = await app.request(at('/Attributes'), withKey());
		const etag = first.headers.get('etag') ?? '';
		expect(etag).toMatch(/^W\/"[0-9a-f]+-[A-Za-z0-9+/]{27}"$/);
		const again = await app.request(at('/Attributes'), withKey({ 'if-none-match': `"x", ${etag}` }));
		expect([again.status, await again.text()]).toEqual([304, '']);
		const other = await app.request(at('/Attributes?content.tags=none'), withKey({ 'if-none-match': etag }));
		expect(other.status).toBe(200);
		expect(
			(
				await app.request(at('/Tokens/Own'), {
					method: 'POST',
					...asJson({ content: {}, expiresAt: '2027-01-01T00:00:00Z' })
				})
			).headers.get('etag')
		).toBeNull();
	});

	test('that are long leave in pieces, packed too; a part of one tells how long it is', async () => {
		const engine = rowEngine();
		const long = {
			...engine,
			messages: { ...engine.messages, rows: () => Array.from({ length: 5000 }, () => ROWS.message) }
		};
		const ask = (path: string, headers = {}) => testApp({ engine: long }).request(at(path), withKey(headers));
		const plain = await ask('/Messages');
		expect(plain.status).toBe(200);
		expect(plain.headers.get('content-type')).toBe('application/json; charset=utf-8');
		expect(plain.headers.get('etag')).toBeNull();
		const text = await plain.text();
		expect((JSON.parse(text) as { result: unknown[] }).result).toHaveLength(5000);
		expect(text).not.toContain('_delivery');
		const packed = await ask('/Messages', { 'accept-encoding': 'gzip' });
		expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(text);
		const part = await ask('/Messages?limit=2&offset=4999');
		expect(part.headers.get('x-total-count')).toBe('5000');
		expect(((await part.json()) as { result: unknown[] }).result).toHaveLength(1);
		expect((await ask('/Messages?limit=x')).status).toBe(400);
		expect((await ask('/Messages?content.body=~(')).status).toBe(400);
	});

	test('are packed when the client can unpack them', async () => {
		const engine = rowEngine();
		const many = {
			...engine,
			messages: { ...engine.messages, rows: () => Array.from({ length: 100 }, () => ROWS.message) }
		};
		const response = await testApp({ engine: many }).request(
			at('/Messages'),
			withKey({ 'accept-encoding': 'gzip' })
		);
		expect(response.headers.get('content-encoding')).toBe('gzip');
		expect(response.headers.get('vary')).toBe('Accept-Encoding');
		const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
		expect((JSON.parse(text) as { result: unknown[] }).result).toHaveLength(100);
	});

	test('health: 500 with the same body when something is wrong, for anybody', async () => {
		const engine = rowEngine();
		const offline = testApp({
			engine: { ...engine, account: { ...engine.account, relayIsHealthy: async () => false } }
		});
		expect(await (await app.request('/health')).json()).toEqual({
			isHealthy: true,
			services: { database: 'healthy', backboneConnection: 'healthy', backboneAuthentication: 'healthy' }
		});
		const response = await offline.request('/HEALTH/');
		expect(response.status).toBe(500);
		expect(await response.json()).toMatchObject({
			isHealthy: false,
			services: { backboneConnection: 'unhealthy' }
		});
	});

	test('monitoring shows version, counts and a configuration without secrets', async () => {
		const config = testConfig({
			transportLibrary: { platformClientSecret: 'hush', platformAdditionalHeaders: { 'x-a': 'hush' } },
			modules: { webhooks: { enabled: false, targets: 'hush' } }
		});
		const own = testApp({ config });
		expect(await (await own.request('/Monitoring/Version', withKey())).json()).toMatchObject({
			version: expect.any(String),
			modules: {}
		});
		const support = await (await own.request('/Monitoring/Support', withKey())).text();
		expect(support).not.toContain('hush');
		expect(support).not.toContain(KEY);
		expect(support).toContain('redacted (enabled)');
		expect(await (await own.request('/Monitoring/Requests', withKey())).json()).toMatchObject({
			requestCount: 2,
			requestCountByStatus: { 200: 2 }
		});
	});
});

describe('authentication', () => {
	test('a missing, wrong or expired key is 401 after one to four seconds, which come from the clock', async () => {
		const clock = stillClock();
		const soon = new Date(clock.now() + 1000).toISOString();
		const config = testConfig({
			infrastructure: {
				httpServer: { authentication: { apiKey: { keys: { test: { key: KEY, expiresAt: soon } } } } }
			}
		});
		const authentication = authenticationOf(config);
		const own = testApp({ config, clock, authentication });
		expect((await own.request(at('/Account/IdentityInfo'), withKey())).status).toBe(200);
		expect(clock.slept).toEqual([]);
		for (const init of [{}, withKey({ 'x-api-key': 'wrong' }), withKey({ 'x-api-key': `${KEY}x` })]) {
			const response = await own.request(at('/Account/IdentityInfo'), init);
			expect(await failure(response)).toMatchObject({
				code: 'error.connector.unauthorized',
				message: 'Unauthorized.'
			});
			expect(response.status).toBe(401);
		}
		const late = testApp({ config, authentication, clock: stillClock(clock.now() + 1000) });
		expect((await late.request(at('/Account/IdentityInfo'), withKey())).status).toBe(401);
		expect(clock.slept).toHaveLength(3);
		for (const ms of clock.slept) expect(ms >= 1000 && ms <= 4000).toBe(true);
	});

	test('the answer does not come before the clock has said so', async () => {
		const clock = stillClock();
		const gate = Promise.withResolvers<void>();
		const own = testApp({ clock: { ...clock, sleep: () => gate.promise } });
		let isAnswered = false;
		const response = Promise.resolve(own.request(at('/Account/IdentityInfo'))).finally(() => (isAnswered = true));
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(isAnswered).toBe(false);
		gate.resolve();
		expect((await response).status).toBe(401);
	});

	test('the header’s name can be chosen, and debug mode without keys is open', async () => {
		const named = testConfig({
			infrastructure: { httpServer: { authentication: { apiKey: { headerName: 'x-other' } } } }
		});
		expect((await testApp({ config: named }).request(at('/Account/IdentityInfo'), withKey())).status).toBe(401);
		expect(
			(await testApp({ config: named }).request(at('/Account/IdentityInfo'), withKey({ 'x-other': KEY }))).status
		).toBe(200);
		const open = testConfig({
			debug: true,
			infrastructure: { httpServer: { authentication: { apiKey: { enabled: false } } } }
		});
		expect((await testApp({ config: open }).request(at('/Account/IdentityInfo'))).status).toBe(200);
	});
});

/** The path of a row with ids in it that exist. */
const filled = (row: Route) =>
	at(row.path)
		.replace('{peer}', PEER)
		.replace(
			/\{(\w+)\}/g,
			() =>
				({ Att: 'ATT', Tok: 'TOK', Mes: 'MSG', Req: 'REQ', Fil: 'FIL' })[row.path.slice(1, 4)] ??
				(row.path.includes('Templates') ? 'RLT' : 'REL')
		)
		.replace(/(ATT|TOK|MSG|REQ|FIL|RLT|REL)(?=\/|$)/g, '$100000000000000001');

describe('every row of the route table', () => {
	const rows = [...ROUTES, ...DEBUG_ROUTES];
	const appFor = (scopes: readonly string[]) =>
		testApp({
			config: testConfig({
				debug: true,
				infrastructure: { httpServer: { authentication: { apiKey: { keys: { test: { key: KEY, scopes } } } } } }
			})
		});
	const nobody = appFor([]);
	const others = appFor(['core', 'core:nothing', 'monitoring:*', '*']);
	const everybody = appFor(['**']);

	test('there are 82 operations and 3 for debug mode, each once', () => {
		expect(ROUTES).toHaveLength(82);
		expect(new Set(rows.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`)).size).toBe(85);
	});

	test.each(rows.map((row) => [`${row.method} ${row.path}`, row] as const))('%s: who may', async (_, row) => {
		const ask = (target: ReturnType<typeof testApp>, init: RequestInit) =>
			target.request(filled(row), { method: row.method, ...init });
		expect((await ask(everybody, {})).status).toBe(401);
		expect((await ask(nobody, withKey())).status).toBe(403);
		expect((await ask(others, withKey())).status).toBe(403);
		for (const role of row.roles)
			expect([401, 403, 404, 405]).not.toContain((await ask(appFor([role]), withKey())).status);
		expect([401, 403, 404, 405]).not.toContain((await ask(appFor(['core:*', 'debug:**']), withKey())).status);
		expect([401, 403, 404, 405]).not.toContain((await ask(everybody, withKey())).status);
	});
});

describe('cross-origin requests', () => {
	const preflight = {
		method: 'OPTIONS',
		headers: { origin: 'https://a.example', 'access-control-request-headers': 'x-api-key' }
	};
	const withCors = (cors: { [key: string]: unknown }) =>
		testApp({ config: testConfig({ infrastructure: { httpServer: { cors } } }) });

	test('are not allowed unless configured: OPTIONS needs a key', async () => {
		expect((await app.request(at('/Attributes'), preflight)).status).toBe(401);
	});

	test('a preflight is answered without a key', async () => {
		const response = await withCors({ origin: 'https://a.example', credentials: true, maxAge: 5 }).request(
			at('/Attributes'),
			preflight
		);
		expect(response.status).toBe(204);
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'access-control-allow-origin': 'https://a.example',
			'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
			'access-control-allow-headers': 'x-api-key',
			'access-control-allow-credentials': 'true',
			'access-control-max-age': '5',
			'content-length': '0',
			vary: 'Origin, Access-Control-Request-Headers'
		});
	});

	test('an answer names the origin that may read it', async () => {
		const answer = async (cors: { [key: string]: unknown }, origin: string) =>
			(await withCors(cors).request(at('/Attributes'), withKey({ origin }))).headers.get(
				'access-control-allow-origin'
			);
		expect(await answer({ origin: true }, 'https://b')).toBe('https://b');
		expect(await answer({ origin: ['https://a'] }, 'https://b')).toBeNull();
		expect(await answer({ origin: ['https://a'] }, 'https://a')).toBe('https://a');
		expect(await answer({ origin: '*' }, 'https://b')).toBe('*');
	});
});
