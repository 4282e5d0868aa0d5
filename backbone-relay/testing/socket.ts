/** A Wire over a real WebSocket: frames out, answers matched by id. */
import { decodeFromRelay, fromLooseCbor, type Bytes, type PushFrame } from '@enmeshed/crdt/wire';
import { WebSocket } from 'ws';
import type { Wire } from './client.ts';

export interface SocketWire extends Wire {
	readonly socket: WebSocket;
	/** Resolves when the line is gone. */
	readonly closed: Promise<void>;
}

/** `url` is the relay's http address. */
export async function openWire(url: string): Promise<SocketWire> {
	const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/line`, {
		perMessageDeflate: false,
		maxPayload: 64 << 20
	});
	const waiting = new Map<number, { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void }>();
	let listener: ((push: PushFrame) => void) | undefined;
	let greet: (challenge: Bytes) => void = () => undefined;
	const greeted = new Promise<Bytes>((resolve) => (greet = resolve));

	socket.on('message', (data) => {
		const frame = new Uint8Array(data as Buffer);
		const decoded = decodeFromRelay(frame);
		if (!decoded) throw new Error('the relay sent no frame');
		if ('answer' in decoded) {
			waiting.get(decoded.answer.id)?.resolve(frame);
			waiting.delete(decoded.answer.id);
		} else if (decoded.push.push === 'challenge') greet(decoded.push.challenge);
		else listener?.(decoded.push);
	});
	const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
	const failed = new Promise<never>((_resolve, reject) => socket.once('error', reject));
	failed.catch(() => undefined);
	void closed.then(() => {
		for (const { reject } of waiting.values()) reject(new Error('the line broke'));
		waiting.clear();
	});
	const challenge = await Promise.race([
		greeted,
		failed,
		closed.then(() => {
			throw new Error('the line was refused');
		})
	]);
	return {
		socket,
		challenge,
		closed,
		exchange(frame) {
			const { id } = fromLooseCbor(frame) as { id: number };
			return new Promise((resolve, reject) => {
				if (socket.readyState !== socket.OPEN) return reject(new Error('the line broke'));
				waiting.set(id, { resolve, reject });
				socket.send(frame);
			});
		},
		onPush: (to) => void (listener = to),
		close: () => socket.close()
	};
}
