/**
 * Rows that every request of an account touches, kept at hand: read once, changed in memory during a transaction, written
 * once before it commits. Follows savepoints; what a transaction that failed changed is forgotten. Right only because one
 * process owns the file.
 */
export interface Rows<K, V> {
	get(key: K): V | undefined;
	put(key: K, row: V): void;
	/** The row is gone from the table: nothing of it is written any more. */
	drop(key: K): void;
	/** Before the commit: writes what changed. */
	flush(): void;
	/** After the commit, or when the transaction failed. */
	settle(committed: boolean): void;
	mark(): number;
	rollBackTo(mark: number): void;
	/** The table was changed behind our back. Only while nothing is changed here. */
	forget(): void;
}

export function createRows<K, V>(ports: {
	readonly nameOf: (key: K) => string;
	readonly read: (key: K) => V | undefined;
	readonly write: (key: K, row: V) => void;
	readonly bound: number;
}): Rows<K, V> {
	const { nameOf, read, write, bound } = ports;
	const rows = new Map<string, V>();
	const changed = new Map<string, K>();
	/** What a name held before each change, newest last. */
	let undo: { name: string; row: V | undefined; changed: K | undefined }[] = [];

	function keep(name: string, row: V): void {
		if (rows.size >= bound && !rows.has(name)) {
			for (const oldest of rows.keys()) {
				if (changed.has(oldest)) continue;
				rows.delete(oldest);
				break;
			}
		}
		rows.set(name, row);
	}

	const remember = (name: string) => undo.push({ name, row: rows.get(name), changed: changed.get(name) });

	return {
		get(key) {
			const name = nameOf(key);
			const known = rows.get(name);
			if (known !== undefined) return known;
			const row = read(key);
			if (row !== undefined) keep(name, row);
			return row;
		},
		put(key, row) {
			const name = nameOf(key);
			remember(name);
			keep(name, row);
			changed.set(name, key);
		},
		drop(key) {
			const name = nameOf(key);
			remember(name);
			rows.delete(name);
			changed.delete(name);
		},
		flush() {
			for (const [name, key] of changed) write(key, rows.get(name)!);
		},
		settle(committed) {
			if (!committed) for (const { name } of undo) rows.delete(name);
			changed.clear();
			undo = [];
		},
		mark: () => undo.length,
		rollBackTo(mark) {
			for (const { name, row, changed: was } of undo.splice(mark).reverse()) {
				if (row === undefined) rows.delete(name);
				else rows.set(name, row);
				if (was === undefined) changed.delete(name);
				else changed.set(name, was);
			}
		},
		forget: () => rows.clear()
	};
}
