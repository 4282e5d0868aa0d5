/**
 * The store on disk: one SQLite file and a folder of blobs. One process owns it (exclusive lock), one connection writes.
 *
 * Durability: WAL with synchronous=FULL, set on every open and read back after the first write, because some builds run at
 * NORMAL and do not say so; then COMMIT returns after the fsync of the log. NORMAL would lose acknowledged messages in a
 * power cut. secure_delete overwrites what is erased.
 *
 * All tables are WITHOUT ROWID: a rowid is a counter across accounts, and with it a thief of the file could pair a sender's
 * entry with a recipient's mail by their order (PROTOCOL.md §4, "What a table join must not show").
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Bytes } from '@enmeshed/crdt/wire';
import { nameOf } from '../names.ts';
import { createBlobs } from './blobs.ts';
import { createRows } from './rows.ts';
import {
	ERASE,
	KINDS,
	LATER,
	namesOf,
	orNull,
	SCHEMA,
	STATEMENTS,
	toAccount,
	toAlias,
	toMail,
	toObject,
	type Row
} from './schema.ts';
import {
	blobsOf,
	StoreError,
	type Account,
	type PageSize,
	type Session,
	type Store,
	type StoredEntry
} from './store.ts';

type Statements = { readonly [name in keyof typeof STATEMENTS]: StatementSync };

const SQLITE = { full: 13, ioerr: 10, busy: 5, readonly: 8, corrupt: 11, cantOpen: 14, notADb: 26 } as const;
const BROKEN: readonly number[] = [
	SQLITE.ioerr,
	SQLITE.busy,
	SQLITE.readonly,
	SQLITE.corrupt,
	SQLITE.cantOpen,
	SQLITE.notADb
];

/** A fault of the disk becomes a StoreError; anything else is a bug and stays what it is. */
function faultOf(error: unknown): unknown {
	if (error instanceof StoreError) return error;
	const code = (error as { errcode?: number }).errcode;
	if (typeof code !== 'number') return error;
	if ((code & 0xff) === SQLITE.full) return new StoreError('full', error);
	return BROKEN.includes(code & 0xff) ? new StoreError('broken', error) : error;
}

/** Account and session rows kept at hand: about 0.5 kB each. */
const ROWS_AT_HAND = 10_000;

/** Rows up to the page's end, read one by one: a page of large rows must not read a thousand of them. */
function takePage<T>(
	rows: Iterable<unknown>,
	size: PageSize,
	toItem: (row: Row) => T,
	bytesOf: (item: T) => number
): T[] {
	const page: T[] = [];
	let bytes = 0;
	for (const row of rows) {
		const item = toItem(row as Row);
		page.push(item);
		bytes += bytesOf(item);
		if (bytes >= size.bytes) break;
	}
	return page;
}

export interface SqliteOptions {
	/** The file's largest size in pages of 8192 bytes: for the test of a full disk. */
	readonly maxPages?: number;
	/** Only for the test that shows the test of the fsync order works. */
	readonly synchronous?: 'full' | 'off';
}

/** `cache_size`: 2 MiB of pages of our own; the system keeps the file's pages anyway. */
function openDatabase(folder: string, options: SqliteOptions): DatabaseSync {
	const db = new DatabaseSync(join(folder, 'relay.sqlite'), { timeout: 2000 });
	db.exec(
		'pragma locking_mode = exclusive; pragma page_size = 8192; pragma journal_mode = wal; pragma secure_delete = on; pragma cache_size = -1024; pragma wal_autocheckpoint = 4000'
	);
	db.exec(`pragma synchronous = ${options.synchronous ?? 'full'}`);
	if (options.maxPages) db.exec(`pragma max_page_count = ${options.maxPages}`);
	return db;
}

/** Some builds open at NORMAL and answer FULL until the first write: so write, then ask. */
function assertDurable(db: DatabaseSync, wanted: 'full' | 'off'): void {
	db.exec(`insert or replace into meta values ('opened', x'01')`);
	const found = (db.prepare('pragma synchronous').get() as { synchronous: number }).synchronous;
	if (found !== (wanted === 'full' ? 2 : 0))
		throw new Error(`SQLite runs at synchronous=${found}; acknowledgements would lie`);
}

function addLaterColumns(db: DatabaseSync): void {
	for (const { table, column, type } of LATER) {
		const known = db.prepare('select 1 from pragma_table_info(?) where name = ?').get(table, column);
		if (!known) db.exec(`alter table ${table} add column ${column} ${type}`);
	}
}

/** Opens (or makes) the store in a folder. Throws StoreError('broken') when another process has it. */
export function createSqliteStore(folder: string, options: SqliteOptions = {}): Store {
	const blobFolder = join(folder, 'blobs');
	mkdirSync(blobFolder, { recursive: true, mode: 0o700 });
	const blobs = createBlobs(blobFolder);
	let db: DatabaseSync;
	let sql: Statements;
	try {
		db = openDatabase(folder, options);
		db.exec(SCHEMA);
		addLaterColumns(db);
		assertDurable(db, options.synchronous ?? 'full');
		const prepared = Object.entries(STATEMENTS).map(([name, text]) => [name, db.prepare(text)] as const);
		sql = Object.fromEntries(prepared) as Statements;
	} catch (error) {
		throw faultOf(error);
	}
	let broken: StoreError | undefined;
	const accounts = createRows<Bytes, Account>({
		nameOf,
		read(tag) {
			const row = sql.account.get(tag);
			return row && toAccount(row);
		},
		write: (_tag, a) =>
			void sql.putAccount.run(
				a.tag,
				a.seq,
				a.root,
				a.mseq,
				a.mailAck,
				a.chainSeq,
				a.chainHead,
				a.epoch,
				a.entryBytes,
				a.objects,
				a.objectBytes,
				a.aliases,
				orNull(a.deletionAt)
			),
		bound: ROWS_AT_HAND
	});
	const sessions = createRows<readonly [Bytes, Bytes], Session>({
		nameOf: ([tag, session]) => nameOf(tag) + nameOf(session),
		read: ([tag, session]) => sql.session.get(tag, session) as Session | undefined,
		write: ([tag, session], { device, sseq, hash }) => void sql.putSession.run(tag, session, device, sseq, hash),
		bound: ROWS_AT_HAND
	});

	/** After a fault of the disk nothing is written until the store is opened anew. */
	function fail(error: unknown): never {
		const fault = faultOf(error);
		if (fault instanceof StoreError && fault.fault === 'broken') broken = fault;
		throw fault;
	}

	function rollBack(): void {
		try {
			if (db.isTransaction) sql.rollback.run();
		} catch (error) {
			fail(error);
		}
	}

	function undoTo([accountMark, sessionMark]: readonly [number, number]): void {
		accounts.rollBackTo(accountMark);
		sessions.rollBackTo(sessionMark);
		sql.rollBackTo.run();
		sql.release.run();
	}

	const changes = (result: { changes: number | bigint }) => Number(result.changes);

	function dropObjects(rows: Row[]): string[] {
		for (const { handle } of rows) store.dropObject(handle as Bytes);
		return rows.flatMap(namesOf);
	}

	const store: Store = {
		transaction(work) {
			if (broken) throw broken;
			let committed = false;
			try {
				sql.begin.run();
				const result = work();
				accounts.flush();
				sessions.flush();
				sql.commit.run();
				committed = true;
				return result;
			} catch (error) {
				rollBack();
				return fail(error);
			} finally {
				accounts.settle(committed);
				sessions.settle(committed);
			}
		},
		savepoint(work) {
			const marks = [accounts.mark(), sessions.mark()] as const;
			sql.savepoint.run();
			let keep = false;
			try {
				keep = work();
			} catch (error) {
				const fault = faultOf(error);
				// A full disk may have rolled back everything already; the transaction ends anyway.
				if (!(fault instanceof StoreError)) undoTo(marks);
				throw fault;
			}
			if (keep) sql.release.run();
			else undoTo(marks);
		},

		account: (tag) => accounts.get(tag),
		putAccount: (account) => accounts.put(account.tag, account),

		addChain: (tag, seq, bytes) => void sql.addChain.run(tag, seq, bytes),
		chainAfter: (tag, after) => sql.chainAfter.all(tag, after).map((row) => row['bytes'] as Bytes),

		session: (tag, session) => sessions.get([tag, session]),
		putSession: (tag, session, row) => sessions.put([tag, session], row),

		addEntry: (tag, { seq, session, sseq, root, bytes }) =>
			void sql.addEntry.run(tag, seq, session, sseq, root, bytes),
		entryAt: (tag, session, sseq) => sql.entryAt.get(tag, session, sseq) as StoredEntry | undefined,
		rootAt: (tag, seq) => sql.rootAt.get(tag, seq)?.['root'] as Bytes | undefined,
		entriesAfter: (tag, after, size) =>
			takePage(
				sql.entriesAfter.iterate(tag, after, size.items),
				size,
				(row) => row['bytes'] as Bytes,
				(bytes) => bytes.length
			),

		slot: (tag, slot) => sql.slot.get(tag, slot)?.['seq'] as number | undefined,
		putSlot: (tag, slot, seq) => void sql.putSlot.run(tag, slot, seq),

		alias(alias) {
			const row = sql.alias.get(alias);
			return row && toAlias(row);
		},
		putAlias: ({ alias, owner, tokenHash, closesAt, pending, lastMseq, ...days }) =>
			void sql.putAlias.run(
				alias,
				orNull(owner),
				tokenHash,
				orNull(closesAt),
				pending,
				lastMseq,
				days.reservedDay,
				days.reservedUsed,
				days.filedDay,
				days.filedBytes
			),

		addMail: (mailbox, { mseq, alias, envId, kind, day, bytes }) =>
			void sql.addMail.run(mailbox, mseq, alias, envId, KINDS.indexOf(kind), day, bytes),
		hasMail: (mailbox, alias, envId) => sql.hasMail.get(mailbox, alias, envId) !== undefined,
		mailAfter: (mailbox, after, size) =>
			takePage(sql.mailAfter.iterate(mailbox, after, size.items), size, toMail, ({ bytes }) => bytes.length),
		mailPerAlias: (mailbox, after, upTo) =>
			sql.mailPerAlias.all(mailbox, after, upTo) as unknown as { alias: Bytes; count: number }[],
		ackMail: (mailbox, day, mseq) => void sql.ackMail.run(mailbox, day, mseq),

		object(handle) {
			const row = sql.object.get(handle);
			return row && toObject(row);
		},
		putObject(o) {
			const [blob, bytes] = 'blob' in o.content ? [o.content.blob, null] : [null, o.content.bytes];
			for (const name of blobsOf(o)) blobs.named(name);
			sql.putObject.run(
				o.handle,
				o.owner,
				o.size,
				o.digest,
				orNull(o.expiresAt),
				orNull(o.maxUses),
				o.uses,
				orNull(o.forTag),
				orNull(o.verifierHash),
				orNull(o.ownershipHash),
				o.failures,
				o.locked ? 1 : 0,
				blob,
				bytes,
				orNull(o.body?.blob),
				orNull(o.body?.size),
				orNull(o.body?.digest),
				orNull(o.record),
				o.ownershipLocked ? 1 : 0
			);
		},
		dropObject(handle) {
			sql.dropObject.run(handle);
			sql.dropClaims.run(handle);
			sql.dropFailures.run(handle);
		},
		isClaimed: (handle, claimId) => sql.claimed.get(handle, claimId) !== undefined,
		addClaim: (handle, claimId) => void sql.addClaim.run(handle, claimId),
		failures: (handle, source) => (sql.failures.get(handle, source)?.['count'] as number | undefined) ?? 0,
		putFailures: (handle, source, count) => void sql.putFailures.run(handle, source, count),
		dropFailures: (handle) => void sql.dropFailures.run(handle),

		rendezvous(id, slot) {
			const row = sql.rendezvous.get(id, slot);
			return row && { bytes: row['bytes'] as Bytes, expiresAt: row['expires_at'] as number };
		},
		putRendezvous: (id, slot, { bytes, expiresAt }) => void sql.putRendezvous.run(id, slot, bytes, expiresAt),

		accountsDue: (now, limit) => sql.accountsDue.all(now, limit).map((row) => row['tag'] as Bytes),
		eraseAccount(tag, limit, now) {
			const objects = sql.objectsOf.all(tag, limit);
			if (objects.length > 0) return { more: true, blobs: dropObjects(objects) };
			for (const step of ERASE) if (changes(sql[step].run(tag, limit)) > 0) return { more: true, blobs: [] };
			if (changes(sql.eraseAliases.run(tag, limit, now)) > 0) return { more: true, blobs: [] };
			sql.dropAccount.run(tag);
			accounts.drop(tag);
			sessions.forget();
			return { more: false, blobs: [] };
		},
		expireObjects(time, limit) {
			const due = sql.objectsDue.all(time, limit);
			for (const { owner, size } of due) {
				const account = store.account(owner as Bytes);
				const left = account && {
					objects: account.objects - 1,
					objectBytes: account.objectBytes - (size as number)
				};
				if (account && left) store.putAccount({ ...account, ...left });
			}
			return { more: due.length === limit, blobs: dropObjects(due) };
		},
		expireMail(day, limit) {
			const due = sql.acksDue.all(day, limit);
			for (const { mailbox, mseq } of due) {
				if (changes(sql.dropMail.run(mailbox as Bytes, mseq as number, limit)) > 0) return true;
				sql.dropAcks.run(mailbox as Bytes, day);
			}
			return due.length === limit;
		},
		expireRendezvous: (now) => void sql.dropRendezvous.run(now),
		expireAliases(closed, gone, limit) {
			const due = sql.aliasesClosed.all(closed, gone, limit);
			for (const { alias, owner } of due) {
				sql.dropAlias.run(alias as Bytes);
				const account = owner === null ? undefined : store.account(owner as Bytes);
				if (account) store.putAccount({ ...account, aliases: account.aliases - 1 });
			}
			return due.length === limit;
		},

		erasedAt: (name) => sql.erasedAt.get(name)?.['at'] as number | undefined,
		putErased: (name, at) => void sql.putErased.run(name, at),
		expireErased: (before) => void sql.expireErased.run(before),

		meta: (name) => sql.meta.get(name)?.['value'] as Bytes | undefined,
		putMeta: (name, value) => void sql.putMeta.run(name, value),

		async stageBlob(bytes) {
			if (broken) throw broken;
			return blobs.stage(bytes).catch(fail);
		},
		async writeBlob() {
			if (broken) throw broken;
			const file = await blobs.write().catch(fail);
			return {
				...file,
				append: (bytes) => file.append(bytes).catch(fail),
				finish: () => file.finish().catch(fail)
			};
		},
		readBlob: (name) => blobs.read(name),
		readBlobPart: (name, at, length) => blobs.readPart(name, at, length),
		dropBlob: (name) => blobs.drop(name),
		sweepBlobs: () => blobs.sweep(() => new Set(sql.blobs.all().flatMap(namesOf))),
		close: () => db.close()
	};
	return store;
}
