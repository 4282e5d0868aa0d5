/**
 * What a relationship event does to the views: its row, the way to speak with the peer, and what follows from a new status.
 * The status itself is the fold of the event set (fold.ts); this file only files the event and reports what became visible.
 */
import { fromHex, toBase64Url, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { hkdf, sha256 } from '../crypto/hash.ts';
import { concat } from '../codec/bytes.ts';
import { maxRelationshipEvents } from '../limits.ts';
import type { EventLetter } from '../message/letter.ts';
import { rowsBy } from '../view-query.ts';
import type {
	Address,
	AuditEntry,
	ChannelRow,
	Fold,
	RelationshipEvent,
	RelationshipRow,
	RelationshipStatus,
	Views
} from '../views.ts';
import { foldEvents, isBeyondBound } from './fold.ts';
import { crossingRelationships } from './rules.ts';

/** R_0 = HKDF(a ‖ b, salt = relationship id, "enmeshed/r0"). */
export const relationshipRoot = (a: Bytes, b: Bytes, relId: string): Bytes =>
	hkdf(concat(a, b), utf8(relId), utf8('enmeshed/r0'), 32);

/** As REST shows a public key. */
export const publicKeyText = (ik: Uint8Array): string =>
	toBase64Url(utf8(JSON.stringify({ pub: toBase64Url(ik), alg: 3 })));

/** One we removed and the peer did not yet still stands in the way: there it is the current one. */
const isCurrent = (row: RelationshipRow): boolean =>
	row._hidden === 'decomposed' ||
	(!row._hidden && ['Pending', 'Active', 'Terminated', 'DeletionProposed'].includes(row.status));

/** The relationship with a peer that is not over, or undefined. */
export const currentWith = (views: Views, peer: Address): RelationshipRow | undefined =>
	rowsBy(views, 'relationships', 'peer', peer).find(isCurrent);

/** Earlier relationships with a peer that are over: the k of the "open" slot. */
export const endedWith = (views: Views, peer: Address): number =>
	rowsBy(views, 'relationships', 'peer', peer).filter((row) => !isCurrent(row)).length;

export interface Opening {
	readonly letter: EventLetter & { readonly create: NonNullable<EventLetter['create']> };
	readonly event: RelationshipEvent;
	/** True when we are the requestor. */
	readonly own: boolean;
	readonly peer: Address;
	readonly peerIk: Bytes;
	readonly peerChainSeq: number;
	readonly peerKey: Bytes;
	readonly replySeed?: Bytes;
	/** Where the peer reads. */
	readonly mailbox: ChannelRow['mailbox'];
	/** Our alias for this relationship, hex; empty until we accept. */
	readonly alias: string;
}

/** A relationship that did not exist yet. */
export function openRelationship(fold: Fold, opening: Opening): RelationshipRow {
	const { letter, event, own, peer } = opening;
	const crossing = rowsBy(fold.views, 'relationships', 'peer', peer).find(
		(row) => row.status === 'Pending' && row._own !== own && !row._hidden
	);
	const { create } = letter;
	fold.views.put('channels', {
		id: letter.rel,
		templateId: create.templateId,
		peer,
		own,
		peerKey: opening.peerKey,
		a: create.a,
		mailbox: opening.mailbox,
		alias: opening.alias,
		sent: [],
		received: [],
		gaps: [],
		peerChainSeq: opening.peerChainSeq,
		...(opening.replySeed ? { replySeed: opening.replySeed } : {})
	});
	if (opening.alias) fold.views.put('aliases', { id: opening.alias, kind: 'relationship', of: letter.rel });
	const row: RelationshipRow = {
		id: letter.rel,
		templateId: create.templateId,
		status: 'Pending',
		peer,
		peerIdentity: { address: peer, publicKey: publicKeyText(opening.peerIk) },
		creationContent: create.content,
		auditLog: [],
		_own: own,
		_events: [event],
		_createdAt: fold.at
	};
	const refolded = refold(row, fold.me);
	if (crossing) settleCrossing(fold, crossing, refolded);
	else fold.views.put('relationships', refolded);
	return fold.views.get('relationships', row.id)!;
}

/**
 * Of two relationships of one pair the one with the lower SHA-256 of its id survives; the other is hidden on both sides, as
 * long as both are asked for: one side may have taken its own back before it heard of the other's (see `reveal`).
 */
function settleCrossing(fold: Fold, older: RelationshipRow, newer: RelationshipRow): void {
	const hash = (row: RelationshipRow) => toHex(sha256(utf8(row.id)));
	const olderSurvives = crossingRelationships(hash(older), hash(newer)) === 'a';
	if (olderSurvives) fold.views.put('relationships', { ...newer, _hidden: 'crossed' });
	else {
		fold.views.put('relationships', { ...older, _hidden: 'crossed' });
		fold.views.put('relationships', newer);
	}
}

/**
 * A relationship was rejected or revoked: what it crossed counts again, and it is no longer hidden itself. So both sides show
 * the same whether they heard of the crossing before the end or after it. Returns what came back, as it is now.
 */
export function reveal(fold: Fold, over: RelationshipRow): RelationshipRow[] {
	const crossed = rowsBy(fold.views, 'relationships', 'peer', over.peer).filter(
		(row) => row._hidden === 'crossed' && (row.id === over.id || row.status === 'Pending')
	);
	return crossed.map((row) => {
		const { _hidden: _over, ...shown } = row;
		fold.views.put('relationships', shown);
		return shown;
	});
}

/** The row as its event set says. */
function refold(row: RelationshipRow, me: Address): RelationshipRow {
	const [requestor, templator] = row._own ? [me, row.peer] : [row.peer, me];
	const folded = foldEvents(row._events, requestor, templator, undefined, row._peerGone ? row.peer : undefined);
	const isOverThere = row._peerGone !== undefined || folded.decomposedBy.includes(row.peer);
	return {
		...row,
		...withoutPeer(row, folded.status ?? 'Pending', folded.auditLog),
		...(folded.decomposedBy.includes(me)
			? { _hidden: isOverThere ? ('gone' as const) : ('decomposed' as const) }
			: {})
	};
}

/** A relationship with somebody whose identity was erased is over, whatever its events say. */
function withoutPeer(
	row: RelationshipRow,
	status: RelationshipStatus,
	auditLog: readonly AuditEntry[]
): Pick<RelationshipRow, 'status' | 'auditLog'> {
	if (!row._peerGone || !['Pending', 'Active', 'Terminated'].includes(status)) return { status, auditLog };
	const entry: AuditEntry = {
		createdAt: row._peerGone,
		createdBy: row.peer,
		reason: 'DecompositionDueToIdentityDeletion',
		oldStatus: status,
		newStatus: 'DeletionProposed'
	};
	return { status: 'DeletionProposed', auditLog: [...auditLog, entry] };
}

/** The peer's identity was erased: the rows before and after, or undefined when that was known or the relationship is over. */
export function peerGone(fold: Fold, relId: string): { before: RelationshipRow; after: RelationshipRow } | undefined {
	const before = fold.views.get('relationships', relId);
	if (!before || before._peerGone || before._hidden) return undefined;
	const deleted = { deletionStatus: 'Deleted' as const, deletionDate: fold.at };
	const after = refold({ ...before, peerDeletionInfo: deleted, _peerGone: fold.at }, fold.me);
	fold.views.put('relationships', after);
	return { before, after };
}

/**
 * Whether the row has no place for it. What lies beyond the bound of a side has no effect whenever it comes; what forks has its
 * place as evidence, as often as there are places in a chain.
 */
const isBeyond = ({ _events }: RelationshipRow, event: RelationshipEvent): boolean =>
	isBeyondBound(event) || _events.filter(({ author }) => author === event.author).length >= 2 * maxRelationshipEvents;

/** One more event: the rows before and after, or undefined when it was known, or is one too many. */
export function addEvent(
	fold: Fold,
	relId: string,
	event: RelationshipEvent
): { before: RelationshipRow; after: RelationshipRow } | undefined {
	const before = fold.views.get('relationships', relId);
	if (!before || before._events.some(({ hash }) => hash === event.hash) || isBeyond(before, event)) return undefined;
	const after = refold({ ...before, _events: [...before._events, event] }, fold.me);
	fold.views.put('relationships', after);
	return { before, after };
}

/** Audit entries that `after` has and `before` had not. */
export const newEntries = (before: RelationshipRow, after: RelationshipRow): AuditEntry[] =>
	after.auditLog.filter(
		(entry) =>
			!before.auditLog.some(
				(old) =>
					old.reason === entry.reason &&
					old.createdAt === entry.createdAt &&
					old.createdBy === entry.createdBy
			)
	);

/** The head of a side's events: what the next event of that side builds on. */
export function headOf(row: RelationshipRow, author: Address): { n: number; hash: Bytes } | undefined {
	let head: RelationshipEvent | undefined;
	for (const event of row._events) if (event.author === author && (!head || event.n > head.n)) head = event;
	return head && { n: head.n, hash: fromHex(head.hash)! };
}
