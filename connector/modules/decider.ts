/**
 * Decides incoming requests by rules (connector-api.md §8.4). The engine carries them out, so that what REST, webhooks and
 * other devices see is one story; here they are only handed over. A configuration whose parts do not fit does not start.
 */
import { ok } from '../../crdt/index.ts';
import type { StartModule } from './module.ts';

export const startDecider: StartModule<{ readonly automationConfig?: unknown }> = (
	{ engine },
	{ automationConfig }
) => {
	const automated = engine.requests.automate(automationConfig);
	return automated.ok ? ok(async () => automated.value()) : automated;
};
