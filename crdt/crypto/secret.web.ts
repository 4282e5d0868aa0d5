/** Keys that sign and seal, by WebCrypto; signing keys are not extractable. Node's twin is secret.node.ts. */
import { concat, type Bytes } from '../codec/bytes.ts';
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

/**
 * The key to keep and its public part, from a 32-byte seed (RFC 8032). WebCrypto tells the public part only of an
 * extractable key, so the seed is imported twice; the one that is kept cannot be exported.
 */
export async function signingKeyFromSeed(seed: Bytes): Promise<{ key: StoredKey; publicKey: Bytes }> {
	const pkcs8 = concat(PKCS8, seed);
	const readable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
	const { x } = await crypto.subtle.exportKey('jwk', readable);
	const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
	pkcs8.fill(0);
	return { key, publicKey: base64UrlBytes(x ?? '') };
}

function base64UrlBytes(text: string): Bytes {
	return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0)) as Bytes;
}

/** A root seed (kept until the recovery kit exists) signs as bytes; a device key as CryptoKey. */
export async function signEd25519(key: StoredKey, message: Uint8Array): Promise<Bytes> {
	const handle = key instanceof Uint8Array ? (await signingKeyFromSeed(key as Bytes)).key : key;
	if (!(handle instanceof CryptoKey)) throw new TypeError('a signing key is expected');
	return new Uint8Array(await crypto.subtle.sign('Ed25519', handle, message as Bytes));
}

/** AES-256-GCM (SP 800-38D): ciphertext ‖ 16-byte tag. */
export async function aesSeal(
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	plaintext: Uint8Array
): Promise<Bytes> {
	const handle = await crypto.subtle.importKey('raw', key as Bytes, 'AES-GCM', false, ['encrypt']);
	const parameters = { name: 'AES-GCM', iv: nonce as Bytes, additionalData: aad as Bytes };
	return new Uint8Array(await crypto.subtle.encrypt(parameters, handle, plaintext as Bytes));
}

/** Undefined when it does not open. */
export async function aesOpen(
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	sealed: Uint8Array
): Promise<Bytes | undefined> {
	if (sealed.length < 16) return undefined;
	const handle = await crypto.subtle.importKey('raw', key as Bytes, 'AES-GCM', false, ['decrypt']);
	const parameters = { name: 'AES-GCM', iv: nonce as Bytes, additionalData: aad as Bytes };
	try {
		return new Uint8Array(await crypto.subtle.decrypt(parameters, handle, sealed as Bytes));
	} catch {
		return undefined;
	}
}
