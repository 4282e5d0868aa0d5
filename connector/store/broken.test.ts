/** A database that fails while a Connector works on it: it is told once, and the process accepts nothing more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { must } from '../testing/party.ts';
import { endAll, startConnector, startRelay } from '../testing/processes.ts';
import { openStore } from './open.ts';

const root = mkdtempSync(join(tmpdir(), 'connector-broken-'));
afterAll(async () => {
	await endAll();
	rmSync(root, { recursive: true, force: true });
});

/** Takes away what the next write needs, as a disk does that loses its blocks. */
function breakFile(path: string): void {
	const database = new DatabaseSync(path, { timeout: 5000 });
	database.exec('DROP TABLE kv');
	database.close();
}

test('a write that fails is told and thrown', async () => {
	const told: unknown[] = [];
	const opened = await openStore({ folder: root, dbName: 'one' }, (error) => told.push(error));
	if (!opened.ok) throw new Error(opened.error.message);
	const store = opened.value;
	const value = new Uint8Array([1]);
	await store.write([{ table: 't', key: 'k', value }]);
	expect(told).toEqual([]);
	breakFile(join(root, 'one.db'));
	await expect(store.write([{ table: 't', key: 'k', value }])).rejects.toThrow('no such table');
	expect(told).toHaveLength(1);
	await store.close();
});

test('a Connector whose database fails refuses, says so in its log, and ends with 1', { timeout: 60_000 }, async () => {
	const relay = await startRelay();
	const connector = await startConnector(relay.url);
	const create = (value: string) =>
		connector.call('POST', '/Attributes', { content: { value: { '@type': 'GivenName', value } } });
	await must(create('Anna'), 201);
	breakFile(join(connector.folder, 'default.db'));
	const refused = await create('Berta').catch(() => undefined);
	expect(refused?.status ?? 500).toBe(500);
	expect((await connector.ended).code).toBe(1);
	expect(connector.output()).toContain('the database failed');
	expect(connector.output()).not.toContain('Berta');
});
