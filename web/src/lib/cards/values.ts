/**
 * How each identity value is named, shown and asked for: one row per type. What is allowed is the engine's business
 * (attributes.canCreate); what is checked here is what a form must say at once, next to the field.
 */
import type { FullAutoFill } from 'svelte/elements';
import type { Json, JsonObject } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { countryName, languageName } from './codes.ts';
import { calendarDate } from './dates.ts';
import { decimalOf, integerOf } from './formField.ts';

export type Area = 'person' | 'address' | 'contact' | 'more';
export const AREAS: readonly Area[] = ['person', 'contact', 'address', 'more'];

/** `code`: letters and digits that people write in groups and in any case, kept without blanks in capitals. */
type FieldKind =
	| 'text'
	| 'email'
	| 'phone'
	| 'url'
	| 'code'
	| 'country'
	| 'language'
	| 'choice'
	| 'day'
	| 'month'
	| 'year'
	| 'integer'
	| 'decimal'
	/** Yes or no. */
	| 'flag'
	| 'color';
export interface ValueField {
	readonly name: string;
	readonly kind: FieldKind;
	readonly label: () => string;
	readonly optional?: true;
	readonly max?: number;
	readonly autocomplete?: FullAutoFill;
	readonly choices?: readonly { readonly value: string; readonly label: () => string }[];
	readonly hint?: () => string;
}
export interface ValueType {
	readonly area: Area;
	readonly label: () => string;
	readonly fields: readonly ValueField[];
	/** Not offered until somebody asks for it or looks under "More". */
	readonly rare?: true;
}

const simple = (area: Area, label: () => string, more: Partial<ValueField> = {}, rare?: true): ValueType => ({
	area,
	label,
	fields: [{ name: 'value', kind: 'text', label, max: 100, ...more }],
	...(rare ? { rare } : {})
});

const country = (autocomplete?: FullAutoFill): ValueField => ({
	name: 'country',
	kind: 'country',
	label: () => m.field_country(),
	...(autocomplete ? { autocomplete } : {})
});
const field = (name: string, label: () => string, more: Partial<ValueField> = {}): ValueField => ({
	name,
	kind: 'text',
	label,
	max: 100,
	...more
});
const place = (prefix: 'street' | 'box'): ValueField[] => [
	field('zipCode', () => m.field_zipCode(), prefix === 'street' ? { autocomplete: 'postal-code' } : {}),
	field('city', () => m.field_city(), prefix === 'street' ? { autocomplete: 'address-level2' } : {}),
	field('state', () => m.field_state(), { optional: true }),
	country(prefix === 'street' ? 'country' : undefined)
];
const phone: Partial<ValueField> = { kind: 'phone', max: 100, autocomplete: 'tel' };

export const valueTypes: { readonly [type: string]: ValueType } = {
	GivenName: simple('person', () => m.type_GivenName(), { autocomplete: 'given-name' }),
	Surname: simple('person', () => m.type_Surname(), { autocomplete: 'family-name' }),
	DisplayName: simple('person', () => m.type_DisplayName(), {
		autocomplete: 'nickname',
		hint: () => m.hint_DisplayName()
	}),
	BirthDate: {
		area: 'person',
		label: () => m.type_BirthDate(),
		fields: [
			field('day', () => m.field_day(), { kind: 'day', autocomplete: 'bday-day' }),
			field('month', () => m.field_month(), { kind: 'month', autocomplete: 'bday-month' }),
			field('year', () => m.field_year(), { kind: 'year', autocomplete: 'bday-year' })
		]
	},
	Sex: simple('person', () => m.type_Sex(), {
		kind: 'choice',
		choices: [
			{ value: 'female', label: () => m.sex_female() },
			{ value: 'male', label: () => m.sex_male() },
			{ value: 'intersex', label: () => m.sex_intersex() }
		]
	}),
	Nationality: simple('person', () => m.type_Nationality(), { kind: 'country' }),
	HonorificPrefix: simple('more', () => m.type_HonorificPrefix(), { autocomplete: 'honorific-prefix' }, true),
	MiddleName: simple('more', () => m.type_MiddleName(), { autocomplete: 'additional-name' }, true),
	HonorificSuffix: simple('more', () => m.type_HonorificSuffix(), { autocomplete: 'honorific-suffix' }, true),
	BirthName: simple('more', () => m.type_BirthName(), {}, true),
	BirthPlace: {
		area: 'more',
		label: () => m.type_BirthPlace(),
		rare: true,
		fields: [
			field('city', () => m.field_city()),
			field('state', () => m.field_state(), { optional: true }),
			country()
		]
	},
	Citizenship: simple('more', () => m.type_Citizenship(), { kind: 'country' }, true),
	MaritalStatus: simple(
		'more',
		() => m.type_MaritalStatus(),
		{
			kind: 'choice',
			choices: [
				{ value: 'single', label: () => m.marital_single() },
				{ value: 'married', label: () => m.marital_married() },
				{ value: 'separated', label: () => m.marital_separated() },
				{ value: 'divorced', label: () => m.marital_divorced() },
				{ value: 'widowed', label: () => m.marital_widowed() },
				{ value: 'civilPartnership', label: () => m.marital_civilPartnership() },
				{ value: 'civilPartnershipDissolved', label: () => m.marital_civilPartnershipDissolved() },
				{ value: 'civilPartnerDeceased', label: () => m.marital_civilPartnerDeceased() }
			]
		},
		true
	),
	Pseudonym: simple('more', () => m.type_Pseudonym(), {}, true),
	JobTitle: simple('more', () => m.type_JobTitle(), { autocomplete: 'organization-title' }, true),
	Affiliation: {
		area: 'more',
		label: () => m.type_Affiliation(),
		rare: true,
		fields: [
			field('organization', () => m.field_organization(), { autocomplete: 'organization' }),
			field('unit', () => m.field_unit(), { optional: true }),
			field('role', () => m.field_role(), { optional: true })
		]
	},
	BankAccount: {
		area: 'more',
		label: () => m.type_BankAccount(),
		rare: true,
		fields: [
			field('accountHolder', () => m.field_accountHolder()),
			field('iban', () => m.field_iban(), { kind: 'code' }),
			field('bic', () => m.field_bic(), { kind: 'code', optional: true })
		]
	},
	CommunicationLanguage: simple('more', () => m.type_CommunicationLanguage(), { kind: 'language' }, true),
	EMailAddress: simple('contact', () => m.type_EMailAddress(), { kind: 'email', max: 254, autocomplete: 'email' }),
	PhoneNumber: simple('contact', () => m.type_PhoneNumber(), phone),
	FaxNumber: simple('contact', () => m.type_FaxNumber(), { kind: 'phone' }, true),
	Website: simple('contact', () => m.type_Website(), { kind: 'url', max: 1024, autocomplete: 'url' }, true),
	StreetAddress: {
		area: 'address',
		label: () => m.type_StreetAddress(),
		fields: [
			field('recipient', () => m.field_recipient(), { autocomplete: 'name' }),
			field('street', () => m.field_street(), { autocomplete: 'address-line1' }),
			field('houseNo', () => m.field_houseNo()),
			...place('street')
		]
	},
	PostOfficeBoxAddress: {
		area: 'address',
		label: () => m.type_PostOfficeBoxAddress(),
		rare: true,
		fields: [field('recipient', () => m.field_recipient()), field('boxId', () => m.field_boxId()), ...place('box')]
	},
	DeliveryBoxAddress: {
		area: 'address',
		label: () => m.type_DeliveryBoxAddress(),
		rare: true,
		fields: [
			field('recipient', () => m.field_recipient()),
			field('userId', () => m.field_userId()),
			field('deliveryBoxId', () => m.field_deliveryBoxId()),
			field('phoneNumber', () => m.type_PhoneNumber(), { ...phone, optional: true }),
			...place('box')
		]
	}
};

const one = (more: Partial<ValueField> = {}): readonly ValueField[] => [
	{ name: 'value', kind: 'text', label: () => m.field_value(), ...more }
];
const yesOrNo = [
	{ value: 'true', label: () => m.form_yes() },
	{ value: 'false', label: () => m.form_no() }
];
/** Values between two identities that a person can type in; their titles come from who asks. */
const betweenTypes: { readonly [type: string]: readonly ValueField[] } = {
	ProprietaryString: one({ max: 100 }),
	ProprietaryInteger: one({ kind: 'integer' }),
	ProprietaryFloat: one({ kind: 'decimal' }),
	ProprietaryBoolean: one({ kind: 'flag', choices: yesOrNo }),
	ProprietaryCountry: one({ kind: 'country' }),
	ProprietaryLanguage: one({ kind: 'language' }),
	ProprietaryEMailAddress: one({ kind: 'email', max: 254 }),
	ProprietaryPhoneNumber: one({ kind: 'phone', max: 100 }),
	ProprietaryURL: one({ kind: 'url', max: 1024 }),
	ProprietaryHEXColor: one({ kind: 'color', max: 7, hint: () => m.hint_color() }),
	Consent: [{ name: 'consent', kind: 'text', label: () => m.item_consent(), max: 2000 }]
};

/** The fields of a type's form; none for what nobody types in. */
export const fieldsOf = (type: string): readonly ValueField[] =>
	valueTypes[type]?.fields ?? (Object.hasOwn(betweenTypes, type) ? betweenTypes[type]! : []);
/** The same, with the choices the asking side gives; undefined where it gives none. */
export function hintedFields(type: string, hints: Json | undefined): readonly ValueField[] | undefined {
	const values = (hints as JsonObject | undefined)?.['values'];
	const [field, ...more] = fieldsOf(type);
	if (!field || more.length || !Array.isArray(values) || values.length === 0) return undefined;
	const choices = (values as readonly JsonObject[]).map((each) => ({
		value: string(each['key']),
		label: () => string(each['displayName'])
	}));
	return [{ ...field, kind: 'choice', choices }];
}
/** Whether there is a form for a value between two identities. */
export const canEnter = (type: string): boolean => Object.hasOwn(betweenTypes, type);
export const canEdit = (type: string): boolean => Object.hasOwn(valueTypes, type);
export const typesOf = (area: Area): string[] =>
	Object.keys(valueTypes).filter((type) => valueTypes[type]!.area === area);

/** "Given name"; of types unknown here the title somebody gave, else the plain word for an entry. */
export function typeLabel(type: string, value?: JsonObject): string {
	const title = value?.['title'];
	if (typeof title === 'string' && title) return title;
	return valueTypes[type]?.label() ?? OTHER_LABELS[type]?.() ?? m.type_other();
}

const OTHER_LABELS: { readonly [type: string]: () => string } = {
	IdentityFileReference: () => m.value_file(),
	ProprietaryFileReference: () => m.value_file(),
	VerifiableCredential: () => m.value_credential(),
	Consent: () => m.item_consent()
};

const string = (value: Json | undefined): string =>
	typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** The value as lines of text; peers' values too, hence nothing is trusted to be there. */
export function valueLines(value: JsonObject): string[] {
	const type = string(value['@type']);
	const at = (name: string): string => string(value[name]).trim();
	const line = (...names: string[]): string => names.map(at).filter(Boolean).join(' ');
	switch (type) {
		case 'BirthDate':
			return [birthDate(value)];
		case 'StreetAddress':
			return [
				at('recipient'),
				line('street', 'houseNo'),
				line('zipCode', 'city'),
				at('state'),
				inCountry(value)
			].filter(Boolean);
		case 'PostOfficeBoxAddress':
			return [at('recipient'), at('boxId'), line('zipCode', 'city'), at('state'), inCountry(value)].filter(
				Boolean
			);
		case 'DeliveryBoxAddress':
			return [
				at('recipient'),
				line('userId', 'phoneNumber'),
				at('deliveryBoxId'),
				line('zipCode', 'city'),
				at('state'),
				inCountry(value)
			].filter(Boolean);
		case 'BirthPlace':
			return [[at('city'), at('state'), inCountry(value)].filter(Boolean).join(', ')];
		case 'Affiliation':
			return [[at('organization'), at('unit'), at('role')].filter(Boolean).join(', ')];
		case 'BankAccount':
			return [at('accountHolder'), at('iban').replace(/(.{4})(?=.)/g, '$1 '), at('bic')].filter(Boolean);
		case 'Consent':
			return [at('consent')];
		case 'Nationality':
		case 'Citizenship':
		case 'ProprietaryCountry':
			return [countryName(at('value'))];
		case 'CommunicationLanguage':
		case 'ProprietaryLanguage':
			return [languageName(at('value'))];
		case 'Sex':
		case 'MaritalStatus':
			return [valueTypes[type]!.fields[0]!.choices!.find((c) => c.value === at('value'))?.label() ?? at('value')];
		case 'ProprietaryFileReference':
		case 'IdentityFileReference':
			return [m.value_file()];
		case 'VerifiableCredential':
			return [m.value_credential()];
		case 'ProprietaryJSON':
		case 'SchematizedJSON':
			return [JSON.stringify(value['value'] ?? null)];
		case 'ProprietaryBoolean':
			return [value['value'] === true ? m.value_yes() : m.value_no()];
		default:
			return [at('value') || plainMembers(value)].filter(Boolean);
	}
}

export const valueText = (value: JsonObject): string => valueLines(value).join(', ');

const inCountry = (value: JsonObject): string =>
	string(value['country']) ? countryName(string(value['country'])) : '';

function birthDate(value: JsonObject): string {
	const [year, month, day] = [value['year'], value['month'], value['day']];
	return typeof year === 'number' && typeof month === 'number' && typeof day === 'number'
		? calendarDate(year, month, day)
		: '';
}

/** What a type we do not know says, without its technical members. */
const plainMembers = (value: JsonObject): string =>
	Object.entries(value)
		.filter(([name, member]) => !name.startsWith('@') && name !== 'title' && typeof member !== 'object')
		.map(([, member]) => String(member))
		.join(', ');

/** What a form holds: text for every field, whatever the type. */
export type Draft = { [field: string]: string };

export function draftOf(type: string, value?: JsonObject): Draft {
	return Object.fromEntries(fieldsOf(type).map((f) => [f.name, string(value?.[f.name])]));
}

/** The value a draft stands for; blank optional fields are left out. */
export function valueOfDraft(type: string, draft: Draft): JsonObject {
	const value: Record<string, Json> = { '@type': type };
	for (const { name, kind, optional } of fieldsOf(type)) {
		const given = kind === 'code' ? codeOf(draft[name]) : (draft[name] ?? '').trim();
		if (optional && !given) continue;
		value[name] = kind === 'flag' ? given === 'true' : (NUMBERS[kind]?.(given) ?? given);
	}
	return value;
}

const NUMBERS: { readonly [kind in FieldKind]?: (given: string) => number } = {
	day: Number,
	month: Number,
	year: Number,
	integer: integerOf,
	decimal: decimalOf
};

const codeOf = (text = ''): string => text.replace(/\s/g, '').toUpperCase();

/** What is wrong, by field. Empty: nothing that a form can see. */
export function draftErrors(type: string, draft: Draft): { [field: string]: string } {
	const errors: { [field: string]: string } = {};
	const fields = fieldsOf(type);
	for (const { name, kind, optional, label } of fields) {
		const given = (draft[name] ?? '').trim();
		if (!given) {
			if (!optional) errors[name] = m.error_required({ field: label() });
		} else if (kind === 'email' && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(given)) errors[name] = m.error_email();
		else if (kind === 'phone' && !/^[\d+\-x#*()/[\] ]{3,100}$/.test(given)) errors[name] = m.error_phone();
		else if (kind === 'url' && !/^(\w+:\/\/)?[^\s/.]+(\.[^\s/.]+)+(:\d+)?(\/\S*)?$/.test(given))
			errors[name] = m.error_url();
		else if (kind === 'integer' && Number.isNaN(integerOf(given))) errors[name] = m.form_integer();
		else if (kind === 'decimal' && Number.isNaN(decimalOf(given))) errors[name] = m.form_number();
		else if (kind === 'color' && !/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(given)) errors[name] = m.error_color();
		else if (name === 'iban' && !/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(codeOf(given)))
			errors[name] = m.error_iban();
		else if (name === 'bic' && !/^[A-Z0-9]{8}([A-Z0-9]{3})?$/.test(codeOf(given))) errors[name] = m.error_bic();
		else if (name === 'houseNo' && !/\d/.test(given)) errors[name] = m.error_houseNo();
	}
	if (type === 'BirthDate' && Object.keys(errors).length === 0) Object.assign(errors, dateErrors(draft));
	return errors;
}

function dateErrors(draft: Draft): { [field: string]: string } {
	const [day, month, year] = [Number(draft['day']), Number(draft['month']), Number(draft['year'])];
	if (!/^\d{1,2}$/.test(draft['day']!.trim()) || day < 1 || day > 31) return { day: m.error_day() };
	if (!/^\d{1,2}$/.test(draft['month']!.trim()) || month < 1 || month > 12) return { month: m.error_month() };
	if (!/^\d{4}$/.test(draft['year']!.trim())) return { year: m.error_year() };
	const at = new Date(Date.UTC(2000, month - 1, day));
	at.setUTCFullYear(year);
	if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return { day: m.error_noSuchDay() };
	return at.getTime() > Date.now() ? { year: m.error_future() } : {};
}

/** The engine's code for a value it refuses, as a sentence. */
export function valueRefusal(code: string): string {
	if (code.endsWith('cannotCreateDuplicateOwnIdentityAttribute')) return m.error_duplicate();
	if (code.endsWith('successionMustChangeContent')) return m.error_unchanged();
	if (code.includes('forbiddenCharacters')) return m.error_characters();
	if (code.endsWith('invalidPropertyValue') || code.endsWith('requestDeserialization')) return m.error_format();
	return m.error_notSaved();
}
