/**
 * Device chain record (PROTOCOL.md §2): who may write for an identity. A record has a signed public part and a sealed part
 * that own devices open; the public part names the sealed part's hash, so a proof path never carries sealed secrets.
 *
 *   record  = CBOR [public bytes, sealed bytes or empty, signature 64]
 *   public  = CBOR map { v 1, prev 32, seq, type, body, sealed 32 (SHA-256, absent when empty), signer 16 (absent: root) }
 *   hash    = SHA-256(public bytes);  signature = Ed25519 over "enmeshed/chain" ‖ hash, by root or the signing device
 *   identityTag = first 16 bytes of the genesis hash
 *
 * Types: see CHAIN_TYPES. Those marked reserved are refused when written and kept when read.
 */
import { fromCbor, toCbor, type Cbor } from './cbor.ts';
import type { Bytes } from './bytes.ts';

export const CHAIN_TYPES = {
	genesis: 0,
	addDevice: 1,
	/** reserved */ revokeDevice: 2,
	newEpoch: 3,
	publishPrekeys: 4,
	/** reserved */ setRole: 5,
	/** reserved */ recovery: 6,
	/** reserved */ moveRelay: 7
} as const;
export const RESERVED_CHAIN_TYPES: readonly number[] = [2, 5, 6, 7];

export interface DevicePart {
	/** First 16 bytes of SHA-256("enmeshed/device" ‖ ds). */
	readonly id: Bytes;
	/** Ed25519 public key. */
	readonly ds: Bytes;
	/** SHA-256 of the X-Wing public key; the key itself is in the sealed part. */
	readonly dkHash: Bytes;
	readonly role: 'admin' | 'member';
}

export type ChainBody =
	| {
			readonly type: 0;
			/** Ed25519 public key of the identity. */
			readonly ik: Bytes;
			/** SHA-256 of an ML-DSA-65 public key kept beside the root. */
			readonly pqHash: Bytes;
			readonly address: string;
			readonly device: DevicePart;
			/** Milliseconds, author's clock. */
			readonly time: number;
	  }
	| { readonly type: 1; readonly device: DevicePart; readonly time: number }
	| { readonly type: 3; readonly epoch: number; readonly time: number }
	| { readonly type: 4; readonly version: number; readonly prekey: Bytes; readonly time: number }
	/** Reserved or newer: kept as it came. */
	| { readonly type: 2 | 5 | 6 | 7; readonly raw: Cbor };

export interface ChainRecord {
	readonly prev: Bytes;
	readonly seq: number;
	readonly body: ChainBody;
	readonly sealedHash?: Bytes;
	/** Device id of the signer; absent = signed by the root key. */
	readonly signer?: Bytes;
	readonly publicBytes: Bytes;
	readonly sealed: Bytes;
	readonly signature: Bytes;
	readonly bytes: Bytes;
}

export function encodeChainPublic(record: Pick<ChainRecord, 'prev' | 'seq' | 'body' | 'sealedHash' | 'signer'>): Bytes {
	const { type, ...body } = record.body;
	return toCbor({
		v: 1,
		prev: record.prev,
		seq: record.seq,
		type,
		body: body as unknown as Cbor,
		sealed: record.sealedHash,
		signer: record.signer
	});
}

export const encodeChainRecord = (publicBytes: Uint8Array, sealed: Uint8Array, signature: Uint8Array): Bytes =>
	toCbor([publicBytes, sealed, signature]);

const isBytes = (value: Cbor | undefined, length?: number): value is Bytes =>
	value instanceof Uint8Array && (length === undefined || value.length === length);
const isMap = (value: Cbor | undefined): value is { readonly [key: string]: Cbor | undefined } =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const isUint = (value: Cbor | undefined): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function parseDevice(value: Cbor | undefined): DevicePart | undefined {
	if (!isMap(value)) return undefined;
	const { id, ds, dkHash, role } = value;
	if (!isBytes(id, 16) || !isBytes(ds, 32) || !isBytes(dkHash, 32) || (role !== 'admin' && role !== 'member'))
		return undefined;
	return { id, ds, dkHash, role };
}

function parseBody(type: number, body: Cbor | undefined): ChainBody | undefined {
	if (!isMap(body)) return undefined;
	if (type === 2 || type === 5 || type === 6 || type === 7) return { type, raw: body };
	if (!isUint(body['time'])) return undefined;
	const time = body['time'];
	if (type === 0) {
		const device = parseDevice(body['device']);
		const { ik, pqHash, address } = body;
		if (!device || !isBytes(ik, 32) || !isBytes(pqHash, 32) || typeof address !== 'string') return undefined;
		return { type, ik, pqHash, address, device, time };
	}
	if (type === 1) {
		const device = parseDevice(body['device']);
		return device && { type, device, time };
	}
	if (type === 3) return isUint(body['epoch']) ? { type, epoch: body['epoch'], time } : undefined;
	if (type === 4) {
		const { version, prekey } = body;
		return isUint(version) && isBytes(prekey, 1216) ? { type, version, prekey, time } : undefined;
	}
	return undefined;
}

/** Structure only; undefined for anything else. Reads the public part alone when given as a proof path element. */
export function decodeChainRecord(bytes: Bytes): ChainRecord | undefined {
	const outer = fromCbor(bytes);
	if (!Array.isArray(outer) || outer.length !== 3) return undefined;
	const [publicBytes, sealed, signature] = outer as Cbor[];
	if (!isBytes(publicBytes) || !isBytes(sealed) || !isBytes(signature, 64)) return undefined;
	const inner = fromCbor(publicBytes);
	if (
		!isMap(inner) ||
		inner['v'] !== 1 ||
		!isUint(inner['type']) ||
		!isUint(inner['seq']) ||
		!isBytes(inner['prev'], 32)
	)
		return undefined;
	const body = parseBody(inner['type'], inner['body']);
	const { sealed: sealedHash, signer } = inner;
	if (
		!body ||
		(sealedHash !== undefined && !isBytes(sealedHash, 32)) ||
		(signer !== undefined && !isBytes(signer, 16))
	)
		return undefined;
	return {
		prev: inner['prev'],
		seq: inner['seq'],
		body,
		...(sealedHash ? { sealedHash } : {}),
		...(signer ? { signer } : {}),
		publicBytes,
		sealed,
		signature,
		bytes
	};
}
