import type { AttributeRow, Json, JsonObject, RequestRow, ValidationResult } from '@enmeshed/crdt';
import { describe, expect, it } from 'vitest';
import { groupsOf, itemsOf } from './requestItems.ts';
import {
	answeredItems,
	decisionOf,
	filterOf,
	firstAnswers,
	leavingValues,
	mergeDraft,
	problemsFrom,
	problemsOf,
	rejectionOf,
	type Answers
} from './requests.ts';
import { valueText } from './values/text.ts';

const said = (value: JsonObject | string): string => (typeof value === 'string' ? value : valueText(value));

const me = 'did:e:localhost:dids:me';
const read = (valueType: string, mustBeAccepted: boolean): JsonObject => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: {
		'@type': 'IdentityAttributeQuery',
		valueType,
		...(valueType === 'EMailAddress' ? { tags: ['x:work'] } : {})
	}
});
const consent = (mustBeAccepted: boolean): JsonObject => ({
	'@type': 'ConsentRequestItem',
	mustBeAccepted,
	consent: 'I agree.'
});
const create = (mustBeAccepted: boolean): JsonObject => ({
	'@type': 'CreateAttributeRequestItem',
	mustBeAccepted,
	attribute: { '@type': 'IdentityAttribute', owner: '', value: { '@type': 'Pseudonym', value: 'Citizen 1' } }
});
const later = (mustBeAccepted: boolean): JsonObject => ({
	'@type': 'ShareCredentialOfferRequestItem',
	mustBeAccepted,
	credentialOfferUrl: 'openid-credential-offer://x'
});
const content: JsonObject = {
	items: [
		{
			'@type': 'RequestItemGroup',
			title: 'About you',
			items: [read('GivenName', true), read('EMailAddress', false)]
		},
		create(true),
		consent(true),
		later(false)
	]
};
const entry = (id: string, type: string, value: string): AttributeRow =>
	({ id, content: { value: { '@type': type, value } } }) as unknown as AttributeRow;
const given = entry('ATT1', 'GivenName', 'Mara');
const attribute = (id: string) => (id === 'ATT1' ? given : undefined);
const start = (has = [given]) =>
	firstAnswers(content, (item) => has.filter((a) => (a.content['value'] as JsonObject)['@type'] === item.valueType));

describe('reading a request', () => {
	it('keeps order and paths, groups what stands outside groups', () => {
		expect(groupsOf(content).map((g) => [g.path, g.title, g.items.map((i) => `${i.path} ${i.kind}`)])).toEqual([
			['1', 'About you', ['1.1 read', '1.2 read']],
			[undefined, undefined, ['2 create', '3 consent', '4 unsupported']]
		]);
	});
	it.each([
		['a value type nobody knows', read('Hologram', true)],
		['a file without a reference', { '@type': 'TransferFileOwnershipRequestItem', ownershipToken: 'x' }],
		[
			'an offer of nothing',
			{
				'@type': 'CreateAttributeRequestItem',
				mustBeAccepted: true,
				attribute: { '@type': 'RelationshipAttribute' }
			}
		],
		['a query nobody knows', { '@type': 'ReadAttributeRequestItem', query: { '@type': 'GuessQuery' } }],
		['a question without settings', { '@type': 'FormFieldRequestItem', title: 'How many?' }],
		['a credential', { '@type': 'ShareCredentialOfferRequestItem', credentialOfferUrl: 'openid://x' }],
		['an item nobody knows', { '@type': 'TelepathyRequestItem', mustBeAccepted: true }],
		['nonsense', { mustBeAccepted: 'yes', query: [] }]
	] as [string, JsonObject][])('shows %s as not supported instead of failing', (_, item) => {
		expect(itemsOf({ items: [item] }).map((i) => i.kind)).toEqual(['unsupported']);
	});
});

describe('where a person starts', () => {
	it('chooses what is needed and there, leaves optional entries out', () => {
		expect(start()).toMatchObject({
			'1.1': { accept: true, existing: 'ATT1' },
			'1.2': { accept: false },
			'2': { accept: true }
		});
	});
	it('never ticks a consent, needed or not', () => {
		for (const mandatory of [true, false])
			expect(firstAnswers({ items: [consent(mandatory)] }, () => [])).toEqual({ '1': { accept: false } });
	});
	it('takes a draft over, but no entry that is gone since', () => {
		const draft = {
			'1.1': { accept: false, existing: 'ATTgone' },
			'3': { accept: true },
			'9': { accept: true }
		} as Json;
		expect(mergeDraft(start(), draft, (id) => id === 'ATT1')).toMatchObject({
			'1.1': { accept: false },
			'3': { accept: true }
		});
		expect(mergeDraft(start(), draft, () => false)).not.toHaveProperty('9');
	});
	it('survives a draft that is no draft', () => {
		for (const draft of [undefined, null, 3, 'x', [], { '1.1': 7 }] as (Json | undefined)[])
			expect(mergeDraft(start(), draft, () => true)).toEqual(start());
	});
});

describe('deciding', () => {
	const filled: Answers = {
		...start(),
		'1.2': { accept: true, fresh: { '@type': 'EMailAddress', value: 'm@example.org' } },
		'3': { accept: true }
	};
	it('mirrors the shape of the request, with the queried tags on a new entry', () => {
		expect(decisionOf(content, filled, me)).toEqual({
			items: [
				{
					items: [
						{ accept: true, existingAttributeId: 'ATT1' },
						{
							accept: true,
							newAttribute: {
								'@type': 'IdentityAttribute',
								owner: me,
								value: { '@type': 'EMailAddress', value: 'm@example.org' },
								tags: ['x:work']
							}
						}
					]
				},
				{ accept: true },
				{ accept: true },
				{ accept: false }
			]
		});
	});
	it('rejects everything in a rejection', () => {
		expect(rejectionOf(content)).toEqual({
			items: [
				{ items: [{ accept: false }, { accept: false }] },
				{ accept: false },
				{ accept: false },
				{ accept: false }
			]
		});
	});
	it('lists exactly the values that leave', () => {
		expect(leavingValues(content, filled, attribute).map((l) => `${l.path} ${said(l.value)}`)).toEqual([
			'1.1 Mara',
			'1.2 m@example.org'
		]);
		expect(leavingValues(content, start([]), attribute)).toEqual([]);
	});
	it('never accepts an entry without a value', () => {
		expect(decisionOf(content, start([]), me).items[0]).toEqual({ items: [{ accept: false }, { accept: false }] });
	});
});

describe('what stands in the way', () => {
	it('is told item by item', () => {
		expect(Object.fromEntries(problemsOf(content, start([])))).toEqual({ '1.1': 'missing', '3': 'consentNeeded' });
		expect(Object.fromEntries(problemsOf(content, {}))).toEqual({
			'1.1': 'unanswered',
			'2': 'storeNeeded',
			'3': 'consentNeeded'
		});
		expect(Object.fromEntries(problemsOf({ items: [later(true)] }, {}))).toEqual({ '1': 'unsupported' });
	});
	it('an optional item that was ticked and not filled is missing, too', () => {
		expect(problemsOf({ items: [read('Surname', false)] }, { '1': { accept: true } }).get('1')).toBe('missing');
	});
	it('takes the verdict of the engine to its place', () => {
		const leaf = (code?: string): ValidationResult => ({ isSuccess: !code, ...(code ? { code } : {}), items: [] });
		const tree: ValidationResult = {
			isSuccess: false,
			code: 'inherited',
			items: [{ isSuccess: false, items: [leaf(), leaf('bad')] }, leaf()]
		};
		expect([...problemsFrom(tree)]).toEqual([['1.2', { code: 'bad' }]]);
	});
});

it('shows what was answered, also where only an id was sent', () => {
	const request = {
		content,
		response: {
			content: {
				items: [
					{
						'@type': 'ResponseItemGroup',
						items: [{ result: 'Accepted', attributeId: 'ATT1' }, { result: 'Rejected' }]
					},
					{ result: 'Accepted' }
				]
			}
		}
	} as unknown as RequestRow;
	expect([...answeredItems(request, attribute)]).toEqual([
		['1.1', { accepted: true, value: { '@type': 'GivenName', value: 'Mara' } }],
		['1.2', { accepted: false }],
		['2', { accepted: true }]
	]);
});

it.each([
	[{ status: 'ManualDecisionRequired' }, 'todo'],
	[{ status: 'Open' }, 'todo'],
	[{ status: 'Decided' }, 'done'],
	[{ status: 'Completed' }, 'done'],
	[{ status: 'Expired' }, 'expired'],
	[{ status: 'Open', isOwn: true }, 'waiting'],
	[{ status: 'Completed', isOwn: true }, 'done']
])('%o belongs under %s', (row, filter) => expect(filterOf({ isOwn: false, ...row } as RequestRow)).toBe(filter));
