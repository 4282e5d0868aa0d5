/** Attributes of every kind come into being, and are found again (content-behaviours.md B1, B8). */
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../content/attribute.ts';
import type { AttributeRow } from '../views.ts';
import { attributeDto } from '../views-dto.ts';
import { markDeletion } from './deletion.ts';
import { createOwn, findOwn, prepareOwn, succeedOwn } from './own.ts';
import { findReceived, isKeyInUse, ownerFault, receiveAttribute, type Received } from './peer.ts';
import { prepareRelationshipSuccessor } from './succession.ts';
import { anna, berlin, carl, code, day, id, identity, party, relationship, type Party } from './testing/party.ts';

const received = (n: number, content: Attribute, more: Partial<Received> = {}): Received => ({
	id: id('ATT', n),
	content,
	peer: berlin,
	sourceReference: id('REQ', n),
	...more
});
const row = (p: Party, n: number) => p.views.get('attributes', id('ATT', n)) as AttributeRow;

describe('B1 create', () => {
	test.each([
		['a peer identity attribute', identity(berlin, 'Berlin'), {}, 'PeerIdentityAttribute'],
		['an own relationship attribute', relationship(anna, '7'), {}, 'OwnRelationshipAttribute'],
		['a peer relationship attribute', relationship(berlin, '7'), {}, 'PeerRelationshipAttribute'],
		[
			'a third-party relationship attribute',
			relationship(carl, '7'),
			{ initialAttributePeer: carl },
			'ThirdPartyRelationshipAttribute'
		]
	] as const)('B1 %s is created with the given id, peer and source', (_name, content, more, kind) => {
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
		expect(attributeDto(row(p, 1))).toEqual(shown);
		expect(p.told).toEqual([{ name: 'consumption.attributeCreated', data: shown }]);
	});

	test('B1 what is folded twice is there once and told once', () => {
		const p = party(anna);
		for (const n of [1, 2]) receiveAttribute(p.at(day(n)), received(1, relationship(berlin, '7')));
		expect(p.views.list('attributes')).toHaveLength(1);
		expect(p.heard()).toEqual(['consumption.attributeCreated']);
	});

	test('B1 a peer’s identity value is trimmed, a relationship’s is kept as it came', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, identity(berlin, '  Berlin ')));
		receiveAttribute(p.at(day(1)), received(2, relationship(berlin, '  7 ')));
		expect([1, 2].map((n) => (row(p, n).content['value'] as { value: string }).value)).toEqual(['Berlin', '  7 ']);
	});

	test('B1 SchematizedXML is allowed although no screen edits it', () => {
		const p = party(anna);
		const value = { '@type': 'SchematizedXML', value: '<a/>' };
		expect(code(prepareOwn(p.views, anna, { value }, day(1)))).toBe('ok');
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
	])('B1 a peer may give %s: judged by owner', (_name, content, more, expected) => {
		expect(code(ownerFault(anna, { content, peer: berlin, ...more }))).toBe(expected);
	});
});

describe('B8 duplicates, keys, characters', () => {
	test('B8 an own identity attribute with the same trimmed value is found, the newest version only', () => {
		const p = party(anna);
		createOwn(p.at(day(1)), id('ATT', 1), identity(anna, 'Anna'));
		succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 2), identity(anna, 'Ann'));
		expect(findOwn(p.views, identity(anna, ' Ann ').value)?.id).toBe(id('ATT', 2));
		expect(findOwn(p.views, identity(anna, 'Anna').value)).toBeUndefined();
		expect(findOwn(p.views, identity(anna, 'Ann', { type: 'Surname' }).value)).toBeUndefined();
	});

	test('B8 a peer’s identity attribute with the same trimmed value is found, whatever its tags, until it is gone', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, identity(berlin, 'Berlin', { tags: ['x:a'] })));
		const asked = { content: identity(berlin, ' Berlin'), peer: berlin };
		expect(findReceived(p.views, asked)?.id).toBe(id('ATT', 1));
		expect(findReceived(p.views, { ...asked, content: identity(berlin, 'Bonn') })).toBeUndefined();
		expect(findReceived(p.views, { ...asked, peer: carl })).toBeUndefined();
		markDeletion(p.at(day(2)), id('ATT', 1), { deletionStatus: 'ToBeDeleted', deletionDate: day(9) });
		expect(findReceived(p.views, asked)?.id).toBe(id('ATT', 1));
		const gone = { deletionStatus: 'DeletedByEmitter', deletionDate: day(3) } as const;
		markDeletion(p.at(day(3)), id('ATT', 1), gone, { override: true });
		expect(findReceived(p.views, asked)).toBeUndefined();
	});

	test('B8 a third party’s attribute is found by value, owner, key and whom the peer has it with', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, relationship(carl, '7'), { initialAttributePeer: carl }));
		const asked = { content: relationship(carl, '7'), peer: berlin, initialAttributePeer: carl };
		expect(findReceived(p.views, asked)?.id).toBe(id('ATT', 1));
		for (const other of [relationship(carl, '8'), relationship(carl, '7', { key: 'k' }), relationship(berlin, '7')])
			expect(findReceived(p.views, { ...asked, content: other })).toBeUndefined();
		expect(findReceived(p.views, { content: relationship(carl, '7'), peer: berlin })).toBeUndefined();
	});

	test('B8 a key is in use by owner and value type within one relationship, until its attribute is about to go', () => {
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
		markDeletion(p.at(day(2)), id('ATT', 1), { deletionStatus: 'ToBeDeletedByRecipient', deletionDate: day(9) });
		expect(isKeyInUse(p.views, berlin, asked)).toBe(false);
	});

	test('B8 forbidden characters are found in relationship values, but title and description may hold any', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1)), received(1, relationship(anna, '7')));
		const value = { '@type': 'ProprietaryString', title: 'Номер', description: '🙂', value: '8' };
		expect(code(prepareRelationshipSuccessor(p.views, id('ATT', 1), { value }, day(2)))).toBe('ok');
		expect(
			code(prepareRelationshipSuccessor(p.views, id('ATT', 1), { value: { ...value, value: '🙂' } }, day(2)))
		).toBe('forbiddenCharactersInAttribute');
	});
});
