import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryViews, type RequestRow } from '../../crdt/index.ts';
import { filterRows, keys, type FilterTable } from './filter.ts';
import { isRowStream, listRows, pageOfStream, queryOf, streamAnswer, type RowStream } from './stream.ts';

const filters: FilterTable = keys(
	'value',
	'id peer createdAt status content.items.@type source.reference content.title'
);
const address = fc.constantFrom('did:a', 'did:b', 'did:c');
const date = fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z');
const itemType = fc.constantFrom('A', 'B');

const rows: fc.Arbitrary<RequestRow[]> = fc
	.array(
		fc.record({
			peer: address,
			createdAt: date,
			status: fc.constantFrom<RequestRow['status']>('Open', 'Completed'),
			content: fc.record({
				title: fc.constantFrom('x', 'y'),
				items: fc.array(
					itemType.map((each) => ({ '@type': each })),
					{ maxLength: 2 }
				)
			}),
			source: fc.option(
				fc.record({ type: fc.constant('Message' as const), reference: fc.constantFrom('MSG1', 'MSG2') }),
				{ nil: undefined }
			)
		}),
		{ maxLength: 15 }
	)
	.map((list) =>
		list.map(({ source, ...rest }, i) => ({
			...rest,
			id: `REQ${i}`,
			isOwn: i % 2 === 0,
			...(source && { source })
		}))
	);

const value = fc.constantFrom(
	'did:a',
	'did:b',
	'Open',
	'Completed',
	'A',
	'B',
	'MSG1',
	'REQ3',
	'2026-01-02',
	'2026-01-02T00:00:00.000Z',
	'x'
);
const operator = fc.constantFrom('', '', '', '!', '>', '>=', '<', '<=', '^', '$', '~');
const text = fc.oneof(
	fc.tuple(operator, value).map(([sign, each]) => sign + each),
	fc.constantFrom('', '!', '+')
);
const asked = fc
	.dictionary(fc.constantFrom(...Object.keys(filters)), fc.array(text, { minLength: 1, maxLength: 3 }), {
		maxKeys: 3
	})
	.map((each) => new Map(Object.entries(each)));

const viewsOf = (list: readonly RequestRow[]) => {
	const views = memoryViews();
	for (const row of list) views.put('requests', row);
	return views;
};
const many = (count: number): RequestRow[] =>
	Array.from({ length: count }, (_, i) => ({
		id: `REQ${i}`,
		isOwn: true,
		peer: i % 2 === 0 ? 'did:a' : 'did:b',
		createdAt: '2026-01-01T00:00:00.000Z',
		status: 'Open',
		content: { n: (i * 7919) % count }
	}));
async function streamOf(count: number, query: Record<string, string> = {}): Promise<RowStream> {
	const views = viewsOf(many(count));
	const asked = new Map(Object.entries(query).map(([name, each]) => [name, [each]]));
	const listed = await listRows('requests', (each) => views.rows('requests', each), filters, asked);
	if (!listed.ok || !isRowStream(listed.value)) throw new Error('it is no stream');
	return listed.value;
}
const GET = new Request('http://x/');

describe('a list', () => {
	test('asked of an index is the list that was filtered row by row', async () => {
		await fc.assert(
			fc.asyncProperty(rows, asked, async (list, query) => {
				const views = viewsOf(list);
				const listed = await listRows('requests', (each) => views.rows('requests', each), filters, query);
				expect(listed).toEqual(filterRows(list, filters, query));
			}),
			{ numRuns: 500 }
		);
	});

	test('asks the index for values and for both ends of a range at once', () => {
		const query = new Map([
			['peer', ['did:a', 'did:b']],
			['createdAt', ['>2026-01-01', '<=2026-02', '>=2026-01-02']],
			['status', ['!Open']],
			['content.items.@type', ['~A', 'B']],
			['content.title', ['x']]
		]);
		expect(queryOf('requests', filters, query)).toEqual({
			where: [
				{ key: 'peer', anyOf: ['did:a', 'did:b'] },
				{
					key: 'createdAt',
					from: { value: '2026-01-02', inclusive: true },
					to: { value: '2026-02', inclusive: true }
				}
			]
		});
	});

	test('a pattern that is none is refused, also where there is no row', async () => {
		const listed = await listRows('requests', () => [], filters, new Map([['peer', ['~(']]]));
		expect(listed.ok).toBe(false);
	});
});

describe('a long list', () => {
	test('leaves in pieces and is whole', async () => {
		const answer = streamAnswer(GET, await streamOf(3000, { peer: 'did:a' }), { 'x-a': 'b' });
		expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
		expect(answer.headers.get('x-a')).toBe('b');
		const { result } = (await answer.json()) as { result: RequestRow[] };
		expect(result.map(({ id }) => id)).toEqual(
			many(3000)
				.filter(({ peer }) => peer === 'did:a')
				.map(({ id }) => id)
		);
	});

	test('is read no further than the client takes it', async () => {
		let read = 0;
		const source = function* () {
			for (const row of many(20_000)) {
				read++;
				yield row;
			}
		};
		const listed = await listRows('requests', source, filters, new Map());
		if (!listed.ok || !isRowStream(listed.value)) throw new Error('it is no stream');
		read = 0;
		const reader = streamAnswer(GET, listed.value, {}).body!.getReader();
		await reader.read();
		await reader.cancel();
		expect(read).toBeLessThan(1000);
	});

	test.each([
		[{ limit: '3' }, (list: RequestRow[]) => list.slice(0, 3)],
		[{ limit: '3', offset: '1500' }, (list: RequestRow[]) => list.slice(1500, 1503)],
		[{ limit: '2000', offset: '10' }, (list: RequestRow[]) => list.slice(10, 2010)],
		[{ limit: '0' }, () => []],
		[{ sort: '-createdAt', limit: '2' }, (list: RequestRow[]) => list.slice(-2).reverse()],
		[{ sort: 'createdAt', limit: '2', offset: '5' }, (list: RequestRow[]) => list.slice(5, 7)],
		[{ offset: '2900' }, (list: RequestRow[]) => list.slice(2900)],
		[{ sort: '-content.n', limit: '4', offset: '2' }, (list: RequestRow[]) => sorted(list).reverse().slice(2, 6)],
		[{ sort: 'content.n' }, (list: RequestRow[]) => sorted(list)]
	] as const)('its part %j is that of the whole', async (query, wanted) => {
		const asked = new Map(Object.entries(query).map(([name, each]) => [name, [each]]));
		const page = await pageOfStream(await streamOf(3000), asked);
		if (!page.ok) throw new Error(page.error.message);
		const { rows: part, total } = page.value;
		const shown = isRowStream(part)
			? ((await streamAnswer(GET, part, {}).json()) as { result: unknown[] }).result
			: part;
		expect((shown as RequestRow[]).map(({ id }) => id)).toEqual(wanted(many(3000)).map(({ id }) => id));
		// Told where the list was read to its end anyway.
		expect(total).toBe('sort' in query && query.sort.includes('content') && 'limit' in query ? 3000 : undefined);
	});

	test('the end of it tells how long it was', async () => {
		const page = await pageOfStream(
			await streamOf(3000),
			new Map([
				['limit', ['50']],
				['offset', ['2990']]
			])
		);
		expect(page.ok && page.value.total).toBe(3000);
	});

	test('a parameter that is none is refused', async () => {
		expect((await pageOfStream(await streamOf(2000), new Map([['limit', ['x']]]))).ok).toBe(false);
	});
});

const sorted = (list: readonly RequestRow[]) =>
	[...list].sort((a, b) => Number(a.content['n']) - Number(b.content['n']));
