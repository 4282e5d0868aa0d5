/** Fetches what others wrote: at start, then `interval` seconds after the previous run ended. Errors are only logged. */
import { randomUUID } from 'node:crypto';
import { ok, refuse } from '../../crdt/index.ts';
import { placeOf, withCorrelation } from '../log.ts';
import type { ModuleParts, StartModule } from './module.ts';

export interface SyncOptions {
	/** Seconds. */
	readonly interval: number;
}

async function runOnce({ engine, log }: ModuleParts): Promise<void> {
	try {
		const synced = await engine.account.sync();
		if (!synced.ok) log.warn({ code: synced.error.code }, 'sync failed');
	} catch (error) {
		log.error(placeOf(error), 'sync failed');
	}
}

export const startSync: StartModule<SyncOptions> = (parts, { interval }) => {
	if (!(typeof interval === 'number' && interval > 0))
		return refuse(
			'error.connector.modules.sync.invalidInterval',
			'modules.sync.interval must be a number of seconds above 0'
		);
	const stopped = new AbortController();
	const run = async () => {
		while (!stopped.signal.aborted) {
			await withCorrelation(randomUUID(), () => runOnce(parts));
			await parts.clock.sleep(interval * 1000, stopped.signal);
		}
	};
	const running = run();
	return ok(async () => {
		stopped.abort();
		await running;
	});
};
