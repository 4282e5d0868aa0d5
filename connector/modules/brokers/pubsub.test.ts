/** Pub/Sub: the calls against a service inside the test; the vendor's emulator where there is one, else counted as skipped. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { toDto } from '../../dto.ts';
import { movingClock, outsideParts, receiver, settle } from '../../testing/modules.ts';
import { ROWS } from '../../testing/parts.ts';
import type { Broker } from './broker.ts';
import { startPublisher } from './publisher.ts';
import { pubSub } from './pubsub.ts';

const run = `t${process.pid}${Date.now() % 100_000}`;
const folder = mkdtempSync(join(tmpdir(), 'pubsub-'));
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
afterAll(async () => {
	for (const end of ends.reverse()) await end();
});

describe('Pub/Sub', () => {
	const configured = async (base: string) => {
		const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
		const keyFile = join(folder, 'account.json');
		const account = {
			client_email: 'connector@project.example',
			private_key: await exportPKCS8(privateKey),
			private_key_id: 'key-1',
			token_uri: `${base}/token`
		};
		writeFileSync(keyFile, JSON.stringify(account));
		return { publicKey, configuration: { projectId: 'project', topicName: 'events', keyFile } };
	};

	test('the REST call: a signed assertion for a token that is kept, then one message with its attributes', async () => {
		const service = await receiver((path) => ({
			body:
				path === '/token'
					? JSON.stringify({ access_token: 'token-1', expires_in: 3600 })
					: '{"messageIds":["1"]}'
		}));
		ends.push(service.close);
		const { publicKey, configuration: given } = await configured(service.url);
		const clock = movingClock();
		const broker: Broker = pubSub({ base: service.url, emulator: undefined }).open(given, clock);
		await broker.publish({ name: 'transport.messageSent', body: '{"a":1}' });
		await broker.publish({ name: 'transport.messageSent', body: '{"a":2}', eventId: 'e2' });
		const [asked, first, second, ...more] = service.received;
		expect(more).toEqual([]);
		const form = new URLSearchParams(asked?.body);
		expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
		const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', publicKey, {
			audience: `${service.url}/token`,
			issuer: 'connector@project.example',
			currentDate: new Date(clock.now())
		});
		expect(payload['scope']).toBe('https://www.googleapis.com/auth/pubsub');
		expect(protectedHeader.kid).toBe('key-1');
		expect(first?.path).toBe('/v1/projects/project/topics/events:publish');
		expect(first?.headers.authorization).toBe('Bearer token-1');
		expect([first, second].map((each) => JSON.parse(each?.body ?? '') as unknown)).toEqual([
			{
				messages: [
					{
						data: Buffer.from('{"a":1}').toString('base64'),
						attributes: { namespace: 'transport.messageSent' }
					}
				]
			},
			{
				messages: [
					{
						data: Buffer.from('{"a":2}').toString('base64'),
						attributes: { namespace: 'transport.messageSent', 'x-event-id': 'e2' }
					}
				]
			}
		]);
	});

	test('a topic that is not there and a key file that cannot be read are failures', async () => {
		const service = await receiver((path) =>
			path === '/token' ? { body: JSON.stringify({ access_token: 't', expires_in: 60 }) } : { status: 404 }
		);
		ends.push(service.close);
		const { configuration: given } = await configured(service.url);
		const open = (changes: object) =>
			pubSub({ base: service.url, emulator: undefined }).open({ ...given, ...changes }, movingClock());
		await expect(open({}).publish({ name: 'a', body: '{}' })).rejects.toMatchObject({ code: 'status404' });
		await expect(open({ keyFile: '/nowhere' }).ready()).rejects.toMatchObject({ code: 'keyFileUnreadable' });
	});

	const emulator = process.env['PUBSUB_EMULATOR_HOST'];
	if (!emulator) console.warn('skipped: PUBSUB_EMULATOR_HOST names no emulator of Pub/Sub');
	test.skipIf(!emulator)('the vendor’s emulator takes what is published', async () => {
		const base = `http://${emulator}/v1/projects/test-${run}`;
		const put = (path: string, body: object) =>
			fetch(base + path, {
				method: 'PUT',
				body: JSON.stringify(body),
				headers: { 'content-type': 'application/json' }
			});
		await put('/topics/events', {});
		await put('/subscriptions/all', { topic: `projects/test-${run}/topics/events` });
		const parts = await outsideParts();
		const given = { projectId: `test-${run}`, topicName: 'events', keyFile: '/unused' };
		const options = { brokers: [{ type: 'PubSub', configuration: given }] };
		const started = await startPublisher(parts, options as never);
		if (!started.ok) throw new Error(started.error.message);
		parts.emit({ id: 'one', name: 'transport.messageSent', data: ROWS.message });
		await settle(1000);
		const pulled = await fetch(`${base}/subscriptions/all:pull`, { method: 'POST', body: '{"maxMessages":1}' });
		const { receivedMessages } = (await pulled.json()) as {
			receivedMessages: { message: { data: string; attributes: object } }[];
		};
		expect(receivedMessages[0]?.message.attributes).toEqual({ namespace: 'transport.messageSent' });
		expect(JSON.parse(Buffer.from(receivedMessages[0]?.message.data ?? '', 'base64').toString())).toEqual(
			toDto(ROWS.message)
		);
		await started.value();
	});
});
