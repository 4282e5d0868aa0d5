/** What one simulated seed is, and the genesis worlds start from: shared by the command line and its worker threads. */
import {
	befriend,
	createWorld,
	populate,
	runWorld,
	takeGenesis,
	type Genesis,
	type Outcome,
	type WorldOptions
} from '../crdt/sim/world.ts';
import { rememberCrypto } from '../crdt/sim/memo.ts';
import { watchSeals } from '../crdt/sim/nonces.ts';
import { createPrng } from '../crdt/sim/prng.ts';
import { simRelay, type SimRelayOptions } from './sim-relay.ts';

let geneses: { readonly strangers: Genesis; readonly friends: Genesis } | undefined;

/** Three identities with three devices each: as strangers, and with relationships. Made once per thread, always the same. */
async function genesis(): Promise<NonNullable<typeof geneses>> {
	if (geneses) return geneses;
	rememberCrypto();
	const make = async (befriended: boolean) => {
		const world = await createWorld({ seed: 'genesis', makeRelay: simRelay });
		await populate(world, 3, () => 3);
		if (befriended) await befriend(world);
		if (world.failure) throw new Error(`genesis: ${world.failure.invariant} ${world.failure.detail}`);
		return takeGenesis(world);
	};
	geneses = { strangers: await make(false), friends: await make(true) };
	return geneses;
}

/** Steps of an honest world: many short ones meet more beginnings than few long ones; mutants and lies take their own length. */
export const stepsOf = (seed: string): number => 20 + createPrng(`${seed}/steps`).below(41);

export async function runSeed(
	seed: string,
	options: Partial<WorldOptions> & {
		readonly relay?: SimRelayOptions | undefined;
		readonly fresh?: boolean | undefined;
	} = {}
): Promise<Outcome> {
	const { strangers, friends } = await genesis();
	const random = createPrng(`${seed}/kind`);
	// One in twelve begins with nobody: identities are made and devices linked under the world's own chance.
	const from = random.chance(1 / 12) || options.fresh ? undefined : random.chance(0.65) ? friends : strangers;
	let world: { fail(invariant: string, detail: string): void } | undefined;
	const watch = options.fresh
		? { stop: () => undefined }
		: watchSeals((pair) => world?.fail('nonce', `a key and nonce sealed two things (${pair})`));
	const stray = (error: unknown) =>
		world?.fail(
			'threw',
			`nobody caught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
		);
	process.on('unhandledRejection', stray);
	const { relay, fresh: _fresh, ...rest } = options;
	try {
		return await runWorld({
			seed,
			makeRelay: (env) => simRelay(env, relay),
			...(from ? { genesis: from } : {}),
			...rest,
			prepare(made) {
				world = made;
				rest.prepare?.(made);
			}
		});
	} finally {
		watch.stop();
		process.off('unhandledRejection', stray);
	}
}
