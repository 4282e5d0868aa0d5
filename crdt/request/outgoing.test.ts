/** May a request be asked, and what it is once it is made (content-behaviours C2). */
import { describe, expect, test } from 'vitest';
import { anna, berlin, carl, day, id, party, relate } from '../attribute/testing/party.ts';
import type { JsonObject } from '../views.ts';
import { canCreate, draftRequest, prepareRequest } from './outgoing.ts';
import { read, create, consent, fileTransfer, group, said, judged, mustBe, pair } from './testing/asking.ts';
import { createItem, query, readItem, relational } from './testing/items.ts';

describe('C2 may it be asked', () => {
	const { berlin: b } = pair();
	const asked = (items: object[], peer: string | undefined = anna, more: object = {}) =>
		judged(canCreate(b.views, berlin, { items: items as never, ...more }, peer, day(2)));
	const askedInTemplate = (items: object[]) =>
		judged(canCreate(b.views, berlin, { items: items as never }, undefined, day(2)));

	test.each<[string, object[], string]>([
		[
			'C2.CanCreate what is right is a success: to read, to create, to consent to',
			[read(), create('Anna'), consent()],
			'ok'
		],
		['C2.CanCreate an owner by name, the recipient, is a success', [create('Anna', anna)], 'ok'],
		[
			'C2.CanCreate to create for oneself is an error at that item',
			[create('Berlin', berlin)],
			'inheritedFromItem[invalidRequestItem]'
		],
		[
			'C2.CanCreate to create for a third party is an error at that item',
			[create('Carl', carl)],
			'inheritedFromItem[invalidRequestItem]'
		],
		[
			'C2.CanCreate to create with an invalid tag is an error at that item',
			[create('Anna', '', ['a'])],
			'inheritedFromItem[invalidRequestItem]'
		],
		[
			'C2.CanCreate to create with a forbidden character is an error at that item',
			[create('Анна')],
			'inheritedFromItem[invalidRequestItem]'
		],
		[
			'C2.CanCreate to read by an invalid tag is an error at that item',
			[read('GivenName', true, ['a'])],
			'inheritedFromItem[invalidRequestItem]'
		],
		[
			'C2.CanCreate each item that is wrong is named at its place, in a group',
			[consent(), group(consent(), create('B', berlin))],
			'inheritedFromItem[ok,inheritedFromItem[ok,invalidRequestItem]]'
		],
		[
			'C2.CanCreate each item that is wrong is named at its place',
			[consent(), create('B', berlin), read(), read('GivenName', true, ['a'])],
			'inheritedFromItem[ok,invalidRequestItem,ok,invalidRequestItem]'
		],
		['C2.CanCreate without items it is malformed, and throws', [], 'refused requestDeserialization'],
		[
			'C2.CanCreate an item that is none is malformed, and throws',
			[{ '@type': 'Song' }],
			'refused requestDeserialization'
		],
		[
			'C2.CanCreate an item that lacks something is malformed, and throws',
			[{ '@type': 'ConsentRequestItem', mustBeAccepted: true }],
			'refused requestDeserialization'
		],
		[
			'C2.CanCreate keys that mandatory items repeat are an error, in groups too',
			[createItem(relational('')), group(readItem(query.relational()))],
			'violatedKeyUniquenessOfRelationshipAttributes'
		],
		[
			'C2.CanCreate keys that optional items repeat are none',
			[createItem(relational(''), false), readItem(query.relational())],
			'ok'
		],
		[
			'C2.CanCreate a file nobody knows here is an error at that item',
			[fileTransfer],
			'inheritedFromItem[invalidRequestItem]'
		],
		[
			'C2.CanCreate a question in words is a success',
			[{ ...read(), query: { '@type': 'IQLQuery', queryString: 'GivenName' } }],
			'ok'
		]
	])('%s', (_name, items, expected) => {
		expect(asked(items)).toBe(expected);
	});

	test('C2.CanCreate in a template the recipient is unknown: only nobody may be the owner', () => {
		expect([askedInTemplate([create('Anna')]), askedInTemplate([create('Anna', anna)])]).toEqual([
			'ok',
			'inheritedFromItem[invalidRequestItem]'
		]);
	});

	test('C2 of whom: not oneself, nobody unknown, nobody gone', () => {
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

	test('C2.CanCreate the relationship that is not over counts, whatever the dates say; hidden ones do not', () => {
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

	test('C2 until when: not in the past, which is said before the relationship', () => {
		expect(asked([consent()], anna, { expiresAt: day(2) })).toBe('ok');
		expect(asked([consent()], carl, { expiresAt: day(1) })).toBe('cannotCreateRequestWithExpirationDateInPast');
	});

	test('C2.CanCreate oneself as peer is an error', () => {
		expect(asked([consent()], berlin)).toBe('cannotShareRequestWithYourself');
	});
	test('C2.CanCreate an end in the past is an error', () => {
		expect(asked([consent()], anna, { expiresAt: day(1) })).toBe('cannotCreateRequestWithExpirationDateInPast');
		expect(asked([consent()], anna, { expiresAt: day(3) })).toBe('ok');
	});
	test.each<[string, Parameters<typeof relate>[2], ('ToBeDeleted' | 'Deleted' | undefined)?]>([
		['C2.CanCreate Terminated it is an error', 'Terminated'],
		['C2.CanCreate while the peer is in deletion it is an error', 'Active', 'ToBeDeleted'],
		['C2.CanCreate when the peer is deleted it is an error', 'Active', 'Deleted']
	])('%s', (_name, status, deletionStatus) => {
		const world = party(berlin);
		relate(
			world,
			anna,
			status,
			deletionStatus ? { peerDeletionInfo: { deletionStatus, deletionDate: day(9) } } : {}
		);
		const code =
			deletionStatus === 'Deleted'
				? 'peerIsDeleted'
				: deletionStatus
					? 'peerIsInDeletion'
					: 'wrongRelationshipStatus';
		expect(judged(canCreate(world.views, berlin, { items: [consent()] }, anna, day(2)))).toBe(code);
	});
});

describe('C2 a request is made', () => {
	const { berlin: b } = pair();
	const prepared = (content: object, peer = anna) =>
		prepareRequest(b.views, berlin, content as JsonObject, peer, day(2));

	test('C2.Create it is a Draft, with an id that stands in its content, and that is told', () => {
		const world = party(berlin);
		const parsed = mustBe(prepared({ items: [consent()] }));
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
		expect(world.told).toMatchObject([
			{ name: 'consumption.outgoingRequestCreated', data: { id: id('REQ', 5), status: 'Draft' } }
		]);
	});
	test('C2.Create all that is checked before is checked again', () => {
		for (const [content, peer] of [
			[{ items: [consent()] }, anna],
			[{ items: [consent()] }, berlin],
			[{ items: [consent()] }, carl],
			[{ items: [consent()], expiresAt: day(1) }, anna],
			[{ items: [create('B', berlin)] }, anna],
			[{ items: [createItem(relational('')), readItem(query.relational())] }, anna],
			[{ items: [] }, anna]
		] as const) {
			const checked = canCreate(b.views, berlin, content as never, peer, day(2));
			const expected = checked.ok ? (checked.value.code?.split('.').at(-1) ?? 'ok') : said(checked);
			expect(said(prepared(content, peer))).toBe(expected);
		}
	});
	test.each<[string, object, string, string]>([
		[
			'C2.Create malformed is refused',
			{ items: [{ '@type': 'Song' }] },
			anna,
			'error.runtime.requestDeserialization'
		],
		[
			'C2.Create with an item that is wrong says where to look',
			{ items: [create('B', berlin)] },
			anna,
			'error.consumption.requests.validation.inheritedFromItem'
		],
		[
			'C2.Create with what is wrong of the whole says what that is',
			{ items: [consent()], expiresAt: day(1) },
			anna,
			'error.consumption.requests.cannotCreateRequestWithExpirationDateInPast'
		],
		[
			'C2.Create for nobody one knows says so',
			{ items: [consent()] },
			carl,
			'error.consumption.requests.missingRelationship'
		]
	])('%s', (_name, content, peer, code) => {
		const refused = prepared(content, peer);
		expect(refused).toMatchObject({
			ok: false,
			error: { code, message: expect.stringMatching(/.{10}/) as string }
		});
		if (code.endsWith('inheritedFromItem'))
			expect(refused).toMatchObject({ error: { message: expect.stringContaining('validation') as string } });
	});
});
