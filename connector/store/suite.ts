/**
 * What every Store must do, run against each implementation. `open(place)` opens (again) what is kept at a place; opening the
 * same place after `close` must show everything a resolved `write` wrote and nothing of a rejected one.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Store, StoreWrite } from '../../crdt/index.ts';

const bytes = (...values: number[]) => new Uint8Array(values);
const put = (key: string, value: Uint8Array | null, table = 't'): StoreWrite => ({ table, key, value });

export function storeSuite(
	name: string,
	newPlace: () => string,
	open: (place: string) => Store | Promise<Store>,
	cleanUp: () => void | Promise<void>
) {
	afterAll(cleanUp);

	describe(`a store (${name})`, () => {
		test('what a batch wrote is read, and read again after reopening', async () => {
			const place = newPlace();
			const first = await open(place);
			await first.write([put('a', bytes(1)), put('b', bytes()), { secret: 'device', value: bytes(9, 9) }]);
			await first.close();
			const second = await open(place);
			expect(await second.get('t', 'a')).toEqual(bytes(1));
			expect(await second.get('t', 'b')).toEqual(bytes());
			expect(await second.secret('device')).toEqual(bytes(9, 9));
			expect(await second.get('t', 'c')).toBeUndefined();
			expect(await second.secret('other')).toBeUndefined();
			await second.close();
		});

		test('a batch that fails leaves nothing of itself, and the store goes on', async () => {
			const store = await open(newPlace());
			await store.write([put('kept', bytes(1))]);
			const impossible = { secret: 's', value: { not: 'a key' } as never } as unknown as StoreWrite;
			await expect(store.write([put('lost', bytes(2)), put('kept', null), impossible])).rejects.toThrow();
			await store.write([put('after', bytes(3))]);
			expect((await store.range('t')).map(([key]) => key)).toEqual(['after', 'kept']);
			await store.close();
		});

		test('null deletes, the last write of a batch counts, tables do not mix', async () => {
			const store = await open(newPlace());
			await store.write([
				put('a', bytes(1)),
				put('a', bytes(2)),
				put('b', bytes(3)),
				put('b', null),
				put('a', bytes(7), 'other')
			]);
			await store.write([
				{ secret: 's', value: bytes(1) },
				{ secret: 's', value: null }
			]);
			expect(await store.range('t')).toEqual([['a', bytes(2)]]);
			expect(await store.range('other')).toEqual([['a', bytes(7)]]);
			expect(await store.secret('s')).toBeUndefined();
			await store.close();
		});

		test('bytes that come out are the reader’s own', async () => {
			const store = await open(newPlace());
			const written = bytes(1, 2, 3);
			await store.write([put('a', written)]);
			written[0] = 99;
			const read = await store.get('t', 'a');
			if (read) read[1] = 99;
			expect(await store.get('t', 'a')).toEqual(bytes(1, 2, 3));
			await store.close();
		});

		test('a range is ordered bytewise, from inclusive, to exclusive, at most limit: equal to a slow reference', async () => {
			const key = fc.string({
				unit: fc.constantFrom('a', 'B', 'z', '0', '/', '~', 'é', '\u{1F600}', '￿'),
				maxLength: 4
			});
			const bound = fc.option(key, { nil: undefined });
			await fc.assert(
				fc.asyncProperty(
					fc.uniqueArray(key, { maxLength: 12 }),
					bound,
					bound,
					fc.option(fc.nat(5), { nil: undefined }),
					async (keys, from, to, limit) => {
						const store = await open(newPlace());
						await store.write(keys.map((each, index) => put(each, bytes(index))));
						const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
						const wanted = [...keys]
							.sort(order)
							.filter(
								(each) =>
									(from === undefined || order(each, from) >= 0) &&
									(to === undefined || order(each, to) < 0)
							)
							.slice(0, limit);
						expect((await store.range('t', from, to, limit)).map(([each]) => each)).toEqual(wanted);
						await store.close();
					}
				),
				{ numRuns: 60 }
			);
		});

		test('ten thousand rows in one batch, read in pages', async () => {
			const store = await open(newPlace());
			const keys = Array.from({ length: 10_000 }, (_, index) => String(index).padStart(6, '0'));
			await store.write(keys.map((key) => put(key, bytes(1))));
			const seen: string[] = [];
			for (let from = ''; ;) {
				const page = await store.range('t', from, undefined, 1000);
				seen.push(...page.map(([key]) => key));
				const last = page.at(-1)?.[0];
				if (page.length < 1000 || last === undefined) break;
				from = `${last}\u0000`;
			}
			expect(seen).toEqual(keys);
			await store.close();
		});
	});
}
