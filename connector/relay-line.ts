/**
 * The engine's Relay over a WebSocket to `<baseUrl>/v1/line`: one binary message is one frame of crdt/codec/frame.ts.
 *
 *   relay → challenge        it speaks first; `connect` resolves with it
 *   engine → request {id}    `exchange` resolves with the answer that carries the same id; answers come in any order
 *   relay → push             handed to the listener, under a correlation id of its own: nobody's request caused it
 *
 * Nothing here knows what a frame means beyond its id. Silence longer than `timeoutMs` counts as a broken line: the socket
 * is closed, and everything that waits rejects with RelayUnreachable (whether it was carried out is then unknown).
 */
import { randomUUID } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { WebSocket } from 'ws';
import { RelayUnreachable, type Relay, type RelayConnection } from '../crdt/index.ts';
import { frameHead } from './frame-head.ts';
import { HEALTH_TIMEOUT_MS, MAX_FRAME_BYTES } from './limits.ts';
import { withCorrelation } from './log.ts';

type Bytes = Uint8Array<ArrayBuffer>;
interface Waiting {
	readonly resolve: (frame: Bytes) => void;
	readonly reject: (error: Error) => void;
	readonly timer: NodeJS.Timeout;
}

export interface RelayLineOptions {
	readonly baseUrl: string;
	readonly timeoutMs: number;
	readonly headers?: Readonly<Record<string, string>>;
}

/** `https://host/path` → `wss://host/path/v1/line`. */
export const lineUrl = (baseUrl: string) => `${baseUrl.replace(/^http/i, 'ws').replace(/\/+$/, '')}/v1/line`;

function requestId(frame: Uint8Array): number {
	const id = frameHead(frame)?.id;
	if (id === undefined) throw new TypeError('a request frame without id');
	return id;
}

function openSocket(options: RelayLineOptions): WebSocket {
	const url = lineUrl(options.baseUrl);
	const proxied = { proxyEnv: process.env, keepAlive: false };
	const agent = url.startsWith('wss:') ? new HttpsAgent(proxied) : new HttpAgent(proxied);
	return new WebSocket(url, {
		agent,
		headers: { ...options.headers },
		handshakeTimeout: options.timeoutMs,
		maxPayload: MAX_FRAME_BYTES,
		perMessageDeflate: false
	});
}

const bytesOf = (data: unknown): Bytes => new Uint8Array(data as ArrayBuffer);

/** Turns a socket whose challenge has arrived into a connection. */
function connection(
	socket: WebSocket,
	challenge: Bytes,
	timeoutMs: number
): RelayConnection & { receive(frame: Bytes): void } {
	const waiting = new Map<number, Waiting>();
	let push: (frame: Bytes) => void = () => undefined;
	let gone: () => void = () => undefined;
	let isGone = false;

	const drop = () => {
		if (isGone) return;
		isGone = true;
		for (const { reject, timer } of waiting.values()) {
			clearTimeout(timer);
			reject(new RelayUnreachable('the line to the relay broke'));
		}
		waiting.clear();
		withCorrelation(randomUUID(), gone);
	};
	socket.on('close', drop);

	return {
		challenge,
		receive(frame) {
			const seen = frameHead(frame);
			if (seen === undefined) return socket.terminate();
			if (seen.push !== undefined) return withCorrelation(randomUUID(), () => push(frame));
			const asked = waiting.get(seen.id ?? -1);
			if (seen.id === undefined || asked === undefined) return;
			waiting.delete(seen.id);
			clearTimeout(asked.timer);
			asked.resolve(frame);
		},
		exchange(frame) {
			const id = requestId(frame);
			if (isGone || socket.readyState !== WebSocket.OPEN)
				return Promise.reject(new RelayUnreachable('the line to the relay is closed'));
			return new Promise<Bytes>((resolve, reject) => {
				const timer = setTimeout(() => socket.terminate(), timeoutMs);
				waiting.set(id, { resolve, reject, timer });
				socket.send(frame);
			});
		},
		onPush(listener) {
			push = listener;
		},
		onClose(listener) {
			gone = listener;
			if (isGone) listener();
		},
		close() {
			socket.terminate();
			drop();
		}
	};
}

function connect(options: RelayLineOptions): Promise<RelayConnection> {
	return new Promise((resolve, reject) => {
		const socket = openSocket(options);
		const fail = (reason: string) => {
			clearTimeout(timer);
			socket.terminate();
			reject(new RelayUnreachable(reason));
		};
		const timer = setTimeout(() => fail('the relay sent no challenge'), options.timeoutMs);
		let line: ReturnType<typeof connection> | undefined;
		socket.binaryType = 'arraybuffer';
		// Node's own error text may hold addresses: the engine needs to know only that nobody answered.
		socket.on('error', () => fail('the relay cannot be reached'));
		socket.on('close', () => fail('the relay closed the line'));
		socket.on('message', (data, isBinary) => {
			if (!isBinary) return fail('the relay sent text');
			const frame = bytesOf(data);
			if (line !== undefined) return line.receive(frame);
			const { push, challenge } = frameHead(frame) ?? {};
			if (push !== 'challenge' || challenge === undefined) return fail('the relay sent no challenge');
			clearTimeout(timer);
			line = connection(socket, challenge, options.timeoutMs);
			resolve(line);
		});
	});
}

export function relayLine(options: RelayLineOptions): Relay {
	const url = options.baseUrl.replace(/\/+$/, '');
	return { url, connect: () => connect({ ...options, baseUrl: url }) };
}

/** What a relay says about itself (`GET /v1/version`), or undefined when it does not answer. */
export async function relayVersion(options: RelayLineOptions): Promise<{ readonly addressHost: string } | undefined> {
	try {
		const url = `${options.baseUrl.replace(/\/+$/, '')}/v1/version`;
		const signal = AbortSignal.timeout(Math.min(options.timeoutMs, HEALTH_TIMEOUT_MS));
		const answer = await fetch(url, { headers: { ...options.headers }, signal });
		const body = (await answer.json()) as { addressHost?: unknown };
		return answer.ok && typeof body.addressHost === 'string' ? { addressHost: body.addressHost } : undefined;
	} catch {
		return undefined;
	}
}
