/**
 * Identity attributes deleted by their owner and by those who have them (content-behaviours.md E1.16, E1.17; content-model.md
 * §3.5): what goes with them, and who is told which version is gone.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PREFIX } from '../routes/table.ts';
import { KEY } from '../testing/parts.ts';
import { must, type Reply, type Shape } from '../testing/party.ts';
import {
	attribute,
	create,
	endPeople,
	forgotten,
	get,
	given,
	idsOf,
	marked,
	markedAll,
	meet,
	mustBeGone,
	named,
	people,
	refusal,
	remove,
	share,
	succeed,
	tell,
	told,
	type Person
} from './testing/people.ts';

const UNKNOWN = 'ATT00000000000000009';
const NOT_FOUND = [404, 'error.runtime.recordNotFound'];

let anna: Person;
let berlin: Person;
let carl: Person;
beforeAll(async () => {
	({ anna, berlin, carl } = await people(['anna', 'berlin', 'carl']));
	await meet(berlin, anna);
	await meet(carl, anna);
}, 90_000);
afterAll(endPeople);

const chain = async () => {
	const old = (await create(anna)).id;
	const middle = (await succeed(anna, old)).successor.id;
	return { old, middle, last: (await succeed(anna, middle)).successor.id };
};

describe('an own identity attribute', () => {
	test('E1.16 alone is deleted, nobody is told', async () => {
		const { id } = await create(anna);
		const before = idsOf(await get(anna, '/Attributes'));
		expect(await must(anna.call('DELETE', `/Attributes/${id}`))).toEqual({ notificationIds: [] });
		await mustBeGone(anna, id);
		expect(idsOf(await get(anna, '/Attributes'))).toEqual(before.filter((each) => each !== id));
		expect(await told(anna, 'attributeDeleted', id)).toMatchObject([{ id }]);
	});

	test('E1.16 goes with the chain of its predecessors', async () => {
		const { old, middle, last } = await chain();
		expect(await remove(anna, last)).toBe(0);
		await mustBeGone(anna, old, middle, last);
		for (const id of [old, middle, last]) expect(await told(anna, 'attributeDeleted', id)).toHaveLength(1);
	});

	test('E1.16 leaves its successor, which stands alone then', async () => {
		const { old, middle, last } = await chain();
		await remove(anna, middle);
		await mustBeGone(anna, old, middle);
		expect(await attribute(anna, last)).not.toHaveProperty('succeeds');
		expect(idsOf(await get(anna, `/Attributes/${last}/Versions`))).toEqual([last]);
	});

	test('E1.16 its peer is notified, and keeps it as deleted', async () => {
		const id = await given(anna, berlin);
		const { notificationIds } = await must<{ notificationIds: string[] }>(anna.call('DELETE', `/Attributes/${id}`));
		expect(notificationIds).toEqual([expect.stringMatching(/^NOT[A-Za-z0-9]{17}$/)]);
		const sent = await get<(Shape & { content: Shape })[]>(anna, '/Messages?content.@type=Notification');
		expect(sent.filter(({ content }) => content.id === notificationIds[0])).toMatchObject([
			{ content: { items: [{ '@type': 'OwnAttributeDeletedByOwnerNotificationItem', attributeId: id }] } }
		]);
		const held = await marked(berlin, id, 'DeletedByEmitter');
		expect(await told(berlin, 'ownAttributeDeletedByOwner', id)).toEqual([held]);
		expect(idsOf(await get(berlin, '/Attributes?deletionInfo=!'))).not.toContain(id);
	});

	test('E1.16 its peer is notified, and keeps its predecessors as deleted too', async () => {
		const old = await given(anna, berlin);
		const last = await tell(anna, berlin, old);
		expect(await remove(anna, last)).toBe(1);
		await markedAll(berlin, 'DeletedByEmitter', last, old);
		expect(await told(berlin, 'ownAttributeDeletedByOwner', last)).toHaveLength(1);
	});

	test('E1.16 those who hold an older version are notified of the version they hold', async () => {
		const old = await given(anna, berlin);
		await share(anna, carl, old);
		const last = await tell(anna, berlin, old);
		expect(await remove(anna, last)).toBe(2);
		await markedAll(berlin, 'DeletedByEmitter', last, old);
		await markedAll(carl, 'DeletedByEmitter', old);
		await mustBeGone(carl, last);
		expect(await told(carl, 'ownAttributeDeletedByOwner', old)).toHaveLength(1);
	});

	test('E1.16 those who hold a successor only are not notified of its predecessor', async () => {
		const { old, last } = await chain();
		await share(anna, berlin, last);
		expect(await remove(anna, old)).toBe(0);
		expect(await attribute(berlin, last)).not.toHaveProperty('deletionInfo');
	});

	test('E1.16 who deleted it already is not notified', async () => {
		const id = await given(anna, berlin);
		await remove(berlin, id);
		await forgotten(anna, berlin, id);
		expect(await remove(anna, id)).toBe(0);
	});

	test('E1.16 an unknown id is not found, a malformed one is refused', async () => {
		expect(await refusal(anna.call('DELETE', `/Attributes/${UNKNOWN}`))).toEqual(NOT_FOUND);
		const { status, error } = await anna.call('DELETE', '/Attributes/x');
		expect([status, error?.code, error?.message]).toEqual([
			400,
			'error.runtime.validation.invalidPropertyValue',
			'attributeId must match pattern ATT[A-Za-z0-9]{17}'
		]);
	});
});

describe('the pictures of a credential', () => {
	async function uploaded(): Promise<Shape & { reference: { truncated: string } }> {
		const form = new FormData();
		form.append('file', new Blob(['picture'], { type: 'image/png' }), 'logo.png');
		const init = { method: 'POST', body: form, headers: { 'x-api-key': KEY } };
		const response = await fetch(`${anna.url}${PREFIX}/Files/Own`, init);
		const reply = { status: response.status, ...((await response.json()) as object) };
		return must(Promise.resolve(reply as Reply<Shape & { reference: { truncated: string } }>), 201);
	}
	const credential = (value: string, ...pictures: { reference: { truncated: string } }[]) => ({
		value: {
			'@type': 'VerifiableCredential',
			value,
			type: 'dc+sd-jwt',
			displayInformationCachedImages: pictures.map(({ reference }) => ({
				locale: 'en',
				logo: reference.truncated
			}))
		}
	});
	const file = (id: string) => refusal(anna.call('GET', `/Files/${id}`));

	test('E1.16 are deleted with it, those of its predecessors too', async () => {
		const [first, second, other] = [await uploaded(), await uploaded(), await uploaded()];
		const { id } = await create(anna, credential('one', first!));
		const { successor } = await succeed(anna, id, credential('two', second!));
		await remove(anna, successor.id);
		for (const picture of [first, second]) expect(await file(picture!.id)).toEqual(NOT_FOUND);
		expect(await file(other!.id)).toEqual([200, undefined]);
		const download = { reference: first!.reference.truncated };
		expect((await refusal(carl.call('POST', '/Files/Peer', download)))[0]).toBe(404);
	});

	test('E1.16 stay while another attribute shows them', async () => {
		const [kept, dropped] = [await uploaded(), await uploaded()];
		const { id } = await create(anna, credential('three', kept!, dropped!));
		const { successor } = await succeed(anna, id, credential('four', kept!));
		await remove(anna, id);
		expect([await file(kept!.id), await file(dropped!.id)]).toEqual([[200, undefined], NOT_FOUND]);
		await remove(anna, successor.id);
		expect(await file(kept!.id)).toEqual(NOT_FOUND);
	});
});

describe('an identity attribute of a peer', () => {
	test('E1.17 alone is deleted', async () => {
		const id = await given(anna, berlin);
		await remove(berlin, id);
		await mustBeGone(berlin, id);
		expect(await told(berlin, 'attributeDeleted', id)).toMatchObject([{ id }]);
		expect(await attribute(anna, id)).toMatchObject({ id });
	});

	test('E1.17 goes with its predecessor', async () => {
		const old = await given(anna, berlin);
		const last = await tell(anna, berlin, old);
		await remove(berlin, last);
		await mustBeGone(berlin, old, last);
	});

	test('E1.17 leaves its successor, which stands alone then', async () => {
		const old = await given(anna, berlin);
		const last = await tell(anna, berlin, old);
		await remove(berlin, old);
		await mustBeGone(berlin, old);
		expect(await attribute(berlin, last)).not.toHaveProperty('succeeds');
	});

	test('E1.17 its owner is notified, and knows that the peer has it no more', async () => {
		const id = await given(anna, berlin);
		expect(await remove(berlin, id)).toBe(1);
		await forgotten(anna, berlin, id);
		expect(await told(anna, 'forwardedAttributeDeletedByPeer', id)).toMatchObject([{ id }]);
		expect(await attribute(anna, id)).not.toHaveProperty('deletionInfo');
		const shared = `/Attributes/${id}/Versions/Shared?peer=${berlin.address}`;
		expect(await get(anna, shared)).toEqual([]);
	});

	test('E1.17 its owner is notified, and knows that the peer has its predecessors no more', async () => {
		const old = await given(anna, berlin, named());
		const last = await tell(anna, berlin, old);
		expect(await remove(berlin, last)).toBe(1);
		await forgotten(anna, berlin, last, old);
		expect(await told(anna, 'forwardedAttributeDeletedByPeer', last)).toHaveLength(1);
	});

	test('E1.17 with nothing before it at the peer: a skipped predecessor is none of the owner’s business', async () => {
		const unshared = (await create(anna)).id;
		const { successor } = await succeed(anna, unshared);
		await share(anna, berlin, successor.id);
		expect(await remove(berlin, successor.id)).toBe(1);
		await forgotten(anna, berlin, successor.id);
		expect(await get(anna, `/Attributes/${unshared}/ForwardingDetails`)).toEqual([]);
	});

	test('E1.17 what its owner deleted before can be deleted too', async () => {
		const id = await given(anna, berlin);
		await remove(anna, id);
		await marked(berlin, id, 'DeletedByEmitter');
		await remove(berlin, id);
		await mustBeGone(berlin, id);
	});
});
