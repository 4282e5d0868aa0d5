/** A running Connector: account, modules and HTTP server, started in this order and stopped in the reverse one. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { ok, refuse, type Result } from '../crdt/index.ts';
import { openAccount, systemClock, systemRandom } from './account.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { controlPath, openControl } from './control.ts';
import type { Authentication } from './http/auth.ts';
import { SHUTDOWN_GRACE_MS } from './limits.ts';
import { placeOf, type Log } from './log.ts';
import { createEvents } from './modules/events.ts';
import { createRegistry } from './modules/http.ts';
import { noJournal, openJournal, type EventJournal } from './modules/journal.ts';
import { openOutbox, type Outbox } from './modules/outbox.ts';
import { servicesOver } from './modules/services.ts';
import { followingOf, keepsEvents, startModules } from './modules/table.ts';
import { deadLetterRows } from './routes/dead-letters.ts';

export interface Running {
	/** Where it listens; undefined without HTTP server. */
	readonly port: number | undefined;
	/** Resolves when the store failed: the process must end. */
	readonly broken: Promise<void>;
	stop(): Promise<void>;
}

function listen(server: ServerType, port: number): Promise<Result<number>> {
	return new Promise((resolve) => {
		server.once('error', (error: NodeJS.ErrnoException) => {
			const cause = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
			resolve(
				refuse(
					'error.connector.startup',
					`port ${port} ${cause}, choose another with infrastructure.httpServer.port`
				)
			);
		});
		server.listen(port, () => resolve(ok((server.address() as AddressInfo).port)));
	});
}

const closeServer = (server: ServerType) =>
	new Promise<void>((resolve) => {
		const http = server as Server;
		const patience = setTimeout(() => http.closeAllConnections(), SHUTDOWN_GRACE_MS);
		http.close(() => {
			clearTimeout(patience);
			resolve();
		});
		http.closeIdleConnections();
	});

/** Code inside the process has no key and needs none. */
const trusting = (authentication: Authentication): Authentication => ({
	...authentication,
	judge: async () => ({ kind: 'known', roles: ['**'], cookies: [] })
});

/** Starts everything, or says why not (nothing is left running then). */
export async function startConnector(
	config: Config,
	authentication: Authentication,
	log: Log
): Promise<Result<Running>> {
	const broken = Promise.withResolvers<void>();
	const onBroken = (error: unknown) => {
		log.fatal(placeOf(error), 'the database failed');
		broken.resolve();
	};
	const kept = Promise.withResolvers<{ outbox: Outbox; journal?: EventJournal }>();
	const account = await openAccount(config, onBroken, async (store) => {
		const outbox = await openOutbox(store, systemClock, log);
		const journal = keepsEvents(config) ? await openJournal(store, outbox.keep, followingOf(config)) : undefined;
		kept.resolve({ outbox, ...(journal && { journal }) });
		return journal;
	});
	if (!account.ok) return account;
	const { outbox, journal = noJournal } = await kept.promise;
	const { engine, store } = account.value;
	const undo: (() => Promise<void>)[] = [() => store.close(), () => engine.close()];
	const stop = async () => {
		for (const step of undo.splice(0).reverse()) await step();
	};

	const isServed = config.infrastructure.httpServer.enabled;
	const events = createEvents(engine, log);
	undo.push(async () => events.close());
	const endpoints = createRegistry(isServed);
	const parts = {
		engine,
		config,
		authentication,
		clock: systemClock,
		random: systemRandom,
		log,
		isStoreHealthy: () => store.isHealthy(),
		endpoints,
		monitoring: deadLetterRows(outbox)
	};
	const inside = createApp({ ...parts, authentication: trusting(authentication) });
	const services = servicesOver((request) => inside.fetch(request));

	const modules = await startModules(
		{ engine, clock: systemClock, log, events, outbox, journal, services, http: endpoints },
		config
	);
	if (!modules.ok) {
		await stop();
		return modules;
	}
	undo.push(modules.value);
	await journal.opened();

	const control = controlPath(config.database);
	if (control === undefined) log.warn('the folder of the database has too long a name for a control socket');
	else undo.push(await openControl(control, engine));

	const port = isServed
		? await serve(createAdaptorServer({ fetch: createApp(parts).fetch, hostname: 'localhost' }), config, undo)
		: ok(undefined);
	if (!port.ok) {
		await stop();
		return port;
	}
	log.info({ port: port.value }, 'ready');
	return ok({
		port: port.value,
		broken: broken.promise,
		async stop() {
			log.info('stopping');
			await stop();
		}
	});
}

async function serve(server: ServerType, config: Config, undo: (() => Promise<void>)[]): Promise<Result<number>> {
	const port = await listen(server, config.infrastructure.httpServer.port);
	if (port.ok) undo.push(() => closeServer(server));
	return port;
}
