/** SHA-256, HMAC and HKDF by node:crypto (synchronous). The browser's twin is hash.web.ts. */
import { createHash, createHmac, hash, hkdfSync } from 'node:crypto';
import type { Bytes } from '../codec/bytes.ts';

export const sha256 = (bytes: Uint8Array): Bytes => new Uint8Array(hash('sha256', bytes, 'buffer'));
export const sha512 = (bytes: Uint8Array): Bytes => new Uint8Array(hash('sha512', bytes, 'buffer'));
export const hmac = (key: Uint8Array, bytes: Uint8Array): Bytes =>
	new Uint8Array(createHmac('sha256', key).update(bytes).digest());
export const hkdf = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Bytes =>
	new Uint8Array(hkdfSync('sha256', ikm, salt, info, length));

/** SHA-256 of what comes piece by piece. */
export function sha256Stream(): { update(bytes: Uint8Array): void; digest(): Bytes } {
	const state = createHash('sha256');
	return { update: (bytes) => void state.update(bytes), digest: () => new Uint8Array(state.digest()) };
}
