/** The relay as a process of its own, as an operator runs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fromBase64Url, type Bytes } from '@enmeshed/crdt/wire';
import { createClient, type Client } from './client.ts';
import { openWire, type SocketWire } from './socket.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface RelayProcess {
	readonly child: ChildProcess;
	readonly url: string;
	readonly port: number;
	readonly dataDir: string;
	readonly relayKey: Bytes;
	/** What it printed so far. */
	readonly output: () => string;
	client(): Promise<Client & { wire: SocketWire }>;
	/** SIGTERM, and its exit code. */
	stop(): Promise<number | null>;
	/** SIGKILL. */
	kill(): Promise<void>;
}

export const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'relay-'));

const exited = (child: ChildProcess): Promise<number | null> =>
	child.exitCode !== null || child.signalCode !== null
		? Promise.resolve(child.exitCode)
		: new Promise((resolve) => child.once('exit', resolve));

export interface ProcessOptions {
	readonly dataDir?: string;
	readonly env?: { readonly [name: string]: string };
	/** A program to run it under, as in ['strace', '-f']. */
	readonly under?: readonly string[];
	/** Another file than main.ts. */
	readonly main?: string;
}

/** Resolves when it listens; rejects with what it printed when it does not. */
export async function startRelay({
	dataDir = newDataDir(),
	env = {},
	under = [],
	main = MAIN
}: ProcessOptions = {}): Promise<RelayProcess> {
	const [program, ...args] = [...under, process.execPath, main];
	const child = spawn(program!, args, {
		env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'info', ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let output = '';
	child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
	const port = await new Promise<number>((resolve, reject) => {
		createInterface(child.stdout).on('line', (line) => {
			output += `${line}\n`;
			if (line.includes('"listening"')) resolve((JSON.parse(line) as { port: number }).port);
		});
		child.once('error', reject);
		child.once('exit', () => setTimeout(() => reject(new Error(`the relay did not start: ${output}`)), 20));
	});
	const url = `http://127.0.0.1:${port}`;
	const { relayKey } = (await (await fetch(`${url}/v1/version`)).json()) as { relayKey: string };
	const key = fromBase64Url(relayKey)!;
	return {
		child,
		url,
		port,
		dataDir,
		relayKey: key,
		output: () => output,
		async client() {
			const wire = await openWire(url);
			return { ...createClient(wire, key), wire };
		},
		stop() {
			child.kill('SIGTERM');
			return exited(child);
		},
		async kill() {
			child.kill('SIGKILL');
			await exited(child);
		}
	};
}
