/**
 * Objects (PROTOCOL.md §4, §9.3, §13.7–11): templates, tokens, files and blobs, all just sealed bytes under a handle
 * (SHA-256 of the id, so that tables do not show the kind). The owner puts, reads and deletes; others look or redeem. What
 * only files need (bodies, ownership) is in file.ts.
 *
 * Redeem, in this order: there and meant for the caller · claimed before (reads again, no password, no count) · the owner's
 * own (no count) · not locked · password · uses left. One claim per claimId; the one that reaches maxUses leaves a notice.
 * Wrong passwords lock at 100; one source contributes at most half of them, so a stranger cannot lock alone, and is itself
 * locked out at 100. Earlier redeemers and the owner are not affected, and the owner may unlock.
 */
import { createHmac } from 'node:crypto';
import { equal, sha256, utf8, concat, type Bytes, type RequestOf } from '@enmeshed/crdt/wire';
import { blobsOf, type Body, type Content, type StoredObject } from '../store/store.ts';
import { fileNotice } from './mailbox.ts';
import {
	accountOf,
	done,
	isGone,
	isRefused,
	refused,
	type Caller,
	type Effects,
	type Fields,
	type Ground,
	type Outcome,
	type Reading,
	type Refused,
	type SignedIn,
	type Writing
} from './operation.ts';

/** Larger ones lie in files: rows this small cost one or two pages. */
const INLINE_BYTES = 16 << 10;

export const isOwner = (object: StoredObject, caller: Caller): boolean =>
	caller.account !== undefined && equal(object.owner, caller.account.tag);
const isExpired = (object: StoredObject, now: number) => object.expiresAt !== undefined && object.expiresAt <= now;
const isUsedUp = ({ uses, maxUses }: StoredObject) => maxUses !== undefined && uses >= maxUses;

/** The object, unless its owner's account is over. */
function liveObject(ground: Ground, handle: Bytes): StoredObject | undefined {
	const object = ground.store.object(handle);
	return object && !isGone(ground.store.account(object.owner), ground.now()) ? object : undefined;
}

/** There, and this caller may know it: as its owner, by a claim made before, or because it is meant for it and not expired. */
export function visible(
	ground: Ground,
	caller: Caller,
	handle: Bytes,
	claimId?: Bytes | undefined
): StoredObject | undefined {
	const object = liveObject(ground, handle);
	if (!object) return undefined;
	if (isOwner(object, caller) || (claimId && ground.store.isClaimed(handle, claimId))) return object;
	const meant = !object.forTag || (caller.account !== undefined && equal(object.forTag, caller.account.tag));
	return meant && !isExpired(object, ground.now()) ? object : undefined;
}

/** Anybody who knows the handle may look, or it is the caller's own. */
export const isPeekable = (ground: Ground, caller: Caller, object: StoredObject): boolean =>
	isOwner(object, caller) ||
	!(object.verifierHash || object.forTag || object.locked || isUsedUp(object) || isExpired(object, ground.now()));

export const ownObject = (ground: Ground, caller: SignedIn, handle: Bytes): StoredObject | undefined => {
	const object = ground.store.object(handle);
	return object && isOwner(object, caller) ? object : undefined;
};

const bytesOf = async (ground: Ground, content: Content): Promise<Bytes | undefined> =>
	'bytes' in content ? content.bytes : ground.store.readBlob(content.blob);

type Put = RequestOf<'objectPut'>;

/** What everybody who may read an object is told of it. */
const publicFields = ({ expiresAt, body, record, ownershipLocked }: StoredObject): Fields => ({
	expiresAt,
	size: body?.size,
	record,
	ownershipLocked: ownershipLocked || undefined
});

export const sameMaybe = (a: Bytes | undefined, b: Bytes | undefined) => (a && b ? equal(a, b) : a === b);

function isSameObject(object: StoredObject, body: Put, digest: Bytes): boolean {
	return (
		equal(object.digest, digest) &&
		object.body?.size === body.body?.size &&
		sameMaybe(object.body?.digest, body.body?.digest) &&
		object.expiresAt === body.expiresAt &&
		object.maxUses === body.maxUses &&
		sameMaybe(object.forTag, body.forTag) &&
		sameMaybe(object.verifierHash, body.verifierHash)
	);
}

const sizeOf = ({ bytes, body, record }: Put): number => bytes.length + (body?.size ?? 0) + (record?.length ?? 0);

/** What stands in the way of putting it; 'same' when it is there already. */
function putObstacle(ground: Ground, caller: SignedIn, body: Put, digest: Bytes): Refused | 'same' | undefined {
	const account = accountOf(ground, caller);
	if (!account) return refused('not-signed-in');
	const known = ground.store.object(body.handle);
	if (known) return isOwner(known, caller) && isSameObject(known, body, digest) ? 'same' : refused('conflict');
	const { accountObjects, accountObjectBytes } = ground.limits;
	const full = account.objects >= accountObjects || account.objectBytes + sizeOf(body) > accountObjectBytes;
	return full ? refused('quota') : undefined;
}

interface Staged {
	readonly content: Content;
	readonly digest: Bytes;
	readonly body: Body | undefined;
}

async function stage(ground: Ground, caller: SignedIn, body: Put): Promise<Staged | Refused> {
	const digest = sha256(body.bytes);
	const inline = { content: { bytes: body.bytes }, digest, body: undefined };
	const isSmall = body.bytes.length <= INLINE_BYTES;
	if (isSmall && !body.body) return inline;
	const obstacle = putObstacle(ground, caller, body, digest);
	if (obstacle) return obstacle === 'same' ? inline : obstacle;
	const uploaded = body.body && (await takeUpload(ground, caller, body.handle, body.body));
	if (isRefused(uploaded)) return uploaded;
	const content = isSmall ? inline.content : { blob: await ground.store.stageBlob(body.bytes) };
	return { content, digest, body: uploaded };
}

/** The body that was sent in parts, as a file that a row may name. */
async function takeUpload(
	ground: Ground,
	caller: SignedIn,
	handle: Bytes,
	{ size, digest }: NonNullable<Put['body']>
): Promise<Body | Refused> {
	const finished = await ground.uploads.finish(caller.account.tag, handle, size, digest);
	return 'blob' in finished ? { blob: finished.blob, size, digest } : refused('upload-incomplete', finished);
}

const dropStaged = async (ground: Ground, staged: Staged): Promise<void> => {
	for (const name of blobsOf(staged)) await ground.store.dropBlob(name);
};

export const objectPut: Writing<'objectPut', Staged> = {
	access: 'device',
	kind: 'write',
	before: stage,
	abandon: dropStaged,
	apply(ground, caller, put, { content, digest, body }, effects): Outcome {
		const obstacle = putObstacle(ground, caller, put, digest);
		if (obstacle && obstacle !== 'same') return obstacle;
		if (obstacle) {
			for (const name of blobsOf({ content, body })) effects.dropBlob(name);
			return done();
		}
		const { handle, expiresAt, maxUses, forTag, verifierHash, ownershipHash, record } = put;
		const account = accountOf(ground, caller)!;
		const size = sizeOf(put);
		const fresh = { uses: 0, failures: 0, locked: false, ownershipLocked: false };
		const { tag: owner } = account;
		const terms = { expiresAt, maxUses, forTag, verifierHash, ownershipHash, record };
		ground.store.putObject({ handle, owner, size, digest, ...terms, ...fresh, content, body });
		ground.store.putAccount({ ...account, objects: account.objects + 1, objectBytes: account.objectBytes + size });
		return done();
	}
};

export const objectGet: Reading<'objectGet'> = {
	access: 'device',
	kind: 'read',
	async answer(ground, caller, { handle }) {
		const object = ownObject(ground, caller, handle);
		const bytes = object && (await bytesOf(ground, object.content));
		if (!object || !bytes) return refused('object-not-found');
		const { uses, failures, locked, ownershipHash } = object;
		return done({ bytes, uses, failures, locked, ownershipHash, ...publicFields(object) });
	}
};

export const objectPeek: Reading<'objectPeek'> = {
	access: 'anonymous',
	kind: 'read',
	async answer(ground, caller, { handle }) {
		const object = liveObject(ground, handle);
		if (!object || !isPeekable(ground, caller, object)) return refused('object-not-found');
		const bytes = await bytesOf(ground, object.content);
		return bytes ? done({ bytes, ...publicFields(object) }) : refused('object-not-found');
	}
};

/** Counts one wrong password; says how many are left for this caller. */
function countFailure(ground: Ground, caller: Caller, object: StoredObject, effects: Effects): Refused {
	const { verifierFailures, verifierFailuresPerSource } = ground.limits;
	const own = failuresOf(ground, caller, object) + 1;
	const failures = own <= verifierFailuresPerSource ? object.failures + 1 : object.failures;
	const locked = failures >= verifierFailures;
	for (const source of sourcesOf(ground, caller, object.handle))
		ground.store.putFailures(object.handle, source, ground.store.failures(object.handle, source) + 1);
	ground.store.putObject({ ...object, failures, locked });
	if (locked) fileNotice(ground, object.owner, 'locked', object.handle, effects);
	return refused('verifier-wrong', { remaining: Math.max(0, verifierFailures - Math.max(own, failures)) });
}

/** Where a caller comes from: its address, and its account too, because one address can make many accounts. */
function sourcesOf(ground: Ground, { source, account }: Caller, handle: Bytes): Bytes[] {
	const names = [...(source === '' && account ? [] : [utf8(source)]), ...(account ? [account.tag] : [])];
	const hashOf = (name: Bytes) => createHmac('sha256', ground.salt).update(concat(handle, name)).digest();
	return names.map((name) => new Uint8Array(hashOf(name)).slice(0, 8));
}

const failuresOf = (ground: Ground, caller: Caller, { handle }: StoredObject): number =>
	Math.max(...sourcesOf(ground, caller, handle).map((source) => ground.store.failures(handle, source)));

const isLockedFor = (ground: Ground, caller: Caller, object: StoredObject): boolean =>
	object.locked || failuresOf(ground, caller, object) >= ground.limits.verifierFailures;

type Redeem = RequestOf<'objectRedeem'>;

/** Why this caller gets nothing; `counted` when that itself is to be stored. */
function redeemObstacle(
	ground: Ground,
	caller: Caller,
	object: StoredObject,
	body: Redeem,
	effects: Effects
): Refused | undefined {
	if (object.verifierHash) {
		if (isLockedFor(ground, caller, object)) return refused('object-locked');
		if (!body.verifier) return refused('verifier-missing');
		if (!equal(object.verifierHash, sha256(body.verifier))) return countFailure(ground, caller, object, effects);
	}
	if (object.locked) return refused('object-locked');
	return isUsedUp(object) ? refused('object-exhausted') : undefined;
}

function countUse(ground: Ground, object: StoredObject, claimId: Bytes, effects: Effects): void {
	const used = { ...object, uses: object.uses + 1 };
	ground.store.addClaim(object.handle, claimId);
	ground.store.putObject(used);
	if (isUsedUp(used)) fileNotice(ground, object.owner, 'exhausted', object.handle, effects);
}

/** `content` is read once the use is counted; a wrong password is counted although the answer is a refusal (`keep`). */
export const objectRedeem: Writing<'objectRedeem', undefined> = {
	access: 'anonymous',
	kind: 'write',
	apply(ground, caller, body, _prepared, effects): Outcome {
		const object = visible(ground, caller, body.handle, body.claimId);
		if (!object) return refused('object-not-found');
		const free = isOwner(object, caller) || ground.store.isClaimed(object.handle, body.claimId);
		const obstacle = free ? undefined : redeemObstacle(ground, caller, object, body, effects);
		if (obstacle) return obstacle.type === 'verifier-wrong' ? { ...obstacle, keep: true } : obstacle;
		if (!free) countUse(ground, object, body.claimId, effects);
		return { ...done(publicFields(object)), content: object.content };
	}
};

export const objectDelete: Writing<'objectDelete', undefined> = {
	access: 'device',
	kind: 'write',
	apply(ground, caller, { handle }, _prepared, effects): Outcome {
		const account = accountOf(ground, caller);
		if (!account) return refused('not-signed-in');
		const object = ownObject(ground, caller, handle);
		if (!object) return done();
		ground.store.dropObject(handle);
		ground.store.putAccount({
			...account,
			objects: account.objects - 1,
			objectBytes: account.objectBytes - object.size
		});
		for (const name of blobsOf(object)) effects.dropBlob(name);
		return done();
	}
};

export const objectUnlock: Writing<'objectUnlock', undefined> = {
	access: 'device',
	kind: 'write',
	apply(ground, caller, { handle }): Outcome {
		const object = accountOf(ground, caller) && ownObject(ground, caller, handle);
		if (!object) return refused('object-not-found');
		ground.store.dropFailures(handle);
		ground.store.putObject({ ...object, failures: 0, locked: false });
		return done();
	}
};
