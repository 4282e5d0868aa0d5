/** Keys that sign and seal, by node:crypto (synchronous). The browser's twin is secret.web.ts. */
import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { concat, toHex, type Bytes } from '../codec/bytes.ts';
import type { StoredKey } from '../ports.ts';

const PKCS8 = Uint8Array.of(
	0x30,
	0x2e,
	0x02,
	0x01,
	0x00,
	0x30,
	0x05,
	0x06,
	0x03,
	0x2b,
	0x65,
	0x70,
	0x04,
	0x22,
	0x04,
	0x20
);
const keys = new Map<string, KeyObject>();
const MAX_KEYS = 1024;

function keyOf(seed: Uint8Array): KeyObject {
	const name = toHex(seed);
	let key = keys.get(name);
	if (!key) {
		if (keys.size >= MAX_KEYS) keys.clear();
		key = createPrivateKey({ key: Buffer.from(concat(PKCS8, seed)), format: 'der', type: 'pkcs8' });
		keys.set(name, key);
	}
	return key;
}

/** The key to keep and its public part, from a 32-byte seed (RFC 8032). In Node the kept key is the seed. */
export function signingKeyFromSeed(seed: Bytes): { key: StoredKey; publicKey: Bytes } {
	const spki = createPublicKey(keyOf(seed)).export({ format: 'der', type: 'spki' });
	return { key: seed, publicKey: new Uint8Array(spki.subarray(spki.length - 32)) };
}

export function signEd25519(key: StoredKey, message: Uint8Array): Bytes {
	if (!(key instanceof Uint8Array)) throw new TypeError('a seed is expected in Node');
	return new Uint8Array(sign(null, message, keyOf(key)));
}

/** AES-256-GCM (SP 800-38D): ciphertext ‖ 16-byte tag. */
export function aesSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes {
	const cipher = createCipheriv('aes-256-gcm', key, nonce);
	cipher.setAAD(aad);
	return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** Undefined when it does not open. */
export function aesOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes | undefined {
	if (sealed.length < 16) return undefined;
	const decipher = createDecipheriv('aes-256-gcm', key, nonce);
	decipher.setAAD(aad);
	decipher.setAuthTag(sealed.subarray(sealed.length - 16));
	try {
		return concat(decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final());
	} catch {
		return undefined;
	}
}
