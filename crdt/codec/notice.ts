/**
 * Notices (PROTOCOL.md §4): what the relay tells an owner of its objects, as signed mail. Hints only: the engine looks at the
 * object again and believes what it finds.
 */
import { sha256 } from '../crypto/hash.ts';
import type { Bytes } from './bytes.ts';
import { fromLooseCbor, toCbor, type Cbor } from './cbor.ts';
import { isMap } from './frame.ts';

export type NoticeKind = 'exhausted' | 'claimed' | 'locked';
export interface Notice {
	readonly kind: NoticeKind;
	readonly handle: Bytes;
	/** Milliseconds of the day's beginning: a notice is mail, and mail is dated to the day. */
	readonly time: number;
}

/** Mail of kind notice: CBOR [payload, signature 64], payload = CBOR map of Notice; relay key, domain "notice", SHA-256(payload). */
export function encodeNotice(notice: Notice, sign: (hash: Bytes) => Uint8Array): Bytes {
	const payload = toCbor({ ...notice });
	return toCbor([payload, sign(sha256(payload))]);
}

/** Undefined when it is none. `hash` and `signature` are for isSignedBy(relayKey, "notice", …): the caller checks. */
export function parseNotice(bytes: Uint8Array): { notice: Notice; hash: Bytes; signature: Bytes } | undefined {
	const outer = fromLooseCbor(bytes);
	if (!Array.isArray(outer) || outer.length !== 2) return undefined;
	const [payload, signature] = outer as Cbor[];
	if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array) || signature.length !== 64)
		return undefined;
	const map = fromLooseCbor(payload);
	if (!isMap(map)) return undefined;
	const { kind, handle, time } = map;
	if (kind !== 'exhausted' && kind !== 'claimed' && kind !== 'locked') return undefined;
	if (!(handle instanceof Uint8Array) || handle.length !== 32 || typeof time !== 'number') return undefined;
	return { notice: { kind, handle: handle as Bytes, time }, hash: sha256(payload), signature: signature as Bytes };
}
