/**
 * Acknowledge after sync (trials.md B.9): the relay runs under strace, and for each of 200 acknowledgements the order is read
 * from the calls it made: the entry's bytes went to a file, that file was synced, and only then did the entry's root leave
 * through a socket. The same reading of a relay at synchronous=OFF must find every acknowledgement early.
 *
 * Needs strace; without it the test fails.
 */
import { createReadStream, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { toHex, type Bytes } from '@enmeshed/crdt/wire';
import { expect, test } from 'vitest';
import { createIdentity, createSession, random } from '../backbone-relay/testing/client.ts';
import { newDataDir, startRelay } from '../backbone-relay/testing/process.ts';

const ACKS = Number(process.env['ACKS'] ?? 200);
const IN_FLIGHT = 4;
const UNSAFE = fileURLToPath(new URL('./relay-unsafe.ts', import.meta.url));

/** Stands in every entry before its marker, so that one pass over a trace finds them all. */
const SIGN = random(16);
/** CBOR of the member `root` and the head of 32 bytes. */
const ROOT = '64726f6f745820';

interface Ack {
	/** Sixteen bytes only this entry holds, and the root only its acknowledgement names: lower-case hex. */
	readonly marker: string;
	readonly root: string;
}

/** Lets a relay under strace acknowledge; where the trace lies and what was acknowledged. */
async function acknowledge(
	env: Record<string, string>,
	main?: string
): Promise<{ trace: string; acks: Ack[]; dataDir: string }> {
	const dataDir = newDataDir();
	const trace = join(dataDir, 'trace.txt');
	const calls = 'trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync';
	const relay = await startRelay({
		dataDir,
		env,
		...(main ? { main } : {}),
		under: ['strace', '-D', '-f', '-yy', '-xx', '-s', '70000', '-e', calls, '-e', 'signal=none', '-o', trace]
	});
	const client = await relay.client();
	const identity = createIdentity();
	await client.signIn(identity);
	const acks: Ack[] = [];
	const session = createSession(identity);
	const lane = async () => {
		while (acks.length < ACKS) {
			const ciphertext = random(200);
			ciphertext.set(SIGN, 4);
			const { acks: answer } = await client.must('append', { entries: [session.entry(ciphertext)] });
			const [ack] = answer as unknown as { root: Bytes }[];
			acks.push({ marker: toHex(ciphertext.slice(20, 36)), root: toHex(ack!.root) });
		}
	};
	await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
	client.wire.close();
	await relay.stop();
	await isWhole(trace, relay.child.pid!);
	return { trace, acks, dataDir };
}

/** With -D strace is the relay's child, not its parent (signals reach the relay), and writes its last lines a little later. */
async function isWhole(trace: string, pid: number): Promise<void> {
	const last = new RegExp(`^${pid} +\\+\\+\\+ (exited|killed)`, 'm'); // short process ids are padded
	while (!last.test(readFileSync(trace, 'latin1'))) await new Promise((resolve) => setTimeout(resolve, 50));
}

const CALL = /^(\d+)\s+(\w+)\((\d+)<([^>]*(?:->[^>]*)?)>/;
const RESUMED = /^(\d+)\s+<\.\.\. (\w+) resumed>/;

/**
 * Reads the trace in order. A sync counts when it is complete, a socket write from its first line on (the bytes may be out
 * by then). → the acknowledgements that left before a sync covered their entry
 */
async function earlyAcks(trace: string, acks: readonly Ack[]): Promise<{ early: number; seen: number; syncs: number }> {
	const byMarker = new Map(acks.map((ack) => [ack.marker, ack]));
	const byRoot = new Map(acks.map((ack) => [ack.root, ack]));
	/** Entries written to a file and not yet synced, by file. */
	const unsynced = new Map<string, Set<Ack>>();
	const durable = new Set<Ack>();
	/** What each thread is in the middle of syncing, with what was written when it began. */
	const syncing = new Map<string, { file: string; covers: Ack[] }>();
	const seen = new Set<Ack>();
	let early = 0;
	let syncs = 0;

	const sync = (covers: readonly Ack[], file: string) => {
		syncs++;
		for (const ack of covers) {
			durable.add(ack);
			unsynced.get(file)?.delete(ack);
		}
	};
	/** What stands right after each occurrence of `sign`, looked up. */
	const found = (hex: string, sign: string, length: number, among: ReadonlyMap<string, Ack>): Ack[] => {
		const acks: Ack[] = [];
		for (let at = hex.indexOf(sign); at >= 0; at = hex.indexOf(sign, at + 2)) {
			const ack = among.get(hex.slice(at + sign.length, at + sign.length + length));
			if (ack) acks.push(ack);
		}
		return acks;
	};

	for await (const line of createInterface({ input: createReadStream(trace), crlfDelay: Infinity })) {
		const resumed = RESUMED.exec(line);
		if (resumed) {
			const begun = syncing.get(resumed[1]!);
			if (begun && line.trimEnd().endsWith('= 0')) sync(begun.covers, begun.file);
			syncing.delete(resumed[1]!);
			continue;
		}
		const call = CALL.exec(line);
		if (!call) continue;
		const [, thread, name, , path] = call as unknown as [string, string, string, string, string];
		const file = path.startsWith('\\x') ? Buffer.from(path.replaceAll('\\x', ''), 'hex').toString() : path;
		if (name === 'fsync' || name === 'fdatasync') {
			const covers = [...(unsynced.get(file) ?? [])];
			if (line.includes('<unfinished')) syncing.set(thread, { file, covers });
			else if (line.trimEnd().endsWith('= 0')) sync(covers, file);
			continue;
		}
		const hex = line.replaceAll('\\x', '');
		if (file.startsWith('TCP')) {
			for (const ack of found(hex, ROOT, 64, byRoot)) {
				if (seen.has(ack)) continue;
				seen.add(ack);
				if (!durable.has(ack)) early++;
			}
		} else if (file.includes('relay.sqlite')) {
			const waiting = unsynced.get(file) ?? new Set();
			for (const ack of found(hex, toHex(SIGN), 32, byMarker)) if (!durable.has(ack)) waiting.add(ack);
			unsynced.set(file, waiting);
		}
	}
	return { early, seen: seen.size, syncs };
}

test(`no acknowledgement of ${ACKS} leaves before its entry is synced`, { timeout: 180_000 }, async () => {
	const { trace, acks, dataDir } = await acknowledge({});
	const { early, seen, syncs } = await earlyAcks(trace, acks);
	expect(acks.length).toBeGreaterThanOrEqual(ACKS);
	expect(seen).toBe(acks.length);
	expect(syncs).toBeGreaterThan(ACKS / IN_FLIGHT / 2);
	expect(early).toBe(0);
	console.log(`${seen} acknowledgements, ${syncs} syncs, none early`);
	rmSync(dataDir, { recursive: true });
});

test('the same reading catches a relay that does not sync', { timeout: 180_000 }, async () => {
	const { trace, acks, dataDir } = await acknowledge({ TRIAL_SYNCHRONOUS: 'off' }, UNSAFE);
	const { early, seen } = await earlyAcks(trace, acks);
	expect(seen).toBe(acks.length);
	// A checkpoint may sync a few by chance.
	expect(early).toBeGreaterThan(acks.length * 0.9);
	rmSync(dataDir, { recursive: true });
});
