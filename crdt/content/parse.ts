/**
 * The door for content: what a message, template, relationship, request or response may carry, read into types
 * (content-model.md §0, §4.9, §5; texts and codes: connector-api.md §11).
 *
 *   parseMessageContent    Mail, Request, ResponseWrapper, ArbitraryMessageContent (Notification: later, opaque)
 *   parseTemplateContent   RelationshipTemplateContent, ArbitraryRelationshipTemplateContent
 *   parseCreationContent   RelationshipCreationContent, ArbitraryRelationshipCreationContent
 *   parseRequest, parseResponse, parseIdentityAttribute, parseIdentityAttributeQuery
 *
 * Two modes. `received`: parts of a later version are kept as they came. `outgoing` (what our own callers make): the same,
 * then `error.connector.notImplemented` if such a part is in it. A refusal of received content is for "needs attention".
 *
 * What comes out is also how it is written: `@type` is left out in monomorphic slots (`Unnamed`) and stands everywhere else,
 * so rows and wire hold the parsed value as it is, and parse(JSON of it) = it. `asRequest`, `asResponse` give the name back.
 */
import * as v from 'valibot';
import { ok, refuse, type Result } from '../result.ts';
import type { Json, JsonObject } from '../views.ts';
import { identityAttribute, identityAttributeQuery } from './attribute.ts';
import type { IdentityAttribute, IdentityAttributeQuery } from './attribute.ts';
import { isObject } from './json.ts';
import { isSupportedItem, itemsOf, request, requestBody, response, responseBody, responseItemsOf } from './request.ts';
import type { Request, Response } from './request.ts';
import {
	addressText,
	anyValue,
	deserialization,
	invalidProperty,
	jsonObject,
	monomorphic,
	nonEmpty,
	notImplemented,
	read,
	text,
	typeOf,
	unknownType,
	unknownTypeText,
	type Shape,
	type Unnamed
} from './shape.ts';

export type Mail = {
	readonly '@type': 'Mail';
	readonly to: readonly string[];
	readonly cc: readonly string[];
	readonly subject: string;
	readonly body: string;
	readonly bodyFormat: 'PlainText' | 'Markdown';
};
export type Arbitrary<T extends string> = { readonly '@type': T; readonly value: Exclude<Json, null> };
export type ResponseWrapper = {
	readonly '@type': 'ResponseWrapper';
	readonly requestId: string;
	readonly requestSourceReference: string;
	readonly requestSourceType: 'RelationshipTemplate' | 'Message';
	readonly response: Unnamed<Response>;
};
/** Known by name only in this version. */
export type OpaqueNotification = JsonObject & { readonly '@type': 'Notification' };
export type MessageContent =
	Mail | Request | ResponseWrapper | OpaqueNotification | Arbitrary<'ArbitraryMessageContent'>;

export type RelationshipTemplateContent = {
	readonly '@type': 'RelationshipTemplateContent';
	readonly title?: string;
	readonly metadata?: JsonObject;
	readonly onNewRelationship: Unnamed<Request>;
	readonly onExistingRelationship?: Unnamed<Request>;
};
export type TemplateContent = RelationshipTemplateContent | Arbitrary<'ArbitraryRelationshipTemplateContent'>;

export type RelationshipCreationContent = {
	readonly '@type': 'RelationshipCreationContent';
	readonly response: Unnamed<Response>;
};
export type CreationContent = RelationshipCreationContent | Arbitrary<'ArbitraryRelationshipCreationContent'>;

export type Mode = 'received' | 'outgoing';

const arbitrary = (type: string) => v.object({ '@type': v.literal(type), value: anyValue });

const mail = v.object({
	'@type': v.literal('Mail'),
	to: nonEmpty(addressText),
	cc: v.optional(v.array(addressText), []),
	subject: text(300),
	body: text(50_000),
	bodyFormat: v.optional(v.picklist(['PlainText', 'Markdown']), 'PlainText')
});

const roots: { readonly [type: string]: Shape<unknown> } = {
	Mail: mail,
	Request: request,
	Response: response,
	ResponseWrapper: v.object({
		'@type': v.literal('ResponseWrapper'),
		requestId: v.string(),
		requestSourceReference: v.string(),
		requestSourceType: v.picklist(['RelationshipTemplate', 'Message']),
		response: monomorphic('Response', responseBody)
	}),
	Notification: jsonObject,
	RelationshipTemplateContent: v.object({
		'@type': v.literal('RelationshipTemplateContent'),
		title: v.optional(text(200)),
		metadata: v.optional(jsonObject),
		onNewRelationship: monomorphic('Request', requestBody),
		onExistingRelationship: v.optional(monomorphic('Request', requestBody))
	}),
	RelationshipCreationContent: v.object({
		'@type': v.literal('RelationshipCreationContent'),
		response: monomorphic('Response', responseBody)
	}),
	ArbitraryMessageContent: arbitrary('ArbitraryMessageContent'),
	ArbitraryRelationshipTemplateContent: arbitrary('ArbitraryRelationshipTemplateContent'),
	ArbitraryRelationshipCreationContent: arbitrary('ArbitraryRelationshipCreationContent'),
	IdentityAttribute: identityAttribute,
	IdentityAttributeQuery: identityAttributeQuery,
	// A class of the original's transport layer: no content, but clients' tests send it and compare the text.
	Message: v.object({ '@type': v.literal('Message'), secretKey: v.string() })
};

/** Reads a root object of any known type. */
function parseRoot(json: unknown): Result<{ readonly '@type': string }> {
	const type = typeOf(json);
	if (type === undefined) return refuse(deserialization, 'The content has no @type.');
	const shape = Object.hasOwn(roots, type) ? roots[type] : undefined;
	if (!shape) return refuse(unknownType, unknownTypeText(type));
	return read(shape as Shape<{ readonly '@type': string }>, type, json);
}

/** Reads a root object that must be of one of `types`. */
function parseOneOf<T>(types: readonly string[], place: string, json: unknown, mode: Mode): Result<T> {
	const parsed = parseRoot(json);
	if (!parsed.ok) return parsed;
	if (!types.includes(parsed.value['@type']))
		return refuse(invalidProperty, `The content of a ${place} must be one of ${types.join(', ')}.`);
	const later = mode === 'outgoing' ? laterPart(parsed.value) : undefined;
	return later ? refuse(notImplemented, later) : ok(parsed.value as T);
}

/** Names a part that comes in a later version, if there is one. */
function laterPart(content: object): string | undefined {
	const {
		'@type': type,
		onNewRelationship,
		onExistingRelationship,
		response
	} = content as { [member: string]: unknown };
	if (type === 'Notification') return 'Notifications are not implemented yet.';
	const requests = type === 'Request' ? [content] : [onNewRelationship, onExistingRelationship].filter(isObject);
	const responses = type === 'Response' ? [content] : [response].filter(isObject);
	return (
		requests.map((part) => laterItem(part as unknown as Request)).find(Boolean) ??
		responses.map((part) => laterAnswer(part as unknown as Response)).find(Boolean)
	);
}

function laterItem(content: Request): string | undefined {
	const item = itemsOf(content).find((item) => !isSupportedItem(item));
	return item && `${item['@type']} is not implemented yet, at least not with what it carries here.`;
}

function laterAnswer(content: Response): string | undefined {
	const known =
		/^(Accept|CreateAttributeAccept|ReadAttributeAccept|AttributeAlreadySharedAccept|AttributeSuccessionAccept|Reject|Error)ResponseItem$/;
	const item = responseItemsOf(content).find((item) => !known.test(item['@type']));
	return item && `${item['@type']} is not implemented yet.`;
}

export const parseMessageContent = (json: unknown, mode: Mode): Result<MessageContent> =>
	parseOneOf(
		['Mail', 'Request', 'ResponseWrapper', 'Notification', 'ArbitraryMessageContent'],
		'Message',
		json,
		mode
	);

export const parseTemplateContent = (json: unknown, mode: Mode): Result<TemplateContent> =>
	parseOneOf(
		['RelationshipTemplateContent', 'ArbitraryRelationshipTemplateContent'],
		'RelationshipTemplate',
		json,
		mode
	);

export const parseCreationContent = (json: unknown, mode: Mode): Result<CreationContent> =>
	parseOneOf(['RelationshipCreationContent', 'ArbitraryRelationshipCreationContent'], 'Relationship', json, mode);

/** `@type` may be missing (REST bodies). */
export function parseRequest(json: unknown, mode: Mode): Result<Request> {
	const named = isObject(json) && json['@type'] === undefined ? { '@type': 'Request', ...json } : json;
	return parseOneOf(['Request'], 'Request', named, mode);
}

/** `@type` may be missing. */
export function parseResponse(json: unknown, mode: Mode): Result<Response> {
	const named = isObject(json) && json['@type'] === undefined ? { '@type': 'Response', ...json } : json;
	return parseOneOf(['Response'], 'Response', named, mode);
}

export const parseIdentityAttribute = (json: unknown): Result<IdentityAttribute> =>
	read(identityAttribute, 'IdentityAttribute', json);

/** `@type` may be missing (REST bodies). */
export const parseIdentityAttributeQuery = (json: unknown): Result<IdentityAttributeQuery> =>
	read(
		identityAttributeQuery,
		'IdentityAttributeQuery',
		isObject(json) ? { '@type': 'IdentityAttributeQuery', ...json } : json
	);
