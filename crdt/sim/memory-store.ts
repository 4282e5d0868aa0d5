/**
 * A Store in memory that behaves like a disk: what `write` resolved is durable, a crash (`fork`) keeps exactly that. Every
 * call passes `gate`, where the simulation lets time pass or the device die.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { Store, StoredKey } from '../ports.ts';

export interface MemoryStore extends Store {
	/** What a restarted device finds. */
	readonly disk: { readonly rows: Map<string, Map<string, Bytes>>; readonly secrets: Map<string, StoredKey> };
}

export function createMemoryStore(
	disk: MemoryStore['disk'] = { rows: new Map(), secrets: new Map() },
	gate: () => Promise<void> = async () => undefined
): MemoryStore {
	const tableOf = (table: string) => {
		let rows = disk.rows.get(table);
		if (!rows) disk.rows.set(table, (rows = new Map()));
		return rows;
	};
	return {
		disk,
		get: async (table, key) => tableOf(table).get(key)?.slice(),
		range: async (table, from = '', to = '\uffff', limit = Number.POSITIVE_INFINITY) =>
			[...tableOf(table)]
				.filter(([key]) => key >= from && key < to)
				.sort(([a], [b]) => (a < b ? -1 : 1))
				.slice(0, limit)
				.map(([key, value]) => [key, value.slice()] as [string, Bytes]),
		async write(batch) {
			await gate();
			for (const write of batch) {
				if ('secret' in write) {
					if (write.value === null) disk.secrets.delete(write.secret);
					else disk.secrets.set(write.secret, write.value);
				} else if (write.value === null) tableOf(write.table).delete(write.key);
				else tableOf(write.table).set(write.key, new Uint8Array(write.value));
			}
		},
		secret: async (name) => disk.secrets.get(name),
		close: async () => undefined
	};
}
