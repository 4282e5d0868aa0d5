/**
 * The engine's Relay over a WebSocket at this App's own origin: one binary message is one frame (crdt/codec/frame.ts).
 *
 *   relay → us   push "challenge"            first of all; connect() resolves with it
 *   us → relay   request { id, … }           exchange() waits for the answer with that id, whatever the order
 *   relay → us   answer { id, … } | push     pushes have no id
 *
 * Knows of a frame only what is needed to match answers to questions. When the line breaks everything waiting is rejected with
 * RelayUnreachable; connecting again is the engine's decision.
 */
import { RelayUnreachable, type Relay, type RelayConnection } from '@enmeshed/crdt/ports';
import { readChallenge, readId } from './frames.ts';

type Bytes = Uint8Array<ArrayBuffer>;
/** A relay that accepts the connection and then says nothing is as good as none. */
const GREETING_MS = 10_000;
/** No answer for so long means the line is dead, whatever the socket believes (sleeping laptop, changed network). */
const ANSWER_MS = 30_000;

export function createRelay(origin: string): Relay {
	return { url: origin, connect: () => connect(`${origin.replace(/^http/, 'ws')}/v1/line`) };
}

function connect(url: string): Promise<RelayConnection> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(url);
		socket.binaryType = 'arraybuffer';
		const waiting = new Map<
			number,
			{ resolve: (frame: Bytes) => void; reject: (e: Error) => void; timer: Timer }
		>();
		const closed: (() => void)[] = [];
		let onPush: (frame: Bytes) => void = () => {};
		let open = false;
		let over = false;
		const greeting = setTimeout(() => end('no greeting'), GREETING_MS);

		const end = (reason: string) => {
			if (over) return;
			over = true;
			clearTimeout(greeting);
			socket.close();
			const broken = new RelayUnreachable(reason);
			for (const { reject: fail, timer } of waiting.values()) {
				clearTimeout(timer);
				fail(broken);
			}
			waiting.clear();
			if (open) for (const listener of closed) listener();
			else reject(broken);
		};

		const connection = (challenge: Bytes): RelayConnection => ({
			challenge,
			exchange(frame) {
				const id = readId(frame);
				if (id === undefined) throw new Error('a request frame without id');
				if (over) return Promise.reject(new RelayUnreachable('line closed'));
				return new Promise((answer, fail) => {
					const timer = setTimeout(() => end('no answer'), ANSWER_MS);
					waiting.set(id, { resolve: answer, reject: fail, timer });
					socket.send(frame as Bytes);
				});
			},
			onPush: (listener) => (onPush = listener),
			onClose: (listener) => void (over ? listener() : closed.push(listener)),
			close: () => end('closed by us')
		});

		socket.onclose = () => end('line closed');
		socket.onerror = () => end('line broken');
		socket.onmessage = ({ data }) => {
			if (!(data instanceof ArrayBuffer)) return end('text where bytes belong');
			const frame = new Uint8Array(data);
			if (!open) {
				const challenge = readChallenge(frame);
				if (!challenge) return end('no challenge');
				open = true;
				clearTimeout(greeting);
				return resolve(connection(challenge));
			}
			const id = readId(frame);
			const asked = id === undefined ? undefined : waiting.get(id);
			if (asked) {
				waiting.delete(id!);
				clearTimeout(asked.timer);
				asked.resolve(frame);
			} else if (id === undefined) onPush(frame);
		};
	});
}

type Timer = ReturnType<typeof setTimeout>;
