/**
 * Relationship attributes in the hands of a third party (content-behaviours.md E1.19, E1.20): Anna's with Berlin, given Carl by
 * either of them. The pending relationship stands in pending.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must } from '../testing/party.ts';
import {
	answerTo,
	attribute,
	endPeople,
	forgotten,
	get,
	idsOf,
	live,
	mustBeGone,
	readFrom,
	remove,
	renew,
	share,
	sharing,
	threePeople,
	told,
	type Person
} from './testing/people.ts';

let anna: Person;
let berlin: Person;
let carl: Person;
beforeAll(async () => void ({ anna, berlin, carl } = await threePeople()), 120_000);
afterAll(endPeople);

/** Who gives it to Carl: its owner, or the peer it lives with. */
const givers = () =>
	({
		owner: { giver: anna, other: berlin, kind: 'OwnRelationshipAttribute' },
		peer: { giver: berlin, other: anna, kind: 'PeerRelationshipAttribute' }
	}) as const;
const WHO = ['owner', 'peer'] as const;
/** Versions of one attribute, all of which Carl has of the giver: the later ones as successions, as he asked again. */
async function heldChain(giver: Person): Promise<[string, string]> {
	const old = await live(anna, berlin);
	await readFrom(carl, giver, old);
	const last = await renew(anna, berlin, old);
	await readFrom(carl, giver, last);
	return [old, last];
}

describe.each(WHO)('given by its %s', (who) => {
	test('E1.20 forwarding: the third party holds it, with whom it is from and whom it lives with', async () => {
		const { giver, other, kind } = givers()[who];
		const id = await live(anna, berlin);
		const { content } = await attribute(giver, id);
		expect((await attribute(giver, id))['@type']).toBe(kind);
		const request = await share(giver, carl, id);
		expect(await attribute(carl, id)).toMatchObject({
			'@type': 'ThirdPartyRelationshipAttribute',
			peer: giver.address,
			initialAttributePeer: other.address,
			sourceReference: request.id,
			content
		});
		expect(await get(giver, `/Attributes/${id}/ForwardingDetails`)).toMatchObject([
			{ peer: carl.address, sourceReference: request.id }
		]);
		expect((await attribute(giver, id))['numberOfForwards']).toBe(1);
		expect((await attribute(other, id))['numberOfForwards']).toBe(0);
		expect(await told(giver, 'attributeForwardingDetailsChanged', id)).toHaveLength(1);
	});

	test('E1.20 reading: the third party asks, is answered, and holds it', async () => {
		const { giver, other } = givers()[who];
		const id = await live(anna, berlin);
		const request = await readFrom(carl, giver, id);
		expect(answerTo(request)).toMatchObject({
			'@type': 'ReadAttributeAcceptResponseItem',
			attributeId: id,
			initialAttributePeer: other.address
		});
		expect(await attribute(carl, id)).toMatchObject({
			'@type': 'ThirdPartyRelationshipAttribute',
			peer: giver.address,
			initialAttributePeer: other.address,
			sourceReference: request.id
		});
		expect(await get(giver, `/Attributes/${id}/ForwardingDetails`)).toMatchObject([{ peer: carl.address }]);
	});

	test('E1.20 a succession is not told the third party; asked again, it is given the successor as such', async () => {
		const { giver } = givers()[who];
		const old = await live(anna, berlin);
		await readFrom(carl, giver, old);
		const last = await renew(anna, berlin, old);
		await mustBeGone(carl, last);
		expect(answerTo(await readFrom(carl, giver, last))).toMatchObject({
			'@type': 'AttributeSuccessionAcceptResponseItem',
			predecessorId: old,
			successorId: last
		});
		expect(await attribute(carl, last)).toMatchObject({
			'@type': 'ThirdPartyRelationshipAttribute',
			succeeds: old,
			peer: giver.address
		});
		expect(await told(carl, 'attributeSucceeded', last)).toHaveLength(1);
	});

	test('E1.19 the third party deletes it alone', async () => {
		const { giver } = givers()[who];
		const id = await live(anna, berlin);
		await share(giver, carl, id);
		await remove(carl, id);
		await mustBeGone(carl, id);
		expect(await told(carl, 'attributeDeleted', id)).toMatchObject([{ id }]);
	});

	test('E1.19 the third party deletes it with the chain of its predecessors', async () => {
		const { giver } = givers()[who];
		const [old, last] = await heldChain(giver);
		await remove(carl, last);
		await mustBeGone(carl, old, last);
	});

	test('E1.19 the third party deletes a predecessor: the successor stands alone then', async () => {
		const { giver } = givers()[who];
		const [old, last] = await heldChain(giver);
		await remove(carl, old);
		await mustBeGone(carl, old);
		expect(await attribute(carl, last)).not.toHaveProperty('succeeds');
		expect(idsOf(await get(carl, `/Attributes/${last}/Versions`))).toEqual([last]);
	});

	test('E1.19 who gave it is notified that the third party has it no more', async () => {
		const { giver, other } = givers()[who];
		const id = await live(anna, berlin);
		await share(giver, carl, id);
		expect(await remove(carl, id)).toBe(1);
		await forgotten(giver, carl, id);
		expect(await told(giver, 'forwardedAttributeDeletedByPeer', id)).toMatchObject([{ id }]);
		for (const each of [giver, other]) expect(await attribute(each, id)).not.toHaveProperty('deletionInfo');
	});

	test('E1.19 who gave it is notified, and knows that the predecessors are gone too', async () => {
		const { giver } = givers()[who];
		const [old, last] = await heldChain(giver);
		expect(await remove(carl, last)).toBe(1);
		await forgotten(giver, carl, last, old);
		expect(await told(giver, 'forwardedAttributeDeletedByPeer', last)).toHaveLength(1);
	});
});

describe('what a third party is not given', () => {
	/** What is said of sharing it, by who has it. */
	async function judged(who: Person, peer: Person, id: string): Promise<boolean> {
		const item = { mustBeAccepted: true, ...sharing(await attribute(who, id)) };
		const body = { content: { items: [item] }, peer: peer.address };
		return (await must<{ isSuccess: boolean }>(who.call('POST', '/Requests/Outgoing/Validate', body), 201))
			.isSuccess;
	}

	test('E1.20 a private relationship attribute, by neither side', async () => {
		const id = await live(anna, berlin, { confidentiality: 'private' });
		expect([await judged(anna, carl, id), await judged(berlin, carl, id)]).toEqual([false, false]);
	});
	test('E1.20 control: a protected one may be given, by both sides', async () => {
		const id = await live(anna, berlin, { confidentiality: 'protected' });
		expect([await judged(anna, carl, id), await judged(berlin, carl, id)]).toEqual([true, true]);
	});
	test('E1.20 a third party does not give it on', async () => {
		const id = await live(anna, berlin);
		await share(anna, carl, id);
		expect(await judged(carl, berlin, id)).toBe(false);
	});
});
