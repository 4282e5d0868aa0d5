/**
 * From signed events to a status: what both sides of a relationship agree on, read from the *set* of events only (protocol.md §8).
 *
 *   requestor  r0 ── r1 ── r2          each event names its predecessor (prev, n) and the last event of the
 *                │  ╲╱                  other side its author had folded (seen)
 *   templator    t0 ─╱╲ t1
 *
 * x is *before* y when y's prev/seen chain contains it; else they cross. Events one side made before it heard of an event of
 * the other are its *stretch* there. Of two crossing stretches the one holding the strongest action (`strength`) is read
 * first; a step that is no longer possible then is *crossed*: no effect, no audit-log entry. So revoke beats accept, decompose
 * beats a request for reactivation, and two terminations are one. Two crossing requests for reactivation are one accepted.
 *
 * Promise: every permutation and duplication of one set gives the same result on both sides. Nothing depends on a clock, on
 * the order of arrival or on the relay. An author's own rules are judged by what the author knew: breaking them is *refused*
 * and kept as evidence. What lacks a predecessor *waits*.
 */
import { maxRelationshipEvents } from '../limits.ts';
import type { Address, AuditEntry, RelationshipAction, RelationshipEvent, RelationshipStatus } from '../views.ts';
import { objectionTo, rules, type Rule, type Situation } from './rules.ts';

/** Why an event has no effect for ever: `stranger` neither side, `chain` n/prev broken, `fork` a second event with that n,
 * `seen` names something that is no event of the other side, `stale` knows less than its author's earlier event did,
 * `illegal` against the rules as its author saw them, `limit` too many. */
export type EventFault = 'stranger' | 'chain' | 'fork' | 'seen' | 'stale' | 'illegal' | 'limit';

export interface FoldedRelationship {
	/** Undefined until the creating event is there. */
	readonly status: RelationshipStatus | undefined;
	/** Ordered by cause; crossing ones as they were read. */
	readonly auditLog: readonly AuditEntry[];
	/** Evidence, by hash. */
	readonly refused: readonly { readonly hash: string; readonly why: EventFault }[];
	/** Hashes of events that lost a crossing. */
	readonly crossed: readonly string[];
	/** Hashes of events that lack a predecessor. */
	readonly waiting: readonly string[];
	/** Who removed the relationship on its side: for them it is hidden. */
	readonly decomposedBy: readonly Address[];
}

/** The crossing table: the earlier an action stands here, the stronger its stretch. */
export const strengths: readonly RelationshipAction[] = [
	'revoke',
	'revokeReactivation',
	'decompose',
	'rejectReactivation',
	'terminate',
	'acceptReactivation',
	'accept',
	'reject',
	'reactivate',
	'create'
];
export type Strength = (event: RelationshipEvent) => number;
const byTable: Strength = (event) => strengths.length - strengths.indexOf(event.action);

/** An event in its place: `index` on its side, `knows` = how many events of the other side are before it. */
interface Link {
	readonly event: RelationshipEvent;
	readonly side: Side;
	readonly index: number;
	readonly knows: number;
	legal: boolean;
}
type Side = 0 | 1;
type Chains = readonly [Link[], Link[]];
/** The first so many links of each side: what somebody knew. */
type Cut = readonly [number, number];
/** The events by hash, and what is known against some of them. */
interface Evidence {
	readonly byHash: ReadonlyMap<string, RelationshipEvent>;
	readonly kept: readonly [readonly RelationshipEvent[], readonly RelationshipEvent[]];
	readonly waiting: ReadonlySet<string>;
	readonly faults: Map<string, EventFault>;
}

/**
 * @param strength the crossing table; tests put in a wrong one to see the laws fail.
 * @param gone a side whose identity was erased: the other may remove the relationship whatever its status is.
 */
export function foldEvents(
	events: readonly RelationshipEvent[],
	requestor: Address,
	templator: Address,
	strength: Strength = byTable,
	gone?: Address
): FoldedRelationship {
	const evidence = sift(events, [requestor, templator]);
	const chains = linkUp(evidence);
	judge(chains, evidence, requestor, strength, gone);
	const reading = readCut(chains, [chains[0].length, chains[1].length], requestor, strength);
	const placed = new Set(chains.flat().map((link) => link.event.hash));
	const unplaced = [...evidence.byHash.keys()].filter((hash) => !placed.has(hash) && !evidence.faults.has(hash));
	return {
		status: reading.status,
		auditLog: reading.auditLog,
		refused: [...evidence.faults].map(([hash, why]) => ({ hash, why })).sort((a, b) => (a.hash < b.hash ? -1 : 1)),
		crossed: reading.crossed.sort(),
		waiting: unplaced.sort(),
		decomposedBy: reading.decomposedBy.sort()
	};
}

// ------------------------------------------------------------------------------- one chain for each side

function sift(events: readonly RelationshipEvent[], sides: readonly [Address, Address]): Evidence {
	const byHash = new Map(events.map((event) => [event.hash, event]));
	const kept = [chainOf(byHash, sides[0]), chainOf(byHash, sides[1])] as const;
	const known = new Set(kept.flat().map((event) => event.hash));
	const waiting = new Set<string>();
	const faults = new Map<string, EventFault>();
	// By counter: whether an event can be placed is known once its predecessor's fate is.
	for (const event of [...byHash.values()].sort((a, b) => a.n - b.n)) {
		if (known.has(event.hash)) continue;
		const why = sides.includes(event.author) ? faultInChain(event, byHash, waiting, faults) : 'stranger';
		if (why === 'waits') waiting.add(event.hash);
		else faults.set(event.hash, why);
	}
	return { byHash, kept, waiting, faults };
}

/** Places at the end of a chain that only leaving may take, so that whoever used up the others still can. */
const LEAVING: { readonly [A in RelationshipAction]?: number } = { terminate: 1, decompose: 2 };

/** Whether an event stands where none of its side may stand any more. */
export const isBeyondBound = ({ n, action }: Pick<RelationshipEvent, 'n' | 'action'>): boolean =>
	n >= maxRelationshipEvents - 2 + (LEAVING[action] ?? 0);

/** From the first event on, each naming the one before; of two that fork the one with the lower hash. */
function chainOf(byHash: ReadonlyMap<string, RelationshipEvent>, author: Address): RelationshipEvent[] {
	const next = new Map<string, RelationshipEvent>();
	const placeOf = (n: number, prev: string | null) => `${n} ${prev}`;
	for (const event of byHash.values()) {
		const place = placeOf(event.n, event.prev);
		const rival = next.get(place);
		if (event.author === author && (!rival || event.hash < rival.hash)) next.set(place, event);
	}
	const chain: RelationshipEvent[] = [];
	for (let event = next.get(placeOf(0, null)); event && !isBeyondBound(event);) {
		chain.push(event);
		event = next.get(placeOf(chain.length, event.hash));
	}
	return chain;
}

/** Why an event of a side is not in its chain. */
function faultInChain(
	event: RelationshipEvent,
	byHash: ReadonlyMap<string, RelationshipEvent>,
	waiting: ReadonlySet<string>,
	faults: ReadonlyMap<string, EventFault>
): EventFault | 'waits' {
	if (isBeyondBound(event)) return 'limit';
	if (!Number.isInteger(event.n) || (event.n === 0) !== (event.prev === null)) return 'chain';
	if (event.prev === null) return 'fork';
	const prev = byHash.get(event.prev);
	if (!prev) return 'waits';
	if (prev.author !== event.author || prev.n !== event.n - 1) return 'chain';
	if (waiting.has(prev.hash)) return 'waits';
	return faults.has(prev.hash) ? 'chain' : 'fork';
}

// ------------------------------------------------------------------------------ what each event knew

/** Links both chains as far as what they saw is there too. */
function linkUp(evidence: Evidence): Chains {
	const chains: Chains = [[], []];
	const latest: [number, number] = [-1, -1];
	const step = (side: Side): boolean => {
		const [chain, other] = [chains[side], chains[side === 0 ? 1 : 0]];
		const event = evidence.kept[side][chain.length];
		const knows = event && knownBy(event, evidence);
		if (!event || knows === undefined || knows > other.length) return false;
		const m = event.seen?.m ?? -1;
		if (m < latest[side] && !evidence.faults.has(event.hash)) evidence.faults.set(event.hash, 'stale');
		latest[side] = Math.max(latest[side], evidence.faults.has(event.hash) ? -1 : m);
		const before = chain.at(-1)?.knows ?? 0;
		chain.push({ event, side, index: chain.length, knows: Math.max(before, knows), legal: false });
		return true;
	};
	while (step(0) || step(1));
	return chains;
}

/** How many events of the other side were folded when it was signed; undefined while one of them is missing. */
function knownBy(event: RelationshipEvent, { byHash, kept, waiting, faults }: Evidence): number | undefined {
	if (!event.seen) return 0;
	let seen = byHash.get(event.seen.hash);
	if (!seen || waiting.has(seen.hash)) return undefined;
	if (seen.author === event.author || seen.n !== event.seen.m || faults.get(seen.hash) === 'stranger') {
		faults.set(event.hash, 'seen');
		return 0;
	}
	// It saw a branch of a fork that was not kept: then it knew what that branch stands on.
	const isKept = (x: RelationshipEvent) => kept.some((chain) => chain[x.n]?.hash === x.hash);
	const { author } = seen;
	while (seen?.author === author && !isKept(seen)) seen = byHash.get(seen.prev ?? '');
	return seen?.author === author ? seen.n + 1 : 0;
}

/** Everything before a link; a cut that is complete by itself. */
const pastOf = ({ side, index, knows }: Link): Cut => (side === 0 ? [index, knows] : [knows, index]);
const sizeOf = (link: Link): number => link.index + link.knows;
const isBefore = (x: Link, y: Link): boolean => (x.side === y.side ? x.index < y.index : y.knows > x.index);
const isCrossing = (x: Link, y: Link): boolean => !isBefore(x, y) && !isBefore(y, x);

/** Marks each event legal or not, by the rules and what its author knew. Whatever is before it is marked before it. */
function judge(chains: Chains, evidence: Evidence, requestor: Address, strength: Strength, gone?: Address): void {
	for (const link of chains.flat().sort((a, b) => sizeOf(a) - sizeOf(b))) {
		const { hash, author, action } = link.event;
		if (evidence.faults.has(hash)) continue;
		const known = readCut(chains, pastOf(link), requestor, strength);
		const mayLeave = gone !== undefined && author !== gone && action === 'decompose' && known.status !== undefined;
		link.legal =
			!known.decomposedBy.includes(author) &&
			(mayLeave || !objectionTo(situationOf(known, requestor), author, action));
		if (!link.legal) evidence.faults.set(hash, 'illegal');
	}
}

// -------------------------------------------------------------------------------------------- reading

/** What the events of a cut amount to. */
interface Reading {
	status: RelationshipStatus | undefined;
	/** The open request for reactivation. */
	request: Link | undefined;
	readonly auditLog: AuditEntry[];
	readonly crossed: string[];
	readonly decomposedBy: Address[];
}

const situationOf = (reading: Reading, requestor: Address): Situation => ({
	status: reading.status ?? 'None',
	author: requestor,
	asker: reading.request?.event.author
});

function readCut(chains: Chains, [ends0, ends1]: Cut, requestor: Address, strength: Strength): Reading {
	const reading: Reading = { status: undefined, request: undefined, auditLog: [], crossed: [], decomposedBy: [] };
	let [i, j] = [0, 0];
	const strongest0 = strongestIn(chains[0], ends0, strength);
	const strongest1 = strongestIn(chains[1], ends1, strength);
	while (i < ends0 || j < ends1) {
		const x = i < ends0 ? chains[0][i] : undefined;
		const y = j < ends1 ? chains[1][j] : undefined;
		const goesFirst = (a: Link, b: Link): boolean => {
			if (isBefore(a, b)) return true;
			if (isBefore(b, a)) return false;
			const [ours, theirs] = [strongest0(i, j), strongest1(j, i)];
			return ours === theirs ? a.event.hash < b.event.hash : ours > theirs;
		};
		const first = !y || (x && goesFirst(x, y)) ? x : y;
		if (first === x) i++;
		else j++;
		if (first?.legal) apply(reading, first, requestor);
	}
	return reading;
}

/**
 * The strongest action of a stretch: of the events from `from` on that know nothing of the other side from `other` on. What an
 * event knows only grows along its chain, so a stretch is one piece, and its strongest stays the same until it was read:
 * somebody who makes long stretches cross does not make reading them slow.
 */
function strongestIn(chain: readonly Link[], end: number, strength: Strength): (from: number, other: number) => number {
	let found = { other: -1, at: -1, is: -Infinity };
	return (from, other) => {
		if (found.other === other && from <= found.at) return found.is;
		found = { other, at: end, is: -Infinity };
		for (let k = from; k < end; k++) {
			const link = chain[k]!;
			if (link.knows > other) break;
			const is = link.legal ? strength(link.event) : -Infinity;
			if (is > -Infinity && is >= found.is) found = { other, at: k, is };
		}
		return found.is;
	};
}

function apply(reading: Reading, link: Link, requestor: Address): void {
	const { action, author, hash } = link.event;
	if (action === 'decompose') return decompose(reading, link);
	const { request } = reading;
	if (action === 'reactivate' && request && request.side !== link.side && isCrossing(request, link))
		return enter(reading, link, 'acceptReactivation');
	const rule: Rule = rules[action];
	const possible = !objectionTo(situationOf(reading, requestor), author, action);
	// Nobody answers or revokes a request they had not heard of.
	const meant = rule.request !== 'open' || (request !== undefined && isBefore(request, link));
	if (!possible || !meant) reading.crossed.push(hash);
	else enter(reading, link, action);
}

/** Removing is one-sided: whoever did it is gone, whatever the other side did meanwhile. */
function decompose(reading: Reading, link: Link): void {
	reading.decomposedBy.push(link.event.author);
	const over: readonly (RelationshipStatus | undefined)[] = ['Rejected', 'Revoked', 'DeletionProposed'];
	if (!over.includes(reading.status)) enter(reading, link, 'decompose');
}

function enter(reading: Reading, link: Link, action: RelationshipAction): void {
	const { to, reason } = rules[action];
	const { time, author, device } = link.event;
	reading.auditLog.push({
		createdAt: time,
		createdBy: author,
		createdByDevice: device,
		reason,
		...(reading.status && { oldStatus: reading.status }),
		newStatus: to
	});
	reading.status = to;
	reading.request = action === 'reactivate' ? link : undefined;
}
