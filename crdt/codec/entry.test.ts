/** The layouts that the relay reads: entries, envelopes, chain records. Structure only; whether they hold is judged elsewhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, equal, type Bytes } from './bytes.ts';
import { toCbor, type Cbor } from './cbor.ts';
import { decodeChainRecord, encodeChainPublic, encodeChainRecord, type ChainBody } from './chain.ts';
import { decodeEntry, encodeEntry, encodeEntryHeader, ENTRY_FIRST, ENTRY_HEADER, type EntryHeader } from './entry.ts';
import { decodeEnvelope, encodeEnvelopeHeader } from './envelope.ts';

const bytes = (length: number) =>
	fc.uint8Array({ minLength: length, maxLength: length }).map((value): Bytes => new Uint8Array(value));
const some = fc.uint8Array({ minLength: 16, maxLength: 300 }).map((value): Bytes => new Uint8Array(value));
const uint = (length: number) => fc.nat(2 ** Math.min(8 * length, 31) - 1);

describe('entry', () => {
	const header: fc.Arbitrary<EntryHeader> = fc
		.record({
			identityTag: bytes(16),
			session: bytes(16),
			sseq: fc.oneof(fc.constant(0), uint(4)),
			epoch: uint(4),
			chainHead: bytes(8),
			seenSeq: fc.nat(2 ** 48 - 1),
			seenRoot: bytes(16),
			prevHash: bytes(32),
			first: fc.record({ deviceId: bytes(16), keyCommitment: bytes(16), sessionOrdinal: uint(2) })
		})
		.map(({ first, ...rest }) => (rest.sseq === 0 ? { ...rest, first } : rest));

	test('is read as it was written', () => {
		fc.assert(
			fc.property(header, some, bytes(64), (given, ciphertext, signature) => {
				const head = encodeEntryHeader(given, ciphertext.length);
				expect(head.length).toBe(ENTRY_HEADER + (given.first ? ENTRY_FIRST : 0));
				const read = decodeEntry(encodeEntry(head, ciphertext, signature));
				expect(read).toMatchObject({
					ok: true,
					entry: { ...given, ciphertext, signature, signed: concat(head, ciphertext) }
				});
			}),
			{ numRuns: 300 }
		);
	});

	test('a first part stands exactly at the beginning of a session', () => {
		const given = fc.sample(header, 50).find(({ first }) => first)!;
		expect(() => encodeEntryHeader({ ...given, sseq: 1 }, 16)).toThrow();
		const { first: _, ...without } = given;
		expect(() => encodeEntryHeader(without, 16)).toThrow();
	});

	test('another version or suite says so; other lengths are refused', () => {
		const given = fc.sample(header, 1)[0]!;
		const whole = encodeEntry(encodeEntryHeader(given, 32), new Uint8Array(32), new Uint8Array(64));
		const changed = (at: number) => {
			const copy = new Uint8Array(whole);
			copy[at] = 2;
			return decodeEntry(copy);
		};
		expect(changed(0)).toEqual({ ok: false, why: 'unknown-version' });
		expect(changed(1)).toEqual({ ok: false, why: 'unknown-suite' });
		expect(decodeEntry(whole.slice(0, -1))).toEqual({ ok: false, why: 'length' });
		expect(decodeEntry(concat(whole, Uint8Array.of(0)))).toEqual({ ok: false, why: 'length' });
		expect(decodeEntry(whole.slice(0, 171))).toEqual({ ok: false, why: 'truncated' });
	});

	test('any bytes are an entry of these bytes or refused', () => {
		const near = fc.tuple(bytes(180), fc.nat(255)).map(([given, length]) => {
			given.set([1, 1]);
			given.set([0, 0, 0, length], 104);
			return given;
		});
		fc.assert(
			fc.property(fc.oneof(some, near), (given) => {
				const read = decodeEntry(given);
				if (!read.ok) return;
				const { entry } = read;
				expect(
					equal(
						encodeEntry(
							encodeEntryHeader(entry, entry.ciphertext.length),
							entry.ciphertext,
							entry.signature
						),
						given
					)
				).toBe(true);
			}),
			{ numRuns: 5000 }
		);
	});
});

describe('envelope', () => {
	test('is read as it was written', () => {
		const key = fc.oneof(bytes(32), bytes(1120));
		fc.assert(
			fc.property(
				fc.constantFrom(1 as const, 2 as const),
				bytes(16),
				bytes(16),
				uint(4),
				key,
				some,
				(kind, alias, envId, k, given, ciphertext) => {
					const header = encodeEnvelopeHeader({ kind, alias, envId, k, key: given });
					expect(decodeEnvelope(concat(header, ciphertext))).toEqual({
						kind,
						alias,
						envId,
						k,
						key: given,
						header,
						ciphertext
					});
				}
			),
			{ numRuns: 300 }
		);
	});

	test('any bytes are an envelope of these bytes or nothing', () => {
		const near = bytes(90).map((given) => {
			given.set([1, 1, 1 + (given[2]! & 1)]);
			given.set([0, given[40]! & 63], 39);
			return given;
		});
		fc.assert(
			fc.property(fc.oneof(some, near), (given) => {
				const read = decodeEnvelope(given);
				if (read) expect(equal(concat(encodeEnvelopeHeader(read), read.ciphertext), given)).toBe(true);
			}),
			{ numRuns: 5000 }
		);
	});
});

describe('chain record', () => {
	const device = fc.record({
		id: bytes(16),
		ds: bytes(32),
		dkHash: bytes(32),
		role: fc.constantFrom('admin' as const, 'member' as const)
	});
	const time = fc.nat();
	const body: fc.Arbitrary<ChainBody> = fc.oneof(
		fc.record({
			type: fc.constant(0 as const),
			ik: bytes(32),
			pqHash: bytes(32),
			address: fc.string(),
			device,
			time
		}),
		fc.record({ type: fc.constant(1 as const), device, time }),
		fc.record({ type: fc.constant(3 as const), epoch: fc.nat(), time }),
		fc.record({ type: fc.constant(4 as const), version: fc.nat(), prekey: bytes(1216), time })
	);
	const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

	test('is read as it was written', () => {
		fc.assert(
			fc.property(
				bytes(32),
				fc.nat(),
				body,
				optional(bytes(32)),
				optional(bytes(16)),
				some,
				bytes(64),
				(prev, seq, given, sealedHash, signer, sealed, signature) => {
					const record = {
						prev,
						seq,
						body: given,
						...(sealedHash ? { sealedHash } : {}),
						...(signer ? { signer } : {})
					};
					const publicBytes = encodeChainPublic(record);
					const whole = encodeChainRecord(publicBytes, sealed, signature);
					expect(decodeChainRecord(whole)).toEqual({
						...record,
						publicBytes,
						sealed,
						signature,
						bytes: whole
					});
				}
			),
			{ numRuns: 200 }
		);
	});

	test.each([2, 5, 6, 7])('type %i is kept as it came', (type) => {
		const raw: Cbor = { anything: [1, 'two'] };
		const publicBytes = toCbor({ v: 1, prev: new Uint8Array(32), seq: 3, type, body: raw });
		expect(decodeChainRecord(encodeChainRecord(publicBytes, new Uint8Array(0), new Uint8Array(64)))?.body).toEqual({
			type,
			raw
		});
	});

	test.each<[string, { [name: string]: Cbor }]>([
		['an unknown type', { type: 8 }],
		['another version', { v: 2 }],
		['a negative seq', { seq: -1 }],
		['a short prev', { prev: new Uint8Array(31) }],
		['no body', { body: null }],
		['a long signer', { signer: new Uint8Array(17) }]
	])('%s is no record', (_, change) => {
		const good = { v: 1, prev: new Uint8Array(32), seq: 1, type: 3, body: { epoch: 1, time: 1 } };
		const read = (members: { [name: string]: Cbor }) =>
			decodeChainRecord(encodeChainRecord(toCbor(members), new Uint8Array(0), new Uint8Array(64)));
		expect(read(good)).toBeDefined();
		expect(read({ ...good, ...change })).toBeUndefined();
	});
});
