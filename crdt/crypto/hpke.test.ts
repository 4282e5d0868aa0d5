/** The KEM over given bytes and the library's own native one must open what the other sealed. */
import * as native from 'hpke';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { concat, fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { hpkeOpen, hpkeSeal, isKemPublic, KEM_ENC, KEM_PUBLIC, kemPair } from './hpke.ts';

const random = { bytes: (length: number): Bytes => new Uint8Array(randomBytes(length)) };
const suite = new native.CipherSuite(native.KEM_MLKEM768_X25519, native.KDF_HKDF_SHA256, native.AEAD_AES_256_GCM);
const info = utf8('a purpose');

test('what we seal, the native suite opens', async () => {
	const pair = kemPair(random.bytes(32));
	expect(pair.publicKey.length).toBe(KEM_PUBLIC);
	const { enc, ciphertext } = await hpkeSeal(
		random,
		pair.publicKey,
		info,
		(key) => concat(utf8('head'), key),
		utf8('hello')
	);
	expect(enc.length).toBe(KEM_ENC);
	const ctx = await suite.SetupRecipient(await suite.DeserializePrivateKey(pair.seed, false), enc, { info });
	expect(await ctx.Open(ciphertext, concat(utf8('head'), enc))).toEqual(utf8('hello'));
});

test('what the native suite seals, we open', async () => {
	const pair = kemPair(random.bytes(32));
	const { encapsulatedSecret, ctx } = await suite.SetupSender(await suite.DeserializePublicKey(pair.publicKey), {
		info
	});
	const sealed = await ctx.Seal(utf8('hello'), utf8('aad'));
	expect(await hpkeOpen(pair.seed, info, utf8('aad'), encapsulatedSecret, sealed)).toEqual(utf8('hello'));
});

test('another purpose, another header or another key does not open', async () => {
	const pair = kemPair(random.bytes(32));
	const { enc, ciphertext } = await hpkeSeal(random, pair.publicKey, info, () => utf8('aad'), utf8('hello'));
	expect(await hpkeOpen(pair.seed, utf8('other'), utf8('aad'), enc, ciphertext)).toBeUndefined();
	expect(await hpkeOpen(pair.seed, info, utf8('other'), enc, ciphertext)).toBeUndefined();
	expect(await hpkeOpen(kemPair(random.bytes(32)).seed, info, utf8('aad'), enc, ciphertext)).toBeUndefined();
});

test('a key pair is a function of its 32 bytes', () => {
	const seed = new Uint8Array(32).fill(7);
	expect(toHex(kemPair(seed).publicKey)).toBe(toHex(kemPair(seed).publicKey));
});

test('a key is accepted exactly when something can be sealed to it', async () => {
	const good = kemPair(random.bytes(32)).publicKey;
	const withPoint = (point: Uint8Array) => concat(good.slice(0, 1184), point);
	const low = (first: number, rest: number, last: number) =>
		withPoint(Uint8Array.of(first, ...Array<number>(30).fill(rest), last));
	const orders = [
		low(0, 0, 0),
		low(0, 0, 128),
		low(1, 0, 0),
		low(0xec, 255, 127),
		low(0xed, 255, 255),
		low(0xee, 255, 127)
	];
	const points = [
		'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
		'5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'
	];
	const coefficient = (value: number, at: number) => {
		const key = new Uint8Array(good);
		key[at] = value & 255;
		key[at + 1] = (key[at + 1]! & 0xf0) | (value >> 8);
		return key;
	};
	const cases = [
		good,
		...orders,
		...points.map((hex) => withPoint(fromHex(hex)!)),
		coefficient(3328, 0),
		coefficient(3329, 0),
		coefficient(4095, 1149),
		coefficient(3328, 1149),
		random.bytes(KEM_PUBLIC),
		new Uint8Array(KEM_PUBLIC),
		new Uint8Array(KEM_PUBLIC).fill(255),
		low(2, 0, 0)
	];
	for (const key of cases) {
		const sealed = await hpkeSeal(random, key, info, () => utf8(''), utf8('x')).then(
			() => true,
			() => false
		);
		expect(isKemPublic(key), toHex(key).slice(0, 16)).toBe(sealed);
	}
	expect(cases.filter(isKemPublic).length).toBe(4);
	expect(isKemPublic(good.slice(1))).toBe(false);
});
