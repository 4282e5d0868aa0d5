/** DeleteAttribute: what may be asked to go, what is promised, and who knows of it (content-behaviours C8). */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn, succeedOwn } from '../../attribute/own.ts';
import { anna, berlin, carl, day, id, type Party } from '../../attribute/testing/party.ts';
import { forwardingsTo } from '../../attribute/versions.ts';
import { answer, ask, attribute, attributeIn, no, pair, yes, message, judged, requestIn } from '../testing/asking.ts';
import {
	fails,
	forwarded,
	has,
	INVALID,
	item,
	mayAccept,
	mayAsk,
	mayAskAnybody,
	ofRelationship,
	statusOf
} from '../testing/items.ts';
import { canAccept, receiveRequest } from '../incoming.ts';
import type { DeletionStatus } from '../../views.ts';

let a: Party;
let b: Party;
beforeEach(() => {
	({ anna: a, berlin: b } = pair());
});
const asked = (items: object[]) => mayAsk(b, items);
const inTemplate = (items: object[]) => mayAskAnybody(b, items);
const accepted = (item: DecideItem, n = 1) => mayAccept(a, item, n);

describe('C8 DeleteAttribute', () => {
	const deleteItem = (n: number) => item('DeleteAttribute', { attributeId: id('ATT', n) });
	beforeEach(() => {
		createOwn(b.at(day(1)), id('ATT', 1), attribute('Berlin', berlin));
		has(a, 1, 'PeerIdentityAttribute', attribute('Berlin', berlin), {
			peer: berlin,
			sourceReference: id('REQ', 91)
		});
		forwarded(b, 1, anna);
	});

	test('C8.1 C8.2 what the recipient holds of us can be asked to go, nothing else', () => {
		ofRelationship(b, 2, anna, 'OwnRelationshipAttribute', berlin);
		ofRelationship(b, 3, carl, 'PeerRelationshipAttribute', carl);
		forwarded(b, 3, anna);
		for (const n of [1, 2, 3]) expect(asked([deleteItem(n)])).toBe('ok');
		expect(inTemplate([deleteItem(1)])).toBe(INVALID);
		createOwn(b.at(day(1)), id('ATT', 4), attribute('Unshared', berlin));
		has(b, 5, 'PeerIdentityAttribute', attribute('Anna'), { peer: anna });
		ofRelationship(b, 6, anna, 'PeerRelationshipAttribute', anna);
		ofRelationship(b, 7, carl, 'PeerRelationshipAttribute', carl);
		for (const n of [4, 5, 6, 7, 99]) expect(asked([deleteItem(n)])).toBe(INVALID);
		for (const status of ['DeletedByRecipient', 'ToBeDeletedByRecipient'] as const) {
			forwarded(b, 1, anna, status);
			expect(asked([deleteItem(1)])).toBe(INVALID);
		}
	});
	test('C2.7 C8.4 C8.5 sent, promised: both sides know, predecessors too', () => {
		succeedOwn(b.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Newer', berlin));
		forwarded(b, 2, anna);
		has(a, 2, 'PeerIdentityAttribute', attribute('Newer', berlin), { peer: berlin, succeeds: id('ATT', 1) });
		ask(b, a, [deleteItem(2)]);
		const told = () =>
			[1, 2].map((n) => forwardingsTo(b.views, id('ATT', n), anna)[0]?.deletionInfo?.deletionStatus);
		expect(told()).toEqual(['DeletionRequestSent', 'DeletionRequestSent']);
		expect(accepted({ ...yes, deletionDate: day(2) })).toBe(fails('invalidAcceptParameters'));
		expect(accepted({ ...yes, deletionDate: 'soon' })).toBe(fails('invalidAcceptParameters'));
		expect(answer(a, b, [{ ...yes, deletionDate: day(20) }]).items).toMatchObject([
			{ '@type': 'DeleteAttributeAcceptResponseItem', deletionDate: day(20) }
		]);
		expect([statusOf(a, 1), statusOf(a, 2)]).toEqual(['ToBeDeleted', 'ToBeDeleted']);
		expect(told()).toEqual(['ToBeDeletedByRecipient', 'ToBeDeletedByRecipient']);
	});
	test('C8.5 rejected it is written down; what is gone already stays gone', () => {
		ask(b, a, [deleteItem(1)]);
		answer(a, b, [no], 1, false);
		const status = () => forwardingsTo(b.views, id('ATT', 1), anna)[0]?.deletionInfo?.deletionStatus;
		expect([status(), statusOf(a, 1)]).toEqual(['DeletionRequestRejected', undefined]);
		ask(b, a, [deleteItem(1)], 2);
		forwarded(b, 1, anna, 'DeletedByRecipient');
		answer(a, b, [{ ...yes, deletionDate: day(20) }], 2);
		expect(status()).toBe('DeletedByRecipient');
	});
	test('C8.3 C8.4 unknown is answered plainly and changes nothing; another’s cannot be deleted', () => {
		ask(b, a, [deleteItem(1)]);
		a.views.put('attributes', { ...attributeIn(a, 1), peer: carl });
		expect(accepted({ ...yes, deletionDate: day(20) })).toBe(INVALID);
		a.views.delete('attributes', id('ATT', 1));
		expect(answer(a, b, [{ ...yes, deletionDate: day(20) }]).items).toMatchObject([
			{ '@type': 'AcceptResponseItem' }
		]);
		expect(forwardingsTo(b.views, id('ATT', 1), anna)[0]?.deletionInfo?.deletionStatus).toBe('DeletionRequestSent');
	});

	test('C8.2 not of oneself, not what lives between the two and is gone there or about to go', () => {
		expect(asked([deleteItem(1)])).toBe('ok');
		expect(mayAsk(b, [deleteItem(1)], berlin)).toBe('cannotShareRequestWithYourself');
		const row = ofRelationship(b, 2, anna, 'OwnRelationshipAttribute', berlin);
		for (const deletionStatus of ['DeletedByRecipient', 'ToBeDeletedByRecipient'] as const) {
			b.views.put('attributes', { ...row, deletionInfo: { deletionStatus, deletionDate: day(9) } });
			expect(asked([deleteItem(2)])).toBe(INVALID);
		}
	});
	test.each<[boolean, DeletionStatus | undefined, DeletionStatus]>([
		[true, 'ToBeDeleted', 'ToBeDeletedByRecipient'],
		[false, undefined, 'DeletionRequestRejected']
	])(
		'C8.4 C8.5 what lives between the two, accepted %s: both know, the version before it too',
		(accept, mine, theirs) => {
			for (const [p, peer, kind] of [
				[a, berlin, 'PeerRelationshipAttribute'],
				[b, anna, 'OwnRelationshipAttribute']
			] as const) {
				const old = ofRelationship(p, 2, peer, kind, berlin);
				p.views.put('attributes', { ...old, succeededBy: id('ATT', 3) });
				p.views.put('attributes', { ...old, id: id('ATT', 3), succeeds: id('ATT', 2) });
			}
			ask(b, a, [deleteItem(3)]);
			expect([2, 3].map((n) => statusOf(b, n))).toEqual(['DeletionRequestSent', 'DeletionRequestSent']);
			answer(a, b, [accept ? { ...yes, deletionDate: day(20) } : no], 1, accept);
			expect([2, 3].map((n) => statusOf(a, n))).toEqual([mine, mine]);
			expect([2, 3].map((n) => statusOf(b, n))).toEqual([theirs, theirs]);
		}
	);
	test.each(
		([true, false] as const).flatMap((accept) =>
			([undefined, 'ToBeDeletedByRecipient', 'DeletedByRecipient'] as const).map((before) => [accept, before])
		)
	)('C8.5 accepted %s, while the version before it is %s: that stays, or is marked likewise', (accept, before) => {
		succeedOwn(b.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Newer', berlin));
		forwarded(b, 2, anna);
		forwarded(b, 1, anna, before as DeletionStatus | undefined);
		has(a, 2, 'PeerIdentityAttribute', attribute('Newer', berlin), { peer: berlin, succeeds: id('ATT', 1) });
		ask(b, a, [deleteItem(2)]);
		answer(a, b, [accept ? { ...yes, deletionDate: day(20) } : no], 1, accept === true);
		const said = accept ? 'ToBeDeletedByRecipient' : 'DeletionRequestRejected';
		const infos = [1, 2].map((n) => forwardingsTo(b.views, id('ATT', n), anna)[0]?.deletionInfo);
		expect(infos.map((info) => info?.deletionStatus)).toEqual([before ?? said, said]);
		if (before) expect(infos[0]?.deletionDate).toBe(day(9));
	});
	test('F the day that was promised passes while nobody looks: nothing goes by itself, and it can be promised no more', () => {
		ask(b, a, [deleteItem(1)]);
		answer(a, b, [{ ...yes, deletionDate: day(20) }]);
		receiveRequest(a.at(day(30)), message(2, { '@type': 'Request', id: id('REQ', 2), items: [deleteItem(1)] }));
		expect(statusOf(a, 1)).toBe('ToBeDeleted');
		expect(forwardingsTo(b.views, id('ATT', 1), anna)[0]?.deletionInfo).toEqual({
			deletionStatus: 'ToBeDeletedByRecipient',
			deletionDate: day(20)
		});
		const may = (deletionDate: string) =>
			judged(canAccept(a.views, anna, requestIn(a, 2), { items: [{ ...yes, deletionDate }] }, day(30)));
		expect([may(day(20)), may(day(31))]).toEqual([fails('invalidAcceptParameters'), 'ok']);
	});
});
