/**
 * Hashes and what is derived from them. All SHA-256 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869). Synchronous everywhere.
 */
import { hkdf, hmac, sha256, sha256Stream, sha512 } from '#hash';
import { concat, uint, utf8, type Bytes } from '../codec/bytes.ts';

export { hkdf, sha256, sha256Stream, sha512 };

/** SHA-256 over "enmeshed/<domain>" ‖ 0x00 ‖ parts, each part preceded by its length (4 bytes), so parts cannot slide. */
export function domainHash(domain: string, ...parts: readonly Uint8Array[]): Bytes {
	return sha256(
		concat(utf8(`enmeshed/${domain}`), Uint8Array.of(0), ...parts.flatMap((part) => [uint(part.length, 4), part]))
	);
}

/** HMAC(B, "<label>" ‖ 0x00 ‖ parts with their lengths): slots, aliases, claims and local ids, equal on every own device. */
export function blinded(blindingKey: Uint8Array, label: string, ...parts: readonly Uint8Array[]): Bytes {
	return hmac(
		blindingKey,
		concat(utf8(label), Uint8Array.of(0), ...parts.flatMap((part) => [uint(part.length, 4), part]))
	);
}
