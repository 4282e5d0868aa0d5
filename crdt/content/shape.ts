/**
 * How content is read: one valibot schema per wire thing, first problem only, told as `<Type>.<member>[:<Declared>] :: <reason>`
 * (content-model.md §0, connector-api.md §11). Unknown members are dropped, nothing is coerced, `null` is no value.
 *
 * `@type` names an object in a polymorphic slot (required) and is tolerated, then dropped, in a monomorphic one.
 */
import * as v from 'valibot';
import { ok, refuse, type Result } from '../result.ts';
import { isJson, isJsonObject, isObject } from './json.ts';
import { isAddress, isLink, toUtc } from './grammar.ts';
import type { Json, JsonObject } from '../views.ts';

export const deserialization = 'error.runtime.requestDeserialization';
export const unknownType = 'error.runtime.unknownType';
export const invalidProperty = 'error.runtime.validation.invalidPropertyValue';

/** Monomorphic slots: the type an object has there although nobody wrote it; by member, or by its type and member. */
const typeOfSlot: { readonly [member: string]: string } = {
	response: 'Response',
	onNewRelationship: 'Request',
	onExistingRelationship: 'Request',
	valueHints: 'ValueHints',
	valueHintsOverride: 'ValueHintsOverride',
	'RelationshipAttributeQuery.attributeCreationHints': 'RelationshipAttributeCreationHints',
	'IQLQuery.attributeCreationHints': 'IQLQueryCreationHints'
};

export const unknownTypeText = (name: string): string =>
	`Type '${name}' with version 1 was not found within reflection classes. You might have to install a module first.`;

/** A schema of what it gives, whatever it takes. */
export type Shape<T> = v.GenericSchema<unknown, T>;

/** Reads `json` by `shape`; `root` names the type in the refusal's text. */
export function read<T>(shape: Shape<T>, root: string, json: unknown): Result<T> {
	const outcome = v.safeParse(shape, json, { abortEarly: true });
	if (outcome.success) return ok(outcome.output);
	return refuse(deserialization, explain(outcome.issues[0], root));
}

function explain(issue: v.BaseIssue<unknown>, root: string): string {
	const place = placeOf(issue, root);
	if (issue.message.startsWith("Type '")) return issue.message;
	if (issue.received === 'undefined') return `${place} :: Value is not defined`;
	if (issue.type === 'never') return `${place} :: ${issue.message}`;
	if (issue.kind === 'schema') return `${place} :: Value is not ${nameOfExpected(issue)}`;
	return `${place}:${declaredType(issue.input)} :: ${issue.message}`;
}

/** `<innermost type>.<member>`; array positions are left out, as peers' tests expect. */
function placeOf(issue: v.BaseIssue<unknown>, root: string): string {
	let type = root;
	let member: string | undefined;
	for (const step of issue.path ?? []) {
		if (typeof step.key !== 'string') continue;
		if (member) type = typeOfSlot[`${type}.${member}`] ?? typeOfSlot[member] ?? type;
		const container: unknown = step.input;
		if (isObject(container) && typeof container['@type'] === 'string') type = container['@type'];
		member = step.key;
	}
	return member ? `${type}.${member}` : type;
}

function nameOfExpected(issue: v.BaseIssue<unknown>): string {
	const article: { [expected: string]: string } = { Object: 'an object', Array: 'an array', unknown: 'usable' };
	const expected = issue.expected ?? 'unknown';
	if (article[expected]) return article[expected];
	return /^[a-z]+$/.test(expected) ? `a ${expected}` : `one of ${expected.replace(/^\(|\)$/g, '')}`;
}

function declaredType(input: unknown): string {
	if (Array.isArray(input)) return 'Array';
	return { string: 'String', number: 'Number', boolean: 'Boolean' }[typeof input as string] ?? 'Object';
}

// ---------------------------------------------------------------------------------------------- scalars

/** A string of `min` to `max` UTF-16 units. */
export const text = (max: number, min = 0) =>
	v.pipe(
		v.string(),
		v.minLength(min, `must not be shorter than ${min} characters`),
		v.maxLength(max, `must not be longer than ${max} characters`)
	);

/** A whole number of `min` to `max`. */
export const whole = (min: number, max: number) =>
	v.pipe(
		v.number(),
		v.integer('must be a whole number'),
		v.minValue(min, `must not be less than ${min}`),
		v.maxValue(max, `must not be more than ${max}`)
	);

export const addressText = v.pipe(v.string(), v.check(isAddress, 'must be an address'));
/** `""` stands for the recipient of a request. */
export const addressOrEmpty = v.pipe(
	v.string(),
	v.check((s) => s === '' || isAddress(s), 'must be an address')
);
export const linkText = v.pipe(text(1024, 3), v.check(isLink, 'must be a link'));
/** Any ISO-8601; comes out as UTC with milliseconds. */
export const timestamp = v.pipe(
	v.string(),
	v.check((s) => toUtc(s) !== undefined, 'must be an ISO 8601 date'),
	v.transform((s) => toUtc(s) ?? s)
);
export const jsonObject = v.custom<JsonObject>(isJsonObject, 'must be a JSON object');
/** Any JSON but `null`. */
export const anyValue = v.custom<Exclude<Json, null>>(
	(x) => x !== null && x !== undefined && isJson(x),
	'must be JSON'
);
export const nonEmpty = <S extends Shape<unknown>>(element: S) =>
	v.pipe(v.array(element), v.minLength(1, 'may not be empty'));

// ------------------------------------------------------------------------------------------------ types

/** The object's type, when it says one. */
export const typeOf = (value: unknown): string | undefined => {
	const type = isObject(value) ? value['@type'] : undefined;
	return typeof type === 'string' ? type : undefined;
};

/** An object in a polymorphic slot: `choose` gives the shape of its type, or nothing when no such type belongs there. */
export function polymorphic<T>(choose: (type: string, value: unknown) => Shape<T> | undefined): Shape<T> {
	return v.lazy((value) => {
		const type = typeOf(value);
		if (type === undefined) return v.never('@type is not defined') as unknown as Shape<T>;
		return choose(type, value) ?? (v.never(unknownTypeText(type)) as unknown as Shape<T>);
	}) as Shape<T>;
}

/** What stands in a monomorphic slot: the object without its name. */
export type Unnamed<T> = Omit<T, '@type'>;

/** An object in a monomorphic slot: `@type`, when written, must be `type`; it is dropped. */
export function monomorphic<T>(type: string, body: Shape<T>): Shape<T> {
	// The schema library takes arrays for objects.
	const fits = v.check((x: unknown) => !Array.isArray(x) && (typeOf(x) ?? type) === type, `must be a ${type}`);
	return v.pipe(v.unknown(), fits, body) as Shape<T>;
}

/** One of several types in a polymorphic slot, by name. */
export const oneOfTypes = <T>(shapes: { readonly [type: string]: Shape<T> }): Shape<T> =>
	polymorphic<T>((type) => (Object.hasOwn(shapes, type) ? shapes[type] : undefined));

/** The same object as a root, where it says its name. */
export const named = <T extends object>(type: string, body: Shape<T>) =>
	v.pipe(
		body,
		v.transform((members) => ({ '@type': type, ...members }))
	);
