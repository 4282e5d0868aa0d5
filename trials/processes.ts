/** The relay and Connectors as processes of their own, on free ports, each with a fresh folder; for trials and journeys. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { plainEnv } from '../connector/testing/environment.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** A busy machine may take this long to start a process; who waits longer waits for nothing. */
const READY_MS = 60_000;
/** Strong enough for the Connector's rules (connector-api.md §3.1); guards nothing but a test. */
const API_KEY = 'Trial-Key-0123456789-0123456789-ab!';

const running = new Set<ChildProcess>();
const folders: string[] = [];
process.on('exit', () => {
	for (const child of running) child.kill('SIGKILL');
	for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function freshFolder(name: string): string {
	const folder = mkdtempSync(join(tmpdir(), `enmeshed-${name}-`));
	folders.push(folder);
	return folder;
}

export interface Program {
	readonly url: string;
	readonly port: number;
	readonly folder: string;
	/** Everything it printed so far. */
	output(): string;
	/** SIGTERM, then its exit code. */
	stop(): Promise<number | null>;
}

type Environment = Readonly<Record<string, string>>;

/** Starts a program and waits until it told its port and answers /health. Rejects with its output when it does not. */
async function start(args: readonly string[], says: string, folder: string, env: Environment): Promise<Program> {
	const child = spawn(process.execPath, args, {
		cwd: ROOT,
		env: { ...plainEnv, ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	running.add(child);
	const ended = new Promise<number | null>((resolve) =>
		child.once('close', (code) => {
			running.delete(child);
			resolve(code);
		})
	);
	let output = '';
	const port = await new Promise<number>((resolve, reject) => {
		const late = setTimeout(() => reject(new Error(`${args[0]} said nothing: ${output}`)), READY_MS);
		const hear = (chunk: Buffer) => {
			output += chunk.toString();
			const line = output.split('\n').find((each) => each.includes(`"msg":"${says}"`));
			const told = line && /"port":(\d+)/.exec(line);
			if (told) {
				clearTimeout(late);
				resolve(Number(told[1]));
			}
		};
		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		void ended.then((code) => reject(new Error(`${args[0]} ended with ${code}: ${output}`)));
	});
	const url = `http://localhost:${port}`;
	const health = await fetch(`${url}/health`, { signal: AbortSignal.timeout(READY_MS) });
	await health.body?.cancel();
	if (!health.ok) throw new Error(`${args[0]} is not healthy: ${health.status} ${output}`);
	return {
		url,
		port,
		folder,
		output: () => output,
		stop() {
			child.kill('SIGTERM');
			return ended;
		}
	};
}

export const startRelay = (env: Environment = {}, folder = freshFolder('relay')): Promise<Program> =>
	start(['backbone-relay/main.ts'], 'listening', folder, { PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'debug', ...env });

export interface Connector extends Program {
	readonly key: string;
	/** One call below /api/core/v1: the `result` of a 2xx answer; anything else throws. */
	call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
}

export async function startConnector(
	relayUrl: string,
	env: Environment = {},
	folder = freshFolder('connector')
): Promise<Connector> {
	const program = await start(['connector/main.ts', 'start'], 'ready', folder, {
		transportLibrary__baseUrl: relayUrl,
		database__folder: folder,
		infrastructure__httpServer__port: '0',
		infrastructure__httpServer__authentication__apiKey__keys__trial__key: API_KEY,
		logging__level: 'debug',
		...env
	});
	return { ...program, key: API_KEY, call: (method, path, body) => call(program.url, method, path, body) };
}

async function call<T>(url: string, method: string, path: string, body: unknown): Promise<T> {
	const response = await fetch(`${url}/api/core/v1${path}`, {
		method,
		headers: { 'x-api-key': API_KEY, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
		...(body === undefined ? {} : { body: JSON.stringify(body) })
	});
	const text = await response.text();
	if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
	return (text === '' ? undefined : (JSON.parse(text) as { result: T }).result) as T;
}

/** Asks until the answer is as wanted: for what becomes visible a moment after a call was answered. */
export async function until<T>(
	what: string,
	ask: () => Promise<T> | T,
	isWanted: (value: T) => boolean,
	patienceMs = 20_000
): Promise<T> {
	const end = Date.now() + patienceMs;
	for (;;) {
		const value = await ask();
		if (isWanted(value)) return value;
		if (Date.now() > end) throw new Error(`never came: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
