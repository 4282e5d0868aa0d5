/** May it be succeeded by that, for every kind of attribute (content-behaviours.md B5; order: connector-api.md §13 row 12). */
import { describe, expect, test } from 'vitest';
import type { Attribute, IdentityAttribute } from '../content/attribute.ts';
import type { DeletionStatus } from '../views.ts';
import { markDeletion, markForwardingDeletion } from './deletion.ts';
import { succeedOwn } from './own.ts';
import { receiveAttribute, receiveSuccessor, succeedOwnRelationship } from './peer.ts';
import { prepareRelationshipSuccessor, prepareSuccessor, successionFault } from './succession.ts';
import { anna, berlin, carl, code, day, id, identity, party, relationship, type Party } from './testing/party.ts';
import { chain, forward, info, kinds, numbersOf, oneOfEach, rowOf, withBerlin } from './testing/wallet.ts';
import { versionsOf } from './versions.ts';

const judge = (p: Party, n: number, content: Attribute, successorId = 20) =>
	code(successionFault(p.views, rowOf(p, n), id('ATT', successorId), content));

describe.each(kinds)('B5 %s', (_kind, n, next) => {
	const isIdentity = n < 3;
	const otherType = isIdentity
		? { '@type': 'Surname', value: 'b' }
		: { '@type': 'ProprietaryInteger', title: 't', value: 1 };

	test('B5.1 another value may follow', () => expect(judge(oneOfEach(), n, next('b'))).toBe('ok'));
	test('B5.1 a successor with a forbidden character is refused', () =>
		expect(judge(oneOfEach(), n, next('🙂'))).toBe('forbiddenCharactersInAttribute'));
	test('B5.1 a successor with unchanged content is refused', () =>
		expect(judge(oneOfEach(), n, next('a'))).toBe('successionMustChangeContent'));
	test('B5.1 a successor under an id that exists is refused', () =>
		expect(judge(oneOfEach(), n, next('b'), 1)).toBe('successorMustNotYetExist'));
	test('B5.1 a predecessor that has a successor is refused', () => {
		const p = oneOfEach();
		p.views.put('attributes', { ...rowOf(p, n), succeededBy: id('ATT', 19) });
		expect(judge(p, n, next('b'))).toBe('cannotSucceedAttributesWithASuccessor');
	});
	test('B5.1 a successor of another owner is refused', () =>
		expect(judge(oneOfEach(), n, { ...next('b'), owner: `${anna}x` })).toBe('successionMustNotChangeOwner'));
	test('B5.1 a successor of another value type is refused', () =>
		expect(judge(oneOfEach(), n, { ...next('b'), value: otherType } as Attribute)).toBe(
			'successionMustNotChangeValueType'
		));
	test('B5.1 a successor of the other kind of content is refused', () => {
		const { owner } = next('b');
		const other = isIdentity ? relationship(owner, 'b') : identity(owner, 'b');
		const expected = isIdentity ? 'successionMustNotChangeContentType' : 'successionMustNotChangeKey';
		expect(judge(oneOfEach(), n, other)).toBe(expected);
	});

	test('B5.1 of several faults the first in the order of the rules is said', () => {
		const p = oneOfEach();
		const old = rowOf(p, n);
		p.views.put('attributes', { ...old, deletionInfo: info('DeletedByEmitter'), succeededBy: id('ATT', 19) });
		const said: string[] = [];
		const say = (content: Attribute, successorId?: number) => said.push(judge(p, n, content, successorId));
		const bad = { ...next('🙂'), owner: `${anna}x`, value: { ...otherType, value: '🙂' } } as Attribute;
		if (!isIdentity) say({ ...bad, key: 'other' } as Attribute, 1);
		if (n > 1) say(bad, 1);
		p.views.put('attributes', { ...old, succeededBy: id('ATT', 19) });
		say(bad, 1);
		say(bad);
		p.views.put('attributes', old);
		say(next('a'));
		say(bad);
		say({ ...bad, owner: next('b').owner });
		say(next('🙂'));
		expect(said).toEqual([
			...(isIdentity ? [] : ['successionMustNotChangeKey']),
			...(n > 1 ? ['cannotSucceedSharedAttributesDeletedByPeer'] : []),
			'successorMustNotYetExist',
			'cannotSucceedAttributesWithASuccessor',
			'successionMustChangeContent',
			'successionMustNotChangeOwner',
			'successionMustNotChangeValueType',
			'forbiddenCharactersInAttribute'
		]);
	});
});

describe('B5 what was or will be deleted', () => {
	const judged = (n: number, next: (value: string) => Attribute, deletionStatus: DeletionStatus) => {
		const p = oneOfEach();
		markDeletion(p.at(day(2)), id('ATT', n), info(deletionStatus));
		return judge(p, n, next('b'));
	};

	test('B5.1 a peer identity attribute that was deleted by its emitter is not succeeded', () => {
		expect(judged(2, (value) => identity(berlin, value), 'DeletedByEmitter')).toBe(
			'cannotSucceedSharedAttributesDeletedByPeer'
		);
	});

	test.each(kinds.slice(2))('B5.1 %s that the other side deleted is not succeeded', (_kind, n, next) => {
		const end = n === 3 ? 'DeletedByRecipient' : 'DeletedByEmitter';
		expect(judged(n, next, end)).toBe('cannotSucceedSharedAttributesDeletedByPeer');
	});

	test('B5.2 a peer identity attribute that is to be deleted may be succeeded', () => {
		expect(judged(2, (value) => identity(berlin, value), 'ToBeDeleted')).toBe('ok');
	});

	test.each(kinds.slice(2))('B5.2 %s that is to be deleted may be succeeded', (_kind, n, next) => {
		expect(judged(n, next, n === 3 ? 'ToBeDeletedByRecipient' : 'ToBeDeleted')).toBe('ok');
	});

	test.each<DeletionStatus>([
		'DeletionRequestSent',
		'DeletionRequestRejected',
		'ToBeDeletedByRecipient',
		'DeletedByRecipient'
	])('B5.2 an own identity attribute may be succeeded while its forwarding says %s', (status) => {
		const p = oneOfEach();
		forward(p, 1);
		markForwardingDeletion(p.at(day(6)), id('ATT', 1), berlin, info(status));
		expect(judge(p, 1, identity(anna, 'b'))).toBe('ok');
	});
});

describe('B5 what own callers give', () => {
	const relationshipValue = (value: string) => ({
		value: { '@type': 'ProprietaryString', title: 'Customer number', value }
	});
	test.each<[string, number, object, string]>([
		['another value', 3, relationshipValue('b'), 'ok'],
		['a value that is none', 3, relationshipValue('x'.repeat(101)), 'successorIsNotAValidAttribute'],
		[
			'a form that does not fit',
			3,
			{ value: { '@type': 'ProprietaryString', value: 'b' } },
			'invalidPropertyValue'
		],
		['tags', 3, { ...relationshipValue('b'), tags: ['x:a'] }, 'invalidPropertyValue'],
		['a peer’s relationship attribute', 4, relationshipValue('b'), 'isNotOwnRelationshipAttribute'],
		['a third party’s', 5, relationshipValue('b'), 'isNotOwnRelationshipAttribute'],
		['an unknown predecessor', 9, relationshipValue('b'), 'recordNotFound']
	])('B5.1 succeeding an own relationship attribute with %s', (_name, n, content, expected) => {
		expect(code(prepareRelationshipSuccessor(oneOfEach().views, id('ATT', n), content, day(2)))).toBe(expected);
	});

	test('B5.3 key, owner, confidentiality and isTechnical are inherited', () => {
		const p = party(anna);
		const old = relationship(anna, 'a', { confidentiality: 'protected', isTechnical: true, key: 'k' });
		receiveAttribute(p.at(day(1)), withBerlin(1, old));
		expect(prepareRelationshipSuccessor(p.views, id('ATT', 1), relationshipValue('b'), day(2))).toEqual({
			ok: true,
			value: { ...old, value: relationshipValue('b').value }
		});
	});

	test('B5.1 of an own identity attribute tags are judged first, then the rest', () => {
		const p = oneOfEach();
		const value = { '@type': 'GivenName', value: 'a' };
		expect(code(prepareSuccessor(p.views, anna, id('ATT', 1), { value, tags: ['nonsense'] }, day(2)))).toBe(
			'invalidTags'
		);
		expect(code(prepareSuccessor(p.views, anna, id('ATT', 1), { value, tags: ['x:a'] }, day(2)))).toBe('ok');
		expect(code(prepareSuccessor(p.views, anna, id('ATT', 1), { value }, day(2)))).toBe(
			'successionMustChangeContent'
		);
	});
});

describe('B5 effects', () => {
	/** Attribute n of one of each is succeeded by 20, twice as a log may be read twice. */
	function succeeded(n: number, content: Attribute): Party {
		const p = oneOfEach();
		const successor = { ...withBerlin(20, content), sourceReference: id('NOT', 1) };
		for (const at of [day(2), day(3)]) {
			if (n === 1) succeedOwn(p.at(at), id('ATT', 1), successor.id, content as IdentityAttribute);
			else if (n === 3) succeedOwnRelationship(p.at(at), id('ATT', 3), successor);
			else receiveSuccessor(p.at(at), id('ATT', n), successor);
		}
		return p;
	}
	/** Linked both ways, of one kind and peer, told once. */
	function expectLinked(p: Party, n: number, content: Attribute): void {
		const { '@type': type, peer, initialAttributePeer, succeededBy } = rowOf(p, n);
		expect(succeededBy).toBe(id('ATT', 20));
		expect(rowOf(p, 20)).toMatchObject({ '@type': type, succeeds: id('ATT', n), content, createdAt: day(2) });
		expect([rowOf(p, 20).peer, rowOf(p, 20).initialAttributePeer]).toEqual([peer, initialAttributePeer]);
		expect(p.heard()).toEqual(['consumption.attributeSucceeded']);
	}

	test('B5.3 an own identity attribute is succeeded, trimmed', () => {
		expectLinked(succeeded(1, identity(anna, ' b ')), 1, identity(anna, 'b'));
	});

	test('B5.3 an own identity attribute is succeeded by other tags alone', () => {
		const tagged = identity(anna, 'a', { tags: ['x:a'] });
		expect(judge(oneOfEach(), 1, tagged)).toBe('ok');
		expectLinked(succeeded(1, tagged), 1, tagged);
	});

	test('B5.3 the default moves to the successor, whoever keeps defaults', () => {
		const p = chain(1, { defaults: true });
		succeedOwn(p.at(day(4)), id('ATT', 1), id('ATT', 4), identity(anna, 'Annie'));
		expect([1, 4].map((n) => rowOf(p, n).isDefault)).toEqual([undefined, true]);
	});

	test('B5.3 a forwarded own identity attribute is succeeded: its forwarding stays with the version the peer has', () => {
		const p = chain(1);
		forward(p, 1);
		succeedOwn(p.at(day(6)), id('ATT', 1), id('ATT', 2), identity(anna, 'Annie'));
		expect([1, 2].map((n) => rowOf(p, n).numberOfForwards)).toEqual([1, 0]);
		expect(p.views.list('forwardings')).toMatchObject([{ attributeId: id('ATT', 1), peer: berlin }]);
	});

	test('B5.3 a peer identity attribute is succeeded, trimmed', () => {
		const p = succeeded(2, identity(berlin, ' b '));
		expectLinked(p, 2, identity(berlin, 'b'));
		expect(rowOf(p, 20).sourceReference).toBe(id('NOT', 1));
	});

	test.each([
		['B5.3 an own relationship attribute is succeeded', 3, relationship(anna, ' b ')],
		['B5.3 a peer relationship attribute is succeeded', 4, relationship(berlin, ' b ')],
		['B5.3 a third party relationship attribute is succeeded', 5, relationship(carl, ' b ')]
	] as const)('%s, as it came', (_name, n, content) => {
		const p = succeeded(n, content);
		expectLinked(p, n, content);
		expect(rowOf(p, 20).sourceReference).toBe(id('NOT', 1));
	});

	test('B5.3 what was said about deleting the old version is not said of the new one', () => {
		const p = oneOfEach();
		markDeletion(p.at(day(2)), id('ATT', 2), info('ToBeDeleted'));
		receiveSuccessor(p.at(day(3)), id('ATT', 2), withBerlin(20, identity(berlin, 'b')));
		expect([rowOf(p, 2).deletionInfo?.deletionStatus, rowOf(p, 20).deletionInfo]).toEqual([
			'ToBeDeleted',
			undefined
		]);
	});

	test('B5.3 two devices succeed one own relationship attribute: one chain, the later behind the winner and marked', () => {
		const p = oneOfEach();
		const successor = (n: number, value: string) => ({
			id: id('ATT', n),
			content: relationship(anna, value),
			sourceReference: id('NOT', n)
		});
		succeedOwnRelationship(p.at(day(2)), id('ATT', 3), successor(20, 'b'));
		succeedOwnRelationship(p.at(day(2)), id('ATT', 3), successor(21, 'c'));
		expect(numbersOf(versionsOf(p.views, rowOf(p, 3)))).toEqual([21, 20, 3]);
		expect([rowOf(p, 20)._rebased, rowOf(p, 21)._rebased]).toEqual([undefined, true]);
	});

	test('B5.3 succeeding what was deleted meanwhile has no effect, as it has none at the peer', () => {
		const p = oneOfEach();
		p.views.delete('attributes', id('ATT', 3));
		const successor = { id: id('ATT', 20), content: relationship(anna, 'b'), sourceReference: id('NOT', 1) };
		succeedOwnRelationship(p.at(day(2)), id('ATT', 3), successor);
		expect(p.views.get('attributes', id('ATT', 20))).toBeUndefined();
	});
});
