/** A device of one's own that was taken over: it holds all keys and writes what no honest engine would. */
import type { Bytes } from '../codec/bytes.ts';
import { loginHash } from '../codec/login.ts';
import { decodeFromRelay, encodeRequest, type Operation, type RequestOf } from '../codec/frame.ts';
import { decodeChainRecord } from '../codec/chain.ts';
import { chainHash, deviceIdOf } from '../codec/membership.ts';
import { signHash } from '../crypto/seal.ts';
import { encodeOps, type Op } from '../sync/record.ts';
import { getMeta } from '../sync/rows.ts';
import { keyCommitment, sealEntry, sessionKey } from '../sync/seal-entry.ts';
import type { Device } from './device.ts';
import { createMemoryStore } from './memory-store.ts';
import type { World } from './world.ts';

/** Appends an entry of this device to its identity's log, on a line of its own. The world has to be let go on meanwhile. */
export async function inject(world: World, device: Device, ops: readonly Op[]): Promise<void> {
	const { tag, keys } = await world.invariants.secretsOf(device.owner);
	const store = createMemoryStore(device.disk);
	const own = (await getMeta(store, 'keys'))!;
	const relayKey = (await getMeta(store, 'relayKey'))!.key;
	const signer = (await store.secret('ds'))!;
	const id = deviceIdOf(own.ds);
	const records = [...(device.disk.rows.get('chain') ?? new Map<string, Bytes>())]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([, bytes]) => decodeChainRecord(bytes)!);
	const epoch = Math.max(...keys.epochs.keys());
	const session = device.random.bytes(16);
	const header = {
		identityTag: tag,
		session,
		sseq: 0,
		epoch,
		chainHead: chainHash(records.at(-1)!.publicBytes).slice(0, 8),
		seenSeq: 0,
		seenRoot: new Uint8Array(16),
		prevHash: new Uint8Array(32),
		first: { deviceId: id, keyCommitment: keyCommitment(keys.epochs.get(epoch)!, session), sessionOrdinal: 60_000 }
	};
	const { bytes } = await sealEntry(
		sessionKey(keys.epochs.get(epoch)!, session, tag, id),
		signer,
		header,
		encodeOps(ops)
	);
	const line = world.relay().connect();
	const call = async <O extends Operation>(op: O, body: RequestOf<O>) =>
		decodeFromRelay(await line.handle(encodeRequest(1, op, body)));
	const signature = await signHash(signer, 'login', loginHash(line.challenge, relayKey, tag, id));
	await call('hello', {
		identityTag: tag,
		device: id,
		signature,
		cursor: 0,
		root: new Uint8Array(32),
		mailCursor: 0,
		chainSeq: -1
	});
	await call('append', { entries: [bytes] });
	line.close();
}

/** A Yjs update of one GC struct that uses up another client's next `length` clocks: whoever takes it is deaf to that client. */
export function silencingUpdate(client: number, clock: number, length: number): Bytes {
	const varint = (value: number): number[] =>
		value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
	return Uint8Array.from([1, 1, ...varint(client), ...varint(clock), 0, ...varint(length), 0]) as Bytes;
}

/** A Yjs update without structs that deletes another client's clocks. */
export function deletingUpdate(client: number, clock: number, length: number): Bytes {
	const varint = (value: number): number[] =>
		value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
	return Uint8Array.from([0, 1, ...varint(client), 1, ...varint(clock), ...varint(length)]) as Bytes;
}
