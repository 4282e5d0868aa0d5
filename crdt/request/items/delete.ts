/** DeleteAttributeRequestItem: the peer is asked to delete what it was given; it promises a day, or declines. */
import { isDeletedThere, isToBeDeleted, markDeletion, markEmitted } from '../../attribute/deletion.ts';
import { isForwarded } from '../../attribute/versions.ts';
import { toUtc } from '../../content/grammar.ts';
import type { AttributeKind, AttributeRow, Views } from '../../views.ts';
import { invalidItem, invalidParameters, type ItemOf, type ItemRule } from './rule.ts';
import { SHAREABLE } from './share.ts';

type Delete = ItemOf<'DeleteAttributeRequestItem'>;

const RECEIVED: readonly AttributeKind[] = [
	'PeerIdentityAttribute',
	'PeerRelationshipAttribute',
	'ThirdPartyRelationshipAttribute'
];

/** Whether the peer holds it and neither deleted it nor promised to. */
function isHeld(views: Views, row: AttributeRow, peer: string): boolean {
	if (row.peer !== peer) return isForwarded(views, row.id, peer, { excludeToBeDeleted: true });
	return row['@type'] === 'OwnRelationshipAttribute' && !isDeletedThere(row) && !isToBeDeleted(row);
}

export const deleteAttribute: ItemRule<Delete> = {
	canCreate({ attributeId }, { views, peer }) {
		const row = views.get('attributes', attributeId);
		if (!row) return invalidItem(`There is no attribute '${attributeId}'.`);
		if (peer === undefined) return invalidItem('Whom to ask for the deletion must be known.');
		if (!SHAREABLE.includes(row['@type']))
			return invalidItem('The deletion of an attribute of this kind cannot be asked for.');
		return isHeld(views, row, peer)
			? undefined
			: invalidItem('The attribute is not shared with the peer, or it deleted it, or is about to.');
	},
	canAccept({ attributeId }, { deletionDate }, { views, peer, today }) {
		const row = views.get('attributes', attributeId);
		if (!row) return undefined;
		if (!RECEIVED.includes(row['@type']) || row.peer !== peer)
			return invalidItem('The attribute was not received from who asks for its deletion.');
		return deletionDate > today ? undefined : invalidParameters('The deletionDate must be in the future.');
	},
	answer: ({ attributeId }, { deletionDate }, { views }) =>
		views.get('attributes', attributeId)
			? { '@type': 'DeleteAttributeAcceptResponseItem', result: 'Accepted', deletionDate }
			: { '@type': 'AcceptResponseItem', result: 'Accepted' },
	fits(_item, answer) {
		if (answer['@type'] === 'AcceptResponseItem') return undefined;
		if (answer['@type'] !== 'DeleteAttributeAcceptResponseItem')
			return `${answer['@type']} is no answer to this item.`;
		return toUtc(answer.deletionDate) === undefined ? 'The day of the deletion is none.' : undefined;
	},
	asRecipient({ attributeId }, answer, fold) {
		if (answer['@type'] !== 'DeleteAttributeAcceptResponseItem') return;
		const { deletionDate } = answer;
		markDeletion(fold, attributeId, { deletionStatus: 'ToBeDeleted', deletionDate });
	},
	asSender({ attributeId }, answer, fold, { peer }) {
		if (answer['@type'] !== 'DeleteAttributeAcceptResponseItem') return;
		const { deletionDate } = answer;
		markEmitted(fold, attributeId, peer, { deletionStatus: 'ToBeDeletedByRecipient', deletionDate });
	},
	whenSent: ({ attributeId }, fold, { peer }) =>
		markEmitted(fold, attributeId, peer, { deletionStatus: 'DeletionRequestSent', deletionDate: fold.at }),
	whenRejected: ({ attributeId }, fold, { peer }) =>
		markEmitted(fold, attributeId, peer, { deletionStatus: 'DeletionRequestRejected', deletionDate: fold.at })
};
