/**
 * Address of an identity (transport-backbone.md §0): `did:e:<host>:dids:<20 hex><2 hex>`. 20 hex = first 10 bytes of
 * SHA-256(SHA-512(Ed25519 public key)); 2 hex = first byte of SHA-256 over all text before them. Lower case.
 */
import { sha256, sha512 } from '../crypto/hash.ts';
import { toHex, utf8 } from './bytes.ts';

const HOST = /^(?:(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}|localhost)$/;
const ADDRESS =
	/^did:e:((?:(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[a-z]{2,})|localhost):dids:([0-9a-f]{20})([0-9a-f]{2})$/;

export const isAddressHost = (host: string): boolean => host.length >= 3 && host.length <= 45 && HOST.test(host);

export function addressOf(publicKey: Uint8Array, host: string): string {
	const body = `did:e:${host}:dids:${toHex(sha256(sha512(publicKey)).slice(0, 10))}`;
	return body + toHex(sha256(utf8(body)).slice(0, 1));
}

/** Stands for an identity that is forgotten here (transport-backbone.md §0): the same for all, below the host of `address`. */
export const pseudonymBeside = (address: string): string => addressOf(utf8('deleted identity'), address.split(':')[2]!);

/** Form and check byte. */
export function isAddress(text: string): boolean {
	const match = ADDRESS.exec(text);
	return match !== null && toHex(sha256(utf8(text.slice(0, -2))).slice(0, 1)) === match[3];
}

/** Whether the address belongs to the key (its host is taken from the address itself). */
export function isAddressOf(text: string, publicKey: Uint8Array): boolean {
	const host = ADDRESS.exec(text)?.[1];
	return host !== undefined && addressOf(publicKey, host) === text;
}
