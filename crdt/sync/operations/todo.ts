/** What waits for the person: one list, drawn from the views. */
import type { Engine, TodoItem } from '../../api.ts';
import { rowsBy } from '../../view-query.ts';
import type { AttentionRow, RequestRow } from '../../views.ts';
import { type Base } from './base.ts';

export function todo(
	{ core, self }: Base,
	requests: Engine['requests'],
	more: readonly AttentionRow[] = []
): TodoItem[] {
	const views = core.top();
	const items: TodoItem[] = [];
	for (const row of requests.incoming()) {
		if (row.status === 'ManualDecisionRequired' || row.status === 'DecisionRequired')
			items.push({
				id: `request:${row.id}`,
				kind: 'request',
				reference: row.id,
				peer: row.peer,
				...due(row)
			});
		if (row._superseded)
			items.push({ id: `superseded:${row.id}`, kind: 'superseded', reference: row.id, peer: row.peer });
	}
	for (const row of rowsBy(views, 'relationships', 'status', 'Pending'))
		if (!row._own && !row._hidden)
			items.push({ id: `relationship:${row.id}`, kind: 'relationship', reference: row.id, peer: row.peer });
	const own = ['OwnIdentityAttribute', 'OwnRelationshipAttribute'];
	for (const row of own.flatMap((kind) => [...rowsBy(views, 'attributes', '@type', kind)]))
		if (row._rebased && !row.succeededBy && !row._aliasOf && !core.documents.read('core', `resolved/${row.id}`))
			items.push({ id: `otherVersion:${row.id}`, kind: 'otherVersion', reference: row.id });
	for (const row of rowsBy(views, 'messages', '_delivery', 'failed'))
		items.push({ id: `failed:${row.id}`, kind: 'failedMessage', reference: row.id });
	for (const row of [...views.list('attention'), ...more])
		items.push({
			id: `attention:${row.id}`,
			kind: 'attention',
			reference: row.id,
			...(row.peer ? { peer: row.peer } : {})
		});
	if (core.membership().members.size === 1)
		items.push({ id: 'onlyCopy', kind: 'onlyCopy', reference: self.deviceText });
	return items;
}
const due = (row: RequestRow) =>
	typeof row.content['expiresAt'] === 'string' ? { dueAt: row.content['expiresAt'] } : {};
