/**
 * The database a Connector's settings name: SQLite files in a folder, or PostgreSQL by connection string. The views are SQLite
 * in both cases (docs/decisions/0014-views-in-a-file.md): they follow from the log and lie where they are read.
 */
import { join, resolve } from 'node:path';
import { refuse, ok, type KeptViews, type Result, type Store } from '../../crdt/index.ts';
import { codeVersion } from './code.ts';
import { peekPostgres, postgresStore } from './postgres.ts';
import { sqliteViews, type SqliteViews } from './sqlite-views.ts';
import { peek, sqliteStore } from './sqlite.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The settings `database`. */
export interface Database {
	readonly folder: string;
	readonly dbName: string;
	/** `postgres://…` */
	readonly connectionString?: string | undefined;
}

export interface ConnectorStore extends Store {
	/** Whether the database answers, as far as is known now (health). */
	isHealthy(): boolean;
	/** Rows of lists; closed with the store. */
	readonly views: KeptViews;
}

/** What a store is without views. */
export interface RawStore extends Store {
	isHealthy(): boolean;
}

const openRaw = (database: Database, onBroken: (error: unknown) => void): Promise<RawStore> | RawStore =>
	database.connectionString === undefined
		? sqliteStore(database)
		: postgresStore(database.connectionString, database.dbName, onBroken);

/** A write that fails leaves it unknown what is on the disk: from then on nothing may be accepted. */
function watched(store: RawStore, views: SqliteViews, onBroken: (error: unknown) => void): ConnectorStore {
	return {
		...store,
		async write(batch) {
			try {
				await store.write(batch);
			} catch (error) {
				onBroken(error);
				throw error;
			}
		},
		async close() {
			await store.close();
			views.close();
		},
		views: {
			...views,
			commit() {
				try {
					views.commit();
				} catch (error) {
					onBroken(error);
					throw error;
				}
			}
		}
	};
}

/** A server that cannot be reached has a code and no words. */
const reason = (error: unknown) =>
	(error instanceof Error && (error.message || (error as { code?: string }).code)) ||
	'The database cannot be opened.';

/** Opens the database and its views, for this process alone. `onBroken` hears of the first failure after which nothing counts. */
export async function openStore(
	database: Database,
	onBroken: (error: unknown) => void
): Promise<Result<ConnectorStore>> {
	try {
		const store = await openRaw(database, onBroken);
		try {
			const file = join(resolve(database.folder), `${database.dbName}.views.db`);
			return ok(watched(store, sqliteViews(file, codeVersion()), onBroken));
		} catch (error) {
			await store.close();
			throw error;
		}
	} catch (error) {
		return refuse('error.connector.database', reason(error));
	}
}

/** One value of a database that another process may be using; undefined also when there is no database yet. */
export async function look(database: Database, table: string, key: string): Promise<Bytes | undefined> {
	try {
		return database.connectionString === undefined
			? peek(database, table, key)
			: await peekPostgres(database.connectionString, database.dbName, table, key);
	} catch {
		return undefined;
	}
}
