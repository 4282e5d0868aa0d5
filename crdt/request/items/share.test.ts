/** ShareAttribute: what may be offered to whom, and what taking it causes (content-behaviours C7). */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn, succeedOwn } from '../../attribute/own.ts';
import { anna, berlin, carl, day, id, type Party } from '../../attribute/testing/party.ts';
import { forwardingsTo, isForwarded } from '../../attribute/versions.ts';
import { answer, ask, attribute, attributeIn, pair, requestIn, yes } from '../testing/asking.ts';
import {
	createItem,
	fails,
	forwarded,
	has,
	INVALID,
	item,
	kinds,
	mayAccept,
	mayAsk,
	ofRelationship,
	relational,
	statusOf,
	with3rd,
	string
} from '../testing/items.ts';
import type { AttributeKind, AttributeRow, DeletionStatus } from '../../views.ts';

let a: Party;
let b: Party;
beforeEach(() => {
	({ anna: a, berlin: b } = pair());
});
const asked = (items: object[]) => mayAsk(b, items);
const accepted = (item: DecideItem, n = 1) => mayAccept(a, item, n);

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

	test.each<[string, AttributeKind, object, Partial<AttributeRow>, string]>([
		['own identity', 'OwnIdentityAttribute', attribute('B', berlin), {}, 'ok'],
		['own identity with an invalid tag', 'OwnIdentityAttribute', attribute('B', berlin, ['bad']), {}, INVALID],
		['the recipient’s identity', 'PeerIdentityAttribute', attribute('A', anna), { peer: anna }, INVALID],
		['a third party’s identity', 'PeerIdentityAttribute', attribute('C', carl), { peer: carl }, INVALID],
		['own, of another relationship', 'OwnRelationshipAttribute', relational(berlin), { peer: carl }, 'ok'],
		['the peer’s, of another relationship', 'PeerRelationshipAttribute', relational(carl), { peer: carl }, 'ok'],
		[
			'a private one',
			'OwnRelationshipAttribute',
			relational(berlin, { confidentiality: 'private' }),
			{ peer: carl },
			INVALID
		],
		['own, of this relationship', 'OwnRelationshipAttribute', relational(berlin), { peer: anna }, INVALID],
		[
			'the recipient’s, of this relationship',
			'PeerRelationshipAttribute',
			relational(anna),
			{ peer: anna },
			INVALID
		],
		['what the recipient owns', 'PeerRelationshipAttribute', relational(anna), { peer: carl }, INVALID]
	])('C7.1 C7.2 %s attribute', (_name, kind, content, more, outcome) => {
		with3rd(b);
		has(b, 1, kind, content, more);
		const ofRelation = kind.endsWith('RelationshipAttribute');
		expect(asked([shareItem(1, ofRelation ? { initialAttributePeer: more.peer } : {})])).toBe(outcome);
	});
	test.each<[DeletionStatus | undefined, string, string]>([
		[undefined, INVALID, INVALID],
		['ToBeDeletedByRecipient', 'ok', INVALID],
		['DeletedByRecipient', 'ok', 'ok']
	])('C7.6 a relationship’s that is already shared (%s): this, a successor', (status, itself, successor) => {
		with3rd(b);
		const first = ofRelationship(b, 1, carl, 'OwnRelationshipAttribute', berlin);
		forwarded(b, 1, anna, status);
		expect(asked([shareItem(1, { initialAttributePeer: carl })])).toBe(itself);
		b.views.delete('forwardings', `${id('ATT', 1)}|${anna}|0`);
		b.views.put('attributes', { ...first, succeededBy: id('ATT', 2) });
		has(b, 2, 'OwnRelationshipAttribute', relational(berlin, { value: string('8') }), {
			peer: carl,
			succeeds: id('ATT', 1)
		});
		forwarded(b, 2, anna, status);
		expect(asked([shareItem(1, { initialAttributePeer: carl })])).toBe(successor);
	});
	test.each(
		(['identity', 'relationship'] as const).flatMap((kind) =>
			(['unknown', 'DeletedByEmitter', 'held', 'ToBeDeleted', 'superseded'] as const).map((state) => [
				kind,
				state
			])
		)
	)('C7.7 C7.9 %s, %s at the recipient: taken, or said to be there', (kind, state) => {
		const known = ['held', 'ToBeDeleted', 'superseded'].includes(state);
		const isIdentity = kind === 'identity';
		if (isIdentity) owns();
		else {
			with3rd(b);
			ofRelationship(b, 1, carl, 'OwnRelationshipAttribute', berlin);
		}
		const offer = shareItem(1, isIdentity ? {} : { initialAttributePeer: carl });
		const deletionInfo = { deletionStatus: state as 'ToBeDeleted', deletionDate: day(9) };
		// What is gone at its source had another id there.
		const n = state === 'DeletedByEmitter' ? 7 : 1;
		const content = attributeIn(b, 1).content;
		const type = isIdentity ? 'PeerIdentityAttribute' : 'ThirdPartyRelationshipAttribute';
		if (state !== 'unknown')
			has(a, n, type, content, {
				peer: berlin,
				sourceReference: id('REQ', 90),
				...(!isIdentity && { initialAttributePeer: carl }),
				...((state === 'DeletedByEmitter' || state === 'ToBeDeleted') && { deletionInfo }),
				...(state === 'superseded' && { succeededBy: id('ATT', 8) })
			});
		ask(b, a, [offer]);
		expect(answer(a, b, [yes]).items).toMatchObject([
			known
				? { '@type': 'AttributeAlreadySharedAcceptResponseItem', attributeId: id('ATT', 1) }
				: { '@type': 'AcceptResponseItem' }
		]);
		expect(attributeIn(a, 1)).toMatchObject({ '@type': type, peer: berlin, content });
		expect(statusOf(a, 1)).toBeUndefined();
		if (state === 'DeletedByEmitter') expect(statusOf(a, 7)).toBe('DeletedByEmitter');
		expect(forwardingsTo(b.views, id('ATT', 1), anna)).toMatchObject([{ sourceReference: id('REQ', 1) }]);
	});
});
