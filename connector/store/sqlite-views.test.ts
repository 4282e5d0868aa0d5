import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryViews, type MessageRow } from '../../crdt/index.ts';
import { viewsSuite } from '../../crdt/testing/views-suite.ts';
import { sqliteViews } from './sqlite-views.ts';
import { StoreInUse } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'connector-views-'));
let count = 0;
const newFile = () => join(root, `v${count++}.db`);
/** Each run makes a file. */
const RUNS = 60;
afterAll(() => rmSync(root, { recursive: true, force: true }));

viewsSuite(
	'SQLite, all in the layer',
	() => {
		const views = sqliteViews(newFile(), 'test');
		return { views: () => views, turn: () => undefined, close: views.close };
	},
	RUNS
);
viewsSuite(
	'SQLite, committed in between',
	() => {
		const views = sqliteViews(newFile(), 'test');
		return { views: () => views, turn: views.commit, close: views.close };
	},
	RUNS
);
viewsSuite(
	'a layer on SQLite',
	() => {
		const views = sqliteViews(newFile(), 'test', { probe: 3, page: 2 });
		let layer = memoryViews(views);
		const turn = () => {
			// What waits on top becomes what the log says.
			for (const { table, id, row, place } of layer.changes()) {
				if (!row || views.place(table, id) !== place) views.delete(table, id);
				if (row) views.put(table, row);
			}
			views.commit();
			layer = memoryViews(views);
		};
		return { views: () => layer, turn, close: views.close };
	},
	RUNS
);
viewsSuite(
	'SQLite, where every condition fits many',
	() => {
		const views = sqliteViews(newFile(), 'test', { probe: 1, page: 2 });
		return { views: () => views, turn: views.commit, close: views.close };
	},
	RUNS
);

const message = (id: string): MessageRow => ({
	id,
	isOwn: false,
	content: { '@type': 'Mail' },
	createdBy: 'did:a',
	createdByDevice: 'DVC1',
	recipients: [{ address: 'did:me' }],
	createdAt: '2026-01-01T00:00:00.000Z',
	attachments: []
});

describe('views in a file', () => {
	test('what was committed is there after reopening, what was not is gone; only its owner can read the file', () => {
		const file = newFile();
		const first = sqliteViews(file, 'test');
		first.put('messages', message('MSG1'));
		first.put('waiting', { id: '7', day: 1, alias: 'aa', bytes: new Uint8Array([1, 2]) });
		first.commit();
		first.put('messages', message('MSG2'));
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
		first.close();
		const second = sqliteViews(file, 'test');
		expect(second.list('messages')).toEqual([message('MSG1')]);
		expect(second.get('waiting', '7')?.bytes).toEqual(new Uint8Array([1, 2]));
		second.close();
	});

	test('rows of other code, or a file that is none, are dropped; a file in use is not touched', () => {
		const file = newFile();
		const first = sqliteViews(file, 'one');
		first.put('messages', message('MSG1'));
		first.commit();
		expect(() => sqliteViews(file, 'two')).toThrow(StoreInUse);
		first.close();
		const same = sqliteViews(file, 'one');
		expect(same.list('messages')).toHaveLength(1);
		same.close();
		const other = sqliteViews(file, 'two');
		expect(other.list('messages')).toEqual([]);
		other.put('messages', message('MSG1'));
		other.commit();
		other.reset();
		expect(other.list('messages')).toEqual([]);
		other.close();
		writeFileSync(file, 'this is no database at all, and long enough to be read as one'.repeat(100));
		const anew = sqliteViews(file, 'two');
		expect(anew.list('messages')).toEqual([]);
		anew.close();
	});

	test('a file that turns out damaged is made anew at the next start', () => {
		const file = newFile();
		const first = sqliteViews(file, 'test');
		for (let n = 0; n < 2000; n++) first.put('messages', message(`MSG${n}`));
		first.commit();
		first.close();
		const whole = readFileSync(file);
		const half = whole.length >> 1;
		writeFileSync(file, Buffer.concat([whole.subarray(0, half), Buffer.alloc(whole.length - half, 0x5a)]));
		const damaged = sqliteViews(file, 'test');
		expect(() => damaged.list('messages')).toThrow('malformed');
		expect(() => damaged.commit()).toThrow('malformed');
		damaged.close();
		const anew = sqliteViews(file, 'test');
		expect(anew.list('messages')).toEqual([]);
		anew.close();
	});

	test('after a read that failed nothing is kept', () => {
		const views = sqliteViews(newFile(), 'test');
		views.put('messages', message('MSG1'));
		views.commit();
		views.close();
		expect(() => views.get('messages', 'MSG1')).toThrow();
		expect(() => views.commit()).toThrow();
	});
});
