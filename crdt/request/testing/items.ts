/**
 * Request items of every kind as they are written, and wallets to ask about them: Berlin asks, Anna is asked (asking.ts).
 * For tests of the kinds of items.
 */
import type { DecideItem } from '../../api.ts';
import { anna, berlin, carl, day, id, relate, type Party } from '../../attribute/testing/party.ts';
import type { AttributeKind, AttributeRow, DeletionStatus, RelationshipStatus } from '../../views.ts';
import { canAccept, receiveRequest } from '../incoming.ts';
import { canCreate } from '../outgoing.ts';
import { attributeIn, judged, message, mustBe, requestIn } from './asking.ts';

export const fails = (code: string) => `inheritedFromItem[${code}]`;
export const INVALID = fails('invalidRequestItem');
/** Whether Berlin may ask Anna (or `peer`) this: `ok`, or what is wrong with which item. */
export const mayAsk = (b: Party, items: object[], peer: string = anna) =>
	judged(canCreate(b.views, berlin, { '@type': 'Request', items: items as never }, peer, day(1)));
/** The same in a template, where nobody knows who will be asked. */
export const mayAskAnybody = (b: Party, items: object[]) =>
	judged(canCreate(b.views, berlin, { '@type': 'Request', items: items as never }, undefined, day(1)));
/** Whether Anna may accept the only item of request `n` so. */
export const mayAccept = (a: Party, item: DecideItem, n = 1) =>
	judged(canAccept(a.views, anna, requestIn(a, n), { items: [item] }, day(3)));

/** Request `n` reaches Anna, from somebody who judges otherwise than we do what may be asked. */
export const arrives = (a: Party, items: object[], n = 1): void => {
	mustBe(receiveRequest(a.at(day(2)), message(n, { '@type': 'Request', id: id('REQ', n), items })));
};

export const string = (value: string, title = 'Card') => ({ '@type': 'ProprietaryString', title, value });
export const relational = (owner = '', more: object = {}) => ({
	'@type': 'RelationshipAttribute',
	owner,
	key: 'card',
	confidentiality: 'public',
	isTechnical: false,
	value: string('7'),
	...more
});
export const item = (type: string, members: object, mustBeAccepted = true) => ({
	'@type': `${type}RequestItem`,
	mustBeAccepted,
	...members
});
export const createItem = (content: object, mustBeAccepted = true) =>
	item('CreateAttribute', { attribute: content }, mustBeAccepted);
export const query = {
	relational: (owner = '', more: object = {}) => ({
		'@type': 'RelationshipAttributeQuery',
		key: 'card',
		owner,
		attributeCreationHints: { title: 'Card', valueType: 'ProprietaryString', confidentiality: 'public', ...more }
	}),
	third: (thirdParty: string[], owner = '') => ({
		'@type': 'ThirdPartyRelationshipAttributeQuery',
		key: 'card',
		owner,
		thirdParty
	}),
	iql: { '@type': 'IQLQuery', queryString: 'GivenName' },
	name: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' }
};
export const readItem = (asking: object, mustBeAccepted = true) =>
	item('ReadAttribute', { query: asking }, mustBeAccepted);
export const proposeItem = (asking: object, content: object, mustBeAccepted = true) =>
	item('ProposeAttribute', { query: asking, attribute: content }, mustBeAccepted);

/** An attribute of a kind, put as it is. */
export function has(
	p: Party,
	n: number,
	kind: AttributeKind,
	content: object,
	more: Partial<AttributeRow> = {}
): AttributeRow {
	const row = { '@type': kind, id: id('ATT', n), createdAt: day(1), content, ...more } as AttributeRow;
	p.views.put('attributes', row);
	return row;
}
export const ofRelationship = (
	p: Party,
	n: number,
	peer: string,
	kind: AttributeKind,
	owner: string,
	more: object = {}
) => has(p, n, kind, relational(owner, more), { peer, sourceReference: id('REQ', 90) });
export const forwarded = (p: Party, n: number, peer: string, deletionStatus?: DeletionStatus) =>
	p.views.put('forwardings', {
		id: `${id('ATT', n)}|${peer}|0`,
		attributeId: id('ATT', n),
		peer,
		sourceReference: id('REQ', 91),
		sharedAt: day(1),
		...(deletionStatus && { deletionInfo: { deletionStatus, deletionDate: day(9) } })
	});
export const with3rd = (p: Party, status: RelationshipStatus = 'Active') =>
	relate(p, carl, status, { id: id('REL', 3) });
export const kinds = (p: Party) => p.views.list('attributes').map((row) => [row['@type'], row.id]);
export const statusOf = (p: Party, n: number) => attributeIn(p, n).deletionInfo?.deletionStatus;
