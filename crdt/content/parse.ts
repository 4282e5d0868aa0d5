/**
 * The door for content: what a message, template, relationship, token, request or response may carry, read into types
 * (content-model.md §0, §4.9, §5; texts and codes: connector-api.md §11).
 *
 *   parseMessageContent    Mail, Request, ResponseWrapper, Notification, ArbitraryMessageContent
 *   parseTemplateContent   RelationshipTemplateContent, ArbitraryRelationshipTemplateContent
 *   parseCreationContent   RelationshipCreationContent, ArbitraryRelationshipCreationContent
 *   parseTokenContent      any object of the content model, or any object without `@type`
 *   parseRequest, parseResponse, parseAttribute, parseIdentityAttribute, parseQuery
 *
 * A refusal of received content is for "needs attention"; nothing here throws, whatever comes.
 *
 * What comes out is also how it is written: `@type` is left out in monomorphic slots (`Unnamed`) and stands everywhere else,
 * so rows and wire hold the parsed value as it is, and parse(JSON of it) = it. `asRequest`, `asResponse` give the name back.
 */
import * as v from 'valibot';
import { ok, refuse, type Result } from '../result.ts';
import type { JsonObject } from '../views.ts';
import { anyAttribute, identityAttribute, relationshipAttribute } from './attribute.ts';
import type { Attribute, IdentityAttribute } from './attribute.ts';
import { isJsonObject, isObject } from './json.ts';
import {
	carrierShapes,
	type Arbitrary,
	type Mail,
	type RelationshipCreationContent,
	type RelationshipTemplateContent,
	type ResponseWrapper
} from './message.ts';
import { notification, notificationItemShapes, type Notification } from './notification.ts';
import { queryShapes, type AttributeQuery, type IdentityAttributeQuery } from './query.ts';
import { requestItemShapes } from './request-items.ts';
import { request, response } from './request.ts';
import type { Request, Response } from './request.ts';
import { responseItemShapes } from './response-items.ts';
import { deserialization, invalidProperty, read, typeOf, unknownType, unknownTypeText, type Shape } from './shape.ts';
import { tokenContentShapes, type NamedTokenContent } from './token-content.ts';
import { isIdentityValueType, isRelationshipValueType, valueShape } from './values.ts';

export type {
	Arbitrary,
	Mail,
	RelationshipCreationContent,
	RelationshipTemplateContent,
	ResponseWrapper
} from './message.ts';

export type MessageContent = Mail | Request | ResponseWrapper | Notification | Arbitrary<'ArbitraryMessageContent'>;
export type TemplateContent = RelationshipTemplateContent | Arbitrary<'ArbitraryRelationshipTemplateContent'>;
export type CreationContent = RelationshipCreationContent | Arbitrary<'ArbitraryRelationshipCreationContent'>;

/** Every type with a name; values of attributes have their own table. */
const shapes: { readonly [type: string]: Shape<unknown> } = {
	...carrierShapes,
	...tokenContentShapes,
	Request: request,
	Response: response,
	Notification: notification,
	IdentityAttribute: identityAttribute,
	RelationshipAttribute: relationshipAttribute,
	...queryShapes,
	...requestItemShapes,
	...responseItemShapes,
	...notificationItemShapes,
	// A class of the original's transport layer: no content, but clients' tests send it and compare the text.
	Message: v.object({ '@type': v.literal('Message'), secretKey: v.string() })
};

function shapeOf(type: string): Shape<unknown> | undefined {
	if (isIdentityValueType(type) || isRelationshipValueType(type)) return valueShape(type);
	return Object.hasOwn(shapes, type) ? shapes[type] : undefined;
}

/** Reads a root object of any known type. */
function parseRoot(json: unknown): Result<{ readonly '@type': string }> {
	const type = typeOf(json);
	if (type === undefined) return refuse(deserialization, 'The content has no @type.');
	const shape = shapeOf(type);
	if (!shape) return refuse(unknownType, unknownTypeText(type));
	return read(shape as Shape<{ readonly '@type': string }>, type, json);
}

/** Reads a root object that must be of one of `types`. */
function parseOneOf<T>(types: readonly string[], place: string, json: unknown): Result<T> {
	const parsed = parseRoot(json);
	if (!parsed.ok) return parsed;
	if (!types.includes(parsed.value['@type']))
		return refuse(invalidProperty, `The content of a ${place} must be one of ${types.join(', ')}.`);
	return ok(parsed.value as T);
}

export const parseMessageContent = (json: unknown): Result<MessageContent> =>
	parseOneOf(['Mail', 'Request', 'ResponseWrapper', 'Notification', 'ArbitraryMessageContent'], 'Message', json);

export const parseTemplateContent = (json: unknown): Result<TemplateContent> =>
	parseOneOf(['RelationshipTemplateContent', 'ArbitraryRelationshipTemplateContent'], 'RelationshipTemplate', json);

export const parseCreationContent = (json: unknown): Result<CreationContent> =>
	parseOneOf(['RelationshipCreationContent', 'ArbitraryRelationshipCreationContent'], 'Relationship', json);

/** Refuses `error.runtime.invalidTokenContent` for what is no object or of no known type. */
export function parseTokenContent(json: unknown): Result<NamedTokenContent | JsonObject> {
	if (!isJsonObject(json)) return refuse(invalidTokenContent, 'The content of a token must be a JSON object.');
	if (json['@type'] === undefined) return ok(json);
	const parsed = parseRoot(json);
	if (parsed.ok) return ok(parsed.value as unknown as JsonObject);
	const isUnknown = parsed.error.code === unknownType || typeOf(json) === undefined;
	return isUnknown ? refuse(invalidTokenContent, parsed.error.message) : parsed;
}
const invalidTokenContent = 'error.runtime.invalidTokenContent';

/** Reads an object whose `@type` may be missing (REST bodies) but must be `type`. */
function parseNamed<T>(type: string, json: unknown): Result<T> {
	return parseOneOf([type], type, isObject(json) && json['@type'] === undefined ? { ...json, '@type': type } : json);
}

/** `@type` may be missing (REST bodies). */
export const parseRequest = (json: unknown): Result<Request> => parseNamed('Request', json);

/** `@type` may be missing. */
export const parseResponse = (json: unknown): Result<Response> => parseNamed('Response', json);

export const parseIdentityAttribute = (json: unknown): Result<IdentityAttribute> =>
	read(identityAttribute, 'IdentityAttribute', json);

/** An attribute of either kind. */
export const parseAttribute = (json: unknown): Result<Attribute> => read(anyAttribute, 'Attribute', json);

/** `@type` may be missing (REST bodies: the route says which kind it takes). */
export const parseQuery = <Type extends AttributeQuery['@type']>(
	type: Type,
	json: unknown
): Result<Extract<AttributeQuery, { readonly '@type': Type }>> => parseNamed(type, json);

export const parseIdentityAttributeQuery = (json: unknown): Result<IdentityAttributeQuery> =>
	parseQuery('IdentityAttributeQuery', json);
