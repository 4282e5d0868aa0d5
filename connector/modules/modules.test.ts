import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ok, refuse, type Engine } from '../../crdt/index.ts';
import { toDto } from '../dto.ts';
import { PREFIX } from '../routes/table.ts';
import { PEER, ROWS, rowEngine, silent, stillClock, testApp, testConfig, withKey } from '../testing/parts.ts';
import { withCorrelation } from '../log.ts';
import type { Stop } from './module.ts';
import { startSync } from './sync.ts';
import { moduleProblems, startModules } from './table.ts';
import { startWebhooks, triggerMatches } from './webhooks.ts';

interface Received {
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}
const open: (() => void)[] = [];
afterEach(() => {
	for (const close of open.splice(0)) close();
});

/** A system of the integrator: writes down what it is sent and answers as told. */
async function receiver(answer: (path: string) => { status?: number; body?: string } = () => ({})) {
	const received: Received[] = [];
	const waiting: (() => void)[] = [];
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			received.push({ path: request.url ?? '', headers: request.headers, body });
			const { status = 200, body: text = '' } = answer(request.url ?? '');
			response.writeHead(status, status >= 300 && status < 400 ? { location: '/elsewhere' } : {}).end(text);
			for (const wake of waiting.splice(0)) wake();
		});
	});
	server.listen(0);
	await once(server, 'listening');
	open.push(() => (server.closeAllConnections(), server.close()));
	const until = async (count: number): Promise<Received[]> => {
		while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
		return received;
	};
	return { url: `http://localhost:${(server.address() as AddressInfo).port}`, received, until };
}

type Emitting = ReturnType<typeof rowEngine>;
const start = (engine: Engine, options: unknown, clock = stillClock()): Stop => {
	const started = startWebhooks({ engine, clock, log: silent }, options as never);
	if (!started.ok) throw new Error(started.error.message);
	return started.value;
};
const event = (name: string, data?: unknown) => ({ id: 'e1', name, data });
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('triggers', () => {
	test.each([
		['transport.messageReceived', 'transport.messageReceived', true],
		['transport.*', 'transport.messageReceived', true],
		['*', 'transport.messageReceived', false],
		['**', 'transport.messageReceived', true],
		['**.messageReceived', 'transport.messageReceived', true],
		['**.messageReceived', 'messageReceived', true],
		['transport.**', 'transport', true],
		['*.*', 'transport.messageReceived', true],
		['transport', 'transport.messageReceived', false],
		['transport.message*', 'transport.messageReceived', false],
		['consumption.*', 'transport.messageReceived', false]
	])('%s matches %s: %s', (trigger, name, expected) => {
		expect(triggerMatches(trigger, name)).toBe(expected);
	});
});

describe('webhooks', () => {
	test('post {trigger, data} with the very object REST shows, and nothing of ours', async () => {
		const target = await receiver();
		const engine = rowEngine();
		start(engine, {
			enabled: true,
			targets: { a: { url: `${target.url}/hook/{{trigger}}`, headers: { 'x-mine': '1' } } },
			webhooks: [{ triggers: ['transport.*'], target: 'a' }]
		});
		withCorrelation('id-7', () => engine.emit(event('transport.relationshipChanged', ROWS.relationship)));
		engine.emit(event('consumption.attributeCreated', ROWS.attribute));
		engine.emit(event('transport.datawalletSynchronized'));
		const [first, second] = await target.until(2);
		const rest = await (
			await testApp({ engine }).request(`${PREFIX}/Relationships/${ROWS.relationship.id}`, withKey())
		).json();
		expect(JSON.parse(first?.body ?? '')).toEqual({
			trigger: 'transport.relationshipChanged',
			data: (rest as { result: unknown }).result
		});
		expect(first).toMatchObject({
			path: '/hook/transport.relationshipChanged',
			headers: { 'x-mine': '1', 'x-correlation-id': 'id-7', 'content-type': 'application/json' }
		});
		expect(second?.body).toBe('{"trigger":"transport.datawalletSynchronized"}');
		expect(second?.headers['x-correlation-id']).toBeUndefined();
		expect(target.received).toHaveLength(2);
	});

	test('rows inside an event lose what is ours too; what people wrote stays', () => {
		const changed = { request: { ...ROWS.request, _pending: true }, oldStatus: 'Open', newStatus: 'Decided' };
		expect(toDto(changed)).toEqual({ request: ROWS.request, oldStatus: 'Open', newStatus: 'Decided' });
		expect(toDto({ content: { _mine: 1 } })).toEqual({ content: { _mine: 1 } });
	});

	test('two entries that match deliver twice; an inline target works; after stopping nothing is sent', async () => {
		const target = await receiver();
		const engine = rowEngine();
		const inline = { url: `${target.url}/inline`, authentication: { type: 'ApiKey', apiKey: 'k1' } };
		const stop = start(engine, {
			targets: {
				a: {
					url: `${target.url}/named`,
					authentication: { type: 'ApiKey', apiKey: 'k2', headerName: 'x-other' }
				}
			},
			webhooks: [
				{ triggers: ['**'], target: inline },
				{ triggers: ['nothing', 'transport.messageSent'], target: 'a' }
			]
		});
		engine.emit(event('transport.messageSent', ROWS.message));
		const received = await target.until(2);
		expect(received.map(({ path }) => path).sort()).toEqual(['/inline', '/named']);
		expect(received.find(({ path }) => path === '/inline')?.headers['x-api-key']).toBe('k1');
		expect(received.find(({ path }) => path === '/named')?.headers['x-other']).toBe('k2');
		await stop();
		engine.emit(event('transport.messageSent', ROWS.message));
		await settle();
		expect(target.received).toHaveLength(2);
	});

	test('no retries and no redirects: a refusal is one request', async () => {
		const target = await receiver((path) => ({ status: path === '/gone' ? 500 : 302 }));
		const engine = rowEngine();
		start(engine, {
			webhooks: [
				{ triggers: ['**'], target: { url: `${target.url}/gone` } },
				{ triggers: ['**'], target: { url: `${target.url}/moved` } },
				{ triggers: ['**'], target: { url: 'http://localhost:1/nobody' } }
			]
		});
		engine.emit(event('a.b'));
		await target.until(2);
		await settle();
		expect(target.received.map(({ path }) => path).sort()).toEqual(['/gone', '/moved']);
	});

	test('OAuth2 asks once for events at the same time, and again shortly before the token ends', async () => {
		let issued = 0;
		const target = await receiver((path) =>
			path === '/token' ? { body: JSON.stringify({ access_token: `t${++issued}`, expires_in: 60 }) } : {}
		);
		const engine: Emitting = rowEngine();
		let now = 0;
		const clock = { ...stillClock(), now: () => now };
		const authentication = {
			type: 'OAuth2',
			accessTokenUrl: `${target.url}/token`,
			clientId: 'me',
			clientSecret: 's:cret',
			scope: 'a b'
		};
		start(
			engine,
			{ webhooks: [{ triggers: ['**'], target: { url: `${target.url}/hook`, authentication } }] },
			clock
		);
		engine.emit(event('a.b'));
		engine.emit(event('a.c'));
		await target.until(3);
		const [asked] = target.received.filter(({ path }) => path === '/token');
		expect(asked?.body).toBe('grant_type=client_credentials&scope=a+b');
		expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('me:s%3Acret').toString('base64')}`);
		now = 49_000;
		engine.emit(event('a.d'));
		await target.until(4);
		now = 51_000;
		engine.emit(event('a.e'));
		await target.until(6);
		const used = target.received.filter(({ path }) => path === '/hook').map(({ headers }) => headers.authorization);
		expect(used).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t2']);
	});

	test.each([
		[{ webhooks: [{ triggers: ['a'], target: 'none' }] }, 'invalidTargetReference'],
		[{ targets: { a: { url: 'ftp://x' } } }, 'invalidUrlFormat'],
		[{ webhooks: [{ triggers: ['a'], target: { url: 'nonsense' } }] }, 'invalidUrlFormat'],
		[{ targets: { a: { url: 'http://x', authentication: { type: 'Basic' } } } }, 'invalidAuthenticationConfig'],
		[
			{
				targets: {
					a: {
						url: 'http://x',
						authentication: { type: 'OAuth2', accessTokenUrl: 'x', clientId: 'a', clientSecret: 'b' }
					}
				}
			},
			'invalidAuthenticationConfig'
		],
		[{ webhooks: 7 }, 'invalidConfiguration']
	])('%j does not start: %s', (options, code) => {
		const started = startWebhooks({ engine: rowEngine(), clock: stillClock(), log: silent }, options as never);
		expect(started).toMatchObject({ ok: false, error: { code: `error.runtime.modules.webhooks.${code}` } });
	});
});

describe('the sync module', () => {
	test('runs at start and again an interval after each run ended, whatever the run said', async () => {
		const engine = rowEngine();
		const happened: string[] = [];
		let runs = 0;
		const sync = async () => {
			happened.push(`run ${++runs}`);
			if (runs === 2) throw new Error('broken');
			return runs === 3 ? refuse('error.transport.request.unknown', 'offline') : ok(undefined);
		};
		const end = Promise.withResolvers<void>();
		const clock = {
			now: () => 0,
			sleep: async (ms: number, signal?: AbortSignal) => {
				happened.push(`slept ${ms}`);
				if (runs < 4) return;
				end.resolve();
				await new Promise((resolve) => signal?.addEventListener('abort', resolve));
			}
		};
		const started = startSync(
			{ engine: { ...engine, account: { ...engine.account, sync } }, clock, log: silent },
			{ interval: 7 }
		);
		if (!started.ok) throw new Error(started.error.message);
		await end.promise;
		await started.value();
		expect(happened).toEqual([
			'run 1',
			'slept 7000',
			'run 2',
			'slept 7000',
			'run 3',
			'slept 7000',
			'run 4',
			'slept 7000'
		]);
		expect(startSync({ engine, clock, log: silent }, { interval: 0 })).toMatchObject({ ok: false });
	});
});

describe('modules at the start', () => {
	test('what is not built, cannot be off, or lacks what it needs is one line', () => {
		const problems = (modules: { [key: string]: unknown }, more: { [key: string]: unknown } = {}) =>
			moduleProblems(testConfig({ modules, ...more }));
		expect(problems({})).toEqual([]);
		expect(problems({ messageBrokerPublisher: { enabled: true } })).toEqual([
			'modules.messageBrokerPublisher is not implemented yet, switch it off'
		]);
		expect(problems({ mine: { enabled: true, location: './mine.js' } })).toEqual([
			'modules.mine is not implemented yet, switch it off'
		]);
		expect(problems({ request: { enabled: false } })).toEqual(['modules.request cannot be switched off']);
		expect(problems({ coreHttpApi: { docs: { enabled: true } } })).toEqual([
			'modules.coreHttpApi.docs can be enabled in debug mode only'
		]);
		expect(problems({}, { infrastructure: { httpServer: { enabled: false } } })).toEqual([
			'modules.coreHttpApi needs infrastructure.httpServer'
		]);
	});

	test('a decider hands its rules to the engine; rules that are none keep the Connector from starting', async () => {
		const engine = rowEngine();
		let given: unknown = 'nothing';
		const automate = (rules: unknown) => {
			given = rules;
			return rules === 'wrong'
				? refuse('error.runtime.decide.requestConfigDoesNotMatchResponseConfig', 'no')
				: ok(() => void (given = 'stopped'));
		};
		const parts = {
			engine: { ...engine, requests: { ...engine.requests, automate } },
			clock: stillClock(),
			log: silent
		};
		const start = (automationConfig: unknown) =>
			startModules(parts, testConfig({ modules: { decider: { automationConfig } } }));
		expect(start('wrong')).toMatchObject({
			ok: false,
			error: { code: 'error.runtime.decide.requestConfigDoesNotMatchResponseConfig' }
		});
		const started = start([]);
		expect([started.ok, given]).toEqual([true, []]);
		if (started.ok) await started.value();
		expect(given).toBe('stopped');
	});

	test('the automations accept what a peer asks and let go of what a peer deleted', async () => {
		const engine = rowEngine();
		const done: string[] = [];
		const act = async (id: string, action: string) => (done.push(`${action} ${id}`), ok(ROWS.relationship));
		const modules = {
			autoAcceptPendingRelationships: { enabled: true },
			autoDecomposeDeletionProposedRelationships: { enabled: true }
		};
		const started = startModules(
			{
				engine: { ...engine, relationships: { ...engine.relationships, act } },
				clock: stillClock(),
				log: silent
			},
			testConfig({ modules })
		);
		if (!started.ok) throw new Error(started.error.message);
		engine.emit(event('transport.relationshipChanged', ROWS.relationship));
		engine.emit(
			event('transport.relationshipChanged', {
				...ROWS.relationship,
				id: 'mine',
				auditLog: [{ ...ROWS.relationship.auditLog[0], createdBy: 'me' }]
			})
		);
		engine.emit(
			event('transport.relationshipChanged', { ...ROWS.relationship, id: 'REL2', status: 'DeletionProposed' })
		);
		await settle();
		await started.value();
		expect(done).toEqual([`accept ${ROWS.relationship.id}`, 'decompose REL2']);
		expect(PEER).toBe(ROWS.relationship.peer);
	});
});
