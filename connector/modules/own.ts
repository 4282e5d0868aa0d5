/** Loads the modules of others and gives them what they may use (docs/modules.md). */
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ok, refuse, type Refusal, type Result } from '../../crdt/index.ts';
import type { ModuleConfig } from '../config.ts';
import { MAX_MODULE_EVENTS } from '../limits.ts';
import { placeOf } from '../log.ts';
import { triggerMatches } from './events.ts';
import type { OutsideParts } from './module.ts';
import type { ModuleContext, ModuleEvent, OwnModule } from './own-module.ts';

export interface Loaded {
	readonly name: string;
	init(): Promise<Result<void>>;
	start(): Promise<Result<void>>;
	stop(): Promise<void>;
}

const problem = (name: string, message: string): { ok: false; error: Refusal } =>
	refuse('error.connector.modules.invalid', `modules.${name}: ${message}`);

/** What its author says about it, on one line: at the start nobody's data is in it yet. */
const lineOf = (error: unknown) =>
	(error instanceof Error ? error.message : typeof error).split('\n', 1)[0]?.slice(0, 300) ?? '';

const isPath = (location: string) => location.startsWith('.') || isAbsolute(location);
/** A path is seen from the folder the Connector was started in; anything else is a package. */
const specifierOf = (location: string) => (isPath(location) ? pathToFileURL(resolve(location)).href : location);

const STEPS = ['init', 'start', 'stop'] as const;
const isStep = (value: unknown) => value === undefined || typeof value === 'function';

/** A value to a module, or what is wrong with it. */
function parseModule(value: unknown): OwnModule | string {
	if (typeof value !== 'object' || value === null)
		return 'its default export is not an object with init, start or stop';
	const steps = value as Readonly<Record<string, unknown>>;
	const odd = STEPS.find((step) => !isStep(steps[step]));
	if (odd) return `${odd} of its default export is not a function`;
	if (steps['init'] === undefined && steps['start'] === undefined)
		return 'its default export has neither init nor start';
	return value as OwnModule;
}

async function read(name: string, location: string): Promise<Result<OwnModule>> {
	try {
		const imported = (await import(specifierOf(location))) as { readonly default?: unknown };
		const parsed = parseModule(imported.default);
		return typeof parsed === 'string' ? problem(name, parsed) : ok(parsed);
	} catch (error) {
		return problem(name, `${location} cannot be loaded: ${lineOf(error)}`);
	}
}

/** Listening in order: everything a module listens to goes through one row. */
function listener({ events, log }: OutsideParts, name: string) {
	let last = Promise.resolve();
	let waiting = 0;
	const stops = new Set<() => void>();
	const take = (event: ModuleEvent, handle: (event: ModuleEvent) => void | Promise<void>) => {
		if (waiting >= MAX_MODULE_EVENTS) {
			log.error(
				{ module: name, trigger: event.name },
				'too many events wait for the module, this one is dropped'
			);
			return;
		}
		waiting += 1;
		last = last
			.then(() => handle(event))
			.catch((error: unknown) =>
				log.error({ module: name, trigger: event.name, ...placeOf(error) }, 'a module failed')
			)
			.finally(() => (waiting -= 1));
	};
	return {
		on(pattern: string, handle: (event: ModuleEvent) => void | Promise<void>) {
			const stop = events.on((event) => {
				if (triggerMatches(pattern, event.name)) take(event, handle);
			});
			stops.add(stop);
			return stop;
		},
		async end() {
			for (const stop of stops) stop();
			await last;
		}
	};
}

function loaded(name: string, module: OwnModule, config: ModuleConfig, parts: OutsideParts, isDebug: boolean): Loaded {
	const { on, end } = listener(parts, name);
	const context: ModuleContext = {
		config: config as Readonly<Record<string, unknown>>,
		logger: parts.log.child({ module: name }),
		mode: isDebug ? 'debug' : 'production',
		on,
		services: parts.services,
		http: { addEndpoint: (endpoint) => parts.http.addEndpoint(endpoint) }
	};
	const step = async (which: 'init' | 'start'): Promise<Result<void>> => {
		try {
			await module[which]?.(context);
			return ok(undefined);
		} catch (error) {
			parts.log.error({ module: name, ...placeOf(error) }, 'a module failed');
			return problem(name, `${which} failed: ${lineOf(error)}`);
		}
	};
	return {
		name,
		init: () => step('init'),
		start: () => step('start'),
		async stop() {
			await end();
			try {
				await module.stop?.(context);
			} catch (error) {
				parts.log.error({ module: name, ...placeOf(error) }, 'a module failed');
			}
		}
	};
}

export interface OwnEntry {
	readonly name: string;
	readonly location: string;
	readonly config: ModuleConfig;
}

/** All of them, or the first that is none. */
export async function loadOwn(
	entries: readonly OwnEntry[],
	parts: OutsideParts,
	isDebug: boolean
): Promise<Result<Loaded[]>> {
	const modules: Loaded[] = [];
	const seen = new Map<string, string>();
	for (const { name, location, config } of entries) {
		const module = await read(name, location);
		if (!module.ok) return module;
		const place = specifierOf(location);
		const twin = seen.get(place);
		if (twin !== undefined && module.value.denyMultipleInstances !== false)
			return problem(name, `${location} is loaded by modules.${twin} already`);
		seen.set(place, name);
		modules.push(loaded(name, module.value, config, parts, isDebug));
	}
	return ok(modules);
}
