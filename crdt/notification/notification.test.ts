/** Notifications, sent and received (content-behaviours.md D; content-model.md §5.1). */
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../content/attribute.ts';
import type { NotificationItem } from '../content/notification.ts';
import { deleteAttribute } from '../attribute/delete.ts';
import { markDeletion, markForwardingDeletion } from '../attribute/deletion.ts';
import { createOwn, succeedOwn } from '../attribute/own.ts';
import { receiveAttribute, receiveSuccessor } from '../attribute/peer.ts';
import { addForwarding, forgetPeer } from '../attribute/sharing.ts';
import {
	anna,
	berlin,
	carl,
	code,
	day,
	id,
	identity,
	party,
	relate,
	relationship,
	type Party
} from '../attribute/testing/party.ts';
import { forwardingsTo } from '../attribute/versions.ts';
import type { DeletionStatus, JsonObject, MessageRow } from '../views.ts';
import { notificationReceived, notificationSent, relationshipToNotify } from './notification.ts';

const device = id('DVC', 1);
const message = (n: number, from: string, to: readonly string[], items: readonly NotificationItem[]): MessageRow => ({
	id: id('MSG', n),
	isOwn: from === anna,
	content: { '@type': 'Notification', id: id('NOT', n), items } as unknown as JsonObject,
	createdBy: from,
	createdByDevice: device,
	recipients: to.map((address) => ({ address })),
	createdAt: day(6),
	attachments: []
});
/** The status the notification ends in, and what was told. */
function hear(p: Party, items: readonly NotificationItem[], from = berlin, n = 1) {
	p.heard();
	const refused = notificationReceived(p.at(day(6)), message(n, from, [anna], items), device);
	const { status, _failure } = p.views.get('notifications', id('NOT', n)) ?? {};
	return { refused: refused?.code, status, failure: _failure?.split('.').at(-1), told: p.heard() };
}
const statusOf = (p: Party, n: number) => p.views.get('attributes', id('ATT', n))?.deletionInfo?.deletionStatus;
const forwardedStatus = (p: Party, n: number) =>
	forwardingsTo(p.views, id('ATT', n), berlin).at(-1)?.deletionInfo?.deletionStatus;
const exchanged = (n: number, content: Attribute, initialAttributePeer?: string) => ({
	id: id('ATT', n),
	content,
	peer: berlin,
	sourceReference: id('REQ', n),
	...(initialAttributePeer && { initialAttributePeer })
});
const info = (deletionStatus: DeletionStatus) => ({ deletionStatus, deletionDate: day(20) });

/** 1 ← 2 own identity, both forwarded; 3 own relationship, forwarded; 4 peer relationship; 5 peer identity; 6 third party’s. */
function wallet(): Party {
	const p = party(anna);
	const at = p.at(day(1));
	createOwn(at, id('ATT', 1), identity(anna, 'Anna'));
	succeedOwn(at, id('ATT', 1), id('ATT', 2), identity(anna, 'Ann'));
	receiveAttribute(at, exchanged(3, relationship(anna, '3')));
	receiveAttribute(at, exchanged(4, relationship(berlin, '4', { key: 'k' })));
	receiveAttribute(at, exchanged(5, identity(berlin, 'Berta')));
	receiveAttribute(at, exchanged(6, relationship(carl, '6'), carl));
	for (const n of [1, 2]) addForwarding(at, id('ATT', n), berlin, id('REQ', n));
	return p;
}
const deleted = (kind: 'Own' | 'PeerRelationship' | 'Forwarded', n: number): NotificationItem => ({
	'@type': (
		{
			Own: 'OwnAttributeDeletedByOwnerNotificationItem',
			PeerRelationship: 'PeerRelationshipAttributeDeletedByPeerNotificationItem',
			Forwarded: 'ForwardedAttributeDeletedByPeerNotificationItem'
		} as const
	)[kind],
	attributeId: id('ATT', n)
});
const succeeded = (old: number, n: number, successorContent: Attribute): NotificationItem => ({
	'@type': 'PeerAttributeSucceededNotificationItem',
	predecessorId: id('ATT', old),
	successorId: id('ATT', n),
	successorContent
});

describe('D life cycle', () => {
	test('D an own one is on record when its message left: Sent, without a device', () => {
		const p = party(anna);
		notificationSent(p.at(day(6)), message(1, anna, [berlin], [deleted('Own', 1)]));
		expect(p.views.list('notifications')).toEqual([
			{
				id: id('NOT', 1),
				isOwn: true,
				peer: berlin,
				createdAt: day(6),
				content: message(1, anna, [berlin], [deleted('Own', 1)]).content,
				status: 'Sent',
				source: { type: 'Message', reference: id('MSG', 1) }
			}
		]);
	});

	test('D one to several recipients is not on record', () => {
		const p = party(anna);
		notificationSent(p.at(day(6)), message(1, anna, [berlin, carl], [deleted('Own', 1)]));
		expect(p.views.list('notifications')).toEqual([]);
	});

	test('D a received one names the device that copied the mail, and is completed at once', () => {
		const p = wallet();
		hear(p, [deleted('Own', 5)]);
		expect(p.views.get('notifications', id('NOT', 1))).toMatchObject({
			isOwn: false,
			peer: berlin,
			receivedByDevice: device,
			status: 'Completed',
			source: { type: 'Message', reference: id('MSG', 1) }
		});
	});

	test('D an id that is none, or another’s, is refused and nothing of it is done', () => {
		const p = wallet();
		hear(p, [deleted('Own', 5)]);
		const before = p.views.list('attributes');
		expect(hear(p, [deleted('Own', 4)]).refused).toBe('foreign-id');
		const odd = message(2, berlin, [anna], [deleted('Own', 4)]);
		const refused = notificationReceived(p.at(day(6)), { ...odd, content: { ...odd.content, id: 'x' } }, device);
		expect(refused?.code).toBe('foreign-id');
		expect(p.views.list('attributes')).toEqual(before);
	});

	test('D items are done in order; when one fails, nothing of the others stays and nothing is told', () => {
		const p = wallet();
		const before = [p.views.list('attributes'), p.views.list('forwardings')];
		const items = [succeeded(5, 20, identity(berlin, 'Bertha')), deleted('Own', 20), deleted('Own', 1)];
		expect(hear(p, items)).toEqual({
			refused: undefined,
			status: 'Error',
			failure: 'wrongTypeOfAttribute',
			told: []
		});
		expect([p.views.list('attributes'), p.views.list('forwardings')]).toEqual(before);
		expect(p.views.get('attributes', id('ATT', 5))?.succeededBy).toBeUndefined();
	});

	test('D a later item sees what an earlier one did', () => {
		const p = wallet();
		const items = [succeeded(5, 20, identity(berlin, 'Bertha')), deleted('Own', 20)];
		expect(hear(p, items)).toMatchObject({
			status: 'Completed',
			told: ['consumption.attributeSucceeded', 'consumption.ownAttributeDeletedByOwner']
		});
		expect([statusOf(p, 5), statusOf(p, 20)]).toEqual(['DeletedByEmitter', 'DeletedByEmitter']);
	});

	test('D own decomposition takes them along', () => {
		const p = wallet();
		hear(p, [deleted('Own', 5)]);
		forgetPeer(p.at(day(7)), berlin);
		expect(p.views.list('notifications')).toEqual([]);
	});

	test('D they may be sent while the relationship is active or terminated, to a peer that is being deleted too', () => {
		const said = (status: Parameters<typeof relate>[2], deletion?: 'ToBeDeleted' | 'Deleted') => {
			const p = party(anna);
			const peerDeletionInfo = deletion && { deletionStatus: deletion, deletionDate: day(9) };
			relate(p, berlin, status, peerDeletionInfo ? { peerDeletionInfo } : {});
			return code(relationshipToNotify(p.views, berlin));
		};
		expect([said('Active'), said('Terminated'), said('Active', 'ToBeDeleted')]).toEqual(['ok', 'ok', 'ok']);
		expect([said('Pending'), said('DeletionProposed'), said('Rejected')]).toEqual(
			Array<string>(3).fill('hasNeitherActiveNorTerminatedRelationship')
		);
		expect(said('Active', 'Deleted')).toBe('peerIsDeleted');
		expect(code(relationshipToNotify(party(anna).views, berlin))).toBe('hasNeitherActiveNorTerminatedRelationship');
	});
});

describe('D ForwardedAttributeDeletedByPeer', () => {
	test('D of an own identity attribute: the peer holds it and those before it no more', () => {
		const p = wallet();
		expect(hear(p, [deleted('Forwarded', 2)])).toMatchObject({ status: 'Completed' });
		expect([1, 2].map((n) => forwardedStatus(p, n))).toEqual(['DeletedByRecipient', 'DeletedByRecipient']);
		expect(p.views.get('attributes', id('ATT', 2))?.deletionInfo).toBeUndefined();
	});

	test('D it is told with the attribute, after each change of a forwarding', () => {
		expect(hear(wallet(), [deleted('Forwarded', 2)]).told).toEqual([
			'consumption.attributeForwardingDetailsChanged',
			'consumption.attributeForwardingDetailsChanged',
			'consumption.forwardedAttributeDeletedByPeer'
		]);
	});

	test.each([3, 4])('D of relationship attribute %i that was forwarded to a third party', (n) => {
		const p = wallet();
		addForwarding(p.at(day(2)), id('ATT', n), carl, id('REQ', 9));
		expect(hear(p, [deleted('Forwarded', n)], carl)).toMatchObject({ status: 'Completed' });
		expect(forwardingsTo(p.views, id('ATT', n), carl)[0]?.deletionInfo).toEqual({
			deletionStatus: 'DeletedByRecipient',
			deletionDate: day(6)
		});
	});

	test('D a promise to delete is overridden; a version that was never shared is passed over', () => {
		const p = wallet();
		succeedOwn(p.at(day(2)), id('ATT', 2), id('ATT', 10), identity(anna, 'Annie'));
		succeedOwn(p.at(day(2)), id('ATT', 10), id('ATT', 11), identity(anna, 'Anni'));
		addForwarding(p.at(day(2)), id('ATT', 11), berlin, id('REQ', 9));
		markForwardingDeletion(p.at(day(3)), id('ATT', 11), berlin, info('ToBeDeletedByRecipient'));
		expect(hear(p, [deleted('Forwarded', 11)])).toMatchObject({ status: 'Completed' });
		expect([1, 2, 10, 11].map((n) => forwardedStatus(p, n))).toEqual([
			'DeletedByRecipient',
			'DeletedByRecipient',
			undefined,
			'DeletedByRecipient'
		]);
	});

	test('D unknown, wrong kind, wrong sender', () => {
		expect(hear(wallet(), [deleted('Forwarded', 99)])).toMatchObject({ status: 'Completed', told: [] });
		expect(hear(wallet(), [deleted('Forwarded', 5)])).toMatchObject({ failure: 'wrongTypeOfAttribute' });
		expect(hear(wallet(), [deleted('Forwarded', 2)], carl)).toMatchObject({
			status: 'Error',
			failure: 'senderIsNotPeerOfSharedAttribute'
		});
	});

	test('D told again by another device of the peer: still deleted, at the first date', () => {
		const p = wallet();
		hear(p, [deleted('Forwarded', 2)]);
		expect(hear(p, [deleted('Forwarded', 2)], berlin, 2)).toMatchObject({ status: 'Completed' });
		expect(forwardingsTo(p.views, id('ATT', 2), berlin)).toHaveLength(1);
	});
});

describe('D OwnAttributeDeletedByOwner', () => {
	test.each([4, 5, 6])('D attribute %i is marked, and that is told', (n) => {
		const p = wallet();
		expect(hear(p, [deleted('Own', n)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.ownAttributeDeletedByOwner']
		});
		expect(p.views.get('attributes', id('ATT', n))?.deletionInfo).toEqual({
			deletionStatus: 'DeletedByEmitter',
			deletionDate: day(6)
		});
	});

	test('D versions before it are marked too, a promise to delete stays', () => {
		const p = wallet();
		receiveSuccessor(p.at(day(2)), id('ATT', 5), exchanged(20, identity(berlin, 'Bertha')));
		hear(p, [deleted('Own', 20)]);
		expect([5, 20].map((n) => statusOf(p, n))).toEqual(['DeletedByEmitter', 'DeletedByEmitter']);
		const promised = wallet();
		markDeletion(promised.at(day(2)), id('ATT', 5), info('ToBeDeleted'));
		expect(hear(promised, [deleted('Own', 5)])).toMatchObject({ status: 'Completed' });
		expect(promised.views.get('attributes', id('ATT', 5))?.deletionInfo).toEqual(info('ToBeDeleted'));
	});

	test('D unknown, wrong kind, wrong sender', () => {
		expect(hear(wallet(), [deleted('Own', 99)])).toMatchObject({ status: 'Completed', told: [] });
		for (const n of [2, 3])
			expect(hear(wallet(), [deleted('Own', n)])).toMatchObject({ failure: 'wrongTypeOfAttribute' });
		expect(hear(wallet(), [deleted('Own', 5)], carl)).toMatchObject({
			failure: 'senderIsNotPeerOfSharedAttribute'
		});
	});
});

describe('D PeerRelationshipAttributeDeletedByPeer', () => {
	test.each([
		[3, 'DeletedByRecipient'],
		[6, 'DeletedByEmitter']
	] as const)('D attribute %i is %s, a promise is overridden', (n, expected) => {
		const p = wallet();
		markDeletion(p.at(day(2)), id('ATT', n), info(n === 3 ? 'ToBeDeletedByRecipient' : 'ToBeDeleted'));
		expect(hear(p, [deleted('PeerRelationship', n)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.peerRelationshipAttributeDeletedByPeer']
		});
		expect(statusOf(p, n)).toBe(expected);
	});

	test('D versions before it are marked too', () => {
		const p = wallet();
		receiveSuccessor(p.at(day(2)), id('ATT', 6), exchanged(20, relationship(carl, '7')));
		hear(p, [deleted('PeerRelationship', 20)]);
		expect([6, 20].map((n) => statusOf(p, n))).toEqual(['DeletedByEmitter', 'DeletedByEmitter']);
	});

	test('D unknown, wrong kind, wrong sender', () => {
		expect(hear(wallet(), [deleted('PeerRelationship', 99)])).toMatchObject({ status: 'Completed', told: [] });
		for (const n of [2, 4, 5])
			expect(hear(wallet(), [deleted('PeerRelationship', n)])).toMatchObject({ failure: 'wrongTypeOfAttribute' });
		expect(hear(wallet(), [deleted('PeerRelationship', 3)], carl)).toMatchObject({
			failure: 'senderIsNotPeerOfSharedAttribute'
		});
	});
});

describe('D PeerAttributeSucceeded', () => {
	test.each([
		[5, identity(berlin, 'Bertha')],
		[4, relationship(berlin, '5', { key: 'k' })]
	])('D of attribute %i: the successor comes from the notification', (n, content) => {
		const p = wallet();
		expect(hear(p, [succeeded(n, 20, content)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.attributeSucceeded']
		});
		expect(p.views.get('attributes', id('ATT', 20))).toMatchObject({
			succeeds: id('ATT', n),
			peer: berlin,
			content,
			sourceReference: id('NOT', 1)
		});
	});

	test.each<[string, NotificationItem, string, string]>([
		['not owned by the sender', succeeded(5, 20, identity(carl, 'x')), berlin, 'successionPeerIsNotOwner'],
		['of an unknown attribute', succeeded(99, 20, identity(berlin, 'x')), berlin, 'predecessorDoesNotExist'],
		['of an own attribute', succeeded(3, 20, relationship(berlin, 'x')), berlin, 'wrongTypeOfAttribute'],
		['of a third party’s', succeeded(6, 20, relationship(berlin, 'x')), berlin, 'wrongTypeOfAttribute'],
		['of another peer’s', succeeded(5, 20, identity(carl, 'x')), carl, 'senderIsNotPeerOfSharedAttribute'],
		['of another kind', succeeded(5, 20, relationship(berlin, 'x')), berlin, 'successionMustNotChangeContentType'],
		['with another key', succeeded(4, 20, relationship(berlin, 'x')), berlin, 'successionMustNotChangeKey'],
		['under an id that is used', succeeded(5, 4, identity(berlin, 'x')), berlin, 'successorMustNotYetExist'],
		['without a change', succeeded(5, 20, identity(berlin, 'Berta')), berlin, 'successionMustChangeContent']
	])('D one %s is an error', (_name, item, from, failure) => {
		expect(hear(wallet(), [item], from)).toMatchObject({ status: 'Error', failure, told: [] });
	});

	test('D an id that is none is an error', () => {
		const item = { ...succeeded(5, 20, identity(berlin, 'x')), successorId: '../x' } as NotificationItem;
		expect(hear(wallet(), [item])).toMatchObject({ failure: 'successorIsNotAValidAttribute' });
	});

	test('D what we deleted and told so is taken as new: the two crossed, and both sides then hold it', () => {
		const p = wallet();
		deleteAttribute(p.at(day(2)), id('ATT', 5));
		expect(hear(p, [succeeded(5, 20, identity(berlin, 'Bertha'))])).toMatchObject({
			failure: 'predecessorDoesNotExist'
		});
		notificationSent(p.at(day(3)), message(3, anna, [berlin], [deleted('Forwarded', 5)]));
		expect(hear(p, [succeeded(5, 20, identity(berlin, 'Bertha'))], berlin, 2)).toMatchObject({
			status: 'Completed',
			told: ['consumption.attributeCreated']
		});
		expect(p.views.get('attributes', id('ATT', 20))).toMatchObject({ peer: berlin });
		expect(p.views.get('attributes', id('ATT', 20))?.succeeds).toBeUndefined();
		expect(hear(p, [succeeded(5, 4, identity(berlin, 'Bertha'))], berlin, 4)).toMatchObject({
			failure: 'successorMustNotYetExist'
		});
	});

	test('D told again by another device of the peer: once is enough', () => {
		const p = wallet();
		hear(p, [succeeded(5, 20, identity(berlin, 'Bertha'))]);
		expect(hear(p, [succeeded(5, 20, identity(berlin, 'Bertha'))], berlin, 2)).toMatchObject({
			status: 'Completed',
			told: []
		});
	});
});
