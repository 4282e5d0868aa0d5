import { describe, expect, test } from 'vitest';
import { writeReference } from '../codec/reference.ts';
import { parseMessageContent, parseRequest, parseResponse } from './parse.ts';
import { itemsOf, responseItemsOf } from './request.ts';
import { requestItemTypes } from './request-items.ts';

const peer = 'did:e:relay.example:dids:9f8e7d6c5b4a30211203fe';
const consent = { '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'Yes?' };
const said = (result: ReturnType<typeof parseRequest | typeof parseResponse | typeof parseMessageContent>): string =>
	result.ok ? 'ok' : result.error.message;

const full = {
	'@type': 'Request',
	id: 'REQ7hQm2Zp0sKdX41vBt',
	expiresAt: '2031-03-31T22:00:00.000Z',
	title: 'Library card',
	description: 'To issue your card',
	metadata: { case: '2031-0042', deep: [{ a: null }] },
	items: [
		{ ...consent, description: 'd', metadata: { a: 1 } },
		{
			'@type': 'RequestItemGroup',
			title: 'About you',
			description: 'g',
			metadata: { b: [2] },
			items: [{ '@type': 'AuthenticationRequestItem', mustBeAccepted: false, title: 'Enter' }]
		}
	]
};

describe('A6 requests', () => {
	test('A6.1 a request is read from JSON', () => {
		expect(parseRequest(JSON.parse(JSON.stringify(full)))).toEqual({ ok: true, value: full });
	});

	test('A6.1 a request is read from any object of its shape, named or not', () => {
		const { '@type': _type, ...unnamed } = full;
		expect(parseRequest(unnamed)).toEqual({ ok: true, value: full });
		const given = Object.assign(Object.create({ inherited: 1 }) as object, unnamed);
		expect(parseRequest(given)).toEqual({ ok: true, value: full });
	});

	test('A6.1 a request comes through with items and groups, and all their properties', () => {
		const parsed = parseRequest(full);
		expect(parsed).toEqual({ ok: true, value: full });
		expect(parsed.ok && itemsOf(parsed.value).map((item) => item['@type'])).toEqual([
			'ConsentRequestItem',
			'AuthenticationRequestItem'
		]);
	});

	test('A6.2 a request has items', () => {
		expect(said(parseRequest({ items: [] }))).toBe('Request.items:Array :: may not be empty');
		expect(said(parseRequest({}))).toBe('Request.items :: Value is not defined');
	});

	test('A6.2 a group of a request has items', () => {
		const group = { '@type': 'RequestItemGroup', items: [] };
		expect(said(parseRequest({ items: [group] }))).toBe('RequestItemGroup.items:Array :: may not be empty');
		expect(said(parseRequest({ items: [{ '@type': 'RequestItemGroup' }] }))).toBe(
			'RequestItemGroup.items :: Value is not defined'
		);
	});

	test('A6.2 an item of whatever kind says whether it must be accepted', () => {
		for (const type of requestItemTypes)
			expect(said(parseRequest({ items: [{ '@type': type }] }))).toBe(
				`${type}.mustBeAccepted :: Value is not defined`
			);
	});

	test('there are eleven kinds of items; those of older versions are none', () => {
		expect(requestItemTypes).toHaveLength(11);
		for (const type of [
			'FreeTextRequestItem',
			'RegisterAttributeListenerRequestItem',
			'AcceptResponseItem',
			'Mail'
		])
			expect(parseRequest({ items: [{ '@type': type, mustBeAccepted: true }] })).toMatchObject({ ok: false });
	});

	test.each([
		[
			{ title: 'x'.repeat(201) },
			'AuthenticationRequestItem.title:String :: must not be longer than 200 characters'
		],
		[{ title: undefined }, 'AuthenticationRequestItem.title :: Value is not defined'],
		[
			{ description: 'x'.repeat(501) },
			'AuthenticationRequestItem.description:String :: must not be longer than 500 characters'
		],
		[{ metadata: 'x' }, 'AuthenticationRequestItem.metadata :: Value is not usable']
	])('an item with %j is answered "%s"', (change, text) => {
		const item = { '@type': 'AuthenticationRequestItem', mustBeAccepted: false, title: 'Enter', ...change };
		expect(said(parseRequest({ items: [item] }))).toBe(text);
	});
});

const accept = { '@type': 'AcceptResponseItem', result: 'Accepted' };
const response = (...items: unknown[]) => ({ result: 'Accepted', requestId: 'REQ7hQm2Zp0sKdX41vBt', items });

describe('A6 responses', () => {
	const reject = { '@type': 'RejectResponseItem', result: 'Rejected', code: 'c', message: 'm' };
	const error = { '@type': 'ErrorResponseItem', result: 'Error', code: 'c', message: 'm' };

	const content = response(reject, { '@type': 'ResponseItemGroup', items: [accept, error] });

	test('A6.3 a response is read from JSON', () => {
		const json = { '@type': 'Response', ...content };
		expect(parseResponse(JSON.parse(JSON.stringify(json)))).toEqual({ ok: true, value: json });
	});

	test('A6.3 a response is read from any object of its shape, named or not', () => {
		const given = Object.assign(Object.create({ inherited: 1 }) as object, content);
		expect(parseResponse(given)).toEqual({ ok: true, value: { '@type': 'Response', ...content } });
	});

	test('A6.3 a response comes through with items and groups, and all their properties', () => {
		const parsed = parseResponse(content);
		expect(parsed).toEqual({ ok: true, value: { '@type': 'Response', ...content } });
		expect(parsed.ok && responseItemsOf(parsed.value)).toEqual([reject, accept, error]);
	});

	test('A6.3 a response has items', () => {
		expect(said(parseResponse(response()))).toBe('Response.items:Array :: may not be empty');
	});

	test('A6.3 a group of a response has items, and no groups', () => {
		const group = { '@type': 'ResponseItemGroup', items: [] };
		expect(said(parseResponse(response(group)))).toBe('ResponseItemGroup.items:Array :: may not be empty');
		const nested = { '@type': 'ResponseItemGroup', items: [{ '@type': 'ResponseItemGroup', items: [accept] }] };
		expect(parseResponse(response(nested)).ok).toBe(false);
	});

	const attribute = { '@type': 'IdentityAttribute', owner: peer, value: { '@type': 'GivenName', value: 'M' } };
	const card = {
		'@type': 'RelationshipAttribute',
		owner: peer,
		key: 'card',
		isTechnical: false,
		confidentiality: 'public',
		value: { '@type': 'ProprietaryBoolean', title: 't', value: true }
	};
	const file = { ...attribute, value: { '@type': 'IdentityFileReference', value: 'x'.repeat(30) } };
	test.each([
		['CreateAttributeAccept', { attributeId: 'ATT1' }],
		['ReadAttributeAccept', { attributeId: 'ATT1', attribute: card, initialAttributePeer: peer }],
		['ProposeAttributeAccept', { attributeId: 'ATT1', attribute }],
		['DeleteAttributeAccept', { deletionDate: '2031-03-31T22:00:00.000Z' }],
		['FormFieldAccept', { response: ['Mon'] }],
		['TransferFileOwnershipAccept', { attributeId: 'ATT1', attribute: file }],
		['AttributeAlreadySharedAccept', { attributeId: 'ATT1' }],
		['AttributeSuccessionAccept', { predecessorId: 'ATT1', successorId: 'ATT2', successorContent: card }]
	])('A6.4 %sResponseItem may stand inside items, alone and in groups', (name, members) => {
		const item = { '@type': `${name}ResponseItem`, result: 'Accepted', ...members };
		const content = response(item, { '@type': 'ResponseItemGroup', items: [item] });
		expect(parseResponse(content)).toEqual({ ok: true, value: { '@type': 'Response', ...content } });
		expect(parseResponse(response({ ...item, result: 'Rejected' })).ok).toBe(false);
	});

	test.each([
		[
			'A6.5 a response without its request id',
			{ ...response(accept), requestId: undefined },
			'Response.requestId :: Value is not defined'
		],
		[
			'a response without its result',
			{ ...response(accept), result: undefined },
			'Response.result :: Value is not defined'
		],
		[
			'A6.5 a response without an item’s result',
			response({ '@type': 'AcceptResponseItem' }),
			'AcceptResponseItem.result :: Value is not defined'
		],
		[
			'A6.5 a response without an error’s code',
			response({ ...error, code: undefined }),
			'ErrorResponseItem.code :: Value is not defined'
		],
		[
			'A6.5 a response without an error’s message',
			response({ ...error, message: undefined }),
			'ErrorResponseItem.message :: Value is not defined'
		]
	])('%s is rejected', (_what, content, text) => {
		expect(said(parseResponse(content))).toBe(text);
	});

	test('a file’s new owner answers with a file reference and nothing else', () => {
		const item = { '@type': 'TransferFileOwnershipAcceptResponseItem', result: 'Accepted', attributeId: 'ATT1' };
		expect(said(parseResponse(response({ ...item, attribute })))).toBe(
			'TransferFileOwnershipAcceptResponseItem.attribute:Object :: must hold an IdentityFileReference'
		);
		expect(parseResponse(response({ ...item, attribute: card })).ok).toBe(false);
	});

	test.each([
		['A6.7 a form field answered with a text', 'text', true],
		['A6.7 a form field answered with as long a text as may be', 'x'.repeat(4096), true],
		['A6.7 a form field answered with texts', ['a', 'b'], true],
		['a form field answered with a number', 1.5, true],
		['a form field answered with a truth', false, true],
		['A6.7 a form field answered with texts and numbers', ['a', 1], false],
		['A6.7 a form field answered with an object', { a: 1 }, false],
		['A6.7 a form field answered with objects', [{ a: 1 }], false],
		['A6.7 a form field answered with too long a text', 'x'.repeat(4097), false],
		['A6.7 a form field answered with too long a text among others', ['a', 'x'.repeat(4097)], false],
		['A6.7 a form field answered with an empty text', '', false],
		['A6.7 a form field answered with an empty text among others', ['a', ''], false],
		['a form field answered with null', null, false],
		['a form field answered with nothing', undefined, false]
	])('%s: %3$s', (_name, answer, ok) => {
		const item = { '@type': 'FormFieldAcceptResponseItem', result: 'Accepted', response: answer };
		expect(parseResponse(response(item)).ok).toBe(ok);
	});

	test.each([
		['A6.6 a ResponseWrapper for a request from a template', 'RelationshipTemplate', 'ok'],
		['A6.6 a ResponseWrapper for a request from a message', 'Message', 'ok'],
		[
			'A6.6 a ResponseWrapper for a request from elsewhere',
			'Token',
			'ResponseWrapper.requestSourceType :: Value is not one of "RelationshipTemplate" | "Message"'
		]
	])('%s: %3$s', (_name, requestSourceType, text) => {
		const wrapper = {
			'@type': 'ResponseWrapper',
			requestId: 'REQ7hQm2Zp0sKdX41vBt',
			requestSourceReference: 'MSGt5Y6u7I8o9P0aS1dF',
			requestSourceType,
			response: response(accept)
		};
		expect(said(parseMessageContent(wrapper))).toBe(text);
	});
});

describe('A6 proposals', () => {
	const identity = { '@type': 'IdentityAttribute', owner: '', value: { '@type': 'GivenName', value: 'Mira' } };
	const relationship = {
		'@type': 'RelationshipAttribute',
		owner: '',
		key: 'card',
		confidentiality: 'public',
		value: { '@type': 'ProprietaryString', title: 't', value: 'v' }
	};
	const hints = (valueType: string) => ({ title: 't', valueType, confidentiality: 'public' });
	const byType = (valueType: string) => ({ '@type': 'IdentityAttributeQuery', valueType });
	const byKey = (valueType: string) => ({
		'@type': 'RelationshipAttributeQuery',
		key: 'card',
		owner: '',
		attributeCreationHints: hints(valueType)
	});
	const byIql = (valueType?: string) => ({
		'@type': 'IQLQuery',
		queryString: 'Surname',
		...(valueType && { attributeCreationHints: { valueType } })
	});
	const kind = 'ProposeAttributeRequestItem.query:Object :: must be of the same kind as the attribute';
	const type = 'ProposeAttributeRequestItem.query:Object :: must ask for the value type of the attribute';
	test.each([
		['A6.9 identity by type', byType('GivenName'), identity, 'ok'],
		['A6.9 identity by another type', byType('Surname'), identity, type],
		['A6.9 identity by IQL', byIql(), identity, 'ok'],
		['A6.9 identity by IQL with hints', byIql('GivenName'), identity, 'ok'],
		['A6.9 identity by IQL with other hints', byIql('Surname'), identity, type],
		['A6.9 identity by key', byKey('ProprietaryString'), identity, kind],
		['A6.9 relationship by key', byKey('ProprietaryString'), relationship, 'ok'],
		['A6.9 relationship by key, another type', byKey('ProprietaryURL'), relationship, type],
		['A6.9 relationship by type', byType('GivenName'), relationship, kind],
		['A6.9 relationship by IQL', byIql(), relationship, kind],
		[
			'A6.9 relationship by a third party',
			{ '@type': 'ThirdPartyRelationshipAttributeQuery', key: 'card', owner: '', thirdParty: [peer] },
			relationship,
			"Type 'ThirdPartyRelationshipAttributeQuery' with version 1 was not found within reflection classes. You might have to install a module first."
		]
	])('%s: %4$s', (_name, query, attribute, text) => {
		const item = { '@type': 'ProposeAttributeRequestItem', mustBeAccepted: true, query, attribute };
		expect(said(parseRequest({ items: [item] }))).toBe(text);
	});
});

describe('A6 file ownership', () => {
	const id = 'FILk3V9wLr7Uq0eYb5Tc';
	const reference = writeReference({ id, key: new Uint8Array(32).fill(7), baseUrl: 'https://relay.example' });
	const item = (fileReference: unknown) => ({
		'@type': 'TransferFileOwnershipRequestItem',
		mustBeAccepted: true,
		fileReference,
		ownershipToken: 'token'
	});
	const truncated = { ok: true, value: { '@type': 'Request', items: [item(reference.truncated)] } };

	test('A6.10 a truncated reference is written as it is, and read back', () => {
		expect(parseRequest({ items: [item(reference.truncated)] })).toEqual(truncated);
		expect(parseRequest(JSON.parse(JSON.stringify(truncated.value)))).toEqual(truncated);
	});

	test('A6.10 a reference in its long form is written truncated', () => {
		expect(parseRequest({ items: [item(reference.url)] })).toEqual(truncated);
	});

	test('what is no reference is the item’s business; what is no text is the parser’s', () => {
		expect(parseRequest({ items: [item('https://example.org/r/none')] })).toMatchObject({
			value: { items: [{ fileReference: 'https://example.org/r/none' }] }
		});
		expect(said(parseRequest({ items: [item({ id })] }))).toBe(
			'TransferFileOwnershipRequestItem.fileReference :: Value is not a string'
		);
	});
});
