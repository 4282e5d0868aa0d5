/** The page's copy of what mirror.ts keeps: applies a delta, gives new lists only for the tables that changed. */
import type { Delta, RowTable, RowTables } from './api.ts';

export type Rows = { readonly [T in RowTable]: readonly RowTables[T][] };

const TABLES: { readonly [T in RowTable]: true } = {
	relationships: true,
	messages: true,
	incoming: true,
	outgoing: true,
	attributes: true,
	forwardings: true,
	templates: true,
	attention: true,
	files: true
};
const tables = Object.keys(TABLES) as RowTable[];

export const noRows = Object.fromEntries(tables.map((table) => [table, []])) as unknown as Rows;

export interface RowCopy {
	/** The changed lists; undefined when none changed. */
	take(delta: Delta): Partial<Rows> | undefined;
}

export function createRowCopy(): RowCopy {
	const byTable = new Map(tables.map((table) => [table, new Map<string, RowTables[RowTable]>()]));
	return {
		take(delta) {
			const changed: Record<string, readonly RowTables[RowTable][]> = {};
			for (const table of tables) {
				const news = delta.rows[table];
				const rows = byTable.get(table)!;
				if (delta.reset) rows.clear();
				else if (!news) continue;
				for (const row of news?.put ?? []) rows.set(row.id, row);
				for (const id of news?.gone ?? []) rows.delete(id);
				changed[table] = [...rows.values()];
			}
			return Object.keys(changed).length ? (changed as Partial<Rows>) : undefined;
		}
	};
}
