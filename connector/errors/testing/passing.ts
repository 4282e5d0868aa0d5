/** Refusals only time brings: an identity that is leaving and then gone, objects and offers that are over (connector-api.md §14). */
import { consent } from '../../testing/party.ts';
import { rowsOf, type Row } from './rows.ts';
import { mail, raw, type Member } from './town.ts';

export interface PassingWorld {
	/** Connected with whoever leaves. */
	readonly city: Member;
	/** Loaded a template of whoever leaves. */
	readonly person: Member;
	/** Debug mode; its deletion is under way. */
	readonly leaving: Member;
	/** Of the leaving to the city, open. */
	readonly request: string;
	/** Templates the person loaded: of the leaving, and one of the city that lasts an hour. */
	readonly offer: string;
	readonly brief: string;
	/** References to objects of the city that last an hour, and which nobody loaded. */
	readonly references: Readonly<Record<'Files' | 'RelationshipTemplates' | 'Tokens', string>>;
}
type PassingRow = Row<PassingWorld>;
type Code = PassingRow['code'];
const rows = rowsOf<PassingWorld>();

const RELATIONSHIPS = 'error.transport.relationships.';
const CREATION = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
const opening = (name: string, code: Code, templateId: (world: PassingWorld) => string): PassingRow[] => {
	const body = (world: PassingWorld) => ({ templateId: templateId(world), creationContent: CREATION });
	return [
		{ name, code, call: (world) => world.person.call('POST', '/Relationships', body(world)) },
		{
			name: `foretold: ${name}`,
			code,
			verdict: true,
			call: (world) => world.person.call('PUT', '/Relationships/CanCreate', body(world))
		}
	];
};
const asking = (name: string, code: Code): PassingRow[] => {
	const body = ({ leaving: { address } }: PassingWorld) => ({ content: { items: [consent('?')] }, peer: address });
	return [
		{ name, code, call: (world) => world.city.call('POST', '/Requests/Outgoing', body(world)) },
		{
			name: `judged: ${name}`,
			code,
			verdict: true,
			status: 201,
			call: (world) => world.city.call('POST', '/Requests/Outgoing/Validate', body(world))
		}
	];
};
const deciding = (name: string, code: Code): PassingRow[] =>
	(['Accept', 'Reject'] as const).map((action) => ({
		name: `${name}: Can${action}`,
		code,
		verdict: true,
		call: ({ city, request }) =>
			city.call('PUT', `/Requests/Incoming/${request}/Can${action}`, { items: [{ accept: action === 'Accept' }] })
	}));
const sending = (name: string, code: Code, content: (address: string) => object): PassingRow => ({
	name,
	code,
	call: ({ city, leaving: { address } }) =>
		city.call('POST', '/Messages', { recipients: [address], content: content(address) })
});
const notification = () => ({
	'@type': 'Notification',
	id: 'NOT00000000000000000',
	items: [{ '@type': 'OwnAttributeDeletedByOwnerNotificationItem', attributeId: 'ATT00000000000000000' }]
});

/** While the deletion can still be called off. */
export const leavingRows: readonly PassingRow[] = [
	sending('a mail to who is leaving', 'error.runtime.messages.peerIsInDeletion', (address) => mail([address])),
	...asking('a request of who is leaving', 'error.consumption.requests.peerIsInDeletion'),
	...deciding('a request by who is leaving', 'error.consumption.requests.peerIsInDeletion'),
	...opening(
		'a relationship with who is leaving',
		`${RELATIONSHIPS}activeIdentityDeletionProcessOfOwnerOfRelationshipTemplate`,
		({ offer }) => offer
	)
];

const ENTITIES = { Files: 'File', RelationshipTemplates: 'RelationshipTemplate', Tokens: 'Token' } as const;
type Place = keyof typeof ENTITIES;
const over = (Object.keys(ENTITIES) as Place[]).map((place): PassingRow => ({
	name: `${place}: what is over`,
	code: 'error.runtime.recordNotFound',
	status: 404,
	says: `${ENTITIES[place]} not found. Make sure the ID exists and the record is not expired. If a password is required to fetch the record, make sure you passed the correct one.`,
	call: ({ person, references }) => person.call('POST', `/${place}/Peer`, { reference: references[place] })
}));

/** Twenty days later it is gone, and its relationships with it (DeletionProposed): their status is what is looked at first. */
export const goneRows: readonly PassingRow[] = [
	sending('a mail to who is gone', 'error.runtime.messages.hasNoActiveRelationship', (address) => mail([address])),
	sending(
		'a notification to who is gone',
		'error.transport.messages.hasNeitherActiveNorTerminatedRelationship',
		notification
	),
	...asking('a request of who is gone', 'error.consumption.requests.wrongRelationshipStatus'),
	...deciding('a request by who is gone', 'error.consumption.requests.wrongRelationshipStatus'),
	...opening(
		'a relationship with who is gone',
		`${RELATIONSHIPS}deletedOwnerOfRelationshipTemplate`,
		({ offer }) => offer
	),
	...opening(
		'a relationship by an offer that is over',
		`${RELATIONSHIPS}relationshipTemplateIsExpired`,
		({ brief }) => brief
	),
	...over,
	...rows({
		name: 'a deletion is called off too late',
		code: 'error.platform.validation.device.gracePeriodHasAlreadyExpired',
		status: 500,
		debug: true,
		call: ({ leaving }) => raw(leaving, 'DELETE', '/IdentityDeletionProcess')
	})
];

export const passingRows = [...leavingRows, ...goneRows];
