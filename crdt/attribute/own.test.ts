/** Own identity attributes: created, succeeded, adopted, listed; on two devices too (content-behaviours.md B1, B5, B6, F). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IdentityAttribute } from '../content/attribute.ts';
import type { IdentityAttributeQuery } from '../content/query.ts';
import { attributeDto } from '../views-dto.ts';
import { deleteAttribute } from './delete.ts';
import { adoptOwn, checkOwn, createOwn, prepareOwn, succeedOwn } from './own.ts';
import { candidates } from './query.ts';
import { addForwarding } from './sharing.ts';
import { prepareSuccessor } from './succession.ts';
import { anna, berlin, carl, code, day, id, party, type Party } from './testing/party.ts';
import { numbersOf, oneOfEach, rowOf } from './testing/wallet.ts';
import { listAttributes, ownIdentityAttributes, versionsOf } from './versions.ts';

const name = (value: string, tags?: string[]): IdentityAttribute => ({
	'@type': 'IdentityAttribute',
	owner: anna,
	value: { '@type': 'GivenName', value },
	...(tags && { tags })
});
const given = (value: string, tags?: string[]) => ({ value: { '@type': 'GivenName', value }, ...(tags && { tags }) });
const shown = (p: Party) => ownIdentityAttributes(p.views).map((attribute) => attribute.id);

describe('may it be created', () => {
	const p = party(anna);
	createOwn(p.at(day(1)), id('ATT', 1), name('Anna'));
	succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 2), name('Ann', ['x:short']));

	test.each<[string, object, string]>([
		['a new value', given('Berta'), 'ok'],
		['an equal value', given('Ann'), 'cannotCreateDuplicateOwnIdentityAttribute'],
		['an equal value with other tags', given('Ann', ['x:other']), 'cannotCreateDuplicateOwnIdentityAttribute'],
		['an equal value with blanks around', given('  Ann '), 'cannotCreateDuplicateOwnIdentityAttribute'],
		['the value of a superseded one', given('Anna'), 'ok'],
		['the same text as another type', { value: { '@type': 'Surname', value: 'Ann' } }, 'ok'],
		['an invalid tag', given('Berta', ['private']), 'invalidTags'],
		['a tag twice', given('Berta', ['x:a', 'x:a']), 'invalidPropertyValue'],
		['a number as a name', { value: { '@type': 'GivenName', value: 7 } }, 'invalidPropertyValue'],
		[
			'a text as a year',
			{ value: { '@type': 'BirthDate', day: 1, month: 1, year: '1990' } },
			'invalidPropertyValue'
		],
		['month 14', { value: { '@type': 'BirthDate', day: 1, month: 14, year: 1990 } }, 'invalidPropertyValue'],
		['an extra member', { value: { '@type': 'GivenName', value: 'Berta', more: 1 } }, 'invalidPropertyValue'],
		['an unknown type', { value: { '@type': 'Shoe', value: '38' } }, 'invalidPropertyValue'],
		['no value', {}, 'invalidPropertyValue']
	])('B1.1 E1.5 may it be created: %s', (_name, content, expected) => {
		expect(code(checkOwn(p.views, anna, content, day(3)))).toBe(expected);
		expect(code(prepareOwn(p.views, anna, content, day(3)))).toBe(expected);
	});

	test('B1.1 a forbidden character is refused on creating; asking whether it may be does not look, as clients know it', () => {
		expect(code(checkOwn(p.views, anna, given('Анна'), day(3)))).toBe('ok');
		expect(code(prepareOwn(p.views, anna, given('Анна'), day(3)))).toBe('forbiddenCharactersInAttribute');
	});

	test('B1.1 values are trimmed, and owned by oneself', () => {
		expect(prepareOwn(p.views, anna, given(' Berta\n', ['x:a']), day(3))).toEqual({
			ok: true,
			value: name('Berta', ['x:a'])
		});
	});

	test('B1.1 an invalid tag is refused', () => {
		expect(code(prepareOwn(p.views, anna, given('Berta', ['x:a', 'private']), day(3)))).toBe('invalidTags');
	});

	test('B1.1 SchematizedXML is allowed, although no screen edits it', () => {
		const q = party(anna);
		const prepared = prepareOwn(q.views, anna, { value: { '@type': 'SchematizedXML', value: '<a/>' } }, day(3));
		if (!prepared.ok) throw new Error(prepared.error.message);
		createOwn(q.at(day(3)), id('ATT', 1), prepared.value);
		expect(rowOf(q, 1).content).toMatchObject({ owner: anna, value: { '@type': 'SchematizedXML', value: '<a/>' } });
	});

	test('looking changes nothing', () => {
		expect(p.views.list('attributes')).toHaveLength(2);
	});
});

describe('creating', () => {
	test('B1.1 an own identity attribute is created: the row says what REST shows, and it is told once', () => {
		const p = party(anna);
		createOwn(p.at(day(1)), id('ATT', 1), name(' Anna '));
		createOwn(p.at(day(2)), id('ATT', 1), name('Anna'));
		const dto = {
			'@type': 'OwnIdentityAttribute',
			id: id('ATT', 1),
			createdAt: day(1),
			content: name('Anna'),
			numberOfForwards: 0
		};
		expect(attributeDto(rowOf(p, 1))).toEqual(dto);
		expect(p.told).toEqual([{ name: 'consumption.attributeCreated', data: dto }]);
	});

	test('equal ones of two devices are one, the lowest id, in whatever order they come', () => {
		const orders = [
			[1, 2, 3],
			[3, 2, 1],
			[2, 3, 1],
			[2, 1, 3],
			[3, 1, 2],
			[1, 3, 2]
		];
		for (const order of orders) {
			const p = party(anna);
			for (const n of order) createOwn(p.at(day(n), { defaults: true }), id('ATT', n), name('Anna'));
			expect(shown(p)).toEqual([id('ATT', 1)]);
			expect([2, 3].map((n) => rowOf(p, n)._aliasOf)).toEqual([id('ATT', 1), id('ATT', 1)]);
			expect(p.views.list('attributes').filter((attribute) => attribute.isDefault)).toEqual([rowOf(p, 1)]);
		}
	});
});

describe('may it be succeeded', () => {
	const p = party(anna);
	createOwn(p.at(day(1)), id('ATT', 1), name('Anna', ['x:a']));
	createOwn(p.at(day(1)), id('ATT', 2), name('Berta'));
	succeedOwn(p.at(day(2)), id('ATT', 2), id('ATT', 3), name('Bertha'));
	for (const [n, kind] of Object.entries({
		7: 'PeerIdentityAttribute'
	} as const))
		p.views.put('attributes', { ...rowOf(p, 1), id: id('ATT', Number(n)), '@type': kind });

	test.each<[string, number, object, string]>([
		['a new value', 1, given('Ann', ['x:a']), 'ok'],
		['other tags only', 1, given('Anna', ['x:b']), 'ok'],
		['no tags any more', 1, given('Anna'), 'ok'],
		['nothing new', 1, given('Anna', ['x:a']), 'successionMustChangeContent'],
		['blanks only (compared untrimmed, as clients know it)', 1, given('Anna ', ['x:a']), 'ok'],
		['another value type', 1, { value: { '@type': 'Surname', value: 'Ann' } }, 'successionMustNotChangeValueType'],
		['a forbidden character', 1, given('Анна'), 'forbiddenCharactersInAttribute'],
		['an invalid tag, said first', 2, given('Анна', ['b']), 'invalidTags'],
		['a successor already, said before content', 2, given('Berta'), 'cannotSucceedAttributesWithASuccessor'],
		['a value that is none', 1, given('x'.repeat(101)), 'successorIsNotAValidAttribute'],
		['a form that does not fit', 1, { value: { '@type': 'GivenName' } }, 'invalidPropertyValue'],
		['an unknown predecessor', 99, given('Ann'), 'recordNotFound'],
		['a peer’s attribute', 7, given('Ann'), 'isNotOwnIdentityAttribute']
	])('B5.1 may it be succeeded: %s', (_name, n, content, expected) => {
		expect(code(prepareSuccessor(p.views, anna, id('ATT', n), content, day(3)))).toBe(expected);
	});

	test('B5.1 a malformed id is a missing predecessor', () => {
		expect(prepareSuccessor(p.views, anna, 'x', given('Ann'), day(3))).toMatchObject({
			error: { message: "Predecessor attribute 'x' not found." }
		});
	});
});

describe('succeeding', () => {
	test('B5.3 both are linked, the default moves, and it is told once as a pair', () => {
		const p = party(anna);
		createOwn(p.at(day(1), { defaults: true }), id('ATT', 1), name('Anna'));
		p.heard();
		succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 2), name(' Ann '));
		succeedOwn(p.at(day(3)), id('ATT', 1), id('ATT', 2), name(' Ann '));
		expect(rowOf(p, 1)).toMatchObject({ succeededBy: id('ATT', 2) });
		expect(rowOf(p, 1).isDefault).toBeUndefined();
		expect(rowOf(p, 2)).toMatchObject({
			succeeds: id('ATT', 1),
			isDefault: true,
			content: name('Ann'),
			createdAt: day(2)
		});
		expect(p.told).toEqual([
			{
				name: 'consumption.attributeSucceeded',
				data: { predecessor: attributeDto(rowOf(p, 1)), successor: attributeDto(rowOf(p, 2)) }
			}
		]);
		expect(versionsOf(p.views, rowOf(p, 1)).map((version) => version.id)).toEqual([id('ATT', 2), id('ATT', 1)]);
	});

	test('B5.3 the one that lost goes behind the winner: no edit is lost, the chain stays linear', () => {
		const p = party(anna);
		createOwn(p.at(day(1)), id('ATT', 1), name('Anna'));
		succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 3), name('Ann'));
		succeedOwn(p.at(day(3)), id('ATT', 1), id('ATT', 2), name('Annie'));
		expect(versionsOf(p.views, rowOf(p, 1)).map((version) => version.id)).toEqual(
			[2, 3, 1].map((n) => id('ATT', n))
		);
		expect([rowOf(p, 3)._rebased, rowOf(p, 2)._rebased]).toEqual([undefined, true]);
		expect(shown(p)).toEqual([id('ATT', 2)]);
	});

	test('B5.3 the same edit on two devices is one', () => {
		const p = party(anna);
		createOwn(p.at(day(1)), id('ATT', 1), name('Anna'));
		succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 3), name('Ann'));
		p.heard();
		succeedOwn(p.at(day(3)), id('ATT', 1), id('ATT', 2), name('Ann'));
		expect(shown(p)).toEqual([id('ATT', 3)]);
		expect(rowOf(p, 2)._aliasOf).toBe(id('ATT', 3));
		expect(p.heard()).toEqual([]);
	});

	test('B5.3 of an alias it succeeds what is shown; of what is gone it is new', () => {
		const p = party(anna);
		createOwn(p.at(day(1)), id('ATT', 1), name('Anna'));
		createOwn(p.at(day(1)), id('ATT', 2), name('Anna'));
		succeedOwn(p.at(day(2)), id('ATT', 2), id('ATT', 3), name('Ann'));
		expect(rowOf(p, 3)).toMatchObject({ succeeds: id('ATT', 1) });
		expect(rowOf(p, 3)._rebased).toBeUndefined();
		succeedOwn(p.at(day(2)), id('ATT', 50), id('ATT', 4), name('Berta'));
		expect(rowOf(p, 4).succeeds).toBeUndefined();
		expect(shown(p)).toEqual([3, 4].map((n) => id('ATT', n)));
	});

	test('F5 concurrent successions in any order leave one chain with every edit in it', () => {
		fc.assert(
			fc.property(fc.shuffledSubarray([2, 3, 4, 5], { minLength: 1 }), (order) => {
				const p = party(anna);
				createOwn(p.at(day(1)), id('ATT', 1), name('Anna'));
				for (const n of order) succeedOwn(p.at(day(n)), id('ATT', 1), id('ATT', n), name(`Anna ${n}`));
				expect(versionsOf(p.views, rowOf(p, 1)).map((version) => version.id)).toEqual(
					[...order]
						.reverse()
						.concat(1)
						.map((n) => id('ATT', n))
				);
				expect(shown(p)).toEqual([id('ATT', order.at(-1) ?? 1)]);
			})
		);
	});
});

describe('adopting what a response names', () => {
	test('an unknown value is created, a known one is extended by tags, an equal one is an alias', () => {
		const p = party(anna);
		adoptOwn(p.at(day(1)), id('ATT', 1), name('Anna', ['x:a']));
		adoptOwn(p.at(day(2)), id('ATT', 2), name('Anna', ['x:b']));
		adoptOwn(p.at(day(3)), id('ATT', 3), name('Anna', ['x:a']));
		expect(rowOf(p, 2)).toMatchObject({ succeeds: id('ATT', 1), content: name('Anna', ['x:a', 'x:b']) });
		expect(rowOf(p, 3)._aliasOf).toBe(id('ATT', 2));
		expect(p.heard()).toEqual(['consumption.attributeCreated', 'consumption.attributeSucceeded']);
	});
});

describe('candidates for a query', () => {
	const query = (valueType: IdentityAttributeQuery['valueType'], tags?: string[]): IdentityAttributeQuery => ({
		'@type': 'IdentityAttributeQuery',
		valueType,
		...(tags && { tags })
	});

	test('latest versions only, default first, then the latest', () => {
		const p = party(anna);
		createOwn(p.at(day(1), { defaults: true }), id('ATT', 1), name('Anna'));
		createOwn(p.at(day(2)), id('ATT', 2), name('Berta', ['x:a']));
		createOwn(p.at(day(3)), id('ATT', 3), name('Carla', ['x:b']));
		succeedOwn(p.at(day(4)), id('ATT', 2), id('ATT', 4), name('Bertha', ['x:a', 'x:c']));
		const found = (q: IdentityAttributeQuery) =>
			candidates(p.views, anna, q).map((attribute) => Number(attribute.id.slice(3)));
		expect(found(query('GivenName'))).toEqual([1, 4, 3]);
		expect(found(query('GivenName', ['x:c', 'x:b']))).toEqual([4, 3]);
		expect(found(query('GivenName', []))).toEqual([1, 4, 3]);
		expect(found(query('GivenName', ['x:z']))).toEqual([]);
		expect(found(query('Surname'))).toEqual([]);
	});

	test('they are what a slow look at everything finds', () => {
		const tag = fc.constantFrom('x:a', 'x:b', 'x:c');
		const tags = fc.option(fc.uniqueArray(tag), { nil: undefined });
		const made = fc.record({
			type: fc.constantFrom('GivenName', 'Surname'),
			value: fc.constantFrom('A', 'B', 'C'),
			tags,
			of: fc.nat(9)
		});
		fc.assert(
			fc.property(
				fc.array(made, { maxLength: 10 }),
				fc.constantFrom('GivenName' as const, 'Surname' as const),
				tags,
				(rows, valueType, asked) => {
					const p = party(anna);
					rows.forEach(({ type, value, tags: own, of }, n) => {
						const content = { ...name(value, own), value: { '@type': type, value } } as IdentityAttribute;
						const old = p.views.get('attributes', id('ATT', of));
						if (old && of < n && (old.content['value'] as { '@type': string })['@type'] === type)
							succeedOwn(p.at(day(n + 1)), old.id, id('ATT', n), content);
						else createOwn(p.at(day(n + 1)), id('ATT', n), content);
					});
					const slow: string[] = [];
					for (const attribute of p.views.list('attributes')) {
						const { value, tags: own = [] } = attribute.content as unknown as IdentityAttribute;
						if (attribute.succeededBy !== undefined || attribute._aliasOf !== undefined) continue;
						if (value['@type'] !== valueType) continue;
						let common = !asked || asked.length === 0;
						for (const a of asked ?? []) for (const b of own) if (a === b) common = true;
						if (common) slow.push(attribute.id);
					}
					expect(
						candidates(p.views, anna, query(valueType, asked))
							.map((attribute) => attribute.id)
							.sort()
					).toEqual(slow.sort());
				}
			)
		);
	});
});

describe('deleting', () => {
	test('B4.3 predecessors, aliases and forwardings go with it, its successor stands alone', () => {
		const p = party(anna);
		createOwn(p.at(day(1), { defaults: true }), id('ATT', 1), name('Anna'));
		createOwn(p.at(day(1)), id('ATT', 9), name('Anna'));
		succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 2), name('Ann'));
		succeedOwn(p.at(day(3)), id('ATT', 2), id('ATT', 3), name('Annie'));
		addForwarding(p.at(day(3)), id('ATT', 1), berlin, id('REQ', 1));
		p.heard();
		deleteAttribute(p.at(day(4)), id('ATT', 2));
		deleteAttribute(p.at(day(4)), id('ATT', 2));
		expect(p.views.list('attributes').map((attribute) => attribute.id)).toEqual([id('ATT', 3)]);
		expect(rowOf(p, 3).succeeds).toBeUndefined();
		expect(p.views.list('forwardings')).toEqual([]);
		expect(p.heard()).toEqual(['consumption.attributeDeleted', 'consumption.attributeDeleted']);
	});
});

describe('B6 lists', () => {
	test('B6.3 all attributes are listed, of every kind and version', () => {
		const p = oneOfEach();
		succeedOwn(p.at(day(2)), id('ATT', 1), id('ATT', 6), name('b'));
		expect(numbersOf(listAttributes(p.views))).toEqual([1, 2, 3, 4, 5, 6]);
	});

	test('B6.3 lists go by date of creation, ties by arrival, without aliases', () => {
		const p = party(anna);
		createOwn(p.at(day(3)), id('ATT', 1), name('Anna'));
		createOwn(p.at(day(1)), id('ATT', 2), name('Berta'));
		createOwn(p.at(day(1)), id('ATT', 3), { ...name('Carla'), owner: carl });
		createOwn(p.at(day(1)), id('ATT', 4), name('Berta'));
		expect(numbersOf(listAttributes(p.views))).toEqual([2, 3, 1]);
	});
});
