/**
 * Attributes as they are listed: versions of one attribute, who holds which, and the order REST promises
 * (content-model.md §3.2, §3.4; connector-api.md §13 row 13). Reads only.
 *
 * Words: a *chain* is an attribute with everything it succeeds and is succeeded by. A *forwarding* says that a peer holds
 * a version; one per version and peer is current, older ones the peer deleted stay. Aliases (`_aliasOf`) are in no list.
 */
import { rowsBy } from '../view-query.ts';
import type { Address, AttributeRow, ForwardingRow, Views } from '../views.ts';
import { isOwnIdentity } from './row.ts';

/** Newest first, the attribute itself included. */
export function versionsOf(views: Views, attribute: AttributeRow): AttributeRow[] {
	const newer = follow(views, attribute, 'succeededBy');
	return [...newer.reverse(), attribute, ...follow(views, attribute, 'succeeds')];
}

function follow(views: Views, from: AttributeRow, link: 'succeeds' | 'succeededBy'): AttributeRow[] {
	const found: AttributeRow[] = [];
	const seen = new Set([from.id]);
	let next = from[link];
	while (next !== undefined && !seen.has(next)) {
		seen.add(next);
		const row = views.get('attributes', next);
		if (!row) break;
		found.push(row);
		next = row[link];
	}
	return found;
}

/** What it succeeds, newest first. */
export const predecessorsOf = (views: Views, attribute: AttributeRow): AttributeRow[] =>
	follow(views, attribute, 'succeeds');
/** What succeeds it, oldest first. */
export const successorsOf = (views: Views, attribute: AttributeRow): AttributeRow[] =>
	follow(views, attribute, 'succeededBy');

/** The row an alias stands for; any other row is itself. */
export function unaliased(views: Views, row: AttributeRow): AttributeRow {
	const shown = row._aliasOf === undefined ? undefined : views.get('attributes', row._aliasOf);
	return shown && shown.id !== row.id ? unaliased(views, shown) : row;
}

// -------------------------------------------------------------------------------------------- forwardings

/** Row id of the k-th forwarding of an attribute to a peer: equal on every device. */
export const forwardingId = (attributeId: string, peer: Address, k: number): string => `${attributeId}|${peer}|${k}`;

/** All forwardings of an attribute to a peer, oldest first; the last one is current. */
export function forwardingsTo(views: Views, attributeId: string, peer: Address): ForwardingRow[] {
	const found: ForwardingRow[] = [];
	for (;;) {
		const row = views.get('forwardings', forwardingId(attributeId, peer, found.length));
		if (!row) return found;
		found.push(row);
	}
}

/** All forwardings of an attribute, oldest first. */
export const forwardingsOf = (views: Views, attributeId: string): ForwardingRow[] => [
	...views.rows('forwardings', { where: [{ key: 'attributeId', anyOf: [attributeId] }] })
];

/** Whether the peer holds it, by what is known here; one it will delete counts unless told otherwise. */
export function isForwarded(
	views: Views,
	attributeId: string,
	peer: Address,
	options: { excludeToBeDeleted?: boolean } = {}
): boolean {
	const current = forwardingsTo(views, attributeId, peer).at(-1);
	const status = current?.deletionInfo?.deletionStatus;
	if (!current || status === 'DeletedByRecipient') return false;
	return !(options.excludeToBeDeleted && status === 'ToBeDeletedByRecipient');
}

/** Whether the peer holds a newer version; one it will delete does not count unless `includeToBeDeleted`. */
export const hasSharedSuccessor = (
	views: Views,
	attribute: AttributeRow,
	peer: Address,
	{ includeToBeDeleted = false }: { readonly includeToBeDeleted?: boolean } = {}
): boolean =>
	successorsOf(views, attribute).some((version) =>
		isForwarded(views, version.id, peer, { excludeToBeDeleted: !includeToBeDeleted })
	);

/** Whether the peer holds an older version; one it will delete counts. */
export const hasSharedPredecessor = (views: Views, attribute: AttributeRow, peer: Address): boolean =>
	predecessorsOf(views, attribute).some((version) => isForwarded(views, version.id, peer));

/** The versions of it the peer holds, newest first; one it will delete counts. Aliases are what the peer knows them as. */
export const sharedVersions = (views: Views, attribute: AttributeRow, peer: Address): AttributeRow[] =>
	versionsOf(views, attribute)
		.flatMap((version) => [version, ...aliasesOf(views, version)])
		.filter((version) => isForwarded(views, version.id, peer));

/** The newest version the peer holds, whether before or after this one. */
export const latestSharedVersion = (views: Views, attribute: AttributeRow, peer: Address): AttributeRow | undefined =>
	sharedVersions(views, attribute, peer)[0];

/** Equal attributes another device made, kept under their own ids. */
export const aliasesOf = (views: Views, row: AttributeRow): AttributeRow[] => [
	...views.rows('attributes', { where: [{ key: '_aliasOf', anyOf: [row.id] }] })
];

// -------------------------------------------------------------------------------------------------- lists

/** Oldest first, ties in insertion order. */
export const byCreation = (rows: AttributeRow[]): AttributeRow[] =>
	rows.sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));

export const listAttributes = (views: Views): AttributeRow[] =>
	byCreation(views.list('attributes').filter((row) => row._aliasOf === undefined));

interface Latest {
	/** Default true: only what has no successor. */
	readonly onlyLatestVersions?: boolean;
}
const isWanted = (row: AttributeRow, { onlyLatestVersions = true }: Latest) =>
	!onlyLatestVersions || row.succeededBy === undefined;

export const ownIdentityAttributes = (views: Views, options: Latest = {}): AttributeRow[] =>
	byCreation(rowsBy(views, 'attributes', '@type', 'OwnIdentityAttribute')).filter(
		(row) => row._aliasOf === undefined && isWanted(row, options)
	);

const received = ['PeerIdentityAttribute', 'PeerRelationshipAttribute', 'ThirdPartyRelationshipAttribute'];

export const peerAttributes = (views: Views, peer: Address, options: Latest = {}): AttributeRow[] =>
	byCreation(rowsBy(views, 'attributes', 'peer', peer)).filter(
		(row) => row._aliasOf === undefined && received.includes(row['@type']) && isWanted(row, options)
	);

/**
 * Own attributes the peer has: forwarded ones (those it deleted included), then own relationship attributes that live with
 * it. Only the newest it was given of each, unless all are asked for.
 */
export function ownSharedWith(views: Views, peer: Address, { onlyLatestVersions = true }: Latest = {}): AttributeRow[] {
	const forwarded = new Set([...forwardingsWith(views, peer)].map((row) => row.attributeId));
	const lives = (row: AttributeRow) => row['@type'] === 'OwnRelationshipAttribute' && row.peer === peer;
	const isShared = (row: AttributeRow) => lives(row) || forwarded.has(row.id);
	const living = rowsBy(views, 'attributes', 'peer', peer).filter(lives);
	const own = byCreation(rowsBy(views, 'attributes', 'id', ...forwarded, ...living.map((row) => row.id))).filter(
		(row) => row._aliasOf === undefined && (isOwnIdentity(row) || row['@type'] === 'OwnRelationshipAttribute')
	);
	const wanted = onlyLatestVersions ? own.filter((row) => !successorsOf(views, row).some(isShared)) : own;
	return [...wanted.filter((row) => !lives(row)), ...wanted.filter(lives)];
}

const forwardingsWith = (views: Views, peer: Address): Iterable<ForwardingRow> =>
	views.rows('forwardings', { where: [{ key: 'peer', anyOf: [peer] }] });

/** Everything exchanged with a peer: what it got from us (the newest version it holds), then what we have with it. */
export function attributesExchangedWith(views: Views, peer: Address): AttributeRow[] {
	const shared = [...new Set([...forwardingsWith(views, peer)].map((row) => row.attributeId))].flatMap(
		(id) => views.get('attributes', id) ?? []
	);
	const newest = shared.filter(
		(row) =>
			!follow(views, row, 'succeededBy').some((successor) => shared.some((other) => other.id === successor.id))
	);
	const withPeer = byCreation(rowsBy(views, 'attributes', 'peer', peer)).filter(
		(row) => row._aliasOf === undefined && row.succeededBy === undefined
	);
	return [...byCreation(newest), ...withPeer.filter((row) => !newest.includes(row))];
}
