import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { peek, sqliteStore, StoreInUse } from './sqlite.ts';
import { storeSuite } from './suite.ts';

const root = mkdtempSync(join(tmpdir(), 'connector-store-'));
let count = 0;
const newPlace = () => join(root, `s${count++}`);
const open = (folder: string) => sqliteStore({ folder, dbName: 'default' });
const cleanUp = () => rmSync(root, { recursive: true, force: true });

storeSuite('sqlite', newPlace, open, () => undefined);

describe('the SQLite store', () => {
	afterAll(cleanUp);

	test('is FULL on every open, and only its owner can read it', async () => {
		const folder = newPlace();
		for (let times = 0; times < 3; times++) {
			const store = open(folder);
			expect(store.synchronous).toBe(2);
			await store.write([{ table: 't', key: 'k', value: new Uint8Array(1) }]);
			expect(statSync(join(folder, 'default.db')).mode & 0o777).toBe(0o600);
			expect(statSync(join(folder, 'default.db-wal')).mode & 0o777).toBe(0o600);
			expect(statSync(folder).mode & 0o777).toBe(0o700);
			await store.close();
		}
	});

	test('belongs to one process at a time; a look at one value is still possible', async () => {
		const folder = newPlace();
		const store = open(folder);
		await store.write([{ table: 't', key: 'k', value: new Uint8Array([5]) }]);
		expect(() => open(folder)).toThrow(StoreInUse);
		expect(peek({ folder, dbName: 'default' }, 't', 'k')).toEqual(new Uint8Array([5]));
		await store.close();
		await open(folder).close();
	});

	test('what was acknowledged survives SIGKILL, and the lock dies with the process', async () => {
		const folder = newPlace();
		const program = `
			import { sqliteStore } from ${JSON.stringify(join(import.meta.dirname, 'sqlite.ts'))};
			const store = sqliteStore({ folder: ${JSON.stringify(folder)}, dbName: 'default' });
			for (let n = 0; ; n++) {
				await store.write([{ table: 't', key: String(n).padStart(8, '0'), value: new Uint8Array(64) }, { table: 'last', key: 'n', value: Buffer.from(String(n)) }]);
				process.stdout.write(n + '\\n');
				await new Promise(setImmediate);
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
		const store = open(folder);
		const rows = await store.range('t');
		expect(rows.length).toBeGreaterThan(acknowledged);
		expect(Number(Buffer.from((await store.get('last', 'n')) ?? []).toString())).toBe(rows.length - 1);
		await store.close();
	});
});
