/**
 * IdentityAttribute and IdentityAttributeQuery (content-model.md §1.1, §2.1). RelationshipAttribute and the other queries are
 * known by name: where they arrive they are kept as they came, and nothing here accepts them.
 */
import * as v from 'valibot';
import { tagList } from './tags.ts';
import { addressOrEmpty, polymorphic, type Shape } from './shape.ts';
import { identityValueShape, identityValueTypes, isIdentityValueType, type IdentityValue } from './values.ts';

export type IdentityAttribute = {
	readonly '@type': 'IdentityAttribute';
	/** `""` inside a request means its recipient. */
	readonly owner: string;
	readonly value: IdentityValue;
	readonly tags?: string[];
};

export type IdentityAttributeQuery = {
	readonly '@type': 'IdentityAttributeQuery';
	readonly valueType: IdentityValue['@type'];
	readonly tags?: string[];
};

export const identityAttribute = v.object({
	'@type': v.literal('IdentityAttribute'),
	owner: addressOrEmpty,
	value: polymorphic((type) => (isIdentityValueType(type) ? identityValueShape(type) : undefined)),
	tags: v.optional(tagList)
}) as unknown as Shape<IdentityAttribute>;

export const identityAttributeQuery = v.object({
	'@type': v.literal('IdentityAttributeQuery'),
	valueType: v.pipe(
		v.string(),
		v.check((type) => identityValueTypes.includes(type as never), 'must be a type of identity attributes')
	),
	tags: v.optional(tagList)
}) as unknown as Shape<IdentityAttributeQuery>;

/** Queries and attributes that come in a later version. */
export const laterQueries = ['RelationshipAttributeQuery', 'ThirdPartyRelationshipAttributeQuery', 'IQLQuery'];
export const laterAttributes = ['RelationshipAttribute'];
