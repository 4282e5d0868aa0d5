/** Decisions against the request they answer: their structure, the tree of reasons, when none is possible (content-behaviours C1, C3). */
import { describe, expect, test } from 'vitest';
import type { DecideItem, ValidationResult } from '../api.ts';
import { anna, berlin, carl, day, id, relate, type Party } from '../attribute/testing/party.ts';
import type { Result } from '../result.ts';
import { decide as commit } from '../sync/consumption.ts';
import { buildResponse, canAccept, canReject } from './incoming.ts';
import {
	ask,
	answer,
	attribute,
	consent,
	create,
	group,
	ids,
	judged,
	no,
	pair,
	read,
	requestIn,
	yes
} from './testing/asking.ts';
import { arrives, createItem, item, kinds, mayAsk, query, readItem, relational } from './testing/items.ts';

function asked(items: object[]): Party {
	const { anna: a } = pair();
	arrives(a, items);
	return a;
}
const treeOf = (decide: typeof canAccept, a: Party, items: readonly DecideItem[]): Result<ValidationResult> =>
	decide(a.views, anna, requestIn(a), { items }, day(3));
const accepted = (items: object[], answers: readonly DecideItem[]) => judged(treeOf(canAccept, asked(items), answers));
const rejected = (items: object[], answers: readonly DecideItem[]) => judged(treeOf(canReject, asked(items), answers));

const fresh = (text = 'Anna') => ({ ...yes, newAttribute: attribute(text) as never });
/** An answer its item refuses: another type than was asked for. */
const unfit = { ...yes, newAttribute: attribute('Anna', anna, [], 'Surname') as never };
const both = (...items: DecideItem[]): DecideItem => ({ items });

describe('C1 the tree of reasons', () => {
	test.each<[string, object[], DecideItem[], string]>([
		['C1.CanAccept with right parameters it is a success', [read(), consent()], [fresh(), yes], 'ok'],
		[
			'C1.CanAccept with right parameters in a group it is a success',
			[group(read(), create('Annie')), consent()],
			[both(fresh(), yes), yes],
			'ok'
		],
		[
			'C1.CanAccept one item of several that is wrong is an error, at its place',
			[consent(), read()],
			[yes, unfit],
			'inheritedFromItem[ok,attributeQueryMismatch]'
		],
		[
			'C1.CanAccept an item in a group that is wrong is an error, at its place',
			[group(read())],
			[both(unfit)],
			'inheritedFromItem[inheritedFromItem[attributeQueryMismatch]]'
		],
		[
			'C1.CanAccept one item of several in one group of several is an error, at its place',
			[consent(), group(consent()), group(consent(), read(), create('Annie'))],
			[yes, both(yes), both(yes, unfit, yes)],
			'inheritedFromItem[ok,ok,inheritedFromItem[ok,attributeQueryMismatch,ok]]'
		],
		[
			'C1.CanAccept what is wrong with the structure and what is wrong with items stand in one tree',
			[read(), consent(), group(consent(false))],
			[unfit, no, yes],
			'inheritedFromItem[attributeQueryMismatch,mustBeAcceptedItemNotAccepted,requestItemGroupAnsweredAsRequestItem]'
		],
		[
			'C1.CanAccept what is wrong with the structure of an item is said instead of what is wrong with its parameters',
			[read()],
			[both(unfit)],
			'inheritedFromItem[requestItemAnsweredAsRequestItemGroup]'
		]
	])('%s', (_name, items, answers, expected) => expect(accepted(items, answers)).toBe(expected));

	test.each<[string, object[], DecideItem[], string]>([
		[
			'C1.CanReject with right parameters it is a success',
			[read(), consent()],
			[no, { ...no, code: 'c', message: 'm' }],
			'ok'
		],
		[
			'C1.CanReject with right parameters in a group it is a success',
			[group(read(), consent())],
			[both(no, no)],
			'ok'
		],
		[
			'C1.CanReject what could not be accepted can be rejected',
			[createItem(attribute('Carl', carl)), create('Anna', '', ['not a tag'])],
			[no, no],
			'ok'
		],
		[
			'C1.CanReject one item of several that is wrong is an error, at its place',
			[consent(), consent()],
			[no, yes],
			'inheritedFromItem[ok,itemAcceptedButRequestNotAccepted]'
		],
		[
			'C1.CanReject an item in a group that is wrong is an error, at its place',
			[group(consent())],
			[both(yes)],
			'inheritedFromItem[inheritedFromItem[itemAcceptedButRequestNotAccepted]]'
		],
		[
			'C1.CanReject one item of several in one group of several is an error, at its place',
			[consent(), group(consent()), group(consent(), consent())],
			[no, both(no), both(no, yes)],
			'inheritedFromItem[ok,ok,inheritedFromItem[ok,itemAcceptedButRequestNotAccepted]]'
		]
	])('%s', (_name, items, answers, expected) => expect(rejected(items, answers)).toBe(expected));

	test.each([
		['C1.CanAccept the tree mirrors the items', canAccept, yes],
		['C1.CanReject the tree mirrors the items', canReject, no]
	] as const)('%s', (_name, decide, each) => {
		const a = asked([consent(), group(consent(), consent()), consent()]);
		const leaf = { isSuccess: true, items: [] };
		expect(treeOf(decide, a, [each, both(each, each), each])).toEqual({
			ok: true,
			value: { isSuccess: true, items: [leaf, { isSuccess: true, items: [leaf, leaf] }, leaf] }
		});
	});

	test('C1.Accept where the rule of an item throws it is refused, and its text stands at the item', () => {
		const items = [consent(), createItem(attribute('Ж', ''))];
		const a = asked(items);
		const tree = treeOf(canAccept, a, [yes, yes]);
		expect(judged(tree)).toBe('inheritedFromItem[ok,unexpectedErrorDuringRequestItemProcessing]');
		expect(tree.ok && tree.value.items[1]?.message).toMatch(/character/);
		const before = JSON.stringify([a.views.list('requests'), a.views.list('attributes')]);
		const refused = commit(a.views, anna, requestIn(a), { items: [yes, yes] }, true, day(3), ids(100));
		expect(refused).toMatchObject({ ok: false, error: { code: 'error.runtime.unknown' } });
		expect(JSON.stringify([a.views.list('requests'), a.views.list('attributes')])).toBe(before);
	});
	test('C1.Reject where the rule of an item would throw it is not asked: everything can be rejected', () => {
		const a = asked([consent(), createItem(attribute('Ж', ''))]);
		expect(commit(a.views, anna, requestIn(a), { items: [no, no] }, false, day(3), ids(100)).ok).toBe(true);
	});

	const mandatory = [createItem(relational('')), readItem(query.relational())];
	const chosen = [createItem(relational(''), false), readItem(query.relational(), false)];
	const answered = { ...yes, newAttribute: relational('') as never };
	test.each<[string, object[], DecideItem[], string]>([
		[
			'C1.CanAccept keys that mandatory items repeat throw, as it never can be accepted',
			mandatory,
			[yes, answered],
			'refused violatedKeyUniquenessOfRelationshipAttributes'
		],
		[
			'C1.CanAccept keys that mandatory items repeat throw, in a group too',
			[mandatory[0]!, group(mandatory[1]!)],
			[yes, both(answered)],
			'refused violatedKeyUniquenessOfRelationshipAttributes'
		],
		['C1.CanAccept keys that chosen items repeat are an error', chosen, [yes, answered], 'invalidAcceptParameters'],
		['C1.CanAccept keys of items that are not chosen do not count', chosen, [yes, no], 'ok']
	])('%s', (_name, items, answers, expected) => expect(accepted(items, answers)).toBe(expected));
});

describe('C1 when nothing can be decided', () => {
	const wrong = 'wrongRelationshipStatus';
	test.each<[string, typeof canAccept, Parameters<typeof relate>[2], ('ToBeDeleted' | 'Deleted')?]>([
		['C1.CanAccept Terminated it is an error', canAccept, 'Terminated'],
		['C1.CanAccept DeletionProposed it is an error', canAccept, 'DeletionProposed'],
		['C1.CanAccept while the peer is in deletion it is an error', canAccept, 'Active', 'ToBeDeleted'],
		['C1.CanAccept when the peer is deleted it is an error', canAccept, 'Active', 'Deleted'],
		['C1.CanReject Terminated it is an error', canReject, 'Terminated'],
		['C1.CanReject DeletionProposed it is an error', canReject, 'DeletionProposed'],
		['C1.CanReject while the peer is in deletion it is an error', canReject, 'Active', 'ToBeDeleted'],
		['C1.CanReject when the peer is deleted it is an error', canReject, 'Active', 'Deleted']
	])('%s', (_name, decide, status, deletionStatus) => {
		const a = asked([consent(false)]);
		expect(judged(treeOf(decide, a, [no]))).toBe('ok');
		relate(a, berlin, status, deletionStatus ? { peerDeletionInfo: { deletionStatus, deletionDate: day(9) } } : {});
		const codes = { ToBeDeleted: 'peerIsInDeletion', Deleted: 'peerIsDeleted' };
		expect(judged(treeOf(decide, a, [no]))).toBe(deletionStatus ? codes[deletionStatus] : wrong);
	});

	test.each<[string, typeof canAccept]>([
		['C1.CanAccept in a wrong status it throws', canAccept],
		['C1.CanReject in a wrong status it throws', canReject]
	])('%s', (_name, decide) => {
		const a = asked([consent(false)]);
		const said = (
			['Open', 'DecisionRequired', 'ManualDecisionRequired', 'Decided', 'Completed', 'Expired'] as const
		).map((status) => {
			a.views.put('requests', { ...requestIn(a), status });
			return judged(treeOf(decide, a, [no]));
		});
		const thrown = 'refused unknown';
		expect(said).toEqual([thrown, 'ok', 'ok', thrown, thrown, thrown]);
	});
});

describe('C3 the structure of a decision', () => {
	const optional = [consent(false), group(consent(false), consent(false))];
	const mixed = [consent(), group(consent(false), consent())];
	const asGroup = 'requestItemAnsweredAsRequestItemGroup';
	const asItem = 'requestItemGroupAnsweredAsRequestItem';
	const ignored = 'mustBeAcceptedItemNotAccepted';
	const contrary = 'itemAcceptedButRequestNotAccepted';

	test.each<[string, object[], DecideItem[], string]>([
		['C3.4 too few answers', optional, [no], 'invalidNumberOfItems'],
		['C3.4 too many answers', optional, [no, both(no, no), no], 'invalidNumberOfItems'],
		['C3.4 no answers', optional, [], 'invalidNumberOfItems'],
		['C3.5 nothing is mandatory, all accepted: legal', optional, [yes, both(yes, yes)], 'ok'],
		['C3.5 nothing is mandatory, some accepted: legal', optional, [no, both(yes, no)], 'ok'],
		['C3.5 nothing is mandatory, none accepted in an accepted request: legal', optional, [no, both(no, no)], 'ok'],
		['C3.5 what is mandatory is accepted: legal', mixed, [yes, both(no, yes)], 'ok'],
		['C3.5 a group that is answered as an item', optional, [no, yes], `inheritedFromItem[ok,${asItem}]`],
		[
			'C3.5 an item that is answered as a group',
			optional,
			[both(no), both(no, no)],
			`inheritedFromItem[${asGroup},ok]`
		],
		[
			'C3.5 a group within a group is no decision at all',
			optional,
			[no, both(no, both(no))],
			'refused requestDeserialization'
		],
		['C3.5 a group with too few answers', optional, [no, both(no)], 'inheritedFromItem[ok,invalidNumberOfItems]'],
		[
			'C3.5 a group with too many answers',
			optional,
			[no, both(no, no, no)],
			'inheritedFromItem[ok,invalidNumberOfItems]'
		],
		['C3.5 a mandatory item that is rejected', mixed, [no, both(no, yes)], `inheritedFromItem[${ignored},ok]`],
		[
			'C3.5 a mandatory item in a group that is rejected',
			mixed,
			[yes, both(no, no)],
			`inheritedFromItem[ok,inheritedFromItem[ok,${ignored}]]`
		]
	])('%s', (_name, items, answers, expected) => expect(accepted(items, answers)).toBe(expected));

	test.each<[string, object[], DecideItem[], string]>([
		['C3.4 too few answers to reject with', optional, [no], 'invalidNumberOfItems'],
		['C3.5 everything is rejected, mandatory or not: legal', mixed, [no, both(no, no)], 'ok'],
		[
			'C3.5 an accepted item in a rejected request',
			mixed,
			[yes, both(no, no)],
			`inheritedFromItem[${contrary},ok]`
		],
		[
			'C3.5 an accepted item in a group of a rejected request',
			mixed,
			[no, both(yes, no)],
			`inheritedFromItem[ok,inheritedFromItem[${contrary},ok]]`
		]
	])('%s', (_name, items, answers, expected) => expect(rejected(items, answers)).toBe(expected));
});

describe('C3 items without effects', () => {
	const plain = {
		Consent: item('Consent', { consent: 'I agree.' }),
		Authentication: item('Authentication', { title: 'Log in' })
	};
	const each = ['Consent', 'Authentication'] as const;

	test.each(each)('C3.6 %s may always be asked', (name) => expect(mayAsk(pair().berlin, [plain[name]])).toBe('ok'));
	test.each(each)('C3.6 %s can always be accepted', (name) => expect(accepted([plain[name]], [yes])).toBe('ok'));
	test.each(each)('C3.6 %s can always be rejected', (name) => expect(rejected([plain[name]], [no])).toBe('ok'));
	test.each(each)('C3.6 %s is accepted by a plain item, which causes nothing on either side', (name) => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [plain[name]]);
		expect(answer(a, b, [yes]).items).toEqual([{ '@type': 'AcceptResponseItem', result: 'Accepted' }]);
		expect([kinds(a), kinds(b), requestIn(b).status]).toEqual([[], [], 'Completed']);
	});
	test.each(each)('C3.6 %s is rejected by a plain item, with code and message where they were given', (name) => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [plain[name], plain[name]]);
		expect(answer(a, b, [no, { ...no, code: 'c', message: 'm' }], 1, false).items).toEqual([
			{ '@type': 'RejectResponseItem', result: 'Rejected' },
			{ '@type': 'RejectResponseItem', result: 'Rejected', code: 'c', message: 'm' }
		]);
		expect([kinds(a), kinds(b), requestIn(b).status]).toEqual([[], [], 'Completed']);
	});
	test('C3.6 what is accepted beside what is rejected: each item has its own answer', () => {
		const a = asked([plain.Consent, group(item('Consent', { consent: 'And this' }, false), plain.Authentication)]);
		const { response } = buildResponse(
			a.views,
			anna,
			requestIn(a),
			{ items: [yes, both(no, yes)] },
			true,
			ids(100)
		);
		expect(response).toEqual({
			'@type': 'Response',
			result: 'Accepted',
			requestId: id('REQ', 1),
			items: [
				{ '@type': 'AcceptResponseItem', result: 'Accepted' },
				{
					'@type': 'ResponseItemGroup',
					items: [
						{ '@type': 'RejectResponseItem', result: 'Rejected' },
						{ '@type': 'AcceptResponseItem', result: 'Accepted' }
					]
				}
			]
		});
	});
});
