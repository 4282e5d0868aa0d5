/** Argon2id (RFC 9106) for browsers, fetched when the first password is typed. Node's twin is stretch.node.ts. */
import type { Bytes } from '../codec/bytes.ts';
import type { Stretching } from './stretching.ts';

export async function stretch(secret: Bytes, salt: Bytes, { passes, memoryKiB, length }: Stretching): Promise<Bytes> {
	const { argon2id } = await import('hash-wasm');
	const derived = await argon2id({
		password: secret,
		salt,
		parallelism: 1,
		iterations: passes,
		memorySize: memoryKiB,
		hashLength: length,
		outputType: 'binary'
	});
	return new Uint8Array(derived);
}
