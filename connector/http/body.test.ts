/** Bodies are read before anybody is known, so what one of them may cost is bounded. */
import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES, MAX_FORM_FIELDS } from '../limits.ts';
import { readBody } from './body.ts';

const sent = (type: string, body: string) =>
	readBody(new Request('http://localhost/', { method: 'POST', body, headers: { 'content-type': type } }));
const form = (body: string) => sent('application/x-www-form-urlencoded', body);
const names = (count: number) => Array.from({ length: count }, (_, i) => `${i.toString(36)}=1`);

describe('a form', () => {
	test('is read flat: a repeated name becomes a list, in its order', async () => {
		expect(await form('a=1&b=x&a=2&__proto__=p&a=')).toEqual({
			ok: true,
			value: Object.fromEntries([
				['a', ['1', '2', '']],
				['b', 'x'],
				['__proto__', 'p']
			])
		});
		expect(Object.prototype).not.toHaveProperty('p');
	});

	test.each([
		['of so many different fields is read', names(MAX_FORM_FIELDS), true],
		['of so many equal fields is read', names(MAX_FORM_FIELDS).fill('a=1'), true],
		['of one more is too large', names(MAX_FORM_FIELDS + 1), false],
		['of one more equal one is too large', names(MAX_FORM_FIELDS + 1).fill('a=1'), false],
		['as large as a body may be, of names alone, is too large', names(MAX_BODY_BYTES / 8), false]
	])('%s', async (_name, fields, isRead) => {
		const body = fields.join('&');
		expect(body.length).toBeLessThanOrEqual(MAX_BODY_BYTES);
		const read = await form(body);
		expect(read.ok).toBe(isRead);
		if (!read.ok) expect(read.error.code).toBe('error.connector.unexpected');
	});
});

describe('JSON', () => {
	test.each([
		['a number is what it is', '{"a":1.5e3,"b":[-0.5]}', '{"a":1500,"b":[-0.5]}'],
		[
			'one no double holds is null, as it would be written',
			'{"a":1e400,"b":[[-1e999]]}',
			'{"a":null,"b":[[null]]}'
		],
		['a member named __proto__ is one like others', '{"__proto__":{"a":1e400}}', '{"__proto__":{"a":null}}']
	])('%s', async (_name, given, expected) => {
		const read = await sent('application/json', given);
		expect(read.ok && JSON.stringify(read.value)).toBe(expected);
	});
});
