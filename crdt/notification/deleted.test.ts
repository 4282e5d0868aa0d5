/** Deletions that are told, by whom and of what (content-behaviours.md D (3) – D (5), F (2); content-model.md §3.1, §5.1). */
import { describe, expect, test } from 'vitest';
import { markDeletion, markForwardingDeletion } from '../attribute/deletion.ts';
import { succeedOwn } from '../attribute/own.ts';
import { keepReceived, receiveSuccessor, succeedOwnRelationship } from '../attribute/peer.ts';
import { anna, berlin, carl, day, id, identity, relationship, type Party } from '../attribute/testing/party.ts';
import { forward, info, withBerlin } from '../attribute/testing/wallet.ts';
import type { NotificationItem } from '../content/notification.ts';
import { deleted, deletionOf, forwardedInfo, hear, statusOf, wallet } from './testing/hearing.ts';

const tables = (p: Party) => [p.views.list('attributes'), p.views.list('forwardings')];
/** Nothing but the notification itself is there after it. */
function expectNothing(item: NotificationItem, from: string, end: { status: string; failure?: string }): void {
	const p = wallet();
	const before = tables(p);
	expect(hear(p, [item], from)).toEqual({ refused: undefined, failure: undefined, told: [], ...end });
	expect(tables(p)).toEqual(before);
}

describe('D ForwardedAttributeDeletedByPeer', () => {
	const end = { deletionStatus: 'DeletedByRecipient', deletionDate: day(6) };

	test('D3 of an own identity attribute: its forwarding says so, the attribute stays as it is', () => {
		const p = wallet();
		expect(hear(p, [deleted('Forwarded', 1)])).toMatchObject({ status: 'Completed' });
		expect([forwardedInfo(p, 1), deletionOf(p, 1)]).toEqual([end, undefined]);
	});

	test.each([
		['D3 of an own relationship attribute: the forwarding to the third party says so', 3],
		['D3 of a peer relationship attribute: the forwarding to the third party says so', 4]
	])('%s', (_name, n) => {
		const p = wallet();
		forward(p, n, carl, 2);
		expect(hear(p, [deleted('Forwarded', n)], carl)).toMatchObject({ status: 'Completed' });
		expect([forwardedInfo(p, n, carl), deletionOf(p, n)]).toEqual([end, undefined]);
	});

	test('D3 one that was to be deleted is deleted', () => {
		const p = wallet();
		markForwardingDeletion(p.at(day(3)), id('ATT', 1), berlin, info('ToBeDeletedByRecipient'));
		hear(p, [deleted('Forwarded', 1)]);
		expect(forwardedInfo(p, 1)).toEqual(end);
	});

	test('D3 of a chain: the versions before it are deleted there too, those after it are not', () => {
		const p = wallet();
		succeedOwn(p.at(day(2)), id('ATT', 2), id('ATT', 10), identity(anna, 'Annie'));
		forward(p, 10);
		hear(p, [deleted('Forwarded', 2)]);
		expect([1, 2, 10].map((n) => forwardedInfo(p, n))).toEqual([end, end, undefined]);
	});

	test('D3 it is told with the attribute, after each change of a forwarding', () => {
		expect(hear(wallet(), [deleted('Forwarded', 2)]).told).toEqual([
			'consumption.attributeForwardingDetailsChanged',
			'consumption.attributeForwardingDetailsChanged',
			'consumption.forwardedAttributeDeletedByPeer'
		]);
	});

	test('D3 of an unknown attribute: nothing is done, and it is completed', () => {
		expectNothing(deleted('Forwarded', 99), berlin, { status: 'Completed' });
	});

	test.each([5, 6])('D3 of the wrong kind of attribute (%i): an error', (n) => {
		expectNothing(deleted('Forwarded', n), berlin, { status: 'Error', failure: 'wrongTypeOfAttribute' });
	});

	test('D3 by the wrong sender: an error', () => {
		const failure = 'senderIsNotPeerOfSharedAttribute';
		expectNothing(deleted('Forwarded', 2), carl, { status: 'Error', failure });
		expectNothing(deleted('Forwarded', 3), berlin, { status: 'Error', failure });
	});

	test('D3 told again by another device of the peer: still deleted, at the first date', () => {
		const p = wallet();
		hear(p, [deleted('Forwarded', 2)]);
		const before = p.views.list('forwardings');
		expect(hear(p, [deleted('Forwarded', 2)], berlin, 2)).toMatchObject({ status: 'Completed' });
		expect(p.views.list('forwardings')).toEqual(before);
	});

	test('F2 a version of the chain that was never shared is passed over', () => {
		const p = wallet();
		succeedOwn(p.at(day(2)), id('ATT', 2), id('ATT', 10), identity(anna, 'Annie'));
		succeedOwn(p.at(day(2)), id('ATT', 10), id('ATT', 11), identity(anna, 'Anni'));
		forward(p, 11);
		expect(hear(p, [deleted('Forwarded', 11)])).toMatchObject({ status: 'Completed' });
		expect([1, 2, 10, 11].map((n) => forwardedInfo(p, n))).toEqual([end, end, undefined, end]);
	});
});

describe('D OwnAttributeDeletedByOwner', () => {
	const end = { deletionStatus: 'DeletedByEmitter', deletionDate: day(6) };

	test.each([
		['D4 of a peer identity attribute: it is marked, and that is told', 5],
		['D4 of a peer relationship attribute: it is marked, and that is told', 4],
		['D4 of a third party relationship attribute: it is marked, and that is told', 6]
	])('%s', (_name, n) => {
		const p = wallet();
		expect(hear(p, [deleted('Own', n)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.ownAttributeDeletedByOwner']
		});
		expect(deletionOf(p, n)).toEqual(end);
	});

	test('D4 one that is to be deleted stays so', () => {
		const p = wallet();
		markDeletion(p.at(day(2)), id('ATT', 5), info('ToBeDeleted'));
		expect(hear(p, [deleted('Own', 5)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.ownAttributeDeletedByOwner']
		});
		expect(deletionOf(p, 5)).toEqual(info('ToBeDeleted'));
	});

	test('D4 while the one that is named is to be deleted, those before it stay as they are too', () => {
		const p = wallet();
		receiveSuccessor(p.at(day(2)), id('ATT', 5), withBerlin(20, identity(berlin, 'Bertha')));
		markDeletion(p.at(day(3)), id('ATT', 20), info('ToBeDeleted'));
		keepReceived(p.at(day(4)), id('ATT', 5));
		expect([5, 20].map((n) => statusOf(p, n))).toEqual([undefined, 'ToBeDeleted']);
		hear(p, [deleted('Own', 20)]);
		expect([5, 20].map((n) => statusOf(p, n))).toEqual([undefined, 'ToBeDeleted']);
	});

	test('D4 of a chain: the versions before it are marked too, those after it are not', () => {
		const p = wallet();
		receiveSuccessor(p.at(day(2)), id('ATT', 5), withBerlin(20, identity(berlin, 'Bertha')));
		receiveSuccessor(p.at(day(3)), id('ATT', 20), withBerlin(21, identity(berlin, 'Bert')));
		hear(p, [deleted('Own', 20)]);
		expect([5, 20, 21].map((n) => deletionOf(p, n))).toEqual([end, end, undefined]);
	});

	test('D4 of an unknown attribute: nothing is done, and it is completed', () => {
		expectNothing(deleted('Own', 99), berlin, { status: 'Completed' });
	});

	test.each([2, 3])('D4 of the wrong kind of attribute (%i): an error', (n) => {
		expectNothing(deleted('Own', n), berlin, { status: 'Error', failure: 'wrongTypeOfAttribute' });
	});

	test.each([4, 5, 6])('D4 by the wrong sender (of %i): an error', (n) => {
		expectNothing(deleted('Own', n), carl, { status: 'Error', failure: 'senderIsNotPeerOfSharedAttribute' });
	});
});

describe('D PeerRelationshipAttributeDeletedByPeer', () => {
	test('D5 of an own relationship attribute: its recipient deleted it', () => {
		const p = wallet();
		expect(hear(p, [deleted('PeerRelationship', 3)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.peerRelationshipAttributeDeletedByPeer']
		});
		expect(deletionOf(p, 3)).toEqual({ deletionStatus: 'DeletedByRecipient', deletionDate: day(6) });
	});

	test('D5 of a third party relationship attribute: its emitter deleted it', () => {
		const p = wallet();
		expect(hear(p, [deleted('PeerRelationship', 6)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.peerRelationshipAttributeDeletedByPeer']
		});
		expect(deletionOf(p, 6)).toEqual({ deletionStatus: 'DeletedByEmitter', deletionDate: day(6) });
	});

	test.each([
		[3, 'ToBeDeletedByRecipient', 'DeletedByRecipient'],
		[6, 'ToBeDeleted', 'DeletedByEmitter']
	] as const)('D5 one that is to be deleted is deleted (%i)', (n, promise, expected) => {
		const p = wallet();
		markDeletion(p.at(day(2)), id('ATT', n), info(promise));
		hear(p, [deleted('PeerRelationship', n)]);
		expect(statusOf(p, n)).toBe(expected);
	});

	test('D5 of a chain: the versions before it are marked too, those after it are not', () => {
		const p = wallet();
		for (const [old, n] of [
			[3, 20],
			[20, 21]
		] as const)
			succeedOwnRelationship(p.at(day(n)), id('ATT', old), withBerlin(n, relationship(anna, String(n))));
		receiveSuccessor(p.at(day(2)), id('ATT', 6), withBerlin(30, relationship(carl, '7')));
		hear(p, [deleted('PeerRelationship', 20), deleted('PeerRelationship', 30)]);
		expect([3, 20, 21].map((n) => statusOf(p, n))).toEqual(['DeletedByRecipient', 'DeletedByRecipient', undefined]);
		expect([6, 30].map((n) => statusOf(p, n))).toEqual(['DeletedByEmitter', 'DeletedByEmitter']);
	});

	test('D5 of an unknown attribute: nothing is done, and it is completed', () => {
		expectNothing(deleted('PeerRelationship', 99), berlin, { status: 'Completed' });
	});

	test.each([2, 4, 5])('D5 of the wrong kind of attribute (%i): an error', (n) => {
		expectNothing(deleted('PeerRelationship', n), berlin, { status: 'Error', failure: 'wrongTypeOfAttribute' });
	});

	test.each([3, 6])('D5 by the wrong sender (of %i): an error', (n) => {
		const failure = 'senderIsNotPeerOfSharedAttribute';
		expectNothing(deleted('PeerRelationship', n), carl, { status: 'Error', failure });
	});
});
