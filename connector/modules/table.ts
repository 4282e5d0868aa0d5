/**
 * Modules: those of the Connector by name, those of others by location. `modules.<name>.enabled` says which run.
 *
 *   loaded ──▶ init of own modules ──▶ all are started: who listens before who causes events ──▶ runtime.modulesStarted
 */
import { randomBytes } from 'node:crypto';
import { ok, type Result } from '../../crdt/index.ts';
import type { Config, ModuleConfig } from '../config.ts';
import { isDocsOn } from '../routes/docs.ts';
import { startAutoAccept, startAutoDecompose } from './auto.ts';
import { startPublisher } from './brokers/publisher.ts';
import { startDecider } from './decider.ts';
import { startLive } from './live.ts';
import type { Told } from './events.ts';
import { followingOf as followingOfMessage, startMessage } from './message.ts';
import type { OutsideParts, Stop } from './module.ts';
import { loadOwn, type Loaded, type OwnEntry } from './own.ts';
import { startSync } from './sync.ts';
import { startWebhooks } from './webhooks.ts';

type Start = (parts: OutsideParts, options: never) => Result<Stop> | Promise<Result<Stop>>;

/** Those that tell the outside. */
const LISTENING: Readonly<Record<string, Start>> = {
	decider: startDecider,
	webhooks: startWebhooks,
	messageBrokerPublisher: startPublisher,
	message: startMessage
};
/** Those that cause something, so they start last. */
const ACTING: Readonly<Record<string, Start>> = {
	autoAcceptPendingRelationships: startAutoAccept,
	autoDecomposeDeletionProposedRelationships: startAutoDecompose,
	sync: startSync,
	sse: startLive
};
/** What the engine or app.ts does anyway. */
const INHERENT = new Set(['request', 'notification', 'coreHttpApi']);
const ALWAYS_ON = ['decider', 'request'];
const INFRASTRUCTURE = ['httpServer'];

const isBuiltIn = (name: string) => INHERENT.has(name) || Object.hasOwn(LISTENING, name) || Object.hasOwn(ACTING, name);

/** `@nmshd/connector:SyncModule` → `sync`: configurations of the original name their modules so. */
const NAMED = /^@nmshd\/(?:connector|runtime):(\w+?)(?:Module)?$/;
const nameIn = (location: string): string | undefined => {
	const word = NAMED.exec(location)?.[1];
	return word && word.charAt(0).toLowerCase() + word.slice(1);
};

type Entry =
	| { readonly kind: 'builtIn'; readonly module: string }
	| { readonly kind: 'own'; readonly location: string }
	| { readonly kind: 'nowhere' }
	| { readonly kind: 'problem'; readonly line: string };

/** What an entry of the configuration means. */
function entryOf(name: string, { location }: ModuleConfig): Entry {
	if (location === undefined)
		return isBuiltIn(name)
			? { kind: 'builtIn', module: name }
			: { kind: 'problem', line: `modules.${name} needs a location` };
	if (location === '') return { kind: 'nowhere' };
	const module = nameIn(location);
	if (module === undefined) return { kind: 'own', location };
	return isBuiltIn(module)
		? { kind: 'builtIn', module }
		: { kind: 'problem', line: `modules.${name}: there is no module ${location}` };
}

interface Row {
	readonly name: string;
	readonly config: ModuleConfig;
	readonly entry: Entry;
}
const enabledRows = (config: Config): Row[] =>
	Object.entries(config.modules)
		.filter(([, module]) => module.enabled)
		.map(([name, module]) => ({ name, config: module, entry: entryOf(name, module) }));
const builtIn = (rows: readonly Row[], module: string) =>
	rows.filter(({ entry }) => entry.kind === 'builtIn' && entry.module === module);

const infrastructureProblems = ({ name, config }: Row, isHttpOn: boolean): string[] => {
	const needed = (config as { requiredInfrastructure?: unknown }).requiredInfrastructure;
	const names = Array.isArray(needed) ? needed.map(String) : [];
	const missing = names.filter((each) => !INFRASTRUCTURE.includes(each) || !isHttpOn);
	return missing.map((each) => `modules.${name} needs infrastructure.${each}`);
};

/** What keeps a configuration's modules from starting, one line each. */
export function moduleProblems(config: Config): string[] {
	const rows = enabledRows(config);
	const isHttpOn = config.infrastructure.httpServer.enabled;
	const modules = new Set(rows.flatMap(({ entry }) => (entry.kind === 'builtIn' ? [entry.module] : [])));
	return [
		...ALWAYS_ON.filter((name) => !modules.has(name)).map((name) => `modules.${name} cannot be switched off`),
		...rows.flatMap(({ entry }) => (entry.kind === 'problem' ? [entry.line] : [])),
		...[...modules].flatMap((module) =>
			builtIn(rows, module)
				.slice(1)
				.map(({ name }) => `modules.${name}: ${module} is there already, it can run only once`)
		),
		...(modules.has('coreHttpApi') && !isHttpOn ? ['modules.coreHttpApi needs infrastructure.httpServer'] : []),
		...rows
			.filter(({ entry }) => !(entry.kind === 'builtIn' && entry.module === 'coreHttpApi'))
			.flatMap((row) => infrastructureProblems(row, isHttpOn)),
		...(isDocsOn(config) && !config.debug ? ['modules.coreHttpApi.docs can be enabled in debug mode only'] : [])
	];
}

const isOn = (config: Config, module: string) => builtIn(enabledRows(config), module).length > 0;

/** Whether what is told has to survive the process: some module keeps deliveries. */
export const keepsEvents = (config: Config): boolean =>
	['webhooks', 'messageBrokerPublisher'].some((module) =>
		builtIn(enabledRows(config), module).some(({ config: options }) => 'retry' in options)
	);

/** What modules make of an event, as events. */
export const followingOf = (config: Config): ((event: Told) => readonly Told[]) =>
	isOn(config, 'message') ? followingOfMessage : () => [];

/** Starts what is enabled; when one cannot start, those that run are stopped again. */
export async function startModules(parts: OutsideParts, config: Config): Promise<Result<Stop>> {
	const { log, events } = parts;
	const rows = enabledRows(config);
	const isLive = builtIn(rows, 'sse').length > 0;
	if (isLive && builtIn(rows, 'sync').length > 0) log.warn('modules.sync is switched off because modules.sse is on');
	for (const { name, entry } of rows)
		if (entry.kind === 'nowhere') log.error({ module: name }, 'a module without location is skipped');
	if (config.modules['notification']?.enabled === false)
		log.warn('modules.notification stays on: what notifications change is the same on all devices');

	const stops: Stop[] = [];
	const stop: Stop = async () => void (await Promise.all(stops.splice(0).map((each) => each())));
	const tell = (name: string) => events.tell({ id: randomBytes(32).toString('hex'), name, data: undefined });

	const started = await startAll();
	if (!started.ok) {
		await stop();
		return started;
	}
	tell('runtime.modulesStarted');
	return ok(stop);

	async function startAll(): Promise<Result<void>> {
		const entries = rows.flatMap(({ name, config: options, entry }): OwnEntry[] =>
			entry.kind === 'own' ? [{ name, location: entry.location, config: options }] : []
		);
		const own = await loadOwn(entries, parts, config.debug);
		if (!own.ok) return own;
		stops.push(...own.value.map((module) => module.stop));
		tell('runtime.modulesLoaded');
		const initialised = await each(own.value, (module) => module.init());
		if (!initialised.ok) return initialised;
		tell('runtime.modulesInitialized');
		const listening = await startBuiltIn(LISTENING);
		if (!listening.ok) return listening;
		const running = await each(own.value, (module) => module.start());
		return running.ok ? startBuiltIn(ACTING) : running;
	}

	async function each(
		modules: readonly Loaded[],
		step: (module: Loaded) => Promise<Result<void>>
	): Promise<Result<void>> {
		for (const module of modules) {
			const done = await step(module);
			if (!done.ok) return done;
		}
		return ok(undefined);
	}

	async function startBuiltIn(table: Readonly<Record<string, Start>>): Promise<Result<void>> {
		for (const [module, start] of Object.entries(table)) {
			const [row] = builtIn(rows, module);
			if (!row || (module === 'sync' && isLive)) continue;
			const started = await start(parts, row.config as never);
			if (!started.ok) return started;
			stops.push(started.value);
		}
		return ok(undefined);
	}
}
