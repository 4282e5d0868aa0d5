/** What programs keep about an identity, on two devices (content-behaviours.md D (7); content-model.md §7). */
import { describe, expect, test } from 'vitest';
import type { Json } from '../views.ts';
import { apart, does, everybodySyncs, must, people, type People } from './testing/people.ts';

const missing = { ok: false, error: { code: 'error.runtime.identityMetadata.notFound' } };

function metadata({ world, anna, addresses }: People) {
	const reference = addresses.berlin;
	return {
		set: (value: Json, key?: string) =>
			must(world, anna[0], (engine) =>
				engine.metadata.set({ reference, value, ...(key !== undefined && { key }) })
			),
		remove: (key?: string) => does(world, anna[0], (engine) => engine.metadata.delete(reference, key)),
		/** What the other device has, after both synchronised. */
		async there(key?: string) {
			await everybodySyncs(world);
			return anna[1]!.engine!.metadata.get(reference, key);
		}
	};
}

describe('D identity metadata', () => {
	test('D7 created without a key', async () => {
		const all = await people(2);
		const { set, there } = metadata(all);
		const made = { reference: all.addresses.berlin, value: { any: ['json', 1, null] } };
		expect(await set(made.value)).toMatchObject(made);
		const kept = await there();
		expect(kept).toMatchObject({ value: made });
		expect(kept.ok && kept.value).not.toHaveProperty('key');
	});

	test('D7 created with a key, beside the one without', async () => {
		const all = await people(2);
		const { set, there } = metadata(all);
		await set('plain');
		expect(await set('keyed', 'crm')).toMatchObject({ key: 'crm', value: 'keyed' });
		expect(await there()).toMatchObject({ value: { value: 'plain' } });
		expect(await there('crm')).toMatchObject({ value: { key: 'crm', value: 'keyed' } });
		expect(await there('other')).toMatchObject(missing);
	});

	test.each([
		['D7 updated without a key', undefined, 'crm'],
		['D7 updated with a key', 'crm', undefined]
	])('%s: the last value counts, the other stays', async (_name, key, other) => {
		const all = await people(2);
		const { set, there } = metadata(all);
		await set('other', other);
		for (const value of ['first', false, 'last']) await set(value, key);
		expect(await there(key)).toMatchObject({ value: { value: 'last' } });
		expect(await there(other)).toMatchObject({ value: { value: 'other' } });
		expect(all.anna[1]!.engine!.metadata.list()).toHaveLength(2);
	});

	test.each([
		['D7 deleted without a key', undefined, 'crm'],
		['D7 deleted with a key', 'crm', undefined]
	])('%s: it is found no more, the other stays, and it cannot be deleted twice', async (_name, key, other) => {
		const all = await people(2);
		const { set, remove, there } = metadata(all);
		for (const each of [key, other]) await set('kept', each);
		expect(await remove(key)).toMatchObject({ ok: true });
		expect(await there(key)).toMatchObject(missing);
		expect(await there(other)).toMatchObject({ value: { value: 'kept' } });
		expect(await remove(key)).toMatchObject(missing);
	});

	test('D7 all of a peer is deleted with its relationship, with and without keys; others’ stays', async () => {
		const all = await people(2, {}, 3);
		const { world, anna, addresses } = all;
		const { set } = metadata(all);
		await set('plain');
		await set('keyed', 'crm');
		for (const reference of [addresses.anna, addresses.carl])
			await must(world, anna[0], (engine) => engine.metadata.set({ reference, value: 1 }));
		const relationship = anna[0]!.engine!.relationships.list().find(({ peer }) => peer === addresses.berlin);
		for (const action of ['terminate', 'decompose'] as const)
			await must(world, anna[0], (engine) => engine.relationships.act(relationship!.id, action));
		await everybodySyncs(world);
		for (const { engine } of anna)
			expect(engine!.metadata.list().map(({ reference }) => reference)).toEqual([addresses.anna, addresses.carl]);
	});

	test('D7 two devices apart write one: both end with the same value', async () => {
		const all = await people(2);
		const { world, anna, addresses } = all;
		await apart(world, anna, async () => {
			for (const [i, device] of anna.entries())
				await must(world, device, (engine) => engine.metadata.set({ reference: addresses.berlin, value: i }));
		});
		const [first, second] = anna.map(({ engine }) => engine!.metadata.list());
		expect(first).toHaveLength(1);
		expect(second).toEqual(first);
	});
});
