/** What the engine runs on. */
import type { Clock, Random, Relay, Store } from '../ports.ts';
import type { Views } from '../views.ts';

export interface EnginePorts {
	readonly clock: Clock;
	readonly random: Random;
	readonly store: Store;
	readonly relay: Relay;
	/** Where view rows live; in memory when absent. */
	readonly views?: Views;
}
