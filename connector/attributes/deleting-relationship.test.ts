/**
 * Relationship attributes deleted by their owner or by the peer they live with (content-behaviours.md E1.18; content-model.md
 * §3.5): Anna's with Berlin, which Carl may have from either. The pending relationship stands in pending.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Shape } from '../testing/party.ts';
import {
	attribute,
	endPeople,
	get,
	idsOf,
	live,
	marked,
	markedAll,
	mustBeGone,
	promiseToDelete,
	readFrom,
	remove,
	renew,
	threePeople,
	told,
	type Person
} from './testing/people.ts';

let anna: Person;
let berlin: Person;
let carl: Person;
beforeAll(async () => void ({ anna, berlin, carl } = await threePeople()), 120_000);
afterAll(endPeople);

/** Who deletes; what the other side and third parties then say of it; what tells them, and how they tell it. */
const sides = () =>
	({
		owner: {
			deleter: anna,
			other: berlin,
			there: 'DeletedByEmitter',
			item: 'OwnAttributeDeletedByOwnerNotificationItem',
			event: 'ownAttributeDeletedByOwner'
		},
		peer: {
			deleter: berlin,
			other: anna,
			there: 'DeletedByRecipient',
			item: 'PeerRelationshipAttributeDeletedByPeerNotificationItem',
			event: 'peerRelationshipAttributeDeletedByPeer'
		}
	}) as const;

/** Two versions of one attribute, which both sides have. */
async function chain(): Promise<[string, string]> {
	const old = await live(anna, berlin);
	return [old, await renew(anna, berlin, old)];
}

describe.each(['owner', 'peer'] as const)('deleted by its %s', (side) => {
	test('E1.18 alone it is gone there', async () => {
		const { deleter } = sides()[side];
		const id = await live(anna, berlin);
		await remove(deleter, id);
		await mustBeGone(deleter, id);
		expect(await told(deleter, 'attributeDeleted', id)).toMatchObject([{ id }]);
	});

	test('E1.18 it goes with the chain of its predecessors', async () => {
		const { deleter } = sides()[side];
		const [old, last] = await chain();
		await remove(deleter, last);
		await mustBeGone(deleter, old, last);
	});

	test('E1.18 its successor stays and stands alone then', async () => {
		const { deleter } = sides()[side];
		const [old, last] = await chain();
		await remove(deleter, old);
		await mustBeGone(deleter, old);
		expect(await attribute(deleter, last)).not.toHaveProperty('succeeds');
		expect(idsOf(await get(deleter, `/Attributes/${last}/Versions`))).toEqual([last]);
	});

	test('E1.18 the other side is notified, and keeps it as deleted', async () => {
		const { deleter, other, there, item, event } = sides()[side];
		const id = await live(anna, berlin);
		expect(await remove(deleter, id)).toBe(1);
		const sent = await get<(Shape & { content: { items: object[] } })[]>(
			deleter,
			'/Messages?content.@type=Notification'
		);
		expect(sent.at(-1)?.content.items).toEqual([{ '@type': item, attributeId: id }]);
		const held = await marked(other, id, there);
		expect(await told(other, event, id)).toEqual([held]);
	});

	test('E1.18 the other side is notified, and keeps the predecessors as deleted too', async () => {
		const { deleter, other, there, event } = sides()[side];
		const [old, last] = await chain();
		expect(await remove(deleter, last)).toBe(1);
		await markedAll(other, there, last, old);
		expect(await told(other, event, last)).toHaveLength(1);
	});

	test('E1.18 a predecessor deleted marks itself there, not its successor', async () => {
		const { deleter, other, there } = sides()[side];
		const [old, last] = await chain();
		expect(await remove(deleter, old)).toBe(1);
		await marked(other, old, there);
		expect(await attribute(other, last)).not.toHaveProperty('deletionInfo');
	});

	test('E1.18 a third party that has it is notified, and keeps it as deleted', async () => {
		const { deleter, other, there, event } = sides()[side];
		const id = await live(anna, berlin);
		await readFrom(carl, deleter, id);
		expect(await remove(deleter, id)).toBe(2);
		await marked(carl, id, 'DeletedByEmitter');
		await marked(other, id, there);
		expect(await told(carl, event, id)).toHaveLength(1);
	});

	test('E1.18 a third party that has its chain keeps all of it as deleted', async () => {
		const { deleter } = sides()[side];
		const old = await live(anna, berlin);
		await readFrom(carl, deleter, old);
		const last = await renew(anna, berlin, old);
		await readFrom(carl, deleter, last);
		expect(await remove(deleter, last)).toBe(2);
		await markedAll(carl, 'DeletedByEmitter', last, old);
	});

	test('E1.18 a third party that has an older version is notified of that one', async () => {
		const { deleter, other, there, event } = sides()[side];
		const old = await live(anna, berlin);
		await readFrom(carl, deleter, old);
		const last = await renew(anna, berlin, old);
		expect(await remove(deleter, last)).toBe(2);
		await marked(carl, old, 'DeletedByEmitter');
		await mustBeGone(carl, last);
		expect(await told(carl, event, old)).toHaveLength(1);
		await markedAll(other, there, last, old);
	});

	test('E1.18 a third party that has it from the other side is not notified', async () => {
		const { deleter, other, there } = sides()[side];
		const id = await live(anna, berlin);
		await readFrom(carl, other, id);
		expect(await remove(deleter, id)).toBe(1);
		await marked(other, id, there);
		expect(await attribute(carl, id)).not.toHaveProperty('deletionInfo');
	});
});

test('E1.18 what the peer promised to delete: the owner knows the day, and the end when it has come', async () => {
	const [old, last] = await chain();
	await promiseToDelete(anna, berlin, last);
	const deletionDate = '2090-01-01T00:00:00.000Z';
	for (const id of [last, old]) {
		expect((await attribute(anna, id)).deletionInfo).toEqual({
			deletionStatus: 'ToBeDeletedByRecipient',
			deletionDate
		});
		expect((await attribute(berlin, id)).deletionInfo).toEqual({ deletionStatus: 'ToBeDeleted', deletionDate });
	}
	await remove(berlin, last);
	await markedAll(anna, 'DeletedByRecipient', last, old);
});

test('E1.18 what the owner deletes although the peer promised to: the promise stands', async () => {
	const [id, later] = [await live(anna, berlin), await live(anna, berlin)];
	await promiseToDelete(anna, berlin, id);
	expect(await remove(anna, id)).toBe(1);
	// What is told after it has come, so it has come too.
	await renew(anna, berlin, later);
	expect((await attribute(berlin, id)).deletionInfo?.deletionStatus).toBe('ToBeDeleted');
});
