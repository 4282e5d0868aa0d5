import { describe, expect, test } from 'vitest';
import { parseIdentityAttribute } from './parse.ts';
import { identityValues, relationshipValues } from './testing/samples.ts';
import {
	identityValueTypes,
	membersOf,
	parseIdentityValue,
	parseRelationshipValue,
	relationshipValueTypes,
	renderHints,
	trimValue,
	valueHints,
	type IdentityValue
} from './values.ts';

const today = '2030-06-15T12:00:00.000Z';
type Parse = typeof parseIdentityValue | typeof parseRelationshipValue;
const answer = (parse: Parse, json: unknown, strict = false): string => {
	const parsed = parse(json, strict ? { strict: { today } } : {});
	return parsed.ok ? 'ok' : parsed.error.message;
};
const codeOf = (json: unknown, strict = false) => answer(parseIdentityValue, json, strict);
const street = identityValues.StreetAddress;

/** Every type with its parser and a good value. */
const all = [
	...identityValueTypes.map((type) => [type, parseIdentityValue, identityValues[type]] as const),
	...relationshipValueTypes.map((type) => [type, parseRelationshipValue, relationshipValues[type]] as const)
];

describe('the table of values', () => {
	test.each(all)('%s takes a good value as it is, also from our own callers', (type, parse, members) => {
		const value = { '@type': type, ...members };
		expect(parse(value)).toEqual({ ok: true, value });
		expect(parse(value, { strict: { today } })).toEqual({ ok: true, value });
	});

	test.each(all)('%s has hints for what a form asks for', (type) => {
		const names = membersOf(type).map(({ name }) => name);
		const render = renderHints(type);
		if (names.includes('value')) return expect(render.editType).not.toBe('Complex');
		expect(Object.keys(valueHints(type).propertyHints)).toEqual(names);
		expect(Object.keys(render.propertyHints)).toEqual(names);
		expect(render).toMatchObject({ technicalType: 'Object', editType: 'Complex' });
	});

	test.each(all)('%s misses each required member by its name', (type, parse, members) => {
		for (const { name, optional } of membersOf(type)) {
			const { [name]: _gone, ...rest } = { '@type': type, ...members } as Record<string, unknown>;
			// The text of a link stands with its link only.
			if (name === 'link') continue;
			expect(answer(parse, rest)).toBe(optional ? 'ok' : `${type}.${name} :: Value is not defined`);
			const isOptional = optional && !(type === 'VerifiableCredential' && name === 'type');
			expect(answer(parse, rest, true)).toBe(
				isOptional ? 'ok' : `${type} :: must have required property '${name}'`
			);
			const nulled = { ...rest, [name]: null };
			expect(answer(parse, nulled)).toMatch(
				new RegExp(`^${type}\\.${name} :: Value is not (a string|a number|a boolean|an array|usable)$`)
			);
			expect(answer(parse, nulled, true)).not.toBe('ok');
		}
	});

	test.each(all)('%s is refused whole when it belongs to the other kind of attributes', (type, parse, members) => {
		const other = parse === parseIdentityValue ? parseRelationshipValue : parseIdentityValue;
		expect(other({ '@type': type, ...members })).toMatchObject({ error: { code: 'error.runtime.unknownType' } });
	});

	test('unknown types are unknown', () => {
		expect(parseIdentityValue({ '@type': 'City', value: 'Graz' })).toMatchObject({
			error: {
				code: 'error.runtime.unknownType',
				message:
					"Type 'City' with version 1 was not found within reflection classes. You might have to install a module first."
			}
		});
		for (const none of [undefined, null, 7, 'GivenName', [], {}, { '@type': 7 }, { '@type': '__proto__' }]) {
			expect(parseIdentityValue(none).ok).toBe(false);
			expect(parseRelationshipValue(none).ok).toBe(false);
		}
	});

	test('the 29 and 14 types of the content model are all there', () => {
		expect([identityValueTypes.length, relationshipValueTypes.length]).toEqual([29, 14]);
	});

	test('unknown members are dropped from what peers send and refused from our callers', () => {
		const value = { '@type': 'GivenName', value: 'Mirela', colour: 'red' };
		expect(parseIdentityValue(value)).toEqual({ ok: true, value: { '@type': 'GivenName', value: 'Mirela' } });
		expect(codeOf(value, true)).toBe('GivenName :: must NOT have additional properties');
		expect(codeOf({ '@type': 'GivenName', '@version': '1', value: 'Mirela' }, true)).toBe('ok');
		const consent = { '@type': 'Consent', consent: 'Yes', title: 'Rules' };
		expect(answer(parseRelationshipValue, consent)).toBe('ok');
		expect(answer(parseRelationshipValue, consent, true)).toBe('Consent :: must NOT have additional properties');
	});
});

describe('A1 values inside attributes', () => {
	const attribute = (value: object) => ({ '@type': 'IdentityAttribute', owner: '', value });
	const verbose = {
		'@type': 'StreetAddress',
		...street,
		street: { '@type': 'Street', value: 'B' },
		houseNo: { '@type': 'HouseNumber', value: '1' },
		zipCode: { '@type': 'ZipCode', value: '2' },
		city: { value: 'C' },
		country: { '@type': 'Country', value: 'DE' },
		state: { '@type': 'State', value: 'S' }
	};

	test('A1 members of composed values may be objects or scalars, and come out as scalars', () => {
		const bare = attribute({ '@type': 'StreetAddress', ...street });
		expect(parseIdentityAttribute(attribute(verbose))).toEqual({ ok: true, value: bare });
		const mixed = attribute({ ...verbose, city: 'C' });
		expect(parseIdentityAttribute(mixed)).toEqual({ ok: true, value: bare });
	});

	test('A1 a member written out must be of its own type, and callers write scalars', () => {
		expect(codeOf({ ...verbose, street: { '@type': 'City', value: 'B' } })).toBe(
			'StreetAddress.street :: Value is not a string'
		);
		expect(codeOf({ ...verbose, street: { '@type': 'Street' } })).toBe(
			'StreetAddress.street :: Value is not a string'
		);
		expect(codeOf(verbose, true)).toBe('StreetAddress :: street must be string');
	});

	test('A1 too long or wrongly typed members are rejected, and numbers that are not whole', () => {
		expect(codeOf({ ...verbose, street: { '@type': 'Street', value: 'x'.repeat(101) } })).toBe(
			'StreetAddress.street:String :: must not be longer than 100 characters'
		);
		expect(codeOf({ ...verbose, street: 7 })).toBe('StreetAddress.street :: Value is not a string');
		expect(codeOf({ '@type': 'BirthDate', day: 1.5, month: 1, year: 1900 })).toBe(
			'BirthDate.day:Number :: must be a whole number'
		);
	});

	test('A1 JSON → attribute → JSON is stable, whatever object it came in', () => {
		for (const type of identityValueTypes) {
			const json = attribute({ '@type': type, ...identityValues[type] });
			const once = parseIdentityAttribute(Object.assign(Object.create({ inherited: 1 }) as object, json));
			expect(once).toEqual({ ok: true, value: json });
			if (once.ok) expect(parseIdentityAttribute(JSON.parse(JSON.stringify(once.value)))).toEqual(once);
		}
	});

	test('A1 duplicate tags are rejected', () => {
		const given = attribute({ '@type': 'GivenName', value: 'Mirela' });
		expect(parseIdentityAttribute({ ...given, tags: ['x:a', 'x:b'] }).ok).toBe(true);
		expect(parseIdentityAttribute({ ...given, tags: ['x:a', 'x:a'] }).ok).toBe(false);
	});
});

describe('A2 composed values', () => {
	const written = (type: string, value: unknown) => ({ '@type': type, value });
	test.each([
		[
			'StreetAddress',
			{
				street: written('Street', 'B'),
				houseNo: written('HouseNumber', '1'),
				zipCode: written('ZipCode', '2'),
				city: written('City', 'C'),
				country: written('Country', 'DE'),
				state: written('State', 'S')
			}
		],
		[
			'PostOfficeBoxAddress',
			{ zipCode: written('ZipCode', '2'), city: written('City', 'C'), state: written('State', 'S') }
		],
		['DeliveryBoxAddress', { phoneNumber: written('PhoneNumber', '0711 1'), country: written('Country', 'DE') }],
		[
			'BirthPlace',
			{
				city: written('BirthCity', 'Graz'),
				country: written('BirthCountry', 'AT'),
				state: written('BirthState', 'Steiermark')
			}
		],
		[
			'BirthDate',
			{ day: written('BirthDay', 29), month: written('BirthMonth', 2), year: written('BirthYear', 2004) }
		],
		[
			'Affiliation',
			{
				organization: written('AffiliationOrganization', 'Library'),
				role: written('AffiliationRole', 'Reader'),
				unit: written('AffiliationUnit', 'West')
			}
		]
	] as const)('A2 %s is the same from compact and from verbose JSON, and serialises to compact', (type, verbose) => {
		const compact = { '@type': type, ...identityValues[type] };
		expect(parseIdentityValue({ ...compact, ...verbose })).toEqual({ ok: true, value: compact });
		const parsed = parseIdentityValue(JSON.parse(JSON.stringify(compact)));
		expect(parsed.ok && JSON.stringify(parsed.value)).toBe(JSON.stringify(compact));
	});

	test.each(['text', '', 0, -1.5, true, false, [], [1, [null]], {}, { a: { b: [null] } }])(
		'A2 SchematizedJSON and ProprietaryJSON hold %j',
		(value) => {
			const schematized = { '@type': 'SchematizedJSON', value };
			expect(parseIdentityValue(schematized)).toEqual({ ok: true, value: schematized });
			const proprietary = { '@type': 'ProprietaryJSON', title: 't', value };
			expect(parseRelationshipValue(proprietary)).toEqual({ ok: true, value: proprietary });
		}
	);

	test('A2 JSON values have an end, and are never null', () => {
		const long = (length: number) => ({ '@type': 'SchematizedJSON', value: 'x'.repeat(length) });
		expect(codeOf(long(4094))).toBe('ok');
		expect(codeOf(long(4095))).toBe(
			'SchematizedJSON.value:String :: must not be longer than 4096 characters as JSON'
		);
		expect(codeOf({ '@type': 'SchematizedJSON', value: null })).toBe(
			'SchematizedJSON.value :: Value is not usable'
		);
	});

	test('A2 a Statement is no value, with or without object attributes', () => {
		const statement = { '@type': 'Statement', predicate: 'hasAttribute', object: { address: '', attributes: [] } };
		expect(parseIdentityValue(statement)).toMatchObject({ error: { code: 'error.runtime.unknownType' } });
		expect(parseRelationshipValue(statement)).toMatchObject({ error: { code: 'error.runtime.unknownType' } });
	});

	const account = identityValues.BankAccount;
	test.each([
		['IBAN and BIC', account, 'ok'],
		['no BIC', { ...account, bic: undefined }, 'ok'],
		['a bad IBAN', { ...account, iban: 'DE89370400440532013001' }, 'BankAccount.iban:String :: must be an IBAN'],
		[
			'a short IBAN',
			{ ...account, iban: 'DE89' },
			'BankAccount.iban:String :: must not be shorter than 14 characters'
		],
		['a bad BIC', { ...account, bic: 'COBADEFFX' }, 'BankAccount.bic:String :: must be a BIC']
	])('A2 a BankAccount with %s: %s', (_name, members, text) => {
		expect(codeOf({ '@type': 'BankAccount', ...members })).toBe(text);
	});

	test.each([
		['a@exämple.org', 'ok'],
		['a b@example.org', 'must be an e-mail address'],
		['a@example .org', 'must be an e-mail address'],
		['a@example', 'must be an e-mail address'],
		['a@example-.org', 'must be an e-mail address'],
		['.a@example.org', 'must be an e-mail address'],
		['a..b@example.org', 'must be an e-mail address'],
		['', 'must not be shorter than 3 characters']
	])('A2 the e-mail address %j: %s', (value, text) => {
		const expected = text === 'ok' ? 'ok' : `EMailAddress.value:String :: ${text}`;
		expect(codeOf({ '@type': 'EMailAddress', value })).toBe(expected);
		const proprietary = { '@type': 'ProprietaryEMailAddress', title: 't', value };
		expect(answer(parseRelationshipValue, proprietary)).toBe(expected.replace('EMail', 'ProprietaryEMail'));
	});

	test.each([
		['https://www.example.org', 'ok'],
		['www.example.org', 'ok'],
		['müller.example', 'ok'],
		['http://example.org:8080/a/b/c?x=1', 'ok'],
		[`example.org/${'a'.repeat(1000)}`, 'ok'],
		['-example.org', 'must be a web address'],
		['example-.org', 'must be a web address'],
		['www.org', 'must be a web address'],
		['exam ple.org', 'must be a web address'],
		['', 'must not be shorter than 3 characters']
	])('A2 the website %j: %s', (value, text) => {
		const expected = text === 'ok' ? 'ok' : `Website.value:String :: ${text}`;
		expect(codeOf({ '@type': 'Website', value })).toBe(expected);
	});
});

describe('rules of relationship values', () => {
	const titled = { title: 't' };
	test.each([
		[
			'ProprietaryString',
			{ ...titled, value: 'x'.repeat(101) },
			'value:String :: must not be longer than 100 characters'
		],
		[
			'ProprietaryString',
			{ title: 'x'.repeat(101), value: '' },
			'title:String :: must not be longer than 100 characters'
		],
		[
			'ProprietaryString',
			{ ...titled, description: 'x'.repeat(1001), value: '' },
			'description:String :: must not be longer than 1000 characters'
		],
		['ProprietaryBoolean', { ...titled, value: 'true' }, 'value :: Value is not a boolean'],
		['ProprietaryInteger', { ...titled, value: 1.5 }, 'value:Number :: must be a whole number'],
		['ProprietaryInteger', { ...titled, value: '1' }, 'value :: Value is not a number'],
		['ProprietaryFloat', { ...titled, value: Infinity }, 'value:Number :: must be a finite number'],
		['ProprietaryCountry', { ...titled, value: 'XX' }, 'value:String :: must be one of the listed values'],
		['ProprietaryHEXColor', { ...titled, value: '#ffff' }, 'value:String :: must be a colour, #RGB or #RRGGBB'],
		[
			'ProprietaryFileReference',
			{ ...titled, value: 'short' },
			'value:String :: must not be shorter than 30 characters'
		],
		[
			'ProprietaryXML',
			{ ...titled, value: '', schemaURL: 'x' },
			'schemaURL:String :: must not be shorter than 3 characters'
		],
		['ProprietaryXML', { ...titled, value: '', schemaURL: 'nothing' }, 'schemaURL:String :: must be a link'],
		['Consent', { consent: 'x'.repeat(10_001) }, 'consent:String :: must not be longer than 10000 characters'],
		['Consent', { consent: '', link: 'rules' }, 'link:String :: must be a link'],
		['Consent', { consent: '', linkDisplayText: 'Rules' }, 'linkDisplayText:String :: needs a link'],
		[
			'Consent',
			{ consent: '', link: 'www.a.b', linkDisplayText: 'x' },
			'linkDisplayText:String :: must not be shorter than 3 characters'
		]
	])('%s %j is answered "%s"', (type, members, text) => {
		expect(answer(parseRelationshipValue, { '@type': type, ...members })).toBe(`${type}.${text}`);
	});
});

describe('rules of identity values', () => {
	test.each([
		['GivenName', { value: '' }, 'ok'],
		['GivenName', { value: 'x'.repeat(100) }, 'ok'],
		['GivenName', { value: 'x'.repeat(101) }, 'GivenName.value:String :: must not be longer than 100 characters'],
		['GivenName', { value: 7 }, 'GivenName.value :: Value is not a string'],
		['EMailAddress', { value: '' }, 'EMailAddress.value:String :: must not be shorter than 3 characters'],
		['EMailAddress', { value: 'a b@c.de' }, 'EMailAddress.value:String :: must be an e-mail address'],
		['Nationality', { value: 'XX' }, 'Nationality.value:String :: must be one of the listed values'],
		['Nationality', { value: 'de' }, 'Nationality.value:String :: must be one of the listed values'],
		[
			'CommunicationLanguage',
			{ value: 'DE' },
			'CommunicationLanguage.value:String :: must be one of the listed values'
		],
		['Sex', { value: 'other' }, 'Sex.value:String :: must be one of the listed values'],
		['BirthDate', { day: 31, month: 6, year: 2000 }, 'BirthDate.day:Number :: must be a day of the calendar'],
		['BirthDate', { day: 29, month: 2, year: 1900 }, 'BirthDate.day:Number :: must be a day of the calendar'],
		['BirthDate', { day: 0, month: 2, year: 1900 }, 'BirthDate.day:Number :: must not be less than 1'],
		['BirthDate', { day: 1, month: 14, year: 1900 }, 'BirthDate.month:Number :: must not be more than 12'],
		['BirthDate', { day: 1.5, month: 1, year: 1900 }, 'BirthDate.day:Number :: must be a whole number'],
		['BirthDate', { day: 1, month: 1, year: '1900' }, 'BirthDate.year :: Value is not a number'],
		[
			'StreetAddress',
			{ ...street, country: 'D' },
			'StreetAddress.country:String :: must be one of the listed values'
		]
	])('A2 %s %j is answered "%s"', (type, members, text) => {
		expect(codeOf({ '@type': type, ...members })).toBe(text);
	});

	test('A2 a birth date is refused from tomorrow on, but only where we make it ourselves', () => {
		const date = (day: number) => ({ '@type': 'BirthDate', day, month: 6, year: 2030 });
		expect(codeOf(date(15), true)).toBe('ok');
		expect(codeOf(date(16), true)).toBe('BirthDate.year:Number :: must not be in the future');
		expect(codeOf(date(16))).toBe('ok');
	});

	test('blanks at the edges of the strings of a value are taken away, inner ones stay', () => {
		expect(trimValue({ '@type': 'GivenName', value: '\t Ana Maria \n' } as IdentityValue)).toEqual({
			'@type': 'GivenName',
			value: 'Ana Maria'
		});
	});
});
