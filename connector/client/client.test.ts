/** The generated client: it type-checks in a strict project of its own, and talks to a real Connector. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY } from '../testing/parts.ts';
import { endAll, newFolder, startConnector, startRelay, type RunningConnector } from '../testing/processes.ts';
import { wholeDocument } from '../openapi/rows.ts';
import { clientOf, typeOf } from './generate.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = newFolder();
const file = join(folder, 'client.ts');
let connector: RunningConnector;
beforeAll(async () => {
	mkdirSync(folder, { recursive: true });
	execFileSync(process.execPath, ['connector/client/generate.ts', file], { cwd: ROOT });
	const relay = await startRelay();
	connector = await startConnector(relay.url, { debug: 'true' });
}, 60_000);
afterAll(async () => {
	await endAll();
	rmSync(folder, { recursive: true, force: true });
});

type Answer = { ok: true; value: never; headers: Headers } | { ok: false; status: number; error: { code: string } };
type Client = Readonly<Record<string, (input?: unknown) => Promise<Answer>>>;
const clientWith = async (options: object): Promise<Client> => {
	const module = (await import(pathToFileURL(file).href)) as { createClient: (options: object) => Client };
	return module.createClient({ baseUrl: connector.url, ...options });
};

const USE = `import { createClient, type LocalAttribute } from './client.ts';
const connector = createClient({ baseUrl: 'http://localhost', apiKey: 'k' });
export async function use(): Promise<string | undefined> {
	const made = await connector.postAttributes({ body: { content: { value: { '@type': 'GivenName', value: 'Ada' } } } });
	if (!made.ok) return made.error.code;
	const kind: LocalAttribute['@type'] = made.value['@type'];
	const list = await connector.getMessages({ query: { participant: ['a', 'b'], limit: 5 } });
	const first: string | undefined = list.ok ? list.value[0]?.createdBy : kind;
	await connector.putRequestsIncomingByIdAccept({
		id: 'REQ',
		body: { items: [{ accept: true, newAttribute: {} }, { items: [{ accept: false }] }] }
	});
	const qr = await connector.getTokensByIdAsPng({ id: 'TOK' });
	if (qr.ok) qr.value.byteLength.toFixed();
	// @ts-expect-error a misspelt member is noticed
	await connector.postAttributes({ body: { contents: {} } });
	// @ts-expect-error so is a parameter that is missing
	await connector.getTokensById();
	return first;
}
`;

describe('the generated client', () => {
	test('is one file without imports that a strict compiler takes, with the types of the API', () => {
		expect(readFileSync(file, 'utf8')).toBe(clientOf(wholeDocument()));
		expect(readFileSync(file, 'utf8')).not.toMatch(/^import /m);
		writeFileSync(join(folder, 'use.ts'), USE);
		writeFileSync(
			join(folder, 'tsconfig.json'),
			JSON.stringify({
				compilerOptions: {
					strict: true,
					noUncheckedIndexedAccess: true,
					exactOptionalPropertyTypes: true,
					noEmit: true,
					target: 'esnext',
					module: 'nodenext',
					lib: ['ESNext', 'DOM', 'DOM.Iterable'],
					types: [],
					allowImportingTsExtensions: true,
					erasableSyntaxOnly: true
				},
				include: ['*.ts']
			})
		);
		const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
		expect(existsSync(compiler)).toBe(true);
		expect(() => execFileSync(process.execPath, [compiler, '-p', folder], { stdio: 'pipe' })).not.toThrow();
	}, 60_000);

	test('calls a real Connector: values, lists with filters and pages, nothing, pictures, text', async () => {
		const client = await clientWith({ apiKey: KEY });
		const info = await client['getAccountIdentityInfo']!();
		expect(info).toMatchObject({ ok: true, value: { address: expect.stringMatching(/^did:e:/) } });
		expect(await client['postAccountSync']!()).toMatchObject({ ok: true, value: undefined });
		for (const name of ['Ada', 'Grace'])
			expect(
				await client['postAttributes']!({
					body: { content: { value: { '@type': 'GivenName', value: name } } }
				})
			).toMatchObject({ ok: true, value: { '@type': 'OwnIdentityAttribute' } });
		expect(
			await client['getAttributes']!({ query: { 'content.value.@type': ['GivenName', 'Surname'], limit: 1 } })
		).toMatchObject({ ok: true, value: [{ content: { value: { value: 'Ada' } } }] });
		const token = await client['postTokensOwn']!({
			body: { content: { a: 1 }, expiresAt: '2090-01-01T00:00:00.000Z' }
		});
		const { id } = token.ok ? (token.value as { id: string }) : { id: '' };
		const picture = await client['getTokensByIdAsPng']!({ id });
		expect(picture.ok && [...(picture.value as Uint8Array).slice(1, 4)]).toEqual([...Buffer.from('PNG')]);
		expect(await client['getMonitoringMetrics']!()).toMatchObject({
			ok: true,
			value: expect.stringContaining('connector_http_requests_total')
		});
		expect(await client['getHealth']!()).toMatchObject({ ok: true, value: { isHealthy: true } });
	});

	test('uploads a file and gets its bytes back', async () => {
		const client = await clientWith({ apiKey: KEY });
		const form = new FormData();
		form.append('file', new Blob(['Hello'], { type: 'text/plain' }), 'hello wörld.txt');
		form.append('title', 'Greeting');
		const made = await client['postFilesOwn']!({ form });
		expect(made).toMatchObject({
			ok: true,
			value: { filename: 'hello wörld.txt', mimetype: 'text/plain', filesize: 5, title: 'Greeting' }
		});
		const { id } = made.ok ? (made.value as { id: string }) : { id: '' };
		const bytes = await client['getFilesByIdDownload']!({ id });
		expect(bytes.ok && Buffer.from(bytes.value).toString()).toBe('Hello');
	});

	test('gives a refusal as a value with its status', async () => {
		const client = await clientWith({ apiKey: KEY });
		expect(await client['getTokensById']!({ id: 'TOK00000000000000000' })).toMatchObject({
			ok: false,
			status: 404,
			error: { code: 'error.runtime.recordNotFound' }
		});
		const stranger = await clientWith({ bearer: async () => 'nobody' });
		expect(await stranger['getMessages']!()).toMatchObject({
			ok: false,
			status: 401,
			error: { code: 'error.connector.unauthorized' }
		});
	}, 30_000);
});

test.each([
	[{ type: 'string' }, 'string'],
	[{ const: true }, 'true'],
	[{ enum: ['a', 1] }, '"a" | 1'],
	[{ $ref: '#/components/schemas/Token' }, 'Token'],
	[{ type: 'array', items: { type: 'integer' } }, 'readonly (number)[]'],
	[{ anyOf: [{ type: 'null' }, { type: 'boolean' }] }, '(null | boolean)'],
	[
		{ type: 'object', properties: { a: {}, '@b': {} }, required: ['a'], additionalProperties: false },
		'{ a: unknown; "@b"?: unknown }'
	],
	[{ type: 'object', additionalProperties: { type: 'number' } }, '{ [member: string]: number }'],
	[{}, 'unknown']
])('the schema %j is the type %s', (schema, type) => {
	expect(typeOf(schema)).toBe(type);
});
