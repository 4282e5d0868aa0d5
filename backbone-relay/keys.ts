/**
 * The relay's own key (Ed25519, RFC 8032) and the checking of others' signatures off the main thread. The key signs
 * acknowledgements and notices; it is made once, kept as a 32-byte seed with mode 0600 beside the database, and must be
 * backed up with it: clients remember its public part.
 */
import { createPrivateKey, createPublicKey, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { concat, signedMessage, type Bytes } from '@enmeshed/crdt/wire';
import { nameOf } from './names.ts';

const PKCS8 = Uint8Array.of(
	0x30,
	0x2e,
	0x02,
	0x01,
	0x00,
	0x30,
	0x05,
	0x06,
	0x03,
	0x2b,
	0x65,
	0x70,
	0x04,
	0x22,
	0x04,
	0x20
);
const SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

export interface RelayKey {
	readonly publicKey: Bytes;
	sign(message: Uint8Array): Bytes;
}

function writeSeed(path: string): void {
	const file = openSync(`${path}.tmp`, 'w', 0o600);
	writeSync(file, randomBytes(32));
	fsyncSync(file);
	closeSync(file);
	renameSync(`${path}.tmp`, path);
	const folder = openSync(dirname(path), 'r');
	fsyncSync(folder);
	closeSync(folder);
}

/** Reads the key of a data folder, making it the first time. */
export function openRelayKey(dataDir: string): RelayKey {
	const path = join(dataDir, 'relay.key');
	if (!existsSync(path)) writeSeed(path);
	const seed = readFileSync(path);
	if (seed.length !== 32) throw new Error(`${path} is not a relay key (32 bytes)`);
	const key = createPrivateKey({ key: Buffer.from(concat(PKCS8, seed)), format: 'der', type: 'pkcs8' });
	const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
	return {
		publicKey: new Uint8Array(spki.subarray(-32)),
		sign: (message) => new Uint8Array(sign(null, message, key))
	};
}

/**
 * Checks entry signatures on libuv's threads: one check is about 0.1 ms, most of what an append costs, and this leaves the
 * main thread to the transactions. Parsed keys are kept, bounded, dropped whole when full.
 */
export function createThreadedVerify(maxKeys = 10_000) {
	const keys = new Map<string, KeyObject>();

	function keyOf(publicKey: Bytes): KeyObject {
		const name = nameOf(publicKey);
		let key = keys.get(name);
		if (!key) {
			if (keys.size >= maxKeys) keys.clear();
			key = createPublicKey({ key: Buffer.from(concat(SPKI, publicKey)), format: 'der', type: 'spki' });
			keys.set(name, key);
		}
		return key;
	}

	return (publicKey: Bytes, hash: Bytes, signature: Bytes): Promise<boolean> =>
		new Promise((resolve) => {
			try {
				verify(null, signedMessage('entry', hash), keyOf(publicKey), signature, (error, valid) =>
					resolve(!error && valid)
				);
			} catch {
				resolve(false);
			}
		});
}
