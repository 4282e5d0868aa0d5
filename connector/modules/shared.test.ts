/** `webhooks.shared`: several Connectors of one identity deliver each event once among them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok, refuse } from '../../crdt/index.ts';
import { link } from '../testing/linking.ts';
import { movingClock, outsideParts, receiver, settle } from '../testing/modules.ts';
import { ROWS } from '../testing/parts.ts';
import { addressOf, connect, consent, must, sync, until } from '../testing/party.ts';
import { endAll, newFolder, startConnector, startRelay, type RunningRelay } from '../testing/processes.ts';
import { startWebhooks } from './webhooks.ts';

interface Hook {
	readonly trigger: string;
	readonly data?: { readonly id: string };
	readonly id?: string;
}
const hooksOf = (target: Awaited<ReturnType<typeof receiver>>) =>
	target.received.map(({ body }) => JSON.parse(body) as Hook);

describe('one Connector among several', () => {
	const event = (id: string, name = 'transport.messageSent') => ({ id, name, data: ROWS.message });

	async function start(
		claim: (id: string) => Promise<ReturnType<typeof ok<boolean>> | ReturnType<typeof refuse>>,
		retry?: object
	) {
		const target = await receiver();
		const parts = await outsideParts({ clock: movingClock() });
		const account = { ...parts.engine.account, claimEvent: claim };
		const started = await startWebhooks({ ...parts, engine: { ...parts.engine, account } }, {
			webhooks: [{ triggers: ['**'], target: { url: target.url } }],
			shared: true,
			...(retry ? { retry } : {})
		} as never);
		if (!started.ok) throw new Error(started.error.message);
		return { ...parts, target, stop: async () => (await started.value(), target.close()) };
	}

	test('delivers what it took, in order, and leaves the rest to the others; what is its own it always tells', async () => {
		const { emit, target, stop } = await start(async (id) => ok(id !== 'theirs'));
		emit(event('ours 1'));
		emit(event('theirs'));
		emit({ id: 'x', name: 'transport.datawalletSynchronized', data: undefined });
		emit(event('ours 2'));
		await target.until(3);
		await settle(50);
		const [first, ...others] = hooksOf(target);
		expect(first?.id).toBeUndefined();
		expect([first, ...others].map((hook) => hook?.trigger).sort()).toEqual([
			'transport.datawalletSynchronized',
			'transport.messageSent',
			'transport.messageSent'
		]);
		await stop();
	});

	test('asks until the relay answers, and delivers nothing before', async () => {
		let away = 5;
		const { emit, target, stop } = await start(
			async () => (away-- > 0 ? refuse('error.transport.request.unknown', 'away') : ok(true)),
			{ attempts: 1, maxAgeMinutes: 60 }
		);
		emit(event('one'));
		emit(event('two'));
		await target.until(2);
		expect(hooksOf(target).map(({ id }) => id)).toEqual(['one', 'two']);
		expect(away).toBeLessThan(0);
		await stop();
	});
});

describe('two Connectors of one identity', { timeout: 120_000 }, () => {
	let relay: RunningRelay;
	beforeAll(async () => {
		relay = await startRelay();
	});
	afterAll(endAll);

	test('deliver each event once between them, also after one was killed', async () => {
		const target = await receiver();
		const shared = {
			modules__webhooks__enabled: 'true',
			modules__webhooks__shared: 'true',
			modules__webhooks__retry: JSON.stringify({ attempts: 100, maxAgeMinutes: 60 }),
			modules__webhooks__webhooks: JSON.stringify([
				{ triggers: ['transport.**', 'consumption.**'], target: { url: target.url } }
			])
		};
		const folder = newFolder();
		const plain = await startConnector(relay.url);
		await link(relay.url, plain.folder, folder);
		plain.child.kill('SIGTERM');
		await plain.ended;
		const first = await startConnector(relay.url, shared, plain.folder);
		let second = await startConnector(relay.url, shared, folder);
		const peer = await startConnector(relay.url);
		await connect(first, peer, [consent('May we?')], [{ accept: true }]);
		const to = await addressOf(first);
		const write = (subject: string) =>
			must(
				peer.call('POST', '/Messages', {
					recipients: [to],
					content: { '@type': 'Mail', to: [to], subject, body: 'b', bodyFormat: 'PlainText' }
				}),
				201
			);
		const both = async () => {
			await Promise.all([sync(first), sync(second)]);
		};
		const ids = [(await write('one')).id, (await write('two')).id];
		const told = (name: string) => hooksOf(target).filter(({ trigger }) => trigger === name);
		const received = () => told('transport.messageReceived').map(({ data }) => data?.id);
		await until(
			async () => (await both(), received()),
			(some) => some.length >= 2,
			'two messages'
		);
		// At an end in the middle of a delivery the target may see it twice; here everything was taken.
		for (let seen = -1; seen !== target.received.length; await settle(1000)) seen = target.received.length;
		second.child.kill('SIGKILL');
		await second.ended;
		second = await startConnector(relay.url, shared, folder);
		ids.push((await write('three')).id);
		await until(
			async () => (await both(), received()),
			(some) => some.length >= 3,
			'the third message'
		);
		for (let times = 0; times < 5; times++) {
			await both();
			await settle(100);
		}
		// Each once; two Connectors keep no common order.
		expect(received().sort()).toEqual(ids.sort());
		const everything = hooksOf(target).filter(({ trigger }) => trigger !== 'transport.datawalletSynchronized');
		const twice = everything.filter(({ id }, at) => everything.findIndex((other) => other.id === id) !== at);
		expect(twice).toEqual([]);
		// What the other wrote is told after the sync that brought it, by each on its own.
		expect(told('transport.datawalletSynchronized').length).toBeGreaterThanOrEqual(2);
		expect(told('transport.relationshipChanged').length).toBeGreaterThanOrEqual(2);
		first.child.kill('SIGTERM');
		expect(await first.ended).toEqual({ code: 0, signal: null });
		target.close();
	});
});
