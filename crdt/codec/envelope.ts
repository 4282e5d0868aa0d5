/**
 * Envelope: what one identity sends to another, as the relay sees it (PROTOCOL.md §9). The relay reads nothing of it: it
 * files the bytes under an alias. Only the recipient opens it.
 *
 *   version 1 | suite 1 | kind 1 | alias 16 | envId 16 | k 4 | keyLen 2 | key keyLen | ciphertext‖tag
 *
 * kind 1 = HPKE base mode with X-Wing, `key` is the encapsulated secret (1120 bytes): request to the template key, accept
 * and reject to the key announced in the request. kind 2 = sealed by the relationship: message key = HKDF(R_k, salt = key),
 * `key` is 32 random bytes. Everything before the ciphertext is the AAD.
 */
import { concat, readUint, uint, type Bytes } from './bytes.ts';

export const ENVELOPE_VERSION = 1;
export const ENVELOPE_SUITE = 1;
export const ENVELOPE_HPKE = 1;
export const ENVELOPE_RELATIONSHIP = 2;

export interface EnvelopeHeader {
	readonly kind: 1 | 2;
	readonly alias: Bytes;
	readonly envId: Bytes;
	/** Generation of the relationship root; 0 until the ratchet comes (reserved). */
	readonly k: number;
	readonly key: Bytes;
}

export interface Envelope extends EnvelopeHeader {
	readonly header: Bytes;
	readonly ciphertext: Bytes;
}

export const encodeEnvelopeHeader = (header: EnvelopeHeader): Bytes =>
	concat(
		Uint8Array.of(ENVELOPE_VERSION, ENVELOPE_SUITE, header.kind),
		header.alias,
		header.envId,
		uint(header.k, 4),
		uint(header.key.length, 2),
		header.key
	);

const FIXED = 41;

/** Structure only; undefined for anything that is not an envelope of this version. */
export function decodeEnvelope(bytes: Bytes): Envelope | undefined {
	if (bytes.length < FIXED || bytes[0] !== ENVELOPE_VERSION || bytes[1] !== ENVELOPE_SUITE) return undefined;
	const kind = bytes[2];
	if (kind !== ENVELOPE_HPKE && kind !== ENVELOPE_RELATIONSHIP) return undefined;
	const end = FIXED + readUint(bytes, 39, 2);
	if (bytes.length < end + 16) return undefined;
	return {
		kind,
		alias: bytes.slice(3, 19),
		envId: bytes.slice(19, 35),
		k: readUint(bytes, 35, 4),
		key: bytes.slice(FIXED, end),
		header: bytes.slice(0, end),
		ciphertext: bytes.slice(end)
	};
}
