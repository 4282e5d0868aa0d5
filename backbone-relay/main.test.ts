/** The real process: lines and HTTP, start and stop, and what an operator is told. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
	decodeFromRelay,
	EMPTY_ROOT,
	encodeRequest,
	entryHash,
	FRAME_LIMITS,
	nextRoot,
	sha256,
	toBase64Url,
	type Bytes,
	type Operation,
	type RequestOf
} from '@enmeshed/crdt/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createIdentity, createSession, helloBody, isProven, random, replyOf } from './testing/client.ts';
import { newDataDir, startRelay, type RelayProcess } from './testing/process.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

const post = (url: string, body: Uint8Array | null, headers: Record<string, string> = {}) =>
	fetch(url, { method: 'POST', body: body as Bytes | null, headers });

describe('a running relay', () => {
	let relay: RelayProcess;
	beforeAll(async () => {
		relay = await startRelay();
	});
	afterAll(async () => {
		expect(await relay.stop()).toBe(0);
		rmSync(relay.dataDir, { recursive: true });
	});

	const frame = async <O extends Operation>(op: O, body: RequestOf<O>, headers: Record<string, string> = {}) =>
		post(`${relay.url}/v1/frame`, encodeRequest(1, op, body), headers);

	test('speaks first on a line, takes a signed hello, and acknowledges with proof', async () => {
		const client = await relay.client();
		const identity = createIdentity();
		expect((await client.call('pull', { after: 0 })).ok).toBe(false);
		const welcome = await client.signIn(identity);
		expect(welcome).toMatchObject({ seq: 0, mseq: 0, rootMatches: true, chain: identity.chain });
		const session = createSession(identity);
		const entries = [session.entry(), session.entry()];
		const { acks, proof } = await client.must('append', { entries });
		const root = entries.reduce((before, entry) => nextRoot(before, entryHash(entry.slice(0, -64))), EMPTY_ROOT);
		expect((acks as unknown as { seq: number }[]).map(({ seq }) => seq)).toEqual([1, 2]);
		expect(await isProven(relay.relayKey, identity.tag, 2, root, proof)).toBe(true);
		expect((await client.must('pull', { after: 0 }))['entries']).toEqual(entries);
		client.wire.close();
	});

	test('keeps the order of requests in flight together', async () => {
		const client = await relay.client();
		const identity = createIdentity();
		await client.signIn(identity);
		const session = createSession(identity);
		const entries = Array.from({ length: 64 }, () => session.entry());
		const replies = await Promise.all(entries.map((entry) => client.must('append', { entries: [entry] })));
		expect(replies.map(({ acks }) => (acks as unknown as { seq: number }[])[0]!.seq)).toEqual(
			entries.map((_, i) => i + 1)
		);
		client.wire.close();
	});

	test('wakes the other line of the recipient after a deliver', async () => {
		const [anna, stranger] = [await relay.client(), await relay.client()];
		await anna.signIn(createIdentity());
		const [alias, token] = [random(16), random(32)];
		await anna.must('mailboxOpen', { alias, tokenHash: sha256(token) });
		const woken = new Promise((resolve) => anna.wire.onPush(resolve));
		await stranger.must('deliver', { alias, token, envId: random(16), bytes: random(100) });
		expect(await woken).toEqual({ push: 'wake', seq: 0, mseq: 1, chain: 0 });
		for (const { wire } of [anna, stranger]) wire.close();
	});

	test('does the same over HTTP with a bearer token earned by a signed hello, each challenge once', async () => {
		const identity = createIdentity();
		expect((await frame('register', { chain: identity.chain })).status).toBe(200);
		const greeting = decodeFromRelay(
			new Uint8Array(await (await post(`${relay.url}/v1/session`, null)).arrayBuffer())
		);
		if (!greeting || !('push' in greeting) || greeting.push.push !== 'challenge') throw new Error('no challenge');
		const { challenge } = greeting.push;
		const hello = encodeRequest(1, 'hello', helloBody(challenge, relay.relayKey, identity));
		const signIn = () => post(`${relay.url}/v1/session`, hello, { challenge: toBase64Url(challenge) });
		const welcome = replyOf(new Uint8Array(await (await signIn()).arrayBuffer()));
		const authorization = `Bearer ${welcome.body['token'] as string}`;
		const answer = await frame('account', {}, { authorization });
		expect(replyOf(new Uint8Array(await answer.arrayBuffer())).body).toMatchObject({ entries: 0, mail: 0 });
		const again = await signIn();
		expect([again.status, await again.json()]).toMatchObject([401, { type: 'login-failed', status: 401 }]);
		const stranger = await frame('account', {});
		expect([stranger.status, stranger.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
		expect((await frame('account', {}, { authorization: `${authorization.slice(0, -2)}AA` })).status).toBe(401);
		expect((await frame('version', {}, { authorization: 'Basic eDp5' })).status).toBe(401);
	});

	test('tells its version with an ETag, its health, and refuses what it does not know as a problem', async () => {
		const version = await fetch(`${relay.url}/v1/version`);
		expect(await version.json()).toMatchObject({ addressHost: 'localhost', relayKey: toBase64Url(relay.relayKey) });
		const etag = version.headers.get('etag')!;
		expect((await fetch(`${relay.url}/v1/version`, { headers: { 'if-none-match': etag } })).status).toBe(304);
		expect((await fetch(`${relay.url}/health`)).status).toBe(200);
		const missing = await fetch(`${relay.url}/v1/nothing`);
		expect([missing.status, await missing.json()]).toMatchObject([404, { type: 'not-found' }]);
		const garbage = await post(`${relay.url}/v1/frame`, random(30));
		expect([garbage.status, await garbage.json()]).toMatchObject([400, { type: 'malformed' }]);
	});

	test('shows a page in the visitor’s language where no App is served', async () => {
		const page = (language: string) => fetch(`${relay.url}/r/TOK123`, { headers: { 'accept-language': language } });
		expect(await (await page('de-DE,en;q=0.5')).text()).toContain('lang="de"');
		expect(await (await page('fr,en;q=0.5')).text()).toContain('lang="en"');
		expect((await page('de')).headers.get('content-security-policy')).toContain("default-src 'none'");
	});

	test('keeps its key to itself', () => {
		expect(statSync(join(relay.dataDir, 'relay.key')).mode & 0o777).toBe(0o600);
	});
});

test('K279 what was acknowledged is there after a restart, under the same relay key', async () => {
	const first = await startRelay();
	const identity = createIdentity();
	const client = await first.client();
	await client.signIn(identity);
	const entry = createSession(identity).entry();
	await client.must('append', { entries: [entry] });
	expect(await first.stop()).toBe(0);
	await client.wire.closed;
	const second = await startRelay({ dataDir: first.dataDir });
	const again = await second.client();
	expect(await again.signIn(identity)).toMatchObject({ seq: 1, entries: [entry] });
	expect(second.relayKey).toEqual(first.relayKey);
	await second.stop();
	rmSync(first.dataDir, { recursive: true });
});

test('an operator is told in one line what is wrong: port, setting, folder', async () => {
	const taken = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => taken.once('listening', resolve));
	const { port } = taken.address() as { port: number };
	const why = async (env: Record<string, string>) => {
		const error = await startRelay({ env }).then(
			() => new Error('it started'),
			(error: Error) => error
		);
		return error.message;
	};
	expect(await why({ PORT: String(port) })).toMatch(
		new RegExp(`Port ${port} is taken: choose another with PORT=… or --port …\n$`)
	);
	expect(await why({ PORT: 'many' })).toContain('PORT must be a number');
	expect(await why({ LIMITS: '{"nonsense": 1}' })).toContain('LIMITS must be');
	expect(await why({ CLIENT_ID: 'x' })).toContain('belong together');
	expect(await why({ APP_DIR: newDataDir() })).toContain('holds no built App');
	taken.close();
});

test('what an operator publishes by command reaches open lines and HTTP while the relay runs; a wrong file does not', async () => {
	const relay = await startRelay();
	const client = await relay.client();
	await client.signIn(createIdentity());
	const pushed = vi.fn();
	client.wire.onPush(pushed);
	const config = join(relay.dataDir, 'config');
	const command = (...args: string[]) =>
		spawnSync(process.execPath, [MAIN, 'admin', ...args], {
			env: { PATH: process.env['PATH'], DATA_DIR: relay.dataDir },
			encoding: 'utf8'
		});
	const added = command('announce', 'add', '--title', 'en=Hello', '--body', 'en=All');
	expect([added.status, added.stderr]).toEqual([0, '']);
	await vi.waitFor(() => expect(pushed).toHaveBeenCalledWith({ push: 'published', name: 'announcements' }), 9000);
	const seen = (await (await fetch(`${relay.url}/v1/announcements`)).json()) as { id: string }[];
	expect(seen).toMatchObject([{ id: added.stdout.trim(), texts: { en: { title: 'Hello', body: 'All' } } }]);
	writeFileSync(join(config, 'announcements.json'), '{');
	await vi.waitFor(() => expect(relay.output()).toContain('announcements.json: is no JSON'), 9000);
	expect(await (await fetch(`${relay.url}/v1/announcements`)).json()).toEqual(seen);
	expect(command('announce', 'delete', 'ANC00000000000000000').status).toBe(1);
	client.wire.close();
	expect(await relay.stop()).toBe(0);
	rmSync(relay.dataDir, { recursive: true });
}, 30_000);

test('K212, K283 large files go up and down without the relay ever holding one: memory grows by parts, not by files', async () => {
	const relay = await startRelay();
	const memory = () =>
		Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${relay.child.pid}/status`, 'utf8'))![1]) / 1024;
	const client = await relay.client();
	await client.signIn(createIdentity());
	const content = random(FRAME_LIMITS.objectBytes);
	const part = FRAME_LIMITS.partBytes;
	const send = async () => {
		const handle = random(32);
		for (let at = 0; at < content.length; at += part)
			await client.must('objectPart', { handle, at, bytes: content.subarray(at, at + part) });
		const body = { size: content.length, digest: sha256(content) };
		await client.must('objectPut', { handle, bytes: random(300), body });
		return handle;
	};
	const fetchAll = async (handle: Bytes) => {
		const parts: Bytes[] = [];
		for (let at = 0; at < content.length; at += part)
			parts.push((await client.must('objectRead', { handle, at }))['bytes'] as Bytes);
		expect(Buffer.compare(Buffer.concat(parts), content)).toBe(0);
	};
	await fetchAll(await send());
	const before = memory();
	const handles = await Promise.all(Array.from({ length: 6 }, send));
	for (const handle of handles) await fetchAll(handle);
	// Six files of 12 MiB at once: 72 MiB, and their copies, if they were held.
	expect(memory() - before).toBeLessThan(64);
	client.wire.close();
	expect(await relay.stop()).toBe(0);
	rmSync(relay.dataDir, { recursive: true });
}, 60_000);

test('a relay that requires a client registers nobody else', async () => {
	const relay = await startRelay({ env: { CLIENT_ID: 'app', CLIENT_SECRET: 'tell nobody' } });
	const client = await relay.client();
	const { chain } = createIdentity();
	for (const given of [undefined, { id: 'app', secret: 'wrong' }, { id: 'other', secret: 'tell nobody' }]) {
		const reply = await client.call('register', { chain, ...(given ? { client: given } : {}) });
		expect(reply).toMatchObject({ ok: false, type: 'registration-refused' });
	}
	expect(await client.must('register', { chain, client: { id: 'app', secret: 'tell nobody' } })).toMatchObject({
		created: true
	});
	client.wire.close();
	await relay.stop();
	rmSync(relay.dataDir, { recursive: true });
});
