/** A request leaves: its draft becomes Open, and what it asks to be deleted is written down (content-behaviours C2). */
import { beforeEach, describe, expect, test } from 'vitest';
import { createOwn, succeedOwn } from '../attribute/own.ts';
import { anna, berlin, carl, day, id, type Party } from '../attribute/testing/party.ts';
import { forwardingsTo } from '../attribute/versions.ts';
import type { JsonObject } from '../views.ts';
import { receiveRequest } from './incoming.ts';
import { draftRequest, markSent, prepareRequest } from './outgoing.ts';
import { checkSend } from './send.ts';
import { attribute, consent, group, message, mustBe, pair, requestIn, said } from './testing/asking.ts';
import { forwarded, item, ofRelationship } from './testing/items.ts';

let b: Party;
beforeEach(() => {
	b = pair().berlin;
});
const drafted = (items: object[] = [consent()]) => {
	const content = mustBe(prepareRequest(b.views, berlin, { items: items as never }, anna, day(1)));
	draftRequest(b.at(day(1)), id('REQ', 1), content, anna);
	b.told.splice(0);
};
const leaves = (content: object = requestIn(b).content, n = 1) =>
	markSent(b.at(day(2)), { ...message(n, content, berlin), isOwn: true, recipients: [{ address: anna }] } as never);
const maySend = (content: object) =>
	said(checkSend(b.views, { recipients: [anna], content: content as JsonObject }, day(2)));

describe('sent', () => {
	test('C2.Sent a draft becomes Open, with the message as its source, and that is told', () => {
		drafted();
		const before = requestIn(b);
		leaves();
		expect(requestIn(b)).toEqual({
			...before,
			status: 'Open',
			source: { type: 'Message', reference: id('MSG', 1) }
		});
		expect(b.told).toMatchObject([
			{ name: 'consumption.outgoingRequestStatusChanged', data: { oldStatus: 'Draft', newStatus: 'Open' } }
		]);
	});
	test.each(['Open', 'Completed', 'Expired'] as const)(
		'C2.Sent in a wrong status it is refused, and stays as it is: %s',
		(status) => {
			drafted();
			b.views.put('requests', { ...requestIn(b), status });
			const before = requestIn(b);
			expect(maySend(before.content)).toBe(
				status === 'Expired' ? 'cannotSendMessageWithExpiredRequest' : 'cannotSendRequestThatWasAlreadySent'
			);
			leaves(before.content, 2);
			expect([requestIn(b), b.heard()]).toEqual([before, []]);
		}
	);
	test('C2.Sent an unknown id is refused, and that of one we were asked', () => {
		drafted();
		expect(maySend({ ...requestIn(b).content, id: id('REQ', 77) })).toBe('recordNotFound');
		b.views.put('requests', { ...requestIn(b), isOwn: false });
		expect(maySend(requestIn(b).content)).toBe('recordNotFound');
		leaves();
		expect([requestIn(b).status, b.heard()]).toEqual(['Draft', []]);
	});
	test('C2.Sent a message that came is not one that was sent: the draft of that id stays a draft', () => {
		drafted();
		for (const from of [anna, carl])
			expect(said(receiveRequest(b.at(day(2)), message(1, requestIn(b).content, from)))).toBe(
				'cannotCreateRequestWithDuplicateId'
			);
		expect([requestIn(b).status, requestIn(b).source, b.heard()]).toEqual(['Draft', undefined, []]);
	});
	test.each<[string, (content: JsonObject) => object, string]>([
		[
			'C2.Sent malformed is refused: without items',
			(content) => ({ ...content, items: [] }),
			'requestDeserialization'
		],
		['C2.Sent malformed is refused: without id', ({ id: _id, ...content }) => content, 'invalidPropertyValue'],
		[
			'C2.Sent another content than was drafted is refused',
			(content) => ({ ...content, title: 'x' }),
			'invalidPropertyValue'
		]
	])('%s', (_name, change, code) => {
		drafted();
		expect(maySend(change(requestIn(b).content))).toBe(code);
	});
});

describe('sent, with something to be deleted', () => {
	const deleteItem = (n: number) => item('DeleteAttribute', { attributeId: id('ATT', n) });
	const statusAt = (n: number) => forwardingsTo(b.views, id('ATT', n), anna)[0]?.deletionInfo?.deletionStatus;

	test('C2.Sent what is asked to be deleted is marked, and the versions before it; nothing before it leaves', () => {
		createOwn(b.at(day(1)), id('ATT', 1), attribute('Berlin', berlin));
		succeedOwn(b.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Newer', berlin));
		succeedOwn(b.at(day(1)), id('ATT', 2), id('ATT', 3), attribute('Newest', berlin));
		for (const n of [1, 2]) forwarded(b, n, anna);
		drafted([consent(), group(deleteItem(2))]);
		expect([statusAt(1), statusAt(2)]).toEqual([undefined, undefined]);
		leaves();
		expect([statusAt(1), statusAt(2), statusAt(3)]).toEqual([
			'DeletionRequestSent',
			'DeletionRequestSent',
			undefined
		]);
	});
	test('C2.Sent versions that were never shared are not touched, and the rest is marked nevertheless', () => {
		createOwn(b.at(day(1)), id('ATT', 1), attribute('Berlin', berlin));
		succeedOwn(b.at(day(1)), id('ATT', 1), id('ATT', 2), attribute('Newer', berlin));
		forwarded(b, 2, anna);
		drafted([deleteItem(2)]);
		leaves();
		expect([statusAt(2), forwardingsTo(b.views, id('ATT', 1), anna)]).toEqual(['DeletionRequestSent', []]);
		expect(requestIn(b).status).toBe('Open');
	});
	test('C2.Sent what lives between the two is marked itself', () => {
		ofRelationship(b, 1, anna, 'OwnRelationshipAttribute', berlin);
		drafted([deleteItem(1)]);
		leaves();
		expect(b.views.get('attributes', id('ATT', 1))?.deletionInfo?.deletionStatus).toBe('DeletionRequestSent');
		expect(requestIn(b).status).toBe('Open');
	});
});
