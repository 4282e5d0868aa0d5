/** Trial T1, #20: what people write is found nowhere it does not belong: not at the relay, not on the way, not in any log. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { filesBelow, findCanaries, formsOf, hatchCanaries, type Haystack } from './canary.ts';
import { startConnector, startRelay, type Connector, type Program } from './processes.ts';
import { tellStory, type Told } from './story.ts';
import { startTcpProxy, traffic, type TcpProxy } from './tcp-proxy.ts';

const canaries = hatchCanaries();
let proxy: TcpProxy;
let relay: Program;
let city: Connector;
let told: Told;

beforeAll(async () => {
	proxy = await startTcpProxy({ record: true });
	relay = await startRelay({ PUBLIC_URL: proxy.origin });
	proxy.lead(relay.port);
	city = await startConnector(proxy.origin);
	told = await tellStory(proxy.origin, city, canaries);
}, 120_000);
afterAll(async () => {
	await city?.stop();
	await relay?.stop();
	await proxy?.close();
});

const log = (name: string, program: Program): Haystack => ({ name, bytes: Buffer.from(program.output()) });
const onTheWay = (): Haystack[] => traffic(proxy).map((bytes, n) => ({ name: `traffic ${n}`, bytes }));
/** Human words, keys in links, the Connector's API key. */
const forbidden = () =>
	new Map([
		...canaries.placed,
		...told.secrets.map((secret, n) => [`secret ${n}`, secret] as const),
		['API key', city.key] as const
	]);

describe('after the whole story', () => {
	test('words were put everywhere they can stand, and reached those they were for', async () => {
		expect(canaries.placed.size).toBeGreaterThan(25);
		const shown = JSON.stringify([
			await city.call('GET', '/Attributes'),
			told.laptop.attributes.list(),
			told.laptop.messages.list(),
			told.laptop.requests.incoming(),
			told.laptop.templates.list(),
			told.laptop.tokens.list(),
			told.laptop.relationships.list(),
			...['core', 'rel', 'drafts'].map((shard) => told.laptop.documents.fields(shard))
		]);
		const absent = [...canaries.placed].filter(([, word]) => !shown.includes(word)).map(([place]) => place);
		expect(absent).toEqual([]);
	});

	test('none lies in a file of the relay while it runs', () => {
		const files = filesBelow(relay.folder);
		expect(files.map(({ name }) => name.slice(relay.folder.length))).toEqual(
			expect.arrayContaining([expect.stringMatching(/\.sqlite$/), expect.stringMatching(/-wal$/)])
		);
		expect(findCanaries(forbidden(), files)).toEqual([]);
	});

	test('none passed on the wire', () => {
		const passed = onTheWay();
		expect(passed.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThan(50_000);
		expect(findCanaries(forbidden(), passed)).toEqual([]);
	});

	test('none stands in the log of relay or Connector, at the level that says most', () => {
		expect(relay.output()).toContain('"route"');
		expect(city.output()).toContain('"route"');
		expect(findCanaries(forbidden(), [log('log of the relay', relay), log('log of the Connector', city)])).toEqual(
			[]
		);
	});

	test('the Connector, which may read them, does hold them: the search works on such files', () => {
		const found = findCanaries(canaries.placed, filesBelow(city.folder)).map(({ place }) => place);
		expect(found).toContain('organisation name');
	});
});

describe('controls: a leak is caught', () => {
	const leak = () => join(relay.folder, 'leak');
	afterEach(() => rmSync(leak(), { force: true }));

	test('in whatever form a word is written into a file', () => {
		const word = canaries.text('given name');
		const one = new Map([['given name', word]]);
		for (const { name, bytes } of formsOf(word)) {
			writeFileSync(leak(), Buffer.concat([Buffer.from('before '), bytes, Buffer.from(' after')]));
			expect(findCanaries(one, filesBelow(relay.folder)), name).toContainEqual({
				place: 'given name',
				form: name,
				where: leak()
			});
		}
		for (const skip of [0, 1, 2]) {
			writeFileSync(leak(), Buffer.from(`${'x'.repeat(skip)}${word}yz`).toString('base64'));
			expect(findCanaries(one, filesBelow(relay.folder)).map(({ form }) => form)).toContain(`base64 at ${skip}`);
		}
	});

	test('in a line of a log', () => {
		writeFileSync(leak(), relay.output());
		expect(findCanaries(forbidden(), filesBelow(relay.folder))).toEqual([]);
		appendFileSync(
			leak(),
			`${JSON.stringify({ level: 30, msg: 'request', body: { subject: canaries.text('mail subject') } })}\n`
		);
		expect(findCanaries(forbidden(), filesBelow(relay.folder))).toContainEqual({
			place: 'mail subject',
			form: 'UTF-8',
			where: leak()
		});
	});

	test('on the way, although a WebSocket masks what a client says', async () => {
		const word = canaries.text('mail body');
		const socket = new WebSocket(`${proxy.origin.replace('http', 'ws')}/v1/line`);
		await new Promise((greeted) => socket.addEventListener('message', greeted, { once: true }));
		// Short, middle and long frames are headed differently.
		for (const length of [0, 300, 70_000]) socket.send(Buffer.concat([Buffer.alloc(length), Buffer.from(word)]));
		await new Promise((closed) => {
			socket.addEventListener('close', closed);
			socket.close();
		});
		const raw = proxy.recorded.map(({ up }, n) => ({ name: `raw ${n}`, bytes: Buffer.concat(up) }));
		expect(findCanaries(canaries.placed, raw)).toEqual([]);
		expect(findCanaries(canaries.placed, onTheWay())).toContainEqual(
			expect.objectContaining({ place: 'mail body', form: 'UTF-8' })
		);
	});
});

test('none lies in what the relay leaves behind when it has stopped', async () => {
	for (const engine of [told.phone, told.laptop]) await engine.close();
	await city.stop();
	expect(await relay.stop()).toBe(0);
	expect(findCanaries(forbidden(), filesBelow(relay.folder))).toEqual([]);
});
