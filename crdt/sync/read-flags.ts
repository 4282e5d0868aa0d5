/**
 * Read flags live in documents (shards `flags-YYYYMM`, field `read/<message id>`), so no record says that one changed. When an
 * update of another own device is folded, what it changed is told as an event, with the message as it is then.
 */
import type { Json, Views } from '../views.ts';
import { toDto } from '../views-dto.ts';
import type { Folding } from './folding.ts';

const FIELD = 'read/';
type Flags = { readonly [field: string]: Json };

export const isFlagShard = (shard: string): boolean => shard.startsWith('flags-');
export const flagsIn = (documents: { fields(shard: string, prefix?: string): Flags }, shard: string): Flags =>
	documents.fields(shard, FIELD);

/** `foldingOf` a message names its event by the update, which is the same on all devices. */
export function tellFlags(views: Views, before: Flags, after: Flags, foldingOf: (id: string) => Folding): void {
	for (const [field, value] of Object.entries(after)) {
		if (before[field] === value) continue;
		const id = field.slice(FIELD.length);
		const row = views.get('messages', id);
		if (!row) continue;
		const read = typeof value === 'string' ? { wasReadAt: value } : {};
		foldingOf(id).emit('transport.messageWasReadAtChanged', toDto({ ...row, ...read }));
	}
}
