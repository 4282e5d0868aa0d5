/** ReadAttributeRequestItem: one of our attributes is asked for by a query; an existing one is given, or a new one. */
import { ownerFault } from '../../attribute/peer.ts';
import { tagFault } from '../../content/tags.ts';
import { askedTags, queryFault, type AttributeQuery } from '../../content/query.ts';
import { isIdentityAttribute, type Attribute } from '../../content/attribute.ts';
import type { Refusal } from '../../result.ts';
import { rowsBy } from '../../view-query.ts';
import type { AttributeKind, AttributeRow, Views } from '../../views.ts';
import { requestFault } from '../validation.ts';
import {
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
import { inUse, inUseFault } from './keys.ts';
import {
	asItemFault,
	asParameterFault,
	invalidItem,
	invalidParameters,
	mismatch,
	tagsKnown,
	type Asking,
	type Deciding,
	type ItemOf,
	type ItemRule,
	type Judging
} from './rule.ts';

type Read = ItemOf<'ReadAttributeRequestItem'>;
/** Read and Propose judge answers to a query alike. */
type Querying = Read | ItemOf<'ProposeAttributeRequestItem'>;

const GIVABLE: readonly AttributeKind[] = [
	'OwnIdentityAttribute',
	'OwnRelationshipAttribute',
	'PeerRelationshipAttribute'
];
const RECEIVED: readonly AttributeKind[] = ['PeerIdentityAttribute', 'ThirdPartyRelationshipAttribute'];

/** What may not be asked for, whoever is asked. */
function askFault(query: AttributeQuery, { views, me, peer }: Asking): Refusal | undefined {
	if (
		query['@type'] === 'ThirdPartyRelationshipAttributeQuery' &&
		query.thirdParty.some((one) => one === me || one === peer)
	)
		return invalidItem('Neither the sender nor the recipient can be a third party.');
	if (query['@type'] === 'RelationshipAttributeQuery' && query.owner !== '' && query.owner !== me)
		return invalidItem('The owner of the attribute can only be the sender, or an empty string for the recipient.');
	return asItemFault(tagFault(askedTags(query), tagsKnown(views)));
}

const usedKey = (item: Read, { views, peer }: Asking) => {
	const text = peer === undefined ? undefined : inUse(views, peer, item, peer);
	return text === undefined ? undefined : invalidItem(text);
};

/** An attribute, however chosen, as an answer to the query. */
export function answerFault(item: Querying, content: Attribute, { views, me, peer }: Deciding): Refusal | undefined {
	const characters = charactersFault(content);
	if (characters !== undefined) return invalidParameters(characters);
	const misfit = queryFault(content, item.query, me, peer);
	if (misfit !== undefined) return mismatch(misfit);
	return (
		inUseFault(views, peer, item, me) ??
		(isIdentityAttribute(content) ? asParameterFault(tagFault(content, tagsKnown(views))) : undefined)
	);
}

/** What the peer gave as an answer to a query of ours. */
export const contentFault = (query: AttributeQuery, content: Attribute, { me, peer }: Judging): string | undefined =>
	queryFault(content, query, peer, me);

/** What is asked for of third parties must be ours to show: once active, not private, with one of those named. */
function thirdPartyFault(
	row: AttributeRow,
	query: Extract<AttributeQuery, { thirdParty: unknown }>,
	{ views, peer }: Deciding
) {
	const source = row.peer ?? '';
	if (source === peer) return mismatch('The attribute lives in the relationship with who asks.');
	if (!query.thirdParty.includes('') && !query.thirdParty.includes(source))
		return mismatch('The attribute lives in a relationship that was not asked for.');
	if (!wasActive(views, source))
		return requestFault(
			'cannotShareRelationshipAttributeOfPendingRelationship',
			'The relationship the attribute lives in is pending.'
		);
	return row.content['confidentiality'] === 'private' ? mismatch('The attribute is private.') : undefined;
}

/** Whether the relationship with `peer` is or was active. */
export const wasActive = (views: Views, peer: string): boolean =>
	rowsBy(views, 'relationships', 'peer', peer).some(({ status }) =>
		['Active', 'Terminated', 'DeletionProposed'].includes(status)
	);

export const readAttribute: ItemRule<Read> = {
	canCreate: (item, asking) => askFault(item.query, asking) ?? usedKey(item, asking),
	canAccept(item, parameters, deciding) {
		const { query } = item;
		const isNew = 'newAttribute' in parameters;
		if (query['@type'] === 'RelationshipAttributeQuery' && !isNew)
			return invalidParameters('A RelationshipAttributeQuery is answered with a new attribute.');
		if (query['@type'] === 'ThirdPartyRelationshipAttributeQuery') {
			if (isNew)
				return invalidParameters(
					'A ThirdPartyRelationshipAttributeQuery is answered with an existing attribute.'
				);
			if (parameters.tags !== undefined) return invalidParameters('A relationship attribute has no tags.');
		}
		const chosen = choose(parameters, deciding, GIVABLE);
		if ('fault' in chosen) return chosen.fault;
		const fault = answerFault(item, chosen.content, deciding);
		if (fault || query['@type'] !== 'ThirdPartyRelationshipAttributeQuery' || !chosen.row) return fault;
		return thirdPartyFault(chosen.row, query, deciding);
	},
	answer: (_item, parameters, fold, exchange, newId) =>
		give(parameters, fold, exchange, newId, (row) => ({
			'@type': 'ReadAttributeAcceptResponseItem',
			result: 'Accepted',
			attributeId: row.id,
			attribute: row.content as unknown as Attribute,
			...(row['@type'] !== 'OwnIdentityAttribute' &&
				row.peer !== exchange.peer && { initialAttributePeer: row.peer! })
		})),
	fits(item, answer, judging) {
		const { me, peer } = judging;
		if (answer['@type'] !== 'ReadAttributeAcceptResponseItem')
			return versionFault(answer, judging, RECEIVED, (content) => contentFault(item.query, content, judging));
		const { attributeId, attribute, initialAttributePeer } = answer;
		return (
			contentFault(item.query, attribute, judging) ??
			ownerFault(me, { content: attribute, peer, initialAttributePeer })?.message ??
			thirdFault(item.query, initialAttributePeer, judging) ??
			(item.query['@type'] === 'RelationshipAttributeQuery'
				? newIdFault(attributeId, judging)
				: givenIdFault(attributeId, judging, RECEIVED))
		);
	},
	asRecipient(_item, answer, fold, exchange) {
		if (answer['@type'] !== 'ReadAttributeAcceptResponseItem') return gaveVersion(answer, fold, exchange);
		gave(fold, answer.attributeId, answer.attribute, exchange, answer.initialAttributePeer);
	},
	asSender(_item, answer, fold, exchange) {
		if (answer['@type'] !== 'ReadAttributeAcceptResponseItem') return tookVersion(answer, fold, exchange);
		took(fold, answer.attributeId, answer.attribute, exchange, answer.initialAttributePeer);
	}
};

/** Whom the peer says it has the attribute with: one of those asked for, and only where third parties were asked for. */
function thirdFault(query: AttributeQuery, source: string | undefined, { me, peer }: Judging): string | undefined {
	if (query['@type'] !== 'ThirdPartyRelationshipAttributeQuery')
		return source === undefined ? undefined : 'No third party was asked for.';
	if (source === undefined || source === me || source === peer) return 'It does not say which third party it is of.';
	return query.thirdParty.includes('') || query.thirdParty.includes(source)
		? undefined
		: 'It is of a third party that was not asked for.';
}
