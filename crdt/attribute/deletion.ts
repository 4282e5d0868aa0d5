/**
 * Who deleted, will delete or was asked to delete an attribute (content-model.md §3.1 DeletionInfo).
 *
 *   emitted   on an own relationship attribute (its peer's copy) and on forwardings: DeletionRequestSent,
 *             DeletionRequestRejected, ToBeDeletedByRecipient, DeletedByRecipient
 *   received  on what came from a peer: ToBeDeleted (we promised), DeletedByEmitter (it is gone at its source)
 *
 * A promise (`ToBeDeleted…`) or an end (`DeletedBy…`) is never overwritten; only a told deletion may override a promise.
 * An end stays for good. What is said of a version is said of those before it too.
 */
import type { Address, AttributeRow, DeletionInfo, Fold, ForwardingRow, Views } from '../views.ts';
import { putForwarding } from './sharing.ts';
import { forwardingsTo, predecessorsOf } from './versions.ts';

interface Marking {
	/** A told deletion: stronger than a promise. */
	readonly override?: boolean;
}

const statusOf = (row: AttributeRow | ForwardingRow): string => row.deletionInfo?.deletionStatus ?? '';
export const isDeletedThere = (row: AttributeRow | ForwardingRow): boolean => statusOf(row).startsWith('DeletedBy');
export const isToBeDeleted = (row: AttributeRow | ForwardingRow): boolean => statusOf(row).startsWith('ToBeDeleted');

const mayMark = (row: AttributeRow | ForwardingRow, { override = false }: Marking): boolean =>
	!isDeletedThere(row) && (override || !isToBeDeleted(row));

/** On the attribute itself and its predecessors. */
export function markDeletion(fold: Fold, id: string, deletionInfo: DeletionInfo, marking: Marking = {}): void {
	for (const row of withPredecessors(fold.views, id))
		if (mayMark(row, marking)) fold.views.put('attributes', { ...row, deletionInfo });
}

/** On what the peer holds of the attribute and its predecessors; versions it never got, or got rid of, are left alone. */
export function markForwardingDeletion(
	fold: Fold,
	id: string,
	peer: Address,
	deletionInfo: DeletionInfo,
	marking: Marking = {}
): void {
	for (const { id: version } of withPredecessors(fold.views, id)) {
		const current = forwardingsTo(fold.views, version, peer).at(-1);
		if (current && mayMark(current, marking)) putForwarding(fold, { ...current, deletionInfo });
	}
}

/**
 * What a peer was asked, promised or refused about an attribute we gave it: on an own relationship attribute when the peer
 * is the one it lives with, else on the forwarding.
 */
export function markEmitted(
	fold: Fold,
	id: string,
	peer: Address,
	deletionInfo: DeletionInfo,
	marking: Marking = {}
): void {
	const row = fold.views.get('attributes', id);
	if (row?.['@type'] === 'OwnRelationshipAttribute' && row.peer === peer)
		return markDeletion(fold, id, deletionInfo, marking);
	markForwardingDeletion(fold, id, peer, deletionInfo, marking);
}

function withPredecessors(views: Views, id: string): AttributeRow[] {
	const row = views.get('attributes', id);
	return row ? [row, ...predecessorsOf(views, row)] : [];
}
