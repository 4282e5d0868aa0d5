/** What waits for the person: one list, drawn from the views. */
import type { Engine, TodoItem } from '../../api.ts';
import { rowsBy } from '../../view-query.ts';
import type { AttentionRow, JsonObject } from '../../views.ts';
import { type Base } from './base.ts';

export function todo(
	{ core, self }: Base,
	requests: Engine['requests'],
	more: readonly AttentionRow[] = []
): TodoItem[] {
	const views = core.top();
	const items: TodoItem[] = [];
	const open = [{ key: 'status', anyOf: ['ManualDecisionRequired', 'DecisionRequired'] }];
	for (const { id, peer, content } of requests.rows('incoming', { where: open }))
		items.push({ id: `request:${id}`, kind: 'request', reference: id, peer, ...due(content) });
	for (const id of Object.keys(core.superseded())) {
		const row = requests.get(id, 'incoming');
		if (row) items.push({ id: `superseded:${id}`, kind: 'superseded', reference: id, peer: row.peer });
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
const due = ({ expiresAt }: JsonObject) => (typeof expiresAt === 'string' ? { dueAt: expiresAt } : {});
