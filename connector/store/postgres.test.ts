/** Against the PostgreSQL at POSTGRES_URL, or on this machine; each place is a database of its own, dropped at the end. */
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endAll, newFolder, startConnector, startRelay } from '../testing/processes.ts';
import type { Party } from '../testing/party.ts';
import { peekPostgres, postgresStore } from './postgres.ts';
import { StoreInUse } from './sqlite.ts';
import { storeSuite } from './suite.ts';

const SERVER = process.env['POSTGRES_URL'] ?? 'postgres://postgres@localhost:5432';

async function onServer<T>(work: (client: pg.Client) => Promise<T>, database = 'postgres'): Promise<T> {
	const url = new URL(SERVER);
	url.pathname = `/${database}`;
	const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 2000 });
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

const isThere = await onServer(async () => true).catch(() => false);
const run = randomBytes(6).toString('hex');
let count = 0;
const newPlace = () => `enmeshed_test_${run}_${count++}`;
const open = (place: string) => postgresStore(SERVER, place);
/** The server notices a moment later that a killed process is gone. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
	for (let tries = 0; ; tries++)
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof Error && error.message.includes('used by another process')) || tries > 100)
				throw error;
			await setTimeout(50);
		}
}
const dropAll = () =>
	onServer(async (client) => {
		for (let i = 0; i < count; i++)
			await client.query(`DROP DATABASE IF EXISTS enmeshed_test_${run}_${i} WITH (FORCE)`);
	});

if (!isThere) {
	test.skip(`the store on PostgreSQL: none answers at ${new URL(SERVER).host}`, () => undefined);
} else {
	// Places of the suite are schemas of one database: making and dropping databases takes long.
	const shared = newPlace();
	let schemas = 0;
	beforeAll(() => onServer((client) => client.query(`CREATE DATABASE ${shared}`)));
	storeSuite(
		'PostgreSQL',
		() => `s${schemas++}`,
		async (schema) => {
			await onServer((client) => client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`), shared);
			return postgresStore(`${SERVER}/${shared}?options=-csearch_path%3D${schema}`, shared);
		},
		() => undefined
	);

	describe('a Connector on PostgreSQL', () => {
		afterAll(endAll);

		test('comes back after SIGKILL with everything it had, also on another machine; two at once there are not', async () => {
			const relay = await startRelay();
			const env = { database__connectionString: SERVER, database__dbName: newPlace() };
			const first = await startConnector(relay.url, env);
			const content = { value: { '@type': 'GivenName', value: 'Anna' } };
			expect((await first.call('POST', '/Attributes', { content })).status).toBe(201);
			const ids = async (connector: Party) =>
				(await connector.call<{ id: string }[]>('GET', '/Attributes')).result?.map(({ id }) => id);
			const known = await ids(first);
			expect(known).toHaveLength(1);
			await expect(startConnector(relay.url, env)).rejects.toThrow('used by another process');
			const ended = first.ended;
			first.child.kill('SIGKILL');
			await ended;
			for (const folder of [first.folder, newFolder()]) {
				const again = await retried(() => startConnector(relay.url, env, folder));
				expect(await ids(again)).toEqual(known);
				again.child.kill('SIGTERM');
				expect((await again.ended).code).toBe(0);
			}
		}, 60_000);
	});

	describe('the PostgreSQL store', () => {
		afterAll(dropAll, 60_000);

		test('belongs to one process at a time; a look at one value is still possible', async () => {
			const place = newPlace();
			const store = await open(place);
			await store.write([{ table: 't', key: 'k', value: new Uint8Array([5]) }]);
			await expect(open(place)).rejects.toThrow(StoreInUse);
			expect(await peekPostgres(SERVER, place, 't', 'k')).toEqual(new Uint8Array([5]));
			expect(store.isHealthy()).toBe(true);
			await store.close();
			await (await open(place)).close();
		});

		test('the database a connection string names counts more than the name in the settings', async () => {
			const place = newPlace();
			const url = new URL(SERVER);
			url.pathname = `/${place}`;
			const store = await postgresStore(url.href, 'another');
			await store.write([{ table: 't', key: 'k', value: new Uint8Array([7]) }]);
			expect(await peekPostgres(SERVER, place, 't', 'k')).toEqual(new Uint8Array([7]));
			await store.close();
		});

		test('with its connection it loses its lock: it is broken, says so, and writes nothing more', async () => {
			const place = newPlace();
			let heard: unknown;
			const store = await postgresStore(SERVER, place, (error) => (heard = error));
			await store.write([{ table: 't', key: 'k', value: new Uint8Array([1]) }]);
			await onServer((client) =>
				client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [place])
			);
			await expect.poll(() => store.isHealthy(), { timeout: 5000 }).toBe(false);
			expect(heard).toBeInstanceOf(Error);
			await expect(store.write([{ table: 't', key: 'k', value: new Uint8Array([2]) }])).rejects.toThrow('lost');
			await store.close();
			const again = await open(place);
			expect(await again.get('t', 'k')).toEqual(new Uint8Array([1]));
			await again.close();
		});

		test('what was acknowledged survives SIGKILL, and the lock dies with the process', async () => {
			const place = newPlace();
			const program = `
				import { postgresStore } from ${JSON.stringify(join(import.meta.dirname, 'postgres.ts'))};
				const store = await postgresStore(${JSON.stringify(SERVER)}, ${JSON.stringify(place)});
				for (let n = 0; ; n++) {
					await store.write([{ table: 't', key: String(n).padStart(8, '0'), value: new Uint8Array(64) }, { table: 'last', key: 'n', value: Buffer.from(String(n)) }]);
					process.stdout.write(n + '\\n');
				}`;
			const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
				stdio: ['ignore', 'pipe', 'inherit']
			});
			let output = '';
			child.stdout.on('data', (chunk: Buffer) => {
				output += chunk.toString();
				if (output.split('\n').length > 40) child.kill('SIGKILL');
			});
			await once(child, 'close');
			const acknowledged = Number(output.trimEnd().split('\n').at(-1));
			const store = await retried(() => open(place));
			const rows = await store.range('t');
			expect(rows.length).toBeGreaterThan(acknowledged);
			expect(Number(Buffer.from((await store.get('last', 'n')) ?? []).toString())).toBe(rows.length - 1);
			await store.close();
		});
	});
}
