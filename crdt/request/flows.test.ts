/** Requests from the first word to the last, between two engines over a relay (content-behaviours C1, C3, E2). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DecideParameters, RequestRow } from '../index.ts';
import { codeOf, DAY, must } from '../sync/testing/town.ts';
import { consent, create, group, no, read, yes } from './testing/asking.ts';
import { between, type Between } from './testing/between.ts';
import { storyOf } from './testing/story.ts';

let world: Between;
beforeEach(async () => {
	world = await between();
});
afterEach(() => world.town.close());

const items = [read(), group(create('Annie', ''), consent(false))];
const offer = {
	'@type': 'RelationshipTemplateContent',
	onNewRelationship: { items },
	onExistingRelationship: { items: [consent()] }
};
const accepting = (): DecideParameters =>
	({
		items: [
			{
				...yes,
				newAttribute: {
					'@type': 'IdentityAttribute',
					owner: world.anna.address,
					value: { '@type': 'GivenName', value: 'Ada' }
				}
			},
			{ items: [yes, no] }
		]
	}) as DecideParameters;
const rejecting: DecideParameters = { items: [no, { items: [no, no] }] };
const settle = () => world.town.settle(world.anna, world.berlin);
/** What Berlin holds of Anna. */
const shared = () =>
	world.berlin.core
		.top()
		.list('attributes')
		.map(({ content }) => (content['value'] as { value: string }).value)
		.sort();
const asked = ['received Open', 'Open→DecisionRequired', 'DecisionRequired→ManualDecisionRequired'];

describe('C1 at the one who is asked', () => {
	test('C1.Flows by template: received, checked, accepted, its answer leaves with the relationship', async () => {
		const { requests } = world.anna.engine;
		const request = (await world.load(offer))!;
		expect(requests.canAccept(request.id, accepting())).toMatchObject({ ok: true, value: { isSuccess: true } });
		must(await requests.accept(request.id, accepting()));
		await settle();
		const [relationship] = world.anna.engine.relationships.list();
		expect(world.incoming(request.id)).toMatchObject({
			status: 'Completed',
			response: { source: { type: 'Relationship', reference: relationship!.id } }
		});
		expect(storyOf(world.anna.events)).toEqual([
			...asked,
			'processed ManualRequestDecisionRequired',
			'ManualDecisionRequired→Decided',
			'Decided→Completed'
		]);
	});
	test('C1.Flows by message: received, checked, rejected, its answer leaves with a message', async () => {
		await world.town.meet(world.berlin, world.anna);
		world.anna.events.splice(0);
		const { requests } = world.anna.engine;
		const id = await world.ask(items);
		expect(requests.canReject(id, rejecting)).toMatchObject({ ok: true, value: { isSuccess: true } });
		must(await requests.reject(id, rejecting));
		await settle();
		const [answer] = world.anna.engine.messages.list().filter(({ isOwn }) => isOwn);
		expect(answer!.content).toMatchObject({
			'@type': 'ResponseWrapper',
			requestId: id,
			requestSourceType: 'Message'
		});
		expect(world.incoming(id)).toMatchObject({
			status: 'Completed',
			response: { source: { type: 'Message', reference: answer!.id } }
		});
		expect(storyOf(world.anna.events)).toEqual([
			...asked,
			'processed ManualRequestDecisionRequired',
			'ManualDecisionRequired→Decided',
			'Decided→Completed'
		]);
	});
});

describe('C3 at both', () => {
	/** The same answer on both sides, with the same source. */
	function isOne(incoming: RequestRow | undefined, outgoing: RequestRow | undefined): void {
		expect([incoming?.status, outgoing?.status]).toEqual(['Completed', 'Completed']);
		expect(outgoing?.response?.content).toEqual(incoming?.response?.content);
		expect(outgoing?.response?.source).toEqual(incoming?.response?.source);
		expect([incoming?.peer, outgoing?.peer]).toEqual([world.berlin.address, world.anna.address]);
	}

	test('C3.9 template and relationship: asked and answered in one at the one who asked', async () => {
		const request = (await world.load(offer))!;
		expect(world.outgoing(request.id)).toBeUndefined();
		must(await world.anna.engine.requests.accept(request.id, accepting()));
		await settle();
		const [relationship] = world.berlin.engine.relationships.list();
		isOne(world.incoming(request.id), world.outgoing(request.id));
		expect(world.outgoing(request.id)).toMatchObject({
			source: { type: 'RelationshipTemplate', reference: request.source?.reference },
			response: { source: { type: 'Relationship', reference: relationship!.id } }
		});
		expect(relationship!.status).toBe('Pending');
		expect(shared()).toEqual(['Ada', 'Annie']);
		expect(storyOf(world.berlin.events)).toEqual(['created and completed Completed']);
	});
	test('C3.9 message and message: Draft, Open, Completed at the one who asked', async () => {
		await world.town.meet(world.berlin, world.anna);
		const id = await world.ask(items);
		expect(world.outgoing(id)).toMatchObject({ status: 'Open', source: world.incoming(id)?.source });
		must(await world.anna.engine.requests.accept(id, accepting()));
		await settle();
		isOne(world.incoming(id), world.outgoing(id));
		expect(world.outgoing(id)?.response?.source?.type).toBe('Message');
		expect(shared()).toEqual(['Ada', 'Annie']);
		expect(storyOf(world.berlin.events)).toEqual([
			'created Draft',
			'Draft→Open',
			'Open→Completed',
			'processed NoRequest'
		]);
	});
	test('C3.9 template and message: with an existing contact, what is asked of one', async () => {
		await world.town.meet(world.berlin, world.anna);
		const request = (await world.load(offer))!;
		expect(request.content['items']).toEqual([consent()]);
		must(await world.anna.engine.requests.accept(request.id, { items: [yes] }));
		await settle();
		isOne(world.incoming(request.id), world.outgoing(request.id));
		expect(world.outgoing(request.id)).toMatchObject({
			content: { items: [consent()] },
			source: { type: 'RelationshipTemplate', reference: request.source?.reference },
			response: { source: { type: 'Message' } }
		});
		expect(storyOf(world.berlin.events)).toEqual(['created and completed Completed', 'processed NoRequest']);
		expect(world.berlin.engine.relationships.list()).toHaveLength(1);
	});
});

describe('E2 a template that ends', () => {
	let id: string;
	beforeEach(async () => {
		id = (await world.load(
			{ '@type': 'RelationshipTemplateContent', onNewRelationship: { items: [consent(false)] } },
			1
		))!.id;
	});
	const pass = () => (world.town.time.ahead += 2 * DAY);

	test('E2.3 its request is Expired when it is looked at by its id', () => {
		expect(world.incoming(id)?.status).toBe('ManualDecisionRequired');
		pass();
		expect(world.incoming(id)?.status).toBe('Expired');
	});
	test('E2.3 its request is Expired when it is looked at in the list', () => {
		pass();
		expect(world.anna.engine.requests.incoming()).toMatchObject([{ id, status: 'Expired' }]);
	});
	test('E2.3 its request can be deleted then, and not before', async () => {
		const { requests } = world.anna.engine;
		expect(codeOf(await requests.delete(id))).toBe(
			'error.consumption.requests.canOnlyDeleteIncomingRequestThatIsExpired'
		);
		pass();
		expect(codeOf(await requests.delete(id))).toBeUndefined();
		expect([world.incoming(id), requests.incoming()]).toEqual([undefined, []]);
	});
	test.each(['accept', 'reject'] as const)('E2.3 its request can be decided no more: %s', async (decide) => {
		pass();
		const { requests } = world.anna.engine;
		expect(codeOf(await requests[decide](id, { items: [no] }))).toBe('error.runtime.unknown');
		expect(world.incoming(id)?.status).toBe('Expired');
		expect(world.anna.engine.relationships.list()).toEqual([]);
	});
	test.each(['canAccept', 'canReject'] as const)('E2.3 its request could be decided no more: %s', (check) => {
		expect(world.anna.engine.requests[check](id, { items: [no] }).ok).toBe(true);
		pass();
		expect(codeOf(world.anna.engine.requests[check](id, { items: [no] }))).toBe('error.runtime.unknown');
	});
});
