/**
 * Who belongs to which account: folds of device chains, kept by the hash of the newest record they cover. A record that is
 * being checked may be folded before it is stored; nobody finds that fold until an account names its hash as head, so a
 * refused or rolled-back record needs no undoing.
 */
import {
	decodeChainRecord,
	equal,
	extendMembership,
	type Bytes,
	type ChainRecord,
	type Member,
	type Membership
} from '@enmeshed/crdt/wire';
import { nameOf } from './names.ts';
import type { Store } from './store/store.ts';

export interface Members {
	/** The fold up to `head`; read from the store when it is not at hand. Undefined when there is no such account or head. */
	load(tag: Bytes, head: Bytes): Promise<Membership | undefined>;
	/** The same without waiting: undefined also when it was not loaded. */
	peek(head: Bytes): Membership | undefined;
	/** Folds one more record and keeps the result. */
	extend(before: Membership | undefined, record: ChainRecord): ReturnType<typeof extendMembership>;
}

export const memberOf = (membership: Membership | undefined, device: Bytes): Member | undefined =>
	membership?.members.get(nameOf(device));

export function createMembers(store: Store, bound: number): Members {
	const byHead = new Map<string, Membership>();

	function keep(membership: Membership): Membership {
		if (byHead.size >= bound) byHead.delete(byHead.keys().next().value!);
		byHead.set(nameOf(membership.head), membership);
		return membership;
	}

	async function extend(before: Membership | undefined, record: ChainRecord) {
		const result = await extendMembership(before, record);
		if (result.ok) keep(result.membership);
		return result;
	}

	async function load(tag: Bytes, head: Bytes): Promise<Membership | undefined> {
		const known = byHead.get(nameOf(head));
		if (known) return equal(known.identityTag, tag) ? known : undefined;
		let membership: Membership | undefined;
		for (const bytes of store.chainAfter(tag, -1)) {
			const record = decodeChainRecord(bytes);
			const next = record && (await extendMembership(membership, record));
			if (!next?.ok) throw new Error('a stored chain does not fold');
			membership = next.membership;
			if (nameOf(membership.head) === nameOf(head)) return keep(membership);
		}
		return undefined;
	}

	return { load, peek: (head) => byHead.get(nameOf(head)), extend };
}
