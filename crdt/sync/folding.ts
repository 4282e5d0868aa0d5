/** What every step of the log's fold is given, and the small things all of them need. */
import { utf8, type Bytes } from '../codec/bytes.ts';
import { base62, type IdPrefix } from '../codec/ids.ts';
import { blinded } from '../crypto/hash.ts';
import { maxAttention } from '../limits.ts';
import type { Fold, Iso } from '../views.ts';

/** What a fold step knows besides the record. */
export interface Folding extends Fold {
	/** DVC id of the own device that wrote the record. */
	readonly device: string;
	/** The blinding key: local ids are equal on all own devices. */
	readonly b: Bytes;
	readonly relayUrl: string;
	/** Shown on top of the log, not confirmed by it yet. */
	readonly pending: boolean;
}

export const iso = (ms: number): Iso => new Date(ms).toISOString();

/** An id that only own devices know the making of. */
export const localId = (b: Bytes, prefix: IdPrefix, label: string, ...parts: string[]): string =>
	prefix + base62(blinded(b, label, ...parts.map(utf8)));

/** Mail that cannot be used is kept in sight and never in the way. */
export function attention(fold: Folding, kind: string, key: string, peer?: string, reference?: string): void {
	const id = `${kind}:${key}`;
	if (fold.views.get('attention', id)) return;
	const where = [{ key: 'kind', anyOf: [kind] }];
	if ([...fold.views.rows('attention', { where, limit: maxAttention })].length >= maxAttention) return;
	fold.views.put('attention', {
		id,
		at: fold.at,
		kind,
		...(peer ? { peer } : {}),
		...(reference ? { reference } : {})
	});
}
