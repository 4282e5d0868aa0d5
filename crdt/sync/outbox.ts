/** Own things that wait: built, sent in order, and what follows when the relay or a sibling says no. */
import { equal, toHex } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import { iso } from './folding.ts';
import type { Builders, Core } from './core.ts';
import { decodeFrame, type Built, type Frame, type Intent } from './intent.ts';
import { takenBy } from './kept.ts';
import { encodeOpsBare } from './record.ts';
import { getMeta, putMeta } from './rows.ts';
import { RETRY_MS, type Sending, type Sent, type Winner } from './sending.ts';
import type { State } from './state.ts';

/** Operations merged into one entry: PROTOCOL.md §3, "merge ≤ 200". */
const MERGE = 200;
/** Bytes of operations merged into one entry, far below the relay's largest. */
const MERGE_BYTES = 256 * 1024;
/** Refusals in one flush beyond the number of things to send: stale epochs, sessions a restart cut, lost slots. */
const REFUSALS_TOLERATED = 8;

export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox(
	state: State,
	{ sealFrame, sendFrame, dropFrame, committedAt }: Sending,
	builders: Builders,
	inside: () => Core
) {
	const {
		ports: { clock, store }
	} = state;
	/** Mailboxes that are full, by alias, and what names none, by itself: from which intent on, and until when. */
	const full = new Map<string, { readonly from: number; readonly until: number }>();

	/** Sends what waits, in order; plain intents and messages are merged. */
	async function flush(): Promise<void> {
		await resendFrame();
		// Each refusal must bring us nearer to the end; a relay that only refuses is asked again later.
		for (let left = state.intents.length + REFUSALS_TOLERATED; left > 0 && !state.frozen && mayTry(); left--) {
			const next = state.intents.find((intent) => !intent.failed && !isPutOff(intent));
			if (!next) return;
			if (!(await flushFrom(next))) return;
		}
	}

	/** A clock that jumped back does not prolong it. */
	const isAhead = (time: number): boolean => time > clock.now() && time <= clock.now() + RETRY_MS;

	/** Not while the relay asked for patience. */
	const mayTry = () => !isAhead(state.retryAfter);

	/** What goes to a full mailbox waits, in its order; nothing else does. */
	const isPutOff = (intent: Intent): boolean =>
		full.size > 0 &&
		placesOf(intent).some((place) => {
			const { from, until } = full.get(place) ?? { from: Infinity, until: 0 };
			return intent.n >= from && isAhead(until);
		});

	/** Mailboxes its messages go to, and itself. A message needs a mailbox, and that of a relationship stays the same. */
	function placesOf(intent: Intent): readonly string[] {
		const known = places.get(intent);
		if (known) return known;
		const rels = intent.shown.flatMap((op) => (op.o === 'rec' && op.k === 'message.sent' ? op.v.rels : []));
		const aliases = rels.flatMap((rel) => state.base.get('channels', rel)?.mailbox.alias ?? []);
		const found = [...aliases.map(toHex), `intent ${intent.n}`];
		places.set(intent, found);
		return found;
	}
	const places = new WeakMap<Intent, readonly string[]>();

	/** The mailbox the relay named, from the message on that found no room; without one, everything in that frame. */
	function putOff({ request }: Frame, concerned: readonly Intent[], index: Cbor | undefined): void {
		const { envelopes = [] } = request as { envelopes?: readonly { alias: Uint8Array }[] };
		const aliases = envelopes.map(({ alias }) => toHex(alias));
		const named = typeof index === 'number' ? aliases[index] : undefined;
		const before = aliases.slice(0, Number(index)).filter((alias) => alias === named).length;
		const senders = concerned.flatMap((intent) =>
			placesOf(intent).flatMap((place) => (place === named ? [intent.n] : []))
		);
		const until = clock.now() + RETRY_MS;
		for (const [place, { until: past }] of full) if (!isAhead(past)) full.delete(place);
		const from = senders[before];
		if (named !== undefined && from !== undefined) full.set(named, { from, until });
		else for (const { n } of concerned) full.set(`intent ${n}`, { from: n, until });
	}

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
		const seen = state.log.cursor;
		const result = await builders.build(inside(), first, state.base);
		if ('superseded' in result) {
			const seq = result.slot && takenBy(state.base, result.slot);
			await supersede(first, seq === undefined ? undefined : await committedAt(seq));
			return true;
		}
		if ('refused' in result) {
			await inside().revise(first.n, { failed: result.refused.code });
			return true;
		}
		const built =
			first.kind === 'plain' || first.kind === 'message' ? await merge(first, result.built) : result.built;
		const frame = await sealFrame(placed(built, seen), false);
		return settle(frame, await sendFrame(frame));
	}

	/** More of the same in one entry: plain operations and messages need no slots. */
	async function merge(first: Intent, built: Built): Promise<Built> {
		let merged: Built = { ...built, settles: [first.n] };
		let bytes = encodeOpsBare(built.ops).length;
		const later = state.intents.slice(state.intents.indexOf(first) + 1);
		for (const intent of later) {
			if (intent.failed || isPutOff(intent)) continue;
			if ((intent.kind !== 'plain' && intent.kind !== 'message') || merged.ops.length >= MERGE) break;
			bytes += encodeOpsBare(intent.shown).length;
			if (bytes > MERGE_BYTES) break;
			const result = await builders.build(inside(), intent, state.base);
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
		const concerned = state.intents.filter(({ n }) => frame.settles.includes(n));
		if (sent.lost) {
			for (const intent of concerned) await lostSlot(intent, sent);
			return true;
		}
		if (sent.type === 'mailbox-refused' || sent.type === 'too-large' || sent.type === 'malformed') {
			if (concerned.length === 1) await inside().revise(concerned[0]!.n, { failed: sent.type });
			else await refusedInBatch(concerned, sent.body?.['index']);
			return true;
		}
		if (sent.type === 'mailbox-full') {
			putOff(frame, concerned, sent.body?.['index']);
			return concerned.length > 0;
		}
		return (
			sent.type === 'stale-epoch' ||
			sent.type === 'unseen-log' ||
			sent.type === 'signature-invalid' ||
			sent.type === 'not-contiguous' ||
			sent.type === 'conflict'
		);
	}

	/** A slot it wanted is taken. If it would not want that one any more, it is simply built again. */
	async function lostSlot(intent: Intent, { winner, body }: Sent): Promise<void> {
		const result = await builders.build(inside(), intent, state.base);
		if ('refused' in result) return inside().revise(intent.n, { failed: result.refused.code });
		const slot = body?.['slot'];
		const wanted =
			'built' in result && slot instanceof Uint8Array && result.built.slots.some((own) => equal(own, slot));
		if (wanted || 'superseded' in result) await supersede(intent, winner);
	}

	/** The envelope at `index` was refused: its message fails, the others go on. */
	async function refusedInBatch(batch: readonly Intent[], index: Cbor | undefined): Promise<void> {
		const refused = await concernedBy(batch, index);
		if (refused) await inside().revise(refused.n, { failed: 'mailbox-refused' });
	}

	/** Whose envelope stands at `index` of a batch's. */
	async function concernedBy(batch: readonly Intent[], index: Cbor | undefined): Promise<Intent | undefined> {
		let at = 0;
		for (const intent of batch) {
			const result = await builders.build(inside(), intent, state.base);
			at += 'built' in result ? result.built.envelopes.length : 0;
			if (typeof index === 'number' && index < at) return intent;
		}
		return batch[0];
	}

	async function supersede(intent: Intent, winner: Winner | undefined): Promise<void> {
		const mine = winner?.ops.some((op) => op.o === 'commit' && equal(op.intent, intent.id));
		if (mine) return inside().revise(intent.n, null);
		const replacement = await builders.lost(
			inside(),
			intent,
			winner ?? { device: '', at: iso(clock.now()), ops: [] }
		);
		if (intent.kind === 'decision' && !builders.wasDecidedAlike(inside(), intent)) {
			const op = intent.shown.find((shown) => shown.o === 'rec' && shown.k === 'request.decided');
			if (op?.o === 'rec' && op.k === 'request.decided') {
				state.superseded = {
					...state.superseded,
					[op.v.id]: {
						byDevice: winner?.device ?? '',
						at: clock.now(),
						decided: String(op.v.response['result'] ?? '')
					}
				};
				await store.write([putMeta('superseded', state.superseded)]);
			}
		}
		await inside().revise(intent.n, replacement ?? null);
	}

	return { flush, resendFrame };
}

/**
 * An ending is told to the peer where that is possible: only a mailbox that is gone is passed over. One that is full refuses
 * the whole step, or the two sides would never agree again.
 */
export const asTolerant = ({ tolerant, ...built }: Built, gone: boolean): Built =>
	tolerant && gone ? { ...built, tolerant } : built;

/**
 * An ending takes a place the mailbox keeps for such letters, but only after it was found full: what is always marked would tell
 * the relay which letters end a relationship.
 */
export const asUrgent = (built: Built, urgent: boolean): Built =>
	urgent
		? { ...built, envelopes: built.envelopes.map((envelope) => ({ ...envelope, urgent: true as const })) }
		: built;

/** With the position of the log it was built on, where that matters. */
export const placed = (built: Built, seen: number): Built => (built.wholeLog ? { ...built, logSeen: seen } : built);

/** What could not leave yet goes along: a commit may build on it (a template just loaded). It settles by being in the log. */
export function withWaiting({ intents }: State, built: Built): Built {
	const waiting = intents.filter(({ kind, failed }) => kind === 'plain' && !failed).flatMap(({ shown }) => shown);
	const fits = waiting.length <= MERGE && encodeOpsBare(waiting).length <= MERGE_BYTES;
	return fits ? { ...built, ops: [...waiting, ...built.ops] } : built;
}
