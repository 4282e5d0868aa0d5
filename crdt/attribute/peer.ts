/**
 * Identity attributes received from a peer (content-model.md §3.1 PIA, §4.8 sender's column). Effects of committed responses:
 * they are decided, so nothing is refused here; what a response may claim is checked before (request/answer.ts). Applying
 * twice changes nothing.
 */
import type { IdentityAttribute } from '../content/attribute.ts';
import type { Address, AttributeRow, Fold } from '../views.ts';
import { attributeDto } from '../views-dto.ts';
import { toContent } from './own.ts';
import { versionsOf } from './versions.ts';

export interface Received {
	readonly id: string;
	readonly content: IdentityAttribute;
	readonly peer: Address;
	/** The request that brought it. */
	readonly sourceReference: string;
}

const newRow = (fold: Fold, { id, content, peer, sourceReference }: Received): AttributeRow => ({
	'@type': 'PeerIdentityAttribute',
	id,
	createdAt: fold.at,
	content: toContent(content),
	peer,
	sourceReference
});

export function receiveAttribute(fold: Fold, received: Received): void {
	if (fold.views.get('attributes', received.id)) return keepReceived(fold, received.id);
	const row = newRow(fold, received);
	fold.views.put('attributes', row);
	fold.emit('consumption.attributeCreated', attributeDto(row));
}

/**
 * A newer version. Without its predecessor, or behind one whose source is gone, it stands alone: the peer believes we hold
 * it (the reference drops it).
 */
export function receiveSuccessor(fold: Fold, predecessorId: string, received: Received): void {
	if (fold.views.get('attributes', received.id)) return keepReceived(fold, received.id);
	const named = fold.views.get('attributes', predecessorId);
	const last = named && versionsOf(fold.views, named)[0];
	if (!last || last.deletionInfo?.deletionStatus === 'DeletedByEmitter') return receiveAttribute(fold, received);
	const successor = { ...newRow(fold, received), succeeds: last.id };
	const predecessor = { ...last, succeededBy: received.id };
	fold.views.put('attributes', predecessor);
	fold.views.put('attributes', successor);
	fold.emit('consumption.attributeSucceeded', {
		predecessor: attributeDto(predecessor),
		successor: attributeDto(successor)
	});
}

/** Shared again: what we had promised to delete stays. */
export function keepReceived(fold: Fold, id: string): void {
	const row = fold.views.get('attributes', id);
	if (row?.deletionInfo?.deletionStatus !== 'ToBeDeleted') return;
	const { deletionInfo: _off, ...kept } = row;
	fold.views.put('attributes', kept);
}
