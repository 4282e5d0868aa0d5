import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createMemoryStore, type MemoryStore } from '../../crdt/sim/memory-store.ts';
import { sqliteStore } from '../store/sqlite.ts';
import { movingClock, settle } from '../testing/modules.ts';
import { silent } from '../testing/parts.ts';
import { openOutbox, type Attempt } from './outbox.ts';

const FOREVER = { attempts: Number.MAX_SAFE_INTEGER, maxAgeMs: Number.MAX_SAFE_INTEGER };
const delivery = (eventId: string) => ({ trigger: 'transport.messageSent', eventId, body: `{"n":"${eventId}"}` });
const taken: Attempt = async () => ({ ok: true });
const refused: Attempt = async () => ({ ok: false, reason: 'status 500' });

async function until(isSo: () => boolean | Promise<boolean>) {
	while (!(await isSo())) await settle(2);
}

describe('the outbox', () => {
	test('waits 1 s, 2 s, 4 s … at most 5 min between attempts', async () => {
		const clock = movingClock();
		const outbox = await openOutbox(createMemoryStore(), clock, silent);
		let tries = 0;
		const lane = outbox.lane('a', FOREVER, async () => (++tries < 12 ? { ok: false, reason: 'x' } : { ok: true }));
		lane.put(delivery('e'));
		await until(() => tries === 12);
		await lane.stop();
		expect(clock.slept).toEqual([...[1, 2, 4, 8, 16, 32, 64, 128, 256].map((s) => s * 1000), 300_000, 300_000]);
	});

	test('tries a last time when the age is reached, and not after', async () => {
		const clock = movingClock();
		const began = clock.now();
		const outbox = await openOutbox(createMemoryStore(), clock, silent);
		const at: number[] = [];
		const lane = outbox.lane('a', { attempts: 1000, maxAgeMs: 10_000 }, async () => {
			at.push(clock.now() - began);
			return { ok: false, reason: 'ECONNREFUSED' };
		});
		lane.put(delivery('e'));
		await until(async () => (await outbox.deadLetters()).length === 1);
		expect(at).toEqual([0, 1000, 3000, 7000, 10_000]);
		expect(await outbox.deadLetters()).toMatchObject([{ attempts: 5, reason: 'ECONNREFUSED' }]);
		await lane.stop();
	});

	test('what is thrown is a failure by its name, never by its text', async () => {
		const outbox = await openOutbox(createMemoryStore(), movingClock(), silent);
		const thrown = [new TypeError('Ada said'), Object.assign(new Error('Ada said'), { code: 'ECONNRESET' }), 'Ada'];
		const lane = outbox.lane('a', { attempts: 1, maxAgeMs: 1 }, async () =>
			Promise.reject(thrown.shift() as Error)
		);
		for (const id of ['1', '2', '3']) lane.put(delivery(id));
		await until(async () => (await outbox.deadLetters()).length === 3);
		const letters = await outbox.deadLetters();
		expect(letters.map(({ reason }) => reason)).toEqual(['TypeError', 'ECONNRESET', 'unknown']);
		expect(JSON.stringify(letters)).not.toContain('Ada');
		await lane.stop();
	});

	test('has bounds: what a full lane cannot hold is a dead letter, of too many of those the oldest go', async () => {
		const outbox = await openOutbox(createMemoryStore(), movingClock(), silent, { waiting: 2, dead: 3 });
		const lane = outbox.lane('a', FOREVER, async (_, signal) => {
			await new Promise((resolve) => signal.addEventListener('abort', resolve));
			return { ok: false, reason: 'x' };
		});
		for (const id of ['1', '2', '3', '4', '5', '6', '7']) lane.put(delivery(id));
		await until(async () => (await outbox.deadLetters()).at(-1)?.eventId === '7');
		const letters = await outbox.deadLetters();
		expect(letters.map(({ eventId, reason }) => [eventId, reason])).toEqual([
			['5', 'queueFull'],
			['6', 'queueFull'],
			['7', 'queueFull']
		]);
		await lane.stop();
	});

	test('an attempt cut by the end of the Connector is none', async () => {
		const store = createMemoryStore();
		const outbox = await openOutbox(store, movingClock(), silent);
		let isTrying = false;
		const lane = outbox.lane('a', { attempts: 1, maxAgeMs: 1 }, async (_, signal) => {
			isTrying = true;
			await new Promise((resolve) => signal.addEventListener('abort', resolve));
			return { ok: false, reason: 'cut' };
		});
		lane.put(delivery('e'));
		await until(() => isTrying);
		await lane.stop();
		expect(await outbox.deadLetters()).toEqual([]);
		const again = await openOutbox(store, movingClock(), silent);
		const seen: string[] = [];
		const after = again.lane('a', FOREVER, async ({ eventId }) => (seen.push(eventId), { ok: true }));
		await until(() => seen.length === 1);
		await after.stop();
	});

	test('a replayed letter comes after what waits, with its attempts counted anew', async () => {
		const outbox = await openOutbox(createMemoryStore(), movingClock(), silent);
		const seen: string[] = [];
		let mode: Attempt = refused;
		const lane = outbox.lane('a', { attempts: 2, maxAgeMs: 60_000 }, (each, signal) => {
			seen.push(each.eventId);
			return mode(each, signal);
		});
		lane.put(delivery('1'));
		await until(async () => (await outbox.deadLetters()).length === 1);
		expect(await outbox.replay((await outbox.deadLetters())[0]!.id)).toMatchObject({ ok: true });
		await until(async () => seen.length === 4 && (await outbox.deadLetters()).length === 1);
		expect(await outbox.deadLetters()).toMatchObject([{ eventId: '1', attempts: 2 }]);
		mode = taken;
		const [letter] = await outbox.deadLetters();
		const replays = await Promise.all([outbox.replay(letter!.id), outbox.replay(letter!.id)]);
		expect(replays.filter(({ ok }) => ok)).toHaveLength(1);
		await until(() => seen.length === 5);
		await lane.stop();
	});

	test('lanes of similar names keep apart', async () => {
		const outbox = await openOutbox(createMemoryStore(), movingClock(), silent);
		const seen: string[] = [];
		const open = (name: string) =>
			outbox.lane(name, FOREVER, async ({ eventId }) => (seen.push(`${name} ${eventId}`), { ok: true }));
		const lanes = ['webhook:a', 'webhook:a%20', 'webhook:ab', 'webhook:'].map(open);
		for (const [index, lane] of lanes.entries()) lane.put(delivery(String(index)));
		await until(() => seen.length === 4);
		expect(seen.sort()).toEqual(['webhook: 3', 'webhook:a 0', 'webhook:a%20 1', 'webhook:ab 2']);
		expect(() => open('webhook:a')).toThrow();
		for (const lane of lanes) await lane.stop();
	});

	test('whatever fails and whenever the process ends: everything arrives, in order, nothing is dropped', async () => {
		const step = fc.oneof(
			{ weight: 5, arbitrary: fc.constant('put' as const) },
			{ weight: 2, arbitrary: fc.constant('down' as const) },
			{ weight: 2, arbitrary: fc.constant('up' as const) },
			{ weight: 2, arbitrary: fc.constant('crash' as const) },
			{ weight: 1, arbitrary: fc.constant('rest' as const) }
		);
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
				let disk: MemoryStore['disk'] | undefined;
				let isUp = true;
				const first: string[] = [];
				const kept: string[] = [];
				const boot = async () => {
					let isDead = false;
					// After a crash nothing of the old process reaches the disk or the target any more.
					const gate = async () => (isDead ? new Promise<void>(() => undefined) : undefined);
					const store = createMemoryStore(
						disk && { rows: structuredClone(disk.rows), secrets: new Map() },
						gate
					);
					disk = store.disk;
					const outbox = await openOutbox(store, movingClock(), silent);
					const lane = outbox.lane('a', FOREVER, async ({ eventId }) => {
						await settle(0);
						if (isDead || !isUp) return { ok: false, reason: 'down' };
						if (!first.includes(eventId)) first.push(eventId);
						return { ok: true };
					});
					return { outbox, lane, crash: () => (isDead = true) };
				};
				let process = await boot();
				let n = 0;
				for (const each of steps) {
					if (each === 'up' || each === 'down') isUp = each === 'up';
					else if (each === 'rest') await settle(0);
					else if (each === 'put') {
						const id = String(n++);
						process.lane.put(delivery(id));
						await process.outbox.written();
						kept.push(id);
					} else {
						process.crash();
						process = await boot();
					}
				}
				isUp = true;
				await until(() => first.length === kept.length);
				expect(first).toEqual(kept);
				await process.lane.stop();
			}),
			{ numRuns: 60 }
		);
	});
});

describe('the outbox in a file', () => {
	const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test('what was told in one go is one transaction, and there after reopening', async () => {
		const store = sqliteStore({ folder, dbName: 'one' });
		let writes = 0;
		const counted = {
			...store,
			write: (batch: Parameters<typeof store.write>[0]) => (writes++, store.write(batch))
		};
		const outbox = await openOutbox(counted, movingClock(), silent);
		const lane = outbox.lane('a', FOREVER, refused);
		for (let n = 0; n < 100; n++) lane.put(delivery(String(n)));
		await outbox.written();
		expect(writes).toBe(1);
		await lane.stop();
		await store.close();
		const again = sqliteStore({ folder, dbName: 'one' });
		const reopened = await openOutbox(again, movingClock(), silent);
		const seen: string[] = [];
		const after = reopened.lane('a', FOREVER, async ({ eventId }) => (seen.push(eventId), { ok: true }));
		await until(() => seen.length === 100);
		expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
		await after.stop();
		await again.close();
	});
});
