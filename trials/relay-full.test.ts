/**
 * A full disk (trials.md B.11): what does not fit is refused as storage-full (507) and is not there afterwards, nothing that
 * was acknowledged is missing, reads go on, and when there is room again writes do too. Once with a file that may not grow,
 * once on a real file system of 3 MB.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeRequest, type Bytes } from '@enmeshed/crdt/wire';
import { expect, test } from 'vitest';
import { createIdentity, createSession, random, type Client } from '../backbone-relay/testing/client.ts';
import { newDataDir, startRelay, type RelayProcess } from '../backbone-relay/testing/process.ts';

const UNSAFE = fileURLToPath(new URL('./relay-unsafe.ts', import.meta.url));

/** Appends until it is refused; what was acknowledged. */
async function fill(
	client: Client,
	session: ReturnType<typeof createSession>
): Promise<{ entries: Bytes[]; why: string }> {
	const entries: Bytes[] = [];
	for (;;) {
		const entry = session.entry(random(20_000));
		const reply = await client.call('append', { entries: [entry] });
		if (!reply.ok) return { entries, why: reply.type };
		entries.push(entry);
	}
}

async function everything(client: Client): Promise<Bytes[]> {
	const entries: Bytes[] = [];
	for (;;) {
		const page = (await client.must('pull', { after: entries.length }))['entries'] as unknown as Bytes[];
		if (page.length === 0) return entries;
		entries.push(...page);
	}
}

async function behaves(relay: RelayProcess): Promise<void> {
	const client = await relay.client();
	const identity = createIdentity();
	await client.signIn(identity);
	const handle = random(32);
	await client.must('objectPut', { handle, bytes: random(1000) });
	const { entries, why } = await fill(client, createSession(identity));
	expect(why).toBe('storage-full');
	expect(entries.length).toBeGreaterThan(10);
	expect(await everything(client)).toEqual(entries);
	expect(await client.call('objectGet', { handle })).toMatchObject({ ok: true });
	const over = await fetch(`${relay.url}/v1/frame`, {
		method: 'POST',
		body: encodeRequest(1, 'rendezvousPut', { rendezvous: random(16), slot: 0, bytes: random(8000) })
	});
	if (over.status !== 200) {
		expect([over.status, await over.json()]).toMatchObject([507, { type: 'storage-full' }]);
		expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
	}
	expect((await fetch(`${relay.url}/health`)).status).toBe(200);
	client.wire.close();
}

test(
	'a database that may not grow refuses with 507, and says the truth about what it holds',
	{ timeout: 60_000 },
	async () => {
		const relay = await startRelay({ main: UNSAFE, env: { TRIAL_MAX_PAGES: '150' } });
		await behaves(relay);
		expect(relay.output()).not.toContain('fault');
		await relay.stop();
		const again = await startRelay({ dataDir: relay.dataDir });
		const client = await again.client();
		const identity = createIdentity();
		await client.signIn(identity);
		await client.must('append', { entries: [createSession(identity).entry(random(20_000))] });
		client.wire.close();
		await again.stop();
		rmSync(relay.dataDir, { recursive: true });
	}
);

test('a file system that is full refuses log and objects with 507, reads go on', { timeout: 60_000 }, async () => {
	const dataDir = newDataDir();
	const mounted = `mount -t tmpfs -o size=3m tmpfs ${dataDir} && exec "$0" "$@"`;
	const relay = await startRelay({ dataDir, under: ['unshare', '-Urm', 'bash', '-c', mounted] });
	const client = await relay.client();
	await client.signIn(createIdentity());
	const handle = random(32);
	expect(await client.call('objectPut', { handle, bytes: random(4 << 20) })).toMatchObject({
		ok: false,
		type: 'storage-full'
	});
	expect(await client.call('objectGet', { handle })).toMatchObject({ type: 'object-not-found' });
	// A file that comes in parts: the part that finds no room is refused, what came before it gives its room back.
	const uploaded = random(32);
	const part = (at: number) => client.call('objectPart', { handle: uploaded, at, bytes: random(1 << 20) });
	const parts = [await part(0), await part(1 << 20), await part(2 << 20)];
	expect(parts.find(({ ok }) => !ok)).toMatchObject({ type: 'storage-full' });
	expect(await part(3 << 20)).toMatchObject({ type: 'upload-incomplete', body: { have: 0 } });
	await client.must('objectPut', { handle, bytes: random(100_000) });
	await behaves(relay);
	expect(await client.must('objectGet', { handle })).toMatchObject({ uses: 0 });
	client.wire.close();
	await relay.stop();
	rmSync(dataDir, { recursive: true });
});
