/**
 * IdentityAttribute and RelationshipAttribute: envelopes around values (content-model.md §1.1), and what is made of them
 * before they are kept or compared (§1.7).
 */
import * as v from 'valibot';
import { tagList } from './tags.ts';
import { addressOrEmpty, oneOfTypes, polymorphic, text, type Shape } from './shape.ts';
import {
	identityValueShape,
	isIdentityValueType,
	isRelationshipValueType,
	relationshipValueShape,
	trimValue,
	type IdentityValue,
	type RelationshipValue
} from './values.ts';

export type IdentityAttribute = {
	readonly '@type': 'IdentityAttribute';
	/** `""` inside a request means its recipient. */
	readonly owner: string;
	readonly value: IdentityValue;
	readonly tags?: string[];
};

/** Who may see it besides the two: anybody, anybody after a warning, nobody ever. */
export type Confidentiality = 'public' | 'protected' | 'private';

export type RelationshipAttribute = {
	readonly '@type': 'RelationshipAttribute';
	/** `""` inside a request means its recipient. */
	readonly owner: string;
	readonly value: RelationshipValue;
	/** Unique per owner and value type within a relationship. */
	readonly key: string;
	/** Left out of ordinary lists. */
	readonly isTechnical: boolean;
	readonly confidentiality: Confidentiality;
};

export type Attribute = IdentityAttribute | RelationshipAttribute;

export const confidentiality = v.picklist(['public', 'private', 'protected']);
export const attributeKey = text(100);

export const identityAttribute = v.object({
	'@type': v.literal('IdentityAttribute'),
	owner: addressOrEmpty,
	value: polymorphic((type) => (isIdentityValueType(type) ? identityValueShape(type) : undefined)),
	tags: v.optional(tagList)
}) as unknown as Shape<IdentityAttribute>;

export const relationshipAttribute = v.object({
	'@type': v.literal('RelationshipAttribute'),
	owner: addressOrEmpty,
	value: polymorphic((type) => (isRelationshipValueType(type) ? relationshipValueShape(type) : undefined)),
	key: attributeKey,
	isTechnical: v.optional(v.boolean(), false),
	confidentiality
}) as unknown as Shape<RelationshipAttribute>;

export const anyAttribute: Shape<Attribute> = oneOfTypes<Attribute>({
	IdentityAttribute: identityAttribute,
	RelationshipAttribute: relationshipAttribute
});
export const onlyIdentityAttribute = oneOfTypes({ IdentityAttribute: identityAttribute });

export const isIdentityAttribute = (attribute: Attribute): attribute is IdentityAttribute =>
	attribute['@type'] === 'IdentityAttribute';

/** As it is kept: an identity's value without blanks at its edges, a relationship's as it is. */
export const trimmed = <A extends Attribute>(attribute: A): A =>
	isIdentityAttribute(attribute) ? { ...attribute, value: trimValue(attribute.value) } : attribute;

/** The same attribute at its owner: `""` is replaced. */
export const ownedBy = <A extends Attribute>(attribute: A, owner: string): A =>
	attribute.owner === '' ? { ...attribute, owner } : attribute;
