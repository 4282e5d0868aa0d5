import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxRequestNodes } from '../limits.ts';
import type { Result } from '../result.ts';
import {
	parseCreationContent,
	parseMessageContent,
	parseRequest,
	parseResponse,
	parseTemplateContent
} from './parse.ts';
import { responseItemsOf } from './request.ts';
import { messages } from './testing/arbitraries.ts';

const peer = 'did:e:relay.example:dids:9f8e7d6c5b4a30211203fe';
const said = <T>(result: Result<T>) =>
	result.ok ? 'ok' : `${result.error.code.split('.').at(-1)} | ${result.error.message}`;

const read = (valueType = 'GivenName') => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted: true,
	query: { '@type': 'IdentityAttributeQuery', valueType }
});
const create = (attribute: object) => ({ '@type': 'CreateAttributeRequestItem', mustBeAccepted: true, attribute });
const consent = { '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'I accept the lending rules.' };
const givenName = { '@type': 'IdentityAttribute', owner: '', value: { '@type': 'GivenName', value: 'Mira' } };

describe('texts and codes that clients compare', () => {
	const mail = { '@type': 'Mail', to: [peer], subject: 's', body: 'b' };
	test.each<[string, unknown, string]>([
		['an empty to', { ...mail, to: [] }, 'requestDeserialization | Mail.to:Array :: may not be empty'],
		['no to', { ...mail, to: undefined }, 'requestDeserialization | Mail.to :: Value is not defined'],
		[
			'a known class that is no content',
			{ '@type': 'Message' },
			'requestDeserialization | Message.secretKey :: Value is not defined'
		],
		[
			'an unknown class',
			{ '@type': 'Poem' },
			"unknownType | Type 'Poem' with version 1 was not found within reflection classes. You might have to install a module first."
		],
		['no class', {}, 'requestDeserialization | The content has no @type.'],
		['no object', 7, 'requestDeserialization | The content has no @type.'],
		[
			'a long subject',
			{ ...mail, subject: 'x'.repeat(301) },
			'requestDeserialization | Mail.subject:String :: must not be longer than 300 characters'
		],
		[
			'another body format',
			{ ...mail, bodyFormat: 'Html' },
			'requestDeserialization | Mail.bodyFormat :: Value is not one of "PlainText" | "Markdown"'
		],
		[
			'null for an optional member',
			{ ...mail, cc: null },
			'requestDeserialization | Mail.cc :: Value is not an array'
		],
		[
			'an address that is none',
			{ ...mail, to: ['me'] },
			'requestDeserialization | Mail.to:String :: must be an address'
		],
		[
			'no value',
			{ '@type': 'ArbitraryMessageContent', value: null },
			'requestDeserialization | ArbitraryMessageContent.value :: Value is not usable'
		]
	])('a message with %s', (_name, content, text) => {
		expect(said(parseMessageContent(content))).toBe(text);
	});

	test('content of another place is no content of this one', () => {
		const template = { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 };
		expect(said(parseMessageContent(template))).toMatch(/^invalidPropertyValue/);
		expect(said(parseTemplateContent({ ...template, '@type': 'ArbitraryMessageContent' }))).toMatch(
			/^invalidPropertyValue/
		);
		expect(said(parseCreationContent(template))).toMatch(/^invalidPropertyValue/);
	});

	test.each<[string, object, string]>([
		['no items', { items: [] }, 'Request.items:Array :: may not be empty'],
		[
			'an empty group',
			{ items: [{ '@type': 'RequestItemGroup', items: [] }] },
			'RequestItemGroup.items:Array :: may not be empty'
		],
		[
			'a group in a group',
			{ items: [{ '@type': 'RequestItemGroup', items: [{ '@type': 'RequestItemGroup', items: [consent] }] }] },
			'RequestItemGroup.items :: a group must not contain a group'
		],
		['an item without @type', { items: [{ mustBeAccepted: true }] }, 'Request.items :: @type is not defined'],
		[
			'an item of an unknown type',
			{ items: [{ '@type': 'SingRequestItem', mustBeAccepted: true }] },
			"Type 'SingRequestItem' with version 1 was not found within reflection classes. You might have to install a module first."
		],
		[
			'no mustBeAccepted',
			{ items: [{ ...consent, mustBeAccepted: undefined }] },
			'ConsentRequestItem.mustBeAccepted :: Value is not defined'
		],
		[
			'mustBeAccepted as text',
			{ items: [{ ...consent, mustBeAccepted: 'true' }] },
			'ConsentRequestItem.mustBeAccepted :: Value is not a boolean'
		],
		[
			'a link text without link',
			{ items: [{ ...consent, linkDisplayText: 'Rules' }] },
			'Request.items:Object :: linkDisplayText needs a link'
		],
		[
			'a link that is none',
			{ items: [{ ...consent, link: 'rules' }] },
			'ConsentRequestItem.link:String :: must be a link'
		],
		[
			'a query for nothing known',
			{ items: [read('City')] },
			'IdentityAttributeQuery.valueType:String :: must be a type of identity attributes'
		],
		[
			'a value that is incomplete',
			{ items: [create({ ...givenName, value: { '@type': 'GivenName' } })] },
			'GivenName.value :: Value is not defined'
		],
		[
			'an attribute without owner',
			{ items: [create({ ...givenName, owner: undefined })] },
			'IdentityAttribute.owner :: Value is not defined'
		],
		[
			'tags given twice',
			{ items: [create({ ...givenName, tags: ['x:a', 'x:a'] })] },
			'IdentityAttribute.tags:Array :: must not contain an entry twice'
		],
		[
			'an expiry that is no date',
			{ items: [consent], expiresAt: 'soon' },
			'Request.expiresAt:String :: must be an ISO 8601 date'
		],
		[
			'a long title',
			{ items: [consent], title: 'x'.repeat(201) },
			'Request.title:String :: must not be longer than 200 characters'
		],
		['metadata that is no object', { items: [consent], metadata: [] }, 'Request.metadata :: Value is not usable'],
		[
			'too many items',
			{ items: Array(maxRequestNodes + 1).fill(consent) },
			`Request.items:Array :: must not have more than ${maxRequestNodes} items`
		]
	])('a request with %s', (_name, content, text) => {
		expect(said(parseRequest(content))).toBe(`requestDeserialization | ${text}`);
	});

	test.each<[string, object, string]>([
		['no request id', { requestId: undefined }, 'Response.requestId :: Value is not defined'],
		['an invented result', { result: 'Maybe' }, 'Response.result :: Value is not one of "Accepted" | "Rejected"'],
		[
			'a contradicting item',
			{ items: [{ '@type': 'AcceptResponseItem', result: 'Rejected' }] },
			'AcceptResponseItem.result :: Value is not one of "Accepted"'
		],
		[
			'an error without code',
			{ items: [{ '@type': 'ErrorResponseItem', result: 'Error', message: 'm' }] },
			'ErrorResponseItem.code :: Value is not defined'
		],
		['no items', { items: [] }, 'Response.items:Array :: may not be empty'],
		[
			'an empty group',
			{ items: [{ '@type': 'ResponseItemGroup', items: [] }] },
			'ResponseItemGroup.items:Array :: may not be empty'
		]
	])('a response with %s', (_name, change, text) => {
		const response = {
			result: 'Accepted',
			requestId: 'REQ1',
			items: [{ '@type': 'AcceptResponseItem', result: 'Accepted' }]
		};
		expect(said(parseResponse({ ...response, ...change }))).toBe(`requestDeserialization | ${text}`);
	});
});

describe('content as it comes and goes', () => {
	test('unknown members are dropped, defaults are written', () => {
		expect(
			parseMessageContent({ '@type': 'Mail', '@version': '1', to: [peer], subject: '', body: '', mood: 'good' })
		).toEqual({
			ok: true,
			value: { '@type': 'Mail', to: [peer], cc: [], subject: '', body: '', bodyFormat: 'PlainText' }
		});
	});

	test('F.6 @type in a monomorphic slot may be there or not, and is not written', () => {
		const body = { items: [consent] };
		const content = (onNewRelationship: object) => ({ '@type': 'RelationshipTemplateContent', onNewRelationship });
		const bare = parseTemplateContent(content(body));
		expect(bare).toEqual({ ok: true, value: content(body) });
		expect(parseTemplateContent(content({ '@type': 'Request', ...body }))).toEqual(bare);
		expect(parseTemplateContent(content({ '@type': 'Response', ...body })).ok).toBe(false);
		expect(parseRequest(body)).toEqual({ ok: true, value: { '@type': 'Request', ...body } });
	});

	test('F.6 the order of members plays no part', () => {
		const turned = (x: unknown): unknown =>
			Array.isArray(x)
				? x.map(turned)
				: typeof x === 'object' && x !== null
					? Object.fromEntries(
							Object.entries(x)
								.reverse()
								.map(([member, inner]) => [member, turned(inner)])
						)
					: x;
		fc.assert(
			fc.property(messages.request, (content) => {
				expect(parseMessageContent(turned(content))).toEqual(parseMessageContent(content));
			}),
			{ numRuns: 30 }
		);
	});

	test('dates are written as UTC', () => {
		expect(parseRequest({ items: [consent], expiresAt: '2031-04-01T00:00+02:00' })).toMatchObject({
			value: { expiresAt: '2031-03-31T22:00:00.000Z' }
		});
	});

	test('the worked examples of the content model parse', () => {
		const response = {
			items: [
				{
					'@type': 'ResponseItemGroup',
					items: [
						{
							'@type': 'ReadAttributeAcceptResponseItem',
							attribute: {
								'@type': 'IdentityAttribute',
								owner: peer,
								value: { '@type': 'GivenName', value: 'Mirela' }
							},
							attributeId: 'ATTk3V9wLr7Uq0eYb5Tc',
							result: 'Accepted'
						},
						{
							'@type': 'RejectResponseItem',
							code: 'user.declined',
							message: 'I prefer letters.',
							result: 'Rejected'
						}
					]
				},
				{
					'@type': 'CreateAttributeAcceptResponseItem',
					attributeId: 'ATTz1N6fGh8Js4dPx0Mq',
					result: 'Accepted'
				},
				{ '@type': 'AcceptResponseItem', result: 'Accepted' },
				{
					'@type': 'AttributeSuccessionAcceptResponseItem',
					predecessorId: 'ATTk3V9wLr7Uq0eYb5Tc',
					result: 'Accepted',
					successorContent: {
						'@type': 'IdentityAttribute',
						owner: peer,
						tags: ['x:nickname'],
						value: { '@type': 'GivenName', value: 'Mira' }
					},
					successorId: 'ATTm8B2nVc4Xz6Lk1Jh7'
				},
				{
					'@type': 'AttributeAlreadySharedAcceptResponseItem',
					attributeId: 'ATTp0O9i8U7y6T5r4E3w',
					result: 'Accepted'
				},
				{ '@type': 'ErrorResponseItem', code: 'c', message: 'm', result: 'Error' }
			],
			requestId: 'REQ7hQm2Zp0sKdX41vBt',
			result: 'Accepted'
		};
		const creation = { '@type': 'RelationshipCreationContent', response };
		expect(parseCreationContent(creation)).toEqual({ ok: true, value: creation });
		const wrapper = {
			'@type': 'ResponseWrapper',
			requestId: 'REQ7hQm2Zp0sKdX41vBt',
			requestSourceReference: 'MSGt5Y6u7I8o9P0aS1dF',
			requestSourceType: 'Message',
			response
		};
		expect(parseMessageContent(wrapper)).toEqual({ ok: true, value: wrapper });
		expect(said(parseMessageContent({ ...wrapper, requestSourceType: 'Token' }))).toMatch(/requestSourceType/);
		const parsed = parseResponse(response);
		expect(parsed.ok && responseItemsOf(parsed.value)).toHaveLength(7);
	});
});
