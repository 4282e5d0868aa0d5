/**
 * What has to arrive although the other side is away: a queue in the Connector's own store, so it is on the disk when the
 * event was told, and survives any end of the process.
 *
 *   put ──▶ lane (one per target, in order) ──▶ attempt ──▶ gone
 *                  ▲                              │ fails: again after a while, until attempts or age are used up
 *                  └───────── replay ◀── dead letter
 *
 * 1. A lane delivers one thing at a time: what comes later waits, so a target reads events in their order.
 * 2. A thing is delivered at least once: it goes only after the target took it. Its event id tells it apart.
 * 3. Nothing is dropped without a trace: what is given up is a dead letter, which people replay or delete.
 */
import { ok, refuse, type Clock, type Result, type Store, type StoreWrite } from '../../crdt/index.ts';
import { MAX_DEAD_LETTERS, MAX_WAITING_DELIVERIES, RETRY_FIRST_MS, RETRY_MOST_MS } from '../limits.ts';
import { placeOf, type Log } from '../log.ts';

/** One thing to deliver. */
export interface Delivery {
	readonly trigger: string;
	readonly eventId: string;
	/** Exactly the bytes of every attempt. */
	readonly body: string;
	readonly correlationId?: string;
}
interface Row extends Delivery {
	readonly lane: string;
	/** When it was put, milliseconds. */
	readonly at: number;
	readonly attempts: number;
	/** Not before. */
	readonly nextAt: number;
}
interface DeadRow extends Row {
	readonly reason: string;
	readonly lastAttemptAt: number;
}
/** What REST shows of a dead letter; what it carried stays inside. */
export interface DeadLetter {
	readonly id: string;
	readonly target: string;
	readonly trigger: string;
	readonly eventId: string;
	readonly createdAt: string;
	readonly lastAttemptAt: string;
	readonly attempts: number;
	/** `status <n>`, the name of a network error, `targetRemoved` or `queueFull`. */
	readonly reason: string;
}

export interface Patience {
	readonly attempts: number;
	readonly maxAgeMs: number;
}
/** Tries once; anything thrown counts as a failure too. `signal` ends when the Connector stops. */
export type Attempt = (
	delivery: Delivery,
	signal: AbortSignal
) => Promise<{ ok: true } | { ok: false; reason: string }>;

export interface Lane {
	put(delivery: Delivery): void;
	/** Resolves when nothing runs any more; what was not delivered stays. */
	stop(): Promise<void>;
}
export interface Outbox {
	/** Opens the lane of a target; what waits there from before comes first. */
	lane(name: string, patience: Patience, attempt: Attempt): Lane;
	/** What waits for lanes of this beginning that nobody opened becomes dead letters: their target is configured no more. */
	abandon(prefix: string): Promise<void>;
	deadLetters(): Promise<DeadLetter[]>;
	/** Puts a dead letter at the end of its lane. */
	replay(id: string): Promise<Result<void>>;
	discard(id: string): Promise<Result<void>>;
	/** Resolves when everything put so far is on the disk. */
	written(): Promise<void>;
	/** Writes rows of others, behind everything put so far. */
	keep(...changes: readonly StoreWrite[]): Promise<void>;
}

const WAITING = 'connector.outbox';
const DEAD = 'connector.dead';
const META = 'connector.outbox.meta';
const PAGE = 500;
const ID = /^DLT\d{17}$/;

const encode = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
const decode = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T;
const number = (n: number) => String(n).padStart(17, '0');
/** Lane names hold no space, so a lane is the range from `<lane> ` to `<lane>!`. */
const start = (lane: string) => `${lane} `;
const end = (lane: string) => `${lane}!`;
const keyOf = (lane: string, seq: number) => start(lane) + number(seq);

/** 1 s, 2 s, 4 s … 5 min. */
const backOff = (attempts: number) => Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts - 1, 30), RETRY_MOST_MS);

const unknownLetter = refuse(
	'error.runtime.recordNotFound',
	'DeadLetter not found. Make sure the ID exists and the record is not expired.'
);
const unknownTarget = refuse(
	'error.connector.deadLetters.targetRemoved',
	'The target of this dead letter is not configured any more.'
);

interface OpenLane {
	waiting: number;
	ring: () => void;
	rung: Promise<void>;
}

/** Reads what is there and returns the queue. Nothing is delivered before its lane is opened. */
export async function openOutbox(
	store: Pick<Store, 'get' | 'range' | 'write'>,
	clock: Clock,
	log: Log,
	bounds = { waiting: MAX_WAITING_DELIVERIES, dead: MAX_DEAD_LETTERS }
): Promise<Outbox> {
	const meta = await store.get(META, 'next');
	let next = meta ? decode<number>(meta) : 1;
	let dead = await count(DEAD, '', '\uffff');
	const lanes = new Map<string, OpenLane>();
	const inHand = new Set<string>();
	let pending: StoreWrite[] = [];
	let writing: Promise<void> | undefined;
	let trimming: Promise<void> = Promise.resolve();

	async function* rows<T>(table: string, from: string, to: string): AsyncGenerator<[string, T]> {
		for (let at = from; ;) {
			const page = await store.range(table, at, to, PAGE);
			for (const [key, bytes] of page) yield [key, decode<T>(bytes)];
			const last = page.at(-1)?.[0];
			if (page.length < PAGE || last === undefined) return;
			at = `${last}\u0000`;
		}
	}
	async function count(table: string, from: string, to: string): Promise<number> {
		let sum = 0;
		for (let at = from; ;) {
			const page = await store.range(table, at, to, PAGE);
			sum += page.length;
			const last = page.at(-1)?.[0];
			if (page.length < PAGE || last === undefined) return sum;
			at = `${last}\u0000`;
		}
	}

	/** Everything told in one go is one transaction. */
	async function flush(): Promise<void> {
		while (pending.length > 0) {
			const batch = pending;
			pending = [];
			await store.write([...batch, { table: META, key: 'next', value: encode(next) }]);
			for (const { ring } of lanes.values()) ring();
		}
		writing = undefined;
	}
	function write(...changes: readonly StoreWrite[]): Promise<void> {
		pending.push(...changes);
		writing ??= Promise.resolve().then(flush);
		return writing;
	}

	/** Writes a letter together with `changes`; the oldest go where there are too many. */
	function bury(row: Row, reason: string, lastAttemptAt: number, ...changes: readonly StoreWrite[]): Promise<void> {
		const letter: DeadRow = { ...row, reason, lastAttemptAt };
		dead += 1;
		const buried = write(...changes, { table: DEAD, key: `DLT${number(next++)}`, value: encode(letter) });
		trimming = trimming.then(() => buried).then(trim);
		return trimming;
	}
	async function trim(): Promise<void> {
		if (dead <= bounds.dead) return;
		const oldest = await store.range(DEAD, undefined, undefined, dead - bounds.dead);
		dead -= oldest.length;
		log.warn({ dropped: oldest.length }, 'too many dead letters, the oldest are dropped');
		await write(...oldest.map(([key]): StoreWrite => ({ table: DEAD, key, value: null })));
	}

	/** What is written after an attempt: the thing is gone, dead, or waits. */
	async function settle(
		lane: OpenLane,
		key: string,
		row: Row,
		patience: Patience,
		reason: string | undefined
	): Promise<void> {
		const now = clock.now();
		const gone: StoreWrite = { table: WAITING, key, value: null };
		const attempts = row.attempts + 1;
		const deadline = row.at + patience.maxAgeMs;
		if (reason !== undefined && attempts < patience.attempts && now < deadline) {
			const nextAt = Math.min(now + backOff(attempts), deadline);
			log.warn(
				{ trigger: row.trigger, target: row.lane, reason, attempts },
				'not delivered, will be tried again'
			);
			return write({ table: WAITING, key, value: encode({ ...row, attempts, nextAt } satisfies Row) });
		}
		lane.waiting -= 1;
		if (reason === undefined) return write(gone);
		log.error({ trigger: row.trigger, target: row.lane, reason, attempts }, 'not delivered, now a dead letter');
		return bury({ ...row, attempts }, reason, now, gone);
	}

	async function run(
		name: string,
		lane: OpenLane,
		patience: Patience,
		attempt: Attempt,
		signal: AbortSignal
	): Promise<void> {
		while (!signal.aborted) {
			const { rung } = lane;
			const [head] = await store.range(WAITING, start(name), end(name), 1);
			if (!head) {
				await rung;
				continue;
			}
			const [key, bytes] = head;
			const row = decode<Row>(bytes);
			const wait = Math.min(row.nextAt - clock.now(), RETRY_MOST_MS);
			if (wait > 0) {
				await clock.sleep(wait, signal);
				continue;
			}
			const tried = await attempt(row, signal).catch((error: unknown) => ({
				ok: false as const,
				reason: nameOf(error)
			}));
			// An attempt that our own end cut short is none.
			if (!tried.ok && signal.aborted) return;
			await settle(lane, key, row, patience, tried.ok ? undefined : tried.reason);
		}
	}

	function put(name: string, lane: OpenLane, delivery: Delivery): Promise<void> {
		const now = clock.now();
		const row: Row = { ...delivery, lane: name, at: now, attempts: 0, nextAt: now };
		if (lane.waiting >= bounds.waiting) return bury(row, 'queueFull', now);
		lane.waiting += 1;
		return write({ table: WAITING, key: keyOf(name, next++), value: encode(row) });
	}

	/** Takes a letter in hand, so that two callers cannot both have it. */
	async function withLetter(id: string, use: (row: DeadRow) => Promise<Result<void>>): Promise<Result<void>> {
		if (!ID.test(id) || inHand.has(id)) return unknownLetter;
		inHand.add(id);
		try {
			const bytes = await store.get(DEAD, id);
			return bytes ? await use(decode<DeadRow>(bytes)) : unknownLetter;
		} finally {
			inHand.delete(id);
		}
	}

	return {
		lane(name, patience, attempt) {
			if (lanes.has(name) || /[ !]/.test(name)) throw new Error(`the lane ${name} cannot be opened`);
			const stopped = new AbortController();
			const lane: OpenLane = { waiting: 0, ring: () => undefined, rung: Promise.resolve() };
			const silence = () => {
				const bell = Promise.withResolvers<void>();
				lane.rung = bell.promise;
				lane.ring = () => (silence(), bell.resolve());
			};
			silence();
			lanes.set(name, lane);
			const running = count(WAITING, start(name), end(name))
				.then((before) => {
					lane.waiting += before;
					return run(name, lane, patience, attempt, stopped.signal);
				})
				.catch((error: unknown) => log.fatal(placeOf(error), 'a lane broke'));
			return {
				put: (delivery) =>
					void put(name, lane, delivery).catch((error: unknown) =>
						log.fatal(placeOf(error), 'an event could not be kept')
					),
				async stop() {
					stopped.abort();
					lane.ring();
					await running;
					await writing?.catch(() => undefined);
					lanes.delete(name);
				}
			};
		},

		async abandon(prefix) {
			for await (const [key, row] of rows<Row>(WAITING, prefix, `${prefix}\uffff`)) {
				if (lanes.has(row.lane)) continue;
				await bury(row, 'targetRemoved', clock.now(), { table: WAITING, key, value: null });
			}
		},

		async deadLetters() {
			const letters: DeadLetter[] = [];
			for await (const [id, row] of rows<DeadRow>(DEAD, '', '\uffff'))
				letters.push({
					id,
					target: row.lane,
					trigger: row.trigger,
					eventId: row.eventId,
					createdAt: new Date(row.at).toISOString(),
					lastAttemptAt: new Date(row.lastAttemptAt).toISOString(),
					attempts: row.attempts,
					reason: row.reason
				});
			return letters;
		},

		replay: (id) =>
			withLetter(id, async ({ reason: _reason, lastAttemptAt: _last, ...row }) => {
				const lane = lanes.get(row.lane);
				if (!lane) return unknownTarget;
				const now = clock.now();
				const again: Row = { ...row, at: now, nextAt: now, attempts: 0 };
				dead -= 1;
				lane.waiting += 1;
				await write(
					{ table: DEAD, key: id, value: null },
					{ table: WAITING, key: keyOf(row.lane, next++), value: encode(again) }
				);
				return ok(undefined);
			}),

		discard: (id) =>
			withLetter(id, async () => {
				dead -= 1;
				await write({ table: DEAD, key: id, value: null });
				return ok(undefined);
			}),

		written: async () => writing,
		keep: write
	};
}

/** How a failure is called where people read it: its code or class, never its text. */
export function nameOf(error: unknown): string {
	const code = (error as { code?: unknown } | null)?.code;
	if (typeof code === 'string' && /^[\w.-]{1,60}$/.test(code)) return code;
	return error instanceof Error ? error.name : 'unknown';
}
