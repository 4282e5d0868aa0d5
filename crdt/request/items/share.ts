/** ShareAttributeRequestItem: the sender offers an attribute it has; the recipient takes it, or has it already. */
import { findReceived, keepReceived, ownerFault, receiveAttribute } from '../../attribute/peer.ts';
import { addForwarding, keepForwarding } from '../../attribute/sharing.ts';
import { hasSharedPredecessor, hasSharedSuccessor, isForwarded } from '../../attribute/versions.ts';
import { isIdentityAttribute } from '../../content/attribute.ts';
import { isEqualJson } from '../../content/json.ts';
import { tagFault } from '../../content/tags.ts';
import type { Refusal } from '../../result.ts';
import type { AttributeKind, AttributeRow, Views } from '../../views.ts';
import { requestFault } from '../validation.ts';
import { wasActive } from './read.ts';
import { asItemFault, invalidItem, plainFault, tagsKnown, type Asking, type ItemOf, type ItemRule } from './rule.ts';

type Share = ItemOf<'ShareAttributeRequestItem'>;

export const SHAREABLE: readonly AttributeKind[] = [
	'OwnIdentityAttribute',
	'OwnRelationshipAttribute',
	'PeerRelationshipAttribute'
];

/** What the peer holds already cannot be shared anew; of an older version it is told by a notification. */
function heldFault(views: Views, row: AttributeRow, peer: string): Refusal | undefined {
	if (isForwarded(views, row.id, peer, { excludeToBeDeleted: true }))
		return invalidItem(`The attribute '${row.id}' is already shared with the peer.`);
	if (hasSharedSuccessor(views, row, peer, { includeToBeDeleted: true }))
		return invalidItem('A successor of the attribute is already shared with the peer.');
	if (hasSharedPredecessor(views, row, peer))
		return invalidItem(
			'A predecessor of the attribute is already shared with the peer. Notify it of the succession.'
		);
	return undefined;
}

function relationshipFault({ attribute, initialAttributePeer }: Share, row: AttributeRow, { views, peer }: Asking) {
	if (isIdentityAttribute(attribute)) return undefined;
	if (peer !== undefined && row.peer === peer) return invalidItem('The peer has the attribute with you already.');
	if (!wasActive(views, row.peer ?? ''))
		return requestFault(
			'cannotShareRelationshipAttributeOfPendingRelationship',
			'The relationship the attribute lives in is pending.'
		);
	if (initialAttributePeer !== row.peer)
		return invalidItem('The initialAttributePeer must be the peer of the relationship the attribute lives in.');
	if (peer !== undefined && attribute.owner === peer) return invalidItem('The recipient owns the attribute.');
	return attribute.confidentiality === 'private' ? invalidItem('A private attribute cannot be shared.') : undefined;
}

export const shareAttribute: ItemRule<Share> = {
	canCreate(item, asking) {
		const { views, peer } = asking;
		const { attribute, attributeId, initialAttributePeer } = item;
		const row = views.get('attributes', attributeId);
		if (!row) return invalidItem(`There is no attribute '${attributeId}'.`);
		if (!SHAREABLE.includes(row['@type'])) return invalidItem('An attribute of this kind cannot be shared.');
		if (!isEqualJson(row.content, attribute))
			return invalidItem(`The content differs from that of '${attributeId}'.`);
		const held = peer === undefined ? undefined : heldFault(views, row, peer);
		if (held) return held;
		if (!isIdentityAttribute(attribute)) return relationshipFault(item, row, asking);
		if (initialAttributePeer !== undefined)
			return invalidItem('An identity attribute has no initialAttributePeer.');
		return asItemFault(tagFault(attribute, tagsKnown(views)));
	},
	canAccept({ attribute, attributeId, initialAttributePeer }, _parameters, { views, me, peer }) {
		if (isIdentityAttribute(attribute)) {
			const tags = asItemFault(tagFault(attribute, tagsKnown(views)));
			if (tags) return tags;
			if (initialAttributePeer !== undefined)
				return invalidItem('An identity attribute has no initialAttributePeer.');
		} else if (initialAttributePeer === undefined)
			return invalidItem('A relationship attribute needs an initialAttributePeer.');
		const known = views.get('attributes', attributeId);
		if (known && known.peer !== peer) return invalidItem('The attribute has an id that is in use.');
		return asItemFault(ownerFault(me, { content: attribute, peer, initialAttributePeer }));
	},
	answer({ attribute, initialAttributePeer }, _parameters, fold, { peer }) {
		const known = findReceived(fold.views, { content: attribute, peer, initialAttributePeer });
		if (!known) return { '@type': 'AcceptResponseItem', result: 'Accepted' };
		keepReceived(fold, known.id);
		return { '@type': 'AttributeAlreadySharedAcceptResponseItem', result: 'Accepted', attributeId: known.id };
	},
	fits(item, answer, { views }) {
		if (answer['@type'] !== 'AttributeAlreadySharedAcceptResponseItem') return plainFault(item, answer);
		const row = views.get('attributes', answer.attributeId);
		// One it holds under another id is equal; else it would claim what it was never given.
		if (!row && answer.attributeId === item.attributeId) return undefined;
		const isEqual =
			row &&
			SHAREABLE.includes(row['@type']) &&
			isEqualJson(row.content['value'], item.attribute.value) &&
			isEqualJson(row.content['owner'], item.attribute.owner);
		return isEqual ? undefined : 'It names an attribute that is not the shared one.';
	},
	asRecipient({ attribute, attributeId, initialAttributePeer }, answer, fold, { peer, requestId }) {
		if (answer['@type'] === 'AttributeAlreadySharedAcceptResponseItem')
			return keepReceived(fold, answer.attributeId);
		receiveAttribute(fold, {
			id: attributeId,
			content: attribute,
			peer,
			sourceReference: requestId,
			initialAttributePeer
		});
	},
	asSender({ attributeId }, answer, fold, { peer, requestId }) {
		const id = answer['@type'] === 'AttributeAlreadySharedAcceptResponseItem' ? answer.attributeId : attributeId;
		if (!fold.views.get('attributes', id)) return;
		if (isForwarded(fold.views, id, peer)) keepForwarding(fold, id, peer);
		else addForwarding(fold, id, peer, requestId);
	}
};
