/**
 * Effects on who holds what (content-model.md §3.1 FD, §3.2 `addForwarding`, §3.6). All are idempotent: what a committed
 * response or a relationship's end says is done once, however often it is folded.
 */
import { ok, refuse, type Result } from '../result.ts';
import { rowsBy } from '../view-query.ts';
import type { Address, AttributeRow, Fold, ForwardingRow, Iso, Views } from '../views.ts';
import { attributeDto } from '../views-dto.ts';
import { isOwnIdentity } from './row.ts';
import { forwardingId, forwardingsTo, latestSharedVersion, successorsOf } from './versions.ts';

/** Replaces a forwarding and tells. */
export function putForwarding(fold: Fold, row: ForwardingRow): void {
	const isNew = !fold.views.get('forwardings', row.id);
	fold.views.put('forwardings', row);
	recount(fold, row.attributeId, isNew ? 1 : 0);
}

/** `numberOfForwards` counts every forwarding of the attribute, those the peer deleted included. */
function recount(fold: Fold, attributeId: string, change: number): void {
	const attribute = fold.views.get('attributes', attributeId);
	if (!attribute) return;
	const counted = { ...attribute, numberOfForwards: (attribute.numberOfForwards ?? 0) + change };
	fold.views.put('attributes', counted);
	fold.emit('consumption.attributeForwardingDetailsChanged', attributeDto(counted));
}

/** From now on the peer holds this version. One it meant to delete is simply kept; one it deleted stays on record. */
export function addForwarding(fold: Fold, attributeId: string, peer: Address, sourceReference: string): void {
	const earlier = forwardingsTo(fold.views, attributeId, peer);
	const current = earlier.at(-1);
	if (current && current.deletionInfo?.deletionStatus !== 'DeletedByRecipient')
		return keepForwarding(fold, attributeId, peer);
	const id = forwardingId(attributeId, peer, earlier.length);
	putForwarding(fold, { id, attributeId, peer, sourceReference, sharedAt: fold.at });
}

/** The peer keeps what it held: a promise to delete it is off. */
export function keepForwarding(fold: Fold, attributeId: string, peer: Address): void {
	const current = forwardingsTo(fold.views, attributeId, peer).at(-1);
	if (current?.deletionInfo?.deletionStatus !== 'ToBeDeletedByRecipient') return;
	const { deletionInfo: _over, ...kept } = current;
	putForwarding(fold, kept);
}

/** May the peer be told that an own identity attribute succeeded what it holds? With the version it holds. */
export function checkNotify(
	views: Views,
	id: string,
	peer: Address
): Result<{ readonly held: AttributeRow; readonly row: AttributeRow }> {
	const row = views.get('attributes', id);
	if (!row)
		return refuse(
			'error.runtime.recordNotFound',
			'LocalAttribute not found. Make sure the ID exists and the record is not expired.'
		);
	const fault = (code: string, message: string) => refuse(`error.runtime.attributes.${code}`, message);
	if (!isOwnIdentity(row))
		return fault('isNotOwnIdentityAttribute', `Attribute '${id}' is not an own identity attribute.`);
	const held = latestSharedVersion(views, row, peer);
	if (!held)
		return fault(
			'peerHasNoPreviousVersionOfAttribute',
			`No previous version of attribute '${id}' has been shared with '${peer}'.`
		);
	if (held.id === id)
		return fault(
			'ownIdentityAttributeHasAlreadyBeenSharedWithPeer',
			`Attribute '${id}' has already been shared with '${peer}'.`
		);
	if (successorsOf(views, row).some((successor) => successor.id === held.id))
		return fault(
			'successorOfOwnIdentityAttributeHasAlreadyBeenSharedWithPeer',
			`Attribute '${id}' has a successor '${held.id}' that has already been shared with '${peer}'.`
		);
	return ok({ held, row });
}

// ---------------------------------------------------------------------- what a relationship's end means

/**
 * Rejected or revoked: nothing was exchanged after all. Own identity attributes stay, and so does what requests in `kept`
 * exchanged: those of a relationship with the same peer that crossed this one and comes up in its place.
 */
export function undoExchange(fold: Fold, peer: Address, kept: ReadonlySet<string> = new Set()): void {
	for (const row of removeExchanged(fold, peer, kept)) fold.emit('consumption.attributeDeleted', attributeDto(row));
	dropForwardings(fold, peer, kept);
}

/** Own decomposition: everything with the peer goes; of attributes only the forwardings are told. */
export function forgetPeer(fold: Fold, peer: Address): void {
	const { views } = fold;
	removeExchanged(fold, peer);
	for (const row of rowsBy(views, 'requests', 'peer', peer)) views.delete('requests', row.id);
	for (const row of rowsBy(views, 'notifications', 'peer', peer)) views.delete('notifications', row.id);
	for (const row of rowsBy(views, 'metadata', 'reference', peer)) views.delete('metadata', row.id);
	dropForwardings(fold, peer);
}

/** What lives with the peer, and who else was given it. */
function removeExchanged(fold: Fold, peer: Address, kept: ReadonlySet<string> = new Set()): AttributeRow[] {
	const gone = withPeer(fold, peer).filter(({ sourceReference = '' }) => !kept.has(sourceReference));
	for (const row of gone) {
		fold.views.delete('attributes', row.id);
		for (const { id } of rowsBy(fold.views, 'forwardings', 'attributeId', row.id))
			fold.views.delete('forwardings', id);
	}
	return gone;
}

/** The peer decomposed: what it held it deleted, what we hold of it was deleted at its source. Promises stay as they are. */
export function markDeletedByPeer(fold: Fold, peer: Address, deletionDate: Iso): void {
	const isOpen = (row: AttributeRow | ForwardingRow) =>
		!/^(ToBeDeleted|Deleted)/.test(row.deletionInfo?.deletionStatus ?? '');
	for (const row of rowsBy(fold.views, 'forwardings', 'peer', peer))
		if (isOpen(row))
			putForwarding(fold, { ...row, deletionInfo: { deletionStatus: 'DeletedByRecipient', deletionDate } });
	for (const row of withPeer(fold, peer).filter(isOpen)) {
		const deletionStatus = row['@type'] === 'OwnRelationshipAttribute' ? 'DeletedByRecipient' : 'DeletedByEmitter';
		fold.views.put('attributes', { ...row, deletionInfo: { deletionStatus, deletionDate } });
	}
}

const withPeer = (fold: Fold, peer: Address): AttributeRow[] => rowsBy(fold.views, 'attributes', 'peer', peer);

function dropForwardings(fold: Fold, peer: Address, kept: ReadonlySet<string> = new Set()): void {
	const gone = rowsBy(fold.views, 'forwardings', 'peer', peer).filter((row) => !kept.has(row.sourceReference));
	for (const row of gone) fold.views.delete('forwardings', row.id);
	for (const attributeId of new Set(gone.map((row) => row.attributeId)))
		recount(fold, attributeId, -gone.filter((row) => row.attributeId === attributeId).length);
}
