/** Requests of every kind of item, and rules about them. For tests of the decider. */
import { anna, berlin, day, id, party, relate } from '../../attribute/testing/party.ts';
import type { Json, JsonObject, RequestRow } from '../../views.ts';
import { decideByRules, parseRules } from '../decider.ts';

const value = { '@type': 'GivenName', value: 'Anna' };
export const identity = { '@type': 'IdentityAttribute', owner: anna, value, tags: ['x:a', 'x:b'] };
const relational = {
	'@type': 'RelationshipAttribute',
	owner: berlin,
	key: 'card',
	confidentiality: 'public',
	isTechnical: false,
	value: { '@type': 'ProprietaryString', title: 'Card', description: 'Number', value: '7' }
};
const base = { mustBeAccepted: true, description: 'Because', metadata: { case: 7 } };
export const items = {
	create: { '@type': 'CreateAttributeRequestItem', ...base, attribute: identity },
	createRelational: { '@type': 'CreateAttributeRequestItem', ...base, attribute: relational },
	share: { '@type': 'ShareAttributeRequestItem', ...base, attributeId: id('ATT', 1), attribute: identity },
	shareRelational: {
		'@type': 'ShareAttributeRequestItem',
		...base,
		attributeId: id('ATT', 1),
		attribute: relational
	},
	remove: { '@type': 'DeleteAttributeRequestItem', ...base, attributeId: id('ATT', 1) },
	transfer: { '@type': 'TransferFileOwnershipRequestItem', ...base, fileReference: 'r', ownershipToken: 't' },
	formField: {
		'@type': 'FormFieldRequestItem',
		...base,
		title: 'T',
		settings: { '@type': 'BooleanFormFieldSettings' }
	},
	consent: { '@type': 'ConsentRequestItem', ...base, consent: 'I agree' },
	authentication: { '@type': 'AuthenticationRequestItem', ...base, title: 'Log in' },
	read: {
		'@type': 'ReadAttributeRequestItem',
		...base,
		query: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName', tags: ['x:a'] }
	},
	readRelational: {
		'@type': 'ReadAttributeRequestItem',
		...base,
		query: {
			'@type': 'RelationshipAttributeQuery',
			key: 'card',
			owner: '',
			attributeCreationHints: {
				title: 'Card',
				description: 'Number',
				valueType: 'ProprietaryString',
				confidentiality: 'public'
			}
		}
	},
	readIql: {
		'@type': 'ReadAttributeRequestItem',
		...base,
		query: {
			'@type': 'IQLQuery',
			queryString: 'GivenName',
			attributeCreationHints: { valueType: 'GivenName', tags: ['x:a'] }
		}
	},
	propose: {
		'@type': 'ProposeAttributeRequestItem',
		...base,
		attribute: { ...identity, owner: '' },
		query: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' }
	},
	proposeRelational: {
		'@type': 'ProposeAttributeRequestItem',
		...base,
		attribute: { ...relational, owner: '' },
		query: {
			'@type': 'RelationshipAttributeQuery',
			key: 'card',
			owner: '',
			attributeCreationHints: { title: 'Card', valueType: 'ProprietaryString', confidentiality: 'public' }
		}
	}
} satisfies { readonly [name: string]: object };
/** A request of Berlin's by message, as Anna has it while rules are asked. */
export const request = (nodes: object[], more: object = {}, content: object = {}): RequestRow => ({
	id: id('REQ', 1),
	isOwn: false,
	peer: berlin,
	createdAt: day(10),
	status: 'DecisionRequired',
	source: { type: 'Message', reference: id('MSG', 1) },
	content: {
		'@type': 'Request',
		expiresAt: day(20),
		title: 'Title',
		description: 'Description',
		metadata: { a: 1, b: { c: 2 } },
		...content,
		items: nodes as unknown as Json
	} as JsonObject,
	...more
});
export const accept = { accept: true };
export const reject = { accept: false, code: 'c', message: 'm' };
export const rule = (requestConfig: object, responseConfig: object = accept) => ({ requestConfig, responseConfig });

/** The answers, shortened; `manual` when a person has to. */
export function decided(rules: object[], row: RequestRow, known = true): unknown {
	const { views } = party(anna);
	if (known) relate({ views, me: anna }, berlin);
	const parsed = parseRules(rules);
	if (!parsed.ok) throw new Error(parsed.error.code);
	const found = decideByRules(parsed.value, row, views);
	return found ? [found.accept, ...found.decision.items] : 'manual';
}
/** The same for one item, one rule. */
export const one = (config: object, response: object = accept, item: object = items.create) =>
	decided([rule(config, response)], request([item]));

/** Everything a rule can say of a request as a whole, as it is with {@link request}. */
export const general = {
	peer: berlin,
	createdAt: day(10),
	'source.type': 'Message',
	'content.expiresAt': day(20),
	'content.title': 'Title',
	'content.description': 'Description',
	'content.metadata': { b: { c: 2 }, a: 1 }
};

/** Every member of an item as a rule, by its path. */
const pathsOf = (value: unknown, path: string): [string, unknown][] =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !path.endsWith('metadata')
		? Object.entries(value).flatMap(([name, member]) => pathsOf(member, path === '' ? name : `${path}.${name}`))
		: [[path, value]];
export const allOf = (item: object) =>
	Object.fromEntries(pathsOf(item, '').map(([path, member]) => [`content.item.${path}`, member]));
export const deletion = { accept: true, deletionDate: day(30) };
const answerFor: { readonly [type: string]: object } = {
	ReadAttributeRequestItem: { accept: true, newAttribute: identity },
	ProposeAttributeRequestItem: { accept: true, attribute: identity },
	DeleteAttributeRequestItem: deletion
};
/** What an accepting answer to that item needs. */
export const responseFor = (item: { '@type': string }) => answerFor[item['@type']] ?? accept;
