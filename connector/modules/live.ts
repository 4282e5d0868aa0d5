/** The `sse` module: follows the relay's wake-ups, so that what others wrote is applied at once. */
import { ok } from '../../crdt/index.ts';
import type { StartModule } from './module.ts';

export const startLive: StartModule<unknown> = ({ engine }) => {
	engine.account.goLive();
	return ok(async () => engine.account.stopLive());
};
