/**
 * Signed but strange: a valid member says whatever it likes. Whatever it says is a letter or an object that can be shown, or
 * nothing; it never throws where somebody else reads it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import { toCbor, type Cbor } from '../codec/cbor.ts';
import { idOf } from '../codec/ids.ts';
import { entryBucket, pad } from '../codec/padding.ts';
import { kemPair } from '../crypto/hpke.ts';
import { seal } from '../crypto/seal.ts';
import { eventOf, parseLetter } from '../message/letter.ts';
import { openObject } from '../object/object.ts';
import { fileRow, templateRow, tokenRow } from '../sync/apply-objects.ts';
import { decodeOpsBare } from '../sync/record.ts';
import { hear, speak, type SpeechDomain } from './speech.ts';
import { makePerson, seeded } from './testing/person.ts';

const eve = await makePerson('eve');
const [random, key] = [seeded('random').bytes(16), kemPair(seeded('key').bytes(32)).publicKey];
const rel = idOf('REL', eve.address, random);
const mailbox = ['https://relay.example', random, seeded('token').bytes(32)];

/** What a member could hold instead of what it should: other types, other lengths, numbers without a date. */
const odd = fc.oneof<fc.Arbitrary<Cbor | undefined>[]>(
	fc.constantFrom(undefined, null, true, -1, 0.5, 2 ** 53 - 1, 253_402_300_800_000, '', '__proto__', 'REL', [], {}),
	fc.constantFrom<Cbor>(
		[null],
		[random],
		mailbox.slice(0, 2),
		{ '@type': 'Mail', body: random },
		{ '@type': { a: 1 } }
	),
	fc.constantFrom<Cbor>(
		new Uint8Array(0),
		new Uint8Array(16),
		new Uint8Array(32),
		new Uint8Array(1216),
		new Uint8Array(1217)
	),
	fc.string().map((text) => text)
);

/** A good body with some of its members made odd, and some that nobody knows. */
const bent = (good: { readonly [name: string]: Cbor }) =>
	fc
		.array(
			fc.tuple(fc.constantFrom(...Object.keys(good), 'newer', 'prev', 'seen', 'max', 'for', 'expiresAt'), odd),
			{ maxLength: 2 }
		)
		.map((changes) => ({
			...good,
			...Object.fromEntries(changes)
		}));

const say = (domain: SpeechDomain, body: { readonly [name: string]: Cbor | undefined }) =>
	speak(eve.signer(), domain, toCbor(body));

const event = { t: 'rel', rel, from: eve.address, to: eve.address, n: 0, time: 1 };
const letters = {
	create: {
		...event,
		action: 'create',
		templateId: 'RLT00000000000000000',
		random,
		content: {},
		a: seeded('a').bytes(32),
		key,
		mailbox
	},
	accept: { ...event, action: 'accept', b: seeded('b').bytes(32), mailbox },
	terminate: { ...event, action: 'terminate', n: 1, prev: new Uint8Array(32), seen: [0, new Uint8Array(32)] },
	message: {
		...{
			t: 'msg',
			id: idOf('MSG', eve.address, random),
			random,
			rel,
			from: eve.address,
			to: [eve.address],
			time: 1
		},
		...{ content: { '@type': 'Mail' }, attachments: [], prev: [] }
	}
};
const objects = {
	template: {
		t: 'template',
		id: idOf('RLT', eve.address, random),
		random,
		content: {},
		key,
		mailbox,
		time: 1,
		device: 'DVC',
		expiresAt: 2,
		max: 1,
		for: eve.address
	},
	token: {
		t: 'token',
		id: idOf('TOK', eve.address, random),
		random,
		content: [1, { a: null }],
		time: 1,
		device: 'DVC',
		expiresAt: 2
	}
};

const isPlain = (value: unknown): boolean =>
	JSON.stringify(JSON.parse(JSON.stringify(value))) === JSON.stringify(value) &&
	!JSON.stringify(value).includes('{"0":');

describe.each(Object.entries(letters))('a letter: %s', (_, good) => {
	test('as it should be is read', async () => {
		expect(parseLetter((await hear('event', await say('event', good)))!)).toBeDefined();
	});

	test('bent is a letter that can be shown, or none', async () => {
		let read = 0;
		const property = fc.asyncProperty(bent(good), async (body) => {
			const letter = parseLetter((await hear('event', await say('event', body)))!);
			if (!letter) return;
			read++;
			expect(letter.from).toBe(eve.address);
			expect(new Date(letter.time).toISOString()).toMatch(/^\d{4}-/);
			if (letter.t === 'rel') eventOf(letter, new Uint8Array(32), 'DVC');
			const content =
				letter.t === 'msg' ? letter.content : letter.t === 'rel' ? letter.create?.content : undefined;
			if (content) expect(isPlain(content)).toBe(true);
		});
		await fc.assert(property, { numRuns: 500 });
		expect(read).toBeGreaterThan(0);
	});
});

describe.each(Object.entries(objects))('an object: %s', (_, good) => {
	const link = seeded('link').bytes(32);
	async function opened(body: { readonly [name: string]: Cbor | undefined }) {
		const nonce = new Uint8Array(12);
		const sealed = await seal(link, nonce, utf8(good.id), pad(await say('template', body), entryBucket));
		return openObject(good.id, link, concat(nonce, sealed));
	}

	test('as it should be is opened', async () => {
		expect(await opened(good)).toBeDefined();
	});

	test('bent is an object that can be shown, or none', async () => {
		let read = 0;
		const property = fc.asyncProperty(bent(good), async (body) => {
			const object = (await opened(body))?.object;
			if (!object) return;
			read++;
			const by = eve.address;
			const holding = { linkKey: link, by, isOwn: false, owner: by, turn: 0, url: 'https://relay.example' };
			if (object.t === 'file') {
				expect(fileRow(object, holding).createdAt).toMatch(/^\d{4}-/);
				return;
			}
			const row = object.t === 'template' ? templateRow(object, holding) : tokenRow(object, holding);
			expect(isPlain(row.content)).toBe(true);
		});
		await fc.assert(property, { numRuns: 500 });
		expect(read).toBeGreaterThan(0);
	});
});

test('any bytes are speech or nothing, and any list of operations is read', async () => {
	const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), odd, odd, async (given, a, b) => {
		expect(await hear('event', new Uint8Array(given) as Bytes)).toBeUndefined();
		expect(await hear('event', toCbor({ body: a, sig: b, device: a, path: b }))).toBeUndefined();
		decodeOpsBare(given);
		const list = decodeOpsBare(
			toCbor([
				{ o: 'rec', i: a, k: 'mail', v: b },
				{ o: 'doc', shard: a, u: b },
				{ o: 'commit', slots: a, intent: b },
				a ?? null
			])
		);
		expect(list?.length).toBe(4);
	});
	await fc.assert(property, { numRuns: 1000 });
});
