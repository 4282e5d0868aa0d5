/** Ed25519 (RFC 8032) verification by node:crypto. The browser's twin is verify.web.ts. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { concat, toHex } from '../codec/bytes.ts';

const SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
/** Parsed keys are kept: one device signs many things. Bounded, dropped whole when full. */
const keys = new Map<string, KeyObject>();
const MAX_KEYS = 4096;

function keyOf(publicKey: Uint8Array): KeyObject {
	const name = toHex(publicKey);
	let key = keys.get(name);
	if (!key) {
		if (keys.size >= MAX_KEYS) keys.clear();
		key = createPublicKey({ key: Buffer.from(concat(SPKI, publicKey)), format: 'der', type: 'spki' });
		keys.set(name, key);
	}
	return key;
}

/** False for anything that is not a valid signature; never throws. */
export function verifyEd25519(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
	if (publicKey.length !== 32 || signature.length !== 64) return false;
	try {
		return verify(null, message, keyOf(publicKey), signature);
	} catch {
		return false;
	}
}
