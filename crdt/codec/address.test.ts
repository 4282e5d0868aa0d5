/** The address algorithm (transport-backbone.md §0) against a computation of its own and the reference's checks (backbone-behaviours.md 20–22). */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { addressOf, isAddress, isAddressHost, isAddressOf } from './address.ts';
import { fromHex, type Bytes } from './bytes.ts';

/** In words of the specification, by Node's hashes. */
function reference(publicKey: Uint8Array, host: string): string {
	const inner = createHash('sha512').update(publicKey).digest();
	const twenty = createHash('sha256').update(inner).digest('hex').slice(0, 20);
	const body = `did:e:${host}:dids:${twenty}`;
	return body + createHash('sha256').update(body, 'utf8').digest('hex').slice(0, 2);
}

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((value): Bytes => new Uint8Array(value));
const host = fc.constantFrom('localhost', 'relay.example', 'a-b.example.org', 'x1.y2.de');

test('it is what the specification says', () => {
	fc.assert(
		fc.property(key, host, (publicKey, at) => {
			expect(addressOf(publicKey, at)).toBe(reference(publicKey, at));
		})
	);
});

test('the address of a given key is always the same (20)', () => {
	// Public key of RFC 8032 §7.1, test 1.
	const publicKey = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')!;
	expect(addressOf(publicKey, 'localhost')).toBe(reference(publicKey, 'localhost'));
	expect(addressOf(publicKey, 'localhost')).toMatch(/^did:e:localhost:dids:[0-9a-f]{22}$/);
	expect(addressOf(publicKey, 'localhost')).toMatchInlineSnapshot(`"did:e:localhost:dids:63c98b9b34bd7ce8a891f9"`);
});

test('it holds by itself, and with its key (21)', () => {
	fc.assert(
		fc.property(key, host, (publicKey, at) => {
			const address = addressOf(publicKey, at);
			expect(isAddress(address) && isAddressOf(address, publicKey)).toBe(true);
		})
	);
});

test('another host, a broken checksum, another key do not (22)', () => {
	fc.assert(
		fc.property(key, key, host, fc.nat(21), fc.integer({ min: 1, max: 15 }), (publicKey, other, at, digit, by) => {
			const address = addressOf(publicKey, at);
			const changed = (Number.parseInt(address.at(-1 - digit)!, 16) ^ by).toString(16);
			const broken =
				address.slice(0, address.length - 1 - digit) + changed + address.slice(address.length - digit);
			expect(isAddressOf(broken, publicKey)).toBe(false);
			if (digit < 2) expect(isAddress(broken)).toBe(false);
			// One in 256 has the same check byte there: then it is the address of the key at that host.
			const moved = address.replace(at, 'other.example');
			expect(isAddressOf(moved, publicKey)).toBe(moved === reference(publicKey, 'other.example'));
			fc.pre(Buffer.compare(publicKey, other) !== 0);
			expect(isAddressOf(address, other)).toBe(false);
		})
	);
});

test.each([
	'',
	'did:e:localhost:dids:',
	'DID:e:localhost:dids:0123456789abcdef012345',
	'did:e::dids:0123456789abcdef012345',
	'did:e:a:dids:0123456789abcdef012345'
])('"%s" is no address', (text) => {
	expect(isAddress(text)).toBe(false);
});

test('a host is a DNS name with a dot, or localhost, of 3 to 45 characters', () => {
	for (const good of ['localhost', 'a.de', 'relay.example.org', `${'a'.repeat(41)}.org`])
		expect(isAddressHost(good), good).toBe(true);
	for (const bad of [
		'',
		'de',
		'a..de',
		'-a.de',
		'a-.de',
		'A.de',
		'a.d',
		'127.0.0.1',
		'a.de:8080',
		'a b.de',
		`${'a'.repeat(42)}.org`
	])
		expect(isAddressHost(bad), bad).toBe(false);
});

test('any text is an address or not, without throwing', () => {
	fc.assert(
		fc.property(fc.string(), key, (text, publicKey) => {
			expect(isAddress(text) && isAddressOf(text, publicKey)).toBe(false);
		})
	);
});
