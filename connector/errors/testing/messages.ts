/**
 * Refusals of messages, of the operator's texts and of challenges (connector-api.md §2.4, §2.5, §2.8, §11; the order of §14).
 */
import { consent, must, type Shape } from '../../testing/party.ts';
import { rowsOf, type Row } from './rows.ts';
import { INVALID, mail, raw, STRANGER, type Member } from './town.ts';

export interface MessageWorld {
	/** Connected with the person; its relationship with the office has ended. */
	readonly city: Member;
	readonly person: Member;
	/** Asked the person for a relationship, which nobody decided. */
	readonly office: Member;
	readonly pendingId: string;
	readonly endedId: string;
	/** From city to person, with one attachment; `other` is a file of the city it does not carry. */
	readonly message: string;
	readonly other: string;
	/** Contents of requests of the city to the person: a draft, one that was sent, and a draft that expired meanwhile. */
	readonly draft: object;
	readonly sent: object;
	readonly expired: object;
}
const rows = rowsOf<MessageWorld>();
type Refusal = Pick<Row<MessageWorld>, 'code' | 'status' | 'says'>;
const missing = (entity: string): Refusal => ({
	code: 'error.runtime.recordNotFound',
	status: 404,
	says: `${entity} not found. Make sure the ID exists and the record is not expired.`
});

// ------------------------------------------------------------------------------------------------ sending

const sent = (
	name: string,
	refusal: Refusal,
	message: (world: MessageWorld) => object,
	who: 'city' | 'person' = 'city'
): Row<MessageWorld> => ({
	name: `sent: ${name}`,
	...refusal,
	call: (world) => world[who].call('POST', '/Messages', message(world))
});
const invalid = (says?: string | RegExp): Refusal => ({ code: INVALID, ...(says !== undefined && { says }) });
const unread = (says?: string): Refusal => ({
	code: 'error.runtime.requestDeserialization',
	...(says !== undefined && { says })
});
const NO_RELATIONSHIP: Refusal = { code: 'error.runtime.messages.hasNoActiveRelationship' };
const NOBODY_TO_NOTIFY: Refusal = {
	code: 'error.transport.messages.hasNeitherActiveNorTerminatedRelationship'
};

/** To the person. */
const content =
	(of: (address: string, world: MessageWorld) => object, more: object = {}) =>
	(world: MessageWorld) => ({
		recipients: [world.person.address],
		content: of(world.person.address, world),
		...more
	});
const to = (of: (world: MessageWorld) => string) => (world: MessageWorld) => ({
	recipients: [of(world)],
	content: mail([of(world)])
});
const notification = {
	'@type': 'Notification',
	id: 'NOT00000000000000000',
	items: [{ '@type': 'OwnAttributeDeletedByOwnerNotificationItem', attributeId: 'ATT00000000000000000' }]
};
const notify = (of: (world: MessageWorld) => string) => (world: MessageWorld) => ({
	recipients: [of(world)],
	content: notification
});
const TYPELESS =
	"Type 'Nothing' with version 1 was not found within reflection classes. You might have to install a module first.";

const sendRows: readonly Row<MessageWorld>[] = [
	sent('nothing', invalid("must have required property 'recipients'"), () => ({})),
	sent('to nobody', invalid('recipients must NOT have fewer than 1 items'), () => ({
		recipients: [],
		content: mail([])
	})),
	sent('twice to one', invalid('recipients must NOT have duplicate items'), ({ person: { address } }) => ({
		recipients: [address, address],
		content: mail([address])
	})),
	sent('to no address', invalid(/^recipients\/0 must match pattern did:e:/), () => ({
		recipients: ['nobody'],
		content: mail(['nobody'])
	})),
	sent(
		'with a member nobody knows',
		invalid('must NOT have additional properties'),
		content((a) => mail([a]), { x: 1 })
	),
	sent(
		'with one file twice',
		invalid('attachments must NOT have duplicate items'),
		({ person: { address }, other }) => ({
			recipients: [address],
			content: mail([address]),
			attachments: [other, other]
		})
	),
	sent(
		'with what is no file',
		invalid('attachments/0 must match pattern FIL[A-Za-z0-9]{17}'),
		content((a) => mail([a]), { attachments: ['x'] })
	),
	sent(
		'of no type',
		{ code: 'error.runtime.unknownType', says: TYPELESS },
		content(() => ({ '@type': 'Nothing' }))
	),
	sent(
		'of a type that is none of it',
		unread('Message.secretKey :: Value is not defined'),
		content(() => ({ '@type': 'Message' }))
	),
	sent(
		'a mail without to',
		unread('Mail.to :: Value is not defined'),
		content(() => ({ '@type': 'Mail', subject: 's', body: 'b' }))
	),
	sent(
		'a mail to nobody',
		unread('Mail.to:Array :: may not be empty'),
		content(() => mail([]))
	),
	sent(
		'a type that belongs into a template',
		invalid(),
		content(() => ({ '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }))
	),
	sent(
		'to a stranger',
		NO_RELATIONSHIP,
		to(() => STRANGER)
	),
	sent(
		'after the end',
		NO_RELATIONSHIP,
		to(({ office }) => office.address)
	),
	sent(
		'before the beginning',
		NO_RELATIONSHIP,
		to(({ office }) => office.address),
		'person'
	),
	sent(
		'a notification to a stranger',
		NOBODY_TO_NOTIFY,
		notify(() => STRANGER)
	),
	sent(
		'a notification before the beginning',
		NOBODY_TO_NOTIFY,
		notify(({ office }) => office.address),
		'person'
	),
	sent(
		'a mail with one in cc twice',
		invalid(),
		content((a) => mail([a], { cc: [STRANGER, STRANGER] }))
	),
	sent(
		'a mail with one in to twice',
		invalid(),
		content((a) => mail([a, a]))
	),
	sent(
		'a mail with one in to and in cc',
		invalid(),
		content((a) => mail([a], { cc: [a] }))
	),
	sent(
		'a mail to others than its recipients',
		invalid(),
		content(() => mail([STRANGER]))
	),
	sent(
		'with a file nobody knows',
		missing('File'),
		content((a) => mail([a]), { attachments: ['FIL00000000000000000'] })
	),
	// Which of two faults is told.
	sent('a mail to a stranger, who is in to twice', NO_RELATIONSHIP, () => ({
		recipients: [STRANGER],
		content: mail([STRANGER, STRANGER])
	})),
	sent(
		'a mail with one in cc twice and one in to twice',
		invalid(/'cc'/),
		content((a) => mail([a, a], { cc: [STRANGER, STRANGER] }))
	),
	sent(
		'a mail to others, with a file nobody knows',
		invalid(),
		content(() => mail([STRANGER]), { attachments: ['FIL00000000000000000'] })
	),
	sent('of no type, to a stranger', { code: 'error.runtime.unknownType' }, () => ({
		recipients: [STRANGER],
		content: { '@type': 'Nothing' }
	})),
	sent('a request to two', invalid(), ({ person, office, draft }) => ({
		recipients: [person.address, office.address],
		content: draft
	})),
	sent(
		'a request that was not made',
		invalid(),
		content(() => ({ '@type': 'Request', items: [consent('?')] }))
	),
	sent(
		'more than the relay takes',
		{ code: 'error.transport.request.bodyLengthExceeded', status: 413 },
		content(() => ({ '@type': 'ArbitraryMessageContent', value: 'x'.repeat(800_000) }))
	),
	sent(
		'a request nobody made',
		{
			code: 'error.runtime.recordNotFound',
			status: 404,
			says: 'Request not found. Make sure the ID exists and the record is not expired.'
		},
		content(() => ({ '@type': 'Request', id: 'REQ00000000000000000', items: [consent('?')] }))
	),
	sent(
		'a request that was changed',
		invalid(),
		content((_, { draft }) => ({ ...draft, title: 'Another' }))
	),
	sent(
		'a request that was sent',
		{ code: 'error.runtime.messages.cannotSendRequestThatWasAlreadySent' },
		content((_, { sent: already }) => already)
	),
	sent(
		'a request that expired',
		{ code: 'error.runtime.messages.cannotSendMessageWithExpiredRequest' },
		content((_, { expired }) => expired)
	)
];

// ------------------------------------------------------------------------------------------------ reading

const FILE = 'FIL00000000000000000';
const below = (name: string, refusal: Refusal, path: (world: MessageWorld) => string): Row<MessageWorld> => ({
	name: `read: ${name}`,
	...refusal,
	call: (world) => raw(world.city, 'GET', `/Messages/${path(world)}`)
});
const readRows: readonly Row<MessageWorld>[] = [
	below('nobody’s message', missing('Message'), () => 'MSG00000000000000000'),
	below('what has no id', invalid('id must match pattern MSG[A-Za-z0-9]{17}'), () => 'nonsense'),
	...['', '/Download'].flatMap((end) => [
		below(`nobody’s attachment${end}`, missing('Message'), () => `MSG00000000000000000/Attachments/${FILE}${end}`),
		below(
			`an attachment without id${end}`,
			invalid('fileId must match pattern FIL[A-Za-z0-9]{17}'),
			({ message }) => `${message}/Attachments/nonsense${end}`
		),
		below(
			`what it does not carry${end}`,
			{ code: 'error.runtime.messages.fileNotFoundInMessage' },
			({ message, other }) => `${message}/Attachments/${other}${end}`
		)
	])
];

// ------------------------------------------------------------------------------------ texts and challenges

const shown = (name: string, refusal: Refusal, body: (world: MessageWorld) => object): Row<MessageWorld> => ({
	name: `shown: ${name}`,
	...refusal,
	call: ({ city, ...world }) => city.call('POST', '/BackboneNotifications', body({ city, ...world }))
});
const CODE = 'error.transport.backboneNotifications.';
const noticeRows: readonly Row<MessageWorld>[] = [
	shown('to nobody', { code: `${CODE}atLeastOneRecipientRequired` }, () => ({ recipients: [], code: 'x' })),
	shown('nothing', { code: `${CODE}codeMustNotBeEmpty` }, ({ person }) => ({
		recipients: [person.address],
		code: ''
	})),
	shown('to a stranger', { code: `${CODE}noActiveRelationshipFoundForRecipients` }, ({ person }) => ({
		recipients: [person.address, STRANGER],
		code: 'x'
	})),
	shown(
		'a text the operator does not have',
		{ code: 'error.platform.validation.notification.codeDoesNotExist', status: 500 },
		({ person }) => ({ recipients: [person.address], code: 'NoSuchCode' })
	),
	shown('without code', invalid("must have required property 'code'"), () => ({ recipients: [] }))
];

const challenge = async (who: Member, body: object) => {
	const { challengeString, signature } = await must<Shape>(who.call('POST', '/Challenges', body), 201);
	return { challengeString, signature };
};
const asked = (name: string, refusal: Refusal, body: (world: MessageWorld) => object): Row<MessageWorld> => ({
	name: `challenge: ${name}`,
	...refusal,
	call: (world) => world.person.call('POST', '/Challenges', body(world))
});
const UNSUITABLE: Refusal = {
	code: 'error.runtime.validation.invalidPayload',
	says: 'The given combination of properties in the payload is not supported.'
};
const relationship = (id: string) => ({ challengeType: 'Relationship', relationship: id });
const challengeRows: readonly Row<MessageWorld>[] = [
	asked('of no type', UNSUITABLE, () => ({})),
	asked('of an unknown type', UNSUITABLE, () => ({ challengeType: 'Nothing' })),
	asked('with a member too many', invalid(), () => ({ challengeType: 'Identity', relationship: 'x' })),
	asked('for what is no relationship', invalid('relationship must match pattern REL[A-Za-z0-9]{17}'), () =>
		relationship('x')
	),
	asked('for nobody’s relationship', missing('Relationship'), () => relationship('REL00000000000000000')),
	asked(
		'for a relationship that is pending',
		{ code: 'error.transport.challenges.challengeTypeRequiresActiveRelationship' },
		({ pendingId }) => relationship(pendingId)
	),
	...rows(
		{
			name: 'challenge: for a relationship that has ended',
			code: 'error.transport.challenges.challengeTypeRequiresActiveRelationship',
			call: ({ city, endedId }) => city.call('POST', '/Challenges', relationship(endedId))
		},
		{
			name: 'validated: no challenge',
			...invalid(),
			call: ({ person }) =>
				person.call('POST', '/Challenges/Validate', { challengeString: 'nonsense', signature: 'nonsense' })
		},
		{
			name: 'validated: no signature',
			...invalid(),
			async call({ city, person }) {
				const body = await challenge(city, { challengeType: 'Identity' });
				return person.call('POST', '/Challenges/Validate', { ...body, signature: 'nonsense' });
			}
		},
		{
			name: 'validated: of a device',
			code: 'error.runtime.notSupported',
			says: "Validating challenges of the type 'Device' is not yet supported.",
			call: async ({ city, person }) =>
				person.call('POST', '/Challenges/Validate', await challenge(city, { challengeType: 'Device' }))
		},
		{
			name: 'validated: of somebody without relationship',
			code: 'error.transport.recordNotFound',
			status: 404,
			call: async ({ city, office }) =>
				office.call('POST', '/Challenges/Validate', await challenge(city, { challengeType: 'Identity' }))
		}
	)
];

export const messageRows = [...sendRows, ...readRows, ...noticeRows, ...challengeRows];
