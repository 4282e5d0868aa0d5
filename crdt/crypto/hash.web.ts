/** SHA-256, HMAC and HKDF for browsers, synchronous (WebCrypto's are not). Node's twin is hash.node.ts. */
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import type { Bytes } from '../codec/bytes.ts';

export const sha256 = (bytes: Uint8Array): Bytes => nobleSha256(bytes) as Bytes;
export const sha512 = (bytes: Uint8Array): Bytes => nobleSha512(bytes) as Bytes;
export const hmac = (key: Uint8Array, bytes: Uint8Array): Bytes => nobleHmac(nobleSha256, key, bytes) as Bytes;
export const hkdf = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Bytes =>
	nobleHkdf(nobleSha256, ikm, salt, info, length) as Bytes;

/** SHA-256 of what comes piece by piece. */
export function sha256Stream(): { update(bytes: Uint8Array): void; digest(): Bytes } {
	const state = nobleSha256.create();
	return { update: (bytes) => void state.update(bytes), digest: () => state.digest() as Bytes };
}
