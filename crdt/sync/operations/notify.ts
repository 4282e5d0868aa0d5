/** Notifications as own messages: the operation that sends one, told to one peer. */
import type { DeletedItem, SucceededItem } from '../../notification/items.ts';
import type { JsonObject, RelationshipRow } from '../../views.ts';
import type { Core } from '../core.ts';
import type { Op } from '../record.ts';
import type { Base } from './base.ts';

export interface Notice {
	/** NOT… */
	readonly id: string;
	readonly op: Op;
}

/** A notification with one item on its way through a relationship. */
export function notice(
	{ core, clock, newId }: Base,
	relationship: Pick<RelationshipRow, 'id' | 'peer'>,
	make: (notificationId: string) => SucceededItem | DeletedItem
): Notice {
	const { id } = newId('NOT');
	const message = newId('MSG');
	const content: JsonObject = { '@type': 'Notification', id, items: [make(id) as unknown as JsonObject] };
	return {
		id,
		op: core.rec('message.sent', {
			id: message.id,
			random: message.random,
			to: [relationship.peer],
			rels: [relationship.id],
			content,
			attachments: [],
			at: clock.now()
		})
	};
}

/**
 * A withdrawal one of whose mailboxes is gone goes on without it: what is deleted is deleted, whoever can no longer be told.
 */
export function passOverGoneMailboxes(core: Core): void {
	let seen: readonly unknown[] = [];
	core.onChange(() => {
		if (seen === core.intents()) return;
		seen = core.intents();
		for (const { n, kind, failed } of core.intents())
			if (kind === 'withdrawal' && failed === 'mailbox-refused')
				void core.revise(n, { kind: 'lastWithdrawal', failed: '' });
	});
}
