import { describe, expect, test } from 'vitest';
import { ok, refuse } from '../../crdt/index.ts';
import { toDto } from '../dto.ts';
import { outsideParts, settle } from '../testing/modules.ts';
import { PEER, ROWS, rowEngine, silent, stillClock, testConfig } from '../testing/parts.ts';
import { startMessage } from './message.ts';
import { startSync } from './sync.ts';
import { moduleProblems, startModules } from './table.ts';

const event = (name: string, data?: unknown) => ({ id: 'e1', name, data });

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
		expect(problems({ mine: { enabled: true } })).toEqual(['modules.mine needs a location']);
		expect(problems({ mine: { enabled: true, location: './mine.js' } })).toEqual([]);
		expect(problems({ mine: { enabled: true, location: '' } })).toEqual([]);
		expect(problems({ mine: { enabled: true, location: './mine.js', requiredInfrastructure: ['fax'] } })).toEqual([
			'modules.mine needs infrastructure.fax'
		]);
		expect(problems({ request: { enabled: false } })).toEqual(['modules.request cannot be switched off']);
		expect(problems({ coreHttpApi: { docs: { enabled: true } } })).toEqual([
			'modules.coreHttpApi.docs can be enabled in debug mode only'
		]);
		expect(problems({}, { infrastructure: { httpServer: { enabled: false } } })).toEqual([
			'modules.coreHttpApi needs infrastructure.httpServer'
		]);
	});

	test('the locations of the original mean our modules, each once', () => {
		const problems = (modules: { [key: string]: unknown }) => moduleProblems(testConfig({ modules }));
		expect(
			problems({
				decider: { location: '@nmshd/runtime:DeciderModule' },
				sync: { enabled: true, location: '@nmshd/connector:SyncModule' },
				hooks: { enabled: true, location: '@nmshd/connector:WebhooksModule' },
				message: { enabled: true, location: '@nmshd/runtime:MessageModule' }
			})
		).toEqual([]);
		expect(
			problems({
				webhooks: { enabled: true },
				hooks: { enabled: true, location: '@nmshd/connector:WebhooksModule' }
			})
		).toEqual(['modules.hooks: webhooks is there already, it can run only once']);
		expect(problems({ odd: { enabled: true, location: '@nmshd/connector:OddModule' } })).toEqual([
			'modules.odd: there is no module @nmshd/connector:OddModule'
		]);
	});

	test('when one cannot start, those that run already are stopped again', async () => {
		const parts = await outsideParts();
		const modules = {
			message: { enabled: true },
			webhooks: { enabled: true },
			sync: { enabled: true, interval: -1 }
		};
		const told: string[] = [];
		parts.events.on(({ name }) => told.push(name));
		expect(await startModules(parts, testConfig({ modules }))).toMatchObject({ ok: false });
		told.length = 0;
		parts.emit(event('transport.messageReceived', { ...ROWS.message, isOwn: false }));
		expect(told).toEqual(['transport.messageReceived']);
	});

	test('sync gives way to sse, and modulesStarted is the last thing told', async () => {
		const parts = await outsideParts();
		const done: string[] = [];
		const account = {
			...parts.engine.account,
			sync: async () => (done.push('sync'), ok(undefined)),
			goLive: () => void done.push('live'),
			stopLive: () => void done.push('quiet')
		};
		parts.events.on(({ name }) => done.push(name));
		const modules = { sync: { enabled: true }, sse: { enabled: true } };
		const started = await startModules({ ...parts, engine: { ...parts.engine, account } }, testConfig({ modules }));
		if (!started.ok) throw new Error(started.error.message);
		await settle(20);
		await started.value();
		expect(done).toEqual([
			'runtime.modulesLoaded',
			'runtime.modulesInitialized',
			'live',
			'runtime.modulesStarted',
			'quiet'
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
		const parts = await outsideParts({
			engine: { ...engine, requests: { ...engine.requests, automate } }
		});
		const start = (automationConfig: unknown) =>
			startModules(parts, testConfig({ modules: { decider: { automationConfig } } }));
		expect(await start('wrong')).toMatchObject({
			ok: false,
			error: { code: 'error.runtime.decide.requestConfigDoesNotMatchResponseConfig' }
		});
		const started = await start([]);
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
		const parts = await outsideParts({
			engine: { ...engine, relationships: { ...engine.relationships, act } },
			clock: stillClock()
		});
		const started = await startModules(parts, testConfig({ modules }));
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

describe('the message module', () => {
	test('tells mail and each relationship by name, after what they follow from, with ids all devices agree on', async () => {
		const heard = async () => {
			const parts = await outsideParts();
			const told: { id: string; name: string; data?: unknown }[] = [];
			const started = startMessage(parts, {});
			parts.events.on((each) => told.push(each));
			parts.emit(event('transport.messageReceived', ROWS.message));
			parts.emit(
				event('transport.messageReceived', { ...ROWS.message, content: { '@type': 'ArbitraryMessageContent' } })
			);
			parts.emit(event('transport.relationshipChanged', ROWS.relationship));
			if (started.ok) await started.value();
			parts.emit(event('transport.messageReceived', ROWS.message));
			return told;
		};
		const told = await heard();
		const name = `consumption.relationshipEvent.${ROWS.relationship.id}`;
		expect(told.map((each) => each.name)).toEqual([
			'transport.messageReceived',
			'consumption.mailReceived',
			'transport.messageReceived',
			'transport.relationshipChanged',
			name,
			'transport.messageReceived'
		]);
		expect(told[1]?.data).toEqual(toDto(ROWS.message));
		expect(told[4]?.data).toEqual(toDto(ROWS.relationship));
		expect(new Set(told.map(({ id }) => id)).size).toBe(3);
		expect(await heard()).toEqual(told);
	});
});
