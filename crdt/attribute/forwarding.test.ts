/** Who holds which version, and what is said about deleting it (content-behaviours.md B2, E1). */
import { describe, expect, test } from 'vitest';
import type { AttributeRow, DeletionStatus } from '../views.ts';
import { attributeDto, forwardingDto } from '../views-dto.ts';
import { markDeletion, markEmitted, markForwardingDeletion } from './deletion.ts';
import { receiveAttribute } from './peer.ts';
import { addForwarding, checkNotify, forgetPeer } from './sharing.ts';
import { anna, berlin, carl, code, day, id, identity, party, relationship, type Party } from './testing/party.ts';
import { chain, forward, info, numbersOf, oneOfEach, rowOf, withBerlin } from './testing/wallet.ts';
import { forwardingsOf, forwardingsTo, isForwarded, ownSharedWith } from './versions.ts';

const records = (p: Party, peer = berlin) => forwardingsTo(p.views, id('ATT', 1), peer).map(forwardingDto);
const changed = 'consumption.attributeForwardingDetailsChanged';

describe('B2 forwarding details', () => {
	test.each([
		['B2.1 they are added to an own identity attribute', 1],
		['B2.1 they are added to an own relationship attribute', 3],
		['B2.1 they are added to a peer relationship attribute', 4]
	])('%s', (_name, n) => {
		const p = oneOfEach();
		forward(p, n, carl);
		expect(forwardingsOf(p.views, id('ATT', n)).map(forwardingDto)).toEqual([
			{ peer: carl, sourceReference: id('REQ', n), sharedAt: day(5) }
		]);
		expect(attributeDto(rowOf(p, n)).numberOfForwards).toBe(1);
	});

	test.each([1, 3, 4])('B2.1 adding them is told with the attribute as it is then (%i)', (n) => {
		const p = oneOfEach();
		forward(p, n, carl);
		expect(p.told).toEqual([{ name: changed, data: attributeDto(rowOf(p, n)) }]);
	});

	test('B2.2 adding while it is forwarded changes nothing and tells nothing', () => {
		const p = chain(1);
		forward(p, 1);
		const before = [p.views.list('forwardings'), p.views.list('attributes')];
		p.heard();
		forward(p, 1, berlin, 8);
		expect([p.views.list('forwardings'), p.views.list('attributes')]).toEqual(before);
		expect(p.heard()).toEqual([]);
	});

	test('B2.2 adding after the recipient deleted it puts a second record beside the first; both count', () => {
		const p = chain(1);
		forward(p, 1);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient'));
		expect(isForwarded(p.views, id('ATT', 1), berlin)).toBe(false);
		forward(p, 1, berlin, 7);
		expect(records(p)).toEqual([
			{ peer: berlin, sourceReference: id('REQ', 1), sharedAt: day(5), deletionInfo: info('DeletedByRecipient') },
			{ peer: berlin, sourceReference: id('REQ', 1), sharedAt: day(7) }
		]);
		expect(rowOf(p, 1).numberOfForwards).toBe(2);
	});

	test('B2.2 adding while the recipient is to delete it resets the record there is; source and date stay', () => {
		const p = chain(1);
		forward(p, 1);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('ToBeDeletedByRecipient'));
		p.heard();
		addForwarding(p.at(day(7)), id('ATT', 1), berlin, id('REQ', 9));
		expect(records(p)).toEqual([{ peer: berlin, sourceReference: id('REQ', 1), sharedAt: day(5) }]);
		expect(p.heard()).toEqual([changed]);
	});

	test('B2.3 deleting them takes all of the peer, of every version, and nobody else’s', () => {
		const p = chain(2);
		for (const n of [1, 2]) forward(p, n);
		forward(p, 2, carl);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient'));
		forward(p, 1, berlin, 7);
		forgetPeer(p.at(day(8)), berlin);
		expect(p.views.list('forwardings')).toMatchObject([{ attributeId: id('ATT', 2), peer: carl }]);
		expect([1, 2].map((n) => rowOf(p, n).numberOfForwards)).toEqual([0, 1]);
	});

	test('B2.3 deleting them is told once per attribute', () => {
		const p = chain(2);
		for (const n of [1, 2]) forward(p, n);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient'));
		forward(p, 1, berlin, 7);
		p.heard();
		forgetPeer(p.at(day(8)), berlin);
		expect(p.told.map(({ name, data }) => [name, (data as AttributeRow).id])).toEqual([
			[changed, id('ATT', 1)],
			[changed, id('ATT', 2)]
		]);
	});

	test('B2.3 deleting them where there are none changes nothing and tells nothing', () => {
		const p = chain(2);
		forward(p, 1, carl);
		const before = [p.views.list('forwardings'), p.views.list('attributes')];
		p.heard();
		forgetPeer(p.at(day(6)), berlin);
		expect([p.views.list('forwardings'), p.views.list('attributes')]).toEqual(before);
		expect(p.heard()).toEqual([]);
	});
});

describe('B2 what is said about deleting', () => {
	const statuses: readonly DeletionStatus[] = [
		'DeletionRequestSent',
		'DeletionRequestRejected',
		'ToBeDeletedByRecipient',
		'DeletedByRecipient'
	];
	test.each(
		statuses.flatMap((first) =>
			statuses.map((then) => [first, then, /^(ToBe)?Deleted/.test(first) ? first : then] as const)
		)
	)('B2 a promise and an end are never overwritten: %s, then %s is %s', (first, then, expected) => {
		const p = chain(1);
		forward(p, 1);
		for (const status of [first, then]) markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info(status));
		expect(forwardingsTo(p.views, id('ATT', 1), berlin)[0]?.deletionInfo?.deletionStatus).toBe(expected);
	});

	test('B2 a told deletion overrides a promise, not an end', () => {
		const p = chain(1);
		forward(p, 1);
		const told = { override: true };
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('ToBeDeletedByRecipient'));
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient', 7), told);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient', 8), told);
		expect(forwardingsTo(p.views, id('ATT', 1), berlin)[0]?.deletionInfo).toEqual(info('DeletedByRecipient', 7));
	});

	test('B2 it counts for the versions before it too, as far as the peer holds them', () => {
		const p = chain(4);
		forward(p, 1);
		forward(p, 3);
		forward(p, 4);
		markEmitted(p.at(day(6)), id('ATT', 3), berlin, info('DeletionRequestSent'));
		const said = [1, 2, 3, 4].map(
			(n) => forwardingsTo(p.views, id('ATT', n), berlin)[0]?.deletionInfo?.deletionStatus
		);
		expect(said).toEqual(['DeletionRequestSent', undefined, 'DeletionRequestSent', undefined]);
	});

	test('B2 of an own relationship attribute: on itself for its peer, on the forwarding for a third party', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), withBerlin(1, relationship(anna, '7')));
		forward(p, 1, carl);
		markEmitted(p.at(day(6)), id('ATT', 1), berlin, info('DeletionRequestSent'));
		expect([rowOf(p, 1).deletionInfo, forwardingsTo(p.views, id('ATT', 1), carl)[0]?.deletionInfo]).toEqual([
			info('DeletionRequestSent'),
			undefined
		]);
		markEmitted(p.at(day(7)), id('ATT', 1), carl, info('ToBeDeletedByRecipient'));
		expect(forwardingsTo(p.views, id('ATT', 1), carl)[0]?.deletionInfo).toEqual(info('ToBeDeletedByRecipient'));
	});
});

describe('E1 shared with a peer, and telling it', () => {
	test('E1 own shared: forwarded ones, then those that live with the peer; the latest it was given, or all', () => {
		const p = chain(3);
		receiveAttribute(p.at(day(1)), withBerlin(8, relationship(anna, '7')));
		receiveAttribute(p.at(day(1)), withBerlin(9, relationship(berlin, '7')));
		forward(p, 1);
		forward(p, 2);
		expect(numbersOf(ownSharedWith(p.views, berlin))).toEqual([2, 8]);
		expect(numbersOf(ownSharedWith(p.views, berlin, { onlyLatestVersions: false }))).toEqual([1, 2, 8]);
		expect(ownSharedWith(p.views, carl)).toEqual([]);
		markForwardingDeletion(p.at(day(6)), id('ATT', 2), berlin, info('DeletedByRecipient'));
		expect(numbersOf(ownSharedWith(p.views, berlin))).toEqual([2, 8]);
	});

	test('E1 notify succession: intermediate versions may be skipped, the same or an older one is refused', () => {
		const p = chain(4);
		forward(p, 2);
		receiveAttribute(p.at(day(1)), withBerlin(9, identity(berlin, 'x')));
		const said = (n: number, peer = berlin) => code(checkNotify(p.views, id('ATT', n), peer));
		expect(checkNotify(p.views, id('ATT', 4), berlin)).toMatchObject({ value: { held: { id: id('ATT', 2) } } });
		expect([said(1), said(2), said(3), said(3, carl), said(9), said(99)]).toEqual([
			'successorOfOwnIdentityAttributeHasAlreadyBeenSharedWithPeer',
			'ownIdentityAttributeHasAlreadyBeenSharedWithPeer',
			'ok',
			'peerHasNoPreviousVersionOfAttribute',
			'isNotOwnIdentityAttribute',
			'recordNotFound'
		]);
	});

	test('E1 notify succession: after the peer deleted what it held there is nothing to succeed, until it is shared again', () => {
		const p = chain(2);
		forward(p, 1);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient'));
		expect(code(checkNotify(p.views, id('ATT', 2), berlin))).toBe('peerHasNoPreviousVersionOfAttribute');
		forward(p, 1, berlin, 7);
		expect(code(checkNotify(p.views, id('ATT', 2), berlin))).toBe('ok');
	});

	test('a promise on what we received is off when it is shared again', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), withBerlin(1, identity(berlin, 'Berlin')));
		markDeletion(p.at(day(2)), id('ATT', 1), info('ToBeDeleted'));
		receiveAttribute(p.at(day(3)), withBerlin(1, identity(berlin, 'Berlin')));
		expect(rowOf(p, 1).deletionInfo).toBeUndefined();
	});
});
