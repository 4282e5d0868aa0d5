/**
 * The end of an identity, seen from both sides (PROTOCOL.md §8.2). While ours is leaving, what comes is kept and not read; it
 * is read, in the order it came, when we stay after all. A peer that leaves says so, says when it stays, and is asked for
 * at the relay when its date has passed.
 */
import type { LeavingLetter } from '../message/letter.ts';
import type { DeletionRow, PausedRow, RelationshipRow, RelationshipStatus } from '../views.ts';
import { toDto } from '../views-dto.ts';
import { attention, iso, type Folding } from './folding.ts';
import type { Records } from './record.ts';

const CHANGED = 'transport.identityDeletionProcessStatusChanged';
/** Peers that have to know. */
export const CONCERNED: readonly RelationshipStatus[] = ['Pending', 'Active', 'Terminated'];
export const isConcerned = ({ status, _hidden }: RelationshipRow): boolean => !_hidden && CONCERNED.includes(status);

export const activeDeletion = (fold: Pick<Folding, 'views'>): DeletionRow | undefined =>
	fold.views.list('deletions').find(({ status }) => status === 'Active');
/** While this holds, what others wrote is kept and not read. */
export const isLeaving = (fold: Folding): boolean => activeDeletion(fold) !== undefined;

export const pausedMail = (fold: Folding): PausedRow[] =>
	fold.views.list('paused').sort((a, b) => Number(a.id) - Number(b.id));

export const applyDeletion = {
	'deletion.started'(fold: Folding, { id, endsAt, at }: Records['deletion.started']): void {
		if (activeDeletion(fold) || fold.views.get('deletions', id)) return;
		const row: DeletionRow = {
			id,
			status: 'Active',
			createdAt: iso(at),
			createdByDevice: fold.device,
			gracePeriodEndsAt: iso(endsAt),
			_told: []
		};
		fold.views.put('deletions', row);
		tell(fold, id);
		fold.emit(CHANGED, toDto(row));
	},
	'deletion.told'(fold: Folding, { id, status, rels, last }: Records['deletion.told']): void {
		const row = fold.views.get('deletions', id);
		if (row?.status !== status) return;
		fold.views.put('deletions', { ...row, _told: [...row._told, ...rels] });
		if (last) fold.views.delete('chores', `tell:${id}`);
	}
};

/** Peers are told of what is so now; of what was so before, nobody has to be any more. */
function tell(fold: Folding, id: string): void {
	for (const chore of fold.views.list('chores')) if (chore.kind === 'tell') fold.views.delete('chores', chore.id);
	fold.views.put('chores', { id: `tell:${id}`, kind: 'tell', of: id });
}

/** False when there was nothing to cancel. */
export function cancelDeletion(fold: Folding, { id, at }: Records['deletion.cancelled']): boolean {
	const row = fold.views.get('deletions', id);
	if (row?.status !== 'Active') return false;
	const next: DeletionRow = {
		...row,
		status: 'Cancelled',
		cancelledAt: iso(at),
		cancelledByDevice: fold.device,
		_told: []
	};
	fold.views.put('deletions', next);
	tell(fold, id);
	fold.emit(CHANGED, toDto(next));
	return true;
}

/** A peer that leaves, or stays after all. What is not newer than what it said last is no news. */
export function applyLeaving(fold: Folding, letter: LeavingLetter): void {
	const row = fold.views.get('relationships', letter.rel);
	if (row?.peer !== letter.from) return attention(fold, 'event-refused', `${letter.rel}:leave`, letter.from);
	if (!isConcerned(row) || row._peerGone || letter.n <= (row._peerNews ?? -1)) return;
	const { peerDeletionInfo, ...rest } = row;
	const chore = `gone:${row.id}`;
	if (letter.endsAt === undefined) {
		fold.views.delete('chores', chore);
		fold.views.put('relationships', { ...rest, _peerNews: letter.n });
		if (peerDeletionInfo) fold.emit('transport.peerDeletionCancelled', toDto({ ...rest, _peerNews: letter.n }));
		return;
	}
	const next: RelationshipRow = {
		...rest,
		peerDeletionInfo: { deletionStatus: 'ToBeDeleted', deletionDate: iso(letter.endsAt) },
		_peerNews: letter.n
	};
	fold.views.put('relationships', next);
	fold.views.put('chores', { id: chore, kind: 'gone', of: row.id, notBefore: iso(letter.endsAt) });
	fold.emit('transport.peerToBeDeleted', toDto(next));
}
