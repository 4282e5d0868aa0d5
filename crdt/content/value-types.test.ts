/** Values by their type (content-behaviours A2): what is taken, what is refused and with which words. */
import { describe, expect, test } from 'vitest';
import { identityValues } from './testing/samples.ts';
import { membersOf, parseIdentityValue, parseRelationshipValue } from './values.ts';

const today = '2030-06-15T12:00:00.000Z';
type Parse = typeof parseIdentityValue | typeof parseRelationshipValue;
const answer = (parse: Parse, json: unknown, strict = false): string => {
	const parsed = parse(json, strict ? { strict: { today } } : {});
	return parsed.ok ? 'ok' : parsed.error.message;
};
const said = (json: unknown, strict = false) => answer(parseIdentityValue, json, strict);

/** Composed types, with what their members are called where they are written out. */
const composed = {
	StreetAddress: {
		street: 'Street',
		houseNo: 'HouseNumber',
		zipCode: 'ZipCode',
		city: 'City',
		country: 'Country',
		state: 'State'
	},
	PostOfficeBoxAddress: { zipCode: 'ZipCode', city: 'City', country: 'Country', state: 'State' },
	DeliveryBoxAddress: { zipCode: 'ZipCode', city: 'City', country: 'Country', phoneNumber: 'PhoneNumber' },
	BirthPlace: { city: 'BirthCity', country: 'BirthCountry', state: 'BirthState' },
	BirthDate: { day: 'BirthDay', month: 'BirthMonth', year: 'BirthYear' },
	Affiliation: { organization: 'AffiliationOrganization', role: 'AffiliationRole', unit: 'AffiliationUnit' }
} as const;

describe.each(Object.entries(composed) as [keyof typeof composed, { readonly [member: string]: string }][])(
	'A2 %s',
	(type, types) => {
		const compact: { readonly [member: string]: unknown } = { '@type': type, ...identityValues[type] };
		const verbose = Object.fromEntries(
			Object.entries(compact).map(([name, value]) => [
				name,
				types[name] === undefined ? value : { '@type': types[name], value }
			])
		);

		test('A2.1 is read from compact JSON', () => {
			expect(parseIdentityValue(JSON.parse(JSON.stringify(compact)))).toEqual({ ok: true, value: compact });
		});

		test('A2.1 is read from verbose JSON, each member with its type', () => {
			expect(verbose).not.toEqual(compact);
			expect(parseIdentityValue(JSON.parse(JSON.stringify(verbose)))).toEqual({ ok: true, value: compact });
		});

		test('A2.1 is read from any object of that shape', () => {
			const given = Object.assign(Object.create({ inherited: 1 }) as object, compact);
			expect(parseIdentityValue(given)).toEqual({ ok: true, value: compact });
		});

		test('A2.1 serialises to text, its members in their order', () => {
			const parsed = parseIdentityValue(verbose);
			expect(parsed.ok && JSON.stringify(parsed.value)).toBe(JSON.stringify(compact));
			const names = membersOf(type).map(({ name }) => name);
			expect(Object.keys(compact).slice(1)).toEqual(names.filter((name) => name in compact));
		});
	}
);

describe('A2 JSON as a value', () => {
	test.each([
		['a string', 'text'],
		['an empty string', ''],
		['a number', -1.5],
		['zero', 0],
		['true', true],
		['false', false],
		['an empty array', []],
		['an array', [1, [null]]],
		['an empty object', {}],
		['an object', { a: { b: [null] } }]
	])('A2.2 SchematizedJSON and ProprietaryJSON hold %s', (_name, value) => {
		const schematized = { '@type': 'SchematizedJSON', value };
		const proprietary = { '@type': 'ProprietaryJSON', title: 't', value };
		for (const [parse, json] of [
			[parseIdentityValue, schematized],
			[parseRelationshipValue, proprietary]
		] as const) {
			const once = parse(json);
			expect(once).toEqual({ ok: true, value: json });
			if (once.ok) expect(parse(JSON.parse(JSON.stringify(once.value)))).toEqual(once);
		}
	});

	test('JSON values have an end, and are never null', () => {
		const long = (length: number) => ({ '@type': 'SchematizedJSON', value: 'x'.repeat(length) });
		expect(said(long(4094))).toBe('ok');
		expect(said(long(4095))).toBe(
			'SchematizedJSON.value:String :: must not be longer than 4096 characters as JSON'
		);
		expect(said({ '@type': 'SchematizedJSON', value: null })).toBe('SchematizedJSON.value :: Value is not usable');
	});
});

test('A2.3 a Statement is no value, with or without object attributes', () => {
	for (const attributes of [[], [{ '@type': 'IdentityAttribute' }]]) {
		const statement = { '@type': 'Statement', predicate: 'hasAttribute', object: { address: '', attributes } };
		for (const parse of [parseIdentityValue, parseRelationshipValue])
			expect(parse(statement)).toMatchObject({ error: { code: 'error.runtime.unknownType' } });
	}
});

const account = identityValues.BankAccount;
test.each([
	['A2.4 a BankAccount with IBAN and BIC', account, 'ok'],
	['A2.4 a BankAccount without BIC', { ...account, bic: undefined }, 'ok'],
	[
		'A2.4 a BankAccount with a bad IBAN',
		{ ...account, iban: 'DE89370400440532013001' },
		'BankAccount.iban:String :: must be an IBAN'
	],
	[
		'A2.4 a BankAccount with a short IBAN',
		{ ...account, iban: 'DE89' },
		'BankAccount.iban:String :: must not be shorter than 14 characters'
	],
	['A2.4 a BankAccount with a bad BIC', { ...account, bic: 'COBADEFFX' }, 'BankAccount.bic:String :: must be a BIC']
])('%s: %3$s', (_name, members, text) => {
	expect(said({ '@type': 'BankAccount', ...members })).toBe(text);
});

describe('A2 birth dates', () => {
	const born = (day: unknown, month: unknown, year: unknown) => ({ '@type': 'BirthDate', day, month, year });
	const noDay = 'BirthDate.day:Number :: must be a day of the calendar';
	test.each([
		['A2.5 a day of the past', born(12, 8, 1990), 'ok'],
		['A2.5 29 February of a leap year', born(29, 2, 2004), 'ok'],
		['A2.5 31 June', born(31, 6, 2000), noDay],
		['A2.5 30 February', born(30, 2, 2004), noDay],
		['A2.5 29 February of another year', born(29, 2, 1900), noDay],
		['A2.5 day 0', born(0, 2, 1900), 'BirthDate.day:Number :: must not be less than 1'],
		['A2.5 day 32', born(32, 1, 1900), 'BirthDate.day:Number :: must not be more than 31'],
		['A2.5 month 0', born(1, 0, 1900), 'BirthDate.month:Number :: must not be less than 1'],
		['A2.5 month 14', born(1, 14, 1900), 'BirthDate.month:Number :: must not be more than 12'],
		['A2.5 year 0', born(1, 1, 0), 'BirthDate.year:Number :: must not be less than 1'],
		['A2.5 year 10000', born(1, 1, 10_000), 'BirthDate.year:Number :: must not be more than 9999'],
		['A2.5 half a day', born(1.5, 1, 1900), 'BirthDate.day:Number :: must be a whole number'],
		['A2.5 a year as text', born(1, 1, '1900'), 'BirthDate.year :: Value is not a number']
	])('%s: %3$s', (_name, value, text) => expect(said(value)).toBe(text));

	test('A2.5 a date of the future is refused from tomorrow on, but only where we make it ourselves', () => {
		expect(said(born(15, 6, 2030), true)).toBe('ok');
		expect(said(born(16, 6, 2030), true)).toBe('BirthDate.year:Number :: must not be in the future');
		expect(said(born(16, 6, 2030))).toBe('ok');
	});
});

test.each([
	['A2.6 an e-mail address of a domain with umlauts', 'a@exämple.org', 'ok'],
	['A2.6 a blank in the name of an e-mail address', 'a b@example.org', 'must be an e-mail address'],
	['A2.6 a blank in the domain of an e-mail address', 'a@example .org', 'must be an e-mail address'],
	['A2.6 an e-mail address without top-level domain', 'a@example', 'must be an e-mail address'],
	['A2.6 an e-mail address with a hyphen at the end of a label', 'a@example-.org', 'must be an e-mail address'],
	['A2.6 an e-mail address that begins with a dot', '.a@example.org', 'must be an e-mail address'],
	['A2.6 two dots in an e-mail address', 'a..b@example.org', 'must be an e-mail address'],
	['A2.6 an empty e-mail address', '', 'must not be shorter than 3 characters']
])('%s: %3$s', (_name, value, text) => {
	const expected = text === 'ok' ? 'ok' : `EMailAddress.value:String :: ${text}`;
	expect(said({ '@type': 'EMailAddress', value })).toBe(expected);
	const proprietary = { '@type': 'ProprietaryEMailAddress', title: 't', value };
	expect(answer(parseRelationshipValue, proprietary)).toBe(expected.replace('EMail', 'ProprietaryEMail'));
});

test.each([
	['A2.7 a website with a scheme', 'https://www.example.org', 'ok'],
	['A2.7 a website without a scheme', 'www.example.org', 'ok'],
	['A2.7 a website with umlauts', 'müller.example', 'ok'],
	['A2.7 a website with a port', 'http://example.org:8080/a/b/c?x=1', 'ok'],
	['A2.7 a website with a long path', `example.org/${'a'.repeat(1000)}`, 'ok'],
	['A2.7 a website with a hyphen in front', '-example.org', 'must be a web address'],
	['A2.7 a website with a hyphen at the end of a label', 'example-.org', 'must be a web address'],
	['A2.7 a website of www. and one label', 'www.org', 'must be a web address'],
	['A2.7 a blank in a website', 'exam ple.org', 'must be a web address'],
	['A2.7 an empty website', '', 'must not be shorter than 3 characters']
])('%s: %3$s', (_name, value, text) => {
	const expected = text === 'ok' ? 'ok' : `Website.value:String :: ${text}`;
	expect(said({ '@type': 'Website', value })).toBe(expected);
	const proprietary = { '@type': 'ProprietaryURL', title: 't', value };
	expect(answer(parseRelationshipValue, proprietary)).toBe(expected.replace('Website', 'ProprietaryURL'));
});
