/**
 * The values of identity attributes: one row per type with its schema, its hints (what may be said) and how a screen edits
 * it. Parsing, REST errors, forms and tests read this table and nothing else (content-model.md §1.2, §1.4, §1.5).
 *
 * Promise: `parseIdentityValue(json)` gives a value of the table, without unknown members, or a refusal whose text is
 * `<Type>.<member>:<Declared> :: <reason>`. `strict` (what we make ourselves) also refuses unknown members and birth
 * dates after `today`, with `<Type> :: <reason>` for what a form should have prevented. What peers sent is not judged by
 * today's date: a fold must say the same tomorrow.
 */
import * as v from 'valibot';
import { refuse, type Result } from '../result.ts';
import type { Iso, JsonObject } from '../views.ts';
import { countries, languages } from './codes.ts';
import { emailPattern, isEmail, isPhone, isRealDate, isUrl, phonePattern, urlPattern } from './grammar.ts';
import { isObject } from './json.ts';
import {
	deserialization,
	invalidProperty,
	notImplemented,
	read,
	text,
	typeOf,
	unknownType,
	unknownTypeText,
	whole,
	type Shape
} from './shape.ts';

export interface ValueHints {
	readonly editHelp?: string;
	readonly min?: number;
	readonly max?: number;
	readonly pattern?: string;
	readonly values?: readonly { readonly key: string | number | boolean; readonly displayName: string }[];
	readonly propertyHints: { readonly [member: string]: ValueHints };
}
export interface RenderHints {
	readonly technicalType: 'Boolean' | 'Float' | 'Integer' | 'Object' | 'String' | 'Json' | 'Unknown';
	readonly editType: 'InputLike' | 'ButtonLike' | 'RadioButtonLike' | 'SelectLike' | 'Complex' | 'TextArea';
	readonly dataType?: string;
	readonly propertyHints: { readonly [member: string]: RenderHints };
}

/** One member of a value: what it may be, and how it is asked for. */
interface Member {
	readonly schema: Shape<string> | Shape<number>;
	readonly optional?: true;
	readonly hints: ValueHints;
	readonly render: RenderHints;
}
/** One type: its members by name, and a rule over all of them. */
interface Row {
	readonly members: { readonly [member: string]: Member };
	readonly whole?: { readonly member: string; readonly reason: string; holds(value: never): boolean };
	readonly render: RenderHints;
}

const rendered = (
	technicalType: RenderHints['technicalType'],
	editType: RenderHints['editType'],
	dataType?: string
): RenderHints => ({ technicalType, editType, ...(dataType && { dataType }), propertyHints: {} });

const plain = (max = 100): Member => ({
	schema: text(max),
	hints: { max, propertyHints: {} },
	render: rendered('String', 'InputLike')
});
/** Members the reference gives no hints for, although they are bounded. */
const unhinted: Member = { ...plain(), hints: { propertyHints: {} } };
const optional = (member: Member): Member => ({ ...member, optional: true });

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
	hints: {
		...hints,
		values: codes.map((key) => ({ key, displayName: `i18n://attributes.values.${i18n}.${key}` })),
		propertyHints: {}
	},
	render
});
const country = oneOf(countries, 'countries', { min: 2, max: 2 }, rendered('String', 'SelectLike', 'Country'));
const language = oneOf(languages, 'languages', { min: 2, max: 2 }, rendered('String', 'SelectLike', 'Language'));
const sex = oneOf(['intersex', 'female', 'male'], 'sex', { max: 100 }, rendered('String', 'ButtonLike'));
const maritalStatus = oneOf(
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
	pattern: string,
	holds: (s: string) => boolean,
	reason: string,
	dataType: string
): Member => ({
	schema: v.pipe(text(max, min), v.check(holds, reason)),
	hints: { min, max, pattern, propertyHints: {} },
	render: rendered('String', 'InputLike', dataType)
});
const email = grammar([3, 254], emailPattern, isEmail, 'must be an e-mail address', 'EMailAddress');
const phone = grammar([3, 100], phonePattern, isPhone, 'must be a phone number', 'PhoneNumber');
const website = grammar([3, 1024], urlPattern, isUrl, 'must be a web address', 'URL');

const choice = (min: number, max: number, dataType: string, editHelp?: string): Member => ({
	schema: whole(min, max),
	hints: { min, max, ...(editHelp && { editHelp }), propertyHints: {} },
	render: rendered('Integer', 'SelectLike', dataType)
});

const simple = (member: Member): Row => ({ members: { value: member }, render: member.render });
const composed = (members: { readonly [member: string]: Member }, rule: Row['whole'] | undefined = undefined): Row => ({
	members,
	...(rule && { whole: rule }),
	render: {
		...rendered('Object', 'Complex'),
		propertyHints: Object.fromEntries(Object.entries(members).map(([name, member]) => [name, member.render]))
	}
});

const name = simple(plain());
const place = { zipCode: plain(), city: plain(), country, state: optional(plain()) };

const birthDate = composed(
	{
		day: choice(1, 31, 'Day'),
		month: choice(1, 12, 'Month', 'i18n://yourBirthMonth'),
		year: choice(1, 9999, 'Year')
	},
	{
		member: 'day',
		reason: 'must be a day of the calendar',
		holds: (date: { day: number; month: number; year: number }) => isRealDate(date.year, date.month, date.day)
	}
);

const table = {
	Affiliation: composed({ organization: plain(), role: optional(plain()), unit: optional(plain()) }),
	BirthDate: birthDate,
	BirthName: name,
	BirthPlace: composed({ city: plain(), country, state: optional(plain()) }),
	Citizenship: simple(country),
	CommunicationLanguage: simple(language),
	DeliveryBoxAddress: composed({
		recipient: unhinted,
		userId: unhinted,
		deliveryBoxId: unhinted,
		...place,
		phoneNumber: optional(phone)
	}),
	DisplayName: name,
	EMailAddress: simple(email),
	FaxNumber: simple(phone),
	GivenName: name,
	HonorificPrefix: name,
	HonorificSuffix: name,
	JobTitle: name,
	MaritalStatus: simple(maritalStatus),
	MiddleName: name,
	Nationality: simple(country),
	PhoneNumber: simple(phone),
	PostOfficeBoxAddress: composed({ recipient: unhinted, boxId: unhinted, ...place }),
	Pseudonym: name,
	Sex: simple(sex),
	StreetAddress: composed({ recipient: unhinted, street: plain(), houseNo: plain(), ...place }),
	Surname: name,
	Website: simple(website)
} as const satisfies Record<string, Row>;

export type IdentityValueType = keyof typeof table;
/** The types of this version, in alphabetical order. */
export const identityValueTypes = Object.keys(table) as readonly IdentityValueType[];
export const isIdentityValueType = (type: unknown): type is IdentityValueType =>
	typeof type === 'string' && Object.hasOwn(table, type);

/** Types of the content model that come in a later version: recognised, kept, never accepted. */
export const laterValueTypes: readonly string[] = [
	'BankAccount',
	'IdentityFileReference',
	'SchematizedJSON',
	'SchematizedXML',
	'VerifiableCredential'
];

export type IdentityValue = { readonly '@type': IdentityValueType; readonly [member: string]: string | number };

const shapes = new Map<IdentityValueType, Shape<IdentityValue>>();
/** The schema of a type, made once. */
export function identityValueShape(type: IdentityValueType): Shape<IdentityValue> {
	let shape = shapes.get(type);
	if (!shape) shapes.set(type, (shape = makeShape(type)));
	return shape;
}

function makeShape(type: IdentityValueType): Shape<IdentityValue> {
	const row: Row = table[type];
	const members = Object.entries(row.members).map(([member, { schema, optional }]) => [
		member,
		optional ? v.optional(schema as Shape<unknown>) : schema
	]);
	const shape = v.object({ '@type': v.literal(type), ...(Object.fromEntries(members) as v.ObjectEntries) });
	if (!row.whole) return shape as unknown as Shape<IdentityValue>;
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
	return v.pipe(shape, rule) as unknown as Shape<IdentityValue>;
}

/** What may be said in a value of that type. */
export function valueHints(type: IdentityValueType): ValueHints {
	const { members }: Row = table[type];
	if (members['value']) return members['value'].hints;
	const hints = Object.entries(members).map(([member, { hints }]) => [member, hints] as const);
	return { propertyHints: Object.fromEntries(hints) };
}

/** How a screen asks for a value of that type. */
export const renderHints = (type: IdentityValueType): RenderHints => table[type].render;

/** The members of a type in the order a form asks for them. */
export const membersOf = (type: IdentityValueType): readonly { readonly name: string; readonly optional: boolean }[] =>
	Object.entries(table[type].members as Row['members']).map(([name, member]) => ({
		name,
		optional: member.optional === true
	}));

export interface ParseValueOptions {
	/** Set for values made here: unknown members and birth dates after this moment (UTC) are refused. */
	readonly strict?: { readonly today: Iso };
}

export function parseIdentityValue(json: unknown, options: ParseValueOptions = {}): Result<IdentityValue> {
	const type = typeOf(json);
	if (type === undefined) return refuse(deserialization, 'IdentityAttribute.value :: @type is not defined');
	if (laterValueTypes.includes(type)) return refuse(notImplemented, `${type} :: is not implemented yet`);
	if (!isIdentityValueType(type)) return refuse(unknownType, unknownTypeText(type));
	const misfit = options.strict && formOf(type, json);
	if (misfit) return refuse(invalidProperty, `${type} :: ${misfit}`);
	const parsed = read(identityValueShape(type), type, json);
	if (!parsed.ok || !options.strict || !isFuture(parsed.value, options.strict.today)) return parsed;
	return refuse(deserialization, 'BirthDate.year:Number :: must not be in the future');
}

/** What is wrong with the form of a value (members, their JSON types), before its meaning is looked at. */
function formOf(type: IdentityValueType, json: unknown): string | undefined {
	const { members }: Row = table[type];
	const given = isObject(json) ? json : {};
	for (const [member, { optional, render }] of Object.entries(members)) {
		if (given[member] === undefined && optional) continue;
		if (given[member] === undefined) return `must have required property '${member}'`;
		const expected = render.technicalType === 'Integer' ? 'number' : 'string';
		if (typeof given[member] !== expected) return `${member} must be ${expected}`;
	}
	const extra = Object.keys(given).some((member) => !members[member] && !/^@(type|context|version)$/.test(member));
	return extra ? 'must NOT have additional properties' : undefined;
}

function isFuture(value: IdentityValue, today: Iso): boolean {
	if (value['@type'] !== 'BirthDate') return false;
	const pad = (member: string, length: number) => String(value[member]).padStart(length, '0');
	return `${pad('year', 4)}-${pad('month', 2)}-${pad('day', 2)}` > today.slice(0, 10);
}

/** The value without blanks at the edges of its strings (content-model.md §1.7). */
export const trimValue = <T extends JsonObject>(value: T): T =>
	Object.fromEntries(
		Object.entries(value).map(([member, x]) => [member, typeof x === 'string' ? x.trim() : x])
	) as unknown as T;
