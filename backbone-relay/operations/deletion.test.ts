/** Deleting an account: the grace period, what everybody sees meanwhile and afterwards, and a relay that dies on the way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { sha256, toHex, type Bytes } from '@enmeshed/crdt/wire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSqliteStore } from '../store/sqlite.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createSession, random, type Client, type Identity } from '../testing/client.ts';
import { createTestRelay, onEveryStore, openAlias } from '../testing/relay.ts';

const DAY = 86_400_000;
const ERASER = fileURLToPath(new URL('../testing/eraser.ts', import.meta.url));

onEveryStore('deleting an account', (relay) => {
	test('K241, K242 it is started once: the first date stands, its length is chosen, 14 days unless said', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		expect((await anna.must('account', {}))['deletion']).toBeUndefined();
		const at = world.now + 14 * DAY;
		expect(await anna.must('accountDelete', {})).toMatchObject({ deletion: { at } });
		world.now += DAY;
		for (const days of [{}, { days: 3 }])
			expect(await anna.must('accountDelete', days)).toMatchObject({ deletion: { at } });
		expect(await anna.must('account', {})).toMatchObject({ deletion: { at } });
		expect(await ben.must('accountDelete', { days: 1 })).toMatchObject({ deletion: { at: world.now + DAY } });
	});

	test('K284 a grace period of less than a day, a negative one and a fraction are refused', async () => {
		const world = relay();
		const anna = await world.member();
		for (const days of [0.5, -1, -14, 1.5, 3651, Number.MAX_SAFE_INTEGER])
			expect(await anna.call('accountDelete', { days }), String(days)).toMatchObject({ type: 'malformed' });
		// 0 is the cancelling, also of what was never started.
		expect((await anna.must('accountDelete', { days: 0 }))['deletion']).toBeUndefined();
	});

	test('K26, K29 whether an identity was deleted is told without login; one that is there, leaving or unknown is not', async () => {
		const world = relay();
		const anna = await world.member();
		const { tag: identityTag } = anna.identity;
		const gone = async (tag = identityTag) =>
			(await world.client().must('accountGone', { identityTag: tag }))['at'];
		expect([await gone(), await gone(random(16))]).toEqual([undefined, undefined]);
		await anna.must('accountDelete', {});
		expect(await gone()).toBeUndefined();
	});

	test('K27, K28 after the grace period it says so with the date, before and after the rows are erased, for 400 days', async () => {
		const world = relay();
		const anna = await world.member();
		const { tag: identityTag } = anna.identity;
		const gone = async () => (await world.client().must('accountGone', { identityTag }))['at'];
		await anna.must('accountDelete', { days: 2 });
		const at = world.now + 2 * DAY;
		world.now = at;
		expect(await gone()).toBe(at);
		world.now += 5000;
		await world.relay.housekeep();
		expect(await gone()).toBe(at);
		world.now = at + 400 * DAY;
		await world.relay.housekeep();
		expect(await gone()).toBe(at);
		world.now += DAY;
		await world.relay.housekeep();
		expect(await gone()).toBeUndefined();
	});

	test('K243, K251 after the end it cannot be cancelled, nothing is read or written, and no new login holds', async () => {
		const world = relay();
		const anna = await world.member();
		const { alias, token, envelope } = await openAlias(anna);
		await anna.must('accountDelete', { days: 1 });
		world.now += DAY;
		expect(await anna.call('accountDelete', { days: 0 })).toMatchObject({ type: 'not-signed-in' });
		for (const op of ['account', 'mail', 'pull'] as const)
			expect(await anna.call(op, op === 'account' ? {} : ({ after: 0 } as never))).toMatchObject({
				type: 'not-signed-in'
			});
		const entry = createSession(anna.identity).entry();
		expect(await anna.call('append', { entries: [entry] })).toMatchObject({ type: 'not-signed-in' });
		expect(await anna.call('objectPart', { handle: random(32), at: 0, bytes: random(9) })).toMatchObject({
			type: 'not-signed-in'
		});
		expect(await world.client().hello(anna.identity)).toMatchObject({ type: 'login-failed' });
		expect(await world.client().call('deliver', envelope())).toMatchObject({ type: 'mailbox-refused' });
		expect(await world.client().call('notify', { alias, token, code: 'TestCode' })).toMatchObject({
			type: 'mailbox-refused'
		});
		expect(await world.client().must('mailboxState', { alias, token })).toMatchObject({ state: 'gone' });
	});

	test('K244 nothing is erased before the end, nor without a deletion', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		await anna.must('accountDelete', { days: 1 });
		world.now += DAY - 1;
		expect(await world.relay.housekeep()).toMatchObject({ accounts: 0 });
		expect((await anna.call('account', {})).ok).toBe(true);
		world.now += 1;
		expect(await world.relay.housekeep()).toMatchObject({ accounts: 1 });
		expect((await ben.call('account', {})).ok).toBe(true);
	});

	test('K251 what was sent meanwhile is delivered after cancelling, and writing goes on all the time', async () => {
		const world = relay();
		const anna = await world.member();
		const { envelope } = await openAlias(anna);
		const session = createSession(anna.identity);
		await anna.must('accountDelete', {});
		await world.client().must('deliver', envelope());
		await anna.must('commit', { slots: [], entry: session.entry(), envelopes: [envelope()] });
		await anna.must('accountDelete', { days: 0 });
		expect(await anna.must('account', {})).toMatchObject({ mail: 2, entries: 1 });
	});
});

/** One of everything, much of some. */
async function furnishMuch(client: Client & { identity: Identity }, times = 2): Promise<Bytes[]> {
	const session = createSession(client.identity);
	const handles: Bytes[] = [];
	for (let i = 0; i < times; i++) {
		const { envelope } = await openAlias(client);
		for (let n = 0; n < times; n++)
			await client.must('commit', { slots: [random(32)], entry: session.entry(), envelopes: [envelope()] });
		const [handle, content] = [random(32), random(2000)];
		await client.must('objectPart', { handle, at: 0, bytes: content });
		await client.must('objectPut', {
			handle,
			bytes: random(20_000),
			body: { size: content.length, digest: sha256(content) },
			verifierHash: sha256(random(9))
		});
		await client.call('objectRedeem', { handle, claimId: random(16), verifier: random(8) });
		handles.push(handle);
	}
	await client.must('commit', { slots: [], entry: session.entry(), mailAck: 3 });
	return handles;
}

/** Every stored value of the file that holds these bytes. */
function traces(path: string, of: Bytes): string[] {
	const db = new DatabaseSync(path, { readOnly: true });
	const names = db.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
	const found = names.filter(({ name }) =>
		(db.prepare(`select * from ${name}`).all() as Record<string, unknown>[]).some((row) =>
			Object.values(row).some((value) => value instanceof Uint8Array && toHex(value as Bytes).includes(toHex(of)))
		)
	);
	db.close();
	return found.map(({ name }) => name);
}

describe('K248, K287 an erasure that is interrupted', () => {
	test('after any step is finished by the next run, leaves nothing of it, and touches nobody else', async () => {
		for (let steps = 0, whole = false; !whole; steps++) {
			const folder = mkdtempSync(join(tmpdir(), 'relay-erase-'));
			onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
			const real = createSqliteStore(folder);
			let left = Infinity;
			// A relay that dies: after so many transactions of the housekeeping nothing is written any more.
			const store = {
				...real,
				transaction: <T>(work: () => T): T => {
					if (left-- <= 0) throw new Error('dead');
					return real.transaction(work);
				},
				dropBlob: async (name: string) => {
					if (left <= 0) throw new Error('dead');
					return real.dropBlob(name);
				}
			};
			const world = createTestRelay({ store, limits: { housekeepingRows: 2 } });
			const [anna, ben] = [await world.member(), await world.member()];
			await furnishMuch(anna);
			const kept = await furnishMuch(ben);
			const before = { ...(await ben.must('account', {})), id: 0 };
			const at = (await anna.must('accountDelete', { days: 1 }))['deletion'];
			world.now += DAY;
			left = steps;
			whole = await world.relay.housekeep().then(
				() => true,
				() => false
			);
			real.close();

			const reopened = createSqliteStore(folder);
			const again = createTestRelay({ store: reopened });
			again.now = world.now;
			// Also while the erasure is half done the account is gone for everybody.
			expect(await again.client().hello(anna.identity)).toMatchObject({ type: 'login-failed' });
			await again.relay.housekeep();
			const { tag: identityTag } = anna.identity;
			expect(await again.client().must('accountGone', { identityTag })).toMatchObject(at as object);
			const back = await again.member(ben.identity);
			expect({ ...(await back.must('account', {})), id: 0 }).toEqual(before);
			for (const handle of kept) expect((await back.call('objectGet', { handle })).ok).toBe(true);
			expect(await reopened.sweepBlobs()).toBe(0);
			reopened.close();
			expect(traces(join(folder, 'relay.sqlite'), identityTag)).toEqual([]);
			rmSync(folder, { recursive: true, force: true });
			expect(steps).toBeLessThan(200);
			if (whole) expect(steps).toBeGreaterThan(15);
		}
	}, 120_000);

	test('by killing the process, again and again, is finished in the end with nothing left and nobody else touched', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'relay-erase-kill-'));
		onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
		const store = createSqliteStore(folder);
		const world = createTestRelay({ store });
		const [anna, ben] = [await world.member(), await world.member()];
		await furnishMuch(anna, 16);
		const kept = await furnishMuch(ben);
		const before = { ...(await ben.must('account', {})), id: 0 };
		await anna.must('accountDelete', { days: 1 });
		store.close();
		let kills = 0;
		for (let done = false; !done;) {
			const child = spawn(process.execPath, [ERASER, folder, String(world.now + DAY)], { stdio: 'pipe' });
			let output = '';
			child.stdout.setEncoding('utf8').on('data', (text: string) => {
				output += text;
				// Later each time, so that it comes to an end however slow the machine is.
				if (text.includes('erasing'))
					setTimeout(() => child.kill('SIGKILL'), 2 + kills * 4 + Math.random() * 6);
			});
			await once(child, 'exit');
			done = output.includes('done');
			if (!done) expect(child.signalCode).toBe('SIGKILL');
			if (!done) kills++;
			expect(kills).toBeLessThan(100);
		}
		expect(kills).toBeGreaterThan(2);
		const reopened = createSqliteStore(folder);
		const again = createTestRelay({ store: reopened });
		const back = await again.member(ben.identity);
		expect({ ...(await back.must('account', {})), id: 0 }).toEqual(before);
		for (const handle of kept) expect((await back.call('objectGet', { handle })).ok).toBe(true);
		await reopened.sweepBlobs();
		reopened.close();
		expect(traces(join(folder, 'relay.sqlite'), anna.identity.tag)).toEqual([]);
		expect(
			readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
		).toHaveLength(kept.length * 2);
	}, 120_000);

	test('leaves no name of whom it was: what says "erased" and "gone" are hashes and tokens', async () => {
		const store = createMemoryStore();
		const world = createTestRelay({ store });
		const anna = await world.member();
		await furnishMuch(anna);
		await anna.must('accountDelete', { days: 1 });
		world.now += DAY;
		await world.relay.housekeep();
		const { state } = store.snapshot();
		const text = JSON.stringify(state, (_key, value: unknown) =>
			value instanceof Map ? [...value] : value instanceof Uint8Array ? toHex(value as Bytes) : value
		);
		expect(text).not.toContain(toHex(anna.identity.tag));
		expect([state.erased.size, state.aliases.size]).toEqual([1, 2]);
	});
});
