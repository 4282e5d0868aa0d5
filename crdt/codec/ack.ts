/**
 * Signed acknowledgements: one relay signature a tick, over the Merkle root of everything the tick acknowledged.
 *
 *   leaf = SHA-256("enmeshed/ack-leaf" ‖ 0 ‖ CBOR[identityTag, seq, root 32, time])
 *   node = SHA-256("enmeshed/ack-node" ‖ 0 ‖ len ‖ left ‖ len ‖ right)      (domainHash); an odd last leaf is carried up as it is
 *   signature: Ed25519 of the relay key, domain "ack", over the Merkle root
 */
import { domainHash } from '../crypto/hash.ts';
import type { Bytes } from './bytes.ts';
import { toCbor, type Cbor } from './cbor.ts';
import type { AckProof } from './frame.ts';

export const ackLeaf = (identityTag: Uint8Array, seq: number, root: Uint8Array, time: number): Bytes =>
	domainHash('ack-leaf', toCbor([identityTag, seq, root, time]));

export const ackNode = (left: Uint8Array, right: Uint8Array): Bytes => domainHash('ack-node', left, right);

/** Root and, for each leaf, the path up. */
export function ackTree(leaves: readonly Bytes[]): { root: Bytes; paths: AckProof['path'][] } {
	const paths: { side: 0 | 1; hash: Bytes }[][] = leaves.map(() => []);
	let level = leaves.map((hash, index) => ({ hash, under: [index] }));
	while (level.length > 1) {
		const next: typeof level = [];
		for (let i = 0; i < level.length; i += 2) {
			const left = level[i]!;
			const right = level[i + 1];
			if (!right) {
				next.push(left);
				continue;
			}
			for (const leaf of left.under) paths[leaf]!.push({ side: 1, hash: right.hash });
			for (const leaf of right.under) paths[leaf]!.push({ side: 0, hash: left.hash });
			next.push({ hash: ackNode(left.hash, right.hash), under: [...left.under, ...right.under] });
		}
		level = next;
	}
	return { root: level[0]!.hash, paths };
}

export const ackRoot = (leaf: Bytes, path: AckProof['path']): Bytes =>
	path.reduce((hash, step) => (step.side === 0 ? ackNode(step.hash, hash) : ackNode(hash, step.hash)), leaf);

export const encodeProof = (proof: AckProof): Cbor => ({
	time: proof.time,
	path: proof.path.map(({ side, hash }) => [side, hash]),
	signature: proof.signature
});

/** Undefined when the value is not a proof. */
export function parseProof(value: Cbor | undefined): AckProof | undefined {
	if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
		return undefined;
	const { time, path, signature } = value as { readonly [key: string]: Cbor | undefined };
	if (typeof time !== 'number' || !Array.isArray(path) || path.length > 40) return undefined;
	if (!(signature instanceof Uint8Array) || signature.length !== 64) return undefined;
	const steps: { side: 0 | 1; hash: Bytes }[] = [];
	for (const step of path as Cbor[]) {
		if (!Array.isArray(step)) return undefined;
		const [side, hash] = step as Cbor[];
		if ((side !== 0 && side !== 1) || !(hash instanceof Uint8Array) || hash.length !== 32) return undefined;
		steps.push({ side, hash: hash as Bytes });
	}
	return { time, path: steps, signature: signature as Bytes };
}
