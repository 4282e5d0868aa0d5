/**
 * Ids (PROTOCOL.md §1): three-letter prefix + 17 base62 characters. Ids that cross to a peer are made of the author's
 * address and 16 random bytes; the bytes travel inside the signed body and the receiver computes the id again, so nobody
 * can claim another's id.
 *
 *   id = prefix ‖ base62_17( SHA-256( "enmeshed/id" ‖ 0 ‖ len ‖ prefix ‖ len ‖ address ‖ len ‖ random16 ) )
 *   base62_17(hash): the 17 least significant base62 digits of the hash as a big-endian integer, most significant first;
 *   digits 0-9 A-Z a-z
 */
import { domainHash } from '../crypto/hash.ts';
import { utf8, type Bytes } from './bytes.ts';

export type IdPrefix =
	'ATT' | 'REQ' | 'NOT' | 'MSG' | 'REL' | 'RLT' | 'TOK' | 'FIL' | 'CHL' | 'IDP' | 'DVC' | 'ERR' | 'FWD';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_DIGITS = 17;

export function base62(hash: Uint8Array, length = ID_DIGITS): string {
	let rest = 0n;
	for (const byte of hash) rest = (rest << 8n) | BigInt(byte);
	let text = '';
	for (let i = 0; i < length; i++) {
		text = DIGITS[Number(rest % 62n)]! + text;
		rest /= 62n;
	}
	return text;
}

export const idOf = (prefix: IdPrefix, author: string, random: Bytes): string =>
	prefix + base62(domainHash('id', utf8(prefix), utf8(author), random));

/** DVC id of a device, from its Ed25519 public key. */
export const deviceIdText = (ds: Uint8Array): string => `DVC${base62(domainHash('id', utf8('DVC'), ds))}`;

export const isId = (text: string, prefix: IdPrefix): boolean => new RegExp(`^${prefix}[A-Za-z0-9]{17}$`).test(text);
