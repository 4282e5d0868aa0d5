/**
 * The engine's Store over PostgreSQL: the same two tables as in SQLite, keys as bytes so that they order bytewise.
 *
 *   kv(tbl, key, value)     primary key (tbl, key)
 *   secrets(name, value)    keys of this device
 *
 * A batch is one transaction, committed with synchronous_commit=on; that the server keeps what it acknowledged (fsync) is read
 * back when the store is opened. One process per database: a session-level advisory lock, held on the one connection everything
 * runs on. When that connection is lost the lock is lost with it and another process may have written: the store is broken then
 * and the process must stop, it never opens a second connection behind the engine's back.
 */
import pg from 'pg';
import type { Store, StoredKey, StoreWrite } from '../../crdt/index.ts';
import { StoreInUse } from './sqlite.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface PostgresStore extends Store {
	isHealthy(): boolean;
}

/** Any number; the same in every version, or two would not notice each other. */
const LOCK = 7_302_026;
const NO_SUCH_DATABASE = '3D000';

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS kv (tbl text NOT NULL, key bytea NOT NULL, value bytea NOT NULL, PRIMARY KEY (tbl, key));
	CREATE TABLE IF NOT EXISTS secrets (name text NOT NULL PRIMARY KEY, value bytea NOT NULL);
`;

const own = (value: unknown): Bytes => new Uint8Array(value as Bytes);
const keyBytes = (key: string): Buffer => Buffer.from(key, 'utf8');

function rawKey(value: StoredKey): Buffer {
	if (value instanceof Uint8Array) return Buffer.from(value);
	throw new TypeError('this store keeps keys as bytes only');
}

/** The connection string with its database: the one it names, else `dbName`. */
function withDatabase(connectionString: string, database: string): string {
	const url = new URL(connectionString);
	if (url.pathname.length <= 1) url.pathname = `/${encodeURIComponent(database)}`;
	return url.href;
}

const connect = async (connectionString: string): Promise<pg.Client> => {
	const client = new pg.Client({ connectionString, application_name: 'enmeshed-connector', keepAlive: true });
	// A line that breaks between queries is heard of by `end`; without a listener it would end the process unsaid.
	client.on('error', () => undefined);
	await client.connect();
	return client;
};

/** Connects; a database that is not there yet is made, as the other databases of a Connector are. */
async function connectOrCreate(connectionString: string): Promise<pg.Client> {
	try {
		return await connect(connectionString);
	} catch (error) {
		if ((error as { code?: string }).code !== NO_SUCH_DATABASE) throw error;
	}
	const url = new URL(connectionString);
	const name = decodeURIComponent(url.pathname.slice(1));
	url.pathname = '/postgres';
	const maker = await connect(url.href);
	try {
		await maker.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} ENCODING 'UTF8' TEMPLATE template0`);
	} finally {
		await maker.end();
	}
	return connect(connectionString);
}

/** Takes the lock and demands durability; throws StoreInUse when another process has it. */
async function prepare(client: pg.Client): Promise<void> {
	const setting = async (name: string): Promise<string> =>
		String((await client.query<Record<string, string>>(`SHOW ${name}`)).rows[0]?.[name]);
	const taken = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK]);
	if (taken.rows[0]?.taken !== true) throw new StoreInUse(client.database ?? '');
	await client.query('SET synchronous_commit = on');
	if ((await setting('synchronous_commit')) !== 'on' || (await setting('fsync')) !== 'on')
		throw new Error('the database server is not durable: fsync is off');
	await client.query(SCHEMA);
}

/** Rows written by one statement: a batch is few statements, not one per row. */
const CHUNK = 1000;

type RowWrite = Extract<StoreWrite, { readonly table: string }>;

/** The last write of each row; earlier ones of the batch would be overwritten anyway. */
function lastOfEach(batch: readonly StoreWrite[]): {
	put: RowWrite[];
	gone: RowWrite[];
	secrets: Map<string, StoredKey | null>;
} {
	const rows = new Map<string, RowWrite>();
	const secrets = new Map<string, StoredKey | null>();
	for (const change of batch) {
		if ('secret' in change) secrets.set(change.secret, change.value);
		else rows.set(JSON.stringify([change.table, change.key]), change);
	}
	const all = [...rows.values()];
	return { put: all.filter(({ value }) => value !== null), gone: all.filter(({ value }) => value === null), secrets };
}

async function apply(client: pg.Client, batch: readonly StoreWrite[]): Promise<void> {
	const { put, gone, secrets } = lastOfEach(batch);
	const columns = (rows: readonly RowWrite[]) => [
		rows.map(({ table }) => table),
		rows.map(({ key }) => keyBytes(key))
	];
	for (let at = 0; at < put.length; at += CHUNK) {
		const rows = put.slice(at, at + CHUNK);
		await client.query(
			`INSERT INTO kv (tbl, key, value) SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[])
			ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value`,
			[...columns(rows), rows.map(({ value }) => Buffer.from(value!))]
		);
	}
	for (let at = 0; at < gone.length; at += CHUNK)
		await client.query(
			'DELETE FROM kv USING unnest($1::text[], $2::bytea[]) AS gone(t, k) WHERE tbl = gone.t AND key = gone.k',
			columns(gone.slice(at, at + CHUNK))
		);
	for (const [name, value] of secrets) {
		if (value === null) await client.query('DELETE FROM secrets WHERE name = $1', [name]);
		else
			await client.query(
				'INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
				[name, rawKey(value)]
			);
	}
}

/** Opens (and makes) the store. Rejects with StoreInUse, or with what the server says. `onBroken`: the connection is gone. */
export async function postgresStore(
	connectionString: string,
	dbName: string,
	onBroken: (error: unknown) => void = () => undefined
): Promise<PostgresStore> {
	const client = await connectOrCreate(withDatabase(connectionString, dbName));
	try {
		await prepare(client);
	} catch (error) {
		await client.end();
		throw error;
	}
	let closing = false;
	let broken: Error | undefined;
	client.on('end', () => {
		if (closing) return;
		broken = new Error('the connection to the database is lost');
		onBroken(broken);
	});
	/** One statement after the other: a transaction is nobody else's. */
	let last: Promise<unknown> = Promise.resolve();
	const alone = <T>(work: () => Promise<T>): Promise<T> => {
		const next = last.then(() => {
			if (broken) throw broken;
			return work();
		});
		last = next.catch(() => undefined);
		return next;
	};

	return {
		isHealthy: () => !closing && !broken,
		get: (table, key) =>
			alone(async () => {
				const found = await client.query<{ value: Buffer }>({
					name: 'get',
					text: 'SELECT value FROM kv WHERE tbl = $1 AND key = $2',
					values: [table, keyBytes(key)]
				});
				return found.rows[0] && own(found.rows[0].value);
			}),
		range: (table, from = '', to, limit) =>
			alone(async () => {
				const bounds = [table, keyBytes(from), ...(to === undefined ? [] : [keyBytes(to)])];
				const found = await client.query<{ key: Buffer; value: Buffer }>(
					`SELECT key, value FROM kv WHERE tbl = $1 AND key >= $2${to === undefined ? '' : ' AND key < $3'}
					ORDER BY key${limit === undefined ? '' : ` LIMIT ${Number(limit)}`}`,
					bounds
				);
				return found.rows.map(({ key, value }): [string, Bytes] => [key.toString('utf8'), own(value)]);
			}),
		write: (batch) =>
			alone(async () => {
				await client.query('BEGIN');
				try {
					await apply(client, batch);
					await client.query('COMMIT');
				} catch (error) {
					await client.query('ROLLBACK').catch(() => undefined);
					throw error;
				}
			}),
		secret: (name) =>
			alone(async () => {
				const found = await client.query<{ value: Buffer }>('SELECT value FROM secrets WHERE name = $1', [
					name
				]);
				return found.rows[0] && own(found.rows[0].value);
			}),
		async close() {
			if (closing) return;
			closing = true;
			await last;
			await client.end();
		}
	};
}

/** One value of a database that another process may be using. */
export async function peekPostgres(
	connectionString: string,
	dbName: string,
	table: string,
	key: string
): Promise<Bytes | undefined> {
	const client = await connect(withDatabase(connectionString, dbName));
	try {
		const found = await client.query<{ value: Buffer }>('SELECT value FROM kv WHERE tbl = $1 AND key = $2', [
			table,
			keyBytes(key)
		]);
		return found.rows[0] && own(found.rows[0].value);
	} finally {
		await client.end();
	}
}
