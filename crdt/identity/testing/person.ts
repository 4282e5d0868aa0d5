/** An identity with its devices, chain and sessions, made of the product's own parts, for tests that look at bytes. */
import { concat, uint, utf8, type Bytes } from '../../codec/bytes.ts';
import { decodeChainRecord, type ChainBody, type ChainRecord } from '../../codec/chain.ts';
import type { EntryHeader } from '../../codec/entry.ts';
import { EMPTY_ROOT } from '../../codec/log.ts';
import { extendMembership, type Membership } from '../../codec/membership.ts';
import { sha256 } from '../../crypto/hash.ts';
import type { Random } from '../../ports.ts';
import { encodeOps, type Op } from '../../sync/record.ts';
import { keyCommitment, sealEntry, sessionKey } from '../../sync/seal-entry.ts';
import { fillEpochs, makeChainRecord, openChainRecord, recipientsOf, type IdentityKeys } from '../chain.ts';
import { devicePart, makeDeviceKeys, makeIdentity, type DeviceKeys } from '../create.ts';
import { makePath } from '../path.ts';
import type { Signer } from '../speech.ts';

/** The same bytes for the same name: SHA-256 in counter mode. */
export function seeded(name: string): Random {
	let counter = 0;
	return {
		bytes(length) {
			const parts: Bytes[] = [];
			for (let have = 0; have < length; have += 32)
				parts.push(sha256(concat(utf8(`${name}/`), uint(counter++, 6))));
			return concat(...parts).slice(0, length);
		}
	};
}

export type Person = Awaited<ReturnType<typeof makePerson>>;

/** A person with one admin device. */
export async function makePerson(name: string, host = 'localhost') {
	const random = seeded(name);
	const first = await makeDeviceKeys(random);
	const made = await makeIdentity(random, first, host, 1_790_000_000_000);
	const genesis = decodeChainRecord(made.genesis)!;
	const extended = await extendMembership(undefined, genesis);
	if (!extended.ok) throw new Error(extended.why);
	let membership: Membership = extended.membership;
	let keys: IdentityKeys = await openChainRecord(undefined, genesis, { id: first.id, seed: first.dkSeed });
	const chain: ChainRecord[] = [genesis];
	const devices: DeviceKeys[] = [first];

	/** A next record as given; it is not taken. Signed by the root when no device is named. */
	async function record(
		body: ChainBody,
		by: DeviceKeys | undefined = first,
		rest: { dk?: Bytes; epoch?: boolean } = {}
	): Promise<Bytes> {
		const epoch = membership.epoch;
		const given =
			body.type === 1
				? { to: [{ id: body.device.id, dk: rest.dk! }], epoch, e: keys.epochs.get(epoch)!, b: keys.b }
				: undefined;
		const fresh = {
			to: recipientsOf(membership, keys),
			epoch: epoch + 1,
			e: random.bytes(32),
			b: keys.b,
			previous: keys.epochs.get(epoch)!
		};
		const give = body.type === 3 ? fresh : given;
		return makeChainRecord(random, {
			prev: membership.head,
			seq: membership.seq + 1,
			body,
			key: by ? by.key : made.rootSeed,
			...(by ? { signer: by.id } : {}),
			...(give ? { give } : {}),
			...(rest.dk ? { dk: rest.dk } : {})
		});
	}

	/** Takes a record into the chain, as the first device would. */
	async function take(bytes: Bytes): Promise<void> {
		const read = decodeChainRecord(bytes)!;
		const next = await extendMembership(membership, read);
		if (!next.ok) throw new Error(next.why);
		membership = next.membership;
		keys = await openChainRecord(keys, read, { id: first.id, seed: first.dkSeed });
		chain.push(read);
		keys = await fillEpochs(keys, chain);
	}

	return {
		random,
		address: made.address,
		rootSeed: made.rootSeed,
		chain,
		devices,
		membership: () => membership,
		keys: () => keys,
		context: () => ({ identityTag: membership.identityTag, membership, keys }),
		record,
		take,
		async addDevice(role: 'admin' | 'member' = 'admin', by: DeviceKeys = first): Promise<DeviceKeys> {
			const device = await makeDeviceKeys(random);
			await take(await record({ type: 1, device: devicePart(device, role), time: 1 }, by, { dk: device.dk }));
			devices.push(device);
			return device;
		},
		newEpoch: async () => take(await record({ type: 3, epoch: membership.epoch + 1, time: 1 })),
		signer: (device: DeviceKeys = first): Signer => ({
			device: device.id,
			key: device.key,
			path: makePath(chain, device.id)
		}),
		/** A session that seals entries one after the other; `seen` is what it says it has seen. */
		session(device: DeviceKeys = first, id: Bytes = random.bytes(16)) {
			const epoch = membership.epoch;
			const e = keys.epochs.get(epoch)!;
			const key = sessionKey(e, id, membership.identityTag, device.id);
			const state = { sseq: 0, last: new Uint8Array(32) as Bytes };
			return {
				id,
				async seal(
					ops: readonly Op[],
					seen: { seq: number; root: Bytes } = { seq: 0, root: EMPTY_ROOT }
				): Promise<{ bytes: Bytes; hash: Bytes }> {
					const first = { deviceId: device.id, keyCommitment: keyCommitment(e, id), sessionOrdinal: 1 };
					const header: EntryHeader = {
						identityTag: membership.identityTag,
						session: id,
						sseq: state.sseq,
						epoch,
						chainHead: membership.head.slice(0, 8),
						seenSeq: seen.seq,
						seenRoot: seen.root.slice(0, 16),
						prevHash: state.last,
						...(state.sseq === 0 ? { first } : {})
					};
					const sealed = await sealEntry(key, device.key, header, encodeOps(ops));
					state.sseq += 1;
					state.last = sealed.hash;
					return sealed;
				}
			};
		}
	};
}

/** A log that has read nothing. */
export const emptyLog = () => ({
	cursor: 0,
	root: EMPTY_ROOT,
	roots: new Map([[0, EMPTY_ROOT.slice(0, 16)]]),
	sessions: new Map()
});
