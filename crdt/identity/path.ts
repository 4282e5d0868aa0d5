/**
 * Proof path: the public parts of genesis and of the records that add a device and its signers, nothing sealed. Whoever
 * holds one can tell that a device speaks for an address. It proves membership, not that the device was never removed.
 *
 *   path = [[public bytes, signature 64], …], ascending seq, genesis first
 */
import { isAddressOf } from '../codec/address.ts';
import { equal, toHex, type Bytes } from '../codec/bytes.ts';
import { decodeChainRecord, encodeChainRecord, type ChainRecord, type DevicePart } from '../codec/chain.ts';
import { toCbor, type Cbor } from '../codec/cbor.ts';
import { chainHash, deviceIdOf } from '../codec/membership.ts';
import { deviceIdText } from '../codec/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { isSignedBy } from '../crypto/verify.ts';

export type ProofPath = readonly (readonly [Bytes, Bytes])[];

/** Longer paths are refused: a device added by a device added by … 16 times is more than people have. */
const MAX_PATH = 16;

/** The shortest path for a device of this chain. Throws when the device is not in it (a bug). */
export function makePath(chain: readonly ChainRecord[], device: Bytes): ProofPath {
	const path: ChainRecord[] = [];
	for (let wanted: Bytes | undefined = device; wanted;) {
		const id: Bytes = wanted;
		const record: ChainRecord | undefined = chain.find(
			({ body }) => (body.type === 0 || body.type === 1) && equal(body.device.id, id)
		);
		if (!record) throw new Error('device is not in the chain');
		path.unshift(record);
		wanted = record.signer;
	}
	if (path[0]!.seq !== 0) path.unshift(chain[0]!);
	return path.map(({ publicBytes, signature }) => [publicBytes, signature] as const);
}

export interface Speaker {
	readonly address: string;
	/** Ed25519 public key of the identity. */
	readonly ik: Bytes;
	readonly identityTag: Bytes;
	readonly device: Bytes;
	readonly deviceKey: Bytes;
	/** DVC… */
	readonly deviceText: string;
	/** seq of the newest record in the path. */
	readonly seq: number;
}

/** Who speaks, or undefined when the path does not prove it. */
export async function checkPath(path: Cbor | undefined, device: Cbor | undefined): Promise<Speaker | undefined> {
	if (!Array.isArray(path) || path.length > MAX_PATH || !(device instanceof Uint8Array)) return undefined;
	const name = toHex(sha256(toCbor([path, device])));
	const known = checked.get(name);
	if (known) return known;
	const speaker = await readPath(path, device);
	if (speaker) {
		if (checked.size >= CHECKED) checked.clear();
		checked.set(name, speaker);
	}
	return speaker;
}

/** Paths that were found good: a peer shows the same one with every letter. Bounded, dropped whole when full. */
const checked = new Map<string, Speaker>();
const CHECKED = 2048;

async function readPath(path: Cbor | undefined, device: Cbor | undefined): Promise<Speaker | undefined> {
	if (!Array.isArray(path) || path.length === 0 || path.length > MAX_PATH || !(device instanceof Uint8Array))
		return undefined;
	const members = new Map<string, DevicePart>();
	let genesis: { ik: Bytes; address: string; tag: Bytes } | undefined;
	let seq = -1;
	for (const step of path as Cbor[]) {
		const record = readStep(step);
		if (!record || record.seq <= seq) return undefined;
		seq = record.seq;
		const hash = chainHash(record.publicBytes);
		const { body } = record;
		if (body.type !== 0 && body.type !== 1) return undefined;
		if (
			(body.type === 0) !== (record.seq === 0) ||
			(body.type === 0) !== (genesis === undefined) ||
			!equal(body.device.id, deviceIdOf(body.device.ds))
		)
			return undefined;
		if (body.type === 0) genesis = { ik: body.ik, address: body.address, tag: hash.slice(0, 16) };
		const signer = record.signer ? members.get(toHex(record.signer)) : undefined;
		if (record.signer ? signer?.role !== 'admin' : !genesis) return undefined;
		const key = signer?.ds ?? genesis!.ik;
		if (!(await isSignedBy(key, 'chain', hash, record.signature))) return undefined;
		members.set(toHex(body.device.id), body.device);
	}
	const speaker = members.get(toHex(device));
	if (!speaker || !genesis || !isAddressOf(genesis.address, genesis.ik)) return undefined;
	return {
		address: genesis.address,
		ik: genesis.ik,
		identityTag: genesis.tag,
		device: speaker.id,
		deviceKey: speaker.ds,
		deviceText: deviceIdText(speaker.ds),
		seq
	};
}

function readStep(step: Cbor): ChainRecord | undefined {
	if (
		!Array.isArray(step) ||
		step.length !== 2 ||
		!(step[0] instanceof Uint8Array) ||
		!(step[1] instanceof Uint8Array)
	)
		return undefined;
	return decodeChainRecord(encodeChainRecord(step[0], new Uint8Array(0), step[1]));
}
