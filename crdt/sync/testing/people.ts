/**
 * Identities that know the first one, each on several devices, over the relay of the simulation and without faults: for tests
 * of what one does and both see. What a device was told is kept by name.
 */
import { simRelay } from '../../../trials/sim-relay.ts';
import type { Engine, Result } from '../../index.ts';
import type { Device } from '../../sim/device.ts';
import { befriend, createWorld, populate, type World, type WorldOptions } from '../../sim/world.ts';
import type { JsonObject, TableName } from '../../views.ts';

export interface People {
	readonly world: World;
	/** Devices of the first identity, of the second. */
	readonly anna: readonly Device[];
	readonly berlin: readonly Device[];
	/** There when three were asked for; knows Anna only. */
	readonly carl: readonly Device[];
	readonly addresses: { readonly anna: string; readonly berlin: string; readonly carl: string };
}

export async function people(
	devices: number,
	options: Partial<WorldOptions> = {},
	identities: 2 | 3 = 2
): Promise<People> {
	const world = await createWorld({ seed: 'people', makeRelay: simRelay, ...options });
	await populate(world, identities, () => devices);
	if (world.failure) throw new Error(world.failure.detail);
	await world.invariants.begin();
	await befriend(world);
	await everybodySyncs(world);
	const [anna, berlin, carl] = [world.running(0), world.running(1), world.running(2)];
	const addressOf = (device: Device | undefined) => device?.engine?.account.identityInfo().address ?? '';
	const addresses = { anna: addressOf(anna[0]), berlin: addressOf(berlin[0]), carl: addressOf(carl[0]) };
	return { world, anna, berlin, carl, addresses };
}

export async function does<T>(
	world: World,
	device: Device | undefined,
	work: (engine: Engine) => Promise<T>
): Promise<T> {
	let result: T | undefined;
	if (!device) throw new Error('there is no such device');
	world.user(device, 'something', work, (value) => (result = value));
	await world.drain();
	if (world.failure) throw new Error(world.failure.detail);
	return result as T;
}

/** The value of what must succeed. */
export async function must<T>(
	world: World,
	device: Device | undefined,
	work: (engine: Engine) => Promise<Result<T>>
): Promise<T> {
	const result = await does(world, device, work);
	if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
	return result.value;
}

export async function everybodySyncs(world: World): Promise<void> {
	for (let round = 0; round < 3; round++)
		for (const device of world.running()) await does(world, device, (engine) => engine.account.sync());
}

/** What devices do while none of them reaches the relay; then everybody syncs. */
export async function apart(world: World, devices: readonly Device[], work: () => Promise<void>): Promise<void> {
	for (const device of devices) {
		device.cut = true;
		for (const line of [...device.lines]) line.snap(false);
	}
	await work();
	for (const device of devices) device.cut = false;
	await everybodySyncs(world);
}

/** What a device tells from now on, by name; that it has synchronised is not counted. */
export function listen(device: Device | undefined): string[] {
	const told: string[] = [];
	device?.engine?.onEvent(({ name }) => {
		if (name !== 'transport.datawalletSynchronized') told.push(name.split('.').slice(1).join('.'));
	});
	return told;
}

/** What the log says on a device, to be compared with what it says on another. */
export const confirmed = (device: Device | undefined, ...tables: readonly TableName[]): unknown[][] =>
	tables.map((table) => device?.views.list(table) ?? []);

/** The second asks the first, by message, and the first answers so. Returns the request's id. */
export async function ask(
	{ world, anna, berlin, addresses }: People,
	item: JsonObject,
	answer: JsonObject
): Promise<string> {
	const content = { '@type': 'Request', items: [{ mustBeAccepted: true, ...item }] };
	const draft = await must(world, berlin[0], (engine) => engine.requests.create({ content, peer: addresses.anna }));
	await must(world, berlin[0], (engine) =>
		engine.messages.send({ recipients: [addresses.anna], content: draft.content })
	);
	await everybodySyncs(world);
	await must(world, anna[0], (engine) =>
		engine.requests.accept(draft.id, { items: [{ accept: true, ...answer }] as never })
	);
	await everybodySyncs(world);
	return draft.id;
}
