/** One good value of each type, without its `@type`; what they hold is made up. */
import type { IdentityValueType, RelationshipValueType } from '../values.ts';

/** A truncated reference as long as ours with a base URL of 43 characters. */
export const fileReference = 'RklMazNWOXdMcjdVcTBlWWI1VGN8MnxAAAA';

export const identityValues: Record<IdentityValueType, Record<string, unknown>> = {
	Affiliation: { organization: 'Library', role: 'Reader', unit: 'West' },
	BankAccount: { accountHolder: 'Mirela', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
	BirthDate: { day: 29, month: 2, year: 2004 },
	BirthName: { value: 'Huber' },
	BirthPlace: { city: 'Graz', country: 'AT', state: 'Steiermark' },
	Citizenship: { value: 'AT' },
	CommunicationLanguage: { value: 'de' },
	DeliveryBoxAddress: {
		recipient: 'A',
		userId: '1',
		deliveryBoxId: '2',
		zipCode: '3',
		city: 'C',
		country: 'DE',
		phoneNumber: '0711 1'
	},
	DisplayName: { value: 'Mirela' },
	EMailAddress: { value: 'mirela@example.org' },
	FaxNumber: { value: '+49 1234' },
	GivenName: { value: 'Mirela' },
	HonorificPrefix: { value: 'Dr.' },
	HonorificSuffix: { value: 'MSc' },
	IdentityFileReference: { value: fileReference },
	JobTitle: { value: 'Baker' },
	MaritalStatus: { value: 'civilPartnerDeceased' },
	MiddleName: { value: 'Ana' },
	Nationality: { value: 'DE' },
	PhoneNumber: { value: '(0711) 123-45' },
	PostOfficeBoxAddress: { recipient: 'A', boxId: '7', zipCode: '2', city: 'C', country: 'DE', state: 'S' },
	Pseudonym: { value: 'fern' },
	SchematizedJSON: { value: { a: [1, null] }, schemaURL: 'https://schema.example/a\\b' },
	SchematizedXML: { value: '<a/>', schemaURL: 'https://schema.example/a' },
	Sex: { value: 'intersex' },
	StreetAddress: { recipient: 'A', street: 'B', houseNo: '1', zipCode: '2', city: 'C', country: 'DE', state: 'S' },
	Surname: { value: 'Müller' },
	VerifiableCredential: {
		value: 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln',
		type: 'dc+sd-jwt',
		displayInformation: [{ name: 'Card', locale: 'en' }],
		displayInformationCachedImages: [{ locale: 'en', logo: fileReference }]
	},
	Website: { value: 'https://www.example.org/about' }
};

const titled = { title: 'Shown above', description: 'Shown below' };
const override = {
	valueHintsOverride: { '@type': 'ValueHintsOverride', editHelp: 'As on the card', propertyHints: {} }
};

export const relationshipValues: Record<RelationshipValueType, Record<string, unknown>> = {
	Consent: { consent: 'I accept the rules.', link: 'https://library.example/rules', linkDisplayText: 'Rules' },
	ProprietaryBoolean: { ...titled, value: false, ...override },
	ProprietaryCountry: { ...titled, value: 'FR', ...override },
	ProprietaryEMailAddress: { ...titled, value: 'desk@library.example', ...override },
	ProprietaryFileReference: { ...titled, value: fileReference, ...override },
	ProprietaryFloat: { ...titled, value: -0.5, ...override },
	ProprietaryHEXColor: { ...titled, value: '#00fF7a', ...override },
	ProprietaryInteger: { ...titled, value: -7, ...override },
	ProprietaryJSON: { ...titled, value: [{ deep: null }] },
	ProprietaryLanguage: { ...titled, value: 'sw', ...override },
	ProprietaryPhoneNumber: { ...titled, value: '+49 7', ...override },
	ProprietaryString: { ...titled, value: 'RL-88123', ...override },
	ProprietaryURL: { ...titled, value: 'library.example', ...override },
	ProprietaryXML: { ...titled, value: '<card/>', schemaURL: 'https://schema.example/card', ...override }
};
