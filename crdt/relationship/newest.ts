/**
 * The relationship that counts with a peer, among those not hidden (decomposed here, or lost a crossing): the one that is not
 * over, else the one the log brought last. Dates do not tell: they are their authors', and clocks differ.
 */
import { rowsBy } from '../view-query.ts';
import type { Address, RelationshipRow, Views } from '../views.ts';

const isOver = ({ status }: RelationshipRow): boolean => status === 'Rejected' || status === 'Revoked';

export function newestRelationship(views: Views, peer: Address): RelationshipRow | undefined {
	const known = rowsBy(views, 'relationships', 'peer', peer).filter((row) => !row._hidden);
	return known.findLast((row) => !isOver(row)) ?? known.at(-1);
}
