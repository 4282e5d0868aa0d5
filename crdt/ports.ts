/**
 * Everything impure the engine needs, as four small interfaces. Nothing in crdt/ touches a clock, randomness, a network
 * or a disk except through these, so the same engine runs in a browser worker, in Node and in the simulation.
 *
 *   Clock   what time the device believes it is (never used in the rules of a fold)
 *   Random  every key, id, nonce and encapsulation is fed from here
 *   Store   durable bytes; a batch is all or nothing, and durable when the promise resolves
 *   Relay   one request frame in, one answer frame out, wake-ups in between
 */

export interface Clock {
	/** Milliseconds since 1970-01-01 UTC, as the device believes. */
	now(): number;
	/** Resolves after `ms`; rejects never. Cancelled by the signal (then it resolves at once). */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
	/** `length` unpredictable bytes (in the simulation: seeded ones). */
	bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** What a platform may keep as a key: raw bytes in Node, a non-extractable CryptoKey in a browser. */
export type StoredKey = Uint8Array<ArrayBuffer> | CryptoKey | CryptoKeyPair;

/** One change of a batch. `value: null` deletes. Keys order bytewise; they never hold user text. */
export type StoreWrite =
	| { readonly table: string; readonly key: string; readonly value: Uint8Array | null }
	| { readonly secret: string; readonly value: StoredKey | null };

export interface Store {
	get(table: string, key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
	/** Rows of `table` with `from <= key < to`, ascending; at most `limit`. */
	range(table: string, from?: string, to?: string, limit?: number): Promise<[string, Uint8Array<ArrayBuffer>][]>;
	/** Applies all writes or none; durable (fsynced, `strict`) when it resolves. A rejection means: stop accepting. */
	write(batch: readonly StoreWrite[]): Promise<void>;
	/** A key kept for this device (signing, store sealing). */
	secret(name: string): Promise<StoredKey | undefined>;
	close(): Promise<void>;
}

/** A live line to a relay. Frames are bytes of codec/frame.ts. */
export interface RelayConnection {
	/** The relay speaks first: its challenge for this connection. */
	readonly challenge: Uint8Array<ArrayBuffer>;
	/** Sends a request frame, resolves with its answer frame. Rejects with `RelayUnreachable` when the line breaks. */
	exchange(frame: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
	/** Called for each push frame (a wake-up); at most one listener. */
	onPush(listener: (frame: Uint8Array<ArrayBuffer>) => void): void;
	/** Called once when the line is gone. */
	onClose(listener: () => void): void;
	close(): void;
}

export interface Relay {
	/** Base URL of the relay, without a trailing slash; part of references and mailbox addresses. */
	readonly url: string;
	/** Opens a line. Rejects with `RelayUnreachable`. */
	connect(): Promise<RelayConnection>;
}

/** The line is down or the relay does not answer: nothing is known about whether the request was carried out. */
export class RelayUnreachable extends Error {
	constructor(reason = 'relay unreachable') {
		super(reason);
		this.name = 'RelayUnreachable';
	}
}
