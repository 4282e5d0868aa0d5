/** Small simulated worlds for one moment at a time: everything that happens is what the test asks for. */
import { simRelay } from '../../../trials/sim-relay.ts';
import type { Device } from '../../sim/device.ts';
import { createWorld, populate, type World, type WorldOptions } from '../../sim/world.ts';

export async function worldOf(
	identities: number,
	devices: number,
	options: Partial<WorldOptions> = {}
): Promise<World> {
	const world = await createWorld({ seed: 'engine test', makeRelay: simRelay, ...options });
	await populate(world, identities, () => devices);
	if (world.failure) throw new Error(world.failure.detail);
	await world.invariants.begin();
	await everybodySyncs(world);
	return world;
}

export async function everybodySyncs(world: World): Promise<void> {
	for (let round = 0; round < 2; round++) {
		for (const device of world.running()) await does(world, device, (engine) => engine.account.sync());
	}
}

/** What a person does on a device, and all that follows from it. */
export async function does<T>(
	world: World,
	device: Device,
	work: (engine: NonNullable<Device['engine']>) => Promise<T>
): Promise<T> {
	let result: T | undefined;
	world.user(device, 'something', work, (value) => (result = value));
	await world.drain();
	return result as T;
}

/** Lets things go on, one by one, until it holds. */
export async function until(world: World, holds: () => boolean | Promise<boolean>): Promise<void> {
	for (let i = 0; i < 500; i++) {
		await world.scheduler.settle();
		if (await holds()) return;
		const [next] = world.scheduler.ready();
		if (!next) throw new Error('nothing left to do');
		await world.scheduler.release(next);
	}
	throw new Error('it never held');
}

/** The device is without a network from now on, or has it again. */
export function cut(device: Device, isCut: boolean): void {
	device.cut = isCut;
	if (isCut) for (const line of [...device.lines]) line.snap(false);
}
