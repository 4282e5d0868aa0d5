/** Real processes: a relay and Connectors on free ports, each with a folder of its own. Nothing survives `endAll`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PREFIX } from '../routes/table.ts';
import { mustBeDescribed } from './described.ts';
import { plainEnv } from './environment.ts';
import { KEY } from './parts.ts';
import type { Party, Reply } from './party.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'connector-process-'));
const running = new Set<ChildProcess>();
let count = 0;

export interface Process {
	readonly child: ChildProcess;
	/** Everything it wrote so far. */
	output(): string;
	/** The first log line (a JSON object) whose msg this is; rejects when the process ends before. */
	said(message: string): Promise<Record<string, unknown>>;
	readonly ended: Promise<{ code: number | null; signal: string | null }>;
}

export const newFolder = () => join(folder, `f${count++}`);

export async function endAll(): Promise<void> {
	await Promise.all(
		[...running].map(
			(child) => new Promise<void>((done) => (child.once('close', () => done()), child.kill('SIGKILL')))
		)
	);
	rmSync(folder, { recursive: true, force: true });
}

const objectOf = (line: string): Record<string, unknown> | undefined => {
	try {
		return JSON.parse(line) as Record<string, unknown>;
	} catch {
		return undefined;
	}
};

export function run(command: string, args: readonly string[], env: Record<string, string>, cwd = ROOT): Process {
	const child = spawn(command, args, { cwd, env: { ...plainEnv, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	const listeners = new Set<() => void>();
	const take = (chunk: Buffer) => {
		output += chunk.toString();
		for (const listener of listeners) listener();
	};
	running.add(child);
	child.stdout.on('data', take);
	child.stderr.on('data', take);
	const ended = new Promise<{ code: number | null; signal: string | null }>((done) =>
		child.once('close', (code, signal) => {
			running.delete(child);
			done({ code, signal });
			for (const listener of listeners) listener();
		})
	);
	let isOver = false;
	void ended.then(() => (isOver = true));
	return {
		child,
		ended,
		output: () => output,
		said: (message) =>
			new Promise((found, failed) => {
				const look = () => {
					const line = output
						.split('\n')
						.map(objectOf)
						.find((each) => each?.['msg'] === message);
					if (line) found(line);
					else if (isOver || child.exitCode !== null)
						failed(new Error(`ended before '${message}': ${output}`));
					if (line) listeners.delete(look);
				};
				listeners.add(look);
				look();
			})
	};
}

export interface RunningRelay extends Process {
	readonly url: string;
	readonly dataDir: string;
}

export async function startRelay(
	port = 0,
	dataDir = newFolder(),
	env: Record<string, string> = {}
): Promise<RunningRelay> {
	const relay = run(process.execPath, ['backbone-relay/main.ts'], { ...env, PORT: String(port), DATA_DIR: dataDir });
	const { port: listening } = await relay.said('listening');
	return { ...relay, url: `http://localhost:${String(listening)}`, dataDir };
}

export const settings = (baseUrl: string, dataFolder: string): Record<string, string> => ({
	transportLibrary__baseUrl: baseUrl,
	database__folder: dataFolder,
	infrastructure__httpServer__port: '0',
	infrastructure__httpServer__authentication__apiKey__keys__test__key: KEY
});

export interface RunningConnector extends Process, Party {
	readonly url: string;
	readonly folder: string;
}

/** A party behind a port. */
export const partyAt = (url: string): Party => ({
	async call<T>(method: string, path: string, body?: unknown) {
		const headers = { 'x-api-key': KEY, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
		const response = await fetch(url + PREFIX + path, {
			method,
			headers,
			...(body === undefined ? {} : { body: JSON.stringify(body) })
		});
		const text = await response.text();
		const answer = text === '' ? {} : (JSON.parse(text) as object);
		mustBeDescribed(method, PREFIX + path, response.status, answer);
		return { status: response.status, ...answer } as Reply<T>;
	}
});

export async function startConnector(
	baseUrl: string,
	env: Record<string, string> = {},
	dataFolder = newFolder()
): Promise<RunningConnector> {
	const started = run(process.execPath, ['connector/main.ts', 'start'], { ...settings(baseUrl, dataFolder), ...env });
	const { port } = await started.said('ready');
	const url = `http://localhost:${String(port)}`;
	return { ...started, url, folder: dataFolder, ...partyAt(url) };
}
