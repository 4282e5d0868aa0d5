/**
 * May an attribute be succeeded by that (content-model.md §3.3 "Common succession rules", connector-api.md §13 rows 11, 12)?
 * One list of rules in the order clients know; each kind of attribute names those that count for it.
 *
 *   own identity            tags → id → successor → content → owner → content type → value type → characters
 *   with a peer (the rest)  key → deleted → id → successor → content → owner → content type → value type → characters
 */
import { hasPermittedCharacters } from '../content/charset.ts';
import type { Attribute, IdentityAttribute, RelationshipAttribute } from '../content/attribute.ts';
import { isEqualJson, isJsonObject } from '../content/json.ts';
import { invalidProperty } from '../content/shape.ts';
import type { AttributeTagCollection } from '../content/tags.ts';
import { parseRelationshipValue } from '../content/values.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import type { Address, AttributeRow, Iso, JsonObject, Views } from '../views.ts';
import { isDeletedThere } from './deletion.ts';
import { forbiddenCharacters, parseOwn, tagFault, type OwnContent } from './own.ts';
import { isOwnIdentity } from './row.ts';

interface Succession {
	readonly views: Views;
	readonly old: AttributeRow;
	/** Unknown while we choose it ourselves. */
	readonly id?: string;
	readonly successor: Attribute;
	/** What is compared with the old content: untrimmed, as it was given. */
	readonly given: JsonObject;
}
type Rule = (succession: Succession) => Refusal | undefined;

const fault = (code: string, message: string): Refusal => ({ code: `error.consumption.attributes.${code}`, message });
const holds =
	(isFine: (succession: Succession) => boolean, code: string, message: (old: AttributeRow) => string): Rule =>
	(succession) =>
		isFine(succession) ? undefined : fault(code, message(succession.old));

const memberOf = (content: JsonObject, member: string) => (content[member] as JsonObject | undefined)?.['@type'];

const sameKey = holds(
	({ old, successor }) => old.content['key'] === (successor as RelationshipAttribute).key,
	'successionMustNotChangeKey',
	() => 'The successor must have the key of its predecessor.'
);
const notDeleted = holds(
	({ old }) => !isDeletedThere(old),
	'cannotSucceedSharedAttributesDeletedByPeer',
	(old) => `Attribute '${old.id}' was deleted by the other side and cannot be succeeded.`
);
const freshId = holds(
	({ views, id }) => id === undefined || !views.get('attributes', id),
	'successorMustNotYetExist',
	() => 'There is an attribute with the id of the successor already.'
);
const noSuccessor = holds(
	({ old }) => old.succeededBy === undefined,
	'cannotSucceedAttributesWithASuccessor',
	(old) => `Attribute '${old.id}' was already succeeded by '${old.succeededBy}'. Succeed that one instead.`
);
const otherContent = holds(
	({ old, given }) => !isEqualJson(old.content, given),
	'successionMustChangeContent',
	() => 'The content of the successor must differ from its predecessor.'
);
const sameOwner = holds(
	({ old, successor }) => old.content['owner'] === successor.owner,
	'successionMustNotChangeOwner',
	() => 'The successor must have the owner of its predecessor.'
);
const sameContentType = holds(
	({ old, successor }) => old.content['@type'] === successor['@type'],
	'successionMustNotChangeContentType',
	() => 'The successor must be of the kind of its predecessor.'
);
const sameValueType = holds(
	({ old, successor }) => memberOf(old.content, 'value') === successor.value['@type'],
	'successionMustNotChangeValueType',
	() => 'The successor must have the value type of its predecessor.'
);
const characters: Rule = ({ successor }) => (hasPermittedCharacters(successor.value) ? undefined : forbiddenCharacters);

const common: readonly Rule[] = [
	freshId,
	noSuccessor,
	otherContent,
	sameOwner,
	sameContentType,
	sameValueType,
	characters
];
const rules: Record<AttributeRow['@type'], readonly Rule[]> = {
	OwnIdentityAttribute: common,
	PeerIdentityAttribute: [notDeleted, ...common],
	OwnRelationshipAttribute: [sameKey, notDeleted, ...common],
	PeerRelationshipAttribute: [sameKey, notDeleted, ...common],
	ThirdPartyRelationshipAttribute: [sameKey, notDeleted, ...common]
};

const firstFault = (succession: Succession): Refusal | undefined => {
	for (const rule of rules[succession.old['@type']]) {
		const found = rule(succession);
		if (found) return found;
	}
	return undefined;
};

/** May this attribute be succeeded by that content under that id, whoever says so? */
export const successionFault = (
	views: Views,
	old: AttributeRow,
	id: string | undefined,
	successor: Attribute
): Refusal | undefined =>
	firstFault({
		views,
		old,
		...(id !== undefined && { id }),
		successor,
		given: successor as unknown as JsonObject
	});

// ------------------------------------------------------------------------------------------- own callers

const unknownPredecessor = (id: string) =>
	refuse('error.runtime.recordNotFound', `Predecessor attribute '${id}' not found.`);

/** A form that does not fit is the caller's slip; a value that is none is no valid successor. */
function asSuccessorFault(error: Refusal): Result<never> {
	const isForm = /^\w+ :: /.test(error.message);
	return isForm
		? { ok: false, error }
		: refuse('error.consumption.attributes.successorIsNotAValidAttribute', error.message);
}

/** May an own identity attribute be succeeded by that, and as what? */
export function prepareSuccessor(
	views: Views,
	me: Address,
	predecessorId: string,
	content: OwnContent,
	today: Iso,
	collection?: AttributeTagCollection
): Result<IdentityAttribute> {
	const old = views.get('attributes', predecessorId);
	if (!old) return unknownPredecessor(predecessorId);
	if (!isOwnIdentity(old))
		return refuse(
			'error.runtime.attributes.isNotOwnIdentityAttribute',
			`Attribute '${old.id}' is not an own identity attribute.`
		);
	const successor = parseOwn(me, content, today);
	if (!successor.ok) return asSuccessorFault(successor.error);
	const tags = tagFault(successor.value, collection);
	if (tags) return { ok: false, error: tags };
	const given = { ...successor.value, value: content.value } as JsonObject;
	const found = firstFault({ views, old, successor: successor.value, given });
	return found ? { ok: false, error: found } : successor;
}

/** May an own relationship attribute be succeeded by that value? Key, owner, confidentiality and isTechnical stay. */
export function prepareRelationshipSuccessor(
	views: Views,
	predecessorId: string,
	content: OwnContent,
	today: Iso
): Result<RelationshipAttribute> {
	const old = views.get('attributes', predecessorId);
	if (!old) return unknownPredecessor(predecessorId);
	if (old['@type'] !== 'OwnRelationshipAttribute')
		return refuse(
			'error.runtime.attributes.isNotOwnRelationshipAttribute',
			`Attribute '${old.id}' is not an own relationship attribute.`
		);
	if (content.tags !== undefined)
		return refuse(invalidProperty, 'successorContent must NOT have additional properties');
	const value = parseRelationshipValue(isJsonObject(content.value) ? content.value : undefined, {
		strict: { today }
	});
	if (!value.ok) return asSuccessorFault(value.error);
	const successor = { ...old.content, value: value.value } as unknown as RelationshipAttribute;
	const found = successionFault(views, old, undefined, successor);
	return found ? { ok: false, error: found } : ok(successor);
}
