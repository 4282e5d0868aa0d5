/** Documents: what devices edit at once ends alike on all, and no device touches what another wrote. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../codec/bytes.ts';
import { clientId, createDocuments, type Documents, type KeptUpdates } from './documents.ts';

const shard = 'core';
const asBytes = (update: Uint8Array): Bytes => new Uint8Array(update);

function device(ordinal: number, session = 1): Documents {
	const documents = createDocuments();
	documents.beginSession(ordinal, session);
	return documents;
}

/** An update as a client of that id would make it, on top of what it holds. */
function forged(client: number, change: (doc: Y.Doc) => void, ...held: readonly Uint8Array[]): Bytes {
	const doc = new Y.Doc();
	for (const update of held) Y.applyUpdate(doc, update);
	const before = Y.encodeStateVector(doc);
	doc.clientID = client;
	doc.transact(() => change(doc));
	return asBytes(Y.encodeStateAsUpdate(doc, before));
}
const put = (key: string, value: unknown) => (doc: Y.Doc) => void doc.getMap('fields').set(key, value);

describe('merging', () => {
	test('the later edit wins, and the one it had not seen stays readable', () => {
		const [phone, laptop] = [device(0), device(1)];
		const first = phone.write(shard, 'name', 'Ada');
		laptop.apply(shard, first, 0);
		const [a, b] = [phone.write(shard, 'name', 'Ada L.'), laptop.write(shard, 'name', 'Ada B.')];
		phone.apply(shard, b, 1);
		laptop.apply(shard, a, 0);
		for (const each of [phone, laptop]) {
			expect(each.read(shard, 'name')).toBe('Ada B.');
			expect(each.otherVersions(shard)).toEqual([{ shard, field: 'name', value: 'Ada L.', ordinal: 0 }]);
		}
		const settled = phone.write(shard, 'name', 'Ada L.');
		laptop.apply(shard, settled, 0);
		for (const each of [phone, laptop]) {
			expect(each.read(shard, 'name')).toBe('Ada L.');
			expect(each.otherVersions(shard)).toEqual([]);
		}
	});

	test('three devices that write what they like, whenever, end alike in whatever order it arrives', () => {
		const edit = fc.record({
			device: fc.nat(2),
			field: fc.constantFrom('a', 'b', 'c'),
			value: fc.oneof(fc.nat(9), fc.constant(null)),
			heard: fc.array(fc.nat(30), { maxLength: 3 })
		});
		const property = fc.property(
			fc.array(edit, { minLength: 1, maxLength: 30 }),
			fc.infiniteStream(fc.nat()),
			(edits, order) => {
				const devices = [device(0), device(1), device(2)];
				const written: { update: Bytes; by: number }[] = [];
				for (const { device: by, field, value, heard } of edits) {
					for (const which of heard) {
						const update = written[which % Math.max(1, written.length)];
						if (update) devices[by]!.apply(shard, update.update, update.by);
					}
					written.push({ update: devices[by]!.write(shard, field, value), by });
				}
				const random = order[Symbol.iterator]();
				for (const each of devices) {
					const rest = [...written];
					while (rest.length > 0) {
						const [next] = rest.splice((random.next().value as number) % rest.length, 1);
						expect(['admitted', 'waits']).toContain(each.apply(shard, next!.update, next!.by));
					}
				}
				const [one, ...others] = devices.map((each) =>
					JSON.stringify([each.content(shard), each.otherVersions(shard)])
				);
				for (const other of others) expect(other).toBe(one);
			}
		);
		fc.assert(property, { numRuns: 200 });
	});

	test('what came too early waits and is there once it can be', () => {
		const [phone, laptop] = [device(0), device(1)];
		const [first, second] = [phone.write(shard, 'a', 1), phone.write(shard, 'a', 2)];
		expect(laptop.apply(shard, second, 0)).toBe('waits');
		expect(laptop.read(shard, 'a')).toBeUndefined();
		expect(laptop.apply(shard, first, 0)).toBe('admitted');
		expect(laptop.read(shard, 'a')).toBe(2);
	});

	test('a new session of a device goes on under another client id', () => {
		const phone = device(0);
		const laptop = device(1);
		laptop.apply(shard, phone.write(shard, 'a', 1), 0);
		const again = createDocuments();
		again.beginSession(0, 2);
		expect(laptop.apply(shard, again.write(shard, 'b', 2), 0)).toBe('admitted');
		expect([laptop.read(shard, 'a'), laptop.read(shard, 'b')]).toEqual([1, 2]);
	});
});

describe('a hostile device', () => {
	/** A laptop (1) that holds what the phone (0) wrote; the attacker is device 2. */
	function held() {
		const [phone, laptop] = [device(0), device(1)];
		const first = phone.write(shard, 'name', 'Ada');
		laptop.apply(shard, first, 0);
		return { phone, laptop, first };
	}

	test('cannot write in the name of another', () => {
		const { laptop, first } = held();
		const before = laptop.content(shard);
		expect(
			laptop.apply(shard, forged(clientId(0, 1), put('name\u001f0', { v: 'Eve', l: 9, saw: {} }), first), 2)
		).toBe('foreign-client');
		expect(laptop.content(shard)).toEqual(before);
	});

	test('cannot silence another by a struct at its next clock; control: without the check it can', () => {
		const { phone, laptop, first } = held();
		const steal = forged(clientId(0, 1), put('x', 0), first);
		const next = phone.write(shard, 'name', 'Ada L.');
		expect(laptop.apply(shard, steal, 2)).toBe('foreign-client');
		expect(laptop.apply(shard, next, 0)).toBe('admitted');
		expect(laptop.read(shard, 'name')).toBe('Ada L.');

		const open = new Y.Doc();
		for (const update of [first, steal, next]) Y.applyUpdate(open, update);
		expect(JSON.stringify(open.getMap('fields').toJSON())).not.toContain('Ada L.');
	});

	test('cannot delete what another wrote; control: without the check it can', () => {
		const { laptop, first } = held();
		const erase = forged(clientId(2, 1), (doc) => doc.getMap('fields').delete('name\u001f0'), first);
		expect(erase.length).toBeLessThan(12);
		expect(laptop.apply(shard, erase, 2)).toBe('foreign-delete');
		expect(laptop.read(shard, 'name')).toBe('Ada');

		const open = new Y.Doc();
		for (const update of [first, erase]) Y.applyUpdate(open, update);
		expect(open.getMap('fields').size).toBe(0);
	});

	test('cannot put words under another’s key, whether that one wrote there or not', () => {
		const { laptop, first } = held();
		const eve = { v: 'Eve', l: 9, saw: {} };
		for (const key of ['name\u001f0', 'mail\u001f0', 'mail\u001f1', 'mail\u001f22', 'mail', 'mail\u001f'])
			expect(laptop.apply(shard, forged(clientId(2, 1), put(key, eve), first), 2), key).toBe('foreign-key');
		expect(laptop.apply(shard, forged(clientId(2, 1), put('mail\u001f2', eve), first), 2)).toBe('admitted');
		expect(laptop.fields(shard)).toEqual({ name: 'Ada', mail: 'Eve' });
	});

	test('cannot put anything else into the document', () => {
		const { laptop, first } = held();
		const changes: ((doc: Y.Doc) => void)[] = [
			(doc) => doc.getArray('list').push([1]),
			(doc) => doc.getText('fields').insert(0, 'x'),
			(doc) => void doc.getMap('fields').set('mail\u001f2', new Y.Map()),
			(doc) => void doc.getMap('fields').set('mail\u001f2', new Y.Doc())
		];
		for (const [i, change] of changes.entries())
			expect(laptop.apply(shard, forged(clientId(2, 1), change, first), 2), String(i)).not.toBe('admitted');
		expect(laptop.fields(shard)).toEqual({ name: 'Ada' });
	});

	test('cannot leave a hole', () => {
		const { laptop } = held();
		const doc = new Y.Doc();
		doc.clientID = clientId(2, 1);
		const updates: Uint8Array[] = [];
		doc.on('update', (update: Uint8Array) => updates.push(update));
		for (const i of [1, 2, 3]) doc.getMap('fields').set(`f${i}\u001f2`, i);
		expect(laptop.apply(shard, asBytes(Y.mergeUpdates([updates[0]!, updates[2]!])), 2)).toBe('skip');
	});

	test('any bytes are refused without a trace, and never throw', () => {
		const { laptop, first } = held();
		const before = JSON.stringify(laptop.content(shard));
		const damaged = fc.tuple(fc.nat(), fc.nat(255)).map(([at, byte]) => {
			const copy = new Uint8Array(first);
			copy[at % copy.length] = byte;
			return copy;
		});
		const property = fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged), (update) => {
			const admission = laptop.apply('other', asBytes(update), 2);
			if (admission !== 'admitted') expect(laptop.content('other')).toEqual({});
		});
		fc.assert(property, { numRuns: 3000 });
		expect(JSON.stringify(laptop.content(shard))).toBe(before);
	});

	test('cannot make another wait for more than so many updates', () => {
		const laptop = device(1);
		const attacker = device(2);
		attacker.write(shard, 'a', 0);
		for (let i = 0; i < 1100; i++) expect(laptop.apply(shard, attacker.write(shard, 'a', i), 2)).toBe('waits');
		expect(laptop.content(shard)).toEqual({});
	});
});

describe('shards that are read when somebody asks', () => {
	/** Kept as the engine keeps them: in the order of the log, by shard. */
	function keeping() {
		const updates = new Map<string, { u: Bytes; ordinal: number | undefined }[]>();
		const of = (name: string) => updates.get(name) ?? [];
		let merges = 0;
		const kept: KeptUpdates = {
			of,
			add: (name, u, ordinal) => void updates.set(name, [...of(name), { u, ordinal }]),
			merge(name, u) {
				merges++;
				updates.set(name, [{ u, ordinal: undefined }]);
			}
		};
		return { kept, of, merges: () => merges };
	}

	test('show what they would show if all of them stayed, whatever is asked in between and after a restart', () => {
		const step = fc.record({
			shard: fc.nat(30),
			field: fc.constantFrom('a', 'b'),
			value: fc.nat(99),
			asks: fc.nat(30)
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const writer = device(0);
				const whole = createDocuments();
				const { kept } = keeping();
				let lazy = createDocuments(kept);
				for (const [n, each] of steps.entries()) {
					const name = `flags-${each.shard}`;
					const update = writer.write(name, each.field, each.value);
					for (const documents of [whole, lazy]) documents.apply(name, update, 0);
					expect(lazy.content(`flags-${each.asks}`)).toEqual(whole.content(`flags-${each.asks}`));
					if (n % 20 === 19) lazy = createDocuments(kept);
				}
				for (let n = 0; n <= 30; n++) expect(lazy.content(`flags-${n}`)).toEqual(whole.content(`flags-${n}`));
				expect(lazy.shards().length).toBeLessThanOrEqual(13);
			}),
			{ numRuns: 40 }
		);
	});

	test('what is written here and not in the log yet stays, however many others are asked for', () => {
		const { kept } = keeping();
		const documents = createDocuments(kept);
		documents.beginSession(0, 1);
		const pending = documents.write('core', 'name', 'Ada');
		for (let n = 0; n < 40; n++) documents.fields(`flags-${n}`);
		expect(documents.read('core', 'name')).toBe('Ada');
		const restarted = createDocuments(kept);
		restarted.apply('core', pending, 0, true);
		for (let n = 0; n < 40; n++) restarted.fields(`flags-${n}`);
		expect(restarted.read('core', 'name')).toBe('Ada');
		expect(kept.of('core')).toEqual([]);
	});

	test('many small updates are merged once, and an update that came too early still waits', () => {
		const writer = device(0);
		const { kept, of, merges } = keeping();
		for (let n = 0; n < 300; n++) kept.add(shard, writer.write(shard, `f${n % 50}`, n), 0);
		const early = [writer.write(shard, 'late', 1), writer.write(shard, 'late', 2)];
		const documents = createDocuments(kept);
		expect(documents.content(shard)).toMatchObject({ f0: 250, f49: 299 });
		expect([merges(), of(shard).length]).toEqual([1, 1]);
		expect(documents.apply(shard, early[1]!, 0)).toBe('waits');
		const again = createDocuments(kept);
		expect(again.content(shard)).toEqual(documents.content(shard));
		expect(again.apply(shard, early[0]!, 0)).toBe('admitted');
		expect(again.read(shard, 'late')).toBe(2);
	});
});
