import { describe, expect, test } from 'vitest';
import { maxRequestNodes } from '../limits.ts';
import { parseMessageContent, parseTokenContent } from './parse.ts';
import { identityValues } from './testing/samples.ts';

const peer = 'did:e:relay.example:dids:9f8e7d6c5b4a30211203fe';
const said = (
	json: unknown,
	parse: typeof parseMessageContent | typeof parseTokenContent = parseMessageContent
): string => {
	const parsed = parse(json);
	return parsed.ok ? 'ok' : `${parsed.error.code.split('.').at(-1)} | ${parsed.error.message}`;
};

describe('A7 mails', () => {
	const mail = { '@type': 'Mail', to: [peer], cc: [peer], subject: 'Ready', body: '**now**', bodyFormat: 'Markdown' };

	test('A7.1 a mail is read as it is', () => {
		expect(parseMessageContent(mail)).toEqual({ ok: true, value: mail });
	});

	test('A7.1 without cc it has an empty one', () => {
		expect(parseMessageContent({ ...mail, cc: undefined })).toMatchObject({ value: { cc: [] } });
	});

	test('A7.1 without body format it is plain text', () => {
		expect(parseMessageContent({ ...mail, bodyFormat: undefined })).toMatchObject({
			value: { bodyFormat: 'PlainText' }
		});
	});

	test.each(['PlainText', 'Markdown'])('A7.1 the body format %s is known', (bodyFormat) => {
		expect(parseMessageContent({ ...mail, bodyFormat })).toEqual({ ok: true, value: { ...mail, bodyFormat } });
	});

	test('A7.1 an unknown body format is rejected', () => {
		expect(said({ ...mail, bodyFormat: 'Html' })).toBe(
			'requestDeserialization | Mail.bodyFormat :: Value is not one of "PlainText" | "Markdown"'
		);
	});

	test('A7.1 an empty "to" is rejected', () => {
		expect(said({ ...mail, to: [] })).toBe('requestDeserialization | Mail.to:Array :: may not be empty');
	});

	test('A7.1 a missing "to" is rejected', () => {
		expect(said({ ...mail, to: undefined })).toBe('requestDeserialization | Mail.to :: Value is not defined');
	});
});

describe('A7 notifications', () => {
	const attributeId = 'ATTk3V9wLr7Uq0eYb5Tc';
	const items = [
		{
			'@type': 'PeerAttributeSucceededNotificationItem',
			predecessorId: attributeId,
			successorId: 'ATTm8B2nVc4Xz6Lk1Jh7',
			successorContent: {
				'@type': 'IdentityAttribute',
				owner: peer,
				value: { '@type': 'GivenName', value: 'Mira' }
			}
		},
		{ '@type': 'OwnAttributeDeletedByOwnerNotificationItem', attributeId },
		{ '@type': 'PeerRelationshipAttributeDeletedByPeerNotificationItem', attributeId },
		{ '@type': 'ForwardedAttributeDeletedByPeerNotificationItem', attributeId }
	];
	const notification = { '@type': 'Notification', id: 'NOTr4T5y6U7i8O9p0Q1w', items };

	test('A7.2 a notification is read as it is, with all four kinds of items', () => {
		expect(parseMessageContent(notification)).toEqual({ ok: true, value: notification });
	});

	test('A7.2 without items it is rejected', () => {
		expect(said({ ...notification, items: [] })).toBe(
			'requestDeserialization | Notification.items:Array :: may not be empty'
		);
	});

	test('items of older versions, and more items than anybody sends, are rejected', () => {
		const old = { '@type': 'PeerSharedAttributeDeletedByPeerNotificationItem', attributeId };
		expect(said({ ...notification, items: [old] })).toMatch(/^requestDeserialization \| Type 'PeerShared/);
		expect(said({ ...notification, items: Array(maxRequestNodes + 1).fill(items[1]) })).toBe(
			`requestDeserialization | Notification.items:Array :: must not have more than ${maxRequestNodes} items`
		);
		expect(said({ ...notification, id: undefined })).toBe(
			'requestDeserialization | Notification.id :: Value is not defined'
		);
	});
});

describe('what a token carries', () => {
	test.each([
		['any object without type', { a: [null] }, 'ok'],
		['an empty object', {}, 'ok'],
		['a value', { '@type': 'GivenName', ...identityValues.GivenName }, 'ok'],
		['a mail', { '@type': 'Mail', to: [peer], subject: '', body: '' }, 'ok'],
		[
			'a presentation',
			{
				'@type': 'TokenContentVerifiablePresentation',
				value: 'eyJ',
				type: 'dc+sd-jwt',
				displayInformation: [{}]
			},
			'ok'
		],
		[
			'a presentation of nothing',
			{ '@type': 'TokenContentVerifiablePresentation' },
			'requestDeserialization | TokenContentVerifiablePresentation.value :: Value is not defined'
		],
		[
			'a file without its key',
			{ '@type': 'TokenContentFile', fileId: 'FILk3V9wLr7Uq0eYb5Tc' },
			'requestDeserialization | TokenContentFile.secretKey :: Value is not defined'
		],
		[
			'a class of the original that is no content',
			{ '@type': 'Message' },
			'requestDeserialization | Message.secretKey :: Value is not defined'
		],
		[
			'an unknown type',
			{ '@type': 'Poem' },
			"invalidTokenContent | Type 'Poem' with version 1 was not found within reflection classes. You might have to install a module first."
		],
		['a type that is no text', { '@type': 7 }, 'invalidTokenContent | The content has no @type.'],
		['a text', 'text', 'invalidTokenContent | The content of a token must be a JSON object.'],
		['a list', [], 'invalidTokenContent | The content of a token must be a JSON object.'],
		['nothing', null, 'invalidTokenContent | The content of a token must be a JSON object.']
	])('%s: %s', (_name, content, text) => expect(said(content, parseTokenContent)).toBe(text));

	test('an object without type is kept whole, unknown members of a named one are dropped', () => {
		expect(parseTokenContent({ a: 1, '@context': 'c' })).toEqual({ ok: true, value: { a: 1, '@context': 'c' } });
		const file = { '@type': 'TokenContentFile', fileReference: 'r' };
		expect(parseTokenContent({ ...file, more: 1 })).toEqual({ ok: true, value: file });
	});
});
