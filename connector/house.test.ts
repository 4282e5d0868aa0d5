/** What every endpoint shares beyond routing (connector-api.md §1, §5.2–§6): headers, pages, uploads, downloads, figures. */
import { describe, expect, test } from 'vitest';
import { RelayUnreachable, refuse, type Engine } from '../crdt/index.ts';
import { errorBody, statusOf } from './http/errors.ts';
import { securityHeaders } from './http/helmet.ts';
import { readUpload } from './http/multipart.ts';
import { pageOf } from './http/page.ts';
import { parseQuery } from './http/filter.ts';
import { createApp } from './app.ts';
import { correlationId } from './log.ts';
import { DEBUG_ROUTES, PREFIX, ROUTES } from './routes/table.ts';
import {
	AT,
	authenticationOf,
	KEY,
	rowEngine,
	ROWS,
	silent,
	stillClock,
	testApp,
	testConfig,
	testRandom,
	withKey
} from './testing/parts.ts';

type Failure = { error: { code: string; message: string } };
const at = (path: string) => PREFIX + path;

describe('§1 pages and order, beyond the original', () => {
	const engine = rowEngine();
	const rows = [3, 1, 2].map((digit) => ({
		...ROWS.template,
		id: `RLT0000000000000000${digit}`,
		createdAt: `2026-01-0${digit}T00:00:00.000Z`,
		...(digit === 2 ? { maxNumberOfAllocations: 9 } : {})
	}));
	const app = testApp({ engine: { ...engine, templates: { ...engine.templates, rows: () => rows } } });
	const ask = async (query: string) => {
		const response = await app.request(at(`/RelationshipTemplates${query}`), withKey());
		const { result } = (await response.json()) as { result?: { id: string }[] };
		return [response.status, result?.map(({ id }) => Number(id.at(-1))), response.headers.get('x-total-count')];
	};

	test('absent, nothing changes: the whole list in its order', async () => {
		expect(await ask('')).toEqual([200, [3, 1, 2], null]);
	});
	test.each([
		['?limit=2', [200, [3, 1], '3']],
		['?offset=1', [200, [1, 2], '3']],
		['?offset=1&limit=1', [200, [1], '3']],
		['?limit=0', [200, [], '3']],
		['?offset=9', [200, [], '3']],
		['?sort=createdAt', [200, [1, 2, 3], null]],
		['?sort=-createdAt&limit=1', [200, [3], '3']],
		['?sort=-maxNumberOfAllocations,id', [200, [2, 1, 3], null]],
		['?sort=reference.truncated', [200, [3, 1, 2], null]],
		['?sort=nothing', [200, [3, 1, 2], null]],
		['?limit=-1', [400, undefined, null]],
		['?offset=x', [400, undefined, null]],
		['?limit=1.5', [400, undefined, null]],
		['?sort=a%20b', [400, undefined, null]],
		['?sort=a,b,c,d,e', [400, undefined, null]]
	])('%s', async (query, expected) => {
		expect(await ask(query)).toEqual(expected);
	});

	test('rows without the member stand last in both directions, numbers before texts', () => {
		const list = [{ a: 'x' }, {}, { a: 2 }, { a: 1 }, { a: true }, { a: 'X' }];
		const sorted = (by: string) => {
			const page = pageOf(list, parseQuery(`?sort=${by}`));
			return page.ok ? page.value.rows.map((row) => (row as { a?: unknown }).a) : [];
		};
		expect(sorted('a')).toEqual([1, true, 2, 'X', 'x', undefined]);
		expect(sorted('-a')).toEqual([2, 1, true, 'x', 'X', undefined]);
	});
});

describe('§5.3 security headers', () => {
	test('helmetOptions take a header away, change it, or add one', () => {
		const headers = securityHeaders(false, {
			contentSecurityPolicy: { directives: { defaultSrc: ['https://a'], 'img-src': null, sandbox: true } },
			hsts: { maxAge: 5, includeSubDomains: false, preload: true },
			frameguard: { action: 'deny' },
			noSniff: false,
			referrerPolicy: { policy: ['origin', 'no-referrer'] },
			crossOriginEmbedderPolicy: true,
			dnsPrefetchControl: { allow: true }
		});
		expect(headers).toMatchObject({
			'strict-transport-security': 'max-age=5; preload',
			'x-frame-options': 'DENY',
			'referrer-policy': 'origin,no-referrer',
			'cross-origin-embedder-policy': 'require-corp',
			'x-dns-prefetch-control': 'on'
		});
		expect(headers).not.toHaveProperty('x-content-type-options');
		const policy = headers['content-security-policy']?.split(';') ?? [];
		expect(policy).toContain('default-src https://a');
		expect(policy).toContain('sandbox');
		expect(policy.join()).not.toContain('img-src');
		expect(policy).toContain("base-uri 'self'");
	});

	test('without options the defaults stand; a report-only policy has its own header; none can be asked for', () => {
		expect(Object.keys(securityHeaders(false))).toHaveLength(12);
		expect(securityHeaders(false)['content-security-policy']).toContain('upgrade-insecure-requests');
		expect(securityHeaders(true)['content-security-policy']).not.toContain('upgrade-insecure-requests');
		const only = {
			contentSecurityPolicy: { useDefaults: false, reportOnly: true, directives: { defaultSrc: 'x' } }
		};
		expect(securityHeaders(false, only)['content-security-policy-report-only']).toBe('default-src x');
		expect(securityHeaders(false, { contentSecurityPolicy: false })).not.toHaveProperty('content-security-policy');
	});

	test('stand on every answer of the app as configured', async () => {
		const config = testConfig({ infrastructure: { httpServer: { helmetOptions: { frameguard: false } } } });
		const { headers } = await testApp({ config }).request(at('/Account/IdentityInfo'), withKey());
		expect([headers.get('x-frame-options'), headers.get('x-content-type-options')]).toEqual([null, 'nosniff']);
	});
});

describe('§2.6 uploads', () => {
	const LIMIT = 1000;
	const upload = (form: FormData | string, type?: string) =>
		readUpload(
			new Request('http://x', {
				method: 'POST',
				body: form,
				...(type === undefined ? {} : { headers: { 'content-type': type } })
			}),
			LIMIT
		);
	const form = (...entries: [string, string | Blob, string?][]) => {
		const made = new FormData();
		for (const [name, value, filename] of entries)
			if (typeof value === 'string') made.append(name, value);
			else made.append(name, value, filename ?? 'blob');
		return made;
	};
	const bytes = (length: number) => new Blob([new Uint8Array(length).fill(7)], { type: 'image/x-test' });

	test('give the file with its name and type, and the fields; repeated ones as a list', async () => {
		const read = await upload(
			form(
				['title', 'Tïtle'],
				['tags', 'x:a'],
				['tags', 'x:b'],
				['one[]', '1'],
				['file', bytes(LIMIT), 'ünï "code".bin']
			)
		);
		expect(read).toMatchObject({
			ok: true,
			value: {
				fields: { title: 'Tïtle', tags: ['x:a', 'x:b'], one: '1' },
				file: { filename: expect.stringMatching(/^ünï .*code.*\.bin$/), mimetype: 'image/x-test' }
			}
		});
		if (read.ok) expect(read.value.file?.bytes).toEqual(new Uint8Array(LIMIT).fill(7));
	});

	test('an empty file is one; no file is none; a part under another name is not the file', async () => {
		expect(await upload(form(['file', bytes(0), 'a']))).toMatchObject({
			value: { file: { bytes: new Uint8Array() } }
		});
		expect(await upload(form(['title', 'x']))).toEqual({ ok: true, value: { fields: { title: 'x' } } });
		expect(await upload(form(['other', bytes(5), 'a']))).toEqual({ ok: true, value: { fields: {} } });
		expect(await upload('{}', 'application/json')).toEqual({ ok: true, value: { fields: {} } });
	});

	test('a byte too many, too many parts, a broken body: 400 each', async () => {
		const message = async (body: FormData | string, type?: string) => {
			const read = await upload(body, type);
			return read.ok ? undefined : [read.error.code, read.error.message];
		};
		const code = 'error.runtime.validation.invalidPropertyValue';
		expect(await message(form(['file', bytes(LIMIT + 1), 'a']))).toEqual([code, "'content' is too large"]);
		expect(await message(form(['file', bytes(1), 'a'], ['file', bytes(1), 'b']))).toEqual([
			code,
			'there are too many parts'
		]);
		expect(
			await message(form(...Array.from({ length: 200 }, (_, index): [string, string] => [`f${index}`, ''])))
		).toEqual([code, 'there are too many parts']);
		expect(await message(form(['title', 'x'.repeat(70_000)]))).toEqual([code, 'title is too long']);
		expect(await message('--x\r\nnonsense', 'multipart/form-data; boundary=x')).toEqual([
			code,
			'the multipart body is malformed'
		]);
		expect(await message('x', 'multipart/form-data; nothing')).toEqual([code, 'the multipart body is malformed']);
	});

	test('names of fields reach no prototype', async () => {
		const read = await upload(form(['__proto__', 'x'], ['constructor', 'y'], ['__proto__', 'z']));
		expect(read.ok && Object.keys(read.value.fields)).toEqual(['__proto__', 'constructor']);
		expect(({} as { x?: unknown }).x).toBeUndefined();
	});
});

describe('§6.2 refusals to statuses, one table', () => {
	test.each([
		['error.connector.validation.invalidJsonInPayload', undefined, 400],
		['error.connector.http.routeDoesNotExist', undefined, 404],
		['error.connector.forbidden', undefined, 403],
		['error.connector.http.methodNotAllowed', undefined, 405],
		['error.connector.http.notAcceptable', undefined, 406],
		['error.connector.unauthorized', undefined, 401],
		['error.connector.unexpected', undefined, 500],
		['error.connector.errorInErrorHandler', undefined, 500],
		['error.runtime.recordNotFound', undefined, 404],
		['error.transport.recordNotFound', undefined, 404],
		['error.platform.recordNotFound', undefined, 404],
		['error.platform.unexpected', 429, 429],
		['error.platform.unauthorized', undefined, 401],
		['error.platform.forbidden', undefined, 403],
		['error.platform.validation.notification.codeDoesNotExist', undefined, 500],
		['error.platform.anything', undefined, 500],
		['error.transport.request.unknown', undefined, 500],
		['error.transport.request.network', undefined, 500],
		['error.transport.request.addressNotFound', undefined, 500],
		['error.transport.request.aborted', undefined, 500],
		['error.transport.request.resultUndefined', undefined, 500],
		['error.transport.request.bodyLengthExceeded', undefined, 413],
		['error.transport.request.notFound', undefined, 404],
		['error.transport.request.badRequest', undefined, 400],
		['error.runtime.validation.invalidPropertyValue', undefined, 400],
		['error.consumption.attributes.invalidTags', undefined, 400],
		['error.transport.relationships.wrongRelationshipStatus', undefined, 400],
		['toString', undefined, 400]
	])('%s (%s) is %i', (code, status, expected) => {
		expect(statusOf(refuse(code, 'm', status).error)).toBe(expected);
	});

	test('what the relay calls not found is shown as a record that was not found', () => {
		const { error } = errorBody(refuse('error.platform.recordNotFound', 'm').error, testRandom, Date.parse(AT));
		expect(error.code).toBe('error.runtime.recordNotFound');
		expect(error.docs).toBe('https://enmeshed.eu/integrate/error-codes#error.runtime.recordNotFound');
	});

	test('a handler that fails tells nothing but its class of failure', async () => {
		const engine = rowEngine();
		const failing = (error: Error): Engine => ({
			...engine,
			account: {
				...engine.account,
				identityInfo: () => {
					throw error;
				}
			}
		});
		const answer = async (error: Error) => {
			const response = await testApp({ engine: failing(error) }).request(at('/Account/IdentityInfo'), withKey());
			return [response.status, ((await response.json()) as Failure).error.code];
		};
		expect(await answer(new Error('secret'))).toEqual([500, 'error.connector.unexpected']);
		expect(await answer(new RelayUnreachable())).toEqual([500, 'error.transport.request.unknown']);
	});
});

describe('§2.13 monitoring', () => {
	test('figures for Prometheus count routes, not paths, and are behind their role', async () => {
		const app = testApp();
		await app.request(at('/Tokens/TOK00000000000000001'), withKey());
		await app.request(at('/Tokens/TOK00000000000000009'), withKey());
		await app.request(at('/Tokens/secret%22%0Ainjected'), withKey());
		await app.request('/nowhere/secret', withKey());
		await app.request(at('/Account/Sync'), { method: 'POST', ...withKey() });
		const response = await app.request('/Monitoring/Metrics', withKey());
		expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
		const text = await response.text();
		expect(text).not.toMatch(/secret|TOK000/);
		for (const line of [
			'connector_http_requests_total{method="GET",route="/Tokens/{id}",status="200"} 1',
			'connector_http_requests_total{method="GET",route="/Tokens/{id}",status="404"} 1',
			'connector_http_requests_total{method="GET",route="/Tokens/{id}",status="400"} 1',
			'connector_http_requests_total{method="GET",route="none",status="404"} 1',
			'connector_http_requests_total{method="POST",route="/Account/Sync",status="204"} 1',
			'connector_http_request_duration_seconds_bucket{method="GET",route="/Tokens/{id}",le="+Inf"} 3',
			'connector_http_request_duration_seconds_count{method="GET",route="/Tokens/{id}"} 3',
			'connector_outbox_waiting 0'
		])
			expect(text.split('\n')).toContain(line);
		// Every sample belongs to a family that was announced, every value is a number, the text ends with a line break.
		const families = [...text.matchAll(/^# TYPE (\w+) (counter|gauge|histogram)$/gm)].map(([, name]) => name ?? '');
		expect(new Set(families).size).toBe(families.length);
		for (const line of text
			.trimEnd()
			.split('\n')
			.filter((each) => !each.startsWith('#'))) {
			const [, name = '', value] = /^(\w+)(?:\{.*\})? (\S+)$/.exec(line) ?? [];
			expect(
				families.some((family) => name.startsWith(family)),
				line
			).toBe(true);
			expect(Number.isFinite(Number(value)), line).toBe(true);
		}
		expect(text.endsWith('\n')).toBe(true);
		const config = testConfig({
			infrastructure: { httpServer: { authentication: { apiKey: { keys: { test: { scopes: ['core:*'] } } } } } }
		});
		expect((await testApp({ config }).request('/Monitoring/Metrics', withKey())).status).toBe(403);
		expect((await app.request('/Monitoring/Metrics', { method: 'POST', ...withKey() })).status).toBe(404);
		expect((await app.request('/monitoring/metrics/', withKey())).status).toBe(200);
	});

	test('§5.4 support information hides every secret and says which mechanisms are on', async () => {
		const config = testConfig({
			transportLibrary: { platformClientSecret: 'hush-1', platformAdditionalHeaders: { 'x-a': 'hush-2' } },
			database: { connectionString: 'postgres://me:hush-7@host/db' },
			infrastructure: {
				httpServer: {
					authentication: {
						jwtBearer: { issuer: 'i', secret: 'hush-3'.repeat(8), tokenSigningAlg: 'HS256', audience: 'a' },
						oidc: { enabled: false, secret: 'hush-4', clientSecret: 'hush-5' }
					}
				}
			},
			modules: { webhooks: { enabled: false, targets: { a: { headers: { authorization: 'hush-6' } } } } }
		});
		const response = await testApp({ config }).request('/Monitoring/Support', withKey());
		const text = await response.text();
		expect(text).not.toContain('hush');
		expect(text).not.toContain(KEY);
		expect(JSON.parse(text)).toMatchObject({
			configuration: {
				transportLibrary: { platformClientSecret: '***' },
				infrastructure: {
					httpServer: {
						authentication: {
							apiKey: 'redacted (enabled)',
							jwtBearer: 'redacted (enabled)',
							oidc: 'redacted (disabled)'
						}
					}
				}
			}
		});
	});

	test('support information tells of an identity that cannot be read', async () => {
		const engine = rowEngine();
		const broken = {
			...engine,
			account: {
				...engine.account,
				identityInfo: () => {
					throw new TypeError('secret');
				}
			}
		};
		const text = await (await testApp({ engine: broken }).request('/Monitoring/Support', withKey())).text();
		expect(JSON.parse(text)).toMatchObject({ identityInfo: { error: 'TypeError' } });
		expect(text).not.toContain('secret');
	});
});

describe('§1 correlation', () => {
	test('a given id goes with everything the request causes, the first value of several; else there is a random one', async () => {
		const engine = rowEngine();
		const seen: (string | undefined)[] = [];
		const app = testApp({
			engine: { ...engine, account: { ...engine.account, syncInfo: () => (seen.push(correlationId()), {}) } }
		});
		for (const given of ['abc-1', 'first, second', undefined, 'x'.repeat(129), 'ü'])
			await app.request(
				at('/Account/SyncInfo'),
				withKey(given === undefined ? {} : { 'x-correlation-id': given })
			);
		expect(seen.slice(0, 2)).toEqual(['abc-1', 'first']);
		for (const made of seen.slice(2)) expect(made).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	});
});

describe('endpoints of modules', () => {
	const endpoints = {
		find: (method: string, path: string) =>
			method === 'GET' && path === '/own/thing'
				? {
						endpoint: {
							path: '/own/{what}',
							roles: ['own:things'],
							handle: () => refuse('error.own.refused', 'no')
						},
						params: { what: 'thing' }
					}
				: undefined
	};
	const appFor = (scopes: string[]) => {
		const config = testConfig({
			infrastructure: { httpServer: { authentication: { apiKey: { keys: { test: { scopes } } } } } }
		});
		return createApp({
			engine: rowEngine(),
			config,
			authentication: authenticationOf(config),
			clock: stillClock(),
			random: testRandom,
			log: silent,
			isStoreHealthy: () => true,
			endpoints
		});
	};

	test('stand behind authentication and their role, and refuse as the others do', async () => {
		expect((await appFor(['**']).request('/own/thing')).status).toBe(401);
		expect((await appFor(['core:**']).request('/own/thing', withKey())).status).toBe(403);
		const refused = await appFor(['own:*']).request('/own/thing', withKey());
		expect([refused.status, ((await refused.json()) as Failure).error.code]).toEqual([400, 'error.own.refused']);
		expect((await appFor(['**']).request('/own/other', withKey())).status).toBe(404);
	});
});

describe('§5.2 every route × every kind of key', () => {
	const rows = [...ROUTES, ...DEBUG_ROUTES];
	const paths = [
		...rows.map((row) => ({ method: row.method, path: PREFIX + row.path, roles: row.roles })),
		...['Version', 'Requests', 'Support', 'Metrics'].map((name) => ({
			method: 'GET',
			path: `/Monitoring/${name}`,
			roles: [`monitoring:${name.toLowerCase()}`]
		}))
	];
	const resources = [...new Set(paths.flatMap(({ roles }) => roles))];
	/** What a key may hold → which roles that opens. */
	const scopes: [string[], (role: string) => boolean][] = [
		[[], () => false],
		[['**'], () => true],
		[['*'], () => false],
		[['core:*'], (role) => /^core:[^:]+$/.test(role)],
		[['core:**'], (role) => role.startsWith('core:')],
		[['monitoring:*'], (role) => role.startsWith('monitoring:')],
		[['debug:*', 'monitoring:version'], (role) => role.startsWith('debug:') || role === 'monitoring:version'],
		[['*:*'], (role) => role.split(':').length === 2],
		...resources.map((only): [string[], (role: string) => boolean] => [[only], (role) => role === only])
	];
	const keyOf = (index: number) => `Matrix-Key-${String(index).padStart(4, '0')}-ABCDEFGHIJKLMNOP`;
	const keys = Object.fromEntries(scopes.map(([held], index) => [`k${index}`, { key: keyOf(index), scopes: held }]));
	const off = { key: keyOf(998), enabled: false };
	const expired = { key: keyOf(999), expiresAt: '2020-01-01T00:00:00.000Z' };
	const app = testApp({
		config: testConfig({
			debug: true,
			infrastructure: { httpServer: { authentication: { apiKey: { keys: { ...keys, off, expired } } } } }
		})
	});

	test(`${paths.length} operations × ${scopes.length + 4} keys`, async () => {
		for (const { method, path, roles } of paths) {
			const target = path.replaceAll(/\{\w+\}/g, 'x');
			const status = async (key?: string) =>
				(await app.request(target, { method, headers: key === undefined ? {} : { 'x-api-key': key } })).status;
			for (const [index, [held, opens]] of scopes.entries()) {
				const got = await status(keyOf(index));
				expect(got === 403, `${method} ${path} with ${held.join()}: ${got}`).toBe(!roles.some(opens));
				expect(got, `${method} ${path}`).not.toBe(401);
			}
			for (const key of [undefined, '', off.key, expired.key]) expect(await status(key)).toBe(401);
		}
	});
});
