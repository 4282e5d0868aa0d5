/** References in every form people paste (connector-api.md §4.2), and those of other backbones. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from './bytes.ts';
import { MAX_BASE_URL, parseReference, writeReference } from './reference.ts';

const id = 'RLTabcdefghijklmnopq';
const key = new Uint8Array(32).fill(5) as Bytes;
const keyText = toBase64Url(key);
const baseUrl = 'https://relay.example';
const coded = (...fields: string[]) => toBase64Url(utf8(fields.join('|')));
const value = (text: string) => {
	const parsed = parseReference(text);
	return parsed.ok ? parsed.value : parsed.error.code;
};

test('both forms give back what was written', () => {
	const tail = fc.option(fc.stringMatching(/^[0-9a-f]{4}$/), { nil: undefined });
	const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Bytes => new Uint8Array(bytes));
	const kinds = fc.constantFrom(['RLT', 'template'], ['TOK', 'token'], ['FIL', 'file']);
	fc.assert(
		fc.property(
			kinds,
			anyKey,
			tail,
			fc.constantFrom(baseUrl, 'http://localhost:8080', `https://${'a'.repeat(60)}.example`),
			([prefix, kind], bytes, forIdentityTail, url) => {
				const written = {
					id: `${prefix}abcdefghijklmnopq`,
					key: bytes,
					baseUrl: url,
					...(forIdentityTail ? { forIdentityTail } : {})
				};
				const forms = writeReference(written);
				expect(value(forms.url)).toEqual({ ...written, kind });
				const { baseUrl: _, ...bare } = written;
				expect(value(forms.truncated)).toEqual({ ...(url.length <= MAX_BASE_URL ? written : bare), kind });
			}
		)
	);
});

test('truncated references begin as the original ones do', () => {
	const truncated = (prefix: string) => writeReference({ id: `${prefix}abcdefghijklmnopq`, key, baseUrl }).truncated;
	expect([truncated('TOK'), truncated('FIL'), truncated('RLT')].map((text) => text.slice(0, 4))).toEqual([
		'VE9L',
		'RklM',
		'UkxU'
	]);
});

test('the file reference stays within 150 characters', () => {
	const longest = `https://${'a'.repeat(MAX_BASE_URL - 8)}`;
	for (const url of [longest, `${longest}a`])
		expect(writeReference({ id: 'FILabcdefghijklmnopq', key, baseUrl: url }).truncated.length).toBeLessThanOrEqual(
			150
		);
});

test.each([
	['three parts', coded(id, '2', keyText)],
	['five parts', coded(id, '2', keyText, '', '')],
	['blanks around it', `  ${coded(id, '2', keyText, '', '')}\n`],
	['padding', `${coded(id, '2', keyText)}==`]
])('truncated with %s is read', (_, text) => {
	expect(value(text)).toEqual({ kind: 'template', id, key });
});

test('a url of two or four parts is read, with an app id before the hash too', () => {
	for (const secret of [coded('2', keyText), coded('2', keyText, '', '')])
		for (const url of [`${baseUrl}/r/${id}#${secret}`, `${baseUrl}/r/${id}?app=nmshd#${secret}`])
			expect(value(url)).toEqual({ kind: 'template', id, key, baseUrl });
});

const salt = new Uint8Array(16).fill(0xfb) as Bytes;
const saltText = btoa(String.fromCharCode(...salt));

test('K145 K146 personalised and protected references come back as they were written, in both forms', () => {
	for (const pinLength of [undefined, 4, 16])
		for (const locationIndicator of [undefined, 0, 6, 50, 99]) {
			const password = {
				salt,
				...(pinLength ? { pinLength } : {}),
				...(locationIndicator === undefined ? {} : { locationIndicator })
			};
			const written = { id, key, baseUrl, forIdentityTail: 'ab12', password };
			const forms = writeReference(written);
			expect(value(forms.truncated)).toEqual({ ...written, kind: 'template' });
			expect(value(forms.url)).toEqual({ ...written, kind: 'template' });
		}
});

test('K146 the password part is written as clients know it', () => {
	const text = (part: object) => {
		const forms = writeReference({ id, key, baseUrl, password: { salt, ...part } });
		return fromUtf8(fromBase64Url(forms.truncated)!).split('|')[4];
	};
	expect(text({})).toBe(`pw&${saltText}`);
	expect(text({ pinLength: 6, locationIndicator: 5 })).toBe(`pin6&${saltText}&5`);
});

test.each([
	['a PIN length too large', '', `pin17&${saltText}`],
	['a PIN length too small', '', `pin3&${saltText}`],
	['a PIN length that is no integer', '', `pin4.5&${saltText}`],
	['neither pw nor pin', '', `secret&${saltText}`],
	['a salt that is no base64', '', 'pw&not-base64-not-base64-'],
	['a salt of another length', '', `pw&${btoa('only15bytes....')}`],
	['no salt', '', 'pw'],
	['an indicator out of range', '', `pw&${saltText}&7`],
	['an indicator that is no number', '', `pw&${saltText}&SMS`],
	['a personalisation too long', 'ab123', ''],
	['a personalisation with other characters', 'zz12', '']
])('K148 %s is refused', (_, tail, password) => {
	expect(value(coded(id, '2', keyText, tail, password))).toBe('error.runtime.invalidReference');
});

test('a code of the original Backbone is recognised, in both forms', () => {
	expect(value(coded(id, '3', keyText, '', ''))).toBe('error.app.foreignBackbone');
	expect(value(coded(id, '3', keyText))).toBe('error.app.foreignBackbone');
	expect(value(`https://backbone.example/r/${id}#${coded('3', keyText, '', '')}`)).toBe('error.app.foreignBackbone');
});

test.each([
	['nothing', ''],
	['another id', coded('MSGabcdefghijklmnopq', '2', keyText)],
	['an id that is too short', coded('RLTabc', '2', keyText)],
	['four parts', coded(id, '2', keyText, '')],
	['six parts', coded(id, '2', keyText, '', '', '')],
	['a short key', coded(id, '2', toBase64Url(key.slice(1)))],
	['a long key', coded(id, '2', toBase64Url(new Uint8Array(33)))],
	['an unknown algorithm', coded(id, '4', keyText)],
	['no algorithm', coded(id, '', keyText)],
	['a url without its fragment', `${baseUrl}/r/${id}`],
	['another scheme', `javascript://x/r/${id}#${coded('2', keyText)}`],
	['bytes that are no text', toBase64Url(new Uint8Array(64).fill(255))]
])('%s is no reference', (_, text) => {
	expect(value(text)).toBe('error.runtime.invalidReference');
});

test('any text is a reference or a refusal, and damaged ones never throw', () => {
	const { truncated, url } = writeReference({ id, key, baseUrl });
	const damaged = fc
		.tuple(fc.constantFrom(truncated, url), fc.nat(), fc.string({ maxLength: 3 }))
		.map(([text, at, by]) => {
			const where = at % text.length;
			return text.slice(0, where) + by + text.slice(where + 1);
		});
	fc.assert(
		fc.property(fc.oneof(fc.string(), damaged), (text) => {
			const parsed = parseReference(text);
			if (parsed.ok) expect(parsed.value.key.length).toBe(32);
			else expect(parsed.error.code).toMatch(/^error\.(runtime\.invalidReference|app\.foreignBackbone)$/);
		}),
		{ numRuns: 10_000 }
	);
});

test('a text that is longer than a reference can be is none, and is not searched for one', () => {
	const written = writeReference({ id, key, baseUrl });
	const within = (app: number) => value(written.url.replace('#', `?app=${'a'.repeat(app)}#`));
	expect(within(100)).toMatchObject({ id });
	expect(within(2_048)).toBe('error.runtime.invalidReference');
	expect(value(`http://a${'/r/TOK00000000000000000?app='.repeat(40_000)}`)).toBe('error.runtime.invalidReference');
});
