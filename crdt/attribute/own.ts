/**
 * Own identity attributes: may this one be made (checks, with REST's codes in REST's order), and what happens when it is made,
 * succeeded or looked at (effects on views). content-model.md §1.7, §3.3; connector-api.md §13 rows 11–13.
 *
 * Checks see what is there now. Effects fold records that are already decided, so they never refuse:
 *   - two devices made an equal attribute: the lowest id is shown, the others are its aliases
 *   - two devices succeeded one attribute: the later one in the log is put behind the winner (`_rebased`)
 */
import { hasPermittedCharacters } from '../content/charset.ts';
import type { IdentityAttribute } from '../content/attribute.ts';
import { compact, isEqualJson, isJsonObject } from '../content/json.ts';
import { invalidProperty, read } from '../content/shape.ts';
import { tagFault as faultOfTags, tagList, type AttributeTagCollection } from '../content/tags.ts';
import { parseIdentityValue, trimValue, type IdentityValue } from '../content/values.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import { rowsBy, valueKey } from '../view-query.ts';
import type { Address, AttributeRow, Fold, Iso, Views } from '../views.ts';
import { attributeDto } from '../views-dto.ts';
import { defaultOf } from './default.ts';
import { contentOf, isOwnIdentity, link, toContent } from './row.ts';
import { unaliased, versionsOf } from './versions.ts';

/** What callers give: the value and tags; owner and type are ours to add. */
export type OwnContent = { readonly value?: unknown; readonly tags?: unknown };

export { contentOf };

// ------------------------------------------------------------------------------------------------ checks

/** May it be created? Everything but the character set (that is part of creating only, as in the reference). */
export function checkOwn(
	views: Views,
	me: Address,
	content: OwnContent,
	today: Iso,
	collection?: AttributeTagCollection
): Result<IdentityAttribute> {
	const parsed = parseOwn(me, content, today);
	if (!parsed.ok) return parsed;
	const twin = findOwn(views, parsed.value.value);
	if (twin)
		return refuse(
			'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute',
			`There is already an own identity attribute with this value: '${twin.id}'.`
		);
	const fault = tagFault(parsed.value, collection);
	return fault ? { ok: false, error: fault } : parsed;
}

/** May it be created, and as what? The answer is what goes into the record: trimmed, with type and owner. */
export function prepareOwn(
	views: Views,
	me: Address,
	content: OwnContent,
	today: Iso,
	collection?: AttributeTagCollection
): Result<IdentityAttribute> {
	const checked = checkOwn(views, me, content, today, collection);
	if (!checked.ok || hasPermittedCharacters(checked.value.value)) return checked;
	return { ok: false, error: forbiddenCharacters };
}

export const forbiddenCharacters: Refusal = {
	code: 'error.consumption.attributes.forbiddenCharactersInAttribute',
	message: 'The attribute contains forbidden characters.'
};

/** What is wrong with its tags, by what the operator publishes (`bkb:` tags) and by themselves. */
export const tagFault = (attribute: IdentityAttribute, collection?: AttributeTagCollection): Refusal | undefined =>
	faultOfTags(attribute, collection);

/** The content of an own identity attribute as callers give it: trimmed, typed, judged by today's date. */
export function parseOwn(me: Address, content: OwnContent, today: Iso): Result<IdentityAttribute> {
	const given = isJsonObject(content.value) ? trimValue(content.value) : content.value;
	const value = parseIdentityValue(given, { strict: { today } });
	if (!value.ok) return refuse(invalidProperty, value.error.message);
	if (content.tags === undefined) return ok({ '@type': 'IdentityAttribute', owner: me, value: value.value });
	const tags = read(tagList, 'IdentityAttribute.tags', content.tags);
	if (!tags.ok) return refuse(invalidProperty, tags.error.message);
	return ok({ '@type': 'IdentityAttribute', owner: me, value: value.value, tags: tags.value });
}

/** The shown own identity attribute without successor that has this value (trimmed; tags do not count). */
export const findOwn = (views: Views, value: IdentityValue): AttributeRow | undefined =>
	rowsBy(views, 'attributes', '_ownValue', valueKey(trimValue(value)))
		.filter((row) => isEqualJson(contentOf(row).value, trimValue(value)))
		.sort((a, b) => (a.id < b.id ? -1 : 1))[0];

// ----------------------------------------------------------------------------------------------- effects

export function createOwn(fold: Fold, id: string, content: IdentityAttribute): void {
	if (fold.views.get('attributes', id)) return;
	const twin = findOwn(fold.views, content.value);
	const row = newRow(fold, id, content);
	if (twin && twin.id < id) return fold.views.put('attributes', { ...row, _aliasOf: twin.id });
	const isDefault = twin
		? twin.isDefault
		: fold.defaults && !defaultOf(fold.views, content.value['@type'])
			? true
			: undefined;
	const shown = compact({ ...row, isDefault });
	fold.views.put('attributes', shown);
	if (twin) hideBehind(fold, twin, shown);
	fold.emit('consumption.attributeCreated', attributeDto(shown));
}

const newRow = (fold: Fold, id: string, content: IdentityAttribute): AttributeRow => ({
	'@type': 'OwnIdentityAttribute',
	id,
	createdAt: fold.at,
	content: toContent({ ...content, owner: fold.me }),
	numberOfForwards: 0
});

/** The one shown so far, and what stood behind it, stand behind the newcomer with the lower id. */
function hideBehind(fold: Fold, hidden: AttributeRow, shown: AttributeRow): void {
	const { isDefault: _moved, ...rest } = hidden;
	fold.views.put('attributes', { ...rest, _aliasOf: shown.id });
	for (const row of rowsBy(fold.views, 'attributes', '_aliasOf', hidden.id))
		fold.views.put('attributes', { ...row, _aliasOf: shown.id });
}

/** A succession as recorded. One that lost against another device's goes behind the winner; no edit is dropped. */
export function succeedOwn(
	fold: Fold,
	predecessorId: string,
	id: string,
	content: IdentityAttribute,
	wasRebased = false
): void {
	if (fold.views.get('attributes', id)) return;
	const named = fold.views.get('attributes', predecessorId);
	if (!named || !isOwnIdentity(named)) return createOwn(fold, id, content);
	const [last = named] = versionsOf(fold.views, unaliased(fold.views, named));
	const row = newRow(fold, id, content);
	if (isEqualJson(last.content, row.content)) return fold.views.put('attributes', { ...row, _aliasOf: last.id });
	const rebased: true | undefined = !wasRebased && last.id === unaliased(fold.views, named).id ? undefined : true;
	link(fold, last, compact({ ...row, succeeds: last.id, isDefault: last.isDefault, _rebased: rebased }));
}

/**
 * An own attribute a committed response names: there already, or new, or the tags of an equal one extended (then it
 * succeeds that one), or made elsewhere too (then it is its alias).
 */
export function adoptOwn(fold: Fold, id: string, content: IdentityAttribute): void {
	if (fold.views.get('attributes', id)) return;
	const twin = findOwn(fold.views, content.value);
	const tags = twin && mergeTags(contentOf(twin).tags, content.tags);
	if (twin && tags && !isEqualJson(tags, contentOf(twin).tags ?? []))
		succeedOwn(fold, twin.id, id, { ...content, tags });
	else createOwn(fold, id, content);
}

export const mergeTags = (old: readonly string[] = [], more: readonly string[] = []): string[] => [
	...new Set([...old, ...more])
];

/** The first look is kept. */
export function markViewed(fold: Fold, id: string): void {
	const row = fold.views.get('attributes', id);
	if (!row || row.wasViewedAt !== undefined) return;
	const viewed = { ...row, wasViewedAt: fold.at };
	fold.views.put('attributes', viewed);
	fold.emit('consumption.attributeWasViewedAtChanged', attributeDto(viewed));
}
