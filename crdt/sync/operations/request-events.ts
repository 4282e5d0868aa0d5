/**
 * What a process adds to the events of the log, because it is not in the log (PROTOCOL.md §13):
 *
 *   expiry    no record says that time passed. Whoever looks first (a read, a sync) tells it, once a process, under an id
 *             that is equal on all devices.
 *   deciding  rules are a process' own. While they are asked about a request that has just come, what the log says about
 *             it ("a person has to decide") is held back:
 *
 *   log       received → DecisionRequired ─▶ Manual ─▶ processed(Manual)          ─▶ Decided …
 *   told      received → DecisionRequired ─▶ Decided ─▶ processed(Automatically)  ─▶ Completed    rules decided
 *             received → DecisionRequired ─▶ Manual ─▶ processed(Manual)                          they could not
 */
import type { EngineEvent } from '../../api.ts';
import { toHex, utf8 } from '../../codec/bytes.ts';
import { domainHash } from '../../crypto/hash.ts';
import { isPast, isUndecided, requestOf, withExpiry } from '../../request/status.ts';
import type { Bound, Iso, RequestRow } from '../../views.ts';
import { toDto } from '../../views-dto.ts';
import type { Core } from '../core.ts';

type Listener = (event: EngineEvent) => void;
/** Tries to decide a request by rules; false: a person has to. */
export type TryToDecide = (requestId: string) => Promise<boolean>;

export interface RequestEvents {
	onEvent(listener: Listener): () => void;
	/** The row as it is now; tells it when that is the first time somebody sees it expired. */
	asSeen(row: RequestRow, now: Iso): RequestRow;
	/** What may have expired since this was asked last. */
	due(now: Iso): RequestRow[];
	/** From now on requests that come are given to rules first. Returns the way to stop. */
	decideFirst(tryToDecide: TryToDecide): () => void;
	/** Resolves when nothing is being decided. */
	settled(): Promise<void>;
}

interface StatusChange {
	readonly request: RequestRow;
	readonly oldStatus: string;
	readonly newStatus: string;
}
const INCOMING = 'consumption.incomingRequestStatusChanged';
const OUTGOING = 'consumption.outgoingRequestStatusChanged';
/** A request is there that was not. */
const ARRIVALS = ['consumption.incomingRequestReceived', 'consumption.outgoingRequestCreated'];
const PROCESSED = ['consumption.messageProcessed', 'consumption.relationshipTemplateProcessed'];
const MANUAL = 'ManualRequestDecisionRequired';

export function requestEvents(core: Core): RequestEvents {
	const listeners = new Set<Listener>();
	/** What was due when an earlier process last looked, at the end of a sync, was told by it. */
	const { lastSyncAt: lookedBefore } = core.status();
	const expired = new Set<string>();
	/** Came when it was past what was looked for last: found in no stretch of dates any more. */
	const late = new Set<string>();
	let looked = lookedBefore;
	/** Requests rules are asked about, with what is held back of each. */
	const held = new Map<string, EngineEvent[]>();
	let tryToDecide: TryToDecide | undefined;
	let working: Promise<void> = Promise.resolve();

	const tell = (event: EngineEvent): void => {
		for (const listener of listeners) listener(event);
	};

	core.onEvent((event) => {
		if (ARRIVALS.includes(event.name)) arrived(event.data as RequestRow);
		if (event.name === INCOMING) return incomingChanged(event, event.data as StatusChange);
		if (event.name === OUTGOING) return tell(trulyOld(event));
		const id = PROCESSED.includes(event.name) ? waitingFor(event.data as Processed) : undefined;
		const waiting = id === undefined ? undefined : held.get(id);
		if (waiting) waiting.push(event);
		else tell(event);
	});

	function arrived(row: RequestRow): void {
		if (looked !== undefined && isPast(requestOf(row).expiresAt, looked)) late.add(row.id);
	}

	const isToldExpired = (row: RequestRow): boolean =>
		expired.has(row.id) ||
		(lookedBefore !== undefined && !late.has(row.id) && isPast(requestOf(row).expiresAt, lookedBefore));

	function incomingChanged(event: EngineEvent, { request, newStatus }: StatusChange): void {
		if (newStatus === 'ManualDecisionRequired' && tryToDecide && !held.has(request.id)) {
			held.set(request.id, [event]);
			working = working.then(() => decide(request.id));
			return;
		}
		const waiting = held.get(request.id);
		if (!waiting) return tell(trulyOld(event));
		if (newStatus !== 'Decided' || !request.wasAutomaticallyDecided) {
			release(request.id);
			return tell(trulyOld(event));
		}
		held.delete(request.id);
		tell({ ...event, data: { ...(event.data as StatusChange), oldStatus: 'DecisionRequired' } });
		for (const later of waiting.filter(({ name }) => PROCESSED.includes(name)))
			tell({ ...later, data: { ...(later.data as object), result: 'RequestAutomaticallyDecided' } });
	}

	/** What was held back of a request is told after all. */
	function release(id: string): void {
		const waiting = held.get(id) ?? [];
		held.delete(id);
		for (const event of waiting) tell(event);
	}

	async function decide(id: string): Promise<void> {
		// A fold tells while it goes on: its last event about this request is in before the rules are asked.
		await Promise.resolve();
		try {
			await tryToDecide?.(id);
		} finally {
			release(id);
		}
	}

	/** Decided elsewhere, or answered, in time, though we had seen it expired meanwhile. */
	function trulyOld(event: EngineEvent): EngineEvent {
		const change = event.data as StatusChange;
		const isSeen = isUndecided(change.oldStatus) && isToldExpired(change.request);
		return isSeen ? { ...event, data: { ...change, oldStatus: 'Expired' } } : event;
	}

	return {
		onEvent(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		asSeen(row, now) {
			const seen = withExpiry(row, now);
			if (seen.status !== row.status && !isToldExpired(row)) {
				expired.add(row.id);
				tell(expiryEvent(row, seen));
			}
			const isAsked = held.has(row.id) && seen.status === 'ManualDecisionRequired';
			return isAsked ? { ...seen, status: 'DecisionRequired' } : seen;
		},
		due(now) {
			const where = [{ key: '_expiresAt', ...(looked && { from: at(looked, true) }), to: at(now, false) }];
			const found = [...core.top().rows('requests', { where })];
			for (const id of late) {
				const row = core.top().get('requests', id);
				if (row && isUndecided(row.status) && !expired.has(id)) found.push(row);
				else late.delete(id);
			}
			if (looked === undefined || now > looked) looked = now;
			return found;
		},
		decideFirst(asked) {
			tryToDecide = asked;
			return () => {
				if (tryToDecide === asked) tryToDecide = undefined;
			};
		},
		async settled() {
			for (let seen; seen !== working;) await (seen = working);
		}
	};
}

function expiryEvent(row: RequestRow, seen: RequestRow): EngineEvent {
	const name = row.isOwn ? OUTGOING : INCOMING;
	return {
		id: toHex(domainHash('event-id', utf8(row.id), utf8(name), utf8('Expired'))),
		name,
		data: { request: toDto(seen), oldStatus: row.status, newStatus: 'Expired' }
	};
}

const at = (value: Iso, inclusive: boolean): Bound => ({ value, inclusive });

interface Processed {
	readonly result: string;
	readonly requestId?: string;
	readonly message?: { readonly content: { readonly id?: unknown } };
}

/** The request whose coming an event closes, if a person was to decide it. */
function waitingFor({ result, requestId, message }: Processed): string | undefined {
	if (result !== MANUAL) return undefined;
	if (requestId !== undefined) return requestId;
	return typeof message?.content.id === 'string' ? message.content.id : undefined;
}
