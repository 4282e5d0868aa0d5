import { describe, expect, it, vi } from 'vitest';
import { identityValueTypes, membersOf } from '../../../../crdt/content/values.ts';
import { draftErrors, draftOf, valueLines, valueOfDraft, valueRefusal, valueTypes } from './values.ts';

vi.stubGlobal('navigator', { languages: ['en-GB'] });

/** Kept and shown, but nobody types them in: references to files, data for machines. */
const neverTyped = ['IdentityFileReference', 'SchematizedJSON', 'SchematizedXML', 'VerifiableCredential'];

it('has a form for every value type of the engine that people type in, with exactly its members', () => {
	const typed = identityValueTypes.filter((type) => !neverTyped.includes(type));
	expect(Object.keys(valueTypes).sort()).toEqual([...typed].sort());
	for (const type of typed) {
		const asked = valueTypes[type]!.fields.map((f) => `${f.name}${f.optional ? '?' : ''}`).sort();
		expect([type, asked]).toEqual([
			type,
			membersOf(type)
				.map((x) => `${x.name}${x.optional ? '?' : ''}`)
				.sort()
		]);
	}
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
		}
	])
		expect(valueOfDraft(value['@type'], draftOf(value['@type'], value))).toEqual(value);
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
		['BirthDate', { day: '1', month: '1', year: '2999' }, 'year']
	])('%s %o: %s', (type, draft, field) =>
		expect(Object.keys(draftErrors(type, { ...draftOf(type), ...draft } as never))).toEqual([field])
	);

	it.each([
		['EMailAddress', { value: 'mara@example.org' }],
		['BirthDate', { day: '29', month: '02', year: '2000' }],
		['Website', { value: 'https://example.org/a' }]
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
});

it('turns every refusal into a sentence', () => {
	for (const code of [
		'',
		'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute',
		'error.x.forbiddenCharactersInAttribute'
	])
		expect(valueRefusal(code)).toMatch(/\.$/);
});
