/** A module of the Connector: something that runs beside the HTTP server while the Connector runs. */
import type { Clock, Engine, Refusal } from '../../crdt/index.ts';
import type { Log } from '../log.ts';

export interface ModuleParts {
	readonly engine: Engine;
	readonly clock: Clock;
	readonly log: Log;
}
/** Ends the module; resolves when nothing of it runs any more. */
export type Stop = () => Promise<void>;

/** Starts a module, or says why its configuration cannot be (the Connector then does not start). */
export type StartModule<Options> = (
	parts: ModuleParts,
	options: Options
) => { ok: true; value: Stop } | { ok: false; error: Refusal };
