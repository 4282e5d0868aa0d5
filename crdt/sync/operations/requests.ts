/**
 * Requests: drafted, decided, deleted, shown with what is known on this device alone (lost, waiting, failed, expired by now).
 * A decision is an intent: first committed wins. One that cannot be sent any more has no effect and says why.
 */
import type { DecideParameters, Engine } from '../../api.ts';
import { decideByRules, parseRules, type DeciderRule } from '../../request/decider.ts';
import { isDeletable, UNDECIDED } from '../../request/status.ts';
import { ok, refuse, type Result } from '../../result.ts';
import { holds, rowsBy } from '../../view-query.ts';
import type { AttentionRow, Json, RequestRow, Where } from '../../views.ts';
import type { Intent } from '../intent.ts';
import type { Records } from '../record.ts';
import { type Base, notFound, shown, tooMuch } from './base.ts';
import * as consumption from '../consumption.ts';
import { shownAs } from './rows.ts';
import { requestEvents, type RequestEvents } from './request-events.ts';

export interface RequestParts {
	readonly requests: Engine['requests'];
	readonly events: RequestEvents;
	/** Tells what has expired unseen. */
	lookForExpired(): void;
	/** Decisions that could not be sent any more. */
	attention(): AttentionRow[];
}

interface Lost {
	readonly byDevice: string;
	readonly at: number;
	readonly decided: 'Accepted' | 'Rejected';
}

/** What shows as expired is kept as it was. */
const asKept = (where: Where): Where =>
	where.key === 'status' && 'anyOf' in where && where.anyOf.includes('Expired')
		? { ...where, anyOf: [...where.anyOf, ...UNDECIDED] }
		: where;

export function requestOperations({ core, self, clock, now, newId, defaults }: Base): RequestParts {
	const events = requestEvents(core);
	const decisionOn = (id: string): Intent | undefined => decisionsIn(core.intents()).get(id);

	const shownRequest = (row: RequestRow): RequestRow => {
		const lost = core.superseded()[row.id] as Lost | undefined;
		const waiting = row.isOwn ? undefined : decisionOn(row.id);
		return {
			...events.asSeen(row, now()),
			...(lost && {
				_superseded: {
					byDevice: lost.byDevice,
					at: new Date(lost.at).toISOString(),
					decided: lost.decided
				}
			}),
			...(waiting && !waiting.failed && { _pending: true as const }),
			...(waiting?.failed && { _failed: waiting.failed }),
			...(isCrossed(row) && { _failed: 'relationship-crossed' })
		};
	};
	/** Answered with a relationship that lost against one the peer had asked for at the same time: the peer never takes it. */
	const isCrossed = ({ isOwn, response }: RequestRow): boolean =>
		!isOwn &&
		response?.source?.type === 'Relationship' &&
		core.top().get('relationships', response.source.reference)?._hidden === 'crossed';
	const requests = (isOwn: boolean) => rowsBy(core.top(), 'requests', 'isOwn', String(isOwn)).map(shownRequest);
	const request = (id: string, direction: 'incoming' | 'outgoing') => {
		const row = core.top().get('requests', id);
		return row && row.isOwn === (direction === 'outgoing') ? shownRequest(row) : undefined;
	};

	async function decide(
		id: string,
		decision: DecideParameters,
		accept: boolean,
		automatic = false
	): Promise<Result<RequestRow>> {
		const row = request(id, 'incoming');
		if (!row) return notFound('LocalRequest');
		const response = consumption.decide(
			core.top(),
			self.address,
			row,
			decision,
			accept,
			now(),
			() => newId('ATT').id
		);
		if (!response.ok) return response;
		const refused = tooMuch(response.value as unknown as Json);
		if (refused) return refused;
		const earlier = decisionOn(id);
		const decided = {
			id,
			response: response.value,
			at: clock.now(),
			...(automatic && { automatic }),
			...(defaults && { defaults })
		};
		await core.intend({ kind: 'decision', shown: [core.rec('request.decided', decided)] });
		// What failed before is forgotten only when the new one is durable.
		if (earlier?.failed) await core.revise(earlier.n, null);
		const after = request(id, 'incoming');
		return shown('LocalRequest', after && decidedOnly(after));
	}

	async function remove(id: string, isOwn: boolean, refusal: Result<never>): Promise<Result<void>> {
		const row = core.top().get('requests', id);
		if (row?.isOwn !== isOwn) return notFound('LocalRequest');
		if (!isDeletable(row, now())) return refusal;
		await core.intend({ kind: 'plain', shown: [core.rec('request.deleted', { id, at: clock.now() })] });
		return ok(undefined);
	}

	async function tryRules(rules: readonly DeciderRule[], id: string): Promise<boolean> {
		const row = request(id, 'incoming');
		const found = row && decideByRules(rules, row, core.top());
		return found ? (await decide(id, found.decision, found.accept, true)).ok : false;
	}

	return {
		events,
		lookForExpired() {
			for (const row of events.due(now())) events.asSeen(row, now());
		},
		attention: () => [
			...core.intents().flatMap((intent) => {
				const decided = intent.failed ? decidedBy(intent) : undefined;
				const row = decided && core.top().get('requests', decided.id);
				return decided && row && !row.response
					? [failedAttention(row, new Date(decided.at).toISOString())]
					: [];
			}),
			...rowsBy(core.top(), 'relationships', '_hidden', 'crossed')
				.filter((relationship) => relationship._own)
				.flatMap(({ id, peer }) =>
					rowsBy(core.top(), 'requests', 'peer', peer)
						.filter(({ isOwn, response }) => !isOwn && response?.source?.reference === id)
						.map((row) => failedAttention(row, row.response?.createdAt ?? row.createdAt))
				)
		],
		requests: {
			incoming: () => requests(false),
			outgoing: () => requests(true),
			rows: (direction, query = {}) => {
				const isOwn: Where = { key: 'isOwn', anyOf: [String(direction === 'outgoing')] };
				const where = query.where ?? [];
				return shownAs(
					{ ...query, where: [isOwn, ...where.map(asKept)] },
					(asked) => core.top().rows('requests', asked),
					(row) => {
						const shown = shownRequest(row);
						return where.every((each) => holds('requests', each, shown)) ? shown : undefined;
					}
				);
			},
			get: request,
			canAccept: (id, decision) =>
				consumption.judge(core.top(), self.address, request(id, 'incoming'), decision, true, now()),
			canReject: (id, decision) =>
				consumption.judge(core.top(), self.address, request(id, 'incoming'), decision, false, now()),
			accept: (id, decision) => decide(id, decision, true),
			reject: (id, decision) => decide(id, decision, false),
			delete: (id) => remove(id, false, notExpired),
			discard: (id) => remove(id, true, notDraft),
			automate(config) {
				const rules = parseRules(config);
				if (!rules.ok) return rules;
				if (rules.value.length === 0) return ok(() => {});
				return ok(events.decideFirst((id) => tryRules(rules.value, id)));
			},
			validate: ({ content, peer }) =>
				consumption.validateOutgoing(core.top(), self.address, content, peer, now()),
			async create({ content, peer }) {
				const prepared = consumption.prepareOutgoing(core.top(), self.address, content, peer, now());
				if (!prepared.ok) return prepared;
				const refused = tooMuch(prepared.value);
				if (refused) return refused;
				const { id } = newId('REQ');
				const drafted = { id, content: { ...prepared.value, id }, peer, at: clock.now() };
				await core.intend({ kind: 'plain', shown: [core.rec('request.drafted', drafted)] });
				return shown('LocalRequest', request(id, 'outgoing'));
			}
		}
	};
}

const notExpired = refuse(
	'error.consumption.requests.canOnlyDeleteIncomingRequestThatIsExpired',
	'Only an incoming request that has expired can be deleted.'
);
const notDraft = refuse(
	'error.runtime.unknown',
	"An error was thrown in a UseCase: Local Request has to be in status 'Draft'."
);

const failedAttention = ({ id, peer }: RequestRow, at: string): AttentionRow => ({
	id: `decision-failed:${id}`,
	at,
	kind: 'decision-failed',
	peer,
	reference: id
});

function decidedBy({ shown }: Intent): Records['request.decided'] | undefined {
	const op = shown.find((each) => each.o === 'rec' && each.k === 'request.decided');
	return op?.o === 'rec' && op.k === 'request.decided' ? op.v : undefined;
}

/** The last decision on each request. The list of intents is another one when any of them is: lists of requests ask it often. */
function decisionsIn(intents: readonly Intent[]): ReadonlyMap<string, Intent> {
	let found = decisions.get(intents);
	if (!found) {
		const made = intents.flatMap((intent) => {
			const decided = decidedBy(intent);
			return decided ? [[decided.id, intent] as const] : [];
		});
		decisions.set(intents, (found = new Map(made)));
	}
	return found;
}
const decisions = new WeakMap<readonly Intent[], ReadonlyMap<string, Intent>>();

/** REST answers Decided, before anything was sent (protocol.md §13.3). */
function decidedOnly(row: RequestRow): RequestRow {
	const { response, ...rest } = row;
	if (!response) return row;
	const { source: _source, ...unsent } = response;
	return { ...rest, status: 'Decided', response: unsent };
}
