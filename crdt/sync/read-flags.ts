/**
 * Read flags live in documents (shards `flags-YYYYMM`, field `read/<message id>`), so no record says that one changed. When an
 * update of another own device is folded, what it changed is told as an event, with the message as it is then.
 */
import type { Json, Views } from '../views.ts';
import { toDto } from '../views-dto.ts';
import type { Folding } from './folding.ts';

const FIELD = 'read/';

export const isFlagShard = (shard: string): boolean => shard.startsWith('flags-');

/** `before`: of the fields that changed. `foldingOf` a message names its event by the update, the same on all devices. */
export function tellFlags(
	views: Views,
	before: ReadonlyMap<string, Json | undefined>,
	now: (field: string) => Json | undefined,
	foldingOf: (id: string) => Folding
): void {
	for (const [field, old] of before) {
		const value = now(field) ?? undefined;
		if (!field.startsWith(FIELD) || value === undefined || value === (old ?? undefined)) continue;
		const id = field.slice(FIELD.length);
		const row = views.get('messages', id);
		if (!row) continue;
		const read = typeof value === 'string' ? { wasReadAt: value } : {};
		foldingOf(id).emit('transport.messageWasReadAtChanged', toDto({ ...row, ...read }));
	}
}
