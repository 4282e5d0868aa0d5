import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openApi, toYaml } from './openapi.ts';
import { PREFIX, ROUTES } from './routes/table.ts';
import { testApp, testConfig, withKey } from './testing/parts.ts';

const document = openApi(ROUTES, [], 'X-API-KEY') as {
	openapi: string;
	paths: Record<string, Record<string, { responses: object; requestBody?: unknown }>>;
};

describe('the OpenAPI document', () => {
	test('has every row of the route table, and says which answer 501', () => {
		const described = Object.entries(document.paths).flatMap(([path, operations]) =>
			Object.keys(operations).map((method) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`)
		);
		expect(described.sort()).toEqual(
			ROUTES.map(
				({ method, path }) => `${method.toLowerCase()} ${PREFIX}${path.replaceAll(/\{\w+\}/g, '{}')}`
			).sort()
		);
		expect(document.paths[`${PREFIX}/Files`]?.['get']?.responses).toHaveProperty('501');
		expect(document.paths[`${PREFIX}/Messages`]?.['post']?.requestBody).toMatchObject({
			content: {
				'application/json': {
					schema: { type: 'object', required: ['recipients', 'content'], additionalProperties: false }
				}
			}
		});
	});

	test('names every parameter of its path exactly once', () => {
		for (const [path, operations] of Object.entries(document.paths))
			for (const operation of Object.values(operations) as unknown as {
				parameters: { in: string; name: string }[];
			}[])
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

	test('is not there otherwise', async () => {
		expect((await testApp().request('/docs/json')).status).toBe(401);
		expect((await testApp().request('/docs/json', withKey())).status).toBe(404);
	});
});
