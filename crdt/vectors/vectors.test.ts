/**
 * The wire stays what it is: the engine still makes the frozen bytes, and a decoder that shares no line with it reads them.
 * If the first test fails, the wire has changed: that needs a new version in the format and a decision record, not new vectors.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeVectors, written, type Json, type Vector } from './make.ts';
import { decode } from './second.ts';

const frozen = readFileSync(new URL('./vectors.json', import.meta.url), 'utf8');
const vectors = JSON.parse(frozen) as Vector[];

test('what the engine makes today is what was frozen, byte for byte', async () => {
	const made = await makeVectors();
	for (const [i, vector] of made.entries()) expect(vector, vector.name).toEqual(vectors[i]);
	expect(written(made)).toBe(frozen);
});

test('every structure is there', () => {
	expect(vectors.length).toBeGreaterThan(100);
	expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
});

describe('the second decoder reads', () => {
	test.each(vectors)('$name', ({ name, given, expect: expected }) => {
		expect(decode(name, given)).toEqual(expected);
	});
});

/** Names of givens that are secrets or positions, where a change must not pass unnoticed either. */
const SIGNED = vectors.filter(({ name }) =>
	/^(chain read|proof path|entry|ack|login|notice|letter|envelope|object|link slot)/.test(name)
);

const HEX = /^h'[0-9a-f]+'$/;
const isBytes = (value: Json): value is string => typeof value === 'string' && HEX.test(value);
function flip(value: string, where: number): string {
	const bytes = Buffer.from(value.slice(2, -1), 'hex');
	bytes[where % bytes.length]! ^= 1 << (where % 8);
	return `h'${bytes.toString('hex')}'`;
}

/** The vector with one bit of one byte string changed, alone or in a list; `where` picks which. */
function damaged(given: Vector['given'], where: number): Vector['given'] {
	const names = Object.keys(given).filter((name) => isBytes(given[name]!) || Array.isArray(given[name]));
	const name = names[where % names.length]!;
	const value = given[name]!;
	if (isBytes(value)) return { ...given, [name]: flip(value, where) };
	const list = value as string[];
	return { ...given, [name]: list.map((item, i) => (i === where % list.length ? flip(item, where) : item)) };
}

test('the second decoder verifies: one changed bit anywhere is refused or seen', { timeout: 120_000 }, () => {
	const seen = (vector: Vector, given: Vector['given']): Json => {
		try {
			return decode(vector.name, given);
		} catch {
			return 'refused';
		}
	};
	for (const vector of SIGNED)
		for (let where = 0; where < 200; where++) {
			const given = damaged(vector.given, where * 7919);
			// What it is compared with is given, not derived: then the answer says so itself.
			expect(seen(vector, given), `${vector.name} ${where}`).not.toEqual(vector.expect);
		}
});
