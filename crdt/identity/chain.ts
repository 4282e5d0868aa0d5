/**
 * Writing and opening the device chain (PROTOCOL.md §2). The public part says who belongs; the sealed part carries what only
 * own devices may know:
 *
 *   sealed  CBOR { dk?: X-Wing public key of the added device, to?: { <device id hex>: [enc 1120, ciphertext] }, back?: bytes }
 *   to[x]   HPKE to x's key, info "enmeshed/epoch", AAD = the record's `prev` ‖ device id; plaintext CBOR { epoch, e 32, b 32 }
 *   back    AES-256-GCM under HKDF(E_n, "enmeshed/back"), 12 zero bytes as nonce (the key is used once): E_(n-1)
 */
import { concat, equal, fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import { encodeChainPublic, encodeChainRecord, type ChainBody, type ChainRecord } from '../codec/chain.ts';
import { chainHash, type Membership } from '../codec/membership.ts';
import { hkdf, sha256 } from '../crypto/hash.ts';
import { hpkeOpen, hpkeSeal, KEM_PUBLIC } from '../crypto/hpke.ts';
import { open, seal, signHash } from '../crypto/seal.ts';
import type { Random, StoredKey } from '../ports.ts';

/** What every own device knows: the epoch secrets and the blinding key. */
export interface IdentityKeys {
	readonly b: Bytes;
	readonly epochs: ReadonlyMap<number, Bytes>;
	/** X-Wing public keys of own devices, by device id hex. */
	readonly deviceKeys: ReadonlyMap<string, Bytes>;
}

const INFO = utf8('enmeshed/epoch');
const ZERO_NONCE = new Uint8Array(12);

export interface Recipient {
	readonly id: Bytes;
	readonly dk: Bytes;
}

interface Draft {
	readonly prev: Bytes;
	readonly seq: number;
	readonly body: ChainBody;
	readonly signer?: Bytes;
	readonly key: StoredKey;
	/** Whom the epoch is given to, and the secrets. */
	readonly give?: {
		readonly to: readonly Recipient[];
		readonly epoch: number;
		readonly e: Bytes;
		readonly b: Bytes;
		readonly previous?: Bytes;
	};
	readonly dk?: Bytes;
}

/** A signed record with its sealed part. */
export async function makeChainRecord(random: Random, draft: Draft): Promise<Bytes> {
	const sealed = await sealPart(random, draft);
	const publicBytes = encodeChainPublic({
		prev: draft.prev,
		seq: draft.seq,
		body: draft.body,
		...(sealed.length > 0 ? { sealedHash: sha256(sealed) } : {}),
		...(draft.signer ? { signer: draft.signer } : {})
	});
	return encodeChainRecord(publicBytes, sealed, await signHash(draft.key, 'chain', chainHash(publicBytes)));
}

async function sealPart(random: Random, { prev, give, dk }: Draft): Promise<Bytes> {
	if (!give && !dk) return new Uint8Array(0);
	const to: Record<string, Cbor> = {};
	for (const { id, dk: publicKey } of give?.to ?? []) {
		const secrets = toCbor({ epoch: give!.epoch, e: give!.e, b: give!.b });
		const { enc, ciphertext } = await hpkeSeal(random, publicKey, INFO, () => concat(prev, id), secrets);
		to[toHex(id)] = [enc, ciphertext];
	}
	const back = give?.previous && (await seal(backKey(give.e), ZERO_NONCE, utf8(String(give.epoch)), give.previous));
	return toCbor({ dk, ...(give ? { to } : {}), back });
}

const backKey = (e: Bytes): Bytes => hkdf(e, new Uint8Array(0), utf8('enmeshed/back'), 32);

/** The keys after one more record: its device key, and, where it is for us, its epoch. The record was checked by extendMembership. */
export async function openChainRecord(
	before: IdentityKeys | undefined,
	record: ChainRecord,
	me: { readonly id: Bytes; readonly seed: Bytes } | undefined
): Promise<IdentityKeys> {
	const map = asMap(fromCbor(record.sealed)) ?? {};
	const deviceKeys = new Map(before?.deviceKeys);
	const { body } = record;
	if ((body.type === 0 || body.type === 1) && map['dk'] instanceof Uint8Array && map['dk'].length === KEM_PUBLIC) {
		if (equal(sha256(map['dk']), body.device.dkHash)) deviceKeys.set(toHex(body.device.id), map['dk'] as Bytes);
	}
	const epochs = new Map(before?.epochs);
	let b = before?.b ?? new Uint8Array(0);
	const mine = me && asMap(map['to'])?.[toHex(me.id)];
	if (me && Array.isArray(mine) && mine[0] instanceof Uint8Array && mine[1] instanceof Uint8Array) {
		const opened = await hpkeOpen(me.seed, INFO, concat(record.prev, me.id), mine[0], mine[1]);
		const secrets = opened && parseSecrets(fromCbor(opened));
		if (secrets && (b.length === 0 || equal(b, secrets.b))) {
			b = secrets.b;
			epochs.set(secrets.epoch, secrets.e);
			await openBack(epochs, secrets.epoch, map['back']);
		}
	}
	return { b, epochs, deviceKeys };
}

function parseSecrets(
	value: Cbor | undefined
): { readonly epoch: number; readonly e: Bytes; readonly b: Bytes } | undefined {
	const { epoch, e, b } = (asMap(value) ?? {}) as { [key: string]: Cbor };
	const isSecret = (bytes: Cbor | undefined): bytes is Bytes => bytes instanceof Uint8Array && bytes.length === 32;
	return typeof epoch === 'number' && isSecret(e) && isSecret(b) ? { epoch, e, b } : undefined;
}

const asMap = (value: Cbor | undefined) =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
		? (value as { [key: string]: Cbor })
		: undefined;

async function openBack(epochs: Map<number, Bytes>, epoch: number, back: Cbor | undefined): Promise<void> {
	const e = epochs.get(epoch);
	if (!e || !(back instanceof Uint8Array) || epochs.has(epoch - 1)) return;
	const previous = await open(backKey(e), ZERO_NONCE, utf8(String(epoch)), back);
	if (previous) epochs.set(epoch - 1, previous);
}

/** Epochs before the one a device was given, found through the `back` members of later records. */
export async function fillEpochs(keys: IdentityKeys, records: readonly ChainRecord[]): Promise<IdentityKeys> {
	const epochs = new Map(keys.epochs);
	for (const record of [...records].reverse()) {
		if (record.body.type === 3) await openBack(epochs, record.body.epoch, asMap(fromCbor(record.sealed))?.['back']);
	}
	return { ...keys, epochs };
}

/** Recipients of a new epoch: every member whose key we hold. */
export const recipientsOf = (membership: Membership, keys: IdentityKeys): Recipient[] =>
	[...membership.members.keys()].flatMap((id) => {
		const dk = keys.deviceKeys.get(id);
		return dk ? [{ id: fromHex(id)!, dk }] : [];
	});
