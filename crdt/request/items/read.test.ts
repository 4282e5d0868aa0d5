/** ReadAttribute: the four queries, and what is an answer to them (content-behaviours C5). */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn, succeedOwn } from '../../attribute/own.ts';
import { anna, berlin, carl, day, id, type Party } from '../../attribute/testing/party.ts';
import { forwardingsTo, isForwarded } from '../../attribute/versions.ts';
import { answer, ask, attribute, attributeIn, pair, yes, requestIn, said } from '../testing/asking.ts';
import {
	fails,
	INVALID,
	kinds,
	mayAccept,
	mayAsk,
	ofRelationship,
	query,
	readItem,
	relational,
	with3rd,
	has,
	forwarded,
	string,
	statusOf
} from '../testing/items.ts';
import type { AttributeKind } from '../../views.ts';
import { candidates } from '../../attribute/query.ts';
import { prepareRequest } from '../outgoing.ts';

let a: Party;
let b: Party;
beforeEach(() => {
	({ anna: a, berlin: b } = pair());
});
const asked = (items: object[]) => mayAsk(b, items);
const accepted = (item: DecideItem, n = 1) => mayAccept(a, item, n);

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

	test('C5.1 C5.3 C5.4 an identity query is asked with tags that mean something, and answered with an own or a new one', () => {
		expect(asked([readItem(query.name), readItem({ ...query.name, tags: ['x:a'] })])).toBe('ok');
		expect(asked([readItem({ ...query.name, tags: ['bad'] })])).toBe(INVALID);
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		ask(b, a, [readItem(query.name)]);
		const invalid = fails('invalidAcceptParameters');
		for (const [parameters, outcome] of [
			[{ existingAttributeId: id('ATT', 1) }, 'ok'],
			[{ newAttribute: attribute('Nina') }, 'ok'],
			[{ existingAttributeId: id('ATT', 9) }, fails('recordNotFound')],
			[{ newAttribute: attribute('Ж') }, invalid],
			[{ newAttribute: attribute('Nina', anna, ['bad']) }, invalid],
			[{ existingAttributeId: id('ATT', 1), tags: ['bad'] }, invalid],
			[{ newAttribute: attribute('N', anna, [], 'Surname') }, fails('attributeQueryMismatch')]
		] as const)
			expect(accepted({ ...yes, ...parameters } as DecideItem)).toBe(outcome);
	});
	test('C5.4 C5.5 tags beyond those asked for are fine, lacking ones can be added; what a peer gave, and what is outdated, is not', () => {
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna', anna, ['x:a', 'x:more']));
		createOwn(a.at(day(1)), id('ATT', 2), attribute('Nina'));
		has(a, 3, 'PeerIdentityAttribute', attribute('Carl', carl, ['x:a']), { peer: carl });
		ask(b, a, [readItem({ ...query.name, tags: ['x:a'] })]);
		const take = (n: number, more: object = {}) => accepted({ ...yes, existingAttributeId: id('ATT', n), ...more });
		expect([take(1), take(2), take(2, { tags: ['x:a', 'x:b'] }), take(3)]).toEqual([
			'ok',
			fails('attributeQueryMismatch'),
			'ok',
			fails('invalidAcceptParameters')
		]);
		succeedOwn(a.at(day(1)), id('ATT', 1), id('ATT', 4), attribute('Ann', anna, ['x:a']));
		expect(take(1)).toBe('ok');
		forwarded(a, 4, berlin);
		expect([take(1), take(4)]).toEqual([fails('attributeQueryMismatch'), 'ok']);
	});
	test('C5.7 the key in use makes a mandatory item impossible, an optional one badly answered', () => {
		ask(b, a, [readItem(query.relational())]);
		ask(b, a, [readItem(query.relational(), false)], 2);
		const fresh = { ...yes, newAttribute: relational('') as never };
		expect([accepted(fresh), accepted(fresh, 2)]).toEqual(['ok', 'ok']);
		ofRelationship(a, 1, berlin, 'OwnRelationshipAttribute', anna);
		expect(accepted(fresh)).toBe(fails('unexpectedErrorDuringRequestItemProcessing'));
		expect(accepted(fresh, 2)).toBe(fails('invalidAcceptParameters'));
	});
	test('C5.7 title and description must be those asked for, but a Consent has none of its own', () => {
		const named = { title: 'Terms', description: 'Of use' };
		ask(b, a, [readItem(query.relational('', named))]);
		ask(b, a, [readItem(query.relational('', { ...named, valueType: 'Consent' }))], 2);
		const fresh = (value: object) => ({ ...yes, newAttribute: relational('', { value }) as never });
		expect(accepted(fresh({ ...string('7', 'Terms'), description: 'Of use' }))).toBe('ok');
		expect(accepted(fresh(string('7', 'Terms')))).toBe(fails('attributeQueryMismatch'));
		expect(accepted(fresh({ ...string('7', 'Other'), description: 'Of use' }))).toBe(
			fails('attributeQueryMismatch')
		);
		expect(accepted(fresh({ '@type': 'Consent', consent: 'I agree' }), 2)).toBe('ok');
	});
	test.each<[AttributeKind, string]>([
		['OwnRelationshipAttribute', anna],
		['PeerRelationshipAttribute', carl]
	])(
		'C5.10 C5.12 a third party’s (%s): given, given again, its successor, and anew after it was deleted',
		(kind, owner) => {
			with3rd(a);
			const first = ofRelationship(a, 1, carl, kind, owner);
			const give = (n: number, request: number) => {
				ask(b, a, [readItem(query.third([carl]))], request);
				return answer(a, b, [{ ...yes, existingAttributeId: id('ATT', n) }], request).items;
			};
			const promise = (n: number) => {
				const deletionInfo = { deletionStatus: 'ToBeDeleted', deletionDate: day(9) } as const;
				b.views.put('attributes', { ...attributeIn(b, n), deletionInfo });
			};
			expect(give(1, 1)).toMatchObject([
				{ '@type': 'ReadAttributeAcceptResponseItem', attributeId: id('ATT', 1), initialAttributePeer: carl }
			]);
			expect(forwardingsTo(a.views, id('ATT', 1), berlin)).toMatchObject([{ sourceReference: id('REQ', 1) }]);
			expect(kinds(b)).toEqual([['ThirdPartyRelationshipAttribute', id('ATT', 1)]]);
			promise(1);
			expect(give(1, 2)).toMatchObject([{ '@type': 'AttributeAlreadySharedAcceptResponseItem' }]);
			expect(statusOf(b, 1)).toBeUndefined();

			promise(1);
			a.views.put('attributes', { ...first, succeededBy: id('ATT', 2) });
			has(a, 2, kind, relational(owner, { value: string('8') }), {
				peer: carl,
				sourceReference: id('REQ', 90),
				succeeds: id('ATT', 1)
			});
			expect(give(2, 3)).toMatchObject([
				{
					'@type': 'AttributeSuccessionAcceptResponseItem',
					predecessorId: id('ATT', 1),
					successorId: id('ATT', 2),
					successorContent: { value: string('8') }
				}
			]);
			expect(attributeIn(b, 2)).toMatchObject({
				'@type': 'ThirdPartyRelationshipAttribute',
				peer: anna,
				initialAttributePeer: carl,
				succeeds: id('ATT', 1)
			});
			expect([attributeIn(b, 1).succeededBy, statusOf(b, 2)]).toEqual([id('ATT', 2), undefined]);

			for (const { id: record } of a.views.list('forwardings')) a.views.delete('forwardings', record);
			forwarded(a, 2, berlin, 'DeletedByRecipient');
			for (const n of [1, 2]) b.views.delete('attributes', id('ATT', n));
			expect(give(2, 4)).toMatchObject([
				{ '@type': 'ReadAttributeAcceptResponseItem', attributeId: id('ATT', 2) }
			]);
			expect(forwardingsTo(a.views, id('ATT', 2), berlin)).toHaveLength(2);
		}
	);

	test('E2.4 a question in words, from draft to done: its candidates are one’s own, and any of them is an answer', () => {
		expect(
			said(
				prepareRequest(
					b.views,
					berlin,
					{ items: [readItem({ ...query.iql, queryString: '&&' })] as never },
					anna,
					day(1)
				)
			)
		).toBe('requestDeserialization');
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		createOwn(a.at(day(1)), id('ATT', 2), attribute('Ann'));
		createOwn(a.at(day(1)), id('ATT', 3), attribute('Alt', anna, [], 'Surname'));
		has(a, 4, 'PeerIdentityAttribute', attribute('Carl', carl), { peer: carl });
		ask(b, a, [readItem(query.iql)]);
		expect([requestIn(b).status, requestIn(a).status]).toEqual(['Open', 'ManualDecisionRequired']);
		const found = candidates(a.views, anna, query.iql).map((row) => row.id);
		expect([...found].sort()).toEqual([id('ATT', 1), id('ATT', 2)]);
		for (const existingAttributeId of found) expect(accepted({ ...yes, existingAttributeId })).toBe('ok');
		const response = answer(a, b, [{ ...yes, existingAttributeId: found[0]! }]);
		for (const p of [a, b])
			expect(requestIn(p)).toMatchObject({ status: 'Completed', response: { content: response } });
		expect(kinds(b)).toEqual([['PeerIdentityAttribute', found[0]]]);
	});
});
