/**
 * How each value is named and asked for: one row per type, one field per member a person fills in. How a value is shown is in
 * text.ts, what stands in a form in draft.ts; what is allowed is the engine's business (attributes.canCreate).
 */
import type { FullAutoFill } from 'svelte/elements';
import type { Json, JsonObject } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';

export type Area = 'person' | 'address' | 'contact' | 'more';
export const AREAS: readonly Area[] = ['person', 'contact', 'address', 'more'];

/** `code`: letters and digits that people write in groups and in any case, kept without blanks in capitals. */
export type FieldKind =
	| 'text'
	| 'lines'
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
	| 'color'
	/** Text for programs, in several lines; of JSON the draft holds the text, the value what it says. */
	| 'json'
	| 'xml'
	/** A credential: JSON where it is JSON, else its compact form. */
	| 'credential'
	/** A file: the draft holds its reference. */
	| 'file';
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

const schema = (): ValueField =>
	field('schemaURL', () => m.field_schemaURL(), { kind: 'url', max: 1024, optional: true });
/** Characters of JSON, written without blanks (content-model.md §1.2). */
const MAX_JSON = 4096;
const MAX_XML = 50_000;

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
	IdentityFileReference: simple('more', () => m.type_IdentityFileReference(), { kind: 'file', max: 150 }, true),
	SchematizedJSON: {
		area: 'more',
		label: () => m.type_SchematizedJSON(),
		rare: true,
		fields: [field('value', () => m.field_json(), { kind: 'json', max: MAX_JSON }), schema()]
	},
	SchematizedXML: {
		area: 'more',
		label: () => m.type_SchematizedXML(),
		rare: true,
		fields: [field('value', () => m.field_xml(), { kind: 'xml', max: MAX_XML }), schema()]
	},
	VerifiableCredential: {
		area: 'more',
		label: () => m.value_credential(),
		rare: true,
		fields: [
			field('value', () => m.field_credential(), {
				kind: 'credential',
				max: 1_000_000,
				hint: () => m.hint_credential()
			}),
			field('type', () => m.field_credentialType(), { hint: () => m.hint_credentialType() })
		]
	},
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
/** Values between two identities; their titles come from who asks. */
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
	ProprietaryFileReference: one({ kind: 'file', max: 150, label: () => m.type_IdentityFileReference() }),
	ProprietaryJSON: one({ kind: 'json', max: MAX_JSON, label: () => m.field_json() }),
	ProprietaryXML: [...one({ kind: 'xml', max: MAX_XML, label: () => m.field_xml() }), schema()],
	Consent: [
		field('consent', () => m.item_consent(), { kind: 'lines', max: 10_000 }),
		field('link', () => m.field_link(), { kind: 'url', max: 1024, optional: true }),
		field('linkDisplayText', () => m.field_linkDisplayText(), { max: 30, optional: true })
	]
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
		value: String(each['key'] ?? ''),
		label: () => String(each['displayName'] ?? each['key'] ?? '')
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
	ProprietaryFileReference: () => m.value_file(),
	Consent: () => m.item_consent()
};
