/** A wallet of every kind of attribute, and notifications from Berlin that it hears. For tests of folds. */
import { createOwn, succeedOwn } from '../../attribute/own.ts';
import { receiveAttribute } from '../../attribute/peer.ts';
import {
	anna,
	berlin,
	carl,
	day,
	id,
	identity,
	party,
	relationship,
	type Party
} from '../../attribute/testing/party.ts';
import { forward, rowOf, withBerlin } from '../../attribute/testing/wallet.ts';
import { forwardingsTo } from '../../attribute/versions.ts';
import type { Attribute } from '../../content/attribute.ts';
import type { NotificationItem } from '../../content/notification.ts';
import type { Address, DeletionInfo, DeletionStatus, JsonObject, MessageRow } from '../../views.ts';
import { notificationReceived } from '../notification.ts';

export const device = id('DVC', 1);

/** Message n with notification n. */
export const message = (
	n: number,
	from: Address,
	to: readonly Address[],
	items: readonly NotificationItem[]
): MessageRow => ({
	id: id('MSG', n),
	isOwn: from === anna,
	content: { '@type': 'Notification', id: id('NOT', n), items } as unknown as JsonObject,
	createdBy: from,
	createdByDevice: device,
	recipients: to.map((address) => ({ address })),
	createdAt: day(6),
	attachments: []
});

/** What it was refused with, the status it ends in and why, and what was told. */
export function hear(p: Party, items: readonly NotificationItem[], from: Address = berlin, n = 1) {
	p.heard();
	const refused = notificationReceived(p.at(day(6)), message(n, from, [anna], items), device);
	const { status, _failure } = p.views.get('notifications', id('NOT', n)) ?? {};
	return { refused: refused?.code, status, failure: _failure?.split('.').at(-1), told: p.heard() };
}

/** 1 ← 2 own identity, both forwarded; 3 own relationship; 4 peer relationship; 5 peer identity; 6 a third party's. */
export function wallet(): Party {
	const p = party(anna);
	const at = p.at(day(1));
	createOwn(at, id('ATT', 1), identity(anna, 'Anna'));
	succeedOwn(at, id('ATT', 1), id('ATT', 2), identity(anna, 'Ann'));
	receiveAttribute(at, withBerlin(3, relationship(anna, '3')));
	receiveAttribute(at, withBerlin(4, relationship(berlin, '4', { key: 'k' })));
	receiveAttribute(at, withBerlin(5, identity(berlin, 'Berta')));
	receiveAttribute(at, withBerlin(6, relationship(carl, '6'), carl));
	for (const n of [1, 2]) forward(p, n);
	return p;
}

export const deletionOf = (p: Party, n: number): DeletionInfo | undefined => rowOf(p, n).deletionInfo;
export const statusOf = (p: Party, n: number): DeletionStatus | undefined => deletionOf(p, n)?.deletionStatus;
/** What is said of attribute n as a peer holds it. */
export const forwardedInfo = (p: Party, n: number, peer: Address = berlin): DeletionInfo | undefined =>
	forwardingsTo(p.views, id('ATT', n), peer).at(-1)?.deletionInfo;

const deletions = {
	Own: 'OwnAttributeDeletedByOwnerNotificationItem',
	PeerRelationship: 'PeerRelationshipAttributeDeletedByPeerNotificationItem',
	Forwarded: 'ForwardedAttributeDeletedByPeerNotificationItem'
} as const;

/** Attribute n is deleted, says its owner, the peer of its relationship, or whom it was forwarded to. */
export const deleted = (kind: keyof typeof deletions, n: number): NotificationItem => ({
	'@type': deletions[kind],
	attributeId: id('ATT', n)
});
/** Attribute `old` is succeeded by attribute n. */
export const succeeded = (old: number, n: number, successorContent: Attribute): NotificationItem => ({
	'@type': 'PeerAttributeSucceededNotificationItem',
	predecessorId: id('ATT', old),
	successorId: id('ATT', n),
	successorContent
});
