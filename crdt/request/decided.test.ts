/** Requests that are decided, as the engine answers and tells it: accepted, rejected, or refused (content-behaviours C1). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DecideItem, DecideParameters, RequestRow, Result } from '../index.ts';
import { codeOf, must } from '../sync/testing/town.ts';
import { consent, create, group, no, read, yes } from './testing/asking.ts';
import { between, type Between } from './testing/between.ts';
import { item } from './testing/items.ts';
import { storyOf } from './testing/story.ts';

let world: Between;
beforeAll(async () => {
	world = await between();
	await world.town.meet(world.berlin, world.anna);
});
afterAll(() => world.town.close());

const UNKNOWN = 'REQ00000000000000001';
const newName = (value: string, type = 'GivenName') => ({
	...yes,
	newAttribute: {
		'@type': 'IdentityAttribute',
		owner: world.anna.address,
		value: { '@type': type, value }
	}
});
const authentication = (mustBeAccepted = true) => item('Authentication', { title: 'Log in' }, mustBeAccepted);
const decide = (accept: boolean, id: string, items: unknown): Promise<Result<RequestRow>> => {
	const { requests } = world.anna.engine;
	return (accept ? requests.accept : requests.reject)(id, { items } as DecideParameters);
};
const told = (id: string) =>
	storyOf(world.anna.events.filter(({ data }) => (data as { request?: RequestRow }).request?.id === id));

describe('accepted', () => {
	const items = [read(), group(create('Annie', ''), consent(false)), authentication()];
	const answers = () => [newName('Ada'), { items: [yes, { ...no, code: 'c', message: 'm' }] }, yes];
	let id = '';
	let decided: RequestRow;
	beforeAll(async () => {
		id = await world.ask(items);
		decided = must(await decide(true, id, answers()));
	});

	test('C1.Accept it is Decided', () => expect(decided).toMatchObject({ id, status: 'Decided' }));
	test('C1.Accept that is told', () => expect(told(id)).toContain('ManualDecisionRequired→Decided'));
	test('C1.Accept the response is stored, with the result and the id of the request', () => {
		expect(world.incoming(id)?.response).toMatchObject({
			createdAt: expect.any(String) as string,
			content: { '@type': 'Response', result: 'Accepted', requestId: id }
		});
	});
	test('C1.Accept the response has the structure of the request, and for each item what was decided', () => {
		expect(decided.response?.content['items']).toMatchObject([
			{ '@type': 'ReadAttributeAcceptResponseItem', result: 'Accepted', attribute: { value: { value: 'Ada' } } },
			{
				'@type': 'ResponseItemGroup',
				items: [
					{ '@type': 'CreateAttributeAcceptResponseItem', result: 'Accepted' },
					{ '@type': 'RejectResponseItem', result: 'Rejected', code: 'c', message: 'm' }
				]
			},
			{ '@type': 'AcceptResponseItem', result: 'Accepted' }
		]);
	});
	test('C1.Accept what it creates is there at once', () => {
		const values = world.anna.core.top().list('attributes');
		expect(values.map(({ content }) => (content['value'] as { value: string }).value).sort()).toEqual([
			'Ada',
			'Annie'
		]);
	});
});

describe('rejected', () => {
	const items = [read(), group(create('Nobody', ''), consent())];
	const answers = [{ ...no, code: 'c', message: 'm' }, { items: [no, { ...no, code: 'd' }] }];
	let id = '';
	let decided: RequestRow;
	beforeAll(async () => {
		id = await world.ask(items);
		decided = must(await decide(false, id, answers));
	});

	test('C1.Reject it is Decided', () => expect(decided).toMatchObject({ id, status: 'Decided' }));
	test('C1.Reject that is told', () => expect(told(id)).toContain('ManualDecisionRequired→Decided'));
	test('C1.Reject the response is stored, with the result and the id of the request', () => {
		expect(world.incoming(id)?.response).toMatchObject({
			createdAt: expect.any(String) as string,
			content: { '@type': 'Response', result: 'Rejected', requestId: id }
		});
	});
	test('C1.Reject the response has the structure of the request, each item rejected with code and message', () => {
		expect(decided.response?.content['items']).toEqual([
			{ '@type': 'RejectResponseItem', result: 'Rejected', code: 'c', message: 'm' },
			{
				'@type': 'ResponseItemGroup',
				items: [
					{ '@type': 'RejectResponseItem', result: 'Rejected' },
					{ '@type': 'RejectResponseItem', result: 'Rejected', code: 'd' }
				]
			}
		]);
	});
});

describe('refused', () => {
	const MALFORMED = 'error.runtime.requestDeserialization';
	const unfit = (): DecideItem => newName('Ada', 'Surname') as never;

	test.each<[string, boolean, object[], () => unknown, string]>([
		['C1.Accept what CanAccept finds wrong is refused', true, [read()], () => [unfit()], 'error.runtime.unknown'],
		[
			'C1.Accept a structure that does not fit is refused',
			true,
			[consent()],
			() => [yes, yes],
			'error.runtime.unknown'
		],
		[
			'C1.Accept an answer with a forbidden character is refused',
			true,
			[read()],
			() => [newName('Ж')],
			'error.runtime.unknown'
		],
		['C1.Accept malformed is refused', true, [consent()], () => [{}], MALFORMED],
		['C1.Reject what CanReject finds wrong is refused', false, [consent()], () => [yes], 'error.runtime.unknown'],
		['C1.Reject a structure that does not fit is refused', false, [consent()], () => [], 'error.runtime.unknown'],
		['C1.Reject malformed is refused', false, [consent()], () => [{ accept: 'no' }], MALFORMED]
	])('%s, and nothing has changed', async (_name, accept, items, answers, code) => {
		const id = await world.ask(items);
		const before = JSON.stringify([world.incoming(id), world.anna.core.top().list('attributes')]);
		expect(codeOf(await decide(accept, id, answers()))).toBe(code);
		expect(JSON.stringify([world.incoming(id), world.anna.core.top().list('attributes')])).toBe(before);
		expect(told(id)).not.toContain('ManualDecisionRequired→Decided');
	});

	test.each([
		['C1.Accept what is decided already is refused', true],
		['C1.Reject what is decided already is refused', false]
	])('%s', async (_name, accept) => {
		const id = await world.ask([consent(false)]);
		must(await decide(!accept, id, [no]));
		const before = JSON.stringify(world.incoming(id)?.response?.content);
		const again = await decide(accept, id, [no]);
		expect(again).toMatchObject({
			ok: false,
			error: {
				code: 'error.runtime.unknown',
				message: expect.stringContaining("in status 'DecisionRequired/ManualDecisionRequired'") as string
			}
		});
		expect(JSON.stringify(world.incoming(id)?.response?.content)).toBe(before);
	});

	test.each([
		['C1.Accept an unknown id is refused', true],
		['C1.Reject an unknown id is refused', false]
	])('%s', async (_name, accept) => {
		expect(codeOf(await decide(accept, UNKNOWN, [no]))).toBe('error.runtime.recordNotFound');
	});
	test.each(['canAccept', 'canReject'] as const)(
		'C1.CanAccept C1.CanReject an unknown id is refused: %s',
		(check) => {
			expect(codeOf(world.anna.engine.requests[check](UNKNOWN, { items: [no] }))).toBe(
				'error.transport.recordNotFound'
			);
		}
	);
	test('C1.Accept one of our own is not one we were asked', async () => {
		const { id } = await world.draft([consent(false)]);
		const decision = { items: [no] };
		const { requests } = world.berlin.engine;
		expect(codeOf(await requests.accept(id, decision))).toBe('error.runtime.recordNotFound');
		expect(codeOf(requests.canAccept(id, decision))).toBe('error.transport.recordNotFound');
	});
});
