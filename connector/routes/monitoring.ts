/**
 * Health, version, counts, figures and support information (connector-api.md §2.13): bare objects, no envelope.
 */
import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { isMechanismOn, isOn } from '../http/mechanism.ts';
import { METRICS_TYPE, type EngineMetrics, type RequestFigures } from '../http/metrics.ts';
import { HEALTH_TIMEOUT_MS } from '../limits.ts';
import { ok, type Engine, type Result } from '../../crdt/index.ts';
import type { Method } from './route.ts';

/** What a row answers: `json` as it is, or `text` of a type, or nothing (status 204). */
export interface MonitoringAnswer {
	readonly status?: number;
	readonly json?: unknown;
	readonly text?: string;
	readonly type?: string;
}
/** One endpoint below /Monitoring. Anything else below it, a wrong verb too, is 404. */
export interface MonitoringRow {
	readonly method: Method;
	/** From the root; parameters as `{id}`. */
	readonly path: string;
	readonly role: string;
	readonly summary: string;
	readonly run: (params: Readonly<Record<string, string>>) => Promise<Result<MonitoringAnswer>>;
}

export interface Health {
	readonly isHealthy: boolean;
	readonly services: {
		readonly database: 'healthy' | 'unhealthy';
		readonly backboneConnection: 'healthy' | 'unhealthy';
		readonly backboneAuthentication: 'healthy' | 'unhealthy';
	};
}
export interface VersionInfo {
	readonly version: string;
	readonly build: string;
	readonly date: string;
	readonly commit: string;
	readonly runtimeVersion: string;
	readonly modules: Readonly<Record<string, unknown>>;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
	version: string;
};
export const versionInfo: VersionInfo = {
	version,
	build: 'source',
	date: 'unknown',
	commit: 'unknown',
	runtimeVersion: version,
	modules: {}
};

const word = (isHealthy: boolean) => (isHealthy ? 'healthy' : 'unhealthy');

const tooLate = () => new Promise<false>((resolve) => setTimeout(resolve, HEALTH_TIMEOUT_MS, false).unref());

async function check(engine: Engine, database: () => boolean): Promise<Health> {
	const isDatabaseUp = database();
	const isConnected = await Promise.race([engine.account.relayIsHealthy(), tooLate()]);
	const { state } = engine.account.status();
	const isKnown = state !== 'unregistered' && state !== 'frozen' && state !== 'stopped';
	return {
		isHealthy: isDatabaseUp && isConnected && isKnown,
		services: {
			database: word(isDatabaseUp),
			backboneConnection: word(isConnected),
			backboneAuthentication: word(isKnown)
		}
	};
}

/** Callers that ask at the same time share one check. */
export function healthCheck(engine: Engine, database: () => boolean): () => Promise<Health> {
	let running: Promise<Health> | undefined;
	return () => (running ??= check(engine, database).finally(() => (running = undefined)));
}

export interface RequestCount {
	count(status: number): void;
	read(): { since: string; requestCount: number; requestCountByStatus: Record<string, number> };
}

/** Counts every finished request since the process started. */
export function requestCount(now: number): RequestCount {
	const byStatus = new Map<number, number>();
	return {
		count: (status) => void byStatus.set(status, (byStatus.get(status) ?? 0) + 1),
		read: () => ({
			since: new Date(now).toISOString(),
			requestCount: [...byStatus.values()].reduce((sum, each) => sum + each, 0),
			requestCountByStatus: Object.fromEntries(byStatus)
		})
	};
}

const MASK = '***';
const masked = (value: object | undefined) => Object.fromEntries(Object.keys(value ?? {}).map((name) => [name, MASK]));
const redacted = (isEnabled: boolean) => `redacted (${isEnabled ? 'enabled' : 'disabled'})`;

/** A connection string may hold a password; a folder does not. */
const maskedDatabase = (database: Config['database']) =>
	'connectionString' in database ? { ...database, connectionString: MASK } : database;

/** The configuration without anything secret (§5.4); of the modules only whether they run, their members may hold keys of targets. */
function maskedConfiguration(config: Config): unknown {
	const { transportLibrary, infrastructure, modules, database, ...rest } = config;
	const { authentication, ...httpServer } = infrastructure.httpServer;
	const { apiKey, oidc, jwtBearer } = authentication;
	return {
		...rest,
		database: maskedDatabase(database),
		transportLibrary: {
			...transportLibrary,
			...(transportLibrary.platformClientSecret === undefined ? {} : { platformClientSecret: MASK }),
			platformAdditionalHeaders: masked(transportLibrary.platformAdditionalHeaders)
		},
		infrastructure: {
			httpServer: {
				...httpServer,
				authentication: {
					apiKey: redacted(isOn(apiKey.enabled, Object.keys(apiKey.keys).length > 0)),
					oidc: redacted(isMechanismOn(oidc)),
					jwtBearer: redacted(isMechanismOn(jwtBearer))
				}
			}
		},
		modules: Object.fromEntries(Object.entries(modules).map(([name, { enabled }]) => [name, { enabled }]))
	};
}

function engineMetrics(engine: Engine): EngineMetrics {
	const { state, waiting, lastSyncAt } = engine.account.status();
	return {
		waiting,
		isOnline: state === 'upToDate' || state === 'working',
		lastSyncMs: lastSyncAt === undefined ? 0 : Date.parse(lastSyncAt)
	};
}

/** What support asks for; an identity that cannot be read is said so, the rest is still told. */
async function supportInformation(engine: Engine, config: Config, health: () => Promise<Health>): Promise<unknown> {
	const identity = () => {
		try {
			return engine.account.identityInfo();
		} catch (error) {
			return { error: error instanceof Error ? error.name : 'unknown' };
		}
	};
	return {
		version: versionInfo,
		health: await health(),
		configuration: maskedConfiguration(config),
		identityInfo: identity()
	};
}

export interface MonitoringParts {
	readonly engine: Engine;
	readonly config: Config;
	readonly health: () => Promise<Health>;
	readonly requests: RequestCount;
	readonly figures: RequestFigures;
}

const row = (name: string, summary: string, run: () => Promise<MonitoringAnswer>): MonitoringRow => ({
	method: 'GET',
	path: `/Monitoring/${name}`,
	role: `monitoring:${name.toLowerCase()}`,
	summary,
	run: async () => ok(await run())
});

export const monitoringRows = ({ engine, config, health, requests, figures }: MonitoringParts): MonitoringRow[] => [
	row('Version', 'What runs here', async () => ({ json: versionInfo })),
	row('Requests', 'Requests since the process started', async () => ({ json: requests.read() })),
	row('Support', 'What support asks for, without secrets', async () => ({
		json: await supportInformation(engine, config, health)
	})),
	row('Metrics', 'Figures for Prometheus', async () => ({
		text: figures.text(engineMetrics(engine)),
		type: METRICS_TYPE
	}))
];
