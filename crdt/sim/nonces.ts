/**
 * Watches every AES-GCM sealing of this process: one (key, nonce) may seal one byte string, ever (PROTOCOL.md §3). Node's own
 * cipher is wrapped, so whatever seals is seen, from wherever it is called; the mutant without a cipher goes in here too.
 */
import crypto, { type CipherGCM } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const real = { createCipheriv: crypto.createCipheriv, createDecipheriv: crypto.createDecipheriv };

export interface SealWatch {
	stop(): void;
}

/** From now on `twice` is told when a pair seals a second byte string. */
export function watchSeals(twice: (pair: string) => void): SealWatch {
	const sealed = new Map<string, string>();
	const wrapped = (algorithm: string, key: Uint8Array, nonce: Uint8Array): CipherGCM => {
		const cipher = real.createCipheriv(algorithm as 'aes-256-gcm', key, nonce);
		if (algorithm !== 'aes-256-gcm') return cipher;
		const hash = crypto.createHash('sha256');
		const setAAD = cipher.setAAD.bind(cipher);
		const update = cipher.update.bind(cipher) as (data: Uint8Array) => Buffer;
		cipher.setAAD = ((aad: Uint8Array) => {
			hash.update(aad);
			return setAAD(aad);
		}) as typeof cipher.setAAD;
		cipher.update = ((data: Uint8Array) => {
			const pair = `${Buffer.from(key).toString('base64')}/${Buffer.from(nonce).toString('base64')}`;
			const what = hash.update(data).digest('base64');
			const before = sealed.get(pair);
			if (before !== undefined && before !== what) twice(pair.slice(0, 12));
			sealed.set(pair, what);
			return update(data);
		}) as typeof cipher.update;
		return cipher;
	};
	crypto.createCipheriv = wrapped as typeof crypto.createCipheriv;
	syncBuiltinESMExports();
	return {
		stop() {
			crypto.createCipheriv = real.createCipheriv;
			syncBuiltinESMExports();
		}
	};
}

/** A mutant: nothing is encrypted. */
export function withoutCipher(): () => void {
	const nothing = () => {
		const cipher = {
			setAAD: () => cipher,
			setAuthTag: () => cipher,
			update: (data: Uint8Array) => Buffer.from(data),
			final: () => Buffer.alloc(0),
			getAuthTag: () => Buffer.alloc(16)
		};
		return cipher;
	};
	crypto.createCipheriv = nothing as unknown as typeof crypto.createCipheriv;
	crypto.createDecipheriv = nothing as unknown as typeof crypto.createDecipheriv;
	syncBuiltinESMExports();
	return () => {
		crypto.createCipheriv = real.createCipheriv;
		crypto.createDecipheriv = real.createDecipheriv;
		syncBuiltinESMExports();
	};
}
