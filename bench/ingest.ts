/**
 * The relay's figures (bench/README.md): durable ingest, live latency, cold catch-up, memory. The relay is the real process
 * on a real disk; the load is another process. Prints a table of figure, target and ratio (over 1 = better than asked).
 *
 *   node bench/ingest.ts [--entries 500]        entries per connection, 64 connections with 16 in flight
 */
import { spawn } from 'node:child_process';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as Y from 'yjs';
import { EMPTY_ROOT, decodeEntry, sha256, toBase64Url, type Bytes } from '@enmeshed/crdt/wire';
import { createIdentity, createSession, random } from '../backbone-relay/testing/client.ts';
import { startRelay, type RelayProcess } from '../backbone-relay/testing/process.ts';
import { percentile, table, type Figure } from './lib/table.ts';

const CONNECTIONS = 64;
const IN_FLIGHT = 16;
/** Entries per connection before counting begins. */
const WARM_UP = 200;
const LIMITS = JSON.stringify({
	anonymousPerMinute: 10_000_000,
	writesPerMinute: 10_000_000,
	registrationsPerHour: 100_000
});

/** Resident memory of a process in MB: now, and its highest. */
function memoryOf(pid: number): { now: number; peak: number } {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
	return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** User and system time a process has used, in ms (the kernel counts in hundredths of a second). */
function cpuOf(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
	return (Number(fields[13]) + Number(fields[14])) * 10;
}

async function ingest(relay: RelayProcess, each: number) {
	const load = fileURLToPath(new URL('./lib/load.ts', import.meta.url));
	const args = [
		load,
		relay.url,
		toBase64Url(relay.relayKey),
		String(CONNECTIONS),
		String(IN_FLIGHT),
		String(each),
		String(WARM_UP)
	];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	let before = 0;
	let output = '';
	for await (const line of createInterface(child.stdout)) {
		if (line === 'counting') before = cpuOf(relay.child.pid!);
		else output = line;
	}
	if (!output) throw new Error('the load failed');
	const figures = JSON.parse(output) as { entries: number; ms: number; p50: number; p99: number };
	return { ...figures, cpuMs: cpuOf(relay.child.pid!) - before };
}

/** From sending an envelope on one line until the other line, woken, has it. */
async function latency(relay: RelayProcess, rounds: number): Promise<number[]> {
	const [anna, ben] = [await relay.client(), await relay.client()];
	await anna.signIn(createIdentity());
	await ben.signIn(createIdentity());
	const [alias, token] = [random(16), random(32)];
	await ben.must('mailboxOpen', { alias, tokenHash: sha256(token) });
	const times: number[] = [];
	for (let after = 0; after < rounds; after++) {
		const arrived = new Promise<void>((resolve) =>
			ben.wire.onPush(() => void ben.must('mail', { after }).then(() => resolve()))
		);
		const began = performance.now();
		void anna.must('deliver', { alias, token, envId: random(16), bytes: random(600) });
		await arrived;
		times.push(performance.now() - began);
	}
	for (const { wire } of [anna, ben]) wire.close();
	return times;
}

/** Padmé (PURBs): at most 12 % more, so that a size says little. */
function padded(length: number): number {
	const exponent = Math.floor(Math.log2(length));
	const low = exponent - (Math.floor(Math.log2(exponent)) + 1);
	const mask = 2 ** low - 1;
	return (length + mask) & ~mask;
}

/** 10 300 small edits of one document, in flushes of 200 as the engine makes them. */
function smallUpdates(count: number): Uint8Array[] {
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	const map = doc.getMap('flags');
	for (let i = 0; i < count; i++) map.set(`m${i % 997}`, i % 2);
	const flushes: Uint8Array[] = [];
	for (let at = 0; at < updates.length; at += 200) flushes.push(Y.mergeUpdates(updates.slice(at, at + 200)));
	return flushes;
}

const KEY = randomBytes(32);
const nonce = (n: number) => {
	const bytes = Buffer.alloc(12);
	bytes.writeUInt32BE(n, 8);
	return bytes;
};

function seal(n: number, plain: Uint8Array): Bytes {
	const whole = Buffer.alloc(padded(plain.length + 4));
	whole.writeUInt32BE(plain.length);
	whole.set(plain, 4);
	const cipher = createCipheriv('aes-256-gcm', KEY, nonce(n));
	return new Uint8Array(Buffer.concat([cipher.update(whole), cipher.final(), cipher.getAuthTag()]));
}

function unseal(n: number, sealed: Uint8Array): Uint8Array {
	const decipher = createDecipheriv('aes-256-gcm', KEY, nonce(n));
	decipher.setAuthTag(sealed.subarray(-16));
	const whole = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
	return whole.subarray(4, 4 + whole.readUInt32BE());
}

/** A device that comes with nothing: connect, hello, everything received, opened and applied. */
async function catchUp(relay: RelayProcess) {
	const identity = createIdentity();
	const writer = await relay.client();
	await writer.signIn(identity);
	const session = createSession(identity);
	const flushes = smallUpdates(10_300);
	const entries = flushes.map((flush, n) => session.entry(seal(n, flush)));
	await writer.must('append', { entries });
	writer.wire.close();

	const began = performance.now();
	const reader = await relay.client();
	const welcome = await reader.signIn(identity, { cursor: 0, root: EMPTY_ROOT });
	const received = welcome['entries'] as unknown as Bytes[];
	const arrived = performance.now();
	const doc = new Y.Doc();
	doc.transact(() => {
		for (const [n, bytes] of received.entries()) {
			const decoded = decodeEntry(bytes);
			if (decoded.ok) Y.applyUpdate(doc, unseal(n, decoded.entry.ciphertext));
		}
	});
	const ms = performance.now() - began;
	if (received.length !== entries.length || doc.getMap('flags').size !== 997)
		throw new Error('the catch-up is not whole');
	const socket = (reader.wire.socket as unknown as { _socket: { bytesRead: number; bytesWritten: number } })._socket;
	const bytes = socket.bytesRead + socket.bytesWritten;
	reader.wire.close();
	return { ms, wireMs: arrived - began, bytes };
}

/** All figures of the relay, on a fresh data folder. */
export async function relayFigures(each = 500): Promise<Figure[]> {
	// As it runs after its first start, with its code compiled.
	const first = await startRelay();
	await first.stop();
	const relay = await startRelay({ dataDir: first.dataDir, env: { LIMITS } });
	try {
		const idle = memoryOf(relay.child.pid!);
		const live = (await latency(relay, 300)).sort((a, b) => a - b);
		await catchUp(relay);
		const cold = await catchUp(relay);
		const load = await ingest(relay, each);
		const memory = memoryOf(relay.child.pid!);
		return [
			{
				name: 'durable appends per second (64 connections × 16 in flight)',
				value: load.entries / (load.ms / 1000),
				target: 5000,
				better: 'more',
				unit: '/s'
			},
			{ name: '  an append under that load, p50', value: load.p50, unit: 'ms' },
			{ name: '  an append under that load, p99', value: load.p99, unit: 'ms' },
			{ name: '  the relay’s processor time for one', value: (load.cpuMs * 1000) / load.entries, unit: 'µs' },
			{
				name: 'live A→B, deliver until mail is there, p50',
				value: percentile(live, 0.5),
				target: 6,
				better: 'less',
				unit: 'ms'
			},
			{ name: 'live A→B, p99', value: percentile(live, 0.99), unit: 'ms' },
			{
				name: 'cold catch-up of 10 300 updates, connect to applied',
				value: cold.ms,
				target: 150,
				better: 'less',
				unit: 'ms'
			},
			{ name: '  of it on the wire', value: cold.wireMs, unit: 'ms' },
			{ name: '  bytes on the wire', value: cold.bytes / 1e6, target: 0.35, better: 'less', unit: 'MB' },
			{ name: 'relay memory idle', value: idle.now, unit: 'MB' },
			{ name: 'relay memory under load, highest', value: memory.peak, target: 120, better: 'less', unit: 'MB' }
		];
	} finally {
		await relay.stop();
		rmSync(relay.dataDir, { recursive: true });
	}
}

if (import.meta.main) {
	const { values } = parseArgs({ options: { entries: { type: 'string', default: '500' } } });
	console.log(table(await relayFigures(Number(values.entries))));
}
