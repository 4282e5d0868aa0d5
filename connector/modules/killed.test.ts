/** `retry` and a Connector that is killed between a change and its delivery: no event is lost, whatever the moment. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addressOf, connect, consent, must, type Shape } from '../testing/party.ts';
import { receiver } from '../testing/modules.ts';
import { endAll, startConnector, startRelay, type RunningConnector, type RunningRelay } from '../testing/processes.ts';

let relay: RunningRelay;
let peer: RunningConnector;
beforeAll(async () => {
	relay = await startRelay();
	peer = await startConnector(relay.url);
}, 60_000);
afterAll(endAll);

const ends: (() => unknown)[] = [];
afterEach(() => {
	for (const end of ends.splice(0)) end();
});

const hooked = (url: string, trigger: string, more: object = {}) => ({
	modules__message__enabled: 'true',
	modules__webhooks__enabled: 'true',
	modules__webhooks__webhooks: JSON.stringify([{ triggers: [trigger], target: { url } }]),
	modules__webhooks__retry: JSON.stringify({ attempts: 5, maxAgeMinutes: 60 }),
	...more
});
const killing = (at: string, event: string) => ({
	NODE_OPTIONS: `--import=${join(import.meta.dirname, '../testing/kill.ts')}`,
	KILL_AT: at,
	KILL_EVENT: event
});

const mail = async (from: RunningConnector, to: string, subject: string) => {
	const content = { '@type': 'Mail', to: [to], subject, body: 'b', bodyFormat: 'PlainText' };
	return from.call('POST', '/Messages', { recipients: [to], content });
};

/** Who writes, and in whose Connector the event is then told. */
const WAYS = {
	'transport.messageReceived': async (office: RunningConnector, [own]: readonly string[], subject: string) => {
		await must(mail(peer, own!, subject), 201);
		await must(peer.call('POST', '/Account/Sync'), 204);
		await office.call('POST', '/Account/Sync');
	},
	'transport.messageSent': async (office: RunningConnector, [, other]: readonly string[], subject: string) => {
		await mail(office, other!, subject);
	}
} as const;
type Way = keyof typeof WAYS | 'consumption.mailReceived';
const write = (way: Way) => WAYS[way === 'consumption.mailReceived' ? 'transport.messageReceived' : way];

/** Has the Connector die while a message is told, then start again and tell another one; the subjects that came, with ids. */
async function killed(way: Way, at: 'queue' | 'fold', between: (folder: string) => void = () => undefined) {
	const target = await receiver();
	ends.push(() => target.close());
	const calm = await startConnector(relay.url);
	const addresses = [await addressOf(calm), await addressOf(peer)] as const;
	await connect(peer, calm, [consent('ok')], [{ accept: true }]);
	calm.child.kill('SIGTERM');
	await calm.ended;

	const dying = await startConnector(relay.url, hooked(target.url, way, killing(at, way)), calm.folder);
	await write(way)(dying, addresses, 'First').catch(() => undefined);
	expect(await dying.ended).toMatchObject({ signal: 'SIGKILL' });
	const before = target.received.length;
	between(calm.folder);

	const again = await startConnector(relay.url, hooked(target.url, way), calm.folder);
	await write(way)(again, addresses, 'Second');
	const told = () =>
		target.received.map(({ body, headers }) => {
			const { data } = JSON.parse(body) as { data: Shape & { content: { subject: string } } };
			return { subject: data.content.subject, id: headers['x-event-id'] };
		});
	while (!told().some(({ subject }) => subject === 'Second')) await target.until(target.received.length + 1);
	again.child.kill('SIGTERM');
	await again.ended;
	return { before, told: told() };
}

test.each<[Way, 'queue' | 'fold']>([
	['transport.messageReceived', 'queue'],
	['transport.messageReceived', 'fold'],
	['consumption.mailReceived', 'queue'],
	['transport.messageSent', 'queue']
])('%s arrives although the process was killed before its %s was written', { timeout: 60_000 }, async (way, at) => {
	const { before, told } = await killed(way, at);
	expect(before).toBe(0);
	expect(told.map(({ subject }) => subject)).toEqual(
		told.length > 2 ? ['First', 'First', 'Second'] : ['First', 'Second']
	);
	// However often it came, it is one event.
	expect(new Set(told.map(({ id }) => id)).size).toBe(2);
});

test('an event is told once when nobody is killed, also after a start', { timeout: 60_000 }, async () => {
	const target = await receiver();
	ends.push(() => target.close());
	const first = await startConnector(relay.url, hooked(target.url, 'transport.*'));
	const addresses = [await addressOf(first), await addressOf(peer)] as const;
	await connect(peer, first, [consent('ok')], [{ accept: true }]);
	for (const way of ['transport.messageReceived', 'transport.messageSent'] as const)
		await write(way)(first, addresses, way);
	first.child.kill('SIGTERM');
	await first.ended;
	const second = await startConnector(relay.url, hooked(target.url, 'transport.*'), first.folder);
	await write('transport.messageSent')(second, addresses, 'Last');
	while (!target.received.some(({ body }) => body.includes('"Last"'))) await target.until(target.received.length + 1);
	second.child.kill('SIGTERM');
	await second.ended;
	const ids = target.received.map(({ headers }) => headers['x-event-id']);
	expect(ids.length).toBeGreaterThan(4);
	expect(new Set(ids).size).toBe(ids.length);
});

/** As for a Connector that does not write down how far it has told. */
const forget = (folder: string) => {
	const database = new DatabaseSync(join(folder, 'default.db'));
	const { changes } = database.prepare("DELETE FROM kv WHERE tbl = 'meta' AND key = 'told'").run();
	database.close();
	expect(Number(changes)).toBe(1);
};

test.each<[Way]>([['transport.messageReceived'], ['transport.messageSent']])(
	'control: without the mark how far was told, %s would be lost',
	{ timeout: 60_000 },
	async (way) => {
		const { told } = await killed(way, 'queue', forget);
		expect(told.map(({ subject }) => subject)).toEqual(['Second']);
	}
);
