/** Sealing with AES-256-GCM and signing with Ed25519: one door over both platforms; async because browsers are. */
import { aesOpen, aesSeal, signEd25519, signingKeyFromSeed } from '#secret';
import type { Bytes } from '../codec/bytes.ts';
import type { StoredKey } from '../ports.ts';
import { signedMessage, type SignatureDomain } from './verify.ts';

export async function seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Bytes> {
	return aesSeal(key, nonce, aad, plaintext);
}

/** Undefined when it does not open. */
export async function open(
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	sealed: Uint8Array
): Promise<Bytes | undefined> {
	return aesOpen(key, nonce, aad, sealed);
}

/** Signs a 32-byte hash for one purpose. */
export async function signHash(key: StoredKey, domain: SignatureDomain, hash: Uint8Array): Promise<Bytes> {
	return signEd25519(key, signedMessage(domain, hash));
}

/** 32 random bytes become a signing key; what is kept cannot be exported in a browser. */
export async function makeSigningKey(seed: Bytes): Promise<{ key: StoredKey; publicKey: Bytes }> {
	return signingKeyFromSeed(seed);
}
