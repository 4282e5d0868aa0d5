/**
 * The body of a file and the record of its owner (PROTOCOL.md §9.5).
 *
 *   body    the file, zeros up to the entry bucket, cut into chunks of 1 MiB − 16 bytes; chunk i is
 *           AES-256-GCM(key in the head, nonce = i in 11 bytes ‖ 1 for the last chunk else 0, AAD = id as UTF-8)
 *   record  nonce 12 ‖ AES-256-GCM( HKDF(key of the reference, "", "enmeshed/owner", 32), nonce, AAD = id as UTF-8,
 *           padded speech of domain "template": { t "owner", id, turn, prev? 32, time } )
 *
 * A chunk is sealed and opened by itself, so nobody holds more than one of them; a body that was cut short, reordered or
 * mixed with another does not open. The record says who owns the file after `turn` claims; the relay replaces it with
 * each claim and only the newest is kept. `prev` = SHA-256 of the record before.
 */
import { concat, uint, utf8, type Bytes } from '../codec/bytes.ts';
import { toCbor, type Cbor } from '../codec/cbor.ts';
import { entryBucket, pad, unpad } from '../codec/padding.ts';
import { base62 } from '../codec/ids.ts';
import { blinded, domainHash, hkdf, sha256 } from '../crypto/hash.ts';
import { open, seal } from '../crypto/seal.ts';
import type { Speaker } from '../identity/path.ts';
import { hear, speak, type Signer } from '../identity/speech.ts';
import type { Random } from '../ports.ts';

/** As it lies at the relay: one part of an upload, one range of a download. */
export const CHUNK = 1 << 20;
const TAG = 16;
const PLAIN = CHUNK - TAG;

const paddedSize = (size: number): number => entryBucket(Math.max(size, 1));
const chunksOf = (size: number): number => Math.ceil(paddedSize(size) / PLAIN);
/** Bytes of the body of a file of `size` bytes. */
export const bodySize = (size: number): number => paddedSize(size) + chunksOf(size) * TAG;

const nonceOf = (index: number, last: boolean): Bytes =>
	concat(new Uint8Array(5), uint(index, 6), Uint8Array.of(last ? 1 : 0));

/** The chunks of a body, one after the other. */
export async function* sealBody(id: string, key: Bytes, file: Uint8Array): AsyncGenerator<Bytes> {
	const padded = paddedSize(file.length);
	const count = chunksOf(file.length);
	for (let i = 0; i < count; i++) {
		const plain = new Uint8Array(Math.min(PLAIN, padded - i * PLAIN));
		plain.set(file.subarray(i * PLAIN, i * PLAIN + plain.length));
		yield seal(key, nonceOf(i, i === count - 1), utf8(id), plain);
	}
}

/** Where chunk `index` lies in the body of a file of `size` bytes; undefined behind the last. */
export const chunkRange = (size: number, index: number): { at: number; length: number } | undefined =>
	index < chunksOf(size) ? { at: index * CHUNK, length: Math.min(CHUNK, bodySize(size) - index * CHUNK) } : undefined;

/** The bytes of the file in one chunk, or undefined when it does not open. */
export async function openChunk(
	id: string,
	key: Bytes,
	size: number,
	index: number,
	chunk: Bytes
): Promise<Bytes | undefined> {
	const plain = await open(key, nonceOf(index, index === chunksOf(size) - 1), utf8(id), chunk);
	return plain?.slice(0, Math.max(0, size - index * PLAIN));
}

// --------------------------------------------------------------------------------------------------- who owns it

export interface OwnerRecord {
	readonly owner: Speaker;
	/** 0 = who made it; one more with each claim. */
	readonly turn: number;
}

const recordKey = (linkKey: Bytes): Bytes => hkdf(linkKey, new Uint8Array(0), utf8('enmeshed/owner'), 32);

export async function sealOwner(
	random: Random,
	linkKey: Bytes,
	signer: Signer,
	record: { readonly id: string; readonly turn: number; readonly prev?: Bytes; readonly time: number }
): Promise<Bytes> {
	const { id, turn, prev, time } = record;
	const body = toCbor({ t: 'owner', id, turn, ...(prev ? { prev } : {}), time } as Cbor);
	const nonce = random.bytes(12);
	const speech = pad(await speak(signer, 'template', body), entryBucket);
	return concat(nonce, await seal(recordKey(linkKey), nonce, utf8(id), speech));
}

/** Who owns the file, or undefined when the record does not say so in a way that holds. */
export async function openOwner(id: string, linkKey: Bytes, record: Bytes): Promise<OwnerRecord | undefined> {
	const padded = await open(recordKey(linkKey), record.slice(0, 12), utf8(id), record.slice(12));
	const speech = padded && unpad(padded);
	const heard = speech && (await hear('template', speech));
	if (!heard || heard.body['t'] !== 'owner' || heard.body['id'] !== id) return undefined;
	const turn = heard.body['turn'];
	return typeof turn === 'number' && Number.isSafeInteger(turn) && turn >= 0
		? { owner: heard.speaker, turn }
		: undefined;
}

export const recordHash = (record: Bytes): Bytes => sha256(record);

// --------------------------------------------------------------------------------------------- ownership tokens

/** 20 characters as clients know them: 119 bits. */
export const newOwnershipToken = (random: Random): string => base62(random.bytes(32), 20);

/** The token after a claim: the same whenever the claim is made again. */
export const nextOwnershipToken = (blindingKey: Bytes, id: string, token: string): string =>
	base62(blinded(blindingKey, 'ownership', utf8(id), utf8(token)), 20);

/** What the relay is shown; it keeps the SHA-256 of it. */
export const ownershipProof = (token: string): Bytes => domainHash('ownership', utf8(token));
