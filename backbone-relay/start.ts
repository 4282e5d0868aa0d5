/** Puts the relay together: folder → key and store → relay → routes and lines → listening. main.ts starts it for real. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Context } from 'hono';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { configDirOf, openFolder } from './folder.ts';
import { createThreadedVerify, openRelayKey } from './keys.ts';
import { attachLines } from './line.ts';
import { createRations } from './rations.ts';
import { createRelay } from './relay.ts';
import { openShell } from './shell.ts';
import { createSqliteStore, type SqliteOptions } from './store/sqlite.ts';

/** What the relay says about itself: pino in the product. */
export interface Log {
	error(fields: object, message: string): void;
	debug(fields: object, message: string): void;
}

export interface Running {
	readonly port: number;
	readonly url: string;
	/** Stops accepting, finishes the running tick, closes lines and store. */
	stop(): Promise<void>;
}

/** The client's address: the socket's, or behind a trusted proxy the last one it named. */
function sourceOf(request: IncomingMessage, trustProxy: boolean): string {
	const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
	const last = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim();
	return last || request.socket.remoteAddress || '';
}

const listening = (server: Server): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('listening', resolve);
		server.once('error', reject);
	});

/** `store` is for trials that need a small or an unsafe disk. */
export async function start(config: Config, log: Log, store: SqliteOptions = {}): Promise<Running> {
	mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
	const shell = config.appDir === undefined ? undefined : openShell(config.appDir);
	const rows = createSqliteStore(config.dataDir, store);
	const key = openRelayKey(config.dataDir);
	const report = (error: unknown) => log.error({ err: error }, 'fault');
	// Its own folder is there from the beginning, so that changes in it are told at once.
	if (config.configDir === configDirOf(config.dataDir, undefined)) mkdirSync(config.configDir, { recursive: true });
	const publications = openFolder(config.configDir, (line) => log.error({}, line));
	const relay = createRelay({
		store: rows,
		publications,
		clock: { now: () => Date.now() },
		random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
		schedule: (run) => void setImmediate(run),
		sign: (message) => key.sign(message),
		relayKey: key.publicKey,
		addressHost: config.addressHost,
		limits: config.limits,
		client: config.client,
		verifyEntry: createThreadedVerify(),
		ration: createRations(config.limits),
		report
	});
	const app = createApp({
		relay,
		relayKey: key.publicKey,
		addressHost: config.addressHost,
		isSecure: config.publicUrl?.startsWith('https://') ?? false,
		shell,
		sourceOf: (context: Context) =>
			sourceOf((context.env as { incoming: IncomingMessage }).incoming, config.trustProxy),
		log: (method, route, status, ms) => log.debug({ method, route, status, ms: Math.round(ms) }, 'request'),
		report
	});
	const server = serve({ fetch: app.fetch, port: config.port, hostname: config.host }) as Server;
	const lines = attachLines(server, relay, (request) => sourceOf(request, config.trustProxy));
	try {
		await listening(server);
	} catch (error) {
		publications.close();
		rows.close();
		throw error;
	}
	let tidying: Promise<void> = Promise.resolve();
	const tidy = () => void (tidying = relay.housekeep().then((tidied) => log.debug(tidied, 'housekeeping'), report));
	const rounds = setInterval(tidy, config.limits.housekeepingMs);
	tidy();
	const { port } = server.address() as AddressInfo;

	return {
		port,
		url: config.publicUrl ?? `http://localhost:${port}`,
		async stop() {
			clearInterval(rounds);
			publications.close();
			const closed = new Promise((resolve) => server.close(resolve));
			await relay.close();
			await tidying;
			await lines.close();
			server.closeAllConnections();
			await closed;
			rows.close();
		}
	};
}
