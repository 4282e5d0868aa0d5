/**
 * Intents: what this device wants to say, durable before anything leaves (PROTOCOL.md §8). An intent is shown at once (its
 * `shown` operations on top of what the log confirmed) and becomes a commit when the relay can be reached. Decisions are
 * checked again then: first committed wins.
 */
import type { Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import type { RequestOf } from '../codec/frame.ts';
import { asMap } from '../identity/speech.ts';
import type { Refusal } from '../result.ts';
import { decodeOpsBare, encodeOpsBare, type Op } from './record.ts';

/**
 * withdrawal: something of ours that others hold goes, and they are told; `lastWithdrawal`: a mailbox among theirs is gone
 * and is passed over.
 */
export type IntentKind = 'plain' | 'succession' | 'message' | 'decision' | 'withdrawal' | 'lastWithdrawal';

export interface Intent {
	/** Store key: order of creation on this device. */
	readonly n: number;
	readonly id: Bytes;
	readonly kind: IntentKind;
	/** Operations folded on top while it waits. */
	readonly shown: readonly Op[];
	/** Why it will not be sent any more (a message refused by its mailbox, a request that expired); shown with retry or discard. */
	readonly failed?: string;
}

export const encodeIntent = ({ id, kind, shown, failed }: Intent): Bytes =>
	toCbor({ id, kind, shown: encodeOpsBare(shown), failed });

export function decodeIntent(key: string, bytes: Uint8Array): Intent {
	const map = asMap(fromCbor(bytes));
	const shown = map?.['shown'] instanceof Uint8Array ? decodeOpsBare(map['shown']) : undefined;
	if (!map || !shown || !(map['id'] instanceof Uint8Array))
		throw new Error('the store holds an intent that cannot be read');
	return {
		n: Number.parseInt(key, 10),
		id: map['id'] as Bytes,
		kind: map['kind'] as IntentKind,
		shown,
		...(typeof map['failed'] === 'string' ? { failed: map['failed'] } : {})
	};
}

/** A commit ready to be sealed. */
export interface Built {
	readonly ops: readonly Op[];
	readonly slots: readonly Bytes[];
	readonly intent: Bytes;
	readonly envelopes: NonNullable<RequestOf<'commit'>['envelopes']>;
	readonly aliases: NonNullable<RequestOf<'commit'>['aliases']>;
	readonly mailAck?: number;
	readonly aliasSeen?: { readonly alias: Bytes; readonly mseq: number };
	/** It must not stand after anything this device has not read: opening a relationship. */
	readonly wholeLog?: true;
	/** With `wholeLog`: the position of the log it was built on. */
	readonly logSeen?: number;
	readonly tolerant?: boolean;
	/** Stored intents this commit settles. */
	readonly settles: readonly number[];
}

export type BuildResult =
	| { readonly built: Built }
	| { readonly superseded: true; /** What was decided already. */ readonly slot?: Bytes }
	| { readonly refused: Refusal };

/**
 * A sealed frame under way: persisted before it is sent, resent byte-identical until there is a definite answer.
 * `caller` frames belong to somebody who waits; they are given up when the line breaks.
 */
export interface Frame {
	readonly op: 'append' | 'commit';
	readonly request: Cbor;
	readonly entry: Bytes;
	readonly settles: readonly number[];
	readonly caller: boolean;
}

export const encodeFrame = (frame: Frame): Bytes => toCbor(frame as unknown as Cbor);
export function decodeFrame(bytes: Uint8Array): Frame {
	const map = asMap(fromCbor(bytes));
	if (!map) throw new Error('the store holds a frame that cannot be read');
	return map as unknown as Frame;
}
