import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RelationshipAction, RelationshipEvent, RelationshipStatus } from '../views.ts';
import { foldEvents, strengths, type EventFault, type FoldedRelationship, type Strength } from './fold.ts';
import { askerIn, objectionTo, relationshipActions, rules, type Rule } from './rules.ts';

const R = 'did:e:localhost:dids:00000000000000000000aa';
const T = 'did:e:localhost:dids:00000000000000000000bb';
type Body = Omit<RelationshipEvent, 'hash'>;

const sign = (body: Body, salt = 0): RelationshipEvent => ({
	...body,
	hash: createHash('sha256')
		.update(JSON.stringify([body, salt]))
		.digest('hex')
});
const fold = (events: readonly RelationshipEvent[], strength?: Strength) => foldEvents(events, R, T, strength);

/** Two devices that act and hear of each other when told to. */
function world() {
	const made: { [author: string]: RelationshipEvent[] } = { [R]: [], [T]: [] };
	const heard: { [author: string]: number } = { [R]: 0, [T]: 0 };
	const other = (who: string) => (who === R ? T : R);
	const chain = (who: string) => made[who] ?? [];
	const hears = (who: string, count = Infinity) => {
		heard[who] = Math.min((heard[who] ?? 0) + count, chain(other(who)).length);
	};
	const knownTo = (who: string) => [...chain(who), ...chain(other(who)).slice(0, heard[who])];
	const act = (who: string, action: RelationshipAction, salt = 0): RelationshipEvent => {
		const last = chain(other(who))[(heard[who] ?? 0) - 1];
		const n = chain(who).length;
		const event = sign(
			{
				relId: 'REL00000000000000001',
				author: who,
				device: who === R ? 'DVCr' : 'DVCt',
				n,
				prev: chain(who).at(-1)?.hash ?? null,
				seen: last ? { m: last.n, hash: last.hash } : null,
				action,
				time: new Date(Date.UTC(2030, 0, 1, 0, 0, n)).toISOString()
			},
			salt
		);
		chain(who).push(event);
		return event;
	};
	const all = () => [...chain(R), ...chain(T)];
	return { act, hears, knownTo, all };
}

/** `R create, T< accept, R< T terminate`: who acts, `<` after hearing everything. */
function story(text: string, salt = 0): RelationshipEvent[] {
	const w = world();
	for (const step of text.split(',')) {
		const [who = '', action] = step.trim().split(' ');
		const author = who.startsWith('R') ? R : T;
		if (who.includes('<')) w.hears(author, Number(who.slice(2)) || Infinity);
		w.act(author, action as RelationshipAction, salt++);
	}
	return w.all();
}

const outcome = (folded: FoldedRelationship) =>
	`${folded.status ?? 'None'}${folded.decomposedBy.length ? ` without ${folded.decomposedBy.map((a) => (a === R ? 'R' : 'T')).join('')}` : ''}: ` +
	folded.auditLog.map((entry) => `${entry.createdBy === R ? 'R' : 'T'} ${entry.reason}`).join(', ');

// ------------------------------------------------------------------------------------- plain stories

describe('a relationship without crossings', () => {
	test.each([
		['R create', 'Pending'],
		['R create, T< accept', 'Active'],
		['R create, T< reject', 'Rejected'],
		['R create, R revoke', 'Revoked'],
		['R create, T< accept, T terminate', 'Terminated'],
		['R create, T< accept, R< terminate, T< reactivate', 'Terminated'],
		['R create, T< accept, R< terminate, T< reactivate, R< acceptReactivation', 'Active'],
		['R create, T< accept, R< terminate, T< reactivate, R< rejectReactivation', 'Terminated'],
		['R create, T< accept, R< terminate, T< reactivate, T revokeReactivation', 'Terminated'],
		['R create, T< accept, R< terminate, T< decompose', 'DeletionProposed'],
		['R create, T< accept, R< terminate, T< decompose, R< decompose', 'DeletionProposed']
	])('"%s" ends %s, every step with its entry', (text, status) => {
		const folded = fold(story(text));
		expect(folded.status).toBe(status);
		expect([folded.refused, folded.crossed, folded.waiting]).toEqual([[], [], []]);
		const steps = text.split(',').length - (folded.decomposedBy.length === 2 ? 1 : 0);
		expect(folded.auditLog).toHaveLength(steps);
	});

	test('each entry says who, when, on which device, from what to what', () => {
		expect(fold(story('R create, T< accept')).auditLog).toEqual([
			{
				createdAt: '2030-01-01T00:00:00.000Z',
				createdBy: R,
				createdByDevice: 'DVCr',
				reason: 'Creation',
				newStatus: 'Pending'
			},
			{
				createdAt: '2030-01-01T00:00:00.000Z',
				createdBy: T,
				createdByDevice: 'DVCt',
				reason: 'AcceptanceOfCreation',
				oldStatus: 'Pending',
				newStatus: 'Active'
			}
		]);
	});

	test('no event at all is no relationship', () => {
		expect(fold([]).status).toBeUndefined();
	});
});

// ------------------------------------------------------------------------------------ crossing stories

const active = 'R create, T< accept';
const ended = `${active}, R< terminate`;
const asked = `${ended}, T< reactivate`;
const madeActive = 'R Creation, T AcceptanceOfCreation';
const madeEnded = `${madeActive}, R Termination`;
const madeAsked = `${madeEnded}, T ReactivationRequested`;

/** What crosses → what is left, on both sides, whatever the hashes are. */
const crossings: [text: string, outcome: string | string[]][] = [
	['R create, T< accept, R revoke', 'Revoked: R Creation, R RevocationOfCreation'],
	['R create, T< reject, R revoke', 'Revoked: R Creation, R RevocationOfCreation'],
	['R create, T< accept, T terminate, R revoke', 'Revoked: R Creation, R RevocationOfCreation'],
	[
		'R create, T< accept, T terminate, T decompose, R revoke',
		'Revoked without T: R Creation, R RevocationOfCreation'
	],
	[
		`${active}, R< terminate, T terminate`,
		[`Terminated: ${madeActive}, R Termination`, `Terminated: ${madeActive}, T Termination`]
	],
	[
		`${ended}, T< reactivate, R reactivate`,
		[
			`Active: ${madeEnded}, T ReactivationRequested, R AcceptanceOfReactivation`,
			`Active: ${madeEnded}, R ReactivationRequested, T AcceptanceOfReactivation`
		]
	],
	[`${asked}, R< acceptReactivation, T revokeReactivation`, `Terminated: ${madeAsked}, T RevocationOfReactivation`],
	[`${asked}, R< rejectReactivation, T revokeReactivation`, `Terminated: ${madeAsked}, T RevocationOfReactivation`],
	[
		`${asked}, R< acceptReactivation, R terminate, R reactivate, T revokeReactivation`,
		`Terminated: ${madeAsked}, T RevocationOfReactivation, R ReactivationRequested`
	],
	[`${ended}, T< reactivate, R decompose`, `DeletionProposed without R: ${madeEnded}, R Decomposition`],
	[`${asked}, R< acceptReactivation, T decompose`, `DeletionProposed without T: ${madeAsked}, T Decomposition`],
	[`${asked}, R< rejectReactivation, T decompose`, `DeletionProposed without T: ${madeAsked}, T Decomposition`],
	[
		`${ended}, T< decompose, R decompose`,
		[
			`DeletionProposed without RT: ${madeEnded}, T Decomposition`,
			`DeletionProposed without RT: ${madeEnded}, R Decomposition`
		]
	],
	// A request taken back before it crossed with the other's is no consent.
	[
		`${ended}, R reactivate, R revokeReactivation, T<1 reactivate`,
		`Terminated: ${madeEnded}, R ReactivationRequested, R RevocationOfReactivation, T ReactivationRequested`
	],
	[
		`${active}, R< terminate, R reactivate, R revokeReactivation, T terminate, T reactivate`,
		`Terminated: ${madeActive}, R Termination, R ReactivationRequested, R RevocationOfReactivation, T ReactivationRequested`
	]
];

/** Rows of the crossing table that a strength breaks, with any of many hashes. */
function brokenCrossings(strength?: Strength): string[] {
	return crossings
		.filter(([text, expected]) =>
			Array.from({ length: 24 }, (_, i) => outcome(fold(story(text, i * 100), strength))).some(
				(result) => ![expected].flat().includes(result)
			)
		)
		.map(([text]) => text);
}

describe('crossing events', () => {
	test.each(crossings)('"%s" leaves "%s"', (text, expected) => {
		const results = Array.from({ length: 24 }, (_, i) => outcome(fold(story(text, i * 100))));
		for (const result of results) expect([expected].flat()).toContain(result);
		expect(new Set(results).size).toBe([expected].flat().length);
	});

	test('the loser of a crossing is told by its hash and is no evidence against anybody', () => {
		const events = story('R create, T< accept, R revoke');
		const accept = events.find((event) => event.action === 'accept');
		expect(fold(events)).toMatchObject({ crossed: [accept?.hash], refused: [], waiting: [] });
	});

	const place =
		(order: readonly RelationshipAction[]): Strength =>
		(event) =>
			-order.indexOf(event.action);
	const swapped = (a: RelationshipAction, b: RelationshipAction) =>
		place(strengths.map((action) => (action === a ? b : action === b ? a : action)));
	test.each([
		['accept beats revoke', swapped('accept', 'revoke')],
		['reactivation beats decompose', swapped('decompose', 'reactivate')],
		['accepting beats taking back', swapped('acceptReactivation', 'revokeReactivation')],
		['asking again beats taking back', swapped('reactivate', 'revokeReactivation')],
		['everything upside down', place([...strengths].reverse())]
	])('negative control: a table where %s breaks the crossing laws', (_name, strength) => {
		expect(brokenCrossings()).toEqual([]);
		expect(brokenCrossings(strength)).not.toEqual([]);
	});
});

// ------------------------------------------------------------------------------------------- evidence

describe('events that break the rules of their author', () => {
	const whys = (events: RelationshipEvent[]) => fold(events).refused.map(({ why }) => why);

	test('an illegal action is refused and the chain goes on behind it', () => {
		const folded = fold(story('R create, R accept, R revoke'));
		expect(folded.refused.map(({ why }) => why)).toEqual(['illegal']);
		expect(folded.status).toBe('Revoked');
	});

	test('nothing may be done by who has decomposed', () => {
		const folded = fold(story(`${ended}, T< decompose, T reactivate, T decompose`));
		expect(folded.refused.map(({ why }) => why)).toEqual(['illegal', 'illegal']);
		expect(folded.status).toBe('DeletionProposed');
	});

	test('of two events with one counter the lower hash stays, and both sides agree which', () => {
		const [create, accept] = story('R create, T< accept') as [RelationshipEvent, RelationshipEvent];
		const { hash: _hash, ...body } = accept;
		const reject = sign({ ...body, action: 'reject' });
		const folded = fold([reject, create, accept]);
		const lower = accept.hash < reject.hash ? accept : reject;
		expect(folded.status).toBe(rules[lower.action].to);
		expect(folded.refused).toEqual([{ hash: lower === accept ? reject.hash : accept.hash, why: 'fork' }]);
	});

	test('what stands on the refused branch of a fork is refused with it', () => {
		const [create, accept] = story('R create, T< accept') as [RelationshipEvent, RelationshipEvent];
		const { hash: _hash, ...body } = accept;
		const other = sign({ ...body, device: 'DVCx' });
		const [lower, higher] = [accept, other].sort((a, b) => (a.hash < b.hash ? -1 : 1)) as [
			typeof other,
			typeof other
		];
		const next = sign({ ...body, n: 1, prev: higher.hash, action: 'terminate' });
		expect(fold([create, lower, higher, next])).toMatchObject({ status: 'Active' });
		expect(whys([create, lower, higher, next]).sort()).toEqual(['chain', 'fork']);
	});

	test('who saw the branch that was not kept is not punished for it', () => {
		const [create, accept] = story('R create, T< accept') as [RelationshipEvent, RelationshipEvent];
		const { hash: _hash, ...body } = accept;
		const other = sign({ ...body, device: 'DVCx' });
		for (const seen of [accept, other]) {
			const end = sign({
				...body,
				author: R,
				n: 1,
				prev: create.hash,
				seen: { m: 0, hash: seen.hash },
				action: 'revoke'
			});
			const folded = fold([create, accept, other, end]);
			const isKept = seen.hash < (seen === accept ? other : accept).hash;
			// Knowing the kept accept, revoking is illegal; knowing the other only, it crosses the kept one and wins.
			expect(folded.status).toBe(isKept ? 'Active' : 'Revoked');
		}
	});

	test('an event that knows less than an earlier one of its author is refused', () => {
		const events = story('R create, T< accept, R< terminate');
		const end = events.find((event) => event.action === 'terminate') as RelationshipEvent;
		const { hash: _hash, ...body } = end;
		const stale = sign({ ...body, n: 2, prev: end.hash, seen: null, action: 'reactivate' });
		expect(fold([...events, stale])).toMatchObject({
			status: 'Terminated',
			refused: [{ hash: stale.hash, why: 'stale' }]
		});
	});

	test('strangers, broken counters and invented knowledge are refused', () => {
		const [create] = story('R create') as [RelationshipEvent];
		const { hash: _hash, ...body } = create;
		const cases: [Partial<Body>, EventFault][] = [
			[{ author: 'did:e:localhost:dids:00000000000000000000cc' }, 'stranger'],
			[{ n: 1, prev: null }, 'chain'],
			[{ n: 0, prev: create.hash }, 'chain'],
			[{ n: 5, prev: create.hash }, 'chain'],
			[{ n: 0.5, prev: create.hash }, 'chain'],
			[{ author: T, n: 1, prev: create.hash }, 'chain'],
			[{ n: 1, prev: create.hash, seen: { m: 0, hash: create.hash }, action: 'revoke' }, 'seen'],
			[{ author: T, seen: { m: 3, hash: create.hash }, action: 'accept' }, 'seen'],
			[{ n: 254, prev: create.hash, action: 'reactivate' }, 'limit'],
			[{ n: 255, prev: create.hash, action: 'terminate' }, 'limit'],
			[{ n: 256, prev: create.hash, action: 'decompose' }, 'limit']
		];
		for (const [change, why] of cases)
			expect([change, whys([create, sign({ ...body, ...change })])]).toEqual([change, [why]]);
	});

	test('a side that used up its places can still end the relationship and leave it', () => {
		const events = story('R create, T< accept');
		const first = events.find(({ author }) => author === T) as RelationshipEvent;
		const add = (action: RelationshipAction) => {
			const last = events.filter(({ author }) => author === T).at(-1) as RelationshipEvent;
			const { hash: _hash, ...body } = last;
			events.push(sign({ ...body, n: last.n + 1, prev: last.hash, seen: first.seen, action }));
		};
		add('terminate');
		while (events.filter(({ author }) => author === T).length < 254)
			for (const action of ['reactivate', 'revokeReactivation'] as const) add(action);
		add('reactivate');
		expect(whys(events)).toEqual(['limit']);
		events.pop();
		expect(fold(events)).toMatchObject({ status: 'Terminated', refused: [] });
		add('terminate');
		add('decompose');
		expect(fold(events)).toMatchObject({ status: 'DeletionProposed', decomposedBy: [T] });
	});

	test('kept from a search: a broken predecessor is broken in every order, also while that one waits', () => {
		const [create] = story('R create') as [RelationshipEvent];
		const { hash: _hash, ...body } = create;
		const orphan = sign({ ...body, author: T, n: 1, prev: 'missing' });
		const broken = sign({ ...body, n: 1, prev: orphan.hash });
		const expected = { status: 'Pending', refused: [{ hash: broken.hash, why: 'chain' }], waiting: [orphan.hash] };
		expect(fold([create, orphan, broken])).toMatchObject(expected);
		expect(fold([broken, orphan, create])).toMatchObject(expected);
	});

	test('kept from a search: knowledge of a branch that changes sides is knowledge of nothing, not a wait for ever', () => {
		const [create, accept] = story('R create, T< accept') as [RelationshipEvent, RelationshipEvent];
		const { hash: _hash, ...body } = accept;
		const bent = sign({ ...body, author: R, n: 1, prev: accept.hash, seen: null });
		const after = sign({ ...body, n: 1, prev: accept.hash, seen: { m: 1, hash: bent.hash }, action: 'terminate' });
		expect(fold([create, accept, bent, after])).toMatchObject({ status: 'Terminated', waiting: [] });
	});

	test('what lacks a predecessor waits and is applied when it comes', () => {
		const [create, terminate, accept] = story('R create, T< accept, R< terminate') as RelationshipEvent[];
		expect(terminate?.action).toBe('terminate');
		const partly = fold([create, terminate] as RelationshipEvent[]);
		expect(partly).toMatchObject({ status: 'Pending', waiting: [terminate?.hash], refused: [] });
		expect(fold([accept] as RelationshipEvent[])).toMatchObject({ status: undefined, waiting: [accept?.hash] });
		expect(fold([terminate, accept, create] as RelationshipEvent[])).toMatchObject({
			status: 'Terminated',
			waiting: []
		});
	});
});

// ------------------------------------------------------------------------------------ slow reference

/** The same rules over plain sets: nothing is counted, everything is searched. */
function slowFold(given: readonly RelationshipEvent[], strength: (action: RelationshipAction) => number) {
	const events = [...new Map(given.map((event) => [event.hash, event])).values()];
	const get = (hash: string | null | undefined) => events.find((event) => event.hash === hash);
	const isSide = (event: RelationshipEvent) => event.author === R || event.author === T;

	type Fate = 'kept' | 'waits' | EventFault;
	function fate(event: RelationshipEvent): Fate {
		if (!isSide(event)) return 'stranger';
		if (!Number.isInteger(event.n) || (event.n === 0) !== (event.prev === null)) return 'chain';
		if (event.prev !== null) {
			const prev = get(event.prev);
			if (!prev) return 'waits';
			if (prev.author !== event.author || prev.n !== event.n - 1) return 'chain';
			const prevFate = fate(prev);
			if (prevFate !== 'kept') return prevFate === 'waits' ? 'waits' : 'chain';
		}
		const rivals = events.filter((e) => e.author === event.author && e.n === event.n && e.prev === event.prev);
		return rivals.every((rival) => event.hash <= rival.hash) ? 'kept' : 'fork';
	}
	function keptOf(seen: RelationshipEvent | undefined): RelationshipEvent | undefined {
		if (!seen || fate(seen) === 'kept') return seen;
		const prev = get(seen.prev);
		return prev?.author === seen.author ? keptOf(prev) : undefined;
	}
	const isWrongSight = (event: RelationshipEvent) => {
		const seen = get(event.seen?.hash);
		return !!seen && (!isSide(seen) || seen.author === event.author || seen.n !== event.seen?.m);
	};
	/** In its place, with everything it stands on. */
	function isPresent(event: RelationshipEvent): boolean {
		if (fate(event) !== 'kept') return false;
		const prev = get(event.prev);
		if (prev && !isPresent(prev)) return false;
		if (!event.seen) return true;
		const seen = get(event.seen.hash);
		if (!seen || fate(seen) === 'waits') return false;
		if (isWrongSight(event)) return true;
		const kept = keptOf(seen);
		return !kept || isPresent(kept);
	}
	function before(event: RelationshipEvent): Set<RelationshipEvent> {
		const direct = [get(event.prev), isWrongSight(event) ? undefined : keptOf(get(event.seen?.hash))];
		return new Set(direct.flatMap((e) => (e ? [e, ...before(e)] : [])));
	}
	const isStale = (event: RelationshipEvent) =>
		!isWrongSight(event) &&
		[...before(event)].some(
			(e) =>
				e.author === event.author &&
				fault(e) !== 'seen' &&
				fault(e) !== 'stale' &&
				(e.seen?.m ?? -1) > (event.seen?.m ?? -1)
		);
	function fault(event: RelationshipEvent): EventFault | undefined {
		if (isWrongSight(event)) return 'seen';
		if (isStale(event)) return 'stale';
		const known = readSet(before(event));
		const situation = { status: known.status ?? 'None', author: R, asker: known.asker?.author } as const;
		const isGone = known.gone.includes(event.author);
		return isGone || objectionTo(situation, event.author, event.action) ? 'illegal' : undefined;
	}
	const faults = new Map<string, EventFault | undefined>();
	const isLegal = (event: RelationshipEvent) => {
		if (!faults.has(event.hash)) faults.set(event.hash, fault(event));
		return faults.get(event.hash) === undefined;
	};

	interface Read {
		status: RelationshipStatus | undefined;
		asker: RelationshipEvent | undefined;
		log: string[];
		crossed: string[];
		gone: string[];
	}
	function readSet(set: Set<RelationshipEvent>): Read {
		const start: Read = { status: undefined, asker: undefined, log: [], crossed: [], gone: [] };
		return step(start, set);
	}
	function step(read: Read, left: Set<RelationshipEvent>): Read {
		const heads = [...left].filter((event) => ![...before(event)].some((e) => left.has(e)));
		if (heads.length === 0) return read;
		const [first] = heads.sort((x, y) => {
			const power = (z: RelationshipEvent, versus: RelationshipEvent) =>
				[...left]
					.filter((e) => e.author === z.author && !before(e).has(versus) && isLegal(e))
					.reduce((max, e) => Math.max(max, strength(e.action)), -Infinity);
			return power(y, x) - power(x, y) || (x.hash < y.hash ? -1 : 1);
		}) as [RelationshipEvent];
		return step(isLegal(first) ? applied(read, first) : read, new Set([...left].filter((e) => e !== first)));
	}
	function applied(read: Read, event: RelationshipEvent): Read {
		const enter = (action: RelationshipAction): Read => ({
			...read,
			status: rules[action].to,
			asker: action === 'reactivate' ? event : undefined,
			log: [...read.log, `${event.author} ${rules[action].reason} ${read.status ?? ''} ${event.time}`]
		});
		if (event.action === 'decompose') {
			const gone = [...read.gone, event.author].sort();
			return ['Rejected', 'Revoked', 'DeletionProposed'].includes(read.status ?? '')
				? { ...read, gone }
				: { ...enter('decompose'), gone };
		}
		const { asker } = read;
		const isMeeting =
			event.action === 'reactivate' && asker && asker.author !== event.author && !before(event).has(asker);
		if (isMeeting) return enter('acceptReactivation');
		const rule: Rule = rules[event.action];
		const objection = objectionTo(
			{ status: read.status ?? 'None', author: R, asker: asker?.author },
			event.author,
			event.action
		);
		const isBlind = rule.request === 'open' && asker && !before(event).has(asker);
		return objection || isBlind ? { ...read, crossed: [...read.crossed, event.hash].sort() } : enter(event.action);
	}

	const present = events.filter(isPresent);
	const read = readSet(new Set(present));
	const refused = events.flatMap((event) => {
		const outside = fate(event);
		if (outside === 'waits') return [];
		const why =
			outside !== 'kept' ? outside : isPresent(event) && !isLegal(event) ? faults.get(event.hash) : undefined;
		return why ? [`${event.hash} ${why}`] : [];
	});
	const lost = new Set(refused.map((line) => line.split(' ')[0]));
	const waiting = events.filter(
		(e) => !isPresent(e) && !lost.has(e.hash) && (fate(e) === 'waits' || fate(e) === 'kept')
	);
	return {
		status: read.status,
		log: read.log,
		crossed: read.crossed,
		refused: refused.sort(),
		waiting: waiting.map((event) => event.hash).sort(),
		gone: read.gone
	};
}

const comparable = (folded: FoldedRelationship) => ({
	status: folded.status,
	log: folded.auditLog.map((e) => `${e.createdBy} ${e.reason} ${e.oldStatus ?? ''} ${e.createdAt}`),
	crossed: folded.crossed,
	refused: folded.refused.map(({ hash, why }) => `${hash} ${why}`).sort(),
	waiting: folded.waiting,
	gone: folded.decomposedBy
});

// ---------------------------------------------------------------------------------------------- laws

const step = fc.record({
	who: fc.constantFrom(R, T),
	hears: fc.nat(3),
	choice: fc.nat(20),
	salt: fc.nat(1_000),
	wild: fc.nat(19).map((x) => x === 0)
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Two devices that do what their fold allows (now and then what it does not), hearing of each other late. */
function play(steps: readonly Step[], isWild: boolean): RelationshipEvent[] {
	const w = world();
	w.act(R, 'create');
	w.hears(T);
	for (const { who, hears, choice, salt, wild } of steps) {
		w.hears(who, hears);
		const known = fold(w.knownTo(who));
		const now = { status: known.status ?? 'None', author: R, asker: askerIn(known.auditLog) } as const;
		const allowed = known.decomposedBy.includes(who)
			? []
			: relationshipActions.filter((a) => !objectionTo(now, who, a));
		const actions = isWild && wild ? relationshipActions : allowed;
		if (actions.length > 0) w.act(who, actions[choice % actions.length] as RelationshipAction, salt);
	}
	return w.all();
}
const honest = fc.array(step, { maxLength: 14 }).map((steps) => play(steps, false));

/** Histories with illegal steps, forks, stale and invented knowledge, and holes. */
const hostile = fc
	.tuple(
		fc.array(step, { maxLength: 9 }),
		fc.array(fc.record({ at: fc.nat(30), kind: fc.nat(5), to: fc.nat(30) }), { maxLength: 3 })
	)
	.map(([steps, lies]) => lies.reduce(lie, play(steps, true)));

function lie(
	events: RelationshipEvent[],
	{ at, kind, to }: { at: number; kind: number; to: number }
): RelationshipEvent[] {
	const victim = events[at % events.length];
	const target = events[to % events.length];
	if (!victim || !target) return events;
	const { hash: _hash, ...body } = victim;
	if (kind === 5) return [...events, sign({ ...body, author: 'did:e:localhost:dids:00000000000000000000cc' }, to)];
	if (kind === 0) return events.filter((event) => event !== victim);
	if (kind === 1) return [...events, sign({ ...body, device: 'DVCf' }, to)];
	if (kind === 2)
		return [...events, sign({ ...body, n: body.n + 1, prev: victim.hash, seen: null, action: target.action }, to)];
	if (kind === 3) return [...events, sign({ ...body, n: body.n + 1, prev: target.hash }, to)];
	return [
		...events,
		sign({ ...body, n: body.n + 1, prev: victim.hash, seen: { m: target.n, hash: target.hash } }, to)
	];
}

const shuffledTwice = (events: readonly RelationshipEvent[]) =>
	fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2, maxLength: events.length * 2 });
const withOrder = <T extends fc.Arbitrary<RelationshipEvent[]>>(histories: T) =>
	histories.chain((events) => fc.tuple(fc.constant(events), shuffledTwice(events)));

describe('laws of the fold', () => {
	const byAction = (action: RelationshipAction) => strengths.length - strengths.indexOf(action);

	test('every order and repetition of one set gives the same result', () => {
		fc.assert(
			fc.property(withOrder(hostile), ([events, shuffled]) => {
				expect(fold(shuffled)).toEqual(fold(events));
			}),
			{ numRuns: 400 }
		);
	});

	test('negative control: where arrival decides a crossing, the same law fails', () => {
		const byArrival = (events: readonly RelationshipEvent[]) =>
			fold(events, (event) => events.findIndex((e) => e.hash === event.hash));
		const { failed } = fc.check(
			fc.property(withOrder(honest), ([events, shuffled]) => {
				expect(byArrival(shuffled)).toEqual(byArrival(events));
			}),
			{ numRuns: 1_000 }
		);
		expect(failed).toBe(true);
	});

	test('it agrees with the slow reference, whatever it is given', () => {
		fc.assert(
			fc.property(fc.oneof(honest, hostile), (events) => {
				expect(comparable(fold(events))).toEqual(slowFold(events, byAction));
			}),
			{ numRuns: 400 }
		);
	});

	test('negative control: with another crossing table it does not', () => {
		const other: Strength = (event) => (event.action === 'accept' ? 99 : byAction(event.action));
		const { failed } = fc.check(
			fc.property(honest, (events) => {
				expect(comparable(fold(events, other))).toEqual(slowFold(events, byAction));
			}),
			{ numRuns: 2_000 }
		);
		expect(failed).toBe(true);
	});

	test('honest devices are never accused and nothing of theirs waits once all is there', () => {
		fc.assert(
			fc.property(honest, (events) => {
				expect(fold(events)).toMatchObject({ refused: [], waiting: [] });
			}),
			{ numRuns: 600 }
		);
	});

	test('the audit log is a walk through the statuses and ends at the status', () => {
		fc.assert(
			fc.property(honest, (events) => {
				const { auditLog, status } = fold(events);
				auditLog.forEach((entry, i) => expect(entry.oldStatus).toBe(auditLog[i - 1]?.newStatus));
				expect(auditLog.at(-1)?.newStatus).toBe(status);
			}),
			{ numRuns: 300 }
		);
	});

	test('a revoked request is never accepted, and whoever decomposed stays gone', () => {
		fc.assert(
			fc.property(honest, (events) => {
				const { status, decomposedBy } = fold(events);
				if (events.some((event) => event.action === 'revoke')) expect(status).toBe('Revoked');
				const gone = events.filter((event) => event.action === 'decompose').map((event) => event.author);
				expect(decomposedBy).toEqual([...new Set(gone)].sort());
				if (gone.length > 0) expect(['DeletionProposed', 'Revoked', 'Rejected']).toContain(status);
			}),
			{ numRuns: 400 }
		);
	});

	test('learning more never turns an event others built on into evidence', () => {
		fc.assert(
			fc.property(honest, fc.nat(), (events, cut) => {
				const part = events.filter((_, i) => i !== cut % events.length);
				expect(fold(part).refused).toEqual([]);
			}),
			{ numRuns: 300 }
		);
	});
});
