import type { AttributeRow, JsonObject } from '@enmeshed/crdt';
import { describe, expect, it } from 'vitest';
import { itemOf, itemTitle } from './requestItems.ts';
import { decisionOf, firstAnswers, leavingValues, problemsOf, type Answers } from './requests.ts';
import { valueText } from './values/text.ts';

const me = 'did:e:localhost:dids:me';
const peer = 'did:e:localhost:dids:peer';
const at = Date.parse('2026-03-01T08:00:00.000Z');
const item = (type: string, more: JsonObject = {}): JsonObject => ({
	'@type': `${type}RequestItem`,
	mustBeAccepted: true,
	...more
});
const between = (owner: string): JsonObject => ({
	'@type': 'RelationshipAttributeQuery',
	key: 'permit',
	owner,
	attributeCreationHints: { title: 'Permit', valueType: 'ProprietaryInteger', confidentiality: 'protected' }
});
const permit = { '@type': 'ProprietaryInteger', title: 'Permit', value: 7 };
const nickname = { '@type': 'Pseudonym', value: 'Mo' };
const identity = (value: JsonObject): JsonObject => ({ '@type': 'IdentityAttribute', owner: '', value });
const byType = (valueType: string): JsonObject => ({ '@type': 'IdentityAttributeQuery', valueType });

const read = (query: JsonObject) => item('ReadAttribute', { query });
const propose = item('ProposeAttribute', { query: byType('Pseudonym'), attribute: identity(nickname) });
const proposeBetween = item('ProposeAttribute', {
	query: between(''),
	attribute: { '@type': 'RelationshipAttribute', owner: '', key: 'permit', confidentiality: 'public', value: permit }
});
const remove = item('DeleteAttribute', { attributeId: 'ATT1' });
const ask = (settings: JsonObject) => item('FormField', { title: 'How many?', settings });

/** One item, decided: what the engine is given, what stands in the way, what leaves. */
function decide(content: JsonObject, answer: Answers[string]) {
	const request = { items: [content] };
	const answers = { '1': answer };
	return {
		decision: decisionOf(request, answers, me).items[0],
		problem: problemsOf(request, answers, at).get('1'),
		leaving: leavingValues(request, answers, () => undefined).map(({ value }) =>
			typeof value === 'string' ? value : valueText(value)
		)
	};
}
const first = (content: JsonObject, candidates: readonly AttributeRow[] = []) =>
	firstAnswers({ items: [content] }, () => candidates, at)['1'];
const row = (id: string) => ({ id, content: { value: nickname } }) as unknown as AttributeRow;

describe('what may be given for a query', () => {
	it.each([
		['an own entry or a new one, where a type is named', byType('GivenName'), 'GivenName', true, true],
		['a new entry, where it is to live between the two', between(''), 'ProprietaryInteger', false, true],
		[
			'an existing one, where it lives with others',
			{ '@type': 'ThirdPartyRelationshipAttributeQuery', key: 'x', owner: '', thirdParty: [''] },
			'',
			true,
			false
		],
		[
			'an existing one, where a search says what fits',
			{ '@type': 'IQLQuery', queryString: 'GivenName' },
			'',
			true,
			false
		],
		[
			'either, where the search says what it would be',
			{ '@type': 'IQLQuery', queryString: '#x', attributeCreationHints: { valueType: 'GivenName' } },
			'GivenName',
			true,
			true
		]
	])('%s', (_, query, valueType, canChoose, canType) =>
		expect(itemOf(read(query as JsonObject), '1')).toMatchObject({ kind: 'read', valueType, canChoose, canType })
	);
});

it.each([
	['GivenName', read(byType('GivenName'))],
	['Permit', read(between(''))],
	['Permit', item('CreateAttribute', { attribute: { value: permit } })],
	['How many?', ask({ '@type': 'IntegerFormFieldSettings' })],
	['Sign in', item('Authentication', { title: 'Sign in' })]
])('an item is called by what it is about: %s', (title, content) =>
	expect(itemTitle(itemOf(content, '1')).replace(' ', '').toLowerCase()).toContain(
		title.replace(' ', '').toLowerCase()
	)
);

describe('deciding an item', () => {
	it('a new entry between two says whose it is, under which key, and how far it may go', () => {
		for (const owner of ['', peer])
			expect(decide(read(between(owner)), { accept: true, fresh: permit }).decision).toEqual({
				accept: true,
				newAttribute: {
					'@type': 'RelationshipAttribute',
					owner: owner || me,
					key: 'permit',
					confidentiality: 'protected',
					value: permit
				}
			});
	});
	it('an entry found by a search is given by its id', () =>
		expect(
			decide(read({ '@type': 'IQLQuery', queryString: 'x' }), { accept: true, existing: 'ATT1' }).decision
		).toEqual({ accept: true, existingAttributeId: 'ATT1' }));
	it('a proposal starts as it was made, can be changed, or be answered with an own entry', () => {
		expect(first(propose, [row('ATT1')])).toEqual({ accept: true, fresh: nickname });
		const changed = { '@type': 'Pseudonym', value: 'Momo' };
		expect(decide(propose, { accept: true, fresh: changed })).toEqual({
			decision: { accept: true, attribute: { '@type': 'IdentityAttribute', owner: me, value: changed } },
			problem: undefined,
			leaving: ['Momo']
		});
		expect(decide(propose, { accept: true, existing: 'ATT1' }).decision).toEqual({
			accept: true,
			attributeId: 'ATT1'
		});
		expect(decide(proposeBetween, { accept: true, fresh: permit }).decision).toMatchObject({
			attribute: { owner: me, key: 'permit', confidentiality: 'public', value: permit }
		});
	});
	it('what is shared with the person is taken when it is needed, and nothing leaves', () => {
		const share = item('ShareAttribute', { attributeId: 'ATT1', attribute: { value: permit } });
		expect(first(share)).toEqual({ accept: true });
		expect(decide(share, { accept: true })).toEqual({
			decision: { accept: true },
			problem: undefined,
			leaving: []
		});
		expect(decide(share, { accept: false }).problem).toBe('storeNeeded');
	});
	it('a deletion is never agreed to by itself, and is thirty days away unless the person says otherwise', () => {
		expect(first(remove)).toEqual({ accept: false, date: '2026-03-31' });
		const { decision, problem } = decide(remove, { accept: true, date: '2026-04-15' });
		expect(problem).toBeUndefined();
		expect(new Date(String((decision as JsonObject)['deletionDate'])).getDate()).toBe(15);
		for (const date of ['2026-02-01', '', 'soon'])
			expect(decide(remove, { accept: true, date }).problem).toBe('deletionDay');
	});
	it('a confirmation is never given by itself', () => {
		const sign = item('Authentication', { title: 'Sign in' });
		expect(first(sign)).toEqual({ accept: false });
		expect(decide(sign, { accept: true }).decision).toEqual({ accept: true });
	});
	it('a file is taken over by nobody unasked; nothing leaves for it', () => {
		const transfer = item('TransferFileOwnership', { fileReference: 'x', ownershipToken: 'y' });
		expect(first(transfer)).toEqual({ accept: false });
		expect(decide(transfer, { accept: true })).toEqual({
			decision: { accept: true },
			problem: undefined,
			leaving: []
		});
		expect(decide(transfer, { accept: false }).problem).toBe('storeNeeded');
	});
	it('what this version cannot do is never accepted, and stands in the way only where it is needed', () => {
		const offer = item('ShareCredentialOffer', { credentialOfferUrl: 'openid-credential-offer://x' });
		expect(decide(offer, { accept: true })).toMatchObject({ decision: { accept: false }, problem: 'unsupported' });
		expect(decide({ ...offer, mustBeAccepted: false }, { accept: false }).problem).toBeUndefined();
	});
});

describe('a form field', () => {
	const string = { '@type': 'StringFormFieldSettings', min: 3, max: 5 };
	const integer = { '@type': 'IntegerFormFieldSettings', min: 1, max: 10 };
	const selection = { '@type': 'SelectionFormFieldSettings', options: ['red', 'blue'] };
	const several = { ...selection, allowMultipleSelection: true };
	it.each([
		['text', string, 'abcd', 'abcd'],
		['a whole number', integer, ' 7 ', 7],
		['a number as Germans write it', { '@type': 'DoubleFormFieldSettings' }, '-1,5', -1.5],
		['no', { '@type': 'BooleanFormFieldSettings' }, 'false', false],
		['a day', { '@type': 'DateFormFieldSettings' }, '2026-03-01', '2026-03-01'],
		['a rating', { '@type': 'RatingFormFieldSettings', maxRating: 5 }, '4', 4],
		['one of several', selection, 'blue', 'blue'],
		['several', several, ['red', 'blue'], ['red', 'blue']]
	])('%s is what the request is answered with', (_, settings, entry, response) => {
		const { decision, problem, leaving } = decide(ask(settings), { accept: true, entry });
		expect(decision).toEqual({ accept: true, response });
		expect(problem).toBeUndefined();
		expect(leaving).toHaveLength(1);
	});
	it.each([
		['too short', string, 'ab'],
		['too long', string, 'abcdef'],
		['no number', integer, 'seven'],
		['a broken number', integer, '7.5'],
		['too small', integer, '0'],
		['too much', integer, '11'],
		['no day', { '@type': 'DateFormFieldSettings' }, 'tomorrow'],
		['nothing', selection, undefined],
		['none of them', several, []]
	])('%s does not go out', (_, settings, entry) => {
		const answer = { accept: true, ...(entry === undefined ? {} : { entry }) };
		expect(decide(ask(settings), answer)).toEqual({
			decision: { accept: false },
			problem: 'response',
			leaving: []
		});
	});
});
