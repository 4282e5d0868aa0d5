/** What a device signs to open a session: bound to the relay's challenge, the relay's key, the identity and the device. */
import { domainHash } from '../crypto/hash.ts';
import type { Bytes } from './bytes.ts';

export const loginHash = (
	challenge: Uint8Array,
	relayKey: Uint8Array,
	identityTag: Uint8Array,
	device: Uint8Array
): Bytes => domainHash('login', challenge, relayKey, identityTag, device);
