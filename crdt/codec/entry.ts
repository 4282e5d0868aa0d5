/**
 * Log entry: the envelope of one flush of one device's session (PROTOCOL.md §3). The relay reads the header and checks the
 * signature; only own devices open the ciphertext.
 *
 *   version 1 | suite 1 | identityTag 16 | session 16 | sseq 4 | epoch 4 | chainHead 8
 *   seenSeq 6 | seenRoot 16 | prevHash 32 | ctLen 4                                       (108 bytes)
 *   only when sseq = 0:  deviceId 16 | keyCommitment 16 | sessionOrdinal 2                 (34 bytes)
 *   ciphertext‖tag ctLen | signature 64
 *
 * entryHash = SHA-256(everything before the signature); the signature is over "enmeshed/entry" ‖ entryHash.
 * The header (with the first-entry part) is the AAD of the ciphertext. prevHash of entry 0 is 32 zero bytes.
 */
import { concat, readUint, uint, type Bytes } from './bytes.ts';

export const ENTRY_VERSION = 1;
export const ENTRY_SUITE = 1;
export const ENTRY_HEADER = 108;
export const ENTRY_FIRST = 34;
export const SIGNATURE = 64;

export interface EntryHeader {
	readonly identityTag: Bytes;
	readonly session: Bytes;
	readonly sseq: number;
	readonly epoch: number;
	/** First 8 bytes of the hash of the newest chain record the author knew. */
	readonly chainHead: Bytes;
	/** The log position and (first 16 bytes of the) root the author had seen. */
	readonly seenSeq: number;
	readonly seenRoot: Bytes;
	readonly prevHash: Bytes;
	/** Present exactly when sseq = 0. */
	readonly first?: { readonly deviceId: Bytes; readonly keyCommitment: Bytes; readonly sessionOrdinal: number };
}

export interface Entry extends EntryHeader {
	readonly ciphertext: Bytes;
	readonly signature: Bytes;
	/** What is hashed: the bytes before the signature. */
	readonly signed: Bytes;
	readonly bytes: Bytes;
}

/** Header bytes as they stand on the wire: the AAD. */
export function encodeEntryHeader(header: EntryHeader, ciphertextLength: number): Bytes {
	const fixed = concat(
		Uint8Array.of(ENTRY_VERSION, ENTRY_SUITE),
		header.identityTag,
		header.session,
		uint(header.sseq, 4),
		uint(header.epoch, 4),
		header.chainHead,
		uint(header.seenSeq, 6),
		header.seenRoot,
		header.prevHash,
		uint(ciphertextLength, 4)
	);
	if ((header.sseq === 0) !== (header.first !== undefined)) throw new Error('first-entry part exactly at sseq 0');
	if (!header.first) return fixed;
	return concat(fixed, header.first.deviceId, header.first.keyCommitment, uint(header.first.sessionOrdinal, 2));
}

/** Header length for a given sseq. */
export const entryHeaderLength = (sseq: number): number => ENTRY_HEADER + (sseq === 0 ? ENTRY_FIRST : 0);

export const encodeEntry = (header: Uint8Array, ciphertext: Uint8Array, signature: Uint8Array): Bytes =>
	concat(header, ciphertext, signature);

export type EntryRefusal = 'truncated' | 'unknown-version' | 'unknown-suite' | 'length';

/** Reads structure only: signature and ciphertext are not judged. `ciphertext` and `signed` are views of `bytes`. */
export function decodeEntry(bytes: Bytes): { ok: true; entry: Entry } | { ok: false; why: EntryRefusal } {
	if (bytes.length < ENTRY_HEADER + SIGNATURE) return { ok: false, why: 'truncated' };
	if (bytes[0] !== ENTRY_VERSION) return { ok: false, why: 'unknown-version' };
	if (bytes[1] !== ENTRY_SUITE) return { ok: false, why: 'unknown-suite' };
	const sseq = readUint(bytes, 34, 4);
	const header = entryHeaderLength(sseq);
	const ctLen = readUint(bytes, 104, 4);
	if (bytes.length !== header + ctLen + SIGNATURE) return { ok: false, why: 'length' };
	const first =
		sseq === 0
			? {
					deviceId: bytes.slice(108, 124),
					keyCommitment: bytes.slice(124, 140),
					sessionOrdinal: readUint(bytes, 140, 2)
				}
			: undefined;
	return {
		ok: true,
		entry: {
			identityTag: bytes.slice(2, 18),
			session: bytes.slice(18, 34),
			sseq,
			epoch: readUint(bytes, 38, 4),
			chainHead: bytes.slice(42, 50),
			seenSeq: readUint(bytes, 50, 6),
			seenRoot: bytes.slice(56, 72),
			prevHash: bytes.slice(72, 104),
			...(first ? { first } : {}),
			ciphertext: bytes.subarray(header, header + ctLen),
			signature: bytes.slice(header + ctLen),
			signed: bytes.subarray(0, header + ctLen),
			bytes
		}
	};
}
