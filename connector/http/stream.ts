/**
 * Lists that may be long. What an index knows is asked of the engine (crdt/view-query.ts), everything else is judged row by row
 * with the same filter table (filter.ts), and rows leave as they are read:
 *
 *   query ──▶ conditions on keys ──▶ engine.x.rows ──▶ filterRows, a batch at a time ──▶ the list, or a stream of it
 *
 * A list of at most BUFFERED rows is answered as ever. A longer one leaves in pieces, without an ETag: to know its tag it would
 * have to be read twice. Between two batches other requests have their turn.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { isKey, ok, type Bound, type Query, type Result, type TableName, type Where } from '../../crdt/index.ts';
import { toDto } from '../dto.ts';
import { filterRows, type FilterKind, type FilterTable } from './filter.ts';
import { pageOf } from './page.ts';
import { JSON_TYPE } from './reply.ts';

type Asked = ReadonlyMap<string, readonly string[]>;

/** Rows judged and written at once. */
const BATCH = 256;
/** Rows of a list that is answered whole. */
const BUFFERED = 1024;

// --- what the index knows -----------------------------------------------------------------------------------------------

/** The key an index has for a filter, if any. */
function keyOf(table: TableName, filters: FilterTable, name: string): string | undefined {
	const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
	if (filter === undefined || (filter.kind !== 'value' && filter.kind !== 'attachments')) return undefined;
	if (isKey(table, name)) return name;
	const [path, ...others] = filter.paths ?? [name];
	return path !== undefined && others.length === 0 && isKey(table, path) ? path : undefined;
}

const COMPARISON = /^([<>]=?)(.*)$/s;
/** Neither a value nor a comparison: existence, negation, pattern. */
const isOther = (text: string) => text === '' || /^[!^$~]/.test(text);

/** The tighter of two bounds; `sign` 1: the higher one. */
function tighter(a: Bound | undefined, b: Bound, sign: 1 | -1): Bound {
	if (!a || a.value === b.value) return { ...b, inclusive: b.inclusive && (a?.inclusive ?? true) };
	return (a.value < b.value ? 1 : -1) === sign ? b : a;
}

function rangeOf(key: string, texts: readonly string[]): Where | undefined {
	let from: Bound | undefined;
	let to: Bound | undefined;
	for (const text of texts) {
		const [, sign, value = ''] = COMPARISON.exec(text) ?? [];
		if (sign === undefined) continue;
		const bound = { value, inclusive: sign.endsWith('=') };
		if (sign.startsWith('>')) from = tighter(from, bound, 1);
		else to = tighter(to, bound, -1);
	}
	return from || to ? { key, ...(from && { from }), ...(to && { to }) } : undefined;
}

/** Conditions that hold for every row these values of a filter let pass; maybe for others too. */
function conditionsOf(key: string, kind: FilterKind, given: readonly string[]): Where[] {
	// "Has attachments" is no id of one.
	const texts = kind === 'attachments' ? given.filter((text) => text !== '+') : given;
	const plain = texts.filter((text) => !isOther(text) && !COMPARISON.test(text));
	const hasPattern = texts.some((text) => /^[\^$~]/.test(text));
	const values = key === 'isOwn' ? plain.map((text) => text.toLowerCase()) : plain;
	// Of a key with several values each bound may be met by another one.
	const range = key === 'createdAt' ? rangeOf(key, texts) : undefined;
	return [...(plain.length > 0 && !hasPattern ? [{ key, anyOf: values }] : []), ...(range ? [range] : [])];
}

/** What of the filters an index can answer. */
export const queryOf = (table: TableName, filters: FilterTable, asked: Asked): Query => ({
	where: [...asked].flatMap(([name, texts]) => {
		const key = keyOf(table, filters, name);
		return key === undefined ? [] : conditionsOf(key, filters[name]!.kind, texts);
	})
});

// --- lists --------------------------------------------------------------------------------------------------------------

/** The order an index has rows in anyway. */
type Order = Pick<Query, 'order' | 'descending'>;

/** A list too long to hold; each call of `batches` reads it anew. */
export interface RowStream {
	readonly batches: (order?: Order) => Iterable<Result<readonly unknown[]>>;
	/** Whether it can be read in the order of `createdAt`. */
	readonly isDated: boolean;
}
export const isRowStream = (value: unknown): value is RowStream =>
	typeof value === 'object' && value !== null && 'batches' in value && typeof value.batches === 'function';

function* batchesOf<T>(rows: Iterable<T>, filters: FilterTable, asked: Asked): Generator<Result<readonly T[]>> {
	let batch: T[] = [];
	for (const row of rows) {
		batch.push(row);
		if (batch.length < BATCH) continue;
		yield filterRows(batch, filters, asked);
		batch = [];
	}
	yield filterRows(batch, filters, asked);
}

/** Only what is ours, or only what is not. */
export const ofSide =
	<T extends { readonly isOwn: boolean }>(read: (query: Query) => Iterable<T>, isOwn: boolean) =>
	({ where = [], ...query }: Query): Iterable<T> =>
		read({ ...query, where: [...where, { key: 'isOwn', anyOf: [String(isOwn)] }] });

/** The rows of `read` that pass: a list, or a stream of it when there are many. 400 for a pattern that is none. */
export async function listRows<T>(
	table: TableName,
	read: (query: Query) => Iterable<T>,
	filters: FilterTable,
	asked: Asked
): Promise<Result<readonly T[] | RowStream>> {
	const batches = (order: Order = {}) =>
		batchesOf(read({ ...queryOf(table, filters, asked), ...order }), filters, asked);
	// A relationship is dated, but does not show it.
	const isDated = isKey(table, 'createdAt') && table !== 'relationships';
	const rows: T[] = [];
	for (const batch of batches()) {
		if (!batch.ok) return batch;
		for (const row of batch.value) rows.push(row);
		if (rows.length > BUFFERED) return ok({ batches, isDated });
		await turn();
	}
	return ok(rows);
}

/** A pattern that was fine for the first rows and takes too long for a later one: the answer breaks off. */
function judged(batch: Result<readonly unknown[]>): readonly unknown[] {
	if (!batch.ok) throw new Error(batch.error.message);
	return batch.value;
}

/**
 * The part of a long list that was asked for. How long the whole is is told only when it was read to its end: counting a
 * million rows for each page would cost more than the page. Sorted by anything but its date, a list is read to its end; without
 * a limit it is then held whole.
 */
export async function pageOfStream(
	stream: RowStream,
	asked: Asked
): Promise<Result<{ readonly rows: readonly unknown[] | RowStream; readonly total?: number }>> {
	const checked = pageOf([], asked);
	if (!checked.ok) return checked;
	const [sort, limit, offset] = ['sort', 'limit', 'offset'].map((name) => asked.get(name)?.[0]);
	const from = Number(offset ?? 0);
	const to = limit === undefined ? Infinity : from + Number(limit);
	const order = stream.isDated && sort ? DATED[sort] : undefined;
	if (sort && !order) return sortedPage(stream, asked, sort, to);
	const part = () => windowOf(stream.batches(order), from, to);
	if (to - from > BUFFERED) return ok({ rows: { batches: part, isDated: false } });
	const rows: unknown[] = [];
	for (const batch of part()) {
		rows.push(...judged(batch).map(toDto));
		await turn();
	}
	// Fewer than asked for: it ended there.
	return ok({ rows, ...(rows.length < to - from && rows.length > 0 ? { total: from + rows.length } : {}) });
}

const DATED: { readonly [sort: string]: Order } = {
	createdAt: { order: 'createdAt' },
	'-createdAt': { order: 'createdAt', descending: true }
};

async function sortedPage(
	{ batches }: RowStream,
	asked: Asked,
	sort: string,
	end: number
): Promise<Result<{ readonly rows: readonly unknown[]; readonly total?: number }>> {
	const onlySort = new Map([['sort', [sort]]]);
	let kept: unknown[] = [];
	let total = 0;
	for (const batch of batches()) {
		const rows = judged(batch).map(toDto);
		total += rows.length;
		kept.push(...rows);
		if (kept.length > 2 * end + BUFFERED) kept = first(kept, onlySort, end);
		await turn();
	}
	const page = pageOf(kept, asked);
	if (!page.ok) return page;
	return ok({ rows: page.value.rows, ...(page.value.total === undefined ? {} : { total }) });
}

const first = (rows: readonly unknown[], sort: Asked, count: number): unknown[] => {
	const sorted = pageOf(rows, sort);
	return sorted.ok ? sorted.value.rows.slice(0, count) : [...rows];
};

/** Rows `from` to `to`, read no further. */
function* windowOf(
	batches: Iterable<Result<readonly unknown[]>>,
	from: number,
	to: number
): Generator<Result<readonly unknown[]>> {
	let at = 0;
	if (to <= 0) return;
	for (const batch of batches) {
		const rows = judged(batch);
		yield ok(rows.slice(Math.max(0, from - at), Math.max(0, to - at)));
		at += rows.length;
		if (at >= to) return;
	}
}

/** The envelope in pieces, as fast as the client takes them. */
export function streamAnswer(
	request: Request,
	{ batches }: RowStream,
	headers: Readonly<Record<string, string>>
): Response {
	const all = { 'content-type': JSON_TYPE, ...headers };
	if (request.method === 'HEAD') return new Response(null, { status: 200, headers: all });
	const rest = batches()[Symbol.iterator]();
	const encoder = new TextEncoder();
	let written = 0;
	const body = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				await turn();
				for (;;) {
					const next = rest.next();
					if (next.done) {
						controller.enqueue(encoder.encode(written === 0 ? '{"result":[]}' : ']}'));
						return controller.close();
					}
					const rows = judged(next.value);
					if (rows.length === 0) {
						await turn();
						continue;
					}
					const texts = rows.map((row) => JSON.stringify(toDto(row))).join(',');
					controller.enqueue(encoder.encode((written === 0 ? '{"result":[' : ',') + texts));
					written += rows.length;
					return;
				}
			},
			cancel: () => void rest.return?.()
		},
		{ highWaterMark: 0 }
	);
	return new Response(body, { status: 200, headers: all });
}
