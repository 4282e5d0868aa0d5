/**
 * I8, the other half: what two identities hold of each other's attributes mirrors, once everything is told. For each pair with an
 * Active relationship on both sides, by id:
 *
 *   own relationship attribute ⇄ the peer's copy      forwarded attribute ⇄ the copy received      equal contents
 *
 * Copies one side deleted are marked on the other; what was deleted before the relationship that is Active now says nothing.
 */
import type { AttributeRow, RelationshipRow } from '../index.ts';
import { isEqualJson } from '../content/json.ts';
import type { Views } from '../views.ts';

const isGone = (status: string | undefined): boolean =>
	status === 'DeletedByRecipient' || status === 'DeletedByEmitter';

/** What differs between `mine` and the views of the peer, in words; undefined when nothing does. */
export function exchangeFault(
	mine: Views,
	theirs: Views,
	{ peer: them, _createdAt: since }: RelationshipRow,
	me: string
): string | undefined {
	for (const row of mine.list('attributes')) {
		if (row._aliasOf) continue;
		const fault =
			row['@type'] === 'OwnRelationshipAttribute' && row.peer === them
				? mirrorFault(row, theirs.get('attributes', row.id), 'PeerRelationshipAttribute', me)
				: isReceived(row, them)
					? sourceFault(row, theirs)
					: undefined;
		if (fault) return `${row['@type']} ${row.id}: ${fault}`;
	}
	for (const forwarding of mine.list('forwardings')) {
		if (forwarding.peer !== them || isGone(forwarding.deletionInfo?.deletionStatus)) continue;
		if (forwarding.sharedAt < since) continue;
		const row = mine.get('attributes', forwarding.attributeId);
		const copy = theirs.get('attributes', forwarding.attributeId);
		if (!copy) return `forwarded ${forwarding.attributeId}: the peer has nothing`;
		if (row && !isEqualJson(row.content, copy.content)) return `forwarded ${row.id}: the copy differs`;
	}
	return undefined;
}

const isReceived = (row: AttributeRow, them: string): boolean =>
	row.peer === them && ['PeerIdentityAttribute', 'PeerRelationshipAttribute'].includes(row['@type']);

function mirrorFault(row: AttributeRow, copy: AttributeRow | undefined, kind: string, me: string): string | undefined {
	if (isGone(row.deletionInfo?.deletionStatus)) return undefined;
	if (!copy) return 'the peer has nothing';
	if (copy['@type'] !== kind || copy.peer !== me) return `the peer has it as ${copy['@type']}`;
	return isEqualJson(row.content, copy.content) ? undefined : 'the contents differ';
}

function sourceFault(row: AttributeRow, theirs: Views): string | undefined {
	if (isGone(row.deletionInfo?.deletionStatus)) return undefined;
	const source = theirs.get('attributes', row.id);
	if (!source) return wasOffered(row, theirs) ? undefined : 'its owner has nothing';
	return isEqualJson(row.content, source.content) ? undefined : 'the contents differ';
}

/** Deleted by its owner while the request that shares it was under way: nobody held it then, so nobody was told. */
function wasOffered(row: AttributeRow, theirs: Views): boolean {
	const asked = theirs.get('requests', row.sourceReference ?? '');
	return JSON.stringify(asked?.content ?? '').includes(`"attributeId":"${row.id}"`);
}
