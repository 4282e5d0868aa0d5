/** Lists as they are needed: rows as a group shows them, one after the other. */
import type { Query } from '../../views.ts';

/** What `show` makes of the rows `read` gives; what is undefined is not shown, and does not count for the limit. */
export function* shownAs<T, R>(
	{ limit = Infinity, ...query }: Query,
	read: (query: Query) => Iterable<T>,
	show: (row: T) => R | undefined
): Generator<R> {
	let left = limit;
	if (left <= 0) return;
	for (const row of read(query)) {
		const shown = show(row);
		if (shown === undefined) continue;
		yield shown;
		if (--left <= 0) return;
	}
}
