/**
 * Who runs next. Every call an engine makes through a port parks here as a task; a released task runs until everything it
 * started is parked again (a drained microtask queue: in Node all crypto is synchronous behind its promises). So one seed
 * decides the interleaving of all devices, the network and the relay, and a death at any port call is leaving its tasks unrun.
 */
import type { Prng } from './prng.ts';

/** Whose tasks die together: one run of a device's process, a line, or a relay process. */
export interface Life {
	readonly name: string;
	dead: boolean;
}

export interface Task {
	readonly life: Life;
	readonly label: string;
	/** World time from which it may run. */
	readonly due: number;
	readonly run: () => void;
	/** What a crash at this very point may still have done: a write that reached the disk although nobody was told. */
	readonly torn?: (() => void) | undefined;
}

export interface Scheduler {
	/** World time, milliseconds. */
	now(): number;
	advance(ms: number): void;
	add(task: Omit<Task, 'due'> & { readonly due?: number }): void;
	/** Resolves when the task is released; never for the dead. */
	park(life: Life, label: string, torn?: () => void): Promise<void>;
	/** Resolves after `ms` of world time or at once when aborted. */
	sleep(life: Life, ms: number, signal?: AbortSignal): Promise<void>;
	/** Tasks that may run now. */
	ready(): readonly Task[];
	/** Takes a ready task out without running it. */
	take(task: Task): void;
	/** Runs a task and everything it sets off. */
	release(task: Task): Promise<void>;
	/** Until all that runs is parked. */
	settle(): Promise<void>;
	kill(life: Life): void;
	/** When the next sleeper wakes, or undefined. */
	nextDue(): number | undefined;
	pending(): number;
}

export function createScheduler(start: number, trace: (text: string) => void): Scheduler {
	let tasks: Task[] = [];
	let time = start;

	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
	const add: Scheduler['add'] = (task) => {
		if (!task.life.dead) tasks.push({ due: 0, ...task });
	};
	return {
		now: () => time,
		advance(ms) {
			time += ms;
		},
		add,
		park: (life, label, torn) => new Promise((resolve) => add({ life, label, run: resolve, torn })),
		sleep: (life, ms, signal) =>
			new Promise((resolve) => {
				if (signal?.aborted) return resolve();
				add({ life, label: 'sleep', due: time + Math.max(0, ms), run: resolve });
				signal?.addEventListener('abort', () => resolve());
			}),
		ready: () => tasks.filter((task) => task.due <= time),
		take(task) {
			tasks = tasks.filter((other) => other !== task);
		},
		async release(task) {
			tasks = tasks.filter((other) => other !== task);
			trace(`${task.life.name} ${task.label}`);
			task.run();
			await settle();
		},
		settle,
		kill(life) {
			life.dead = true;
			tasks = tasks.filter((task) => task.life !== life);
		},
		nextDue() {
			let next: number | undefined;
			for (const { due } of tasks) if (due > time && (next === undefined || due < next)) next = due;
			return next;
		},
		pending: () => tasks.length
	};
}

/** One of several, by chance. */
export const pickTask = (random: Prng, tasks: readonly Task[]): Task => tasks[random.below(tasks.length)]!;
