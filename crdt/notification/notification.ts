/**
 * Notifications: what one side tells the other about attributes, by message (content-model.md §5.1).
 *
 *   own       the message left → row Sent (one recipient only)
 *   received  items in order, each checked and applied; all of it → Completed and its events, or nothing of it → Error
 *
 * Receiving is part of the fold, so every device comes to the same at once: a received row is never seen Open, and one in
 * Error would fail again.
 */
import type { Notification, NotificationItem } from '../content/notification.ts';
import type { Address, Fold, MessageRow, NotificationRow, RelationshipRow, Views } from '../views.ts';
import { newestRelationship } from '../relationship/newest.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import { tryOut } from '../try-out.ts';
import { ruleOf, type Told } from './items.ts';

const contentOf = (message: MessageRow): Notification => message.content as unknown as Notification;

const rowOf = (message: MessageRow, peer: Address): Omit<NotificationRow, 'status' | 'isOwn'> => ({
	id: contentOf(message).id,
	peer,
	createdAt: message.createdAt,
	content: message.content,
	source: { type: 'Message', reference: message.id }
});

const isNotificationId = (id: string): boolean => /^NOT[A-Za-z0-9]{17}$/.test(id);

/** An own message with a notification is on its way. */
export function notificationSent(fold: Fold, message: MessageRow): void {
	const [recipient, ...others] = message.recipients;
	const { id } = contentOf(message);
	if (!recipient || others.length > 0 || !isNotificationId(id) || fold.views.get('notifications', id)) return;
	fold.views.put('notifications', { ...rowOf(message, recipient.address), isOwn: true, status: 'Sent' });
}

/** A refusal is for "needs attention": an id that is another's, or that came already. */
export function notificationReceived(fold: Fold, message: MessageRow, device: string): Refusal | undefined {
	const { id, items } = contentOf(message);
	if (!isNotificationId(id) || fold.views.get('notifications', id))
		return { code: 'foreign-id', message: 'The notification’s id is none, or is another’s.' };
	const row = { ...rowOf(message, message.createdBy), isOwn: false, receivedByDevice: device } as const;
	const failure = processAll(fold, items, { sender: message.createdBy, notificationId: id });
	fold.views.put(
		'notifications',
		failure ? { ...row, status: 'Error', _failure: failure.code } : { ...row, status: 'Completed' }
	);
	return undefined;
}

/** All items or none; events only when all of them could be applied. */
function processAll(fold: Fold, items: readonly NotificationItem[], told: Told): Refusal | undefined {
	const trial = tryOut(fold.views);
	const events: (() => void)[] = [];
	const inner: Fold = {
		...fold,
		views: trial.views,
		emit: (name, data) => events.push(() => fold.emit(name, data))
	};
	for (const item of items) {
		const rule = ruleOf(item);
		const failure = rule.check(item, inner.views, told);
		if (failure) return failure;
		rule.apply(item, inner, told);
	}
	trial.keep();
	for (const tell of events) tell();
	return undefined;
}

/** The relationship a notification can go through: it may have ended, then it is held until it is taken up again. */
export function relationshipToNotify(views: Views, peer: Address): Result<RelationshipRow> {
	const relationship = newestRelationship(views, peer);
	if (relationship?.status !== 'Active' && relationship?.status !== 'Terminated')
		return refuse(
			'error.transport.messages.hasNeitherActiveNorTerminatedRelationship',
			`The message cannot be sent to '${peer}': there is neither an active nor a terminated relationship.`
		);
	if (relationship.peerDeletionInfo?.deletionStatus === 'Deleted')
		return refuse(
			'error.transport.messages.peerIsDeleted',
			`The message cannot be sent to '${peer}': it was deleted.`
		);
	return ok(relationship);
}
