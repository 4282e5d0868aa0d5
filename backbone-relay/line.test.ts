/** What one client can cost the relay on the wire: rations, silent lines, slow readers, hoards of sockets. Real sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRequest, fromBase64Url, sha256, type Bytes, type Operation, type RequestOf } from '@enmeshed/crdt/wire';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { parseConfig } from './config.ts';
import type { Limits } from './limits.ts';
import { start, type Running } from './start.ts';
import { createClient, createIdentity, createSession, random } from './testing/client.ts';
import { openWire } from './testing/socket.ts';

interface Here extends Running {
	readonly at: string;
	client(): Promise<ReturnType<typeof createClient> & { wire: Awaited<ReturnType<typeof openWire>> }>;
	readonly faults: unknown[];
}

async function relayWith(limits: Partial<Limits>): Promise<Here> {
	const folder = mkdtempSync(join(tmpdir(), 'relay-line-'));
	const parsed = parseConfig([], { PORT: '0', DATA_DIR: folder, LIMITS: JSON.stringify(limits) });
	if (!parsed.ok) throw new Error(parsed.problems.join());
	const faults: unknown[] = [];
	const running = await start(parsed.config, { error: (fields) => void faults.push(fields), debug: () => undefined });
	onTestFinished(async () => {
		await running.stop();
		rmSync(folder, { recursive: true });
		expect(faults).toEqual([]);
	});
	const at = `http://127.0.0.1:${running.port}`;
	const { relayKey } = (await (await fetch(`${at}/v1/version`)).json()) as { relayKey: string };
	return {
		...running,
		at,
		faults,
		async client() {
			const wire = await openWire(at);
			return { ...createClient(wire, fromBase64Url(relayKey)!), wire };
		}
	};
}

const lineOf = (here: Here, options: object = {}) =>
	new WebSocket(`${here.at.replace('http', 'ws')}/v1/line`, { perMessageDeflate: false, ...options });
const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));
const post = <O extends Operation>(here: Here, op: O, body: RequestOf<O>) =>
	fetch(`${here.at}/v1/frame`, { method: 'POST', body: encodeRequest(1, op, body) });

test('a source has so many anonymous calls a minute; what is more is told when to come again, on line and over HTTP', async () => {
	const here = await relayWith({ anonymousPerMinute: 5 });
	const client = await here.client();
	for (let i = 0; i < 5; i++) await client.must('version', {});
	const refusal = await client.call('objectPeek', { handle: random(32) });
	expect(refusal).toMatchObject({ type: 'rate-limited' });
	expect(refusal.body['retryAfter']).toBeGreaterThan(0);
	const answer = await post(here, 'version', {});
	expect([answer.status, answer.headers.get('content-type')]).toEqual([429, 'application/problem+json']);
	expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
	expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
	expect((await fetch(`${here.at}/v1/tags`)).status).toBe(429);
	client.wire.close();
});

test('new accounts and failed logins of one source are rationed; a login that holds is not', async () => {
	const here = await relayWith({ registrationsPerHour: 1, loginsPerMinute: 2 });
	const client = await here.client();
	const identity = createIdentity();
	await client.must('register', { chain: identity.chain });
	expect(await client.call('register', { chain: createIdentity().chain })).toMatchObject({ type: 'rate-limited' });
	for (let i = 0; i < 2; i++) expect(await client.hello(createIdentity())).toMatchObject({ type: 'login-failed' });
	expect(await client.hello(createIdentity())).toMatchObject({ type: 'rate-limited' });
	expect((await client.hello(identity)).ok).toBe(true);
	client.wire.close();
});

test('an account writes so often a minute, parts of files among it; it reads on, and others write on', async () => {
	const here = await relayWith({ writesPerMinute: 3 });
	const [anna, ben] = [await here.client(), await here.client()];
	await anna.signIn(createIdentity());
	await ben.signIn(createIdentity());
	await anna.must('mailboxClose', { alias: random(16) });
	for (let i = 0; i < 2; i++) await anna.must('objectPart', { handle: random(32), at: 0, bytes: random(9) });
	for (const refused of [
		anna.call('objectPart', { handle: random(32), at: 0, bytes: random(9) }),
		anna.call('mailboxClose', { alias: random(16) })
	])
		expect(await refused).toMatchObject({ type: 'rate-limited' });
	await anna.must('account', {});
	await ben.must('mailboxClose', { alias: random(16) });
	for (const { wire } of [anna, ben]) wire.close();
});

test('notification codes under one alias are few; the next alias has its own', async () => {
	const here = await relayWith({ notificationsPerHour: 2 });
	const anna = await here.client();
	await anna.signIn(createIdentity());
	const notify = async (alias: Bytes, token: Bytes) => anna.call('notify', { alias, token, code: 'TestCode' });
	const aliases = [random(16), random(16)];
	const token = random(32);
	for (const alias of aliases) await anna.must('mailboxOpen', { alias, tokenHash: sha256(token) });
	for (let i = 0; i < 2; i++) expect((await notify(aliases[0]!, token)).ok).toBe(true);
	expect(await notify(aliases[0]!, token)).toMatchObject({ type: 'rate-limited' });
	expect((await notify(aliases[1]!, token)).ok).toBe(true);
	anna.wire.close();
});

test('a silent line is asked and cut when it does not answer; one that answers stays', async () => {
	const here = await relayWith({ idleMs: 100 });
	const [deaf, alive] = [lineOf(here, { autoPong: false }), lineOf(here)];
	let pings = 0;
	alive.on('ping', () => pings++);
	await closed(deaf);
	await vi.waitFor(() => expect(pings).toBeGreaterThan(3), { timeout: 5000 });
	expect(alive.readyState).toBe(WebSocket.OPEN);
	alive.close();
	await closed(alive);
});

test('a line that never signs in is closed after its time; one that did stays', async () => {
	const here = await relayWith({ idleMs: 50, anonymousLineMs: 150 });
	const member = await here.client();
	await member.signIn(createIdentity());
	expect(await closed(lineOf(here))).toBe(1008);
	await member.must('account', {});
	member.wire.close();
});

test('a reader that lets answers pile up is cut at the bound; the relay and everybody else go on', async () => {
	const here = await relayWith({ lineBacklogBytes: 1 << 20 });
	const [slow, other] = [await here.client(), await here.client()];
	const identity = createIdentity();
	await slow.signIn(identity);
	await other.signIn(createIdentity());
	const session = createSession(identity);
	await slow.must('append', { entries: [session.entry(random(900_000))] });
	slow.wire.socket.pause();
	const asked = Array.from({ length: 100 }, () => slow.call('pull', { after: 0 }).catch(() => 'cut'));
	// Nobody reads: the relay gives up after the system's buffers and one more MiB, not after a hundred.
	await new Promise((resolve) => setTimeout(resolve, 300));
	await other.must('account', {});
	slow.wire.socket.resume();
	await slow.wire.closed;
	const answered = (await Promise.all(asked)).filter((answer) => answer !== 'cut').length;
	expect(answered).toBeLessThan(60);
	await other.must('account', {});
	const again = await here.client();
	expect((await again.hello(identity)).ok).toBe(true);
	for (const { wire } of [other, again]) wire.close();
});

test('a source has so many lines, and the relay so many in all; a line that goes makes room', async () => {
	const here = await relayWith({ linesPerSource: 2 });
	const [one, two] = [await here.client(), await here.client()];
	const status = () =>
		new Promise<number>((resolve) => {
			const socket = lineOf(here);
			socket.once('unexpected-response', (_request, response) => resolve(response.statusCode!));
			socket.once('open', () => (socket.close(), resolve(101)));
			socket.on('error', () => undefined);
		});
	expect(await status()).toBe(429);
	one.wire.close();
	await one.wire.closed;
	await vi.waitFor(async () => expect(await status()).toBe(101), { timeout: 3000 });
	two.wire.close();
	const full = await relayWith({ lines: 1 });
	const only = await full.client();
	const refused = lineOf(full);
	const code = await new Promise((resolve) => {
		refused.once('unexpected-response', (_request, response) => resolve(response.statusCode));
		refused.on('error', () => undefined);
	});
	expect(code).toBe(503);
	only.wire.close();
});
