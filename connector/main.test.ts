/** The Connector as its operators meet it: a process with an environment, a port, signals and a folder. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY } from './testing/parts.ts';
import {
	addressOf,
	arrived,
	connect,
	consent,
	identityAttribute,
	must,
	read,
	sync,
	until,
	type Shape
} from './testing/party.ts';
import {
	endAll,
	newFolder,
	run,
	settings,
	startConnector,
	startRelay,
	type RunningConnector,
	type RunningRelay
} from './testing/processes.ts';

afterAll(endAll);
let relay: RunningRelay;
beforeAll(async () => {
	relay = await startRelay();
});

describe('two Connectors over a real relay', { timeout: 60_000 }, () => {
	let city: RunningConnector;
	let person: RunningConnector;
	beforeAll(async () => {
		[city, person] = await Promise.all([startConnector(relay.url), startConnector(relay.url)]);
	});
	const items = [read('GivenName'), consent('May we?', false)];
	const answer = [
		{ accept: true, newAttribute: identityAttribute('GivenName', 'Ada-Secret-Name') },
		{ accept: true }
	];

	test('are ready when /health is 200, and connect, write and answer', async () => {
		expect((await fetch(`${city.url}/health`)).status).toBe(200);
		const { relationshipId } = await connect(city, person, items, answer);
		const to = await addressOf(person);
		const content = {
			'@type': 'Mail',
			to: [to],
			subject: 'Subject-Secret',
			body: 'Body-Secret',
			bodyFormat: 'PlainText'
		};
		const sent = await must(city.call('POST', '/Messages', { recipients: [to], content }), 201);
		expect(await arrived(person, '/Messages')).toMatchObject([
			{ id: sent.id, content: { subject: 'Subject-Secret' } }
		]);
		expect(await must(city.call('GET', `/Relationships/${relationshipId}`))).toMatchObject({ status: 'Active' });
		expect(await must<Shape[]>(city.call('GET', `/Attributes/Peer/${to}`))).toMatchObject([
			{ content: { value: { value: 'Ada-Secret-Name' } } }
		]);
	});

	test('write nothing into their logs that people or keys could be read from', async () => {
		await fetch(`${city.url}/health`, { headers: { 'x-correlation-id': 'trace-7' } });
		await until(
			async () => city.output(),
			(output) => output.includes('"correlationId":"trace-7"'),
			'logged with its correlation id'
		);
		const support = await fetch(`${city.url}/Monitoring/Support`, { headers: { 'x-api-key': KEY } });
		expect(await support.text()).not.toMatch(new RegExp(`Secret|/r/RLT|UkxU|${KEY}`));
		for (const { output } of [city, person]) {
			expect(output()).toContain('"route":"/Messages"');
			expect(output()).not.toMatch(/Secret|\/r\/RLT|UkxU|did:e:/);
			expect(output()).not.toContain(KEY);
		}
	});

	test('end cleanly when told, and know everything again when they come back', async () => {
		const before = {
			relationships: await must(person.call('GET', '/Relationships')),
			messages: await must(person.call('GET', '/Messages')),
			attributes: await must(person.call('GET', '/Attributes'))
		};
		person.child.kill('SIGTERM');
		expect(await person.ended).toEqual({ code: 0, signal: null });
		person = await startConnector(relay.url, {}, person.folder);
		expect({
			relationships: await must(person.call('GET', '/Relationships')),
			messages: await must(person.call('GET', '/Messages')),
			attributes: await must(person.call('GET', '/Attributes'))
		}).toEqual(before);
	});

	test('know everything again after SIGKILL, and what was accepted leaves with the next sync', async () => {
		const to = await addressOf(city);
		const content = { '@type': 'Mail', to: [to], subject: 'After the crash', body: 'b', bodyFormat: 'PlainText' };
		const sent = await must(person.call('POST', '/Messages', { recipients: [to], content }), 201);
		person.child.kill('SIGKILL');
		await person.ended;
		person = await startConnector(relay.url, {}, person.folder);
		expect(await must(person.call('GET', `/Messages/${sent.id}`))).toMatchObject({ isOwn: true });
		await sync(person);
		expect(await arrived(city, '/Messages?content.subject=After+the+crash')).toHaveLength(1);
	});

	test('keep their data for themselves: one process per folder, readable by its owner only', async () => {
		const second = run(process.execPath, ['connector/main.ts', 'start'], settings(relay.url, city.folder));
		expect(await second.ended).toMatchObject({ code: 1 });
		expect(second.output()).toContain('is used by another process');
		for (const name of readdirSync(city.folder)) expect(statSync(join(city.folder, name)).mode & 0o077).toBe(0);
	});

	test('tell their address beside a running Connector', async () => {
		const status = run(
			process.execPath,
			['connector/main.ts', 'identity', 'status'],
			settings(relay.url, city.folder)
		);
		expect(await status.ended).toMatchObject({ code: 0 });
		expect(status.output()).toBe(`Identity Address: ${await addressOf(city)}\n`);
	});

	test('deliver webhooks and fetch by themselves when told to', async () => {
		const received: { trigger: string; data: Shape }[] = [];
		const server = createServer((request, response) => {
			let body = '';
			request.on('data', (chunk: Buffer) => (body += chunk.toString()));
			request.on('end', () => (received.push(JSON.parse(body) as never), response.end()));
		}).listen(0);
		await once(server, 'listening');
		const target = { url: `http://localhost:${(server.address() as AddressInfo).port}` };
		const office = await startConnector(relay.url, {
			modules__webhooks__enabled: 'true',
			modules__webhooks__webhooks: JSON.stringify([{ triggers: ['**'], target }]),
			modules__sync__enabled: 'true',
			modules__sync__interval: '1'
		});
		await connect(city, office, items, answer);
		const to = await addressOf(office);
		const content = { '@type': 'Mail', to: [to], subject: 'For the hook', body: 'b', bodyFormat: 'PlainText' };
		const sent = await must(city.call('POST', '/Messages', { recipients: [to], content }), 201);
		const heard = await until(
			async () => received.filter(({ trigger }) => trigger === 'transport.messageReceived'),
			(some) => some.length > 0,
			'messageReceived'
		);
		expect(heard.map(({ data }) => data)).toEqual([await must(office.call('GET', `/Messages/${sent.id}`))]);
		office.child.kill('SIGTERM');
		expect(await office.ended).toEqual({ code: 0, signal: null });
		server.close();
	});
});

describe('starting', { timeout: 60_000 }, () => {
	test.each([
		['underscores', settings],
		[
			'colons',
			(url: string, folder: string) =>
				Object.fromEntries(
					Object.entries(settings(url, folder)).map(([name, value]) => [name.replaceAll('__', ':'), value])
				)
		]
	])('by npm works with names spelled with %s', async (_, spelled) => {
		const started = run('npm', ['run', '--silent', 'connector'], spelled(relay.url, newFolder()));
		const { port } = await started.said('ready');
		expect((await fetch(`http://localhost:${String(port)}/health`)).status).toBe(200);
		started.child.kill('SIGTERM');
		await started.ended;
	});

	test('without a relay, an identity, a free port or a valid setting ends with one line and 1', async () => {
		const taken = createServer().listen(0);
		await once(taken, 'listening');
		const { port } = taken.address() as AddressInfo;
		const cases: [Record<string, string>, RegExp][] = [
			[settings('http://localhost:1', newFolder()), /^error\.transport\.request\.unknown: .+\n$/],
			[
				{ ...settings(relay.url, newFolder()), transportLibrary__allowIdentityCreation: 'false' },
				/^error\.transport\.general\.noIdentityFound: .+\n$/
			],
			[
				{ ...settings(relay.url, newFolder()), infrastructure__httpServer__port: String(port) },
				/^error\.connector\.startup: port \d+ is taken, .+\n$/
			],
			[
				{ ...settings(relay.url, newFolder()), database__driver: 'mongodb' },
				/^configuration: database: .+sqlite.+\n$/
			],
			[
				{
					...settings(relay.url, newFolder()),
					modules__webhooks__enabled: 'true',
					modules__webhooks__webhooks: '[{"triggers":["a"],"target":"b"}]'
				},
				/^error\.runtime\.modules\.webhooks\.invalidTargetReference: .+\n$/
			]
		];
		for (const [env, line] of cases) {
			const failed = run(process.execPath, ['connector/main.ts', 'start'], env);
			expect(await failed.ended).toMatchObject({ code: 1 });
			expect(failed.output()).toMatch(line);
		}
		taken.close();
	});

	test('a relay that wants to know its clients takes the right ones only', async () => {
		const strict = await startRelay(0, newFolder(), { CLIENT_ID: 'office', CLIENT_SECRET: 'right' });
		const folder = newFolder();
		const wrong = run(process.execPath, ['connector/main.ts', 'start'], {
			...settings(strict.url, folder),
			PLATFORM_CLIENT_ID: 'office',
			PLATFORM_CLIENT_SECRET: 'wrong'
		});
		expect(await wrong.ended).toMatchObject({ code: 1 });
		expect(wrong.output()).toMatch(/^error\.transport\.general\.platformClientInvalid: .+\n$/);
		const right = await startConnector(
			strict.url,
			{ PLATFORM_CLIENT_ID: 'office', PLATFORM_CLIENT_SECRET: 'right' },
			folder
		);
		expect((await fetch(`${right.url}/health`)).status).toBe(200);
	});

	test('-h explains', async () => {
		const help = run(process.execPath, ['connector/main.ts', '-h'], {});
		expect(await help.ended).toMatchObject({ code: 0 });
		expect(help.output()).toContain('identity status');
	});
});

test('a relay that goes away and comes back is lived through', { timeout: 60_000 }, async () => {
	const short = await startRelay();
	const port = Number(new URL(short.url).port);
	const [a, b] = await Promise.all([startConnector(short.url), startConnector(short.url)]);
	await connect(a, b, [consent('ok')], [{ accept: true }]);
	short.child.kill('SIGTERM');
	await short.ended;
	expect((await fetch(`${a.url}/health`)).status).toBe(500);
	const to = await addressOf(b);
	const content = { '@type': 'Mail', to: [to], subject: 'Meanwhile', body: 'b', bodyFormat: 'PlainText' };
	await must(a.call('POST', '/Messages', { recipients: [to], content }), 201);
	const offline = await a.call('POST', '/Account/Sync');
	expect([offline.status, offline.error?.code]).toEqual([500, 'error.transport.request.unknown']);
	await startRelay(port, short.dataDir);
	await until(
		async () => (await fetch(`${a.url}/health`)).status,
		(status) => status === 200,
		'healthy'
	);
	await must(a.call('POST', '/Account/Sync'), 204);
	expect(await arrived(b, '/Messages?content.subject=Meanwhile')).toHaveLength(1);
	expect(readFileSync(join(a.folder, 'default.db')).length).toBeGreaterThan(0);
});
