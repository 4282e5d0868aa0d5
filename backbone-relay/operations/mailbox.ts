/**
 * Mailboxes (PROTOCOL.md §4, §8, §9.1): an account has one, reached by many aliases; each alias has a token, of which the
 * relay knows the hash. Whoever shows alias and token may file an envelope; who that is nobody asks.
 *
 *   open ──(closesAt passes, or close)──▶ closed ──(30 d)──▶ forgotten
 *     └────(account erased)──▶ gone (a tombstone without owner; answers "gone" to whoever holds the token)
 *
 * An unknown alias and a wrong token answer alike and cost alike. An envelope is filed once per (alias, envId).
 */
import {
	encodeNotice,
	equal,
	sha256,
	signedMessage,
	type Bytes,
	type MailItem,
	type NoticeKind,
	type RequestOf
} from '@enmeshed/crdt/wire';
import { nameOf } from '../names.ts';
import { textsOf } from '../publications.ts';
import type { Account, Alias } from '../store/store.ts';
import {
	accountOf,
	DAY_MS,
	dayOf,
	done,
	isGone,
	refused,
	type Effects,
	type Ground,
	type Outcome,
	type Reading,
	type Refused,
	type Writing
} from './operation.ts';

type Envelope = RequestOf<'deliver'>;
type AliasChange = NonNullable<RequestOf<'commit'>['aliases']>[number];

const NOBODY: Bytes = new Uint8Array(32);
const NO_ALIAS: Bytes = new Uint8Array(16);

const isOpen = (alias: Alias, now: number) =>
	alias.owner !== undefined && (alias.closesAt === undefined || alias.closesAt > now);

/** The alias when the token fits; an unknown alias is compared too, so both take the same time. */
function aliasFor(ground: Ground, alias: Bytes, token: Bytes): Alias | undefined {
	const row = ground.store.alias(alias);
	const fits = equal(row?.tokenHash ?? NOBODY, sha256(token));
	return row && fits ? row : undefined;
}

const ownerOf = (ground: Ground, alias: Alias): Account | undefined => {
	const account = alias.owner && ground.store.account(alias.owner);
	return account && !isGone(account, ground.now()) ? account : undefined;
};

/** Files one envelope, or says why not. The same (alias, envId) again is fine and changes nothing. */
export function fileEnvelope(ground: Ground, envelope: Envelope, effects: Effects): Refused | undefined {
	const { store, limits } = ground;
	const now = ground.now();
	const alias = aliasFor(ground, envelope.alias, envelope.token);
	const account = alias && ownerOf(ground, alias);
	if (!alias || !account) return refused('mailbox-refused');
	if (store.hasMail(account.tag, alias.alias, envelope.envId)) return undefined;
	if (!isOpen(alias, now)) return refused('mailbox-refused');
	const day = dayOf(now);
	const filedBytes = (alias.filedDay === day ? alias.filedBytes : 0) + envelope.bytes.length;
	const isUrgent = envelope.urgent === true;
	const place = placeFor(limits, { ...alias, filedBytes }, account, isUrgent, day);
	if (!place) return refused('mailbox-full');
	const mseq = account.mseq + 1;
	const { envId, bytes } = envelope;
	store.addMail(account.tag, { mseq, alias: alias.alias, envId, kind: 'envelope', day, bytes });
	const filed = { pending: alias.pending + 1, lastMseq: mseq, filedDay: day, filedBytes };
	store.putAlias({ ...alias, ...place, ...filed });
	store.putAccount({ ...account, mseq });
	// While an identity is to be deleted its mail waits: nobody is woken for it (PROTOCOL.md §13.6).
	if (account.deletionAt === undefined) effects.wake(account.tag);
	return undefined;
}

type Reserve = Pick<Alias, 'reservedDay' | 'reservedUsed'>;

/**
 * Whether there is a place for one more, and what the alias then knows of its reserved ones. A full alias (or mailbox, or day)
 * keeps some places for urgent envelopes, so many at once and so many a day: letters that end a relationship must get through,
 * and who marks everything urgent gains no more than that. `filedBytes`: with this one.
 */
function placeFor(
	limits: Ground['limits'],
	{ pending, reservedDay, reservedUsed, filedBytes }: Alias,
	{ mseq, mailAck }: Account,
	isUrgent: boolean,
	day: number
): Reserve | undefined {
	const waiting = mseq - mailAck;
	const { pendingPerAlias, pendingPerMailbox, reservedPerAlias, reservedPerMailbox, reservedPerDay } = limits;
	const isOver = filedBytes > limits.bytesPerAliasPerDay;
	if (!isOver && pending < pendingPerAlias && waiting < pendingPerMailbox) return { reservedDay, reservedUsed };
	const usedToday = reservedDay === day ? reservedUsed : 0;
	const fits =
		pending < pendingPerAlias + reservedPerAlias &&
		waiting < pendingPerMailbox + reservedPerMailbox &&
		usedToday < reservedPerDay;
	return isUrgent && fits ? { reservedDay: day, reservedUsed: usedToday + 1 } : undefined;
}

/** Whether an envelope of a stored commit was filed: what a repeated commit is told again. */
export const wasFiled = (ground: Ground, { alias, envId }: Envelope): boolean => {
	const owner = ground.store.alias(alias)?.owner;
	return owner !== undefined && ground.store.hasMail(owner, alias, envId);
};

/** A hint of the relay to an owner: something happened to an object. Signed; dated like all mail, to the day. */
export function fileNotice(ground: Ground, owner: Bytes, kind: NoticeKind, handle: Bytes, effects: Effects): void {
	const account = ground.store.account(owner);
	if (!account) return;
	const day = dayOf(ground.now());
	const bytes = encodeNotice({ kind, handle, time: day * DAY_MS }, (hash) =>
		ground.sign(signedMessage('notice', hash))
	);
	const mseq = account.mseq + 1;
	ground.store.addMail(owner, { mseq, alias: NO_ALIAS, envId: ground.random(16), kind: 'notice', day, bytes });
	ground.store.putAccount({ ...account, mseq });
	effects.wake(owner);
}

/** Opens or closes an alias of the account. What belongs to somebody else, was closed or has another token is `conflict`. */
export function changeAlias(ground: Ground, tag: Bytes, change: AliasChange): Refused | undefined {
	const row = ground.store.alias(change.alias);
	const own = row?.owner !== undefined && equal(row.owner, tag);
	const now = ground.now();
	if (change.op === 'close') {
		if (own && isOpen(row, now)) ground.store.putAlias({ ...row, closesAt: now });
		return undefined;
	}
	if (!row) return openAlias(ground, tag, change);
	if (!own || !isOpen(row, now) || !equal(row.tokenHash, change.tokenHash)) return refused('conflict');
	if (change.closesAt !== undefined) ground.store.putAlias({ ...row, closesAt: change.closesAt });
	return undefined;
}

function openAlias(ground: Ground, tag: Bytes, change: AliasChange & { op: 'open' }): Refused | undefined {
	const account = ground.store.account(tag);
	if (!account || account.aliases >= ground.limits.accountAliases) return refused('quota');
	const { alias, tokenHash, closesAt } = change;
	ground.store.putAlias({
		alias,
		owner: tag,
		tokenHash,
		closesAt,
		pending: 0,
		lastMseq: 0,
		reservedDay: 0,
		reservedUsed: 0,
		filedDay: 0,
		filedBytes: 0
	});
	ground.store.putAccount({ ...account, aliases: account.aliases + 1 });
	return undefined;
}

/** Mail up to `mseq` is in the log: it no longer counts as waiting, and its 30 days begin. */
export function acknowledgeMail(ground: Ground, tag: Bytes, mseq: number): void {
	const account = ground.store.account(tag);
	const upTo = account && Math.min(mseq, account.mseq);
	if (!account || upTo === undefined || upTo <= account.mailAck) return;
	for (const { alias, count } of ground.store.mailPerAlias(tag, account.mailAck, upTo)) {
		const row = ground.store.alias(alias);
		if (row?.owner && equal(row.owner, tag))
			ground.store.putAlias({ ...row, pending: Math.max(0, row.pending - count) });
	}
	ground.store.ackMail(tag, dayOf(ground.now()), upTo);
	ground.store.putAccount({ ...account, mailAck: upTo });
}

/** The newest mail under an own alias when it is newer than what the device has seen. */
export function newerMail(ground: Ground, tag: Bytes, seen: { alias: Bytes; mseq: number }): number | undefined {
	const row = ground.store.alias(seen.alias);
	const own = row?.owner !== undefined && equal(row.owner, tag);
	return own && row.lastMseq > seen.mseq ? row.lastMseq : undefined;
}

export function mailPage(ground: Ground, tag: Bytes, after: number, limit?: number): MailItem[] {
	const items = Math.min(limit ?? Infinity, ground.limits.pageItems);
	const page = ground.store.mailAfter(tag, after, { items, bytes: ground.limits.pageBytes });
	return page.map(({ mseq, alias, kind, day, bytes }) => ({ mseq, alias, kind, day, bytes }));
}

const outcomeOf = (refusal: Refused | undefined): Outcome => refusal ?? done();

export const mail: Reading<'mail'> = {
	access: 'device',
	kind: 'read',
	answer(ground, caller, { after, limit }) {
		const account = accountOf(ground, caller);
		if (!account) return refused('not-signed-in');
		return done({ mail: mailPage(ground, account.tag, after, limit) as unknown as [], mseq: account.mseq });
	}
};

export const mailboxOpen: Writing<'mailboxOpen', undefined> = {
	access: 'device',
	kind: 'write',
	apply: (ground, caller, body) => outcomeOf(changeAlias(ground, caller.account.tag, { op: 'open', ...body }))
};

export const mailboxClose: Writing<'mailboxClose', undefined> = {
	access: 'device',
	kind: 'write',
	apply: (ground, caller, body) => outcomeOf(changeAlias(ground, caller.account.tag, { op: 'close', ...body }))
};

export const deliver: Writing<'deliver', undefined> = {
	access: 'anonymous',
	kind: 'write',
	apply: (ground, _caller, body, _prepared, effects) => outcomeOf(fileEnvelope(ground, body, effects))
};

/**
 * A notification code of the operator's list, for whoever is behind the alias: its text goes to the lines that are open now,
 * nothing is stored. Not while the owner is to be deleted.
 */
export const notify: Reading<'notify'> = {
	access: 'anonymous',
	kind: 'read',
	async answer(ground, _caller, { alias, token, code }) {
		const row = aliasFor(ground, alias, token);
		const account = row && ownerOf(ground, row);
		if (!row || !account || !isOpen(row, ground.now())) return refused('mailbox-refused');
		const texts = textsOf(ground.publications, code);
		if (!texts) return refused('code-unknown');
		const retryAfter = await ground.ration('notification', nameOf(alias));
		if (retryAfter > 0) return refused('rate-limited', { retryAfter });
		if (account.deletionAt === undefined) ground.push(account.tag, { push: 'notification', code, texts });
		return done();
	}
};

/** open | leaving (the owner's grace period runs) | closed | gone (the owner's account was erased) (PROTOCOL.md §13.13). */
export const mailboxState: Reading<'mailboxState'> = {
	access: 'anonymous',
	kind: 'read',
	answer(ground, _caller, { alias, token }) {
		const row = aliasFor(ground, alias, token);
		if (!row) return refused('mailbox-refused');
		const account = ownerOf(ground, row);
		if (!account) return done({ state: 'gone' });
		if (!isOpen(row, ground.now())) return done({ state: 'closed' });
		return done({ state: account.deletionAt === undefined ? 'open' : 'leaving' });
	}
};
