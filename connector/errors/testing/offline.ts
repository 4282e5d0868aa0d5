/**
 * What cannot be done while the relay is out of reach (connector-api.md §14, last paragraphs): it is refused at once and leaves
 * nothing behind. And what a relay answers that lost everything it knew.
 */
import { must, type Shape } from '../../testing/party.ts';
import { rowsOf, type Row } from './rows.ts';
import { LATER, PAST, raw, STRANGER, upload, type Member } from './town.ts';

export interface OfflineWorld {
	/** Connected with the person; office asked it for a relationship. */
	readonly city: Member;
	readonly person: Member;
	readonly office: Member;
	readonly activeId: string;
	readonly pendingId: string;
	/** Objects of the city. */
	readonly file: string;
	readonly template: string;
	readonly token: string;
	/** References of the office nobody loaded. */
	readonly references: { readonly file: string; readonly template: string; readonly token: string };
	/** Of the office, loaded by the person, with a request; and without. */
	readonly offer: string;
	readonly plain: string;
	/** The request of `offer`. */
	readonly request: string;
}
type OfflineRow = Row<OfflineWorld>;
const rows = rowsOf<OfflineWorld>();
const UNREACHABLE = { code: 'error.transport.request.unknown', status: 500 } as const;

const tried = (
	method: string,
	path: string | ((world: OfflineWorld) => string),
	body?: object | ((world: OfflineWorld) => object),
	who: 'city' | 'person' | 'office' = 'city'
): OfflineRow => ({
	name: `${method} ${typeof path === 'string' ? path : ''}`,
	...UNREACHABLE,
	call: (world) =>
		world[who].call(
			method,
			typeof path === 'string' ? path : path(world),
			typeof body === 'function' ? body(world) : body
		)
});
const named = (name: string, row: OfflineRow): OfflineRow => ({ ...row, name });
const ARBITRARY = { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 };
const CREATION = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };

export const unreachableRows: readonly OfflineRow[] = [
	tried('POST', '/Account/Sync'),
	tried('POST', '/Tokens/Own', { content: { a: 1 }, expiresAt: LATER }),
	tried('POST', '/RelationshipTemplates/Own', { content: ARBITRARY, expiresAt: LATER }),
	{ name: 'POST /Files/Own', ...UNREACHABLE, call: ({ city }) => upload(city, 'Hello') },
	tried('POST', '/Challenges', { challengeType: 'Identity' }),
	tried('POST', '/BackboneNotifications', ({ person }) => ({ recipients: [person.address], code: 'x' })),
	named(
		'a token for a file',
		tried('POST', ({ file }) => `/Files/${file}/Token`)
	),
	named(
		'a token for a template',
		tried('POST', ({ template }) => `/RelationshipTemplates/Own/${template}/Token`)
	),
	named(
		'another ownership token',
		tried('PATCH', ({ file }) => `/Files/${file}/RegenerateOwnershipToken`)
	),
	named(
		'the end of a file',
		tried('DELETE', ({ file }) => `/Files/${file}`)
	),
	named(
		'the end of a template',
		tried('DELETE', ({ template }) => `/RelationshipTemplates/${template}`)
	),
	named(
		'the end of a token',
		tried('DELETE', ({ token }) => `/Tokens/${token}`)
	),
	tried('POST', '/Files/Peer', ({ references }) => ({ reference: references.file })),
	tried('POST', '/RelationshipTemplates/Peer', ({ references }) => ({ reference: references.template })),
	tried('POST', '/Tokens/Peer', ({ references }) => ({ reference: references.token })),
	tried('POST', '/Relationships', ({ plain }) => ({ templateId: plain, creationContent: CREATION }), 'person'),
	named(
		'a relationship is ended',
		tried('PUT', ({ activeId }) => `/Relationships/${activeId}/Terminate`)
	),
	...['Accept', 'Reject'].map((action) =>
		named(
			`PUT …/${action} of a relationship`,
			tried('PUT', ({ pendingId }) => `/Relationships/${pendingId}/${action}`)
		)
	),
	named(
		'a relationship is revoked',
		tried('PUT', ({ pendingId }) => `/Relationships/${pendingId}/Revoke`, undefined, 'office')
	)
];

/** The answer to an offer is decided here and cannot leave: a relationship may be asked for with this answer and no other. */
const decided = async ({ person, request }: OfflineWorld): Promise<string> => {
	const { status } = await must<Shape>(person.call('GET', `/Requests/Incoming/${request}`));
	if (status !== 'Decided')
		await must(person.call('PUT', `/Requests/Incoming/${request}/Accept`, { items: [{ accept: true }] }));
	return request;
};
const another = (requestId: string) => ({
	'@type': 'RelationshipCreationContent',
	response: {
		'@type': 'Response',
		result: 'Accepted',
		requestId,
		items: [{ '@type': 'RejectResponseItem', result: 'Rejected' }]
	}
});
const WRONG_RESPONSE = { code: 'error.runtime.relationships.wrongResponseProvidedAsCreationContent' } as const;

/** Refused for their own sake, reachable or not. */
export const localRows: readonly OfflineRow[] = rows(
	{
		name: 'a relationship with another answer than was decided',
		...WRONG_RESPONSE,
		given: decided,
		call: ({ person, offer }, request) =>
			person.call('POST', '/Relationships', { templateId: offer, creationContent: another(request) })
	},
	{
		name: 'foretold: a relationship with another answer than was decided',
		...WRONG_RESPONSE,
		verdict: true,
		given: decided,
		call: ({ person, offer }, request) =>
			person.call('PUT', '/Relationships/CanCreate', { templateId: offer, creationContent: another(request) })
	},
	{
		name: 'a token that is over',
		code: 'error.runtime.validation.invalidPropertyValue',
		says: "'expiresAt' must be in the future",
		call: ({ city }) => city.call('POST', '/Tokens/Own', { content: { a: 1 }, expiresAt: PAST })
	},
	{
		name: 'a message to a stranger',
		code: 'error.runtime.messages.hasNoActiveRelationship',
		call: ({ city }) =>
			city.call('POST', '/Messages', {
				recipients: [STRANGER],
				content: { '@type': 'ArbitraryMessageContent', value: 1 }
			})
	}
);

/** A relay that does not know the city any more takes no line of it: it is as if it were away. */
export const forgottenRows: readonly OfflineRow[] = rows({
	name: 'a token at a relay that lost its data',
	...UNREACHABLE,
	call: ({ city }) =>
		raw(city, 'POST', '/Tokens/Own', {
			body: JSON.stringify({ content: { a: 1 }, expiresAt: LATER }),
			headers: { 'content-type': 'application/json' }
		})
});

export const offlineRows = [...unreachableRows, ...localRows, ...forgottenRows];
