/**
 * Pages and order of lists: optional parameters beyond the original that change nothing when absent.
 *
 *   sort=createdAt   sort=-createdAt,id    by members (dotted paths), `-` descending; rows without the member last
 *   offset=100       limit=50              a part of the list; `x-total-count` tells how long the whole one is (long ones: stream.ts)
 */
import { ok, type Result } from '../../crdt/index.ts';
import { invalidValue } from './schema.ts';

export const PAGE_OPTIONS = {
	limit: 'At most this many rows',
	offset: 'Without the first rows',
	sort: 'Members to sort by, separated by commas, `-` for descending'
} as const;

type Query = ReadonlyMap<string, readonly string[]>;
const MAX_SORT_MEMBERS = 4;

function countOf(query: Query, name: string): Result<number | undefined> {
	const text = query.get(name)?.[0];
	if (text === undefined) return ok(undefined);
	return /^\d{1,9}$/.test(text) ? ok(Number(text)) : invalidValue(`${name} must be integer`);
}

const memberAt = (row: unknown, path: readonly string[]): unknown =>
	path.reduce<unknown>(
		(value, name) =>
			typeof value === 'object' && value !== null && Object.hasOwn(value, name)
				? (value as Record<string, unknown>)[name]
				: undefined,
		row
	);

type Key = string | number | undefined;
const keyOf = (value: unknown): Key =>
	typeof value === 'string' || typeof value === 'number'
		? value
		: typeof value === 'boolean'
			? Number(value)
			: undefined;

/** Numbers before texts, missing ones last whatever the direction. */
function compare(a: Key, b: Key, sign: 1 | -1): number {
	if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
	if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
	return a < b ? -sign : a > b ? sign : 0;
}

function sorted(rows: readonly unknown[], by: string): Result<readonly unknown[]> {
	const members = by.split(',').map((name) => name.trim());
	if (members.length > MAX_SORT_MEMBERS || members.some((name) => !/^-?[@A-Za-z][@A-Za-z0-9.]*$/.test(name)))
		return invalidValue(`sort must name up to ${MAX_SORT_MEMBERS} members`);
	const orders = members.map((name) => ({
		path: name.replace(/^-/, '').split('.'),
		sign: name.startsWith('-') ? (-1 as const) : (1 as const)
	}));
	const keyed = rows.map((row) => ({ row, keys: orders.map(({ path }) => keyOf(memberAt(row, path))) }));
	keyed.sort((a, b) => {
		for (const [index, { sign }] of orders.entries()) {
			const order = compare(a.keys[index], b.keys[index], sign);
			if (order !== 0) return order;
		}
		return 0;
	});
	return ok(keyed.map(({ row }) => row));
}

/** The asked part of a list in the asked order, and how many rows there are in all; 400 for a parameter that is none. */
export function pageOf(
	rows: readonly unknown[],
	query: Query
): Result<{ readonly rows: readonly unknown[]; readonly total?: number }> {
	const by = query.get('sort')?.[0];
	const limit = countOf(query, 'limit');
	if (!limit.ok) return limit;
	const offset = countOf(query, 'offset');
	if (!offset.ok) return offset;
	const ordered = by === undefined || by === '' ? ok(rows) : sorted(rows, by);
	if (!ordered.ok) return ordered;
	if (limit.value === undefined && offset.value === undefined) return ok({ rows: ordered.value });
	const from = offset.value ?? 0;
	const to = limit.value === undefined ? undefined : from + limit.value;
	return ok({ rows: ordered.value.slice(from, to), total: rows.length });
}
