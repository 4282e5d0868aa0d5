import { describe, expect, test } from 'vitest';
import type { Attribute, IdentityAttribute, RelationshipAttribute } from './attribute.ts';
import { parseQuery, parseRequest, parseTemplateContent } from './parse.ts';
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
	test('A4.1 an IdentityAttributeQuery is read, with and without its name', () => {
		const query = { '@type': 'IdentityAttributeQuery', valueType: 'GivenName', tags: ['x:a'] };
		expect(parseQuery('IdentityAttributeQuery', query)).toEqual({ ok: true, value: query });
		expect(parseQuery('IdentityAttributeQuery', { valueType: 'GivenName', tags: ['x:a'] })).toEqual({
			ok: true,
			value: query
		});
		expect(said('IdentityAttributeQuery', { ...query, '@type': 'IQLQuery' })).not.toBe('ok');
	});

	test('A4.1 unknown value types, and those of relationships, are rejected', () => {
		for (const valueType of ['Nonsense', 'ProprietaryString', 'City', ''])
			expect(said('IdentityAttributeQuery', { valueType })).toBe(
				'requestDeserialization | IdentityAttributeQuery.valueType:String :: must be a type of identity attributes'
			);
	});
});

describe('A4 third parties of a query', () => {
	const query = (thirdParty: unknown) => ({ key: 'card', owner: '', thirdParty });
	test.each([
		['A4.2 a string', other, [other]],
		['A4.2 an array', [other, third], [other, third]],
		['A4.2 an address object', { '@type': 'CoreAddress', address: other }, [other]],
		['A4.2 address objects', [{ address: other }, third], [other, third]],
		['A4.2 anyone', '', ['']],
		['A4.2 anyone in an array', [other, ''], [other, '']]
	])('%s comes out as an array', (_name, given, thirdParty) => {
		expect(parseQuery('ThirdPartyRelationshipAttributeQuery', query(given))).toMatchObject({
			value: { thirdParty }
		});
	});

	test.each([
		['A4.2 a number', 7],
		['A4.2 a boolean', true],
		['A4.2 null', null],
		['A4.2 undefined', undefined],
		['A4.2 an empty array', []],
		['A4.2 an empty object', {}],
		['an empty object in an array', [{}]],
		['a name in an array', ['me']],
		['a name', 'me'],
		['a number in an array', [7]],
		['an array in an array', [[other]]]
	])('%s is rejected', (_name, given) => {
		expect(said('ThirdPartyRelationshipAttributeQuery', query(given))).toMatch(/^requestDeserialization/);
	});

	test('A4.2 it survives being nested in a request and in a template, and being read again', () => {
		const item = (thirdParty: unknown) => ({
			'@type': 'ReadAttributeRequestItem',
			mustBeAccepted: true,
			query: { '@type': 'ThirdPartyRelationshipAttributeQuery', ...query(thirdParty) }
		});
		const request = { '@type': 'Request', items: [item([other])] };
		expect(parseRequest({ items: [item(other)] })).toEqual({ ok: true, value: request });
		expect(parseRequest(JSON.parse(JSON.stringify(request)))).toEqual({ ok: true, value: request });
		const template = (items: unknown[]) => ({
			'@type': 'RelationshipTemplateContent',
			onNewRelationship: { items: [{ '@type': 'RequestItemGroup', items }] }
		});
		expect(parseTemplateContent(template([item({ address: other })]))).toEqual({
			ok: true,
			value: template([item([other])])
		});
	});

	test('only three owners can be asked for', () => {
		for (const owner of ['recipient', 'thirdParty', ''])
			expect(said('ThirdPartyRelationshipAttributeQuery', { ...query(other), owner })).toBe('ok');
		expect(said('ThirdPartyRelationshipAttributeQuery', { ...query(other), owner: other })).not.toBe('ok');
	});
});

describe('A4 IQL queries', () => {
	test.each([
		['A4.3 a type', 'GivenName'],
		['A4.3 a tag', "#'x y'"],
		['A4.3 a member', 'tags?'],
		['A4.3 an unknown type', '!NoSuchType && Thing.field=1']
	])('%s is accepted: %j', (_name, queryString) => {
		expect(said('IQLQuery', { queryString })).toBe('ok');
	});

	test('A4.3 what is wrong is told with its column', () => {
		expect(said('IQLQuery', { queryString: 'GivenName &' })).toBe(
			'requestDeserialization | IQLQuery.queryString:String :: invalid IQL query at character offset 11'
		);
		expect(said('IQLQuery', { queryString: 'x'.repeat(4097) })).toBe(
			'requestDeserialization | IQLQuery.queryString:String :: must not be longer than 4096 characters'
		);
	});

	test('A4.3 creation hints may carry tags', () => {
		const hints = { valueType: 'GivenName', tags: ['x:a'] };
		expect(parseQuery('IQLQuery', { queryString: 'GivenName', attributeCreationHints: hints })).toMatchObject({
			value: { attributeCreationHints: hints }
		});
	});

	test('A4.3 creation hints of another type are rejected', () => {
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
	['C11.1 identity: type and owner fit', identity(), identityQuery(), true],
	['C11.1 identity: one tag in common is enough', identity(), identityQuery(['x:z', 'x:b']), true],
	['C11.1 identity: an empty list of tags asks for none', identity(), identityQuery([]), true],
	['C11.1 identity: wrong kind', relationship(), identityQuery(), false],
	['C11.1 identity: foreign owner', identity({ owner: sender }), identityQuery(), false],
	['C11.1 identity: wrong type', identity({ value: { '@type': 'Surname', value: 'M' } }), identityQuery(), false],
	['C11.1 identity: no tag', identity({ tags: [] }), identityQuery(['x:a']), false],
	['C11.1 identity: wrong tags', identity(), identityQuery(['x:z']), false],

	['C11.2 IQL: the query is not judged again', identity(), { '@type': 'IQLQuery', queryString: 'Surname' }, true],
	['C11.2 IQL: wrong kind', relationship(), { '@type': 'IQLQuery', queryString: 'GivenName' }, false],
	['C11.2 IQL: foreign owner', identity({ owner: sender }), { '@type': 'IQLQuery', queryString: 'GivenName' }, false],

	['C11.3 relationship: all fits', relationship(), relationshipQuery(), true],
	['C11.3 relationship: wrong kind', identity(), relationshipQuery(), false],
	['C11.3 relationship: wrong type', relationship(), relationshipQuery({}, { valueType: 'ProprietaryURL' }), false],
	['C11.3 relationship: wrong owner', relationship(), relationshipQuery({ owner: sender }), false],
	['C11.3 relationship: asked owner', relationship({ owner: sender }), relationshipQuery({ owner: sender }), true],
	['C11.3 relationship: no owner is who answers', relationship({ owner: sender }), relationshipQuery(), false],
	['C11.3 relationship: wrong key', relationship(), relationshipQuery({ key: 'desk' }), false],
	['C11.3 relationship: confidentiality', relationship({ confidentiality: 'private' }), relationshipQuery(), false],
	['C11.3 relationship: title', relationship({ value: { ...text, title: 'Other' } }), relationshipQuery(), false],
	['C11.3 relationship: description', relationship(), relationshipQuery({}, { description: 'd' }), false],
	[
		'C11.3 relationship: the same description',
		relationship({ value: { ...text, title: 'Card', description: 'd' } }),
		relationshipQuery({}, { description: 'd' }),
		true
	],
	[
		'C11.3 relationship: a consent has neither title nor description',
		relationship({ value: consent }),
		relationshipQuery({}, { valueType: 'Consent', description: 'd' }),
		true
	],

	['C11.4 third party: wrong kind', identity(), thirdPartyQuery('', [third]), false],
	[
		'C11.4 third party: never the sender’s',
		relationship({ owner: sender }),
		thirdPartyQuery('', [sender, '']),
		false
	],
	['C11.4 third party: key', relationship(), thirdPartyQuery('recipient', [third], 'desk'), false],
	['C11.4 third party: recipient’s own', relationship(), thirdPartyQuery('recipient', [third]), true],
	[
		'C11.4 third party: not the recipient’s',
		relationship({ owner: third }),
		thirdPartyQuery('recipient', [third]),
		false
	],
	[
		'C11.4 third party: the third party’s',
		relationship({ owner: third }),
		thirdPartyQuery('thirdParty', [third]),
		true
	],
	['C11.4 third party: not the recipient’s own', relationship(), thirdPartyQuery('thirdParty', [third]), false],
	['C11.4 third party: not listed', relationship({ owner: other }), thirdPartyQuery('thirdParty', [third]), false],
	['C11.4 third party: any', relationship({ owner: other }), thirdPartyQuery('thirdParty', [third, '']), true],
	['C11.4 third party: any but the recipient', relationship(), thirdPartyQuery('thirdParty', ['']), false],
	['C11.4 third party: recipient listed', relationship(), thirdPartyQuery('thirdParty', ['', me]), true],
	['C11.4 third party: empty owner, own', relationship(), thirdPartyQuery('', [third]), true],
	['C11.4 third party: empty owner, listed', relationship({ owner: third }), thirdPartyQuery('', [third]), true],
	['C11.4 third party: empty owner, not listed', relationship({ owner: other }), thirdPartyQuery('', [third]), false],
	['C11.4 third party: empty owner, any', relationship({ owner: other }), thirdPartyQuery('', ['']), true]
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
