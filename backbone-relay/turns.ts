/** So many at once, the others wait in their order. */
import { createQueue } from './queue.ts';

export function createTurns(atOnce: number) {
	const waiting = createQueue<() => void>();
	let active = 0;

	function take(): Promise<void> | undefined {
		if (active >= atOnce) return new Promise((resolve) => waiting.push(resolve));
		active++;
		return undefined;
	}

	function pass(): void {
		const next = waiting.shift();
		if (next) next();
		else active--;
	}

	return async <T>(work: () => Promise<T>): Promise<T> => {
		const turn = take();
		if (turn) await turn;
		try {
			return await work();
		} finally {
			pass();
		}
	};
}
