/**
 * What only files need of an object (PROTOCOL.md §4.1, §13.9): a body that comes and goes in parts, and an owner that may
 * change. The object's bytes are the file's sealed metadata, so looking at it does not fetch the content.
 *
 * Ownership moves to whoever shows the ownership token, of which the relay knows the hash; with it goes a sealed owner record,
 * replaced by compare-and-set. A wrong token of a stranger stops all claims until the owner makes another token, and tells
 * the owner; the owner's own never does. Reading is not touched by that.
 */
import { equal, FRAME_LIMITS, sha256, type Bytes } from '@enmeshed/crdt/wire';
import type { StoredObject } from '../store/store.ts';
import { fileNotice } from './mailbox.ts';
import { isOwner, isPeekable, ownObject, sameMaybe, visible } from './object.ts';
import {
	accountOf,
	done,
	refused,
	type Caller,
	type Effects,
	type Ground,
	type Outcome,
	type Reading,
	type Refused,
	type Writing
} from './operation.ts';

/** Writes one part; nothing names it until objectPut does. Rationed like a write. */
export const objectPart: Reading<'objectPart'> = {
	access: 'device',
	kind: 'read',
	isRationed: true,
	async answer(ground, caller, { handle, at, bytes }) {
		const account = accountOf(ground, caller);
		if (!account) return refused('not-signed-in');
		const known = ground.store.object(handle);
		if (known) return isOwner(known, caller) && known.body ? done({ have: known.body.size }) : refused('conflict');
		if (at + bytes.length > FRAME_LIMITS.objectBytes) return refused('too-large');
		const { accountObjects, accountObjectBytes } = ground.limits;
		const bytesThen = account.objectBytes + ground.uploads.bytesOf(account.tag) + bytes.length;
		if (account.objects >= accountObjects || bytesThen > accountObjectBytes) return refused('quota');
		const progress = await ground.uploads.part(account.tag, handle, at, bytes);
		if (progress === 'full') return refused('quota');
		if (progress === 'busy') return refused('unavailable');
		return progress.taken ? done({ have: progress.have }) : refused('upload-incomplete', { have: progress.have });
	}
};

export const objectRead: Reading<'objectRead'> = {
	access: 'anonymous',
	kind: 'read',
	async answer(ground, caller, { handle, at, length = FRAME_LIMITS.partBytes, claimId }) {
		const object = visible(ground, caller, handle, claimId);
		const may = object && (isPeekable(ground, caller, object) || isClaimed(ground, object, claimId));
		if (!may || !object.body) return refused('object-not-found');
		const { blob, size } = object.body;
		const within = Math.min(length, Math.max(0, size - at));
		const bytes = within === 0 ? new Uint8Array(0) : await ground.store.readBlobPart(blob, at, within);
		return bytes ? done({ bytes, size }) : refused('object-not-found');
	}
};

const isClaimed = (ground: Ground, { handle }: StoredObject, claimId: Bytes | undefined): boolean =>
	claimId !== undefined && ground.store.isClaimed(handle, claimId);

function moveObject(ground: Ground, object: StoredObject, to: Bytes, changes: Partial<StoredObject>): void {
	const from = ground.store.account(object.owner);
	if (from)
		ground.store.putAccount({ ...from, objects: from.objects - 1, objectBytes: from.objectBytes - object.size });
	const account = ground.store.account(to)!;
	const { record } = changes;
	const size = object.size + (record ? record.length - (object.record?.length ?? 0) : 0);
	ground.store.putAccount({ ...account, objects: account.objects + 1, objectBytes: account.objectBytes + size });
	ground.store.putObject({ ...object, ...changes, size, record: record ?? object.record, owner: to });
}

/** Stops claims after a wrong token of somebody else, and tells the owner; what it writes stays although it refuses. */
function lockClaims(ground: Ground, object: StoredObject, effects: Effects): void {
	ground.store.putObject({ ...object, ownershipLocked: true });
	fileNotice(ground, object.owner, 'locked', object.handle, effects);
}

/** A file the caller may see and whose ownership can be asked for. */
function claimable(
	ground: Ground,
	caller: Caller,
	handle: Bytes
): (StoredObject & { ownershipHash: Bytes }) | undefined {
	const object = visible(ground, caller, handle);
	return object?.ownershipHash ? { ...object, ownershipHash: object.ownershipHash } : undefined;
}

export const objectClaim: Writing<'objectClaim', undefined> = {
	access: 'device',
	kind: 'write',
	apply(ground, caller, body, _prepared, effects): Outcome {
		const account = accountOf(ground, caller);
		if (!account) return refused('not-signed-in');
		const object = claimable(ground, caller, body.handle);
		if (!object) return refused('object-not-found');
		const { handle, owner, ownershipHash } = object;
		const before = ground.store.isClaimed(handle, body.claimId);
		if (isOwner(object, caller)) return before ? done() : refused('own-object');
		if (object.ownershipLocked) return refused('object-locked');
		if (before || !isExpected(object, body.record, body.expect)) return refused('record-moved');
		if (!equal(ownershipHash, sha256(body.token))) {
			lockClaims(ground, object, effects);
			return { ...refused('token-wrong'), keep: true };
		}
		const full =
			account.objects >= ground.limits.accountObjects ||
			account.objectBytes + object.size + (body.record?.length ?? 0) > ground.limits.accountObjectBytes;
		if (full) return refused('quota');
		ground.store.addClaim(handle, body.claimId);
		moveObject(ground, object, account.tag, { ownershipHash: body.nextOwnershipHash, record: body.record });
		fileNotice(ground, owner, 'claimed', handle, effects);
		return done();
	}
};

/** Whether the owner record is still the one the claim was made against; claims without one do not ask. */
function isExpected(object: StoredObject, record: Bytes | undefined, expect: Bytes | undefined): boolean {
	if (!record && !expect) return true;
	return sameMaybe(object.record && sha256(object.record), expect);
}

export const objectToken: Writing<'objectToken', undefined> = {
	access: 'device',
	kind: 'write',
	apply(ground, caller, { handle, token }, _prepared, effects): Outcome {
		const object = claimable(ground, caller, handle);
		if (!object) return refused('object-not-found');
		const fits = equal(object.ownershipHash, sha256(token));
		if (!fits && !isOwner(object, caller) && !object.ownershipLocked) lockClaims(ground, object, effects);
		return done({ valid: fits && !object.ownershipLocked });
	}
};

const ownFile = (ground: Ground, caller: Parameters<typeof ownObject>[1], handle: Bytes): StoredObject | Refused => {
	const object = accountOf(ground, caller) && ownObject(ground, caller, handle);
	return object?.ownershipHash ? object : refused('object-not-found');
};

export const objectRenew: Writing<'objectRenew', undefined> = {
	access: 'device',
	kind: 'write',
	apply(ground, caller, { handle, expect, next }): Outcome {
		const object = ownFile(ground, caller, handle);
		if ('ok' in object) return object;
		const { ownershipHash, ownershipLocked } = object;
		if (equal(ownershipHash!, next) && !ownershipLocked) return done();
		if (!equal(ownershipHash!, expect)) return refused('conflict');
		ground.store.putObject({ ...object, ownershipHash: next, ownershipLocked: false });
		return done();
	}
};
