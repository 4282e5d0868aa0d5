/** One thing at a time with a file: what is being done, and what went wrong, in words. Nothing is said of what takes a moment. */
import type { Result } from '@enmeshed/crdt';
import { fileRefusal } from './files.ts';

/** What lasts longer says what it does (design-language.md). */
const QUIET_MS = 500;

export function createFileWork() {
	let busy = $state(false);
	let slow = $state(false);
	let failure = $state<string>();
	return {
		get busy() {
			return busy;
		},
		get slow() {
			return slow;
		},
		get failure() {
			return failure;
		},
		fail: (text: string | undefined) => void (failure = text),
		/** What came of it; undefined when it did not work, and `failure` says why. */
		async run<T>(work: () => Promise<Result<T>>): Promise<T | undefined> {
			busy = true;
			failure = undefined;
			const timer = setTimeout(() => (slow = true), QUIET_MS);
			const done = await work().catch(() => undefined);
			clearTimeout(timer);
			busy = slow = false;
			if (done?.ok) return done.value;
			failure = fileRefusal(done?.error.code ?? '');
			return undefined;
		}
	};
}
