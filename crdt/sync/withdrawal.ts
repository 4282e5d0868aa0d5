/**
 * Who else holds what is being deleted: shared by a sibling after the deletion was planned here, found when it is committed.
 * Ids are made of the intent's, so building it twice gives the same messages.
 */
import { planDelete } from '../attribute/delete.ts';
import { utf8 } from '../codec/bytes.ts';
import { idOf } from '../codec/ids.ts';
import { domainHash } from '../crypto/hash.ts';
import type { Views } from '../views.ts';
import type { Intent } from './intent.ts';
import type { Records } from './record.ts';

export function othersToTell(me: string, { id, shown }: Intent, views: Views): Records['message.sent'][] {
	const told = new Set(shown.flatMap((op) => (op.o === 'rec' && op.k === 'message.sent' ? op.v.to : [])));
	return shown.flatMap((op) => {
		if (op.o !== 'rec' || op.k !== 'attribute.deleted') return [];
		const plan = planDelete(views, op.v.id);
		const others = plan.ok ? plan.value.filter(({ peer }) => !told.has(peer)) : [];
		return others.map(({ peer, relationshipId, item }) => {
			const random = domainHash('withdrawal', id, utf8(peer));
			const notification = idOf('NOT', me, random.slice(16));
			return {
				id: idOf('MSG', me, random.slice(0, 16)),
				random: random.slice(0, 16),
				to: [peer],
				rels: [relationshipId],
				content: { '@type': 'Notification', id: notification, items: [item] },
				attachments: [],
				at: op.v.at
			};
		});
	});
}
