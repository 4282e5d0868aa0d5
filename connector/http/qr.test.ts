import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PNG } from 'pngjs';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { describe, expect, test } from 'vitest';
import { PREFIX } from '../routes/table.ts';
import { asJson, ROWS, rowEngine, testApp, withKey } from '../testing/parts.ts';
import { qrPng } from './qr.ts';

// Node cannot fetch the reader's own file, so it is handed over.
const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } });

async function read(png: ArrayBuffer | Uint8Array): Promise<string | undefined> {
	const { width, height, data } = PNG.sync.read(Buffer.from(png as Uint8Array));
	const found = await readBarcodes(
		{ width, height, data: new Uint8ClampedArray(data), colorSpace: 'srgb' } as ImageData,
		{ formats: ['QRCode'] }
	);
	return found[0]?.text;
}
const app = testApp();
const picture = { accept: 'image/png' };

describe('QR codes', () => {
	test('hold the reference’s URL', async () => {
		const url = `https://relay.example/r/RLT00000000000000001#${'Ab0-_'.repeat(30)}`;
		expect(await read(qrPng(url))).toBe(url);
		expect(() => qrPng('x'.repeat(4000))).toThrow(RangeError);
	});

	test.each([
		[`/RelationshipTemplates/${ROWS.template.id}`, ROWS.template],
		[`/Tokens/${ROWS.token.id}`, ROWS.token]
	])('GET %s as a picture', async (path, { id, reference }) => {
		const response = await app.request(PREFIX + path, withKey(picture));
		expect(response.status).toBe(200);
		expect(response.headers.get('content-type')).toBe('image/png');
		expect(response.headers.get('content-disposition')).toBe(`attachment;filename=${id}.png`);
		expect(response.headers.get('vary')).toContain('Accept');
		expect(await read(await response.arrayBuffer())).toBe(reference.url);
	});

	test('JSON is the default, and Accept decides', async () => {
		const typeOf = async (accept: string) =>
			(await app.request(`${PREFIX}/Tokens/${ROWS.token.id}`, withKey({ accept }))).headers.get('content-type');
		expect(await typeOf('*/*')).toContain('application/json');
		expect(await typeOf('image/*')).toBe('image/png');
		expect(await typeOf('application/json, image/png')).toContain('application/json');
		expect(await typeOf('application/json;q=0.5, image/png')).toBe('image/png');
		expect((await app.request(`${PREFIX}/Tokens/${ROWS.token.id}`, withKey({ accept: 'text/html' }))).status).toBe(
			406
		);
	});

	test('a picture of a template’s token is of one nobody keeps', async () => {
		const asked: unknown[] = [];
		const engine = rowEngine();
		const noting = testApp({
			engine: {
				...engine,
				templates: {
					...engine.templates,
					createToken: (id, input) => (asked.push(input), engine.templates.createToken(id, input))
				}
			}
		});
		const path = `${PREFIX}/RelationshipTemplates/Own/${ROWS.template.id}/Token`;
		const response = await noting.request(path, { method: 'POST', ...asJson({ ephemeral: false }, picture) });
		expect([response.status, response.headers.get('content-type'), response.headers.get('location')]).toEqual([
			201,
			'image/png',
			'_'
		]);
		await noting.request(path, { method: 'POST', ...asJson({ ephemeral: false }) });
		await noting.request(path, { method: 'POST', ...withKey() });
		expect(asked).toEqual([{ ephemeral: true }, { ephemeral: false }, { ephemeral: true }]);
	});
});
