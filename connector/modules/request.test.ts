/** What the request and notification modules do by themselves (connector-api.md §8.3; content-behaviours E5), seen over REST. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
	addressOf,
	arrived,
	connect,
	consent,
	createTemplate,
	identityAttribute,
	must,
	read,
	sync,
	until,
	type Shape
} from '../testing/party.ts';
import { createWorld, type TestConnector } from '../testing/world.ts';

interface Processed {
	readonly result: string;
	readonly requestId?: string;
	readonly relationshipId?: string;
}
const YES = { items: [{ accept: true }] };
const NO = { items: [{ accept: false }] };
const AGAIN = (text: string, expiresAt?: string) => ({
	'@type': 'Request',
	items: [consent(text)],
	...(expiresAt === undefined ? {} : { expiresAt })
});

/** A minute goes by for everybody, without anybody waiting. */
const pass = () => vi.setSystemTime(Date.now() + 61_000);

let city: TestConnector;
let person: TestConnector;
beforeEach(async () => {
	const world = createWorld();
	[city, person] = await Promise.all([world.connector('city'), world.connector('person')]);
	return async () => {
		await Promise.all([city.engine.close(), person.engine.close()]);
		vi.useRealTimers();
	};
});

/** Events of one name so far; `data` is theirs. */
const told = <T>({ events }: TestConnector, name: string): T[] =>
	events.filter((event) => event.name === name).map(({ data }) => data as T);
const processed = (party: TestConnector) =>
	told<Processed>(party, 'consumption.relationshipTemplateProcessed').map(
		({ result, requestId, relationshipId }) => ({
			result,
			...(requestId === undefined ? {} : { requestId }),
			...(relationshipId === undefined ? {} : { relationshipId })
		})
	);
const load = (party: TestConnector, template: { readonly reference: { readonly url: string } }) =>
	must(party.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
const requestsOf = (party: TestConnector, template: Shape) =>
	must<Shape[]>(party.call('GET', `/Requests/Incoming?source.reference=${template.id}`));
const templateWith = (content: object, more: object = {}) =>
	must<Shape & { reference: { truncated: string; url: string } }>(
		city.call('POST', '/RelationshipTemplates/Own', {
			expiresAt: '2030-01-01T00:00:00.000Z',
			content: { '@type': 'RelationshipTemplateContent', ...content },
			...more
		}),
		201
	);
const act = (party: TestConnector, id: string, step: string) => must(party.call('PUT', `/Relationships/${id}/${step}`));

describe('a template that is loaded', () => {
	test('E5.1 asks its request, which a person has to decide; loaded again while that is open it does not ask twice', async () => {
		const template = await createTemplate(city, [consent('ok')]);
		await load(person, template);
		const [request, ...more] = await requestsOf(person, template);
		expect([request?.status, more]).toEqual(['ManualDecisionRequired', []]);
		const statuses = told<{ newStatus: string }>(person, 'consumption.incomingRequestStatusChanged');
		expect(statuses.map(({ newStatus }) => newStatus)).toEqual(['DecisionRequired', 'ManualDecisionRequired']);
		await load(person, template);
		expect(await requestsOf(person, template)).toHaveLength(1);
		expect(processed(person)).toEqual([
			{ result: 'ManualRequestDecisionRequired', requestId: request?.id },
			{ result: 'NonCompletedRequestExists', requestId: request?.id }
		]);
	});

	test('E5.2, E5.4 accepted, it opens the relationship with the answer and completes, on both sides', async () => {
		const { relationshipId, requestId } = await connect(city, person, [consent('ok')], YES.items);
		const asked = await must(person.call('GET', `/Requests/Incoming/${requestId}`));
		const answered = await must(city.call('GET', `/Requests/Outgoing/${requestId}`));
		expect(asked).toMatchObject({
			status: 'Completed',
			response: { source: { type: 'Relationship', reference: relationshipId } }
		});
		expect(answered).toMatchObject({ status: 'Completed', isOwn: true, peer: await addressOf(person) });
		const name = 'consumption.outgoingRequestFromRelationshipCreationCreatedAndCompleted';
		expect(told<Shape>(city, name).map(({ id }) => id)).toEqual([requestId]);
	});

	test('E5.3 without a request in it, or with one that is over, says so', async () => {
		const bare = await must<Shape & { reference: { url: string } }>(
			city.call('POST', '/RelationshipTemplates/Own', {
				expiresAt: '2030-01-01T00:00:00.000Z',
				content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }
			}),
			201
		);
		await load(person, bare);
		const soon = new Date(Date.now() + 60_000).toISOString();
		const brief = await templateWith({ onNewRelationship: AGAIN('quick', soon) });
		pass();
		await load(person, brief);
		expect(processed(person)).toEqual([{ result: 'NoRequest' }, { result: 'RequestExpired' }]);
		expect(await must<Shape[]>(person.call('GET', '/Requests/Incoming'))).toEqual([]);
	});

	test('E5.3 while there is a relationship names it: Pending, Active, Terminated, DeletionProposed', async () => {
		const first = await createTemplate(city, [consent('ok')]);
		const others = [await createTemplate(city, [consent('1')]), await createTemplate(city, [consent('2')])];
		others.push(await createTemplate(city, [consent('3')]), await createTemplate(city, [consent('4')]));
		await load(person, first);
		const [request] = await requestsOf(person, first);
		await must(person.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, YES));
		const [relationship] = await until(
			() => must<Shape[]>(person.call('GET', '/Relationships')),
			(rows) => rows.length > 0,
			'a relationship'
		);
		const { id } = relationship!;
		await load(person, others[0]!);
		await sync(city);
		await act(city, id, 'Accept');
		await sync(person);
		await load(person, others[1]!);
		await act(person, id, 'Terminate');
		await load(person, others[2]!);
		await sync(city);
		await must(city.call('DELETE', `/Relationships/${id}`), 204);
		await sync(person);
		expect((await must(person.call('GET', `/Relationships/${id}`))).status).toBe('DeletionProposed');
		await load(person, others[3]!);
		expect(processed(person).slice(1)).toEqual(
			Array.from({ length: 4 }, () => ({ result: 'RelationshipExists', relationshipId: id }))
		);
	});

	test('E5.3, E5.8 a second one while the first waits does not ask: never two that would open a relationship', async () => {
		const [first, second] = [
			await createTemplate(city, [consent('1')]),
			await createTemplate(city, [consent('2')])
		];
		await load(person, first);
		await load(person, second);
		const open = await must<Shape[]>(person.call('GET', '/Requests/Incoming'));
		expect(open).toHaveLength(1);
		expect(processed(person).at(-1)).toEqual({ result: 'NonCompletedRequestExists', requestId: open[0]?.id });
		await must(person.call('PUT', `/Requests/Incoming/${open[0]!.id}/Reject`, NO));
		await until(
			() => must(person.call('GET', `/Requests/Incoming/${open[0]!.id}`)),
			({ status }) => status === 'Completed',
			'completed'
		);
		await load(person, second);
		expect(await requestsOf(person, second)).toHaveLength(1);
	});

	test.each(['Accept', 'Reject'] as const)(
		'E5.5 while the relationship is Active asks what is meant for that, and %s is answered by a message',
		async (decision) => {
			await connect(city, person, [consent('ok')], YES.items);
			const template = await templateWith({
				onNewRelationship: AGAIN('new'),
				onExistingRelationship: AGAIN('existing')
			});
			await load(person, template);
			const [request] = await requestsOf(person, template);
			expect(request).toMatchObject({
				status: 'ManualDecisionRequired',
				content: { items: [{ consent: 'existing' }] }
			});
			expect(processed(person).at(-1)).toEqual({
				result: 'ManualRequestDecisionRequired',
				requestId: request?.id
			});
			await must(
				person.call('PUT', `/Requests/Incoming/${request!.id}/${decision}`, decision === 'Accept' ? YES : NO)
			);
			const outgoing = await until(
				async () => {
					await sync(person);
					await sync(city);
					return city.call('GET', `/Requests/Outgoing/${request!.id}`);
				},
				({ status }) => status === 200,
				'answered'
			);
			const result = `${decision}ed`;
			expect(outgoing.result).toMatchObject({
				status: 'Completed',
				response: { content: { result }, source: { type: 'Message' } }
			});
			expect(await must(person.call('GET', `/Requests/Incoming/${request!.id}`))).toMatchObject({
				status: 'Completed',
				response: { content: { result }, source: { type: 'Message' } }
			});
			const name = 'consumption.outgoingRequestCreatedAndCompleted';
			expect(told<Shape>(city, name).map(({ id }) => id)).toContain(request!.id);
		}
	);

	test('E5.5 while the relationship is Active and what is meant for that is over, says so', async () => {
		await connect(city, person, [consent('ok')], YES.items);
		const soon = new Date(Date.now() + 60_000).toISOString();
		const template = await templateWith({
			onNewRelationship: AGAIN('new'),
			onExistingRelationship: AGAIN('existing', soon)
		});
		pass();
		await load(person, template);
		expect(processed(person).at(-1)).toEqual({ result: 'RequestExpired' });
	});
});

describe('a request by message', () => {
	test('E5.6 is Open when sent, asked when received, and its answer completes both', async () => {
		await connect(city, person, [consent('ok')], YES.items);
		const peer = await addressOf(person);
		const draft = await must<Shape & { content: object }>(
			city.call('POST', '/Requests/Outgoing', { peer, content: { items: [consent('more')] } }),
			201
		);
		expect(draft.status).toBe('Draft');
		const sent = await must(city.call('POST', '/Messages', { recipients: [peer], content: draft.content }), 201);
		const outgoing = () => must(city.call('GET', `/Requests/Outgoing/${draft.id}`));
		expect(await outgoing()).toMatchObject({
			status: 'Open',
			source: { type: 'Message', reference: sent.id }
		});
		const [incoming] = await arrived(person, `/Requests/Incoming?id=${draft.id}`);
		expect(incoming).toMatchObject({ status: 'ManualDecisionRequired', source: { reference: sent.id } });
		const results = () =>
			told<{ message: Shape; result: string }>(person, 'consumption.messageProcessed').map(
				({ message, result }) => [message.id, result]
			);
		expect(results()).toEqual([[sent.id, 'ManualRequestDecisionRequired']]);
		await must(person.call('PUT', `/Requests/Incoming/${draft.id}/Accept`, YES));
		await until(
			async () => (await sync(person), await sync(city), outgoing()),
			({ status }) => status === 'Completed',
			'completed'
		);
		expect(await must(person.call('GET', `/Requests/Incoming/${draft.id}`))).toMatchObject({ status: 'Completed' });
		const [wrapper] = await must<Shape[]>(city.call('GET', '/Messages?content.@type=ResponseWrapper'));
		expect(wrapper).toMatchObject({ content: { requestId: draft.id, requestSourceType: 'Message' } });
		expect(
			told<{ message: Shape; result: string }>(city, 'consumption.messageProcessed').map(
				({ message, result }) => [message.id, result]
			)
		).toEqual([[wrapper!.id, 'NoRequest']]);
	});
});

describe('a relationship that did not come about', () => {
	test.each([
		['Reject', 'Rejected'],
		['Revoke', 'Revoked']
	])('E5.7 %s deletes what was exchanged with that peer, and nothing else', async (step, status) => {
		const own = await must(
			person.call('POST', '/Attributes', { content: { value: { '@type': 'Surname', value: 'Lovelace' } } }),
			201
		);
		const template = await createTemplate(city, [read('GivenName')]);
		await load(person, template);
		const [request] = await requestsOf(person, template);
		const answer = { items: [{ accept: true, newAttribute: identityAttribute('GivenName', 'Ada') }] };
		await must(person.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, answer));
		const [relationship] = await until(
			() => must<Shape[]>(person.call('GET', '/Relationships')),
			(rows) => rows.length > 0,
			'a relationship'
		);
		await sync(city);
		const to = await addressOf(person);
		const received = () => must<Shape[]>(city.call('GET', `/Attributes/Peer/${to}`));
		expect(await received()).toHaveLength(1);
		await act(step === 'Reject' ? city : person, relationship!.id, step);
		await sync(city);
		await sync(person);
		for (const party of [city, person])
			expect(await must(party.call('GET', `/Relationships/${relationship!.id}`))).toMatchObject({ status });
		expect(await received()).toEqual([]);
		expect((await must<Shape[]>(person.call('GET', '/Attributes'))).map(({ id }) => id)).toContain(own.id);
	});
});

describe('a notification', () => {
	test('E5.9 leaves with what caused it and is carried out where it arrives, without anybody asking', async () => {
		await connect(
			city,
			person,
			[read('GivenName')],
			[{ accept: true, newAttribute: identityAttribute('GivenName', 'Ada') }]
		);
		const from = await addressOf(person);
		const [shared] = await must<Shape[]>(person.call('GET', '/Attributes/Own/Identity'));
		const succeeded = await must<{ successor: Shape }>(
			person.call('POST', `/Attributes/${shared!.id}/Succeed`, {
				successorContent: { value: { '@type': 'GivenName', value: 'Ada Augusta' } }
			}),
			201
		);
		const to = await addressOf(city);
		await must(person.call('POST', `/Attributes/${succeeded.successor.id}/NotifyPeer`, { peer: to }), 201);
		await until(
			async () => (
				await sync(person),
				await sync(city),
				told<{ successor: Shape }>(city, 'consumption.attributeSucceeded')
			),
			(some) => some.length === 1,
			'succeeded'
		);
		const newest = await must<Shape[]>(city.call('GET', `/Attributes/Peer/${from}`));
		expect(newest).toMatchObject([{ id: succeeded.successor.id, content: { value: { value: 'Ada Augusta' } } }]);
	});
});
