/**
 * Decides incoming requests by rules. There are none yet: every request becomes ManualDecisionRequired. A configuration
 * that brings rules must not start and then do nothing, so it is refused.
 */
import { ok, refuse } from '../../crdt/index.ts';
import type { StartModule } from './module.ts';

export const startDecider: StartModule<{ readonly automationConfig?: unknown }> = (_, { automationConfig }) => {
	const isEmpty =
		automationConfig === undefined || (Array.isArray(automationConfig) && automationConfig.length === 0);
	if (!isEmpty)
		return refuse(
			'error.connector.notImplemented',
			'modules.decider.automationConfig is not implemented yet, leave it empty'
		);
	return ok(async () => undefined);
};
