/** Ids: twenty characters, made of who and of chance, never of what somebody else could choose. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { base62, deviceIdText, idOf, isId, type IdPrefix } from './ids.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const random = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((value) => new Uint8Array(value));
const prefix = fc.constantFrom<IdPrefix>('ATT', 'REQ', 'MSG', 'REL', 'RLT', 'TOK');

/** The formula of PROTOCOL.md §1, by other means. */
function reference(kind: string, parts: readonly Uint8Array[]): string {
	const length = (part: Uint8Array) => Buffer.from([0, 0, part.length >> 8, part.length & 255]);
	const hash = createHash('sha256').update('enmeshed/id\0');
	for (const part of [Buffer.from(kind), ...parts]) hash.update(length(part)).update(part);
	let rest = BigInt(`0x${hash.digest('hex')}`) % 62n ** 17n;
	let text = '';
	for (let i = 16n; i >= 0n; i--) {
		const digit = rest / 62n ** i;
		text += DIGITS[Number(digit)]!;
		rest -= digit * 62n ** i;
	}
	return kind + text;
}

test('they are what the protocol says', () => {
	fc.assert(
		fc.property(prefix, fc.string({ maxLength: 80 }), random, (kind, author, bytes) => {
			const id = idOf(kind, author, bytes);
			expect(id).toBe(reference(kind, [Buffer.from(author), bytes]));
			expect(isId(id, kind)).toBe(true);
		})
	);
	const ds = new Uint8Array(32).fill(3);
	expect(deviceIdText(ds)).toBe(reference('DVC', [ds]));
});

test('author, kind and chance each make another id, and cannot slide into one another', () => {
	const bytes = new Uint8Array(16);
	const ids = [
		idOf('MSG', 'ab', bytes),
		idOf('MSG', 'a', new Uint8Array([98, ...bytes.slice(1)])),
		idOf('REL', 'ab', bytes),
		idOf('MSG', 'b', bytes)
	];
	expect(new Set(ids.map((id) => id.slice(3))).size).toBe(4);
});

test('digits fill up from the left with zeros', () => {
	expect(base62(new Uint8Array(32))).toBe('0'.repeat(17));
	expect(base62(Uint8Array.of(61))).toBe(`${'0'.repeat(16)}z`);
	expect(base62(Uint8Array.of(62))).toBe(`${'0'.repeat(15)}10`);
});

test.each([
	'MSG',
	'MSG0000000000000000',
	'MSG000000000000000000',
	'REL00000000000000000',
	'MSG0000000000000000-',
	' MSG00000000000000000'
])('"%s" is no message id', (text) => {
	expect(isId(text, 'MSG')).toBe(false);
});
