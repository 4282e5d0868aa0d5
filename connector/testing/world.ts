/** A relay in process and Connectors on it, each with its engine, app and key: the whole system without sockets. */
import { createTestRelay } from '../../backbone-relay/testing/relay.ts';
import { createIdentity, RelayUnreachable, type Engine, type EngineEvent, type Relay } from '../../crdt/index.ts';
import { createMemoryStore } from '../../crdt/sim/memory-store.ts';
import { createApp } from '../app.ts';
import { PREFIX } from '../routes/table.ts';
import { mustBeDescribed } from './described.ts';
import { authenticationOf, KEY, silent, testConfig, testRandom } from './parts.ts';
import type { Party, Reply } from './party.ts';

export interface TestConnector extends Party {
	readonly engine: Engine;
	readonly app: ReturnType<typeof createApp>;
	readonly events: EngineEvent[];
}

/** Waits are short, and real ones: a wait that is none would leave no turn to anything else while a relay is out of reach. */
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 20)));
const clock = { now: () => Date.now(), sleep };

export function createWorld() {
	const relay = createTestRelay({ clock: { now: () => Date.now() } });
	let isDown = false;
	const port = (name: string): Relay => ({
		url: 'http://localhost:1',
		async connect() {
			if (isDown) throw new RelayUnreachable();
			const line = relay.relay.connect({ source: name });
			return {
				challenge: line.challenge,
				exchange: (frame) => (isDown ? Promise.reject(new RelayUnreachable()) : line.handle(frame)),
				onPush: (listener) => line.onPush(listener),
				onClose: (listener) => line.onClose(listener),
				close: () => line.close()
			};
		}
	});

	async function connector(name: string, config = testConfig()): Promise<TestConnector> {
		const ports = { clock, random: testRandom, store: createMemoryStore(), relay: port(name) };
		const opened = await createIdentity(ports, { addressHost: 'localhost', deviceName: name });
		if (!opened.ok) throw new Error(opened.error.message);
		const engine = opened.value;
		const events: EngineEvent[] = [];
		engine.onEvent((event) => events.push(event));
		const synced = await engine.account.sync();
		if (!synced.ok) throw new Error(synced.error.message);
		const authentication = authenticationOf(config, Date.now());
		const app = createApp({
			engine,
			config,
			authentication,
			clock,
			random: testRandom,
			log: silent,
			isStoreHealthy: () => true
		});
		return {
			engine,
			app,
			events,
			async call<T>(method: string, path: string, body?: unknown) {
				const headers = {
					'x-api-key': KEY,
					...(body === undefined ? {} : { 'content-type': 'application/json' })
				};
				const response = await app.request(PREFIX + path, {
					method,
					headers,
					...(body === undefined ? {} : { body: JSON.stringify(body) })
				});
				const text = await response.text();
				const answer = text === '' ? {} : (JSON.parse(text) as object);
				mustBeDescribed(method, PREFIX + path, response.status, answer);
				return { status: response.status, ...answer } as Reply<T>;
			}
		};
	}

	return { relay, connector, cut: (down: boolean) => (isDown = down) };
}

/** An organisation's and a person's, on a relay of their own. */
export async function twoConnectors(): Promise<{ city: TestConnector; person: TestConnector }> {
	const world = createWorld();
	return { city: await world.connector('city'), person: await world.connector('person') };
}
