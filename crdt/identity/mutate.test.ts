/**
 * Damage: whatever is signed or sealed is changed in one place and must not be believed. Each row gives an original, and says
 * whether a changed copy was taken for something. A row whose door is left open (the control) must be caught at once.
 *
 *   SEED=… MUTANTS=… vitest run crdt/identity/mutate
 */
import { describe, expect, test } from 'vitest';
import { concat, equal, utf8, type Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import { decodeChainRecord, encodeChainRecord } from '../codec/chain.ts';
import { decodeEntry } from '../codec/entry.ts';
import { decodeEnvelope } from '../codec/envelope.ts';
import { idOf } from '../codec/ids.ts';
import { chainHash, extendMembership } from '../codec/membership.ts';
import { kemPair } from '../crypto/hpke.ts';
import { signHash } from '../crypto/seal.ts';
import { openEnvelope, sealEnvelope } from '../message/envelope.ts';
import { openObject, sealObject, type TemplateObject } from '../object/object.ts';
import { readEntries } from '../sync/log.ts';
import type { Op } from '../sync/record.ts';
import { devicePart, makeDeviceKeys } from './create.ts';
import { checkPath } from './path.ts';
import { hear, speak } from './speech.ts';
import { emptyLog, makePerson, seeded } from './testing/person.ts';

const SEED = process.env['SEED'] ?? String(Math.floor(Math.random() * 1e9));
const MUTANTS = Number(process.env['MUTANTS'] ?? 10_000);

interface Row {
	/** Valid bytes of one kind; pieces of one are also put into another. */
	readonly originals: readonly Bytes[];
	/** Whether these bytes were taken for something. */
	accepted(bytes: Bytes, which: number): Promise<boolean>;
	/** Slow ones get fewer. */
	readonly share?: number;
}

/** One small change: a bit, a byte, a piece lost, doubled, swapped, zeroed, or put in from another. */
function mutate(original: Bytes, donor: Bytes, random: () => number): Bytes {
	const below = (n: number) => random() % Math.max(1, n);
	const copy = new Uint8Array(original) as Bytes;
	const at = below(copy.length);
	const length = 1 + below(Math.min(64, copy.length - at));
	const to = below(copy.length - length);
	switch (below(9)) {
		case 0:
		case 1:
		case 2:
			copy[at]! ^= 1 << below(8);
			return copy;
		case 3:
			copy[at] = below(256);
			return copy;
		case 4:
			return concat(copy.slice(0, at), copy.slice(at + length));
		case 5:
			return concat(copy.slice(0, at), copy.slice(to, to + length), copy.slice(at));
		case 6:
			copy.set(original.slice(at, at + length), to);
			return copy;
		case 7:
			copy.fill(0, at, at + length);
			return copy;
		default:
			copy.set(donor.slice(at, at + length).subarray(0, copy.length - at), at);
			return copy;
	}
}

function dice(name: string): () => number {
	const source = seeded(`${SEED}/${name}`);
	let [pool, at] = [source.bytes(4096), 0];
	return () => {
		if (at + 4 > pool.length) [pool, at] = [source.bytes(4096), 0];
		at += 4;
		return new DataView(pool.buffer).getUint32(at - 4);
	};
}

/** How many of the mutants were taken, with the first of them. */
async function hunt(
	name: string,
	{ originals, accepted, share = 1 }: Row
): Promise<{ tried: number; taken: string[] }> {
	const random = dice(name);
	const taken: string[] = [];
	let tried = 0;
	for (let i = 0; tried < MUTANTS * share; i++) {
		const which = i % originals.length;
		const mutant = mutate(originals[which]!, originals[random() % originals.length]!, random);
		if (originals.some((original) => equal(original, mutant))) continue;
		tried++;
		if (await accepted(mutant, which)) taken.push(Buffer.from(mutant).toString('hex'));
	}
	return { tried, taken };
}

const alice = await makePerson('alice');
const phone = alice.devices[0]!;
const laptop = await alice.addDevice();
const op = (n: number): Op => ({ o: 'rec', i: new Uint8Array(16).fill(n), k: 'object.deleted', v: { id: `TOK${n}` } });

async function entryRow(): Promise<Row> {
	const session = alice.session();
	const first = await session.seal([op(1)]);
	const read = await readEntries(emptyLog(), [first.bytes], alice.context());
	const second = await session.seal([op(2)], { seq: 1, root: read.state.root });
	return {
		originals: [first.bytes, second.bytes],
		async accepted(bytes, which) {
			const raw = which === 0 ? [bytes] : [first.bytes, bytes];
			return (await readEntries(emptyLog(), raw, alice.context())).entries.length > which;
		}
	};
}

async function chainRow(): Promise<Row> {
	const device = await makeDeviceKeys(seeded('tablet'));
	const raw: Cbor = { device: laptop.id, reason: 'of a later version' };
	const head = alice.membership();
	const reserved = toCbor({ v: 1, prev: head.head, seq: head.seq + 1, type: 2, body: raw, signer: phone.id });
	const originals = [
		alice.chain[0]!.bytes,
		await alice.record({ type: 1, device: devicePart(device, 'member'), time: 1 }, phone, { dk: device.dk }),
		await alice.record({ type: 3, epoch: 1, time: 1 }),
		await alice.record(
			{ type: 4, version: 1, prekey: kemPair(seeded('prekey').bytes(32)).publicKey, time: 1 },
			laptop
		),
		encodeChainRecord(reserved, new Uint8Array(0), await signHash(phone.key, 'chain', chainHash(reserved)))
	];
	return {
		originals,
		async accepted(bytes, which) {
			const record = decodeChainRecord(bytes);
			return record !== undefined && (await extendMembership(which === 0 ? undefined : head, record)).ok;
		}
	};
}

const speech = await speak(alice.signer(laptop), 'event', toCbor({ t: 'msg', from: alice.address }));
const pathRow = async (): Promise<Row> => ({
	originals: [
		toCbor(alice.signer(laptop).path as unknown as Cbor),
		toCbor(alice.signer(phone).path as unknown as Cbor)
	],
	accepted: async (bytes, which) =>
		(await checkPath(fromCbor(bytes), which === 0 ? laptop.id : phone.id)) !== undefined
});
const speechRow = async (): Promise<Row> => ({
	originals: [speech, await speak(alice.signer(phone), 'event', toCbor({ t: 'msg' }))],
	accepted: async (bytes) => (await hear('event', bytes)) !== undefined
});

const [alias, envId] = [seeded('alias').bytes(16), seeded('envId').bytes(16)];
async function envelopeRow(): Promise<Row> {
	const root = seeded('root').bytes(32);
	const seal = (name: string) => sealEnvelope(seeded(name), { root }, alias, envId, utf8(name) as Bytes);
	return {
		originals: [await seal('one'), await seal('two')],
		async accepted(bytes) {
			const envelope = decodeEnvelope(bytes);
			return envelope !== undefined && (await openEnvelope(envelope, { root })) !== undefined;
		}
	};
}
async function sealedToKeyRow(): Promise<Row> {
	const { seed, publicKey } = kemPair(seeded('template').bytes(32));
	return {
		originals: [await sealEnvelope(seeded('one'), { publicKey }, alias, envId, utf8('hello') as Bytes)],
		share: 0.05,
		async accepted(bytes) {
			const envelope = decodeEnvelope(bytes);
			return envelope !== undefined && (await openEnvelope(envelope, { seed })) !== undefined;
		}
	};
}

async function objectRow(): Promise<Row> {
	const key = seeded('link').bytes(32);
	const random = seeded('object').bytes(16);
	const id = idOf('RLT', alice.address, random);
	const mailbox = { url: 'https://relay.example', alias, token: seeded('token').bytes(32) };
	const publicKey = kemPair(seeded('template').bytes(32)).publicKey;
	const object: TemplateObject = {
		t: 'template',
		id,
		random,
		content: {},
		key: publicKey,
		mailbox,
		time: 1,
		device: 'DVC'
	};
	const seal = (name: string) => sealObject(seeded(name), key, alice.signer(laptop), object);
	return {
		originals: [await seal('one'), await seal('two')],
		accepted: async (bytes) => (await openObject(id, key, bytes)) !== undefined
	};
}

const rows: [string, () => Promise<Row>][] = [
	['log entry', entryRow],
	['chain record', chainRow],
	['proof path', pathRow],
	['speech', speechRow],
	['envelope in a relationship', envelopeRow],
	['envelope to a key', sealedToKeyRow],
	['object', objectRow]
];

describe(`nothing that was changed is believed (SEED=${SEED}, ${MUTANTS} mutants each)`, () => {
	test.each(rows)('%s', { timeout: 120_000 }, async (name, make) => {
		const row = await make();
		for (const [which, original] of row.originals.entries())
			expect(await row.accepted(original, which), 'the original').toBe(true);
		const { tried, taken } = await hunt(name, row);
		expect(tried).toBeGreaterThanOrEqual(MUTANTS * (row.share ?? 1));
		expect(taken).toEqual([]);
	});

	test('control: without the signature, damage to an entry is taken', async () => {
		const { originals } = await entryRow();
		const { taken } = await hunt('control', {
			originals,
			share: 0.01,
			accepted: async (bytes) => decodeEntry(bytes).ok
		});
		expect(taken.length).toBeGreaterThan(0);
	});
});
