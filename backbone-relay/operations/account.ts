/**
 * Accounts (PROTOCOL.md §4): registered by their device chain, named by the first 16 bytes of its genesis hash. Who holds
 * one is not asked. Deletion runs through a grace period; when it is over the account answers like one that never was, and
 * the housekeeping erases its rows, the account's own row last.
 */
import {
	decodeChainRecord,
	EMPTY_ROOT,
	sha256,
	utf8,
	type Bytes,
	type Membership,
	type RequestOf
} from '@enmeshed/crdt/wire';
import { timingSafeEqual } from 'node:crypto';
import { isWritable } from './chain.ts';
import {
	accountOf,
	DAY_MS,
	done,
	erasedName,
	isGone,
	refused,
	type Ground,
	type Outcome,
	type Reading,
	type Refused,
	type Writing
} from './operation.ts';

const sameText = (a: string, b: string) => timingSafeEqual(sha256(utf8(a)), sha256(utf8(b)));

/** A relay that requires no client accepts any. */
function isClient(ground: Ground, given: RequestOf<'register'>['client']): boolean {
	const { client } = ground;
	if (!client) return true;
	return sameText(given?.id ?? '', client.id) && sameText(given?.secret ?? '', client.secret);
}

async function foldChain(ground: Ground, records: readonly Bytes[]): Promise<Membership | Refused> {
	let membership: Membership | undefined;
	for (const [index, bytes] of records.entries()) {
		const record = decodeChainRecord(bytes);
		if (!record || !isWritable(record)) return refused('malformed', { detail: `chain.${index}` });
		const next = await ground.members.extend(membership, record);
		if (!next.ok && next.why === 'signature') return refused('signature-invalid', { index });
		if (!next.ok) return refused('malformed', { detail: `chain.${index}: ${next.why}` });
		membership = next.membership;
	}
	return membership!;
}

export const register: Writing<'register', Membership> = {
	access: 'anonymous',
	kind: 'write',
	async prepare(ground, _caller, body) {
		return isClient(ground, body.client) ? foldChain(ground, body.chain) : refused('registration-refused');
	},
	apply(ground, _caller, body, membership): Outcome {
		const tag = membership.identityTag;
		const known = ground.store.account(tag);
		const erased = erasedSince(ground, tag);
		// Peers were told that this identity is gone: it does not come back under the same name.
		if (erased !== undefined) return refused('registration-refused', { erased });
		if (known) return done({ created: false });
		for (const [seq, bytes] of body.chain.entries()) ground.store.addChain(tag, seq, bytes);
		ground.store.putAccount({
			tag,
			seq: 0,
			root: EMPTY_ROOT,
			mseq: 0,
			mailAck: 0,
			chainSeq: membership.seq,
			chainHead: membership.head,
			epoch: membership.epoch,
			entryBytes: 0,
			objects: 0,
			objectBytes: 0,
			aliases: 0,
			deletionAt: undefined
		});
		return done({ created: true });
	}
};

const deletionOf = (at: number | undefined) => (at === undefined ? undefined : { at });

export const account: Reading<'account'> = {
	access: 'device',
	kind: 'read',
	answer(ground, caller) {
		const row = accountOf(ground, caller);
		if (!row) return refused('not-signed-in');
		const { seq, entryBytes, mseq, mailAck, objects, objectBytes, aliases, deletionAt } = row;
		const mail = mseq - mailAck;
		return done({
			entries: seq,
			entryBytes,
			mail,
			objects,
			objectBytes,
			aliases,
			deletion: deletionOf(deletionAt)
		});
	}
};

/** When the account was erased or its grace period ended; undefined for one that is there and one that never was. */
function erasedSince(ground: Ground, tag: Bytes): number | undefined {
	const account = ground.store.account(tag);
	if (account) return isGone(account, ground.now()) ? account.deletionAt : undefined;
	return ground.store.erasedAt(erasedName(ground.salt, tag));
}

export const accountGone: Reading<'accountGone'> = {
	access: 'anonymous',
	kind: 'read',
	answer: (ground, _caller, { identityTag }) => done({ at: erasedSince(ground, identityTag) })
};

/** The first date stands when it is asked for again: a repeated request must not move it. */
export const accountDelete: Writing<'accountDelete', undefined> = {
	access: 'device',
	kind: 'write',
	apply(ground, caller, { days = ground.limits.deletionDays }): Outcome {
		const row = accountOf(ground, caller);
		if (!row) return refused('not-signed-in');
		const deletionAt = days === 0 ? undefined : (row.deletionAt ?? ground.now() + days * DAY_MS);
		ground.store.putAccount({ ...row, deletionAt });
		return done({ deletion: deletionOf(deletionAt) });
	}
};
