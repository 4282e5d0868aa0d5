/**
 * One row per kind of notification item (content-model.md §5.1): what the receiver checks, and what it causes. A check that
 * fails makes the whole notification fail. What it says of an attribute that is gone here already is no fault.
 */
import { isToBeDeleted, markDeletion, markForwardingDeletion } from '../attribute/deletion.ts';
import { receiveSuccessor } from '../attribute/peer.ts';
import { successionFault } from '../attribute/succession.ts';
import { forwardingsTo } from '../attribute/versions.ts';
import type { Attribute } from '../content/attribute.ts';
import { isEqualJson } from '../content/json.ts';
import type { NotificationItem, PeerAttributeSucceededNotificationItem } from '../content/notification.ts';
import type { Refusal } from '../result.ts';
import { rowsBy } from '../view-query.ts';
import type { Address, AttributeKind, AttributeRow, Fold, Views } from '../views.ts';
import { attributeDto } from '../views-dto.ts';

export type SucceededItem = PeerAttributeSucceededNotificationItem;
export type DeletedItem = Exclude<NotificationItem, SucceededItem>;

/** Who said it, in which notification. */
export interface Told {
	readonly sender: Address;
	readonly notificationId: string;
}
interface ItemRule<Item> {
	check(item: Item, views: Views, told: Told): Refusal | undefined;
	apply(item: Item, fold: Fold, told: Told): void;
}

const fault = (code: string, message: string): Refusal => ({ code: `error.consumption.attributes.${code}`, message });
const wrongType = (row: AttributeRow): Refusal =>
	fault('wrongTypeOfAttribute', `Attribute '${row.id}' is a ${row['@type']}, which this cannot be said of.`);
const wrongSender = (row: AttributeRow): Refusal =>
	fault('senderIsNotPeerOfSharedAttribute', `The sender has no part in attribute '${row.id}'.`);

// ------------------------------------------------------------------------------------------- succession

const succeeded: ItemRule<SucceededItem> = {
	check({ predecessorId, successorId, successorContent }, views, { sender }) {
		if (successorContent.owner !== sender)
			return fault('successionPeerIsNotOwner', 'The sender does not own the successor.');
		const old = views.get('attributes', predecessorId);
		if (!old && !wasDeletedHere(views, predecessorId, sender))
			return fault('predecessorDoesNotExist', `There is no attribute '${predecessorId}'.`);
		if (!old) return newIdFault(views, successorId, successorContent, sender);
		if (old['@type'] !== 'PeerIdentityAttribute' && old['@type'] !== 'PeerRelationshipAttribute')
			return wrongType(old);
		if (old.peer !== sender) return wrongSender(old);
		const known = newIdFault(views, successorId, successorContent, sender);
		if (known || isToldAgain(views, successorId, successorContent, sender)) return known;
		return successionFault(views, old, successorId, successorContent);
	},
	apply({ predecessorId, successorId, successorContent }, fold, { sender, notificationId }) {
		receiveSuccessor(fold, predecessorId, {
			id: successorId,
			content: successorContent,
			peer: sender,
			sourceReference: notificationId
		});
	}
};

/** An id that can be taken: it is one, and nothing else has it. */
function newIdFault(views: Views, id: string, content: Attribute, sender: Address): Refusal | undefined {
	if (!/^ATT[A-Za-z0-9]{17}$/.test(id))
		return fault('successorIsNotAValidAttribute', 'The id of the successor is none.');
	if (!views.get('attributes', id) || isToldAgain(views, id, content, sender)) return undefined;
	return fault('successorMustNotYetExist', 'There is an attribute with the id of the successor already.');
}

/** Two devices of the peer told the same succession: once is enough. */
function isToldAgain(views: Views, id: string, content: Attribute, sender: Address): boolean {
	const known = views.get('attributes', id);
	return known?.peer === sender && isEqualJson(known.content, content);
}

/**
 * We deleted it and told the sender so: the two crossed. The successor is taken as new then, or the owner would believe for
 * ever that we hold it. What we never had is not pressed on us so.
 */
const wasDeletedHere = (views: Views, attributeId: string, sender: Address): boolean =>
	rowsBy(views, 'notifications', 'content.items.attributeId', attributeId).some(
		({ isOwn, peer }) => isOwn && peer === sender
	);

// --------------------------------------------------------------------------------------------- deletion

/** What the three have in common: an attribute that is unknown is none of anybody's business any more. */
const deletion = (
	kinds: readonly AttributeKind[],
	event: string,
	isInvolved: (row: AttributeRow, views: Views, sender: Address) => boolean,
	mark: (row: AttributeRow, fold: Fold, sender: Address) => void
): ItemRule<DeletedItem> => ({
	check({ attributeId }, views, { sender }) {
		const row = views.get('attributes', attributeId);
		if (!row) return undefined;
		if (!kinds.includes(row['@type'])) return wrongType(row);
		return isInvolved(row, views, sender) ? undefined : wrongSender(row);
	},
	apply({ attributeId }, fold, { sender }) {
		const row = fold.views.get('attributes', attributeId);
		if (!row) return;
		mark(row, fold, sender);
		fold.emit(`consumption.${event}`, attributeDto(fold.views.get('attributes', attributeId) ?? row));
	}
});

const isPeer = (row: AttributeRow, _views: Views, sender: Address): boolean => row.peer === sender;

const ownDeletedByOwner = deletion(
	['PeerIdentityAttribute', 'PeerRelationshipAttribute', 'ThirdPartyRelationshipAttribute'],
	'ownAttributeDeletedByOwner',
	isPeer,
	(row, fold) => {
		if (isToBeDeleted(row)) return;
		markDeletion(fold, row.id, { deletionStatus: 'DeletedByEmitter', deletionDate: fold.at });
	}
);

const peerRelationshipDeletedByPeer = deletion(
	['OwnRelationshipAttribute', 'ThirdPartyRelationshipAttribute'],
	'peerRelationshipAttributeDeletedByPeer',
	isPeer,
	(row, fold) => {
		const isOwn = row['@type'] === 'OwnRelationshipAttribute';
		const deletionStatus = isOwn ? 'DeletedByRecipient' : 'DeletedByEmitter';
		markDeletion(fold, row.id, { deletionStatus, deletionDate: fold.at }, { override: true });
	}
);

const forwardedDeletedByPeer = deletion(
	['OwnIdentityAttribute', 'OwnRelationshipAttribute', 'PeerRelationshipAttribute'],
	'forwardedAttributeDeletedByPeer',
	(row, views, sender) => forwardingsTo(views, row.id, sender).length > 0,
	(row, fold, sender) =>
		markForwardingDeletion(
			fold,
			row.id,
			sender,
			{ deletionStatus: 'DeletedByRecipient', deletionDate: fold.at },
			{ override: true }
		)
);

const table = {
	PeerAttributeSucceededNotificationItem: succeeded,
	OwnAttributeDeletedByOwnerNotificationItem: ownDeletedByOwner,
	PeerRelationshipAttributeDeletedByPeerNotificationItem: peerRelationshipDeletedByPeer,
	ForwardedAttributeDeletedByPeerNotificationItem: forwardedDeletedByPeer
} as unknown as { readonly [type: string]: ItemRule<NotificationItem> };

/** The row of a kind of item. */
export function ruleOf(item: NotificationItem): ItemRule<NotificationItem> {
	const rule = table[item['@type']];
	if (!rule) throw new Error(`no rule for ${item['@type']}`);
	return rule;
}
