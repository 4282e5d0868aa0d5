/**
 * The world simulation (trials.md B, programmes 1 and 2), on all cores:
 *
 *   node trials/sim.ts --seed 42              one world, told at length; twice, to see that a seed is a world
 *   node trials/sim.ts --seeds 2000 [--from n] [--long]      20 to 60 steps each; --long: 60 to 150
 *   node trials/sim.ts --mutants              each deliberate fault must be noticed
 *   node trials/sim.ts --hostile              each lie of a hostile relay, in each flow it can be told in
 *
 * Without arguments: 2 000 seeds, mutants and lies. Seeds that once failed (seeds.json) are always run. The last line is
 * `sim: N passed, N failed`; the exit code is 1 when something failed.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { lies } from '../crdt/sim/hostile.ts';
import { mutants } from '../crdt/sim/mutants.ts';
import { runSeed, stepsOf } from './sim-seeds.ts';

interface Task {
	readonly kind: 'seed' | 'mutant' | 'lie';
	/** Seed, or index in the table. */
	readonly n: number;
	readonly seed: string;
	/** A world of full length (60 to 150 steps) instead of a short one. */
	readonly long?: boolean;
}
interface Report {
	readonly task: Task;
	readonly ok: boolean;
	readonly text: string;
	readonly counts?: readonly (readonly [string, number])[];
	readonly trace?: string;
	readonly steps?: number;
}

const DEFAULT_SEEDS = 2_000;
const MUTANT_TRIES = 60;
/** Worlds in which each lie is told. */
const LIE_SEEDS = 16;

// --- one task ------------------------------------------------------------------------------------------------------------

async function perform(task: Task): Promise<Report> {
	if (task.kind === 'mutant') return { task, ...(await tryMutant(task.n)) };
	if (task.kind === 'lie') return { task, ...(await tellLie(task)) };
	const { failure, counts, trace, steps } = await runSeed(task.seed, lengthOf(task.seed, task.long));
	const text = failure
		? `seed ${task.seed}: ${failure.invariant} at step ${failure.step}: ${failure.detail.slice(0, 400)}`
		: '';
	return { task, ok: !failure, text, counts: [...counts], trace, steps };
}

const lengthOf = (seed: string, long = false) => (long ? {} : { steps: stepsOf(seed) });

async function tryMutant(n: number): Promise<Omit<Report, 'task'>> {
	const { name, caughtBy, options, relay, patch, fresh } = mutants[n]!;
	let missed = '';
	for (let seed = 1; seed <= MUTANT_TRIES; seed++) {
		const undo = patch?.();
		try {
			const { failure } = await runSeed(`mutant ${seed}`, { ...options, relay, fresh });
			if (failure && caughtBy.includes(failure.invariant))
				return {
					ok: true,
					text: `${name} → ${failure.invariant} (seed "mutant ${seed}", step ${failure.step})`
				};
			if (failure) missed = ` (${failure.invariant} at ${seed}: ${failure.detail.slice(0, 160)})`;
		} finally {
			undo?.();
		}
	}
	return { ok: false, text: `${name} → NOT CAUGHT in ${MUTANT_TRIES} seeds${missed}` };
}

async function tellLie(task: Task): Promise<Omit<Report, 'task'>> {
	const lie = lies[task.n]!;
	const { failure, counts } = await runSeed(task.seed, lie.options());
	const told = [...counts].filter(([name]) => name.startsWith('told ') || name.startsWith('end '));
	return {
		ok: !failure,
		text: failure
			? `${lie.name}, seed "${task.seed}": ${failure.invariant} at step ${failure.step}: ${failure.detail.slice(0, 400)}`
			: '',
		counts: told
	};
}

// --- all of them, on all cores -----------------------------------------------------------------------------------------------

async function performAll(tasks: readonly Task[], heard: (report: Report) => void): Promise<void> {
	const queue = [...tasks];
	const workers = Array.from(
		{ length: Math.min(availableParallelism(), tasks.length) },
		() => new Worker(new URL(import.meta.url))
	);
	await Promise.all(
		workers.map(
			(worker) =>
				new Promise<void>((resolve, reject) => {
					const next = () => {
						const task = queue.shift();
						if (!task) return void worker.terminate().then(() => resolve());
						worker.postMessage(task);
					};
					worker.on('error', reject);
					worker.on('message', (report: Report) => {
						heard(report);
						next();
					});
					next();
				})
		)
	);
}

const seedTask = (seed: string): Task => ({ kind: 'seed', n: 0, seed });
const onceFailed = (): string[] =>
	JSON.parse(readFileSync(new URL('./seeds.json', import.meta.url), 'utf8')) as string[];

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			seed: { type: 'string' },
			seeds: { type: 'string' },
			from: { type: 'string', default: '1' },
			mutants: { type: 'boolean', default: false },
			hostile: { type: 'boolean', default: false },
			long: { type: 'boolean', default: false }
		}
	});
	if (values.seed !== undefined) return oneSeed(values.seed, values.long);
	const everything = !values.seeds && !values.mutants && !values.hostile;
	const tasks: Task[] = [];
	if (values.mutants || everything) tasks.push(...mutants.map((_, n): Task => ({ kind: 'mutant', n, seed: '' })));
	if (values.hostile || everything)
		tasks.push(
			...lies.flatMap((_, n) =>
				Array.from({ length: LIE_SEEDS }, (_unused, i): Task => ({ kind: 'lie', n, seed: `lie ${i + 1}` }))
			)
		);
	const first = Number(values.from);
	const count = Number(values.seeds ?? (everything ? DEFAULT_SEEDS : 0));
	if (count > 0)
		tasks.push(
			...onceFailed().map((seed) => ({ ...seedTask(seed), long: true })),
			...Array.from({ length: count }, (_, i) => ({ ...seedTask(String(first + i)), long: values.long }))
		);
	const started = performance.now();
	let passed = 0;
	let failed = 0;
	let steps = 0;
	const told = new Map<string, Map<string, number>>();
	const did = new Map<string, number>();
	await performAll(tasks, ({ task, ok, text, counts, steps: taken }) => {
		if (ok) passed++;
		else failed++;
		steps += taken ?? 0;
		if (!ok || task.kind === 'mutant') console.log(ok ? `  ${text}` : `FAILED ${text}`);
		if (!ok && task.kind === 'seed')
			console.log(`  replay: npm run sim -- --seed "${task.seed}"${task.long ? ' --long' : ''}`);
		const table = task.kind === 'lie' ? (told.get(lies[task.n]!.name) ?? new Map<string, number>()) : did;
		if (task.kind === 'lie') told.set(lies[task.n]!.name, table);
		for (const [name, n] of counts ?? []) table.set(name, (table.get(name) ?? 0) + n);
	});
	if (told.size > 0) failed += showLies(told);
	if (count > 0) {
		const seconds = (performance.now() - started) / 1000;
		console.log(
			[...did]
				.filter(([name]) => name.startsWith('ok ') || !name.includes(' '))
				.sort()
				.map(([name, n]) => `${name.replace('ok ', '')} ${n}`)
				.join(' · ')
		);
		console.log(`${steps} steps in ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(1)} seeds/s`);
	}
	console.log(`sim: ${passed} passed, ${failed} failed`);
	process.exitCode = failed > 0 ? 1 : 0;
}

/** Lie × flow, how often it was really told, and how the device ended. A cell with 0 fails. */
function showLies(told: ReadonlyMap<string, ReadonlyMap<string, number>>): number {
	let empty = 0;
	for (const { name, flows, end, shows } of lies) {
		const counts = told.get(name);
		const cells = flows.map((flow) => [flow, counts?.get(`told ${flow}`) ?? 0] as const);
		empty += cells.filter(([, n]) => n === 0).length;
		const ends = [...(counts ?? [])]
			.filter(([key]) => key.startsWith('end '))
			.map(([key, n]) => `${key.slice(4)} ${n}`);
		const missing = end === 'frozen' && !(counts && [...counts.keys()].some((key) => key.startsWith('end frozen')));
		if (missing) empty++;
		console.log(
			`  ${name}: ${cells.map(([flow, n]) => `${flow} ${n}${n === 0 ? ' FAILED: never told' : ''}`).join(', ')} | ${ends.join(', ')}${missing ? ' FAILED: nobody noticed' : ''} | ${shows}`
		);
	}
	return empty;
}

async function oneSeed(seed: string, long: boolean): Promise<void> {
	const first = await runSeed(seed, { verbose: true, ...lengthOf(seed, long) });
	const second = await runSeed(seed, lengthOf(seed, long));
	console.log(
		[...first.counts]
			.sort()
			.map(([name, n]) => `${name} ${n}`)
			.join(' · ')
	);
	console.log(`trace ${first.trace}`);
	const same = first.trace === second.trace;
	if (!same) console.log(`FAILED: the same seed gave another trace: ${second.trace}`);
	if (first.failure) {
		console.log(first.log.slice(-120).join('\n'));
		console.log(`FAILED ${first.failure.invariant} at step ${first.failure.step}: ${first.failure.detail}`);
		console.log(`  replay: npm run sim -- --seed "${seed}"${long ? ' --long' : ''}`);
	}
	const failed = first.failure || !same ? 1 : 0;
	console.log(`sim: ${1 - failed} passed, ${failed} failed`);
	process.exitCode = failed;
}

if (isMainThread) await main();
else
	parentPort!.on('message', (task: Task) => {
		perform(task).then(
			(report) => parentPort!.postMessage(report),
			(error: unknown) =>
				parentPort!.postMessage({
					task,
					ok: false,
					text: `${task.kind} ${task.seed} threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
				} satisfies Report)
		);
	});
