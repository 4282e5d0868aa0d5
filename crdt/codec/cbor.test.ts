/** Laws of the one CBOR: equal values have equal bytes, and whatever comes is a value or nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equal, fromHex, toHex, utf8 } from './bytes.ts';
import { fromCbor, fromLooseCbor, toCbor, type Cbor } from './cbor.ts';

const letter = fc.constantFrom('a', 'Z', '0', 'ü', 'e\u0301', '😀', '\ufeff', '\u0000', '\u2028', '\uffff');
const text = fc.oneof(
	fc.array(letter, { maxLength: 12 }).map((letters) => letters.join('')),
	fc.constantFrom('__proto__', 'constructor', 'a'.repeat(300))
);
const number = fc.oneof(
	fc.maxSafeInteger(),
	fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value))
);
const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => new Uint8Array(value));
const leaf: fc.Arbitrary<Cbor> = fc.oneof(fc.constant(null), fc.boolean(), number, text, bytes);
const { value } = fc.letrec<{ value: Cbor; list: Cbor; map: Cbor }>((tie) => ({
	value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('list'), tie('map')),
	list: fc.array(tie('value'), { maxLength: 6 }),
	map: fc.array(fc.tuple(text, tie('value')), { maxLength: 6 }).map((members) => Object.fromEntries(members))
}));

describe('canonical', () => {
	test('what is written is read again as it was', () => {
		const property = fc.property(value, (written) => {
			expect(fromCbor(toCbor(written))).toEqual(written);
		});
		fc.assert(property, { numRuns: 2000 });
	});

	test('whatever comes is refused or has these very bytes', () => {
		const near = fc.tuple(value, fc.nat(), fc.nat(255)).map(([written, at, byte]) => {
			const damaged = toCbor(written);
			damaged[at % damaged.length] = byte;
			return damaged;
		});
		const property = fc.property(fc.oneof(bytes, near), (given) => {
			const read = fromCbor(given);
			return read === undefined || equal(toCbor(read), given);
		});
		fc.assert(property, { numRuns: 20_000 });
	});

	test('the order in which members are given does not matter', () => {
		expect(toHex(toCbor({ b: 1, aa: 2, a: 3 }))).toBe(toHex(toCbor({ aa: 2, a: 3, b: 1 })));
		expect(toHex(toCbor({ b: 1, aa: 2, a: 3, gone: undefined }))).toBe('a36161036162016261' + '6102');
	});

	test.each([
		['a head longer than it need be', '1801'],
		['a length longer than it need be', '5800'],
		['an indefinite list', '9fff'],
		['undefined', 'f7'],
		['a tag', 'c100'],
		['NaN', 'f97e00'],
		['infinity', 'f97c00'],
		['minus zero', 'f98000'],
		['a whole number as a float', 'f93c00'],
		['a float longer than it need be', 'fb3fe0000000000000'],
		['an integer beyond 2^53', '1b0020000000000000'],
		['keys out of order', 'a2616201616100'],
		['a key twice', 'a2616100616101'],
		['a key that is no text', 'a10000'],
		['a text that is no UTF-8', '61ff'],
		['something after the value', '0000'],
		['half a value', '61'],
		['nothing', '']
	])('%s is refused', (_, hex) => {
		expect(fromCbor(fromHex(hex)!)).toBeUndefined();
	});

	test('a text that begins with a byte order mark keeps it', () => {
		for (const written of ['\ufeff', '\ufeff\ufeffa', `\ufeff${'long '.repeat(100)}`, 'a\ufeff'])
			expect(fromCbor(toCbor({ [written]: written }))).toEqual({ [written]: written });
	});

	test('a member named __proto__ is a member like others', () => {
		const given = JSON.parse('{"__proto__":{"x":1},"b":2}') as Cbor;
		const read = fromCbor(toCbor(given)) as object;
		expect(Object.keys(read).sort()).toEqual(['__proto__', 'b']);
		expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
	});

	test('nesting ends at 64 containers', () => {
		const nested = (depth: number) => new Uint8Array([...new Array<number>(depth).fill(0x81), 0]);
		expect(fromCbor(nested(64))).toBeDefined();
		expect(fromCbor(nested(65))).toBeUndefined();
		expect(fromCbor(nested(100_000))).toBeUndefined();
	});

	test('what could not be read again is not written', () => {
		const nested = (depth: number): Cbor => (depth === 0 ? 1 : [nested(depth - 1)]);
		expect(fromCbor(toCbor(nested(64)))).toBeDefined();
		for (const value of [nested(65), NaN, Infinity, { a: [-Infinity] }])
			expect(() => toCbor(value)).toThrow('CBOR');
	});

	test('an enormous count costs nothing', () => {
		for (const hex of ['9affffffff', 'baffffffff', '5affffffff', '9b001fffffffffffff'])
			expect(fromCbor(fromHex(hex)!)).toBeUndefined();
	});
});

describe('in frames', () => {
	test('members may come in any order, and nothing else is looser', () => {
		expect(fromLooseCbor(fromHex('a2616201616100')!)).toEqual({ a: 0, b: 1 });
		for (const hex of ['1801', 'a2616100616101', '9fff', 'f7', '0000'])
			expect(fromLooseCbor(fromHex(hex)!)).toBeUndefined();
	});

	test('what is read shares no memory with what it was read from', () => {
		const given = toCbor([utf8('secret')]);
		const [read] = fromLooseCbor(Buffer.from(given)) as [Uint8Array];
		given.fill(0);
		expect(read).toEqual(utf8('secret'));
	});
});
