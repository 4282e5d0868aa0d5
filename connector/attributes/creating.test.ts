/** Own identity attributes made, and asked whether they may be (content-behaviours.md E1.6 – E1.8; content-model.md §1, §3.3). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must } from '../testing/party.ts';
import { newFolder } from '../testing/processes.ts';
import {
	attribute,
	create,
	endPeople,
	fresh,
	get,
	ids,
	named,
	people,
	refusal,
	succeed,
	told,
	valued,
	type Person
} from './testing/people.ts';

const INVALID = 'error.runtime.validation.invalidPropertyValue';
const DUPLICATE = 'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute';
const TAGS = 'error.consumption.attributes.invalidTags';
const displayNames = { en: 'Tag' };
const tags = {
	supportedLanguages: ['en'],
	tagsForAttributeValueTypes: {
		GivenName: { nick: { displayNames, children: { short: { displayNames } } } }
	}
};

let anna: Person;
beforeAll(async () => {
	const CONFIG_DIR = newFolder();
	mkdirSync(CONFIG_DIR, { recursive: true });
	writeFileSync(join(CONFIG_DIR, 'tags.json'), JSON.stringify(tags));
	({ anna } = await people(['anna'], { CONFIG_DIR }));
}, 60_000);
afterAll(endPeople);

const address = (changes: object = {}) => ({
	'@type': 'StreetAddress',
	recipient: 'Anna Berg',
	street: 'Main Street',
	houseNo: '1',
	zipCode: '12345',
	city: fresh('Town'),
	country: 'DE',
	...changes
});
const birth = (changes: object) => ({ value: { '@type': 'BirthDate', day: 5, month: 2, year: 1990, ...changes } });
const without = (value: object, name: string) =>
	Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));

interface Check {
	readonly isSuccess: boolean;
	readonly code?: string;
	readonly message?: string;
}
const check = (content: object) => must<Check>(anna.call('PUT', '/Attributes/CanCreate', { content }));
const all = () => ids(anna, '/Attributes');

/** What is wrong with the value itself. */
const MALFORMED: readonly [string, object][] = [
	['a number as name', { value: { '@type': 'GivenName', value: 7 } }],
	['a year that is a text', birth({ year: '1990' })],
	['a missing year', { value: without(birth({}).value, 'year') }],
	['month 14', birth({ month: 14 })],
	['a property too many', { value: { '@type': 'GivenName', value: 'Anna', more: 1 } }],
	['an unknown @type', { value: { '@type': 'Nothing', value: 'Anna' } }],
	['no @type', { value: { value: 'Anna' } }],
	['the @type of a relationship value', { value: { '@type': 'ProprietaryString', title: 't', value: 'Anna' } }],
	['the @type of a part of a value', { value: { '@type': 'City', value: 'Berlin' } }],
	['no value', { value: { '@type': 'GivenName' } }],
	['a day no calendar has', birth({ day: 31 })],
	['a value outside its list', { value: { '@type': 'Sex', value: 'robot' } }]
];
/** Tags that mean nothing for a given name. */
const SENSELESS: readonly [string, string][] = [
	['no prefix at all', 'short'],
	['a language nobody speaks', 'language:xx'],
	['a malformed mimetype', 'mimetype:text'],
	['an unpublished tag', 'bkb:other'],
	['a published tag that has others below', 'bkb:nick']
];
const SENSIBLE = ['x:own', 'X:own', 'urn:example:own', 'language:de', 'mimetype:text/plain', 'bkb:nick:short'];

describe('may it be created', () => {
	test.each(MALFORMED)('E1.6 not ok: %s', async (_, content) => {
		const before = await all();
		expect(await check(content)).toMatchObject({ isSuccess: false, code: INVALID, message: expect.any(String) });
		expect(await all()).toEqual(before);
	});

	test('E1.7 ok, and asking changes nothing', async () => {
		const before = await all();
		expect(await check(named())).toEqual({ isSuccess: true });
		expect(await all()).toEqual(before);
	});
	test('E1.7 not ok: what is there already', async () => {
		const content = named();
		await create(anna, content);
		expect(await check(content)).toMatchObject({ isSuccess: false, code: DUPLICATE });
	});
	test('E1.7 not ok: what is there already once it is trimmed', async () => {
		const text = fresh();
		await create(anna, named(text));
		expect(await check(named(`  ${text} \t`))).toMatchObject({ isSuccess: false, code: DUPLICATE });
	});
	test('E1.7 not ok: what is there already with other tags', async () => {
		const text = fresh();
		await create(anna, named(text, ['x:one']));
		expect(await check(named(text, ['x:two']))).toMatchObject({ isSuccess: false, code: DUPLICATE });
	});
	test('E1.7 ok: the same tags with another value', async () => {
		await create(anna, named(fresh(), ['x:one']));
		expect(await check(named(fresh(), ['x:one']))).toEqual({ isSuccess: true });
	});
	test('E1.7 ok: the value of a superseded attribute', async () => {
		const content = named();
		await succeed(anna, (await create(anna, content)).id);
		expect(await check(content)).toEqual({ isSuccess: true });
	});
	test('E1.7 ok: what is there already but for an optional property', async () => {
		const full = address({ state: 'Berlin' });
		await create(anna, { value: full });
		expect(await check({ value: full })).toMatchObject({ isSuccess: false, code: DUPLICATE });
		expect(await check({ value: without(full, 'state') })).toEqual({ isSuccess: true });
	});
	test.each(SENSELESS)('E1.7 not ok: %s', async (_, tag) => {
		expect(await check(named(fresh(), [tag]))).toMatchObject({ isSuccess: false, code: TAGS });
	});
	test.each(SENSIBLE)('E1.7 ok: the tag %s', async (tag) => {
		expect(await check(named(fresh(), [tag]))).toEqual({ isSuccess: true });
	});
	test('E1.7 a malformed question is refused, not answered', async () => {
		for (const body of [{}, { content: named().value }, { content: { ...named(), more: 1 } }, { content: 7 }])
			expect(await refusal(anna.call('PUT', '/Attributes/CanCreate', body))).toEqual([400, INVALID]);
	});
});

describe('creating', () => {
	const refused = async (content: object) => {
		const before = await all();
		const answer = await refusal(anna.call('POST', '/Attributes', { content }));
		expect(await all()).toEqual(before);
		return answer;
	};

	test.each(MALFORMED)('E1.8 refused: %s', async (_, content) => {
		expect(await refused(content)).toEqual([400, INVALID]);
	});

	test('E1.8 what was created is answered, shown and told, without default', async () => {
		const made = await create(anna, named('Anna', ['x:short']));
		expect(made).toEqual({
			'@type': 'OwnIdentityAttribute',
			id: expect.stringMatching(/^ATT[A-Za-z0-9]{17}$/),
			createdAt: expect.any(String),
			content: { '@type': 'IdentityAttribute', owner: anna.address, ...named('Anna', ['x:short']) },
			numberOfForwards: 0
		});
		expect(await attribute(anna, made.id)).toEqual(made);
		expect(await told(anna, 'attributeCreated', made.id)).toEqual([made]);
	});
	test('E1.8 a value of several parts', async () => {
		const value = address();
		expect((await create(anna, { value })).content.value).toEqual(value);
	});
	test('E1.8 texts are trimmed, every one of a value', async () => {
		expect((await create(anna, named(' \t Trim Me\n'))).content.value).toEqual(named('Trim Me').value);
		const value = address();
		const padded = { ...value, street: `  ${value.street} `, city: `${value.city}\t` };
		expect((await create(anna, { value: padded })).content.value).toEqual(value);
	});
	test('E1.8 refused: what is there already', async () => {
		const content = named();
		await create(anna, content);
		expect(await refused(content)).toEqual([400, DUPLICATE]);
	});
	test('E1.8 refused: what is there already once it is trimmed', async () => {
		const text = fresh();
		await create(anna, named(text));
		expect(await refused(named(` ${text} `))).toEqual([400, DUPLICATE]);
	});
	test('E1.8 refused: what is there already with other tags', async () => {
		const text = fresh();
		await create(anna, named(text, ['x:one']));
		expect(await refused(named(text, ['x:two']))).toEqual([400, DUPLICATE]);
	});
	test('E1.8 allowed: the same tags with another value', async () => {
		await create(anna, named(fresh(), ['x:one']));
		expect((await create(anna, named(fresh(), ['x:one']))).content['tags']).toEqual(['x:one']);
	});
	test('E1.8 allowed: the value of a superseded attribute', async () => {
		const content = named();
		const old = await create(anna, content);
		const { successor } = await succeed(anna, old.id);
		const again = await create(anna, content);
		expect(again.id).not.toBe(old.id);
		expect(again).not.toHaveProperty('succeeds');
		const versions = await get(anna, `/Attributes/${old.id}/Versions`);
		expect(versions.map(({ id }) => id)).toEqual([successor.id, old.id]);
	});
	test('E1.8 allowed: what is there already but for an optional property', async () => {
		const full = address({ state: 'Berlin' });
		await create(anna, { value: full });
		const value = without(full, 'state');
		expect((await create(anna, { value })).content.value).toEqual(value);
	});
	test.each(SENSELESS)('E1.8 refused: %s', async (_, tag) => {
		expect(await refused(named(fresh(), [tag]))).toEqual([400, TAGS]);
	});
	test.each(SENSIBLE)('E1.8 allowed: the tag %s', async (tag) => {
		expect((await create(anna, named(fresh(), [tag]))).content['tags']).toEqual([tag]);
	});
	test('E1.8 refused: characters no attribute may hold, though the question whether it may be says ok', async () => {
		const content = named('A\u0007');
		expect(await refused(content)).toEqual([400, 'error.consumption.attributes.forbiddenCharactersInAttribute']);
		expect(await check(content)).toEqual({ isSuccess: true });
	});
	test('E1.8 refused: an owner, a type or dates given by the caller', async () => {
		for (const more of [{ owner: anna.address }, { '@type': 'IdentityAttribute' }, { validFrom: '2020-01-01' }])
			expect(await refused({ ...named(), ...more })).toEqual([400, INVALID]);
	});
	test('E1.8 no attribute of a Connector is a default, the first of its value type neither', async () => {
		expect(await create(anna, valued('Surname', 'Berg'))).not.toHaveProperty('isDefault');
		expect(await ids(anna, '/Attributes?isDefault=true')).toEqual([]);
	});
});
