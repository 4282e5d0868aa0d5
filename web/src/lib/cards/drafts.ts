/** Drafts of mail: one field a draft in the profile's documents (shard `drafts`), so they follow to every device. */
import type { Json } from '@enmeshed/crdt';

export interface Draft {
	readonly id: string;
	/** Addresses. */
	readonly to: readonly string[];
	readonly subject: string;
	readonly body: string;
	readonly at: string;
}

export const newDraftId = (): string => crypto.randomUUID().slice(0, 13);

export function parseDraft(id: string, value: Json | undefined): Draft | undefined {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
	const { to, subject, body, at } = value as { [name: string]: Json | undefined };
	if (typeof subject !== 'string' || typeof body !== 'string') return undefined;
	const addresses = Array.isArray(to) ? (to as Json[]).filter((a): a is string => typeof a === 'string') : [];
	return { id, to: addresses, subject, body, at: typeof at === 'string' ? at : '' };
}

export const draftsOf = (fields: { readonly [field: string]: Json }): Draft[] =>
	Object.entries(fields)
		.flatMap(([id, value]) => parseDraft(id, value) ?? [])
		.sort((a, b) => b.at.localeCompare(a.at));

export const isEmpty = (draft: Pick<Draft, 'subject' | 'body' | 'to'>): boolean =>
	!draft.subject.trim() && !draft.body.trim() && draft.to.length === 0;
