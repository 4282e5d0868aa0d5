/** The platform the engine runs on in a browser: its clock and its randomness. */
import type { Clock, Random } from '@enmeshed/crdt/ports';

export const clock: Clock = {
	now: () => Date.now(),
	sleep: (ms, signal) =>
		new Promise((resolve) => {
			if (signal?.aborted) return resolve();
			const timer = setTimeout(done, ms);
			function done() {
				clearTimeout(timer);
				signal?.removeEventListener('abort', done);
				resolve();
			}
			signal?.addEventListener('abort', done);
		})
};

export const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
