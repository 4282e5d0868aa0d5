/**
 * Views that stay (KeptViews) go on where they stood: beside the rows they keep what of the fold itself must be known for the
 * next entry. All of it is rows, committed together with what the entries did:
 *
 *   fold      the cursor and the root there, the newest mail folded
 *   roots     past roots (to notice a fork)       sessions   where each session of the log stands
 *   slots     which entry took a slot             told       events that were told
 *   updates   of documents, as they were written
 *
 * The raw log stays what counts. Rows that do not fit it (another identity, a log that is shorter or other, a session of an
 * epoch we cannot open) are dropped and folded again.
 */
import { equal, fromHex, toHex, type Bytes } from '../codec/bytes.ts';
import type { Membership } from '../codec/membership.ts';
import { sha256 } from '../crypto/hash.ts';
import type { IdentityKeys } from '../identity/chain.ts';
import type { KeptViews, Views } from '../views.ts';
import type { KeptUpdates } from './documents.ts';
import type { LogState, OpenedEntry, SessionState } from './log.ts';
import { numberKey } from './rows.ts';
import { sessionKey } from './seal-entry.ts';

export const isKept = (views: Views): views is KeptViews => 'commit' in views;

/** What the rows are judged by. */
export interface Basis {
	readonly identityTag: Bytes;
	readonly membership: Membership;
	readonly keys: IdentityKeys;
	/** How far the persisted log reaches. */
	readonly cursor: { readonly seq: number; readonly root: Bytes };
}

/** Where the fold stands, as the rows say; undefined: there are none, or they do not fit. */
export function readFold(views: Views, basis: Basis): { log: LogState; mailFolded: number } | undefined {
	const fold = views.get('fold', 'fold');
	const { identityTag, cursor } = basis;
	if (!fold || !equal(fold.identityTag, identityTag) || fold.cursor > cursor.seq) return undefined;
	if (fold.cursor === cursor.seq && !equal(fold.root, cursor.root)) return undefined;
	const sessions = new Map<string, SessionState>();
	for (const { id, device, epoch, next, last } of views.rows('sessions')) {
		const member = basis.membership.members.get(toHex(device));
		const e = basis.keys.epochs.get(epoch);
		if (!member || !e) return undefined;
		sessions.set(id, {
			device,
			member,
			epoch,
			next,
			last,
			// Derived when its next entry comes: most sessions of the past have none.
			get key() {
				return sessionKey(e, fromHex(id)!, identityTag, device);
			}
		});
	}
	const roots = new Map<number, Bytes>();
	for (const { id, root } of views.rows('roots')) roots.set(Number(id), root);
	return { log: { cursor: fold.cursor, root: fold.root, roots, sessions }, mailFolded: fold.mailFolded };
}

/** Files where the fold stands after `entries`, and makes it and the rows of this step stay. */
export function keepFold(
	views: KeptViews,
	identityTag: Bytes,
	{ log, mailFolded }: { readonly log: LogState; readonly mailFolded: number },
	entries: readonly OpenedEntry[]
): void {
	const begin = log.roots.get(0);
	if (begin && !views.get('roots', numberKey(0))) views.put('roots', { id: numberKey(0), root: begin });
	for (const { seq, entry } of entries) {
		const root = log.roots.get(seq);
		if (root) views.put('roots', { id: numberKey(seq), root });
		const id = toHex(entry.session);
		const session = log.sessions.get(id);
		if (session) {
			const { device, epoch, next, last } = session;
			views.put('sessions', { id, device, epoch, next, last });
		}
	}
	for (const { id } of [...views.rows('roots', { limit: entries.length })])
		if (!log.roots.has(Number(id))) views.delete('roots', id);
	views.put('fold', { id: 'fold', identityTag, cursor: log.cursor, root: log.root, mailFolded });
	views.commit();
}

/** Which entry took a slot, as the log says. */
export const takenBy = (views: Views, slot: Uint8Array): number | undefined => views.get('slots', toHex(slot))?.seq;

/** The first to name a slot has it. */
export function takeSlot(views: Views, slot: Uint8Array, seq: number): void {
	const id = toHex(slot);
	if (!views.get('slots', id)) views.put('slots', { id, seq });
}

/** Remembers, where rows stay, that an event was told; it is the newest of them now. */
export function keepTold(views: Views, id: string): void {
	if (!isKept(views)) return;
	views.delete('told', id);
	views.put('told', { id });
}

/** An update merged from many, all of them admitted before. */
const MERGED = -1;

/** Updates of documents beside the rows, for documents that are read when somebody asks for them. */
export const keptUpdates = (views: Views): KeptUpdates => ({
	of: (shard) =>
		Array.from(views.rows('updates', { where: [{ key: 'shard', anyOf: [shard] }] }), ({ u, ordinal }) => ({
			u,
			ordinal: ordinal === MERGED ? undefined : ordinal
		})),
	add(shard, u, ordinal) {
		views.put('updates', { id: `${shard} ${toHex(sha256(u))}`, shard, u, ordinal });
	},
	merge(shard, u) {
		for (const { id } of [...views.rows('updates', { where: [{ key: 'shard', anyOf: [shard] }] })])
			views.delete('updates', id);
		views.put('updates', { id: `${shard} merged`, shard, u, ordinal: MERGED });
	}
});
