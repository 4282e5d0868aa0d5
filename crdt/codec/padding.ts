/**
 * Padding: what is sealed is length 4 ‖ data ‖ zeros, up to a bucket, so sizes say little. Entries use 256, 512, 1024 … 4096
 * bytes, above that Padmé (Nikitin et al., PURBs): at most 12 % more. Envelopes use 3·2^n, so that no envelope has the size of an entry.
 */
import { concat, readUint, uint, type Bytes } from './bytes.ts';

export function entryBucket(length: number): number {
	if (length <= 4096) return Math.max(256, 2 ** Math.ceil(Math.log2(length)));
	const exponent = Math.floor(Math.log2(length));
	const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
	return Math.ceil(length / step) * step;
}

export const envelopeBucket = (length: number): number => 3 * 2 ** Math.max(8, Math.ceil(Math.log2(length / 3)));

export function pad(data: Uint8Array, bucketOf: (length: number) => number): Bytes {
	const bare = 4 + data.length;
	return concat(uint(data.length, 4), data, new Uint8Array(bucketOf(bare) - bare));
}

/** Undefined when it was not padded like that. */
export function unpad(padded: Uint8Array): Bytes | undefined {
	if (padded.length < 4) return undefined;
	const length = readUint(padded, 0, 4);
	if (4 + length > padded.length || padded.subarray(4 + length).some((byte) => byte !== 0)) return undefined;
	return new Uint8Array(padded.slice(4, 4 + length));
}
