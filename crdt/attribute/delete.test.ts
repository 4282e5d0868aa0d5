/** Deleting, and who is told (content-behaviours.md B4, E1; content-model.md §3.5, §3.6). */
import { describe, expect, test } from 'vitest';
import type { AttributeRow, RelationshipStatus } from '../views.ts';
import { deleteAttribute, planDelete } from './delete.ts';
import { markForwardingDeletion } from './deletion.ts';
import { createOwn, succeedOwn } from './own.ts';
import { receiveAttribute, receiveSuccessor, succeedOwnRelationship } from './peer.ts';
import { addForwarding, forgetPeer, markDeletedByPeer, undoExchange } from './sharing.ts';
import {
	anna,
	berlin,
	carl,
	code,
	day,
	id,
	identity,
	party,
	relate,
	relationship,
	type Party
} from './testing/party.ts';
import { listAttributes } from './versions.ts';

const row = (p: Party, n: number) => p.views.get('attributes', id('ATT', n)) as AttributeRow;
const shown = (p: Party) => listAttributes(p.views).map((each) => Number(each.id.slice(3)));
const forward = (p: Party, n: number, peer = berlin) => addForwarding(p.at(day(5)), id('ATT', n), peer, id('REQ', n));
const relateBoth = (p: Party, status: RelationshipStatus = 'Active') => {
	relate(p, berlin, status);
	relate(p, carl, 'Active', { id: id('REL', 2) });
};
const notices = (p: Party, n: number) => {
	const plan = planDelete(p.views, id('ATT', n));
	return plan.ok
		? plan.value.map(({ peer, item }) => [peer, item['@type'].replace('NotificationItem', ''), item.attributeId])
		: plan.error.code;
};

/** Versions 1 … count of one own identity attribute. */
function chain(count: number): Party {
	const p = party(anna);
	createOwn(p.at(day(1), { defaults: true }), id('ATT', 1), identity(anna, 'Anna 1'));
	for (let n = 2; n <= count; n++)
		succeedOwn(p.at(day(n)), id('ATT', n - 1), id('ATT', n), identity(anna, `Anna ${n}`));
	p.heard();
	return p;
}
const withBerlin = (n: number) => ({ id: id('ATT', n), peer: berlin, sourceReference: id('REQ', n) });

describe('B4 delete', () => {
	test('B4 an own identity attribute goes with its forwardings', () => {
		const p = chain(1);
		forward(p, 1);
		p.heard();
		deleteAttribute(p.at(day(6)), id('ATT', 1));
		expect([p.views.list('attributes'), p.views.list('forwardings')]).toEqual([[], []]);
		expect(p.heard()).toEqual(['consumption.attributeDeleted']);
	});

	test('B4 its successor stands alone from then on, its predecessors go with it', () => {
		const p = chain(4);
		deleteAttribute(p.at(day(6)), id('ATT', 3));
		expect(shown(p)).toEqual([4]);
		expect(row(p, 4).succeeds).toBeUndefined();
		expect(p.heard()).toHaveLength(3);
	});

	test('B4 a valid chain may be deleted, a dangling successor not', () => {
		const p = chain(2);
		expect(code(planDelete(p.views, id('ATT', 1)))).toBe('ok');
		p.views.delete('attributes', id('ATT', 2));
		expect(code(planDelete(p.views, id('ATT', 1)))).toBe('successorDoesNotExist');
		expect(code(planDelete(p.views, id('ATT', 7)))).toBe('recordNotFound');
	});

	test('B4 the default passes to the newest other one of the type; to none if there is none', () => {
		const p = chain(2);
		createOwn(p.at(day(3)), id('ATT', 5), identity(anna, 'Berta'));
		createOwn(p.at(day(4)), id('ATT', 6), identity(anna, 'Carla'));
		createOwn(p.at(day(5)), id('ATT', 7), identity(anna, 'Meier', { type: 'Surname' }));
		deleteAttribute(p.at(day(6), { defaults: true }), id('ATT', 2));
		expect([5, 6, 7].map((n) => row(p, n).isDefault)).toEqual([undefined, true, undefined]);
		deleteAttribute(p.at(day(6), { defaults: true }), id('ATT', 6));
		deleteAttribute(p.at(day(6), { defaults: true }), id('ATT', 5));
		expect(row(p, 7).isDefault).toBeUndefined();
	});

	test('B4 where no defaults are kept nothing is handed on', () => {
		const p = chain(1);
		createOwn(p.at(day(3)), id('ATT', 5), identity(anna, 'Berta'));
		deleteAttribute(p.at(day(6)), id('ATT', 1));
		expect(row(p, 5).isDefault).toBeUndefined();
	});

	test('B4 everything exchanged with a peer goes when the relationship was rejected or revoked', () => {
		const p = chain(1);
		receiveAttribute(p.at(day(1)), { ...withBerlin(2), content: identity(berlin, 'b') });
		receiveAttribute(p.at(day(1)), { ...withBerlin(3), content: relationship(anna, '7') });
		receiveAttribute(p.at(day(1)), { ...withBerlin(4), peer: carl, content: identity(carl, 'c') });
		forward(p, 1);
		forward(p, 3, carl);
		p.heard();
		undoExchange(p.at(day(6)), berlin);
		expect(shown(p)).toEqual([1, 4]);
		expect(p.views.list('forwardings')).toEqual([]);
		expect(p.heard()).toEqual([
			'consumption.attributeDeleted',
			'consumption.attributeDeleted',
			'consumption.attributeForwardingDetailsChanged'
		]);
	});

	test('B4 own decomposition takes attributes, requests, notifications and metadata of the peer; only forwardings are told', () => {
		const p = chain(1);
		receiveAttribute(p.at(day(1)), { ...withBerlin(2), content: identity(berlin, 'b') });
		forward(p, 1);
		p.views.put('notifications', {
			id: id('NOT', 1),
			isOwn: true,
			peer: berlin,
			createdAt: day(1),
			content: {},
			status: 'Sent',
			source: { type: 'Message', reference: id('MSG', 1) }
		});
		p.views.put('metadata', { id: berlin, reference: berlin, value: 1 });
		p.views.put('metadata', { id: carl, reference: carl, value: 1 });
		p.heard();
		forgetPeer(p.at(day(6)), berlin);
		expect(shown(p)).toEqual([1]);
		expect(p.views.list('notifications')).toEqual([]);
		expect(p.views.list('metadata').map(({ reference }) => reference)).toEqual([carl]);
		expect(p.heard()).toEqual(['consumption.attributeForwardingDetailsChanged']);
	});
});

describe('E1 who is told of a deletion', () => {
	test('E1 of an own identity attribute: every peer that holds a version, with the newest it holds', () => {
		const p = chain(3);
		relateBoth(p);
		forward(p, 1);
		forward(p, 2);
		forward(p, 3, carl);
		expect(notices(p, 3)).toEqual([
			[carl, 'OwnAttributeDeletedByOwner', id('ATT', 3)],
			[berlin, 'OwnAttributeDeletedByOwner', id('ATT', 2)]
		]);
		markForwardingDeletion(
			p.at(day(6)),
			id('ATT', 2),
			berlin,
			{ deletionStatus: 'DeletedByRecipient', deletionDate: day(6) },
			{ override: true }
		);
		expect(notices(p, 3)).toEqual([[carl, 'OwnAttributeDeletedByOwner', id('ATT', 3)]]);
	});

	test('E1 of a superseded version: those that hold it or an older one, the successor’s holders are not asked', () => {
		const p = chain(3);
		relateBoth(p);
		forward(p, 1);
		forward(p, 3, carl);
		expect(notices(p, 2)).toEqual([[berlin, 'OwnAttributeDeletedByOwner', id('ATT', 1)]]);
	});

	test('E1 of an own relationship attribute: its peer and third parties, also those with an older version', () => {
		const p = party(anna);
		relateBoth(p);
		receiveAttribute(p.at(day(1)), { ...withBerlin(1), content: relationship(anna, 'a') });
		const successor = { id: id('ATT', 2), content: relationship(anna, 'b'), sourceReference: id('NOT', 1) };
		succeedOwnRelationship(p.at(day(2)), id('ATT', 1), successor);
		forward(p, 1, carl);
		expect(notices(p, 2)).toEqual([
			[berlin, 'OwnAttributeDeletedByOwner', id('ATT', 2)],
			[carl, 'OwnAttributeDeletedByOwner', id('ATT', 1)]
		]);
	});

	test('E1 of a peer relationship attribute: its owner and third parties', () => {
		const p = party(anna);
		relateBoth(p);
		receiveAttribute(p.at(day(1)), { ...withBerlin(1), content: relationship(berlin, 'a') });
		receiveSuccessor(p.at(day(2)), id('ATT', 1), { ...withBerlin(2), content: relationship(berlin, 'b') });
		forward(p, 2, carl);
		expect(notices(p, 2)).toEqual([
			[berlin, 'PeerRelationshipAttributeDeletedByPeer', id('ATT', 2)],
			[carl, 'PeerRelationshipAttributeDeletedByPeer', id('ATT', 2)]
		]);
	});

	test('E1 of what a peer gave us: that peer', () => {
		const p = party(anna);
		relateBoth(p);
		receiveAttribute(p.at(day(1)), { ...withBerlin(1), content: identity(berlin, 'b') });
		receiveAttribute(p.at(day(1)), {
			...withBerlin(2),
			content: relationship(carl, 'b'),
			initialAttributePeer: carl
		});
		for (const n of [1, 2])
			expect(notices(p, n)).toEqual([[berlin, 'ForwardedAttributeDeletedByPeer', id('ATT', n)]]);
	});

	test.each<[RelationshipStatus, unknown]>([
		['Pending', 'error.runtime.attributes.cannotDeleteSharedAttributeWhileRelationshipIsPending'],
		['Active', [[berlin, 'OwnAttributeDeletedByOwner', id('ATT', 1)]]],
		['Terminated', [[berlin, 'OwnAttributeDeletedByOwner', id('ATT', 1)]]],
		['DeletionProposed', []],
		['Rejected', []],
		['Revoked', []]
	])('E1 while the relationship is %s', (status, expected) => {
		const p = chain(1);
		relate(p, berlin, status);
		forward(p, 1);
		expect(notices(p, 1)).toEqual(expected);
		relate(p, berlin, status, { peerDeletionInfo: { deletionStatus: 'Deleted', deletionDate: day(5) } });
		expect(notices(p, 1)).toEqual([]);
	});
});

describe('E1 the peer decomposed', () => {
	test('E1 what it held it deleted, what it gave us was deleted at its source; promises and ends stay', () => {
		const p = chain(3);
		receiveAttribute(p.at(day(1)), { ...withBerlin(5), content: identity(berlin, 'b') });
		receiveAttribute(p.at(day(1)), { ...withBerlin(6), content: relationship(anna, 'b') });
		receiveAttribute(p.at(day(1)), { ...withBerlin(7), content: relationship(berlin, 'b') });
		receiveAttribute(p.at(day(1)), {
			...withBerlin(8),
			content: relationship(carl, 'b'),
			initialAttributePeer: carl
		});
		receiveAttribute(p.at(day(1)), { ...withBerlin(9), content: identity(berlin, 'c') });
		p.views.put('attributes', {
			...row(p, 9),
			deletionInfo: { deletionStatus: 'ToBeDeleted', deletionDate: day(20) }
		});
		for (const n of [1, 2, 3]) forward(p, n);
		markForwardingDeletion(p.at(day(6)), id('ATT', 2), berlin, {
			deletionStatus: 'ToBeDeletedByRecipient',
			deletionDate: day(20)
		});
		markDeletedByPeer(p.at(day(7)), berlin, day(7));
		expect([5, 6, 7, 8, 9].map((n) => row(p, n).deletionInfo?.deletionStatus)).toEqual([
			'DeletedByEmitter',
			'DeletedByRecipient',
			'DeletedByEmitter',
			'DeletedByEmitter',
			'ToBeDeleted'
		]);
		expect(p.views.list('forwardings').map(({ deletionInfo }) => deletionInfo?.deletionStatus)).toEqual([
			'ToBeDeletedByRecipient',
			'ToBeDeletedByRecipient',
			'DeletedByRecipient'
		]);
	});
});
