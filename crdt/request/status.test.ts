import { describe, expect, test } from 'vitest';
import { anna, berlin, day, id } from '../attribute/testing/party.ts';
import type { JsonObject, RequestRow } from '../views.ts';
import { buildResponse, receiveRequest } from './incoming.ts';
import { completeOutgoing } from './outgoing.ts';
import { requestDto, withExpiry } from './status.ts';
import {
	attribute,
	read,
	consent,
	said,
	ids,
	mustBe,
	requestIn,
	message,
	ask,
	answer,
	pair,
	yes,
	no
} from './testing/asking.ts';

describe('C1 C2 E2 a request answered by message', () => {
	test('is Draft, Open, Completed at the one who asks, and told in that order', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read(), consent()]);
		expect(b.heard()).toEqual(['consumption.outgoingRequestCreated', 'consumption.outgoingRequestStatusChanged']);
		expect(requestIn(b)).toMatchObject({ status: 'Open', source: { type: 'Message', reference: id('MSG', 1) } });
		answer(a, b, [{ ...yes, newAttribute: attribute('Anna') as never }, yes]);
		expect(b.heard()).toEqual(['consumption.attributeCreated', 'consumption.outgoingRequestStatusChanged']);
		expect(requestIn(b)).toMatchObject({
			status: 'Completed',
			response: { createdAt: day(4), source: { type: 'Message', reference: id('MSG', 51) } }
		});
	});

	test('is received, comes to manual decision, is Decided, then Completed at the one who is asked', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read()]);
		expect(
			a.told.map(({ name, data }) => [name, (data as JsonObject)['newStatus'] ?? (data as JsonObject)['status']])
		).toEqual([
			['consumption.incomingRequestReceived', 'Open'],
			['consumption.incomingRequestStatusChanged', 'DecisionRequired'],
			['consumption.incomingRequestStatusChanged', 'ManualDecisionRequired'],
			['consumption.messageProcessed', undefined]
		]);
		expect(a.told.at(-1)?.data).toMatchObject({
			message: { id: id('MSG', 1) },
			result: 'ManualRequestDecisionRequired'
		});
		a.heard();
		answer(a, b, [{ ...yes, newAttribute: attribute('Anna') as never }]);
		expect(a.told.map(({ name, data }) => [name, (data as JsonObject)['newStatus']])).toEqual([
			['consumption.attributeCreated', undefined],
			['consumption.attributeForwardingDetailsChanged', undefined],
			['consumption.incomingRequestStatusChanged', 'Decided'],
			['consumption.incomingRequestStatusChanged', 'Completed']
		]);
		expect(requestIn(a).response?.source).toEqual({ type: 'Message', reference: id('MSG', 51) });
	});

	test('what REST shows has no inner members and the status of the moment', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read()], 1, { expiresAt: day(5) });
		a.views.put('requests', { ...requestIn(a), _pending: true });
		expect(requestDto(requestIn(a), day(5))).toMatchObject({ status: 'ManualDecisionRequired' });
		expect(requestDto(requestIn(a), day(6))).toMatchObject({ status: 'Expired' });
		expect(requestDto(requestIn(a), day(6))).not.toHaveProperty('_pending');
	});

	test('a rejected one leaves no attribute anywhere', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read(), consent(false)]);
		const response = answer(a, b, [{ ...no, code: 'user.declined', message: 'No.' }, no], 1, false);
		expect(response).toEqual({
			'@type': 'Response',
			result: 'Rejected',
			requestId: id('REQ', 1),
			items: [
				{ '@type': 'RejectResponseItem', result: 'Rejected', code: 'user.declined', message: 'No.' },
				{ '@type': 'RejectResponseItem', result: 'Rejected' }
			]
		});
		expect([a.views.list('attributes'), b.views.list('attributes')]).toEqual([[], []]);
		expect(requestIn(b).status).toBe('Completed');
	});
});

describe('C1 C2 C3 expiry', () => {
	test('undecided ones expire when looked at after their date, decided ones never', () => {
		const row = (status: RequestRow['status']): RequestRow => ({
			id: id('REQ', 1),
			isOwn: false,
			peer: berlin,
			createdAt: day(1),
			status,
			content: { '@type': 'Request', items: [], expiresAt: day(5) }
		});
		for (const status of ['Draft', 'Open', 'DecisionRequired', 'ManualDecisionRequired'] as const)
			expect([withExpiry(row(status), day(5)).status, withExpiry(row(status), day(6)).status]).toEqual([
				status,
				'Expired'
			]);
		for (const status of ['Decided', 'Completed', 'Expired'] as const)
			expect(withExpiry(row(status), day(6)).status).toBe(status);
	});

	test('an answer made in time completes an expired request, a late one is refused', () => {
		for (const [respondedAt, outcome] of [
			[day(5), 'ok'],
			[day(6), 'response-late']
		] as const) {
			const { anna: a, berlin: b } = pair();
			ask(b, a, [consent()], 1, { expiresAt: day(5) });
			const { response } = buildResponse(a.views, anna, requestIn(a), { items: [yes] }, true, ids(100));
			const received = {
				response,
				peer: anna,
				source: { type: 'Message', reference: 'M' },
				respondedAt
			} as const;
			expect(said(completeOutgoing(b.at(day(9)), received))).toBe(outcome);
			expect(withExpiry(requestIn(b), day(9)).status).toBe(outcome === 'ok' ? 'Completed' : 'Expired');
		}
	});

	test('one that arrives expired goes no further', () => {
		const { anna: a } = pair();
		const content = { '@type': 'Request', id: id('REQ', 1), items: [consent()], expiresAt: day(1) };
		mustBe(receiveRequest(a.at(day(2)), message(1, content)));
		expect(a.told.map(({ name }) => name)).toEqual([
			'consumption.incomingRequestReceived',
			'consumption.messageProcessed'
		]);
		expect(a.told[1]?.data).toMatchObject({ result: 'Error' });
		expect(requestIn(a).status).toBe('Expired');
	});
});
