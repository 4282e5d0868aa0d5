/** Form fields, authentication and credentials (content-behaviours C9), and answers that are not lawful. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn } from '../../attribute/own.ts';
import { anna, berlin, carl, day, id, type Party } from '../../attribute/testing/party.ts';
import { canAccept } from '../incoming.ts';
import { completeOutgoing } from '../outgoing.ts';
import { answer, ask, attribute, attributeIn, judged, no, pair, requestIn, said, yes } from '../testing/asking.ts';
import {
	createItem,
	fails,
	INVALID,
	item,
	kinds,
	mayAccept,
	mayAsk,
	proposeItem,
	query,
	readItem,
	relational
} from '../testing/items.ts';

let a: Party;
let b: Party;
beforeEach(() => {
	({ anna: a, berlin: b } = pair());
});
const asked = (items: object[]) => mayAsk(b, items);
const accepted = (item: DecideItem, n = 1) => mayAccept(a, item, n);

describe('C9 FormField, Authentication, and what comes later', () => {
	const form = (settings: object) => item('FormField', { title: 'Q', settings });
	const string14 = { '@type': 'StringFormFieldSettings', min: 1, max: 4 };
	const select = { '@type': 'SelectionFormFieldSettings', options: ['a', 'b'] };
	test('C9.1 settings that nobody could answer are refused', () => {
		expect(asked([form(string14)])).toBe('ok');
		for (const settings of [
			{ ...string14, min: 5 },
			{ ...select, options: [] },
			{ ...select, options: ['a', 'a'] }
		])
			expect(asked([form(settings)])).toBe(INVALID);
	});
	test.each<[object, unknown, unknown]>([
		[string14, 'abcd', 'abcde'],
		[string14, 'a', 7],
		[{ '@type': 'IntegerFormFieldSettings', max: 0 }, 0, 1],
		[{ '@type': 'DoubleFormFieldSettings', min: 1 }, 1.5, 0.5],
		[{ '@type': 'BooleanFormFieldSettings' }, false, 'false'],
		[{ '@type': 'DateFormFieldSettings' }, day(1), 'soon'],
		[{ '@type': 'RatingFormFieldSettings', maxRating: 5 }, 5, 6],
		[select, 'a', 'c'],
		[{ ...select, allowMultipleSelection: true }, ['a', 'b'], ['a', 'a']]
	])('C9.2 C9.3 C9.4 %j takes %j, not %j, and causes nothing', (settings, good, bad) => {
		ask(b, a, [form(settings)]);
		expect(accepted({ ...yes, response: bad as never })).toBe(fails('invalidAcceptParameters'));
		expect(answer(a, b, [{ ...yes, response: good as never }]).items).toEqual([
			{ '@type': 'FormFieldAcceptResponseItem', result: 'Accepted', response: good }
		]);
		expect([kinds(a), kinds(b)]).toEqual([[], []]);
	});
	test('Authentication is a plain yes', () => {
		ask(b, a, [item('Authentication', { title: 'Log in' })]);
		expect(answer(a, b, [yes]).items).toEqual([{ '@type': 'AcceptResponseItem', result: 'Accepted' }]);
	});
	test('the two OpenID items can be asked and rejected, and say that they are not supported yet', () => {
		const offer = item('ShareCredentialOffer', { credentialOfferUrl: 'u' });
		const authorization = item('ShareAuthorizationRequest', { authorizationRequestUrl: 'u' });
		ask(b, a, [offer, authorization]);
		const may = canAccept(
			a.views,
			anna,
			requestIn(a),
			{ items: [yes, { ...yes, attributeId: id('ATT', 1) }] },
			day(3)
		);
		expect(judged(may)).toBe('inheritedFromItem[invalidRequestItem,invalidRequestItem]');
		b.heard();
		answer(a, b, [no, no], 1, false);
		expect(
			b.told.find(({ name }) => name.endsWith('shareCredentialOfferRequestItemProcessedByRecipient'))?.data
		).toEqual({
			credentialOfferUrl: 'u',
			accepted: false,
			peer: anna
		});
	});
});

describe('a hostile answer changes nothing', () => {
	const source = { type: 'Message', reference: id('MSG', 60) } as const;
	const acceptItem = (type: string, members: object) => ({ '@type': type, result: 'Accepted', ...members });
	test.each<[string, () => object, object]>([
		[
			'an id that is taken',
			() => createItem(relational('')),
			acceptItem('CreateAttributeAcceptResponseItem', { attributeId: id('ATT', 50) })
		],
		[
			'content that was not asked for',
			() => readItem(query.relational()),
			acceptItem('ReadAttributeAcceptResponseItem', {
				attributeId: id('ATT', 60),
				attribute: relational(anna, { key: 'other' })
			})
		],
		[
			'a third party nobody asked for',
			() => readItem(query.name),
			acceptItem('ReadAttributeAcceptResponseItem', {
				attributeId: id('ATT', 60),
				attribute: attribute('A'),
				initialAttributePeer: carl
			})
		],
		[
			'a third party that was not named',
			() => readItem(query.third([carl])),
			acceptItem('ReadAttributeAcceptResponseItem', {
				attributeId: id('ATT', 60),
				attribute: relational(anna),
				initialAttributePeer: berlin
			})
		],
		[
			'no third party',
			() => readItem(query.third([carl])),
			acceptItem('ReadAttributeAcceptResponseItem', { attributeId: id('ATT', 60), attribute: relational(anna) })
		],
		[
			'what is ours',
			() => proposeItem(query.name, attribute('A', '')),
			acceptItem('ProposeAttributeAcceptResponseItem', { attributeId: id('ATT', 50), attribute: attribute('A') })
		],
		[
			'another kind of answer',
			() => item('Authentication', { title: 't' }),
			acceptItem('CreateAttributeAcceptResponseItem', { attributeId: id('ATT', 60) })
		],
		[
			'one of ours that was never shared',
			() => {
				createOwn(b.at(day(1)), id('ATT', 51), attribute('Shared', berlin));
				return item('ShareAttribute', {
					attributeId: id('ATT', 51),
					attribute: attributeIn(b, 51).content
				});
			},
			acceptItem('AttributeAlreadySharedAcceptResponseItem', { attributeId: id('ATT', 50) })
		],
		[
			'an option there is not',
			() =>
				item('FormField', { title: 'q', settings: { '@type': 'SelectionFormFieldSettings', options: ['a'] } }),
			acceptItem('FormFieldAcceptResponseItem', { response: 'b' })
		]
	])('%s', (_name, make, reply) => {
		createOwn(b.at(day(1)), id('ATT', 50), attribute('Ours', berlin));
		ask(b, a, [make()]);
		const before = [kinds(b), b.views.list('forwardings'), requestIn(b)];
		const response = { '@type': 'Response', result: 'Accepted', requestId: id('REQ', 1), items: [reply] } as never;
		expect(said(completeOutgoing(b.at(day(4)), { response, peer: anna, source, respondedAt: day(3) }))).toBe(
			'response-invalid'
		);
		expect([kinds(b), b.views.list('forwardings'), requestIn(b)]).toEqual(before);
	});
});
