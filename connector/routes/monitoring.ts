/** Health, version, counts and support information (connector-api.md §2.13): bare objects, no envelope. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { HEALTH_TIMEOUT_MS } from '../limits.ts';
import type { Engine } from '../../crdt/index.ts';

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
const redacted = (options: object | undefined, isOn: boolean) =>
	options === undefined ? {} : `redacted (${isOn ? 'enabled' : 'disabled'})`;

/** The configuration without anything secret; of the modules only whether they run, their members may hold keys of targets. */
export function maskedConfiguration(config: Config): unknown {
	const { transportLibrary, infrastructure, modules, ...rest } = config;
	const { authentication, ...httpServer } = infrastructure.httpServer;
	const { apiKey, oidc, jwtBearer } = authentication;
	return {
		...rest,
		transportLibrary: {
			...transportLibrary,
			...(transportLibrary.platformClientSecret === undefined ? {} : { platformClientSecret: MASK }),
			platformAdditionalHeaders: masked(transportLibrary.platformAdditionalHeaders)
		},
		infrastructure: {
			httpServer: {
				...httpServer,
				authentication: {
					apiKey: redacted(apiKey, apiKey.enabled ?? Object.keys(apiKey.keys).length > 0),
					oidc: redacted(oidc, oidc?.enabled ?? false),
					jwtBearer: redacted(jwtBearer, jwtBearer?.enabled ?? false)
				}
			}
		},
		modules: Object.fromEntries(Object.entries(modules).map(([name, { enabled }]) => [name, { enabled }]))
	};
}
