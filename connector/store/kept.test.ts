/** An engine whose rows stay in a file: it goes on where the fold stood, also when it was killed in the middle of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestRelay } from '../../backbone-relay/testing/relay.ts';
import {
	createIdentity,
	KEYS,
	memoryViews,
	openEngine,
	RelayUnreachable,
	type Engine,
	type EnginePorts,
	type KeptViews,
	type Relay,
	type Result,
	type Store,
	type TableName,
	type Views
} from '../../crdt/index.ts';
import { createMemoryStore, type MemoryStore } from '../../crdt/sim/memory-store.ts';
import { sqliteViews } from './sqlite-views.ts';
import { sqliteStore } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'connector-kept-'));
const folder = join(root, 'store');
const file = join(folder, 'default.views.db');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const clock = { now: () => Date.now(), sleep: async () => undefined };
const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const nowhere: Relay = {
	url: 'http://localhost:1',
	async connect() {
		throw new RelayUnreachable();
	}
};
const must = <T>(result: Result<T>): T => {
	if (!result.ok) throw new Error(result.error.message);
	return result.value;
};

/** Enough for several pages of log. */
const ROUNDS = 260;

/** Tables a fold fills; what it keeps about itself differs by nature. */
const TABLES = [
	...(Object.keys(KEYS) as TableName[]),
	'templateKeys' as const,
	'attention' as const,
	'waiting' as const,
	'slots' as const
].filter((table) => table !== 'updates');
const rowsOf = (views: Views) => Object.fromEntries(TABLES.map((table) => [table, views.list(table)]));

/** An identity with a contact, messages, attributes and documents, several pages of log; its store is closed again. */
async function makeHistory(): Promise<void> {
	const relay = createTestRelay({ clock: { now: () => Date.now() } });
	const port = (name: string): Relay => ({
		url: 'http://localhost:1',
		async connect() {
			const line = relay.relay.connect({ source: name });
			return {
				challenge: line.challenge,
				exchange: (frame) => line.handle(frame),
				onPush: (listener) => line.onPush(listener),
				onClose: (listener) => line.onClose(listener),
				close: () => line.close()
			};
		}
	});
	const open = async (name: string, ports: Pick<EnginePorts, 'store'>): Promise<Engine> =>
		must(
			await createIdentity(
				{ clock, random, relay: port(name), ...ports },
				{ addressHost: 'localhost', deviceName: name }
			)
		);
	const store = createMemoryStore();
	const anna = await open('anna', { store });
	const ben = await open('ben', { store: createMemoryStore() });
	const template = must(
		await anna.templates.create({
			content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 },
			expiresAt: '2099-01-01T00:00:00.000Z'
		})
	);
	const loaded = must(await ben.templates.load(template.reference.url));
	const creationContent = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
	must(await ben.relationships.create({ templateId: loaded.id, creationContent }));
	must(await anna.account.sync());
	must(await anna.relationships.act(anna.relationships.list()[0]!.id, 'accept'));
	must(await ben.account.sync());
	const [me, peer] = [anna.account.identityInfo().address, ben.account.identityInfo().address];
	const content = (n: number) => ({ '@type': 'ArbitraryMessageContent', value: n });
	for (let n = 0; n < ROUNDS; n++) {
		must(await anna.attributes.create({ value: { '@type': 'GivenName', value: `Anna ${n}` } }));
		must(await anna.messages.send({ recipients: [peer], content: content(n) }));
		must(await anna.documents.write('drafts', `draft/${n % 7}`, n));
		if (n % 10 === 0) must(await ben.messages.send({ recipients: [me], content: content(n) }));
		must(await anna.account.sync());
	}
	await anna.close();
	await ben.close();
	await copyTo(sqliteStore({ folder, dbName: 'default' }), store);
}

/** A disk as it is, onto another one. */
async function copyTo(store: Store, { disk }: MemoryStore): Promise<void> {
	const rows = [...disk.rows].flatMap(([table, each]) => [...each].map(([key, value]) => ({ table, key, value })));
	await store.write([...rows, ...[...disk.secrets].map(([secret, value]) => ({ secret, value }))]);
	await store.close();
}

async function openWith(views: KeptViews | Views, look: (engine: Engine) => void = () => undefined): Promise<string[]> {
	const store = sqliteStore({ folder, dbName: 'default' });
	const read: string[] = [];
	const watched = {
		...store,
		range: (table: string, from?: string, to?: string, limit?: number) => {
			if (table === 'log') read.push(from ?? '');
			return store.range(table, from, to, limit);
		}
	};
	const engine = must(await openEngine({ clock, random, store: watched, relay: nowhere, views }));
	look(engine);
	await engine.close();
	return read;
}

describe('an engine whose rows stay', () => {
	let wanted: ReturnType<typeof rowsOf>;
	let drafts: unknown;
	let pages: string[];

	beforeAll(async () => {
		await makeHistory();
		const views = memoryViews();
		pages = await openWith(views, (engine) => (drafts = engine.documents.fields('drafts')));
		wanted = rowsOf(views);
	}, 60_000);

	test('folds once, and goes on from there: rows and documents are those of a whole fold', async () => {
		expect(pages.length).toBeGreaterThan(2);
		expect(wanted['messages']!.length).toBeGreaterThan(ROUNDS);
		for (const isFirst of [true, false, false]) {
			const views = sqliteViews(file, 'test');
			let shown: unknown;
			const read = await openWith(views, (engine) => (shown = engine.documents.fields('drafts')));
			expect(read.length).toBe(isFirst ? pages.length : 1);
			expect(rowsOf(views)).toEqual(wanted);
			expect(shown).toEqual(drafts);
			views.close();
		}
	});

	test('rows that do not fit the log are dropped and folded again', async () => {
		for (const change of [
			{ cursor: 1_000_000 },
			{ root: new Uint8Array(32) },
			{ identityTag: new Uint8Array(32) }
		]) {
			const views = sqliteViews(file, 'test');
			views.put('fold', { ...views.get('fold', 'fold')!, ...change });
			views.put('attributes', { ...views.list('attributes')[0]!, createdAt: 'not of the log' });
			views.commit();
			expect((await openWith(views)).length).toBe(pages.length);
			expect(rowsOf(views)).toEqual(wanted);
			views.close();
		}
	});

	test('a row that was lost is noticed by this test: it compares what it says it compares', async () => {
		const views = sqliteViews(file, 'test');
		const lost = views.list('messages')[3]!;
		views.delete('messages', lost.id);
		views.commit();
		await openWith(views);
		expect(rowsOf(views)).not.toEqual(wanted);
		views.reset();
		views.close();
	});

	test('killed in the middle of the fold, it goes on and ends with the same rows', async () => {
		const program = `
			import { openEngine } from ${JSON.stringify(join(import.meta.dirname, '../../crdt/index.ts'))};
			import { sqliteViews } from ${JSON.stringify(join(import.meta.dirname, 'sqlite-views.ts'))};
			import { sqliteStore } from ${JSON.stringify(join(import.meta.dirname, 'sqlite.ts'))};
			const views = sqliteViews(${JSON.stringify(file)}, 'test');
			const store = sqliteStore(${JSON.stringify({ folder, dbName: 'default' })});
			process.stdout.write('folding');
			await openEngine({
				clock: { now: () => Date.now(), sleep: async () => undefined },
				random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
				relay: { url: 'http://localhost:1', connect: () => new Promise(() => undefined) },
				store,
				views: { ...views, commit() { views.commit(); process.stdout.write('.'); } }
			});
			process.stdout.write('done');
			setInterval(() => undefined, 1000);`;
		let between = 0;
		for (let round = 0; round < 6; round++) {
			const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
				stdio: ['ignore', 'pipe', 'inherit']
			});
			let output = '';
			const commits = 1 + (round % (pages.length - 1));
			child.stdout.on('data', (chunk: Buffer) => {
				output += chunk.toString();
				if (output.split('.').length > commits || output.includes('done'))
					void setTimeout(round % 3).then(() => child.kill('SIGKILL'));
			});
			await once(child, 'close');
			const views = sqliteViews(file, 'test');
			const stood = views.get('fold', 'fold')?.cursor ?? 0;
			const read = await openWith(views);
			if (stood > 0 && read.length > 1) between++;
			expect(rowsOf(views)).toEqual(wanted);
			views.reset();
			views.close();
		}
		expect(between).toBeGreaterThan(0);
	}, 60_000);
});
