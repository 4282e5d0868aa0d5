/** May it be succeeded by that, for every kind of attribute (content-behaviours.md B5; order: connector-api.md §13 row 12). */
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../content/attribute.ts';
import type { AttributeRow } from '../views.ts';
import { addForwarding } from './sharing.ts';
import { markDeletion, markForwardingDeletion } from './deletion.ts';
import { createOwn, succeedOwn } from './own.ts';
import { receiveAttribute, receiveSuccessor, succeedOwnRelationship } from './peer.ts';
import { prepareRelationshipSuccessor, prepareSuccessor, successionFault } from './succession.ts';
import { anna, berlin, carl, code, day, id, identity, party, relationship, type Party } from './testing/party.ts';
import { versionsOf } from './versions.ts';

const row = (p: Party, n: number) => p.views.get('attributes', id('ATT', n)) as AttributeRow;
const withBerlin = (n: number, content: Attribute, initialAttributePeer?: string) => ({
	id: id('ATT', n),
	content,
	peer: berlin,
	sourceReference: id('REQ', n),
	...(initialAttributePeer && { initialAttributePeer })
});

/** 1 own identity, 2 peer identity, 3 own, 4 peer, 5 third-party relationship attribute. */
function one(): Party {
	const p = party(anna);
	createOwn(p.at(day(1)), id('ATT', 1), identity(anna, 'a'));
	receiveAttribute(p.at(day(1)), withBerlin(2, identity(berlin, 'a')));
	receiveAttribute(p.at(day(1)), withBerlin(3, relationship(anna, 'a')));
	receiveAttribute(p.at(day(1)), withBerlin(4, relationship(berlin, 'a')));
	receiveAttribute(p.at(day(1)), withBerlin(5, relationship(carl, 'a'), carl));
	return p;
}
const contents: readonly (readonly [kind: string, n: number, next: (value: string) => Attribute])[] = [
	['an own identity attribute', 1, (value) => identity(anna, value)],
	['a peer identity attribute', 2, (value) => identity(berlin, value)],
	['an own relationship attribute', 3, (value) => relationship(anna, value)],
	['a peer relationship attribute', 4, (value) => relationship(berlin, value)],
	['a third party’s attribute', 5, (value) => relationship(carl, value)]
];
const judge = (p: Party, n: number, content: Attribute, successorId = 20) =>
	code(successionFault(p.views, row(p, n), id('ATT', successorId), content));

describe.each(contents)('B5 %s', (_kind, n, next) => {
	const isIdentity = n < 3;

	test('B5 may be succeeded by another value', () => expect(judge(one(), n, next('b'))).toBe('ok'));
	test('B5 not by the same content', () => expect(judge(one(), n, next('a'))).toBe('successionMustChangeContent'));
	test('B5 not under an id that is used', () =>
		expect(judge(one(), n, next('b'), 1)).toBe('successorMustNotYetExist'));
	test('B5 not by another owner’s', () =>
		expect(judge(one(), n, { ...next('b'), owner: `${anna}x` })).toBe('successionMustNotChangeOwner'));
	test('B5 not by another value type', () => {
		const value = isIdentity
			? { '@type': 'Surname', value: 'b' }
			: { '@type': 'ProprietaryInteger', title: 't', value: 1 };
		expect(judge(one(), n, { ...next('b'), value } as Attribute)).toBe('successionMustNotChangeValueType');
	});
	test('B5 not by the other kind of content', () => {
		const { owner } = next('b');
		const other = isIdentity ? relationship(owner, 'b') : identity(owner, 'b');
		const expected = isIdentity ? 'successionMustNotChangeContentType' : 'successionMustNotChangeKey';
		expect(judge(one(), n, other)).toBe(expected);
	});
	test('B5 not with forbidden characters', () =>
		expect(judge(one(), n, next('🙂'))).toBe('forbiddenCharactersInAttribute'));
	test('B5 not twice', () => {
		const p = one();
		p.views.put('attributes', { ...row(p, n), succeededBy: id('ATT', 19) });
		expect(judge(p, n, next('a'))).toBe('cannotSucceedAttributesWithASuccessor');
	});
});

describe('B5 what is about to be deleted', () => {
	const end = { deletionStatus: 'DeletedByEmitter', deletionDate: day(2) } as const;
	const promise = { deletionStatus: 'ToBeDeleted', deletionDate: day(9) } as const;
	test.each(contents.slice(1))(
		'B5 %s that the other side deleted cannot be succeeded, one that is promised can',
		(_kind, n, next) => {
			const gone = one();
			markDeletion(
				gone.at(day(2)),
				id('ATT', n),
				n === 3 ? { ...end, deletionStatus: 'DeletedByRecipient' } : end
			);
			expect(judge(gone, n, next('b'))).toBe('cannotSucceedSharedAttributesDeletedByPeer');
			const promised = one();
			markDeletion(promised.at(day(2)), id('ATT', n), promise);
			expect(judge(promised, n, next('b'))).toBe('ok');
		}
	);

	test('B5 an own identity attribute may be succeeded whatever its forwardings say', () => {
		const p = one();
		addForwarding(p.at(day(2)), id('ATT', 1), berlin, id('REQ', 1));
		markForwardingDeletion(p.at(day(3)), id('ATT', 1), berlin, {
			deletionStatus: 'DeletedByRecipient',
			deletionDate: day(3)
		});
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
	])('B5 succeeding an own relationship attribute with %s', (_name, n, content, expected) => {
		expect(code(prepareRelationshipSuccessor(one().views, id('ATT', n), content, day(2)))).toBe(expected);
	});

	test('B5 key, owner, confidentiality and isTechnical are inherited', () => {
		const p = party(anna);
		const old = relationship(anna, 'a', { confidentiality: 'protected', isTechnical: true, key: 'k' });
		receiveAttribute(p.at(day(1)), withBerlin(1, old));
		expect(prepareRelationshipSuccessor(p.views, id('ATT', 1), relationshipValue('b'), day(2))).toEqual({
			ok: true,
			value: { ...old, value: relationshipValue('b').value }
		});
	});

	test('B5 of an own identity attribute tags are judged first, then the rest', () => {
		const p = one();
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
	test.each(contents)('B5 %s and its successor are linked both ways, told once', (_kind, n, next) => {
		const p = one();
		p.heard();
		const successor = { id: id('ATT', 20), content: next('b'), peer: berlin, sourceReference: id('NOT', 1) };
		for (const at of [day(2), day(3)]) {
			if (n === 1) succeedOwn(p.at(at), id('ATT', 1), successor.id, identity(anna, ' b '));
			else if (n === 3) succeedOwnRelationship(p.at(at), id('ATT', 3), successor);
			else receiveSuccessor(p.at(at), id('ATT', n), successor);
		}
		expect(row(p, n).succeededBy).toBe(id('ATT', 20));
		expect(row(p, 20)).toMatchObject({ succeeds: id('ATT', n), '@type': row(p, n)['@type'], content: next('b') });
		expect(row(p, 20).peer).toBe(row(p, n).peer);
		expect(p.heard()).toEqual(['consumption.attributeSucceeded']);
	});

	test('B5 what was said about deleting the old version is not said of the new one', () => {
		const p = one();
		markDeletion(p.at(day(2)), id('ATT', 2), { deletionStatus: 'ToBeDeleted', deletionDate: day(9) });
		receiveSuccessor(p.at(day(3)), id('ATT', 2), withBerlin(20, identity(berlin, 'b')));
		expect([row(p, 2).deletionInfo?.deletionStatus, row(p, 20).deletionInfo]).toEqual(['ToBeDeleted', undefined]);
	});

	test('B5 two devices succeed one own relationship attribute: one chain, the later behind the winner and marked', () => {
		const p = one();
		const successor = (n: number, value: string) => ({
			id: id('ATT', n),
			content: relationship(anna, value),
			sourceReference: id('NOT', n)
		});
		succeedOwnRelationship(p.at(day(2)), id('ATT', 3), successor(20, 'b'));
		succeedOwnRelationship(p.at(day(2)), id('ATT', 3), successor(21, 'c'));
		expect(versionsOf(p.views, row(p, 3)).map((each) => each.id)).toEqual([21, 20, 3].map((n) => id('ATT', n)));
		expect([row(p, 20)._rebased, row(p, 21)._rebased]).toEqual([undefined, true]);
	});

	test('B5 succeeding what was deleted meanwhile has no effect, as it has none at the peer', () => {
		const p = one();
		p.views.delete('attributes', id('ATT', 3));
		const successor = { id: id('ATT', 20), content: relationship(anna, 'b'), sourceReference: id('NOT', 1) };
		succeedOwnRelationship(p.at(day(2)), id('ATT', 3), successor);
		expect(p.views.get('attributes', id('ATT', 20))).toBeUndefined();
	});
});
