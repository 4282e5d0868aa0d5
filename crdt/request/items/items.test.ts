/**
 * The kinds of request items, each asked and answered between Anna and Berlin (content-behaviours C4–C9). The matching of
 * answers to queries is in crdt/content, effects on versions and forwardings in crdt/attribute.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn, succeedOwn } from '../../attribute/own.ts';
import { anna, berlin, carl, day, id, relate, type Party } from '../../attribute/testing/party.ts';
import { forwardingsTo, isForwarded } from '../../attribute/versions.ts';
import type { AttributeKind, AttributeRow, DeletionStatus, RelationshipStatus } from '../../views.ts';
import { canAccept } from '../incoming.ts';
import { canCreate, completeOutgoing } from '../outgoing.ts';
import { answer, ask, attribute, attributeIn, ids, judged, no, pair, requestIn, said, yes } from '../testing/asking.ts';

let a: Party;
let b: Party;
beforeEach(() => {
	({ anna: a, berlin: b } = pair());
});

const fails = (code: string) => `inheritedFromItem[${code}]`;
const INVALID = fails('invalidRequestItem');
const asked = (items: object[], peer: string | undefined = anna) =>
	judged(canCreate(b.views, berlin, { '@type': 'Request', items: items as never }, peer, day(1)));
const inTemplate = (items: object[]) =>
	judged(canCreate(b.views, berlin, { '@type': 'Request', items: items as never }, undefined, day(1)));
const accepted = (item: DecideItem, n = 1) =>
	judged(canAccept(a.views, anna, requestIn(a, n), { items: [item] }, day(3)));

const string = (value: string, title = 'Card') => ({ '@type': 'ProprietaryString', title, value });
const relational = (owner = '', more: object = {}) => ({
	'@type': 'RelationshipAttribute',
	owner,
	key: 'card',
	confidentiality: 'public',
	isTechnical: false,
	value: string('7'),
	...more
});
const item = (type: string, members: object, mustBeAccepted = true) => ({
	'@type': `${type}RequestItem`,
	mustBeAccepted,
	...members
});
const createItem = (content: object, mustBeAccepted = true) =>
	item('CreateAttribute', { attribute: content }, mustBeAccepted);
const query = {
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
const readItem = (asking: object, mustBeAccepted = true) => item('ReadAttribute', { query: asking }, mustBeAccepted);
const proposeItem = (asking: object, content: object, mustBeAccepted = true) =>
	item('ProposeAttribute', { query: asking, attribute: content }, mustBeAccepted);

/** An attribute of a kind, put as it is. */
function has(
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
const ofRelationship = (p: Party, n: number, peer: string, kind: AttributeKind, owner: string, more: object = {}) =>
	has(p, n, kind, relational(owner, more), { peer, sourceReference: id('REQ', 90) });
const forwarded = (p: Party, n: number, peer: string, deletionStatus?: DeletionStatus) =>
	p.views.put('forwardings', {
		id: `${id('ATT', n)}|${peer}|0`,
		attributeId: id('ATT', n),
		peer,
		sourceReference: id('REQ', 91),
		sharedAt: day(1),
		...(deletionStatus && { deletionInfo: { deletionStatus, deletionDate: day(9) } })
	});
const with3rd = (p: Party, status: RelationshipStatus = 'Active') => relate(p, carl, status, { id: id('REL', 3) });
const kinds = (p: Party) => p.views.list('attributes').map((row) => [row['@type'], row.id]);
const statusOf = (p: Party, n: number) => attributeIn(p, n).deletionInfo?.deletionStatus;

describe('C4 CreateAttribute', () => {
	test.each<[string, string, string, string]>([
		['the recipient', anna, 'ok', INVALID],
		['nobody yet', '', 'ok', 'ok'],
		['the sender', berlin, 'ok', 'ok'],
		['a third party', carl, INVALID, INVALID]
	])('C4.2 a relationship attribute owned by %s', (_name, owner, known, unknown) => {
		expect([asked([createItem(relational(owner))]), inTemplate([createItem(relational(owner))])]).toEqual([
			known,
			unknown
		]);
	});
	test.each<[string, string, string, string]>([
		['the recipient', anna, 'ok', INVALID],
		['nobody yet', '', 'ok', 'ok'],
		['the sender', berlin, INVALID, INVALID],
		['a third party', carl, INVALID, INVALID]
	])('C4.1 an identity attribute owned by %s', (_name, owner, known, unknown) => {
		const items = [createItem(attribute('A', owner))];
		expect([asked(items), inTemplate(items)]).toEqual([known, unknown]);
	});
	test('C4.3 invalid tag, forbidden character', () => {
		expect(asked([createItem(attribute('A', '', ['bad']))])).toBe(INVALID);
		expect(asked([createItem(relational('', { value: string('Ж') }))])).toBe(INVALID);
		expect(asked([createItem(relational('', { value: string('7', 'Ж') }))])).toBe('ok');
	});
	test('C4.4 a key in use cannot be asked for again; another owner, type, one about to go or a third party’s does not count', () => {
		ofRelationship(b, 1, anna, 'PeerRelationshipAttribute', anna);
		for (const owner of [anna, '']) expect(asked([createItem(relational(owner))])).toBe(INVALID);
		expect(asked([createItem(relational(berlin))])).toBe('ok');
		const boolean = { '@type': 'ProprietaryBoolean', title: 'Card', value: true };
		expect(asked([createItem(relational(anna, { value: boolean }))])).toBe('ok');
		ofRelationship(b, 1, anna, 'ThirdPartyRelationshipAttribute', anna);
		expect(asked([createItem(relational(anna))])).toBe('ok');
		has(b, 1, 'PeerRelationshipAttribute', relational(anna), {
			peer: anna,
			deletionInfo: { deletionStatus: 'ToBeDeleted', deletionDate: day(9) }
		});
		expect(asked([createItem(relational(anna))])).toBe('ok');
	});
	test('C4.5 at the recipient the key in use makes a mandatory item impossible, an optional one badly answered', () => {
		ask(b, a, [createItem(relational(''))]);
		ask(b, a, [createItem(relational(''), false)], 2);
		expect(accepted(yes)).toBe('ok');
		ofRelationship(a, 1, berlin, 'OwnRelationshipAttribute', anna);
		expect(accepted(yes)).toBe(fails('unexpectedErrorDuringRequestItemProcessing'));
		expect(accepted(yes, 2)).toBe(fails('invalidAcceptParameters'));
	});
	test.each([
		['', 'OwnRelationshipAttribute', 'PeerRelationshipAttribute', anna],
		[anna, 'OwnRelationshipAttribute', 'PeerRelationshipAttribute', anna],
		[berlin, 'PeerRelationshipAttribute', 'OwnRelationshipAttribute', berlin]
	])(
		'C4.6 C4.10 accepted, a relationship attribute of owner "%s" is on both sides under one id',
		(owner, mine, theirs, settled) => {
			ask(b, a, [createItem(relational(owner))]);
			const { items } = answer(a, b, [yes]);
			expect(items).toMatchObject([
				{ '@type': 'CreateAttributeAcceptResponseItem', attributeId: id('ATT', 100) }
			]);
			expect([kinds(a), kinds(b)]).toEqual([[[mine, id('ATT', 100)]], [[theirs, id('ATT', 100)]]]);
			for (const [p, peer] of [
				[a, berlin],
				[b, anna]
			] as const)
				expect(attributeIn(p, 100)).toMatchObject({
					content: { owner: settled },
					peer,
					sourceReference: id('REQ', 1)
				});
			expect(b.heard()).toContain('consumption.attributeCreated');
		}
	);
	test('C2.1 C1 mandatory items that repeat a key can neither be asked nor accepted, optional ones not both be accepted', () => {
		const two = [createItem(relational('')), readItem(query.relational())];
		expect(asked(two)).toBe('violatedKeyUniquenessOfRelationshipAttributes');
		const optional = [createItem(relational(''), false), createItem(relational(anna), false)];
		ask(b, a, optional);
		const may = (items: DecideItem[]) => judged(canAccept(a.views, anna, requestIn(a), { items }, day(3)));
		expect([may([yes, yes]), may([yes, no])]).toEqual(['invalidAcceptParameters', 'ok']);
		a.views.put('requests', { ...requestIn(a), content: { '@type': 'Request', items: two as never } });
		const fresh = { ...yes, newAttribute: relational('') as never };
		expect(may([yes, fresh])).toBe('refused violatedKeyUniquenessOfRelationshipAttributes');
	});
});

describe('C5 ReadAttribute', () => {
	test('C5.1 queries in words, of relationships, of third parties', () => {
		expect(asked([readItem(query.iql)])).toBe('ok');
		expect(
			asked([readItem({ ...query.iql, attributeCreationHints: { valueType: 'GivenName', tags: ['bad'] } })])
		).toBe(INVALID);
		for (const [owner, outcome] of [
			['', 'ok'],
			[berlin, 'ok'],
			[anna, INVALID],
			[carl, INVALID]
		] as const)
			expect(asked([readItem(query.relational(owner))])).toBe(outcome);
		for (const [party, outcome] of [
			[carl, 'ok'],
			['', 'ok'],
			[berlin, INVALID],
			[anna, INVALID]
		] as const)
			expect(asked([readItem(query.third([party]))])).toBe(outcome);
	});
	test('C5.2 the same key in use', () => {
		ofRelationship(b, 1, anna, 'PeerRelationshipAttribute', anna);
		expect(asked([readItem(query.relational())])).toBe(INVALID);
		expect(asked([readItem(query.relational('', { valueType: 'ProprietaryBoolean' }))])).toBe('ok');
	});
	test('C5.6 C5.10 a question in words is answered with what the asked one chooses, and arrives', () => {
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna', anna, ['x:a']));
		ask(b, a, [readItem(query.iql)]);
		answer(a, b, [{ ...yes, existingAttributeId: id('ATT', 1) }]);
		expect(kinds(b)).toEqual([['PeerIdentityAttribute', id('ATT', 1)]]);
		expect(isForwarded(a.views, id('ATT', 1), berlin)).toBe(true);
	});
	test('C5.7 a relationship query takes a new attribute only, and only once', () => {
		ofRelationship(a, 1, carl, 'OwnRelationshipAttribute', anna);
		ask(b, a, [readItem(query.relational())]);
		expect(accepted({ ...yes, existingAttributeId: id('ATT', 1) })).toBe(fails('invalidAcceptParameters'));
		expect(accepted({ ...yes, newAttribute: relational(anna, { key: 'other' }) as never })).toBe(
			fails('attributeQueryMismatch')
		);
		answer(a, b, [{ ...yes, newAttribute: relational('') as never }]);
		expect([kinds(a)[1], kinds(b)[0]]).toEqual([
			['OwnRelationshipAttribute', id('ATT', 100)],
			['PeerRelationshipAttribute', id('ATT', 100)]
		]);
		expect(asked([readItem(query.relational())])).toBe(INVALID);
	});
	test('C5.8 C5.9 a third party’s: shared with its peer named, once; private, pending, uninvolved, tagged or new ones are not', () => {
		with3rd(a);
		ofRelationship(a, 1, carl, 'OwnRelationshipAttribute', anna);
		ofRelationship(a, 2, carl, 'PeerRelationshipAttribute', carl, { confidentiality: 'private' });
		ofRelationship(a, 3, carl, 'ThirdPartyRelationshipAttribute', carl);
		ofRelationship(a, 4, berlin, 'OwnRelationshipAttribute', anna);
		ask(b, a, [readItem(query.third([carl]))]);
		ask(b, a, [readItem(query.third(['']))], 2);
		const take = (n: number, more: object = {}) => ({ ...yes, existingAttributeId: id('ATT', n), ...more });
		expect(accepted(take(3))).toBe(fails('invalidAcceptParameters'));
		expect(accepted(take(2))).toBe(fails('attributeQueryMismatch'));
		for (const n of [1, 2]) expect(accepted(take(4), n)).toBe(fails('attributeQueryMismatch'));
		expect(accepted(take(1, { tags: ['x:a'] }))).toBe(fails('invalidAcceptParameters'));
		expect(accepted({ ...yes, newAttribute: relational('') as never })).toBe(fails('invalidAcceptParameters'));
		with3rd(a, 'Pending');
		expect(accepted(take(1))).toBe(fails('cannotShareRelationshipAttributeOfPendingRelationship'));
		with3rd(a, 'Terminated');
		expect(accepted(take(1), 2)).toBe('ok');
		const { items } = answer(a, b, [take(1)]);
		expect(items).toMatchObject([{ initialAttributePeer: carl, attributeId: id('ATT', 1) }]);
		expect(attributeIn(b, 1)).toMatchObject({
			'@type': 'ThirdPartyRelationshipAttribute',
			peer: anna,
			initialAttributePeer: carl
		});
		expect(answer(a, b, [take(1)], 2).items).toMatchObject([
			{ '@type': 'AttributeAlreadySharedAcceptResponseItem' }
		]);
		expect(forwardingsTo(a.views, id('ATT', 1), berlin)).toHaveLength(1);
	});
});

describe('C6 ProposeAttribute', () => {
	test('C6.1 C6.2 both kinds; owners, tags, characters and keys', () => {
		expect(asked([proposeItem(query.name, attribute('Anna', ''))])).toBe('ok');
		expect(asked([proposeItem(query.relational(), relational(''))])).toBe('ok');
		expect(asked([proposeItem(query.name, attribute('Anna', anna))])).toBe(INVALID);
		expect(asked([proposeItem(query.relational(berlin), relational(''))])).toBe(INVALID);
		expect(asked([proposeItem(query.name, attribute('Anna', '', ['bad']))])).toBe(INVALID);
		expect(asked([proposeItem(query.name, attribute('Ж', ''))])).toBe(INVALID);
		expect(asked([proposeItem(query.relational(), relational('', { key: 'other' }))])).toBe(
			fails('attributeQueryMismatch')
		);
		ofRelationship(b, 1, anna, 'PeerRelationshipAttribute', anna);
		expect(asked([proposeItem(query.relational(), relational(''))])).toBe(INVALID);
	});
	test('C6.3 C6.4 C6.5 taken over as proposed, answered with an own one, or already shared', () => {
		const proposal = proposeItem(query.name, attribute('Anna', ''));
		ask(b, a, [proposal]);
		ask(b, a, [proposal], 2);
		expect(accepted({ ...yes, attributeId: id('ATT', 1) })).toBe(fails('recordNotFound'));
		expect(answer(a, b, [{ ...yes, attribute: attribute('Anna', '') as never }]).items).toMatchObject([
			{ '@type': 'ProposeAttributeAcceptResponseItem', attribute: { owner: anna } }
		]);
		expect(
			answer(a, b, [{ ...yes, attributeId: id('ATT', 100), tags: ['x:n'] }], 2, true, ids(200)).items
		).toMatchObject([
			{
				'@type': 'AttributeSuccessionAcceptResponseItem',
				predecessorId: id('ATT', 100),
				successorId: id('ATT', 200)
			}
		]);
		expect(attributeIn(b, 100).succeededBy).toBe(id('ATT', 200));
	});
	test('C6.3 a relationship’s: new only, and on both sides', () => {
		ask(b, a, [proposeItem(query.relational(), relational(''))]);
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		expect(accepted({ ...yes, attributeId: id('ATT', 1) })).toBe(fails('invalidAcceptParameters'));
		answer(a, b, [{ ...yes, attribute: relational('') as never }]);
		expect(kinds(b)).toEqual([['PeerRelationshipAttribute', id('ATT', 100)]]);
	});
});

describe('C7 ShareAttribute', () => {
	const shareItem = (n: number, more: object = {}) =>
		item('ShareAttribute', { attributeId: id('ATT', n), attribute: attributeIn(b, n).content, ...more });
	const owns = (n = 1) => createOwn(b.at(day(1)), id('ATT', n), attribute(`Berlin ${n}`, berlin));

	test('C7.1 C7.2 an own identity attribute as it is; nothing else', () => {
		owns();
		expect(asked([shareItem(1)])).toBe('ok');
		expect(asked([{ ...shareItem(1), attributeId: id('ATT', 9) }])).toBe(INVALID);
		expect(asked([{ ...shareItem(1), attribute: attribute('Other', berlin) }])).toBe(INVALID);
		expect(asked([{ ...shareItem(1), attribute: { ...attributeIn(b, 1).content, owner: '' } }])).toBe(INVALID);
		expect(asked([shareItem(1, { initialAttributePeer: carl })])).toBe(INVALID);
		has(b, 2, 'PeerIdentityAttribute', attribute('Carl', carl), { peer: carl });
		expect(asked([shareItem(2)])).toBe(INVALID);
	});
	test.each<[DeletionStatus | undefined, string, string, string]>([
		[undefined, INVALID, INVALID, INVALID],
		['ToBeDeletedByRecipient', 'ok', INVALID, INVALID],
		['DeletedByRecipient', 'ok', 'ok', 'ok']
	])(
		'C7.3 C7.4 C7.5 already shared (%s): this, a successor, a predecessor',
		(status, itself, successor, predecessor) => {
			owns();
			succeedOwn(b.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Newer', berlin));
			forwarded(b, 1, anna, status);
			expect(asked([shareItem(1)])).toBe(itself);
			expect(asked([shareItem(2)])).toBe(predecessor);
			b.views.delete('forwardings', `${id('ATT', 1)}|${anna}|0`);
			forwarded(b, 2, anna, status);
			expect(asked([shareItem(1)])).toBe(successor);
		}
	);
	test('C7.6 a relationship’s: with its peer named, not to that peer, not its owner, not private, not while pending', () => {
		with3rd(b);
		ofRelationship(b, 1, carl, 'OwnRelationshipAttribute', berlin);
		expect(asked([shareItem(1, { initialAttributePeer: carl })])).toBe('ok');
		expect(asked([shareItem(1)])).toBe(INVALID);
		ofRelationship(b, 2, anna, 'OwnRelationshipAttribute', berlin);
		expect(asked([shareItem(2, { initialAttributePeer: anna })])).toBe(INVALID);
		ofRelationship(b, 3, carl, 'OwnRelationshipAttribute', berlin, { confidentiality: 'private' });
		expect(asked([shareItem(3, { initialAttributePeer: carl })])).toBe(INVALID);
		ofRelationship(b, 4, carl, 'ThirdPartyRelationshipAttribute', carl);
		expect(asked([shareItem(4, { initialAttributePeer: carl })])).toBe(INVALID);
		with3rd(b, 'Pending');
		expect(asked([shareItem(1, { initialAttributePeer: carl })])).toBe(
			fails('cannotShareRelationshipAttributeOfPendingRelationship')
		);
	});
	test('C7.7 C7.9 accepted it is held under the same id, and forwarded; a third party’s too', () => {
		with3rd(b);
		owns();
		ofRelationship(b, 2, carl, 'PeerRelationshipAttribute', carl);
		ask(b, a, [shareItem(1), shareItem(2, { initialAttributePeer: carl })]);
		answer(a, b, [yes, yes]);
		expect(kinds(a)).toEqual([
			['PeerIdentityAttribute', id('ATT', 1)],
			['ThirdPartyRelationshipAttribute', id('ATT', 2)]
		]);
		expect([1, 2].map((n) => isForwarded(b.views, id('ATT', n), anna))).toEqual([true, true]);
	});
	test('C7.7 C7.9 shared again while it is to be deleted, both promises are off', () => {
		owns();
		ask(b, a, [shareItem(1)]);
		answer(a, b, [yes]);
		const deletionDate = day(9);
		a.views.put('attributes', {
			...attributeIn(a, 1),
			deletionInfo: { deletionStatus: 'ToBeDeleted', deletionDate }
		});
		forwarded(b, 1, anna, 'ToBeDeletedByRecipient');
		ask(b, a, [shareItem(1)], 2);
		expect(answer(a, b, [yes], 2).items).toMatchObject([{ '@type': 'AttributeAlreadySharedAcceptResponseItem' }]);
		expect([statusOf(a, 1), forwardingsTo(b.views, id('ATT', 1), anna)[0]?.deletionInfo]).toEqual([
			undefined,
			undefined
		]);
	});
	test.each<[string, object]>([
		['an invalid tag', { attribute: attribute('B', berlin, ['bad']) }],
		['a third party of an identity attribute', { attribute: attribute('B', berlin), initialAttributePeer: carl }],
		['a relationship attribute of nobody', { attribute: relational(berlin) }],
		['an attribute of the recipient', { attribute: attribute('B', anna) }],
		['an attribute of somebody else', { attribute: attribute('B', carl) }],
		['an id that is taken', { attribute: attribute('B', berlin), attributeId: id('ATT', 5) }]
	])('C7.8 a hostile item is not acceptable: %s', (_name, members) => {
		createOwn(a.at(day(1)), id('ATT', 5), attribute('Mine'));
		const hostile = item('ShareAttribute', { attributeId: id('ATT', 1), ...members });
		ask(b, a, [createItem(attribute('x', ''))]);
		a.views.put('requests', { ...requestIn(a), content: { '@type': 'Request', items: [hostile] as never } });
		expect(accepted(yes)).toBe(INVALID);
	});
});

describe('C8 DeleteAttribute', () => {
	const deleteItem = (n: number) => item('DeleteAttribute', { attributeId: id('ATT', n) });
	beforeEach(() => {
		createOwn(b.at(day(1)), id('ATT', 1), attribute('Berlin', berlin));
		has(a, 1, 'PeerIdentityAttribute', attribute('Berlin', berlin), {
			peer: berlin,
			sourceReference: id('REQ', 91)
		});
		forwarded(b, 1, anna);
	});

	test('C8.1 C8.2 what the recipient holds of us can be asked to go, nothing else', () => {
		ofRelationship(b, 2, anna, 'OwnRelationshipAttribute', berlin);
		ofRelationship(b, 3, carl, 'PeerRelationshipAttribute', carl);
		forwarded(b, 3, anna);
		for (const n of [1, 2, 3]) expect(asked([deleteItem(n)])).toBe('ok');
		expect(inTemplate([deleteItem(1)])).toBe(INVALID);
		createOwn(b.at(day(1)), id('ATT', 4), attribute('Unshared', berlin));
		has(b, 5, 'PeerIdentityAttribute', attribute('Anna'), { peer: anna });
		ofRelationship(b, 6, anna, 'PeerRelationshipAttribute', anna);
		ofRelationship(b, 7, carl, 'PeerRelationshipAttribute', carl);
		for (const n of [4, 5, 6, 7, 99]) expect(asked([deleteItem(n)])).toBe(INVALID);
		for (const status of ['DeletedByRecipient', 'ToBeDeletedByRecipient'] as const) {
			forwarded(b, 1, anna, status);
			expect(asked([deleteItem(1)])).toBe(INVALID);
		}
	});
	test('C2.7 C8.4 C8.5 sent, promised: both sides know, predecessors too', () => {
		succeedOwn(b.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Newer', berlin));
		forwarded(b, 2, anna);
		has(a, 2, 'PeerIdentityAttribute', attribute('Newer', berlin), { peer: berlin, succeeds: id('ATT', 1) });
		ask(b, a, [deleteItem(2)]);
		const told = () =>
			[1, 2].map((n) => forwardingsTo(b.views, id('ATT', n), anna)[0]?.deletionInfo?.deletionStatus);
		expect(told()).toEqual(['DeletionRequestSent', 'DeletionRequestSent']);
		expect(accepted({ ...yes, deletionDate: day(2) })).toBe(fails('invalidAcceptParameters'));
		expect(accepted({ ...yes, deletionDate: 'soon' })).toBe(fails('invalidAcceptParameters'));
		expect(answer(a, b, [{ ...yes, deletionDate: day(20) }]).items).toMatchObject([
			{ '@type': 'DeleteAttributeAcceptResponseItem', deletionDate: day(20) }
		]);
		expect([statusOf(a, 1), statusOf(a, 2)]).toEqual(['ToBeDeleted', 'ToBeDeleted']);
		expect(told()).toEqual(['ToBeDeletedByRecipient', 'ToBeDeletedByRecipient']);
	});
	test('C8.5 rejected it is written down; what is gone already stays gone', () => {
		ask(b, a, [deleteItem(1)]);
		answer(a, b, [no], 1, false);
		const status = () => forwardingsTo(b.views, id('ATT', 1), anna)[0]?.deletionInfo?.deletionStatus;
		expect([status(), statusOf(a, 1)]).toEqual(['DeletionRequestRejected', undefined]);
		ask(b, a, [deleteItem(1)], 2);
		forwarded(b, 1, anna, 'DeletedByRecipient');
		answer(a, b, [{ ...yes, deletionDate: day(20) }], 2);
		expect(status()).toBe('DeletedByRecipient');
	});
	test('C8.3 C8.4 unknown is answered plainly and changes nothing; another’s cannot be deleted', () => {
		ask(b, a, [deleteItem(1)]);
		a.views.put('attributes', { ...attributeIn(a, 1), peer: carl });
		expect(accepted({ ...yes, deletionDate: day(20) })).toBe(INVALID);
		a.views.delete('attributes', id('ATT', 1));
		expect(answer(a, b, [{ ...yes, deletionDate: day(20) }]).items).toMatchObject([
			{ '@type': 'AcceptResponseItem' }
		]);
		expect(forwardingsTo(b.views, id('ATT', 1), anna)[0]?.deletionInfo?.deletionStatus).toBe('DeletionRequestSent');
	});
});

describe('C9 FormField, Authentication, and what comes later', () => {
	const form = (settings: object) => item('FormField', { title: 'Q', settings });
	const string14 = { '@type': 'StringFormFieldSettings', min: 1, max: 4 };
	const select = { '@type': 'SelectionFormFieldSettings', options: ['a', 'b'] };
	test('C9.1 settings that nobody could answer are refused', () => {
		expect(asked([form(string14)])).toBe('ok');
		for (const settings of [
			{ ...string14, min: 5 },
			{ ...select, options: [] },
			{ ...select, options: ['a', 'a'] }
		])
			expect(asked([form(settings)])).toBe(INVALID);
	});
	test.each<[object, unknown, unknown]>([
		[string14, 'abcd', 'abcde'],
		[string14, 'a', 7],
		[{ '@type': 'IntegerFormFieldSettings', max: 0 }, 0, 1],
		[{ '@type': 'DoubleFormFieldSettings', min: 1 }, 1.5, 0.5],
		[{ '@type': 'BooleanFormFieldSettings' }, false, 'false'],
		[{ '@type': 'DateFormFieldSettings' }, day(1), 'soon'],
		[{ '@type': 'RatingFormFieldSettings', maxRating: 5 }, 5, 6],
		[select, 'a', 'c'],
		[{ ...select, allowMultipleSelection: true }, ['a', 'b'], ['a', 'a']]
	])('C9.2 C9.3 C9.4 %j takes %j, not %j, and causes nothing', (settings, good, bad) => {
		ask(b, a, [form(settings)]);
		expect(accepted({ ...yes, response: bad as never })).toBe(fails('invalidAcceptParameters'));
		expect(answer(a, b, [{ ...yes, response: good as never }]).items).toEqual([
			{ '@type': 'FormFieldAcceptResponseItem', result: 'Accepted', response: good }
		]);
		expect([kinds(a), kinds(b)]).toEqual([[], []]);
	});
	test('Authentication is a plain yes', () => {
		ask(b, a, [item('Authentication', { title: 'Log in' })]);
		expect(answer(a, b, [yes]).items).toEqual([{ '@type': 'AcceptResponseItem', result: 'Accepted' }]);
	});
	test('the two OpenID items can be asked and rejected, and say that they are not supported yet', () => {
		const offer = item('ShareCredentialOffer', { credentialOfferUrl: 'u' });
		const authorization = item('ShareAuthorizationRequest', { authorizationRequestUrl: 'u' });
		ask(b, a, [offer, authorization]);
		const may = canAccept(
			a.views,
			anna,
			requestIn(a),
			{ items: [yes, { ...yes, attributeId: id('ATT', 1) }] },
			day(3)
		);
		expect(judged(may)).toBe('inheritedFromItem[invalidRequestItem,invalidRequestItem]');
		b.heard();
		answer(a, b, [no, no], 1, false);
		expect(
			b.told.find(({ name }) => name.endsWith('shareCredentialOfferRequestItemProcessedByRecipient'))?.data
		).toEqual({
			credentialOfferUrl: 'u',
			accepted: false,
			peer: anna
		});
	});
});

describe('a hostile answer changes nothing', () => {
	const source = { type: 'Message', reference: id('MSG', 60) } as const;
	const acceptItem = (type: string, members: object) => ({ '@type': type, result: 'Accepted', ...members });
	test.each<[string, () => object, object]>([
		[
			'an id that is taken',
			() => createItem(relational('')),
			acceptItem('CreateAttributeAcceptResponseItem', { attributeId: id('ATT', 50) })
		],
		[
			'content that was not asked for',
			() => readItem(query.relational()),
			acceptItem('ReadAttributeAcceptResponseItem', {
				attributeId: id('ATT', 60),
				attribute: relational(anna, { key: 'other' })
			})
		],
		[
			'a third party nobody asked for',
			() => readItem(query.name),
			acceptItem('ReadAttributeAcceptResponseItem', {
				attributeId: id('ATT', 60),
				attribute: attribute('A'),
				initialAttributePeer: carl
			})
		],
		[
			'a third party that was not named',
			() => readItem(query.third([carl])),
			acceptItem('ReadAttributeAcceptResponseItem', {
				attributeId: id('ATT', 60),
				attribute: relational(anna),
				initialAttributePeer: berlin
			})
		],
		[
			'no third party',
			() => readItem(query.third([carl])),
			acceptItem('ReadAttributeAcceptResponseItem', { attributeId: id('ATT', 60), attribute: relational(anna) })
		],
		[
			'what is ours',
			() => proposeItem(query.name, attribute('A', '')),
			acceptItem('ProposeAttributeAcceptResponseItem', { attributeId: id('ATT', 50), attribute: attribute('A') })
		],
		[
			'another kind of answer',
			() => item('Authentication', { title: 't' }),
			acceptItem('CreateAttributeAcceptResponseItem', { attributeId: id('ATT', 60) })
		],
		[
			'one of ours that was never shared',
			() => {
				createOwn(b.at(day(1)), id('ATT', 51), attribute('Shared', berlin));
				return item('ShareAttribute', {
					attributeId: id('ATT', 51),
					attribute: attributeIn(b, 51).content
				});
			},
			acceptItem('AttributeAlreadySharedAcceptResponseItem', { attributeId: id('ATT', 50) })
		],
		[
			'an option there is not',
			() =>
				item('FormField', { title: 'q', settings: { '@type': 'SelectionFormFieldSettings', options: ['a'] } }),
			acceptItem('FormFieldAcceptResponseItem', { response: 'b' })
		]
	])('%s', (_name, make, reply) => {
		createOwn(b.at(day(1)), id('ATT', 50), attribute('Ours', berlin));
		ask(b, a, [make()]);
		const before = [kinds(b), b.views.list('forwardings'), requestIn(b)];
		const response = { '@type': 'Response', result: 'Accepted', requestId: id('REQ', 1), items: [reply] } as never;
		expect(said(completeOutgoing(b.at(day(4)), { response, peer: anna, source, respondedAt: day(3) }))).toBe(
			'response-invalid'
		);
		expect([kinds(b), b.views.list('forwardings'), requestIn(b)]).toEqual(before);
	});
});
