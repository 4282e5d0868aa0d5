/** One signature a tick: every leaf finds the root by its path, nothing else does. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ackLeaf, ackNode, ackRoot, ackTree, encodeProof, parseProof } from './ack.ts';
import { equal, toHex, uint, type Bytes } from './bytes.ts';
import { fromCbor, toCbor, type Cbor } from './cbor.ts';

const leafOf = (i: number): Bytes => ackLeaf(uint(i, 6), i, new Uint8Array(32).fill(i), 1000);
const signature = new Uint8Array(64).fill(1);

/** The same tree, by recursion: the left part is the largest power of two below the count. */
function slow(leaves: readonly Bytes[]): Bytes {
	if (leaves.length === 1) return leaves[0]!;
	const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
	return ackNode(slow(leaves.slice(0, half)), slow(leaves.slice(half)));
}

test('each path leads from its leaf to the root, which is that of the slow tree', () => {
	for (let count = 1; count <= 70; count++) {
		const leaves = Array.from({ length: count }, (_, i) => leafOf(i));
		const { root, paths } = ackTree(leaves);
		expect(toHex(root)).toBe(toHex(slow(leaves)));
		for (const [i, leaf] of leaves.entries()) expect(equal(ackRoot(leaf, paths[i]!), root)).toBe(true);
	}
});

test('another leaf, another path, or a node in place of a leaf leads elsewhere', () => {
	const leaves = Array.from({ length: 9 }, (_, i) => leafOf(i));
	const { root, paths } = ackTree(leaves);
	fc.assert(
		fc.property(fc.nat(8), fc.nat(8), (i, j) => {
			fc.pre(i !== j);
			expect(equal(ackRoot(leaves[i]!, paths[j]!), root)).toBe(false);
		})
	);
	const inner = ackNode(leaves[0]!, leaves[1]!);
	expect(equal(ackRoot(inner, paths[0]!.slice(1)), root)).toBe(true);
	// … but no leaf is an inner node: their hashes are of other domains.
	expect(leaves.some((leaf) => equal(leaf, inner))).toBe(false);
});

test('identity, position, root and time are all in the leaf', () => {
	const leaf = (tag: number, seq: number, root: number, time: number) =>
		toHex(ackLeaf(uint(tag, 6), seq, new Uint8Array(32).fill(root), time));
	expect(
		new Set([leaf(1, 1, 1, 1), leaf(2, 1, 1, 1), leaf(1, 2, 1, 1), leaf(1, 1, 2, 1), leaf(1, 1, 1, 2)]).size
	).toBe(5);
});

test('a proof is read as it was written', () => {
	const { paths } = ackTree(Array.from({ length: 5 }, (_, i) => leafOf(i)));
	for (const path of paths)
		expect(parseProof(fromCbor(toCbor(encodeProof({ time: 7, path, signature }))))).toEqual({
			time: 7,
			path,
			signature
		});
});

test.each<[string, Cbor | undefined]>([
	['nothing', undefined],
	['a list', []],
	['no time', { path: [], signature }],
	['a path that is none', { time: 1, path: 3, signature }],
	['a side that is none', { time: 1, path: [[2, new Uint8Array(32)]], signature }],
	['a short hash', { time: 1, path: [[0, new Uint8Array(31)]], signature }],
	['a short signature', { time: 1, path: [], signature: new Uint8Array(63) }],
	['a path without end', { time: 1, path: Array.from({ length: 41 }, () => [0, new Uint8Array(32)]), signature }]
])('%s is no proof', (_, value) => {
	expect(parseProof(value)).toBeUndefined();
});
