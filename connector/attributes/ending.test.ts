/**
 * A peer leaves the relationship (content-behaviours.md E1.21; content-model.md §3.6): what it had of ours it deleted, what it
 * gave us is deleted at its source. Berlin leaves Anna; Carl, whom both know, stays.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, type Shape } from '../testing/party.ts';
import {
	ask,
	attribute,
	endPeople,
	forgotten,
	get,
	given,
	live,
	marked,
	meet,
	people,
	promiseToDelete,
	remove,
	seen,
	share,
	tell,
	told,
	type Attribute,
	type Person
} from './testing/people.ts';

let anna: Person;
let berlin: Person;
let carl: Person;
let relationshipId = '';
/** Of Anna's, before Berlin leaves: what each of them is to her. */
const own = { name: '', renamed: '', card: '', promised: '', forgotten: '', promisedCard: '', deletedCard: '' };
const theirs = { name: '', card: '', third: '', promised: '', deleted: '' };
const carls = { name: '', card: '' };
/** Everything Anna has, as it was before. */
let before: Attribute[] = [];

interface Relationship extends Shape {
	readonly auditLog: readonly { readonly createdAt: string }[];
}
const relationship = () => get<Relationship>(anna, `/Relationships/${relationshipId}`);
const forwarding = async (id: string, peer: Person) =>
	(await get<Attribute[]>(anna, `/Attributes/${id}/ForwardingDetails?peer=${peer.address}`)).at(-1)?.deletionInfo;

beforeAll(async () => {
	({ anna, berlin, carl } = await people(['anna', 'berlin', 'carl']));
	relationshipId = await meet(berlin, anna);
	await meet(carl, anna);
	await meet(carl, berlin);
	own.name = await given(anna, berlin);
	await share(anna, carl, own.name);
	own.renamed = await tell(anna, berlin, own.name);
	own.card = await live(anna, berlin);
	own.promised = await given(anna, berlin);
	await promiseToDelete(anna, berlin, own.promised);
	own.forgotten = await given(anna, berlin);
	await remove(berlin, own.forgotten);
	await forgotten(anna, berlin, own.forgotten);
	own.promisedCard = await live(anna, berlin);
	await promiseToDelete(anna, berlin, own.promisedCard);
	own.deletedCard = await live(anna, berlin);
	await remove(berlin, own.deletedCard);
	await marked(anna, own.deletedCard, 'DeletedByRecipient');
	theirs.name = await given(berlin, anna);
	theirs.card = await live(berlin, anna);
	theirs.third = await live(berlin, carl);
	await share(berlin, anna, theirs.third);
	theirs.promised = await given(berlin, anna);
	await promiseToDelete(berlin, anna, theirs.promised);
	theirs.deleted = await given(berlin, anna);
	await remove(berlin, theirs.deleted);
	await marked(anna, theirs.deleted, 'DeletedByEmitter');
	carls.name = await given(carl, anna);
	carls.card = await live(anna, carl);
	before = await get(anna, '/Attributes');
}, 120_000);
afterAll(endPeople);

describe('terminated', () => {
	test('E1.21 wrong status: while it is active or terminated, nothing is marked', async () => {
		await must(berlin.call('PUT', `/Relationships/${relationshipId}/Terminate`));
		await seen<Shape>(anna, `/Relationships/${relationshipId}`, ({ status }) => status === 'Terminated');
		expect(await get(anna, '/Attributes')).toEqual(before);
	});
});

describe('left by the peer', () => {
	/** What is said of what the peer had, or gave, when it left: dated by that. */
	let date = '';
	beforeAll(async () => {
		await must(berlin.call('DELETE', `/Relationships/${relationshipId}`), 204);
		await seen<Shape>(anna, `/Relationships/${relationshipId}`, ({ status }) => status === 'DeletionProposed');
		date = (await relationship()).auditLog.at(-1)!.createdAt;
	});
	const deleted = (deletionStatus: string) => ({ deletionStatus, deletionDate: date });
	const asBefore = (id: string) => before.find((row) => row.id === id)?.deletionInfo;

	test.each(['name', 'card', 'third'] as const)('E1.21 what the peer gave is marked: its %s', async (name) => {
		const row = await attribute(anna, theirs[name]);
		expect(row.deletionInfo).toEqual(deleted('DeletedByEmitter'));
	});
	test('E1.21 an own relationship attribute is marked', async () => {
		expect((await attribute(anna, own.card)).deletionInfo).toEqual(deleted('DeletedByRecipient'));
	});
	test.each([
		['name', 'shared with two before', 3],
		['renamed', 'told one before', 2]
	] as const)(
		'E1.21 an own identity attribute is marked as forwarded, and that is told: %s, %s',
		async (name, _, times) => {
			expect(await forwarding(own[name], berlin)).toEqual(deleted('DeletedByRecipient'));
			expect(await attribute(anna, own[name])).not.toHaveProperty('deletionInfo');
			expect(await told(anna, 'attributeForwardingDetailsChanged', own[name], times)).toHaveLength(times);
		}
	);
	test('E1.21 what was said before of what the peer gave stays: a promise, an end', async () => {
		expect(asBefore(theirs.promised)?.deletionStatus).toBe('ToBeDeleted');
		expect(asBefore(theirs.deleted)?.deletionStatus).toBe('DeletedByEmitter');
		for (const id of [theirs.promised, theirs.deleted])
			expect((await attribute(anna, id)).deletionInfo).toEqual(asBefore(id));
	});
	test('E1.21 what was said before of own ones stays: a promise, an end', async () => {
		expect(asBefore(own.promisedCard)?.deletionStatus).toBe('ToBeDeletedByRecipient');
		expect(asBefore(own.deletedCard)?.deletionStatus).toBe('DeletedByRecipient');
		for (const id of [own.promisedCard, own.deletedCard])
			expect((await attribute(anna, id)).deletionInfo).toEqual(asBefore(id));
		expect((await forwarding(own.promised, berlin))?.deletionStatus).toBe('ToBeDeletedByRecipient');
		const end = await forwarding(own.forgotten, berlin);
		expect(end?.deletionStatus).toBe('DeletedByRecipient');
		expect(end!.deletionDate < date).toBe(true);
	});
	test('E1.21 no relationship of ours: what others have or gave is not marked', async () => {
		for (const id of [carls.name, carls.card]) expect((await attribute(anna, id)).deletionInfo).toBeUndefined();
		expect(await forwarding(own.name, carl)).toBeUndefined();
	});
	test('E1.21 who left has nothing of it any more, but its own', async () => {
		const left = (await get(berlin, '/Attributes')).filter(({ peer }) => peer === anna.address);
		expect(left).toEqual([]);
		expect(await get(berlin, `/Attributes/${theirs.name}/ForwardingDetails`)).toEqual([]);
	});
	test('E1.21 what is marked can be deleted, and nobody has to be told', async () => {
		expect([await remove(anna, theirs.card), await remove(anna, own.card)]).toEqual([0, 0]);
	});
});

test('E1.21 what both have with somebody else goes on', async () => {
	const item = { '@type': 'ConsentRequestItem', consent: 'Still here?' };
	expect(await ask(anna, carl, item)).toMatchObject({ status: 'Completed' });
});
