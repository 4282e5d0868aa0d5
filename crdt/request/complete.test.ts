/** An answer has left, or nothing had to: requests we were asked are Completed (content-behaviours C1). */
import { describe, expect, test } from 'vitest';
import { anna, day, id, party, type Party } from '../attribute/testing/party.ts';
import { applyAsRecipient, buildResponse, completeIncoming } from './incoming.ts';
import { consent, ids, pair, requestIn, yes } from './testing/asking.ts';
import { arrives } from './testing/items.ts';
import { load, offer, template } from './testing/templates.ts';

/** Decided, by message or by template; nothing has left yet. */
function decided(by: 'message' | 'template'): Party {
	const a = by === 'message' ? pair().anna : party(anna);
	if (by === 'message') arrives(a, [consent(false)]);
	else load(a, template(offer({ items: [consent(false)] })));
	const { response } = buildResponse(a.views, anna, requestIn(a), { items: [yes] }, true, ids(100));
	applyAsRecipient(a.at(day(3)), requestIn(a), response);
	a.told.splice(0);
	return a;
}
const STATUS = 'consumption.incomingRequestStatusChanged';

describe('completed', () => {
	test.each([
		[
			'C1.Complete with a message it is Completed, with the message as source',
			'message',
			{ type: 'Message', reference: id('MSG', 9) }
		],
		[
			'C1.Complete with a relationship it is Completed, with the relationship as source',
			'template',
			{ type: 'Relationship', reference: id('REL', 9) }
		]
	] as const)('%s', (_name, by, source) => {
		const a = decided(by);
		const before = requestIn(a);
		completeIncoming(a.at(day(4)), id('REQ', 1), source);
		expect(requestIn(a)).toEqual({ ...before, status: 'Completed', response: { ...before.response, source } });
		expect(a.told).toMatchObject([{ name: STATUS, data: { oldStatus: 'Decided', newStatus: 'Completed' } }]);
	});

	test('C1.Complete in a wrong status it stays as it is', () => {
		for (const status of ['Open', 'DecisionRequired', 'ManualDecisionRequired', 'Completed', 'Expired'] as const) {
			const a = decided('message');
			a.views.put('requests', { ...requestIn(a), status });
			const before = requestIn(a);
			completeIncoming(a.at(day(4)), id('REQ', 1), { type: 'Message', reference: id('MSG', 9) });
			expect([requestIn(a), a.heard()]).toEqual([before, []]);
		}
	});
	test('C1.Complete without an answer it stays as it is', () => {
		const { anna: a } = pair();
		arrives(a, [consent(false)]);
		a.views.put('requests', { ...requestIn(a), status: 'Decided' });
		a.told.splice(0);
		completeIncoming(a.at(day(4)), id('REQ', 1), { type: 'Message', reference: id('MSG', 9) });
		expect([requestIn(a).status, a.heard()]).toEqual(['Decided', []]);
	});
	test('C1.Complete an unknown id, or one of our own, is nothing', () => {
		const a = decided('message');
		completeIncoming(a.at(day(4)), id('REQ', 77), { type: 'Message', reference: id('MSG', 9) });
		a.views.put('requests', { ...requestIn(a), isOwn: true });
		completeIncoming(a.at(day(4)), id('REQ', 1), { type: 'Message', reference: id('MSG', 9) });
		expect([requestIn(a).status, a.views.list('requests').length, a.heard()]).toEqual(['Decided', 1, []]);
	});
	test('C1.Complete once: a second source changes nothing', () => {
		const a = decided('message');
		for (const n of [9, 10])
			completeIncoming(a.at(day(4)), id('REQ', 1), { type: 'Message', reference: id('MSG', n) });
		expect(requestIn(a).response?.source).toEqual({ type: 'Message', reference: id('MSG', 9) });
		expect(a.heard()).toEqual([STATUS]);
	});
});
