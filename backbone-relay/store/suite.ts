/** What every store must do, whatever it is made of: run by memory.test.ts and sqlite.test.ts. */
import { randomBytes } from 'node:crypto';
import type { Bytes } from '@enmeshed/crdt/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account, Alias, Mail, Store, StoredObject } from './store.ts';

const bytes = (length: number): Bytes => new Uint8Array(randomBytes(length));
const ALL = { items: 1000, bytes: 1 << 20 };

export const anAccount = (more: Partial<Account> = {}): Account => ({
	tag: bytes(16),
	seq: 0,
	root: bytes(32),
	mseq: 0,
	mailAck: 0,
	chainSeq: 0,
	chainHead: bytes(32),
	epoch: 0,
	entryBytes: 0,
	objects: 0,
	objectBytes: 0,
	aliases: 0,
	deletionAt: undefined,
	...more
});

const anObject = (owner: Bytes, more: Partial<StoredObject> = {}): StoredObject => ({
	handle: bytes(32),
	owner,
	size: 5,
	digest: bytes(32),
	expiresAt: undefined,
	maxUses: undefined,
	uses: 0,
	forTag: undefined,
	verifierHash: undefined,
	ownershipHash: undefined,
	failures: 0,
	locked: false,
	content: { bytes: bytes(5) },
	body: undefined,
	record: undefined,
	ownershipLocked: false,
	...more
});

const anAlias = (owner: Bytes, more: Partial<Alias> = {}): Alias => ({
	alias: bytes(16),
	owner,
	tokenHash: bytes(32),
	closesAt: undefined,
	pending: 0,
	lastMseq: 0,
	reservedDay: 0,
	reservedUsed: 0,
	filedDay: 0,
	filedBytes: 0,
	...more
});

const aMail = (mseq: number, alias: Bytes = bytes(16)): Mail => ({
	mseq,
	alias,
	envId: bytes(16),
	kind: 'envelope',
	day: 20_000,
	bytes: bytes(100)
});

const anEntry = (seq: number, session: Bytes = bytes(16), sseq = 0) => ({
	seq,
	session,
	sseq,
	root: bytes(32),
	bytes: bytes(300)
});

/** `reopen` is for stores that outlive their process. */
export function storeSuite(name: string, open: () => { store: Store; reopen?: () => Store; end?: () => void }): void {
	describe(name, () => {
		let opened: ReturnType<typeof open>;
		let store: Store;
		const write = <T>(work: () => T): T => store.transaction(work);
		beforeEach(() => {
			opened = open();
			store = opened.store;
		});
		afterEach(() => {
			store.close();
			opened.end?.();
		});

		test('what a transaction wrote is there, what a failed one wrote is not', () => {
			const [kept, lost] = [anAccount({ deletionAt: 5 }), anAccount()];
			write(() => store.putAccount(kept));
			expect(() =>
				write(() => {
					store.putAccount(lost);
					store.putAccount({ ...kept, seq: 9 });
					throw new Error('no');
				})
			).toThrow('no');
			expect(store.account(kept.tag)).toEqual(kept);
			expect(store.account(lost.tag)).toBeUndefined();
		});

		test('a refused savepoint leaves nothing, its neighbours stay', () => {
			const [one, two, three] = [anAccount(), anAccount(), anAccount()];
			write(() => {
				store.savepoint(() => (store.putAccount(one), true));
				store.savepoint(() => {
					store.putAccount(two);
					store.addEntry(one.tag, anEntry(1));
					store.putAccount({ ...one, seq: 1 });
					return false;
				});
				expect(() =>
					store.savepoint(() => {
						store.putAccount({ ...one, seq: 2 });
						throw new Error('bug');
					})
				).toThrow('bug');
				store.savepoint(() => (store.putAccount(three), true));
			});
			expect([one, two, three].map(({ tag }) => store.account(tag))).toEqual([one, undefined, three]);
			expect(store.entriesAfter(one.tag, 0, ALL)).toEqual([]);
		});

		test('entries are found by position, by session place, and in pages that end at a size', () => {
			const { tag } = anAccount();
			const session = bytes(16);
			const entries = [1, 2, 3, 4].map((seq) => anEntry(seq, session, seq - 1));
			write(() => entries.forEach((entry) => store.addEntry(tag, entry)));
			expect(store.entriesAfter(tag, 1, ALL)).toEqual(entries.slice(1).map((entry) => entry.bytes));
			expect(store.entriesAfter(tag, 0, { items: 2, bytes: 1 << 20 })).toHaveLength(2);
			expect(store.entriesAfter(tag, 0, { items: 9, bytes: 301 })).toHaveLength(2);
			expect(store.entriesAfter(tag, 0, { items: 9, bytes: 1 })).toHaveLength(1);
			expect(store.entriesAfter(tag, 4, ALL)).toEqual([]);
			expect(store.entryAt(tag, session, 2)).toEqual(entries[2]);
			expect(store.entryAt(tag, session, 7)).toBeUndefined();
			expect(store.rootAt(tag, 3)).toEqual(entries[2]!.root);
			expect(store.entriesAfter(bytes(16), 0, ALL)).toEqual([]);
		});

		test('chains, sessions, slots and meta are kept per account', () => {
			const [tag, other, session, slot] = [bytes(16), bytes(16), bytes(16), bytes(32)];
			const records = [bytes(50), bytes(60)];
			const row = { device: bytes(16), sseq: 3, hash: bytes(32) };
			write(() => {
				records.forEach((record, seq) => store.addChain(tag, seq, record));
				store.putSession(tag, session, row);
				store.putSlot(tag, slot, 7);
				store.putMeta('salt', slot);
			});
			expect(store.chainAfter(tag, -1)).toEqual(records);
			expect(store.chainAfter(tag, 0)).toEqual(records.slice(1));
			expect(store.session(tag, session)).toEqual(row);
			expect(store.slot(tag, slot)).toBe(7);
			expect(store.meta('salt')).toEqual(slot);
			expect([store.session(other, session), store.slot(other, slot), store.meta('x')]).toEqual([
				undefined,
				undefined,
				undefined
			]);
			expect(store.chainAfter(other, -1)).toEqual([]);
		});

		test('mail is found by position and by envelope, counted per alias, and goes 30 days after it was acknowledged', () => {
			const { tag } = anAccount();
			const alias = bytes(16);
			const items = [aMail(1, alias), aMail(2), aMail(3, alias), aMail(4, alias)];
			write(() => items.forEach((item) => store.addMail(tag, item)));
			expect(store.mailAfter(tag, 1, ALL)).toEqual(items.slice(1));
			expect(store.mailAfter(tag, 0, { items: 9, bytes: 101 })).toHaveLength(2);
			expect(store.hasMail(tag, alias, items[2]!.envId)).toBe(true);
			expect(store.hasMail(tag, alias, bytes(16))).toBe(false);
			const counts = store.mailPerAlias(tag, 1, 4);
			expect(counts.find((row) => Buffer.compare(row.alias, alias) === 0)?.count).toBe(2);
			write(() => store.ackMail(tag, 100, 2));
			write(() => store.ackMail(tag, 101, 3));
			for (let more = true; more;) more = write(() => store.expireMail(99, 10));
			expect(store.mailAfter(tag, 0, ALL)).toHaveLength(4);
			for (let more = true; more;) more = write(() => store.expireMail(100, 1));
			expect(store.mailAfter(tag, 0, ALL)).toEqual(items.slice(2));
			expect(store.hasMail(tag, alias, items[0]!.envId)).toBe(false);
			expect(store.hasMail(tag, alias, items[2]!.envId)).toBe(true);
		});

		test('an object comes back as it was put, with its claims and failures, and goes with them', () => {
			const { tag } = anAccount();
			const plain = anObject(tag);
			const rich = anObject(tag, {
				expiresAt: 5,
				maxUses: 2,
				uses: 1,
				forTag: bytes(16),
				verifierHash: bytes(32),
				ownershipHash: bytes(32),
				failures: 3,
				locked: true
			});
			const [claim, source] = [bytes(16), bytes(8)];
			write(() => {
				for (const object of [plain, rich]) store.putObject(object);
				store.addClaim(rich.handle, claim);
				store.putFailures(rich.handle, source, 4);
			});
			expect(store.object(plain.handle)).toEqual(plain);
			expect(store.object(rich.handle)).toEqual(rich);
			expect([store.isClaimed(rich.handle, claim), store.isClaimed(plain.handle, claim)]).toEqual([true, false]);
			expect([store.failures(rich.handle, source), store.failures(plain.handle, source)]).toEqual([4, 0]);
			write(() => store.dropObject(rich.handle));
			expect(store.object(rich.handle)).toBeUndefined();
			expect([store.isClaimed(rich.handle, claim), store.failures(rich.handle, source)]).toEqual([false, 0]);
		});

		test('blobs come back whole, and the sweep takes those that no row names and nobody is staging', async () => {
			const { tag } = anAccount();
			const content = bytes(100_000);
			const [kept, staged, orphan] = [
				await store.stageBlob(content),
				await store.stageBlob(content),
				await store.stageBlob(content)
			];
			write(() => store.putObject(anObject(tag, { content: { blob: kept } })));
			await store.dropBlob(orphan);
			expect(await store.sweepBlobs()).toBe(0);
			expect(await store.readBlob(kept)).toEqual(content);
			expect(await store.readBlob(staged)).toEqual(content);
			expect(await store.readBlob(orphan)).toBeUndefined();
			const handle = bytes(32);
			write(() => store.putObject(anObject(tag, { handle, content: { blob: staged } })));
			write(() => store.dropObject(handle));
			expect(await store.sweepBlobs()).toBe(1);
			expect(await store.readBlob(staged)).toBeUndefined();
			await store.dropBlob(staged);
		});

		test('what is staged and named while a sweep runs stays', async () => {
			const { tag } = anAccount();
			const content = bytes(50);
			const kept: string[] = [];
			let isOver = false;
			const sweeping = (async () => {
				while (!isOver) await store.sweepBlobs();
			})();
			for (let i = 0; i < 100; i++) {
				const blob = await store.stageBlob(content);
				write(() => store.putObject(anObject(tag, { handle: bytes(32), content: { blob } })));
				kept.push(blob);
			}
			isOver = true;
			await sweeping;
			await store.sweepBlobs();
			for (const blob of kept) expect(await store.readBlob(blob)).toEqual(content);
		});

		test('a file written in parts is there under its name when it is finished, is read in ranges, and leaves nothing when abandoned', async () => {
			const content = bytes(250_000);
			const writing = await store.writeBlob();
			for (let at = 0; at < content.length; at += 60_000) await writing.append(content.slice(at, at + 60_000));
			expect(await store.sweepBlobs()).toBe(0);
			const name = await writing.finish();
			expect(await store.readBlob(name)).toEqual(content);
			expect(await store.readBlobPart(name, 59_990, 20)).toEqual(content.slice(59_990, 60_010));
			expect(await store.readBlobPart(name, 249_990, 20)).toEqual(content.slice(249_990));
			expect(await store.readBlobPart(name, 250_000, 20)).toEqual(new Uint8Array(0));
			expect(await store.readBlobPart('00missing', 0, 20)).toBeUndefined();
			await store.dropBlob(name);
			const left = await store.writeBlob();
			await left.append(content);
			await left.abandon();
			expect(await store.sweepBlobs()).toBe(0);
		});

		test('an object keeps its body, owner record and lock; its body is swept only when no row names it', async () => {
			const { tag } = anAccount();
			const writing = await store.writeBlob();
			await writing.append(bytes(1000));
			const body = { blob: await writing.finish(), size: 1000, digest: bytes(32) };
			const object = anObject(tag, { body, record: bytes(70), ownershipLocked: true, expiresAt: 10 });
			write(() => store.putObject(object));
			expect(store.object(object.handle)).toEqual(object);
			expect(await store.sweepBlobs()).toBe(0);
			expect(write(() => store.expireObjects(20, 10))).toEqual({ more: false, blobs: [body.blob] });
			expect(await store.sweepBlobs()).toBe(1);
		});

		test('failures of all sources are forgotten together, and of no other object', () => {
			const [one, two, source] = [bytes(32), bytes(32), bytes(8)];
			write(() => {
				store.putFailures(one, source, 3);
				store.putFailures(one, bytes(8), 4);
				store.putFailures(two, source, 5);
				store.dropFailures(one);
			});
			expect([store.failures(one, source), store.failures(two, source)]).toEqual([0, 5]);
		});

		test('what was erased is remembered until its time, and a failed transaction remembers nothing', () => {
			const [old, late] = [bytes(16), bytes(16)];
			write(() => {
				store.putErased(old, 10);
				store.putErased(late, 30);
			});
			expect(() =>
				write(() => {
					store.putErased(late, 99);
					throw new Error('no');
				})
			).toThrow();
			expect(store.erasedAt(late)).toBe(30);
			write(() => store.expireErased(20));
			expect([store.erasedAt(old), store.erasedAt(late)]).toEqual([undefined, 30]);
		});

		test('an alias remembers its reserved places, and what was filed of a day', () => {
			const alias = anAlias(bytes(16), { reservedDay: 20_000, reservedUsed: 7, filedDay: 20_001, filedBytes: 8 });
			write(() => store.putAlias(alias));
			expect(store.alias(alias.alias)).toEqual(alias);
		});

		test('what has expired goes: objects with their usage, closed aliases, linking slots', () => {
			const account = anAccount({ objects: 2, objectBytes: 10, aliases: 2 });
			const [old, fresh] = [anObject(account.tag, { expiresAt: 10 }), anObject(account.tag, { expiresAt: 30 })];
			const [closed, open] = [anAlias(account.tag, { closesAt: 10 }), anAlias(account.tag)];
			const id = bytes(16);
			write(() => {
				store.putAccount(account);
				for (const object of [old, fresh]) store.putObject(object);
				for (const alias of [closed, open]) store.putAlias(alias);
				store.putRendezvous(id, 0, { bytes: bytes(3), expiresAt: 10 });
				store.putRendezvous(id, 1, { bytes: bytes(3), expiresAt: 30 });
			});
			expect(write(() => store.expireObjects(20, 10))).toEqual({ more: false, blobs: [] });
			expect(write(() => store.expireAliases(20, 0, 10))).toBe(false);
			write(() => store.expireRendezvous(20));
			expect([old, fresh].map(({ handle }) => store.object(handle)?.handle)).toEqual([undefined, fresh.handle]);
			expect([closed, open].map(({ alias }) => store.alias(alias)?.alias)).toEqual([undefined, open.alias]);
			expect([store.rendezvous(id, 0), store.rendezvous(id, 1)?.expiresAt]).toEqual([undefined, 30]);
			expect(store.account(account.tag)).toEqual({ ...account, objects: 1, objectBytes: 5, aliases: 1 });
		});

		test('an account is erased in steps that may be repeated; its aliases say "gone" and name nobody; others stay', async () => {
			const [leaving, staying] = [anAccount({ deletionAt: 10 }), anAccount()];
			const alias = anAlias(leaving.tag, { pending: 3, lastMseq: 3 });
			const blob = await store.stageBlob(bytes(20_000));
			write(() => {
				for (const account of [leaving, staying]) {
					store.putAccount(account);
					store.addChain(account.tag, 0, bytes(10));
					for (let i = 1; i <= 5; i++) {
						store.addEntry(account.tag, anEntry(i));
						store.addMail(account.tag, aMail(i));
						store.putSession(account.tag, bytes(16), { device: bytes(16), sseq: 0, hash: bytes(32) });
						store.putSlot(account.tag, bytes(32), i);
					}
					store.ackMail(account.tag, 1, 1);
				}
				store.putAlias(alias);
				store.putObject(anObject(leaving.tag, { content: { blob } }));
			});
			expect(store.accountsDue(9, 10)).toEqual([]);
			expect(store.accountsDue(10, 10)).toEqual([leaving.tag]);
			const files: string[] = [];
			for (let more = true; more;) {
				const step = write(() => store.eraseAccount(leaving.tag, 2, 77));
				files.push(...step.blobs);
				more = step.more;
				if (more) expect(store.account(leaving.tag)).toBeDefined();
			}
			expect(files).toEqual([blob]);
			expect(store.account(leaving.tag)).toBeUndefined();
			expect([
				store.entriesAfter(leaving.tag, 0, ALL),
				store.mailAfter(leaving.tag, 0, ALL),
				store.chainAfter(leaving.tag, -1)
			]).toEqual([[], [], []]);
			expect(store.alias(alias.alias)).toEqual({
				...alias,
				owner: undefined,
				closesAt: 77,
				pending: 0,
				lastMseq: 0
			});
			expect(write(() => store.eraseAccount(leaving.tag, 2, 77))).toEqual({ more: false, blobs: [] });
			expect([
				store.entriesAfter(staying.tag, 0, ALL).length,
				store.mailAfter(staying.tag, 0, ALL).length
			]).toEqual([5, 5]);
			expect(write(() => store.expireAliases(1000, 77, 10))).toBe(false);
			expect(store.alias(alias.alias)).toBeDefined();
			write(() => store.expireAliases(0, 78, 10));
			expect(store.alias(alias.alias)).toBeUndefined();
			await store.dropBlob(blob);
		});

		test('what was committed is there after the store was closed and opened again', async () => {
			const { reopen } = opened;
			if (!reopen) return expect(store.account(bytes(16))).toBeUndefined();
			const account = anAccount();
			const blob = await store.stageBlob(bytes(50));
			const object = anObject(account.tag, { content: { blob } });
			write(() => {
				store.putAccount(account);
				store.putObject(object);
			});
			store.close();
			store = reopen();
			expect(store.account(account.tag)).toEqual(account);
			expect(store.object(object.handle)).toEqual(object);
			expect(await store.readBlob(blob)).toHaveLength(50);
		});
	});
}
