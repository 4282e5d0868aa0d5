/**
 * The engine's Store in a browser: one IndexedDB per profile, every value sealed.
 *
 *   rows     [table, key] → IV 12 ‖ AES-256-GCM(VK, value), AAD = table ‖ 0 ‖ key: a row moved elsewhere does not open
 *   secrets  name → CryptoKey(s) as they are (non-extractable), byte secrets sealed like a row
 *
 * VK is a non-extractable CryptoKey kept in `secrets`: the browser uses it, script cannot read it, a copy of the files without
 * the browser's own key store says nothing. (Whoever can run an unlocked browser profile can open it: THREATS.md.)
 *
 * Be careful of: crypto is never awaited inside a transaction (Firefox closes it, Chromium hides the bug until it is slow), so
 * values are sealed first; batches are applied in the order they were given; `durability: 'strict'` is what makes a resolved
 * write durable.
 */
import { openDB, type IDBPDatabase } from 'idb';
import type { Store, StoredKey, StoreWrite } from '@enmeshed/crdt/ports';

const VERSION = 1;
const VAULT_KEY = '#vk';
const IV_BYTES = 12;
const encoder = new TextEncoder();

type Bytes = Uint8Array<ArrayBuffer>;
type Sealed = Bytes;

export interface SealedStore extends Store {
	/** Called when another version of the App wants the database for itself; the store is closed by then. */
	onTakenAway(listener: () => void): void;
}

/** Opens or makes the database `name`. Rejects with the browser's error when storage is blocked, full or newer than this App. */
export async function openStore(name: string): Promise<SealedStore> {
	const taken: (() => void)[] = [];
	const db: IDBPDatabase = await openDB(name, VERSION, {
		upgrade(fresh) {
			fresh.createObjectStore('rows');
			fresh.createObjectStore('secrets');
		},
		blocking() {
			db.close();
			for (const listener of taken) listener();
		},
		terminated() {
			for (const listener of taken) listener();
		}
	});
	const key = await vaultKey(db);
	let tail: Promise<unknown> = Promise.resolve();

	const seal = async (place: string, value: Uint8Array): Promise<Sealed> => {
		const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
		const sealed = await crypto.subtle.encrypt(
			{ name: 'AES-GCM', iv, additionalData: encoder.encode(place) },
			key,
			value as Bytes
		);
		const row = new Uint8Array(IV_BYTES + sealed.byteLength);
		row.set(iv);
		row.set(new Uint8Array(sealed), IV_BYTES);
		return row;
	};
	const open = async (place: string, row: Sealed): Promise<Bytes> =>
		new Uint8Array(
			await crypto.subtle.decrypt(
				{ name: 'AES-GCM', iv: row.subarray(0, IV_BYTES), additionalData: encoder.encode(place) },
				key,
				row.subarray(IV_BYTES)
			)
		);

	const prepare = async (write: StoreWrite): Promise<Prepared> => {
		if ('secret' in write) {
			const value =
				write.value instanceof Uint8Array ? await seal(secretPlace(write.secret), write.value) : write.value;
			return { store: 'secrets', key: write.secret, value };
		}
		return {
			store: 'rows',
			key: [write.table, write.key],
			value: write.value && (await seal(rowPlace(write.table, write.key), write.value))
		};
	};

	const apply = async (writes: readonly Prepared[]): Promise<void> => {
		const tx = db.transaction(['rows', 'secrets'], 'readwrite', { durability: 'strict' });
		for (const { store, key: at, value } of writes) {
			const target = tx.objectStore(store);
			void (value === null ? target.delete(at) : target.put(value, at));
		}
		await tx.done;
	};

	return {
		async get(table, at) {
			const row = (await db.get('rows', [table, at])) as Sealed | undefined;
			return row && open(rowPlace(table, at), row);
		},
		async range(table, from = '', to, limit) {
			const bounds = IDBKeyRange.bound([table, from], to === undefined ? [table, []] : [table, to], false, true);
			const tx = db.transaction('rows', 'readonly');
			const [keys, rows] = await Promise.all([
				tx.store.getAllKeys(bounds, limit),
				tx.store.getAll(bounds, limit)
			]);
			return Promise.all(
				keys.map(async (at, i): Promise<[string, Bytes]> => {
					const name = (at as [string, string])[1];
					return [name, await open(rowPlace(table, name), rows[i] as Sealed)];
				})
			);
		},
		write(batch) {
			// Sealed at once, applied in turn: two writes never change places because one was quicker to seal.
			const prepared = Promise.all(batch.map(prepare));
			const done = tail.then(async () => apply(await prepared));
			tail = done.catch(() => undefined);
			return done;
		},
		async secret(at) {
			const value = (await db.get('secrets', at)) as StoredKey | undefined;
			return value instanceof Uint8Array ? open(secretPlace(at), value) : value;
		},
		async close() {
			await tail;
			db.close();
		},
		onTakenAway: (listener) => void taken.push(listener)
	};
}

interface Prepared {
	readonly store: 'rows' | 'secrets';
	readonly key: string | [string, string];
	readonly value: StoredKey | null;
}

const rowPlace = (table: string, key: string): string => `${table}\0${key}`;
const secretPlace = (name: string): string => `\0secret\0${name}`;

/** The key of this database; made at the first opening. Of two openings at once the first to write it wins. */
async function vaultKey(db: IDBPDatabase): Promise<CryptoKey> {
	const kept = (await db.get('secrets', VAULT_KEY)) as CryptoKey | undefined;
	if (kept) return kept;
	const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
	const tx = db.transaction('secrets', 'readwrite', { durability: 'strict' });
	const other = (await tx.store.get(VAULT_KEY)) as CryptoKey | undefined;
	if (!other) await tx.store.put(fresh, VAULT_KEY);
	await tx.done;
	return other ?? fresh;
}

/** Removes the database and everything in it. Resolves also when another tab delays it: it then goes when that tab lets go. */
export function deleteStore(name: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.deleteDatabase(name);
		request.onsuccess = () => resolve();
		request.onblocked = () => resolve();
		request.onerror = () => reject(request.error ?? new Error('delete failed'));
	});
}
