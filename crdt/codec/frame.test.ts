/** Frames: every operation is read as it was written; anything else is a refusal with the id as far as it could be read. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex } from './bytes.ts';
import { fromLooseCbor, toCbor, type Cbor } from './cbor.ts';
import {
	ANONYMOUS,
	decodeFromRelay,
	decodeRequest,
	encodeAnswer,
	encodePush,
	encodeRefusal,
	encodeRequest,
	FRAME_LIMITS,
	OPERATIONS,
	REFUSALS,
	type Operation,
	type RefusalType
} from './frame.ts';
import { encodeNotice, parseNotice } from './notice.ts';
import { makeSigningKey, signHash } from '../crypto/seal.ts';
import { isSignedBy } from '../crypto/verify.ts';

const ops = Object.keys(OPERATIONS) as Operation[];
const vectors = JSON.parse(readFileSync(new URL('../vectors/vectors.json', import.meta.url), 'utf8')) as {
	name: string;
	given: { frame: string };
}[];
const frameOf = (name: string) => fromHex(vectors.find((vector) => vector.name === name)!.given.frame.slice(2, -1))!;

describe.each(ops)('%s', (op) => {
	const frame = frameOf(`request ${op}`);
	const { v: _v, id, op: _op, ...members } = fromLooseCbor(frame) as { [name: string]: Cbor };

	test('is read as it was written', () => {
		const read = decodeRequest(frame);
		expect(read).toEqual({ ok: true, request: { id, op, body: members } });
		if (read.ok) expect(encodeRequest(read.request.id, op, read.request.body as never)).toEqual(frame);
	});

	test('ignores what it does not know', () => {
		const read = decodeRequest(toCbor({ v: 1, id: id!, op, ...members, newer: { of: 'later' } }));
		expect(read).toEqual({ ok: true, request: { id, op, body: members } });
	});

	test('refuses a member of another type, and a missing one that it needs', () => {
		for (const name of Object.keys(members)) {
			const wrong = decodeRequest(toCbor({ v: 1, id: id!, op, ...members, [name]: { wrong: 1 } }));
			expect(wrong, name).toMatchObject({ ok: false, id, type: 'malformed' });
			const without = decodeRequest(toCbor({ v: 1, id: id!, op, ...members, [name]: undefined }));
			if (!without.ok) expect(without).toMatchObject({ id, type: 'malformed', detail: name });
		}
	});

	test('refuses byte strings of another length', () => {
		for (const [name, value] of Object.entries(members)) {
			if (
				!(value instanceof Uint8Array) ||
				![16, 32, 64].includes(value.length) ||
				['bytes', 'verifier'].includes(name)
			)
				continue;
			for (const length of [0, value.length - 1, value.length + 1])
				expect(
					decodeRequest(toCbor({ v: 1, id: id!, op, ...members, [name]: new Uint8Array(length) })).ok,
					name
				).toBe(false);
		}
	});
});

test('what can grow has an end', () => {
	const bytes = (length: number) => new Uint8Array(length);
	const accepted = (op: string, body: { [name: string]: Cbor }) =>
		decodeRequest(toCbor({ v: 1, id: 1, op, ...body })).ok;
	const entry = bytes(1);
	expect(accepted('append', { entries: Array(FRAME_LIMITS.entriesPerAppend).fill(entry) as Cbor[] })).toBe(true);
	expect(accepted('append', { entries: Array(FRAME_LIMITS.entriesPerAppend + 1).fill(entry) as Cbor[] })).toBe(false);
	expect(accepted('append', { entries: [] })).toBe(false);
	expect(accepted('append', { entries: [bytes(FRAME_LIMITS.entryBytes + 1)] })).toBe(false);
	expect(accepted('commit', { entry, slots: Array(FRAME_LIMITS.slots + 1).fill(bytes(32)) as Cbor[] })).toBe(false);
	const envelope = { alias: bytes(16), token: bytes(32), envId: bytes(16), bytes: entry };
	expect(
		accepted('commit', { entry, slots: [], envelopes: Array(FRAME_LIMITS.envelopes + 1).fill(envelope) as Cbor[] })
	).toBe(false);
	const close = { op: 'close', alias: bytes(16) };
	expect(
		accepted('commit', { entry, slots: [], aliases: Array(FRAME_LIMITS.aliases + 1).fill(close) as Cbor[] })
	).toBe(false);
	expect(accepted('register', { chain: Array(FRAME_LIMITS.chain + 1).fill(entry) as Cbor[] })).toBe(false);
	expect(accepted('rendezvousPut', { rendezvous: bytes(16), slot: 4, bytes: entry })).toBe(false);
	expect(
		accepted('rendezvousPut', { rendezvous: bytes(16), slot: 3, bytes: bytes(FRAME_LIMITS.rendezvousBytes + 1) })
	).toBe(false);
	for (const after of [-1, 0.5, 2 ** 53]) expect(accepted('pull', { after }), String(after)).toBe(false);
});

test('version, id and operation are judged first, and the id is told as far as it could be read', () => {
	const refusal = (value: Cbor) => decodeRequest(toCbor(value));
	expect(refusal({ id: 7, op: 'version' })).toMatchObject({ ok: false, id: 7, type: 'malformed' });
	expect(refusal({ v: 2, id: 7, op: 'version' })).toMatchObject({ ok: false, id: 7, type: 'malformed' });
	expect(refusal({ v: 1, id: -1, op: 'version' })).toMatchObject({ ok: false, id: 0, type: 'malformed' });
	expect(refusal({ v: 1, id: 7, op: 'toString' })).toMatchObject({ ok: false, id: 7, type: 'unknown-operation' });
	expect(refusal({ v: 1, id: 7, op: '__proto__' })).toMatchObject({ ok: false, id: 7, type: 'unknown-operation' });
	expect(refusal([1])).toMatchObject({ ok: false, id: 0, type: 'malformed' });
});

test('answers, refusals and pushes are read as they were written', () => {
	expect(decodeFromRelay(encodeAnswer(3, { seq: 1 }))).toMatchObject({
		answer: { id: 3, ok: true, body: { seq: 1 } }
	});
	for (const type of Object.keys(REFUSALS) as RefusalType[])
		expect(decodeFromRelay(encodeRefusal(4, type, { index: 2 }))).toMatchObject({
			answer: { id: 4, ok: false, type, body: { index: 2, ...REFUSALS[type] } }
		});
	const challenge = new Uint8Array(40);
	expect(decodeFromRelay(encodePush({ push: 'challenge', challenge }))).toEqual({
		push: { push: 'challenge', challenge }
	});
	expect(decodeFromRelay(encodePush({ push: 'wake', seq: 1, mseq: 2, chain: 3 }))).toEqual({
		push: { push: 'wake', seq: 1, mseq: 2, chain: 3 }
	});
});

test('an answer cannot overwrite its own head', () => {
	expect(decodeFromRelay(encodeAnswer(3, { v: 9, id: 9, ok: false }))).toMatchObject({ answer: { id: 3, ok: true } });
	expect(decodeFromRelay(encodeRefusal(3, 'quota', { ok: true, type: 'x', status: 200 }))).toMatchObject({
		answer: { id: 3, ok: false, type: 'quota' }
	});
});

test('a refusal of a later version is one of an unknown type', () => {
	const frame = toCbor({ v: 1, id: 1, ok: false, type: 'constructor', status: 418, title: 'new' });
	expect(decodeFromRelay(frame)).toMatchObject({ answer: { ok: false, type: 'unknown' } });
});

test('any bytes, and any damage to a frame, end in a value', () => {
	const frames = ops.map((op) => frameOf(`request ${op}`));
	const damaged = fc.tuple(fc.nat(frames.length - 1), fc.nat(), fc.nat(255)).map(([which, at, byte]) => {
		const frame = new Uint8Array(frames[which]!);
		frame[at % frame.length] = byte;
		return frame;
	});
	const property = fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
		const request = decodeRequest(new Uint8Array(bytes));
		if (!request.ok) expect(['malformed', 'unknown-operation']).toContain(request.type);
		decodeFromRelay(new Uint8Array(bytes));
		parseNotice(bytes);
	});
	fc.assert(property, { numRuns: 20_000 });
});

test('a notice is the relay’s word and nobody else’s', async () => {
	const relay = await makeSigningKey(new Uint8Array(32).fill(1));
	const other = await makeSigningKey(new Uint8Array(32).fill(2));
	const notice = { kind: 'locked', handle: new Uint8Array(32), time: 86_400_000 } as const;
	let hash = new Uint8Array(0);
	encodeNotice(notice, (given) => (hash = given));
	const signature = await signHash(relay.key, 'notice', hash);
	const read = parseNotice(encodeNotice(notice, () => signature))!;
	expect(read.notice).toEqual(notice);
	expect(await isSignedBy(relay.publicKey, 'notice', read.hash, read.signature)).toBe(true);
	expect(await isSignedBy(other.publicKey, 'notice', read.hash, read.signature)).toBe(false);
	expect(await isSignedBy(relay.publicKey, 'ack', read.hash, read.signature)).toBe(false);
});

test('what anybody may do is a short list', () => {
	expect([...ANONYMOUS].sort()).toEqual([
		'accountGone',
		'deliver',
		'mailboxState',
		'notify',
		'objectPeek',
		'objectRead',
		'objectRedeem',
		'published',
		'register',
		'rendezvousGet',
		'rendezvousPut',
		'version'
	]);
});
