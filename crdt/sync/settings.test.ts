/**
 * Settings (content-behaviours.md E3.1; content-model.md §7): one value under its id, found by key, scope and reference. They have
 * no REST routes; programs that embed the engine use them.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Setting, SettingInput } from '../api.ts';
import { codeOf, createTown, must, type Person, type Town } from './testing/town.ts';

const UNKNOWN = 'LCLSET00000000000000';
const NOT_FOUND = 'error.runtime.recordNotFound';

let town: Town;
let anna: Person;
beforeEach(async () => {
	town = createTown();
	anna = await town.person();
});
afterEach(() => town.close());

const settings = () => anna.engine.settings;
/** Each a second later than the one before. */
async function create(input: SettingInput): Promise<Setting> {
	town.time.ahead += 1000;
	return must(await settings().create(input));
}
async function relationshipOf(who: Person): Promise<string> {
	return (await town.meet(await town.person(), who)).id;
}

describe('one setting', () => {
	test('E3.1 is created with an id and a date, of the identity when nothing is said', async () => {
		const made = await create({ key: 'theme', value: { dark: true } });
		expect(made).toEqual({
			id: expect.stringMatching(/^LCLSET[A-Za-z0-9]{14}$/),
			key: 'theme',
			value: { dark: true },
			scope: 'Identity',
			createdAt: new Date(Date.parse(made.createdAt)).toISOString()
		});
	});
	test('E3.1 is got by its id; an unknown one is not there', async () => {
		const made = await create({ key: 'theme', value: 'dark' });
		expect(settings().get(made.id)).toEqual(made);
		expect(settings().get(UNKNOWN)).toBeUndefined();
	});
	test('E3.1 its value is updated, and nothing else of it; an unknown one is not found', async () => {
		const made = await create({ key: 'theme', value: 'dark', scope: 'Device', reference: 'DVC1' });
		expect(must(await settings().update(made.id, ['light']))).toEqual({ ...made, value: ['light'] });
		expect(settings().get(made.id)).toEqual({ ...made, value: ['light'] });
		expect(codeOf(await settings().update(UNKNOWN, 1))).toBe(NOT_FOUND);
	});
	test('E3.1 is deleted, once', async () => {
		const made = await create({ key: 'theme', value: 'dark' });
		const kept = await create({ key: 'language', value: 'de' });
		must(await settings().delete(made.id));
		expect([settings().get(made.id), settings().list()]).toEqual([undefined, [kept]]);
		expect(codeOf(await settings().delete(made.id))).toBe(NOT_FOUND);
		expect(codeOf(await settings().update(made.id, 'light'))).toBe(NOT_FOUND);
	});
	test('E3.1 is there on another device of the identity, and after a restart', async () => {
		const made = await create({ key: 'theme', value: 'dark' });
		const second = await anna.second();
		await town.settle(anna, second);
		expect(second.engine.settings.get(made.id)).toEqual(made);
		expect((await anna.again()).engine.settings.list()).toEqual([made]);
	});
});

describe('by key', () => {
	test('E3.1 the newest with that key; none where there is none', async () => {
		await create({ key: 'theme', value: 'dark' });
		const newest = await create({ key: 'theme', value: 'light' });
		await create({ key: 'language', value: 'de' });
		expect(settings().byKey('theme')).toEqual(newest);
		expect(settings().byKey('font')).toBeUndefined();
	});
	test('E3.1 with reference and scope: none of the others counts', async () => {
		const reference = await relationshipOf(anna);
		const plain = await create({ key: 'pin', value: 'identity' });
		const ours = await create({ key: 'pin', value: 'relationship', scope: 'Relationship', reference });
		const device = await create({ key: 'pin', value: 'device', scope: 'Device' });
		const other = await create({ key: 'pin', value: 'of another', scope: 'Device', reference: 'DVC2' });
		const found = [
			settings().byKey('pin'),
			settings().byKey('pin', { scope: 'Relationship', reference }),
			settings().byKey('pin', { scope: 'Device' }),
			settings().byKey('pin', { scope: 'Device', reference: 'DVC2' })
		];
		expect(found).toEqual([plain, ours, device, other]);
		expect(settings().byKey('pin', { scope: 'Relationship' })).toBeUndefined();
		expect(settings().byKey('pin', { reference })).toBeUndefined();
	});
});

describe('upsert', () => {
	test('E3.1 creates what is new', async () => {
		const made = must(await settings().upsertByKey({ key: 'theme', value: 'dark' }));
		expect(settings().list()).toEqual([made]);
		expect(made).toMatchObject({ key: 'theme', value: 'dark', scope: 'Identity' });
	});
	test('E3.1 changes what exists, the newest of several, under its id', async () => {
		const older = await create({ key: 'theme', value: 'dark' });
		const newest = await create({ key: 'theme', value: 'light' });
		const changed = must(await settings().upsertByKey({ key: 'theme', value: 'system' }));
		expect(changed).toEqual({ ...newest, value: 'system' });
		expect(settings().list()).toEqual([older, changed]);
	});
	test('E3.1 with reference and scope: changes that one, creates where there is none', async () => {
		const reference = await relationshipOf(anna);
		const own = { key: 'pin', scope: 'Relationship', reference } as const;
		const plain = await create({ key: 'pin', value: 1 });
		town.time.ahead += 1000;
		const made = must(await settings().upsertByKey({ ...own, value: 2 }));
		expect(settings().list()).toEqual([plain, made]);
		expect(must(await settings().upsertByKey({ ...own, value: 3 }))).toEqual({ ...made, value: 3 });
		expect(settings().list()).toEqual([plain, { ...made, value: 3 }]);
	});
	test('E3.1 a setting of a relationship needs one', async () => {
		for (const reference of [undefined, 'REL00000000000000000'])
			expect(
				codeOf(
					await settings().upsertByKey({
						key: 'pin',
						value: 1,
						scope: 'Relationship',
						...(reference !== undefined && { reference })
					})
				)
			).toBe('error.runtime.validation.invalidPropertyValue');
		expect(settings().list()).toEqual([]);
	});
});

describe('lists', () => {
	test('E3.1 every setting, the oldest first', async () => {
		const all = [
			await create({ key: 'b', value: 1 }),
			await create({ key: 'a', value: 2 }),
			await create({ key: 'c', value: 3 })
		];
		expect(settings().list()).toEqual(all);
	});
	test.each<[string, (row: Setting, all: readonly Setting[]) => boolean, number[]]>([
		['key', ({ key }) => key === 'theme', [0, 2]],
		['scope', ({ scope }) => scope === 'Device', [1, 3]],
		['reference', ({ reference }) => reference === 'DVC1', [1]],
		['no reference', ({ reference }) => reference === undefined, [0, 2, 3]],
		['date of creation', ({ createdAt }, [, second]) => createdAt > second!.createdAt, [2, 3]],
		['what it succeeds', ({ succeedsItem }, [first]) => succeedsItem === first!.id, [2]],
		['when it succeeds it', ({ succeedsAt }) => succeedsAt === '2026-01-01T00:00:00.000Z', [2]]
	])('E3.1 attribute filters: what is listed says its %s', async (_, isWanted, expected) => {
		const first = await create({ key: 'theme', value: 1 });
		await create({ key: 'font', value: 2, scope: 'Device', reference: 'DVC1' });
		await create({ key: 'theme', value: 3, succeedsItem: first.id, succeedsAt: '2026-01-01T00:00:00.000Z' });
		await create({ key: 'font', value: 4, scope: 'Device' });
		const all = settings().list();
		expect(all.flatMap((row, index) => (isWanted(row, all) ? [index] : []))).toEqual(expected);
	});
	test('E3.1 those of a relationship that is gone are in no list and under no id', async () => {
		const reference = await relationshipOf(anna);
		const kept = await create({ key: 'theme', value: 1 });
		const gone = await create({ key: 'pin', value: 2, scope: 'Relationship', reference });
		must(await anna.engine.relationships.act(reference, 'terminate'));
		expect(settings().list()).toEqual([kept, gone]);
		must(await anna.engine.relationships.act(reference, 'decompose'));
		expect(settings().list()).toEqual([kept]);
		expect(settings().get(gone.id)).toBeUndefined();
		expect(settings().byKey('pin', { scope: 'Relationship', reference })).toBeUndefined();
		expect(codeOf(await settings().update(gone.id, 3))).toBe(NOT_FOUND);
	});
});
