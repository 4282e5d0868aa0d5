/** ReadAttribute: the four queries, and what is an answer to them (content-behaviours C5). */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn } from '../../attribute/own.ts';
import { anna, berlin, carl, day, id, type Party } from '../../attribute/testing/party.ts';
import { forwardingsTo, isForwarded } from '../../attribute/versions.ts';
import { answer, ask, attribute, attributeIn, pair, yes } from '../testing/asking.ts';
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
	with3rd
} from '../testing/items.ts';

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
});
