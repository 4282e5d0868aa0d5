import { describe, expect, test } from 'vitest';
import type { Attribute, IdentityAttribute, RelationshipAttribute } from './attribute.ts';
import { parseQuery } from './parse.ts';
import {
	askedTags,
	isIdentityCandidate,
	isRelationshipCandidate,
	isThirdPartyCandidate,
	queryFault,
	type AttributeQuery,
	type IdentityAttributeQuery,
	type RelationshipAttributeQuery,
	type ThirdPartyRelationshipAttributeQuery
} from './query.ts';

const [me, sender, third, other] = ['11', '22', '33', '44'].map(
	(digits) => `did:e:localhost:dids:00000000000000000000${digits}`
) as [string, string, string, string];

const said = (type: AttributeQuery['@type'], json: unknown): string => {
	const parsed = parseQuery(type, json);
	return parsed.ok ? 'ok' : `${parsed.error.code.split('.').at(-1)} | ${parsed.error.message}`;
};

const identity = (changes: Partial<IdentityAttribute> = {}): IdentityAttribute => ({
	'@type': 'IdentityAttribute',
	owner: me,
	value: { '@type': 'GivenName', value: 'Mirela' },
	tags: ['x:a', 'x:b'],
	...changes
});
const relationship = (changes: Partial<RelationshipAttribute> = {}): RelationshipAttribute => ({
	'@type': 'RelationshipAttribute',
	owner: me,
	key: 'card',
	isTechnical: false,
	confidentiality: 'public',
	value: { '@type': 'ProprietaryString', title: 'Card', value: 'RL' },
	...changes
});

describe('A4 identity queries', () => {
	test('A4 an IdentityAttributeQuery is read, with and without its name', () => {
		const query = { '@type': 'IdentityAttributeQuery', valueType: 'GivenName', tags: ['x:a'] };
		expect(parseQuery('IdentityAttributeQuery', query)).toEqual({ ok: true, value: query });
		expect(parseQuery('IdentityAttributeQuery', { valueType: 'GivenName', tags: ['x:a'] })).toEqual({
			ok: true,
			value: query
		});
		expect(said('IdentityAttributeQuery', { ...query, '@type': 'IQLQuery' })).not.toBe('ok');
	});

	test('A4 unknown value types, and those of relationships, are rejected', () => {
		for (const valueType of ['Nonsense', 'ProprietaryString', 'City', ''])
			expect(said('IdentityAttributeQuery', { valueType })).toBe(
				'requestDeserialization | IdentityAttributeQuery.valueType:String :: must be a type of identity attributes'
			);
	});
});

describe('A4 third parties of a query', () => {
	const query = (thirdParty: unknown) => ({ key: 'card', owner: '', thirdParty });
	test.each([
		['one', other, [other]],
		['a list', [other, third], [other, third]],
		['one as an object', { '@type': 'CoreAddress', address: other }, [other]],
		['objects', [{ address: other }, third], [other, third]],
		['anyone', '', ['']],
		['anyone in a list', [other, ''], [other, '']]
	])('A4 %s comes out as a list', (_name, given, thirdParty) => {
		expect(parseQuery('ThirdPartyRelationshipAttributeQuery', query(given))).toMatchObject({
			value: { thirdParty }
		});
	});

	test.each([7, true, null, undefined, [], {}, [{}], ['me'], 'me', [7], [[other]]])('A4 %j is rejected', (given) => {
		expect(said('ThirdPartyRelationshipAttributeQuery', query(given))).toMatch(/^requestDeserialization/);
	});

	test('A4 it survives being read again, and only three owners can be asked for', () => {
		const once = parseQuery('ThirdPartyRelationshipAttributeQuery', query(other));
		if (once.ok) expect(parseQuery('ThirdPartyRelationshipAttributeQuery', once.value)).toEqual(once);
		for (const owner of ['recipient', 'thirdParty', ''])
			expect(said('ThirdPartyRelationshipAttributeQuery', { ...query(other), owner })).toBe('ok');
		expect(said('ThirdPartyRelationshipAttributeQuery', { ...query(other), owner: other })).not.toBe('ok');
	});
});

describe('A4 IQL queries', () => {
	test.each(['GivenName', "#'x y' || !NoSuchType && Thing.field=1", 'tags?'])('A4 %j is accepted', (queryString) => {
		expect(said('IQLQuery', { queryString })).toBe('ok');
	});

	test('A4 what is wrong is told with its column', () => {
		expect(said('IQLQuery', { queryString: 'GivenName &' })).toBe(
			'requestDeserialization | IQLQuery.queryString:String :: invalid IQL query at character offset 11'
		);
		expect(said('IQLQuery', { queryString: 'x'.repeat(4097) })).toBe(
			'requestDeserialization | IQLQuery.queryString:String :: must not be longer than 4096 characters'
		);
	});

	test('A4 creation hints may carry tags, and name a type of identities', () => {
		const hints = { valueType: 'GivenName', tags: ['x:a'] };
		expect(parseQuery('IQLQuery', { queryString: 'GivenName', attributeCreationHints: hints })).toMatchObject({
			value: { attributeCreationHints: hints }
		});
		for (const valueType of ['ProprietaryString', 'Nonsense', undefined])
			expect(said('IQLQuery', { queryString: 'GivenName', attributeCreationHints: { valueType } })).not.toBe(
				'ok'
			);
		expect(said('IQLQuery', { queryString: 'GivenName', attributeCreationHints: { valueType: 'Nonsense' } })).toBe(
			'requestDeserialization | IQLQueryCreationHints.valueType:String :: must be a type of identity attributes'
		);
	});
});

test('the tags a query asks for are those of its value type', () => {
	expect(askedTags({ '@type': 'IdentityAttributeQuery', valueType: 'GivenName', tags: ['x:a'] })).toEqual({
		value: { '@type': 'GivenName' },
		tags: ['x:a']
	});
	const hints = { valueType: 'Surname' as const, tags: ['x:b'] };
	expect(askedTags({ '@type': 'IQLQuery', queryString: '#x:c', attributeCreationHints: hints })).toEqual({
		value: { '@type': 'Surname' },
		tags: ['x:b']
	});
	expect(askedTags({ '@type': 'IQLQuery', queryString: '#x:c' }).tags).toBeUndefined();
	expect(askedTags(relationshipQuery()).tags).toBeUndefined();
});

const identityQuery = (tags?: string[]): IdentityAttributeQuery => ({
	'@type': 'IdentityAttributeQuery',
	valueType: 'GivenName',
	...(tags && { tags })
});
function relationshipQuery(
	changes: Partial<RelationshipAttributeQuery> = {},
	hints: Partial<RelationshipAttributeQuery['attributeCreationHints']> = {}
): RelationshipAttributeQuery {
	return {
		'@type': 'RelationshipAttributeQuery',
		key: 'card',
		owner: '',
		attributeCreationHints: {
			title: 'Card',
			valueType: 'ProprietaryString',
			confidentiality: 'public',
			...hints
		},
		...changes
	};
}
const thirdPartyQuery = (
	owner: 'recipient' | 'thirdParty' | '',
	thirdParty: string[],
	key = 'card'
): ThirdPartyRelationshipAttributeQuery => ({
	'@type': 'ThirdPartyRelationshipAttributeQuery',
	key,
	owner,
	thirdParty
});

type Row = [name: string, attribute: Attribute, query: AttributeQuery, answers: boolean];
const text = { '@type': 'ProprietaryString', value: 'RL' } as const;
const consent = { '@type': 'Consent', consent: 'Yes' } as const;
const rows: Row[] = [
	['C11 identity: type and owner fit', identity(), identityQuery(), true],
	['C11 identity: one tag in common is enough', identity(), identityQuery(['x:z', 'x:b']), true],
	['C11 identity: an empty list of tags asks for none', identity(), identityQuery([]), true],
	['C11 identity: wrong kind', relationship(), identityQuery(), false],
	['C11 identity: foreign owner', identity({ owner: sender }), identityQuery(), false],
	['C11 identity: wrong type', identity({ value: { '@type': 'Surname', value: 'M' } }), identityQuery(), false],
	['C11 identity: no tag', identity({ tags: [] }), identityQuery(['x:a']), false],
	['C11 identity: wrong tags', identity(), identityQuery(['x:z']), false],

	['C11 IQL: the query is not judged again', identity(), { '@type': 'IQLQuery', queryString: 'Surname' }, true],
	['C11 IQL: wrong kind', relationship(), { '@type': 'IQLQuery', queryString: 'GivenName' }, false],
	['C11 IQL: foreign owner', identity({ owner: sender }), { '@type': 'IQLQuery', queryString: 'GivenName' }, false],

	['C11 relationship: all fits', relationship(), relationshipQuery(), true],
	['C11 relationship: wrong kind', identity(), relationshipQuery(), false],
	['C11 relationship: wrong type', relationship(), relationshipQuery({}, { valueType: 'ProprietaryURL' }), false],
	['C11 relationship: wrong owner', relationship(), relationshipQuery({ owner: sender }), false],
	['C11 relationship: asked owner', relationship({ owner: sender }), relationshipQuery({ owner: sender }), true],
	['C11 relationship: no owner is who answers', relationship({ owner: sender }), relationshipQuery(), false],
	['C11 relationship: wrong key', relationship(), relationshipQuery({ key: 'desk' }), false],
	['C11 relationship: confidentiality', relationship({ confidentiality: 'private' }), relationshipQuery(), false],
	['C11 relationship: title', relationship({ value: { ...text, title: 'Other' } }), relationshipQuery(), false],
	['C11 relationship: description', relationship(), relationshipQuery({}, { description: 'd' }), false],
	[
		'C11 relationship: the same description',
		relationship({ value: { ...text, title: 'Card', description: 'd' } }),
		relationshipQuery({}, { description: 'd' }),
		true
	],
	[
		'C11 relationship: a consent has neither title nor description',
		relationship({ value: consent }),
		relationshipQuery({}, { valueType: 'Consent', description: 'd' }),
		true
	],

	['C11 third party: wrong kind', identity(), thirdPartyQuery('', [third]), false],
	['C11 third party: never the sender’s', relationship({ owner: sender }), thirdPartyQuery('', [sender, '']), false],
	['C11 third party: key', relationship(), thirdPartyQuery('recipient', [third], 'desk'), false],
	['C11 third party: recipient’s own', relationship(), thirdPartyQuery('recipient', [third]), true],
	[
		'C11 third party: not the recipient’s',
		relationship({ owner: third }),
		thirdPartyQuery('recipient', [third]),
		false
	],
	[
		'C11 third party: the third party’s',
		relationship({ owner: third }),
		thirdPartyQuery('thirdParty', [third]),
		true
	],
	['C11 third party: not the recipient’s own', relationship(), thirdPartyQuery('thirdParty', [third]), false],
	['C11 third party: not listed', relationship({ owner: other }), thirdPartyQuery('thirdParty', [third]), false],
	['C11 third party: any', relationship({ owner: other }), thirdPartyQuery('thirdParty', [third, '']), true],
	['C11 third party: any but the recipient', relationship(), thirdPartyQuery('thirdParty', ['']), false],
	['C11 third party: recipient listed', relationship(), thirdPartyQuery('thirdParty', ['', me]), true],
	['C11 third party: empty owner, own', relationship(), thirdPartyQuery('', [third]), true],
	['C11 third party: empty owner, listed', relationship({ owner: third }), thirdPartyQuery('', [third]), true],
	['C11 third party: empty owner, not listed', relationship({ owner: other }), thirdPartyQuery('', [third]), false],
	['C11 third party: empty owner, any', relationship({ owner: other }), thirdPartyQuery('', ['']), true]
];

test.each(rows)('%s', (_name, attribute, query, answers) => {
	const fault = queryFault(attribute, query, me, sender);
	expect(fault === undefined).toBe(answers);
	if (!answers) expect(fault).toMatch(/^The attribute .+\.$/);
});

describe('candidates of the own wallet', () => {
	test('identity queries find own attributes of the type with one tag in common', () => {
		expect(isIdentityCandidate(identity(), identityQuery(['x:a']), me)).toBe(true);
		expect(isIdentityCandidate(identity({ owner: sender }), identityQuery(), me)).toBe(false);
		expect(isIdentityCandidate(relationship(), identityQuery(), me)).toBe(false);
	});

	test('relationship queries find by key and owner what is not private; type and title play no part', () => {
		const query = relationshipQuery({}, { valueType: 'ProprietaryURL', title: 'Other' });
		expect(isRelationshipCandidate(relationship(), query, me)).toBe(true);
		expect(isRelationshipCandidate(relationship({ confidentiality: 'protected' }), query, me)).toBe(true);
		expect(isRelationshipCandidate(relationship({ confidentiality: 'private' }), query, me)).toBe(false);
		expect(isRelationshipCandidate(relationship({ owner: sender }), query, me)).toBe(false);
		expect(isRelationshipCandidate(relationship({ owner: sender }), { ...query, owner: sender }, me)).toBe(true);
		expect(isRelationshipCandidate(relationship({ key: '!x' }), { ...query, key: '!x' }, me)).toBe(true);
		expect(isRelationshipCandidate(identity(), query, me)).toBe(false);
	});

	test.each([
		['recipient', [third], me, third, true],
		['recipient', [third], third, third, false],
		['thirdParty', [third], third, third, true],
		['thirdParty', [third], me, third, false],
		['', [third], me, third, true],
		['', [third], third, third, true],
		['', [third], me, other, false],
		['', [''], me, other, true]
	] as const)(
		'third party query owner %j of %j: attribute of %s with peer %s: %s',
		(asked, parties, owner, peer, found) => {
			const query = thirdPartyQuery(asked, [...parties]);
			expect(isThirdPartyCandidate(relationship({ owner }), peer, query, me)).toBe(found);
			expect(isThirdPartyCandidate(relationship({ owner, confidentiality: 'private' }), peer, query, me)).toBe(
				false
			);
			expect(isThirdPartyCandidate(relationship({ owner, key: 'desk' }), peer, query, me)).toBe(false);
			expect(isThirdPartyCandidate(identity(), peer, query, me)).toBe(false);
		}
	);
});
