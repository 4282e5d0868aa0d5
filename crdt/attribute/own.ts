/**
 * Own identity attributes: may this one be made, succeeded, deleted (checks, with REST's codes in REST's order), and what
 * happens when it is (effects on views). content-model.md §1.7, §2.2, §3.3, §3.5; connector-api.md §13 rows 11–13.
 *
 * Checks see what is there now. Effects fold records that are already decided, so they never refuse:
 *   - two devices made an equal attribute: the lowest id is shown, the others are its aliases
 *   - two devices succeeded one attribute: the later one in the log is put behind the winner (`_rebased`)
 */
import { hasPermittedCharacters } from '../content/charset.ts';
import type { IdentityAttribute, IdentityAttributeQuery } from '../content/attribute.ts';
import { compact, isEqualJson, isJsonObject } from '../content/json.ts';
import { invalidProperty, notImplemented, read } from '../content/shape.ts';
import { invalidTags, tagList } from '../content/tags.ts';
import { parseIdentityValue, trimValue, type IdentityValue } from '../content/values.ts';
import { newestRelationship } from '../relationship/newest.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import type { Address, AttributeRow, Fold, Iso, Views } from '../views.ts';
import { attributeDto } from '../views-dto.ts';
import { contentOf, isOwnIdentity, link, toContent } from './row.ts';
import { forwardingsOf, ownIdentityAttributes, unaliased, versionsOf } from './versions.ts';

/** What callers give: the value and tags; owner and type are ours to add. */
export type OwnContent = { readonly value?: unknown; readonly tags?: unknown };

export { contentOf, toContent };

// ------------------------------------------------------------------------------------------------ checks

/** May it be created? Everything but the character set (that is part of creating only, as in the reference). */
export function checkOwn(views: Views, me: Address, content: OwnContent, today: Iso): Result<IdentityAttribute> {
	const parsed = parseOwn(me, content, today);
	if (!parsed.ok) return parsed;
	const twin = findOwn(views, parsed.value.value);
	if (twin)
		return refuse(
			'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute',
			`There is already an own identity attribute with this value: '${twin.id}'.`
		);
	const fault = tagFault(parsed.value);
	return fault ? { ok: false, error: fault } : parsed;
}

/** May it be created, and as what? The answer is what goes into the record: trimmed, with type and owner. */
export function prepareOwn(views: Views, me: Address, content: OwnContent, today: Iso): Result<IdentityAttribute> {
	const checked = checkOwn(views, me, content, today);
	if (!checked.ok || hasPermittedCharacters(checked.value.value)) return checked;
	return { ok: false, error: forbiddenCharacters };
}

export const forbiddenCharacters: Refusal = {
	code: 'error.consumption.attributes.forbiddenCharactersInAttribute',
	message: 'The attribute contains forbidden characters.'
};

export function tagFault({ tags }: IdentityAttribute): Refusal | undefined {
	const bad = invalidTags(tags);
	if (bad.length === 0) return undefined;
	return {
		code: 'error.consumption.attributes.invalidTags',
		message: `Detected invalidity of the following tags: '${bad.join("', '")}'.`
	};
}

function parseOwn(me: Address, content: OwnContent, today: Iso): Result<IdentityAttribute> {
	const given = isJsonObject(content.value) ? trimValue(content.value) : content.value;
	const value = parseIdentityValue(given, { strict: { today } });
	if (!value.ok) return value.error.code === notImplemented ? value : refuse(invalidProperty, value.error.message);
	if (content.tags === undefined) return ok({ '@type': 'IdentityAttribute', owner: me, value: value.value });
	const tags = read(tagList, 'IdentityAttribute.tags', content.tags);
	if (!tags.ok) return refuse(invalidProperty, tags.error.message);
	return ok({ '@type': 'IdentityAttribute', owner: me, value: value.value, tags: tags.value });
}

/** May it be succeeded by that, and as what? Order: connector-api.md §13 row 12. */
export function prepareSuccessor(
	views: Views,
	me: Address,
	predecessorId: string,
	content: OwnContent,
	today: Iso
): Result<IdentityAttribute> {
	const predecessor = views.get('attributes', predecessorId);
	if (!predecessor)
		return refuse('error.runtime.recordNotFound', `Predecessor attribute '${predecessorId}' not found.`);
	const kind = kindFault(predecessor);
	if (kind) return { ok: false, error: kind };
	const successor = parseOwn(me, content, today);
	if (!successor.ok) return asSuccessorFault(successor.error);
	const fault = tagFault(successor.value) ?? successionFault(predecessor, content, successor.value);
	return fault ? { ok: false, error: fault } : successor;
}

/** Which kinds of attributes are succeeded here at all. */
function kindFault(predecessor: AttributeRow): Refusal | undefined {
	const codes: { readonly [kind: string]: Refusal } = {
		PeerIdentityAttribute: {
			code: 'error.runtime.attributes.isNotOwnIdentityAttribute',
			message: `Attribute '${predecessor.id}' is not an own identity attribute.`
		},
		PeerRelationshipAttribute: {
			code: 'error.runtime.attributes.isNotOwnRelationshipAttribute',
			message: `Attribute '${predecessor.id}' is not an own relationship attribute.`
		},
		OwnRelationshipAttribute: { code: notImplemented, message: 'Relationship attributes are not implemented yet.' }
	};
	return codes[predecessor['@type'].replace('ThirdParty', 'Peer')];
}

/** A form that does not fit is the caller's slip; a value that is none is no valid successor. */
function asSuccessorFault(error: Refusal): Result<never> {
	const isForm = error.code === notImplemented || /^\w+ :: /.test(error.message);
	return isForm
		? { ok: false, error }
		: refuse('error.consumption.attributes.successorIsNotAValidAttribute', error.message);
}

/** Content is compared as given, before trimming (connector-api.md §13 row 12). */
function successionFault(old: AttributeRow, given: OwnContent, successor: IdentityAttribute): Refusal | undefined {
	const fault = (code: string, message: string): Refusal => ({
		code: `error.consumption.attributes.${code}`,
		message
	});
	const { value, tags } = contentOf(old);
	if (old.succeededBy !== undefined)
		return fault(
			'cannotSucceedAttributesWithASuccessor',
			`Attribute '${old.id}' was already succeeded by '${old.succeededBy}'. Succeed that one instead.`
		);
	if (isEqualJson({ value, tags }, { value: given.value, tags: given.tags }))
		return fault('successionMustChangeContent', 'The content of the successor must differ from its predecessor.');
	if (value['@type'] !== successor.value['@type'])
		return fault('successionMustNotChangeValueType', 'The successor must have the value type of its predecessor.');
	return hasPermittedCharacters(successor.value) ? undefined : forbiddenCharacters;
}

/** The shown own identity attribute without successor that has this value (trimmed; tags do not count). */
export const findOwn = (views: Views, value: IdentityValue): AttributeRow | undefined =>
	views
		.list('attributes')
		.filter((row) => isOwnIdentity(row) && row.succeededBy === undefined && row._aliasOf === undefined)
		.filter((row) => isEqualJson(contentOf(row).value, trimValue(value)))
		.sort((a, b) => (a.id < b.id ? -1 : 1))[0];

/** Own attributes that could answer a query: the default first, then the latest. */
export function candidates(views: Views, query: IdentityAttributeQuery): AttributeRow[] {
	const fits = (row: AttributeRow) => isAnswer(contentOf(row), query);
	const rank = (a: AttributeRow, b: AttributeRow) =>
		Number(b.isDefault === true) - Number(a.isDefault === true) ||
		(a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? 1 : -1);
	return ownIdentityAttributes(views).filter(fits).sort(rank);
}

/** Value type equal, and one tag in common if the query names any (content-model.md §2.2, §2.3). */
export const isAnswer = ({ value, tags = [] }: IdentityAttribute, query: IdentityAttributeQuery): boolean =>
	value['@type'] === query.valueType && (!query.tags?.length || query.tags.some((tag) => tags.includes(tag)));

// ----------------------------------------------------------------------------------------------- effects

export function createOwn(fold: Fold, id: string, content: IdentityAttribute): void {
	if (fold.views.get('attributes', id)) return;
	const twin = findOwn(fold.views, content.value);
	const row = newRow(fold, id, content);
	if (twin && twin.id < id) return fold.views.put('attributes', { ...row, _aliasOf: twin.id });
	const isDefault = twin ? twin.isDefault : fold.defaults && !hasDefault(fold.views, content) ? true : undefined;
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

const hasDefault = (views: Views, { value }: IdentityAttribute): boolean =>
	ownIdentityAttributes(views).some((row) => row.isDefault && contentOf(row).value['@type'] === value['@type']);

/** The one shown so far, and what stood behind it, stand behind the newcomer with the lower id. */
function hideBehind(fold: Fold, hidden: AttributeRow, shown: AttributeRow): void {
	const { isDefault: _moved, ...rest } = hidden;
	fold.views.put('attributes', { ...rest, _aliasOf: shown.id });
	for (const row of fold.views.list('attributes'))
		if (row._aliasOf === hidden.id) fold.views.put('attributes', { ...row, _aliasOf: shown.id });
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

// ------------------------------------------------------------------------------------------------ delete

/** Everything that goes when `row` goes: it, its predecessors, and what stands behind any of them. */
function removedWith(views: Views, row: AttributeRow): AttributeRow[] {
	const versions = versionsOf(views, row);
	const gone = versions.slice(versions.findIndex((version) => version.id === row.id));
	const ids = new Set(gone.map((version) => version.id));
	return [
		...gone,
		...views.list('attributes').filter((other) => other._aliasOf !== undefined && ids.has(other._aliasOf))
	];
}

/** May it be deleted? Telling those who hold it comes in a later version (content-model.md §3.5). */
export function checkDelete(views: Views, id: string): Result<void> {
	const row = views.get('attributes', id);
	if (!row) return refuse('error.runtime.recordNotFound', `LocalAttribute not found. Make sure the ID exists.`);
	if (row.succeededBy !== undefined && !views.get('attributes', row.succeededBy))
		return refuse('error.consumption.attributes.successorDoesNotExist', 'The successor does not exist.');
	const statuses = holdersOf(views, row).flatMap((peer) => statusWith(views, peer) ?? []);
	if (statuses.includes('Pending'))
		return refuse(
			'error.runtime.attributes.cannotDeleteSharedAttributeWhileRelationshipIsPending',
			'The attribute is shared within a pending relationship and cannot be deleted before that is decided.'
		);
	if (statuses.includes('Active') || statuses.includes('Terminated'))
		return refuse(notImplemented, 'Deleting an attribute that somebody else holds is not implemented yet.');
	return ok(undefined);
}

/** Who would have to be told: the peer it is shared with or came from. */
function holdersOf(views: Views, row: AttributeRow): Address[] {
	const forwardings = removedWith(views, row).flatMap((gone) => forwardingsOf(views, gone.id));
	const held = forwardings.filter((forwarding) => forwarding.deletionInfo?.deletionStatus !== 'DeletedByRecipient');
	return [...held.map((forwarding) => forwarding.peer), ...(row.peer ? [row.peer] : [])];
}

/** Status of the newest relationship with a peer that still exists. */
function statusWith(views: Views, peer: Address) {
	const newest = newestRelationship(views, peer);
	return newest?.peerDeletionInfo?.deletionStatus === 'Deleted' ? undefined : newest?.status;
}

/** Deletes it with its predecessors and forwardings; its successor stands alone from then on. */
export function deleteAttribute(fold: Fold, id: string): void {
	const row = fold.views.get('attributes', id);
	if (!row) return;
	const successor = row.succeededBy === undefined ? undefined : fold.views.get('attributes', row.succeededBy);
	if (successor) {
		const { succeeds: _detached, ...rest } = successor;
		fold.views.put('attributes', rest);
	}
	for (const gone of removedWith(fold.views, row)) {
		for (const forwarding of forwardingsOf(fold.views, gone.id)) fold.views.delete('forwardings', forwarding.id);
		fold.views.delete('attributes', gone.id);
		if (gone._aliasOf === undefined) fold.emit('consumption.attributeDeleted', attributeDto(gone));
	}
	if (row.isDefault) passDefaultOn(fold, contentOf(row));
}

/** The latest remaining one of the value type becomes the default. */
function passDefaultOn(fold: Fold, { value }: IdentityAttribute): void {
	const heir = ownIdentityAttributes(fold.views)
		.filter((row) => contentOf(row).value['@type'] === value['@type'])
		.at(-1);
	if (heir) fold.views.put('attributes', { ...heir, isDefault: true });
}
