/** Requests as they are looked up: by id, by direction, by what is in them, expired when due; what may be removed (content-behaviours C1–C3). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, RequestRow, Where } from '../index.ts';
import { codeOf, DAY, must, type Person } from '../sync/testing/town.ts';
import { consent, create, group, no, yes } from './testing/asking.ts';
import { between, type Between } from './testing/between.ts';
import { storyOf } from './testing/story.ts';

type Direction = 'incoming' | 'outgoing';
const UNKNOWN = 'REQ00000000000000001';
const list = ({ requests }: Engine, direction: Direction, where?: Where[]) =>
	[...requests.rows(direction, where ? { where } : {})].map(({ id }) => id);

describe('looked up', () => {
	let world: Between;
	/** Anna was asked two, and asks one of Berlin herself: so it is on both sides. */
	let asked: string[];
	let other: Record<Direction, string>;
	beforeAll(async () => {
		world = await between();
		await world.town.meet(world.berlin, world.anna);
		asked = [
			await world.ask([consent()], { title: 'First' }),
			await world.ask([group(create('Ada'))], { expiresAt: world.town.inDays(5) })
		];
		const { anna, berlin, town } = world;
		const back = must(await anna.engine.requests.create({ content: { items: [consent()] }, peer: berlin.address }));
		must(await anna.engine.messages.send({ recipients: [berlin.address], content: back.content }));
		await town.settle(anna, berlin);
		must(await anna.engine.requests.accept(asked[0]!, { items: [yes] }));
		await town.settle(anna, berlin);
		other = { incoming: back.id, outgoing: back.id };
	});
	afterAll(() => world.town.close());
	const sideOf = (direction: Direction): Person => (direction === 'incoming' ? world.anna : world.berlin);

	test.each<[string, Direction]>([
		['C1.Get by its id', 'incoming'],
		['C2.Get by its id', 'outgoing']
	])('%s', (_name, direction) => {
		const { requests } = sideOf(direction).engine;
		expect(requests.get(asked[0]!, direction)).toMatchObject({
			id: asked[0],
			isOwn: direction === 'outgoing',
			status: 'Completed',
			content: { title: 'First' }
		});
	});
	test.each<[string, Direction]>([
		['C1.Get an unknown id is undefined', 'incoming'],
		['C2.Get an unknown id is undefined', 'outgoing']
	])('%s', (_name, direction) => {
		expect(sideOf(direction).engine.requests.get(UNKNOWN, direction)).toBeUndefined();
	});
	test.each<[string, Direction]>([
		['C1.Get one we asked is undefined', 'incoming'],
		['C2.Get one we were asked is undefined', 'outgoing']
	])('%s', (_name, direction) => {
		expect(sideOf(direction).engine.requests.get(other[direction], direction)).toBeUndefined();
	});
	test.each<[string, Direction]>([
		['C1.List all of them, in the order they came', 'incoming'],
		['C2.List all of them, in the order they were made', 'outgoing']
	])('%s', (_name, direction) => {
		const { engine } = sideOf(direction);
		expect(list(engine, direction)).toEqual(asked);
		expect(engine.requests[direction]().map(({ id }) => id)).toEqual(asked);
	});
	test.each<[string, Direction]>([
		['C1.List leaves out those we asked', 'incoming'],
		['C2.List leaves out those we were asked', 'outgoing']
	])('%s', (_name, direction) => {
		const { engine } = sideOf(direction);
		expect(list(engine, direction)).not.toContain(other[direction]);
		expect(list(engine, direction === 'incoming' ? 'outgoing' : 'incoming')).toEqual([other[direction]]);
	});
	const filters = (direction: Direction): [Where[], number[]][] => [
		[[{ key: 'id', anyOf: [asked[1]!] }], [1]],
		[[{ key: 'peer', anyOf: [sideOf(direction === 'incoming' ? 'outgoing' : 'incoming').address] }], [0, 1]],
		[[{ key: 'peer', anyOf: ['nobody'] }], []],
		[[{ key: 'status', anyOf: ['Completed'] }], [0]],
		[[{ key: 'status', anyOf: ['Open', 'ManualDecisionRequired'] }], [1]]
	];
	test.each<[string, Direction]>([
		['C1.List by a filter', 'incoming'],
		['C2.List by a filter', 'outgoing']
	])('%s', (_name, direction) => {
		for (const [where, found] of filters(direction))
			expect(list(sideOf(direction).engine, direction, where)).toEqual(found.map((n) => asked[n]));
	});
});

describe('expired', () => {
	let world: Between;
	let ids: { without: string; ahead: string; past: string };
	let drafts: { ahead: string; past: string };
	beforeAll(async () => {
		world = await between();
		const { town, anna, berlin } = world;
		await town.meet(berlin, anna);
		const [ahead, past] = [{ expiresAt: town.inDays(30) }, { expiresAt: town.inDays(1) }];
		ids = {
			without: await world.ask([consent()]),
			ahead: await world.ask([consent()], ahead),
			past: await world.ask([consent()], past)
		};
		drafts = {
			ahead: (await world.draft([consent()], ahead)).id,
			past: (await world.draft([consent()], past)).id
		};
		for (const { events } of [anna, berlin]) events.splice(0);
		town.time.ahead += 2 * DAY;
	});
	afterAll(() => world.town.close());
	const sideOf = (direction: Direction): Person => (direction === 'incoming' ? world.anna : world.berlin);
	const before = { incoming: 'ManualDecisionRequired', outgoing: 'Open' };
	const got = (direction: Direction, id: string) => sideOf(direction).engine.requests.get(id, direction)?.status;
	const listed = (direction: Direction, id: string) =>
		[...sideOf(direction).engine.requests.rows(direction)].find((row) => row.id === id)?.status;
	const told = (direction: Direction) => storyOf(sideOf(direction).events);

	test.each<[string, Direction, 'without' | 'ahead' | 'past', typeof got]>([
		['C1.Get one without an end does not expire', 'incoming', 'without', got],
		['C1.Get one whose end is ahead is not Expired', 'incoming', 'ahead', got],
		['C1.Get one whose end is reached is Expired', 'incoming', 'past', got],
		['C1.List one without an end does not expire', 'incoming', 'without', listed],
		['C1.List one whose end is ahead is not Expired', 'incoming', 'ahead', listed],
		['C1.List one whose end is reached is Expired', 'incoming', 'past', listed],
		['C2.Get one without an end does not expire', 'outgoing', 'without', got],
		['C2.Get one whose end is ahead is not Expired', 'outgoing', 'ahead', got],
		['C2.Get one whose end is reached is Expired', 'outgoing', 'past', got],
		['C2.List one without an end does not expire', 'outgoing', 'without', listed],
		['C2.List one whose end is ahead is not Expired', 'outgoing', 'ahead', listed],
		['C2.List one whose end is reached is Expired', 'outgoing', 'past', listed]
	])('%s', (_name, direction, which, look) => {
		expect(look(direction, ids[which])).toBe(which === 'past' ? 'Expired' : before[direction]);
	});

	test('C2.Get C2.List a draft expires as well, when its end is reached', () => {
		for (const look of [got, listed])
			expect([look('outgoing', drafts.ahead), look('outgoing', drafts.past)]).toEqual(['Draft', 'Expired']);
	});
	test.each<[string, Direction]>([
		['C1.List by the status it shows', 'incoming'],
		['C2.List by the status it shows', 'outgoing']
	])('%s', (_name, direction) => {
		const expired = direction === 'incoming' ? [ids.past] : [ids.past, drafts.past];
		const { engine } = sideOf(direction);
		expect(list(engine, direction, [{ key: 'status', anyOf: ['Expired'] }])).toEqual(expired);
		expect(list(engine, direction, [{ key: 'status', anyOf: [before[direction]] }])).toEqual([
			ids.without,
			ids.ahead
		]);
	});
	test('C1.Get C2.Get that it has expired is told once, however often somebody looks', () => {
		for (const direction of ['incoming', 'outgoing'] as const)
			for (const look of [got, listed, got, listed]) expect(look(direction, ids.past)).toBe('Expired');
		expect(told('incoming')).toEqual(['ManualDecisionRequired→Expired']);
		expect(told('outgoing').sort()).toEqual(['Draft→Expired', 'Open→Expired']);
	});

	test.each([
		['C3.8 an incoming one that is open cannot be deleted', 'without'],
		['C3.8 an incoming one that has expired can be deleted', 'past']
	] as const)('%s', async (_name, which) => {
		const isGone = which === 'past';
		expect(codeOf(await world.anna.engine.requests.delete(ids[which]))).toBe(
			isGone ? undefined : 'error.consumption.requests.canOnlyDeleteIncomingRequestThatIsExpired'
		);
		expect(got('incoming', ids[which])).toBe(isGone ? undefined : 'ManualDecisionRequired');
	});
	test('C3.8 an outgoing one cannot be deleted, expired or not', async () => {
		for (const id of Object.values(ids))
			expect(codeOf(await world.berlin.engine.requests.delete(id))).toBe('error.runtime.recordNotFound');
		expect(list(world.berlin.engine, 'outgoing')).toEqual([...Object.values(ids), ...Object.values(drafts)]);
	});
});

describe('given up', () => {
	let world: Between;
	beforeAll(async () => {
		world = await between();
		await world.town.meet(world.berlin, world.anna);
	});
	afterAll(() => world.town.close());
	const discard = async (id: string) => codeOf(await world.berlin.engine.requests.discard(id));

	test('C2.Discard a draft is gone', async () => {
		const { id } = await world.draft([consent()]);
		expect(await discard(id)).toBeUndefined();
		expect([world.outgoing(id), list(world.berlin.engine, 'outgoing')]).toEqual([undefined, []]);
	});
	test('C2.Discard what was sent or answered stays', async () => {
		const id = await world.ask([consent(false)]);
		expect([await discard(id), world.outgoing(id)?.status]).toEqual(['error.runtime.unknown', 'Open']);
		must(await world.anna.engine.requests.reject(id, { items: [no] }));
		await world.town.settle(world.anna, world.berlin);
		expect([await discard(id), world.outgoing(id)?.status]).toEqual(['error.runtime.unknown', 'Completed']);
	});
	test('C2.Discard an unknown one, or one we were asked, is refused', async () => {
		const id = await world.ask([consent(false)]);
		expect(await discard(UNKNOWN)).toBe('error.runtime.recordNotFound');
		expect(codeOf(await world.anna.engine.requests.discard(id))).toBe('error.runtime.recordNotFound');
		expect(world.incoming(id)?.status).toBe('ManualDecisionRequired');
	});

	test('C2.Discard a draft that has expired can be given up as well: nothing was sent', async () => {
		const { id } = await world.draft([consent()], { expiresAt: world.town.inDays(1) });
		world.town.time.ahead += 2 * DAY;
		expect(world.outgoing(id)?.status).toBe('Expired');
		expect([await discard(id), world.outgoing(id)]).toEqual([undefined, undefined]);
	});

	test('C3.3 what is stored is read again as it was: items, groups, the answer with its parts', async () => {
		const items = [create('Ada'), group(consent(false), create('Annie'))];
		const id = await world.ask(items, { title: 'T', description: 'D', metadata: { a: [1, { b: null }] } });
		must(await world.anna.engine.requests.accept(id, { items: [yes, { items: [{ ...no, code: 'c' }, yes] }] }));
		await world.town.settle(world.anna, world.berlin);
		for (const [side, direction] of [
			[world.anna, 'incoming'],
			[world.berlin, 'outgoing']
		] as const) {
			const known = side.engine.requests.get(id, direction) as RequestRow;
			expect(known).toMatchObject({
				status: 'Completed',
				content: { items },
				response: { content: { result: 'Accepted' } }
			});
			const again = await side.again();
			expect(again.engine.requests.get(id, direction)).toEqual(known);
		}
	});
});

test('C3.8 with the relationship its requests vanish, those asked and those one was asked; others stay', async () => {
	const world = await between();
	const { town, anna, berlin } = world;
	const carla = await town.person();
	const { id: rel } = await town.meet(berlin, anna);
	await town.meet(carla, berlin);
	await world.ask([consent()]);
	const content = { items: [consent()] };
	const back = must(await anna.engine.requests.create({ content, peer: berlin.address }));
	must(await anna.engine.messages.send({ recipients: [berlin.address], content: back.content }));
	const kept = must(await berlin.engine.requests.create({ content, peer: carla.address }));
	await town.settle(anna, berlin);
	expect([berlin.engine.requests.outgoing().length, berlin.engine.requests.incoming().length]).toEqual([2, 1]);
	must(await berlin.engine.relationships.act(rel, 'terminate'));
	must(await berlin.engine.relationships.act(rel, 'decompose'));
	expect(berlin.engine.requests.outgoing().map(({ id }) => id)).toEqual([kept.id]);
	expect(berlin.engine.requests.incoming()).toEqual([]);
	await town.settle(anna);
	expect([anna.engine.requests.outgoing().length, anna.engine.requests.incoming().length]).toEqual([1, 1]);
	await town.close();
});
