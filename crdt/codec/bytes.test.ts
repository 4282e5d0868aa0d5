import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, concat, equal, fromBase64Url, fromHex, readUint, toBase64Url, toHex, uint } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 200 }).map((value) => new Uint8Array(value));

test('hex and base64url give back what they were made of', () => {
	const property = fc.property(bytes, (value) => {
		expect(fromHex(toHex(value))).toEqual(value);
		expect(fromBase64Url(toBase64Url(value))).toEqual(value);
		expect(toBase64Url(value)).toBe(Buffer.from(value).toString('base64url'));
	});
	fc.assert(property);
});

test('any text is hex, base64url, or nothing', () => {
	const property = fc.property(
		fc.oneof(
			fc.string(),
			fc.base64String(),
			fc.array(fc.constantFrom('a', 'F', '0', '=', '-', 'ü', '😀')).map((letters) => letters.join(''))
		),
		(text) => {
			const [hex, base64] = [fromHex(text), fromBase64Url(text)];
			if (hex) expect(toHex(hex)).toBe(text);
			if (base64) expect(base64.length).toBe(Math.floor((text.replace(/=+$/, '').length * 3) / 4));
		}
	);
	fc.assert(property, { numRuns: 2000 });
	expect([fromHex('AB'), fromHex('abc'), fromHex('zz'), fromBase64Url('a'), fromBase64Url('a+b/')]).toEqual(
		Array(5).fill(undefined)
	);
});

test('any number of padding signs is padding at the end and nothing else elsewhere, and costs one look at each', () => {
	const signs = '='.repeat(400_000);
	expect([fromBase64Url(`YQ${signs}`), fromBase64Url(signs)]).toEqual([Uint8Array.of(97), new Uint8Array(0)]);
	expect([fromBase64Url(`${signs}a`), fromBase64Url(`${signs}${'aaaa'}`)]).toEqual([undefined, undefined]);
});

test('integers are read as they were written, and those that do not fit are a bug', () => {
	const property = fc.property(fc.integer({ min: 1, max: 6 }), fc.maxSafeInteger(), (length, value) => {
		const fits = value >= 0 && value < 2 ** (8 * length);
		if (fits) expect(readUint(concat(Uint8Array.of(9), uint(value, length)), 1, length)).toBe(value);
		else expect(() => uint(value, length)).toThrow(RangeError);
	});
	fc.assert(property);
	expect(() => uint(0.5, 4)).toThrow(RangeError);
});

test('order and equality are those of Buffer', () => {
	fc.assert(
		fc.property(bytes, bytes, (a, b) => {
			expect(Math.sign(compare(a, b))).toBe(Math.sign(Buffer.compare(a, b)));
			expect(equal(a, b)).toBe(Buffer.compare(a, b) === 0);
		})
	);
});
