/**
 * The primitives against the vectors of their specifications, and the two platforms against each other: what Node hashes,
 * signs and seals, a browser must verify and open, and the other way round.
 */
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { blinded, domainHash } from './hash.ts';
import * as hashNode from './hash.node.ts';
import * as hashWeb from './hash.web.ts';
import { kemPair } from './hpke.ts';
import { pqCommitment } from './pq.ts';
import * as secretNode from './secret.node.ts';
import * as secretWeb from './secret.web.ts';
import { makeSigningKey, signHash } from './seal.ts';
import { isSignedBy, signedMessage, type SignatureDomain } from './verify.ts';
import * as verifyNode from './verify.node.ts';
import * as verifyWeb from './verify.web.ts';

const hex = (text: string): Bytes => fromHex(text.replaceAll(/\s/g, ''))!;
const bytes = (maxLength = 200) => fc.uint8Array({ maxLength }).map((value): Bytes => new Uint8Array(value));
const fixed = (length: number) =>
	fc.uint8Array({ minLength: length, maxLength: length }).map((value): Bytes => new Uint8Array(value));

const hashes = [
	['node', hashNode],
	['web', hashWeb]
] as const;
const secrets = [
	['node', secretNode, verifyNode],
	['web', secretWeb, verifyWeb]
] as const;

describe.each(hashes)('hashes (%s)', (_, { sha256, sha256Stream, sha512, hmac, hkdf }) => {
	test('SHA-256 piece by piece is SHA-256 of the whole', () => {
		fc.assert(
			fc.property(fc.array(bytes(100)), (pieces) => {
				const stream = sha256Stream();
				for (const piece of pieces) stream.update(piece);
				expect(stream.digest()).toEqual(sha256(new Uint8Array(pieces.flatMap((piece) => [...piece]))));
			})
		);
	});

	test('SHA-256 and SHA-512 of "abc" (FIPS 180-4)', () => {
		expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
		expect(toHex(sha512(utf8('abc')))).toBe(
			'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f'
		);
	});

	test('HMAC-SHA-256 (RFC 4231, cases 1, 2 and 6)', () => {
		expect(toHex(hmac(new Uint8Array(20).fill(0x0b), utf8('Hi There')))).toBe(
			'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'
		);
		expect(toHex(hmac(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
			'5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
		);
		const long = utf8('Test Using Larger Than Block-Size Key - Hash Key First');
		expect(toHex(hmac(new Uint8Array(131).fill(0xaa), long))).toBe(
			'60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'
		);
	});

	test('HKDF-SHA-256 (RFC 5869, cases 1 and 3)', () => {
		const ikm = new Uint8Array(22).fill(0x0b);
		const one = hkdf(ikm, hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42);
		expect(toHex(one)).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
		const three = hkdf(ikm, new Uint8Array(0), new Uint8Array(0), 42);
		expect(toHex(three)).toBe(
			'8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
		);
	});
});

describe.each(secrets)('keys (%s)', (_, { signingKeyFromSeed, signEd25519, aesSeal, aesOpen }, { verifyEd25519 }) => {
	test('Ed25519 (RFC 8032 §7.1, tests 1 to 3)', async () => {
		const rows = [
			[
				'9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
				'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
				'',
				'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'
			],
			[
				'4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
				'3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
				'72',
				'92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
			],
			[
				'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
				'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
				'af82',
				'6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'
			]
		] as const;
		for (const [seed, publicKey, message, signature] of rows) {
			const made = await signingKeyFromSeed(hex(seed));
			expect(toHex(made.publicKey)).toBe(publicKey);
			expect(toHex(await signEd25519(made.key, hex(message)))).toBe(signature);
			expect(await verifyEd25519(hex(publicKey), hex(signature), hex(message))).toBe(true);
			expect(await verifyEd25519(hex(publicKey), hex(signature), hex(`${message}00`))).toBe(false);
		}
	});

	test('a signature or key of another form is none', async () => {
		const { key, publicKey } = await signingKeyFromSeed(new Uint8Array(32).fill(1));
		const signature = await signEd25519(key, utf8('x'));
		const order = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
		const added = new Uint8Array(signature);
		for (let i = 0, carry = 0; i < 32; i++) {
			const sum = added[32 + i]! + order[i]! + carry;
			added[32 + i] = sum & 255;
			carry = sum >> 8;
		}
		expect(await verifyEd25519(publicKey, signature, utf8('x'))).toBe(true);
		expect(await verifyEd25519(publicKey, added, utf8('x')), 'S + L').toBe(false);
		expect(await verifyEd25519(publicKey.slice(1), signature, utf8('x'))).toBe(false);
		expect(await verifyEd25519(publicKey, signature.slice(1), utf8('x'))).toBe(false);
		expect(await verifyEd25519(new Uint8Array(32).fill(255), signature, utf8('x'))).toBe(false);
	});

	test('AES-256-GCM (McGrew and Viega, cases 13 and 14)', async () => {
		const [key, nonce, none] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(0)];
		expect(toHex(await aesSeal(key, nonce, none, none))).toBe('530f8afbc74536b9a963b4f1c4cb738b');
		expect(toHex(await aesSeal(key, nonce, none, new Uint8Array(16)))).toBe(
			'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919'
		);
		expect(await aesOpen(key, nonce, none, new Uint8Array(15))).toBeUndefined();
	});
});

test('X-Wing (draft-connolly-cfrg-xwing-kem, first vector)', () => {
	const { publicKey } = kemPair(hex('7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26'));
	expect(toHex(publicKey.slice(0, 32))).toBe('e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5');
	const chance = hex(
		'3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2'
	);
	expect(toHex(xwing.encapsulate(publicKey, chance).sharedSecret)).toBe(
		'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384'
	);
});

describe('Node and browser', () => {
	test('hash alike', () => {
		fc.assert(
			fc.property(bytes(), bytes(80), bytes(80), fc.integer({ min: 1, max: 200 }), (data, key, info, length) => {
				expect(hashWeb.sha256(data)).toEqual(hashNode.sha256(data));
				expect(hashWeb.sha512(data)).toEqual(hashNode.sha512(data));
				expect(hashWeb.hmac(key, data)).toEqual(hashNode.hmac(key, data));
				expect(hashWeb.hkdf(data, key, info, length)).toEqual(hashNode.hkdf(data, key, info, length));
			}),
			{ numRuns: 200 }
		);
	});

	test('sign alike, and believe each other', async () => {
		const property = fc.asyncProperty(fixed(32), bytes(), async (seed, message) => {
			const [node, web] = [secretNode.signingKeyFromSeed(seed), await secretWeb.signingKeyFromSeed(seed)];
			expect(web.publicKey).toEqual(node.publicKey);
			const signature = secretNode.signEd25519(node.key, message);
			expect(await secretWeb.signEd25519(web.key, message)).toEqual(signature);
			expect(await secretWeb.signEd25519(seed, message)).toEqual(signature);
			expect(await verifyWeb.verifyEd25519(node.publicKey, signature, message)).toBe(true);
		});
		await fc.assert(property, { numRuns: 50 });
	});

	test('seal alike, and open each other’s', async () => {
		const property = fc.asyncProperty(fixed(32), fixed(12), bytes(50), bytes(), async (key, nonce, aad, data) => {
			const sealed = secretNode.aesSeal(key, nonce, aad, data);
			expect(await secretWeb.aesSeal(key, nonce, aad, data)).toEqual(sealed);
			expect(await secretWeb.aesOpen(key, nonce, aad, sealed)).toEqual(data);
			const damaged = new Uint8Array(sealed);
			damaged[0]! ^= 1;
			expect([
				secretNode.aesOpen(key, nonce, aad, damaged),
				await secretWeb.aesOpen(key, nonce, aad, damaged)
			]).toEqual([undefined, undefined]);
		});
		await fc.assert(property, { numRuns: 100 });
	});

	test('a browser’s signing key cannot be taken out of it', async () => {
		const { key } = await secretWeb.signingKeyFromSeed(new Uint8Array(32));
		expect(key).toBeInstanceOf(CryptoKey);
		await expect(crypto.subtle.exportKey('pkcs8', key as CryptoKey)).rejects.toThrow();
	});
});

describe('what is derived', () => {
	test('parts do not slide into one another, nor one purpose into another', () => {
		const [a, b] = [utf8('ab'), utf8('c')];
		const all = [
			domainHash('x', a, b),
			domainHash('x', utf8('a'), utf8('bc')),
			domainHash('x', utf8('abc')),
			domainHash('x', a, b, utf8('')),
			domainHash('y', a, b),
			blinded(a, 'x', b),
			blinded(a, 'y', b),
			blinded(b, 'x', b),
			blinded(a, 'x', utf8(''), b)
		].map(toHex);
		expect(new Set(all).size).toBe(all.length);
	});

	test('a signature for one purpose counts for no other', async () => {
		const { key, publicKey } = await makeSigningKey(new Uint8Array(32).fill(9));
		const hash = new Uint8Array(32).fill(1);
		const domains: SignatureDomain[] = [
			'entry',
			'chain',
			'event',
			'template',
			'ack',
			'login',
			'notice',
			'link',
			'challenge'
		];
		for (const made of domains) {
			const signature = await signHash(key, made, hash);
			for (const asked of domains)
				expect(await isSignedBy(publicKey, asked, hash, signature)).toBe(made === asked);
		}
		expect(new Set(domains.map((domain) => toHex(signedMessage(domain, hash)))).size).toBe(domains.length);
	});

	test('the post-quantum commitment is a function of its seed', () => {
		const seed = new Uint8Array(32).fill(1);
		expect(toHex(pqCommitment(seed))).toBe(toHex(pqCommitment(seed)));
		expect(toHex(pqCommitment(seed))).not.toBe(toHex(pqCommitment(new Uint8Array(32))));
	});
});
