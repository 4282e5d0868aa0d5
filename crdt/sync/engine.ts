/**
 * The engine of one identity on one device. Two locks keep it simple to reason about:
 *
 *   local   short critical sections: persist, then fold. Own actions are durable here first and shown at once.
 *   flow    one conversation with the relay at a time: hello → log → mail → outbox, until quiet (reconcile)
 *
 *   Store ──load──▶ base views (fold of the log) ──layer──▶ top views (waiting intents shown on top) ──▶ screens, REST
 *
 * Invariants: (1) a raw entry is persisted with the cursor that covers it; (2) a sealed frame is persisted before it is sent
 * and only resent as it is; (3) after a refusal its session is closed; (4) views are folds, never written beside them;
 * (5) frozen means: nothing is sealed any more.
 */
import { equal, fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import { decodeChainRecord, type ChainRecord } from '../codec/chain.ts';
import type { EntryHeader } from '../codec/entry.ts';
import { decodeEnvelope } from '../codec/envelope.ts';
import { ackLeaf, ackRoot, parseProof } from '../codec/ack.ts';
import {
	ANONYMOUS,
	type AnswerFrame,
	type MailItem,
	type Operation,
	type RefusalType,
	type RequestOf
} from '../codec/frame.ts';
import { deviceIdText } from '../codec/ids.ts';
import { EMPTY_ROOT, entryHash, nextRoot } from '../codec/log.ts';
import { loginHash } from '../codec/login.ts';
import { extendMembership, type Membership } from '../codec/membership.ts';
import { decodeEntry } from '../codec/entry.ts';
import { blinded, domainHash, sha256 } from '../crypto/hash.ts';
import { signHash } from '../crypto/seal.ts';
import { isSignedBy } from '../crypto/verify.ts';
import { fillEpochs, openChainRecord, type IdentityKeys } from '../identity/chain.ts';
import { makePath } from '../identity/path.ts';
import { hear, type Signer } from '../identity/speech.ts';
import { openEnvelope } from '../message/envelope.ts';
import { parseLetter } from '../message/letter.ts';
import { RelayUnreachable, type StoreWrite } from '../ports.ts';
import { refuse, type Refusal } from '../result.ts';
import type { EnginePorts } from './ports.ts';
import type { EngineEvent, SyncStatus } from '../api.ts';
import { memoryViews, type Views } from '../views.ts';
import { applyMail, applyRecord, noticeParts, type MailFact } from './apply.ts';
import { attention, iso, type Folding } from './folding.ts';
import { createDocuments, type Documents } from './documents.ts';
import {
	decodeFrame,
	decodeIntent,
	encodeFrame,
	encodeIntent,
	type Built,
	type BuildResult,
	type Frame,
	type Intent
} from './intent.ts';
import { openLine, type Line } from './line.ts';
import { createLock } from './lock.ts';
import { readEntries, type LogState, type OpenedEntry } from './log.ts';
import { decodeOps, encodeOps, encodeOpsBare, type CommitOp, type Op, type Records } from './record.ts';
import { decodeMail, encodeMail, getMeta, numberKey, parseMailItem, putMeta, type Meta } from './rows.ts';
import { keyCommitment, openEntry, sealEntry, sessionKey, sessionRules } from './seal-entry.ts';

export interface Client {
	readonly id: string;
	readonly secret: string;
}

/** A session of ours: one process start, until something refuses it. */
interface OwnSession {
	readonly id: Bytes;
	readonly ordinal: number;
	readonly epoch: number;
	readonly key: Bytes;
	readonly sseq: number;
	readonly last: Bytes;
}

export interface Self {
	readonly address: string;
	readonly ik: Bytes;
	readonly identityTag: Bytes;
	readonly device: Bytes;
	readonly deviceText: string;
	readonly ordinal: number;
}

export type Outcome = { readonly ok: true; readonly seq: number } | { readonly ok: false; readonly error: Refusal };

/** Everything the operations (crdt/sync/operations*.ts) build on. */
export interface Core {
	readonly ports: EnginePorts;
	readonly self: Self;
	/** Log plus waiting intents: what is shown. */
	top(): Views;
	/** What the log confirmed. */
	base(): Views;
	readonly documents: Documents;
	membership(): Membership;
	keys(): IdentityKeys;
	chain(): readonly ChainRecord[];
	signer(): Signer;
	intents(): readonly Intent[];
	superseded(): Meta['superseded'];
	/** A record operation with a fresh id. */
	rec<K extends keyof Records>(k: K, v: Records[K]): Op;
	/** Before the first write to a document: this process' client id is used up durably. */
	beginWriting(): Promise<void>;
	/** Persists an intent, shows it, and lets it leave when it can. */
	intend(intent: Pick<Intent, 'kind' | 'shown'>): Promise<void>;
	/** Changes a stored intent (retry) or removes it (null). */
	revise(n: number, change: Partial<Intent> | null): Promise<void>;
	/** Builds under the flow lock, commits, and answers when the relay acknowledged; nothing changes when it did not. */
	commitNow(build: (views: Views, mseq: number) => Promise<BuildResult>): Promise<Outcome>;
	/** One call to the relay on a signed-in line. A refusal of the relay is a value; an unreachable one throws. */
	call<O extends Operation>(op: O, body: RequestOf<O>): Promise<AnswerFrame>;
	appendChain(make: (head: Bytes, seq: number) => Promise<Bytes>): Promise<Outcome>;
	sync(): Promise<{ ok: true } | { ok: false; error: Refusal }>;
	status(): SyncStatus;
	goLive(on: boolean): void;
	relayIsHealthy(): Promise<boolean>;
	onEvent(listener: (event: EngineEvent) => void): () => void;
	onChange(listener: () => void): () => void;
	changed(): void;
	settled(): Promise<void>;
	close(): Promise<void>;
}

/** What a fold step stems from: names its events, dates it. */
interface Source {
	readonly key: string;
	readonly at: number;
	readonly device: string;
	/** A fold to look ahead: tells nobody. */
	readonly muted?: boolean;
}

export const UNREACHABLE = refuse('error.transport.request.unknown', 'The relay cannot be reached.');
const PAGE = 256;
/** Operations merged into one entry: PROTOCOL.md §3, "merge ≤ 200". */
const MERGE = 200;
/** Bytes of operations merged into one entry, far below the relay's largest. */
const MERGE_BYTES = 256 * 1024;
/** The relay cannot take it now: nothing was stored, it may later. */
const BUSY: readonly (RefusalType | 'unknown')[] = ['rate-limited', 'quota', 'storage-full', 'unavailable'];
const RETRY_MS = 5_000;
/** Ids of the newest events, told or not: what waits at once, and what may come a second time, with room to spare. */
const EVENTS_REMEMBERED = 10_000;
/** Refusals in one flush beyond the number of things to send: stale epochs, sessions a restart cut, lost slots. */
const REFUSALS_TOLERATED = 8;

/** How a waiting intent becomes a commit; given by the operations. */
export interface Builders {
	/** A lost decision that came to the same: nobody has to be told (PROTOCOL.md §13.2). */
	wasDecidedAlike(core: Core, intent: Intent): boolean;
	build(core: Core, intent: Intent, views: Views): Promise<BuildResult>;
	/** After somebody else's commit took a slot of this intent. Returns what replaces it, or undefined. */
	lost(
		core: Core,
		intent: Intent,
		winner: { readonly device: string; readonly at: string; readonly ops: readonly Op[] }
	): Promise<Pick<Intent, 'kind' | 'shown'> | undefined>;
}

export async function openCore(ports: EnginePorts, builders: Builders, client?: Client): Promise<Core> {
	const { clock, random, store, relay } = ports;
	const local = createLock();
	const flow = createLock();
	const signingKey = await store.secret('ds');
	const own = await getMeta(store, 'keys');
	if (!signingKey || !own) throw new Error('this store holds no identity');

	let chain: ChainRecord[] = [];
	let membership: Membership | undefined;
	let keys: IdentityKeys | undefined;
	const meDevice = { id: domainHash('device', own.ds).slice(0, 16), seed: own.dkSeed };

	for (const [, bytes] of await store.range('chain')) await takeChainRecord(bytes);
	const genesis = chain[0]?.body;
	const me = membership?.members.get(toHex(meDevice.id));
	if (genesis?.type !== 0 || !membership || !me) throw new Error('this device is not in the chain it keeps');
	const self: Self = {
		address: genesis.address,
		ik: genesis.ik,
		identityTag: membership.identityTag,
		device: meDevice.id,
		deviceText: deviceIdText(own.ds),
		ordinal: me.ordinal
	};

	let log: LogState = {
		cursor: 0,
		root: EMPTY_ROOT,
		roots: new Map([[0, EMPTY_ROOT.slice(0, 16)]]),
		sessions: new Map()
	};
	let mailCursor = (await getMeta(store, 'mailCursor'))?.mseq ?? 0;
	/** Newest mail the log has folded. */
	let mailFolded = 0;
	let rawMail: MailItem[] = [];
	let frozen = (await getMeta(store, 'frozen'))?.reason;
	let registered = (await getMeta(store, 'registered')) !== undefined;
	let relayKey = (await getMeta(store, 'relayKey'))?.key;
	let superseded = (await getMeta(store, 'superseded')) ?? {};
	let lastSync = (await getMeta(store, 'sync'))?.at;
	let sessionsUsed = (await getMeta(store, 'sessions'))?.used ?? 0;
	let session: OwnSession | undefined;
	/** The ordinal documents write under, persisted before the first write. */
	let writing: Promise<number> | undefined;
	const base = ports.views ?? memoryViews();
	let top = memoryViews(base);
	const documents = createDocuments();
	let intents: Intent[] = [];
	let nextIntent = 1;
	let line: Line | undefined;
	let live = false;
	let closed = false;
	let offline = true;
	let working = 0;
	/** Whether the conversation under way may read what others wrote. */
	let wantsAll = false;
	let retryAfter = 0;
	const emitted = new Set<string>();
	const eventListeners = new Set<(event: EngineEvent) => void>();
	const changeListeners = new Set<() => void>();
	/** Nothing is told while a store is read for the first time. */
	let publishing = false;
	/** Slot (hex) → seq of the entry that took it, as the log says. */
	const slotsTaken = new Map<string, number>();

	async function takeChainRecord(bytes: Bytes): Promise<boolean> {
		const record = decodeChainRecord(bytes);
		if (!record) return false;
		const extended = await extendMembership(membership, record);
		if (!extended.ok) return false;
		membership = extended.membership;
		chain = [...chain, record];
		keys = await openChainRecord(keys, record, meDevice);
		keys = await fillEpochs(keys, chain);
		return true;
	}

	// --- events -----------------------------------------------------------------------------------------------------

	function changed(): void {
		for (const listener of changeListeners) listener();
	}

	/** Collects what a fold makes visible; each change is told once, whether it shows first on top or in the log. */
	function folding(views: Views, source: Source & { readonly pending: boolean }): Folding {
		const counts = new Map<string, number>();
		return {
			views,
			me: self.address,
			at: iso(source.at),
			device: source.device,
			b: keys!.b,
			relayUrl: relay.url,
			pending: source.pending,
			emit(name, data) {
				const count = counts.get(name) ?? 0;
				counts.set(name, count + 1);
				if (source.muted) return;
				const id = toHex(domainHash('event-id', utf8(source.key), utf8(name), utf8(String(count))));
				const known = emitted.has(id);
				// An operation may stand in the log twice, a sibling's too (its first acknowledgement was lost): told once all the same.
				emitted.delete(id);
				emitted.add(id);
				if (emitted.size > EVENTS_REMEMBERED) emitted.delete(emitted.values().next().value!);
				if (known || !publishing) return;
				for (const listener of eventListeners) listener({ id, name, data });
			}
		};
	}

	// --- folding ----------------------------------------------------------------------------------------------------

	async function readMail(
		views: Views,
		item: Pick<MailItem, 'mseq' | 'day' | 'alias'> & { kind: MailItem['kind']; bytes: Bytes }
	): Promise<MailFact> {
		const { mseq, day, alias } = item;
		if (item.kind === 'notice')
			return (await isNotice(item.bytes))
				? { mseq, day, alias, notice: item.bytes }
				: { mseq, day, alias, broken: true };
		const envelope = decodeEnvelope(item.bytes);
		if (!envelope || !equal(envelope.alias, alias)) return { mseq, day, alias, broken: true };
		const owner = views.get('aliases', toHex(alias));
		const channel = owner?.kind === 'relationship' ? views.get('channels', owner.of) : undefined;
		const template = owner?.kind === 'template' ? views.get('templateKeys', owner.of) : undefined;
		const seed = template?.seed ?? channel?.replySeed;
		const plain = await openEnvelope(envelope, {
			...(seed ? { seed } : {}),
			...(channel?.root ? { root: channel.root } : {})
		});
		if (!plain) return { mseq, day, alias, sealed: item.bytes };
		return readPlain({ mseq, day, alias }, plain);
	}

	async function isNotice(bytes: Bytes): Promise<boolean> {
		const parts = noticeParts(bytes);
		return (
			parts !== undefined &&
			relayKey !== undefined &&
			isSignedBy(relayKey, 'notice', sha256(parts.payload), parts.signature)
		);
	}

	async function readPlain(at: Pick<MailFact, 'mseq' | 'day' | 'alias'>, plain: Bytes): Promise<MailFact> {
		const heard = await hear('event', plain);
		const letter = heard && parseLetter(heard);
		return letter
			? { ...at, heard: { letter, hash: heard.hash, speaker: heard.speaker } }
			: { ...at, broken: true };
	}

	async function foldMail(views: Views, fact: MailFact, source: Source): Promise<void> {
		guarded(views, source, () => applyMail(folding(views, { ...source, pending: false }), fact));
		await retryWaiting(views, source);
	}

	/** After new keys: mail that could not be opened is tried again. */
	async function retryWaiting(views: Views, source: Source): Promise<void> {
		for (let progress = true; progress;) {
			progress = false;
			for (const row of views.list('waiting')) {
				const fact = await readMail(views, {
					mseq: Number(row.id),
					day: row.day,
					alias: fromHex(row.alias)!,
					kind: 'envelope',
					bytes: row.bytes
				});
				if (fact.sealed) continue;
				const key = `mail:${row.id}`;
				guarded(views, { ...source, key }, () =>
					applyMail(folding(views, { ...source, key, pending: false }), fact)
				);
				progress = true;
			}
		}
	}

	/** A record that breaks the fold is kept in sight; it never stops what follows. */
	function guarded(views: Views, source: Source, apply: () => void): void {
		try {
			apply();
		} catch {
			attention(folding(views, { ...source, pending: false }), 'record-unreadable', source.key);
		}
	}

	async function foldOps(
		views: Views,
		ops: readonly Op[],
		author: { device: string; ordinal: number; time: number },
		pending: boolean
	): Promise<void> {
		for (const op of ops) {
			if (op.o === 'doc') {
				if (pending) continue;
				const admission = documents.apply(op.shard, op.u, author.ordinal);
				if (admission !== 'admitted' && admission !== 'waits')
					attention(
						folding(views, { key: 'doc', at: author.time, device: author.device, pending }),
						'update-refused',
						`${author.device}:${toHex(sha256(op.u)).slice(0, 16)}`
					);
				continue;
			}
			if (op.o === 'unknown') {
				attention(
					folding(views, { key: 'op', at: author.time, device: author.device, pending }),
					'newer-version',
					author.device
				);
				continue;
			}
			if (op.o !== 'rec') continue;
			if (op.k === 'mail') {
				const { v } = op;
				if (v.mseq <= mailFolded) continue;
				mailFolded = v.mseq;
				const at = { mseq: v.mseq, day: v.day, alias: v.alias };
				const fact = v.notice
					? { ...at, notice: v.notice }
					: v.plain
						? await readPlain(at, v.plain)
						: await readMail(views, { ...at, kind: 'envelope', bytes: v.sealed ?? new Uint8Array(0) });
				await foldMail(views, fact, { key: `mail:${v.mseq}`, at: v.day * 86_400_000, device: author.device });
				continue;
			}
			const source = { key: toHex(op.i), at: timeOf(op.v, author.time), device: author.device };
			guarded(views, source, () => applyRecord(folding(views, { ...source, pending }), op.k, op.v as never));
			if (op.k === 'relationship.event' && !pending) await retryWaiting(views, source);
		}
	}

	/** The date in a signed record of our own. */
	const timeOf = (value: object, otherwise: number): number =>
		'at' in value && typeof value.at === 'number' ? value.at : otherwise;

	async function foldEntries(entries: readonly OpenedEntry[]): Promise<void> {
		for (const { seq, ops, device, member } of entries) {
			for (const op of ops)
				if (op.o === 'commit')
					for (const slot of op.slots) if (!slotsTaken.has(toHex(slot))) slotsTaken.set(toHex(slot), seq);
			await foldOps(base, ops, { device, ordinal: member.ordinal, time: 0 }, false);
		}
	}

	async function layer(): Promise<void> {
		top = memoryViews(base);
		for (const intent of intents) await show(intent);
		changed();
	}

	async function show(intent: Intent): Promise<void> {
		// A decision that can no longer be sent had no effect; its request shows why.
		if (intent.failed && intent.kind === 'decision') return;
		await foldOps(top, intent.shown, { device: self.deviceText, ordinal: self.ordinal, time: 0 }, true);
		if (!intent.failed) return;
		for (const op of intent.shown) {
			const row = op.o === 'rec' && op.k === 'message.sent' ? top.get('messages', op.v.id) : undefined;
			if (row) top.put('messages', { ...row, _delivery: 'failed', _failure: intent.failed });
		}
	}

	// --- log --------------------------------------------------------------------------------------------------------

	async function freeze(reason: string): Promise<void> {
		if (frozen) return;
		frozen = reason;
		await store.write([putMeta('frozen', { reason, at: clock.now() })]);
		changed();
	}

	/**
	 * Raw first: what moves the cursor is persisted with it; then it is read and folded. An entry of a device or epoch we do not
	 * know yet may only mean that the chain has moved on since we asked.
	 */
	async function takeEntries(
		after: number,
		raw: readonly Bytes[],
		drop: readonly StoreWrite[] = [],
		chainIsNew = false
	): Promise<readonly OpenedEntry[]> {
		if (raw.length === 0 && drop.length === 0) return [];
		const first = await takeRun(after, raw, drop);
		if (!first.finding) return first.entries;
		const known = membership!.seq;
		if (!chainIsNew && (first.finding === 'session' || first.finding === 'seal')) await pullChain();
		const second =
			membership!.seq > known ? await takeRun(after, raw, []) : { entries: [], finding: first.finding };
		if (second.finding) await freeze(second.finding);
		return [...first.entries, ...second.entries];
	}

	/** `raw` follows `after`; what another conversation has brought meanwhile is left out. */
	async function takeRun(
		after: number,
		page: readonly Bytes[],
		drop: readonly StoreWrite[]
	): Promise<{ entries: readonly OpenedEntry[]; finding?: string }> {
		return local.run(async () => {
			const raw = page.slice(log.cursor - after);
			const { state, entries, finding } = await readEntries(log, raw, {
				identityTag: self.identityTag,
				membership: membership!,
				keys: keys!
			});
			const writes: StoreWrite[] = entries.map(({ seq, entry }) => ({
				table: 'log',
				key: numberKey(seq),
				value: entry.bytes
			}));
			for (const { n } of settledBy(entries)) writes.push({ table: 'intents', key: numberKey(n), value: null });
			const folded = new Set(
				entries.flatMap(({ ops }) =>
					ops.flatMap((op) => (op.o === 'rec' && op.k === 'mail' ? [op.v.mseq] : []))
				)
			);
			for (const mseq of folded) writes.push({ table: 'mail', key: numberKey(mseq), value: null });
			await store.write([...writes, ...drop, putMeta('cursor', { seq: state.cursor, root: state.root })]);
			log = state;
			rawMail = rawMail.filter(({ mseq }) => !folded.has(mseq));
			const gone = new Set(
				[...writes, ...drop].flatMap((write) =>
					'table' in write && write.table === 'intents' ? [write.key] : []
				)
			);
			intents = intents.filter(({ n }) => !gone.has(numberKey(n)));
			await foldEntries(entries);
			await layer();
			return { entries, ...(finding ? { finding } : {}) };
		});
	}

	/** Intents whose operations the log now holds: done, also when nobody heard the acknowledgement. */
	function settledBy(entries: readonly OpenedEntry[]): Intent[] {
		const own = entries.filter(({ member }) => equal(member.id, self.device)).flatMap(({ ops }) => ops);
		if (own.length === 0 || intents.length === 0) return [];
		const names = new Set(own.map(nameOf));
		return intents.filter(({ shown }) => shown.every((op) => names.has(nameOf(op))));
	}

	const nameOf = (op: Op): string =>
		op.o === 'rec' ? toHex(op.i) : op.o === 'doc' ? `${op.shard} ${toHex(sha256(op.u))}` : op.o;

	async function pullLog(): Promise<readonly OpenedEntry[]> {
		const all: OpenedEntry[] = [];
		for (;;) {
			const after = log.cursor;
			const answer = await demand('pull', { after, limit: PAGE });
			if (!answer.ok) return all;
			const { entries, seq } = answer.body;
			const raw = Array.isArray(entries)
				? (entries as Cbor[]).filter((bytes): bytes is Bytes => bytes instanceof Uint8Array)
				: [];
			if (raw.length === 0) {
				// A log shorter than what it acknowledged has lost something: a rollback, or a lie.
				if (typeof seq === 'number' && seq < after) await freeze('rollback');
				return all;
			}
			all.push(...(await takeEntries(after, raw)));
			if (frozen || typeof seq !== 'number' || log.cursor >= seq) return all;
		}
	}

	async function pullChain(): Promise<void> {
		const answer = await demand('chain', { after: membership!.seq });
		if (answer.ok) await takeChain(answer.body['chain']);
	}

	async function takeChain(value: Cbor | undefined): Promise<void> {
		if (!Array.isArray(value) || value.length === 0) return;
		await local.run(async () => {
			for (const bytes of value as Cbor[]) {
				if (!(bytes instanceof Uint8Array)) continue;
				// Another conversation may have brought it meanwhile.
				if (chain.some((known) => equal(known.bytes, bytes))) continue;
				const seq = membership!.seq + 1;
				if (!(await takeChainRecord(bytes as Bytes))) return freeze('chain');
				await store.write([{ table: 'chain', key: numberKey(seq), value: bytes }]);
			}
			changed();
		});
	}

	// --- mail -------------------------------------------------------------------------------------------------------

	/** Fetches mail and keeps it raw; nothing of it is shown yet. */
	async function pullMail(): Promise<void> {
		for (;;) {
			const answer = await demand('mail', { after: mailCursor, limit: PAGE });
			if (!answer.ok) return;
			await takeMail(answer.body['mail']);
			const newest = answer.body['mseq'];
			if (
				!Array.isArray(answer.body['mail']) ||
				answer.body['mail'].length === 0 ||
				typeof newest !== 'number' ||
				mailCursor >= newest
			)
				return;
		}
	}

	async function takeMail(value: Cbor | undefined): Promise<void> {
		const items = (Array.isArray(value) ? (value as Cbor[]) : []).flatMap((item) => parseMailItem(item) ?? []);
		const fresh = items.filter(({ mseq }, i) => mseq > mailCursor && (i === 0 || mseq > items[i - 1]!.mseq));
		if (fresh.length === 0) return;
		const newest = fresh.at(-1)!.mseq;
		await local.run(async () => {
			const kept = fresh.filter(({ mseq }) => mseq > mailFolded);
			await store.write([
				...kept.map((item): StoreWrite => ({
					table: 'mail',
					key: numberKey(item.mseq),
					value: encodeMail(item)
				})),
				putMeta('mailCursor', { mseq: newest })
			]);
			mailCursor = newest;
			rawMail = [...rawMail, ...kept];
		});
	}

	/** The records a batch of raw mail gives: a pure function of the items and the keys. */
	async function buildMailBatch(): Promise<Built | undefined> {
		const batch = rawMail.filter(({ mseq }) => mseq > mailFolded).slice(0, PAGE);
		if (batch.length === 0) return undefined;
		const scratch = memoryViews(base);
		const ops: Op[] = [];
		for (const item of batch) {
			const { mseq, day, alias } = item;
			const fact = await readMail(scratch, item);
			const value: Records['mail'] = fact.notice
				? { mseq, day, alias, notice: item.bytes }
				: fact.heard
					? { mseq, day, alias, plain: await plainOf(scratch, item) }
					: { mseq, day, alias, sealed: item.bytes };
			ops.push(rec('mail', value));
			await foldMail(scratch, fact, {
				key: `mail:${mseq}`,
				at: day * 86_400_000,
				device: self.deviceText,
				muted: true
			});
		}
		return {
			ops,
			slots: [slot('mail', utf8(String(batch[0]!.mseq)))],
			intent: random.bytes(16),
			envelopes: [],
			aliases: [],
			mailAck: batch.at(-1)!.mseq,
			settles: []
		};
	}

	async function plainOf(views: Views, item: MailItem): Promise<Bytes> {
		const envelope = decodeEnvelope(item.bytes)!;
		const owner = views.get('aliases', toHex(item.alias));
		const channel = owner?.kind === 'relationship' ? views.get('channels', owner.of) : undefined;
		const seed =
			(owner?.kind === 'template' ? views.get('templateKeys', owner.of)?.seed : undefined) ?? channel?.replySeed;
		return (await openEnvelope(envelope, {
			...(seed ? { seed } : {}),
			...(channel?.root ? { root: channel.root } : {})
		}))!;
	}

	/** Views as they will be once the raw mail is published: for rules that must see it (PROTOCOL.md §13.1). */
	async function peek(): Promise<Views> {
		const scratch = memoryViews(top);
		for (const item of rawMail)
			if (item.mseq > mailFolded)
				await foldMail(scratch, await readMail(scratch, item), {
					key: `mail:${item.mseq}`,
					at: item.day * 86_400_000,
					device: self.deviceText,
					muted: true
				});
		return scratch;
	}

	async function commitMail(): Promise<void> {
		for (;;) {
			const built = await buildMailBatch();
			if (!built || frozen) return;
			const folded = mailFolded;
			const outcome = await sendBuilt(built, false);
			// Ours is in, or a sibling copied the batch and the log has brought it.
			if (mailFolded === folded || !(outcome.ok || outcome.lost)) return;
		}
	}

	// --- sealing and sending ----------------------------------------------------------------------------------------

	const slot = (label: string, ...parts: Uint8Array[]): Bytes => slotOf(keys!.b, label, ...parts);
	function rec<K extends keyof Records>(k: K, v: Records[K]): Op {
		return { o: 'rec', i: random.bytes(16), k, v } as Op;
	}

	/** Session ordinals are used up before anything is written under them. */
	async function takeOrdinal(): Promise<number> {
		sessionsUsed += 1;
		await store.write([putMeta('sessions', { used: sessionsUsed })]);
		return sessionsUsed;
	}

	/** Documents of this process start write under one client id. */
	async function writerOrdinal(): Promise<number> {
		writing ??= takeOrdinal().then((ordinal) => {
			documents.beginSession(self.ordinal, ordinal);
			return ordinal;
		});
		return writing;
	}

	async function openSession(): Promise<OwnSession> {
		const id = random.bytes(16);
		const epoch = membership!.epoch;
		const e = keys!.epochs.get(epoch);
		if (!e) throw new Error('the current epoch was not given to this device');
		// One ordinal per process start, however many sessions a refusal ends: there are 65 535 of them.
		const ordinal = await writerOrdinal();
		return {
			id,
			ordinal,
			epoch,
			key: sessionKey(e, id, self.identityTag, self.device),
			sseq: 0,
			last: new Uint8Array(32)
		};
	}

	/** Seals one entry and persists the frame that carries it before anything leaves. */
	async function sealFrame(built: Built, caller: boolean): Promise<Frame> {
		if (frozen) throw new RelayUnreachable('frozen');
		if (session && session.epoch !== membership!.epoch) session = undefined;
		session ??= await openSession();
		const current = session;
		const commit: CommitOp = { o: 'commit', slots: built.slots, intent: built.intent };
		const header: EntryHeader = {
			identityTag: self.identityTag,
			session: current.id,
			sseq: current.sseq,
			epoch: current.epoch,
			chainHead: membership!.head.slice(0, 8),
			seenSeq: log.cursor,
			seenRoot: log.root.slice(0, 16),
			prevHash: current.last,
			...(current.sseq === 0
				? {
						first: {
							deviceId: self.device,
							keyCommitment: keyCommitment(keys!.epochs.get(current.epoch)!, current.id),
							sessionOrdinal: current.ordinal
						}
					}
				: {})
		};
		const plaintext = encodeOps(built.slots.length > 0 ? [...built.ops, commit] : built.ops);
		const { bytes, hash } = await sealEntry(current.key, signingKey!, header, plaintext);
		// The pair (key, sseq) is used up from here on, whatever happens to the frame.
		session = { ...current, sseq: current.sseq + 1, last: hash };
		const frame = frameOf(built, bytes, caller);
		await store.write([putMeta('frame', { bytes: encodeFrame(frame) })]);
		return frame;
	}

	function frameOf(built: Built, entry: Bytes, caller: boolean): Frame {
		const bare =
			built.slots.length === 0 &&
			built.envelopes.length === 0 &&
			built.aliases.length === 0 &&
			built.mailAck === undefined;
		const request = bare
			? { entries: [entry] }
			: {
					slots: built.slots,
					entry,
					envelopes: built.envelopes,
					aliases: built.aliases,
					mailAck: built.mailAck,
					aliasSeen: built.aliasSeen,
					tolerant: built.tolerant
				};
		return {
			op: bare ? 'append' : 'commit',
			request: request as unknown as Cbor,
			entry,
			settles: built.settles,
			caller
		};
	}

	type Sent = Outcome & {
		readonly lost?: boolean;
		readonly winner?: Winner;
		readonly type?: RefusalType | 'unknown';
		readonly body?: { readonly [key: string]: Cbor | undefined };
	};

	async function sendBuilt(built: Built, caller: boolean): Promise<Sent> {
		return sendFrame(await sealFrame(built, caller));
	}

	/** Sends a persisted frame and draws the consequence of the answer. Throws RelayUnreachable; the frame stays then. */
	async function sendFrame(frame: Frame): Promise<Sent> {
		const answer = await demand(frame.op, frame.request as never);
		if (answer.ok) return acknowledged(frame, answer.body);
		const { type, body } = answer;
		// Refused: what was sealed is void, and so is its session.
		await dropFrame();
		if (BUSY.includes(type)) {
			retryAfter = clock.now() + RETRY_MS;
			if (live || isWaiting()) kickLater();
			return {
				ok: false,
				error: refuse('error.platform.unexpected', 'The relay cannot take this now.').error,
				type,
				body
			};
		}
		if (type === 'stale-epoch' || type === 'signature-invalid') await pullChain();
		if (type === 'slot-taken') {
			await pullLog();
			const winner = await winnerOf(body['slot'], body['seq']);
			// A slot that no commit of ours has is a lie: nothing is given up for it.
			if (winner === 'lie') await freeze('slot');
			if (winner === 'lie' || winner === 'unseen')
				return { ok: false, error: UNREACHABLE.error, type: 'unavailable', body };
			return {
				ok: false,
				lost: true,
				winner,
				error: refuse('error.transport.request.unknown', 'Another device was first.').error,
				type,
				body
			};
		}
		if (type === 'unseen-mail') await pullMail();
		return { ok: false, error: refuse('error.platform.unexpected', 'The relay refused it.').error, type, body };
	}

	async function dropFrame(): Promise<void> {
		session = sessionRules.afterRefusal(session);
		await store.write([putMeta('frame', null)]);
	}

	async function acknowledged(frame: Frame, body: { readonly [key: string]: Cbor | undefined }): Promise<Sent> {
		const acks = frame.op === 'append' ? body['acks'] : [{ seq: body['seq'], root: body['root'] } as Cbor];
		const ack = Array.isArray(acks) ? (acks[0] as { seq?: Cbor; root?: Cbor } | undefined) : undefined;
		const seq = ack?.seq;
		const root = ack?.root;
		const proof = parseProof(body['proof']);
		if (typeof seq !== 'number' || !(root instanceof Uint8Array) || !proof)
			throw new RelayUnreachable('the acknowledgement is not one');
		const tick = ackRoot(ackLeaf(self.identityTag, seq, root, proof.time), proof.path);
		if (!relayKey || !(await isSignedBy(relayKey, 'ack', tick, proof.signature))) {
			await freeze('relay-signature');
			return { ok: false, error: UNREACHABLE.error };
		}
		if (seq > log.cursor + 1) await pullLog();
		// Acknowledged, and what stands before it is not shown: it cannot be told done yet; the frame stays.
		if (seq > log.cursor + 1 && !frozen) throw new RelayUnreachable('the relay does not show what stands before');
		// The intents it settles go with the entry that holds them (takeEntries), whoever brought it.
		const drop: StoreWrite[] = [putMeta('frame', null)];
		if (seq === log.cursor + 1) {
			const decoded = decodeEntry(frame.entry);
			if (decoded.ok && equal(nextRoot(log.root, entryHash(decoded.entry.signed)), root))
				await takeEntries(seq - 1, [frame.entry], drop);
			else await freeze('rollback');
		} else if (seq <= log.cursor) {
			// What is acknowledged there must be what was sent.
			const there = await store.get('log', numberKey(seq));
			if (there && equal(there, frame.entry)) await takeEntries(log.cursor, [], drop);
			else await freeze('rollback');
		}
		return frozen ? { ok: false, error: UNREACHABLE.error } : { ok: true, seq };
	}

	// --- connection -------------------------------------------------------------------------------------------------

	let opening: Promise<Line> | undefined;
	/** A line that is not signed in yet. */
	let half: Line | undefined;
	/** The line; many who need one at once share its opening. */
	async function ensureLine(): Promise<Line> {
		if (line?.isOpen()) return line;
		opening ??= signedInLine().finally(() => (opening = undefined));
		return opening;
	}

	async function signedInLine(): Promise<Line> {
		if (closed) throw new RelayUnreachable('closed');
		const opened = await openLine(
			relay,
			() => {
				if (live) kick();
			},
			() => {
				line = undefined;
				offline = true;
				changed();
				if (live || isWaiting()) kickLater();
			}
		);
		half = opened;
		try {
			await signIn(opened);
			if (closed) throw new RelayUnreachable('closed');
		} catch (error) {
			opened.close();
			throw error;
		} finally {
			half = undefined;
		}
		line = opened;
		offline = false;
		changed();
		return opened;
	}

	async function signIn(opened: Line): Promise<void> {
		if (!relayKey) {
			const version = await opened.call('version', {});
			const key = version.ok ? version.body['relayKey'] : undefined;
			if (!(key instanceof Uint8Array) || key.length !== 32)
				throw new RelayUnreachable('the relay does not say its key');
			relayKey = key as Bytes;
			await store.write([putMeta('relayKey', { key: relayKey })]);
		}
		if (!registered) await register(opened);
		let asked = await helloOf(opened);
		let hello = await opened.call('hello', asked);
		// A relay that lost us, or never had us, says the same as to a stranger. Registering is idempotent.
		if (!hello.ok && (hello.type === 'login-failed' || hello.type === 'not-found')) {
			await register(opened);
			asked = await helloOf(opened);
			hello = await opened.call('hello', asked);
		}
		if (!hello.ok) throw new RelayUnreachable(`login: ${hello.type}`);
		const { rootMatches, seq } = hello.body;
		if (rootMatches === false || (typeof seq === 'number' && seq < asked.cursor)) await freeze('rollback');
		if (frozen) return;
		await takeChain(hello.body['chain']);
		const entries = hello.body['entries'];
		if (wantsAll && Array.isArray(entries))
			await takeEntries(
				asked.cursor,
				(entries as Cbor[]).filter((bytes): bytes is Bytes => bytes instanceof Uint8Array),
				[],
				true
			);
	}

	async function helloOf(opened: Line): Promise<RequestOf<'hello'>> {
		return {
			identityTag: self.identityTag,
			device: self.device,
			signature: await signHash(
				signingKey!,
				'login',
				loginHash(opened.challenge, relayKey!, self.identityTag, self.device)
			),
			cursor: log.cursor,
			root: log.root,
			mailCursor,
			chainSeq: membership!.seq
		};
	}

	async function register(opened: Line): Promise<void> {
		const answer = await opened.call('register', {
			chain: chain.map(({ bytes }) => bytes),
			...(client ? { client } : {})
		});
		if (!answer.ok) throw new RelayUnreachable(`registration: ${answer.type}`);
		registered = true;
		await store.write([putMeta('registered', { at: clock.now() })]);
		changed();
	}

	/** A call on a signed-in line; a line that broke is opened again once. */
	async function demand<O extends Operation>(op: O, body: RequestOf<O>): Promise<AnswerFrame> {
		const on = line?.isOpen() ? line : await ensureLine();
		return on.call(op, body);
	}

	// --- outbox -----------------------------------------------------------------------------------------------------

	/** Sends what waits, in order; plain intents and messages are merged. */
	async function flush(): Promise<void> {
		await resendFrame();
		// Each refusal must bring us nearer to the end; a relay that only refuses is asked again later.
		for (let left = intents.length + REFUSALS_TOLERATED; left > 0 && !frozen && mayTry(); left--) {
			const next = intents.find((intent) => !intent.failed && !isPutOff(intent));
			if (!next) return;
			if (!(await flushFrom(next))) return;
		}
	}

	/** Messages whose recipient's mailbox is full wait by themselves; nothing behind them does. Until when, by intent number. */
	const putOff = new Map<number, number>();
	const isPutOff = ({ n }: Intent): boolean => {
		const left = (putOff.get(n) ?? 0) - clock.now();
		return left > 0 && left <= RETRY_MS;
	};

	/** Not while the relay asked for patience; a clock that jumped back does not prolong it. */
	const mayTry = () => retryAfter - clock.now() <= 0 || retryAfter - clock.now() > RETRY_MS;

	async function resendFrame(): Promise<void> {
		const stored = await getMeta(store, 'frame');
		if (!stored) return;
		const frame = decodeFrame(stored.bytes);
		if (frame.caller) {
			// Whoever waited was told it did not happen; whether it did, the log says.
			await dropFrame();
			return;
		}
		await settle(frame, await sendFrame(frame));
	}

	async function flushFrom(first: Intent): Promise<boolean> {
		const result = await builders.build(core, first, base);
		if ('superseded' in result) {
			const seq = result.slot && slotsTaken.get(toHex(result.slot));
			await supersede(first, seq === undefined ? undefined : await committedAt(seq));
			return true;
		}
		if ('refused' in result) {
			await core.revise(first.n, { failed: result.refused.code });
			return true;
		}
		const built =
			first.kind === 'plain' || first.kind === 'message' ? await merge(first, result.built) : result.built;
		const frame = await sealFrame(built, false);
		return settle(frame, await sendFrame(frame));
	}

	/**
	 * An ending is told to the peer where that is possible: only a mailbox that is gone is passed over. One that is full refuses
	 * the whole step, or the two sides would never agree again.
	 */
	const asTolerant = ({ tolerant, ...built }: Built, gone: boolean): Built =>
		tolerant && gone ? { ...built, tolerant } : built;

	/** What could not leave yet goes along: a commit may build on it (a template just loaded). It settles by being in the log. */
	function withWaiting(built: Built): Built {
		const waiting = intents.filter(({ kind, failed }) => kind === 'plain' && !failed).flatMap(({ shown }) => shown);
		const fits = waiting.length <= MERGE && encodeOpsBare(waiting).length <= MERGE_BYTES;
		return fits ? { ...built, ops: [...waiting, ...built.ops] } : built;
	}

	/** More of the same in one entry: plain operations and messages need no slots. */
	async function merge(first: Intent, built: Built): Promise<Built> {
		let merged: Built = { ...built, settles: [first.n] };
		const later = intents.slice(intents.indexOf(first) + 1);
		for (const intent of later) {
			if (intent.failed || isPutOff(intent)) continue;
			if ((intent.kind !== 'plain' && intent.kind !== 'message') || merged.ops.length >= MERGE) break;
			if (encodeOpsBare([...merged.ops, ...intent.shown]).length > MERGE_BYTES) break;
			const result = await builders.build(core, intent, base);
			if (!('built' in result) || merged.envelopes.length + result.built.envelopes.length > 50) break;
			merged = {
				...merged,
				ops: [...merged.ops, ...result.built.ops],
				envelopes: [...merged.envelopes, ...result.built.envelopes],
				settles: [...merged.settles, intent.n]
			};
		}
		return merged;
	}

	/** Draws the consequence for stored intents. False: stop for now. */
	async function settle(frame: Frame, sent: Sent): Promise<boolean> {
		if (sent.ok) return true;
		const concerned = intents.filter(({ n }) => frame.settles.includes(n));
		if (sent.lost) {
			for (const intent of concerned) await lostSlot(intent, sent);
			return true;
		}
		if (sent.type === 'mailbox-refused' || sent.type === 'too-large' || sent.type === 'malformed') {
			if (concerned.length === 1) await core.revise(concerned[0]!.n, { failed: sent.type });
			else await refusedInBatch(concerned, sent.body?.['index']);
			return true;
		}
		if (sent.type === 'mailbox-full') {
			const full = await concernedBy(concerned, sent.body?.['index']);
			if (full) putOff.set(full.n, clock.now() + RETRY_MS);
			return full !== undefined;
		}
		return (
			sent.type === 'stale-epoch' ||
			sent.type === 'signature-invalid' ||
			sent.type === 'not-contiguous' ||
			sent.type === 'conflict'
		);
	}

	/** A slot it wanted is taken. If it would not want that one any more, it is simply built again. */
	async function lostSlot(intent: Intent, { winner, body }: Sent): Promise<void> {
		const result = await builders.build(core, intent, base);
		if ('refused' in result) return core.revise(intent.n, { failed: result.refused.code });
		const slot = body?.['slot'];
		const wanted =
			'built' in result && slot instanceof Uint8Array && result.built.slots.some((own) => equal(own, slot));
		if (wanted || 'superseded' in result) await supersede(intent, winner);
	}

	/** The envelope at `index` was refused: its message fails, the others go on. */
	async function refusedInBatch(batch: readonly Intent[], index: Cbor | undefined): Promise<void> {
		const refused = await concernedBy(batch, index);
		if (refused) await core.revise(refused.n, { failed: 'mailbox-refused' });
	}

	/** Whose envelope stands at `index` of a batch's. */
	async function concernedBy(batch: readonly Intent[], index: Cbor | undefined): Promise<Intent | undefined> {
		let at = 0;
		for (const intent of batch) {
			const result = await builders.build(core, intent, base);
			at += 'built' in result ? result.built.envelopes.length : 0;
			if (typeof index === 'number' && index < at) return intent;
		}
		return batch[0];
	}

	type Winner = { readonly device: string; readonly at: string; readonly ops: readonly Op[] };

	/** The commit that took the slot, read from the own log: it opens, an own device signed it and it names the slot, or the relay lies. */
	async function winnerOf(slot: Cbor | undefined, seq: Cbor | undefined): Promise<Winner | 'lie' | 'unseen'> {
		if (!(slot instanceof Uint8Array) || typeof seq !== 'number') return 'lie';
		if (seq > log.cursor) return 'unseen';
		return slotsTaken.get(toHex(slot)) === seq ? ((await committedAt(seq)) ?? 'lie') : 'lie';
	}

	async function committedAt(seq: number): Promise<Winner | undefined> {
		const bytes = await store.get('log', numberKey(seq));
		const decoded = bytes && decodeEntry(bytes);
		const owner = decoded?.ok ? log.sessions.get(toHex(decoded.entry.session)) : undefined;
		if (!decoded?.ok || !owner) return undefined;
		const padded = await openEntry(owner.key, decoded.entry);
		return {
			device: deviceIdText(owner.member.ds),
			at: iso(clock.now()),
			ops: (padded && decodeOps(padded)) ?? []
		};
	}

	async function supersede(intent: Intent, winner: Winner | undefined): Promise<void> {
		const mine = winner?.ops.some((op) => op.o === 'commit' && equal(op.intent, intent.id));
		if (mine) return core.revise(intent.n, null);
		const replacement = await builders.lost(core, intent, winner ?? { device: '', at: iso(clock.now()), ops: [] });
		if (intent.kind === 'decision' && !builders.wasDecidedAlike(core, intent)) {
			const op = intent.shown.find((shown) => shown.o === 'rec' && shown.k === 'request.decided');
			if (op?.o === 'rec' && op.k === 'request.decided') {
				superseded = {
					...superseded,
					[op.v.id]: {
						byDevice: winner?.device ?? '',
						at: clock.now(),
						decided: String(op.v.response['result'] ?? '')
					}
				};
				await store.write([putMeta('superseded', superseded)]);
			}
		}
		await core.revise(intent.n, replacement ?? null);
	}

	// --- reconcile --------------------------------------------------------------------------------------------------

	/**
	 * The one conversation: log, mail, outbox, until quiet.
	 *
	 *   hello ─▶ chain ─▶ log tail ─▶ mail (raw) ─▶ copy batch into log ─▶ waiting frame ─▶ intents ─▶ log tail …
	 *
	 * `everything` false: only own things leave; what others wrote stays unread.
	 */
	async function reconcile(everything: boolean): Promise<void> {
		wantsAll = everything;
		await ensureLine();
		if (frozen) return;
		if (everything) {
			await pullChain();
			await resendFrame();
			await pullLog();
			await pullMail();
			await commitMail();
		}
		await flush();
		if (everything && !frozen) {
			lastSync = clock.now();
			await store.write([putMeta('sync', { at: lastSync })]);
		}
	}

	let pulse: Promise<void> | undefined;
	let again = false;

	/** Something waits: talk to the relay as soon as the flow is free. Many calls become one run. */
	function kick(): void {
		if (closed) return;
		if (pulse) {
			again = true;
			return;
		}
		pulse = run().finally(() => {
			pulse = undefined;
			if (again) {
				again = false;
				kick();
			}
		});
	}

	async function run(): Promise<void> {
		working += 1;
		changed();
		try {
			await flow.run(() => reconcile(live));
		} catch (error) {
			if (!(error instanceof RelayUnreachable)) throw error;
			offline = true;
			if (live || isWaiting()) kickLater();
		} finally {
			working -= 1;
			changed();
		}
	}

	/** Something of ours has to leave still. */
	const isWaiting = () => intents.some(({ failed }) => !failed);

	let later: AbortController | undefined;
	let delay = 500;
	/** After a broken line: again in a while, longer each time. */
	function kickLater(): void {
		if (later || closed) return;
		later = new AbortController();
		const { signal } = later;
		const wait = delay;
		delay = Math.min(delay * 2, 30_000);
		void clock.sleep(wait, signal).then(() => {
			later = undefined;
			if (signal.aborted || closed) return;
			if (!offline) delay = 500;
			kick();
		});
	}

	/** Things begun since the start: closing waits until none begins another. */
	let begun = 0;
	let syncing: Promise<{ ok: true } | { ok: false; error: Refusal }> | undefined;

	const core: Core = {
		ports,
		self,
		top: () => top,
		base: () => base,
		documents,
		membership: () => membership!,
		keys: () => keys!,
		chain: () => chain,
		signer: () => ({ device: self.device, key: signingKey, path: makePath(chain, self.device) }),
		intents: () => intents,
		superseded: () => superseded,
		rec,
		async beginWriting() {
			begun += 1;
			await writerOrdinal();
		},
		async intend({ kind, shown }) {
			begun += 1;
			await local.run(async () => {
				const intent: Intent = { n: nextIntent++, id: random.bytes(16), kind, shown };
				await store.write([{ table: 'intents', key: numberKey(intent.n), value: encodeIntent(intent) }]);
				intents = [...intents, intent];
				await show(intent);
			});
			changed();
			kick();
		},
		async revise(n, change) {
			begun += 1;
			await local.run(async () => {
				const intent = intents.find((other) => other.n === n);
				if (!intent) return;
				const { failed, ...rest } = { ...intent, ...change };
				const next: Intent | null = change === null ? null : { ...rest, ...(failed ? { failed } : {}) };
				await store.write([{ table: 'intents', key: numberKey(n), value: next && encodeIntent(next) }]);
				intents = intents.flatMap((other) => (other.n === n ? (next ? [next] : []) : [other]));
				await layer();
			});
			kick();
		},
		async commitNow(build) {
			if (frozen) return UNREACHABLE;
			begun += 1;
			working += 1;
			try {
				return await flow.run(async () => {
					await ensureLine();
					// There is one frame at a time, and what was done before it comes before it in the log.
					await flush();
					let gone = false;
					for (let attempt = 0; attempt < 8 && !frozen; attempt++) {
						const result = await build(await peek(), mailCursor);
						if ('refused' in result) return { ok: false, error: result.refused } as const;
						if (!('built' in result))
							return refuse(
								'error.runtime.unknown',
								'An error was thrown in a UseCase: it has been decided already.'
							);
						const sent = await sendBuilt(withWaiting(asTolerant(result.built, gone)), true);
						if (sent.ok) return sent;
						if (sent.type === 'mailbox-refused' && result.built.tolerant && !gone) {
							gone = true;
							continue;
						}
						const again =
							sent.lost ||
							sent.type === 'unseen-mail' ||
							sent.type === 'stale-epoch' ||
							sent.type === 'not-contiguous';
						if (!again) return { ok: false, error: sent.error } as const;
					}
					return UNREACHABLE;
				});
			} catch (error) {
				if (!(error instanceof RelayUnreachable)) throw error;
				offline = true;
				return UNREACHABLE;
			} finally {
				working -= 1;
				changed();
			}
		},
		async call(op, body) {
			if ((ANONYMOUS as readonly string[]).includes(op) && op !== 'objectRedeem') {
				const on = line?.isOpen() ? line : await ensureLine();
				return on.call(op, body);
			}
			return demand(op, body);
		},
		async appendChain(make) {
			try {
				return await flow.run(async () => {
					await ensureLine();
					for (let attempt = 0; attempt < 8; attempt++) {
						const seq = membership!.seq + 1;
						const record = await make(membership!.head, seq);
						const answer = await demand('chainAppend', { record, expectHead: membership!.head });
						await pullChain();
						if (answer.ok) return { ok: true, seq } as const;
						if (answer.type !== 'chain-moved')
							return refuse('error.platform.unexpected', 'The relay refused the device record.');
					}
					return UNREACHABLE;
				});
			} catch (error) {
				if (!(error instanceof RelayUnreachable)) throw error;
				return UNREACHABLE;
			}
		},
		sync() {
			syncing ??= (async () => {
				working += 1;
				changed();
				try {
					await flow.run(() => reconcile(true));
					return frozen
						? ({
								ok: false,
								error: refuse('error.transport.request.unknown', 'The relay is not to be trusted.')
									.error
							} as const)
						: ({ ok: true } as const);
				} catch (error) {
					if (!(error instanceof RelayUnreachable)) throw error;
					offline = true;
					return UNREACHABLE;
				} finally {
					working -= 1;
					syncing = undefined;
					changed();
				}
			})();
			return syncing;
		},
		status() {
			const waiting = intents.filter(({ failed }) => !failed).length;
			const state = closed
				? 'stopped'
				: frozen
					? 'frozen'
					: !registered
						? 'unregistered'
						: offline
							? 'offline'
							: working > 0 || waiting > 0
								? 'working'
								: 'upToDate';
			return {
				state,
				waiting,
				...(lastSync ? { lastSyncAt: iso(lastSync) } : {}),
				...(frozen ? { reason: frozen } : {})
			};
		},
		goLive(on) {
			live = on;
			if (on) kick();
			else later?.abort();
		},
		async relayIsHealthy() {
			try {
				return (await flow.run(async () => (line?.isOpen() ? line : await ensureLine()).call('version', {})))
					.ok;
			} catch {
				return false;
			}
		},
		onEvent(listener) {
			eventListeners.add(listener);
			return () => eventListeners.delete(listener);
		},
		onChange(listener) {
			changeListeners.add(listener);
			return () => changeListeners.delete(listener);
		},
		changed,
		async settled() {
			while (pulse) await pulse;
		},
		async close() {
			closed = true;
			later?.abort();
			line?.close();
			half?.close();
			// What was begun may begin something more; the store is let go when nothing has.
			for (let seen = -1; seen !== begun;) {
				seen = begun;
				await flow.run(async () => undefined);
				await local.run(async () => undefined);
				await writing;
				await pulse;
				await opening?.catch(() => undefined);
			}
			await store.close();
		}
	};

	// --- loading ----------------------------------------------------------------------------------------------------

	const stored = await store.range('log');
	for (let at = 0; at < stored.length; at += PAGE) {
		const page = stored.slice(at, at + PAGE).map(([, bytes]) => bytes);
		const { state, entries, finding } = await readEntries(log, page, {
			identityTag: self.identityTag,
			membership,
			keys: keys!
		});
		log = state;
		await foldEntries(entries);
		if (finding) frozen ??= finding;
	}
	for (const [, bytes] of await store.range('mail')) rawMail.push(decodeMail(bytes));
	rawMail = rawMail.filter(({ mseq }) => mseq > mailFolded);
	for (const [key, bytes] of await store.range('intents')) intents.push(decodeIntent(key, bytes));
	const underWay = await getMeta(store, 'frame');
	nextIntent = Math.max(0, intents.at(-1)?.n ?? 0, ...(underWay ? decodeFrame(underWay.bytes).settles : [])) + 1;
	for (const intent of intents)
		for (const op of intent.shown) if (op.o === 'doc') documents.apply(op.shard, op.u, self.ordinal);
	await layer();
	publishing = true;
	if (isWaiting() || underWay) kick();
	return core;
}

/** Slots are blinded: the relay sees that two commits want the same thing, never what. */
export const slotOf = (b: Bytes, label: string, ...parts: Uint8Array[]): Bytes => blinded(b, `slot/${label}`, ...parts);
