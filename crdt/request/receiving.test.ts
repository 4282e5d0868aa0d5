/** A request comes, by message or by template: what it is then, and that it waits for a person (content-behaviours C1). */
import { describe, expect, test } from 'vitest';
import { anna, berlin, carl, day, id, party, relate } from '../attribute/testing/party.ts';
import type { RequestStatus } from '../views.ts';
import { canAccept, receiveRequest } from './incoming.ts';
import {
	consent,
	fileTransfer,
	group,
	judged,
	message,
	mustBe,
	no,
	read,
	requestIn,
	said,
	yes
} from './testing/asking.ts';
import { item, createItem, proposeItem, query, readItem, relational } from './testing/items.ts';
import { load, offer, template } from './testing/templates.ts';

const asking = (n: number, items: object[], more: object = {}) =>
	message(n, { '@type': 'Request', id: id('REQ', n), items, ...more });

describe('received', () => {
	test('C1.Received by message it is Open, with its peer and its source', () => {
		const p = party(anna);
		mustBe(receiveRequest(p.at(day(2)), asking(1, [consent()])));
		expect(p.told[0]).toMatchObject({
			name: 'consumption.incomingRequestReceived',
			data: {
				isOwn: false,
				status: 'Open',
				peer: berlin,
				createdAt: day(2),
				source: { type: 'Message', reference: id('MSG', 1) }
			}
		});
	});
	test('C1.Received by template it is Open, with its peer and its source', () => {
		const p = party(anna);
		load(p, template(offer()));
		expect(p.told[0]).toMatchObject({
			name: 'consumption.incomingRequestReceived',
			data: {
				isOwn: false,
				status: 'Open',
				peer: berlin,
				createdAt: day(2),
				source: { type: 'RelationshipTemplate', reference: id('RLT', 1) }
			}
		});
	});

	test('C1.Received the id it came with is its id; from a template it has the one that was made for it', () => {
		const p = party(anna);
		mustBe(receiveRequest(p.at(day(2)), asking(7, [consent()])));
		expect(requestIn(p, 7).content).toMatchObject({ id: id('REQ', 7) });
		load(p, template(offer()), 8);
		expect(requestIn(p, 8).content).not.toHaveProperty('id');
		expect(p.views.list('requests').map((row) => row.id)).toEqual([id('REQ', 7), id('REQ', 8)]);
	});
});

describe('C1 a request that is not lawful is refused', () => {
	test.each<[string, object, string]>([
		[
			'C1.Received malformed it is refused',
			{ '@type': 'Request', id: id('REQ', 1), items: [{ '@type': 'Song' }] },
			'requestDeserialization'
		],
		[
			'C1.Received an item that lacks something is refused',
			{ '@type': 'Request', id: id('REQ', 1), items: [{ ...consent(), consent: undefined }] },
			'requestDeserialization'
		],
		['C1.Received without id it is refused', { '@type': 'Request', items: [consent()] }, 'request-invalid'],
		[
			'C1.Received an id that is none is refused',
			{ '@type': 'Request', id: '../../x', items: [consent()] },
			'request-invalid'
		],
		[
			'C1.Received an id that is known is refused',
			{ '@type': 'Request', id: id('REQ', 9), items: [consent()] },
			'cannotCreateRequestWithDuplicateId'
		]
	])('%s: nothing is stored, nothing told', (_name, content, code) => {
		const p = party(anna);
		p.views.put('requests', {
			id: id('REQ', 9),
			isOwn: true,
			peer: carl,
			createdAt: day(1),
			status: 'Open',
			content: {}
		});
		expect(said(receiveRequest(p.at(day(2)), message(1, content)))).toBe(code);
		expect([p.views.list('requests').length, p.heard()]).toEqual([1, []]);
	});

	test('C1.Received an own message is refused as its source', () => {
		const p = party(anna);
		const own = { ...asking(1, [consent()]), isOwn: true, createdBy: anna };
		expect(said(receiveRequest(p.at(day(2)), own))).toBe('request-invalid');
		expect([p.views.list('requests'), p.heard()]).toEqual([[], []]);
	});
	test('C1.Received an own template is refused as its source', () => {
		const p = party(anna);
		expect(load(p, template(offer(), { isOwn: true, createdBy: anna }))).toEqual({ result: 'Error' });
		expect([p.views.list('requests'), p.heard()]).toEqual([[], ['consumption.relationshipTemplateProcessed']]);
	});

	test('C1.Received the same message twice is one request; its id in another message is refused', () => {
		const p = party(anna);
		const content = { '@type': 'Request', id: id('REQ', 1), items: [fileTransfer] };
		mustBe(receiveRequest(p.at(day(2)), message(1, content)));
		p.heard();
		mustBe(receiveRequest(p.at(day(3)), message(1, content)));
		expect([p.views.list('requests').length, p.heard()]).toEqual([1, []]);
		expect(said(receiveRequest(p.at(day(3)), message(2, content)))).toBe('cannotCreateRequestWithDuplicateId');
	});

	test('a file that cannot be had is shown and blocks only its own acceptance', () => {
		const p = party(anna);
		relate(p, berlin);
		mustBe(receiveRequest(p.at(day(2)), asking(1, [fileTransfer, consent()])));
		expect(requestIn(p).content).toMatchObject({ items: [fileTransfer, consent()] });
		expect(judged(canAccept(p.views, anna, requestIn(p), { items: [yes, yes] }, day(3)))).toBe(
			'inheritedFromItem[invalidRequestItem,ok]'
		);
		expect(judged(canAccept(p.views, anna, requestIn(p), { items: [no, yes] }, day(3)))).toBe('ok');
	});
});

describe('on its way to a person', () => {
	const steps = (p: ReturnType<typeof party>) =>
		p.told
			.filter(({ name }) => name === 'consumption.incomingRequestStatusChanged')
			.map(({ data }) => data as { oldStatus: RequestStatus; newStatus: RequestStatus })
			.map(({ oldStatus, newStatus }) => `${oldStatus}→${newStatus}`);

	test.each([
		['Read', read()],
		['Create', createItem(relational())],
		[
			'Share',
			item('ShareAttribute', {
				attributeId: id('ATT', 1),
				attribute: relational(berlin),
				initialAttributePeer: carl
			})
		],
		['Propose', proposeItem(query.relational(), relational())],
		['Read by a question in words', readItem(query.iql)],
		['Delete', item('DeleteAttribute', { attributeId: id('ATT', 1) })],
		['Consent', consent()],
		['Authentication', item('Authentication', { title: 'Log in' })],
		['FormField', item('FormField', { title: 'Q', settings: { '@type': 'BooleanFormFieldSettings' } })],
		['TransferFileOwnership', fileTransfer],
		['ShareCredentialOffer', item('ShareCredentialOffer', { credentialOfferUrl: 'u' })],
		['ShareAuthorizationRequest', item('ShareAuthorizationRequest', { authorizationRequestUrl: 'u' })]
	])(
		'C1.CheckPrerequisites Open becomes DecisionRequired, whatever is asked, alone and in a group: %s',
		(_name, one) => {
			const p = party(anna);
			mustBe(receiveRequest(p.at(day(2)), asking(1, [one])));
			mustBe(receiveRequest(p.at(day(2)), asking(2, [consent(), group(one)])));
			const each = ['Open→DecisionRequired', 'DecisionRequired→ManualDecisionRequired'];
			expect(steps(p)).toEqual([...each, ...each]);
		}
	);

	test.each(['Decided', 'Completed', 'Expired'] as const)(
		'C1.CheckPrerequisites what is %s is not taken up again when its message comes once more',
		(status) => {
			const p = party(anna);
			mustBe(receiveRequest(p.at(day(2)), asking(1, [consent()])));
			p.views.put('requests', { ...requestIn(p), status });
			p.heard();
			mustBe(receiveRequest(p.at(day(3)), asking(1, [consent()])));
			expect([requestIn(p).status, p.heard()]).toEqual([status, []]);
		}
	);

	test('C1.RequireManualDecision DecisionRequired becomes ManualDecisionRequired, and then it is told as processed', () => {
		const p = party(anna);
		mustBe(receiveRequest(p.at(day(2)), asking(1, [consent()])));
		expect(requestIn(p).status).toBe('ManualDecisionRequired');
		expect(p.told.slice(-2)).toMatchObject([
			{ data: { oldStatus: 'DecisionRequired', newStatus: 'ManualDecisionRequired' } },
			{ name: 'consumption.messageProcessed', data: { result: 'ManualRequestDecisionRequired' } }
		]);
	});
	test('C1.RequireManualDecision what has expired before it comes needs no decision', () => {
		const p = party(anna);
		mustBe(receiveRequest(p.at(day(2)), asking(1, [consent()], { expiresAt: day(1) })));
		expect([requestIn(p).status, steps(p)]).toEqual(['Expired', []]);
	});
});
