import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DecideItem } from '../api.ts';
import { createOwn, markViewed, succeedOwn } from '../attribute/own.ts';
import { anna, berlin, day, id } from '../attribute/testing/party.ts';
import { forwardingsTo, isForwarded } from '../attribute/versions.ts';
import { parseResponse } from '../content/parse.ts';
import { memoryViews } from '../memory-views.ts';
import type { AttributeRow, JsonObject, Views } from '../views.ts';
import { applyAsRecipient, buildResponse, canAccept } from './incoming.ts';
import { completeOutgoing } from './outgoing.ts';
import {
	attribute,
	read,
	create,
	consent,
	group,
	ids,
	mustBe,
	requestIn,
	attributeIn,
	ask,
	answer,
	pair,
	yes,
	no,
	given,
	held
} from './testing/asking.ts';

describe('answers take into account what the peer holds', () => {
	test('new: created with its id, forwarded, and the same at both', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read(), create('Annie')]);
		const response = answer(a, b, [{ ...yes, newAttribute: attribute(' Anna ', '') as never }, yes]);
		expect(response.items).toEqual([
			{
				'@type': 'ReadAttributeAcceptResponseItem',
				result: 'Accepted',
				attributeId: id('ATT', 100),
				attribute: attribute('Anna')
			},
			{ '@type': 'CreateAttributeAcceptResponseItem', result: 'Accepted', attributeId: id('ATT', 101) }
		]);
		expect(given(a, berlin)).toEqual([
			[id('ATT', 100), 'Anna'],
			[id('ATT', 101), 'Annie']
		]);
		expect(held(b)).toEqual(given(a, berlin));
		expect(attributeIn(b, 101)).toMatchObject({
			peer: anna,
			sourceReference: id('REQ', 1),
			content: attribute('Annie')
		});
	});

	test('existing: given with its id; given again it is called already shared; its successor a succession', () => {
		const { anna: a, berlin: b } = pair();
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		const kinds = [1, 2, 3].map((n) => {
			if (n === 3) succeedOwn(a.at(day(3)), id('ATT', 1), id('ATT', 2), attribute('Ann'));
			ask(b, a, [read()], n);
			return answer(a, b, [{ ...yes, existingAttributeId: id('ATT', n === 3 ? 2 : 1) }], n).items[0];
		});
		expect(kinds).toEqual([
			{
				'@type': 'ReadAttributeAcceptResponseItem',
				result: 'Accepted',
				attributeId: id('ATT', 1),
				attribute: attribute('Anna')
			},
			{ '@type': 'AttributeAlreadySharedAcceptResponseItem', result: 'Accepted', attributeId: id('ATT', 1) },
			{
				'@type': 'AttributeSuccessionAcceptResponseItem',
				result: 'Accepted',
				predecessorId: id('ATT', 1),
				successorId: id('ATT', 2),
				successorContent: attribute('Ann')
			}
		]);
		expect(attributeIn(b, 2)).toMatchObject({ succeeds: id('ATT', 1), sourceReference: id('REQ', 3) });
		expect(held(b)).toEqual(given(a, berlin));
	});

	test('one chosen twice in a request is given once', () => {
		const { anna: a, berlin: b } = pair();
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		ask(b, a, [read(), group(read('GivenName', false), create('Anna'))]);
		const existing = { ...yes, existingAttributeId: id('ATT', 1) };
		const response = answer(a, b, [existing, { items: [existing, yes] }]);
		const shared = {
			'@type': 'AttributeAlreadySharedAcceptResponseItem',
			result: 'Accepted',
			attributeId: id('ATT', 1)
		};
		expect(response.items[1]).toEqual({ '@type': 'ResponseItemGroup', items: [shared, shared] });
		expect(forwardingsTo(a.views, id('ATT', 1), berlin)).toHaveLength(1);
	});

	test('an equal value typed in new is the one that exists', () => {
		const { anna: a, berlin: b } = pair();
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
		ask(b, a, [read(), create(' Anna ')]);
		const response = answer(a, b, [{ ...yes, newAttribute: attribute('Anna ') as never }, yes]);
		expect(response.items.map((item) => (item as JsonObject)['attributeId'])).toEqual([id('ATT', 1), id('ATT', 1)]);
		expect(a.views.list('attributes')).toHaveLength(1);
	});

	test('tags that were lacking make a succession first, and everybody agrees on it', () => {
		const { anna: a, berlin: b } = pair();
		createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna', anna, ['x:a']));
		ask(b, a, [read('GivenName', true, ['x:b']), create('Anna', '', ['x:c'])]);
		answer(a, b, [{ ...yes, existingAttributeId: id('ATT', 1), tags: ['x:b'] }, yes]);
		expect(attributeIn(a, 100)).toMatchObject({
			succeeds: id('ATT', 1),
			content: attribute('Anna', anna, ['x:a', 'x:b'])
		});
		expect(attributeIn(a, 101)).toMatchObject({
			succeeds: id('ATT', 100),
			content: attribute('Anna', anna, ['x:a', 'x:b', 'x:c'])
		});
		expect(attributeIn(b, 101)).toMatchObject({
			succeeds: id('ATT', 100),
			content: attribute('Anna', anna, ['x:a', 'x:b', 'x:c'])
		});
		expect(held(b)).toEqual(given(a, berlin));
	});

	test('what the peer deleted is given anew; what it meant to delete it keeps', () => {
		for (const [status, kind, records] of [
			['DeletedByRecipient', 'ReadAttributeAcceptResponseItem', 2],
			['ToBeDeletedByRecipient', 'AttributeAlreadySharedAcceptResponseItem', 1]
		] as const) {
			const { anna: a, berlin: b } = pair();
			createOwn(a.at(day(1)), id('ATT', 1), attribute('Anna'));
			ask(b, a, [read()]);
			answer(a, b, [{ ...yes, existingAttributeId: id('ATT', 1) }]);
			const [current] = forwardingsTo(a.views, id('ATT', 1), berlin);
			if (current)
				a.views.put('forwardings', {
					...current,
					deletionInfo: { deletionStatus: status, deletionDate: day(9) }
				});
			ask(b, a, [read()], 2);
			const response = answer(a, b, [{ ...yes, existingAttributeId: id('ATT', 1) }], 2);
			expect(response.items[0]?.['@type']).toBe(kind);
			const all = forwardingsTo(a.views, id('ATT', 1), berlin);
			expect([all.length, all.at(-1)?.deletionInfo]).toEqual([records, undefined]);
		}
	});

	test('building a response changes nothing by itself and says what it would create', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read()]);
		a.heard();
		const before = JSON.stringify(a.views.list('attributes'));
		const decision = { items: [{ ...yes, newAttribute: attribute('Anna') as never }] };
		const { created } = buildResponse(a.views, anna, requestIn(a), decision, true, ids(100));
		expect(created).toMatchObject([{ id: id('ATT', 100), content: attribute('Anna') }]);
		expect([JSON.stringify(a.views.list('attributes')), a.heard()]).toEqual([before, []]);
	});
});

describe('effects come from the committed response alone', () => {
	const name = fc.constantFrom('Anna', 'Ann', 'Annie');
	const tags = fc.option(fc.uniqueArray(fc.constantFrom('x:a', 'x:b')), { nil: undefined });
	const own = fc.record({ name, tags, follows: fc.boolean() });
	const item = fc.oneof(
		fc.record({ kind: fc.constant('existing'), pick: fc.nat(5), tags }),
		fc.record({ kind: fc.constant('new'), name, tags }),
		fc.record({ kind: fc.constant('create'), name, tags }),
		fc.record({ kind: fc.constant('consent') }),
		fc.record({ kind: fc.constant('reject') })
	);
	type Item = typeof item extends fc.Arbitrary<infer I> ? I : never;
	const rounds = fc.array(fc.array(item, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 });

	function asked(one: Item): object {
		if (one.kind === 'create' && 'name' in one) return create(one.name, '', one.tags);
		return one.kind === 'consent' ? consent() : read('GivenName', one.kind !== 'reject');
	}
	function decided(one: Item, owned: AttributeRow[]): DecideItem {
		if (one.kind === 'reject') return no;
		if (one.kind === 'new' && 'name' in one)
			return { ...yes, newAttribute: attribute(one.name, anna, one.tags) as never };
		if (one.kind !== 'existing' || !('pick' in one)) return yes;
		const chosen = owned[one.pick % Math.max(owned.length, 1)];
		if (!chosen) return { ...yes, newAttribute: attribute('Anna') as never };
		return {
			...yes,
			existingAttributeId: chosen.id,
			...(one.tags && chosen.succeededBy === undefined && { tags: one.tags })
		};
	}
	const effects = (views: Views) => JSON.stringify([views.list('attributes'), views.list('forwardings')]);
	const snapshot = (views: Views) =>
		JSON.stringify(['attributes', 'forwardings', 'requests'].map((table) => views.list(table as 'attributes')));

	test('applying twice is applying once, on both sides; both hold the same; another device of either agrees', () => {
		fc.assert(
			fc.property(fc.array(own, { maxLength: 4 }), rounds, (owned, asks) => {
				const { anna: a, berlin: b } = pair();
				owned.forEach((one, n) => {
					const last = a.views.list('attributes').at(-1);
					if (one.follows && last)
						succeedOwn(a.at(day(1)), last.id, id('ATT', n), attribute(one.name, anna, one.tags));
					else createOwn(a.at(day(1)), id('ATT', n), attribute(one.name, anna, one.tags));
				});
				asks.forEach((items, i) => {
					const n = i + 1;
					ask(b, a, items.map(asked), n);
					const row = requestIn(a, n);
					const decision = {
						items: items.map((one) =>
							decided(
								one,
								a.views.list('attributes').filter((x) => x._aliasOf === undefined)
							)
						)
					};
					const may = mustBe(canAccept(a.views, anna, row, decision, day(3)));
					if (!may.isSuccess) return; // e.g. an outdated version: nothing to answer
					const { response } = buildResponse(a.views, anna, row, decision, true, ids(100 * n));
					const wire = mustBe(parseResponse(JSON.parse(JSON.stringify(response))));
					expect(wire).toEqual(response);

					const device = memoryViews(a.views);
					applyAsRecipient({ ...a.at(day(3)), views: device, emit: () => {} }, row, wire);
					applyAsRecipient(a.at(day(3)), row, response);
					expect(snapshot(device)).toBe(snapshot(a.views));
					const once = effects(a.views);
					applyAsRecipient(a.at(day(4)), requestIn(a, n), response);
					expect(snapshot(device)).toBe(snapshot(a.views));
					applyAsRecipient(a.at(day(4)), row, response); // its status was lost: the effects are still there
					expect(effects(a.views)).toBe(once);

					const received = {
						response: wire,
						peer: anna,
						source: { type: 'Message', reference: 'M' },
						respondedAt: day(3)
					} as const;
					mustBe(completeOutgoing(b.at(day(4)), received));
					const told = snapshot(b.views);
					b.heard();
					mustBe(completeOutgoing(b.at(day(5)), received));
					expect([snapshot(b.views), b.heard()]).toEqual([told, []]);
					expect(held(b)).toEqual(given(a, berlin));
				});
			}),
			{ numRuns: 300 }
		);
	});

	test('effects applied again on views that have them add nothing, even if the status was lost', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read(), create('Annie')]);
		const row = requestIn(a);
		const decision = { items: [{ ...yes, newAttribute: attribute('Anna') as never }, yes] };
		const { response } = buildResponse(a.views, anna, row, decision, true, ids(100));
		applyAsRecipient(a.at(day(3)), row, response);
		const once = JSON.stringify([a.views.list('attributes'), a.views.list('forwardings')]);
		a.heard();
		applyAsRecipient(a.at(day(4)), row, response);
		expect(JSON.stringify([a.views.list('attributes'), a.views.list('forwardings')])).toBe(once);
		expect(a.heard()).toEqual(['consumption.incomingRequestStatusChanged']);
	});

	test('an equal attribute made on another device meanwhile becomes one with that of the response', () => {
		const { anna: a, berlin: b } = pair();
		ask(b, a, [read()]);
		const decision = { items: [{ ...yes, newAttribute: attribute('Anna') as never }] };
		const { response } = buildResponse(a.views, anna, requestIn(a), decision, true, ids(100));
		createOwn(a.at(day(2)), id('ATT', 1), attribute('Anna'));
		applyAsRecipient(a.at(day(3)), requestIn(a), response);
		expect(attributeIn(a, 100)._aliasOf).toBe(id('ATT', 1));
		expect(isForwarded(a.views, id('ATT', 100), berlin)).toBe(true);
	});
});

test('looking at an attribute is nothing a request cares about', () => {
	const { anna: a, berlin: b } = pair();
	ask(b, a, [read()]);
	answer(a, b, [{ ...yes, newAttribute: attribute('Anna') as never }]);
	b.heard();
	markViewed(b.at(day(5)), id('ATT', 100));
	expect(b.heard()).toEqual(['consumption.attributeWasViewedAtChanged']);
});
