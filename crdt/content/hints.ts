/**
 * Hints (content-model.md §1.4): what may be said in a value (`ValueHints`) and how a screen asks for it (`RenderHints`).
 * Those of a value type are derived from the table and never sent; those inside values (`valueHintsOverride`) and queries
 * (`valueHints`) are, and there they say their `@type` and always have `propertyHints`.
 */
import * as v from 'valibot';
import { isObject } from './json.ts';
import { jsonObject, text, typeOf, type Shape } from './shape.ts';

export interface ValueHints {
	readonly '@type'?: 'ValueHints' | 'ValueHintsOverride';
	readonly editHelp?: string;
	readonly min?: number;
	readonly max?: number;
	readonly pattern?: string;
	readonly values?: readonly { readonly key: string | number | boolean; readonly displayName: string }[];
	readonly defaultValue?: string | number | boolean;
	readonly propertyHints: { readonly [member: string]: ValueHints };
}
export interface RenderHints {
	readonly technicalType: 'Boolean' | 'Float' | 'Integer' | 'Object' | 'String' | 'Json' | 'Unknown';
	readonly editType:
		| 'InputLike'
		| 'ButtonLike'
		| 'RadioButtonLike'
		| 'SelectLike'
		| 'SliderLike'
		| 'Complex'
		| 'Secret'
		| 'TextArea'
		| 'Upload';
	readonly dataType?: string;
	readonly propertyHints: { readonly [member: string]: RenderHints };
}

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const choice = v.object({
	key: v.union([text(100), v.number(), v.boolean()]),
	displayName: text(100)
});

/** Arrays are objects to the schema library, not to us. */
const record = v.check((x: unknown) => isObject(x), 'must be an object');
const members = (type: string, nested: Shape<ValueHints>) =>
	v.pipe(
		v.unknown(),
		record,
		v.check((x) => ['ValueHints', 'ValueHintsOverride'].includes(typeOf(x) ?? type), `must be ${type}`),
		v.object({
			'@type': v.optional(v.picklist(['ValueHints', 'ValueHintsOverride']), type as 'ValueHints'),
			editHelp: v.optional(text(500)),
			min: v.optional(v.number()),
			max: v.optional(v.number()),
			pattern: v.optional(text(1000)),
			values: v.optional(v.array(v.pipe(v.unknown(), record, choice))),
			defaultValue: v.optional(scalar),
			propertyHints: v.optional(v.pipe(v.unknown(), record, v.record(v.string(), nested)), {})
		})
	) as unknown as Shape<ValueHints>;

const nested: Shape<ValueHints> = v.lazy(() => members('ValueHints', nested)) as Shape<ValueHints>;

/** Hints as they travel; the check in front bounds how deep they nest. */
const travelling = (type: 'ValueHints' | 'ValueHintsOverride') =>
	v.pipe(v.unknown(), jsonObject, members(type, nested)) as unknown as Shape<ValueHints>;
export const valueHintsShape = travelling('ValueHints');
export const valueHintsOverrideShape = travelling('ValueHintsOverride');

/** Hints with some of them said otherwise: shallow, but `propertyHints` member by member. */
export function overrideHints<H extends { readonly propertyHints: { readonly [member: string]: unknown } }>(
	hints: H,
	override: Partial<H> | undefined
): H {
	const { '@type': _type, propertyHints, ...said } = { '@type': undefined, ...override };
	return { ...hints, ...said, propertyHints: { ...hints.propertyHints, ...propertyHints } };
}
