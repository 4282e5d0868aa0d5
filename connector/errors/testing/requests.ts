/** Refusals of requests (connector-api.md §2.11, §14): asking, judging and deciding. */
import { consent, identityAttribute, read } from '../../testing/party.ts';
import { rowsOf, type Row } from './rows.ts';
import { INVALID, LATER, PAST, STRANGER, type Member } from './town.ts';

export interface RequestWorld {
	/** Connected with the person; its relationship with the office has ended. */
	readonly city: Member;
	readonly person: Member;
	/** Asked the person for a relationship, which nobody decided. */
	readonly office: Member;
	/** Of the office, in that pending relationship. */
	readonly pendingKey: string;
	/** Asked by the city of the person and open: `ITEMS`. */
	readonly open: string;
	/** The same, answered. */
	readonly done: string;
	/** Asks for a relationship attribute with a key that is in use by now. */
	readonly clash: string;
	/** Asked by the city of the office before the end. */
	readonly orphan: string;
	/** An attribute of the person: a surname. */
	readonly surname: string;
}

export const card = (key: string) => ({
	'@type': 'CreateAttributeRequestItem',
	mustBeAccepted: true,
	attribute: {
		'@type': 'RelationshipAttribute',
		owner: '',
		key,
		confidentiality: 'public',
		value: { '@type': 'ProprietaryString', title: 'Card', value: '7' }
	}
});
export const ITEMS = [
	read('GivenName'),
	{ '@type': 'RequestItemGroup', items: [consent('May we?', false), consent('And that?', false)] },
	{
		'@type': 'FormFieldRequestItem',
		mustBeAccepted: false,
		title: 'Short',
		settings: { '@type': 'StringFormFieldSettings', max: 3 }
	}
];
const no = { accept: false };
const yes = { accept: true };
const name = { accept: true, newAttribute: identityAttribute('GivenName', 'Ada') };
const group = { items: [no, no] };
export const GOOD = [name, group, no];

const rows = rowsOf<RequestWorld>();
const UNKNOWN = 'REQ00000000000000000';
const FAILED = 'An error was thrown in a UseCase: ';
const DECISION = '/Requests/Incoming/';

// ------------------------------------------------------------------------------------------------ deciding

/** What stands against answers to the items, at one of them: `action` is asked whether it could be done. */
const foretold = (
	title: string,
	code: Row<RequestWorld>['code'],
	items: readonly unknown[] | ((world: RequestWorld) => readonly unknown[]),
	action: 'CanAccept' | 'CanReject' = 'CanAccept',
	request: (world: RequestWorld) => string = ({ open }) => open,
	who: 'person' | 'office' = 'person'
): Row<RequestWorld> => ({
	name: `${action}: ${title}`,
	code,
	verdict: true,
	call: (world) =>
		world[who].call('PUT', `${DECISION}${request(world)}/${action}`, {
			items: typeof items === 'function' ? items(world) : items
		})
});
const DECIDE = 'error.consumption.requests.decide.validation.';
const ITEM = 'error.consumption.requests.';

const verdictRows: readonly Row<RequestWorld>[] = [
	foretold('fewer answers than items', `${DECIDE}invalidNumberOfItems`, [name]),
	foretold('no answers', `${DECIDE}invalidNumberOfItems`, []),
	foretold('no answers', `${DECIDE}invalidNumberOfItems`, [], 'CanReject'),
	foretold('fewer answers than a group has', `${DECIDE}invalidNumberOfItems`, [name, { items: [no] }, no]),
	foretold(
		'an item accepted',
		`${DECIDE}itemAcceptedButRequestNotAccepted`,
		[no, group, { ...yes, response: 'a' }],
		'CanReject'
	),
	foretold('what must be accepted rejected', `${DECIDE}mustBeAcceptedItemNotAccepted`, [no, group, no]),
	foretold('a group for an item', `${DECIDE}requestItemAnsweredAsRequestItemGroup`, [{ items: [name] }, group, no]),
	foretold(
		'a group for an item',
		`${DECIDE}requestItemAnsweredAsRequestItemGroup`,
		[{ items: [no] }, group, no],
		'CanReject'
	),
	foretold('an item for a group', `${DECIDE}requestItemGroupAnsweredAsRequestItem`, [name, no, no]),
	foretold('an item for a group', `${DECIDE}requestItemGroupAnsweredAsRequestItem`, [no, no, no], 'CanReject'),
	foretold('neither an attribute nor a new one', `${ITEM}servalErrorDuringRequestItemProcessing`, [yes, group, no]),
	foretold('an attribute nobody knows', 'error.transport.recordNotFound', [
		{ ...yes, existingAttributeId: 'ATT00000000000000000' },
		group,
		no
	]),
	foretold('another attribute than was asked for', `${ITEM}attributeQueryMismatch`, ({ surname }) => [
		{ ...yes, existingAttributeId: surname },
		group,
		no
	]),
	foretold('an answer that is too long', `${ITEM}invalidAcceptParameters`, [
		name,
		group,
		{ ...yes, response: 'long' }
	]),
	foretold(
		'a key that is in use',
		`${ITEM}unexpectedErrorDuringRequestItemProcessing`,
		[yes],
		'CanAccept',
		({ clash }) => clash
	),
	...(['CanAccept', 'CanReject'] as const).map((action) =>
		foretold(
			'the relationship has ended',
			`${ITEM}wrongRelationshipStatus`,
			[action === 'CanAccept' ? yes : no],
			action,
			({ orphan }) => orphan,
			'office'
		)
	)
];

const ACTIONS = ['CanAccept', 'CanReject', 'Accept', 'Reject'] as const;
const decided = (
	title: string,
	refusal: Pick<Row<RequestWorld>, 'code' | 'status' | 'says'>,
	action: (typeof ACTIONS)[number],
	request: (world: RequestWorld) => string,
	body: object
): Row<RequestWorld> => ({
	name: `${action}: ${title}`,
	...refusal,
	call: ({ person, ...world }) => person.call('PUT', `${DECISION}${request({ person, ...world })}/${action}`, body)
});
const MISSING = {
	code: 'error.runtime.recordNotFound',
	status: 404,
	says: 'LocalRequest not found. Make sure the ID exists and the record is not expired.'
} as const;
const MISSING_TO_CHECK = {
	code: 'error.transport.recordNotFound',
	status: 404,
	says: "'LocalRequest' not found."
} as const;
const WRONG_STATUS = {
	code: 'error.runtime.unknown',
	says: `${FAILED}Local Request has to be in status 'DecisionRequired/ManualDecisionRequired'.`
} as const;
const NOT_SO = (action: string) =>
	({
		code: 'error.runtime.unknown',
		says: `${FAILED}Cannot ${action} the Request with the given parameters. Call 'can${action === 'accept' ? 'Accept' : 'Reject'}' to get more information.`
	}) as const;

const decisionRows: readonly Row<RequestWorld>[] = [
	...ACTIONS.flatMap((action) => [
		...['nonsense', UNKNOWN].map((id) =>
			decided(`what has the id ${id}`, action.startsWith('Can') ? MISSING_TO_CHECK : MISSING, action, () => id, {
				items: [no]
			})
		),
		decided('what is answered', WRONG_STATUS, action, ({ done }) => done, {
			items: action.endsWith('Accept') ? GOOD : [no, group, no]
		}),
		decided(
			'in the name of an automaton',
			{
				code: 'error.connector.incomingRequests.decidedByAutomation',
				says: 'Decided by automation is not allowed for this endpoint.'
			},
			action,
			({ open }) => open,
			{ items: GOOD, decidedByAutomation: true }
		),
		decided('answers that are none', { code: 'error.runtime.requestDeserialization' }, action, ({ open }) => open, {
			items: [{ accept: 'yes' }]
		})
	]),
	decided('what cannot be accepted so', NOT_SO('accept'), 'Accept', ({ open }) => open, { items: [no, group, no] }),
	decided('what cannot be rejected so', NOT_SO('reject'), 'Reject', ({ open }) => open, { items: [name, group, no] }),
	...(['Incoming', 'Outgoing'] as const).flatMap((direction) =>
		['nonsense', UNKNOWN].map((id): Row<RequestWorld> => ({
			name: `${direction}: what has the id ${id}`,
			...MISSING,
			call: ({ person }) => person.call('GET', `/Requests/${direction}/${id}`)
		}))
	),
	...rows({
		name: 'Outgoing: what came in',
		...MISSING,
		call: ({ person, open }) => person.call('GET', `/Requests/Outgoing/${open}`)
	})
];

// ------------------------------------------------------------------------------------------------- asking

interface Asked {
	readonly content: object;
	readonly peer?: string;
}
/** Refused when it is made, and told when it is only judged: `code` then stands where the fault is. */
const made = (
	title: string,
	code: Row<RequestWorld>['code'],
	body: (world: RequestWorld) => Asked,
	{ refusal = code, who = 'city' }: { refusal?: Row<RequestWorld>['code']; who?: 'city' | 'office' } = {}
): Row<RequestWorld>[] => [
	{
		name: `made: ${title}`,
		code: refusal,
		call: (world) => world[who].call('POST', '/Requests/Outgoing', body(world))
	},
	{
		name: `judged: ${title}`,
		code,
		verdict: true,
		status: 201,
		call: (world) => world[who].call('POST', '/Requests/Outgoing/Validate', body(world))
	}
];
const INHERITED = { refusal: `${ITEM}validation.inheritedFromItem` } as const;
const of = (items: readonly unknown[], more: object = {}) => ({ items, ...more });
const person = ({ person: { address } }: RequestWorld) => address;

/** Neither made nor judged. */
const unreadable = (
	title: string,
	refusal: Pick<Row<RequestWorld>, 'code' | 'says'>,
	body: (world: RequestWorld) => object
): Row<RequestWorld>[] =>
	['', '/Validate'].map((path) => ({
		name: `POST Outgoing${path}: ${title}`,
		...refusal,
		call: (world) => world.city.call('POST', `/Requests/Outgoing${path}`, body(world))
	}));

const askingRows: readonly Row<RequestWorld>[] = [
	...made('of oneself', `${ITEM}cannotShareRequestWithYourself`, ({ city }) => ({
		content: of([consent('?')]),
		peer: city.address
	})),
	...made('over already', `${ITEM}cannotCreateRequestWithExpirationDateInPast`, (world) => ({
		content: of([consent('?')], { expiresAt: PAST }),
		peer: person(world)
	})),
	...made('of a stranger', `${ITEM}missingRelationship`, () => ({ content: of([consent('?')]), peer: STRANGER })),
	...made('after the end', `${ITEM}wrongRelationshipStatus`, ({ office }) => ({
		content: of([consent('?')]),
		peer: office.address
	})),
	...made('one key twice', `${ITEM}violatedKeyUniquenessOfRelationshipAttributes`, (world) => ({
		content: of([card('twice'), card('twice')]),
		peer: person(world)
	})),
	...made(
		'an attribute of somebody else',
		`${ITEM}invalidRequestItem`,
		(world) => ({
			content: of([
				{
					'@type': 'CreateAttributeRequestItem',
					mustBeAccepted: true,
					attribute: identityAttribute('DisplayName', 'x', STRANGER)
				}
			]),
			peer: person(world)
		}),
		INHERITED
	),
	...made(
		'what lives in a relationship that is pending',
		`${ITEM}cannotShareRelationshipAttributeOfPendingRelationship`,
		({ pendingKey, office, person: { address } }) => ({
			content: of([
				{
					'@type': 'ShareAttributeRequestItem',
					mustBeAccepted: true,
					attributeId: pendingKey,
					attribute: { ...card('pending').attribute, owner: office.address },
					initialAttributePeer: address
				}
			])
		}),
		{ who: 'office' }
	).slice(1),
	...unreadable('without content', { code: INVALID, says: "must have required property 'content'" }, (world) => ({
		peer: person(world)
	})),
	...unreadable('of nobody', { code: INVALID, says: /^peer must match pattern did:e:/ }, () => ({
		content: of([consent('?')]),
		peer: 'nobody'
	})),
	...unreadable('without items', { code: 'error.runtime.requestDeserialization' }, (world) => ({
		content: {},
		peer: person(world)
	})),
	...unreadable('an item of no type', { code: 'error.runtime.requestDeserialization' }, (world) => ({
		content: of([{ '@type': 'NothingRequestItem', mustBeAccepted: true }]),
		peer: person(world)
	})),
	...rows({
		name: 'POST Outgoing: without peer',
		code: INVALID,
		says: "must have required property 'peer'",
		call: ({ city }) =>
			city.call('POST', '/Requests/Outgoing', { content: of([consent('?')], { expiresAt: LATER }) })
	})
];

export const requestRows = [...verdictRows, ...decisionRows, ...askingRows];
