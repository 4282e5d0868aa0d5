/**
 * The statuses of a request and how it moves between them (content-model.md §4.5).
 *
 *   outgoing   Draft ─sent→ Open ─answered→ Completed               (by template: Completed at once)
 *   incoming   Open → DecisionRequired → ManualDecisionRequired ─accept, reject→ Decided ─answer sent→ Completed
 *   both       undecided and past `expiresAt` → Expired, judged and told when somebody looks; a decided one never expires
 */
import type { Request, Response } from '../content/request.ts';
import type { Fold, Iso, RequestRow, RequestStatus } from '../views.ts';
import { toDto } from '../views-dto.ts';

/** Rows hold parsed content only. */
export const requestOf = (row: RequestRow): Request => row.content as unknown as Request;
export const responseOf = (row: RequestRow): Response | undefined =>
	row.response?.content as unknown as Response | undefined;

/** What can still expire. */
export const UNDECIDED: readonly RequestStatus[] = ['Draft', 'Open', 'DecisionRequired', 'ManualDecisionRequired'];
export const isUndecided = (status: string): boolean => (UNDECIDED as readonly string[]).includes(status);

/** Strictly before now, as everywhere (content-model.md §0). */
export const isPast = (date: Iso | undefined, now: Iso): boolean => date !== undefined && date < now;

/** The row as it is now: expiry is a matter of looking, not of an event. */
export const withExpiry = (row: RequestRow, now: Iso): RequestRow =>
	isUndecided(row.status) && isPast(requestOf(row).expiresAt, now) ? { ...row, status: 'Expired' } : row;

/** What REST shows of a request at this moment. */
export const requestDto = (row: RequestRow, now: Iso) => toDto(withExpiry(row, now));

/** What may be removed by hand: a draft, or what came and has expired (content-model.md §4.5). */
export const isDeletable = (row: RequestRow, now: Iso): boolean =>
	row.isOwn ? row.status === 'Draft' : withExpiry(row, now).status === 'Expired';

/** Removed, if it was deletable at the time of the record; a sibling may have sent or decided it first. */
export function deleteRequest(fold: Fold, id: string): void {
	const row = fold.views.get('requests', id);
	if (row && isDeletable(row, fold.at)) fold.views.delete('requests', id);
}

/** Moves a request on, with whatever changed with it, and tells. */
export function moveTo(
	fold: Fold,
	row: RequestRow,
	status: RequestStatus,
	changes: Partial<RequestRow> = {}
): RequestRow {
	const moved = { ...row, ...changes, status };
	fold.views.put('requests', moved);
	const direction = row.isOwn ? 'outgoing' : 'incoming';
	fold.emit(`consumption.${direction}RequestStatusChanged`, {
		request: toDto(moved),
		oldStatus: row.status,
		newStatus: status
	});
	return moved;
}
