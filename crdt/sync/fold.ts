/**
 * From what the log and the mailbox brought to views: opens, applies, and goes on whatever one item holds.
 *
 *   entry ─▶ operations ─▶ documents, records ─▶ base views        (what waits is shown on top of them: top.ts)
 */
import { equal, fromHex, toHex, type Bytes } from '../codec/bytes.ts';
import { decodeEnvelope, ENVELOPE_HPKE, type Envelope } from '../codec/envelope.ts';
import type { MailItem } from '../codec/frame.ts';
import { sha256 } from '../crypto/hash.ts';
import { isSignedBy } from '../crypto/verify.ts';
import { hear } from '../identity/speech.ts';
import { openEnvelope } from '../message/envelope.ts';
import { parseLetter } from '../message/letter.ts';
import type { Views } from '../views.ts';
import { applyMail, applyRecord, noticeParts, type MailFact } from './apply.ts';
import type { Admission } from './documents.ts';
import { attention } from './folding.ts';
import { isKept, keepFold, takeSlot } from './kept.ts';
import type { OpenedEntry } from './log.ts';
import type { Publisher, Source } from './publish.ts';
import { isFlagShard, tellFlags } from './read-flags.ts';
import type { Op } from './record.ts';
import type { State } from './state.ts';

/** Records after which mail may open that did not before. */
const BRINGS_KEYS: ReadonlySet<string> = new Set(['relationship.event', 'deletion.cancelled', 'template.own']);

export type Folder = ReturnType<typeof createFolder>;

export function createFolder(state: State, { folding, keepTelling }: Publisher) {
	const { self } = state;

	/**
	 * What lies in an envelope. `waits`: no key for it is here yet. undefined: none ever opens it, because the one it must be
	 * sealed for does not; so nobody makes a device try the same noise again and again.
	 */
	async function openMail(views: Views, alias: Bytes, envelope: Envelope): Promise<Bytes | 'waits' | undefined> {
		const owner = views.get('aliases', toHex(alias));
		if (!owner) return 'waits';
		const channel = owner.kind === 'relationship' ? views.get('channels', owner.of) : undefined;
		if (envelope.kind === ENVELOPE_HPKE) {
			const seed = channel?.replySeed ?? views.get('templateKeys', owner.of)?.seed;
			return seed && openEnvelope(envelope, { seed });
		}
		// The generation of a root that is to come (PROTOCOL.md §6).
		if (envelope.k !== 0 || (channel && !channel.root)) return 'waits';
		return channel?.root && openEnvelope(envelope, { root: channel.root });
	}

	async function readMail(
		views: Views,
		item: Pick<MailItem, 'mseq' | 'day' | 'alias'> & { kind: MailItem['kind']; bytes: Bytes }
	): Promise<MailFact & { readonly plain?: Bytes }> {
		const { mseq, day, alias } = item;
		if (item.kind === 'notice')
			return (await isNotice(item.bytes))
				? { mseq, day, alias, notice: item.bytes }
				: { mseq, day, alias, broken: true };
		const envelope = decodeEnvelope(item.bytes);
		if (!envelope || !equal(envelope.alias, alias)) return { mseq, day, alias, broken: true };
		const plain = await openMail(views, alias, envelope);
		if (!plain) return { mseq, day, alias, broken: true };
		if (plain === 'waits') return { mseq, day, alias, sealed: item.bytes };
		return { ...(await readPlain({ mseq, day, alias }, plain)), plain };
	}

	async function isNotice(bytes: Bytes): Promise<boolean> {
		const parts = noticeParts(bytes);
		return (
			parts !== undefined &&
			state.relayKey !== undefined &&
			isSignedBy(state.relayKey, 'notice', sha256(parts.payload), parts.signature)
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
		if (fact.heard?.letter.t === 'rel') await retryWaiting(views, source);
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
				const { documents } = state;
				let admission: Admission = 'admitted';
				const apply = () => void (admission = documents.apply(op.shard, op.u, author.ordinal));
				const isTold = state.publishing && isFlagShard(op.shard);
				const before = isTold ? documents.changed(op.shard, apply) : apply();
				if (before)
					tellFlags(
						views,
						before,
						(field) => documents.read(op.shard, field),
						(id) => {
							const key = `read:${id}:${toHex(sha256(op.u))}`;
							return folding(views, { key, at: author.time, device: author.device, pending });
						}
					);
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
				if (v.mseq <= state.mailFolded) continue;
				state.mailFolded = v.mseq;
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
			if (BRINGS_KEYS.has(op.k) && !pending) await retryWaiting(views, source);
		}
	}

	/** The date in a signed record of our own. */
	const timeOf = (value: object, otherwise: number): number =>
		'at' in value && typeof value.at === 'number' ? value.at : otherwise;

	/** `toldTo`: while a store is read, entries up to there were told already; what comes after them was not. */
	async function foldEntries(entries: readonly OpenedEntry[], toldTo?: number): Promise<void> {
		for (const { seq, ops, device, member } of entries) {
			if (toldTo !== undefined) state.publishing = seq > toldTo;
			if (state.publishing && device !== self.deviceText) state.siblingsWrote = true;
			for (const op of ops) if (op.o === 'commit') for (const slot of op.slots) takeSlot(state.base, slot, seq);
			await foldOps(state.base, ops, { device, ordinal: member.ordinal, time: 0 }, false);
		}
		// What the fold made of it is kept after what was told of it.
		await keepTelling({ seq: state.log.cursor }, state.intents[0]?.n);
		if (isKept(state.base) && entries.length > 0) keepFold(state.base, self.identityTag, state, entries);
	}

	return { readMail, foldMail, foldEntries, foldOps };
}
