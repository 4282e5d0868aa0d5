/**
 * A seeded world of identities and their devices around one relay. Each step somebody does something, something breaks, or
 * something parked is let go on; after each step the invariants are checked, and at the end everything is healed and has to
 * become quiet, equal and complete (trials.md B.2).
 *
 *   genesis ─▶ step · step · step … (faults) ─▶ heal (≤ 20 rounds of everybody syncing) ─▶ final checks
 *
 * One seed decides everything; `trace` is a SHA-256 over every scheduling decision, frame and result.
 */
import { createHash } from 'node:crypto';
import type { Bytes } from '../codec/bytes.ts';
import { createIdentity, joinIdentity, openEngine, type Engine, type LinkSession, type Result } from '../index.ts';
import { decodeIntent } from '../sync/intent.ts';
import type { Action } from './action.ts';
import { act } from './actions.ts';
import {
	copyDisk,
	crash,
	createDevice,
	NO_FAULTS,
	portsOf,
	type Device,
	type Disk,
	type Faults,
	type Harm,
	type SimRelay,
	type Surroundings
} from './device.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { createModel, type Model } from './model.ts';
import { createPrng, type Prng } from './prng.ts';
import { createScheduler, type Life, type Scheduler } from './scheduler.ts';

export interface RelayEnv {
	now(): number;
	random(length: number): Bytes;
	schedule(run: () => void): void;
	/** From `SimRelay.snapshot()`. */
	readonly from?: unknown;
}

/** Where worlds begin: identities that exist, with devices that are linked and registered. */
export interface Genesis {
	readonly relay: unknown;
	readonly now: number;
	readonly devices: readonly { readonly owner: number; readonly index: number; readonly disk: Disk }[];
	readonly model: Model['seedState'];
}

export interface WorldOptions {
	readonly seed: string;
	readonly makeRelay: (env: RelayEnv) => SimRelay;
	/** Without it identities are made and linked first. */
	readonly genesis?: Genesis | undefined;
	readonly identities?: number;
	/** Devices of each identity at most. */
	readonly devices?: number;
	readonly steps?: number;
	readonly faults?: Partial<Faults>;
	readonly harm?: Harm;
	/** Called with the world once, before the first step: attackers move in here. */
	readonly prepare?: (world: World) => void;
	/** The relay lies: freezing is right. */
	readonly hostile?: boolean;
	/** What a lie may bring about without being accepted: a withheld message is missing. */
	readonly forgives?: readonly string[];
	/** Some actions more often: label → factor. */
	readonly likes?: { readonly [label: string]: number };
	/** Only these actions. */
	readonly only?: readonly string[];
	/** Keeps the last lines of the trace in words. */
	readonly verbose?: boolean;
}

export interface Failure {
	readonly invariant: string;
	readonly detail: string;
	readonly step: number;
}

export interface World extends Surroundings {
	readonly options: WorldOptions;
	readonly scheduler: Scheduler;
	readonly random: Prng;
	readonly devices: Device[];
	readonly model: Model;
	readonly invariants: Invariants;
	faults: Faults;
	/** Devices that came by linking. */
	linked: number;
	step: number;
	healing: boolean;
	failure: Failure | undefined;
	fail(invariant: string, detail: string): void;
	/** The devices of an identity whose process runs. */
	running(owner?: number): Device[];
	/** A user does something; what was acknowledged is told to `done`. */
	user<T>(device: Device, label: string, work: (engine: Engine) => Promise<T>, done?: (value: T) => void): void;
	open(device: Device): void;
	crash(device: Device): void;
	link(from: Device): void;
	restartRelay(): void;
	/** Devices on their way into an identity: they have lines, but no engine yet. */
	readonly joining: Set<Device>;
	/** Lets parked things go on until nothing is left to do now. */
	drain(limit?: number): Promise<void>;
	readonly counts: Map<string, number>;
	readonly log: string[];
}

export interface Outcome {
	readonly trace: string;
	readonly failure: Failure | undefined;
	readonly steps: number;
	readonly counts: ReadonlyMap<string, number>;
	readonly log: readonly string[];
	readonly world: World;
}

const START = Date.UTC(2026, 0, 5, 9);
const TRACE_KEPT = 20_000;
/** More than any honest world needs between two steps: a livelock. */
const DRAIN_LIMIT = 30_000;
const HEAL_ROUNDS = 20;

export async function createWorld(options: WorldOptions): Promise<World> {
	const random = createPrng(options.seed);
	const trace = createHash('sha256');
	const log: string[] = [];
	const tell = (text: string) => {
		trace.update(text);
		if (!options.verbose) return;
		log.push(text);
		if (log.length > TRACE_KEPT) log.shift();
	};
	const scheduler = createScheduler(options.genesis?.now ?? START, tell);
	let relayLife: Life = { name: 'relay', dead: false };
	const relayRandom = random.fork('relay');
	const relay = options.makeRelay({
		now: () => scheduler.now(),
		random: (length) => relayRandom.bytes(length),
		schedule: (run) => scheduler.add({ life: relayLife, label: 'tick', run }),
		from: options.genesis?.relay
	});
	const world: World = {
		options,
		scheduler,
		random,
		faults: { ...NO_FAULTS },
		relay: () => relay,
		get relayLife() {
			return relayLife;
		},
		harm: options.harm ?? {},
		trace: tell,
		devices: [],
		model: createModel(random, options.genesis?.model),
		invariants: undefined as never,
		watch: undefined as never,
		linked: 0,
		step: 0,
		healing: false,
		failure: undefined,
		counts: new Map(),
		log,
		fail(invariant, detail) {
			if (options.forgives?.includes(invariant)) return;
			tell(`FAILED ${invariant}: ${detail}`);
			world.failure ??= { invariant, detail, step: world.step };
		},
		running: (owner) =>
			world.devices.filter(
				(device) => device.engine && !device.closing && (owner === undefined || device.owner === owner)
			),
		user(device, label, work, done) {
			const { engine, life } = device;
			if (!engine) return;
			device.busy += 1;
			count(`do ${label}`);
			tell(`${device.name} does ${label}`);
			work(engine).then(
				(value) => {
					if (life.dead) return;
					device.busy -= 1;
					const result = value as unknown as Result<unknown> | undefined;
					const told =
						result && typeof result === 'object' && 'ok' in result
							? result.ok
								? 'ok'
								: result.error.code
							: 'done';
					count(`${told === 'ok' || told === 'done' ? 'ok' : 'no'} ${label}`);
					tell(`${device.name} ${label}: ${told}`);
					try {
						done?.(value);
					} catch (error) {
						world.fail('answer', `${device.name} ${label}: ${String(error)}`);
					}
				},
				(error: unknown) =>
					world.fail(
						'threw',
						`${device.name} ${label}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
					)
			);
		},
		open(device) {
			if (device.engine || !device.life.dead) return;
			const ports = portsOf(device, world);
			const { life } = device;
			openEngine(ports).then(
				(opened) => {
					if (life.dead) return;
					if (!opened.ok) return world.fail('open', `${device.name}: ${opened.error.code}`);
					started(device, opened.value);
				},
				(error: unknown) =>
					world.fail(
						'threw',
						`${device.name} open: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
					)
			);
		},
		crash(device) {
			tell(`${device.name} crashes`);
			count('crash');
			crash(device, scheduler);
		},
		link: (from) => link(world, from, started),
		joining: new Set(),
		restartRelay() {
			tell('relay restarts');
			count('relay restart');
			scheduler.kill(relayLife);
			relayLife = { name: 'relay', dead: false };
			relay.restart();
			for (const device of [...world.devices, ...world.joining])
				for (const line of [...device.lines]) line.snap(false);
		},
		async drain(limit = DRAIN_LIMIT) {
			await scheduler.settle();
			for (let released = 0; !world.failure; released++) {
				const ready = scheduler.ready();
				if (ready.length === 0) return;
				if (released >= limit)
					return world.fail(
						'I9 quiet',
						`still busy after ${limit} steps: ${ready.map((task) => task.label).join(' ')}`
					);
				await release(world, ready[random.below(ready.length)]!);
			}
		}
	};
	const count = (name: string) => world.counts.set(name, (world.counts.get(name) ?? 0) + 1);
	function started(device: Device, engine: Engine): void {
		device.engine = engine;
		world.invariants.opened(device);
		if (!world.healing && random.chance(0.2)) engine.account.goLive();
	}
	(world as { invariants: Invariants }).invariants = createInvariants(world);
	(world as { watch: World['watch'] }).watch = world.invariants.watch;
	(world as unknown as { digest: () => string }).digest = () => trace.digest('hex');
	if (options.genesis)
		for (const { owner, index, disk } of options.genesis.devices)
			world.devices.push(createDevice(owner, index, random, copyDisk(disk)));
	return world;
}

/** Releases one task, or lets its process die at that very point. */
async function release(world: World, task: ReturnType<Scheduler['ready']>[number]): Promise<void> {
	const device = world.devices.find(({ life }) => life === task.life);
	if (device && world.random.chance(world.faults.crash)) {
		if (task.torn && world.random.chance(0.5)) {
			world.trace('torn');
			task.torn();
			await world.scheduler.settle();
		}
		return world.crash(device);
	}
	await world.scheduler.release(task);
}

// --- making ----------------------------------------------------------------------------------------------------------

/** Identities with their devices, made and linked through the engine's own door, without faults. */
export async function populate(world: World, identities: number, devices: (owner: number) => number): Promise<void> {
	for (let owner = 0; owner < identities; owner++) {
		const device = createDevice(owner, 0, world.random);
		world.devices.push(device);
		createIdentity(portsOf(device, world), {
			addressHost: 'localhost',
			deviceName: `device ${device.name}`,
			profileName: `person ${owner}`
		}).then(
			(made) => {
				if (!made.ok) return world.fail('create', made.error.code);
				device.engine = made.value;
				world.invariants.opened(device);
				world.model.addIdentity(owner, made.value.account.identityInfo().address);
			},
			(error: unknown) => world.fail('threw', String(error))
		);
		await world.drain();
		for (let index = 1; index < devices(owner) && !world.failure; index++) {
			world.link(device);
			await settleLink(world);
		}
	}
}

async function settleLink(world: World): Promise<void> {
	for (let i = 0; i < 40; i++) {
		await world.drain();
		const due = world.scheduler.nextDue();
		if (due === undefined) return;
		world.scheduler.advance(due - world.scheduler.now());
	}
}

function link(world: World, from: Device, started: (device: Device, engine: Engine) => void): void {
	const index = 10 + world.linked++;
	const device = createDevice(from.owner, index, world.random);
	device.clockError = 0;
	world.joining.add(device);
	const codes: { link?: string; a?: string; b?: string } = {};
	const sessions: LinkSession[] = [];
	world.counts.set('do link', (world.counts.get('do link') ?? 0) + 1);
	const follow = async (session: LinkSession, side: 'a' | 'b') => {
		sessions.push(session);
		for await (const step of session.steps) {
			world.trace(`link ${device.name} ${side} ${step.step}`);
			if (step.step === 'waiting') codes.link = step.link;
			if (step.step === 'compare') codes[side] = step.code;
			if (codes.a !== undefined && codes.b !== undefined) {
				if (codes.a !== codes.b) world.fail('link', 'the two devices show different digits');
				for (const { confirm } of sessions) confirm();
			}
		}
	};
	const engine = from.engine!;
	const newSide = async (link: string | undefined) => {
		const joining = joinIdentity(portsOf(device, world), {
			deviceName: `device ${device.name}`,
			...(link ? { link } : {})
		});
		const { life } = device;
		void joining.engine.then((joined) => {
			world.joining.delete(device);
			if (life.dead) return;
			if (!joined.ok) {
				world.trace(`link ${device.name} ${joined.error.code}`);
				return world.scheduler.kill(life);
			}
			world.counts.set('ok link', (world.counts.get('ok link') ?? 0) + 1);
			world.devices.push(device);
			started(device, joined.value);
		});
		const session = await joining.session;
		if (session.ok) void follow(session.value, 'b');
	};
	const oldSide = async (given: string | undefined) => {
		const session = await (given ? engine.devices.admit(given) : engine.devices.invite());
		if (session.ok) void follow(session.value, 'a');
		return session.ok;
	};
	const whenShown = async (then: (link: string) => void) => {
		for (let i = 0; i < 50 && codes.link === undefined; i++) await Promise.resolve();
		if (codes.link !== undefined) then(codes.link);
	};
	if (world.random.chance(0.5)) {
		void oldSide(undefined).then((shown) => (shown ? whenShown((code) => void newSide(code)) : undefined));
	} else {
		void newSide(undefined).then(() => whenShown((code) => void oldSide(code)));
	}
}

/** Active relationships between the first identity and the others, and a template in reach: worlds then begin in the middle of life. */
export async function befriend(world: World): Promise<void> {
	const [host, ...guests] = world.model.identities.map(({ owner }) => world.running(owner)[0]!);
	const content = { '@type': 'ArbitraryRelationshipTemplateContent', value: { text: 'welcome' } };
	const expiresAt = new Date(world.scheduler.now() + 300 * 86_400_000).toISOString();
	let url: string | undefined;
	world.user(
		host!,
		'template',
		(engine) => engine.templates.create({ content, expiresAt }),
		(made) => (url = made.ok ? made.value.reference.url : undefined)
	);
	await world.drain();
	for (const guest of guests) {
		let templateId = '';
		world.user(
			guest,
			'load',
			(engine) => engine.templates.load(url!),
			(loaded) => (templateId = loaded.ok ? loaded.value.id : '')
		);
		await world.drain();
		const creationContent = { '@type': 'ArbitraryRelationshipCreationContent', value: { text: 'hello' } };
		world.user(guest, 'create', (engine) => engine.relationships.create({ templateId, creationContent }));
		await world.drain();
	}
	world.user(host!, 'sync', (engine) => engine.account.sync());
	await world.drain();
	for (const { id } of host!.engine!.relationships.list())
		world.user(host!, 'accept', (engine) => engine.relationships.act(id, 'accept'));
	await world.drain();
	for (let round = 0; round < 3; round++) {
		for (const device of world.running()) world.user(device, 'sync', (engine) => engine.account.sync());
		await world.drain();
	}
}

// --- running ---------------------------------------------------------------------------------------------------------

/** What a world starts from, once it is quiet. */
export async function takeGenesis(world: World): Promise<Genesis> {
	for (const device of world.devices) world.user(device, 'close', async (engine) => engine.close());
	await world.drain();
	bury(world);
	return {
		relay: world.relay().snapshot(),
		now: world.scheduler.now(),
		devices: world.devices.map(({ owner, index, disk }) => ({ owner, index, disk: copyDisk(disk) })),
		model: world.model.seedState
	};
}

/** One seed from beginning to end. */
export async function runWorld(options: WorldOptions): Promise<Outcome> {
	const world = await createWorld(options);
	const { random } = world;
	if (!options.genesis) await populate(world, options.identities ?? 2, () => 1 + random.below(options.devices ?? 2));
	else {
		const identities = options.identities ?? 2 + random.below(2);
		const most = options.devices ?? 3;
		const rank = (device: Device) => world.devices.filter(({ owner }) => owner === device.owner).indexOf(device);
		const chosen = world.devices.filter(
			(device) => device.owner < identities && rank(device) < 1 + random.below(most)
		);
		world.linked = world.devices.length;
		world.devices.splice(0, world.devices.length, ...chosen);
		world.model.identities.splice(identities);
	}
	await world.invariants.begin();
	world.model.devicesOf = (owner) => world.devices.filter((device) => device.owner === owner);
	for (const device of world.devices) if (random.chance(0.25)) device.clockError = clockError(random);
	for (const device of world.devices) world.open(device);
	options.prepare?.(world);
	world.faults = faultsOf(random, options.faults);
	const steps = options.steps ?? 60 + random.below(91);
	for (world.step = 1; world.step <= steps && !world.failure; world.step++) {
		await oneStep(world);
		await world.invariants.afterStep();
	}
	if (!world.failure) await heal(world);
	if (!world.failure) await world.invariants.final();
	return {
		trace: (world as unknown as { digest: () => string }).digest(),
		failure: world.failure,
		steps: world.step,
		counts: world.counts,
		log: world.log,
		world
	};
}

const YEAR = 365 * 86_400_000;
const clockError = (random: Prng): number =>
	random.pick([-10 * YEAR, 10 * YEAR, -3_600_000, 3_600_000, -90_000, 90_000]);

/** Some worlds are calm, some lose a lot, some crash a lot. */
function faultsOf(random: Prng, given: Partial<Faults> | undefined): Faults {
	return {
		loss: random.pick([0, 0.005, 0.02, 0.06]),
		repeat: random.pick([0, 0.02, 0.1]),
		deaf: random.pick([0, 0.1, 0.5]),
		crash: random.pick([0, 0.002, 0.006, 0.015]),
		...given
	};
}

type Disturbance = (world: World) => void;
const disturbances: readonly (readonly [number, Disturbance])[] = [
	[6, (world) => toggleCut(world)],
	[3, (world) => someone(world, (device) => world.crash(device))],
	[3, (world) => someone(world, (device) => closeGently(world, device))],
	[1, (world) => world.restartRelay()],
	[
		2,
		(world) =>
			someone(
				world,
				(device) => void (device.clockError += world.random.pick([-86_400_000, -60_000, 30_000, 86_400_000]))
			)
	],
	[2, (world) => world.scheduler.advance(world.random.pick([60_000, 3_600_000, 86_400_000]))],
	[
		2,
		(world) =>
			someone(world, (device) =>
				world.random.chance(0.5) ? device.engine!.account.goLive() : device.engine!.account.stopLive()
			)
	]
];

function someone(world: World, what: (device: Device) => void): void {
	const running = world.running();
	if (running.length > 0) what(world.random.pick(running));
}

function toggleCut(world: World): void {
	const device = world.random.pick(world.devices);
	device.cut = !device.cut;
	world.trace(`${device.name} ${device.cut ? 'cut' : 'back'}`);
	if (device.cut) for (const line of [...device.lines]) line.snap(false);
}

export function closeGently(world: World, device: Device): void {
	if (device.closing || !device.engine) return;
	device.closing = true;
	// A closed engine has let go of the store: whatever it still writes would meet another process there.
	world.user(
		device,
		'close',
		(engine) => engine.close(),
		() => void (device.closed = true)
	);
}

/** Processes that closed themselves end. */
function bury(world: World): void {
	for (const device of world.devices) if (device.closed && !device.life.dead) crash(device, world.scheduler);
}

async function oneStep(world: World): Promise<void> {
	const { random, scheduler } = world;
	scheduler.advance(random.below(4_000));
	const calm = world.faults.loss + world.faults.crash + world.faults.repeat === 0;
	if (!calm && random.chance(0.12)) random.weighted(disturbances)(world);
	bury(world);
	for (const device of world.devices)
		if (!device.engine && device.life.dead && random.chance(0.15)) world.open(device);
	const action: Action | undefined = act(world);
	if (action) world.trace(`step ${world.step} ${action.label}`);
	const releases = random.pick([0, 3, 10, 30, 100]);
	for (let i = 0; i < releases && !world.failure; i++) {
		const ready = scheduler.ready();
		if (ready.length === 0) break;
		await release(world, ready[random.below(ready.length)]!);
	}
	await scheduler.settle();
}

/** Everything works again; everybody syncs until nothing new happens. */
export async function heal(world: World): Promise<void> {
	world.healing = true;
	world.faults = { ...NO_FAULTS };
	for (const device of world.devices) device.cut = false;
	await world.drain();
	let quiet = false;
	for (let round = 1; round <= HEAL_ROUNDS && !world.failure; round++) {
		world.scheduler.advance(40_000);
		bury(world);
		for (const device of world.devices) if (!device.engine && device.life.dead) world.open(device);
		await world.drain();
		const before = positions(world);
		for (const device of world.running())
			if (device.engine!.deletion.active().ok) world.user(device, 'stay', (engine) => engine.deletion.cancel());
		await world.drain();
		for (const device of world.running()) world.user(device, 'sync', (engine) => engine.account.sync());
		await world.drain();
		const waits = world
			.running()
			.some((device) => device.engine!.account.status().state === 'working' && mustLeave(world, device));
		if (quiet && !waits && positions(world) === before) return;
		quiet = positions(world) === before;
	}
	if (world.failure) return;
	const waiting = world.running().map(({ name, engine }) => `${name} ${JSON.stringify(engine!.account.status())}`);
	world.fail('I9 quiet', `not quiet after ${HEAL_ROUNDS} rounds: ${waiting.join(', ')}`);
}

/** Whether anything waits but messages and answers to people whose devices are not in this world: their mailboxes stay full. */
function mustLeave(world: World, device: Device): boolean {
	const here = new Set(
		world
			.running()
			.filter(({ engine }) => engine!.account.status().state !== 'frozen')
			.map(({ owner }) => world.model.identities[owner]?.address)
	);
	return [...(device.disk.rows.get('intents') ?? [])].some(([key, bytes]) => {
		const { failed, shown } = decodeIntent(key, bytes);
		const recipients = shown.flatMap((op) => {
			if (op.o !== 'rec') return [];
			if (op.k === 'message.sent') return op.v.to;
			const asked = op.k === 'request.decided' ? device.views.get('requests', op.v.id) : undefined;
			return asked ? [asked.peer] : [];
		});
		return !failed && (recipients.length === 0 || recipients.every((peer) => here.has(peer)));
	});
}

const positions = (world: World): string =>
	world.model.identities
		.map(({ tag }) => {
			const account = world.relay().account(tag);
			return `${account?.seq}/${account?.mseq}`;
		})
		.join(' ');
