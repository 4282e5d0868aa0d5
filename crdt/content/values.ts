/**
 * Values of attributes, read by their table (value-table.ts; content-model.md §1.2–§1.5, §1.7).
 *
 * Promise: `parseIdentityValue(json)` and `parseRelationshipValue(json)` give a value of the table, without unknown members,
 * or a refusal whose text is `<Type>.<member>:<Declared> :: <reason>`. `strict` (what we make ourselves) also refuses unknown
 * members and birth dates after `today`, with `<Type> :: <reason>` for what a form should have prevented. What peers sent is
 * not judged by today's date: a fold must say the same tomorrow.
 */
import * as v from 'valibot';
import { refuse, type Result } from '../result.ts';
import type { Iso, Json, JsonObject } from '../views.ts';
import { overrideHints, type RenderHints, type ValueHints } from './hints.ts';
import { isObject } from './json.ts';
import { deserialization, invalidProperty, read, typeOf, unknownType, unknownTypeText, type Shape } from './shape.ts';
import {
	isIdentityValueType,
	isRelationshipValueType,
	rowOf,
	type IdentityValueType,
	type RelationshipValueType,
	type ValueType
} from './value-table.ts';
import type { Member } from './value-members.ts';

export {
	identityValueTypes,
	isIdentityValueType,
	isRelationshipValueType,
	relationshipValueTypes,
	type IdentityValueType,
	type RelationshipValueType,
	type ValueType
} from './value-table.ts';
export type { RenderHints, ValueHints } from './hints.ts';

export type IdentityValue = { readonly '@type': IdentityValueType; readonly [member: string]: Json | undefined };
export type RelationshipValue = {
	readonly '@type': RelationshipValueType;
	/** All but Consent have one. */
	readonly title?: string;
	readonly description?: string;
	readonly [member: string]: Json | undefined;
};
export type Value = IdentityValue | RelationshipValue;

const shapes = new Map<ValueType, Shape<Value>>();
/** The schema of a type, made once. */
export function valueShape(type: ValueType): Shape<Value> {
	let shape = shapes.get(type);
	if (!shape) shapes.set(type, (shape = makeShape(type)));
	return shape;
}
export const identityValueShape = (type: IdentityValueType) => valueShape(type) as Shape<IdentityValue>;
export const relationshipValueShape = (type: RelationshipValueType) => valueShape(type) as Shape<RelationshipValue>;

function makeShape(type: ValueType): Shape<Value> {
	const row = rowOf(type);
	const members = Object.entries(row.members).map(([member, { schema, optional }]) => [
		member,
		optional ? v.optional(schema) : schema
	]);
	const shape = v.object({ '@type': v.literal(type), ...(Object.fromEntries(members) as v.ObjectEntries) });
	if (!row.whole) return shape as unknown as Shape<Value>;
	const { member, reason, holds } = row.whole;
	const rule = v.rawCheck<v.InferOutput<typeof shape>>(({ dataset, addIssue }) => {
		if (!dataset.typed || holds(dataset.value as never)) return;
		const input: { readonly [member: string]: unknown } = dataset.value;
		const value = input[member];
		addIssue({
			message: reason,
			input: value,
			path: [{ type: 'object', origin: 'value', input, key: member, value }]
		});
	});
	return v.pipe(shape, rule) as unknown as Shape<Value>;
}

/** What may be said in a value of that type. */
export function valueHints(type: ValueType): ValueHints {
	const { members } = rowOf(type);
	if (members['value']) return members['value'].hints;
	const hints = Object.entries(members).map(([member, { hints }]) => [member, hints] as const);
	return { propertyHints: Object.fromEntries(hints) };
}

/** What may be said in that very value: the hints of its type, with what the value itself overrides. */
export const effectiveHints = (value: Value): ValueHints =>
	overrideHints(
		valueHints(value['@type']),
		value['valueHintsOverride'] as unknown as Partial<ValueHints> | undefined
	);

/** How a screen asks for a value of that type. */
export const renderHints = (type: ValueType): RenderHints => rowOf(type).render;

/** The members of a type in the order a form asks for them. */
export const membersOf = (type: ValueType): readonly { readonly name: string; readonly optional: boolean }[] =>
	Object.entries(rowOf(type).members).map(([name, member]) => ({ name, optional: member.optional === true }));

export interface ParseValueOptions {
	/** Set for values made here: unknown members and birth dates after this moment (UTC) are refused. */
	readonly strict?: { readonly today: Iso };
}

export const parseIdentityValue = (json: unknown, options: ParseValueOptions = {}): Result<IdentityValue> =>
	parseValue(isIdentityValueType, 'IdentityAttribute', json, options) as Result<IdentityValue>;

export const parseRelationshipValue = (json: unknown, options: ParseValueOptions = {}): Result<RelationshipValue> =>
	parseValue(isRelationshipValueType, 'RelationshipAttribute', json, options) as Result<RelationshipValue>;

function parseValue(
	isAllowed: (type: string) => boolean,
	envelope: string,
	json: unknown,
	{ strict }: ParseValueOptions
): Result<Value> {
	const type = typeOf(json);
	if (type === undefined) return refuse(deserialization, `${envelope}.value :: @type is not defined`);
	if (!isAllowed(type)) return refuse(unknownType, unknownTypeText(type));
	const misfit = strict && formOf(type as ValueType, json);
	if (misfit) return refuse(invalidProperty, `${type} :: ${misfit}`);
	const parsed = read(valueShape(type as ValueType), type, json);
	if (!parsed.ok || !strict || !isFuture(parsed.value, strict.today)) return parsed;
	return refuse(deserialization, 'BirthDate.year:Number :: must not be in the future');
}

/** What is wrong with the form of a value (members, their JSON types), before its meaning is looked at. */
function formOf(type: ValueType, json: unknown): string | undefined {
	const { members } = rowOf(type);
	const given = isObject(json) ? json : {};
	for (const [name, member] of Object.entries(members)) {
		const misfit = memberMisfit(name, member, given[name]);
		if (misfit) return misfit;
	}
	const extra = Object.keys(given).some((name) => !Object.hasOwn(members, name) && !isMeta(name));
	return extra ? 'must NOT have additional properties' : undefined;
}

const isMeta = (name: string): boolean => /^@(type|context|version)$/.test(name);

function memberMisfit(name: string, { optional, requiredWhenMade, json }: Member, given: unknown): string | undefined {
	if (given === undefined) return optional && !requiredWhenMade ? undefined : `must have required property '${name}'`;
	const fits = {
		any: true,
		array: Array.isArray(given),
		object: isObject(given),
		string: typeof given === 'string',
		number: typeof given === 'number',
		boolean: typeof given === 'boolean'
	}[json];
	return fits ? undefined : `${name} must be ${json}`;
}

/** Whether a value says something about tomorrow that only the past can say. */
export function isFuture(value: Value, today: Iso): boolean {
	if (value['@type'] !== 'BirthDate') return false;
	const pad = (member: string, length: number) => String(value[member]).padStart(length, '0');
	return `${pad('year', 4)}-${pad('month', 2)}-${pad('day', 2)}` > today.slice(0, 10);
}

/** An identity value without blanks at the edges of its strings; relationship values keep theirs (content-model.md §1.7). */
export const trimValue = <T extends JsonObject>(value: T): T =>
	Object.fromEntries(
		Object.entries(value).map(([member, x]) => [member, typeof x === 'string' ? x.trim() : x])
	) as unknown as T;
