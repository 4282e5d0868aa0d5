/**
 * Group commit (PROTOCOL.md §4): requests that arrive together are applied in their order to one transaction, each under a
 * savepoint of its own, and answered after that transaction is durable. One relay signature a tick covers all positions it
 * acknowledged.
 *
 *   enqueue ─▶ queue ─(next tick)─▶ await what each prepared ─▶ transaction { apply, apply, … } ─▶ sign ─▶ answer ─▶ wake
 *
 * A full disk refuses the whole tick (nothing was stored) and the next one tries again. A broken disk refuses everything
 * from then on: after a failed fsync nobody knows what is on it until it is opened anew.
 */
import { ackLeaf, ackTree, encodeProof, signedMessage, type Bytes, type RefusalType } from '@enmeshed/crdt/wire';
import { nameOf } from './names.ts';
import { refused, type Done, type Effects, type Ground, type Outcome } from './operations/operation.ts';
import { StoreError } from './store/store.ts';

export interface Job {
	/** Resolves when the job may be applied; what it resolves with is the job's own business. */
	readonly ready: Promise<unknown> | undefined;
	apply(effects: Effects): Outcome;
	answer(outcome: Outcome): void;
}

export interface Ticks {
	enqueue(job: Job): void;
	/** Resolves when nothing is queued or running. */
	idle(): Promise<void>;
	/** Refuses everything from now on. */
	stop(): void;
	readonly state: () => { broken: boolean; ticks: number; applied: number; queued: number };
}

export interface TickPorts {
	readonly ground: Ground;
	/** Runs a function at the next tick. */
	readonly schedule: (run: () => void) => void;
	/** After the commit: these accounts have news. */
	readonly wake: (tags: readonly Bytes[]) => void;
	/** A bug or a broken disk, for the log. */
	readonly report: (error: unknown) => void;
	readonly tickRequests: number;
}

interface Applied {
	readonly job: Job;
	readonly outcome: Outcome;
	readonly woken: readonly Bytes[];
	readonly dropped: readonly string[];
}

export function createTicks({ ground, schedule, wake, report, tickRequests }: TickPorts): Ticks {
	let queue: Job[] = [];
	let running = false;
	let broken = false;
	let stopped = false;
	let ticks = 0;
	let applied = 0;
	let waiting: (() => void)[] = [];

	const plan = () => {
		if (running || queue.length === 0) return;
		running = true;
		schedule(() => void tick());
	};

	async function tick(): Promise<void> {
		const jobs = queue.slice(0, tickRequests);
		queue = queue.slice(tickRequests);
		for (const { ready } of jobs) if (ready) await ready;
		finish(broken ? refuseAll(jobs, 'unavailable') : commitAll(jobs));
		running = false;
		plan();
		if (!running) settle();
	}

	const settle = () => {
		const resolved = waiting;
		waiting = [];
		for (const resolve of resolved) resolve();
	};

	const refuseAll = (jobs: readonly Job[], type: RefusalType): Applied[] =>
		jobs.map((job) => ({ job, outcome: refused(type), woken: [], dropped: [] }));

	function commitAll(jobs: readonly Job[]): Applied[] {
		try {
			const all = ground.store.transaction(() => jobs.map(applyOne));
			ticks++;
			applied += jobs.length;
			return all;
		} catch (error) {
			const full = error instanceof StoreError && error.fault === 'full';
			if (!full) {
				broken = true;
				report(error);
			}
			return refuseAll(jobs, full ? 'storage-full' : 'unavailable');
		}
	}

	/** A bug in one request undoes that request and is reported; the store's own faults end the tick. */
	function applyOne(job: Job): Applied {
		const woken: Bytes[] = [];
		const dropped: string[] = [];
		let outcome: Outcome = refused('unavailable');
		try {
			ground.store.savepoint(() => {
				outcome = job.apply({ wake: (tag) => woken.push(tag), dropBlob: (name) => dropped.push(name) });
				return outcome.ok || outcome.keep === true;
			});
		} catch (error) {
			if (error instanceof StoreError) throw error;
			report(error);
			return { job, outcome: refused('unavailable'), woken: [], dropped: [] };
		}
		const kept = (outcome as Outcome).ok || (outcome as { keep?: true }).keep === true;
		return { job, outcome, woken: kept ? woken : [], dropped: kept ? dropped : [] };
	}

	function finish(all: readonly Applied[]): void {
		const outcomes = withProofs(all.map(({ outcome }) => outcome));
		for (const [index, { job }] of all.entries()) job.answer(outcomes[index]!);
		const woken = new Map(all.flatMap(({ woken }) => woken.map((tag) => [nameOf(tag), tag] as const)));
		if (woken.size > 0) wake([...woken.values()]);
		for (const { dropped } of all) for (const name of dropped) void ground.store.dropBlob(name).catch(report);
	}

	/** One signature over the tree of all (identityTag, seq, root, time) of this tick. */
	function withProofs(outcomes: readonly Outcome[]): Outcome[] {
		const acks = outcomes.flatMap((outcome, index) =>
			outcome.ok && outcome.ack ? [{ index, ...outcome.ack }] : []
		);
		if (acks.length === 0) return [...outcomes];
		const time = ground.now();
		const { root, paths } = ackTree(acks.map(({ tag, seq, root }) => ackLeaf(tag, seq, root, time)));
		const signature = ground.sign(signedMessage('ack', root));
		const proven = [...outcomes];
		for (const [leaf, { index }] of acks.entries()) {
			const outcome = proven[index] as Done;
			const proof = encodeProof({ time, path: paths[leaf]!, signature });
			proven[index] = { ...outcome, fields: { ...outcome.fields, proof } };
		}
		return proven;
	}

	return {
		enqueue(job) {
			if (stopped || broken) return job.answer(refused('unavailable'));
			queue.push(job);
			plan();
		},
		idle: () => (running || queue.length > 0 ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
		stop: () => void (stopped = true),
		state: () => ({ broken, ticks, applied, queued: queue.length })
	};
}
