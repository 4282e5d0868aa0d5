/** What peers answer is checked whole before anything of it counts (content-behaviours C2; content-model.md §11 row 5). */
import { describe, expect, test } from 'vitest';
import { createOwn } from '../attribute/own.ts';
import { anna, berlin, carl, day, id, relate, type Party } from '../attribute/testing/party.ts';
import { parseResponse } from '../content/parse.ts';
import { applyAsSender, completeOutgoing } from './outgoing.ts';
import {
	attribute,
	read,
	create,
	consent,
	group,
	said,
	mustBe,
	requestIn,
	attributeIn,
	ask,
	pair
} from './testing/asking.ts';

describe('answers of one response stand in one order', () => {
	const gives = (valueType: string, n = 100) => ({
		'@type': 'ReadAttributeAcceptResponseItem',
		result: 'Accepted',
		attributeId: id('ATT', n),
		attribute: attribute('Anna', anna, undefined, valueType)
	});
	const succeeds = (valueType: string) => ({
		'@type': 'AttributeSuccessionAcceptResponseItem',
		result: 'Accepted',
		predecessorId: id('ATT', 100),
		successorId: id('ATT', 101),
		successorContent: attribute('Ann', anna, undefined, valueType)
	});
	const complete = (asked: string[], answers: object[]) => {
		const { anna: a, berlin: b } = pair();
		ask(
			b,
			a,
			asked.map((valueType) => read(valueType))
		);
		const parsed = mustBe(
			parseResponse({ '@type': 'Response', result: 'Accepted', requestId: id('REQ', 1), items: answers })
		);
		const source = { type: 'Message', reference: 'M' } as const;
		return [
			said(completeOutgoing(b.at(day(4)), { response: parsed, peer: anna, source, respondedAt: day(3) })),
			b
		] as const;
	};

	test('what one brings another may succeed', () => {
		const [said, b] = complete(['GivenName', 'GivenName'], [gives('GivenName'), succeeds('GivenName')]);
		expect(said).toBe('ok');
		expect(attributeIn(b, 101)).toMatchObject({ succeeds: id('ATT', 100) });
	});

	test.each([
		['refused with all the others', [gives('GivenName'), succeeds('Surname')], 'response-invalid'],
		['none where what it names comes after it', [succeeds('GivenName'), gives('Surname')], 'ok']
	])('a succession to another value type is %s', (_name, answers, outcome) => {
		const [said, b] = complete(['GivenName', 'Surname'], answers);
		expect(said).toBe(outcome);
		expect(b.views.list('attributes').filter(({ succeeds: old }) => old !== undefined)).toEqual([]);
	});
});

describe('C2 a response that is not lawful is refused whole', () => {
	const items = [read(), group(create('Annie'), consent(false))];
	const accepted = {
		read: {
			'@type': 'ReadAttributeAcceptResponseItem',
			result: 'Accepted',
			attributeId: id('ATT', 100),
			attribute: attribute('Anna')
		},
		create: { '@type': 'CreateAttributeAcceptResponseItem', result: 'Accepted', attributeId: id('ATT', 101) },
		consent: { '@type': 'AcceptResponseItem', result: 'Accepted' },
		reject: { '@type': 'RejectResponseItem', result: 'Rejected' },
		error: { '@type': 'ErrorResponseItem', result: 'Error', code: 'c', message: 'm' }
	};
	const shared = (attributeId: string) => ({
		'@type': 'AttributeAlreadySharedAcceptResponseItem',
		result: 'Accepted',
		attributeId
	});
	const succession = (predecessorId: string, successorId: string, successorContent: object) => ({
		'@type': 'AttributeSuccessionAcceptResponseItem',
		result: 'Accepted',
		predecessorId,
		successorId,
		successorContent
	});
	const response = (first: object, second: object, third: object = accepted.consent, result = 'Accepted') => ({
		'@type': 'Response',
		result,
		requestId: id('REQ', 1),
		items: [first, { '@type': 'ResponseItemGroup', items: [second, third] }]
	});

	/** Berlin asked; it has an own attribute 1, Carl's 2, and Anna's 3 (a GivenName) and 4 (a Surname). */
	function berlinWaits(): Party {
		const { anna: a, berlin: b } = pair();
		relate(b, carl, 'Active', { id: id('REL', 2) });
		createOwn(b.at(day(1)), id('ATT', 1), attribute('Berlin', berlin));
		for (const [n, peer, type] of [
			[2, carl, 'GivenName'],
			[3, anna, 'GivenName'],
			[4, anna, 'Surname']
		] as const)
			b.views.put('attributes', {
				'@type': 'PeerIdentityAttribute',
				id: id('ATT', n),
				createdAt: day(1),
				content: attribute('X', peer, undefined, type) as never,
				peer,
				sourceReference: id('REQ', 90)
			});
		ask(b, a, items);
		b.heard();
		return b;
	}
	const outcome = (b: Party, json: object, peer = anna) => {
		const parsed = parseResponse(json);
		if (!parsed.ok) return 'unparsable';
		const source = { type: 'Message', reference: 'M' } as const;
		return said(completeOutgoing(b.at(day(4)), { response: parsed.value, peer, source, respondedAt: day(3) }));
	};

	test.each<[string, object, string]>([
		['C2.Complete everything as asked', response(accepted.read, accepted.create), 'ok'],
		['C2.Complete optional things rejected', response(accepted.read, accepted.create, accepted.reject), 'ok'],
		['optional things failed', response(accepted.read, accepted.create, accepted.error), 'ok'],
		[
			'C2.Complete rejected as a whole',
			response(accepted.reject, accepted.reject, accepted.reject, 'Rejected'),
			'ok'
		],
		['already shared', response(shared(id('ATT', 3)), accepted.create), 'ok'],
		[
			'already shared, but not what was to be created',
			response(accepted.read, shared(id('ATT', 3))),
			'response-invalid'
		],
		['a succession', response(succession(id('ATT', 3), id('ATT', 100), attribute('Anna')), accepted.create), 'ok'],
		[
			'a succession to what was to be created',
			response(accepted.read, succession(id('ATT', 3), id('ATT', 101), attribute('Annie'))),
			'ok'
		],
		[
			'C2.Complete one item less is refused',
			{ ...response(accepted.read, accepted.create), items: [accepted.read] },
			'response-invalid'
		],
		[
			'C2.Complete an item for a group is refused',
			{ ...response(accepted.read, accepted.create), items: [accepted.read, accepted.create] },
			'response-invalid'
		],
		[
			'C2.Complete a mandatory item rejected is refused',
			response(accepted.reject, accepted.create),
			'response-invalid'
		],
		[
			'C2.Complete a mandatory item failed is refused',
			response(accepted.error, accepted.create),
			'response-invalid'
		],
		[
			'C2.Complete accepted items in a rejection are refused',
			response(accepted.reject, accepted.create, accepted.reject, 'Rejected'),
			'response-invalid'
		],
		[
			'C2.Complete another kind of answer is refused, with all the others',
			response(accepted.consent, accepted.create),
			'response-invalid'
		],
		[
			'an answer of a later kind',
			response({ '@type': 'FormFieldAcceptResponseItem', result: 'Accepted', response: 'x' }, accepted.create),
			'response-invalid'
		],
		['an attribute for a consent', response(accepted.read, accepted.create, accepted.create), 'response-invalid'],
		[
			'somebody else’s attribute',
			response({ ...accepted.read, attribute: attribute('Carl', carl) }, accepted.create),
			'response-invalid'
		],
		[
			'our own attribute',
			response({ ...accepted.read, attribute: attribute('B', berlin) }, accepted.create),
			'response-invalid'
		],
		[
			'an attribute of nobody',
			response({ ...accepted.read, attribute: attribute('A', '') }, accepted.create),
			'response-invalid'
		],
		[
			'an attribute of another type',
			response({ ...accepted.read, attribute: attribute('A', anna, [], 'Surname') }, accepted.create),
			'response-invalid'
		],
		[
			'an id of ours',
			response({ ...accepted.read, attributeId: id('ATT', 1) }, accepted.create),
			'response-invalid'
		],
		[
			'an id of another peer',
			response(accepted.read, { ...accepted.create, attributeId: id('ATT', 2) }),
			'response-invalid'
		],
		[
			'an id that is none',
			response({ ...accepted.read, attributeId: '__proto__' }, accepted.create),
			'response-invalid'
		],
		['already shared what is another peer’s', response(shared(id('ATT', 2)), accepted.create), 'response-invalid'],
		[
			'a succession of another peer’s',
			response(succession(id('ATT', 2), id('ATT', 100), attribute('Anna')), accepted.create),
			'response-invalid'
		],
		[
			'a succession onto ours',
			response(succession(id('ATT', 3), id('ATT', 1), attribute('Anna')), accepted.create),
			'response-invalid'
		],
		[
			'a succession of another type',
			response(succession(id('ATT', 4), id('ATT', 100), attribute('Anna')), accepted.create),
			'response-invalid'
		],
		[
			'a succession that does not answer',
			response(succession(id('ATT', 4), id('ATT', 100), attribute('A', anna, [], 'Surname')), accepted.create),
			'response-invalid'
		],
		[
			'a succession of somebody else',
			response(succession(id('ATT', 3), id('ATT', 100), attribute('A', carl)), accepted.create),
			'response-invalid'
		],
		[
			'a succession to something else than asked',
			response(accepted.read, succession(id('ATT', 3), id('ATT', 101), attribute('Other'))),
			'response-invalid'
		],
		['an invented result', { ...response(accepted.read, accepted.create), result: 'Perhaps' }, 'unparsable'],
		[
			'C2.Complete malformed is refused: without items',
			{ ...response(accepted.read, accepted.create), items: [] },
			'unparsable'
		],
		[
			'C2.Complete malformed is refused: an answer of no kind',
			response({ result: 'Accepted' }, accepted.create),
			'unparsable'
		]
	])('%s', (_name, json, expected) => {
		const b = berlinWaits();
		const before = JSON.stringify(b.views.list('attributes'));
		expect(outcome(b, json)).toBe(expected);
		if (expected === 'ok') return expect(requestIn(b).status).toBe('Completed');
		expect([JSON.stringify(b.views.list('attributes')), requestIn(b).status, b.heard()]).toEqual([
			before,
			'Open',
			[]
		]);
	});

	test('C2.Complete the response is stored, with what brought it and when', () => {
		const b = berlinWaits();
		const json = response(accepted.read, accepted.create);
		expect(outcome(b, json)).toBe('ok');
		expect(requestIn(b)).toMatchObject({
			status: 'Completed',
			response: { createdAt: day(4), content: json, source: { type: 'Message', reference: 'M' } }
		});
	});
	test('C2.Complete every item has its effect, those in groups too', () => {
		const b = berlinWaits();
		expect(outcome(b, response(accepted.read, accepted.create))).toBe('ok');
		expect([attributeIn(b, 100).content, attributeIn(b, 101).content]).toEqual([
			attribute('Anna'),
			attribute('Annie')
		]);
		expect(b.heard()).toEqual([
			'consumption.attributeCreated',
			'consumption.attributeCreated',
			'consumption.outgoingRequestStatusChanged'
		]);
	});

	test('C2.Complete nobody but the one who was asked can answer', () => {
		expect(outcome(berlinWaits(), response(accepted.read, accepted.create), carl)).toBe('response-unknown');
	});
	test('C2.Complete an unknown id, or that of one we were asked, is refused', () => {
		const b = berlinWaits();
		const lawful = response(accepted.read, accepted.create);
		expect(outcome(b, { ...lawful, requestId: id('REQ', 77) })).toBe('response-unknown');
		b.views.put('requests', { ...requestIn(b), isOwn: false });
		expect(outcome(b, lawful)).toBe('response-unknown');
	});
	test('C2.Complete in a wrong status it is refused: nothing was sent', () => {
		const b = berlinWaits();
		b.views.put('requests', { ...requestIn(b), status: 'Draft' });
		expect(outcome(b, response(accepted.read, accepted.create))).toBe('response-unknown');
		expect([requestIn(b).status, b.heard()]).toEqual(['Draft', []]);
	});

	test('C2.Complete the first answer counts: the same again is nothing, another is refused', () => {
		const b = berlinWaits();
		expect(outcome(b, response(accepted.read, accepted.create))).toBe('ok');
		const after = JSON.stringify([b.views.list('attributes'), b.views.list('requests')]);
		b.heard();
		expect(outcome(b, response(accepted.read, accepted.create))).toBe('ok');
		expect(outcome(b, response(accepted.read, accepted.create, accepted.reject))).toBe('response-second');
		expect([JSON.stringify([b.views.list('attributes'), b.views.list('requests')]), b.heard()]).toEqual([
			after,
			[]
		]);
	});

	test('C2.Complete negative control: unchecked, a foreign attribute would be taken for the peer’s', () => {
		const b = berlinWaits();
		const unlawful = mustBe(
			parseResponse(response({ ...accepted.read, attribute: attribute('Carl', carl) }, accepted.create))
		);
		const source = { type: 'Message', reference: 'M' } as const;
		applyAsSender(b.at(day(4)), requestIn(b), { response: unlawful, peer: anna, source, respondedAt: day(3) });
		expect(attributeIn(b, 100)).toMatchObject({ peer: anna, content: { owner: carl } });
	});
});
