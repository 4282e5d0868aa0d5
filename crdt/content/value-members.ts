/**
 * What values are made of: the kinds of members (a name, a country, a web address, …), each with its schema, its hints and
 * how a screen asks for it, so that a row of the table only names them (content-model.md §1.2–§1.5).
 */
import * as v from 'valibot';
import type { Json, JsonObject } from '../views.ts';
import { isBic, isIban } from './bank.ts';
import { countries, languages } from './codes.ts';
import {
	emailPattern,
	hexColorPattern,
	isEmail,
	isHexColor,
	isPhone,
	isSchemaUrl,
	isUrl,
	phonePattern,
	urlPattern
} from './grammar.ts';
import type { RenderHints, ValueHints } from './hints.ts';
import { isJsonObject, isObject } from './json.ts';
import { anyValue, jsonObject, linkText, text, typeOf, whole, type Shape } from './shape.ts';

/** One member of a value: what it may be, and how it is asked for. */
export interface Member {
	readonly schema: Shape<Json>;
	/** Its JSON type, for refusals that name it; `any` when it has several. */
	readonly json: 'string' | 'number' | 'boolean' | 'object' | 'array' | 'any';
	readonly optional?: true;
	/** Readers do without it, callers must give it. */
	readonly requiredWhenMade?: true;
	readonly hints: ValueHints;
	readonly render: RenderHints;
}

export const rendered = (
	technicalType: RenderHints['technicalType'],
	editType: RenderHints['editType'],
	dataType?: string
): RenderHints => ({ technicalType, editType, ...(dataType && { dataType }), propertyHints: {} });

const noHints: ValueHints = { propertyHints: {} };
const input = rendered('String', 'InputLike');

export const plain = (max = 100, min = 0): Member => ({
	schema: text(max, min),
	json: 'string',
	hints: { ...(min > 0 && { min }), max, propertyHints: {} },
	render: input
});
/** Members the reference gives no hints for, although they are bounded. */
export const unhinted: Member = { ...plain(), hints: noHints };
export const optional = (member: Member): Member => ({ ...member, optional: true });

/** A part of a composed value may be written out, `{"@type":"City","value":"Graz"}`; it comes out bare. */
export const child = (type: string, member: Member = plain()): Member => ({
	...member,
	schema: v.pipe(
		v.unknown(),
		v.transform((x) => (isObject(x) && Object.hasOwn(x, 'value') && (typeOf(x) ?? type) === type ? x['value'] : x)),
		member.schema
	)
});

const oneOf = (
	codes: readonly string[],
	i18n: string,
	hints: { min?: number; max: number },
	render: RenderHints
): Member => ({
	schema: v.pipe(
		v.string(),
		v.check((code) => codes.includes(code), 'must be one of the listed values')
	),
	json: 'string',
	hints: {
		...hints,
		values: codes.map((key) => ({ key, displayName: `i18n://attributes.values.${i18n}.${key}` })),
		propertyHints: {}
	},
	render
});
export const country = oneOf(countries, 'countries', { min: 2, max: 2 }, rendered('String', 'SelectLike', 'Country'));
export const language = oneOf(languages, 'languages', { min: 2, max: 2 }, rendered('String', 'SelectLike', 'Language'));
export const sex = oneOf(['intersex', 'female', 'male'], 'sex', { max: 100 }, rendered('String', 'ButtonLike'));
export const maritalStatus = oneOf(
	[
		'single',
		'married',
		'separated',
		'divorced',
		'widowed',
		'civilPartnership',
		'civilPartnershipDissolved',
		'civilPartnerDeceased'
	],
	'maritalStatus',
	{ max: 100 },
	rendered('String', 'ButtonLike')
);

const grammar = (
	[min, max]: readonly [number, number],
	pattern: string | undefined,
	holds: (s: string) => boolean,
	reason: string,
	dataType?: string
): Member => ({
	schema: v.pipe(text(max, min), v.check(holds, reason)),
	json: 'string',
	hints: { min, max, ...(pattern !== undefined && { pattern }), propertyHints: {} },
	render: rendered('String', 'InputLike', dataType)
});
export const email = grammar([3, 254], emailPattern, isEmail, 'must be an e-mail address', 'EMailAddress');
export const phone = grammar([3, 100], phonePattern, isPhone, 'must be a phone number', 'PhoneNumber');
export const website = grammar([3, 1024], urlPattern, isUrl, 'must be a web address', 'URL');
export const hexColor = grammar([4, 9], hexColorPattern, isHexColor, 'must be a colour, #RGB or #RRGGBB', 'HEXColor');
export const iban = grammar([14, 34], undefined, isIban, 'must be an IBAN');
export const bic = grammar([8, 11], undefined, isBic, 'must be a BIC');

/** A truncated reference; with a long base URL it would not fit, so ours leave it out (connector-api.md §14, §4.2). */
export const fileReference: Member = { ...plain(150, 30), render: rendered('String', 'SelectLike', 'FileReference') };
export const xml: Member = { ...plain(50_000), render: rendered('String', 'InputLike', 'XML') };
export const link: Member = {
	schema: linkText,
	json: 'string',
	hints: { min: 3, max: 1024, propertyHints: {} },
	render: rendered('String', 'InputLike', 'URL')
};
export const schemaUrl: Member = {
	...link,
	schema: v.pipe(text(1024, 3), v.check(isSchemaUrl, 'must be a link'))
};

export const choice = (min: number, max: number, dataType: string, editHelp?: string): Member => ({
	schema: whole(min, max),
	json: 'number',
	hints: { min, max, ...(editHelp && { editHelp }), propertyHints: {} },
	render: rendered('Integer', 'SelectLike', dataType)
});
export const boolean: Member = {
	schema: v.boolean(),
	json: 'boolean',
	hints: noHints,
	render: rendered('Boolean', 'InputLike')
};
export const float: Member = {
	schema: v.pipe(v.number(), v.finite('must be a finite number')),
	json: 'number',
	hints: noHints,
	render: rendered('Float', 'ButtonLike')
};
export const integer: Member = {
	schema: v.pipe(v.number(), v.integer('must be a whole number')),
	json: 'number',
	hints: noHints,
	render: rendered('Integer', 'ButtonLike')
};

const withinLength = <T extends Json>(max: number) =>
	v.check<T, string>((x) => JSON.stringify(x).length <= max, `must not be longer than ${max} characters as JSON`);
/** Any JSON but `null`. */
export const json: Member = {
	schema: v.pipe(anyValue, withinLength(4096)),
	json: 'any',
	hints: noHints,
	render: rendered('Json', 'TextArea')
};
/** Of a credential or presentation, as JSON (content-model.md §1.2, §7). */
export const maxCredentialLength = 52_428_800;
export const credential: Member = {
	schema: v.pipe(
		v.custom<string | JsonObject>((x) => typeof x === 'string' || isJsonObject(x)),
		withinLength(maxCredentialLength)
	),
	json: 'any',
	hints: noHints,
	render: rendered('Unknown', 'TextArea')
};

/** `dc+sd-jwt` and its like. */
export const credentialFormat: Member = {
	schema: v.string(),
	json: 'string',
	optional: true,
	requiredWhenMade: true,
	hints: noHints,
	render: input
};

/** Members a form does not ask for. */
export const carried = (schema: Shape<unknown>, json: Member['json']): Member => ({
	schema: schema as Shape<Json>,
	json,
	optional: true,
	hints: noHints,
	render: rendered('Unknown', 'Complex')
});
export const displayInformation = carried(v.array(jsonObject), 'array');
export const cachedImages = carried(
	v.array(
		v.pipe(
			v.unknown(),
			jsonObject,
			v.object({
				locale: v.optional(v.string()),
				logo: v.optional(v.string()),
				backgroundImage: v.optional(v.string())
			})
		)
	),
	'array'
);
