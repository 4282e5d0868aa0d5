/**
 * Checking signatures. Every signature of ours is Ed25519 over "enmeshed/<domain>" ‖ 0x00 ‖ 32-byte hash, so a signature
 * made for one purpose never counts for another.
 */
import { verifyEd25519 } from '#verify';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';

export type SignatureDomain =
	'entry' | 'chain' | 'event' | 'template' | 'ack' | 'login' | 'notice' | 'link' | 'challenge';

export const signedMessage = (domain: SignatureDomain, hash: Uint8Array): Bytes =>
	concat(utf8(`enmeshed/${domain}`), Uint8Array.of(0), hash);

export async function isSignedBy(
	publicKey: Uint8Array,
	domain: SignatureDomain,
	hash: Uint8Array,
	signature: Uint8Array
): Promise<boolean> {
	return verifyEd25519(publicKey, signature, signedMessage(domain, hash));
}
