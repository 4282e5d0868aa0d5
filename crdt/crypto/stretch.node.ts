/** Argon2id (RFC 9106) by node:crypto, off the main thread. The browser's twin is stretch.web.ts. */
import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Bytes } from '../codec/bytes.ts';
import type { Stretching } from './stretching.ts';

const argon2id = promisify(argon2);

export async function stretch(secret: Bytes, salt: Bytes, { passes, memoryKiB, length }: Stretching): Promise<Bytes> {
	const derived = await argon2id('argon2id', {
		message: secret,
		nonce: salt,
		parallelism: 1,
		tagLength: length,
		memory: memoryKiB,
		passes
	});
	return new Uint8Array(derived);
}
