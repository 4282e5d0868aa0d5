/** Versions of an attribute, and which of them one peer holds (content-behaviours.md B7; content-model.md §3.2). */
import { describe, expect, test } from 'vitest';
import { planDelete } from './delete.ts';
import { markForwardingDeletion } from './deletion.ts';
import { createOwn, succeedOwn } from './own.ts';
import { receiveSuccessor, succeedOwnRelationship } from './peer.ts';
import { keepForwarding } from './sharing.ts';
import { anna, berlin, carl, day, id, identity, relate, relationship, type Party } from './testing/party.ts';
import { chain, forward, info, kinds, numbersOf, oneOfEach, rowOf, withBerlin } from './testing/wallet.ts';
import {
	hasSharedPredecessor,
	hasSharedSuccessor,
	isForwarded,
	latestSharedVersion,
	predecessorsOf,
	sharedVersions,
	successorsOf,
	versionsOf
} from './versions.ts';

/** One of each; the n-th has the versions n ← 20 ← 21. */
function threeVersions(n: number): Party {
	const p = oneOfEach();
	const next = kinds[n - 1]![2];
	for (const [old, fresh] of [
		[n, 20],
		[20, 21]
	] as const) {
		const successor = withBerlin(fresh, next(String(fresh)));
		if (n === 1) succeedOwn(p.at(day(fresh)), id('ATT', old), successor.id, identity(anna, String(fresh)));
		else if (n === 3) succeedOwnRelationship(p.at(day(fresh)), id('ATT', old), successor);
		else receiveSuccessor(p.at(day(fresh)), id('ATT', old), successor);
	}
	return p;
}
const shared = (p: Party, n: number, peer = berlin) => numbersOf(sharedVersions(p.views, rowOf(p, n), peer));

describe('B7 versions', () => {
	test('B7.1 predecessors are listed newest first', () => {
		const p = chain(4);
		expect(numbersOf(predecessorsOf(p.views, rowOf(p, 3)))).toEqual([2, 1]);
		expect(predecessorsOf(p.views, rowOf(p, 1))).toEqual([]);
	});

	test('B7.1 successors are listed oldest first', () => {
		const p = chain(4);
		expect(numbersOf(successorsOf(p.views, rowOf(p, 2)))).toEqual([3, 4]);
		expect(successorsOf(p.views, rowOf(p, 4))).toEqual([]);
	});

	test('B7.1 all versions are listed newest first, whichever is asked about', () => {
		const p = chain(4);
		for (const n of [1, 2, 3, 4]) expect(numbersOf(versionsOf(p.views, rowOf(p, n)))).toEqual([4, 3, 2, 1]);
	});

	test('B7.1 a single version is the only one', () => {
		const p = chain(1);
		expect(numbersOf(versionsOf(p.views, rowOf(p, 1)))).toEqual([1]);
	});

	test.each([
		['B7.2 all versions of a forwarded own identity attribute', 1],
		['B7.2 all versions of a peer identity attribute', 2],
		['B7.2 all versions of an own relationship attribute', 3],
		['B7.2 all versions of a peer relationship attribute', 4],
		['B7.2 all versions of a third party relationship attribute', 5]
	])('%s', (_name, n) => {
		const p = threeVersions(n);
		if (n === 1) for (const version of [1, 21]) forward(p, version);
		for (const version of [n, 20, 21])
			expect(numbersOf(versionsOf(p.views, rowOf(p, version)))).toEqual([21, 20, n]);
	});

	test.each(kinds)('B7.2 of %s it is known which version comes after which, and that others never do', (_kind, n) => {
		const p = threeVersions(n);
		const comesAfter = (later: number, earlier: number) =>
			numbersOf(successorsOf(p.views, rowOf(p, earlier))).includes(later);
		expect([comesAfter(20, n), comesAfter(21, n), comesAfter(21, 20)]).toEqual([true, true, true]);
		expect([comesAfter(n, 20), comesAfter(n, 21), comesAfter(n, n)]).toEqual([false, false, false]);
		for (const other of [1, 2, 3, 4, 5]) if (other !== n) expect(comesAfter(21, other)).toBe(false);
	});
});

describe('B7 shared with one peer', () => {
	test('B7.3 predecessors a peer holds are found', () => {
		const p = chain(5);
		for (const n of [1, 3]) forward(p, n);
		forward(p, 4, carl);
		expect(shared(p, 5)).toEqual([3, 1]);
		expect([1, 2, 5].map((n) => hasSharedPredecessor(p.views, rowOf(p, n), berlin))).toEqual([false, true, true]);
	});

	test('B7.3 successors a peer holds are found', () => {
		const p = chain(5);
		for (const n of [3, 5]) forward(p, n);
		forward(p, 4, carl);
		expect(shared(p, 1)).toEqual([5, 3]);
		expect([1, 4, 5].map((n) => hasSharedSuccessor(p.views, rowOf(p, n), berlin))).toEqual([true, true, false]);
	});

	test('B7.3 all versions a peer holds are listed newest first, whichever is asked about', () => {
		const p = chain(5);
		forward(p, 2);
		forward(p, 4);
		forward(p, 5, carl);
		for (const n of [1, 2, 3, 5]) expect(shared(p, n)).toEqual([4, 2]);
		expect(shared(p, 1, carl)).toEqual([5]);
	});

	test('B7.3 only the latest a peer holds', () => {
		const p = chain(5);
		forward(p, 2);
		forward(p, 4);
		forward(p, 5, carl);
		for (const n of [1, 3, 5]) expect(latestSharedVersion(p.views, rowOf(p, n), berlin)?.id).toBe(id('ATT', 4));
	});

	test('B7.3 none where nothing was forwarded to the peer', () => {
		const p = chain(3);
		forward(p, 2, carl);
		expect(shared(p, 2)).toEqual([]);
		expect(latestSharedVersion(p.views, rowOf(p, 2), berlin)).toBeUndefined();
		expect(hasSharedPredecessor(p.views, rowOf(p, 3), berlin)).toBe(false);
		expect(hasSharedSuccessor(p.views, rowOf(p, 1), berlin)).toBe(false);
	});

	test('B7.3 one the peer is to delete is shared still, one it deleted is not', () => {
		const p = chain(2);
		for (const n of [1, 2]) forward(p, n);
		markForwardingDeletion(p.at(day(6)), id('ATT', 2), berlin, info('ToBeDeletedByRecipient'));
		expect(shared(p, 1)).toEqual([2, 1]);
		expect(isForwarded(p.views, id('ATT', 2), berlin)).toBe(true);
		expect(isForwarded(p.views, id('ATT', 2), berlin, { excludeToBeDeleted: true })).toBe(false);
		expect(hasSharedSuccessor(p.views, rowOf(p, 1), berlin)).toBe(false);
		expect(hasSharedSuccessor(p.views, rowOf(p, 1), berlin, { includeToBeDeleted: true })).toBe(true);
		keepForwarding(p.at(day(7)), id('ATT', 2), berlin);
		markForwardingDeletion(p.at(day(8)), id('ATT', 2), berlin, info('DeletedByRecipient'));
		expect(shared(p, 1)).toEqual([1]);
	});

	test('B7.3 an equal attribute of another device is shared under the id the peer knows', () => {
		const p = chain(1);
		createOwn(p.at(day(2)), id('ATT', 9), identity(anna, 'Anna 1'));
		forward(p, 9);
		expect(latestSharedVersion(p.views, rowOf(p, 1), berlin)?.id).toBe(id('ATT', 9));
	});
});

describe('B7 peers that hold a predecessor only', () => {
	/** Who would be told of a deletion, with the version each holds. */
	const holders = (p: Party, n: number) => {
		relate(p, berlin);
		relate(p, carl, 'Active', { id: id('REL', 2) });
		const plan = planDelete(p.views, id('ATT', n));
		return plan.ok ? plan.value.map(({ peer, item }) => [peer, item.attributeId]) : plan.error.code;
	};

	test('B7.4 there are none without a predecessor', () => {
		expect(holders(chain(1), 1)).toEqual([]);
	});

	test('B7.4 there are none while the predecessor is with nobody', () => {
		expect(holders(chain(2), 2)).toEqual([]);
	});

	test('B7.4 a peer that holds the newer one too is none of them', () => {
		const p = chain(2);
		for (const n of [1, 2]) forward(p, n);
		expect(holders(p, 2)).toEqual([[berlin, id('ATT', 2)]]);
	});

	test('B7.4 else it is the peer with the id of the newest predecessor it holds', () => {
		const p = chain(4);
		for (const n of [1, 2]) forward(p, n);
		for (const n of [2, 4]) forward(p, n, carl);
		expect(holders(p, 4)).toEqual([
			[carl, id('ATT', 4)],
			[berlin, id('ATT', 2)]
		]);
	});

	test('B7.4 of a relationship attribute too: a third party with an older version is told of that one', () => {
		const p = oneOfEach();
		forward(p, 3, carl);
		const successor = withBerlin(20, relationship(anna, 'b'));
		succeedOwnRelationship(p.at(day(6)), id('ATT', 3), successor);
		expect(holders(p, 20)).toEqual([
			[berlin, id('ATT', 20)],
			[carl, id('ATT', 3)]
		]);
	});

	test('B7.4 who deleted the predecessor holds none', () => {
		const p = chain(2);
		forward(p, 1);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info('DeletedByRecipient'));
		expect(holders(p, 2)).toEqual([]);
	});
});
