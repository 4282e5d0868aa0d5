/**
 * Request and Response: their items in order, some of them in groups (content-model.md §4.1).
 *
 *   Request    items: (RequestItem | RequestItemGroup)[]        Response   items: (ResponseItem | ResponseItemGroup)[]
 *   Group      items: RequestItem[], no group inside            Group      items: ResponseItem[]
 *
 * An item of a type nobody knows, or of none, fails the parse of the whole.
 */
import * as v from 'valibot';
import { maxRequestNodes } from '../limits.ts';
import type { JsonObject } from '../views.ts';
import { described, requestItemShapes, type RequestItem } from './request-items.ts';
import { responseItemShapes, type ResponseItem } from './response-items.ts';
import { named, nonEmpty, oneOfTypes, text, timestamp, type Shape, type Unnamed } from './shape.ts';

export type * from './request-items.ts';
export type * from './response-items.ts';

// ---------------------------------------------------------------------------------------------- request

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

export const isGroup = (node: RequestItem | RequestItemGroup): node is RequestItemGroup =>
	node['@type'] === 'RequestItemGroup';

const noGroup = v.never('a group must not contain a group') as unknown as Shape<RequestItem>;
const requestItemGroup = v.object({
	'@type': v.literal('RequestItemGroup'),
	items: nonEmpty(oneOfTypes({ ...requestItemShapes, RequestItemGroup: noGroup })),
	title: v.optional(text(200)),
	...described
}) as unknown as Shape<RequestItemGroup>;
const requestNode = oneOfTypes<RequestItem | RequestItemGroup>({
	...requestItemShapes,
	RequestItemGroup: requestItemGroup
});

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

export type ResponseItemGroup = { readonly '@type': 'ResponseItemGroup'; readonly items: readonly ResponseItem[] };
export type Response = {
	readonly '@type': 'Response';
	readonly result: 'Accepted' | 'Rejected';
	readonly requestId: string;
	readonly items: readonly (ResponseItem | ResponseItemGroup)[];
};

export const isResponseGroup = (node: ResponseItem | ResponseItemGroup): node is ResponseItemGroup =>
	node['@type'] === 'ResponseItemGroup';

const responseItemGroup = v.object({
	'@type': v.literal('ResponseItemGroup'),
	items: nonEmpty(oneOfTypes(responseItemShapes))
}) as unknown as Shape<ResponseItemGroup>;
const responseNode = oneOfTypes<ResponseItem | ResponseItemGroup>({
	...responseItemShapes,
	ResponseItemGroup: responseItemGroup
});

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
