/** The product's relay as the simulated world's relay: its handler and memory store on the world's time, chance and scheduling. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createMemoryStore, type MemorySnapshot } from '@enmeshed/backbone-relay/memory';
import { createRelay, type Relay } from '@enmeshed/backbone-relay/relay';
import { fromHex, toHex, type Bytes } from '../crdt/codec/bytes.ts';
import type { SimRelay } from '../crdt/sim/device.ts';
import type { RelayEnv } from '../crdt/sim/world.ts';

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
/** The relay's key is the same in every world, so that worlds can start from one genesis. */
const seed = createHash('sha256').update('the relay of the simulated world').digest();
const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
export const relayKey: Bytes = new Uint8Array(spki.subarray(spki.length - 32));
export const relaySign = (message: Uint8Array): Bytes => new Uint8Array(sign(null, message, privateKey));

/** Small, so that worlds reach them. */
const PENDING_PER_ALIAS = 8;
const RESERVED_PER_ALIAS = 4;

export interface SimRelayOptions {
	/** Mutants: what is not enforced. */
	readonly pendingPerAlias?: number;
	readonly slots?: boolean;
}

export function simRelay(env: RelayEnv, options: SimRelayOptions = {}): SimRelay {
	const store = createMemoryStore(env.from as MemorySnapshot | undefined);
	const withoutSlots = options.slots === false ? { ...store, slot: () => undefined } : store;
	const aliases = new Set<string>();
	const observed: typeof store = {
		...withoutSlots,
		putAlias: (row) => (aliases.add(toHex(row.alias)), store.putAlias(row))
	};
	const start = (): Relay =>
		createRelay({
			store: observed,
			clock: { now: env.now },
			random: { bytes: (length) => env.random(length) },
			schedule: env.schedule,
			sign: relaySign,
			relayKey,
			addressHost: 'localhost',
			limits: {
				pendingPerAlias: options.pendingPerAlias ?? PENDING_PER_ALIAS,
				reservedPerAlias: RESERVED_PER_ALIAS
			},
			report: (error) => {
				throw error;
			}
		});
	let relay = start();
	return {
		connect: () => relay.connect({ source: 'world' }),
		restart: () => void (relay = start()),
		snapshot: () => store.snapshot(),
		account(tag) {
			const row = store.account(tag);
			return (
				row && {
					seq: row.seq,
					mseq: row.mseq,
					mailAck: row.mailAck,
					entries: store.entriesAfter(tag, 0, { items: Infinity, bytes: Infinity })
				}
			);
		},
		pendingMail() {
			const most = Math.max(0, ...[...aliases].flatMap((alias) => store.alias(fromHex(alias)!)?.pending ?? 0));
			return { most, bound: PENDING_PER_ALIAS + RESERVED_PER_ALIAS };
		},
		memory: () => bytesIn(store.snapshot().state)
	};
}

function* bytesIn(value: unknown): Iterable<Uint8Array> {
	if (value instanceof Uint8Array) yield value;
	else if (typeof value === 'string') yield Buffer.from(value);
	else if (value instanceof Map) yield* bytesIn([...value.keys(), ...value.values()]);
	else if (typeof value === 'object' && value !== null)
		for (const member of Object.values(value)) yield* bytesIn(member);
}
