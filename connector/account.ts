/** The identity this Connector acts for: opened from its store, or created at the relay when there is none yet. */
import {
	createIdentity,
	hasIdentity,
	joinIdentity,
	ok,
	openEngine,
	refuse,
	RelayUnreachable,
	type Clock,
	type Engine,
	type EnginePorts,
	type Journal,
	type LinkSession,
	type Random,
	type Refusal,
	type Result
} from '../crdt/index.ts';
import type { Config } from './config.ts';
import { relayLine, relayVersion, type RelayLineOptions } from './relay-line.ts';
import { versionInfo } from './routes/monitoring.ts';
import { look, openStore, type ConnectorStore } from './store/open.ts';

export const systemClock: Clock = {
	now: () => Date.now(),
	sleep: (ms, signal) =>
		new Promise((resolve) => {
			if (signal?.aborted) return resolve();
			const done = () => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', done);
				resolve();
			};
			const timer = setTimeout(done, ms);
			signal?.addEventListener('abort', done);
		})
};
export const systemRandom: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };

const DEVICE_NAME = 'Connector';
/** Where the address is kept beside the engine's own rows, so that `identity status` needs no second engine. */
const PLACE = ['connector', 'address'] as const;

const unreachable = refuse('error.transport.request.unknown', 'The relay cannot be reached.');
const noIdentity = refuse(
	'error.transport.general.noIdentityFound',
	'There is no identity in the database, and transportLibrary.allowIdentityCreation is off.'
);

const clientInvalid = refuse(
	'error.transport.general.platformClientInvalid',
	'The relay does not take this identity. Check transportLibrary.platformClientId and transportLibrary.platformClientSecret.'
);

const lineOptions = ({ transportLibrary }: Config): RelayLineOptions => ({
	baseUrl: transportLibrary.baseUrl,
	timeoutMs: transportLibrary.platformTimeout,
	headers: { 'x-runtime-version': versionInfo.runtimeVersion, ...transportLibrary.platformAdditionalHeaders }
});

const clientOf = ({ transportLibrary: { platformClientId: id, platformClientSecret: secret } }: Config) =>
	id !== undefined && secret !== undefined ? { client: { id, secret } } : {};

async function create(ports: EnginePorts, config: Config): Promise<Result<Engine>> {
	if (!config.transportLibrary.allowIdentityCreation) return noIdentity;
	const relay = await relayVersion(lineOptions(config));
	if (relay === undefined) return unreachable;
	const addressHost = config.transportLibrary.addressGenerationHostnameOverride ?? relay.addressHost;
	return createIdentity(ports, { addressHost, deviceName: DEVICE_NAME, ...clientOf(config) });
}

export interface Account {
	readonly engine: Engine;
	readonly store: ConnectorStore;
}

const portsOf = (config: Config, store: ConnectorStore): EnginePorts => ({
	clock: systemClock,
	random: systemRandom,
	store,
	relay: relayLine(lineOptions(config)),
	views: store.views
});

/** Remembers who we are where `identity status` looks. */
async function remember(engine: Engine, store: ConnectorStore): Promise<string> {
	const { address } = engine.account.identityInfo();
	await store.write([{ table: PLACE[0], key: PLACE[1], value: new TextEncoder().encode(address) }]);
	return address;
}

/**
 * Opens or creates the identity. On a refusal the store is closed again. `journalOf`: who keeps what the engine tells, already
 * while it opens.
 */
export async function openAccount(
	config: Config,
	onBroken: (error: unknown) => void,
	journalOf: (store: ConnectorStore) => Promise<Journal | undefined> = async () => undefined
): Promise<Result<Account>> {
	const opened = await openStore(config.database, onBroken);
	if (!opened.ok) return opened;
	const store = opened.value;
	const journal = await journalOf(store);
	const ports = { ...portsOf(config, store), ...(journal && { journal }) };
	const engine = await identityIn(ports, config);
	if (!engine.ok) {
		await store.close();
		return engine;
	}
	const registered = await register(engine.value, config);
	if (!registered.ok) {
		await engine.value.close();
		await store.close();
		return registered;
	}
	await remember(engine.value, store);
	return ok({ engine: engine.value, store });
}

/**
 * Makes an empty store a device of the identity whose device wrote the link. `session` tells the steps; `joined` resolves when
 * all is over, with everything closed, and with the address if it went well.
 */
export async function joinAccount(
	config: Config,
	link: string
): Promise<Result<{ session: LinkSession; joined: Promise<Result<string>> }>> {
	const opened = await openStore(config.database, () => undefined);
	if (!opened.ok) return opened;
	const store = opened.value;
	const joining = joinIdentity(portsOf(config, store), { deviceName: DEVICE_NAME, link });
	const joined = joining.engine.then(async (engine) => {
		const address = engine.ok ? ok(await remember(engine.value, store)) : engine;
		if (engine.ok) await engine.value.close();
		await store.close();
		return address;
	});
	const session = await joining.session;
	if (session.ok) return ok({ session: session.value, joined });
	await joined;
	return session;
}

/** An identity the relay does not know yet is made known; a relay that answers and still does not want it has the last word. */
async function register(engine: Engine, config: Config): Promise<Result<void>> {
	const isUnknown = () => engine.account.status().state === 'unregistered';
	if (!isUnknown()) return ok(undefined);
	await engine.account.sync();
	return isUnknown() && (await relayVersion(lineOptions(config))) !== undefined ? clientInvalid : ok(undefined);
}

async function identityIn(ports: EnginePorts, config: Config): Promise<Result<Engine>> {
	try {
		return (await hasIdentity(ports.store))
			? await openEngine(ports, clientOf(config))
			: await create(ports, config);
	} catch (error) {
		if (error instanceof RelayUnreachable) return unreachable;
		throw error;
	}
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The own address; looked up without disturbing a Connector that runs, created when there is none. */
export async function identityAddress(config: Config): Promise<Result<string, Refusal>> {
	const known = await look(config.database, ...PLACE);
	if (known) return ok(decode(known));
	const account = await openAccount(config, () => undefined);
	if (!account.ok) return account;
	const { address } = account.value.engine.account.identityInfo();
	await account.value.engine.close();
	await account.value.store.close();
	return ok(address);
}
