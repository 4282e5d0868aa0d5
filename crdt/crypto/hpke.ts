/**
 * HPKE base mode (RFC 9180) with X-Wing (draft-connolly-cfrg-xwing-kem: X25519 + ML-KEM-768), HKDF-SHA-256 and
 * AES-256-GCM. The protocol is the library's; KEM, KDF and AEAD are handed in, so randomness comes from the Random port and
 * hashing and sealing are the platform's. A private key is its 32-byte seed.
 */
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';
import { CipherSuite, KDF_HKDF_SHA256, type AEAD, type KDF, type KEM, type Key } from 'hpke';
import { hmac } from '#hash';
import { concat, toHex, type Bytes } from '../codec/bytes.ts';
import type { Random } from '../ports.ts';
import { open, seal } from './seal.ts';

/** The KEM as a table: pure functions of the bytes they are given, so the simulation may remember their results. Nothing else assigns here. */
export const hybrid = {
	keygen: (seed: Uint8Array) => xwing.keygen(seed),
	encapsulate: (publicKey: Uint8Array, random: Uint8Array) => xwing.encapsulate(publicKey, random),
	decapsulate: (enc: Uint8Array, seed: Uint8Array) => xwing.decapsulate(enc, seed)
};

export const KEM_PUBLIC = 1216;
export const KEM_ENC = 1120;

interface RawKey extends Key {
	readonly bytes: Uint8Array;
}
const rawKey = (type: 'public' | 'private', bytes: Uint8Array): RawKey => ({
	algorithm: { name: 'X-Wing' },
	extractable: true,
	type,
	bytes
});

export interface KemPair {
	readonly seed: Bytes;
	readonly publicKey: Bytes;
}

/** A key pair from 32 random bytes. */
export function kemPair(seed: Bytes): KemPair {
	return { seed, publicKey: new Uint8Array(hybrid.keygen(seed).publicKey) };
}

/** What X25519 turns into zero whatever the secret (RFC 7748 §6.1): little-endian, top bit cleared. */
const LOW_ORDER = [
	'00'.repeat(32),
	`01${'00'.repeat(31)}`,
	'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
	'5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
	`ec${'ff'.repeat(30)}7f`,
	`ed${'ff'.repeat(30)}7f`,
	`ee${'ff'.repeat(30)}7f`
];
/** ML-KEM-768: 1152 bytes of 12-bit coefficients below q, then a seed. */
const COEFFICIENT_BYTES = 1152;
const Q = 3329;
const ML_KEM_PUBLIC = 1184;

/** Whether something can be sealed to these bytes. Keys from outside are judged before they are kept: sealing to a bad one throws. */
export function isKemPublic(bytes: Uint8Array): boolean {
	if (bytes.length !== KEM_PUBLIC) return false;
	for (let i = 0; i < COEFFICIENT_BYTES; i += 3) {
		const [a, b, c] = [bytes[i]!, bytes[i + 1]!, bytes[i + 2]!];
		if ((((b & 15) << 8) | a) >= Q || ((c << 4) | (b >> 4)) >= Q) return false;
	}
	const point = bytes.slice(ML_KEM_PUBLIC);
	point[31]! &= 127;
	return !LOW_ORDER.includes(toHex(point));
}

const kem = (random: Random | undefined): KEM<RawKey> => ({
	id: 0x647a,
	type: 'KEM',
	name: 'X-Wing',
	Nsecret: 32,
	Nenc: KEM_ENC,
	Npk: KEM_PUBLIC,
	Nsk: 32,
	DeriveKeyPair: () => Promise.reject(new Error('keys come from kemPair')),
	GenerateKeyPair: () => Promise.reject(new Error('keys come from kemPair')),
	SerializePublicKey: async (key) => key.bytes,
	DeserializePublicKey: async (bytes) => rawKey('public', bytes),
	SerializePrivateKey: async (key) => key.bytes,
	DeserializePrivateKey: async (bytes) => rawKey('private', bytes),
	Encap: async (key) => {
		if (!random) throw new Error('no randomness to encapsulate with');
		const { cipherText, sharedSecret } = hybrid.encapsulate(key.bytes, random.bytes(64));
		return { shared_secret: sharedSecret, enc: cipherText };
	},
	Decap: async (enc, key) => hybrid.decapsulate(enc, key.bytes)
});

const kdf = (): KDF => ({
	...KDF_HKDF_SHA256(),
	Extract: async (salt, ikm) => hmac(salt.length === 0 ? new Uint8Array(32) : salt, ikm),
	Expand: async (prk, info, length) => expand(prk, info, length)
});

function expand(prk: Uint8Array, info: Uint8Array, length: number): Bytes {
	let block: Bytes = new Uint8Array(0);
	let output: Bytes = new Uint8Array(0);
	for (let counter = 1; output.length < length; counter++) {
		block = hmac(prk, concat(block, info, Uint8Array.of(counter)));
		output = concat(output, block);
	}
	return output.slice(0, length);
}

const aead = (): AEAD => ({
	id: 0x0002,
	type: 'AEAD',
	name: 'AES-256-GCM',
	Nk: 32,
	Nn: 12,
	Nt: 16,
	Seal: async (key, nonce, aad, plaintext) => seal(key, nonce, aad, plaintext),
	Open: async (key, nonce, aad, sealed) => {
		const opened = await open(key, nonce, aad, sealed);
		if (!opened) throw new Error('does not open');
		return opened;
	}
});

/** Seals once to a public key (1216 bytes). `info` binds the purpose; the AAD may need the encapsulated key, so it is a function of it. */
export async function hpkeSeal(
	random: Random,
	publicKey: Bytes,
	info: Uint8Array,
	aadOf: (enc: Bytes) => Uint8Array,
	plaintext: Uint8Array
): Promise<{ enc: Bytes; ciphertext: Bytes }> {
	const suite = new CipherSuite(() => kem(random), kdf, aead);
	const { encapsulatedSecret, ctx } = await suite.SetupSender(rawKey('public', publicKey), { info: info as Bytes });
	const enc = new Uint8Array(encapsulatedSecret);
	return { enc, ciphertext: new Uint8Array(await ctx.Seal(plaintext, aadOf(enc))) };
}

/** Undefined when it does not open. */
export async function hpkeOpen(
	seed: Bytes,
	info: Uint8Array,
	aad: Uint8Array,
	enc: Uint8Array,
	ciphertext: Uint8Array
): Promise<Bytes | undefined> {
	if (enc.length !== KEM_ENC) return undefined;
	try {
		const suite = new CipherSuite(() => kem(undefined), kdf, aead);
		const ctx = await suite.SetupRecipient(rawKey('private', seed), enc, { info });
		return new Uint8Array(await ctx.Open(ciphertext, aad));
	} catch {
		return undefined;
	}
}
