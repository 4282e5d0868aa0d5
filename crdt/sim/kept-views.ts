/** Views that survive a crash as a file's do: what was committed is there, the step under way is gone. */
import { memoryViews } from '../memory-views.ts';
import type { KeptViews, Views } from '../views.ts';

/** A file of rows: whoever holds it sees what was committed. */
export interface RowFile {
	rows: Views;
}

export function keptViews(file: RowFile): KeptViews {
	let layer = memoryViews(file.rows);
	return {
		ceiling: layer.ceiling,
		get: (table, id) => layer.get(table, id),
		put: (table, row) => layer.put(table, row),
		delete: (table, id) => layer.delete(table, id),
		list: (table) => layer.list(table),
		rows: (table, query) => layer.rows(table, query),
		scan: (table, query) => layer.scan(table, query),
		place: (table, id) => layer.place(table, id),
		commit() {
			for (const { table, id, place, row } of layer.changes()) {
				if (!row || file.rows.place(table, id) !== place) file.rows.delete(table, id);
				if (row) file.rows.put(table, row);
			}
			layer = memoryViews(file.rows);
		},
		reset() {
			file.rows = memoryViews();
			layer = memoryViews(file.rows);
		}
	};
}
