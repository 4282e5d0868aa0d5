/**
 * The log (PROTOCOL.md §3, §4): entries of an account in one order, each session a chain of its own. The relay reads headers
 * and checks signatures; ciphertexts are bytes to it.
 *
 * Check order, per entry: (1) the same entry is stored → the same answer, whatever the epoch; other bytes at its place →
 * conflict; (2) signature, and the device is a member; (3) epoch is the current one; (4) it continues its session.
 * A commit adds, in this order: unseen mail, slots, aliases, envelopes, mail acknowledgement. Nothing of it or all of it.
 */
import {
	decodeEntry,
	entryHash,
	equal,
	nextRoot,
	EMPTY_ROOT,
	type Bytes,
	type Entry,
	type RequestOf
} from '@enmeshed/crdt/wire';
import { nameOf } from '../names.ts';
import { memberOf } from '../members.ts';
import type { Account } from '../store/store.ts';
import { acknowledgeMail, changeAlias, fileEnvelope, newerMail, wasFiled } from './mailbox.ts';
import {
	accountOf,
	done,
	isGone,
	isRefused,
	refused,
	type Effects,
	type Fields,
	type Ground,
	type Outcome,
	type Reading,
	type Refused,
	type SignedIn,
	type Writing
} from './operation.ts';

/** An entry whose structure is right, with the device whose signature it bears (undefined: none that we know). */
interface Checked {
	readonly entry: Entry;
	readonly hash: Bytes;
	readonly signer: Bytes | undefined;
}
interface Place {
	readonly seq: number;
	readonly root: Bytes;
}

const NO_HASH: Bytes = new Uint8Array(32);
/** Devices of sessions whose first entry is still on its way through the queue: a hint for whose key to try, nothing more. */
const HINTS = 4096;
const hints = new Map<string, Bytes>();

const sessionKey = (entry: Entry) => nameOf(entry.identityTag) + nameOf(entry.session);

function noteFirst(entry: Entry): void {
	if (!entry.first) return;
	if (hints.size >= HINTS) hints.delete(hints.keys().next().value!);
	hints.set(sessionKey(entry), entry.first.deviceId);
}

const claimedDevice = (ground: Ground, entry: Entry): Bytes | undefined =>
	entry.first?.deviceId ??
	ground.store.session(entry.identityTag, entry.session)?.device ??
	hints.get(sessionKey(entry));

async function checkEntry(ground: Ground, account: Account, entry: Entry): Promise<Checked> {
	const hash = entryHash(entry.signed);
	const device = claimedDevice(ground, entry);
	const member = device && memberOf(await ground.members.load(account.tag, account.chainHead), device);
	const signed = member !== undefined && (await ground.signatures.check(member.ds, entry, hash));
	return { entry, hash, signer: signed ? device : undefined };
}

/** Structure of all entries, synchronously (so that later requests find the hints), then their signatures. */
async function checkEntries(ground: Ground, caller: SignedIn, all: readonly Bytes[]): Promise<Checked[] | Refused> {
	const entries: Entry[] = [];
	for (const [index, bytes] of all.entries()) {
		const decoded = decodeEntry(bytes);
		if (!decoded.ok) return refused('malformed', { index, detail: decoded.why });
		if (!equal(decoded.entry.identityTag, caller.account.tag)) return refused('signature-invalid', { index });
		noteFirst(decoded.entry);
		entries.push(decoded.entry);
	}
	const account = accountOf(ground, caller);
	if (!account) return refused('not-signed-in');
	return Promise.all(entries.map((entry) => checkEntry(ground, account, entry)));
}

/** Where the very entry stands already; `conflict` when another one does; undefined when the place is free. */
function storedPlace(ground: Ground, { entry, hash }: Checked): Place | Refused | undefined {
	const session = ground.store.session(entry.identityTag, entry.session);
	if (!session || entry.sseq > session.sseq) return undefined;
	const stored = ground.store.entryAt(entry.identityTag, entry.session, entry.sseq);
	const decoded = stored && decodeEntry(stored.bytes);
	if (!stored || !decoded?.ok) throw new Error('a stored entry is missing');
	const same = equal(entryHash(decoded.entry.signed), hash);
	return same ? { seq: stored.seq, root: stored.root } : refused('conflict', { seq: stored.seq });
}

function whyRefused(ground: Ground, account: Account, { entry, signer }: Checked): Refused | undefined {
	if (!signer || !memberOf(ground.members.peek(account.chainHead), signer)) return refused('signature-invalid');
	const session = ground.store.session(account.tag, entry.session);
	if (session && !equal(session.device, signer)) return refused('signature-invalid');
	if (entry.epoch !== account.epoch) return refused('stale-epoch', { epoch: account.epoch });
	const next = session ? session.sseq + 1 : 0;
	const continues = entry.sseq === next && equal(entry.prevHash, session?.hash ?? NO_HASH);
	if (!continues) return refused('not-contiguous', { sseq: next });
	if (account.entryBytes + entry.bytes.length > ground.limits.accountEntryBytes) return refused('quota');
	return undefined;
}

/** Stores the entry or finds it stored; `fresh` tells which. */
function takeEntry(ground: Ground, checked: Checked, effects: Effects): (Place & { fresh: boolean }) | Refused {
	const { entry, hash, signer } = checked;
	const stored = storedPlace(ground, checked);
	if (stored) return isRefused(stored) ? stored : { ...stored, fresh: false };
	const account = ground.store.account(entry.identityTag);
	if (!account || isGone(account, ground.now())) return refused('not-signed-in');
	const refusal = whyRefused(ground, account, checked);
	if (refusal) return refusal;
	const seq = account.seq + 1;
	const root = nextRoot(account.root, hash);
	const { session, sseq, bytes } = entry;
	ground.store.addEntry(account.tag, { seq, session, sseq, root, bytes });
	ground.store.putSession(account.tag, session, { device: signer!, sseq, hash });
	ground.store.putAccount({ ...account, seq, root, entryBytes: account.entryBytes + bytes.length });
	effects.wake(account.tag);
	return { seq, root, fresh: true };
}

const withIndex = (refusal: Refused, index: number): Refused => refused(refusal.type, { ...refusal.fields, index });

export const append: Writing<'append', Checked[]> = {
	access: 'device',
	kind: 'write',
	prepare: (ground, caller, body) => checkEntries(ground, caller, body.entries),
	apply(ground, caller, _body, entries, effects): Outcome {
		const acks: { seq: number; root: Bytes }[] = [];
		for (const [index, checked] of entries.entries()) {
			const taken = takeEntry(ground, checked, effects);
			if (isRefused(taken)) return withIndex(taken, index);
			acks.push({ seq: taken.seq, root: taken.root });
		}
		const newest = acks.reduce((best, ack) => (ack.seq > best.seq ? ack : best));
		return { ok: true, fields: { acks }, ack: { tag: caller.account.tag, ...newest } };
	}
};

type Commit = RequestOf<'commit'>;

const committed = (tag: Bytes, { seq, root }: Place, undelivered: number[]): Outcome => ({
	ok: true,
	fields: { seq, root, undelivered: undelivered.length > 0 ? undelivered : undefined },
	ack: { tag, seq, root }
});

/** Mail or entries this device should have looked at first, or a slot somebody else has. `newest` = the log before it. */
function whyTooLate(ground: Ground, tag: Bytes, commit: Commit, newest: number): Refused | undefined {
	const mseq = commit.aliasSeen && newerMail(ground, tag, commit.aliasSeen);
	if (mseq !== undefined) return refused('unseen-mail', { mseq });
	if (commit.logSeen !== undefined && commit.logSeen < newest) return refused('unseen-log', { seq: newest });
	for (const [index, slot] of commit.slots.entries()) {
		const seq = ground.store.slot(tag, slot);
		if (seq !== undefined) return refused('slot-taken', { slot, index, seq });
	}
	return undefined;
}

function changeAliases(ground: Ground, tag: Bytes, commit: Commit): Refused | undefined {
	for (const [index, change] of (commit.aliases ?? []).entries()) {
		const refusal = changeAlias(ground, tag, change);
		if (refusal) return withIndex(refusal, index);
	}
	return undefined;
}

/** Files all envelopes; a tolerant commit reports those that were refused, any other fails with the first. */
function fileEnvelopes(ground: Ground, commit: Commit, effects: Effects): number[] | Refused {
	const undelivered: number[] = [];
	for (const [index, envelope] of (commit.envelopes ?? []).entries()) {
		const refusal = fileEnvelope(ground, envelope, effects);
		if (refusal && !commit.tolerant) return withIndex(refusal, index);
		if (refusal) undelivered.push(index);
	}
	return undelivered;
}

const notFiled = (ground: Ground, commit: Commit): number[] =>
	(commit.envelopes ?? []).flatMap((envelope, index) => (wasFiled(ground, envelope) ? [] : [index]));

export const commit: Writing<'commit', Checked> = {
	access: 'device',
	kind: 'write',
	async prepare(ground, caller, body) {
		const checked = await checkEntries(ground, caller, [body.entry]);
		return isRefused(checked) ? checked : checked[0]!;
	},
	apply(ground, caller, body, checked, effects): Outcome {
		const { tag } = caller.account;
		const taken = takeEntry(ground, checked, effects);
		if (isRefused(taken)) return taken;
		if (!taken.fresh) return committed(tag, taken, body.tolerant ? notFiled(ground, body) : []);
		const refusal = whyTooLate(ground, tag, body, taken.seq - 1) ?? changeAliases(ground, tag, body);
		if (refusal) return refusal;
		for (const slot of body.slots) ground.store.putSlot(tag, slot, taken.seq);
		const undelivered = fileEnvelopes(ground, body, effects);
		if (isRefused(undelivered)) return undelivered;
		if (body.mailAck !== undefined) acknowledgeMail(ground, tag, body.mailAck);
		return committed(tag, taken, undelivered);
	}
};

export function entryPage(ground: Ground, tag: Bytes, after: number, limit?: number): Bytes[] {
	const items = Math.min(limit ?? Infinity, ground.limits.pageItems);
	return ground.store.entriesAfter(tag, after, { items, bytes: ground.limits.pageBytes });
}

/** The root at a position of the log; undefined beyond its end. */
export const rootAt = (ground: Ground, account: Account, seq: number): Bytes | undefined => {
	if (seq === 0) return EMPTY_ROOT;
	return seq === account.seq ? account.root : ground.store.rootAt(account.tag, seq);
};

export const pull: Reading<'pull'> = {
	access: 'device',
	kind: 'read',
	answer(ground, caller, { after, limit }) {
		const account = accountOf(ground, caller);
		if (!account) return refused('not-signed-in');
		const fields: Fields = {
			entries: entryPage(ground, account.tag, after, limit),
			seq: account.seq,
			root: account.root
		};
		return done(fields);
	}
};
