/** The running hash of a log: root_0 = 32 zero bytes, root_s = SHA-256(root_(s-1) ‖ entryHash_s); entryHash = SHA-256(signed part). */
import { sha256 } from '../crypto/hash.ts';
import { concat, type Bytes } from './bytes.ts';

export const EMPTY_ROOT: Bytes = new Uint8Array(32);
export const nextRoot = (root: Uint8Array, entryHash: Uint8Array): Bytes => sha256(concat(root, entryHash));
export const entryHash = (signed: Uint8Array): Bytes => sha256(signed);
