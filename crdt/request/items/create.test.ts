/** CreateAttribute: asked, accepted, and what that causes on both sides (content-behaviours C4). */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { anna, berlin, carl, day, id, type Party } from '../../attribute/testing/party.ts';
import { canAccept } from '../incoming.ts';
import { answer, ask, attribute, attributeIn, judged, no, pair, requestIn, yes } from '../testing/asking.ts';
import {
	createItem,
	fails,
	has,
	INVALID,
	kinds,
	mayAccept,
	mayAsk,
	mayAskAnybody,
	ofRelationship,
	query,
	readItem,
	relational,
	string,
	arrives
} from '../testing/items.ts';
import { forwardingsTo } from '../../attribute/versions.ts';

let a: Party;
let b: Party;
beforeEach(() => {
	({ anna: a, berlin: b } = pair());
});
const asked = (items: object[]) => mayAsk(b, items);
const inTemplate = (items: object[]) => mayAskAnybody(b, items);
const accepted = (item: DecideItem, n = 1) => mayAccept(a, item, n);

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
	test('C2.CanCreate C1.CanAccept mandatory items that repeat a key can neither be asked nor accepted, optional ones not both be accepted', () => {
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

	test('C4.5 tags that mean nothing are named, all of them; a forbidden character makes it impossible; no owner is oneself', () => {
		arrives(a, [createItem(attribute('A', '', ['first', 'x:fine', 'second']))]);
		const may = canAccept(a.views, anna, requestIn(a), { items: [yes] }, day(3));
		const [fault] = may.ok ? may.value.items : [];
		expect(fault).toMatchObject({ isSuccess: false, code: 'error.consumption.requests.invalidRequestItem' });
		expect([/first/, /second/, /fine/].map((tag) => tag.test(fault?.message ?? ''))).toEqual([true, true, false]);
		for (const [n, content] of [attribute('Ж', ''), relational('', { value: string('Ж') })].entries()) {
			arrives(a, [createItem(content)], n + 2);
			expect(accepted(yes, n + 2)).toBe(fails('unexpectedErrorDuringRequestItemProcessing'));
		}
		arrives(a, [createItem(attribute('A', ''))], 4);
		expect(accepted(yes, 4)).toBe('ok');
	});
	test.each(['', anna])(
		'C4.6 C4.10 accepted, an identity attribute of owner "%s" is ours, forwarded, and the asker’s',
		(owner) => {
			ask(b, a, [createItem(attribute(' Anna ', owner, ['x:a']))]);
			const { items } = answer(a, b, [yes]);
			expect(items).toMatchObject([
				{ '@type': 'CreateAttributeAcceptResponseItem', attributeId: id('ATT', 100) }
			]);
			expect([kinds(a), kinds(b)]).toEqual([
				[['OwnIdentityAttribute', id('ATT', 100)]],
				[['PeerIdentityAttribute', id('ATT', 100)]]
			]);
			for (const p of [a, b]) expect(attributeIn(p, 100).content).toEqual(attribute('Anna', anna, ['x:a']));
			expect(forwardingsTo(a.views, id('ATT', 100), berlin)).toMatchObject([{ sourceReference: id('REQ', 1) }]);
		}
	);
});
