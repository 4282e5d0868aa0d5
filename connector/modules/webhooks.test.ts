import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../crdt/sim/memory-store.ts';
import { toDto } from '../dto.ts';
import { withCorrelation } from '../log.ts';
import { PREFIX } from '../routes/table.ts';
import { movingClock, outsideParts, receiver as openReceiver, settle } from '../testing/modules.ts';
import { ROWS, testApp, withKey } from '../testing/parts.ts';
import { triggerMatches } from './events.ts';
import type { Stop } from './module.ts';
import { startWebhooks } from './webhooks.ts';

/** For localhost, signed by itself, for nothing but this test. */
const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIsxjtDxSusZDQeOy
/vyQMsfiY20E8gj5jSZxBE0AthGhRANCAARpIOsGXp6Swgf9AWp/n0cRuXMapfNH
EC20k0PBCw8JFskYdRsEw5dvOdN5YZkCj4y1MZaWrDX4CANt9eP4cvhc
-----END PRIVATE KEY-----`;
const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUMpSDXMFuUmFVcr+oEzw6EtD4R3gwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE2MzEwNloYDzIxMjYxMDI5
MTYzMTA2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARpIOsGXp6Swgf9AWp/n0cRuXMapfNHEC20k0PBCw8JFskYdRsEw5dv
OdN5YZkCj4y1MZaWrDX4CANt9eP4cvhco2kwZzAdBgNVHQ4EFgQUrwkzgJDrjE3J
0N13y5jodsCGAXQwHwYDVR0jBBgwFoAUrwkzgJDrjE3J0N13y5jodsCGAXQwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgPPPy3kcF4nSGAHaSAUsJ+RGdPM7O/kF/JLxA38quNQYCIQCi2uJgenW+
ac7FhGuYAloxPREEyoioJi/v0iorljeTGQ==
-----END CERTIFICATE-----`;

type Parts = Awaited<ReturnType<typeof outsideParts>>;
const open: (() => void)[] = [];
afterEach(() => {
	for (const close of open.splice(0)) close();
});
const receiver: typeof openReceiver = async (answer) => {
	const opened = await openReceiver(answer);
	open.push(opened.close);
	return opened;
};

async function start(parts: Parts, options: unknown): Promise<Stop> {
	const started = await startWebhooks(parts, options as never);
	if (!started.ok) throw new Error(started.error.message);
	return started.value;
}
const event = (name: string, data?: unknown, id = 'e1') => ({ id, name, data });

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
		const parts = await outsideParts();
		await start(parts, {
			enabled: true,
			targets: { a: { url: `${target.url}/hook/{{trigger}}?{{trigger}}`, headers: { 'x-mine': '1' } } },
			webhooks: [{ triggers: ['transport.*'], target: 'a' }]
		});
		withCorrelation('id-7', () => parts.emit(event('transport.relationshipChanged', ROWS.relationship)));
		parts.emit(event('consumption.attributeCreated', ROWS.attribute));
		parts.emit(event('transport.datawalletSynchronized'));
		const [first, second] = await target.until(2);
		const rest = await (
			await testApp({ engine: parts.engine }).request(
				`${PREFIX}/Relationships/${ROWS.relationship.id}`,
				withKey()
			)
		).json();
		expect(JSON.parse(first?.body ?? '')).toEqual({
			trigger: 'transport.relationshipChanged',
			data: (rest as { result: unknown }).result
		});
		expect(first).toMatchObject({
			path: '/hook/transport.relationshipChanged?{{trigger}}',
			headers: { 'x-mine': '1', 'x-correlation-id': 'id-7', 'content-type': 'application/json' }
		});
		expect(first?.headers['x-event-id']).toBeUndefined();
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
		const parts = await outsideParts();
		const inline = { url: `${target.url}/inline`, authentication: { type: 'ApiKey', apiKey: 'k1' } };
		const stop = await start(parts, {
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
		parts.emit(event('transport.messageSent', ROWS.message));
		const received = await target.until(2);
		expect(received.map(({ path }) => path).sort()).toEqual(['/inline', '/named']);
		expect(received.find(({ path }) => path === '/inline')?.headers['x-api-key']).toBe('k1');
		expect(received.find(({ path }) => path === '/named')?.headers['x-other']).toBe('k2');
		await stop();
		parts.emit(event('transport.messageSent', ROWS.message));
		await settle();
		expect(target.received).toHaveLength(2);
	});

	test('no retries and no redirects: a refusal is one request', async () => {
		const target = await receiver((path) => ({ status: path === '/gone' ? 500 : 302 }));
		const parts = await outsideParts();
		await start(parts, {
			webhooks: [
				{ triggers: ['**'], target: { url: `${target.url}/gone` } },
				{ triggers: ['**'], target: { url: `${target.url}/moved` } },
				{ triggers: ['**'], target: { url: 'http://localhost:1/nobody' } }
			]
		});
		parts.emit(event('transport.datawalletSynchronized'));
		await target.until(2);
		await settle();
		expect(target.received.map(({ path }) => path).sort()).toEqual(['/gone', '/moved']);
	});

	test('OAuth2 asks once for events at the same time, and again shortly before the token ends', async () => {
		let issued = 0;
		const target = await receiver((path) =>
			path === '/token' ? { body: JSON.stringify({ access_token: `t${++issued}`, expires_in: 60 }) } : {}
		);
		let now = 0;
		const parts = await outsideParts({ clock: { ...movingClock(), now: () => now } });
		const authentication = {
			type: 'OAuth2',
			accessTokenUrl: `${target.url}/token`,
			clientId: 'me',
			clientSecret: 's:cret',
			scope: 'a b'
		};
		await start(parts, {
			webhooks: [{ triggers: ['**'], target: { url: `${target.url}/hook`, authentication } }]
		});
		parts.emit(event('runtime.initialized'));
		parts.emit(event('runtime.modulesLoaded'));
		await target.until(3);
		const [asked] = target.received.filter(({ path }) => path === '/token');
		expect(asked?.body).toBe('grant_type=client_credentials&scope=a+b');
		expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('me:s%3Acret').toString('base64')}`);
		now = 49_000;
		parts.emit(event('runtime.modulesInitialized'));
		await target.until(4);
		now = 51_000;
		parts.emit(event('runtime.modulesStarted'));
		await target.until(6);
		const used = target.received.filter(({ path }) => path === '/hook').map(({ headers }) => headers.authorization);
		expect(used).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t2']);
	});

	test('a certificate nobody vouches for is refused, unless the configuration says not to look', async () => {
		const bodies: string[] = [];
		const server = createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (request, response) => {
			request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
			request.on('end', () => response.end());
		}).listen(0);
		await once(server, 'listening');
		open.push(() => (server.closeAllConnections(), server.close()));
		const url = `https://localhost:${(server.address() as AddressInfo).port}`;
		for (const skipTlsCheck of [false, true]) {
			const parts = await outsideParts();
			const webhooks = [{ triggers: ['**'], target: { url } }];
			const stop = await start(parts, { webhooks, skipTlsCheck });
			parts.emit(event(skipTlsCheck ? 'runtime.modulesStarted' : 'runtime.initialized'));
			await settle(300);
			await stop();
		}
		expect(bodies).toEqual(['{"trigger":"runtime.modulesStarted"}']);
	});

	test('a token that cannot be had is a delivery that failed, nothing is sent without it', async () => {
		const target = await receiver((path) => (path === '/token' ? { status: 401, body: 'null' } : {}));
		const parts = await outsideParts();
		const authentication = {
			type: 'OAuth2',
			accessTokenUrl: `${target.url}/token`,
			clientId: 'me',
			clientSecret: 'wrong'
		};
		await start(parts, {
			webhooks: [{ triggers: ['**'], target: { url: `${target.url}/hook`, authentication } }]
		});
		parts.emit(event('runtime.modulesStarted'));
		await target.until(1);
		await settle();
		expect(target.received.map(({ path }) => path)).toEqual(['/token']);
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
		[{ webhooks: 7 }, 'invalidConfiguration'],
		[{ retry: { attempts: 0, maxAgeMinutes: 1 } }, 'invalidConfiguration'],
		[{ retry: { attempts: 1 } }, 'invalidConfiguration'],
		[{ retry: { attempts: 1, maxAgeMinutes: 1, more: 1 } }, 'invalidConfiguration']
	])('%j does not start: %s', async (options, code) => {
		const started = await startWebhooks(await outsideParts(), options as never);
		expect(started).toMatchObject({ ok: false, error: { code: `error.runtime.modules.webhooks.${code}` } });
	});
});

describe('webhooks with retry', () => {
	const options = (url: string, retry = { attempts: 5, maxAgeMinutes: 60 }) => ({
		targets: { crm: { url } },
		webhooks: [{ triggers: ['**'], target: 'crm' }],
		retry
	});
	const trigger = ({ body }: { body: string }) => (JSON.parse(body) as { trigger: string }).trigger;

	test('carry the event id as header and member, and come again with the same bytes until they are taken', async () => {
		const target = await receiver((_, count) => ({ status: count < 3 ? 503 : 204 }));
		const clock = movingClock();
		const parts = await outsideParts({ clock });
		const stop = await start(parts, options(target.url));
		withCorrelation('id-9', () => parts.emit(event('transport.messageSent', ROWS.message, 'abc')));
		const received = await target.until(3);
		await settle();
		expect(JSON.parse(received[0]?.body ?? '')).toEqual({
			trigger: 'transport.messageSent',
			data: toDto(ROWS.message),
			id: 'abc'
		});
		expect(new Set(received.map(({ body }) => body)).size).toBe(1);
		expect(received.map(({ headers }) => headers['x-event-id'])).toEqual(['abc', 'abc', 'abc']);
		expect(received.map(({ headers }) => headers['x-correlation-id'])).toEqual(['id-9', 'id-9', 'id-9']);
		expect(clock.slept).toEqual([1000, 2000]);
		expect(await parts.outbox.deadLetters()).toEqual([]);
		await stop();
	});

	test('keep the order of a target: what comes later waits for what is tried again', async () => {
		let failures = 4;
		const target = await receiver(() => ({ status: failures-- > 0 ? 500 : 200 }));
		const parts = await outsideParts();
		const stop = await start(parts, options(target.url));
		const names = ['runtime.initializing', 'runtime.initialized', 'runtime.modulesLoaded'];
		for (const name of names) parts.emit(event(name));
		const received = await target.until(7);
		expect(received.map(trigger)).toEqual([...Array.from({ length: 4 }, () => names[0]), ...names]);
		await stop();
	});

	test('a target that is down holds up nobody else', async () => {
		const target = await receiver();
		const parts = await outsideParts();
		const stop = await start(parts, {
			webhooks: [
				{ triggers: ['**'], target: { url: 'http://localhost:1/nobody' } },
				{ triggers: ['**'], target: { url: target.url } }
			],
			retry: { attempts: 1_000_000, maxAgeMinutes: 1_000_000 }
		});
		parts.emit(event('runtime.modulesStarted'));
		await target.until(1);
		await stop();
	});

	test('survive the end of the process: what was told and not taken is delivered after the next start', async () => {
		const store = createMemoryStore();
		let isUp = false;
		const target = await receiver(() => ({ status: isUp ? 200 : 500 }));
		const before = await outsideParts({ store });
		const stop = await start(before, options(target.url, { attempts: 1_000_000, maxAgeMinutes: 1_000_000 }));
		before.emit(event('runtime.initialized', undefined, 'first'));
		before.emit(event('runtime.modulesLoaded', undefined, 'second'));
		await target.until(1);
		await stop();
		isUp = true;
		const failed = target.received.length;
		const after = await outsideParts({ store });
		const again = await start(after, options(target.url));
		after.emit(event('runtime.modulesStarted', undefined, 'third'));
		const received = await target.until(failed + 3);
		expect(received.slice(failed).map(({ headers }) => headers['x-event-id'])).toEqual([
			'first',
			'second',
			'third'
		]);
		await again();
	});

	test.each([
		['attempts', { attempts: 3, maxAgeMinutes: 600 }, 3],
		['age', { attempts: 1000, maxAgeMinutes: 0.1 }, 4]
	])('end as dead letters when the %s are used up; the next event goes on', async (_, retry, attempts) => {
		const target = await receiver((path, count) => ({ status: count <= attempts ? 500 : 200 }));
		const parts = await outsideParts();
		const stop = await start(parts, options(target.url, retry));
		parts.emit(event('transport.messageSent', ROWS.message, 'lost'));
		parts.emit(event('runtime.modulesStarted', undefined, 'kept'));
		await target.until(attempts + 1);
		await settle();
		const [letter, ...others] = await parts.outbox.deadLetters();
		expect(others).toEqual([]);
		expect(letter).toMatchObject({
			target: 'webhook:crm',
			trigger: 'transport.messageSent',
			eventId: 'lost',
			attempts,
			reason: 'status 500'
		});
		expect(JSON.stringify(letter)).not.toContain('World');
		expect(target.received.at(-1)?.headers['x-event-id']).toBe('kept');
		await stop();
	});

	test('a target that was taken out of the configuration leaves dead letters, which wait for it', async () => {
		const store = createMemoryStore();
		const target = await receiver(() => ({ status: 500 }));
		const before = await outsideParts({ store });
		const stop = await start(before, options(target.url, { attempts: 1_000_000, maxAgeMinutes: 1_000_000 }));
		before.emit(event('runtime.modulesStarted', undefined, 'old'));
		await target.until(1);
		await stop();
		const other = await receiver();
		const after = await outsideParts({ store });
		const end = await start(after, {
			webhooks: [{ triggers: ['**'], target: { url: other.url } }],
			retry: { attempts: 1, maxAgeMinutes: 1 }
		});
		const [letter] = await after.outbox.deadLetters();
		expect(letter).toMatchObject({ eventId: 'old', reason: 'targetRemoved' });
		expect(await after.outbox.replay(letter?.id ?? '')).toMatchObject({
			ok: false,
			error: { code: 'error.connector.deadLetters.targetRemoved' }
		});
		await end();
	});
});
