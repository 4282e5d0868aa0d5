/** Versions of an attribute, and which of them one peer has (content-behaviours.md E1.15; content-model.md §3.2, §3.3). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	create,
	endPeople,
	get,
	given,
	ids,
	live,
	readFrom,
	refusal,
	remove,
	forgotten,
	renew,
	share,
	succeed,
	tell,
	threePeople,
	type Person
} from './testing/people.ts';

const NOBODY = 'did:e:localhost:dids:00000000000000000000ff';
const UNKNOWN = 'ATT00000000000000009';
const NOT_FOUND = [404, 'error.runtime.recordNotFound'];
const INVALID = [400, 'error.runtime.validation.invalidPropertyValue'];

let anna: Person;
let berlin: Person;
let carl: Person;
/** Anna's name: three versions, of which Berlin has the first two and Carl the first. */
const name = ['', '', ''] as [string, string, string];
/** Anna's card with Berlin: two versions, of which Carl has both from Anna. */
const card = ['', ''] as [string, string];

beforeAll(async () => {
	({ anna, berlin, carl } = await threePeople());
	name[0] = await given(anna, berlin);
	await share(anna, carl, name[0]);
	name[1] = await tell(anna, berlin, name[0]);
	name[2] = (await succeed(anna, name[1])).successor.id;
	card[0] = await live(anna, berlin);
	await readFrom(carl, anna, card[0]);
	card[1] = await renew(anna, berlin, card[0]);
	await readFrom(carl, anna, card[1]);
}, 120_000);
afterAll(endPeople);

const newest = (all: readonly string[]) => [...all].reverse();
const versions = (who: Person, id: string) => ids(who, `/Attributes/${id}/Versions`);

describe('the whole chain, newest first, from whichever of its members', () => {
	test.each([0, 1, 2])('E1.15 versions of an own identity attribute, from version %i', async (n) => {
		expect(await versions(anna, name[n]!)).toEqual(newest(name));
	});
	test.each([0, 1])('E1.15 versions of a peer’s identity attribute, from version %i', async (n) => {
		expect(await versions(berlin, name[n]!)).toEqual([name[1], name[0]]);
	});
	test.each([0, 1])('E1.15 versions of an own relationship attribute, from version %i', async (n) => {
		expect(await versions(anna, card[n]!)).toEqual(newest(card));
	});
	test.each([0, 1])('E1.15 versions of a peer’s relationship attribute, from version %i', async (n) => {
		expect(await versions(berlin, card[n]!)).toEqual(newest(card));
	});
	test.each([0, 1])('E1.15 versions of a third party’s relationship attribute, from version %i', async (n) => {
		expect(await versions(carl, card[n]!)).toEqual(newest(card));
	});
	test('E1.15 of one that was never succeeded: itself', async () => {
		const { id } = await create(anna);
		expect(await versions(anna, id)).toEqual([id]);
	});
	test('E1.15 of an unknown id: not found; of a malformed one: refused', async () => {
		expect(await refusal(anna.call('GET', `/Attributes/${UNKNOWN}/Versions`))).toEqual(NOT_FOUND);
		expect(await refusal(anna.call('GET', '/Attributes/x/Versions'))).toEqual(INVALID);
	});
});

describe('what one peer has of it', () => {
	const path = (id: string, peer: string, more = '') => `/Attributes/${id}/Versions/Shared?peer=${peer}${more}`;
	const latest = (who: Person, id: string, { address }: { address: string }) => ids(who, path(id, address));
	const all = (who: Person, id: string, { address }: { address: string }) =>
		ids(who, path(id, address, '&onlyLatestVersions=false'));

	test('E1.15 shared with a peer: the latest, from whichever version', async () => {
		for (const id of name) expect(await latest(anna, id, berlin)).toEqual([name[1]]);
		expect(await latest(anna, name[2], carl)).toEqual([name[0]]);
	});
	test('E1.15 shared with a peer: all, newest first', async () => {
		for (const id of name) expect(await all(anna, id, berlin)).toEqual([name[1], name[0]]);
		expect(await all(anna, name[2], carl)).toEqual([name[0]]);
	});
	test('E1.15 of a relationship attribute shared with a third party: latest and all', async () => {
		expect(await latest(anna, card[0], carl)).toEqual([card[1]]);
		expect(await all(anna, card[0], carl)).toEqual(newest(card));
	});
	test('E1.15 of a peer’s relationship attribute shared with a third party: latest and all', async () => {
		expect(await latest(berlin, card[0], carl)).toEqual([]);
		const id = await live(anna, berlin);
		await readFrom(carl, berlin, id);
		const next = await renew(anna, berlin, id);
		expect(await latest(berlin, next, carl)).toEqual([id]);
		await readFrom(carl, berlin, next);
		expect([await latest(berlin, id, carl), await all(berlin, id, carl)]).toEqual([[next], [next, id]]);
	});
	test('E1.15 the peer a relationship attribute lives with was not forwarded it', async () => {
		expect(await all(anna, card[0], berlin)).toEqual([]);
	});
	test('E1.15 shared with nobody: none', async () => {
		const { id } = await create(anna);
		expect([await latest(anna, id, berlin), await all(anna, id, berlin)]).toEqual([[], []]);
	});
	test('E1.15 an unknown peer has none', async () => {
		expect(await all(anna, name[0], { address: NOBODY })).toEqual([]);
	});
	test('E1.15 what the peer deleted it has no more', async () => {
		const id = await given(anna, berlin);
		await remove(berlin, id);
		await forgotten(anna, berlin, id);
		expect(await all(anna, id, berlin)).toEqual([]);
	});
	test('E1.15 shared versions of an unknown id: not found', async () => {
		expect(await refusal(anna.call('GET', path(UNKNOWN, berlin.address)))).toEqual(NOT_FOUND);
	});
	test('E1.15 shared versions of what only others can share: refused', async () => {
		for (const [who, id] of [
			[berlin, name[0]],
			[carl, card[0]]
		] as const)
			expect(await refusal(who.call('GET', path(id, anna.address)))).toEqual(INVALID);
	});
	test('E1.15 without a peer, or with a malformed one: refused', async () => {
		const { status, error } = await anna.call('GET', `/Attributes/${name[0]}/Versions/Shared`);
		expect([status, error?.code, error?.message]).toEqual([...INVALID, "must have required property 'peer'"]);
		expect(await refusal(anna.call('GET', path(name[0], 'x')))).toEqual(INVALID);
	});
	test('E1.15 versions are shown as the attributes they are', async () => {
		const [first] = await get(anna, path(name[0], berlin.address));
		expect(first).toEqual(await get(anna, `/Attributes/${name[1]}`));
	});
});
