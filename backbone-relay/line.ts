/**
 * Lines: WebSockets at /v1/line, one binary message a frame (PROTOCOL.md §4).
 *
 *   open ──▶ relay pushes its challenge ──▶ requests and answers, many in flight, answers in any order ──▶ close
 *
 * Nobody can make the relay hold much: too many requests in flight stop the reading until some are answered, a reader that
 * lets answers pile up is cut, a silent line is pinged and cut, and lines are counted per source. Answers of one tick leave
 * each socket in one write.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodePush } from '@enmeshed/crdt/wire';
import type { Relay } from './relay.ts';

const GOING_AWAY = 1001;
const NOT_BINARY = 1003;
const POLICY = 1008;

/** `sourceOf` says where a request comes from. */
export function attachLines(server: Server, relay: Relay, sourceOf: (request: IncomingMessage) => string) {
	const { limits } = relay;
	const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false });
	const perSource = new Map<string, number>();
	const alive = new WeakSet<WebSocket>();
	const openedAt = new WeakMap<WebSocket, { at: number; signedIn: () => boolean }>();

	function count(source: string, by: 1 | -1): void {
		const lines = (perSource.get(source) ?? 0) + by;
		if (lines > 0) perSource.set(source, lines);
		else perSource.delete(source);
	}

	function refuse(socket: Duplex, status: string): void {
		socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
	}

	/** Holds back what is sent until the running turn of the event loop is over, so that it leaves in one write. */
	function createCork(socket: Duplex): () => void {
		let corked = false;
		return () => {
			if (corked) return;
			corked = true;
			socket.cork();
			setImmediate(() => {
				corked = false;
				socket.uncork();
			});
		};
	}

	function open(ws: WebSocket, socket: Duplex, source: string): void {
		const line = relay.connect({ source });
		const cork = createCork(socket);
		let inFlight = 0;

		const send = (frame: Uint8Array) => {
			if (ws.readyState !== ws.OPEN) return;
			if (ws.bufferedAmount > limits.lineBacklogBytes) return ws.terminate();
			cork();
			ws.send(frame);
		};

		async function answer(frame: Uint8Array): Promise<void> {
			if (++inFlight >= limits.inFlight) ws.pause();
			send(await line.handle(frame));
			if (--inFlight < limits.inFlight && ws.isPaused) ws.resume();
		}

		count(source, 1);
		alive.add(ws);
		openedAt.set(ws, { at: Date.now(), signedIn: line.isSignedIn });
		line.onPush(send);
		line.onClose(() => ws.close(GOING_AWAY));
		ws.on('message', (data, isBinary) => {
			alive.add(ws);
			if (!isBinary) return ws.close(NOT_BINARY);
			const { buffer, byteOffset, byteLength } = data as Buffer;
			void answer(new Uint8Array(buffer, byteOffset, byteLength));
		});
		ws.on('pong', () => alive.add(ws));
		ws.on('error', () => ws.terminate());
		ws.on('close', () => {
			count(source, -1);
			line.close();
		});
		send(encodePush({ push: 'challenge', challenge: line.challenge }));
	}

	server.on('upgrade', (request, socket: Duplex, head) => {
		socket.on('error', () => socket.destroy());
		const source = sourceOf(request);
		if (request.url?.split('?')[0] !== '/v1/line') return refuse(socket, '404 Not Found');
		if (sockets.clients.size >= limits.lines) return refuse(socket, '503 Service Unavailable');
		if ((perSource.get(source) ?? 0) >= limits.linesPerSource) return refuse(socket, '429 Too Many Requests');
		sockets.handleUpgrade(request, socket, head, (ws) => open(ws, socket, source));
	});

	/** Who said nothing since the last round is asked; who did not answer then is cut. */
	const rounds = setInterval(() => {
		for (const ws of sockets.clients) {
			const since = openedAt.get(ws);
			if (!alive.has(ws)) ws.terminate();
			else if (since && !since.signedIn() && Date.now() - since.at > limits.anonymousLineMs) ws.close(POLICY);
			alive.delete(ws);
			ws.ping();
		}
	}, limits.idleMs);
	rounds.unref();

	return {
		/** Says goodbye to every line and cuts those that do not answer within a second. */
		async close(): Promise<void> {
			clearInterval(rounds);
			for (const ws of sockets.clients) ws.close(GOING_AWAY);
			const late = setTimeout(() => sockets.clients.forEach((ws) => ws.terminate()), 1000);
			await Promise.all([...sockets.clients].map((ws) => new Promise((resolve) => ws.once('close', resolve))));
			clearTimeout(late);
			sockets.close();
		}
	};
}
