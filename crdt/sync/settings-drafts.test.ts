/** Drafts (content-behaviours.md E3.2; content-model.md §7): what somebody began to write. They have no REST routes. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Draft, Json } from '../index.ts';
import { codeOf, createTown, must, type Person, type Town } from './testing/town.ts';

const UNKNOWN = 'LCLDRF00000000000000';
const NOT_FOUND = 'error.runtime.recordNotFound';

let town: Town;
let anna: Person;
beforeEach(async () => {
	town = createTown();
	anna = await town.person();
});
afterEach(() => town.close());

const drafts = () => anna.engine.drafts;
/** Each a second later than the one before. */
async function create(content: Json, type?: string): Promise<Draft> {
	town.time.ahead += 1000;
	return must(await drafts().create({ content, ...(type !== undefined && { type }) }));
}

test('E3.2 is created with an id and its dates, without type when none is said', async () => {
	const made = await create({ subject: 'Hi', to: ['a'] }, 'mail');
	expect(made).toEqual({
		id: expect.stringMatching(/^LCLDRF[A-Za-z0-9]{14}$/),
		type: 'mail',
		content: { subject: 'Hi', to: ['a'] },
		createdAt: new Date(Date.parse(made.createdAt)).toISOString(),
		lastModifiedAt: made.createdAt
	});
	expect((await create('text')).type).toBe('');
});

test('E3.2 is got by its id; an unknown one is not there', async () => {
	const made = await create('text');
	expect(drafts().get(made.id)).toEqual(made);
	expect(drafts().get(UNKNOWN)).toBeUndefined();
});

test('E3.2 its content is updated, and the date of that; an unknown one is not found', async () => {
	const made = await create({ subject: 'Hi' }, 'mail');
	town.time.ahead += 60_000;
	const changed = must(await drafts().update(made.id, { subject: 'Hello' }));
	expect(changed).toEqual({ ...made, content: { subject: 'Hello' }, lastModifiedAt: changed.lastModifiedAt });
	expect(changed.lastModifiedAt > made.lastModifiedAt).toBe(true);
	expect(drafts().get(made.id)).toEqual(changed);
	expect(codeOf(await drafts().update(UNKNOWN, 'x'))).toBe(NOT_FOUND);
});

test('E3.2 is deleted, once', async () => {
	const [made, kept] = [await create('one'), await create('two')];
	must(await drafts().delete(made.id));
	expect([drafts().get(made.id), drafts().list()]).toEqual([undefined, [kept]]);
	expect(codeOf(await drafts().delete(made.id))).toBe(NOT_FOUND);
	expect(codeOf(await drafts().update(made.id, 'x'))).toBe(NOT_FOUND);
});

test('E3.2 all are listed, the oldest first, also after one was changed', async () => {
	const all = [await create('one'), await create('two'), await create('three')];
	must(await drafts().update(all[0]!.id, 'one again'));
	expect(
		drafts()
			.list()
			.map(({ id }) => id)
	).toEqual(all.map(({ id }) => id));
});

test.each<[string, (row: Draft, all: readonly Draft[]) => boolean, number[]]>([
	['type', ({ type }) => type === 'mail', [0, 2]],
	['date of creation', ({ createdAt }, [first]) => createdAt > first!.createdAt, [1, 2]],
	['date of the last change', ({ lastModifiedAt }, [, , third]) => lastModifiedAt > third!.lastModifiedAt, [0]]
])('E3.2 filters: what is listed says its %s', async (_, isWanted, expected) => {
	const first = await create({ subject: 'Hi' }, 'mail');
	await create('note');
	await create({ subject: 'Dear' }, 'mail');
	town.time.ahead += 60_000;
	must(await drafts().update(first.id, { subject: 'Hi again' }));
	const all = drafts().list();
	expect(all.flatMap((row, index) => (isWanted(row, all) ? [index] : []))).toEqual(expected);
});

test('E3.2 is there on another device of the identity, as it was left', async () => {
	const made = await create('on the first');
	const second = await anna.second();
	await town.settle(anna, second);
	const changed = must(await second.engine.drafts.update(made.id, 'on the second'));
	await town.settle(second, anna);
	expect(drafts().get(made.id)).toEqual(changed);
});
