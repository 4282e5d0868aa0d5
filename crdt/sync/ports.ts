/** What the engine runs on. */
import type { EngineEvent } from '../api.ts';
import type { Clock, Random, Relay, Store, StoreWrite } from '../ports.ts';
import type { Views } from '../views.ts';

export interface EnginePorts {
	readonly clock: Clock;
	readonly random: Random;
	readonly store: Store;
	readonly relay: Relay;
	/** Where view rows live; in memory when absent. */
	readonly views?: Views;
	/** Who must hear of every change, whenever the process ends; absent: events are told to whoever listens, and forgotten. */
	readonly journal?: Journal;
}

/**
 * Keeps what is told. `take` is called as anybody else is; before a fold is kept, `keep` is awaited, with a row that says how far
 * it went. After a crash everything beyond that row is folded again, and told again: a change is told at least once.
 */
export interface Journal {
	take(event: EngineEvent): void;
	/** Resolves when everything taken so far is durable in the engine's store, and `mark` not before it. */
	keep(mark: StoreWrite): Promise<void>;
}
