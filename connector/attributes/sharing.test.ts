/**
 * Own attributes given to a peer by request (content-behaviours.md E1.9, E1.12; content-model.md §3.2, §3.3). Over REST this is a
 * request with one item, made and sent; what the App does in one call is tested beside the engine (crdt/sync).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, type Shape } from '../testing/party.ts';
import {
	answerTo,
	ask,
	attribute,
	create,
	endPeople,
	forgotten,
	get,
	given,
	ids,
	idsOf,
	live,
	marked,
	meet,
	named,
	people,
	promiseToDelete,
	relationshipAttribute,
	remove,
	seen,
	share,
	sharing,
	succeed,
	told,
	type Attribute,
	type Person
} from './testing/people.ts';

const INVALID_ITEM = 'error.consumption.requests.invalidRequestItem';
const METADATA = {
	title: 'My name',
	description: 'As it is on the card',
	metadata: { case: '7' },
	expiresAt: '2090-01-01T00:00:00.000Z'
};
const ITEM_METADATA = { description: 'The first of them', metadata: { step: 1 } };

let anna: Person;
let berlin: Person;
beforeAll(async () => {
	({ anna, berlin } = await people(['anna', 'berlin']));
	await meet(berlin, anna);
}, 60_000);
afterAll(endPeople);

interface Verdict {
	readonly isSuccess: boolean;
	readonly items: readonly { readonly code?: string }[];
}
/** What is said of an item before anything is made of it, and when it is. */
async function judged(item: object): Promise<[boolean, string | undefined, number]> {
	const body = { content: { items: [{ mustBeAccepted: true, ...item }] }, peer: berlin.address };
	const before = await get<Shape[]>(anna, '/Requests/Outgoing');
	const verdict = await must<Verdict>(anna.call('POST', '/Requests/Outgoing/Validate', body), 201);
	const { status } = verdict.isSuccess ? { status: 201 } : await anna.call('POST', '/Requests/Outgoing', body);
	expect(await get<Shape[]>(anna, '/Requests/Outgoing')).toEqual(before);
	return [verdict.isSuccess, verdict.items[0]?.code, status];
}
const REFUSED = [false, INVALID_ITEM, 400];
const forwardings = (id: string) => get<object[]>(anna, `/Attributes/${id}/ForwardingDetails`);

describe('sharing an own identity attribute', () => {
	test('E1.9 a request is sent; it is shared when the peer accepted and not before', async () => {
		const { id, content } = await create(anna);
		const body = { content: { items: [{ mustBeAccepted: true, ...sharing({ id, content } as Attribute) }] } };
		const request = await must(anna.call('POST', '/Requests/Outgoing', { ...body, peer: berlin.address }), 201);
		expect(request.status).toBe('Draft');
		await must(anna.call('POST', '/Messages', { recipients: [berlin.address], content: request['content'] }), 201);
		expect(await get<Shape>(anna, `/Requests/Outgoing/${request.id}`)).toMatchObject({
			status: 'Open',
			peer: berlin.address,
			source: { type: 'Message', reference: expect.stringMatching(/^MSG/) }
		});
		const path = `/Requests/Incoming/${request.id}`;
		await seen<Shape>(berlin, path, ({ status }) => status === 'ManualDecisionRequired');
		expect(await forwardings(id)).toEqual([]);
		expect(await ids(berlin, '/Attributes')).not.toContain(id);
		await must(berlin.call('PUT', `${path}/Accept`, { items: [{ accept: true }] }));
		expect(await attribute(berlin, id)).toMatchObject({
			'@type': 'PeerIdentityAttribute',
			peer: anna.address,
			sourceReference: request.id,
			content
		});
		await seen<Shape>(anna, `/Requests/Outgoing/${request.id}`, ({ status }) => status === 'Completed');
		expect(await forwardings(id)).toEqual([
			{ peer: berlin.address, sourceReference: request.id, sharedAt: expect.any(String) }
		]);
		expect((await attribute(anna, id))['numberOfForwards']).toBe(1);
		expect(await told(anna, 'attributeForwardingDetailsChanged', id)).toHaveLength(1);
		expect(await told(berlin, 'attributeCreated', id)).toHaveLength(1);
	});

	test('E1.9 a rejected request shares nothing', async () => {
		const row = await create(anna);
		await ask(anna, berlin, sharing(row), { accept: false });
		expect(await forwardings(row.id)).toEqual([]);
		expect(await ids(berlin, '/Attributes')).not.toContain(row.id);
	});

	test('E1.9 what the sender says with the request and with its item is carried to the peer', async () => {
		const row = await create(anna);
		const { id } = await ask(anna, berlin, { ...sharing(row), ...ITEM_METADATA }, { accept: true }, METADATA);
		for (const [who, list] of [
			[anna, 'Outgoing'],
			[berlin, 'Incoming']
		] as const)
			expect(await get<Shape>(who, `/Requests/${list}/${id}`)).toMatchObject({
				content: { ...METADATA, items: [ITEM_METADATA] }
			});
	});

	test('E1.9 re-share after deletion is allowed: a second forwarding beside the first', async () => {
		const id = await given(anna, berlin);
		expect(await remove(berlin, id)).toBe(1);
		await forgotten(anna, berlin, id);
		const again = await share(anna, berlin, id);
		expect(await forwardings(id)).toEqual([
			expect.objectContaining({
				deletionInfo: { deletionStatus: 'DeletedByRecipient', deletionDate: expect.any(String) }
			}),
			{ peer: berlin.address, sourceReference: again.id, sharedAt: expect.any(String) }
		]);
		expect((await attribute(anna, id))['numberOfForwards']).toBe(2);
		expect(await attribute(berlin, id)).not.toHaveProperty('deletionInfo');
	});

	test('E1.9 re-share of what the peer promised to delete is allowed: the promise is off on both sides', async () => {
		const id = await given(anna, berlin);
		const [first] = await forwardings(id);
		await promiseToDelete(anna, berlin, id);
		expect(await forwardings(id)).toMatchObject([{ deletionInfo: { deletionStatus: 'ToBeDeletedByRecipient' } }]);
		expect((await attribute(berlin, id)).deletionInfo?.deletionStatus).toBe('ToBeDeleted');
		await share(anna, berlin, id);
		expect(await forwardings(id)).toEqual([first]);
		expect(await attribute(berlin, id)).not.toHaveProperty('deletionInfo');
	});

	test('E1.9 not twice', async () => {
		const id = await given(anna, berlin);
		expect(await judged(sharing(await attribute(anna, id)))).toEqual(REFUSED);
	});

	test('E1.9 not while the peer holds a predecessor: that is what the notification is for', async () => {
		const { successor } = await succeed(anna, await given(anna, berlin));
		expect(await judged(sharing(successor))).toEqual(REFUSED);
	});

	test('E1.9 not a version the peer has a successor of', async () => {
		const old = await create(anna);
		const { successor } = await succeed(anna, old.id);
		await share(anna, berlin, successor.id);
		expect(await judged(sharing(old))).toEqual(REFUSED);
	});

	test('E1.9 not an identity attribute of a peer', async () => {
		const id = await given(berlin, anna);
		const row = await attribute(anna, id);
		expect(row['@type']).toBe('PeerIdentityAttribute');
		const { peer: _, ...shown } = row;
		expect(await judged(sharing(shown as Attribute))).toEqual(REFUSED);
	});

	test('E1.9 not a relationship attribute with the peer it lives with', async () => {
		for (const id of [await live(anna, berlin), await live(berlin, anna)])
			expect(await judged(sharing(await attribute(anna, id)))).toEqual(REFUSED);
	});

	test('E1.9 not an unknown attribute', async () => {
		const row = await create(anna);
		expect(await judged(sharing({ ...row, id: 'ATT00000000000000009' }))).toEqual(REFUSED);
	});
	test('E1.9 not one with a malformed id', async () => {
		const row = await create(anna);
		expect(await judged(sharing({ ...row, id: 'x' }))).toEqual(REFUSED);
	});
	test('E1.9 not with another content than it has', async () => {
		const row = await create(anna);
		expect(await judged(sharing({ ...row, content: { ...row.content, ...named() } }))).toEqual(REFUSED);
	});
	test('E1.9 control: one that may be shared is judged so', async () => {
		expect(await judged(sharing(await create(anna)))).toEqual([true, undefined, 201]);
	});
});

describe('creating and sharing a relationship attribute', () => {
	const item = (changes: object = {}) => ({
		'@type': 'CreateAttributeRequestItem',
		attribute: relationshipAttribute(anna.address, changes)
	});

	test('E1.12 it exists on both sides after acceptance, under one id', async () => {
		const asked = item({ isTechnical: true, confidentiality: 'protected' });
		const before = idsOf(await get(anna, '/Attributes'));
		const request = await ask(anna, berlin, asked);
		const { attributeId } = answerTo(request);
		const common = { id: attributeId, sourceReference: request.id, content: asked.attribute };
		expect(await attribute(anna, attributeId)).toMatchObject({
			'@type': 'OwnRelationshipAttribute',
			peer: berlin.address,
			...common
		});
		expect(await attribute(berlin, attributeId)).toMatchObject({
			'@type': 'PeerRelationshipAttribute',
			peer: anna.address,
			...common
		});
		expect(await ids(anna, '/Attributes')).toEqual([...before, attributeId]);
		for (const who of [anna, berlin]) expect(await told(who, 'attributeCreated', attributeId)).toHaveLength(1);
	});

	test('E1.12 what the sender says with it is carried to the peer', async () => {
		const { id } = await ask(anna, berlin, { ...item(), ...ITEM_METADATA }, { accept: true }, METADATA);
		expect(await get<Shape>(berlin, `/Requests/Incoming/${id}`)).toMatchObject({
			content: { ...METADATA, items: [ITEM_METADATA] }
		});
	});

	test('E1.12 a rejected request creates nothing', async () => {
		const before = [await ids(anna, '/Attributes'), await ids(berlin, '/Attributes')];
		await ask(anna, berlin, item(), { accept: false });
		expect([await ids(anna, '/Attributes'), await ids(berlin, '/Attributes')]).toEqual(before);
	});

	test('E1.12 not while its key is in use, again once the peer deleted it', async () => {
		const changes = { key: 'card-7' };
		const id = await live(anna, berlin, changes);
		expect(await judged(item(changes))).toEqual(REFUSED);
		await remove(berlin, id);
		await marked(anna, id, 'DeletedByRecipient');
		const again = await live(anna, berlin, changes);
		expect(again).not.toBe(id);
		expect(await attribute(berlin, again)).toMatchObject({ content: changes });
	});
});
