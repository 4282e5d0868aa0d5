/** The `sse` module: follows the relay's wake-ups, so that what others wrote is applied at once. */
import { ok } from '../../crdt/index.ts';
import type { StartModule } from './module.ts';

export const startLive: StartModule<{ readonly baseUrlOverride?: unknown }> = (
	{ engine, log },
	{ baseUrlOverride }
) => {
	if (baseUrlOverride !== undefined)
		log.warn('modules.sse.baseUrlOverride is not used: wake-ups come on the line to transportLibrary.baseUrl');
	engine.account.goLive();
	return ok(async () => engine.account.stopLive());
};
