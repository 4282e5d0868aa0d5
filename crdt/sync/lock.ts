/** One at a time, in order of asking. */
export interface Lock {
	run<T>(work: () => Promise<T>): Promise<T>;
}

export function createLock(): Lock {
	let tail: Promise<unknown> = Promise.resolve();
	return {
		run<T>(work: () => Promise<T>): Promise<T> {
			const next = tail.then(work, work);
			tail = next.then(
				() => undefined,
				() => undefined
			);
			return next;
		}
	};
}
