/** ProposeAttribute: a value that is taken over, changed or answered with an own one (content-behaviours C6). */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn, succeedOwn } from '../../attribute/own.ts';
import { anna, berlin, day, id, type Party, carl } from '../../attribute/testing/party.ts';
import { answer, ask, attribute, attributeIn, ids, pair, yes } from '../testing/asking.ts';
import {
	fails,
	INVALID,
	kinds,
	mayAccept,
	mayAsk,
	ofRelationship,
	proposeItem,
	query,
	relational,
	has,
	forwarded,
	string
} from '../testing/items.ts';

let a: Party;
let b: Party;
beforeEach(() => {
	({ anna: a, berlin: b } = pair());
});
const asked = (items: object[]) => mayAsk(b, items);
const accepted = (item: DecideItem, n = 1) => mayAccept(a, item, n);

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

	test('C6.2 the query too must ask for what means something and can be; another type does not use a key', () => {
		expect(asked([proposeItem({ ...query.name, tags: ['x:a'] }, attribute('Anna', '', ['x:a']))])).toBe('ok');
		expect(asked([proposeItem({ ...query.name, tags: ['bad'] }, attribute('Anna', ''))])).toBe(INVALID);
		expect(asked([proposeItem(query.relational(), relational('', { value: string('Ж') }))])).toBe(INVALID);
		expect(asked([proposeItem(query.relational(), relational(anna))])).toBe(INVALID);
		const value = { '@type': 'ProprietaryBoolean', title: 'Card', value: true };
		ofRelationship(b, 1, anna, 'PeerRelationshipAttribute', anna, { value });
		expect(asked([proposeItem(query.relational(), relational(''))])).toBe('ok');
	});
	test('C6.3 as proposed, changed or an own one; what it may not be', () => {
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		has(a, 3, 'PeerIdentityAttribute', attribute('Carl', carl), { peer: carl });
		ask(b, a, [proposeItem(query.name, attribute('Anna', ''))]);
		const invalid = fails('invalidAcceptParameters');
		for (const [parameters, outcome] of [
			[{ attribute: attribute('Anna', '') }, 'ok'],
			[{ attribute: attribute('Nina', anna, ['x:n']) }, 'ok'],
			[{ attributeId: id('ATT', 1) }, 'ok'],
			[{ attributeId: id('ATT', 1), tags: ['x:n'] }, 'ok'],
			[{ attribute: attribute('Ж', '') }, invalid],
			[{ attribute: attribute('Nina', anna, ['bad']) }, invalid],
			[{ attributeId: id('ATT', 1), tags: ['bad'] }, invalid],
			[{ attributeId: id('ATT', 9) }, fails('recordNotFound')],
			[{ attributeId: id('ATT', 3) }, invalid],
			[{ attribute: attribute('Nina', carl) }, fails('attributeQueryMismatch')]
		] as const)
			expect(accepted({ ...yes, ...parameters } as DecideItem)).toBe(outcome);
		succeedOwn(a.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Ann'));
		expect(accepted({ ...yes, attributeId: id('ATT', 1), tags: ['x:n'] })).toBe(invalid);
		forwarded(a, 2, berlin);
		expect(accepted({ ...yes, attributeId: id('ATT', 1) })).toBe(fails('attributeQueryMismatch'));
	});
	test('C6.3 the key in use makes a mandatory item impossible, an optional one badly answered', () => {
		ask(b, a, [proposeItem(query.relational(), relational(''))]);
		ask(b, a, [proposeItem(query.relational(), relational(''), false)], 2);
		const fresh = { ...yes, attribute: relational('') as never };
		expect([accepted(fresh), accepted(fresh, 2)]).toEqual(['ok', 'ok']);
		ofRelationship(a, 1, berlin, 'OwnRelationshipAttribute', anna);
		expect(accepted(fresh)).toBe(fails('unexpectedErrorDuringRequestItemProcessing'));
		expect(accepted(fresh, 2)).toBe(fails('invalidAcceptParameters'));
	});
});
