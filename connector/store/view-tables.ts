/**
 * Tables of rows in SQLite, each with one index for all of its keys:
 *
 *   r_<table> (n INTEGER PRIMARY KEY, id UNIQUE, row)      n = place; row = JSON text, or a V8 blob where there are bytes
 *   x_<table> (k, v, n) PRIMARY KEY, WITHOUT ROWID         k = number of the key, v = [side] value
 *
 * Tables whose lists show one side only (requests asked, requests we were asked) have the side in front of each value, so that
 * the other side's rows cost nothing.
 *
 * A query is answered by the condition that fits the fewest rows, found out by looking at no more than `probe` entries of each;
 * the other conditions are judged on the rows it gives. Where every condition fits more, rows are read page by page.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { deserialize, serialize } from 'node:v8';
import {
	KEYS,
	matches,
	orderOf,
	PLACES_PER_LEVEL,
	SIDES,
	isKey,
	valuesOf,
	type Bound,
	type Change,
	type Placed,
	type Query,
	type TableName,
	type Tables,
	type Views,
	type Where
} from '../../crdt/index.ts';

/** Changes with the shape of tables and values. */
export const LAYOUT = 'views 1';
export interface Bounds {
	/** Index entries looked at per condition; up to that many rows are taken at once and put in order in memory. */
	readonly probe: number;
	/** Rows read at once while streaming. */
	readonly page: number;
}
export const BOUNDS: Bounds = { probe: 4096, page: 256 };

type Row = Tables[TableName];
type Cell = string | Uint8Array;

const hasBytes = (value: unknown): boolean =>
	typeof value === 'object' &&
	value !== null &&
	(value instanceof Uint8Array ||
		(Array.isArray(value) ? value.some(hasBytes) : Object.values(value).some(hasBytes)));
const encode = (row: Row): Cell => (hasBytes(row) ? serialize(row) : JSON.stringify(row));
const decode = (cell: unknown): Row =>
	(typeof cell === 'string' ? JSON.parse(cell) : deserialize(cell as Uint8Array)) as Row;

const sideOf = (table: TableName, value: string): string => String(SIDES[table]!.values.indexOf(value));
/** The sides a query asks for. */
function askedSides(table: TableName, where: readonly Where[]): readonly string[] {
	const side = SIDES[table];
	if (!side) return [''];
	return side.values
		.filter((value) =>
			where.every((each) => each.key !== side.key || !('anyOf' in each) || each.anyOf.includes(value))
		)
		.map((value) => sideOf(table, value));
}

/** A stretch of the values of one key. */
interface Span {
	readonly sql: string;
	readonly values: readonly string[];
}
const exactly = (value: string): Span => ({ sql: 'v = ?', values: [value] });
const bounded = (side: string, from: Bound | undefined, to: Bound | undefined): Span => {
	const parts: [string, string][] = [];
	if (from) parts.push([from.inclusive ? 'v >= ?' : 'v > ?', side + from.value]);
	else if (side) parts.push(['v >= ?', side]);
	if (to) parts.push([to.inclusive ? 'v <= ?' : 'v < ?', side + to.value]);
	else if (side) parts.push(['v < ?', String(Number(side) + 1)]);
	return { sql: parts.map(([sql]) => sql).join(' AND ') || '1', values: parts.map(([, value]) => value) };
};
const spansOf = (asked: readonly string[], where: Where): Span[] =>
	asked.flatMap((side) =>
		'anyOf' in where
			? [...new Set(where.anyOf)].map((value) => exactly(side + value))
			: [bounded(side, where.from, where.to)]
	);

/** One condition as the index knows it. */
interface Condition {
	readonly k: number;
	readonly spans: readonly Span[];
}

/** The tables of a database. `watched` sees every failure. */
export function createTables(
	database: DatabaseSync,
	watched: <T>(work: () => T) => T,
	{ probe, page: pageSize }: Bounds
) {
	const statements = new Map<string, StatementSync>();
	const made = new Set<TableName>();

	function prepared(sql: string): StatementSync {
		let statement = statements.get(sql);
		if (!statement) statements.set(sql, (statement = database.prepare(sql)));
		return statement;
	}
	const all = (sql: string, ...values: SQLInputValue[]) => watched(() => prepared(sql).all(...values));
	const one = (sql: string, ...values: SQLInputValue[]) => watched(() => prepared(sql).get(...values));
	const run = (sql: string, ...values: SQLInputValue[]) => prepared(sql).run(...values);

	/** Makes the tables of a name that is used for the first time. */
	function named(table: TableName): TableName {
		if (made.has(table)) return table;
		watched(() =>
			database.exec(`
				CREATE TABLE IF NOT EXISTS r_${table} (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, row NOT NULL);
				CREATE TABLE IF NOT EXISTS x_${table} (k INTEGER NOT NULL, v TEXT NOT NULL, n INTEGER NOT NULL,
					PRIMARY KEY (k, v, n)) WITHOUT ROWID;
			`)
		);
		made.add(table);
		return table;
	}

	// --- writing ----------------------------------------------------------------------------------------------------

	/** Index entries of a row: [key number, value]. */
	function entriesOf(table: TableName, row: Row): [number, string][] {
		const side = SIDES[table] ? sideOf(table, valuesOf(table, SIDES[table]!.key, row)[0] ?? '') : '';
		return Object.keys(KEYS[table] ?? {}).flatMap((key, k) =>
			valuesOf(table, key, row).map((value): [number, string] => [k, side + value])
		);
	}

	function reindex(table: TableName, n: number, old: Row | undefined, row: Row | null): void {
		const name = ([k, v]: [number, string]) => `${k} ${v}`;
		const before = new Map((old ? entriesOf(table, old) : []).map((entry) => [name(entry), entry]));
		const after = new Map((row ? entriesOf(table, row) : []).map((entry) => [name(entry), entry]));
		for (const [key, [k, v]] of before)
			if (!after.has(key)) run(`DELETE FROM x_${table} WHERE k = ? AND v = ? AND n = ?`, k, v, n);
		for (const [key, [k, v]] of after)
			if (!before.has(key)) run(`INSERT INTO x_${table} (k, v, n) VALUES (?, ?, ?)`, k, v, n);
	}

	function writeOne({ table, id, place, row }: Change): void {
		named(table);
		const known = prepared(`SELECT n, row FROM r_${table} WHERE id = ?`).get(id);
		const n = known && Number(known['n']);
		const stays = n !== undefined && row !== null && n === place;
		if (known && n !== undefined && !stays) {
			run(`DELETE FROM r_${table} WHERE n = ?`, n);
			reindex(table, n, decode(known['row']), null);
		}
		if (row === null) return;
		if (stays) {
			run(`UPDATE r_${table} SET row = ? WHERE n = ?`, encode(row), place);
			return reindex(table, place, decode(known!['row']), row);
		}
		const { lastInsertRowid } = run(
			`INSERT INTO r_${table} (n, id, row) VALUES ((SELECT coalesce(max(n), 0) + 1 FROM r_${table}), ?, ?)`,
			id,
			encode(row)
		);
		reindex(table, Number(lastInsertRowid), undefined, row);
	}

	/** All changes or none. New rows stand at the end, in the order of their places. */
	function write(changes: readonly Change[]): void {
		for (const table of new Set(changes.map((change) => change.table))) named(table);
		database.exec('BEGIN IMMEDIATE');
		try {
			for (const change of changes) writeOne(change);
			database.exec('COMMIT');
		} catch (error) {
			if (database.isTransaction) database.exec('ROLLBACK');
			throw error;
		}
	}

	// --- reading ----------------------------------------------------------------------------------------------------

	/** How many entries a condition has, as far as `probe`. */
	function probed(table: TableName, { k, spans }: Condition): number {
		let count = 0;
		for (const { sql, values } of spans) {
			if (count >= probe) break;
			const counted = `SELECT count(*) AS c FROM (SELECT 1 FROM x_${table} WHERE k = ? AND ${sql} LIMIT ?)`;
			count += Number(one(counted, k, ...values, probe - count)?.['c']);
		}
		return count;
	}

	/** Rows of a few entries, put in order. */
	function* few<T extends TableName>(table: T, query: Query, ns: readonly number[]): Generator<Placed<T>> {
		const rows = function* (): Generator<Placed<T>> {
			for (const n of ns) {
				const found = one(`SELECT row FROM r_${table} WHERE n = ?`, n);
				const row = found && decode(found['row']);
				if (row && matches(table, query, row)) yield { place: n, row: row as Tables[T] };
			}
		};
		if (!query.order) return yield* rows();
		const dated = Array.from(rows(), (each) => ({ each, at: orderOf(table, each.row) ?? '' }));
		dated.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.each.place - b.each.place));
		if (query.descending) dated.reverse();
		for (const { each } of dated) yield each;
	}

	/** Rows in the order of their places: all, or those of one value. */
	function* paged<T extends TableName>(
		table: T,
		query: Query,
		last: number,
		by: { k: number; v: string } | undefined
	): Generator<Placed<T>> {
		const [sign, direction] = query.descending ? ['<', 'DESC'] : ['>', 'ASC'];
		const sql = by
			? `SELECT r.n, r.row FROM x_${table} x CROSS JOIN r_${table} r ON r.n = x.n
				WHERE x.k = ? AND x.v = ? AND x.n ${sign} ? AND x.n <= ? ORDER BY x.n ${direction} LIMIT ${pageSize}`
			: `SELECT n, row FROM r_${table} WHERE n ${sign} ? AND n <= ? ORDER BY n ${direction} LIMIT ${pageSize}`;
		for (let after = query.descending ? last + 1 : 0; ;) {
			const page = all(sql, ...(by ? [by.k, by.v] : []), after, last);
			for (const found of page) {
				const row = decode(found['row']);
				if (matches(table, query, row)) yield { place: Number(found['n']), row: row as Tables[T] };
			}
			if (page.length < pageSize) return;
			after = Number(page.at(-1)!['n']);
		}
	}

	/** Rows of one side in the order of their dates. */
	function* dated<T extends TableName>(table: T, query: Query, last: number, side: string) {
		const k = Object.keys(KEYS[table] ?? {}).indexOf('createdAt');
		const [sign, direction] = query.descending ? ['<', 'DESC'] : ['>', 'ASC'];
		const sql = `SELECT x.v, r.n, r.row FROM x_${table} x CROSS JOIN r_${table} r ON r.n = x.n
			WHERE x.k = ? AND (x.v, x.n) ${sign} (?, ?) AND x.v >= ? AND x.v < ? AND x.n <= ?
			ORDER BY x.v ${direction}, x.n ${direction} LIMIT ${pageSize}`;
		const end = side ? String(Number(side) + 1) : '\u{10ffff}';
		let [v, n] = query.descending ? [end, last + 1] : [side, 0];
		for (;;) {
			const page = all(sql, k, v, n, side, end, last);
			for (const found of page) {
				const row = decode(found['row']);
				if (!matches(table, query, row)) continue;
				const placed: Placed<T> = { place: Number(found['n']), row: row as Tables[T] };
				yield { placed, at: String(found['v']).slice(side.length) };
			}
			if (page.length < pageSize) return;
			[v, n] = [String(page.at(-1)!['v']), Number(page.at(-1)!['n'])];
		}
	}

	/** Several sides as one list by date. */
	function* byDate<T extends TableName>(table: T, query: Query, last: number): Generator<Placed<T>> {
		const streams = askedSides(table, query.where ?? []).map((side) => dated(table, query, last, side));
		const heads = streams.map((stream) => stream.next());
		for (;;) {
			let best = -1;
			for (const [i, head] of heads.entries()) {
				if (head.done) continue;
				const other = heads[best];
				if (best < 0 || !other || other.done) best = i;
				else {
					const order =
						head.value.at < other.value.at
							? -1
							: head.value.at > other.value.at
								? 1
								: head.value.placed.place - other.value.placed.place;
					if (query.descending ? order > 0 : order < 0) best = i;
				}
			}
			const head = heads[best];
			if (!head || head.done) return;
			yield head.value.placed;
			heads[best] = streams[best]!.next();
		}
	}

	/** Entries of a condition that few rows meet. */
	function nsOf(table: TableName, { k, spans }: Condition, last: number, descending: boolean): number[] {
		const found = spans.flatMap(({ sql, values }) =>
			all(`SELECT n FROM x_${table} WHERE k = ? AND ${sql} AND n <= ?`, k, ...values, last)
		);
		const ns = [...new Set(found.map((each) => Number(each['n'])))].sort((a, b) => a - b);
		return descending ? ns.reverse() : ns;
	}

	function scan<T extends TableName>(table: T, query: Query = {}): Iterable<Placed<T>> {
		named(table);
		const { where = [], order, descending = false, limit } = query;
		const last = Number(one(`SELECT coalesce(max(n), 0) AS n FROM r_${table}`)?.['n']);
		for (const { key } of where)
			if (!isKey(table, key)) throw new Error(`rows of ${table} cannot be asked for by ${key}`);
		const byId = where.find((each) => each.key === 'id' && 'anyOf' in each);
		if (byId && 'anyOf' in byId) {
			const ns = [...new Set(byId.anyOf)].flatMap((id) => place(table, id) ?? []).sort((a, b) => a - b);
			return limited(few(table, query, descending ? ns.reverse() : ns), limit);
		}
		const names = Object.keys(KEYS[table] ?? {});
		const asked = askedSides(table, where);
		const best = where
			.filter(({ key }) => key !== 'id')
			.map((each): Condition => ({ k: names.indexOf(each.key), spans: spansOf(asked, each) }))
			.map((condition) => ({ condition, count: probed(table, condition) }))
			.reduce<{ condition: Condition; count: number } | undefined>(
				(a, b) => (a && cheaper(a, b) ? a : b),
				undefined
			);
		if (best && best.count < probe)
			return limited(few(table, query, nsOf(table, best.condition, last, descending)), limit);
		if (order) return limited(byDate(table, query, last), limit);
		const [span, ...others] = best?.condition.spans ?? [];
		const by =
			span?.sql === 'v = ?' && others.length === 0 ? { k: best!.condition.k, v: span.values[0]! } : undefined;
		return limited(paged(table, query, last, by), limit);
	}
	/** Fewer rows; of two that fit many, one value rather than a stretch. */
	const cheaper = (
		a: { condition: Condition; count: number },
		b: { condition: Condition; count: number }
	): boolean =>
		a.count === b.count
			? a.condition.spans.length === 1 && a.condition.spans[0]!.sql === 'v = ?'
			: a.count < b.count;

	function place(table: TableName, id: string): number | undefined {
		const found = one(`SELECT n FROM r_${named(table)} WHERE id = ?`, id);
		return found && Number(found['n']);
	}

	/** What the file holds; nothing is put here but by `write`. */
	const views: Views = {
		ceiling: PLACES_PER_LEVEL,
		get<T extends TableName>(table: T, id: string) {
			const found = one(`SELECT row FROM r_${named(table)} WHERE id = ?`, id);
			return found && (decode(found['row']) as Tables[T]);
		},
		put: readOnly,
		delete: readOnly,
		list: (table) => Array.from(scan(table), ({ row }) => row),
		*rows(table, query) {
			for (const { row } of scan(table, query)) yield row;
		},
		scan,
		place
	};
	return { views, write };
}

function readOnly(): never {
	throw new Error('rows are written at commit only');
}

function* limited<T>(rows: Iterable<T>, limit = Infinity): Generator<T> {
	let left = limit;
	if (left <= 0) return;
	for (const row of rows) {
		yield row;
		if (--left <= 0) return;
	}
}
