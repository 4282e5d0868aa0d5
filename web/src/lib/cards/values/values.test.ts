import { describe, expect, it, vi } from 'vitest';
import {
	identityValueTypes,
	membersOf,
	relationshipValueTypes,
	type ValueType
} from '../../../../../crdt/content/values.ts';
import { draftErrors, draftOf, valueOfDraft, valueRefusal } from './draft.ts';
import { codeIn, referenceIn, valueLines } from './text.ts';
import { canEdit, canEnter, fieldsOf } from './types.ts';

vi.stubGlobal('navigator', { languages: ['en-GB'] });

/** What comes with a value and is no matter of a form: who asks says it, or the issuer of a credential. */
const beside = ['title', 'description', 'valueHintsOverride', 'displayInformation', 'displayInformationCachedImages'];
/** A credential may come without its format from others; whoever enters one has to say it. */
const needed = ['VerifiableCredential.type'];

const asked = (type: ValueType) =>
	fieldsOf(type)
		.map((field) => `${field.name}${field.optional ? '?' : ''}`)
		.sort();
const members = (type: ValueType) =>
	membersOf(type)
		.filter(({ name }) => !beside.includes(name))
		.map(({ name, optional }) => `${name}${optional && !needed.includes(`${type}.${name}`) ? '?' : ''}`)
		.sort();

it.each([...identityValueTypes])('has a form for %s, with exactly its members', (type) => {
	expect(canEdit(type)).toBe(true);
	expect(asked(type)).toEqual(members(type));
});
it.each([...relationshipValueTypes])('has a form for %s between two, with exactly its members', (type) => {
	expect(canEnter(type)).toBe(true);
	expect(asked(type)).toEqual(members(type));
});

it('goes from value to draft and back without a change', () => {
	for (const value of [
		{ '@type': 'GivenName', value: 'Mara' },
		{ '@type': 'BirthDate', day: 29, month: 2, year: 2000 },
		{
			'@type': 'StreetAddress',
			recipient: 'M',
			street: 'Weg',
			houseNo: '1',
			zipCode: '1',
			city: 'X',
			country: 'DE'
		},
		{ '@type': 'ProprietaryJSON', value: { a: [1, 'x', null, true], b: {} } },
		{ '@type': 'SchematizedJSON', value: 'a text is JSON too', schemaURL: 'https://example.org/s' },
		{ '@type': 'ProprietaryXML', value: '<a b="1">x</a>' },
		{ '@type': 'VerifiableCredential', value: { proof: {} }, type: 'ldp_vc' },
		{ '@type': 'VerifiableCredential', value: 'eyJhbGciOi.J9~', type: 'dc+sd-jwt' },
		{ '@type': 'Consent', consent: 'yes', link: 'https://example.org', linkDisplayText: 'all of it' }
	])
		expect(valueOfDraft(value['@type'], draftOf(value['@type'], value as never))).toEqual(value);
});

it('keeps what a value has besides its form when it is changed, and drops a field that was emptied', () => {
	const before = { '@type': 'ProprietaryXML', title: 'Order', value: '<a/>', schemaURL: 'https://example.org' };
	const draft = { ...draftOf('ProprietaryXML', before), value: '<b/>', schemaURL: '' };
	expect(valueOfDraft('ProprietaryXML', draft, before)).toEqual({
		'@type': 'ProprietaryXML',
		title: 'Order',
		value: '<b/>'
	});
});

it('keeps codes without blanks and in capitals, however they were typed', () => {
	const draft = { accountHolder: 'Mara', iban: 'de89 3704 0044 0532 0130 00', bic: '' };
	expect(draftErrors('BankAccount', draft)).toEqual({});
	expect(valueOfDraft('BankAccount', draft)).toEqual({
		'@type': 'BankAccount',
		accountHolder: 'Mara',
		iban: 'DE89370400440532013000'
	});
});

/** FIL…@https://relay.example|2|key||, as base64url. */
const file = btoa(`FIL${'a'.repeat(17)}@https://relay.example|2|${'k'.repeat(43)}||`).replace(/=+$/, '');

describe('a form says what is wrong', () => {
	it.each([
		['GivenName', { value: '  ' }, 'value'],
		['EMailAddress', { value: 'a@b' }, 'value'],
		['PhoneNumber', { value: 'call me' }, 'value'],
		[
			'StreetAddress',
			{ recipient: 'a', street: 'b', houseNo: 'none', zipCode: '1', city: 'c', country: 'DE' },
			'houseNo'
		],
		['BankAccount', { accountHolder: 'Mara', iban: 'DE89', bic: '' }, 'iban'],
		['BankAccount', { accountHolder: 'Mara', iban: 'DE89 3704 0044 0532 0130 00', bic: 'COBA' }, 'bic'],
		['BirthDate', { day: '31', month: '2', year: '2000' }, 'day'],
		['BirthDate', { day: '1', month: '13', year: '2000' }, 'month'],
		['BirthDate', { day: '1', month: '1', year: '80' }, 'year'],
		['BirthDate', { day: '1', month: '1', year: '2999' }, 'year'],
		['ProprietaryJSON', { value: '{"a": 1' }, 'value'],
		['ProprietaryJSON', { value: 'null' }, 'value'],
		['ProprietaryJSON', { value: `"${'x'.repeat(4095)}"` }, 'value'],
		['SchematizedJSON', { value: '1', schemaURL: 'nowhere' }, 'schemaURL'],
		['ProprietaryXML', { value: '<a>' }, 'value'],
		['ProprietaryFileReference', { value: 'contract.pdf' }, 'value'],
		['ProprietaryFileReference', { value: 'https://app.example/r/RLT12345678901234567#a2V5' }, 'value'],
		['VerifiableCredential', { value: '{"proof": }', type: 'ldp_vc' }, 'value'],
		['Consent', { consent: 'yes', linkDisplayText: 'all of it' }, 'link']
	])('%s %o: %s', (type, draft, field) =>
		expect(Object.keys(draftErrors(type, { ...draftOf(type), ...draft } as never))).toEqual([field])
	);

	it.each([
		['EMailAddress', { value: 'mara@example.org' }],
		['BirthDate', { day: '29', month: '02', year: '2000' }],
		['Website', { value: 'https://example.org/a' }],
		['ProprietaryJSON', { value: '{\n\t"a": 1\n}' }],
		// Counted as it is kept, not as it is laid out.
		['ProprietaryJSON', { value: `{${' '.repeat(5000)}}` }],
		['ProprietaryXML', { value: '<a/>' }],
		['IdentityFileReference', { value: file }]
	])('%s %o is fine', (type, draft) =>
		expect(draftErrors(type, { ...draftOf(type), ...draft } as never)).toEqual({})
	);
});

describe('a value as lines', () => {
	it.each([
		[{ '@type': 'Nationality', value: 'DE' }, ['Germany']],
		[{ '@type': 'CommunicationLanguage', value: 'de' }, ['German']],
		[{ '@type': 'Sex', value: 'female' }, ['female']],
		[{ '@type': 'BirthDate', day: 3, month: 4, year: 1985 }, ['3 April 1985']],
		[
			{
				'@type': 'StreetAddress',
				recipient: 'M',
				street: 'Weg',
				houseNo: '1',
				zipCode: '12',
				city: 'X',
				country: 'DE'
			},
			['M', 'Weg 1', '12 X', 'Germany']
		],
		[
			{ '@type': 'BankAccount', accountHolder: 'Mara', iban: 'DE89370400440532013000' },
			['Mara', 'DE89 3704 0044 0532 0130 00']
		],
		[{ '@type': 'ProprietaryBoolean', title: 'Member', value: true }, ['yes']],
		[{ '@type': 'SomethingNew', title: 'T', a: 'x', b: 2, c: { d: 1 } }, ['x, 2']],
		[{ '@type': 'BirthDate', day: 'x' }, ['']],
		[{ '@type': 'Nationality', value: 'not a code' }, ['not a code']]
	])('%o', (value, lines) => expect(valueLines(value as never)).toEqual(lines));

	it('that is JSON or XML is also shown as it is written', () => {
		expect(codeIn({ '@type': 'ProprietaryJSON', title: 'T', value: { a: 1 } })).toBe('{\n  "a": 1\n}');
		expect(codeIn({ '@type': 'SchematizedXML', value: '<a/>' })).toBe('<a/>');
		expect(codeIn({ '@type': 'GivenName', value: '<a/>' })).toBeUndefined();
	});

	it('that names a file says its name once the file was looked at', () => {
		const value = { '@type': 'IdentityFileReference', value: file };
		expect(referenceIn(value)).toBe(file);
		expect(valueLines(value)).toEqual(['A file']);
		expect(valueLines(value, (reference) => (reference === file ? { label: 'Contract' } : undefined))).toEqual([
			'Contract'
		]);
	});
});

it('turns every refusal into a sentence', () => {
	for (const code of [
		'',
		'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute',
		'error.x.forbiddenCharactersInAttribute'
	])
		expect(valueRefusal(code)).toMatch(/\.$/);
});
