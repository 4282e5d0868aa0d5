/**
 * What can be asked for: the eleven kinds of request items (content-model.md §4.2, connector-api.md §3.5), one row each.
 */
import * as v from 'valibot';
import { maxReferenceUrl } from '../limits.ts';
import type { JsonObject } from '../views.ts';
import { parseReference, writeReference } from '../codec/reference.ts';
import { anyAttribute, isIdentityAttribute, type Attribute } from './attribute.ts';
import { formFieldSettings, type FormFieldSettings } from './form-field.ts';
import { anyQuery, queryShapes, type AttributeQuery } from './query.ts';
import { addressText, jsonObject, linkText, oneOfTypes, text, type Shape } from './shape.ts';

type ItemBase = {
	readonly mustBeAccepted: boolean;
	readonly description?: string;
	/** Opaque, and not echoed in responses. */
	readonly metadata?: JsonObject;
};
export type ReadAttributeRequestItem = ItemBase & {
	readonly '@type': 'ReadAttributeRequestItem';
	readonly query: AttributeQuery;
};
export type CreateAttributeRequestItem = ItemBase & {
	readonly '@type': 'CreateAttributeRequestItem';
	readonly attribute: Attribute;
};
export type ShareAttributeRequestItem = ItemBase & {
	readonly '@type': 'ShareAttributeRequestItem';
	readonly attribute: Attribute;
	/** The sender's, and from then on the recipient's. */
	readonly attributeId: string;
	/** The peer of the relationship a RelationshipAttribute belongs to. */
	readonly initialAttributePeer?: string;
};
export type ProposeAttributeRequestItem = ItemBase & {
	readonly '@type': 'ProposeAttributeRequestItem';
	readonly query: Exclude<AttributeQuery, { '@type': 'ThirdPartyRelationshipAttributeQuery' }>;
	readonly attribute: Attribute;
};
export type DeleteAttributeRequestItem = ItemBase & {
	readonly '@type': 'DeleteAttributeRequestItem';
	readonly attributeId: string;
};
export type ConsentRequestItem = ItemBase & {
	readonly '@type': 'ConsentRequestItem';
	readonly consent: string;
	readonly link?: string;
	readonly linkDisplayText?: string;
	readonly requiresInteraction?: boolean;
};
export type AuthenticationRequestItem = ItemBase & {
	readonly '@type': 'AuthenticationRequestItem';
	readonly title: string;
};
export type FormFieldRequestItem = ItemBase & {
	readonly '@type': 'FormFieldRequestItem';
	readonly title: string;
	readonly settings: FormFieldSettings;
};
export type TransferFileOwnershipRequestItem = ItemBase & {
	readonly '@type': 'TransferFileOwnershipRequestItem';
	/** Truncated. */
	readonly fileReference: string;
	readonly ownershipToken: string;
};
export type ShareCredentialOfferRequestItem = ItemBase & {
	readonly '@type': 'ShareCredentialOfferRequestItem';
	readonly credentialOfferUrl: string;
};
export type ShareAuthorizationRequestRequestItem = ItemBase & {
	readonly '@type': 'ShareAuthorizationRequestRequestItem';
	readonly authorizationRequestUrl: string;
};
export type RequestItem =
	| ReadAttributeRequestItem
	| CreateAttributeRequestItem
	| ShareAttributeRequestItem
	| ProposeAttributeRequestItem
	| DeleteAttributeRequestItem
	| ConsentRequestItem
	| AuthenticationRequestItem
	| FormFieldRequestItem
	| TransferFileOwnershipRequestItem
	| ShareCredentialOfferRequestItem
	| ShareAuthorizationRequestRequestItem;

export const described = { description: v.optional(text(500)), metadata: v.optional(jsonObject) };
const item = <Type extends string, Members extends v.ObjectEntries>(type: Type, members: Members) =>
	v.object({ '@type': v.literal(type), mustBeAccepted: v.boolean(), ...described, ...members });

/** A rule over the whole item, told at one of its members. */
const rule = <T extends object>(member: string, reason: string, holds: (item: T) => boolean) =>
	v.rawCheck<T>(({ dataset, addIssue }) => {
		if (!dataset.typed || holds(dataset.value)) return;
		const input = dataset.value as { readonly [member: string]: unknown };
		const value = input[member];
		const path = [{ type: 'object' as const, origin: 'value' as const, input, key: member, value }];
		addIssue({ message: reason, input: value, path: path as never });
	});

const { ThirdPartyRelationshipAttributeQuery: _notProposed, ...proposable } = queryShapes;

/** A URL form comes out truncated; what is no reference of ours at all is the item's business, not the parser's. */
const fileReference = v.pipe(v.string(), v.transform(truncated));

const shapes = {
	ReadAttributeRequestItem: item('ReadAttributeRequestItem', { query: anyQuery }),
	CreateAttributeRequestItem: item('CreateAttributeRequestItem', { attribute: anyAttribute }),
	ShareAttributeRequestItem: item('ShareAttributeRequestItem', {
		attribute: anyAttribute,
		attributeId: v.string(),
		initialAttributePeer: v.optional(addressText)
	}),
	ProposeAttributeRequestItem: v.pipe(
		item('ProposeAttributeRequestItem', {
			query: oneOfTypes(proposable as { readonly [type: string]: Shape<AttributeQuery> }),
			attribute: anyAttribute
		}) as unknown as Shape<Proposal>,
		rule('query', 'must be of the same kind as the attribute', isSameKind),
		rule('query', 'must ask for the value type of the attribute', isSameValueType)
	),
	DeleteAttributeRequestItem: item('DeleteAttributeRequestItem', { attributeId: v.string() }),
	ConsentRequestItem: v.pipe(
		item('ConsentRequestItem', {
			consent: text(10_000),
			link: v.optional(linkText),
			linkDisplayText: v.optional(text(30, 3)),
			requiresInteraction: v.optional(v.boolean())
		}),
		v.check((item) => item.linkDisplayText === undefined || item.link !== undefined, 'linkDisplayText needs a link')
	),
	AuthenticationRequestItem: item('AuthenticationRequestItem', { title: text(200) }),
	FormFieldRequestItem: item('FormFieldRequestItem', { title: text(200), settings: formFieldSettings }),
	TransferFileOwnershipRequestItem: item('TransferFileOwnershipRequestItem', {
		fileReference,
		ownershipToken: v.string()
	}),
	ShareCredentialOfferRequestItem: item('ShareCredentialOfferRequestItem', { credentialOfferUrl: v.string() }),
	ShareAuthorizationRequestRequestItem: item('ShareAuthorizationRequestRequestItem', {
		authorizationRequestUrl: v.string()
	})
} as unknown as { readonly [Type in RequestItem['@type']]: Shape<RequestItem> };

export const requestItemShapes: { readonly [type: string]: Shape<RequestItem> } = shapes;
export const requestItemTypes = Object.keys(shapes) as readonly RequestItem['@type'][];

/** Function declarations, as the table above is made before what stands below it. */
function truncated(reference: string): string {
	const isUrl = reference.length <= maxReferenceUrl && reference.includes('/r/');
	const parsed = isUrl ? parseReference(reference) : undefined;
	return parsed?.ok ? writeReference({ baseUrl: '', ...parsed.value }).truncated : reference;
}

type Proposal = { readonly query: AttributeQuery; readonly attribute: Attribute };
function isSameKind({ query, attribute }: Proposal): boolean {
	return isIdentityAttribute(attribute) === (query['@type'] !== 'RelationshipAttributeQuery');
}
function isSameValueType({ query, attribute }: Proposal): boolean {
	const asked =
		query['@type'] === 'IdentityAttributeQuery'
			? query.valueType
			: 'attributeCreationHints' in query
				? query.attributeCreationHints?.valueType
				: undefined;
	return asked === undefined || asked === attribute.value['@type'];
}
