/** Which own attributes a query finds (content-behaviours.md B3). */
import { describe, expect, test } from 'vitest';
import type { ThirdPartyRelationshipAttributeQuery } from '../content/query.ts';
import { markDeletion } from './deletion.ts';
import { createOwn, succeedOwn } from './own.ts';
import { receiveAttribute, succeedOwnRelationship } from './peer.ts';
import { findByIdentityQuery, findByIqlQuery, findByRelationshipQuery, findByThirdPartyQuery } from './query.ts';
import { anna, berlin, carl, day, id, identity, party, relationship, type Party } from './testing/party.ts';
import { info, numbersOf, rowOf, withBerlin } from './testing/wallet.ts';

/** One’s own given name in two versions and a surname, a peer’s given name, relationship attributes with two peers. */
function wallet(): Party {
	const p = party(anna);
	const at = p.at(day(1));
	createOwn(at, id('ATT', 1), identity(anna, 'Anna', { tags: ['x:a'] }));
	succeedOwn(at, id('ATT', 1), id('ATT', 2), identity(anna, 'Ann', { tags: ['x:b'] }));
	createOwn(at, id('ATT', 3), identity(anna, 'Meier', { type: 'Surname' }));
	receiveAttribute(at, withBerlin(4, identity(berlin, 'Berta', { tags: ['x:b'] })));
	const keyed = (n: number, owner: string, more: Parameters<typeof relationship>[2], peer = berlin) =>
		receiveAttribute(at, { ...withBerlin(n, relationship(owner, String(n), more)), peer });
	keyed(5, anna, { key: 'public' });
	keyed(6, anna, { key: 'protected', confidentiality: 'protected' });
	keyed(7, anna, { key: 'private', confidentiality: 'private' });
	keyed(8, berlin, { key: 'public' });
	keyed(9, carl, { key: 'public' }, carl);
	receiveAttribute(at, withBerlin(10, relationship(carl, '10', { key: 'public' }), carl));
	return p;
}

describe('B3 RelationshipAttributeQuery', () => {
	const find = (key: string, owner: string, p: Party = wallet()) => {
		const hints = { title: 't', valueType: 'ProprietaryString', confidentiality: 'public' } as const;
		const query = { '@type': 'RelationshipAttributeQuery', key, owner, attributeCreationHints: hints } as const;
		const row = findByRelationshipQuery(p.views, anna, query);
		return row && Number(row.id.slice(3));
	};
	test.each([
		['B3.1 an empty owner is oneself', 'public', '', 5],
		['B3.1 a public one is found', 'public', anna, 5],
		['B3.1 a protected one is found', 'protected', anna, 6],
		['B3.1 a private one is not found', 'private', anna, undefined],
		['B3.1 the peer’s is found by its owner', 'public', berlin, 8],
		['B3.1 another key finds nothing', 'wrong', '', undefined]
	])('%s', (_name, key, owner, expected) => {
		expect(find(key, owner)).toBe(expected);
	});

	test.each(['123', 'true', '!x', '^pub', '~', '>=1'])('B3.1 the key %s is compared as it is', (key) => {
		const p = wallet();
		receiveAttribute(p.at(day(2)), withBerlin(20, relationship(anna, 'x', { key })));
		expect(find(key, '', p)).toBe(20);
		expect(find(`${key} `, '', p)).toBeUndefined();
	});

	test('B3.1 the latest version is found, and none that the other side deleted', () => {
		const p = wallet();
		const content = relationship(anna, 'new', { key: 'public' });
		succeedOwnRelationship(p.at(day(2)), id('ATT', 5), { ...withBerlin(20, content) });
		expect(find('public', '', p)).toBe(20);
		markDeletion(p.at(day(3)), id('ATT', 20), info('DeletedByRecipient'));
		expect(find('public', '', p)).toBeUndefined();
	});

	test('B3.1 what a third party gave us is not found', () => {
		const p = wallet();
		p.views.delete('attributes', id('ATT', 9));
		expect(rowOf(p, 10).content['owner']).toBe(carl);
		expect(find('public', carl, p)).toBeUndefined();
	});
});

describe('B3 ThirdPartyRelationshipAttributeQuery', () => {
	const find = (key: string, owner: ThirdPartyRelationshipAttributeQuery['owner'], thirdParty: string[]) =>
		numbersOf(
			findByThirdPartyQuery(wallet().views, anna, {
				'@type': 'ThirdPartyRelationshipAttributeQuery',
				key,
				owner,
				thirdParty
			})
		);
	test.each<[string, string, ThirdPartyRelationshipAttributeQuery['owner'], string[], number[]]>([
		['B3.2 found by peer and key', 'protected', '', [berlin], [6]],
		['B3.2 with another peer nothing is found', 'protected', '', [carl], []],
		['B3.2 a private one is never found', 'private', '', [berlin], []],
		['B3.2 a wrong key finds nothing', 'wrong', '', [berlin], []],
		['B3.2 owner recipient finds one’s own', 'public', 'recipient', [berlin], [5]],
		['B3.2 owner thirdParty finds the third party’s', 'public', 'thirdParty', [berlin], [8]],
		['B3.2 an empty owner finds those of both', 'public', '', [berlin], [5, 8]],
		['B3.2 several third parties are looked through', 'public', 'thirdParty', [berlin, carl], [8, 9]],
		['B3.2 an empty third party is any of them', 'public', 'thirdParty', [''], [8, 9]],
		['B3.2 what a third party gave us is not ours to find', 'public', 'thirdParty', [carl], [9]]
	])('%s', (_name, key, owner, parties, expected) => {
		expect(find(key, owner, parties)).toEqual(expected);
	});
});

describe('B3 identity queries', () => {
	const identityQuery = { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' } as const;
	const iql = (queryString: string) =>
		numbersOf(findByIqlQuery(wallet().views, { '@type': 'IQLQuery', queryString }));

	test('B3.3 an IdentityAttributeQuery finds one’s own of that value type, superseded ones included', () => {
		expect(numbersOf(findByIdentityQuery(wallet().views, anna, identityQuery))).toEqual([1, 2]);
		expect(numbersOf(findByIdentityQuery(wallet().views, anna, { ...identityQuery, valueType: 'Sex' }))).toEqual(
			[]
		);
	});

	test('B3.3 an IdentityAttributeQuery finds what has one of its tags', () => {
		const asked = { ...identityQuery, tags: ['x:b', 'x:z'] };
		expect(numbersOf(findByIdentityQuery(wallet().views, anna, asked))).toEqual([2]);
	});

	test('B3.3 an IdentityAttributeQuery finds nothing but own identity attributes', () => {
		const p = wallet();
		for (const n of [1, 2]) p.views.delete('attributes', id('ATT', n));
		expect(rowOf(p, 4).content).toEqual(identity(berlin, 'Berta', { tags: ['x:b'] }));
		expect(findByIdentityQuery(p.views, anna, identityQuery)).toEqual([]);
	});

	test('B3.4 IQL runs over own identity attributes only', () => {
		expect(iql('GivenName || Surname')).toEqual([1, 2, 3]);
		expect(iql('GivenName=Berta')).toEqual([]);
		expect(iql('#x:b')).toEqual([2]);
		expect(iql('key=public')).toEqual([]);
	});
});
