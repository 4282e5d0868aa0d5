// An API key as the Connector demands it: at least 30 characters, two digits, two capitals, two small letters and one special
// character. Letters, digits and dashes only, so that it can be pasted between quotes into any shell.
import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const GROUPS = 6;
const GROUP_LENGTH = 6;

const atLeast = (times: number, kind: RegExp, text: string) => (text.match(kind) ?? []).length >= times;

/** The Connector's rule (it refuses to start with a weaker key). */
export function isStrong(key: string): boolean {
	return (
		key.length >= 30 &&
		atLeast(2, /[0-9]/g, key) &&
		atLeast(2, /[A-Z]/g, key) &&
		atLeast(2, /[a-z]/g, key) &&
		atLeast(1, /[!-/:-@[-`{-~]/g, key)
	);
}

/** A random key of 214 bits, drawn again in the rare case that it has too few of a kind. */
export function randomApiKey(): string {
	const character = () => ALPHABET[randomInt(ALPHABET.length)];
	const group = () => Array.from({ length: GROUP_LENGTH }, character).join('');
	for (;;) {
		const key = Array.from({ length: GROUPS }, group).join('-');
		if (isStrong(key)) return key;
	}
}
