/** Attributes of every kind come into being, and are found again (content-behaviours.md B1, B8). */
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../content/attribute.ts';
import { attributeDto } from '../views-dto.ts';
import { markDeletion } from './deletion.ts';
import { createOwn, findOwn, prepareOwn, succeedOwn } from './own.ts';
import { findReceived, isKeyInUse, ownerFault, receiveAttribute, type Received } from './peer.ts';
import { prepareRelationshipSuccessor } from './succession.ts';
import { anna, berlin, carl, code, day, id, identity, party, relationship } from './testing/party.ts';
import { info, rowOf } from './testing/wallet.ts';

const received = (n: number, content: Attribute, more: Partial<Received> = {}): Received => ({
	id: id('ATT', n),
	content,
	peer: berlin,
	sourceReference: id('REQ', n),
	...more
});

describe('B1 create', () => {
	test.each([
		[
			'B1.3 a peer identity attribute is created with the given id, peer and source',
			identity(berlin, 'Berlin'),
			{},
			'PeerIdentityAttribute'
		],
		[
			'B1.3 an own relationship attribute is created with the given id, peer and source',
			relationship(anna, '7'),
			{},
			'OwnRelationshipAttribute'
		],
		[
			'B1.3 a peer relationship attribute is created with the given id, peer and source',
			relationship(berlin, '7'),
			{},
			'PeerRelationshipAttribute'
		],
		[
			'B1.3 a third party relationship attribute is created with the given id, peer, source and initial peer',
			relationship(carl, '7'),
			{ initialAttributePeer: carl },
			'ThirdPartyRelationshipAttribute'
		]
	] as const)('%s', (_name, content, more, kind) => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, content, more));
		const isForwardable = kind === 'OwnRelationshipAttribute' || kind === 'PeerRelationshipAttribute';
		const shown = {
			'@type': kind,
			id: id('ATT', 1),
			createdAt: day(1),
			content,
			peer: berlin,
			sourceReference: id('REQ', 1),
			...more,
			...(isForwardable && { numberOfForwards: 0 })
		};
		expect(attributeDto(rowOf(p, 1))).toEqual(shown);
		expect(p.told).toEqual([{ name: 'consumption.attributeCreated', data: shown }]);
	});

	test('B1.3 what is folded twice is there once and told once', () => {
		const p = party(anna);
		for (const n of [1, 2]) receiveAttribute(p.at(day(n)), received(1, relationship(berlin, '7')));
		expect(p.views.list('attributes')).toHaveLength(1);
		expect(p.heard()).toEqual(['consumption.attributeCreated']);
	});

	test('B1.3 a peer’s identity value is trimmed, a relationship’s is kept as it came', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, identity(berlin, '  Berlin ')));
		receiveAttribute(p.at(day(1)), received(2, relationship(berlin, '  7 ')));
		expect([1, 2].map((n) => (rowOf(p, n).content['value'] as { value: string }).value)).toEqual([
			'Berlin',
			'  7 '
		]);
	});

	test.each([
		['an identity attribute of the peer', identity(berlin, 'x'), {}, 'ok'],
		['an identity attribute of somebody else', identity(carl, 'x'), {}, 'wrongOwnerOfAttribute'],
		['an identity attribute of ours', identity(anna, 'x'), {}, 'wrongOwnerOfAttribute'],
		['a relationship attribute of ours', relationship(anna, 'x'), {}, 'ok'],
		['a relationship attribute of the peer', relationship(berlin, 'x'), {}, 'ok'],
		['a relationship attribute of somebody else', relationship(carl, 'x'), {}, 'wrongOwnerOfAttribute'],
		['a third party’s of the peer', relationship(berlin, 'x'), { initialAttributePeer: carl }, 'ok'],
		['a third party’s of whom the peer has it with', relationship(carl, 'x'), { initialAttributePeer: carl }, 'ok'],
		['a third party’s of ours', relationship(anna, 'x'), { initialAttributePeer: carl }, 'wrongOwnerOfAttribute'],
		[
			'a third party’s with the peer itself',
			relationship(berlin, 'x'),
			{ initialAttributePeer: berlin },
			'wrongOwnerOfAttribute'
		]
	])('B1.3 whether a peer may give %s is judged by its owner', (_name, content, more, expected) => {
		expect(code(ownerFault(anna, { content, peer: berlin, ...more }))).toBe(expected);
	});
});

describe('B8 duplicates, keys, characters', () => {
	test('B8.1 an own identity attribute with the same trimmed value is found, whatever its tags', () => {
		const p = party(anna);
		createOwn(p.at(day(1)), id('ATT', 1), identity(anna, 'Anna', { tags: ['x:a'] }));
		expect(findOwn(p.views, identity(anna, ' Anna\n').value)?.id).toBe(id('ATT', 1));
	});

	test('B8.1 no own identity attribute is found by another value, another type or a superseded value', () => {
		const p = party(anna);
		createOwn(p.at(day(1)), id('ATT', 1), identity(anna, 'Anna'));
		succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 2), identity(anna, 'Ann'));
		receiveAttribute(p.at(day(3)), received(3, identity(berlin, 'Berta')));
		expect(findOwn(p.views, identity(anna, 'Ann').value)?.id).toBe(id('ATT', 2));
		for (const other of [
			identity(anna, 'Anna'),
			identity(anna, 'Ann', { type: 'Surname' }),
			identity(anna, 'Berta')
		])
			expect(findOwn(p.views, other.value)).toBeUndefined();
	});

	test('B8.1 a peer identity attribute with the same trimmed value is found, whatever its tags', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, identity(berlin, 'Berlin', { tags: ['x:a'] })));
		const asked = { content: identity(berlin, ' Berlin'), peer: berlin };
		expect(findReceived(p.views, asked)?.id).toBe(id('ATT', 1));
		markDeletion(p.at(day(2)), id('ATT', 1), info('ToBeDeleted'));
		expect(findReceived(p.views, asked)?.id).toBe(id('ATT', 1));
	});

	test('B8.1 no peer identity attribute is found by another value, with another peer, or when it is gone at its source', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, identity(berlin, 'Berlin')));
		createOwn(p.at(day(1)), id('ATT', 2), identity(anna, 'Bonn'));
		const asked = { content: identity(berlin, 'Berlin'), peer: berlin };
		expect(findReceived(p.views, { ...asked, content: identity(berlin, 'Bonn') })).toBeUndefined();
		expect(findReceived(p.views, { ...asked, peer: carl })).toBeUndefined();
		markDeletion(p.at(day(3)), id('ATT', 1), info('DeletedByEmitter'));
		expect(findReceived(p.views, asked)).toBeUndefined();
	});

	test('B8.1 a third party’s attribute is found by value, owner, key and whom the peer has it with', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, relationship(carl, '7'), { initialAttributePeer: carl }));
		const asked = { content: relationship(carl, '7'), peer: berlin, initialAttributePeer: carl };
		expect(findReceived(p.views, asked)?.id).toBe(id('ATT', 1));
		for (const other of [relationship(carl, '8'), relationship(carl, '7', { key: 'k' }), relationship(berlin, '7')])
			expect(findReceived(p.views, { ...asked, content: other })).toBeUndefined();
		expect(findReceived(p.views, { content: relationship(carl, '7'), peer: berlin })).toBeUndefined();
	});

	test('B8.1 a key is in use by owner and value type within one relationship, until its attribute is about to go', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, relationship(anna, '7')));
		receiveAttribute(
			p.at(day(1)),
			received(2, relationship(carl, '7', { key: 'other' }), { initialAttributePeer: carl })
		);
		const asked = { key: 'customerNumber', owner: anna, valueType: 'ProprietaryString' };
		expect(isKeyInUse(p.views, berlin, asked)).toBe(true);
		for (const [peer, other] of [
			[carl, asked],
			[berlin, { ...asked, key: 'other' }],
			[berlin, { ...asked, owner: berlin }],
			[berlin, { ...asked, valueType: 'ProprietaryInteger' }]
		] as const)
			expect(isKeyInUse(p.views, peer, other)).toBe(false);
		expect(isKeyInUse(p.views, berlin, { ...asked, key: 'other', owner: carl })).toBe(false);
		markDeletion(p.at(day(2)), id('ATT', 1), info('ToBeDeletedByRecipient'));
		expect(isKeyInUse(p.views, berlin, asked)).toBe(false);
	});

	test.each([
		['B8.4 forbidden characters are found in identity values', identity(anna, 'Анна').value],
		[
			'B8.4 forbidden characters are found in every member of an identity value',
			{ '@type': 'Affiliation', organization: 'Werk', role: '🙂' }
		]
	] as const)('%s', (_name, value) => {
		expect(code(prepareOwn(party(anna).views, anna, { value }, day(2)))).toBe('forbiddenCharactersInAttribute');
	});

	const succeeding = (value: object) => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, relationship(anna, '7')));
		return code(prepareRelationshipSuccessor(p.views, id('ATT', 1), { value }, day(2)));
	};
	test('B8.4 forbidden characters are found in relationship values', () => {
		expect(succeeding({ '@type': 'ProprietaryString', title: 'Number', value: '🙂' })).toBe(
			'forbiddenCharactersInAttribute'
		);
	});

	test('B8.4 title and description of a relationship value may hold any character', () => {
		expect(succeeding({ '@type': 'ProprietaryString', title: 'Номер', description: '🙂', value: '8' })).toBe('ok');
	});
});
