/**
 * Decide parameters (content-model.md §4.4): what is said to one item when a request is accepted. What has the wrong form is
 * refused here, with the codes of REST; whether it is a good answer is the business of the item's rule. Members no item knows
 * are ignored (connector-api.md §3.5).
 */
import * as v from 'valibot';
import { ok, refuse, type Result } from '../result.ts';
import type { Iso } from '../views.ts';
import { anyAttribute, trimmed, type Attribute } from './attribute.ts';
import { formFieldAnswer, type FormFieldAnswer } from './form-field.ts';
import { toUtc } from './grammar.ts';
import { isJsonObject, isObject } from './json.ts';
import type { RequestItem } from './request-items.ts';
import { read, type Shape } from './shape.ts';
import { isFuture, trimValue } from './values.ts';

/** An attribute that exists, perhaps with more tags, or a new one. */
export type ChosenAttribute =
	| { readonly existingId: string; readonly tags?: readonly string[] }
	/** Trimmed. `owner` may be `""` for who answers. */
	| { readonly newAttribute: Attribute };

/** By item type; what is not named takes no parameters. */
export interface AcceptParameters {
	readonly ReadAttributeRequestItem: ChosenAttribute;
	readonly ProposeAttributeRequestItem: ChosenAttribute;
	readonly DeleteAttributeRequestItem: { readonly deletionDate: Iso };
	readonly FormFieldRequestItem: { readonly response: FormFieldAnswer };
	readonly ShareAuthorizationRequestRequestItem: { readonly attributeId: string };
	readonly CreateAttributeRequestItem: Plain;
	readonly ShareAttributeRequestItem: Plain;
	readonly ConsentRequestItem: Plain;
	readonly AuthenticationRequestItem: Plain;
	readonly TransferFileOwnershipRequestItem: Plain;
	readonly ShareCredentialOfferRequestItem: Plain;
}
type Plain = { readonly [none: string]: never };
export type ParametersOf<Item extends RequestItem> = AcceptParameters[Item['@type']];

/** The parameters cannot be read. */
const serval = 'error.consumption.requests.servalErrorDuringRequestItemProcessing';
const invalid = 'error.consumption.requests.invalidAcceptParameters';

const tags = v.optional(v.array(v.string()));
const shapes = {
	ReadAttributeRequestItem: v.object({
		existingAttributeId: v.optional(v.string()),
		newAttribute: v.optional(anyAttribute),
		tags
	}),
	ProposeAttributeRequestItem: v.object({
		attributeId: v.optional(v.string()),
		attribute: v.optional(anyAttribute),
		tags
	}),
	DeleteAttributeRequestItem: v.object({ deletionDate: v.string() }),
	FormFieldRequestItem: v.object({ response: formFieldAnswer }),
	ShareAuthorizationRequestRequestItem: v.object({ attributeId: v.string() })
} as unknown as { readonly [type: string]: Shape<{ readonly [member: string]: unknown }> };

/**
 * Reads what an item is accepted with. `today` bounds what a new attribute may say about the past.
 *
 * @returns the parameters, or a refusal with the code the item's validation result shows
 */
export function parseAcceptParameters<Item extends RequestItem>(
	item: Item,
	json: unknown,
	today: Iso
): Result<ParametersOf<Item>> {
	const type = item['@type'];
	const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
	if (!shape) return ok({} as ParametersOf<Item>);
	const root = `Accept${type}Parameters`;
	const parsed = read(shape, root, trimNewValue(json));
	if (!parsed.ok) return refuse(serval, parsed.error.message);
	return meaning(type, root, parsed.value, today) as Result<ParametersOf<Item>>;
}

function meaning(
	type: RequestItem['@type'],
	root: string,
	given: { readonly [member: string]: unknown },
	today: Iso
): Result<object> {
	switch (type) {
		case 'ReadAttributeRequestItem':
			return choose(root, ['existingAttributeId', 'newAttribute'], given, today);
		case 'ProposeAttributeRequestItem':
			return choose(root, ['attributeId', 'attribute'], given, today);
		case 'DeleteAttributeRequestItem': {
			const deletionDate = toUtc(given['deletionDate'] as string);
			return deletionDate === undefined ? refuse(invalid, 'The deletionDate is invalid.') : ok({ deletionDate });
		}
		default:
			return ok(given);
	}
}

function choose(
	root: string,
	[idMember, newMember]: readonly [string, string],
	given: { readonly [member: string]: unknown },
	today: Iso
): Result<ChosenAttribute> {
	const { [idMember]: id, [newMember]: attribute, tags } = given as { [member: string]: unknown };
	if ((id === undefined) === (attribute === undefined))
		return refuse(serval, `${root} :: You have to specify either ${idMember} or ${newMember}.`);
	if (id !== undefined)
		return ok({ existingId: id as string, ...(tags !== undefined && { tags: tags as string[] }) });
	if (tags !== undefined) return refuse(serval, `${root}.tags :: Tags go into the new attribute itself.`);
	const newAttribute = trimmed(attribute as Attribute);
	if (isFuture(newAttribute.value, today))
		return refuse(serval, 'BirthDate.year:Number :: must not be in the future');
	return ok({ newAttribute });
}

/** Blanks at the edges are taken away before a value of an identity attribute is looked at. */
function trimNewValue(json: unknown): unknown {
	if (!isObject(json)) return json;
	return Object.fromEntries(
		Object.entries(json).map(([member, x]) => {
			const isNew = isObject(x) && x['@type'] === 'IdentityAttribute' && isJsonObject(x['value']);
			return [member, isNew ? { ...x, value: trimValue(x['value'] as never) } : x];
		})
	);
}
