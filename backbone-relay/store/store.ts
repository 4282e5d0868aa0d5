/**
 * What the relay keeps, as one port: a store of a few tables with one writer. Two implementations, one suite (suite.ts).
 *
 * Promises: what `transaction` wrote is durable when it returns, or nothing of it is there; a `savepoint` that answers false
 * leaves nothing; reads outside see committed rows only. Everything is synchronous (one process, one writer, no lock to wait
 * for), blobs excepted: their bytes are durable before a row can name them.
 *
 * What a table join must not show (PROTOCOL.md §4): a sender's entry and a recipient's mail share a transaction, so no table
 * has a counter that runs across accounts, entries carry no time, mail its day only, slots no envelope id; every key starts
 * with an identity tag, a mailbox, an alias or an object's handle.
 */
import type { Bytes } from '@enmeshed/crdt/wire';

export interface Account {
	readonly tag: Bytes;
	/** Newest log position (0 = empty) and the root there. */
	readonly seq: number;
	readonly root: Bytes;
	/** Newest mail position, and up to where mail is acknowledged. */
	readonly mseq: number;
	readonly mailAck: number;
	/** Newest chain record. */
	readonly chainSeq: number;
	readonly chainHead: Bytes;
	readonly epoch: number;
	/** Usage. */
	readonly entryBytes: number;
	readonly objects: number;
	readonly objectBytes: number;
	readonly aliases: number;
	/** When the account is to be erased, milliseconds. */
	readonly deletionAt: number | undefined;
}

export interface Session {
	readonly device: Bytes;
	/** Newest entry of the session and its hash. */
	readonly sseq: number;
	readonly hash: Bytes;
}

export interface StoredEntry {
	readonly seq: number;
	readonly session: Bytes;
	readonly sseq: number;
	readonly root: Bytes;
	readonly bytes: Bytes;
}

export interface Alias {
	readonly alias: Bytes;
	/** Undefined once the account is erased: the tombstone that answers "gone" names nobody. */
	readonly owner: Bytes | undefined;
	readonly tokenHash: Bytes;
	/** From then on it takes nothing, milliseconds. */
	readonly closesAt: number | undefined;
	/** Mail not yet acknowledged, and the newest mail position under this alias. */
	readonly pending: number;
	readonly lastMseq: number;
	/** The day on which reserved places were last used, and how many then. */
	readonly reservedDay: number;
	readonly reservedUsed: number;
	/** The day on which envelopes were last filed, and how many bytes of them then. */
	readonly filedDay: number;
	readonly filedBytes: number;
}

export interface Mail {
	readonly mseq: number;
	readonly alias: Bytes;
	readonly envId: Bytes;
	readonly kind: 'envelope' | 'notice';
	readonly day: number;
	readonly bytes: Bytes;
}

/** Small objects lie in the row, large ones in a file that the row names. */
export type Content = { readonly bytes: Bytes } | { readonly blob: string };

/** What is too large to lie beside the head: always a file. */
export interface Body {
	readonly blob: string;
	readonly size: number;
	readonly digest: Bytes;
}

export interface StoredObject {
	readonly handle: Bytes;
	readonly owner: Bytes;
	/** Of content and body together. */
	readonly size: number;
	/** SHA-256 of the bytes: "the same again" is told without reading them. */
	readonly digest: Bytes;
	readonly expiresAt: number | undefined;
	readonly maxUses: number | undefined;
	readonly uses: number;
	readonly forTag: Bytes | undefined;
	readonly verifierHash: Bytes | undefined;
	readonly ownershipHash: Bytes | undefined;
	readonly failures: number;
	readonly locked: boolean;
	readonly content: Content;
	readonly body: Body | undefined;
	/** Sealed owner record of a file. */
	readonly record: Bytes | undefined;
	/** No claims until the owner renews the ownership token. */
	readonly ownershipLocked: boolean;
}

/** The files a row names. */
export const blobsOf = ({ content, body }: Pick<StoredObject, 'content' | 'body'>): string[] => [
	...('blob' in content ? [content.blob] : []),
	...(body ? [body.blob] : [])
];

/** A file that is being written, part after part. */
export interface Writing {
	append(bytes: Uint8Array): Promise<void>;
	/** Makes it durable under a fresh name; no row names it yet. */
	finish(): Promise<string>;
	abandon(): Promise<void>;
}

export interface Slot {
	readonly bytes: Bytes;
	readonly expiresAt: number;
}

/** A part of a list and no more than fits an answer. */
export interface PageSize {
	readonly items: number;
	/** The page ends with the item that reaches it, so one item always fits. */
	readonly bytes: number;
}

export interface Store {
	/** All of it durable when this returns; nothing of it when it throws. Not nested. */
	transaction<T>(work: () => T): T;
	/** Inside a transaction: what `work` wrote stays when it answers true. */
	savepoint(work: () => boolean): void;

	account(tag: Bytes): Account | undefined;
	putAccount(account: Account): void;

	addChain(tag: Bytes, seq: number, bytes: Bytes): void;
	/** Records from after+1 on, all of them: a chain is short. */
	chainAfter(tag: Bytes, after: number): Bytes[];

	session(tag: Bytes, session: Bytes): Session | undefined;
	putSession(tag: Bytes, session: Bytes, row: Session): void;

	addEntry(tag: Bytes, entry: StoredEntry): void;
	/** The entry a session has at `sseq`. */
	entryAt(tag: Bytes, session: Bytes, sseq: number): StoredEntry | undefined;
	rootAt(tag: Bytes, seq: number): Bytes | undefined;
	entriesAfter(tag: Bytes, after: number, page: PageSize): Bytes[];

	/** seq of the entry that took the slot. */
	slot(tag: Bytes, slot: Bytes): number | undefined;
	putSlot(tag: Bytes, slot: Bytes, seq: number): void;

	alias(alias: Bytes): Alias | undefined;
	putAlias(row: Alias): void;

	addMail(mailbox: Bytes, mail: Mail): void;
	hasMail(mailbox: Bytes, alias: Bytes, envId: Bytes): boolean;
	mailAfter(mailbox: Bytes, after: number, page: PageSize): Mail[];
	/** How many items of each alias lie in (after, upTo]. */
	mailPerAlias(mailbox: Bytes, after: number, upTo: number): { alias: Bytes; count: number }[];
	/** Remembers that mail up to `mseq` was acknowledged on that day. */
	ackMail(mailbox: Bytes, day: number, mseq: number): void;

	object(handle: Bytes): StoredObject | undefined;
	putObject(row: StoredObject): void;
	/** With its claims and failures. */
	dropObject(handle: Bytes): void;
	isClaimed(handle: Bytes, claimId: Bytes): boolean;
	addClaim(handle: Bytes, claimId: Bytes): void;
	/** Wrong passwords one source has shown; `source` is 8 bytes of a keyed hash. */
	failures(handle: Bytes, source: Bytes): number;
	putFailures(handle: Bytes, source: Bytes, count: number): void;
	/** Forgets them, of all sources. */
	dropFailures(handle: Bytes): void;

	rendezvous(id: Bytes, slot: number): Slot | undefined;
	putRendezvous(id: Bytes, slot: number, row: Slot): void;

	/** Accounts whose day has come. */
	accountsDue(now: number, limit: number): Bytes[];
	/**
	 * One step of erasing an account: removes at most about `limit` rows, the account row only when nothing else is left;
	 * its aliases become tombstones. True = there is more. `blobs` are the files no row names any longer.
	 */
	eraseAccount(tag: Bytes, limit: number, now: number): { more: boolean; blobs: string[] };
	/** Objects that expired before `time`, with their files. */
	expireObjects(time: number, limit: number): { more: boolean; blobs: string[] };
	/** Mail acknowledged on `day` or before. */
	expireMail(day: number, limit: number): boolean;
	expireRendezvous(now: number): void;
	/** Aliases that closed before `closed`, and tombstones of erased accounts made before `gone`. */
	expireAliases(closed: number, gone: number, limit: number): boolean;

	/** When an account was erased, milliseconds; `name` is a keyed hash of its tag. */
	erasedAt(name: Bytes): number | undefined;
	putErased(name: Bytes, at: number): void;
	expireErased(before: number): void;

	/** A small value of the relay itself (its salt); durable at once when outside a transaction. */
	meta(name: string): Bytes | undefined;
	putMeta(name: string, value: Bytes): void;

	/** Writes the bytes durably under a fresh name. No row names them yet. */
	stageBlob(bytes: Uint8Array): Promise<string>;
	/** Begins such a file. */
	writeBlob(): Promise<Writing>;
	readBlob(name: string): Promise<Bytes | undefined>;
	/** At most `length` bytes from `at` on; undefined when there is no such file. */
	readBlobPart(name: string, at: number, length: number): Promise<Bytes | undefined>;
	dropBlob(name: string): Promise<void>;
	/** Removes files that no row names and no running request is staging. → how many */
	sweepBlobs(): Promise<number>;

	close(): void;
}

export type StoreFault = 'full' | 'broken';

/** The one thing a store throws that is not a bug. `full`: nothing was stored, later it may work again. `broken`: reopen it. */
export class StoreError extends Error {
	readonly fault: StoreFault;
	constructor(fault: StoreFault, cause: unknown) {
		super(`the store is ${fault}`, { cause });
		this.name = 'StoreError';
		this.fault = fault;
	}
}
