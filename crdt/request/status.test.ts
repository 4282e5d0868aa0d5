/** How requests move, what is told of it, and when they expire (content-behaviours C2, C3, E2). */
import { describe, expect, test } from 'vitest';
import { anna, berlin, day, id, type Party } from '../attribute/testing/party.ts';
import type { JsonObject, RequestRow } from '../views.ts';
import { applyAsRecipient, buildResponse, completeIncoming, receiveRequest } from './incoming.ts';
import { completeOutgoing, markSent } from './outgoing.ts';
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

describe('a request answered by message', () => {
	test('C3.1 it is Draft, Open, Completed at the one who asks, and told in that order', () => {
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

	test('C3.1 it is received, comes to manual decision, is Decided, then Completed at the one who is asked', () => {
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

	test('C3.1 what REST shows has no inner members and the status of the moment', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read()], 1, { expiresAt: day(5) });
		a.views.put('requests', { ...requestIn(a), _pending: true });
		expect(requestDto(requestIn(a), day(5))).toMatchObject({ status: 'ManualDecisionRequired' });
		expect(requestDto(requestIn(a), day(6))).toMatchObject({ status: 'Expired' });
		expect(requestDto(requestIn(a), day(6))).not.toHaveProperty('_pending');
	});

	test('E2.1 a rejected one leaves no attribute anywhere', () => {
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

describe('a step', () => {
	test('C3.1 says from where and to where, with the request as it is then', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [consent()]);
		for (const told of a.told.filter(({ name }) => name.endsWith('StatusChanged'))) {
			const { request, oldStatus, newStatus } = told.data as Record<string, JsonObject>;
			expect([request?.['id'], request?.['status']]).toEqual([id('REQ', 1), newStatus]);
			expect(oldStatus).not.toBe(newStatus);
		}
		expect(a.heard().filter((name) => name.endsWith('StatusChanged'))).toHaveLength(2);
	});
	test('C3.1 to where it is already is none: sent, answered or completed twice is told once', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [consent()]);
		markSent(b.at(day(2)), { ...message(1, requestIn(b).content, berlin), recipients: [{ address: anna }] });
		mustBe(receiveRequest(a.at(day(3)), message(1, requestIn(b).content)));
		const response = answer(a, b, [yes]);
		applyAsRecipient(a.at(day(4)), requestIn(a), response);
		completeIncoming(a.at(day(4)), id('REQ', 1), { type: 'Message', reference: id('MSG', 51) });
		const source = { type: 'Message', reference: id('MSG', 51) } as const;
		mustBe(completeOutgoing(b.at(day(5)), { response, peer: anna, source, respondedAt: day(3) }));
		const steps = ({ told }: Party) => told.flatMap(({ data }) => (data as { newStatus?: string }).newStatus ?? []);
		expect(steps(a)).toEqual(['DecisionRequired', 'ManualDecisionRequired', 'Decided', 'Completed']);
		expect(steps(b)).toEqual(['Open', 'Completed']);
	});
});

describe('expiry', () => {
	const row = (status: RequestRow['status'], expiresAt?: string): RequestRow => ({
		id: id('REQ', 1),
		isOwn: false,
		peer: berlin,
		createdAt: day(1),
		status,
		content: { '@type': 'Request', items: [], ...(expiresAt !== undefined && { expiresAt }) }
	});

	test.each<[string, RequestRow['status'], RequestRow['status']]>([
		['C3.2 Draft becomes Expired', 'Draft', 'Expired'],
		['C3.2 Open becomes Expired', 'Open', 'Expired'],
		['C3.2 DecisionRequired becomes Expired', 'DecisionRequired', 'Expired'],
		['C3.2 ManualDecisionRequired becomes Expired', 'ManualDecisionRequired', 'Expired'],
		['C3.2 Decided stays: what was decided in time does not expire', 'Decided', 'Decided'],
		['C3.2 Completed stays', 'Completed', 'Completed'],
		['C3.2 Expired stays', 'Expired', 'Expired']
	])('%s', (_name, status, after) => {
		expect(withExpiry(row(status, day(5)), day(6)).status).toBe(after);
	});
	test('C3.2 not before the end, at the end, or without one', () => {
		for (const [expiresAt, now] of [
			[day(5), day(4)],
			[day(5), day(5)],
			[undefined, day(6)]
		] as const)
			expect(withExpiry(row('Open', expiresAt), now)).toEqual(row('Open', expiresAt));
	});

	test.each([
		['C2.Expired an answer made in time completes it, however late it comes', day(5), 'ok', 'Completed'],
		['C2.Expired an answer made too late is refused', day(6), 'response-late', 'Expired']
	])('%s', (_name, respondedAt, outcome, status) => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [consent()], 1, { expiresAt: day(5) });
		const { response } = buildResponse(a.views, anna, requestIn(a), { items: [yes] }, true, ids(100));
		const source = { type: 'Message', reference: 'M' } as const;
		b.views.put('requests', withExpiry(requestIn(b), day(9)));
		expect(said(completeOutgoing(b.at(day(9)), { response, peer: anna, source, respondedAt }))).toBe(outcome);
		expect(withExpiry(requestIn(b), day(9)).status).toBe(status);
	});

	test('C3.2 one that arrives expired goes no further', () => {
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
