/**
 * A device of the simulated world: a disk that survives, a process that may die at any port call, a clock that may be wrong,
 * and a line to the relay that loses, repeats, delays and breaks. The engine on it is the product's, reached through its ports.
 */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Engine, EnginePorts } from '../index.ts';
import { RelayUnreachable, type Relay, type RelayConnection, type Store, type StoreWrite } from '../ports.ts';
import { memoryViews } from '../memory-views.ts';
import type { Views } from '../views.ts';
import { keptViews, type RowFile } from './kept-views.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import type { Prng } from './prng.ts';
import type { Life, Scheduler } from './scheduler.ts';

/** A line into the relay under test, as its handler gives it. */
export interface SimLine {
	readonly challenge: Bytes;
	handle(frame: Uint8Array): Promise<Bytes>;
	onPush(listener: (frame: Bytes) => void): void;
	close(): void;
}

/** The relay under test. Its memory is its store: a restart keeps exactly that. */
export interface SimRelay {
	connect(): SimLine;
	restart(): void;
	/** Everything it keeps, to start another world from. */
	snapshot(): unknown;
	/** Log, mail and chain positions of an account, what waits in its mailbox, and its log. */
	account(
		tag: Bytes
	):
		| { readonly seq: number; readonly mseq: number; readonly mailAck: number; readonly entries: readonly Bytes[] }
		| undefined;
	/** The largest number of unacknowledged mail items under one alias, and the bound for it. */
	pendingMail(): { readonly most: number; readonly bound: number };
	/** All bytes it holds, for the search for plaintext. */
	memory(): Iterable<Uint8Array>;
}

export interface Faults {
	/** A frame or an answer is lost and the line breaks. */
	loss: number;
	/** A frame arrives twice. */
	repeat: number;
	/** A wake-up is lost. */
	deaf: number;
	/** The process dies at a port call. */
	crash: number;
}
export const NO_FAULTS: Faults = { loss: 0, repeat: 0, deaf: 0, crash: 0 };

export type Disk = MemoryStore['disk'];
export const copyDisk = (disk: Disk): Disk => ({
	rows: new Map([...disk.rows].map(([table, rows]) => [table, new Map(rows)])),
	secrets: new Map(disk.secrets)
});

/** What the world sees pass by. Each may report a violation. */
export interface Watch {
	/** Before a batch reaches the disk. */
	write(device: Device, batch: readonly StoreWrite[]): void;
	request(device: Device, frame: Uint8Array): void;
	answer(device: Device, frame: Uint8Array): void;
	afterClose(device: Device): void;
}

/** Deliberate harm for the mutants: each wraps one port. */
export interface Harm {
	readonly store?: (store: Store, device: Device) => Store;
	readonly relay?: (relay: Relay, device: Device) => Relay;
	readonly views?: (views: Views, device: Device) => Views;
}

export interface Device {
	readonly name: string;
	readonly owner: number;
	readonly index: number;
	readonly disk: Disk;
	/** Of the running process; a new one each start. */
	life: Life;
	engine: Engine | undefined;
	/** What the log confirmed, as the running engine folds it. */
	views: Views;
	/** What kept views committed. */
	readonly rows: RowFile;
	/** Added to world time. */
	clockError: number;
	cut: boolean;
	/** User actions under way. */
	busy: number;
	closing: boolean;
	closed: boolean;
	/** Lines of this device that stand. */
	readonly lines: Set<{ snap(silently: boolean): void }>;
	readonly random: Prng;
	runs: number;
}

export function createDevice(
	owner: number,
	index: number,
	random: Prng,
	disk: Disk = { rows: new Map(), secrets: new Map() }
): Device {
	const name = `${owner}.${index}`;
	return {
		name,
		owner,
		index,
		disk,
		life: { name, dead: true },
		engine: undefined,
		views: memoryViews(),
		rows: { rows: memoryViews() },
		clockError: 0,
		cut: false,
		busy: 0,
		closing: false,
		closed: false,
		lines: new Set(),
		random: random.fork(name),
		runs: 0
	};
}

export interface Surroundings {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly random: Prng;
	readonly relay: () => SimRelay;
	readonly relayLife: Life;
	readonly watch: Watch;
	readonly harm: Harm;
	trace(text: string): void;
}

/** Ports of a fresh process on this device's disk. */
export function portsOf(device: Device, world: Surroundings): EnginePorts {
	device.life = { name: device.name, dead: false };
	device.closing = false;
	device.closed = false;
	device.busy = 0;
	device.runs += 1;
	const { life } = device;
	// Every other device keeps its rows and goes on from them; the others fold the whole log. Both must show the same.
	const views = device.index % 2 === 1 ? keptViews(device.rows) : memoryViews();
	device.views = views;
	const { harm } = world;
	const store = storeOf(device, life, world);
	const relay = relayOf(device, life, world);
	return {
		clock: {
			now: () => world.scheduler.now() + device.clockError,
			sleep: (ms, signal) => world.scheduler.sleep(life, ms, signal)
		},
		random: { bytes: (length) => device.random.bytes(length) },
		store: harm.store?.(store, device) ?? store,
		relay: harm.relay?.(relay, device) ?? relay,
		views: harm.views?.(views, device) ?? views
	};
}

function storeOf(device: Device, life: Life, { scheduler, watch }: Surroundings): Store {
	const memory = createMemoryStore(device.disk);
	return {
		async get(table, key) {
			await scheduler.park(life, 'get');
			return memory.get(table, key);
		},
		async range(table, from, to, limit) {
			await scheduler.park(life, 'range');
			return memory.range(table, from, to, limit);
		},
		async write(batch) {
			if (device.closed) watch.afterClose(device);
			const reach = () => {
				watch.write(device, batch);
				return memory.write(batch);
			};
			await scheduler.park(life, 'write', () => void reach());
			await reach();
		},
		secret: (name) => memory.secret(name),
		close: async () => undefined
	};
}

const short = (frame: Uint8Array) => toHex(sha256(frame).subarray(0, 8));

function relayOf(device: Device, life: Life, world: Surroundings): Relay {
	const { scheduler, random, watch } = world;
	const lost = () => device.cut || random.chance(world.faults.loss);
	return {
		url: 'http://relay.test',
		async connect(): Promise<RelayConnection> {
			await scheduler.park(life, 'connect');
			if (lost()) throw new RelayUnreachable();
			const line = world.relay().connect();
			let broken = false;
			let gone: (() => void) | undefined;
			const waiting = new Set<(error: Error) => void>();
			const snap = (silently: boolean) => {
				if (broken) return;
				broken = true;
				device.lines.delete(handle);
				line.close();
				if (silently) return;
				for (const reject of waiting) reject(new RelayUnreachable());
				gone?.();
			};
			const handle = { snap };
			device.lines.add(handle);
			return {
				challenge: line.challenge,
				exchange: (frame) =>
					new Promise((resolve, reject) => {
						if (broken) return reject(new RelayUnreachable());
						waiting.add(reject);
						const deliver = (answer: Bytes) => {
							if (broken) return;
							if (lost()) return snap(false);
							waiting.delete(reject);
							world.trace(`${device.name} < ${short(answer)}`);
							watch.answer(device, answer);
							resolve(answer);
						};
						const send = () => {
							if (broken) return;
							if (lost()) return snap(false);
							world.trace(`${device.name} > ${short(frame)}`);
							watch.request(device, frame);
							void line
								.handle(frame)
								.then((answer) => scheduler.add({ life, label: 'answer', run: () => deliver(answer) }));
							if (random.chance(world.faults.repeat))
								scheduler.add({
									life: world.relayLife,
									label: 'repeat',
									run: () => void (broken ? undefined : line.handle(frame))
								});
						};
						scheduler.add({ life, label: 'send', run: send });
					}),
				onPush(listener) {
					line.onPush((frame) => {
						if (random.chance(world.faults.deaf)) return;
						scheduler.add({ life, label: 'push', run: () => (broken ? undefined : listener(frame)) });
					});
				},
				onClose: (listener) => void (gone = listener),
				close: () => snap(false)
			};
		}
	};
}

/** The process ends here and now; what was under way is never heard of again. */
export function crash(device: Device, scheduler: Scheduler): void {
	scheduler.kill(device.life);
	for (const line of [...device.lines]) line.snap(true);
	device.engine = undefined;
	device.busy = 0;
}
