/** Which own attributes a query finds (content-behaviours.md B3). */
import { describe, expect, test } from 'vitest';
import type { ThirdPartyRelationshipAttributeQuery } from '../content/query.ts';
import { createOwn, succeedOwn } from './own.ts';
import { receiveAttribute } from './peer.ts';
import { findByIdentityQuery, findByIqlQuery, findByRelationshipQuery, findByThirdPartyQuery } from './query.ts';
import { anna, berlin, carl, day, id, identity, party, relationship } from './testing/party.ts';

const numbers = (rows: readonly { readonly id: string }[]) => rows.map((row) => Number(row.id.slice(3)));

function wallet() {
	const p = party(anna);
	const at = p.at(day(1));
	const withBerlin = { peer: berlin, sourceReference: id('REQ', 1) };
	createOwn(at, id('ATT', 1), identity(anna, 'Anna', { tags: ['x:a'] }));
	succeedOwn(at, id('ATT', 1), id('ATT', 2), identity(anna, 'Ann', { tags: ['x:b'] }));
	createOwn(at, id('ATT', 3), identity(anna, 'Meier', { type: 'Surname' }));
	receiveAttribute(at, { id: id('ATT', 4), content: identity(berlin, 'Berta'), ...withBerlin });
	const keyed = (n: number, owner: string, more: Parameters<typeof relationship>[2], peer = berlin) =>
		receiveAttribute(at, { id: id('ATT', n), content: relationship(owner, String(n), more), ...withBerlin, peer });
	keyed(5, anna, { key: 'public' });
	keyed(6, anna, { key: 'protected', confidentiality: 'protected' });
	keyed(7, anna, { key: 'private', confidentiality: 'private' });
	keyed(8, berlin, { key: 'public' });
	keyed(9, carl, { key: 'public' }, carl);
	receiveAttribute(at, {
		id: id('ATT', 10),
		content: relationship(carl, '10', { key: 'public' }),
		...withBerlin,
		initialAttributePeer: carl
	});
	return p;
}

describe('B3 RelationshipAttributeQuery', () => {
	const find = (key: string, owner: string) => {
		const hints = { title: 't', valueType: 'ProprietaryString', confidentiality: 'public' } as const;
		const query = { '@type': 'RelationshipAttributeQuery', key, owner, attributeCreationHints: hints } as const;
		const row = findByRelationshipQuery(wallet().views, anna, query);
		return row && Number(row.id.slice(3));
	};
	test.each([
		['an empty owner is oneself', 'public', '', 5],
		['a public one is found', 'public', anna, 5],
		['a protected one is found', 'protected', anna, 6],
		['a private one is not', 'private', anna, undefined],
		['the peer’s is found by its owner', 'public', berlin, 8]
	])('B3 %s', (_name, key, owner, expected) => {
		expect(find(key, owner)).toBe(expected);
	});
});

describe('B3 ThirdPartyRelationshipAttributeQuery', () => {
	const find = (key: string, owner: ThirdPartyRelationshipAttributeQuery['owner'], thirdParty: string[]) =>
		numbers(
			findByThirdPartyQuery(wallet().views, anna, {
				'@type': 'ThirdPartyRelationshipAttributeQuery',
				key,
				owner,
				thirdParty
			})
		);
	test.each<[string, string, ThirdPartyRelationshipAttributeQuery['owner'], string[], number[]]>([
		['by peer and key, whoever of the two owns it', 'public', '', [berlin], [5, 8]],
		['the recipient’s own', 'public', 'recipient', [berlin], [5]],
		['the third party’s own', 'public', 'thirdParty', [berlin], [8]],
		['of several third parties', 'public', 'thirdParty', [berlin, carl], [8, 9]],
		['a private one never', 'private', '', [berlin], []],
		['another key never', 'wrong', '', [berlin], []],
		['what a third party gave us is not ours to find', 'public', 'thirdParty', [carl], [9]]
	])('B3 %s', (_name, key, owner, parties, expected) => {
		expect(find(key, owner, parties)).toEqual(expected);
	});
});

describe('B3 identity queries', () => {
	test('B3 an IdentityAttributeQuery finds own identity attributes only, superseded ones included', () => {
		const query = { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' } as const;
		expect(numbers(findByIdentityQuery(wallet().views, anna, query))).toEqual([1, 2]);
		expect(numbers(findByIdentityQuery(wallet().views, anna, { ...query, tags: ['x:b', 'x:z'] }))).toEqual([2]);
	});

	test('B3 IQL runs over own identity attributes only', () => {
		const find = (queryString: string) =>
			numbers(findByIqlQuery(wallet().views, { '@type': 'IQLQuery', queryString }));
		expect(find('GivenName || Surname')).toEqual([1, 2, 3]);
		expect(find('GivenName=Berta')).toEqual([]);
		expect(find('#x:b')).toEqual([2]);
	});
});
