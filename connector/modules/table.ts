/** Modules by name. What is not here is either part of the engine or not built; `modules.<name>.enabled` says which run. */
import type { Refusal } from '../../crdt/index.ts';
import type { Config } from '../config.ts';
import { isDocsOn } from '../routes/docs.ts';
import { startAutoAccept, startAutoDecompose } from './auto.ts';
import { startDecider } from './decider.ts';
import { startLive } from './live.ts';
import type { ModuleParts, StartModule, Stop } from './module.ts';
import { startSync } from './sync.ts';
import { startWebhooks } from './webhooks.ts';

const MODULES: Readonly<Record<string, StartModule<never>>> = {
	decider: startDecider,
	webhooks: startWebhooks,
	autoAcceptPendingRelationships: startAutoAccept,
	autoDecomposeDeletionProposedRelationships: startAutoDecompose,
	sync: startSync,
	sse: startLive
};
/** What the engine or app.ts does anyway. */
const INHERENT = new Set(['request', 'notification', 'coreHttpApi']);
const ALWAYS_ON = ['decider', 'request'];

/** What keeps a configuration's modules from starting, one line each. */
export function moduleProblems(config: Config): string[] {
	const enabled = Object.entries(config.modules).filter(([, module]) => module.enabled);
	const names = enabled.map(([name]) => name);
	const isHttpOn = config.infrastructure.httpServer.enabled;
	return [
		...ALWAYS_ON.filter((name) => !names.includes(name)).map((name) => `modules.${name} cannot be switched off`),
		...names
			.filter((name) => !INHERENT.has(name) && !(name in MODULES))
			.map((name) => `modules.${name} is not implemented yet, switch it off`),
		...(names.includes('coreHttpApi') && !isHttpOn ? ['modules.coreHttpApi needs infrastructure.httpServer'] : []),
		...(isDocsOn(config) && !config.debug ? ['modules.coreHttpApi.docs can be enabled in debug mode only'] : [])
	];
}

/** Starts what is enabled, webhooks before anything that could cause an event. */
export function startModules(
	parts: ModuleParts,
	config: Config
): { ok: true; value: Stop } | { ok: false; error: Refusal } {
	const isLive = config.modules['sse']?.enabled === true;
	if (isLive && config.modules['sync']?.enabled === true)
		parts.log.warn('modules.sync is switched off because modules.sse is on');
	const stops: Stop[] = [];
	for (const [name, start] of Object.entries(MODULES)) {
		const options = config.modules[name];
		if (options?.enabled !== true || (name === 'sync' && isLive)) continue;
		const started = start(parts, options as never);
		if (!started.ok) return started;
		stops.push(started.value);
	}
	return { ok: true, value: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}
