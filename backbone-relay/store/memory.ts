/**
 * The store in memory: for the simulation and for tests. Same promises as on disk but durability; a snapshot can be taken and
 * opened again, which is how the simulation restores a relay from an old backup.
 */
import { concat, equal, toHex, type Bytes } from '@enmeshed/crdt/wire';
import {
	blobsOf,
	type Account,
	type Alias,
	type Mail,
	type PageSize,
	type Session,
	type Slot,
	type Store,
	type StoredEntry,
	type StoredObject
} from './store.ts';

interface State {
	readonly accounts: Map<string, Account>;
	readonly chains: Map<string, Bytes[]>;
	readonly sessions: Map<string, Session>;
	readonly entries: Map<string, StoredEntry[]>;
	/** tag+session+sseq → seq */
	readonly places: Map<string, number>;
	readonly slots: Map<string, number>;
	readonly aliases: Map<string, Alias>;
	readonly mail: Map<string, Mail[]>;
	/** mailbox+alias+envId */
	readonly delivered: Map<string, number>;
	/** mailbox → day → mseq */
	readonly acks: Map<string, [number, number][]>;
	readonly objects: Map<string, StoredObject>;
	readonly claims: Map<string, true>;
	readonly failures: Map<string, number>;
	readonly erased: Map<string, number>;
	readonly rendezvous: Map<string, Slot>;
	readonly meta: Map<string, Bytes>;
	readonly blobs: Map<string, Bytes>;
}

const emptyState = (): State => ({
	accounts: new Map(),
	chains: new Map(),
	sessions: new Map(),
	entries: new Map(),
	places: new Map(),
	slots: new Map(),
	aliases: new Map(),
	mail: new Map(),
	delivered: new Map(),
	acks: new Map(),
	objects: new Map(),
	claims: new Map(),
	failures: new Map(),
	erased: new Map(),
	rendezvous: new Map(),
	meta: new Map(),
	blobs: new Map()
});

const keyOf = (...parts: readonly (Uint8Array | number)[]): string =>
	parts.map((part) => (typeof part === 'number' ? part.toString(16).padStart(12, '0') : toHex(part))).join('/');

/** Everything a memory store holds, copied: `createMemoryStore(snapshot)` opens it again. */
export type MemorySnapshot = { readonly state: State };

export interface MemoryStore extends Store {
	snapshot(): MemorySnapshot;
}

/** The part of a sorted list that fits a page. */
function page<T>(rows: readonly T[], from: number, size: PageSize, bytesOf: (row: T) => number): T[] {
	const part: T[] = [];
	let bytes = 0;
	for (let i = from; i < rows.length && part.length < size.items && bytes < size.bytes; i++) {
		part.push(rows[i]!);
		bytes += bytesOf(rows[i]!);
	}
	return part;
}

const firstAfter = <T>(rows: readonly T[], isAfter: (row: T) => boolean): number => {
	const at = rows.findIndex(isAfter);
	return at < 0 ? rows.length : at;
};

export function createMemoryStore(from?: MemorySnapshot): MemoryStore {
	const state: State = from ? structuredClone(from.state) : emptyState();
	/** How to take back what the running transaction did, newest last. */
	let undo: (() => void)[] | undefined;
	let blobNumber = state.blobs.size;
	const staged = new Set<string>();

	const rollBackTo = (mark: number) => {
		while (undo && undo.length > mark) undo.pop()!();
	};

	function set<V>(table: Map<string, V>, key: string, value: V): void {
		const had = table.has(key);
		const before = table.get(key);
		undo?.push(() => (had ? table.set(key, before as V) : table.delete(key)));
		table.set(key, value);
	}

	function drop<V>(table: Map<string, V>, key: string): boolean {
		if (!table.has(key)) return false;
		const before = table.get(key)!;
		undo?.push(() => table.set(key, before));
		return table.delete(key);
	}

	/** Lists are replaced when shortened and grown in place: appending to a log must not copy it. */
	function push<V>(table: Map<string, V[]>, key: string, value: V): void {
		const list = table.get(key);
		if (!list) return set(table, key, [value]);
		list.push(value);
		undo?.push(() => list.pop());
	}

	function dropPrefix<V>(table: Map<string, V>, prefix: string, limit: number): number {
		let dropped = 0;
		for (const key of [...table.keys()])
			if (key.startsWith(prefix) && dropped < limit) dropped += drop(table, key) ? 1 : 0;
		return dropped;
	}

	function dropMailUpTo(box: string, mseq: number): void {
		const rows = state.mail.get(box) ?? [];
		for (const row of rows) if (row.mseq <= mseq) drop(state.delivered, `${box}/${keyOf(row.alias, row.envId)}`);
		set(
			state.mail,
			box,
			rows.filter((row) => row.mseq > mseq)
		);
	}

	const store: MemoryStore = {
		transaction(work) {
			if (undo) throw new Error('a transaction is running');
			undo = [];
			try {
				return work();
			} catch (error) {
				rollBackTo(0);
				throw error;
			} finally {
				undo = undefined;
			}
		},
		savepoint(work) {
			const mark = undo?.length ?? 0;
			let keep = false;
			try {
				keep = work();
			} finally {
				if (!keep) rollBackTo(mark);
			}
		},

		account: (tag) => state.accounts.get(toHex(tag)),
		putAccount: (account) => set(state.accounts, toHex(account.tag), account),

		addChain: (tag, _seq, bytes) => push(state.chains, toHex(tag), bytes),
		chainAfter: (tag, after) => (state.chains.get(toHex(tag)) ?? []).slice(after + 1),

		session: (tag, session) => state.sessions.get(keyOf(tag, session)),
		putSession: (tag, session, row) => set(state.sessions, keyOf(tag, session), row),

		addEntry(tag, entry) {
			push(state.entries, toHex(tag), entry);
			set(state.places, keyOf(tag, entry.session, entry.sseq), entry.seq);
		},
		entryAt(tag, session, sseq) {
			const seq = state.places.get(keyOf(tag, session, sseq));
			return seq === undefined ? undefined : state.entries.get(toHex(tag))?.[seq - 1];
		},
		rootAt: (tag, seq) => state.entries.get(toHex(tag))?.[seq - 1]?.root,
		entriesAfter: (tag, after, size) =>
			page(state.entries.get(toHex(tag)) ?? [], after, size, (row) => row.bytes.length).map((row) => row.bytes),

		slot: (tag, slot) => state.slots.get(keyOf(tag, slot)),
		putSlot: (tag, slot, seq) => set(state.slots, keyOf(tag, slot), seq),

		alias: (alias) => state.aliases.get(toHex(alias)),
		putAlias: (row) => set(state.aliases, toHex(row.alias), row),

		addMail(mailbox, mail) {
			push(state.mail, toHex(mailbox), mail);
			set(state.delivered, keyOf(mailbox, mail.alias, mail.envId), mail.mseq);
		},
		hasMail: (mailbox, alias, envId) => state.delivered.has(keyOf(mailbox, alias, envId)),
		mailAfter(mailbox, after, size) {
			const rows = state.mail.get(toHex(mailbox)) ?? [];
			return page(
				rows,
				firstAfter(rows, (row) => row.mseq > after),
				size,
				(row) => row.bytes.length
			);
		},
		mailPerAlias(mailbox, after, upTo) {
			const counts = new Map<string, { alias: Bytes; count: number }>();
			for (const { alias, mseq } of state.mail.get(toHex(mailbox)) ?? []) {
				if (mseq <= after || mseq > upTo) continue;
				const count = counts.get(toHex(alias)) ?? { alias, count: 0 };
				count.count++;
				counts.set(toHex(alias), count);
			}
			return [...counts.values()];
		},
		ackMail(mailbox, day, mseq) {
			const box = toHex(mailbox);
			const others = (state.acks.get(box) ?? []).filter(([ackDay]) => ackDay !== day);
			set(state.acks, box, [...others, [day, mseq]]);
		},

		object: (handle) => state.objects.get(toHex(handle)),
		putObject(row) {
			for (const name of blobsOf(row)) staged.delete(name);
			set(state.objects, toHex(row.handle), row);
		},
		dropObject(handle) {
			drop(state.objects, toHex(handle));
			dropPrefix(state.claims, toHex(handle), Infinity);
			dropPrefix(state.failures, toHex(handle), Infinity);
		},
		isClaimed: (handle, claimId) => state.claims.has(keyOf(handle, claimId)),
		addClaim: (handle, claimId) => set(state.claims, keyOf(handle, claimId), true),
		failures: (handle, source) => state.failures.get(keyOf(handle, source)) ?? 0,
		putFailures: (handle, source, count) => set(state.failures, keyOf(handle, source), count),

		dropFailures: (handle) => void dropPrefix(state.failures, toHex(handle), Infinity),

		rendezvous: (id, slot) => state.rendezvous.get(keyOf(id, slot)),
		putRendezvous: (id, slot, row) => set(state.rendezvous, keyOf(id, slot), row),

		accountsDue: (now, limit) =>
			[...state.accounts.values()]
				.filter(({ deletionAt }) => deletionAt !== undefined && deletionAt <= now)
				.slice(0, limit)
				.map(({ tag }) => tag),
		eraseAccount(tag, _limit, now) {
			const name = toHex(tag);
			const blobs: string[] = [];
			for (const row of [...state.objects.values()]) {
				if (!equal(row.owner, tag)) continue;
				blobs.push(...blobsOf(row));
				store.dropObject(row.handle);
			}
			for (const row of [...state.aliases.values()]) {
				if (row.owner && equal(row.owner, tag))
					store.putAlias({
						...row,
						owner: undefined,
						closesAt: now,
						pending: 0,
						lastMseq: 0,
						reservedDay: 0,
						reservedUsed: 0,
						filedDay: 0,
						filedBytes: 0
					});
			}
			dropPrefix(state.places, name, Infinity);
			dropPrefix(state.sessions, name, Infinity);
			dropPrefix(state.slots, name, Infinity);
			dropPrefix(state.delivered, name, Infinity);
			for (const table of [state.entries, state.mail, state.acks, state.chains])
				drop(table as Map<string, unknown>, name);
			drop(state.accounts, name);
			return { more: false, blobs };
		},
		expireObjects(time, limit) {
			const due = [...state.objects.values()]
				.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt < time)
				.slice(0, limit);
			for (const row of due) {
				const owner = state.accounts.get(toHex(row.owner));
				if (owner)
					store.putAccount({
						...owner,
						objects: owner.objects - 1,
						objectBytes: owner.objectBytes - row.size
					});
				store.dropObject(row.handle);
			}
			return {
				more: due.length === limit,
				blobs: due.flatMap(blobsOf)
			};
		},
		expireMail(day) {
			for (const [box, acks] of [...state.acks]) {
				const upTo = Math.max(0, ...acks.filter(([ackDay]) => ackDay <= day).map(([, mseq]) => mseq));
				if (upTo === 0) continue;
				dropMailUpTo(box, upTo);
				set(
					state.acks,
					box,
					acks.filter(([ackDay]) => ackDay > day)
				);
			}
			return false;
		},
		expireRendezvous(now) {
			for (const [key, { expiresAt }] of [...state.rendezvous]) if (expiresAt <= now) drop(state.rendezvous, key);
		},
		expireAliases(closed, gone) {
			for (const row of [...state.aliases.values()]) {
				if (row.closesAt === undefined || row.closesAt >= (row.owner ? closed : gone)) continue;
				drop(state.aliases, toHex(row.alias));
				const owner = row.owner && state.accounts.get(toHex(row.owner));
				if (owner) store.putAccount({ ...owner, aliases: owner.aliases - 1 });
			}
			return false;
		},

		erasedAt: (name) => state.erased.get(toHex(name)),
		putErased: (name, at) => set(state.erased, toHex(name), at),
		expireErased(before) {
			for (const [name, at] of [...state.erased]) if (at < before) drop(state.erased, name);
		},

		meta: (name) => state.meta.get(name),
		putMeta: (name, value) => set(state.meta, name, value),

		async stageBlob(bytes) {
			const name = `blob-${++blobNumber}-${state.objects.size}`;
			staged.add(name);
			state.blobs.set(name, new Uint8Array(bytes));
			return name;
		},
		async writeBlob() {
			const parts: Uint8Array[] = [];
			return {
				async append(bytes) {
					parts.push(new Uint8Array(bytes));
				},
				finish: () => store.stageBlob(concat(...parts)),
				abandon: async () => undefined
			};
		},
		readBlob: async (name) => state.blobs.get(name),
		readBlobPart: async (name, at, length) => state.blobs.get(name)?.slice(at, at + length),
		async dropBlob(name) {
			staged.delete(name);
			state.blobs.delete(name);
		},
		async sweepBlobs() {
			const named = new Set([...state.objects.values()].flatMap(blobsOf));
			const orphans = [...state.blobs.keys()].filter((name) => !named.has(name) && !staged.has(name));
			for (const name of orphans) state.blobs.delete(name);
			return orphans.length;
		},
		snapshot: () => ({ state: structuredClone(state) }),
		close: () => undefined
	};
	return store;
}
