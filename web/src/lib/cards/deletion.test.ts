import type { DeletionInfo, DeletionStatus } from '@enmeshed/crdt';
import { expect, it } from 'vitest';
import { deletionText } from './deletion.ts';

const STATUSES: readonly DeletionStatus[] = [
	'DeletionRequestSent',
	'DeletionRequestRejected',
	'ToBeDeletedByRecipient',
	'DeletedByRecipient',
	'ToBeDeleted',
	'DeletedByEmitter'
];
const text = (deletionStatus: DeletionStatus) =>
	deletionText({ deletionStatus, deletionDate: '2026-03-01T12:00:00.000Z' }, 'Demo City') ?? '';

it('every status of a deletion has words of its own', () => {
	expect(new Set(STATUSES.map(text)).size).toBe(STATUSES.length);
	expect(STATUSES.filter((status) => !text(status))).toEqual([]);
});
it.each(['ToBeDeletedByRecipient', 'DeletedByRecipient', 'DeletedByEmitter'] as const)(
	'%s says who and when',
	(status) => expect(text(status)).toMatch(/Demo City.*2026/)
);
it('nothing is said where nothing was deleted, or of a status nobody knows', () => {
	expect(deletionText(undefined, 'x')).toBeUndefined();
	expect(deletionText({ deletionStatus: 'Later' } as unknown as DeletionInfo, 'x')).toBeUndefined();
});
