/**
 * Signed speech: bytes an identity says to another, signed by one of its devices, with the proof path that shows the device
 * belongs. Used inside envelopes ("event") and objects ("template").
 *
 *   CBOR { body: bytes, sig 64, device 16, path }      signature over domainHash(<domain>, body)
 */
import type { Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import { domainHash } from '../crypto/hash.ts';
import { signHash } from '../crypto/seal.ts';
import { isSignedBy } from '../crypto/verify.ts';
import type { StoredKey } from '../ports.ts';
import { checkPath, type ProofPath, type Speaker } from './path.ts';

export interface Signer {
	readonly device: Bytes;
	readonly key: StoredKey;
	readonly path: ProofPath;
}
export type SpeechDomain = 'event' | 'template';
export type CborMap = { readonly [key: string]: Cbor | undefined };

export const speechHash = (domain: SpeechDomain, body: Uint8Array): Bytes => domainHash(domain, body);

export async function speak(signer: Signer, domain: SpeechDomain, body: Bytes): Promise<Bytes> {
	const sig = await signHash(signer.key, domain, speechHash(domain, body));
	return toCbor({ body, sig, device: signer.device, path: signer.path as unknown as Cbor });
}

export interface Heard {
	readonly speaker: Speaker;
	readonly body: CborMap;
	readonly hash: Bytes;
}

/** What was said and by whom, or undefined when anything about it does not hold. */
export async function hear(domain: SpeechDomain, bytes: Bytes): Promise<Heard | undefined> {
	const outer = asMap(fromCbor(bytes));
	if (!outer || !(outer['body'] instanceof Uint8Array) || !(outer['sig'] instanceof Uint8Array)) return undefined;
	const speaker = await checkPath(outer['path'], outer['device']);
	const hash = speechHash(domain, outer['body']);
	if (!speaker || !(await isSignedBy(speaker.deviceKey, domain, hash, outer['sig']))) return undefined;
	const body = asMap(fromCbor(outer['body']));
	return body && { speaker, body, hash };
}

export function asMap(value: Cbor | undefined): CborMap | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
		? (value as CborMap)
		: undefined;
}
