/**
 * Who belongs to an identity: a fold of its device chain's public parts. The relay uses it to decide who may write, an own
 * device to decide whom to believe, a peer to check a proof path (where the records between may be missing).
 */
import { sha256 } from '../crypto/hash.ts';
import { isSignedBy } from '../crypto/verify.ts';
import { equal, toHex, type Bytes } from './bytes.ts';
import { domainHash } from '../crypto/hash.ts';
import { encodeChainPublic, type ChainRecord, type DevicePart } from './chain.ts';

export interface Member extends DevicePart {
	/** seq of the record that added it: its place in the chain, and its Yjs ordinal. */
	readonly ordinal: number;
	readonly addedAt: number;
}

export interface Membership {
	readonly identityTag: Bytes;
	readonly ik: Bytes;
	readonly address: string;
	/** Hash of the newest record. */
	readonly head: Bytes;
	/** seq of the newest record. */
	readonly seq: number;
	readonly epoch: number;
	readonly members: ReadonlyMap<string, Member>;
}

export const deviceIdOf = (ds: Uint8Array): Bytes => domainHash('device', ds).slice(0, 16);
export const chainHash = (publicBytes: Uint8Array): Bytes => sha256(publicBytes);

/** A record without its sealed part would be kept for good, and with it the lack of the keys inside. */
const isSealedAsSaid = ({ sealed, sealedHash }: ChainRecord): boolean =>
	sealedHash === undefined ? sealed.length === 0 : sealed.length > 0 && equal(sealedHash, sha256(sealed));

const validDevice = (device: DevicePart) => equal(device.id, deviceIdOf(device.ds));

/** The chain so far with one more record, or why it is refused. Without `before` the record must be a genesis. */
export async function extendMembership(
	before: Membership | undefined,
	record: ChainRecord
): Promise<
	{ ok: true; membership: Membership } | { ok: false; why: 'order' | 'signature' | 'sealed' | 'body' | 'rights' }
> {
	const { body } = record;
	const hash = chainHash(record.publicBytes);
	if (!('raw' in body) && !equal(encodeChainPublic(record), record.publicBytes)) return { ok: false, why: 'body' };
	if (!isSealedAsSaid(record)) return { ok: false, why: 'sealed' };
	if (!before) {
		if (body.type !== 0 || record.seq !== 0 || record.signer || !equal(record.prev, new Uint8Array(32)))
			return { ok: false, why: 'order' };
		if (!validDevice(body.device) || body.device.role !== 'admin') return { ok: false, why: 'body' };
		if (!(await isSignedBy(body.ik, 'chain', hash, record.signature))) return { ok: false, why: 'signature' };
		const member: Member = { ...body.device, ordinal: 0, addedAt: body.time };
		return {
			ok: true,
			membership: {
				identityTag: hash.slice(0, 16),
				ik: body.ik,
				address: body.address,
				head: hash,
				seq: 0,
				epoch: 0,
				members: new Map([[toHex(member.id), member]])
			}
		};
	}
	if (body.type === 0 || record.seq !== before.seq + 1 || !equal(record.prev, before.head))
		return { ok: false, why: 'order' };
	const signer = record.signer ? before.members.get(toHex(record.signer)) : undefined;
	const key = record.signer ? signer?.ds : before.ik;
	if (!key || !(await isSignedBy(key, 'chain', hash, record.signature))) return { ok: false, why: 'signature' };
	const next = { ...before, head: hash, seq: record.seq };
	if (body.type === 1) {
		if (signer && signer.role !== 'admin') return { ok: false, why: 'rights' };
		const id = toHex(body.device.id);
		if (!validDevice(body.device) || before.members.has(id)) return { ok: false, why: 'body' };
		const member: Member = { ...body.device, ordinal: record.seq, addedAt: body.time };
		return { ok: true, membership: { ...next, members: new Map([...before.members, [id, member]]) } };
	}
	if (body.type === 3) {
		if (signer && signer.role !== 'admin') return { ok: false, why: 'rights' };
		return body.epoch === before.epoch + 1
			? { ok: true, membership: { ...next, epoch: body.epoch } }
			: { ok: false, why: 'body' };
	}
	return { ok: true, membership: next };
}
