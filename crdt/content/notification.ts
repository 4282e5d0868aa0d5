/** Notifications: what one side tells the other about attributes both hold (content-model.md §5.1). */
import * as v from 'valibot';
import { maxRequestNodes } from '../limits.ts';
import { anyAttribute, type Attribute } from './attribute.ts';
import { nonEmpty, oneOfTypes, type Shape } from './shape.ts';

export type PeerAttributeSucceededNotificationItem = {
	readonly '@type': 'PeerAttributeSucceededNotificationItem';
	readonly predecessorId: string;
	readonly successorId: string;
	readonly successorContent: Attribute;
};
type Deleted<Type extends string> = { readonly '@type': Type; readonly attributeId: string };
export type NotificationItem =
	| PeerAttributeSucceededNotificationItem
	| Deleted<'OwnAttributeDeletedByOwnerNotificationItem'>
	| Deleted<'PeerRelationshipAttributeDeletedByPeerNotificationItem'>
	| Deleted<'ForwardedAttributeDeletedByPeerNotificationItem'>;
export type Notification = {
	readonly '@type': 'Notification';
	readonly id: string;
	readonly items: readonly NotificationItem[];
};

const deleted = (type: string) => v.object({ '@type': v.literal(type), attributeId: v.string() });

export const notificationItemShapes = {
	PeerAttributeSucceededNotificationItem: v.object({
		'@type': v.literal('PeerAttributeSucceededNotificationItem'),
		predecessorId: v.string(),
		successorId: v.string(),
		successorContent: anyAttribute
	}),
	OwnAttributeDeletedByOwnerNotificationItem: deleted('OwnAttributeDeletedByOwnerNotificationItem'),
	PeerRelationshipAttributeDeletedByPeerNotificationItem: deleted(
		'PeerRelationshipAttributeDeletedByPeerNotificationItem'
	),
	ForwardedAttributeDeletedByPeerNotificationItem: deleted('ForwardedAttributeDeletedByPeerNotificationItem')
} as unknown as { readonly [type: string]: Shape<NotificationItem> };

export const notification = v.object({
	'@type': v.literal('Notification'),
	id: v.string(),
	items: v.pipe(
		nonEmpty(oneOfTypes(notificationItemShapes)),
		v.maxLength(maxRequestNodes, `must not have more than ${maxRequestNodes} items`)
	)
}) as unknown as Shape<Notification>;
