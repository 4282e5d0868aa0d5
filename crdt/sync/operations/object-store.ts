/** Objects at the relay, whatever they hold: put, redeemed once per identity, deleted. */
import type { CreateToken } from '../../api.ts';
import { utf8, type Bytes } from '../../codec/bytes.ts';
import type { RequestOf } from '../../codec/frame.ts';
import type { Reference } from '../../codec/reference.ts';
import { blinded, sha256 } from '../../crypto/hash.ts';
import { passwordKeys } from '../../crypto/password.ts';
import { objectHandle, openObject, sealObject, type SharedObject } from '../../object/object.ts';
import { protectionOf, type Protection } from '../../object/protection.ts';
import { ok, refuse, type Result } from '../../result.ts';
import { INVALID, notFound, refusedByRelay, type Base } from './base.ts';

/** As clients know what a reference names. */
const ENTITY = { template: 'RelationshipTemplate', token: 'Token', file: 'File' } as const;

const NOT_INTENDED = refuse('error.transport.general.notIntendedForYou', 'It is not intended for you.');
const NO_PASSWORD = refuse('error.transport.noPasswordProvided', 'It is protected by a password.');
const CHANGED = refuse('error.transport.signatureNotValid', 'It was changed on the way.');
/** Unknown, expired, for somebody else or a wrong password: the relay does not say which (connector-api.md §13 row 10). */
export const refusedThere = (kind: Reference['kind']) =>
	notFound(
		ENTITY[kind],
		'Make sure the ID exists and the record is not expired. If a password is required to fetch the record, make sure you passed the correct one.'
	);

export interface Redeemed {
	readonly opened: NonNullable<Awaited<ReturnType<typeof openObject>>>;
	readonly claimId: Bytes;
	/** The password that opened it. */
	readonly protection?: Protection;
	/** The relay's sealed record of a file's owner. */
	readonly record?: Bytes;
	readonly isLocked: boolean;
}

export interface ObjectStore {
	put(
		object: SharedObject,
		linkKey: Bytes,
		terms: Omit<RequestOf<'objectPut'>, 'handle' | 'bytes' | 'expiresAt'>,
		protection?: Protection
	): Promise<Result<void>>;
	redeem(reference: Reference, password: string | undefined): Promise<Result<Redeemed>>;
	/** Own ones also at the relay. */
	remove(id: string, isOwn: boolean): Promise<Result<void>>;
	/** One claim per identity and object, equal on every own device. */
	claimId(id: string): Bytes;
}

export function createObjectStore({ core, self, random, reaching }: Base): ObjectStore {
	const claimId = (id: string): Bytes => blinded(core.keys().b, 'claim', utf8(id)).slice(0, 16);

	const put: ObjectStore['put'] = async (object, linkKey, terms, protection) => {
		const keys = protection && (await passwordKeys(linkKey, protection.password, protection.salt));
		const answer = await core.call('objectPut', {
			handle: objectHandle(object.id),
			bytes: await sealObject(random, keys?.content ?? linkKey, core.signer(), object),
			...(object.expiresAt !== undefined ? { expiresAt: object.expiresAt } : {}),
			...(keys ? { verifierHash: sha256(keys.verifier) } : {}),
			...terms
		});
		if (answer.ok) return ok(undefined);
		return answer.type === 'too-large' ? refuse(INVALID, "'content' is too large") : refusedByRelay(answer);
	};

	function refusal(reference: Reference, type: string, answer: Parameters<typeof refusedByRelay>[0]): Result<never> {
		if (type === 'object-exhausted')
			return refuse(
				'error.platform.validation.relationshipTemplate.maxNumberOfAllocationsExhausted',
				'The maximum number of allocations is exhausted.'
			);
		if (type === 'object-locked' && reference.kind === 'token')
			return refuse('error.platform.token.tooManyFailedPasswordAttempts', 'The token is locked.');
		const isRefused = ['object-not-found', 'object-locked', 'verifier-missing', 'verifier-wrong'].includes(type);
		if (!isRefused) return refusedByRelay(answer);
		// One relay has several names (localhost, a name at home, its public one): only what is not here lies elsewhere.
		return reference.baseUrl && !sameOrigin(reference.baseUrl, core.ports.relay.url)
			? refuse('error.app.foreignRelay', 'It lies at another relay.')
			: refusedThere(reference.kind);
	}

	const redeem: ObjectStore['redeem'] = async (reference, password) => {
		if (reference.forIdentityTail && !self.address.endsWith(reference.forIdentityTail)) return NOT_INTENDED;
		if (reference.password && password === undefined) return NO_PASSWORD;
		// A password for what has none is ignored.
		const protection = reference.password && protectionOf(reference.password, password!);
		const keys = protection && (await passwordKeys(reference.key, protection.password, protection.salt));
		const own = claimId(reference.id);
		const answer = await core.call('objectRedeem', {
			handle: objectHandle(reference.id),
			claimId: own,
			...(keys ? { verifier: keys.verifier } : {})
		});
		if (!answer.ok) return refusal(reference, answer.type, answer);
		const { bytes, record, ownershipLocked } = answer.body;
		const opened =
			bytes instanceof Uint8Array
				? await openObject(reference.id, keys?.content ?? reference.key, bytes as Bytes)
				: undefined;
		// The relay lets an owner and an earlier reader in whatever they typed; the key does not.
		if (!opened) return keys ? refusedThere(reference.kind) : CHANGED;
		const { object, by } = opened;
		const intended = 'for' in object ? object.for : undefined;
		if (intended && intended !== self.address && by.address !== self.address) return NOT_INTENDED;
		return ok({
			opened,
			claimId: own,
			isLocked: ownershipLocked === true,
			...(protection ? { protection } : {}),
			...(record instanceof Uint8Array ? { record: record as Bytes } : {})
		});
	};

	const remove: ObjectStore['remove'] = async (id, isOwn) => {
		if (isOwn) {
			const gone = await reaching(async () => {
				const answer = await core.call('objectDelete', { handle: objectHandle(id) });
				const isGone = answer.ok || answer.type === 'not-found' || answer.type === 'object-not-found';
				return isGone ? ok(undefined) : refusedByRelay(answer);
			});
			if (!gone.ok) return gone;
		}
		await core.intend({ kind: 'plain', shown: [core.rec('object.deleted', { id })] });
		return ok(undefined);
	};

	return { put, redeem, remove, claimId };
}

/** A date in the future, or why it is none. */
export function futureDate(text: string, now: number): Result<number> {
	const date = Date.parse(text);
	if (Number.isNaN(date)) return refuse(INVALID, 'expiresAt must match ISO8601 datetime format');
	return date <= now ? refuse(INVALID, "'expiresAt' must be in the future") : ok(date);
}

/** What a token for something asks for, beside what it holds. */
export const tokenTerms = ({ ephemeral = true, forIdentity, passwordProtection }: CreateToken) => ({
	ephemeral,
	...(forIdentity ? { forIdentity } : {}),
	...(passwordProtection ? { passwordProtection } : {})
});

function sameOrigin(a: string, b: string): boolean {
	try {
		return new URL(a).origin === new URL(b).origin;
	} catch {
		return false;
	}
}
