/** Default attributes are a mode of the engine: kept by the App, not by a Connector (content-behaviours.md B6, E1). */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createIdentity, RelayUnreachable, type Engine } from '../index.ts';
import { createMemoryStore } from '../sim/memory-store.ts';

const clock = { now: () => Date.now(), sleep: () => new Promise<void>(() => undefined) };
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const relay = { url: 'http://localhost:1', connect: () => Promise.reject(new RelayUnreachable()) };

async function engineOf(defaults?: boolean): Promise<Engine> {
	const made = await createIdentity(
		{ clock, random, relay, store: createMemoryStore() },
		{ addressHost: 'localhost', deviceName: 'device', ...(defaults !== undefined && { defaults }) }
	);
	if (!made.ok) throw new Error(made.error.code);
	return made.value;
}
const name = (value: string) => ({ value: { '@type': 'GivenName', value } });
async function namesOf(engine: Engine): Promise<readonly string[]> {
	const ids: string[] = [];
	for (const text of ['Anna', 'Ann', 'Annie']) {
		const made = await engine.attributes.create(name(text));
		if (made.ok) ids.push(made.value.id);
	}
	return ids;
}
const defaultsOf = (engine: Engine) =>
	engine.attributes
		.list()
		.filter(({ isDefault }) => isDefault)
		.map(({ id }) => id);

test('E1 with defaults: the first has it, it can be given to another, and goes on when that is deleted', async () => {
	const engine = await engineOf(true);
	const [first, second, third] = await namesOf(engine);
	expect(defaultsOf(engine)).toEqual([first]);
	expect(await engine.attributes.changeDefault(second!)).toMatchObject({ value: { id: second, isDefault: true } });
	expect(await engine.attributes.changeDefault(second!)).toMatchObject({ value: { id: second, isDefault: true } });
	expect(defaultsOf(engine)).toEqual([second]);
	await engine.attributes.delete(second!);
	expect(defaultsOf(engine)).toEqual([third]);
});

test('E1 without: nothing is a default, and nothing can become one', async () => {
	const engine = await engineOf();
	const [first] = await namesOf(engine);
	expect(defaultsOf(engine)).toEqual([]);
	expect(await engine.attributes.changeDefault(first!)).toMatchObject({
		error: { code: 'error.runtime.attributes.setDefaultOwnIdentityAttributesIsDisabled' }
	});
});

test('E1 the first look is dated, later ones keep the date', async () => {
	const engine = await engineOf();
	const [first] = await namesOf(engine);
	const seen = await engine.attributes.markViewed(first!);
	expect(seen).toMatchObject({ value: { wasViewedAt: expect.any(String) } });
	expect(await engine.attributes.markViewed(first!)).toEqual(seen);
	expect(await engine.attributes.markViewed('ATT00000000000000009')).toMatchObject({
		error: { code: 'error.runtime.recordNotFound' }
	});
});
