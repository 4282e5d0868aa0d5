/** Brokers behind a real Connector: its configuration, its libraries, its log. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { afterAll, expect, test } from 'vitest';
import { answers, PORTS } from '../../testing/brokers.ts';
import { must, until, type Shape } from '../../testing/party.ts';
import { endAll, newFolder, run, settings, startConnector, startRelay } from '../../testing/processes.ts';

afterAll(endAll);

const redisUrl = `redis://127.0.0.1:${PORTS.Redis}`;
const isRedisThere = await answers(PORTS.Redis);
if (!isRedisThere) console.warn(`skipped: no Redis server answers on 127.0.0.1:${PORTS.Redis}`);

const LIBRARIES = ['amqplib', 'mqtt', '@redis/client', '@nats-io/transport-node'];

test('a client library is imported where its broker connects, nowhere before', () => {
	const folder = join(import.meta.dirname, '../..');
	const eager = readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((path) => path.endsWith('.ts') && !path.includes('.test.'))
		.flatMap((path) =>
			[...readFileSync(join(folder, path), 'utf8').matchAll(/^import (?!type )[^;]*?from '([^']+)'/gm)].map(
				([, name = '']) => ({ path, name })
			)
		)
		.filter(({ name }) => LIBRARIES.includes(name));
	expect(eager).toEqual([]);
});

test.skipIf(!isRedisThere)(
	'a Connector publishes what REST shows, and goes on when another broker is away',
	{ timeout: 60_000 },
	async () => {
		const listener = createClient({ url: redisUrl });
		await listener.connect();
		const heard: Shape[] = [];
		await listener.subscribe('consumption.attributeCreated', (body) => heard.push(JSON.parse(body) as Shape));
		const relay = await startRelay();
		const brokers = [
			{ type: 'AMQP', configuration: { url: 'amqp://user:Secret-Password@127.0.0.1:1' } },
			{ type: 'Redis', configuration: { url: redisUrl } }
		];
		const office = await startConnector(relay.url, {
			modules__messageBrokerPublisher__enabled: 'true',
			modules__messageBrokerPublisher__brokers: JSON.stringify(brokers)
		});
		const created = await must(
			office.call('POST', '/Attributes', { content: { value: { '@type': 'GivenName', value: 'Ada' } } }),
			201
		);
		const [told] = await until(
			async () => heard.filter(({ id }) => id === created.id),
			(some) => some.length > 0,
			'published'
		);
		expect(told).toEqual(await must(office.call('GET', `/Attributes/${created.id}`)));
		await office.said('the broker cannot be reached yet');
		await office.said('not published');
		expect(office.output()).not.toContain('Secret-Password');
		office.child.kill('SIGTERM');
		expect(await office.ended).toEqual({ code: 0, signal: null });
		listener.destroy();

		const none = run(process.execPath, ['connector/main.ts', 'start'], {
			...settings(relay.url, newFolder()),
			modules__messageBrokerPublisher__enabled: 'true'
		});
		expect(await none.ended).toMatchObject({ code: 1 });
		expect(none.output()).toContain('modules.messageBrokerPublisher.brokers must name at least one broker\n');
	}
);
