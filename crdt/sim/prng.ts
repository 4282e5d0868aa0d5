/**
 * The one source of chance in a simulated world: sfc32 (Doty-Humphrey's small fast counter, 128 bits of state). Not for
 * keys of real people; the same seed gives the same world on every machine.
 */
import type { Bytes } from '../codec/bytes.ts';

export interface Prng {
	/** Unsigned 32-bit. */
	next(): number;
	/** 0 … n−1. */
	below(n: number): number;
	chance(probability: number): boolean;
	pick<T>(list: readonly T[]): T;
	/** By weight; the list is never empty. */
	weighted<T>(list: readonly (readonly [number, T])[]): T;
	bytes(length: number): Bytes;
	/** A stream of its own, so that what one consumer draws does not move another's. */
	fork(name: string): Prng;
}

/** FNV-1a, to turn names and seeds into four words. */
function hash32(text: string, basis: number): number {
	let hash = basis >>> 0;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
	return hash;
}

export function createPrng(seed: string): Prng {
	let a = hash32(seed, 0x811c9dc5);
	let b = hash32(seed, 0x9e3779b9);
	let c = hash32(seed, 0x85ebca6b);
	let counter = 1;
	const next = (): number => {
		const out = (((a + b) | 0) + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = (c << 21) | (c >>> 11) | 0;
		c = (c + out) | 0;
		return out >>> 0;
	};
	for (let i = 0; i < 15; i++) next();
	const below = (n: number) => Math.floor((next() / 0x1_0000_0000) * n);
	return {
		next,
		below,
		chance: (probability) => next() / 0x1_0000_0000 < probability,
		pick: (list) => list[below(list.length)]!,
		weighted(list) {
			let at = (next() / 0x1_0000_0000) * list.reduce((sum, [weight]) => sum + weight, 0);
			for (const [weight, value] of list) {
				at -= weight;
				if (at < 0) return value;
			}
			return list.at(-1)![1];
		},
		bytes(length) {
			const bytes = new Uint8Array(length);
			for (let i = 0; i < length; i += 4) {
				const word = next();
				bytes[i] = word;
				if (i + 1 < length) bytes[i + 1] = word >>> 8;
				if (i + 2 < length) bytes[i + 2] = word >>> 16;
				if (i + 3 < length) bytes[i + 3] = word >>> 24;
			}
			return bytes;
		},
		fork: (name) => createPrng(`${seed}/${name}`)
	};
}
