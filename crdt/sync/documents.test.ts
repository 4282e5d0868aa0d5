/** Documents: what devices edit at once ends alike on all, and no device touches what another wrote. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../codec/bytes.ts';
import { clientId, createDocuments, type Documents } from './documents.ts';

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
