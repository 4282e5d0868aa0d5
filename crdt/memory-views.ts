/**
 * Views in memory: alone, or as a layer on top of others that stay untouched. A layer holds only what it touched:
 *
 *   top    { A: row′ (A's place), B: gone, D: row (own place) }        A′ C D
 *   below    A  B  C                                                   ──────
 *
 * Alone it keeps an index for each key that was ever asked for by value, so that a fold over many rows stays linear.
 */
import { matches, orderOf, valuesOf } from './view-query.ts';
import type { Placed, Query, TableName, Tables, Views, Where } from './views.ts';

/** More places than a level will ever need; few levels lie on top of each other. */
export const PLACES_PER_LEVEL = 2 ** 44;

type Row = Tables[TableName];
interface Entry {
	readonly place: number;
	/** When it came to lie here, counted: what is read while rows change shows what was there when it began. */
	readonly since: number;
	/** Null: it is below, and gone from here. */
	readonly row: Row | null;
}

/** A row that was put since a layer was made, or one of `below` that is gone (null). */
export interface Change {
	readonly table: TableName;
	readonly id: string;
	readonly place: number;
	readonly row: Tables[TableName] | null;
}
export interface Layer extends Views {
	/** What differs from below, by table, in the order of places. */
	changes(): Change[];
	/** The row is again what it is below. */
	forget(table: TableName, id: string): void;
}

/** `below`'s rows with what was put and deleted here. */
export function memoryViews(below?: Views): Layer {
	const tables = new Map<TableName, Map<string, Entry>>();
	const floor = below?.ceiling ?? 0;
	const indexes = new Map<string, ReturnType<typeof makeIndex>>();
	let count = 0;
	let moves = 0;

	function entriesOf(table: TableName): Map<string, Entry> {
		let entries = tables.get(table);
		if (!entries) tables.set(table, (entries = new Map()));
		return entries;
	}

	/** Where a row put now stands: where it stood, unless it is new or comes back. */
	function placeOf(table: TableName, id: string, mine: Entry | undefined): number {
		const known = mine ? (mine.row ? mine.place : undefined) : below?.place(table, id);
		return known ?? floor + ++count;
	}

	function indexOf(table: TableName, key: string) {
		const name = `${table} ${key}`;
		const known = indexes.get(name);
		if (known) return known;
		const made = makeIndex(table, key);
		for (const { row } of entriesOf(table).values()) if (row) made.add(row);
		indexes.set(name, made);
		return made;
	}
	function reindex(table: TableName, old: Row | null | undefined, row: Row | null): void {
		for (const index of indexes.values()) {
			if (index.table !== table) continue;
			if (old) index.remove(old);
			if (row) index.add(row);
		}
	}

	/** Rows of this level that may match, by an index where one helps. */
	function candidates(table: TableName, where: readonly Where[]): Entry[] {
		const entries = entriesOf(table);
		const found = where.flatMap((each) => ('anyOf' in each ? [idsOf(table, each)] : []));
		if (found.length === 0) return [...entries.values()];
		const size = (lists: readonly ReadonlySet<string>[]) => lists.reduce((sum, list) => sum + list.size, 0);
		const fewest = found.reduce((a, b) => (size(a) <= size(b) ? a : b));
		const ids = new Set(fewest.flatMap((list) => [...list]));
		return [...ids].flatMap((id) => entries.get(id) ?? []).sort((a, b) => a.place - b.place);
	}

	/** By value asked for; nothing is copied. */
	const idsOf = (table: TableName, { key, anyOf }: Extract<Where, { anyOf: readonly string[] }>) =>
		key === 'id' ? [new Set(anyOf)] : anyOf.map((value) => indexOf(table, key).ids(value));

	function* scanHere<T extends TableName>(table: T, query: Query): Generator<Placed<T>> {
		for (const { place, row } of candidates(table, query.where ?? []))
			if (row && matches(table, query, row)) yield { place, row: row as Tables[T] };
	}

	function scan<T extends TableName>(table: T, query: Query = {}): Iterable<Placed<T>> {
		const entries = entriesOf(table);
		if (below && entries.size === 0) return below.scan(table, query);
		const here = [...scanHere(table, query)];
		// A layer's own rows need not stand in the order of their places.
		if (below || query.order || query.descending) here.sort((a, b) => compare(table, query, a, b));
		if (!below) return limited(here, query.limit);
		const begun = moves;
		const isTouched = (id: string) => (entries.get(id)?.since ?? Infinity) <= begun;
		const { limit, ...unlimited } = query;
		return limited(merged(table, query, without(below.scan(table, unlimited), isTouched), here), limit);
	}

	return {
		ceiling: floor + PLACES_PER_LEVEL,
		get<T extends TableName>(table: T, id: string) {
			const mine = tables.get(table)?.get(id);
			return mine === undefined ? below?.get(table, id) : ((mine.row ?? undefined) as Tables[T] | undefined);
		},
		put(table, row) {
			const entries = entriesOf(table);
			const mine = entries.get(row.id);
			const entry = { place: placeOf(table, row.id, mine), since: mine?.since ?? ++moves, row };
			if (mine && mine.place !== entry.place) entries.delete(row.id);
			entries.set(row.id, entry);
			reindex(table, mine?.row, row);
		},
		delete(table, id) {
			const entries = entriesOf(table);
			const mine = entries.get(id);
			reindex(table, mine?.row, null);
			const place = below?.place(table, id);
			if (place === undefined) entries.delete(id);
			else entries.set(id, { place, since: mine?.since ?? ++moves, row: null });
		},
		place(table, id) {
			const mine = tables.get(table)?.get(id);
			return mine ? (mine.row ? mine.place : undefined) : below?.place(table, id);
		},
		list: (table) => rowsOf(scan(table)),
		rows: (table, query) => unplaced(scan(table, query)),
		scan,
		forget(table, id) {
			reindex(table, tables.get(table)?.get(id)?.row, null);
			tables.get(table)?.delete(id);
		},
		changes: () =>
			[...tables].flatMap(([table, entries]) =>
				[...entries]
					.map(([id, { place, row }]): Change => ({ table, id, place, row }))
					.sort((a, b) => a.place - b.place)
			)
	};
}

const rowsOf = <T extends TableName>(placed: Iterable<Placed<T>>): Tables[T][] => Array.from(placed, ({ row }) => row);

function* unplaced<T extends TableName>(placed: Iterable<Placed<T>>): Generator<Tables[T]> {
	for (const { row } of placed) yield row;
}

const NONE: ReadonlySet<string> = new Set();

/** Ids by value of one key. */
function makeIndex(table: TableName, key: string) {
	const idsByValue = new Map<string, Set<string>>();
	return {
		table,
		ids: (value: string): ReadonlySet<string> => idsByValue.get(value) ?? NONE,
		add(row: Row) {
			for (const value of valuesOf(table, key, row)) {
				const ids = idsByValue.get(value);
				if (ids) ids.add(row.id);
				else idsByValue.set(value, new Set([row.id]));
			}
		},
		remove(row: Row) {
			for (const value of valuesOf(table, key, row)) {
				const ids = idsByValue.get(value);
				ids?.delete(row.id);
				if (ids?.size === 0) idsByValue.delete(value);
			}
		}
	};
}

/** Negative when `a` comes first. */
function compare(table: TableName, { order, descending }: Query, a: Placed<TableName>, b: Placed<TableName>): number {
	const [x, y] = order ? [orderOf(table, a.row) ?? '', orderOf(table, b.row) ?? ''] : ['', ''];
	const ascending = x < y ? -1 : x > y ? 1 : a.place - b.place;
	return descending ? -ascending : ascending;
}

function* without<T extends TableName>(
	rows: Iterable<Placed<T>>,
	isTouched: (id: string) => boolean
): Generator<Placed<T>> {
	for (const each of rows) if (!isTouched(each.row.id)) yield each;
}

/** Two ordered lists as one. */
function* merged<T extends TableName>(
	table: T,
	query: Query,
	one: Iterable<Placed<T>>,
	other: Iterable<Placed<T>>
): Generator<Placed<T>> {
	const waiting = other[Symbol.iterator]();
	let next = waiting.next();
	for (const each of one) {
		for (; !next.done && compare(table, query, next.value, each) < 0; next = waiting.next()) yield next.value;
		yield each;
	}
	for (; !next.done; next = waiting.next()) yield next.value;
}

function* limited<T extends TableName>(rows: Iterable<Placed<T>>, limit = Infinity): Generator<Placed<T>> {
	let left = limit;
	if (left <= 0) return;
	for (const row of rows) {
		yield row;
		if (--left <= 0) return;
	}
}
