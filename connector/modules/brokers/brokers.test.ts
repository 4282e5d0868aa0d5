/** Publishing to real servers on this machine. One that does not answer is named, and its tests are counted as skipped. */
import { once } from 'node:events';
import { connect as dial, createServer as createTcpServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect as natsConnect } from '@nats-io/transport-node';
import { createClient } from '@redis/client';
import { connect as amqpConnect } from 'amqplib';
import { connectAsync } from 'mqtt';
import { afterAll, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../crdt/sim/memory-store.ts';
import { toDto } from '../../dto.ts';
import { answers, PORTS, type BrokerKind as Kind } from '../../testing/brokers.ts';
import { movingClock, outsideParts, settle } from '../../testing/modules.ts';
import { ROWS } from '../../testing/parts.ts';
import { optionsOf } from './nats.ts';
import { startPublisher } from './publisher.ts';

const missing = new Set<Kind>();
for (const [kind, port] of Object.entries(PORTS) as [Kind, number][])
	if (!(await answers(port))) {
		missing.add(kind);
		console.warn(`skipped: no ${kind} server answers on 127.0.0.1:${port}`);
	}

const ends: (() => unknown)[] = [];
afterAll(async () => {
	for (const end of ends.reverse()) await end();
});

interface Heard {
	readonly at: string;
	readonly body: string;
	readonly eventId?: string | undefined;
}
/** Names are this run's own: other tests may speak with the same server. */
const run = `t${process.pid}${Date.now() % 100_000}`;
const EXCHANGE = `enmeshed-${run}`;
const PREFIX = `${run}.in`;

/** Listens to everything the test publishes; `at` is where it came. */
const listeners: Readonly<Record<Kind, (hear: (heard: Heard) => void) => Promise<void>>> = {
	async AMQP(hear) {
		const connection = await amqpConnect(`amqp://guest:guest@127.0.0.1:${PORTS.AMQP}`);
		ends.push(() => connection.close());
		const channel = await connection.createChannel();
		await channel.assertExchange(EXCHANGE, 'topic', { durable: false, autoDelete: true });
		const { queue } = await channel.assertQueue('', { exclusive: true });
		await channel.bindQueue(queue, EXCHANGE, '#');
		await channel.consume(
			queue,
			(message) => {
				if (!message) return;
				const headers = message.properties.headers as { 'x-event-id'?: string } | undefined;
				hear({
					at: message.fields.routingKey,
					body: message.content.toString(),
					eventId: headers?.['x-event-id']
				});
			},
			{ noAck: true }
		);
	},
	async MQTT(hear) {
		const client = await connectAsync(`mqtt://127.0.0.1:${PORTS.MQTT}`);
		ends.push(() => client.endAsync());
		client.on('message', (topic, payload) => hear({ at: topic, body: payload.toString() }));
		await client.subscribeAsync(['transport/#', 'consumption/#', 'runtime/#']);
	},
	async Redis(hear) {
		const client = createClient({ url: `redis://127.0.0.1:${PORTS.Redis}` });
		ends.push(() => client.destroy());
		await client.connect();
		await client.pSubscribe(['transport.*', 'consumption.*', 'runtime.*'], (body, at) => hear({ at, body }));
	},
	async NATS(hear) {
		const client = await natsConnect({ servers: `127.0.0.1:${PORTS.NATS}` });
		ends.push(() => client.close());
		const subscription = client.subscribe(`${PREFIX}.>`);
		await client.flush();
		void (async () => {
			for await (const message of subscription)
				hear({
					at: message.subject,
					body: message.string(),
					eventId: message.headers?.get('x-event-id')
				});
		})();
	}
};
/** Where each server is told `name`. */
const place: Readonly<Record<Kind, (name: string) => string>> = {
	AMQP: (name) => name,
	MQTT: (name) => name.replaceAll('.', '/'),
	Redis: (name) => name,
	NATS: (name) => `${PREFIX}.${name}`
};
const configuration = (kind: Kind, port: number): object =>
	({
		AMQP: { url: `amqp://guest:guest@127.0.0.1:${port}`, exchange: EXCHANGE },
		MQTT: { url: `mqtt://127.0.0.1:${port}` },
		Redis: { url: `redis://127.0.0.1:${port}` },
		NATS: { url: `nats://127.0.0.1:${port}`, subjectPrefix: PREFIX }
	})[kind];

async function listen(kind: Kind) {
	const heard: Heard[] = [];
	const waiting: (() => void)[] = [];
	await listeners[kind]((each) => {
		// A server may be used by others too: what this run publishes carries its mark.
		if (!each.body.includes(run)) return;
		heard.push(each);
		for (const wake of waiting.splice(0)) wake();
	});
	return {
		heard,
		async until(count: number) {
			while (heard.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
			return heard;
		}
	};
}

async function start(parts: Awaited<ReturnType<typeof outsideParts>>, options: object) {
	const started = await startPublisher(parts, options as never);
	if (!started.ok) throw new Error(started.error.message);
	return started.value;
}
const row = (id: string) => ({
	...ROWS.message,
	content: { '@type': 'ArbitraryMessageContent', value: `${run} ${id}` }
});
const event = (id: string, name = 'transport.messageSent') => ({ id, name, data: row(id) });

/** A way to the server that can be cut and opened again. */
async function passage(to: number) {
	const sockets = new Set<Socket>();
	const server = createTcpServer((near) => {
		const far = dial({ host: '127.0.0.1', port: to });
		for (const socket of [near, far]) {
			sockets.add(socket);
			socket.on('error', () => undefined);
			socket.on('close', () => (near.destroy(), far.destroy(), sockets.delete(socket)));
		}
		near.pipe(far).pipe(near);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const cut = async () => {
		for (const socket of sockets) socket.destroy();
		if (server.listening) await new Promise((resolve) => server.close(resolve));
	};
	ends.push(cut);
	return { port, cut, reopen: async () => void (server.listen(port, '127.0.0.1'), await once(server, 'listening')) };
}

describe.each(Object.keys(PORTS) as Kind[])('publishing to %s', { timeout: 30_000 }, (kind) => {
	test.skipIf(missing.has(kind))('every event comes in order, where its name says, as its data alone', async () => {
		const { until } = await listen(kind);
		const parts = await outsideParts();
		const stop = await start(parts, { brokers: [{ type: kind, configuration: configuration(kind, PORTS[kind]) }] });
		parts.emit(event('one'));
		parts.emit(event('two', 'transport.messageReceived'));
		parts.emit(event('three', 'transport.messageWasReadAtChanged'));
		const heard = await until(3);
		expect(heard.map(({ at }) => at)).toEqual(
			['transport.messageSent', 'transport.messageReceived', 'transport.messageWasReadAtChanged'].map(place[kind])
		);
		expect(heard.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
			['one', 'two', 'three'].map((id) => toDto(row(id)))
		);
		expect(heard.filter(({ eventId }) => eventId)).toEqual([]);
		await stop();
	});

	test.skipIf(missing.has(kind))('after the connection broke the next event finds its way by itself', async () => {
		const { until } = await listen(kind);
		const way = await passage(PORTS[kind]);
		const parts = await outsideParts();
		const stop = await start(parts, { brokers: [{ type: kind, configuration: configuration(kind, way.port) }] });
		parts.emit(event('before'));
		await until(1);
		await way.cut();
		parts.emit(event('lost'));
		await settle(300);
		await way.reopen();
		parts.emit(event('after'));
		const heard = await until(2);
		expect(heard.map(({ body }) => (JSON.parse(body) as { content: { value: string } }).content.value)).toEqual([
			`${run} before`,
			`${run} after`
		]);
		await stop();
	});

	test.skipIf(missing.has(kind))('with retry nothing is lost while it is away, and the order stays', async () => {
		const { until } = await listen(kind);
		const way = await passage(PORTS[kind]);
		await way.cut();
		const store = createMemoryStore();
		const clock = slowClock();
		const parts = await outsideParts({ store, clock });
		const options = {
			brokers: [{ type: kind, configuration: configuration(kind, way.port) }],
			retry: { attempts: 1_000_000, maxAgeMinutes: 1_000_000 }
		};
		const stop = await start(parts, options);
		for (const id of ['one', 'two', 'three']) parts.emit(event(id));
		await settle(200);
		await stop();
		const again = await outsideParts({ store, clock });
		const end = await start(again, options);
		await way.reopen();
		again.emit(event('four'));
		const heard = await until(4);
		const ids = ['one', 'two', 'three', 'four'];
		expect(heard.map(({ body }) => (JSON.parse(body) as { content: { value: string } }).content.value)).toEqual(
			ids.map((id) => `${run} ${id}`)
		);
		const hasHeaders = kind === 'AMQP' || kind === 'NATS';
		expect(heard.map(({ eventId }) => eventId)).toEqual(ids.map((id) => (hasHeaders ? id : undefined)));
		await end();
	});
});

/** Moves by itself, but waits a little in truth: the servers are real. */
function slowClock() {
	const clock = movingClock();
	return {
		...clock,
		async sleep(ms: number, signal?: AbortSignal) {
			await clock.sleep(ms, signal);
			if (!signal?.aborted) await settle(20);
		}
	};
}

describe('AMQP', () => {
	test.skipIf(missing.has('AMQP'))('an exchange that is not there is a failure, not a new exchange', async () => {
		const parts = await outsideParts();
		const configured = { url: `amqp://guest:guest@127.0.0.1:${PORTS.AMQP}`, exchange: `none-${run}` };
		const stop = await start(parts, {
			brokers: [{ type: 'AMQP', configuration: configured }],
			retry: { attempts: 1, maxAgeMinutes: 1 }
		});
		parts.emit(event('one'));
		for (let letters = 0; letters === 0; letters = (await parts.outbox.deadLetters()).length) await settle(50);
		expect(await parts.outbox.deadLetters()).toMatchObject([{ target: 'broker:AMQP:0', attempts: 1 }]);
		await stop();
	});

	test.skipIf(missing.has('AMQP'))('without an exchange the event goes to the queue of its name', async () => {
		const connection = await amqpConnect(`amqp://guest:guest@127.0.0.1:${PORTS.AMQP}`);
		ends.push(() => connection.close());
		const channel = await connection.createChannel();
		const name = `consumption.relationshipEvent.${run}`;
		await channel.assertQueue(name, { exclusive: true, autoDelete: true });
		const parts = await outsideParts();
		const stop = await start(parts, {
			brokers: [{ type: 'AMQP', configuration: { url: `amqp://guest:guest@127.0.0.1:${PORTS.AMQP}` } }]
		});
		parts.emit({ id: 'e', name, data: ROWS.relationship });
		let got = await channel.get(name, { noAck: true });
		for (; !got; got = await channel.get(name, { noAck: true })) await settle(20);
		expect(JSON.parse(got.content.toString())).toEqual(toDto(ROWS.relationship));
		await stop();
	});
});

describe('NATS', () => {
	test.each([
		['nats://host', { servers: 'host' }],
		['nats://u:p%40s@host:4333', { servers: 'host:4333', user: 'u', pass: 'p@s' }],
		['tls://secret@host:4222', { servers: 'host:4222', token: 'secret', tls: {} }]
	])('%s is read with its credentials', (url, expected) => {
		expect(optionsOf(url)).toMatchObject(expected);
	});
});

describe('a configuration of brokers', () => {
	test.each([
		[{}, 'modules.messageBrokerPublisher.brokers is required'],
		[{ brokers: [] }, 'modules.messageBrokerPublisher.brokers must name at least one broker'],
		[{ brokers: [{ type: 'Fax', configuration: {} }] }, 'modules.messageBrokerPublisher.brokers'],
		[
			{ brokers: [{ type: 'AMQP', configuration: { exchange: 'x' } }] },
			'modules.messageBrokerPublisher.brokers.0.configuration.url is required'
		],
		[
			{ brokers: [{ type: 'NATS', configuration: { url: 'http://x' } }] },
			'modules.messageBrokerPublisher.brokers.0.configuration.url must be a nats:// or tls:// address'
		],
		[
			{ brokers: [{ type: 'Redis', configuration: { url: 'redis://x' } }], retry: {} },
			'modules.messageBrokerPublisher.retry'
		]
	])('%j does not start, with one line', async (options, line) => {
		const started = await startPublisher(await outsideParts(), options as never);
		expect(started.ok).toBe(false);
		if (!started.ok) expect(started.error.message).toContain(line);
	});

	test('several brokers at once: one that is away holds up nobody', async () => {
		const parts = await outsideParts();
		const keyFile = '/nowhere/account.json';
		const stop = await start(parts, {
			brokers: [
				{ type: 'Redis', configuration: { url: 'redis://127.0.0.1:1' } },
				{ type: 'PubSub', configuration: { projectId: 'p', topicName: 't', keyFile } }
			],
			retry: { attempts: 1, maxAgeMinutes: 1 }
		});
		parts.emit(event('one'));
		for (let count = 0; count < 2; count = (await parts.outbox.deadLetters()).length) await settle(20);
		expect((await parts.outbox.deadLetters()).map(({ target }) => target).sort()).toEqual([
			'broker:PubSub:1',
			'broker:Redis:0'
		]);
		await stop();
	});
});
