/**
 * Marked words, and every form in which one might lie in bytes that should not hold it: as text in UTF-8 and UTF-16, JSON- and
 * percent-escaped, hex, base64 and base64url at each of the three places a word can begin in a group of three bytes.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Words } from './story.ts';

export interface Canaries extends Words {
	/** Place → the word put there. */
	readonly placed: ReadonlyMap<string, string>;
}

const letters = (count: number, alphabet: string): string =>
	Array.from(randomBytes(count), (byte) => alphabet[byte % alphabet.length]).join('');

/** Every word is unlike anything else: it cannot be found by chance, and each place has its own. */
export function hatchCanaries(): Canaries {
	const placed = new Map<string, string>();
	const put = (place: string, word: string) => {
		const known = placed.get(place);
		if (known === undefined) placed.set(place, word);
		return known ?? word;
	};
	return {
		placed,
		// Two letters outside ASCII, so that escaping shows; short enough for a device's name.
		text: (place) => put(place, `Zäü${letters(14, 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ')}`),
		mailAddress: (place) => put(place, `${letters(14, 'abcdefghijkmnpqrstuvwxyz')}@canary.example`),
		phoneNumber: (place) => put(place, `+4930${letters(12, '123456789')}`)
	};
}

export interface Form {
	readonly name: string;
	readonly bytes: Buffer;
}

/** What base64 shows of bytes that begin `skip` bytes into a group; the signs that depend on neighbours are cut off. */
function base64Core(bytes: Buffer, skip: number): string {
	const text = Buffer.concat([Buffer.alloc(skip), bytes])
		.toString('base64')
		.replace(/=+$/, '');
	return text.slice(Math.ceil((skip * 8) / 6), Math.floor(((skip + bytes.length) * 8) / 6));
}

const escaped = (word: string, pattern: RegExp): string =>
	word.replace(pattern, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
const urlSigns = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_');

export function formsOf(word: string): Form[] {
	const utf8 = Buffer.from(word, 'utf8');
	const utf16 = Buffer.from(word, 'utf16le');
	const text = (name: string, value: string): Form => ({ name, bytes: Buffer.from(value, 'latin1') });
	const bases = [0, 1, 2].flatMap((skip) => {
		const [narrow, wide] = [base64Core(utf8, skip), base64Core(utf16, skip)];
		return [
			text(`base64 at ${skip}`, narrow),
			text(`base64url at ${skip}`, urlSigns(narrow)),
			text(`base64 of UTF-16 at ${skip}`, wide),
			text(`base64url of UTF-16 at ${skip}`, urlSigns(wide))
		];
	});
	return [
		{ name: 'UTF-8', bytes: utf8 },
		{ name: 'UTF-16 little endian', bytes: utf16 },
		{ name: 'UTF-16 big endian', bytes: Buffer.from(utf16).swap16() },
		text('hex', utf8.toString('hex')),
		text('hex in capitals', utf8.toString('hex').toUpperCase()),
		text('percent-escaped', encodeURIComponent(word)),
		text('JSON, other than ASCII escaped', escaped(word, /[^\x20-\x7e]/g)),
		text('JSON, all escaped', escaped(word, /[^]/g)),
		...bases
	];
}

export interface Haystack {
	readonly name: string;
	readonly bytes: Buffer;
}
export interface Finding {
	readonly place: string;
	readonly form: string;
	readonly where: string;
}

/** Words of `placed` that lie in the haystacks, in whatever form. */
export function findCanaries(placed: ReadonlyMap<string, string>, haystacks: readonly Haystack[]): Finding[] {
	return [...placed].flatMap(([place, word]) =>
		formsOf(word).flatMap((form) =>
			haystacks
				.filter(({ bytes }) => bytes.includes(form.bytes))
				.map(({ name: where }) => ({ place, form: form.name, where }))
		)
	);
}

/** Every file below a folder, with its name before its bytes. */
export function filesBelow(folder: string): Haystack[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.map((name) => join(folder, name))
		.filter((path) => statSync(path).isFile())
		.map((path) => ({ name: path, bytes: Buffer.concat([Buffer.from(`${path}\n`), readFileSync(path)]) }));
}
