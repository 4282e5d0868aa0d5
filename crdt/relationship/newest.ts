/** The relationship that counts with a peer: the newest one that is not hidden (decomposed here, or lost a crossing). */
import type { Address, RelationshipRow, Views } from '../views.ts';

export const newestRelationship = (views: Views, peer: Address): RelationshipRow | undefined =>
	views
		.list('relationships')
		.filter((row) => row.peer === peer && !row._hidden)
		.reduce<RelationshipRow | undefined>((a, b) => (a && a._createdAt > b._createdAt ? a : b), undefined);
