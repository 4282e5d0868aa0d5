/** A module of the Connector: something that runs beside the HTTP server while the Connector runs. */
import type { Clock, Engine, Result } from '../../crdt/index.ts';
import type { Log } from '../log.ts';
import type { Events } from './events.ts';
import type { HttpRegistry } from './http.ts';
import type { EventJournal } from './journal.ts';
import type { Outbox } from './outbox.ts';
import type { Services } from './services.ts';

export interface ModuleParts {
	readonly engine: Engine;
	readonly clock: Clock;
	readonly log: Log;
}
/** What modules that speak with the outside get besides. */
export interface OutsideParts extends ModuleParts {
	readonly events: Events;
	/** Keeps what has to arrive although the other side is away. */
	readonly outbox: Outbox;
	/** What was told before modules could listen. */
	readonly journal: Pick<EventJournal, 'catchUp'>;
	readonly services: Services;
	readonly http: HttpRegistry;
}
/** Ends the module; resolves when nothing of it runs any more. */
export type Stop = () => Promise<void>;

/** Starts a module, or says why its configuration cannot be (the Connector then does not start). */
export type StartModule<Options, Parts = ModuleParts> = (parts: Parts, options: Options) => Result<Stop>;
/** The same for a module that has to look at something first. */
export type StartLater<Options> = (parts: OutsideParts, options: Options) => Promise<Result<Stop>>;
