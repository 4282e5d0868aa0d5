import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Validator } from '@seriousme/openapi-schema-validator';
import { DESCRIBED, unnamed } from './openapi/results.ts';
import { toYaml } from './openapi/yaml.ts';
import { ALL_MONITORING, ALL_ROUTES } from './openapi/rows.ts';
import { PREFIX } from './routes/table.ts';
import { document, undescribed } from './testing/described.ts';
import { ROWS, testApp, testConfig, withKey } from './testing/parts.ts';

const place = (method: string, path: string) => `${method.toUpperCase()} ${unnamed(path)}`;
const described = Object.entries(document.paths).flatMap(([path, operations]) =>
	Object.keys(operations).map((method) => place(method, path))
);

describe('the OpenAPI document', () => {
	test('is valid OpenAPI 3.1', async () => {
		expect(await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>)).toEqual(
			{ valid: true }
		);
	});

	test('has every operation there is and no other: the table, health and monitoring', () => {
		const monitoring = ALL_MONITORING.map(({ method, path }) => place(method, path));
		const table = ALL_ROUTES.map(({ method, path }) => place(method, PREFIX + path));
		expect(described.toSorted()).toEqual([...table, ...monitoring, 'GET /health'].sort());
	});

	test('describes the answer of every operation that has one, and of no other', () => {
		const answering = ALL_ROUTES.filter(({ status }) => status !== 204).map(({ method, path }) =>
			place(method, path)
		);
		const monitoring = ALL_MONITORING.filter(({ method }) => method === 'GET').map(({ method, path }) =>
			place(method, path)
		);
		expect(DESCRIBED.toSorted()).toEqual([...answering, ...monitoring, 'GET /health'].sort());
		const { schemas } = document.components;
		for (const [, name = ''] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
			expect(schemas, name).toHaveProperty(name);
	});

	test('gives every operation a name of its own, and says which body it takes', () => {
		const names = Object.values(document.paths).flatMap((operations) =>
			Object.values(operations).map(({ operationId }) => operationId)
		);
		expect(new Set(names).size).toBe(described.length);
		expect(document.paths[`${PREFIX}/Messages`]?.['post']?.requestBody).toMatchObject({
			content: {
				'application/json': {
					schema: { type: 'object', required: ['recipients', 'content'], additionalProperties: false }
				}
			}
		});
	});

	test('describes the bodies that no schema judges, and none for an operation that takes nothing', () => {
		const body = (method: string, path: string) =>
			Object.entries(document.paths).find(([each]) => unnamed(each) === PREFIX + path)?.[1][method]?.requestBody;
		for (const action of ['CanAccept', 'Accept', 'CanReject', 'Reject'])
			expect(body('put', `/Requests/Incoming/{}/${action}`)).toBeDefined();
		for (const kind of ['IdentityAttribute', 'RelationshipAttribute', 'ThirdPartyRelationshipAttribute', 'IQL'])
			expect(body('post', `/Attributes/Execute${kind}Query`)).toBeDefined();
		expect(body('post', '/Challenges')).toBeDefined();
		expect(body('put', '/Relationships/{}/Accept')).toBeUndefined();
	});

	test('declares one security scheme, the header of the keys', () => {
		expect(document.components.securitySchemes).toEqual({
			ApiKeyAuth: { type: 'apiKey', in: 'header', name: 'X-API-KEY' }
		});
	});

	test('judges: an answer with a member too many, one missing or one of another type is not described', () => {
		const { _pending: _, ...attribute } = ROWS.attribute;
		const judge = (result: unknown, status = 200) =>
			undescribed('GET', `${PREFIX}/Attributes?a=b`, status, { result });
		expect(judge([attribute])).toBeUndefined();
		expect(judge([{ ...attribute, more: 1 }])).toContain('must');
		expect(judge([{ ...attribute, createdAt: '2026-01-31' }])).toContain('must');
		expect(judge([{ ...attribute, id: undefined }])).toContain('must');
		expect(judge(attribute)).toContain('must be array');
		expect(judge([attribute], 204)).toContain('is not said to answer 204');
		expect(undescribed('GET', `${PREFIX}/nowhere`, 404, { error: { code: 'x' } })).toContain('must');
	});

	test('names every parameter of its path exactly once', () => {
		for (const [path, operations] of Object.entries(document.paths))
			for (const operation of Object.values(operations))
				expect(
					operation.parameters.filter((each) => each.in === 'path').map(({ name }) => `{${name}}`)
				).toEqual(path.match(/\{\w+\}/g) ?? []);
	});

	test('reads the same as YAML', () => {
		expect(parse(toYaml(document))).toEqual(JSON.parse(JSON.stringify(document)));
	});
});

describe('the documentation', () => {
	const on = testApp({ config: testConfig({ debug: true, modules: { coreHttpApi: { docs: { enabled: true } } } }) });

	test('is there without a key when it is on, and comes from here only', async () => {
		expect(await (await on.request('/docs/json')).json()).toMatchObject({ openapi: '3.1.0' });
		expect((await on.request('/docs/yaml')).headers.get('content-type')).toContain('text/vnd.yaml');
		const page = await (await on.request('/docs/swagger/')).text();
		expect(page).toContain('<div id="swagger-ui">');
		expect(page).not.toMatch(/https?:\/\//);
		for (const [, asset = ''] of page.matchAll(/(?:href|src)="([^"]+)"/g))
			expect((await on.request(asset)).status).toBe(200);
		const moved = await on.request('/docs');
		expect([moved.status, moved.headers.get('location')]).toEqual([301, '/docs/swagger']);
	});

	test('RapiDoc reads the same document; its element is ours and says whether the key may be kept', async () => {
		const page = await (await on.request('/docs/rapidoc/')).text();
		expect(page).toContain('<rapi-doc spec-url="/docs/json" persist-auth="false">');
		expect(page).not.toMatch(/https?:\/\//);
		const script = await on.request('/rapidoc/rapidoc-min.js');
		expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
		expect(await script.text()).toContain("customElements.define('rapi-doc'");
		const docs = { enabled: true, rapidoc: { persistAuth: true } };
		const kept = testApp({ config: testConfig({ debug: true, modules: { coreHttpApi: { docs } } }) });
		expect(await (await kept.request('/docs/rapidoc')).text()).toContain('persist-auth="true"');
		expect((await on.request('/favicon.ico')).headers.get('content-type')).toBe('image/png');
		expect((await on.request('/api-docs/anything')).headers.get('location')).toBe('/docs/swagger');
	});

	test('is not there otherwise', async () => {
		expect((await testApp().request('/docs/json')).status).toBe(401);
		expect((await testApp().request('/docs/json', withKey())).status).toBe(404);
	});
});
