/** Versions of an entry and who holds which: read from succession links and forwardings, never stored. */
import type { AttributeRow, DeletionInfo, ForwardingRow } from '@enmeshed/crdt';

/** Longer chains than anybody makes by hand: a circle in damaged data must not hang the page. */
const MAX_VERSIONS = 1000;

type Find = (id: string) => AttributeRow | undefined;

/** Whole chain of an entry, newest first. */
export function versionsOf(id: string, find: Find): AttributeRow[] {
	let newest = find(id);
	for (let steps = 0; newest?.succeededBy && steps < MAX_VERSIONS; steps++) {
		const next = find(newest.succeededBy);
		if (!next) break;
		newest = next;
	}
	const chain: AttributeRow[] = [];
	for (let row = newest; row && chain.length < MAX_VERSIONS; row = row.succeeds ? find(row.succeeds) : undefined)
		chain.push(row);
	return chain;
}

export interface Holder {
	readonly address: string;
	/** The version they have. */
	readonly attributeId: string;
	readonly sharedAt: string;
	readonly deletion?: DeletionInfo;
}
/** Deleted on the other side: it is held no more. */
export const isHeld = ({ deletion }: Pick<Holder, 'deletion'>): boolean =>
	deletion?.deletionStatus !== 'DeletedByRecipient';

/** Who holds an entry, in whichever of its versions; of several shared with one contact the one shared last. */
export function holdersOf(versions: readonly AttributeRow[], forwardings: readonly ForwardingRow[]): Holder[] {
	const ids = new Set(versions.map((a) => a.id));
	const byPeer = new Map<string, Holder>();
	for (const { attributeId, peer, sharedAt, deletionInfo } of forwardings) {
		const known = byPeer.get(peer);
		if (!ids.has(attributeId) || (known && known.sharedAt > sharedAt)) continue;
		byPeer.set(peer, {
			address: peer,
			attributeId,
			sharedAt,
			...(deletionInfo ? { deletion: deletionInfo } : {})
		});
	}
	return [...byPeer.values()];
}
