/**
 * Rendezvous (PROTOCOL.md §11): two devices that share a secret meet under a random id, four slots, ten minutes. A slot is
 * written once; what lies in it is sealed by the secret, and the relay knows neither side.
 */
import { equal } from '@enmeshed/crdt/wire';
import { done, refused, type Outcome, type Reading, type Writing } from './operation.ts';

export const rendezvousPut: Writing<'rendezvousPut', undefined> = {
	access: 'anonymous',
	kind: 'write',
	apply(ground, _caller, { rendezvous: id, slot, bytes }): Outcome {
		const now = ground.now();
		const known = ground.store.rendezvous(id, slot);
		const lives = known !== undefined && known.expiresAt > now;
		if (lives) return equal(known.bytes, bytes) ? done() : refused('slot-taken', { slot });
		ground.store.putRendezvous(id, slot, { bytes, expiresAt: now + ground.limits.rendezvousMs });
		return done();
	}
};

export const rendezvousGet: Reading<'rendezvousGet'> = {
	access: 'anonymous',
	kind: 'read',
	answer(ground, _caller, { rendezvous: id, slot }) {
		const row = ground.store.rendezvous(id, slot);
		return done({ bytes: row && row.expiresAt > ground.now() ? row.bytes : undefined });
	}
};
