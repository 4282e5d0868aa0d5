/** What a peer gives us, and what is left of all that was exchanged when a relationship ends (content-behaviours.md B1, B2, B4). */
import { describe, expect, test } from 'vitest';
import type { IdentityAttribute } from '../content/attribute.ts';
import { memoryViews } from '../memory-views.ts';
import type { AttributeRow, DeletionStatus } from '../views.ts';
import { createOwn, succeedOwn } from './own.ts';
import { keepReceived, receiveAttribute, receiveSuccessor } from './peer.ts';
import { addForwarding, forgetPeer, keepForwarding, markDeletedByPeer, undoExchange } from './sharing.ts';
import { anna, berlin, carl, day, id, party, type Party } from './testing/party.ts';
import { attributesExchangedWith, forwardingsTo, peerAttributes } from './versions.ts';

const name = (value: string, owner = anna): IdentityAttribute => ({
	'@type': 'IdentityAttribute',
	owner,
	value: { '@type': 'GivenName', value }
});
const row = (p: Party, n: number) => p.views.get('attributes', id('ATT', n)) as AttributeRow;
const forwarded = 'consumption.attributeForwardingDetailsChanged';

function annaWithVersions(count: number): Party {
	const p = party(anna);
	createOwn(p.at(day(1)), id('ATT', 1), name('Anna 1'));
	for (let n = 2; n <= count; n++) succeedOwn(p.at(day(n)), id('ATT', n - 1), id('ATT', n), name(`Anna ${n}`));
	p.heard();
	return p;
}
function setDeletion(p: Party, n: number, deletionStatus: DeletionStatus): void {
	const current = forwardingsTo(p.views, id('ATT', n), berlin).at(-1);
	if (current) p.views.put('forwardings', { ...current, deletionInfo: { deletionStatus, deletionDate: day(9) } });
}

describe('B2 forwarding again', () => {
	test.each<[DeletionStatus, number, number, boolean]>([
		['DeletedByRecipient', 2, 2, true],
		['ToBeDeletedByRecipient', 1, 1, true],
		['DeletionRequestSent', 1, 1, false],
		['DeletionRequestRejected', 1, 1, false]
	])('B2.2 adding again while it says %s leaves %i on record', (status, records, count, isTold) => {
		const p = annaWithVersions(1);
		addForwarding(p.at(day(2)), id('ATT', 1), berlin, id('REQ', 1));
		setDeletion(p, 1, status);
		p.heard();
		addForwarding(p.at(day(3)), id('ATT', 1), berlin, id('REQ', 2));
		const all = forwardingsTo(p.views, id('ATT', 1), berlin);
		expect([all.length, row(p, 1).numberOfForwards, p.heard().length > 0]).toEqual([records, count, isTold]);
		expect(all.at(-1)?.deletionInfo?.deletionStatus).toBe(isTold ? undefined : status);
		if (records === 1) expect(all[0]).toMatchObject({ sourceReference: id('REQ', 1), sharedAt: day(2) });
	});

	test('B2.2 keeping what was never forwarded is nothing', () => {
		const p = annaWithVersions(1);
		keepForwarding(p.at(day(2)), id('ATT', 1), berlin);
		expect([p.heard(), p.views.list('forwardings')]).toEqual([[], []]);
	});
});

describe('receiving', () => {
	const from = (n: number, value: string) => ({
		id: id('ATT', n),
		content: name(value, berlin),
		peer: berlin,
		sourceReference: id('REQ', 1)
	});

	test('B1.3 a peer’s attribute has its peer and where it came from, trimmed and told once', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), from(1, ' Berlin '));
		receiveAttribute(p.at(day(2)), from(1, 'Other'));
		expect(row(p, 1)).toEqual({
			'@type': 'PeerIdentityAttribute',
			id: id('ATT', 1),
			createdAt: day(1),
			content: name('Berlin', berlin),
			peer: berlin,
			sourceReference: id('REQ', 1)
		});
		expect(p.heard()).toEqual(['consumption.attributeCreated']);
	});

	test('B5.3 a newer version is linked; one of nothing known, or of something deleted at its source, stands alone', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), from(1, 'Berlin'));
		receiveSuccessor(p.at(day(2)), id('ATT', 1), from(2, 'Bärlin'));
		receiveSuccessor(p.at(day(2)), id('ATT', 1), from(2, 'Bärlin'));
		expect([row(p, 1).succeededBy, row(p, 2).succeeds]).toEqual([id('ATT', 2), id('ATT', 1)]);
		receiveSuccessor(p.at(day(3)), id('ATT', 77), from(3, 'New'));
		expect(row(p, 3).succeeds).toBeUndefined();
		p.views.put('attributes', {
			...row(p, 3),
			deletionInfo: { deletionStatus: 'DeletedByEmitter', deletionDate: day(3) }
		});
		receiveSuccessor(p.at(day(4)), id('ATT', 3), from(4, 'Newer'));
		expect(row(p, 4).succeeds).toBeUndefined();
		expect(p.heard()).toEqual(
			['Created', 'Succeeded', 'Created', 'Created'].map((what) => `consumption.attribute${what}`)
		);
		expect(peerAttributes(p.views, berlin).map((attribute) => attribute.id)).toEqual(
			[2, 3, 4].map((n) => id('ATT', n))
		);
	});

	test('B2 given again, what we had promised to delete stays', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), from(1, 'Berlin'));
		p.views.put('attributes', {
			...row(p, 1),
			deletionInfo: { deletionStatus: 'ToBeDeleted', deletionDate: day(9) }
		});
		keepReceived(p.at(day(2)), id('ATT', 1));
		expect(row(p, 1).deletionInfo).toBeUndefined();
	});
});

describe('when a relationship ends', () => {
	function exchanged(): Party {
		const p = annaWithVersions(2);
		for (const peer of [berlin, carl]) addForwarding(p.at(day(3)), id('ATT', 1), peer, id('REQ', 1));
		addForwarding(p.at(day(3)), id('ATT', 2), berlin, id('REQ', 1));
		for (const [n, peer] of [
			[7, berlin],
			[8, carl]
		] as const)
			receiveAttribute(p.at(day(3)), {
				id: id('ATT', n),
				content: name('X', peer),
				peer,
				sourceReference: id('REQ', 1)
			});
		p.heard();
		return p;
	}
	const left = (p: Party) => ({
		attributes: p.views.list('attributes').map((attribute) => Number(attribute.id.slice(3))),
		forwardings: p.views.list('forwardings').map(({ peer }) => peer)
	});

	test('B4.1 rejected or revoked: what came from the peer is deleted and told, own ones stay, forwardings go', () => {
		const p = exchanged();
		undoExchange(p.at(day(4)), berlin);
		undoExchange(p.at(day(4)), berlin);
		expect(left(p)).toEqual({ attributes: [1, 2, 8], forwardings: [carl] });
		expect(p.heard()).toEqual(['consumption.attributeDeleted', forwarded, forwarded]);
		expect([row(p, 1).numberOfForwards, row(p, 2).numberOfForwards]).toEqual([1, 0]);
	});

	test('B4.1 rejected or revoked: what a relationship that crossed it brought stays', () => {
		const p = exchanged();
		receiveAttribute(p.at(day(3)), {
			id: id('ATT', 9),
			content: name('Y', berlin),
			peer: berlin,
			sourceReference: id('REQ', 2)
		});
		addForwarding(p.at(day(3)), id('ATT', 2), carl, id('REQ', 2));
		undoExchange(p.at(day(4)), berlin, new Set([id('REQ', 2)]));
		expect(left(p)).toEqual({ attributes: [1, 2, 8, 9], forwardings: [carl, carl] });
	});

	test('B4.1 decomposed by us: the same, with requests, and no deletion is told', () => {
		const p = exchanged();
		for (const [n, peer] of [
			[1, berlin],
			[2, carl]
		] as const)
			p.views.put('requests', {
				id: id('REQ', n),
				isOwn: true,
				peer,
				createdAt: day(1),
				status: 'Open',
				content: {}
			});
		forgetPeer(p.at(day(4)), berlin);
		expect(left(p)).toEqual({ attributes: [1, 2, 8], forwardings: [carl] });
		expect(p.views.list('requests').map(({ peer }) => peer)).toEqual([carl]);
		expect(p.heard()).toEqual([forwarded, forwarded]);
	});

	test('decomposed by the peer: what it held is deleted there, what it gave is deleted at its source, promises stay', () => {
		const p = exchanged();
		setDeletion(p, 2, 'ToBeDeletedByRecipient');
		markDeletedByPeer(p.at(day(4)), berlin, day(4));
		const info = { deletionStatus: 'DeletedByRecipient', deletionDate: day(4) };
		expect(forwardingsTo(p.views, id('ATT', 1), berlin)).toMatchObject([{ deletionInfo: info }]);
		expect(forwardingsTo(p.views, id('ATT', 2), berlin)).toMatchObject([
			{ deletionInfo: { deletionStatus: 'ToBeDeletedByRecipient' } }
		]);
		expect(forwardingsTo(p.views, id('ATT', 1), carl)[0]?.deletionInfo).toBeUndefined();
		expect(row(p, 7).deletionInfo).toEqual({ deletionStatus: 'DeletedByEmitter', deletionDate: day(4) });
		expect(row(p, 8).deletionInfo).toBeUndefined();
		expect(p.heard()).toEqual([forwarded]);
		markDeletedByPeer(p.at(day(5)), berlin, day(5));
		expect(row(p, 7).deletionInfo?.deletionDate).toBe(day(4));
	});

	test('what was exchanged: the newest version the peer holds first, then what it gave', () => {
		const p = exchanged();
		expect(attributesExchangedWith(p.views, berlin).map((attribute) => Number(attribute.id.slice(3)))).toEqual([
			2, 7
		]);
		expect(attributesExchangedWith(p.views, carl).map((attribute) => Number(attribute.id.slice(3)))).toEqual([
			1, 8
		]);
	});
});

test('work on top of confirmed views leaves those below as they were', () => {
	const p = annaWithVersions(1);
	const before = JSON.stringify(p.views.list('attributes'));
	const above = memoryViews(p.views);
	addForwarding({ views: above, me: anna, at: day(2), emit: () => {} }, id('ATT', 1), berlin, id('REQ', 1));
	expect(JSON.stringify(p.views.list('attributes'))).toBe(before);
	expect(above.get('attributes', id('ATT', 1))?.numberOfForwards).toBe(1);
});
