/**
 * Views kept in a file of their own beside the store, `<dbName>.views.db`: a Connector with a million messages starts where
 * the fold stood and holds none of them in memory.
 *
 *   views the engine sees = layer in memory (rows of the fold step under way) on top of the file
 *   commit                = the layer into the file in one transaction, with the fold's cursor, which is a row too
 *
 * Everything in it follows from the log. So it is not fsynced at each commit (WAL, NORMAL: a power cut may take the last
 * commits, never a part of one), it goes with another version of the code, and it may be deleted at any time.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KEYS, memoryViews, type KeptViews } from '../../crdt/index.ts';
import { StoreInUse } from './sqlite.ts';
import { BOUNDS, createTables, LAYOUT, type Bounds } from './view-tables.ts';

export interface SqliteViews extends KeptViews {
	close(): void;
}

/** Pages of the file held in memory, in kB. */
const CACHE_KB = 48 * 1024;
const SETTINGS = `
	PRAGMA locking_mode=EXCLUSIVE;
	PRAGMA journal_mode=WAL;
	PRAGMA synchronous=NORMAL;
	PRAGMA cache_size=-${CACHE_KB};
	PRAGMA temp_store=MEMORY;
	PRAGMA journal_size_limit=67108864;
	CREATE TABLE IF NOT EXISTS meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

const keyNames = () => JSON.stringify(Object.entries(KEYS).map(([table, keys]) => [table, Object.keys(keys)]));

const remove = (file: string) => {
	for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
};

function openDatabase(file: string, version: string): DatabaseSync {
	const database = new DatabaseSync(file, { timeout: 100 });
	try {
		chmodSync(file, 0o600);
		database.exec(SETTINGS);
		const known = database.prepare("SELECT value FROM meta WHERE name = 'version'").get()?.['value'];
		if (known === version) return database;
		if (known !== undefined) throw new Error('rows of another version');
		database.prepare("INSERT INTO meta (name, value) VALUES ('version', ?)").run(version);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

const isBusy = (error: unknown) => /locked|busy/i.test(error instanceof Error ? error.message : '');

const isDamaged = (error: unknown) => /malformed|not a database/i.test(error instanceof Error ? error.message : '');

/** A damaged file that is in use still: gone for whoever opens it next, and then it is made anew. */
function discard(file: string): void {
	try {
		remove(file);
	} catch {
		// Where open files cannot be removed, the next start meets the damage again and says so.
	}
}

/** A file that cannot be read, or holds rows of other code, is made anew: the log has everything. */
function openAnyhow(file: string, version: string): DatabaseSync {
	try {
		return openDatabase(file, version);
	} catch (error) {
		if (isBusy(error)) throw new StoreInUse(file);
		remove(file);
		return openDatabase(file, version);
	}
}

/**
 * Opens the views at `file`. `version` names the code that computes the rows; rows of another version are dropped. Throws when
 * another process uses the file.
 */
export function sqliteViews(file: string, version: string, bounds: Bounds = BOUNDS): SqliteViews {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	const whole = `${LAYOUT} ${version} ${keyNames()}`;
	let database = openAnyhow(file, whole);
	/** The first thing that went wrong: what the fold made of a failed read must not be kept. */
	let broken: Error | undefined;
	const watched = <T>(work: () => T): T => {
		try {
			return work();
		} catch (error) {
			broken ??= error instanceof Error ? error : new Error(String(error));
			if (isDamaged(error)) discard(file);
			throw error;
		}
	};
	let tables = createTables(database, watched, bounds);
	let layer = memoryViews(tables.views);

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
			if (broken !== undefined) throw broken;
			const changes = layer.changes();
			if (changes.length === 0) return;
			watched(() => tables.write(changes));
			layer = memoryViews(tables.views);
		},
		reset() {
			database.close();
			remove(file);
			database = openAnyhow(file, whole);
			tables = createTables(database, watched, bounds);
			layer = memoryViews(tables.views);
			broken = undefined;
		},
		close() {
			if (database.isOpen) database.close();
		}
	};
}
