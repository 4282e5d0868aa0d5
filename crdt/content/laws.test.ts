/** Laws that hold for content of every kind, and for whatever else may come. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Result } from '../result.ts';
import { isEqualJson, isJson } from './json.ts';
import {
	parseAttribute,
	parseCreationContent,
	parseIdentityAttribute,
	parseIdentityAttributeQuery,
	parseMessageContent,
	parseQuery,
	parseRequest,
	parseResponse,
	parseTemplateContent,
	parseTokenContent
} from './parse.ts';
import { parseTagCollection } from './tags.ts';
import {
	creationContents,
	identityAttribute,
	messages,
	queries,
	relationshipAttribute,
	requestItems,
	responseItems,
	templateContents,
	tokenContents
} from './testing/arbitraries.ts';
import { parseIdentityValue } from './values.ts';

const relationship = {
	'@type': 'RelationshipAttribute',
	owner: '',
	key: 'k',
	confidentiality: 'public',
	value: { '@type': 'ProprietaryString', title: 't', value: 'v' }
};

/** Each item alone, as a whole request or response. */
const inItems = (item: unknown) => ({ requestId: 'REQ1', result: 'Accepted', items: [item] });
const inRequest = (items: { readonly [kind: string]: fc.Arbitrary<unknown> }) =>
	Object.fromEntries(
		Object.entries(items).map(([kind, item]) => [
			kind,
			item.map((one) => ({ '@type': 'Request', items: [one, { '@type': 'RequestItemGroup', items: [one] }] }))
		])
	);
const inResponse = (items: { readonly [kind: string]: fc.Arbitrary<unknown> }) =>
	Object.fromEntries(
		Object.entries(items).map(([kind, item]) => [
			kind,
			item.map((one) => ({ '@type': 'Response', ...inItems(one) }))
		])
	);

describe('laws', () => {
	const doors: [string, (json: unknown) => Result<unknown>, { readonly [kind: string]: fc.Arbitrary<unknown> }][] = [
		['message', parseMessageContent, messages],
		['template', parseTemplateContent, templateContents],
		['relationship', parseCreationContent, creationContents],
		['token', parseTokenContent, tokenContents],
		['attribute', parseAttribute, { identityAttribute, relationshipAttribute }],
		['identity query', (json) => parseQuery('IdentityAttributeQuery', json), { query: queries.identity }],
		[
			'relationship query',
			(json) => parseQuery('RelationshipAttributeQuery', json),
			{ query: queries.relationship }
		],
		[
			'third party query',
			(json) => parseQuery('ThirdPartyRelationshipAttributeQuery', json),
			{ query: queries.thirdParty }
		],
		['IQL query', (json) => parseQuery('IQLQuery', json), { query: queries.iql }],
		['request', parseRequest, inRequest(requestItems)],
		['response', parseResponse, inResponse(responseItems)]
	];
	const cases = doors.flatMap(([door, parse, kinds]) =>
		Object.entries(kinds).map(([kind, content]) => [door, kind, parse, content] as const)
	);

	test.each(cases)(
		'of a %s, %s: read, written as JSON and read again it is the same',
		(_door, _kind, parse, content) => {
			fc.assert(
				fc.property(content, (json) => {
					const once = parse(json);
					expect(once).toEqual({ ok: true, value: json });
					if (once.ok) expect(parse(JSON.parse(JSON.stringify(once.value)))).toEqual(once);
				}),
				{ numRuns: 40 }
			);
		}
	);

	test('no JSON whatever makes a parser throw', () => {
		const seeds = fc.oneof(...cases.map(([, , , content]) => content as fc.Arbitrary<object>));
		const member = fc.constantFrom(
			'@type',
			'items',
			'query',
			'attribute',
			'value',
			'valueType',
			'valueHintsOverride',
			'attributeCreationHints',
			'thirdParty',
			'queryString',
			'settings',
			'owner',
			'tags',
			'to',
			'response',
			'onNewRelationship',
			'constructor',
			'toString'
		);
		const broken = fc
			.tuple(seeds, fc.dictionary(member, fc.jsonValue()))
			.map(([seed, change]) => ({ ...seed, ...change }));
		fc.assert(
			fc.property(fc.oneof(fc.jsonValue(), broken, broken.map(inItems)), (json) => {
				for (const [, parse] of doors) expect(typeof parse(json).ok).toBe('boolean');
				expect(typeof parseIdentityAttribute(json).ok).toBe('boolean');
				expect(typeof parseIdentityAttributeQuery(json).ok).toBe('boolean');
				expect(typeof parseIdentityValue(json, { strict: { today: '2030-01-01T00:00:00.000Z' } }).ok).toBe(
					'boolean'
				);
				expect(typeof parseTagCollection(json).ok).toBe('boolean');
			}),
			{ numRuns: 1_000 }
		);
	});

	test('hints, credentials and tags nested without end are refused, not followed', () => {
		const nest = (depth: number, wrap: (inner: unknown) => unknown, core: unknown): unknown =>
			Array.from({ length: depth }).reduce((inner) => wrap(inner), core);
		const hints = nest(20_000, (inner) => ({ propertyHints: { a: inner } }), { propertyHints: {} });
		const value = { '@type': 'ProprietaryString', title: 't', value: 'v', valueHintsOverride: hints };
		expect(parseAttribute({ ...relationship, value }).ok).toBe(false);
		const json = nest(20_000, (inner) => [inner], 1);
		expect(
			parseAttribute({ ...relationship, value: { '@type': 'ProprietaryJSON', title: 't', value: json } }).ok
		).toBe(false);
		const tag = nest(20_000, (inner) => ({ displayNames: {}, children: { a: inner } }), { displayNames: {} });
		const collection = { supportedLanguages: [], tagsForAttributeValueTypes: { GivenName: { a: tag } } };
		expect(parseTagCollection(collection).ok).toBe(false);
		expect(parseTokenContent({ deep: json }).ok).toBe(false);
	});

	test('types named like members of every object are unknown types', () => {
		for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
			for (const parse of [parseMessageContent, parseRequest]) {
				expect(parse({ '@type': type }).ok).toBe(false);
				expect(parseRequest({ items: [{ '@type': type, mustBeAccepted: true }] }).ok).toBe(false);
			}
	});

	test('JSON is compared by structure: member order and absent members do not matter', () => {
		fc.assert(
			fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
				expect(isEqualJson(a, JSON.parse(JSON.stringify(a)))).toBe(true);
				expect(isEqualJson(a, b)).toBe(isEqualJson(b, a));
			})
		);
		expect(isEqualJson({ a: 1, b: undefined, c: [2] }, { c: [2], a: 1 })).toBe(true);
		expect(isEqualJson({ a: 1 }, { a: 1, b: null })).toBe(false);
		expect(isEqualJson([1, 2], [2, 1])).toBe(false);
		expect(isEqualJson([-0], [0])).toBe(true);
		expect(isEqualJson(JSON.parse('{"__proto__":{}}'), {})).toBe(false);
	});

	test('JSON nested deeper than anybody needs is no JSON', () => {
		const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
		expect([isJson(nested(40)), isJson(nested(100)), isJson(NaN), isJson(() => 1)]).toEqual([
			true,
			false,
			false,
			false
		]);
	});
});
