/** The fast encoder writes the wire's bytes, for any value there is. */
import { toCbor, type Cbor } from '@enmeshed/crdt/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCbor } from './encode.ts';

const value: fc.Memo<Cbor> = fc.memo((depth) =>
	depth <= 1
		? fc.oneof(
				fc.constantFrom<Cbor>(
					null,
					true,
					false,
					0,
					-0,
					23,
					24,
					255,
					256,
					65_535,
					65_536,
					2 ** 32 - 1,
					2 ** 32,
					2 ** 53 - 1,
					-1,
					-25,
					1.5
				),
				fc.integer(),
				fc.double({ noNaN: true, noDefaultInfinity: true }),
				fc.string({ unit: 'grapheme' }),
				fc.uint8Array({ maxLength: 300 })
			)
		: fc.oneof(
				value(1),
				fc.array(value(depth - 1), { maxLength: 30 }),
				fc.dictionary(
					fc.oneof(
						fc.string(),
						fc.string({ unit: 'grapheme' }),
						fc.constantFrom('seq', 'root', 'a'.repeat(24))
					),
					value(depth - 1),
					{
						noNullPrototype: true
					}
				)
			)
);

test('it writes what toCbor writes', () => {
	fc.assert(
		fc.property(value(3), (some) => {
			expect(Buffer.from(encodeCbor(some)).toString('hex')).toBe(Buffer.from(toCbor(some)).toString('hex'));
		}),
		{ numRuns: 3000 }
	);
});

test('members that are undefined are left out, and a frame larger than the scratch is whole', () => {
	const large = { entries: Array.from({ length: 50 }, (_, i) => new Uint8Array(10_000).fill(i)), mail: undefined };
	expect(Buffer.compare(encodeCbor(large), toCbor(large))).toBe(0);
	expect(encodeCbor({ v: 1 })).toEqual(toCbor({ v: 1 }));
});
