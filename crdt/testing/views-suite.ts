/**
 * What every implementation of Views must do, held equal to a slow reference: a plain list of rows, judged one by one. The
 * rows are requests with everything a key is made of; ids, addresses and dates repeat so that they meet.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches } from '../view-query.ts';
import type { Bound, Query, RequestRow, Views, Where } from '../views.ts';

type Step = { readonly put: RequestRow } | { readonly gone: string } | { readonly turn: true };

const ids = fc.constantFrom(...Array.from({ length: 12 }, (_, i) => `REQ${i}`));
const peers = fc.constantFrom('did:a', 'did:b', 'did:c', 'did:\u0000', 'did:é😀');
const dates = fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z');
const statuses = fc.constantFrom<RequestRow['status']>('Draft', 'Open', 'Completed');
const types = fc.constantFrom('ReadAttributeRequestItem', 'ShareAttributeRequestItem', 'x\u0000y');

const row: fc.Arbitrary<RequestRow> = fc
	.record({
		id: ids,
		isOwn: fc.boolean(),
		peer: peers,
		createdAt: dates,
		status: statuses,
		items: fc.array(types, { maxLength: 3 }),
		reference: fc.option(fc.constantFrom('RLT1', 'MSG1'), { nil: undefined })
	})
	.map(({ items, reference, ...rest }) => ({
		...rest,
		content: { items: items.map((each) => ({ '@type': each })) },
		...(reference === undefined ? {} : { source: { type: 'Message' as const, reference } })
	}));

const steps: fc.Arbitrary<Step[]> = fc.array(
	fc.oneof(
		{ weight: 5, arbitrary: row.map((put) => ({ put })) },
		{ weight: 2, arbitrary: ids.map((gone) => ({ gone })) },
		{ weight: 1, arbitrary: fc.constant({ turn: true } as const) }
	),
	{ maxLength: 40 }
);

const bound: fc.Arbitrary<Bound | undefined> = fc.option(
	fc.record({ value: fc.oneof(dates, fc.constantFrom('2026-01-02', '', 'é')), inclusive: fc.boolean() }),
	{ nil: undefined }
);
const anyOf = (key: string, values: fc.Arbitrary<string>): fc.Arbitrary<Where> =>
	fc.array(values, { maxLength: 3 }).map((each) => ({ key, anyOf: each }));
const where: fc.Arbitrary<Where> = fc.oneof(
	anyOf('id', ids),
	anyOf('peer', peers),
	anyOf('status', statuses),
	anyOf('isOwn', fc.constantFrom('true', 'false', 'neither')),
	anyOf('content.items.@type', types),
	anyOf('source.reference', fc.constantFrom('RLT1', 'MSG1', 'MSG2')),
	fc.tuple(bound, bound).map(([from, to]) => ({ key: 'createdAt', ...(from && { from }), ...(to && { to }) }))
);
const query: fc.Arbitrary<Query> = fc
	.record({
		where: fc.array(where, { maxLength: 3 }),
		order: fc.option(fc.constant('createdAt' as const), { nil: undefined }),
		descending: fc.boolean(),
		limit: fc.option(fc.nat(6), { nil: undefined })
	})
	.map(({ order, limit, ...rest }) => ({ ...rest, ...(order && { order }), ...(limit !== undefined && { limit }) }));

/** The rows as a list, in the order they stand in. */
function reference() {
	let rows: RequestRow[] = [];
	return {
		rows: () => rows,
		put(put: RequestRow) {
			const at = rows.findIndex(({ id }) => id === put.id);
			rows = at < 0 ? [...rows, put] : rows.with(at, put);
		},
		delete(id: string) {
			rows = rows.filter((each) => each.id !== id);
		},
		ask(asked: Query) {
			const found = rows.filter((each) => matches('requests', asked, each));
			if (asked.order) found.sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
			if (asked.descending) found.reverse();
			return found.slice(0, asked.limit);
		}
	};
}

/** `turn` does what an implementation does between steps of a fold: a new layer, a commit, a restart. */
export interface Turning {
	readonly views: () => Views;
	readonly turn: () => void;
	readonly close?: () => void;
}

export function viewsSuite(name: string, make: () => Turning, numRuns = 300): void {
	describe(`views (${name})`, () => {
		test('rows, queries and places are those of a plain list', () => {
			fc.assert(
				fc.property(steps, fc.array(query, { minLength: 1, maxLength: 4 }), (history, queries) => {
					const turning = make();
					const list = reference();
					try {
						for (const step of history) {
							if ('turn' in step) turning.turn();
							else if ('put' in step) {
								turning.views().put('requests', step.put);
								list.put(step.put);
							} else {
								turning.views().delete('requests', step.gone);
								list.delete(step.gone);
							}
						}
						const views = turning.views();
						expect(views.list('requests')).toEqual(list.rows());
						for (const each of list.rows()) expect(views.get('requests', each.id)).toEqual(each);
						for (const asked of queries)
							expect([...views.rows('requests', asked)]).toEqual(list.ask(asked));
						const places = list.rows().map(({ id }) => views.place('requests', id)!);
						expect(places).toEqual([...places].sort((a, b) => a - b));
						expect(places.every((place) => place < views.ceiling)).toBe(true);
						expect(views.get('requests', 'REQ99')).toBeUndefined();
						expect(views.place('requests', 'REQ99')).toBeUndefined();
					} finally {
						turning.close?.();
					}
				}),
				{ numRuns }
			);
		});

		test('what is read while it is changed is what there was, or newer', () => {
			const { views, turn, close } = make();
			const made = (id: string): RequestRow => ({
				id,
				isOwn: true,
				peer: 'did:a',
				createdAt: '2026-01-01T00:00:00.000Z',
				status: 'Open',
				content: {}
			});
			for (let i = 0; i < 700; i++) views().put('requests', made(`REQ${i}`));
			turn();
			for (const asked of [{}, { where: [{ key: 'peer', anyOf: ['did:a'] }] }] satisfies Query[]) {
				const seen = new Set<string>();
				for (const { id } of views().rows('requests', asked)) {
					expect(seen.has(id)).toBe(false);
					seen.add(id);
					views().put('requests', { ...views().get('requests', id)!, status: 'Completed' });
					views().put('requests', made(`more-${asked.where ? 'a' : 'b'}-${id}`));
				}
				expect(seen.size).toBeGreaterThanOrEqual(700);
			}
			close?.();
		});

		test('a key nobody declared is a mistake, not an empty answer', () => {
			const { views, close } = make();
			views().put('held', { id: 'MSG1', relationshipId: 'REL1' } as never);
			expect(() => [...views().rows('held', { where: [{ key: 'device', anyOf: ['x'] }] })]).toThrow('held');
			close?.();
		});
	});
}
