/** Requests over REST, step by step on both sides, with what is told at each step (content-behaviours C1, C2, E2; connector-api.md §2.11). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
} from './testing/party.ts';
import { createWorld, type TestConnector } from './testing/world.ts';

let city: TestConnector;
let person: TestConnector;
async function open(): Promise<void> {
	const world = createWorld();
	[city, person] = await Promise.all([world.connector('city'), world.connector('person')]);
}
const close = async () => {
	await Promise.all([city.engine.close(), person.engine.close()]);
};

const UNKNOWN = 'REQ00000000000000001';
const NO = { accept: false };
type Decision = 'Accept' | 'Reject';
/** A request of one item, a group and an optional item, and how it is answered. */
const ITEMS = [read('GivenName'), { '@type': 'RequestItemGroup', items: [consent('a'), consent('b', false)] }];
const ANSWERS = {
	Accept: [
		{ accept: true, newAttribute: identityAttribute('GivenName', 'Ada') },
		{ items: [{ accept: true }, { accept: false, code: 'c', message: 'm' }] }
	],
	Reject: [{ accept: false, code: 'c', message: 'm' }, { items: [NO, NO] }]
};
const RESPONSE = {
	Accept: {
		result: 'Accepted',
		items: [
			{ '@type': 'ReadAttributeAcceptResponseItem', result: 'Accepted' },
			{
				'@type': 'ResponseItemGroup',
				items: [{ result: 'Accepted' }, { result: 'Rejected', code: 'c', message: 'm' }]
			}
		]
	},
	Reject: {
		result: 'Rejected',
		items: [
			{ '@type': 'RejectResponseItem', result: 'Rejected', code: 'c', message: 'm' },
			{ '@type': 'ResponseItemGroup', items: [{ result: 'Rejected' }, { result: 'Rejected' }] }
		]
	}
};

const incoming = (id: string) => must(person.call('GET', `/Requests/Incoming/${id}`));
const outgoing = (id: string) => must(city.call('GET', `/Requests/Outgoing/${id}`));
const attributesOf = async () => must<Shape[]>(city.call('GET', `/Attributes/Peer/${await addressOf(person)}`));
/** Payloads of the events of one name since the last step; the last look at them takes them away. */
const told = (party: TestConnector, name: string) =>
	party.events.filter((event) => event.name === `consumption.${name}`).map(({ data }) => data as Shape);
const forget = () => [city, person].forEach(({ events }) => events.splice(0));
const steps = (party: TestConnector, direction: 'incoming' | 'outgoing') =>
	told(party, `${direction}RequestStatusChanged`).map(
		({ oldStatus, newStatus }) => `${String(oldStatus)}→${String(newStatus)}`
	);
const completed = (id: string) =>
	until(
		() => incoming(id),
		({ status }) => status === 'Completed',
		'completed'
	);

describe.each<Decision>(['Accept', 'Reject'])('E2 a request by message: %s', (decision) => {
	let id: string;
	let messageId: string;
	let answerId: string;
	beforeAll(async () => {
		await open();
		await connect(city, person, [consent('ok')], [{ accept: true }]);
		forget();
	});
	afterAll(close);

	test('E2.1 made it is a Draft, and what is told is what REST shows', async () => {
		const body = { peer: await addressOf(person), content: { items: ITEMS } };
		const made = await must<Shape>(city.call('POST', '/Requests/Outgoing', body), 201);
		id = made.id;
		expect(made).toMatchObject({ isOwn: true, status: 'Draft', peer: body.peer, content: { id, items: ITEMS } });
		expect(await outgoing(id)).toEqual(made);
		expect(told(city, 'outgoingRequestCreated')).toEqual([made]);
	});
	test('E2.1 sent it is Open, with its message as source, and that is told', async () => {
		const { content, peer } = await outgoing(id);
		messageId = (await must(city.call('POST', '/Messages', { recipients: [peer], content }), 201)).id;
		const row = await outgoing(id);
		expect(row).toMatchObject({ status: 'Open', source: { type: 'Message', reference: messageId } });
		expect(told(city, 'outgoingRequestStatusChanged')).toEqual([
			{ request: row, oldStatus: 'Draft', newStatus: 'Open' }
		]);
	});
	test('E2.1 received it waits for a decision, told as received, as its steps and as processed', async () => {
		await arrived(person, `/Requests/Incoming?id=${id}`);
		const row = await incoming(id);
		expect(row).toMatchObject({
			isOwn: false,
			status: 'ManualDecisionRequired',
			peer: await addressOf(city),
			source: { type: 'Message', reference: messageId },
			content: { id, items: ITEMS }
		});
		expect(told(person, 'incomingRequestReceived')).toEqual([{ ...row, status: 'Open' }]);
		expect(steps(person, 'incoming')).toEqual(['Open→DecisionRequired', 'DecisionRequired→ManualDecisionRequired']);
		expect(told(person, 'incomingRequestStatusChanged').at(-1)?.['request']).toEqual(row);
		expect(told(person, 'messageProcessed')).toMatchObject([
			{ message: { id: messageId }, result: 'ManualRequestDecisionRequired' }
		]);
	});
	test('E2.1 checked it can be decided so, which changes nothing', async () => {
		const before = await incoming(id);
		forget();
		const check = await must(
			person.call('PUT', `/Requests/Incoming/${id}/Can${decision}`, { items: ANSWERS[decision] })
		);
		expect(check).toEqual({
			isSuccess: true,
			items: [
				{ isSuccess: true, items: [] },
				{
					isSuccess: true,
					items: [
						{ isSuccess: true, items: [] },
						{ isSuccess: true, items: [] }
					]
				}
			]
		});
		expect([await incoming(id), person.events]).toEqual([before, []]);
	});
	test('E2.1 decided it is Decided, with the answer to each item, and that is told', async () => {
		const row = await must(
			person.call('PUT', `/Requests/Incoming/${id}/${decision}`, { items: ANSWERS[decision] })
		);
		expect(row).toMatchObject({
			status: 'Decided',
			response: { content: { ...RESPONSE[decision], requestId: id } }
		});
		expect(row['response']).not.toHaveProperty('source');
		const [change] = told(person, 'incomingRequestStatusChanged');
		expect(change).toMatchObject({
			oldStatus: 'ManualDecisionRequired',
			newStatus: 'Decided',
			request: { id, status: 'Decided', response: { content: (row['response'] as Shape)['content'] } }
		});
	});
	test('E2.1 its answer leaves in a message and it is Completed, which is told', async () => {
		const row = await completed(id);
		const [sent] = await must<Shape[]>(person.call('GET', '/Messages?isOwn=true&content.@type=ResponseWrapper'));
		answerId = sent!.id;
		expect(sent).toMatchObject({
			content: { requestId: id, requestSourceType: 'Message', requestSourceReference: messageId }
		});
		expect(row).toMatchObject({ response: { source: { type: 'Message', reference: answerId } } });
		expect(steps(person, 'incoming')).toEqual(['ManualDecisionRequired→Decided', 'Decided→Completed']);
		expect(told(person, 'incomingRequestStatusChanged').at(-1)?.['request']).toEqual(row);
	});
	test('E2.1 the answer arrives: Completed at the sender too, with the same answer, and that is told', async () => {
		expect((await outgoing(id)).status).toBe('Open');
		await sync(city);
		const row = await outgoing(id);
		const theirs = (await incoming(id))['response'] as Shape;
		expect(row).toMatchObject({
			status: 'Completed',
			response: { content: theirs['content'], source: { type: 'Message', reference: answerId } }
		});
		expect(told(city, 'outgoingRequestStatusChanged')).toEqual([
			{ request: row, oldStatus: 'Open', newStatus: 'Completed' }
		]);
		expect(told(city, 'messageProcessed')).toMatchObject([{ message: { id: answerId }, result: 'NoRequest' }]);
		const values = (await attributesOf()).map(
			({ content }) => (content as { value: { value: string } }).value.value
		);
		expect(values).toEqual(decision === 'Accept' ? ['Ada'] : []);
	});
});

describe.each<Decision>(['Accept', 'Reject'])('E2 a request by template: %s', (decision) => {
	let id: string;
	let template: Awaited<ReturnType<typeof createTemplate>>;
	beforeAll(open);
	afterAll(close);

	test('E2.2 the template is made: nothing is asked yet', async () => {
		template = await createTemplate(city, ITEMS);
		expect(await must<Shape[]>(city.call('GET', '/Requests/Outgoing'))).toEqual([]);
	});
	test('E2.2 loaded it asks, told as received, as its steps and as processed', async () => {
		await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
		const [row] = await must<Shape[]>(person.call('GET', '/Requests/Incoming'));
		id = row!.id;
		expect(row).toMatchObject({
			isOwn: false,
			status: 'ManualDecisionRequired',
			peer: await addressOf(city),
			source: { type: 'RelationshipTemplate', reference: template.id },
			content: { items: ITEMS }
		});
		expect(told(person, 'incomingRequestReceived')).toEqual([{ ...row, status: 'Open' }]);
		expect(steps(person, 'incoming')).toEqual(['Open→DecisionRequired', 'DecisionRequired→ManualDecisionRequired']);
		expect(told(person, 'relationshipTemplateProcessed')).toMatchObject([
			{ template: { id: template.id }, result: 'ManualRequestDecisionRequired', requestId: id }
		]);
	});
	test('E2.2 checked it can be decided so, which changes nothing', async () => {
		const before = await incoming(id);
		forget();
		const body = { items: ANSWERS[decision] };
		expect(await must(person.call('PUT', `/Requests/Incoming/${id}/Can${decision}`, body))).toMatchObject({
			isSuccess: true
		});
		expect([await incoming(id), person.events]).toEqual([before, []]);
	});
	test('E2.2 decided it is Decided, with the answer to each item, and that is told', async () => {
		const row = await must(
			person.call('PUT', `/Requests/Incoming/${id}/${decision}`, { items: ANSWERS[decision] })
		);
		expect(row).toMatchObject({
			status: 'Decided',
			response: { content: { ...RESPONSE[decision], requestId: id } }
		});
		expect(steps(person, 'incoming')[0]).toBe('ManualDecisionRequired→Decided');
	});
	test('E2.2 accepted it completes with a relationship, rejected without one', async () => {
		const row = await completed(id);
		const relationships = await must<Shape[]>(person.call('GET', '/Relationships'));
		if (decision === 'Accept') {
			expect(relationships).toMatchObject([{ status: 'Pending', templateId: template.id }]);
			expect(row).toMatchObject({
				response: { source: { type: 'Relationship', reference: relationships[0]!.id } }
			});
		} else {
			expect(relationships).toEqual([]);
			expect(row['response']).not.toHaveProperty('source');
		}
		expect(steps(person, 'incoming')).toEqual(['ManualDecisionRequired→Decided', 'Decided→Completed']);
		expect(await must<Shape[]>(person.call('GET', '/Messages'))).toEqual([]);
	});
	test('E2.2 accepted the answer is at the templator as one request, asked and answered; rejected there is nothing', async () => {
		await sync(city);
		const rows = await must<Shape[]>(city.call('GET', '/Requests/Outgoing'));
		const relationships = await must<Shape[]>(city.call('GET', '/Relationships'));
		if (decision === 'Accept') {
			const theirs = (await incoming(id))['response'] as Shape;
			expect(rows).toMatchObject([
				{
					id,
					isOwn: true,
					status: 'Completed',
					peer: await addressOf(person),
					source: { type: 'RelationshipTemplate', reference: template.id },
					response: {
						content: theirs['content'],
						source: { type: 'Relationship', reference: relationships[0]!.id }
					}
				}
			]);
			expect(told(city, 'outgoingRequestCreatedAndCompleted')).toEqual(rows);
			expect(told(city, 'outgoingRequestFromRelationshipCreationCreatedAndCompleted')).toEqual(rows);
		} else expect([rows, relationships]).toEqual([[], []]);
		expect(steps(city, 'outgoing')).toEqual([]);
	});
});

describe('C1 C2 what REST shows of them', () => {
	let id: string;
	let row: Shape & { readonly createdAt: string; readonly content: { readonly expiresAt: string } };
	beforeAll(async () => {
		await open();
		await connect(city, person, [consent('ok')], [{ accept: true }]);
		const content = { items: ITEMS, expiresAt: '2031-01-01T00:00:00.000Z' };
		const body = { peer: await addressOf(person), content };
		const made = await must(city.call('POST', '/Requests/Outgoing', body), 201);
		id = made.id;
		await must(city.call('POST', '/Messages', { recipients: [body.peer], content: made['content'] }), 201);
		await arrived(person, `/Requests/Incoming?id=${id}`);
		await must(person.call('PUT', `/Requests/Incoming/${id}/Accept`, { items: ANSWERS.Accept }));
		row = (await completed(id)) as never;
		await sync(city);
	});
	afterAll(close);

	const filters = (of: Shape): [key: string, found: string, not: string][] => {
		const { peer, createdAt, response } = of as never as {
			peer: string;
			createdAt: string;
			response: { createdAt: string; source: { reference: string } };
		};
		const source = of['source'] as { reference: string };
		return [
			['id', id, UNKNOWN],
			['peer', peer, 'nobody'],
			['createdAt', createdAt, '<2020-01-01'],
			['status', 'Completed', 'Open'],
			['content.expiresAt', '>2030-12-31', '<2030-12-31'],
			['content.items.@type', 'ReadAttributeRequestItem', 'CreateAttributeRequestItem'],
			['content.items.items.@type', 'ConsentRequestItem', 'ReadAttributeRequestItem'],
			['source.type', 'Message', 'RelationshipTemplate'],
			['source.reference', source.reference, 'MSG00000000000000001'],
			['response.createdAt', response.createdAt, '<2020-01-01'],
			['response.source.type', 'Message', 'Relationship'],
			['response.source.reference', response.source.reference, 'MSG00000000000000001'],
			['response.content.result', 'Accepted', 'Rejected'],
			['response.content.items.@type', 'ReadAttributeAcceptResponseItem', 'RejectResponseItem'],
			['response.content.items.items.@type', 'RejectResponseItem', 'ReadAttributeAcceptResponseItem']
		];
	};
	test.each([
		['C1.List over REST by every filter there is', 'Incoming'],
		['C2.List over REST by every filter there is', 'Outgoing']
	])('%s', async (_name, direction) => {
		const party = direction === 'Incoming' ? person : city;
		const listed = async (key: string, value: string) =>
			(await must<Shape[]>(party.call('GET', `/Requests/${direction}?${key}=${encodeURIComponent(value)}`))).map(
				(each) => each.id
			);
		const one = await must(party.call('GET', `/Requests/${direction}/${id}`));
		for (const [key, found, not] of filters(one)) {
			expect([key, await listed(key, found)]).toEqual([key, expect.arrayContaining([id])]);
			expect([key, await listed(key, not)]).toEqual([key, expect.not.arrayContaining([id])]);
		}
	});
	test('C1.List over REST by whether rules decided', async () => {
		const listed = async (flag: string) =>
			(await must<Shape[]>(person.call('GET', `/Requests/Incoming?wasAutomaticallyDecided=${flag}`))).map(
				(each) => each.id
			);
		expect([await listed('true'), await listed('!true')]).toEqual([[], expect.arrayContaining([id])]);
	});
	test('C1.Get over REST: by its id only where we were asked, 404 for others', async () => {
		expect(await incoming(id)).toEqual(row);
		for (const [party, path] of [
			[person, `/Requests/Incoming/${UNKNOWN}`],
			[person, `/Requests/Outgoing/${id}`],
			[city, `/Requests/Incoming/${id}`],
			[person, '/Requests/Incoming/none']
		] as const) {
			const { status, error } = await party.call('GET', path);
			expect([status, error?.code]).toEqual([404, 'error.runtime.recordNotFound']);
		}
	});
	test.each([
		['C1.CanAccept over REST an unknown id is 404', 'CanAccept', 404, 'error.transport.recordNotFound'],
		['C1.CanReject over REST an unknown id is 404', 'CanReject', 404, 'error.transport.recordNotFound'],
		['C1.Accept over REST an unknown id is 404', 'Accept', 404, 'error.runtime.recordNotFound'],
		['C1.Reject over REST an unknown id is 404', 'Reject', 404, 'error.runtime.recordNotFound'],
		['C1.CanAccept over REST in a wrong status it is 400', 'CanAccept', 400, 'error.runtime.unknown'],
		['C1.CanReject over REST in a wrong status it is 400', 'CanReject', 400, 'error.runtime.unknown'],
		['C1.Accept over REST in a wrong status it is 400', 'Accept', 400, 'error.runtime.unknown'],
		['C1.Reject over REST in a wrong status it is 400', 'Reject', 400, 'error.runtime.unknown']
	])('%s', async (_name, action, status, code) => {
		const of = status === 404 ? UNKNOWN : id;
		const items = ANSWERS[action.endsWith('Accept') ? 'Accept' : 'Reject'];
		const refused = await person.call('PUT', `/Requests/Incoming/${of}/${action}`, { items });
		expect([refused.status, refused.error?.code]).toEqual([status, code]);
		expect(await incoming(id)).toEqual(row);
	});
	test.each([
		['C1.CanAccept over REST malformed it is 400', 'CanAccept'],
		['C1.CanReject over REST malformed it is 400', 'CanReject'],
		['C1.Accept over REST malformed it is 400', 'Accept'],
		['C1.Reject over REST malformed it is 400', 'Reject']
	])('%s', async (_name, action) => {
		for (const body of [{}, { items: 1 }, { items: [{}] }, { items: [{ items: [{ accept: 'yes' }] }] }]) {
			const refused = await person.call('PUT', `/Requests/Incoming/${id}/${action}`, body);
			expect([refused.status, refused.error?.code]).toEqual([400, 'error.runtime.requestDeserialization']);
		}
	});
});
