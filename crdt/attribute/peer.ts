/**
 * Attributes that live between us and a peer (content-model.md §3.1): what it gave us, and the relationship attributes both
 * sides hold under one id. Effects of committed responses and checked notifications: they are decided, so nothing is
 * refused here. Applying twice changes nothing.
 *
 *   kind                     content                owner                 brought by
 *   PeerIdentity             IdentityAttribute      the peer              its answer, its notification
 *   OwnRelationship          RelationshipAttribute  we                    either side's answer
 *   PeerRelationship         RelationshipAttribute  the peer              either side's answer
 *   ThirdPartyRelationship   RelationshipAttribute  the peer, or whom it  its answer
 *                                                   has it with
 */
import type { Attribute } from '../content/attribute.ts';
import { isEqualJson } from '../content/json.ts';
import { trimValue } from '../content/values.ts';
import type { Refusal } from '../result.ts';
import { rowsBy } from '../view-query.ts';
import type { Address, AttributeKind, AttributeRow, Fold, JsonObject, Views } from '../views.ts';
import { attributeDto } from '../views-dto.ts';
import { isDeletedThere } from './deletion.ts';
import { link, toContent } from './row.ts';
import { versionsOf } from './versions.ts';

export interface Received {
	readonly id: string;
	readonly content: Attribute;
	readonly peer: Address;
	/** The request or notification that brought it. */
	readonly sourceReference: string;
	/** Whom the peer has it with: makes it a third party's. */
	readonly initialAttributePeer?: Address | undefined;
}

/** Which of the four kinds it is here. */
function kindOf(
	me: Address,
	{ content, initialAttributePeer }: Pick<Received, 'content' | 'initialAttributePeer'>
): Exclude<AttributeKind, 'OwnIdentityAttribute'> {
	if (content['@type'] === 'IdentityAttribute') return 'PeerIdentityAttribute';
	if (initialAttributePeer !== undefined) return 'ThirdPartyRelationshipAttribute';
	return content.owner === me ? 'OwnRelationshipAttribute' : 'PeerRelationshipAttribute';
}

/** Who may own what (content-model.md §3.1): nothing comes from a peer that says otherwise. */
export function ownerFault(me: Address, received: Omit<Received, 'id' | 'sourceReference'>): Refusal | undefined {
	const { content, peer, initialAttributePeer } = received;
	const { owner } = content;
	const holds: Record<ReturnType<typeof kindOf>, boolean> = {
		PeerIdentityAttribute: owner !== me && owner === peer,
		OwnRelationshipAttribute: owner === me && peer !== me,
		PeerRelationshipAttribute: owner !== me && owner === peer,
		ThirdPartyRelationshipAttribute:
			owner !== me && (owner === peer || owner === initialAttributePeer) && peer !== initialAttributePeer
	};
	if (holds[kindOf(me, received)]) return undefined;
	return {
		code: 'error.consumption.attributes.wrongOwnerOfAttribute',
		message: 'The owner of the attribute does not fit whom it is exchanged with.'
	};
}

const newRow = (fold: Fold, received: Received): AttributeRow => ({
	'@type': kindOf(fold.me, received),
	id: received.id,
	createdAt: fold.at,
	content: toContent(received.content),
	peer: received.peer,
	sourceReference: received.sourceReference,
	...(received.initialAttributePeer !== undefined && { initialAttributePeer: received.initialAttributePeer })
});

/** A new one of any of the four kinds. */
export function receiveAttribute(fold: Fold, received: Received): void {
	if (fold.views.get('attributes', received.id)) return keepReceived(fold, received.id);
	const row = newRow(fold, received);
	fold.views.put('attributes', row);
	fold.emit('consumption.attributeCreated', attributeDto(row));
}

/**
 * A newer version of one of them. Without its predecessor, or behind one whose source is gone, it stands alone: the peer
 * believes we hold it (the reference drops it).
 */
export function receiveSuccessor(fold: Fold, predecessorId: string, received: Received): void {
	if (fold.views.get('attributes', received.id)) return keepReceived(fold, received.id);
	const named = fold.views.get('attributes', predecessorId);
	const last = named && versionsOf(fold.views, named)[0];
	if (!last || isDeletedThere(last)) return receiveAttribute(fold, received);
	const initialAttributePeer = received.initialAttributePeer ?? last.initialAttributePeer;
	link(fold, last, { ...newRow(fold, { ...received, initialAttributePeer }), succeeds: last.id });
}

/**
 * An own relationship attribute's successor as recorded. One that lost against another device's goes behind the winner; where
 * we deleted the old one it has no effect, as it has none at the peer. One the peer deleted it takes as new.
 */
export function succeedOwnRelationship(
	fold: Fold,
	predecessorId: string,
	{ id, content, sourceReference }: Pick<Received, 'id' | 'content' | 'sourceReference'>,
	wasRebased = false
): void {
	const named = fold.views.get('attributes', predecessorId);
	const [last] = named ? versionsOf(fold.views, named) : [];
	if (!last?.peer || fold.views.get('attributes', id)) return;
	const row = newRow(fold, { id, content, peer: last.peer, sourceReference });
	const isBehind = wasRebased || last.id !== predecessorId;
	link(fold, last, { ...row, succeeds: last.id, ...(isBehind && { _rebased: true as const }) });
}

/** Shared again: what we had promised to delete stays. */
export function keepReceived(fold: Fold, id: string): void {
	const row = fold.views.get('attributes', id);
	if (row?.deletionInfo?.deletionStatus !== 'ToBeDeleted') return;
	const { deletionInfo: _off, ...kept } = row;
	fold.views.put('attributes', kept);
}

/** One from that peer with equal content (identity values trimmed; tags do not count) that is not gone at its source. */
export function findReceived(
	views: Views,
	received: Omit<Received, 'id' | 'sourceReference'>
): AttributeRow | undefined {
	const { content, peer, initialAttributePeer } = received;
	const wanted = comparable(content as unknown as JsonObject);
	const found = rowsBy(views, 'attributes', 'peer', peer)
		.filter((row) => row.initialAttributePeer === initialAttributePeer && !isDeletedThere(row))
		.filter((row) => row['@type'] !== 'OwnRelationshipAttribute' && isEqualJson(comparable(row.content), wanted));
	return found.find((row) => row.succeededBy === undefined) ?? found[0];
}

const comparable = ({ '@type': type, owner, key, value }: JsonObject): JsonObject => ({
	'@type': type,
	owner,
	key,
	value: type === 'IdentityAttribute' ? trimValue(value as JsonObject) : value
});

/** Whether a relationship already has an attribute with this key, owner and value type that is not about to go. */
export const isKeyInUse = (
	views: Views,
	peer: Address,
	{ key, owner, valueType }: { readonly key: string; readonly owner: Address; readonly valueType: string }
): boolean =>
	[
		...views.rows('attributes', {
			where: [
				{ key: 'peer', anyOf: [peer] },
				{ key: 'content.key', anyOf: [key] }
			]
		})
	].some(
		(row) =>
			(row['@type'] === 'OwnRelationshipAttribute' || row['@type'] === 'PeerRelationshipAttribute') &&
			row.content['owner'] === owner &&
			(row.content['value'] as JsonObject | undefined)?.['@type'] === valueType &&
			!/^(ToBe)?Deleted/.test(row.deletionInfo?.deletionStatus ?? '')
	);
