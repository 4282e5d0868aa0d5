/**
 * Reading the own log: authenticate, decode, then let it touch state (PROTOCOL.md §3, §10). Of a contiguous run of one
 * session the last signature and the hash chain are checked; each entry's place is checked by the relay's root.
 *
 * What is impossible by honest devices and relay is not an error but a finding: `chain`, `signature`, `session`, `seal`
 * stop the log (the relay or a device is lying); `version` stops it visibly ("needs a newer version"); `fork` means a
 * sibling saw another history at a position we know.
 */
import { equal, toHex, type Bytes } from '../codec/bytes.ts';
import { decodeEntry, type Entry } from '../codec/entry.ts';
import { deviceIdText } from '../codec/ids.ts';
import { entryHash, nextRoot } from '../codec/log.ts';
import type { Membership, Member } from '../codec/membership.ts';
import { isSignedBy } from '../crypto/verify.ts';
import type { IdentityKeys } from '../identity/chain.ts';
import { decodeOps, type Op } from './record.ts';
import { keyCommitment, openEntry, sessionKey } from './seal-entry.ts';

export interface SessionState {
	readonly device: Bytes;
	readonly member: Member;
	readonly epoch: number;
	readonly key: Bytes;
	readonly next: number;
	readonly last: Bytes;
}

/** Where the own log stands. Replaced after each page; a page copies nothing, or each would cost as much as all sessions ever. */
export interface LogState {
	readonly cursor: number;
	readonly root: Bytes;
	/** First 16 bytes of past roots, by seq: to notice a fork. Bounded by ROOTS_KEPT. */
	readonly roots: Known<number, Bytes>;
	readonly sessions: Known<string, SessionState>;
}

/** What is known by its name: a map, or what a page adds to one. */
export interface Known<K, V> {
	get(key: K): V | undefined;
	has(key: K): boolean;
}
interface Addition<K, V> extends Known<K, V> {
	readonly below: Known<K, V>;
	readonly added: Map<K, V>;
}

function over<K, V>(below: Known<K, V>): Addition<K, V> {
	const added = new Map<K, V>();
	return {
		below,
		added,
		get: (key) => added.get(key) ?? below.get(key),
		has: (key) => added.has(key) || below.has(key)
	};
}

/** What the pages read before gave, and this one, as one map. The state before must not be read on from any more. */
function merged<K, V>(known: Known<K, V>, forget: (key: K, from: Map<K, V>) => void = () => undefined): Known<K, V> {
	if (!('added' in known)) return known;
	const { below, added } = known as Addition<K, V>;
	const whole = merged(below, forget);
	if (!(whole instanceof Map)) return known;
	for (const [key, value] of added) {
		whole.set(key, value);
		forget(key, whole as Map<K, V>);
	}
	return whole as Map<K, V>;
}

/** The page counts. */
export const settled = (read: LogState): LogState => ({
	...read,
	roots: merged(read.roots, (seq, roots) => void roots.delete(seq - ROOTS_KEPT)),
	sessions: merged(read.sessions)
});

/** Roots kept for fork detection: siblings refer to what they saw recently. */
const ROOTS_KEPT = 4096;

export interface OpenedEntry {
	readonly seq: number;
	readonly entry: Entry;
	readonly hash: Bytes;
	readonly member: Member;
	/** DVC id of the author. */
	readonly device: string;
	readonly ops: readonly Op[];
}

export type Finding = 'chain' | 'signature' | 'session' | 'seal' | 'version' | 'fork' | 'unreadable';

export interface Context {
	readonly identityTag: Bytes;
	readonly membership: Membership;
	readonly keys: IdentityKeys;
}

/** Reads consecutive entries after `state.cursor`. Stops at the first finding; what stands before it is returned. */
export async function readEntries(
	state: LogState,
	raw: readonly Bytes[],
	context: Context
): Promise<{ state: LogState; entries: OpenedEntry[]; finding?: Finding }> {
	const sessions = over(state.sessions);
	const roots = over(state.roots);
	let { cursor, root } = state;
	const entries: OpenedEntry[] = [];
	const unsigned = new Map<string, OpenedEntry>();
	let finding: Finding | undefined;
	for (const bytes of raw) {
		const opened = await readOne(bytes, cursor + 1, sessions, roots, context);
		if (typeof opened === 'string') {
			finding = opened;
			break;
		}
		cursor = opened.seq;
		root = nextRoot(root, opened.hash);
		roots.added.set(cursor, root.slice(0, 16));
		entries.push(opened);
		unsigned.set(toHex(opened.entry.session), opened);
	}
	for (const { member, hash, entry, seq } of unsigned.values()) {
		if (await isSignedBy(member.ds, 'entry', hash, entry.signature)) continue;
		// The run of this session is not to be believed: nothing of the page from its first entry on is.
		const first = entries.findIndex((opened) => equal(opened.entry.session, entry.session));
		const kept = raw.slice(0, Math.min(first, seq - state.cursor - 1));
		const before = kept.length > 0 ? await readEntries(state, kept, context) : { state, entries: [] };
		return { ...before, finding: 'signature' };
	}
	return { state: { cursor, root, roots, sessions }, entries, ...(finding ? { finding } : {}) };
}

async function readOne(
	bytes: Bytes,
	seq: number,
	sessions: Addition<string, SessionState>,
	roots: Known<number, Bytes>,
	{ identityTag, membership, keys }: Context
): Promise<OpenedEntry | Finding> {
	const decoded = decodeEntry(bytes);
	if (!decoded.ok) return decoded.why === 'unknown-version' || decoded.why === 'unknown-suite' ? 'version' : 'chain';
	const { entry } = decoded;
	if (!equal(entry.identityTag, identityTag)) return 'chain';
	const seen = roots.get(entry.seenSeq);
	if (entry.seenSeq >= seq || (seen && !equal(seen, entry.seenRoot))) return 'fork';
	const name = toHex(entry.session);
	const session = entry.first ? beginSession(entry, sessions.get(name), membership, keys) : sessions.get(name);
	if (!session || typeof session === 'string') return session ?? 'session';
	if (entry.sseq !== session.next || entry.epoch !== session.epoch || !equal(entry.prevHash, session.last))
		return 'chain';
	const hash = entryHash(entry.signed);
	const padded = await openEntry(session.key, entry);
	const ops = padded && decodeOps(padded);
	if (!padded) return 'seal';
	sessions.added.set(name, { ...session, next: entry.sseq + 1, last: hash });
	return { seq, entry, hash, member: session.member, device: deviceIdText(session.member.ds), ops: ops ?? [] };
}

function beginSession(
	entry: Entry,
	known: SessionState | undefined,
	membership: Membership,
	keys: IdentityKeys
): SessionState | Finding {
	const { deviceId, keyCommitment: commitment } = entry.first!;
	const member = membership.members.get(toHex(deviceId));
	const e = keys.epochs.get(entry.epoch);
	if (known || !member) return 'session';
	if (!e || !equal(keyCommitment(e, entry.session), commitment)) return 'seal';
	return {
		device: deviceId,
		member,
		epoch: entry.epoch,
		key: sessionKey(e, entry.session, entry.identityTag, deviceId),
		next: 0,
		last: new Uint8Array(32)
	};
}
