/**
 * Sealing and opening log entries (layout: codec/entry.ts). A session is one process start of a device: its key is derived
 * from the epoch secret with the session id as salt, its nonces are its counter. One (key, sseq) seals one byte string, ever:
 * what was sealed is persisted before it is sent and only resent as it is; after a refusal the session is over.
 *
 *   K_s        = HKDF(E_n, salt = session id, info = "enmeshed/session" ‖ identityTag ‖ device ‖ suite)
 *   commitment = HKDF(E_n, salt = session id, info = "enmeshed/commit"), 16 bytes
 *   nonce      = sseq as 12 bytes, big-endian
 */
import { concat, uint, utf8, type Bytes } from '../codec/bytes.ts';
import {
	encodeEntry,
	encodeEntryHeader,
	ENTRY_SUITE,
	entryHeaderLength,
	type Entry,
	type EntryHeader
} from '../codec/entry.ts';
import { entryHash } from '../codec/log.ts';
import { hkdf } from '../crypto/hash.ts';
import { open, seal, signHash } from '../crypto/seal.ts';
import type { StoredKey } from '../ports.ts';

export const sessionKey = (e: Bytes, session: Bytes, identityTag: Bytes, device: Bytes): Bytes =>
	hkdf(e, session, concat(utf8('enmeshed/session'), identityTag, device, Uint8Array.of(ENTRY_SUITE)), 32);
export const keyCommitment = (e: Bytes, session: Bytes): Bytes => hkdf(e, session, utf8('enmeshed/commit'), 16);

/**
 * After a refusal its session is over: the counter it used up must never seal anything else. A table, so that the simulation
 * can switch the rule off and see the nonce test fail; nothing else may assign here.
 */
export const sessionRules = { afterRefusal: <S>(_session: S): S | undefined => undefined };

const nonceOf = (sseq: number): Bytes => concat(new Uint8Array(8), uint(sseq, 4));

export async function sealEntry(
	key: Bytes,
	signer: StoredKey,
	header: EntryHeader,
	padded: Bytes
): Promise<{ bytes: Bytes; hash: Bytes }> {
	const head = encodeEntryHeader(header, padded.length + 16);
	const ciphertext = await seal(key, nonceOf(header.sseq), head, padded);
	const hash = entryHash(concat(head, ciphertext));
	return { bytes: encodeEntry(head, ciphertext, await signHash(signer, 'entry', hash)), hash };
}

/** The padded plaintext, or undefined when it does not open. */
export async function openEntry(key: Bytes, entry: Entry): Promise<Bytes | undefined> {
	return open(key, nonceOf(entry.sseq), entry.bytes.slice(0, entryHeaderLength(entry.sseq)), entry.ciphertext);
}
