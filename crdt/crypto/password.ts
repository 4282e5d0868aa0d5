/**
 * What a password (or PIN) makes of the key of a reference (PROTOCOL.md §9.4). The password is part of the key, so whoever
 * holds only the reference, or only the relay's disk, reads nothing; the relay counts wrong verifiers, so a short PIN cannot be
 * tried out there.
 *
 *   s         = Argon2id(password as UTF-8, salt 16, 3 passes, 20 MiB, 1 lane, 32)
 *   content   = HKDF(key of the reference ‖ s, salt empty, "enmeshed/password/key", 32)
 *   verifier  = HKDF(key of the reference ‖ s, salt empty, "enmeshed/password/verifier", 32); the relay keeps its SHA-256
 */
import { stretch } from '#stretch';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import { hkdf } from './hash.ts';
import type { Stretching } from './stretching.ts';

/** What the original asks of a device (transport-backbone.md §2.11): about 0.1 s on a phone. */
const COST: Stretching = { passes: 3, memoryKiB: 20 * 1024, length: 32 };
export const SALT_LENGTH = 16;

export interface PasswordKeys {
	/** Opens the object. */
	readonly content: Bytes;
	/** Shown to the relay. */
	readonly verifier: Bytes;
}

export async function passwordKeys(linkKey: Bytes, password: string, salt: Bytes): Promise<PasswordKeys> {
	const both = concat(linkKey, await stretch(utf8(password), salt, COST));
	const derive = (name: string) => hkdf(both, new Uint8Array(0), utf8(`enmeshed/password/${name}`), 32);
	return { content: derive('key'), verifier: derive('verifier') };
}
