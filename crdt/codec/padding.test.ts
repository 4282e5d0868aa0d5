/** Padding says little of a size, and what was padded comes back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryBucket, envelopeBucket, pad, unpad } from './padding.ts';

const length = fc.integer({ min: 4, max: 3_000_000 });

test('what was padded comes back', () => {
	const data = fc.uint8Array({ maxLength: 9000 });
	const property = fc.property(data, fc.constantFrom(entryBucket, envelopeBucket), (given, bucket) => {
		const padded = pad(given, bucket);
		expect(padded.length).toBe(bucket(4 + given.length));
		expect(unpad(padded)).toEqual(new Uint8Array(given));
	});
	fc.assert(property, { numRuns: 500 });
});

test('a bucket holds what it is for, grows with it, and holds itself', () => {
	for (const bucket of [entryBucket, envelopeBucket])
		fc.assert(
			fc.property(length, length, (n, m) => {
				expect(bucket(n)).toBeGreaterThanOrEqual(n);
				expect(bucket(bucket(n))).toBe(bucket(n));
				if (n <= m) expect(bucket(n)).toBeLessThanOrEqual(bucket(m));
			}),
			{ numRuns: 2000 }
		);
});

test('above 4096 bytes an entry grows by at most an eighth', () => {
	const larger = fc.integer({ min: 4097, max: 3_000_000 });
	fc.assert(
		fc.property(larger, (n) => entryBucket(n) / n < 1.125),
		{ numRuns: 5000 }
	);
});

test('no envelope has the size of an entry: up to 64 KiB no bucket of one is a bucket of the other', () => {
	const sizes = (bucket: (n: number) => number, to: number) =>
		new Set(Array.from({ length: to }, (_, n) => bucket(n + 4)));
	const entries = sizes(entryBucket, 4096);
	expect([...sizes(envelopeBucket, 4096)].filter((size) => entries.has(size))).toEqual([]);
});

test('any bytes are padded data or nothing', () => {
	const property = fc.property(fc.uint8Array({ maxLength: 64 }), (given) => {
		const read = unpad(given);
		if (read) expect(pad(read, () => given.length)).toEqual(new Uint8Array(given));
	});
	fc.assert(property, { numRuns: 5000 });
	expect(unpad(Uint8Array.of(0, 0, 0, 1, 7, 1))).toBeUndefined();
});
