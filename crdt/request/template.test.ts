/** Requests in templates: how they come up at who loads one, and what their answer is at who made it (content-behaviours C1, C2). */
import { describe, expect, test } from 'vitest';
import type { DecideItem } from '../api.ts';
import { anna, berlin, carl, day, id, party, relate, type Party } from '../attribute/testing/party.ts';
import { asBody, type Request, type Response } from '../content/request.ts';
import type { RequestRow } from '../views.ts';
import { applyAsRecipient, buildResponse, canReject, completedFromTemplate, completeIncoming } from './incoming.ts';
import { completeFromTemplate, draftRequest } from './outgoing.ts';
import { attribute, read, consent, said, judged, ids, mustBe, requestIn, yes, no, held } from './testing/asking.ts';
import { load, offer, template } from './testing/templates.ts';

describe('a request by template', () => {
	test('loaded for the first time it becomes one that waits for a decision, told in order', () => {
		const p = party(anna);
		expect(load(p, template(offer()))).toEqual({
			result: 'ManualRequestDecisionRequired',
			requestId: id('REQ', 1)
		});
		expect(requestIn(p)).toEqual({
			id: id('REQ', 1),
			isOwn: false,
			peer: berlin,
			createdAt: day(2),
			status: 'ManualDecisionRequired',
			content: { '@type': 'Request', items: [read(), consent()] },
			source: { type: 'RelationshipTemplate', reference: id('RLT', 1) }
		});
		expect(p.told.at(-1)).toMatchObject({
			name: 'consumption.relationshipTemplateProcessed',
			data: { template: { id: id('RLT', 1) }, result: 'ManualRequestDecisionRequired', requestId: id('REQ', 1) }
		});
		expect(p.heard()).toEqual([
			'consumption.incomingRequestReceived',
			'consumption.incomingRequestStatusChanged',
			'consumption.incomingRequestStatusChanged',
			'consumption.relationshipTemplateProcessed'
		]);
	});

	const existing = { items: [consent()] };
	const decided = (p: Party, status: RequestRow['status'], source = id('RLT', 1), n = 9) =>
		p.views.put('requests', {
			id: id('REQ', n),
			isOwn: false,
			peer: berlin,
			createdAt: day(1),
			status,
			content: { '@type': 'Request', items: [], ...(status === 'Open' && { expiresAt: day(1) }) },
			source: { type: 'RelationshipTemplate', reference: source }
		});
	test.each<[string, (p: Party) => void, object, object]>([
		[
			'content of another kind',
			() => {},
			{ '@type': 'ArbitraryRelationshipTemplateContent', value: 1 },
			{ result: 'NoRequest' }
		],
		[
			'its request still open',
			(p) => decided(p, 'ManualDecisionRequired'),
			offer(),
			{ result: 'NonCompletedRequestExists', requestId: id('REQ', 9) }
		],
		[
			'its request expired',
			(p) => decided(p, 'Expired'),
			offer(),
			{ result: 'NonCompletedRequestExists', requestId: id('REQ', 9) }
		],
		[
			'its request completed',
			(p) => decided(p, 'Completed'),
			offer(),
			{ result: 'ManualRequestDecisionRequired', requestId: id('REQ', 1) }
		],
		[
			'a pending relationship',
			(p) => void relate(p, berlin, 'Pending'),
			offer(),
			{ result: 'RelationshipExists', relationshipId: id('REL', 1) }
		],
		[
			'a terminated one',
			(p) => void relate(p, berlin, 'Terminated'),
			offer({}, existing),
			{ result: 'RelationshipExists', relationshipId: id('REL', 1) }
		],
		[
			'one to be deleted',
			(p) => void relate(p, berlin, 'DeletionProposed'),
			offer({}, existing),
			{ result: 'RelationshipExists', relationshipId: id('REL', 1) }
		],
		[
			'an active one and nothing for that',
			(p) => void relate(p, berlin),
			offer(),
			{ result: 'RelationshipExists', relationshipId: id('REL', 1) }
		],
		[
			'an active one and something for that',
			(p) => void relate(p, berlin),
			offer({}, existing),
			{ result: 'ManualRequestDecisionRequired', requestId: id('REQ', 1) }
		],
		[
			'an active one and something expired',
			(p) => void relate(p, berlin),
			offer({}, { ...existing, expiresAt: day(1) }),
			{ result: 'RequestExpired' }
		],
		[
			'a rejected one',
			(p) => void relate(p, berlin, 'Rejected'),
			offer(),
			{ result: 'ManualRequestDecisionRequired', requestId: id('REQ', 1) }
		],
		[
			'another offer of the peer undecided',
			(p) => decided(p, 'Decided', id('RLT', 2)),
			offer(),
			{ result: 'NonCompletedRequestExists', requestId: id('REQ', 9) }
		],
		[
			'another offer of the peer that has run out',
			(p) => decided(p, 'Open', id('RLT', 2)),
			offer(),
			{ result: 'ManualRequestDecisionRequired', requestId: id('REQ', 1) }
		],
		['an expired request', () => {}, offer({ expiresAt: day(1) }), { result: 'RequestExpired' }],
		['an id that is taken', (p) => decided(p, 'Completed', id('RLT', 2), 1), offer(), { result: 'Error' }]
	])('with %s', (_name, prepare, content, expected) => {
		const p = party(anna);
		prepare(p);
		const before = p.views.list('requests').length;
		expect(load(p, template(content))).toEqual(expected);
		expect(p.told.at(-1)).toMatchObject({ name: 'consumption.relationshipTemplateProcessed', data: expected });
		expect(p.views.list('requests')).toHaveLength(
			before + ('requestId' in expected && expected.requestId === id('REQ', 1) ? 1 : 0)
		);
	});

	describe('it ends with its template, if that is sooner', () => {
		test.each<[string, string | undefined, string | undefined, string | undefined]>([
			['C1.Received without an end of its own it ends with its template', undefined, day(9), day(9)],
			['C1.Received with a later end it ends with its template', day(12), day(9), day(9)],
			['C1.Received with an earlier end it keeps that', day(8), day(9), day(8)],
			['from a template without end it keeps its own', day(8), undefined, day(8)],
			['without any end it has none', undefined, undefined, undefined]
		])('%s', (_name, own, of, ends) => {
			const p = party(anna);
			load(p, template(offer(own ? { expiresAt: own } : {}), of ? { expiresAt: of } : {}));
			expect(requestIn(p).content['expiresAt']).toBe(ends);
		});
	});

	test('a template that has ended asks nothing any more', () => {
		const p = party(anna);
		expect(load(p, template(offer(), { expiresAt: day(1) }))).toEqual({ result: 'RequestExpired' });
	});

	test('the next one of a template is counted by those completed', () => {
		const p = party(anna);
		expect(completedFromTemplate(p.views, id('RLT', 1))).toBe(0);
		decided(p, 'Completed');
		decided(p, 'Decided', id('RLT', 1), 8);
		expect(completedFromTemplate(p.views, id('RLT', 1))).toBe(1);
	});

	test('it may be decided without relationship, or after a rejected or revoked one, but not in a pending one', () => {
		const p = party(anna);
		load(p, template(offer()));
		const may = () => judged(canReject(p.views, anna, requestIn(p), { items: [no, no] }, day(3)));
		expect(may()).toBe('ok');
		const answers = (['Active', 'Rejected', 'Revoked', 'Pending', 'Terminated', 'DeletionProposed'] as const).map(
			(status) => {
				relate(p, berlin, status);
				return may();
			}
		);
		const wrong = 'wrongRelationshipStatus';
		expect(answers).toEqual(['ok', 'ok', 'ok', wrong, wrong, wrong]);
	});

	test('C1.Complete rejected from a template it is Completed without a source, as nothing is sent', () => {
		const p = party(anna);
		load(p, template(offer()));
		const { response } = buildResponse(p.views, anna, requestIn(p), { items: [no, no] }, false, ids(100));
		applyAsRecipient(p.at(day(3)), requestIn(p), response);
		completeIncoming(p.at(day(3)), id('REQ', 1));
		completeIncoming(p.at(day(4)), id('REQ', 1), { type: 'Message', reference: 'M' });
		expect(requestIn(p)).toMatchObject({ status: 'Completed', response: { createdAt: day(3) } });
		expect(requestIn(p).response).not.toHaveProperty('source');
	});

	describe('answered, at the templator', () => {
		const own = (content: object = offer()) => template(content, { isOwn: true });
		function responded(
			items: DecideItem[] = [{ ...yes, newAttribute: attribute('Anna') as never }, yes],
			content: object = offer()
		) {
			const p = party(anna);
			load(p, template(content));
			return buildResponse(p.views, anna, requestIn(p), { items }, true, ids(100)).response;
		}
		const relationship = { type: 'Relationship', reference: id('REL', 1) } as const;
		const by = (
			response: Response,
			source: { type: 'Relationship' | 'Message'; reference: string } = relationship
		) => ({
			response,
			peer: anna,
			source,
			respondedAt: day(3),
			isNew: source.type === 'Relationship'
		});

		test('C2.FromTemplate it is created, sent and completed in one, attributes first, told twice when a relationship brought it', () => {
			const p = party(berlin);
			mustBe(completeFromTemplate(p.at(day(4)), own(), by(responded())));
			expect(requestIn(p)).toMatchObject({
				isOwn: true,
				peer: anna,
				status: 'Completed',
				content: { '@type': 'Request', items: [read(), consent()] },
				source: { type: 'RelationshipTemplate', reference: id('RLT', 1) },
				response: { createdAt: day(4), source: relationship }
			});
			expect(requestIn(p).content).not.toHaveProperty('id');
			expect(held(p)).toEqual([[id('ATT', 100), 'Anna']]);
			expect(p.heard()).toEqual([
				'consumption.attributeCreated',
				'consumption.outgoingRequestCreatedAndCompleted',
				'consumption.outgoingRequestFromRelationshipCreationCreatedAndCompleted'
			]);
			mustBe(completeFromTemplate(p.at(day(5)), own(), by(responded())));
			expect(p.heard()).toEqual([]);
		});

		test('C2.FromTemplate by message it answers what was asked of an existing contact, or else what was asked of a new one', () => {
			const message = { type: 'Message', reference: 'M' } as const;
			const p = party(berlin);
			mustBe(
				completeFromTemplate(
					p.at(day(4)),
					own(offer({}, { items: [read(), consent(), consent()] })),
					by(responded(), message)
				)
			);
			expect(requestIn(p).content).toMatchObject({ items: [read(), consent()] });
			expect(p.heard()).toEqual([
				'consumption.attributeCreated',
				'consumption.outgoingRequestCreatedAndCompleted'
			]);
			const q = party(berlin);
			const both = offer({}, { items: [consent()] });
			const answeredExisting = { ...responded(), items: responded().items.slice(1) };
			mustBe(completeFromTemplate(q.at(day(4)), own(both), by(answeredExisting, message)));
			expect(requestIn(q).content).toMatchObject({ items: [consent()] });
		});

		test('C2.FromTemplate its id is that of the answer', () => {
			const p = party(berlin);
			mustBe(completeFromTemplate(p.at(day(4)), own(), by({ ...responded(), requestId: id('REQ', 42) })));
			expect(p.views.list('requests').map((row) => row.id)).toEqual([id('REQ', 42)]);
		});

		test('C2.FromTemplate it comes about as well when the relationship is Active already', () => {
			const p = party(berlin);
			relate(p, anna, 'Active');
			mustBe(completeFromTemplate(p.at(day(4)), own(), { ...by(responded()), isNew: false }));
			expect(requestIn(p)).toMatchObject({ status: 'Completed', response: { source: relationship } });
			expect(held(p)).toEqual([[id('ATT', 100), 'Anna']]);
		});

		test('C2.FromTemplate with a relationship that had existed it is what was asked of an existing contact', () => {
			const both = own(offer({}, { items: [consent()] }));
			const answered = { ...responded(), items: responded().items.slice(1) };
			const p = party(berlin);
			mustBe(completeFromTemplate(p.at(day(4)), both, { ...by(answered), isNew: false }));
			expect(requestIn(p).content).toEqual({ '@type': 'Request', items: [consent()] });
			expect(said(completeFromTemplate(party(berlin).at(day(4)), both, by(answered)))).toBe('response-invalid');
		});

		test('it counts when it was answered, not when we looked', () => {
			const ended = own(offer({ expiresAt: day(3) }));
			expect(said(completeFromTemplate(party(berlin).at(day(20)), ended, by(responded())))).toBe('ok');
			expect(
				said(
					completeFromTemplate(party(berlin).at(day(20)), ended, { ...by(responded()), respondedAt: day(4) })
				)
			).toBe('response-late');
		});

		test('C2.FromTemplate malformed, or of another shape, it is refused whole', () => {
			const p = party(berlin);
			const refused = (response: Response, row = own()) =>
				said(completeFromTemplate(p.at(day(4)), row, by(response)));
			expect(refused({ ...responded(), items: responded().items.slice(1) })).toBe('response-invalid');
			expect(refused({ ...responded(), requestId: 'x' })).toBe('response-invalid');
			expect(refused(responded(), own({ '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }))).toBe(
				'response-unknown'
			);
			draftRequest(p.at(day(1)), id('REQ', 1), { '@type': 'Request', items: [] } as unknown as Request, carl);
			expect(refused(responded())).toBe('foreign-id');
			expect([p.views.list('attributes'), p.heard()]).toEqual([[], ['consumption.outgoingRequestCreated']]);
		});

		test('C2.FromTemplate an answer that differs from the first is refused', () => {
			const p = party(berlin);
			mustBe(completeFromTemplate(p.at(day(4)), own(), by(responded())));
			const other = responded([{ ...yes, newAttribute: attribute('Berta') as never }, yes]);
			expect(said(completeFromTemplate(p.at(day(5)), own(), by(other)))).toBe('response-second');
		});
	});

	test('the creation content holds the response without its name', () => {
		const p = party(anna);
		load(p, template(offer()));
		const { response } = buildResponse(p.views, anna, requestIn(p), { items: [no, no] }, false, ids(100));
		expect(asBody(response)).not.toHaveProperty('@type');
	});
});
