/** The post-quantum signature key an identity commits to at genesis (FIPS 204, ML-DSA-65), from 32 bytes. Not used to sign yet. */
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import type { Bytes } from '../codec/bytes.ts';
import { sha256 } from './hash.ts';

export const pqCommitment = (seed: Bytes): Bytes => sha256(ml_dsa65.keygen(seed).publicKey);
