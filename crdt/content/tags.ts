/** Tags of identity attributes: structure (content-model.md §1.1) and meaning (§1.6). */
import * as v from 'valibot';
import { languages } from './codes.ts';

/** ≤ 20 entries, unique, each ≤ 250 characters. */
export const tagList = v.pipe(
	v.array(v.pipe(v.string(), v.maxLength(250, 'must not be longer than 250 characters'))),
	v.maxLength(20, 'must not have more than 20 entries'),
	v.check((tags) => new Set(tags).size === tags.length, 'must not contain an entry twice')
);

/**
 * Whether a tag means something. `bkb:` tags need the Backbone's collection, which this version does not load: like the
 * reference before its first download, it then knows none of them.
 */
function isValidTag(tag: string): boolean {
	if (/^[xX]:/.test(tag) || tag.startsWith('urn:')) return true;
	if (tag.startsWith('language:')) return languages.includes(tag.slice('language:'.length));
	return /^mimetype:[a-z*-]+\/[a-z*-]+$/.test(tag);
}

export const invalidTags = (tags: readonly string[] = []): string[] => tags.filter((tag) => !isValidTag(tag));
