import { describe, expect, test } from 'vitest';
import { anna, berlin, carl, day, id, party, relate } from '../attribute/testing/party.ts';
import { canCreate, draftRequest, prepareRequest } from './outgoing.ts';
import { read, create, consent, fileTransfer, group, said, judged, mustBe, pair } from './testing/asking.ts';

describe('C2 may it be asked', () => {
	const { berlin: b } = pair();
	const asked = (items: object[], peer: string | undefined = anna, more: object = {}) =>
		judged(canCreate(b.views, berlin, { items: items as never, ...more }, peer, day(2)));
	const askedInTemplate = (items: object[]) =>
		judged(canCreate(b.views, berlin, { items: items as never }, undefined, day(2)));

	test.each<[string, object[], string]>([
		['something to read, to create, to consent to', [read(), create('Anna'), consent()], 'ok'],
		['for the recipient by name', [create('Anna', anna)], 'ok'],
		['to create for oneself', [create('Berlin', berlin)], 'inheritedFromItem[invalidRequestItem]'],
		['to create for a third party', [create('Carl', carl)], 'inheritedFromItem[invalidRequestItem]'],
		['to create with an invalid tag', [create('Anna', '', ['a'])], 'inheritedFromItem[invalidRequestItem]'],
		['to create with a forbidden character', [create('Анна')], 'inheritedFromItem[invalidRequestItem]'],
		['to read by an invalid tag', [read('GivenName', true, ['a'])], 'inheritedFromItem[invalidRequestItem]'],
		[
			'a fault in a group',
			[consent(), group(consent(), create('B', berlin))],
			'inheritedFromItem[ok,inheritedFromItem[ok,invalidRequestItem]]'
		],
		['nothing', [], 'refused requestDeserialization'],
		['a file nobody knows here', [fileTransfer], 'inheritedFromItem[invalidRequestItem]'],
		['a query in words', [{ ...read(), query: { '@type': 'IQLQuery', queryString: 'GivenName' } }], 'ok']
	])('%s', (_name, items, expected) => {
		expect(asked(items)).toBe(expected);
	});

	test('in a template the recipient is unknown: only nobody may be the owner', () => {
		expect([askedInTemplate([create('Anna')]), askedInTemplate([create('Anna', anna)])]).toEqual([
			'ok',
			'inheritedFromItem[invalidRequestItem]'
		]);
	});

	test('of whom: not oneself, nobody unknown, nobody gone', () => {
		expect(asked([consent()], berlin)).toBe('cannotShareRequestWithYourself');
		expect(asked([consent()], carl)).toBe('missingRelationship');
		const statuses = (['Pending', 'Active', 'Rejected', 'Revoked', 'Terminated', 'DeletionProposed'] as const).map(
			(status) => {
				const world = party(berlin);
				relate(world, anna, status);
				return judged(canCreate(world.views, berlin, { items: [consent()] }, anna, day(2)));
			}
		);
		const wrong = 'wrongRelationshipStatus';
		expect(statuses).toEqual(['ok', 'ok', wrong, wrong, wrong, wrong]);
		for (const [deletionStatus, code] of [
			['ToBeDeleted', 'peerIsInDeletion'],
			['Deleted', 'peerIsDeleted']
		] as const) {
			const world = party(berlin);
			relate(world, anna, 'Active', { peerDeletionInfo: { deletionStatus, deletionDate: day(9) } });
			expect(judged(canCreate(world.views, berlin, { items: [consent()] }, anna, day(2)))).toBe(code);
		}
	});

	test('the relationship that is not over counts, whatever the dates say; hidden ones do not', () => {
		const world = party(berlin);
		relate(world, anna, 'Rejected', { id: id('REL', 1), _createdAt: day(1) });
		relate(world, anna, 'Active', { id: id('REL', 2), _createdAt: day(3) });
		relate(world, anna, 'Revoked', { id: id('REL', 3), _createdAt: day(5) });
		relate(world, anna, 'Pending', { id: id('REL', 4), _createdAt: day(4), _hidden: 'crossed' });
		expect(judged(canCreate(world.views, berlin, { items: [consent()] }, anna, day(2)))).toBe('ok');
		relate(world, anna, 'Active', { id: id('REL', 2), _createdAt: day(3), _hidden: 'decomposed' });
		expect(judged(canCreate(world.views, berlin, { items: [consent()] }, anna, day(2)))).toBe(
			'wrongRelationshipStatus'
		);
	});

	test('until when: not in the past, which is said before the relationship', () => {
		expect(asked([consent()], anna, { expiresAt: day(2) })).toBe('ok');
		expect(asked([consent()], carl, { expiresAt: day(1) })).toBe('cannotCreateRequestWithExpirationDateInPast');
	});

	test('creating gives the first failure as its code', () => {
		expect(said(prepareRequest(b.views, berlin, { items: [create('B', berlin) as never] }, anna, day(2)))).toBe(
			'inheritedFromItem'
		);
		expect(said(prepareRequest(b.views, berlin, { items: [consent()] }, carl, day(2)))).toBe('missingRelationship');
		const parsed = mustBe(prepareRequest(b.views, berlin, { items: [consent()] }, anna, day(2)));
		const world = party(berlin);
		draftRequest(world.at(day(2)), id('REQ', 5), parsed, anna);
		draftRequest(world.at(day(3)), id('REQ', 5), parsed, anna);
		expect(world.views.list('requests')).toEqual([
			{
				id: id('REQ', 5),
				isOwn: true,
				peer: anna,
				createdAt: day(2),
				status: 'Draft',
				content: { '@type': 'Request', items: [consent()], id: id('REQ', 5) }
			}
		]);
		expect(world.heard()).toEqual(['consumption.outgoingRequestCreated']);
	});
});
