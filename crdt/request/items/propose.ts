/** ProposeAttribute: a value the asked one may take over, change, or answer with one it has. */
import { queryFault, askedTags } from '../../content/query.ts';
import { isIdentityAttribute } from '../../content/attribute.ts';
import type { AcceptResponseItem } from '../../content/request.ts';
import { tagFault } from '../../content/tags.ts';
import type { AttributeRow } from '../../views.ts';
import {
	attributeOf,
	charactersFault,
	choose,
	gave,
	gaveVersion,
	give,
	givenIdFault,
	newIdFault,
	took,
	tookVersion,
	versionFault
} from './giving.ts';
import { inUse } from './keys.ts';
import { answerFault, contentFault } from './read.ts';
import {
	asItemFault,
	invalidItem,
	invalidParameters,
	mismatch,
	tagsKnown,
	type ItemOf,
	type ItemRule
} from './rule.ts';

const PEERS: readonly AttributeRow['@type'][] = ['PeerIdentityAttribute'];

export const proposeAttribute: ItemRule<ItemOf<'ProposeAttributeRequestItem'>> = {
	canCreate(item, { views, peer }) {
		const { query, attribute } = item;
		if (query['@type'] === 'RelationshipAttributeQuery' && query.owner !== '')
			return invalidItem('The owner of the query must be an empty string.');
		const tags = tagFault(askedTags(query), tagsKnown(views));
		if (tags) return asItemFault(tags);
		if (attribute.owner !== '') return invalidItem('The owner of a proposed attribute must be an empty string.');
		const characters = charactersFault(attribute);
		if (characters !== undefined) return invalidItem(characters);
		const given = isIdentityAttribute(attribute) ? tagFault(attribute, tagsKnown(views)) : undefined;
		if (given) return asItemFault(given);
		const unasked = queryFault(attribute, query, '', '\u0000nobody');
		if (unasked !== undefined) return mismatch(unasked);
		const message = peer === undefined ? undefined : inUse(views, peer, item, peer);
		return message === undefined ? undefined : invalidItem(message);
	},
	canAccept(item, parameters, deciding) {
		if (item.query['@type'] === 'RelationshipAttributeQuery' && !('newAttribute' in parameters))
			return invalidParameters('A RelationshipAttributeQuery is answered with a new attribute only.');
		const chosen = choose(parameters, deciding, ['OwnIdentityAttribute']);
		return 'fault' in chosen ? chosen.fault : answerFault(item, chosen.content, deciding);
	},
	answer: (_item, parameters, fold, exchange, newId) => give(parameters, fold, exchange, newId, proposeAccept),
	fits({ query }, answer, judging) {
		const isRelationship = query['@type'] === 'RelationshipAttributeQuery';
		if (answer['@type'] !== 'ProposeAttributeAcceptResponseItem') {
			if (isRelationship) return 'It is answered with a new attribute.';
			return versionFault(answer, judging, PEERS, (content) => contentFault(query, content, judging));
		}
		const { attributeId, attribute } = answer;
		return (
			(isRelationship ? newIdFault(attributeId, judging) : givenIdFault(attributeId, judging, PEERS)) ??
			contentFault(query, attribute, judging)
		);
	},
	asRecipient(_item, answer, fold, exchange) {
		if (answer['@type'] !== 'ProposeAttributeAcceptResponseItem') return gaveVersion(answer, fold, exchange);
		gave(fold, answer.attributeId, answer.attribute, exchange);
	},
	asSender(_item, answer, fold, exchange) {
		if (answer['@type'] !== 'ProposeAttributeAcceptResponseItem') return tookVersion(answer, fold, exchange);
		took(fold, answer.attributeId, answer.attribute, exchange);
	}
};

const proposeAccept = (row: AttributeRow): AcceptResponseItem => ({
	'@type': 'ProposeAttributeAcceptResponseItem',
	result: 'Accepted',
	attributeId: row.id,
	attribute: attributeOf(row)
});
