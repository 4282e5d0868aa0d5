/**
 * A line to the relay with typed calls: encodes the request, decodes the answer, and tells wake-ups. An answer that is not
 * one counts as a broken line: nothing is known about whether the request was carried out.
 */
import { decodeFromRelay, encodeRequest, type AnswerFrame, type Operation, type RequestOf } from '../codec/frame.ts';
import { RelayUnreachable, type Relay } from '../ports.ts';
import type { Bytes } from '../codec/bytes.ts';

export interface Line {
	readonly challenge: Bytes;
	call<O extends Operation>(op: O, body: RequestOf<O>): Promise<AnswerFrame>;
	readonly isOpen: () => boolean;
	close(): void;
}

/** Rejects with RelayUnreachable. */
export async function openLine(
	relay: Relay,
	onWake: (wake: { seq: number; mseq: number; chain: number }) => void,
	onGone: () => void
): Promise<Line> {
	const connection = await relay.connect();
	let lastId = 0;
	let open = true;
	connection.onPush((frame) => {
		const decoded = decodeFromRelay(frame);
		if (decoded && 'push' in decoded && decoded.push.push === 'wake') onWake(decoded.push);
	});
	connection.onClose(() => {
		open = false;
		onGone();
	});
	return {
		challenge: connection.challenge,
		isOpen: () => open,
		async call(op, body) {
			if (!open) throw new RelayUnreachable();
			const id = ++lastId;
			const decoded = decodeFromRelay(await connection.exchange(encodeRequest(id, op, body)));
			if (!decoded || !('answer' in decoded) || decoded.answer.id !== id)
				throw new RelayUnreachable('the relay answered something else');
			return decoded.answer;
		},
		close() {
			open = false;
			connection.close();
		}
	};
}
