/** Making an identity and a device's keys (PROTOCOL.md §2). Works offline: nothing here needs a relay. */
import { addressOf } from '../codec/address.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { DevicePart } from '../codec/chain.ts';
import { deviceIdOf } from '../codec/membership.ts';
import { sha256 } from '../crypto/hash.ts';
import { kemPair } from '../crypto/hpke.ts';
import { pqCommitment } from '../crypto/pq.ts';
import { makeSigningKey } from '../crypto/seal.ts';
import type { Random, StoredKey } from '../ports.ts';
import { makeChainRecord } from './chain.ts';

export interface DeviceKeys {
	/** Signing key: stays on this device (not extractable in a browser). */
	readonly key: StoredKey;
	readonly ds: Bytes;
	readonly dkSeed: Bytes;
	readonly dk: Bytes;
	readonly id: Bytes;
}

export async function makeDeviceKeys(random: Random): Promise<DeviceKeys> {
	const { key, publicKey: ds } = await makeSigningKey(random.bytes(32));
	const { seed: dkSeed, publicKey: dk } = kemPair(random.bytes(32));
	return { key, ds, dkSeed, dk, id: deviceIdOf(ds) };
}

export const devicePart = (keys: Pick<DeviceKeys, 'id' | 'ds' | 'dk'>, role: DevicePart['role']): DevicePart => ({
	id: keys.id,
	ds: keys.ds,
	dkHash: sha256(keys.dk),
	role
});

export interface NewIdentity {
	readonly address: string;
	readonly genesis: Bytes;
	/** Kept sealed on this device only, until a recovery kit takes it. */
	readonly rootSeed: Bytes;
	readonly pqSeed: Bytes;
}

export async function makeIdentity(
	random: Random,
	device: DeviceKeys,
	host: string,
	time: number
): Promise<NewIdentity> {
	const rootSeed = random.bytes(32);
	const pqSeed = random.bytes(32);
	const root = await makeSigningKey(rootSeed);
	const address = addressOf(root.publicKey, host);
	const prev = new Uint8Array(32);
	const genesis = await makeChainRecord(random, {
		prev,
		seq: 0,
		body: {
			type: 0,
			ik: root.publicKey,
			pqHash: pqCommitment(pqSeed),
			address,
			device: devicePart(device, 'admin'),
			time
		},
		key: rootSeed,
		give: { to: [{ id: device.id, dk: device.dk }], epoch: 0, e: random.bytes(32), b: random.bytes(32) },
		dk: device.dk
	});
	return { address, genesis, rootSeed, pqSeed };
}
