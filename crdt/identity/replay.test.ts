/** Valid bytes in the wrong place: another identity, session, epoch, position, alias, relationship or name. */
import { describe, expect, test } from 'vitest';
import { concat, equal, utf8, type Bytes } from '../codec/bytes.ts';
import { toCbor } from '../codec/cbor.ts';
import { decodeEntry, encodeEntry, type Entry } from '../codec/entry.ts';
import { decodeEnvelope, encodeEnvelopeHeader } from '../codec/envelope.ts';
import { idOf } from '../codec/ids.ts';
import { kemPair } from '../crypto/hpke.ts';
import { signHash } from '../crypto/seal.ts';
import { entryHash } from '../codec/log.ts';
import { openEnvelope, sealEnvelope } from '../message/envelope.ts';
import { encodeLetter, parseLetter, type MessageLetter } from '../message/letter.ts';
import { openObject, sealObject, type TokenObject } from '../object/object.ts';
import { readEntries } from '../sync/log.ts';
import type { Op } from '../sync/record.ts';
import { hear, speak } from './speech.ts';
import { emptyLog, makePerson, seeded, type Person } from './testing/person.ts';

const op = (n: number): Op => ({ o: 'rec', i: new Uint8Array(16).fill(n), k: 'object.deleted', v: { id: `TOK${n}` } });
const read = async (person: Person, raw: readonly Bytes[], state = emptyLog()) => {
	const { entries, finding } = await readEntries(state, raw, person.context());
	return { read: entries.length, finding };
};
const entryOf = (bytes: Bytes): Entry => {
	const decoded = decodeEntry(bytes);
	if (!decoded.ok) throw new Error(decoded.why);
	return decoded.entry;
};

describe('a log entry', () => {
	test('is read in its place', async () => {
		const person = await makePerson('place');
		const [a, b] = [person.session(), person.session(await person.addDevice())];
		const raw = [(await a.seal([op(1)])).bytes, (await b.seal([op(2)])).bytes, (await a.seal([op(3)])).bytes];
		expect(await read(person, raw)).toEqual({ read: 3, finding: undefined });
	});

	test('of another identity is refused, although a device of that identity signed it', async () => {
		const [person, other] = [await makePerson('one'), await makePerson('other')];
		const { bytes } = await other.session().seal([op(1)]);
		expect(await read(person, [bytes])).toEqual({ read: 0, finding: 'chain' });
	});

	test('is not read twice, not out of order, not with a gap', async () => {
		const person = await makePerson('order');
		const session = person.session();
		const [first, second, third] = [
			await session.seal([op(1)]),
			await session.seal([op(2)]),
			await session.seal([op(3)])
		].map(({ bytes }) => bytes);
		expect(await read(person, [first!, first!])).toEqual({ read: 1, finding: 'session' });
		expect(await read(person, [first!, second!, second!])).toEqual({ read: 2, finding: 'chain' });
		expect(await read(person, [second!])).toEqual({ read: 0, finding: 'session' });
		expect(await read(person, [first!, third!])).toEqual({ read: 1, finding: 'chain' });
	});

	test('of one session does not continue another', async () => {
		const person = await makePerson('sessions');
		const [a, b] = [person.session(), person.session()];
		const [a0, b0, b1] = [await a.seal([op(1)]), await b.seal([op(1)]), await b.seal([op(2)])];
		expect(await read(person, [a0.bytes, b1.bytes])).toEqual({ read: 1, finding: 'session' });
		// Renamed to the other session and signed again by the very device: the ciphertext is bound to the session it was made in.
		const { ciphertext, signed } = entryOf(b1.bytes);
		const header = signed.slice(0, signed.length - ciphertext.length);
		header.set(a.id, 18);
		header.set(a0.hash, 72);
		const hash = entryHash(concat(header, ciphertext));
		const forged = encodeEntry(header, ciphertext, await signHash(person.devices[0]!.key, 'entry', hash));
		expect(await read(person, [a0.bytes, forged])).toEqual({ read: 1, finding: 'seal' });
		expect(await read(person, [a0.bytes, b0.bytes, b1.bytes])).toEqual({ read: 3, finding: undefined });
	});

	test('of one epoch is not read as one of another', async () => {
		const person = await makePerson('epochs');
		const session = person.session();
		const { bytes } = await session.seal([op(1)]);
		await person.newEpoch();
		const { ciphertext, signed } = entryOf(bytes);
		const header = signed.slice(0, signed.length - ciphertext.length);
		header.set([0, 0, 0, 1], 38);
		const hash = entryHash(concat(header, ciphertext));
		const forged = encodeEntry(header, ciphertext, await signHash(person.devices[0]!.key, 'entry', hash));
		expect(await read(person, [forged])).toEqual({ read: 0, finding: 'seal' });
		expect(await read(person, [bytes])).toEqual({ read: 1, finding: undefined });
	});

	test('signed by another device of the same identity than it says is refused, with all of its session', async () => {
		const person = await makePerson('devices');
		const laptop = await person.addDevice();
		const session = person.session();
		const [first, second] = [await session.seal([op(1)]), await session.seal([op(2)])];
		const { signed } = entryOf(second.bytes);
		const forged = concat(signed, await signHash(laptop.key, 'entry', second.hash));
		expect(await read(person, [first.bytes, forged])).toEqual({ read: 0, finding: 'signature' });
	});

	test('of a device that does not belong is refused', async () => {
		const person = await makePerson('stranger');
		const other = await makePerson('stranger');
		const late = await other.addDevice();
		const { bytes } = await other.session(late).seal([op(1)]);
		expect(await read(person, [bytes])).toEqual({ read: 0, finding: 'session' });
	});

	test('that saw another history stops the log: two devices were shown different ones', async () => {
		const person = await makePerson('fork');
		const [a, b] = [person.session(), person.session(await person.addDevice())];
		const first = await a.seal([op(1)]);
		const elsewhere = await b.seal([op(2)], { seq: 1, root: new Uint8Array(32).fill(9) });
		expect(await read(person, [first.bytes, elsewhere.bytes])).toEqual({ read: 1, finding: 'fork' });
		const early = await person.session().seal([op(3)], { seq: 5, root: new Uint8Array(32) });
		expect(await read(person, [early.bytes])).toEqual({ read: 0, finding: 'fork' });
	});

	test('of a later version stops the log, visibly', async () => {
		const person = await makePerson('version');
		const { bytes } = await person.session().seal([op(1)]);
		for (const at of [0, 1]) {
			const later = new Uint8Array(bytes);
			later[at] = 2;
			expect(await read(person, [later])).toEqual({ read: 0, finding: 'version' });
		}
	});
});

describe('an envelope', () => {
	const root = seeded('root').bytes(32);
	const [alias, other, envId] = [
		seeded('alias').bytes(16),
		seeded('other alias').bytes(16),
		seeded('envId').bytes(16)
	];
	const plaintext = utf8('hello') as Bytes;
	const seal = (name: string) => sealEnvelope(seeded(name), { root }, alias, envId, plaintext);

	test('opens under its relationship and no other', async () => {
		const envelope = decodeEnvelope(await seal('one'))!;
		expect(await openEnvelope(envelope, { root })).toEqual(plaintext);
		expect(await openEnvelope(envelope, { root: seeded('other').bytes(32) })).toBeUndefined();
		expect(await openEnvelope(envelope, {})).toBeUndefined();
	});

	test('relabelled for another alias, under another id, of another generation or kind does not open', async () => {
		const sealed = decodeEnvelope(await seal('one'))!;
		for (const change of [{ alias: other }, { envId: other }, { k: 1 }, { kind: 1 as const }]) {
			const relabelled = decodeEnvelope(
				concat(encodeEnvelopeHeader({ ...sealed, ...change }), sealed.ciphertext)
			)!;
			expect(await openEnvelope(relabelled, { root, seed: seeded('seed').bytes(32) })).toBeUndefined();
		}
	});

	test('two of one sender with their ciphertexts swapped do not open', async () => {
		const [one, two] = [decodeEnvelope(await seal('one'))!, decodeEnvelope(await seal('two'))!];
		for (const [head, body] of [
			[one, two],
			[two, one]
		] as const)
			expect(await openEnvelope(decodeEnvelope(concat(head.header, body.ciphertext))!, { root })).toBeUndefined();
	});

	test('for one template key does not open with another', async () => {
		const [mine, theirs] = [kemPair(seeded('mine').bytes(32)), kemPair(seeded('theirs').bytes(32))];
		const envelope = decodeEnvelope(
			await sealEnvelope(seeded('one'), { publicKey: mine.publicKey }, alias, envId, plaintext)
		)!;
		expect(await openEnvelope(envelope, { seed: mine.seed })).toEqual(plaintext);
		expect(await openEnvelope(envelope, { seed: theirs.seed })).toBeUndefined();
	});

	test('is sealed under a new key each time, also when two devices send at once', async () => {
		const keys = await Promise.all(['a', 'b', 'c'].map(async (name) => decodeEnvelope(await seal(name))!.key));
		expect(keys.every((key, i) => keys.every((more, j) => i === j || !equal(key, more)))).toBe(true);
	});
});

describe('a letter', () => {
	const letterOf = async (person: Person, change: Partial<MessageLetter> = {}) => {
		const random = seeded('message').bytes(16);
		const letter: MessageLetter = {
			t: 'msg',
			id: idOf('MSG', person.address, random),
			random,
			rel: idOf('REL', person.address, random),
			from: person.address,
			to: [person.address],
			time: 1,
			content: {},
			attachments: [],
			prev: [],
			...change
		};
		return parseLetter((await hear('event', await speak(person.signer(), 'event', encodeLetter(letter))))!);
	};

	test('is from who signed it', async () => {
		const [person, other] = [await makePerson('author'), await makePerson('other')];
		expect(await letterOf(person)).toMatchObject({ from: person.address });
		expect(await letterOf(person, { from: other.address })).toBeUndefined();
	});

	test('does not take the id of somebody else’s, nor one without its making', async () => {
		const [person, other] = [await makePerson('author'), await makePerson('other')];
		expect(await letterOf(person, { id: idOf('MSG', other.address, seeded('message').bytes(16)) })).toBeUndefined();
		expect(await letterOf(person, { random: seeded('another').bytes(16) })).toBeUndefined();
	});

	test('has a time that can be written as a date', async () => {
		const person = await makePerson('time');
		expect(await letterOf(person, { time: 253_402_300_799_999 })).toBeDefined();
		for (const time of [253_402_300_800_000, -1, 0.5, Number.MAX_SAFE_INTEGER])
			expect(await letterOf(person, { time })).toBeUndefined();
	});

	test('creates a relationship only with a key that something can be sealed to', async () => {
		const person = await makePerson('key');
		const random = seeded('rel').bytes(16);
		const said = async (key: Bytes) => {
			const body = {
				t: 'rel',
				rel: idOf('REL', person.address, random),
				from: person.address,
				to: person.address,
				action: 'create',
				n: 0,
				time: 1,
				templateId: 'RLT00000000000000000',
				random,
				content: {},
				a: seeded('a').bytes(32),
				key,
				mailbox: ['https://relay.example', random, seeded('token').bytes(32)]
			};
			return parseLetter((await hear('event', await speak(person.signer(), 'event', toCbor(body))))!);
		};
		expect(await said(kemPair(seeded('reply').bytes(32)).publicKey)).toBeDefined();
		for (const bad of [new Uint8Array(1216), new Uint8Array(1216).fill(255), new Uint8Array(32)])
			expect(await said(bad)).toBeUndefined();
	});
});

describe('an object', () => {
	const key = seeded('link').bytes(32);
	const tokenOf = (person: Person, change: Partial<TokenObject> = {}): TokenObject => {
		const random = seeded('token').bytes(16);
		return {
			t: 'token',
			id: idOf('TOK', person.address, random),
			random,
			content: { any: 1 },
			time: 1,
			device: 'DVC',
			expiresAt: 2,
			...change
		};
	};
	const opened = async (person: Person, object: TokenObject, id = object.id, under = key) =>
		openObject(id, under, await sealObject(seeded('seal'), key, person.signer(), object));

	test('opens under its id and key', async () => {
		const person = await makePerson('object');
		expect(await opened(person, tokenOf(person))).toMatchObject({ by: { address: person.address } });
	});

	test('behind another link, under another key, or named as another’s does not', async () => {
		const [person, other] = [await makePerson('object'), await makePerson('other')];
		const object = tokenOf(person);
		expect(await opened(person, object, tokenOf(other).id)).toBeUndefined();
		expect(await opened(person, object, object.id, seeded('another').bytes(32))).toBeUndefined();
		expect(await opened(other, object)).toBeUndefined();
	});

	test('dated beyond what a date can say is none', async () => {
		const person = await makePerson('dates');
		expect(await opened(person, tokenOf(person, { time: Number.MAX_SAFE_INTEGER }))).toBeUndefined();
		expect(await opened(person, tokenOf(person, { expiresAt: Number.MAX_SAFE_INTEGER }))).toBeUndefined();
	});

	test('that is too short to be one is none', async () => {
		for (const length of [0, 5, 12, 27])
			expect(await openObject('TOK', key, new Uint8Array(length))).toBeUndefined();
	});
});
