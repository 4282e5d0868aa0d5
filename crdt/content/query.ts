/**
 * Queries for attributes (content-model.md §2): their shapes, whether an attribute answers one (§2.3), and which attributes
 * of the own wallet could (§2.2). `owner: ""` in a query means the recipient of the request.
 */
import * as v from 'valibot';
import { identityValueTypes, relationshipValueTypes } from './values.ts';
import type { IdentityValueType, RelationshipValueType } from './values.ts';
import {
	attributeKey,
	confidentiality,
	isIdentityAttribute,
	type Attribute,
	type Confidentiality,
	type IdentityAttribute,
	type RelationshipAttribute
} from './attribute.ts';
import { valueHintsShape, type ValueHints } from './hints.ts';
import { parseIql } from './iql.ts';
import { isObject } from './json.ts';
import { addressOrEmpty, monomorphic, nonEmpty, oneOfTypes, text, type Shape } from './shape.ts';
import { tagList } from './tags.ts';

export type IdentityAttributeQuery = {
	readonly '@type': 'IdentityAttributeQuery';
	readonly valueType: IdentityValueType;
	readonly tags?: string[];
};
/** What the attribute is to be, should there be none. */
export type RelationshipAttributeCreationHints = {
	readonly title: string;
	readonly valueType: RelationshipValueType;
	readonly confidentiality: Confidentiality;
	readonly description?: string;
	readonly valueHints?: ValueHints;
};
export type RelationshipAttributeQuery = {
	readonly '@type': 'RelationshipAttributeQuery';
	readonly key: string;
	readonly owner: string;
	readonly attributeCreationHints: RelationshipAttributeCreationHints;
};
export type ThirdPartyRelationshipAttributeQuery = {
	readonly '@type': 'ThirdPartyRelationshipAttributeQuery';
	readonly key: string;
	/** Whose attribute: the asked one's, the third party's, or either's. */
	readonly owner: 'recipient' | 'thirdParty' | '';
	/** `""` stands for any third party. */
	readonly thirdParty: readonly string[];
};
export type IQLQuery = {
	readonly '@type': 'IQLQuery';
	readonly queryString: string;
	/** What a screen offers to create when nothing matches. */
	readonly attributeCreationHints?: { readonly valueType: IdentityValueType; readonly tags?: string[] };
};
export type AttributeQuery =
	IdentityAttributeQuery | RelationshipAttributeQuery | ThirdPartyRelationshipAttributeQuery | IQLQuery;

const typeOfIdentity = v.pipe(
	v.string(),
	v.check((type) => identityValueTypes.includes(type as never), 'must be a type of identity attributes')
);
const typeOfRelationship = v.pipe(
	v.string(),
	v.check((type) => relationshipValueTypes.includes(type as never), 'must be a type of relationship attributes')
);

const identityAttributeQuery = v.object({
	'@type': v.literal('IdentityAttributeQuery'),
	valueType: typeOfIdentity,
	tags: v.optional(tagList)
}) as unknown as Shape<IdentityAttributeQuery>;

const relationshipAttributeQuery = v.object({
	'@type': v.literal('RelationshipAttributeQuery'),
	key: attributeKey,
	owner: addressOrEmpty,
	attributeCreationHints: monomorphic(
		'RelationshipAttributeCreationHints',
		v.object({
			title: text(100),
			valueType: typeOfRelationship,
			confidentiality,
			description: v.optional(text(1000)),
			valueHints: v.optional(valueHintsShape)
		}) as Shape<unknown>
	)
}) as unknown as Shape<RelationshipAttributeQuery>;

/** One third party may stand alone, and an address may be written out as an object; a list of addresses comes out. */
const thirdParties = v.pipe(
	v.unknown(),
	v.transform((x) => (typeof x === 'string' || isObject(x) ? [x] : x)),
	v.transform((x) =>
		Array.isArray(x) ? x.map((party: unknown) => (isObject(party) ? party['address'] : party)) : x
	),
	nonEmpty(addressOrEmpty)
);

const thirdPartyRelationshipAttributeQuery = v.object({
	'@type': v.literal('ThirdPartyRelationshipAttributeQuery'),
	key: attributeKey,
	owner: v.picklist(['thirdParty', 'recipient', '']),
	thirdParty: thirdParties
}) as unknown as Shape<ThirdPartyRelationshipAttributeQuery>;

const queryString = v.pipe(
	text(4096),
	v.rawCheck(({ dataset, addIssue }) => {
		const parsed = dataset.typed ? parseIql(dataset.value) : undefined;
		if (parsed && !parsed.ok)
			addIssue({ message: `invalid IQL query at character offset ${parsed.error.location.start.column}` });
	})
);
const iqlQuery = v.object({
	'@type': v.literal('IQLQuery'),
	queryString,
	attributeCreationHints: v.optional(
		monomorphic(
			'IQLQueryCreationHints',
			v.object({ valueType: typeOfIdentity, tags: v.optional(tagList) }) as Shape<unknown>
		)
	)
}) as unknown as Shape<IQLQuery>;

export const queryShapes = {
	IdentityAttributeQuery: identityAttributeQuery,
	RelationshipAttributeQuery: relationshipAttributeQuery,
	ThirdPartyRelationshipAttributeQuery: thirdPartyRelationshipAttributeQuery,
	IQLQuery: iqlQuery
};
export const anyQuery: Shape<AttributeQuery> = oneOfTypes<AttributeQuery>(queryShapes);

/** Value type and tags a query of identity attributes asks for; none of the others has tags to check. */
export function askedTags(query: AttributeQuery): { readonly value: { '@type': string }; readonly tags?: string[] } {
	const hints = query['@type'] === 'IQLQuery' ? query.attributeCreationHints : query;
	if (hints && 'valueType' in hints)
		return { value: { '@type': hints.valueType }, ...(hints.tags && { tags: hints.tags }) };
	return { value: { '@type': '' } };
}

// -------------------------------------------------------------------------------------------- answers

/**
 * What keeps an attribute from answering a query, in the order of content-model.md §2.3; undefined when nothing does. The
 * recipient is who answers, the sender who asked. An IQL query is not evaluated again: who answers chose.
 */
export function queryFault(
	attribute: Attribute,
	query: AttributeQuery,
	recipient: string,
	sender: string
): string | undefined {
	switch (query['@type']) {
		case 'IdentityAttributeQuery':
			return isIdentityAttribute(attribute) ? identityFault(attribute, query, recipient) : wrongKind('Identity');
		case 'IQLQuery':
			if (!isIdentityAttribute(attribute)) return wrongKind('Identity');
			return attribute.owner === recipient ? undefined : notTheirs;
		case 'RelationshipAttributeQuery':
			return isIdentityAttribute(attribute)
				? wrongKind('Relationship')
				: relationshipFault(attribute, query, recipient);
		case 'ThirdPartyRelationshipAttributeQuery':
			return isIdentityAttribute(attribute)
				? wrongKind('Relationship')
				: thirdPartyFault(attribute, query, recipient, sender);
	}
}

const wrongKind = (kind: string): string => `The attribute is no ${kind}Attribute.`;
const notTheirs = 'The attribute does not belong to who was asked.';

function identityFault(attribute: IdentityAttribute, query: IdentityAttributeQuery, recipient: string) {
	if (attribute.owner !== recipient) return notTheirs;
	if (attribute.value['@type'] !== query.valueType) return `The attribute is no ${query.valueType}.`;
	return sharesTag(attribute, query) ? undefined : 'The attribute has none of the tags that were asked for.';
}

const sharesTag = ({ tags = [] }: IdentityAttribute, query: IdentityAttributeQuery): boolean =>
	!query.tags?.length || query.tags.some((tag) => tags.includes(tag));

function relationshipFault(attribute: RelationshipAttribute, query: RelationshipAttributeQuery, recipient: string) {
	const { value } = attribute;
	const hints = query.attributeCreationHints;
	if (attribute.owner !== (query.owner || recipient)) return 'The attribute does not belong to who was asked for.';
	if (attribute.key !== query.key) return 'The attribute has another key.';
	if (attribute.confidentiality !== hints.confidentiality) return 'The attribute has another confidentiality.';
	if (value['@type'] !== hints.valueType) return `The attribute is no ${hints.valueType}.`;
	if (value['@type'] === 'Consent') return undefined;
	if (value.title !== hints.title) return 'The attribute has another title.';
	return value.description === hints.description ? undefined : 'The attribute has another description.';
}

function thirdPartyFault(
	attribute: RelationshipAttribute,
	query: ThirdPartyRelationshipAttributeQuery,
	recipient: string,
	sender: string
) {
	if (attribute.owner === sender) return 'The attribute belongs to who asked.';
	if (!isAskedOwner(attribute.owner, query, recipient)) return 'The attribute does not belong to who was asked for.';
	return attribute.key === query.key ? undefined : 'The attribute has another key.';
}

function isAskedOwner(
	owner: string,
	{ owner: asked, thirdParty }: ThirdPartyRelationshipAttributeQuery,
	recipient: string
): boolean {
	const isListed = thirdParty.includes(owner);
	if (asked === 'recipient') return owner === recipient;
	if (asked === 'thirdParty') return isListed || (thirdParty.includes('') && owner !== recipient);
	return owner === recipient || isListed || thirdParty.includes('');
}

// ----------------------------------------------------------------------------------------- candidates

/** Whether an own identity attribute could answer (§2.2): type equal, and one tag in common if any is asked for. */
export const isIdentityCandidate = (attribute: Attribute, query: IdentityAttributeQuery, me: string): boolean =>
	isIdentityAttribute(attribute) && identityFault(attribute, query, me) === undefined;

/** Whether a relationship attribute is meant by the query; its value type and title play no part in the search. */
export const isRelationshipCandidate = (attribute: Attribute, query: RelationshipAttributeQuery, me: string): boolean =>
	!isIdentityAttribute(attribute) &&
	attribute.key === query.key &&
	attribute.owner === (query.owner || me) &&
	attribute.confidentiality !== 'private';

/**
 * Whether an attribute of the relationship with `peer` is meant. `""` among the third parties is any, as where answers are
 * judged (the reference finds nothing then).
 */
export function isThirdPartyCandidate(
	attribute: Attribute,
	peer: string,
	query: ThirdPartyRelationshipAttributeQuery,
	me: string
): boolean {
	if (isIdentityAttribute(attribute) || attribute.key !== query.key || attribute.confidentiality === 'private')
		return false;
	const isPeerAsked = query.thirdParty.includes(peer) || query.thirdParty.includes('');
	return isPeerAsked && isAskedOwner(attribute.owner, query, me);
}
