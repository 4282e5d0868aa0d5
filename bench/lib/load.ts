/**
 * The load of bench/ingest.ts, a process of its own so that it does not share the relay's core by accident of scheduling:
 * signs everything beforehand, then sends with a fixed number in flight per connection and counts durable acknowledgements.
 *
 *   node bench/lib/load.ts <relay url> <relay key, base64url> <connections> <in flight> <entries per connection> <warm-up>
 *
 * The warm-up (entries per connection, too) is not counted: a relay runs for weeks, not for its first second. Prints a line
 * when it begins to count, and its figures as JSON at the end.
 */
import { randomBytes } from 'node:crypto';
import { encodeRequest, fromBase64Url, type Bytes } from '@enmeshed/crdt/wire';
import { createClient, createIdentity, createSession } from '../../backbone-relay/testing/client.ts';
import type { WebSocket } from 'ws';
import { openWire } from '../../backbone-relay/testing/socket.ts';

const [url = '', key = '', ...counts] = process.argv.slice(2);
const [connections = 64, inFlight = 16, each = 500, warmUp = 150] = counts.map(Number);

/** A sealed entry of a small flush: padded to 256 bytes, tag included. */
const ciphertext = (): Bytes => new Uint8Array(randomBytes(272));
/** CBOR of `ok: true`, which every answer that is no refusal contains. */
const OK = Buffer.from([0x62, 0x6f, 0x6b, 0xf5]);

async function prepare() {
	const wire = await openWire(url);
	const client = createClient(wire, fromBase64Url(key)!);
	const identity = createIdentity();
	await client.signIn(identity);
	const session = createSession(identity);
	const frames = Array.from({ length: warmUp + each }, (_, i) =>
		encodeRequest(1000 + i, 'append', { entries: [session.entry(ciphertext())] })
	);
	return { socket: wire.socket, frames };
}

/** Sends all frames of one connection; each answer lets the next one go. → ms from sending to answer */
function drive({ socket, frames }: { socket: WebSocket; frames: readonly Bytes[] }, first: number): Promise<number[]> {
	const times: number[] = [];
	const sentAt = new Map<number, number>();
	let sent = 0;
	socket.removeAllListeners('message');
	return new Promise((resolve, reject) => {
		const next = () => {
			if (sent >= frames.length) return;
			sentAt.set(first + sent, performance.now());
			socket.send(frames[sent++]!);
		};
		socket.on('message', (data: Buffer) => {
			// Pushes carry no id; an answer begins with one of its first members.
			if (data.includes('push')) return;
			if (!data.includes(OK)) return reject(new Error(`refused: ${data.toString('latin1')}`));
			const at = data.indexOf('bid');
			const id = data.readUInt16BE(at + 4);
			times.push(performance.now() - sentAt.get(id)!);
			next();
			if (times.length === frames.length) resolve(times);
		});
		for (let i = 0; i < inFlight; i++) next();
	});
}

const ready = await Promise.all(Array.from({ length: connections }, prepare));
await Promise.all(ready.map(({ socket, frames }) => drive({ socket, frames: frames.slice(0, warmUp) }, 1000)));
console.log('counting');
const began = performance.now();
const measured = ready.map(({ socket, frames }) => drive({ socket, frames: frames.slice(warmUp) }, 1000 + warmUp));
const times = (await Promise.all(measured)).flat().sort((a, b) => a - b);
const ms = performance.now() - began;
console.log(
	JSON.stringify({
		entries: times.length,
		ms,
		p50: times[Math.floor(times.length * 0.5)],
		p99: times[Math.floor(times.length * 0.99)]
	})
);
process.exit(0);
