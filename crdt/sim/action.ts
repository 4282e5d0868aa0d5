/** One thing a person may do in a simulated world. */
import type { Result } from '../index.ts';
import type { Device } from './device.ts';
import type { World } from './world.ts';

export interface Action {
	readonly label: string;
	readonly weight: number;
	/** False when it makes no sense now. */
	run(world: World, device: Device): boolean;
}

/** What an engine says to be done has something to show for it. */
export function ok<T>(result: Result<T>): T | undefined {
	if (!result.ok) return undefined;
	if (result.value === undefined) throw new Error('said to be done, and nothing to show for it');
	return result.value;
}

/** From now on every device of the identity has to show it, whatever breaks. */
export const keep = (world: World, device: Device, what: string, holds: (device: Device) => boolean) =>
	world.model.kept.push({ owner: device.owner, device: device.name, what, holds });
