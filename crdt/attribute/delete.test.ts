/** Deleting, and who is told (content-behaviours.md B4, E1; content-model.md §3.5, §3.6). */
import { describe, expect, test } from 'vitest';
import type { RelationshipStatus } from '../views.ts';
import { defaultOf } from './default.ts';
import { deleteAttribute, planDelete } from './delete.ts';
import { markForwardingDeletion } from './deletion.ts';
import { createOwn, succeedOwn } from './own.ts';
import { receiveAttribute, receiveSuccessor, succeedOwnRelationship } from './peer.ts';
import { forgetPeer, markDeletedByPeer, undoExchange } from './sharing.ts';
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
import { chain, forward, kinds, numbersOf, oneOfEach, rowOf, withBerlin } from './testing/wallet.ts';
import { listAttributes, versionsOf } from './versions.ts';

const shown = (p: Party) => numbersOf(listAttributes(p.views));
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

describe('B4 delete', () => {
	test('B4.1 an own identity attribute is deleted, and that is told', () => {
		const p = chain(1);
		deleteAttribute(p.at(day(6)), id('ATT', 1));
		expect(p.views.list('attributes')).toEqual([]);
		expect(p.heard()).toEqual(['consumption.attributeDeleted']);
	});

	test.each(kinds)('B4.1 %s is deleted alone', (_kind, n) => {
		const p = oneOfEach();
		deleteAttribute(p.at(day(6)), id('ATT', n));
		expect(shown(p)).toEqual([1, 2, 3, 4, 5].filter((other) => other !== n));
	});

	test('B4.1 forwarding details go with their attribute, others’ stay', () => {
		const p = chain(1);
		createOwn(p.at(day(2)), id('ATT', 2), identity(anna, 'Berta'));
		for (const peer of [berlin, carl]) forward(p, 1, peer);
		forward(p, 2);
		p.heard();
		deleteAttribute(p.at(day(6)), id('ATT', 1));
		expect(p.views.list('forwardings')).toMatchObject([{ attributeId: id('ATT', 2), peer: berlin }]);
		expect(p.heard()).toEqual(['consumption.attributeDeleted']);
	});

	test('B4.2 a valid chain may be deleted', () => {
		const p = chain(3);
		expect([1, 2, 3].map((n) => code(planDelete(p.views, id('ATT', n))))).toEqual(['ok', 'ok', 'ok']);
	});

	test('B4.2 an attribute whose successor is named and not there is not deleted, nor is an unknown one', () => {
		const p = chain(2);
		p.views.delete('attributes', id('ATT', 2));
		expect(code(planDelete(p.views, id('ATT', 1)))).toBe('successorDoesNotExist');
		expect(code(planDelete(p.views, id('ATT', 7)))).toBe('recordNotFound');
	});

	test('B4.3 the attribute is removed, and deleting it again changes nothing', () => {
		const p = chain(4);
		for (const n of [1, 2]) deleteAttribute(p.at(day(5 + n)), id('ATT', 3));
		expect(rowOf(p, 3)).toBeUndefined();
		expect(shown(p)).toEqual([4]);
		expect(p.heard()).toEqual(Array<string>(3).fill('consumption.attributeDeleted'));
	});

	test('B4.3 the successor is detached when its predecessor is deleted', () => {
		const p = chain(4);
		deleteAttribute(p.at(day(6)), id('ATT', 3));
		expect(rowOf(p, 4)).not.toHaveProperty('succeeds');
		expect(versionsOf(p.views, rowOf(p, 4))).toHaveLength(1);
	});

	test('B4.3 predecessors are removed with it, with what they were forwarded to', () => {
		const p = chain(3);
		forward(p, 1);
		deleteAttribute(p.at(day(6)), id('ATT', 3));
		expect([p.views.list('attributes'), p.views.list('forwardings')]).toEqual([[], []]);
	});

	test('B4.4 the default passes to the newest other own identity attribute of its type', () => {
		const p = chain(2, { defaults: true });
		createOwn(p.at(day(8)), id('ATT', 5), identity(anna, 'Berta'));
		createOwn(p.at(day(7)), id('ATT', 6), identity(anna, 'Carla'));
		createOwn(p.at(day(9)), id('ATT', 7), identity(anna, 'Meier', { type: 'Surname' }));
		receiveAttribute(p.at(day(9)), withBerlin(8, identity(berlin, 'Berta')));
		deleteAttribute(p.at(day(9), { defaults: true }), id('ATT', 2));
		expect([5, 6, 7, 8].map((n) => rowOf(p, n).isDefault)).toEqual([true, undefined, undefined, undefined]);
	});

	test('B4.4 no default remains where there is no candidate besides predecessors', () => {
		const p = chain(2, { defaults: true });
		createOwn(p.at(day(9), { defaults: true }), id('ATT', 7), identity(anna, 'Meier', { type: 'Surname' }));
		expect(rowOf(p, 2).isDefault).toBe(true);
		deleteAttribute(p.at(day(9), { defaults: true }), id('ATT', 2));
		expect(shown(p)).toEqual([7]);
		expect(defaultOf(p.views, 'GivenName')).toBeUndefined();
	});

	test('B4.4 it does not pass to a superseded one, but to the newest version of it', () => {
		const p = chain(1, { defaults: true });
		createOwn(p.at(day(3)), id('ATT', 5), identity(anna, 'Berta'));
		succeedOwn(p.at(day(4)), id('ATT', 5), id('ATT', 6), identity(anna, 'Bertha'));
		deleteAttribute(p.at(day(9), { defaults: true }), id('ATT', 1));
		expect([5, 6].map((n) => rowOf(p, n).isDefault)).toEqual([undefined, true]);
	});

	test('B4.4 deleting what is no default leaves the default where it is, and makes no second one', () => {
		const p = chain(1, { defaults: true });
		for (const n of [5, 6]) createOwn(p.at(day(n), { defaults: true }), id('ATT', n), identity(anna, `Berta ${n}`));
		deleteAttribute(p.at(day(9), { defaults: true }), id('ATT', 5));
		expect([1, 6].map((n) => rowOf(p, n).isDefault)).toEqual([true, undefined]);
	});

	test('B4.4 where no defaults are kept nothing is handed on', () => {
		const p = chain(1, { defaults: true });
		createOwn(p.at(day(3)), id('ATT', 5), identity(anna, 'Berta'));
		deleteAttribute(p.at(day(6)), id('ATT', 1));
		expect(rowOf(p, 5).isDefault).toBeUndefined();
	});

	test('B4.1 everything exchanged with a peer goes when the relationship was rejected or revoked', () => {
		const p = chain(1);
		receiveAttribute(p.at(day(1)), withBerlin(2, identity(berlin, 'b')));
		receiveAttribute(p.at(day(1)), withBerlin(3, relationship(anna, '7')));
		receiveAttribute(p.at(day(1)), { ...withBerlin(4, identity(carl, 'c')), peer: carl });
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

	test('B4.1 own decomposition takes attributes, requests, notifications and metadata of the peer; only forwardings are told', () => {
		const p = chain(1);
		receiveAttribute(p.at(day(1)), withBerlin(2, identity(berlin, 'b')));
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
		receiveAttribute(p.at(day(1)), withBerlin(1, relationship(anna, 'a')));
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
		receiveAttribute(p.at(day(1)), withBerlin(1, relationship(berlin, 'a')));
		receiveSuccessor(p.at(day(2)), id('ATT', 1), withBerlin(2, relationship(berlin, 'b')));
		forward(p, 2, carl);
		expect(notices(p, 2)).toEqual([
			[berlin, 'PeerRelationshipAttributeDeletedByPeer', id('ATT', 2)],
			[carl, 'PeerRelationshipAttributeDeletedByPeer', id('ATT', 2)]
		]);
	});

	test('E1 of what a peer gave us: that peer', () => {
		const p = party(anna);
		relateBoth(p);
		receiveAttribute(p.at(day(1)), withBerlin(1, identity(berlin, 'b')));
		receiveAttribute(p.at(day(1)), withBerlin(2, relationship(carl, 'b'), carl));
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
		receiveAttribute(p.at(day(1)), withBerlin(5, identity(berlin, 'b')));
		receiveAttribute(p.at(day(1)), withBerlin(6, relationship(anna, 'b')));
		receiveAttribute(p.at(day(1)), withBerlin(7, relationship(berlin, 'b')));
		receiveAttribute(p.at(day(1)), withBerlin(8, relationship(carl, 'b'), carl));
		receiveAttribute(p.at(day(1)), withBerlin(9, identity(berlin, 'c')));
		p.views.put('attributes', {
			...rowOf(p, 9),
			deletionInfo: { deletionStatus: 'ToBeDeleted', deletionDate: day(20) }
		});
		for (const n of [1, 2, 3]) forward(p, n);
		markForwardingDeletion(p.at(day(6)), id('ATT', 2), berlin, {
			deletionStatus: 'ToBeDeletedByRecipient',
			deletionDate: day(20)
		});
		markDeletedByPeer(p.at(day(7)), berlin, day(7));
		expect([5, 6, 7, 8, 9].map((n) => rowOf(p, n).deletionInfo?.deletionStatus)).toEqual([
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
