/** Who holds which version (content-behaviours.md B2, B7), and what is said about deleting it. */
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../content/attribute.ts';
import type { AttributeRow, DeletionInfo, DeletionStatus } from '../views.ts';
import { forwardingDto } from '../views-dto.ts';
import { markDeletion, markEmitted, markForwardingDeletion } from './deletion.ts';
import { holdersOfOlderVersions } from './delete.ts';
import { createOwn, succeedOwn } from './own.ts';
import { receiveAttribute, receiveSuccessor, succeedOwnRelationship } from './peer.ts';
import { addForwarding, checkNotify, forgetPeer, forwardFault, keepForwarding } from './sharing.ts';
import { anna, berlin, carl, code, day, id, identity, party, relationship, type Party } from './testing/party.ts';
import {
	forwardingsOf,
	forwardingsTo,
	hasSharedPredecessor,
	hasSharedSuccessor,
	latestSharedVersion,
	ownSharedWith,
	predecessorsOf,
	sharedVersions,
	successorsOf,
	versionsOf
} from './versions.ts';

const row = (p: Party, n: number) => p.views.get('attributes', id('ATT', n)) as AttributeRow;
const numbers = (rows: readonly AttributeRow[]) => rows.map((each) => Number(each.id.slice(3)));
const info = (deletionStatus: DeletionStatus, n = 9): DeletionInfo => ({ deletionStatus, deletionDate: day(n) });
const forward = (p: Party, n: number, peer = berlin, at = 5) =>
	addForwarding(p.at(day(at)), id('ATT', n), peer, id('REQ', n));

/** Versions 1 … count of one own identity attribute. */
function chain(count: number): Party {
	const p = party(anna);
	createOwn(p.at(day(1)), id('ATT', 1), identity(anna, 'Anna 1'));
	for (let n = 2; n <= count; n++)
		succeedOwn(p.at(day(n)), id('ATT', n - 1), id('ATT', n), identity(anna, `Anna ${n}`));
	return p;
}
const exchanged = (n: number, content: Attribute, initialAttributePeer?: string) => ({
	id: id('ATT', n),
	content,
	peer: berlin,
	sourceReference: id('REQ', n),
	...(initialAttributePeer && { initialAttributePeer })
});

describe('B2 forwarding details', () => {
	test.each([
		['an own identity attribute', (p: Party) => createOwn(p.at(day(1)), id('ATT', 1), identity(anna, 'Anna'))],
		[
			'an own relationship attribute',
			(p: Party) => receiveAttribute(p.at(day(1)), exchanged(1, relationship(anna, '7')))
		],
		[
			'a peer relationship attribute',
			(p: Party) => receiveAttribute(p.at(day(1)), exchanged(1, relationship(berlin, '7')))
		]
	])('B2 can be added to %s, and that is told', (_name, make) => {
		const p = party(anna);
		make(p);
		p.told.splice(0);
		forward(p, 1, carl);
		expect(p.told).toMatchObject([
			{ name: 'consumption.attributeForwardingDetailsChanged', data: { id: id('ATT', 1), numberOfForwards: 1 } }
		]);
		expect(forwardingsOf(p.views, id('ATT', 1)).map(forwardingDto)).toEqual([
			{ peer: carl, sourceReference: id('REQ', 1), sharedAt: day(5) }
		]);
	});

	test('B2 what is forwarded already is refused, and adding it again changes nothing', () => {
		const p = chain(1);
		expect(forwardFault(p.views, id('ATT', 1), berlin)).toBeUndefined();
		forward(p, 1);
		expect(code(forwardFault(p.views, id('ATT', 1), berlin))).toBe('alreadyForwarded');
		const before = p.views.list('forwardings');
		p.heard();
		forward(p, 1, berlin, 8);
		expect(p.views.list('forwardings')).toEqual(before);
		expect(p.heard()).toEqual([]);
	});

	test('B2 after the peer deleted it, a second record stands beside the first; both count', () => {
		const p = chain(1);
		forward(p, 1);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient'));
		expect(forwardFault(p.views, id('ATT', 1), berlin)).toBeUndefined();
		forward(p, 1, berlin, 7);
		expect(forwardingsTo(p.views, id('ATT', 1), berlin).map(forwardingDto)).toEqual([
			{ peer: berlin, sourceReference: id('REQ', 1), sharedAt: day(5), deletionInfo: info('DeletedByRecipient') },
			{ peer: berlin, sourceReference: id('REQ', 1), sharedAt: day(7) }
		]);
		expect(row(p, 1).numberOfForwards).toBe(2);
	});

	test('B2 what the peer meant to delete is kept: the record there is is cleared, source and date stay', () => {
		const p = chain(1);
		forward(p, 1);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('ToBeDeletedByRecipient'));
		expect(forwardFault(p.views, id('ATT', 1), berlin)).toBeUndefined();
		p.heard();
		addForwarding(p.at(day(7)), id('ATT', 1), berlin, id('REQ', 9));
		expect(forwardingsOf(p.views, id('ATT', 1)).map(forwardingDto)).toEqual([
			{ peer: berlin, sourceReference: id('REQ', 1), sharedAt: day(5) }
		]);
		expect(p.heard()).toEqual(['consumption.attributeForwardingDetailsChanged']);
	});

	test('B2 deleting them is told once per attribute, and nothing without any', () => {
		const p = chain(2);
		forgetPeer(p.at(day(6)), berlin);
		p.heard();
		forgetPeer(p.at(day(6)), berlin);
		expect(p.heard()).toEqual([]);
		for (const n of [1, 2]) forward(p, n);
		p.heard();
		forgetPeer(p.at(day(6)), berlin);
		expect(p.views.list('forwardings')).toEqual([]);
		expect(p.heard()).toEqual([
			'consumption.attributeForwardingDetailsChanged',
			'consumption.attributeForwardingDetailsChanged'
		]);
	});
});

describe('what is said about deleting', () => {
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
		receiveAttribute(p.at(day(1)), exchanged(1, relationship(anna, '7')));
		forward(p, 1, carl);
		markEmitted(p.at(day(6)), id('ATT', 1), berlin, info('DeletionRequestSent'));
		expect([row(p, 1).deletionInfo, forwardingsTo(p.views, id('ATT', 1), carl)[0]?.deletionInfo]).toEqual([
			info('DeletionRequestSent'),
			undefined
		]);
		markEmitted(p.at(day(7)), id('ATT', 1), carl, info('ToBeDeletedByRecipient'));
		expect(forwardingsTo(p.views, id('ATT', 1), carl)[0]?.deletionInfo).toEqual(info('ToBeDeletedByRecipient'));
	});
});

describe('B7 versions', () => {
	test('B7 predecessors newest first, successors oldest first, all versions newest first, one alone', () => {
		const p = chain(4);
		expect(numbers(predecessorsOf(p.views, row(p, 3)))).toEqual([2, 1]);
		expect(numbers(successorsOf(p.views, row(p, 2)))).toEqual([3, 4]);
		for (const n of [1, 2, 3, 4]) expect(numbers(versionsOf(p.views, row(p, n)))).toEqual([4, 3, 2, 1]);
		expect(numbers(versionsOf(chain(1).views, row(chain(1), 1)))).toEqual([1]);
	});

	test.each([
		['a peer identity attribute', identity(berlin, 'a'), identity(berlin, 'b'), undefined],
		['a peer relationship attribute', relationship(berlin, 'a'), relationship(berlin, 'b'), undefined],
		['a third party’s', relationship(carl, 'a'), relationship(carl, 'b'), carl]
	])('B7 all versions of %s', (_name, old, successor, initial) => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), exchanged(1, old, initial));
		receiveSuccessor(p.at(day(2)), id('ATT', 1), exchanged(2, successor));
		expect(numbers(versionsOf(p.views, row(p, 1)))).toEqual([2, 1]);
		expect(row(p, 2)).toMatchObject({ '@type': row(p, 1)['@type'], peer: berlin, succeeds: id('ATT', 1) });
		expect(row(p, 2).initialAttributePeer).toBe(initial);
	});

	test('B7 all versions of an own relationship attribute', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), exchanged(1, relationship(anna, 'a')));
		const successor = { id: id('ATT', 2), content: relationship(anna, 'b'), sourceReference: id('NOT', 1) };
		succeedOwnRelationship(p.at(day(2)), id('ATT', 1), successor);
		expect(numbers(versionsOf(p.views, row(p, 1)))).toEqual([2, 1]);
		expect(row(p, 2)).toMatchObject({ peer: berlin, sourceReference: id('NOT', 1) });
	});

	test('B7 shared with one peer: all, the latest, before and after a version, none for anybody else', () => {
		const p = chain(5);
		forward(p, 2);
		forward(p, 4);
		forward(p, 5, carl);
		for (const n of [1, 3, 5]) {
			expect(numbers(sharedVersions(p.views, row(p, n), berlin))).toEqual([4, 2]);
			expect(latestSharedVersion(p.views, row(p, n), berlin)?.id).toBe(id('ATT', 4));
		}
		expect([1, 4, 5].map((n) => hasSharedSuccessor(p.views, row(p, n), berlin))).toEqual([true, false, false]);
		expect([1, 2, 3].map((n) => hasSharedPredecessor(p.views, row(p, n), berlin))).toEqual([false, false, true]);
		expect(sharedVersions(p.views, row(p, 1), anna)).toEqual([]);
	});

	test('B7 one the peer will delete is shared still, one it deleted is not', () => {
		const p = chain(2);
		forward(p, 1);
		forward(p, 2);
		markForwardingDeletion(p.at(day(6)), id('ATT', 2), berlin, info('ToBeDeletedByRecipient'));
		expect(numbers(sharedVersions(p.views, row(p, 1), berlin))).toEqual([2, 1]);
		expect(hasSharedSuccessor(p.views, row(p, 1), berlin)).toBe(false);
		expect(hasSharedSuccessor(p.views, row(p, 1), berlin, { includeToBeDeleted: true })).toBe(true);
		keepForwarding(p.at(day(7)), id('ATT', 2), berlin);
		markForwardingDeletion(p.at(day(8)), id('ATT', 2), berlin, info('DeletedByRecipient'));
		expect(numbers(sharedVersions(p.views, row(p, 1), berlin))).toEqual([1]);
	});

	test('B7 an equal attribute of another device is shared under the id the peer knows', () => {
		const p = chain(1);
		createOwn(p.at(day(2)), id('ATT', 9), identity(anna, 'Anna 1'));
		forward(p, 9);
		expect(latestSharedVersion(p.views, row(p, 1), berlin)?.id).toBe(id('ATT', 9));
	});

	test('B7 peers that hold only an older version: none without one, none that holds the newer, else with its id', () => {
		const p = chain(3);
		expect(holdersOfOlderVersions(p.views, row(p, 1))).toEqual([]);
		forward(p, 1);
		forward(p, 2);
		forward(p, 2, carl);
		forward(p, 3, carl);
		expect(holdersOfOlderVersions(p.views, row(p, 3))).toEqual([{ peer: berlin, attributeId: id('ATT', 2) }]);
	});
});

describe('E1 shared with a peer, and telling it', () => {
	test('E1 own shared: forwarded ones, then those that live with the peer; the latest it was given, or all', () => {
		const p = chain(3);
		receiveAttribute(p.at(day(1)), exchanged(8, relationship(anna, '7')));
		receiveAttribute(p.at(day(1)), exchanged(9, relationship(berlin, '7')));
		forward(p, 1);
		forward(p, 2);
		expect(numbers(ownSharedWith(p.views, berlin))).toEqual([2, 8]);
		expect(numbers(ownSharedWith(p.views, berlin, { onlyLatestVersions: false }))).toEqual([1, 2, 8]);
		expect(ownSharedWith(p.views, carl)).toEqual([]);
		markForwardingDeletion(p.at(day(6)), id('ATT', 2), berlin, info('DeletedByRecipient'));
		expect(numbers(ownSharedWith(p.views, berlin))).toEqual([2, 8]);
	});

	test('E1 notify succession: intermediate versions may be skipped, the same or an older one is refused', () => {
		const p = chain(4);
		forward(p, 2);
		receiveAttribute(p.at(day(1)), exchanged(9, identity(berlin, 'x')));
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
		receiveAttribute(p.at(day(1)), exchanged(1, identity(berlin, 'Berlin')));
		markDeletion(p.at(day(2)), id('ATT', 1), info('ToBeDeleted'));
		receiveAttribute(p.at(day(3)), exchanged(1, identity(berlin, 'Berlin')));
		expect(row(p, 1).deletionInfo).toBeUndefined();
	});
});
