/** What programs keep about identities, and the operator's tags (content-behaviours.md E3.3, E3.4; content-model.md §7). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, type Reply, type Shape } from '../testing/party.ts';
import { newFolder } from '../testing/processes.ts';
import { endPeople, get, meet, people, refusal, type Person } from './testing/people.ts';

const NOBODY = 'did:e:localhost:dids:00000000000000000000ff';
const INVALID = 'error.runtime.validation.invalidPropertyValue';
const MISSING = [
	400,
	'error.runtime.identityMetadata.notFound',
	'There is no stored IdentityMetadata for the specified combination of reference and key.'
];
const displayNames = { en: 'Nickname', de: 'Spitzname' };
const tags = {
	supportedLanguages: ['en', 'de'],
	tagsForAttributeValueTypes: { GivenName: { nick: { displayNames } } }
};

let anna: Person;
let berlin: Person;
/** Of the relay, but of nobody's acquaintance. */
let stranger: Person;
let relationshipId = '';
beforeAll(async () => {
	const CONFIG_DIR = newFolder();
	mkdirSync(CONFIG_DIR, { recursive: true });
	writeFileSync(join(CONFIG_DIR, 'tags.json'), JSON.stringify(tags));
	({ anna, berlin, stranger } = await people(['anna', 'berlin', 'stranger'], { CONFIG_DIR }));
	relationshipId = await meet(berlin, anna);
}, 60_000);
afterAll(endPeople);

const path = (reference: string, key?: string) =>
	`/IdentityMetadata?reference=${encodeURIComponent(reference)}${key === undefined ? '' : `&key=${key}`}`;
const put = (body: object) => must<object>(anna.call('PUT', '/IdentityMetadata', body));
const stored = (reference: string, key?: string) => get<object>(anna, path(reference, key));
const refused = async (reply: Promise<Reply>) => {
	const { status, error } = await reply;
	return [status, error?.code, error?.message];
};

describe('kept about an identity', () => {
	test.each<[string, unknown]>([
		['a text', 'text'],
		['an object', { _a: [1, null, 'x'], b: { c: true } }],
		['a list', [1, 'two']],
		['a number', 7],
		['false', false]
	])('E3.3 upsert: %s', async (_, value) => {
		const metadata = { reference: berlin.address, value };
		expect(await put(metadata)).toEqual(metadata);
		expect(await stored(berlin.address)).toEqual(metadata);
	});

	test('E3.3 upsert: another value takes the place of the one before', async () => {
		await put({ reference: berlin.address, value: { old: 1 } });
		await put({ reference: berlin.address, value: { new: 2 } });
		expect(await stored(berlin.address)).toEqual({ reference: berlin.address, value: { new: 2 } });
	});

	test('E3.3 upsert with a key: a place of its own beside that without', async () => {
		await put({ reference: berlin.address, value: 'plain' });
		const keyed = { reference: berlin.address, key: 'crm', value: 7 };
		expect(await put(keyed)).toEqual(keyed);
		expect(await stored(berlin.address, 'crm')).toEqual(keyed);
		expect(await stored(berlin.address)).toEqual({ reference: berlin.address, value: 'plain' });
	});

	test('E3.3 upsert about the own identity', async () => {
		const metadata = { reference: anna.address, value: 'me' };
		expect(await put(metadata)).toEqual(metadata);
		expect(await stored(anna.address)).toEqual(metadata);
	});

	test('E3.3 refused: about an identity without relationship, known to the relay or not', async () => {
		for (const reference of [NOBODY, stranger.address]) {
			const body = { reference, value: 1 };
			expect(await refusal(anna.call('PUT', '/IdentityMetadata', body))).toEqual([
				400,
				'error.runtime.identityMetadata.unfamiliarReferencedIdentity'
			]);
			expect(await refused(anna.call('GET', path(reference)))).toEqual(MISSING);
		}
	});

	test('E3.3 get: missing is not found, by identity and by key', async () => {
		await put({ reference: berlin.address, value: 1 });
		for (const [reference, key] of [[NOBODY], [berlin.address, 'none'], [stranger.address, 'crm']] as const)
			expect(await refused(anna.call('GET', path(reference, key)))).toEqual(MISSING);
	});

	test('E3.3 delete: that key only', async () => {
		await put({ reference: berlin.address, value: 1 });
		await put({ reference: berlin.address, key: 'gone', value: 2 });
		await must(anna.call('DELETE', path(berlin.address, 'gone')), 204);
		expect(await refused(anna.call('GET', path(berlin.address, 'gone')))).toEqual(MISSING);
		expect(await stored(berlin.address)).toEqual({ reference: berlin.address, value: 1 });
	});

	test('E3.3 delete: missing is not found, also a second time', async () => {
		await put({ reference: berlin.address, key: 'twice', value: 2 });
		await must(anna.call('DELETE', path(berlin.address, 'twice')), 204);
		expect(await refused(anna.call('DELETE', path(berlin.address, 'twice')))).toEqual(MISSING);
		expect(await refused(anna.call('DELETE', path(NOBODY)))).toEqual(MISSING);
	});

	test.each([
		[{ value: 1 }, "must have required property 'reference'"],
		[{ reference: NOBODY }, "must have required property 'value'"],
		[{ reference: NOBODY, value: 1, more: 1 }, 'must NOT have additional properties'],
		[{ reference: NOBODY, key: 1, value: 1 }, 'key must be string']
	])('E3.3 refused: %j', async (body, message) => {
		expect(await refused(anna.call('PUT', '/IdentityMetadata', body))).toEqual([400, INVALID, message]);
	});

	test('E3.3 asked for nobody in particular is refused', async () => {
		for (const method of ['GET', 'DELETE'])
			expect(await refusal(anna.call(method, '/IdentityMetadata'))).toEqual([400, INVALID]);
	});
});

test('E3.4 the tag collection is the one the operator publishes, for everybody', async () => {
	for (const who of [anna, berlin]) expect(await get<object>(who, '/Attributes/TagCollection')).toEqual(tags);
});

test('E3.3 what is kept about a peer goes with the relationship (last: it ends it)', async () => {
	await put({ reference: berlin.address, key: 'crm', value: 1 });
	await must<Shape>(anna.call('PUT', `/Relationships/${relationshipId}/Terminate`));
	expect(await stored(berlin.address, 'crm')).toMatchObject({ value: 1 });
	await must(anna.call('DELETE', `/Relationships/${relationshipId}`), 204);
	for (const key of [undefined, 'crm'])
		expect(await refused(anna.call('GET', path(berlin.address, key)))).toEqual(MISSING);
	expect(await stored(anna.address)).toEqual({ reference: anna.address, value: 'me' });
});
