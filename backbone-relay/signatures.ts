/**
 * Signature checks of a tick, in one batch (PROTOCOL.md §3: "of a contiguous run verify the last signature and the hash
 * chain"). A check costs as much as the rest of an append, and a busy session has many entries in flight; each names the hash
 * of the one before, so the last signature of such a run speaks for all of it. When it does not hold, each is tried alone,
 * and what stands before the first good signature from behind is still covered by it.
 */
import { equal, type Bytes, type Entry } from '@enmeshed/crdt/wire';
import { nameOf } from './names.ts';

export interface SignatureChecks {
	/** Whether the device with this key vouches for the entry. `hash` is the entry's. */
	check(publicKey: Bytes, entry: Entry, hash: Bytes): Promise<boolean>;
}

interface Check {
	readonly publicKey: Bytes;
	readonly entry: Entry;
	readonly hash: Bytes;
	readonly answer: (vouched: boolean) => void;
}

const follows = (next: Check, before: Check): boolean =>
	next.entry.sseq === before.entry.sseq + 1 &&
	equal(next.entry.prevHash, before.hash) &&
	equal(next.publicKey, before.publicKey);

/** Checks of one session in the order they came, cut where one does not continue the other. */
function runsOf(checks: readonly Check[]): Check[][] {
	const runs: Check[][] = [];
	for (const check of checks) {
		const run = runs.at(-1);
		if (run && follows(check, run.at(-1)!)) run.push(check);
		else runs.push([check]);
	}
	return runs;
}

export function createSignatureChecks(
	verify: (publicKey: Bytes, hash: Bytes, signature: Bytes) => Promise<boolean>,
	schedule: (run: () => void) => void
): SignatureChecks {
	let waiting = new Map<string, Check[]>();

	const holds = ({ publicKey, hash, entry }: Check) => verify(publicKey, hash, entry.signature).catch(() => false);

	/** From behind: everything before a good signature is vouched for; what comes after the last good one is not. */
	async function settle(run: readonly Check[]): Promise<void> {
		for (let last = run.length - 1; last >= 0; last--) {
			const vouched = await holds(run[last]!);
			if (!vouched) run[last]!.answer(false);
			else return run.slice(0, last + 1).forEach((check) => check.answer(true));
		}
	}

	function flush(): void {
		const sessions = [...waiting.values()];
		waiting = new Map();
		for (const run of sessions.flatMap(runsOf)) void settle(run);
	}

	return {
		check: (publicKey, entry, hash) =>
			new Promise((answer) => {
				if (waiting.size === 0) schedule(flush);
				const session = nameOf(entry.session);
				const checks = waiting.get(session);
				const check = { publicKey, entry, hash, answer };
				if (checks) checks.push(check);
				else waiting.set(session, [check]);
			})
	};
}
