import { expect, it } from 'vitest';
import { encodeAnswer, encodePush, encodeRefusal, encodeRequest, OPERATIONS } from '../../../../crdt/codec/frame.ts';
import { readChallenge, readId } from './frames.ts';

it('finds the id of requests, answers and refusals, small and large', () => {
	for (const id of [0, 1, 23, 24, 255, 256, 65_536, 2 ** 32, 2 ** 40]) {
		expect(readId(encodeRequest(id, 'pull', { after: 0 }))).toBe(id);
		expect(readId(encodeAnswer(id, { entries: [], seq: 1 }))).toBe(id);
		expect(readId(encodeRefusal(id, 'slot-taken', { slot: 0 }))).toBe(id);
	}
});

it('finds the id also in answers with more than 23 members', () => {
	const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`member${i}`, i]));
	expect(readId(encodeAnswer(7, many))).toBe(7);
});

it('finds the id also behind members whose names come before it', () => {
	const handle = new Uint8Array(32);
	expect(readId(encodeRequest(7, 'objectPart', { handle, at: 1 << 20, bytes: Uint8Array.of(1) }))).toBe(7);
	for (const at of [5, -5, 'x', Uint8Array.of(1, 2), true, null]) expect(readId(encodeAnswer(8, { at }))).toBe(8);
	expect(readId(encodeAnswer(9, { at: [1] }))).toBeUndefined();
});

it.each(Object.entries(OPERATIONS))('finds the id of %s whatever its members', (op, { entries }) => {
	const body = Object.fromEntries(Object.keys(entries).map((name) => [name, name.length === 2 ? 70_000 : 'x']));
	expect(readId(encodeRequest(300, op as 'version', body))).toBe(300);
});

it('reads the challenge of the greeting and nothing from anything else', () => {
	const challenge = Uint8Array.from({ length: 48 }, (_, i) => i);
	expect(readChallenge(encodePush({ push: 'challenge', challenge }))).toEqual(challenge);
	const wake = encodePush({ push: 'wake', seq: 1, mseq: 2, chain: 3 });
	expect(readChallenge(wake)).toBeUndefined();
	expect(readId(wake)).toBeUndefined();
	expect(readId(new Uint8Array())).toBeUndefined();
	expect(readId(Uint8Array.of(0xa1, 0x61))).toBeUndefined();
});
