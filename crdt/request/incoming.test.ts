/** May a request be decided so? A tree of reasons, and what cannot be asked now (content-behaviours C1, C3). */
import { describe, expect, test } from 'vitest';
import type { DecideItem } from '../api.ts';
import { createOwn, succeedOwn } from '../attribute/own.ts';
import { anna, berlin, carl, day, id, relate, type Party } from '../attribute/testing/party.ts';
import { buildResponse, canAccept, canReject, isSameDecision, receiveRequest } from './incoming.ts';
import {
	attributeIn,
	attribute,
	read,
	create,
	consent,
	fileTransfer,
	judged,
	ids,
	mustBe,
	requestIn,
	message,
	ask,
	answer,
	pair,
	yes,
	no
} from './testing/asking.ts';

describe('C1 C3 may it be decided so', () => {
	function asked(items: object[], change: (a: Party) => void = () => {}): Party {
		const { anna: a, berlin: b } = pair();
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna', anna, ['x:a']));
		succeedOwn(a.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Ann', anna, ['x:a']));
		createOwn(a.at(day(1)), id('ATT', 3), attribute('Alt', anna, [], 'Surname'));
		a.views.put('attributes', {
			...attributeIn(a, 1),
			'@type': 'PeerIdentityAttribute',
			id: id('ATT', 7),
			peer: carl
		});
		change(a);
		const content = { '@type': 'Request', id: id('REQ', 1), items };
		mustBe(receiveRequest(a.at(day(2)), message(1, content, b.me)));
		return a;
	}
	const accepted = (a: Party, items: unknown, now = day(3)) =>
		judged(canAccept(a.views, anna, requestIn(a), { items } as never, now));
	const rejected = (a: Party, items: unknown, now = day(3)) =>
		judged(canReject(a.views, anna, requestIn(a), { items } as never, now));

	test.each<[string, object, string]>([
		['an existing one', { existingAttributeId: id('ATT', 2) }, 'ok'],
		['an older version', { existingAttributeId: id('ATT', 1) }, 'ok'],
		['an unknown one', { existingAttributeId: id('ATT', 99) }, 'recordNotFound'],
		['one of another peer', { existingAttributeId: id('ATT', 7) }, 'invalidAcceptParameters'],
		['one of another type', { existingAttributeId: id('ATT', 3) }, 'attributeQueryMismatch'],
		['tags to an older version', { existingAttributeId: id('ATT', 1), tags: ['x:new'] }, 'invalidAcceptParameters'],
		['an invalid tag', { existingAttributeId: id('ATT', 2), tags: ['new'] }, 'invalidAcceptParameters'],
		[
			'tags that are no list',
			{ existingAttributeId: id('ATT', 2), tags: 'x:new' },
			'servalErrorDuringRequestItemProcessing'
		],
		['a new one', { newAttribute: attribute('Nina') }, 'ok'],
		['a new one of nobody yet', { newAttribute: attribute('Nina', '') }, 'ok'],
		['a new one of somebody else', { newAttribute: attribute('Nina', carl) }, 'attributeQueryMismatch'],
		[
			'a new one of another type',
			{ newAttribute: attribute('Nina', anna, [], 'Surname') },
			'attributeQueryMismatch'
		],
		['a new one with a forbidden character', { newAttribute: attribute('Нина') }, 'invalidAcceptParameters'],
		['a new one with an invalid tag', { newAttribute: attribute('Nina', anna, ['a']) }, 'invalidAcceptParameters'],
		[
			'a new one that is none',
			{ newAttribute: { '@type': 'IdentityAttribute', owner: anna } },
			'servalErrorDuringRequestItemProcessing'
		],
		[
			'a new one and tags beside it',
			{ newAttribute: attribute('Nina'), tags: ['x:a'] },
			'servalErrorDuringRequestItemProcessing'
		],
		[
			'both',
			{ newAttribute: attribute('Nina'), existingAttributeId: id('ATT', 2) },
			'servalErrorDuringRequestItemProcessing'
		],
		['neither', {}, 'servalErrorDuringRequestItemProcessing']
	])('C1.CanAccept a read item answered with %s', (_name, parameters, code) => {
		const expected = code === 'ok' ? 'ok' : `inheritedFromItem[${code}]`;
		expect(accepted(asked([read()]), [{ accept: true, ...parameters }])).toBe(expected);
	});

	test('C1.CanAccept tags that are asked for must be there, or be added now', () => {
		const a = asked([read('GivenName', true, ['x:b'])]);
		expect(accepted(a, [{ ...yes, existingAttributeId: id('ATT', 2) }])).toBe(
			'inheritedFromItem[attributeQueryMismatch]'
		);
		expect(accepted(a, [{ ...yes, existingAttributeId: id('ATT', 2), tags: ['x:b'] }])).toBe('ok');
		expect(accepted(a, [{ ...yes, newAttribute: attribute('Nina') }])).toBe(
			'inheritedFromItem[attributeQueryMismatch]'
		);
	});

	test('C1.CanAccept an older version is refused once the peer holds a newer one', () => {
		const { anna: a, berlin: b } = pair();
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		succeedOwn(a.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Ann'));
		ask(b, a, [read()]);
		answer(a, b, [{ ...yes, existingAttributeId: id('ATT', 2) }]);
		ask(b, a, [read()], 2);
		const again = canAccept(
			a.views,
			anna,
			requestIn(a, 2),
			{ items: [{ ...yes, existingAttributeId: id('ATT', 1) }] },
			day(3)
		);
		expect(judged(again)).toBe('inheritedFromItem[attributeQueryMismatch]');
	});

	test.each<[string, object, string]>([
		['for me', create('Nina', anna), 'ok'],
		['for nobody yet', create('Nina'), 'ok'],
		['for somebody else', create('Nina', carl), 'inheritedFromItem[invalidRequestItem]'],
		['with an invalid tag', create('Nina', '', ['a']), 'inheritedFromItem[invalidRequestItem]'],
		['with a forbidden character', create('Нина'), 'inheritedFromItem[unexpectedErrorDuringRequestItemProcessing]'],
		['a file nobody knows here', fileTransfer, 'inheritedFromItem[invalidRequestItem]']
	])('C1.CanAccept an item to create, %s', (_name, item, expected) => {
		expect(accepted(asked([item]), [yes])).toBe(expected);
		expect(rejected(asked([item]), [no])).toBe('ok');
	});

	test('C1.CanReject what is wrong with the structure is said instead of what is wrong with an item', () => {
		expect(rejected(asked([create('Nina', carl)]), [yes])).toBe(
			'inheritedFromItem[itemAcceptedButRequestNotAccepted]'
		);
	});

	test.each([
		undefined,
		null,
		{},
		[{}],
		[{ accept: 'yes' }],
		[{ items: [{}] }],
		[{ accept: false, code: 'x'.repeat(201) }],
		[{ accept: false, message: 7 }]
	])('C1.CanAccept C1.CanReject malformed parameters are refused as such: %j', (items) => {
		expect(accepted(asked([consent(false)]), items)).toBe('refused requestDeserialization');
		expect(rejected(asked([consent(false)]), items)).toBe('refused requestDeserialization');
	});

	test('C1 the relationship is looked at first, then the status of the request, then the peer', () => {
		const a = asked([consent()]);
		expect(accepted(a, [yes])).toBe('ok');
		relate(a, berlin, 'Terminated');
		expect(accepted(a, [yes])).toBe('wrongRelationshipStatus');
		relate(a, berlin, 'Active', { peerDeletionInfo: { deletionStatus: 'ToBeDeleted', deletionDate: day(9) } });
		expect([accepted(a, [yes]), rejected(a, [no])]).toEqual(['peerIsInDeletion', 'peerIsInDeletion']);
		a.views.put('requests', { ...requestIn(a), status: 'Decided' });
		expect(accepted(a, [yes])).toBe('refused unknown');
		relate(a, berlin, 'Pending');
		expect(accepted(a, [yes])).toBe('wrongRelationshipStatus');
		a.views.delete('relationships', id('REL', 1));
		expect(accepted(a, [yes])).toBe('refused unknown');
	});

	test('C1.CanAccept C1.CanReject an expired one cannot be decided', () => {
		const a = asked([consent()]);
		a.views.put('requests', { ...requestIn(a), content: { ...requestIn(a).content, expiresAt: day(3) } });
		expect([accepted(a, [yes], day(3)), accepted(a, [yes], day(4)), rejected(a, [no], day(4))]).toEqual([
			'ok',
			'refused unknown',
			'refused unknown'
		]);
	});

	test('two devices that decide alike are seen to, whatever ids they made', () => {
		const a = asked([read(), consent(false)]);
		const row = requestIn(a);
		const build = (items: DecideItem[], from: number) =>
			buildResponse(a.views, anna, row, { items }, true, ids(from)).response;
		const first = build([{ ...yes, newAttribute: attribute('Nina') as never }, yes], 100);
		const decided = {
			...row,
			status: 'Decided',
			response: { createdAt: day(3), content: first as never }
		} as const;
		expect(isSameDecision(decided, build([{ ...yes, newAttribute: attribute('Nina') as never }, yes], 200))).toBe(
			true
		);
		expect(isSameDecision(decided, build([{ ...yes, newAttribute: attribute('Nina') as never }, no], 100))).toBe(
			false
		);
		expect(isSameDecision(decided, build([{ ...yes, existingAttributeId: id('ATT', 2) }, yes], 100))).toBe(false);
	});
});
