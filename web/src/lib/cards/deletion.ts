/** What is said of an entry that was deleted, will be, or should be (content-model.md §3.1), in plain words. */
import type { DeletionInfo } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { dayDate } from './dates.ts';

/** `name`: who holds what we gave, or who gave what we hold. Undefined where there is nothing to say. */
export function deletionText(info: DeletionInfo | undefined, name: string): string | undefined {
	if (!info) return undefined;
	const date = Number.isNaN(Date.parse(info.deletionDate)) ? '' : dayDate(info.deletionDate);
	switch (info.deletionStatus) {
		case 'DeletionRequestSent':
			return m.shared_deletionAsked({ name });
		case 'DeletionRequestRejected':
			return m.shared_deletionRefused({ name });
		case 'ToBeDeletedByRecipient':
			return m.shared_toBeDeleted({ name, date });
		case 'DeletedByRecipient':
			return m.shared_deletedBy({ name, date });
		case 'ToBeDeleted':
			return m.received_toBeDeleted({ date });
		case 'DeletedByEmitter':
			return m.received_deletedBy({ name, date });
		default:
			return undefined;
	}
}
