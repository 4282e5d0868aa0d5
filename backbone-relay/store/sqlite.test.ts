/** The store on disk keeps the promises of the port, runs at synchronous=FULL, and says what a disk does to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createSqliteStore } from './sqlite.ts';
import { StoreError } from './store.ts';
import { anAccount, storeSuite } from './suite.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'relay-store-'));

storeSuite('sqlite store', () => {
	const path = folder();
	return {
		store: createSqliteStore(path),
		reopen: () => createSqliteStore(path),
		end: () => rmSync(path, { recursive: true })
	};
});

const faultOf = (work: () => unknown): unknown => {
	try {
		work();
		return undefined;
	} catch (error) {
		return error instanceof StoreError ? error.fault : error;
	}
};

test('a full file refuses the transaction whole, reads go on, and freed space is used again', () => {
	const path = folder();
	const store = createSqliteStore(path, { maxPages: 45 });
	const account = anAccount();
	const entry = (seq: number) => ({
		seq,
		session: account.tag,
		sseq: seq,
		root: account.root,
		bytes: new Uint8Array(40_000)
	});
	store.transaction(() => store.putAccount(account));
	store.transaction(() => store.addEntry(account.tag, entry(1)));
	const half = () =>
		store.transaction(() => {
			store.putAccount({ ...account, seq: 99 });
			for (let seq = 2; seq < 20; seq++) store.savepoint(() => (store.addEntry(account.tag, entry(seq)), true));
		});
	expect(faultOf(half)).toBe('full');
	expect(store.account(account.tag)).toEqual(account);
	expect(store.entriesAfter(account.tag, 0, { items: 99, bytes: 1e9 })).toHaveLength(1);
	store.transaction(() => store.eraseAccount(account.tag, 100, 0));
	store.transaction(() => store.addEntry(account.tag, entry(1)));
	store.close();
	rmSync(path, { recursive: true });
});

test('a second process on the same folder is told so', () => {
	const path = folder();
	const store = createSqliteStore(path);
	expect(faultOf(() => createSqliteStore(path))).toBe('broken');
	store.close();
	rmSync(path, { recursive: true });
});

test('a file of the version before gets what came later, and loses nothing', () => {
	const path = folder();
	const store = createSqliteStore(path);
	const account = anAccount();
	store.transaction(() => store.putAccount(account));
	store.close();
	const db = new DatabaseSync(join(path, 'relay.sqlite'));
	for (const column of ['body_blob', 'body_size', 'body_digest', 'record', 'ownership_locked'])
		db.exec(`alter table object drop column ${column}`);
	for (const column of ['reserved_day', 'reserved_used', 'filed_day', 'filed_bytes'])
		db.exec(`alter table alias drop column ${column}`);
	db.exec('drop table erased');
	const [alias, owner] = [new Uint8Array(16).fill(1), account.tag];
	db.prepare('insert into alias values (?, ?, ?, null, 2, 5)').run(alias, owner, new Uint8Array(32));
	db.prepare('insert into object values (?, ?, 3, ?, null, null, 0, null, null, null, 0, 0, null, ?)').run(
		new Uint8Array(32).fill(2),
		owner,
		new Uint8Array(32),
		new Uint8Array(3)
	);
	db.close();
	for (let i = 0; i < 2; i++) {
		const again = createSqliteStore(path);
		expect(again.account(account.tag)).toEqual(account);
		expect(again.alias(alias)).toMatchObject({
			pending: 2,
			lastMseq: 5,
			reservedDay: 0,
			reservedUsed: 0,
			filedBytes: 0
		});
		expect(again.object(new Uint8Array(32).fill(2))).toMatchObject({
			size: 3,
			body: undefined,
			ownershipLocked: false
		});
		again.transaction(() => again.putErased(alias, 1));
		again.close();
	}
	rmSync(path, { recursive: true });
});

test('no table has a rowid, a counter over accounts, or a column for a time of arrival', () => {
	const path = folder();
	createSqliteStore(path).close();
	const db = new DatabaseSync(join(path, 'relay.sqlite'));
	const tables = db.prepare(`select name, sql from sqlite_schema where type = 'table'`).all() as {
		name: string;
		sql: string;
	}[];
	expect(tables.filter(({ sql }) => !/without rowid, strict$/i.test(sql.trim()))).toEqual([]);
	expect(tables.filter(({ name }) => name === 'sqlite_sequence')).toEqual([]);
	const columns = (table: string) =>
		db
			.prepare(`select name from pragma_table_info('${table}')`)
			.all()
			.map((row) => row['name']);
	expect(columns('entry')).toEqual(['tag', 'seq', 'session', 'sseq', 'root', 'bytes']);
	expect(columns('mail')).toEqual(['mailbox', 'mseq', 'alias', 'env_id', 'kind', 'day', 'bytes']);
	expect(columns('slot')).toEqual(['tag', 'slot', 'seq']);
	db.close();
	rmSync(path, { recursive: true });
});
