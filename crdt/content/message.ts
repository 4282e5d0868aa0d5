/** Mails, answers on their way, and free content: what else messages, templates and relationships carry (content-model.md §4.9, §5). */
import * as v from 'valibot';
import type { Json, JsonObject } from '../views.ts';
import { requestBody, responseBody, type Request, type Response } from './request.ts';
import { addressText, anyValue, jsonObject, monomorphic, nonEmpty, text, type Shape, type Unnamed } from './shape.ts';

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
export type RelationshipTemplateContent = {
	readonly '@type': 'RelationshipTemplateContent';
	readonly title?: string;
	readonly metadata?: JsonObject;
	readonly onNewRelationship: Unnamed<Request>;
	readonly onExistingRelationship?: Unnamed<Request>;
};
export type RelationshipCreationContent = {
	readonly '@type': 'RelationshipCreationContent';
	readonly response: Unnamed<Response>;
};

const arbitrary = (type: string) => v.object({ '@type': v.literal(type), value: anyValue });

export const carrierShapes: { readonly [type: string]: Shape<unknown> } = {
	Mail: v.object({
		'@type': v.literal('Mail'),
		to: nonEmpty(addressText),
		cc: v.optional(v.array(addressText), []),
		subject: text(300),
		body: text(50_000),
		bodyFormat: v.optional(v.picklist(['PlainText', 'Markdown']), 'PlainText')
	}),
	ResponseWrapper: v.object({
		'@type': v.literal('ResponseWrapper'),
		requestId: v.string(),
		requestSourceReference: v.string(),
		requestSourceType: v.picklist(['RelationshipTemplate', 'Message']),
		response: monomorphic('Response', responseBody)
	}),
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
	ArbitraryRelationshipCreationContent: arbitrary('ArbitraryRelationshipCreationContent')
};
