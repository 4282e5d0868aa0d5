/**
 * The values attributes may have: one row per type, 29 of identities and 14 of relationships (content-model.md §1.2, §1.3).
 * Parsing, hints, REST errors, forms and tests read this table and nothing else.
 *
 * Registered in the reference but in no allow-list, hence in no row: Statement, measurements, date strings (§1.8), and the
 * child types of composed values, which may stand only inside their parents (`child`).
 */
import { isRealDate } from './grammar.ts';
import type { RenderHints } from './hints.ts';
import { valueHintsOverrideShape } from './hints.ts';
import {
	bic,
	boolean,
	cachedImages,
	carried,
	child,
	choice,
	country,
	credential,
	credentialFormat,
	displayInformation,
	email,
	fileReference,
	float,
	hexColor,
	iban,
	integer,
	json,
	language,
	link,
	maritalStatus,
	optional,
	phone,
	plain,
	rendered,
	schemaUrl,
	sex,
	unhinted,
	website,
	xml,
	type Member
} from './value-members.ts';

/** One type: its members by name, and a rule over all of them. */
export interface Row {
	readonly members: { readonly [member: string]: Member };
	readonly whole?: { readonly member: string; readonly reason: string; holds(value: never): boolean };
	readonly render: RenderHints;
}

/** A single `value`, with what may stand beside it. */
const simple = (value: Member, beside: Row['members'] = {}): Row => ({
	members: { value, ...beside },
	render: value.render
});
const composed = (members: Row['members'], rule?: Row['whole']): Row => ({
	members,
	...(rule && { whole: rule }),
	render: {
		...rendered('Object', 'Complex'),
		propertyHints: Object.fromEntries(Object.entries(members).map(([name, member]) => [name, member.render]))
	}
});

const name = simple(plain());
const place = {
	zipCode: child('ZipCode'),
	city: child('City'),
	country: child('Country', country),
	state: optional(child('State'))
};

const birthDate = composed(
	{
		day: child('BirthDay', choice(1, 31, 'Day')),
		month: child('BirthMonth', choice(1, 12, 'Month', 'i18n://yourBirthMonth')),
		year: child('BirthYear', choice(1, 9999, 'Year'))
	},
	{
		member: 'day',
		reason: 'must be a day of the calendar',
		holds: (date: { day: number; month: number; year: number }) => isRealDate(date.year, date.month, date.day)
	}
);

const withSchema = { schemaURL: optional(schemaUrl) };

export const identityRows = {
	Affiliation: composed({
		organization: child('AffiliationOrganization'),
		role: optional(child('AffiliationRole')),
		unit: optional(child('AffiliationUnit'))
	}),
	BankAccount: composed({ accountHolder: plain(), iban, bic: optional(bic) }),
	BirthDate: birthDate,
	BirthName: name,
	BirthPlace: composed({
		city: child('BirthCity'),
		country: child('BirthCountry', country),
		state: optional(child('BirthState'))
	}),
	Citizenship: simple(country),
	CommunicationLanguage: simple(language),
	DeliveryBoxAddress: composed({
		recipient: unhinted,
		userId: unhinted,
		deliveryBoxId: unhinted,
		...place,
		phoneNumber: optional(child('PhoneNumber', phone))
	}),
	DisplayName: name,
	EMailAddress: simple(email),
	FaxNumber: simple(phone),
	GivenName: name,
	HonorificPrefix: name,
	HonorificSuffix: name,
	IdentityFileReference: simple(fileReference),
	JobTitle: name,
	MaritalStatus: simple(maritalStatus),
	MiddleName: name,
	Nationality: simple(country),
	PhoneNumber: simple(phone),
	PostOfficeBoxAddress: composed({ recipient: unhinted, boxId: unhinted, ...place }),
	Pseudonym: name,
	SchematizedJSON: simple(json, withSchema),
	SchematizedXML: simple(xml, withSchema),
	Sex: simple(sex),
	StreetAddress: composed({
		recipient: unhinted,
		street: child('Street'),
		houseNo: child('HouseNumber'),
		...place
	}),
	Surname: name,
	VerifiableCredential: simple(credential, {
		type: credentialFormat,
		displayInformation,
		displayInformationCachedImages: cachedImages
	}),
	Website: simple(website)
} as const satisfies Record<string, Row>;

const titled = { title: plain(), description: optional(plain(1000)) };
/** A proprietary value: a title, the value, and hints that may say otherwise than its type's. */
const proprietary = (value: Member, beside: Row['members'] = {}): Row =>
	simple(value, { ...titled, ...beside, valueHintsOverride: carried(valueHintsOverrideShape, 'object') });

export const relationshipRows = {
	Consent: composed(
		{ consent: plain(10_000), link: optional(link), linkDisplayText: optional(plain(30, 3)) },
		{
			member: 'linkDisplayText',
			reason: 'needs a link',
			holds: (value: { link?: string; linkDisplayText?: string }) =>
				value.linkDisplayText === undefined || value.link !== undefined
		}
	),
	ProprietaryBoolean: proprietary(boolean),
	ProprietaryCountry: proprietary(country),
	ProprietaryEMailAddress: proprietary(email),
	ProprietaryFileReference: proprietary(fileReference),
	ProprietaryFloat: proprietary(float),
	ProprietaryHEXColor: proprietary(hexColor),
	ProprietaryInteger: proprietary(integer),
	ProprietaryJSON: simple(json, titled),
	ProprietaryLanguage: proprietary(language),
	ProprietaryPhoneNumber: proprietary(phone),
	ProprietaryString: proprietary(plain()),
	ProprietaryURL: proprietary(website),
	ProprietaryXML: proprietary(xml, withSchema)
} as const satisfies Record<string, Row>;

export type IdentityValueType = keyof typeof identityRows;
export type RelationshipValueType = keyof typeof relationshipRows;
export type ValueType = IdentityValueType | RelationshipValueType;

/** In alphabetical order. */
export const identityValueTypes = Object.keys(identityRows) as readonly IdentityValueType[];
export const relationshipValueTypes = Object.keys(relationshipRows) as readonly RelationshipValueType[];
export const isIdentityValueType = (type: unknown): type is IdentityValueType =>
	typeof type === 'string' && Object.hasOwn(identityRows, type);
export const isRelationshipValueType = (type: unknown): type is RelationshipValueType =>
	typeof type === 'string' && Object.hasOwn(relationshipRows, type);

const rows: { readonly [type: string]: Row } = { ...identityRows, ...relationshipRows };
export function rowOf(type: ValueType): Row {
	const row = rows[type];
	if (!row) throw new Error(`no value type ${type}`);
	return row;
}
