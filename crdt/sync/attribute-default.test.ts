/**
 * Default attributes and the first look (content-behaviours.md E1.14, E1.22, and what E1.1, E1.3, E1.8, E1.16 say of defaults):
 * both have no REST routes. Defaults are a mode of the engine, kept by the App and not by a Connector.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIdentity, RelayUnreachable, type AttributeRow, type Engine, type Result } from '../index.ts';
import { createMemoryStore } from '../sim/memory-store.ts';
import { createTown, must, type Person, type Town } from './testing/town.ts';

const clock = { now: () => Date.now(), sleep: () => new Promise<void>(() => undefined) };
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const relay = { url: 'http://localhost:1', connect: () => Promise.reject(new RelayUnreachable()) };

const engineOf = async (defaults?: boolean): Promise<Engine> =>
	must(
		await createIdentity(
			{ clock, random, relay, store: createMemoryStore() },
			{ addressHost: 'localhost', deviceName: 'device', ...(defaults !== undefined && { defaults }) }
		)
	);
const name = (value: string) => ({ value: { '@type': 'GivenName', value } });
const surname = (value: string) => ({ value: { '@type': 'Surname', value } });
const create = async (engine: Engine, content: object) =>
	must(await engine.attributes.create(content as ReturnType<typeof name>)).id;
const defaultsOf = (engine: Engine) =>
	engine.attributes
		.list()
		.filter(({ isDefault }) => isDefault)
		.map(({ id }) => id);
const refused = (result: Result<AttributeRow>) => (result.ok ? undefined : result.error.code);
const CODE = 'error.runtime.attributes';
const NOT_FOUND = 'error.runtime.recordNotFound';

describe('where defaults are kept', () => {
	let engine: Engine;
	let [first, second, third, other] = ['', '', '', ''];
	beforeEach(async () => {
		engine = await engineOf(true);
		[first, second, third] = [
			await create(engine, name('Anna')),
			await create(engine, name('Ann')),
			await create(engine, name('Annie'))
		];
		other = await create(engine, surname('Berg'));
	});
	afterEach(() => engine.close());

	test('E1.8 the first of its value type becomes the default, and no other', () => {
		expect(defaultsOf(engine)).toEqual([first, other]);
	});
	test('E1.1 E1.3 defaults and the others are told apart in a list', () => {
		const rows = engine.attributes.ownIdentity();
		expect(rows.filter(({ isDefault }) => isDefault).map(({ id }) => id)).toEqual([first, other]);
		expect(rows.filter((row) => !('isDefault' in row)).map(({ id }) => id)).toEqual([second, third]);
	});
	test('E1.14 change default: it moves within its value type', async () => {
		expect(await engine.attributes.changeDefault(second)).toMatchObject({
			value: { id: second, isDefault: true }
		});
		expect(defaultsOf(engine)).toEqual([second, other]);
		expect(engine.attributes.get(first)).not.toHaveProperty('isDefault');
	});
	test('E1.14 change default: what has it keeps it', async () => {
		expect(must(await engine.attributes.changeDefault(first))).toEqual(engine.attributes.get(first));
		expect(defaultsOf(engine)).toEqual([first, other]);
	});
	test('E1.14 refused: a superseded one; its successor has taken the default over', async () => {
		const { successor } = must(await engine.attributes.succeed(first, name('Anne')));
		expect(defaultsOf(engine)).toEqual([other, successor.id]);
		expect(refused(await engine.attributes.changeDefault(first))).toBe(`${CODE}.hasSuccessor`);
		expect(defaultsOf(engine)).toEqual([other, successor.id]);
	});
	test('E1.14 refused: an unknown one', async () => {
		expect(refused(await engine.attributes.changeDefault('ATT00000000000000009'))).toBe(NOT_FOUND);
	});
	test('E1.16 a deleted default hands it on to the latest other one of its value type', async () => {
		must(await engine.attributes.delete(first));
		expect(defaultsOf(engine)).toEqual([third, other]);
	});
});

describe('where none are kept', () => {
	test('E1.14 refused, and nothing is a default', async () => {
		const engine = await engineOf();
		const id = await create(engine, name('Anna'));
		expect(refused(await engine.attributes.changeDefault(id))).toBe(
			`${CODE}.setDefaultOwnIdentityAttributesIsDisabled`
		);
		expect(defaultsOf(engine)).toEqual([]);
		await engine.close();
	});
});

describe('what a peer gave', () => {
	let town: Town;
	beforeEach(() => void (town = createTown()));
	afterEach(() => town.close());

	/** A name of hers, given him. */
	async function given(anna: Person, berlin: Person): Promise<string> {
		await town.meet(berlin, anna);
		const id = await create(anna.engine, name('Anna'));
		const request = must(await anna.engine.attributes.share({ attributeId: id, peer: berlin.address }));
		await town.settle(anna, berlin);
		must(await berlin.engine.requests.accept(request.id, { items: [{ accept: true }] }));
		await town.settle(anna, berlin);
		return id;
	}

	test('E1.14 refused: not an own identity attribute', async () => {
		const [anna, berlin] = [await town.person(), await town.person({ defaults: true })];
		const id = await given(anna, berlin);
		expect(refused(await berlin.engine.attributes.changeDefault(id))).toBe(`${CODE}.isNotOwnIdentityAttribute`);
		expect(defaultsOf(berlin.engine)).toEqual([]);
	});
	test('E1.22 mark as viewed: the date of the first look, told once, also of what a peer gave', async () => {
		const [anna, berlin] = [await town.person(), await town.person()];
		const id = await given(anna, berlin);
		expect(berlin.engine.attributes.get(id)).not.toHaveProperty('wasViewedAt');
		const seen = must(await berlin.engine.attributes.markViewed(id));
		expect(seen.wasViewedAt).toBe(new Date(Date.parse(seen.wasViewedAt!)).toISOString());
		expect(berlin.told('consumption.attributeWasViewedAtChanged')).toMatchObject([
			{ id, wasViewedAt: seen.wasViewedAt }
		]);
		town.time.ahead += 60_000;
		expect(must(await berlin.engine.attributes.markViewed(id))).toEqual(seen);
		expect(berlin.told('consumption.attributeWasViewedAtChanged')).toHaveLength(1);
		expect(anna.engine.attributes.get(id)).not.toHaveProperty('wasViewedAt');
	});
	test('E1.22 an unknown one is not found', async () => {
		const anna = await town.person();
		expect(refused(await anna.engine.attributes.markViewed('ATT00000000000000009'))).toBe(NOT_FOUND);
	});
});
