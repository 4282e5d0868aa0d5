/**
 * Deleting an attribute and telling those who hold it (content-model.md §3.5). `planDelete` says whether it may be and who
 * is told what; `deleteAttribute` is the effect. An attribute goes with its predecessors; its successor stands alone then.
 */
import { newestRelationship } from '../relationship/newest.ts';
import { ok, refuse, type Result } from '../result.ts';
import type { Address, AttributeKind, AttributeRow, Fold, RelationshipRow, Views } from '../views.ts';
import { attributeDto } from '../views-dto.ts';
import { passDefaultOn } from './default.ts';
import { aliasesOf, forwardingsOf, isForwarded, predecessorsOf } from './versions.ts';

/** Everything that goes when `row` goes, newest first: it, its predecessors, and what stands behind any of them. */
export const removedWith = (views: Views, row: AttributeRow): AttributeRow[] => {
	const versions = [row, ...predecessorsOf(views, row)];
	return [...versions, ...versions.flatMap((version) => aliasesOf(views, version))];
};

/** Which notification each kind is told with. */
const itemTypes = {
	OwnIdentityAttribute: 'OwnAttributeDeletedByOwnerNotificationItem',
	OwnRelationshipAttribute: 'OwnAttributeDeletedByOwnerNotificationItem',
	PeerRelationshipAttribute: 'PeerRelationshipAttributeDeletedByPeerNotificationItem',
	PeerIdentityAttribute: 'ForwardedAttributeDeletedByPeerNotificationItem',
	ThirdPartyRelationshipAttribute: 'ForwardedAttributeDeletedByPeerNotificationItem'
} as const satisfies Record<AttributeKind, string>;

export interface DeletionNotice {
	readonly peer: Address;
	readonly relationshipId: string;
	/** What a notification says: the version the peer holds is gone. */
	readonly item: { readonly '@type': (typeof itemTypes)[AttributeKind]; readonly attributeId: string };
}

/** May it be deleted, and who has to be told what? */
export function planDelete(views: Views, id: string): Result<readonly DeletionNotice[]> {
	const row = views.get('attributes', id);
	if (!row)
		return refuse(
			'error.runtime.recordNotFound',
			'LocalAttribute not found. Make sure the ID exists and the record is not expired.'
		);
	if (row.succeededBy !== undefined && !views.get('attributes', row.succeededBy))
		return refuse('error.consumption.attributes.successorDoesNotExist', 'The successor does not exist.');
	const notices: DeletionNotice[] = [];
	for (const { peer, attributeId } of holdersOf(views, row)) {
		const relationship = reachable(views, peer);
		if (relationship?.status === 'Pending')
			return refuse(
				'error.runtime.attributes.cannotDeleteSharedAttributeWhileRelationshipIsPending',
				'The attribute is shared within a pending relationship and cannot be deleted before that is decided.'
			);
		if (relationship)
			notices.push({
				peer,
				relationshipId: relationship.id,
				item: { '@type': itemTypes[row['@type']], attributeId }
			});
	}
	return ok(notices);
}

/** The newest relationship with a peer while something can still be told it. */
function reachable(views: Views, peer: Address): RelationshipRow | undefined {
	const newest = newestRelationship(views, peer);
	if (newest?.peerDeletionInfo?.deletionStatus === 'Deleted') return undefined;
	return newest && ['Pending', 'Active', 'Terminated'].includes(newest.status) ? newest : undefined;
}

/** Whom it is shared with or lives with, and the newest version of it each one holds. */
function holdersOf(views: Views, row: AttributeRow): { readonly peer: Address; readonly attributeId: string }[] {
	const holders = new Map<Address, string>();
	if (row.peer !== undefined) holders.set(row.peer, row.id);
	for (const version of removedWith(views, row))
		for (const { peer } of forwardingsOf(views, version.id))
			if (!holders.has(peer) && isForwarded(views, version.id, peer)) holders.set(peer, version.id);
	return [...holders].map(([peer, attributeId]) => ({ peer, attributeId }));
}

/** Deletes it with its predecessors and forwardings; its successor stands alone from then on. */
export function deleteAttribute(fold: Fold, id: string): void {
	const { views } = fold;
	const row = views.get('attributes', id);
	if (!row) return;
	const successor = row.succeededBy === undefined ? undefined : views.get('attributes', row.succeededBy);
	if (successor) {
		const { succeeds: _detached, ...rest } = successor;
		views.put('attributes', rest);
	}
	for (const gone of removedWith(views, row)) {
		for (const forwarding of forwardingsOf(views, gone.id)) views.delete('forwardings', forwarding.id);
		views.delete('attributes', gone.id);
		if (gone._aliasOf === undefined) fold.emit('consumption.attributeDeleted', attributeDto(gone));
	}
	passDefaultOn(fold, row);
}
