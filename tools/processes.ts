// Running other programs: one that is waited for (`run`), one that keeps running beside us (`keep`), and the promise that none
// outlives this process.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { root } from './bootstrap.js';

export interface Finished {
	/** Exit code; 128 + signal number's place is taken by 1 when a signal or the time limit ended it. */
	code: number;
	/** Everything it printed, when it was not shown as it came. */
	output: string;
	ms: number;
}

export interface RunOptions {
	env?: Record<string, string | undefined>;
	/** Show output as it comes, instead of returning it. */
	show?: boolean;
	/** After this long the program and its children are killed. */
	limitMs?: number;
	/** Sees every chunk that is shown, to pick a line out of it. */
	onOutput?: (chunk: string) => void;
}

const running = new Set<ChildProcess>();

/** Signals a child and, where it leads a group of its own, that group. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
	try {
		process.kill(process.platform === 'win32' ? child.pid : -child.pid, name);
	} catch {
		child.kill(name);
	}
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(name, () => {
		if (process.listenerCount(name) > 1) return;
		for (const child of running) signal(child, 'SIGTERM');
		process.exit(130);
	});
}
process.on('exit', () => {
	for (const child of running) signal(child, 'SIGKILL');
});

/** Runs a program of node_modules/.bin or PATH to its end. Never throws: a program that cannot start is one that failed. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<Finished> {
	const began = Date.now();
	const child = spawn(command, args, {
		cwd: root,
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: process.platform !== 'win32',
		shell: process.platform === 'win32',
		env: { ...process.env, ...options.env }
	});
	running.add(child);
	let output = '';
	const take = (to: NodeJS.WriteStream) => (chunk: string) => {
		options.onOutput?.(chunk);
		if (options.show) to.write(chunk);
		else output += chunk;
	};
	child.stdout.setEncoding('utf8').on('data', take(process.stdout));
	child.stderr.setEncoding('utf8').on('data', take(process.stderr));
	const limit =
		options.limitMs === undefined
			? undefined
			: setTimeout(() => {
					output += `\nStopped after ${options.limitMs} ms.\n`;
					if (options.show)
						console.error(`${command} took longer than ${options.limitMs} ms and was stopped.`);
					signal(child, 'SIGKILL');
				}, options.limitMs);
	const code = await new Promise<number>((resolve) => {
		child.on('error', (error) => {
			output += `${command}: ${error.message}\n`;
			if (options.show) console.error(`${command}: ${error.message}`);
			resolve(127);
		});
		child.on('close', (exitCode) => resolve(exitCode ?? 1));
	});
	clearTimeout(limit);
	running.delete(child);
	return { code, output, ms: Date.now() - began };
}

export interface Kept {
	name: string;
	/** Settles when the program has ended, by itself or by `stop`. */
	ended: Promise<string>;
	stop(): Promise<void>;
}

/** Starts a program that stays; what it prints goes to a file, so the terminal keeps what a person needs. */
export function keep(
	name: string,
	command: string,
	args: string[],
	options: { env: Record<string, string>; log: string | 'show' }
): Kept {
	const log = options.log === 'show' ? undefined : openSync(options.log, 'a', 0o600);
	const to = log ?? 'inherit';
	const child = spawn(command, args, {
		cwd: root,
		stdio: ['ignore', to, to],
		detached: process.platform !== 'win32',
		env: { ...process.env, ...options.env }
	});
	if (log !== undefined) closeSync(log);
	running.add(child);
	const ended = new Promise<string>((resolve) => {
		child.on('error', (error) => resolve(error.message));
		child.on('exit', (code, name) => resolve(name ? `signal ${name}` : `exit code ${code}`));
	}).then((how) => {
		running.delete(child);
		return how;
	});
	return {
		name,
		ended,
		async stop() {
			signal(child, 'SIGTERM');
			const late = setTimeout(() => signal(child, 'SIGKILL'), 10_000);
			await ended;
			clearTimeout(late);
		}
	};
}
