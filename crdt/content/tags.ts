/**
 * Tags of identity attributes: structure (content-model.md §1.1) and meaning (§1.6). What a `bkb:` tag means says a
 * collection the operator publishes; without it every `bkb:` tag is invalid, as before its first download.
 */
import * as v from 'valibot';
import type { Refusal, Result } from '../result.ts';
import { languages } from './codes.ts';
import { isObject } from './json.ts';
import { jsonObject, read, type Shape } from './shape.ts';

/** ≤ 20 entries, unique, each ≤ 250 characters. */
export const tagList = v.pipe(
	v.array(v.pipe(v.string(), v.maxLength(250, 'must not be longer than 250 characters'))),
	v.maxLength(20, 'must not have more than 20 entries'),
	v.check((tags) => new Set(tags).size === tags.length, 'must not contain an entry twice')
);

export interface AttributeTag {
	readonly displayNames: { readonly [language: string]: string };
	/** Names of the next part of the tag. */
	readonly children?: { readonly [name: string]: AttributeTag };
}
export interface AttributeTagCollection {
	readonly supportedLanguages: readonly string[];
	readonly tagsForAttributeValueTypes: { readonly [valueType: string]: { readonly [name: string]: AttributeTag } };
}

export const emptyTagCollection: AttributeTagCollection = { supportedLanguages: [], tagsForAttributeValueTypes: {} };

const tagShape: Shape<AttributeTag> = v.lazy(() =>
	v.object({
		displayNames: v.record(v.string(), v.string()),
		children: v.optional(v.record(v.string(), tagShape))
	})
) as Shape<AttributeTag>;
const collectionShape = v.pipe(
	v.unknown(),
	jsonObject, // bounds how deep tags nest
	v.object({
		supportedLanguages: v.array(v.string()),
		tagsForAttributeValueTypes: v.record(v.string(), v.record(v.string(), tagShape))
	})
) as unknown as Shape<AttributeTagCollection>;

export const parseTagCollection = (json: unknown): Result<AttributeTagCollection> =>
	read(collectionShape, 'AttributeTagCollection', json);

/** Those of `tags` that mean nothing on a value of that type. */
export const invalidTags = (
	tags: readonly string[] = [],
	valueType?: string,
	collection?: AttributeTagCollection
): string[] => tags.filter((tag) => !isValidTag(tag, valueType, collection));

function isValidTag(tag: string, valueType?: string, collection?: AttributeTagCollection): boolean {
	if (/^[xX]:/.test(tag) || tag.startsWith('urn:')) return true;
	if (tag.startsWith('language:')) return languages.includes(tag.slice('language:'.length));
	if (/^bkb:/i.test(tag))
		return isLeaf(tag.split(':').slice(1), own(collection?.tagsForAttributeValueTypes, valueType));
	return /^mimetype:[a-z*-]+\/[a-z*-]+$/.test(tag);
}

type Level = { readonly [name: string]: AttributeTag } | undefined;

/** Whether the path exists and ends where nothing is below. */
function isLeaf(path: readonly string[], level: Level): boolean {
	const [name, ...rest] = path;
	const tag = own(level, name);
	if (!tag) return false;
	const children = Object.keys(tag.children ?? {}).length > 0 ? tag.children : undefined;
	return rest.length === 0 ? !children : isLeaf(rest, children);
}

/** A member of the object itself: names come from outside. */
const own = <T>(object: { readonly [name: string]: T } | undefined, name: string | undefined): T | undefined =>
	name !== undefined && isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;

/** What is wrong with the tags of an attribute or of an identity query's answer; undefined when nothing is. */
export function tagFault(
	{ value, tags }: { readonly value: { readonly '@type': string }; readonly tags?: readonly string[] },
	collection: AttributeTagCollection | undefined
): Refusal | undefined {
	const bad = invalidTags(tags, value['@type'], collection);
	if (bad.length === 0) return undefined;
	return {
		code: 'error.consumption.attributes.invalidTags',
		message: `Detected invalidity of the following tags: '${bad.join("', '")}'.`
	};
}
