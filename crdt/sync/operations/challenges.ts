/**
 * Challenges (connector-api.md §2.5). The relay keeps the hash of the text for ten minutes, under a random name and without
 * knowing what it is (a rendezvous slot): what it does not hold was never asked for here, or is over.
 */
import type { Challenge, Engine } from '../../api.ts';
import { equal, utf8, type Bytes } from '../../codec/bytes.ts';
import { domainHash, sha256 } from '../../crypto/hash.ts';
import {
	challengeSigner,
	readChallenge,
	readSignature,
	signChallenge,
	writeChallenge,
	type ChallengeText,
	type ChallengeType
} from '../../identity/challenge.ts';
import { newestRelationship } from '../../relationship/newest.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { RelationshipRow } from '../../views.ts';
import { INVALID, notFound, refusedByRelay, type Base } from './base.ts';

/** As long as the relay keeps the slot. */
const LIFE_MS = 10 * 60_000;
const placeOf = (id: string): Bytes => domainHash('challenge-id', utf8(id)).slice(0, 16);
/** The relationship a signature is good for; one of another type is good for whoever knows the signer. */
const boundTo = (type: ChallengeType, relationshipId: string | undefined) =>
	type === 'Relationship' ? relationshipId : undefined;

export function challengeOperations({ core, self, clock, newId, reaching }: Base): Engine['challenges'] {
	function objection(type: ChallengeType, relationshipId: string | undefined): Result<never> | undefined {
		if (type !== 'Relationship') return undefined;
		const row = relationshipId === undefined ? undefined : core.top().get('relationships', relationshipId);
		if (!row || row._hidden) return notFound('Relationship');
		return row.status === 'Active'
			? undefined
			: refuse(
					'error.transport.challenges.challengeTypeRequiresActiveRelationship',
					'A challenge of the type Relationship needs an active relationship.'
				);
	}

	async function create(input: { type: ChallengeType; relationshipId?: string }): Promise<Result<Challenge>> {
		const refused = objection(input.type, input.relationshipId);
		if (refused) return refused;
		return reaching(async () => {
			const challenge: ChallengeText = {
				id: newId('CHL').id,
				type: input.type,
				expiresAt: new Date(clock.now() + LIFE_MS).toISOString(),
				createdBy: self.address,
				createdByDevice: self.deviceText
			};
			const challengeString = writeChallenge(challenge);
			const signature = await signChallenge(
				core.signer(),
				self.deviceText,
				challengeString,
				boundTo(input.type, input.relationshipId)
			);
			const stored = await core.call('rendezvousPut', {
				rendezvous: placeOf(challenge.id),
				slot: 0,
				bytes: sha256(utf8(challengeString))
			});
			return stored.ok ? ok({ ...challenge, signature, challengeString }) : refusedByRelay(stored);
		});
	}

	const activeWith = (peer: string | undefined): RelationshipRow | undefined => {
		const row = peer === undefined ? undefined : newestRelationship(core.top(), peer);
		return row?.status === 'Active' && !row._hidden ? row : undefined;
	};

	async function validate(challengeString: string, signature: string) {
		const challenge = readChallenge(challengeString);
		if (!challenge) return refuse(INVALID, 'challengeString is no challenge');
		const signed = readSignature(signature);
		if (!signed) return refuse(INVALID, 'signature is no signature');
		if (challenge.type === 'Device')
			return refuse(
				'error.runtime.notSupported',
				"Validating challenges of the type 'Device' is not yet supported."
			);
		const relationship = activeWith(challenge.createdBy);
		if (!relationship) return refuse('error.transport.recordNotFound', "'Relationship' not found.");
		return reaching(async () => {
			const stored = await core.call('rendezvousGet', { rendezvous: placeOf(challenge.id), slot: 0 });
			if (!stored.ok) return refusedByRelay(stored);
			const kept = stored.body['bytes'];
			const isKnown = kept instanceof Uint8Array && equal(kept, sha256(utf8(challengeString)));
			if (!isKnown || Date.parse(challenge.expiresAt) <= clock.now()) return ok({ isValid: false });
			const speaker = await challengeSigner(challengeString, signed, boundTo(challenge.type, relationship.id));
			const isTheirs =
				speaker?.address === challenge.createdBy && speaker?.deviceText === challenge.createdByDevice;
			return ok(isTheirs ? { isValid: true, correspondingRelationship: relationship } : { isValid: false });
		});
	}

	return { create, validate };
}
