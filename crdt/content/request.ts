/**
 * Request and Response: their items, read and told apart (content-model.md §4.1–§4.3).
 *
 *   Request    items: (RequestItem | RequestItemGroup)[]        Response   items: (ResponseItem | ResponseItemGroup)[]
 *   Group      items: RequestItem[], no group inside            Group      items: ResponseItem[]
 *
 * Items this version supports are parsed to their types. Items of types it knows by name only (`OpaqueItem`) are kept as they
 * came: they are shown as "not supported yet" and block nothing but their own acceptance. Any other type fails the parse.
 */
import * as v from 'valibot';
import { maxRequestNodes } from '../limits.ts';
import type { Json, JsonObject } from '../views.ts';
import { identityAttribute, identityAttributeQuery, laterAttributes, laterQueries } from './attribute.ts';
import type { IdentityAttribute, IdentityAttributeQuery } from './attribute.ts';
import { isObject } from './json.ts';
import {
	jsonObject,
	linkText,
	nonEmpty,
	named,
	polymorphic,
	text,
	timestamp,
	typeOf,
	type Shape,
	type Unnamed
} from './shape.ts';
import { laterValueTypes } from './values.ts';

// ---------------------------------------------------------------------------------------------- request

type ItemBase = {
	readonly mustBeAccepted: boolean;
	readonly description?: string;
	readonly metadata?: JsonObject;
};
export type ReadAttributeRequestItem = ItemBase & {
	readonly '@type': 'ReadAttributeRequestItem';
	readonly query: IdentityAttributeQuery;
};
export type CreateAttributeRequestItem = ItemBase & {
	readonly '@type': 'CreateAttributeRequestItem';
	readonly attribute: IdentityAttribute;
};
export type ConsentRequestItem = ItemBase & {
	readonly '@type': 'ConsentRequestItem';
	readonly consent: string;
	readonly link?: string;
	readonly linkDisplayText?: string;
	readonly requiresInteraction?: boolean;
};
/** An item this version supports. */
export type SupportedItem = ReadAttributeRequestItem | CreateAttributeRequestItem | ConsentRequestItem;
/** An item known by name only, exactly as it came. */
export type OpaqueItem = ItemBase & { readonly '@type': string; readonly [member: string]: Json | undefined };
export type RequestItem = SupportedItem | OpaqueItem;

export type RequestItemGroup = {
	readonly '@type': 'RequestItemGroup';
	readonly items: readonly RequestItem[];
	readonly title?: string;
	readonly description?: string;
	readonly metadata?: JsonObject;
};
export type Request = {
	readonly '@type': 'Request';
	readonly id?: string;
	readonly expiresAt?: string;
	readonly items: readonly (RequestItem | RequestItemGroup)[];
	readonly title?: string;
	readonly description?: string;
	readonly metadata?: JsonObject;
};

const described = { description: v.optional(text(500)), metadata: v.optional(jsonObject) };
const itemBase = { mustBeAccepted: v.boolean(), ...described };

const supported = {
	ReadAttributeRequestItem: v.object({
		'@type': v.literal('ReadAttributeRequestItem'),
		...itemBase,
		query: polymorphic((type) => (type === 'IdentityAttributeQuery' ? identityAttributeQuery : undefined))
	}),
	CreateAttributeRequestItem: v.object({
		'@type': v.literal('CreateAttributeRequestItem'),
		...itemBase,
		attribute: polymorphic((type) => (type === 'IdentityAttribute' ? identityAttribute : undefined))
	}),
	ConsentRequestItem: v.pipe(
		v.object({
			'@type': v.literal('ConsentRequestItem'),
			...itemBase,
			consent: text(10_000),
			link: v.optional(linkText),
			linkDisplayText: v.optional(text(30, 3)),
			requiresInteraction: v.optional(v.boolean())
		}),
		v.check((item) => item.linkDisplayText === undefined || item.link !== undefined, 'linkDisplayText needs a link')
	)
} as unknown as { readonly [type: string]: Shape<RequestItem> };

/** Item types of content-model.md §4.2 that come in a later version. */
export const laterItems: readonly string[] = [
	'ShareAttributeRequestItem',
	'ProposeAttributeRequestItem',
	'DeleteAttributeRequestItem',
	'AuthenticationRequestItem',
	'FormFieldRequestItem',
	'TransferFileOwnershipRequestItem',
	'ShareCredentialOfferRequestItem',
	'ShareAuthorizationRequestRequestItem'
];

const opaqueItem = v.pipe(
	jsonObject,
	v.check((item) => typeof item['mustBeAccepted'] === 'boolean', 'mustBeAccepted must be a boolean')
) as unknown as Shape<RequestItem>;

/** Whether an item of a supported type carries something that comes in a later version only. */
function carriesLater(item: unknown): boolean {
	if (!isObject(item)) return false;
	const { query, attribute } = item;
	if (laterQueries.includes(typeOf(query) ?? '') || laterAttributes.includes(typeOf(attribute) ?? '')) return true;
	const valueType = isObject(attribute)
		? typeOf(attribute['value'])
		: isObject(query)
			? query['valueType']
			: undefined;
	return typeof valueType === 'string' && laterValueTypes.includes(valueType);
}

function itemShape(type: string, item: unknown): Shape<RequestItem> | undefined {
	if (laterItems.includes(type) || (Object.hasOwn(supported, type) && carriesLater(item))) return opaqueItem;
	return Object.hasOwn(supported, type) ? supported[type] : undefined;
}

export const isSupportedItem = (item: RequestItem): item is SupportedItem =>
	Object.hasOwn(supported, item['@type']) && !carriesLater(item);

export const isGroup = (node: RequestItem | RequestItemGroup): node is RequestItemGroup =>
	node['@type'] === 'RequestItemGroup';

const noGroup = v.never('a group must not contain a group') as unknown as Shape<RequestItem>;
const requestItemGroup = v.object({
	'@type': v.literal('RequestItemGroup'),
	items: nonEmpty(
		polymorphic<RequestItem>((type, item) => (type === 'RequestItemGroup' ? noGroup : itemShape(type, item)))
	),
	title: v.optional(text(200)),
	...described
}) as unknown as Shape<RequestItemGroup>;
const requestNode = polymorphic<RequestItem | RequestItemGroup>((type, node) =>
	type === 'RequestItemGroup' ? requestItemGroup : itemShape(type, node)
);

const countNodes = (nodes: readonly { readonly items?: unknown }[]): number =>
	nodes.reduce((sum, node) => sum + 1 + (Array.isArray(node.items) ? node.items.length : 0), 0);
const fewNodes = v.check<readonly object[], string>(
	(nodes) => countNodes(nodes) <= maxRequestNodes,
	`must not have more than ${maxRequestNodes} items`
);

const requestMembers = {
	id: v.optional(v.string()),
	expiresAt: v.optional(timestamp),
	items: v.pipe(nonEmpty(requestNode), fewNodes as never),
	title: v.optional(text(200)),
	...described
};
/** As it stands inside template contents: without its `@type`. */
export const requestBody = v.object(requestMembers) as unknown as Shape<Unnamed<Request>>;
export const request = named('Request', requestBody) as Shape<Request>;
export const asRequest = (body: Unnamed<Request>): Request => ({ '@type': 'Request', ...body });

/** Every item in order, groups opened. */
export const itemsOf = (content: Request): RequestItem[] =>
	content.items.flatMap((node) => (isGroup(node) ? node.items : [node]));

// --------------------------------------------------------------------------------------------- response

export type RejectResponseItem = {
	readonly '@type': 'RejectResponseItem';
	readonly result: 'Rejected';
	readonly code?: string;
	readonly message?: string;
};
export type ErrorResponseItem = {
	readonly '@type': 'ErrorResponseItem';
	readonly result: 'Error';
	readonly code: string;
	readonly message: string;
};
export type AcceptResponseItem =
	| { readonly '@type': 'AcceptResponseItem'; readonly result: 'Accepted' }
	| {
			readonly '@type': 'CreateAttributeAcceptResponseItem';
			readonly result: 'Accepted';
			readonly attributeId: string;
	  }
	| {
			readonly '@type': 'ReadAttributeAcceptResponseItem';
			readonly result: 'Accepted';
			readonly attributeId: string;
			readonly attribute: IdentityAttribute;
	  }
	| {
			readonly '@type': 'AttributeAlreadySharedAcceptResponseItem';
			readonly result: 'Accepted';
			readonly attributeId: string;
	  }
	| {
			readonly '@type': 'AttributeSuccessionAcceptResponseItem';
			readonly result: 'Accepted';
			readonly predecessorId: string;
			readonly successorId: string;
			readonly successorContent: IdentityAttribute;
	  };
export type ResponseItem = AcceptResponseItem | RejectResponseItem | ErrorResponseItem;
export type ResponseItemGroup = { readonly '@type': 'ResponseItemGroup'; readonly items: readonly ResponseItem[] };
export type Response = {
	readonly '@type': 'Response';
	readonly result: 'Accepted' | 'Rejected';
	readonly requestId: string;
	readonly items: readonly (ResponseItem | ResponseItemGroup)[];
};

const accepted = { result: v.literal('Accepted') };
const identityOnly = polymorphic((type) => (type === 'IdentityAttribute' ? identityAttribute : undefined));
const responseItems = {
	AcceptResponseItem: v.object({ '@type': v.literal('AcceptResponseItem'), ...accepted }),
	CreateAttributeAcceptResponseItem: v.object({
		'@type': v.literal('CreateAttributeAcceptResponseItem'),
		...accepted,
		attributeId: v.string()
	}),
	ReadAttributeAcceptResponseItem: v.object({
		'@type': v.literal('ReadAttributeAcceptResponseItem'),
		...accepted,
		attributeId: v.string(),
		attribute: identityOnly
	}),
	AttributeAlreadySharedAcceptResponseItem: v.object({
		'@type': v.literal('AttributeAlreadySharedAcceptResponseItem'),
		...accepted,
		attributeId: v.string()
	}),
	AttributeSuccessionAcceptResponseItem: v.object({
		'@type': v.literal('AttributeSuccessionAcceptResponseItem'),
		...accepted,
		predecessorId: v.string(),
		successorId: v.string(),
		successorContent: identityOnly
	}),
	RejectResponseItem: v.object({
		'@type': v.literal('RejectResponseItem'),
		result: v.literal('Rejected'),
		code: v.optional(text(200)),
		message: v.optional(text(1000))
	}),
	ErrorResponseItem: v.object({
		'@type': v.literal('ErrorResponseItem'),
		result: v.literal('Error'),
		code: text(200),
		message: text(1000)
	})
} as unknown as { readonly [type: string]: Shape<ResponseItem> };

/** Answers to items of a later version: we never asked, so such a response fits no request of ours. */
const laterResponseItems = [
	'ProposeAttributeAcceptResponseItem',
	'DeleteAttributeAcceptResponseItem',
	'FormFieldAcceptResponseItem',
	'TransferFileOwnershipAcceptResponseItem'
];

function responseItemShape(type: string, item: unknown): Shape<ResponseItem> | undefined {
	const later = laterResponseItems.includes(type) || (isObject(item) && carriesLater(item));
	if (later) return jsonObject as unknown as Shape<ResponseItem>;
	return Object.hasOwn(responseItems, type) ? responseItems[type] : undefined;
}

export const isResponseGroup = (node: ResponseItem | ResponseItemGroup): node is ResponseItemGroup =>
	node['@type'] === 'ResponseItemGroup';

const responseItemGroup = v.object({
	'@type': v.literal('ResponseItemGroup'),
	items: nonEmpty(polymorphic<ResponseItem>(responseItemShape))
}) as unknown as Shape<ResponseItemGroup>;

const responseNode = polymorphic<ResponseItem | ResponseItemGroup>((type, node) =>
	type === 'ResponseItemGroup' ? responseItemGroup : responseItemShape(type, node)
);

/** As it stands inside wrappers and creation contents: without its `@type`. */
export const responseBody = v.object({
	result: v.picklist(['Accepted', 'Rejected']),
	requestId: v.string(),
	items: v.pipe(nonEmpty(responseNode), fewNodes as never)
}) as unknown as Shape<Unnamed<Response>>;
export const response = named('Response', responseBody) as Shape<Response>;
export const asResponse = (body: Unnamed<Response>): Response => ({ '@type': 'Response', ...body });
export const asBody = ({ '@type': _type, ...body }: Response): Unnamed<Response> => body;

/** Every item in order, groups opened. */
export const responseItemsOf = (content: Response): ResponseItem[] =>
	content.items.flatMap((node) => (isResponseGroup(node) ? node.items : [node]));
