/** What bodies of several endpoints have in common. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { reference } from './input.ts';

const isTaken = (value: unknown) => v.safeParse(reference(['FIL', 'TOK'], 'reference invalid'), value).success;
const url = (more = '') => `https://relay.example/r/TOKabcdefghijklmnopq${more}#${'A'.repeat(60)}`;

test.each([
	['as URL', url(), true],
	['as URL with an app', url('?app=a'), true],
	['as URL longer than one can be', url(`?app=${'a'.repeat(2048)}`), false],
	['as a body full of beginnings of one', `http://a${'/r/TOKa?app='.repeat(170_000)}`, false],
	['that is no text', 7, false]
])('a reference %s', (_name, value, expected) => {
	expect(isTaken(value)).toBe(expected);
});
