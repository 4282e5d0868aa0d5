/**
 * One entry at a time to the relay: sealed under the session, persisted as a frame, sent, and answered. A pair (session key,
 * counter) seals one byte string, ever; a refusal closes the session.
 */
import { equal, toHex, type Bytes } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import { ackLeaf, ackRoot, parseProof } from '../codec/ack.ts';
import { decodeEntry, type EntryHeader } from '../codec/entry.ts';
import type { RefusalType } from '../codec/frame.ts';
import { deviceIdText } from '../codec/ids.ts';
import { entryHash, nextRoot } from '../codec/log.ts';
import { isSignedBy } from '../crypto/verify.ts';
import { RelayUnreachable, type StoreWrite } from '../ports.ts';
import { refuse } from '../result.ts';
import { UNREACHABLE, type Outcome } from './core.ts';
import { iso } from './folding.ts';
import type { Demand, Intake } from './intake.ts';
import { encodeFrame, type Built, type Frame } from './intent.ts';
import { takenBy } from './kept.ts';
import { decodeOps, encodeOps, type CommitOp, type Op, type Records } from './record.ts';
import { numberKey, putMeta } from './rows.ts';
import { keyCommitment, openEntry, sealEntry, sessionKey, sessionRules } from './seal-entry.ts';
import { isWaiting, type OwnSession, type State } from './state.ts';

/** Who took a slot before us, by the own log. */
export type Winner = { readonly device: string; readonly at: string; readonly ops: readonly Op[] };

export type Sent = Outcome & {
	readonly lost?: boolean;
	readonly winner?: Winner;
	readonly type?: RefusalType | 'unknown';
	readonly body?: { readonly [key: string]: Cbor | undefined };
};

/** The relay cannot take it now: nothing was stored, it may later. */
const BUSY: readonly (RefusalType | 'unknown')[] = ['rate-limited', 'quota', 'storage-full', 'unavailable'];
export const RETRY_MS = 5_000;

export type Sending = ReturnType<typeof createSending>;

export function createSending(
	state: State,
	{ freeze, takeEntries, pullLog, pullChain, pullMail }: Intake,
	demand: Demand,
	later: () => void
) {
	const {
		self,
		signingKey,
		documents,
		ports: { clock, random, store }
	} = state;

	function rec<K extends keyof Records>(k: K, v: Records[K]): Op {
		return { o: 'rec', i: random.bytes(16), k, v } as Op;
	}

	/** Session ordinals are used up before anything is written under them. */
	async function takeOrdinal(): Promise<number> {
		state.sessionsUsed += 1;
		await store.write([putMeta('sessions', { used: state.sessionsUsed })]);
		return state.sessionsUsed;
	}

	/** Documents of this process start write under one client id. */
	async function writerOrdinal(): Promise<number> {
		state.writing ??= takeOrdinal().then((ordinal) => {
			documents.beginSession(self.ordinal, ordinal);
			return ordinal;
		});
		return state.writing;
	}

	async function openSession(): Promise<OwnSession> {
		const id = random.bytes(16);
		const epoch = state.membership.epoch;
		const e = state.keys.epochs.get(epoch);
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
		if (state.frozen) throw new RelayUnreachable('frozen');
		if (state.session && state.session.epoch !== state.membership.epoch) state.session = undefined;
		state.session ??= await openSession();
		const current = state.session;
		const commit: CommitOp = { o: 'commit', slots: built.slots, intent: built.intent };
		const header: EntryHeader = {
			identityTag: self.identityTag,
			session: current.id,
			sseq: current.sseq,
			epoch: current.epoch,
			chainHead: state.membership.head.slice(0, 8),
			seenSeq: state.log.cursor,
			seenRoot: state.log.root.slice(0, 16),
			prevHash: current.last,
			...(current.sseq === 0
				? {
						first: {
							deviceId: self.device,
							keyCommitment: keyCommitment(state.keys.epochs.get(current.epoch)!, current.id),
							sessionOrdinal: current.ordinal
						}
					}
				: {})
		};
		const plaintext = encodeOps(built.slots.length > 0 ? [...built.ops, commit] : built.ops);
		const { bytes, hash } = await sealEntry(current.key, signingKey, header, plaintext);
		// The pair (key, sseq) is used up from here on, whatever happens to the frame.
		state.session = { ...current, sseq: current.sseq + 1, last: hash };
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
					logSeen: built.logSeen,
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
			state.retryAfter = clock.now() + RETRY_MS;
			if (state.live || isWaiting(state)) later();
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
		if (type === 'unseen-log') await pullLog();
		return { ok: false, error: refuse('error.platform.unexpected', 'The relay refused it.').error, type, body };
	}

	async function dropFrame(): Promise<void> {
		state.session = sessionRules.afterRefusal(state.session);
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
		if (!state.relayKey || !(await isSignedBy(state.relayKey, 'ack', tick, proof.signature))) {
			await freeze('relay-signature');
			return { ok: false, error: UNREACHABLE.error };
		}
		if (seq > state.log.cursor + 1) await pullLog();
		// Acknowledged, and what stands before it is not shown: it cannot be told done yet; the frame stays.
		if (seq > state.log.cursor + 1 && !state.frozen)
			throw new RelayUnreachable('the relay does not show what stands before');
		// The intents it settles go with the entry that holds them (takeEntries), whoever brought it.
		const drop: StoreWrite[] = [putMeta('frame', null)];
		if (seq === state.log.cursor + 1) {
			const decoded = decodeEntry(frame.entry);
			if (decoded.ok && equal(nextRoot(state.log.root, entryHash(decoded.entry.signed)), root))
				await takeEntries(seq - 1, [frame.entry], drop);
			else await freeze('rollback');
		} else if (seq <= state.log.cursor) {
			// What is acknowledged there must be what was sent.
			const there = await store.get('log', numberKey(seq));
			if (there && equal(there, frame.entry)) await takeEntries(state.log.cursor, [], drop);
			else await freeze('rollback');
		}
		return state.frozen ? { ok: false, error: UNREACHABLE.error } : { ok: true, seq };
	}

	/** The commit that took the slot, read from the own log: it opens, an own device signed it and it names the slot, or the relay lies. */
	async function winnerOf(slot: Cbor | undefined, seq: Cbor | undefined): Promise<Winner | 'lie' | 'unseen'> {
		if (!(slot instanceof Uint8Array) || typeof seq !== 'number') return 'lie';
		if (seq > state.log.cursor) return 'unseen';
		return takenBy(state.base, slot) === seq ? ((await committedAt(seq)) ?? 'lie') : 'lie';
	}

	async function committedAt(seq: number): Promise<Winner | undefined> {
		const bytes = await store.get('log', numberKey(seq));
		const decoded = bytes && decodeEntry(bytes);
		const owner = decoded?.ok ? state.log.sessions.get(toHex(decoded.entry.session)) : undefined;
		if (!decoded?.ok || !owner) return undefined;
		const padded = await openEntry(owner.key, decoded.entry);
		return {
			device: deviceIdText(owner.member.ds),
			at: iso(clock.now()),
			ops: (padded && decodeOps(padded)) ?? []
		};
	}

	return { rec, writerOrdinal, sealFrame, sendFrame, sendBuilt, dropFrame, committedAt };
}
