/** Open lines: who listens for which account, and what is pushed to them. */
import type { Bytes } from '@enmeshed/crdt/wire';
import { nameOf } from './names.ts';
import type { Caller } from './operations/operation.ts';

export interface OpenLine {
	readonly caller: { current: Caller };
	push(frame: Bytes): void;
	end(): void;
}

/** `perAccount`: the most that may listen for one account. */
export function createLines(perAccount: number) {
	const signedIn = new Map<string, Set<OpenLine>>();
	const anonymous = new Set<OpenLine>();
	const all = () => [...anonymous, ...[...signedIn.values()].flatMap((set) => [...set])];

	function leave(line: OpenLine): void {
		anonymous.delete(line);
		const { account } = line.caller.current;
		const listening = account && signedIn.get(nameOf(account.tag));
		if (listening?.delete(line) && listening.size === 0) signedIn.delete(nameOf(account!.tag));
	}

	return {
		/** A line nobody has signed in on. */
		enter: (line: OpenLine) => void anonymous.add(line),
		/** From now on it listens for this account; false when too many do. */
		signIn(line: OpenLine, tag: Bytes): boolean {
			const name = nameOf(tag);
			const listening = signedIn.get(name) ?? new Set();
			if (!listening.has(line) && listening.size >= perAccount) return false;
			leave(line);
			signedIn.set(name, listening.add(line));
			return true;
		},
		leave,
		listens: (tag: Bytes): boolean => signedIn.has(nameOf(tag)),
		push(tag: Bytes, frame: Bytes): void {
			for (const line of signedIn.get(nameOf(tag)) ?? []) line.push(frame);
		},
		/** To everybody who signed in. */
		pushAll(frame: Bytes): void {
			for (const listening of signedIn.values()) for (const line of listening) line.push(frame);
		},
		end(tag: Bytes): void {
			for (const line of [...(signedIn.get(nameOf(tag)) ?? [])]) {
				leave(line);
				line.end();
			}
		},
		endAll(): void {
			for (const line of all()) line.end();
			signedIn.clear();
			anonymous.clear();
		},
		count: (): number => all().length
	};
}
