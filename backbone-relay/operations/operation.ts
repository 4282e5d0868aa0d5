/**
 * What an operation is: who may call it, what it checks before its tick, what it does in the tick's transaction.
 *
 *   read    answers from committed rows at once
 *   write   prepare (signatures, files; may wait) → apply (synchronous, inside the transaction, all or nothing)
 *
 * A refusal is a value. What apply wants to happen after the commit (wake lines, remove files) it puts into `effects`.
 */
import { createHmac } from 'node:crypto';
import type { Bytes, Cbor, Operation, PushFrame, RefusalType, RequestOf } from '@enmeshed/crdt/wire';
import type { Limits } from '../limits.ts';
import type { Members } from '../members.ts';
import type { Publications } from '../publications.ts';
import type { SignatureChecks } from '../signatures.ts';
import type { Account, Content, Store } from '../store/store.ts';
import type { Uploads } from '../uploads.ts';

export type Fields = { readonly [name: string]: Cbor | undefined };

export interface Refused {
	readonly ok: false;
	readonly type: RefusalType;
	readonly fields: Fields;
	/** What was written stays although the answer is a refusal: a counted wrong password. */
	readonly keep?: true;
}
/** `ack`: the log position the answer's proof stands for; `content`: what the answer's `bytes` are read from. */
export interface Done {
	readonly ok: true;
	readonly fields: Fields;
	readonly ack?: { readonly tag: Bytes; readonly seq: number; readonly root: Bytes };
	readonly content?: Content;
}
export type Outcome = Done | Refused;

export const refused = (type: RefusalType, fields: Fields = {}): Refused => ({ ok: false, type, fields });
export const done = (fields: Fields = {}): Done => ({ ok: true, fields });

/** Everything the operations stand on. */
export interface Ground {
	readonly store: Store;
	readonly limits: Limits;
	readonly members: Members;
	readonly now: () => number;
	readonly random: (length: number) => Bytes;
	/** Ed25519 of the relay key over the message as it is. */
	readonly sign: (message: Uint8Array) => Bytes;
	readonly signatures: SignatureChecks;
	readonly relayKey: Bytes;
	readonly addressHost: string;
	readonly client: { readonly id: string; readonly secret: string } | undefined;
	/** Keys the hash of a source before it is stored. */
	readonly salt: Bytes;
	/** Bodies on their way in. */
	readonly uploads: Uploads;
	/** What the operator publishes. */
	readonly publications: Publications;
	/** A push frame to all lines of an account. */
	readonly push: (tag: Bytes, frame: PushFrame) => void;
	/** Takes one from a ration; answers the seconds to wait, 0 = go on. */
	readonly ration: (ration: Ration, key: string) => Promise<number>;
}

/** What is rationed, and by whom: a source (an address), an account, or an alias. */
export type Ration = 'anonymous' | 'registration' | 'login' | 'write' | 'notification';

export interface Caller {
	/** Where it comes from: an address; only its keyed hash is ever stored. */
	readonly source: string;
	/** The signed-in device. */
	readonly account?: { readonly tag: Bytes; readonly device: Bytes };
}
export type SignedIn = Caller & { readonly account: { readonly tag: Bytes; readonly device: Bytes } };

/** What shall happen once the transaction is durable. */
export interface Effects {
	/** Lines of this account have something to pull. */
	wake(tag: Bytes): void;
	/** No row names this file any longer. */
	dropBlob(name: string): void;
}

export interface Reading<O extends Operation> {
	readonly access: 'anonymous' | 'device';
	readonly kind: 'read';
	/** It costs as much as a write and is rationed as one. */
	readonly isRationed?: true;
	answer(ground: Ground, caller: SignedIn, body: RequestOf<O>): Outcome | Promise<Outcome>;
}

export interface Writing<O extends Operation, P> {
	readonly access: 'anonymous' | 'device';
	readonly kind: 'write';
	/** Before it takes its place in the queue: for what takes long and needs no order (files). */
	before?(ground: Ground, caller: SignedIn, body: RequestOf<O>): Promise<P | Refused>;
	/** While it waits in its place: what needs a promise (signatures). An operation has this or `before`. */
	prepare?(ground: Ground, caller: SignedIn, body: RequestOf<O>): Promise<P | Refused>;
	apply(ground: Ground, caller: SignedIn, body: RequestOf<O>, prepared: P, effects: Effects): Outcome;
	/** What `before` made was not used: the request was refused or the transaction failed. */
	abandon?(ground: Ground, prepared: P): Promise<void>;
}

export const isRefused = (value: unknown): value is Refused =>
	typeof value === 'object' && value !== null && 'ok' in value && value.ok === false;

/** True from the moment an account's grace period is over, whether or not its rows are erased already. */
export const isGone = (account: Account | undefined, now: number): boolean =>
	account === undefined || (account.deletionAt !== undefined && account.deletionAt <= now);

/** The account behind a signed-in caller, as long as it and the device belong to it. */
export function accountOf(ground: Ground, caller: SignedIn): Account | undefined {
	const account = ground.store.account(caller.account.tag);
	return account && !isGone(account, ground.now()) ? account : undefined;
}

/** The name an erased account is remembered by: a keyed hash, so that the table alone names nobody. */
export const erasedName = (salt: Bytes, tag: Bytes): Bytes =>
	new Uint8Array(createHmac('sha256', salt).update('erased').update(tag).digest()).slice(0, 16);

export const DAY_MS = 86_400_000;
export const dayOf = (timeMs: number): number => Math.floor(timeMs / DAY_MS);
