/**
 * The engine's Store over node:sqlite: one file `<folder>/<dbName>.db`.
 *
 *   kv(tbl, key, value)     WITHOUT ROWID, ordered by (tbl, key) bytewise
 *   secrets(name, value)    keys of this device
 *
 * A batch is one transaction. WAL with synchronous=FULL: when `write` resolves, the bytes survive a power cut; NORMAL would
 * lose acknowledged work, so the setting is made on every open and read back. A failed write throws: the process must stop.
 *
 * One process per store: a device that runs twice would use its session ordinals twice. The lock is an exclusive transaction
 * on a file of its own, which the operating system releases when the process dies, however it dies.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { Store, StoredKey, StoreWrite } from '../../crdt/index.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface SqliteStore extends Store {
	/** What `PRAGMA synchronous` says: 2 is FULL. */
	readonly synchronous: number;
	/** Cheap proof that the file answers (health). */
	isHealthy(): boolean;
}

/** Another process works on this store. */
export class StoreInUse extends Error {
	constructor(path: string) {
		super(`the database ${path} is used by another process`);
		this.name = 'StoreInUse';
	}
}

const pathsOf = (place: { folder: string; dbName: string }) => {
	const folder = resolve(place.folder);
	return { folder, file: join(folder, `${place.dbName}.db`), lock: join(folder, `${place.dbName}.lock`) };
};

function openFile(path: string): DatabaseSync {
	const database = new DatabaseSync(path, { timeout: 5000 });
	chmodSync(path, 0o600);
	return database;
}

function takeLock(path: string): DatabaseSync {
	const lock = new DatabaseSync(path, { timeout: 0 });
	try {
		chmodSync(path, 0o600);
		lock.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
		return lock;
	} catch {
		lock.close();
		throw new StoreInUse(path.replace(/\.lock$/, '.db'));
	}
}

/** Sets durability and reads it back: a build of SQLite that ignores it must not go unnoticed. */
function demandDurability(database: DatabaseSync): number {
	database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
	const synchronous = Number(database.prepare('PRAGMA synchronous').get()?.['synchronous']);
	const journal = String(database.prepare('PRAGMA journal_mode').get()?.['journal_mode']);
	if (synchronous !== 2 || journal !== 'wal')
		throw new Error(`the database is not durable (${journal}, ${synchronous})`);
	return synchronous;
}

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS kv (tbl TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS secrets (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
`;

const own = (value: unknown): Bytes => new Uint8Array(value as Bytes);

function rawKey(value: StoredKey): Uint8Array {
	if (value instanceof Uint8Array) return value;
	throw new TypeError('this store keeps keys as bytes only');
}

/** Opens (and makes) the store. Throws StoreInUse. */
export function sqliteStore(place: { readonly folder: string; readonly dbName: string }): SqliteStore {
	const { folder, file, lock: lockFile } = pathsOf(place);
	// A folder that was there before belongs to somebody else's rules; the files in it are closed anyway.
	if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700);
	const lock = takeLock(lockFile);
	const database = openFile(file);
	const synchronous = demandDurability(database);
	database.exec(SCHEMA);

	const selectOne = database.prepare('SELECT value FROM kv WHERE tbl = ? AND key = ?');
	const upsert = database.prepare(
		'INSERT INTO kv (tbl, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'
	);
	const remove = database.prepare('DELETE FROM kv WHERE tbl = ? AND key = ?');
	const selectSecret = database.prepare('SELECT value FROM secrets WHERE name = ?');
	const upsertSecret = database.prepare(
		'INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'
	);
	const removeSecret = database.prepare('DELETE FROM secrets WHERE name = ?');
	const ranges = new Map<string, ReturnType<DatabaseSync['prepare']>>();

	const apply = (change: StoreWrite) => {
		if ('secret' in change) {
			if (change.value === null) removeSecret.run(change.secret);
			else upsertSecret.run(change.secret, rawKey(change.value));
		} else if (change.value === null) remove.run(change.table, change.key);
		else upsert.run(change.table, change.key, change.value);
	};
	const selectRange = (conditions: string) => {
		const sql = `SELECT key, value FROM kv WHERE tbl = ?${conditions} ORDER BY key LIMIT ?`;
		const prepared = ranges.get(sql) ?? database.prepare(sql);
		ranges.set(sql, prepared);
		return prepared;
	};

	return {
		synchronous,
		isHealthy() {
			try {
				return database.prepare('SELECT 1 AS one').get()?.['one'] === 1;
			} catch {
				return false;
			}
		},
		async get(table, key) {
			const row = selectOne.get(table, key);
			return row === undefined ? undefined : own(row['value']);
		},
		async range(table, from, to, limit = -1) {
			const bounds: SQLInputValue[] = [...(from === undefined ? [] : [from]), ...(to === undefined ? [] : [to])];
			const conditions = `${from === undefined ? '' : ' AND key >= ?'}${to === undefined ? '' : ' AND key < ?'}`;
			const rows = selectRange(conditions).all(table, ...bounds, limit);
			return rows.map((row) => [String(row['key']), own(row['value'])]);
		},
		async write(batch) {
			// A commit holds up everything until the disk has it: what came in meanwhile is heard first, and shares the next one.
			await setImmediate();
			database.exec('BEGIN IMMEDIATE');
			try {
				for (const change of batch) apply(change);
				database.exec('COMMIT');
			} catch (error) {
				if (database.isTransaction) database.exec('ROLLBACK');
				throw error;
			}
		},
		async secret(name) {
			const row = selectSecret.get(name);
			return row === undefined ? undefined : own(row['value']);
		},
		async close() {
			if (!database.isOpen) return;
			database.close();
			lock.close();
		}
	};
}

/** One value of a store that another process may be using (`identity status` beside a running Connector). */
export function peek(
	place: { readonly folder: string; readonly dbName: string },
	table: string,
	key: string
): Bytes | undefined {
	const database = new DatabaseSync(pathsOf(place).file, { readOnly: true, timeout: 5000 });
	try {
		const row = database.prepare('SELECT value FROM kv WHERE tbl = ? AND key = ?').get(table, key);
		return row === undefined ? undefined : own(row['value']);
	} finally {
		database.close();
	}
}
