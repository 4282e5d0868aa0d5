/**
 * The device chain (PROTOCOL.md §2): compare-and-set on its head, each record judged by the rules of membership before it is
 * stored. The relay orders records, it cannot make one. Reserved types are refused when written.
 */
import {
	chainHash,
	decodeChainRecord,
	equal,
	RESERVED_CHAIN_TYPES,
	type Bytes,
	type ChainRecord,
	type Membership
} from '@enmeshed/crdt/wire';
import type { Account } from '../store/store.ts';
import {
	accountOf,
	done,
	isRefused,
	refused,
	type Ground,
	type Outcome,
	type Reading,
	type Refused,
	type Writing
} from './operation.ts';

export const isWritable = (record: ChainRecord): boolean => !RESERVED_CHAIN_TYPES.includes(record.body.type);

interface Extension {
	readonly record: ChainRecord;
	readonly hash: Bytes;
	/** Undefined when the record does not follow a head we know; then only a repetition can succeed. */
	readonly membership: Membership | undefined;
}

const chainFault = (why: string): Refused =>
	why === 'signature' || why === 'rights'
		? refused('signature-invalid')
		: refused('malformed', { detail: `record: ${why}` });

async function checkRecord(
	ground: Ground,
	account: Account,
	bytes: Bytes,
	expectHead: Bytes
): Promise<Extension | Refused> {
	const record = decodeChainRecord(bytes);
	if (!record || !isWritable(record)) return refused('malformed', { detail: 'record' });
	const hash = chainHash(record.publicBytes);
	const before = await ground.members.load(account.tag, expectHead);
	if (!before) return { record, hash, membership: undefined };
	const extended = await ground.members.extend(before, record);
	return extended.ok ? { record, hash, membership: extended.membership } : chainFault(extended.why);
}

/** The record is at its place already: an answer got lost. */
function isStored(ground: Ground, account: Account, { record, hash }: Extension): boolean {
	if (record.seq > account.chainSeq) return false;
	if (equal(hash, account.chainHead)) return true;
	const stored = ground.store.chainAfter(account.tag, record.seq - 1)[0];
	return stored !== undefined && equal(stored, record.bytes);
}

export const chainAppend: Writing<'chainAppend', Extension> = {
	access: 'device',
	kind: 'write',
	async prepare(ground, caller, body) {
		const account = accountOf(ground, caller);
		return account ? checkRecord(ground, account, body.record, body.expectHead) : refused('not-signed-in');
	},
	apply(ground, caller, body, extension, effects): Outcome {
		const account = accountOf(ground, caller);
		if (!account || isRefused(extension)) return refused('not-signed-in');
		const { record, hash, membership } = extension;
		if (isStored(ground, account, extension)) return done({ seq: record.seq });
		if (!membership || !equal(account.chainHead, body.expectHead))
			return refused('chain-moved', { seq: account.chainSeq, head: account.chainHead });
		if (record.seq >= ground.limits.accountChain) return refused('quota');
		ground.store.addChain(account.tag, record.seq, record.bytes);
		ground.store.putAccount({ ...account, chainSeq: record.seq, chainHead: hash, epoch: membership.epoch });
		effects.wake(account.tag);
		return done({ seq: record.seq });
	}
};

export const chain: Reading<'chain'> = {
	access: 'device',
	kind: 'read',
	answer(ground, caller, { after }) {
		const account = accountOf(ground, caller);
		return account ? done({ chain: ground.store.chainAfter(account.tag, after) }) : refused('not-signed-in');
	}
};
