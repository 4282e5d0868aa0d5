/**
 * The statuses of a request and how it moves between them (content-model.md §4.5).
 *
 *   outgoing   Draft ─sent→ Open ─answered→ Completed               (by template: Completed at once)
 *   incoming   Open → DecisionRequired → ManualDecisionRequired ─accept, reject→ Decided ─answer sent→ Completed
 *   both       undecided and past `expiresAt` → Expired, judged when somebody looks; a decided one never expires
 */
import type { Request, Response } from '../content/request.ts';
import type { Fold, Iso, RequestRow, RequestStatus } from '../views.ts';
import { toDto } from '../views-dto.ts';

/** Rows hold parsed content only. */
export const requestOf = (row: RequestRow): Request => row.content as unknown as Request;
export const responseOf = (row: RequestRow): Response | undefined =>
	row.response?.content as unknown as Response | undefined;

const undecided: readonly RequestStatus[] = ['Draft', 'Open', 'DecisionRequired', 'ManualDecisionRequired'];

/** Strictly before now, as everywhere (content-model.md §0). */
export const isPast = (date: Iso | undefined, now: Iso): boolean => date !== undefined && date < now;

/** The row as it is now: expiry is a matter of looking, not of an event. */
export const withExpiry = (row: RequestRow, now: Iso): RequestRow =>
	undecided.includes(row.status) && isPast(requestOf(row).expiresAt, now) ? { ...row, status: 'Expired' } : row;

/** What REST shows of a request at this moment. */
export const requestDto = (row: RequestRow, now: Iso) => toDto(withExpiry(row, now));

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

/** Writes down what `withExpiry` shows, and tells: for whoever looks at `fold.at`. Changes no decision. */
export function expireDue(fold: Fold): void {
	for (const row of fold.views.list('requests'))
		if (withExpiry(row, fold.at).status !== row.status) moveTo(fold, row, 'Expired');
}
