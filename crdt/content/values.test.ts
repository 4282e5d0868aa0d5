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

	const bare = attribute({ '@type': 'StreetAddress', ...street });
	test.each([
		['A1.1 members may be objects', verbose],
		['A1.1 members may be bare scalars', bare.value],
		['A1.1 members may be some of each', { ...verbose, city: 'C' }]
	])('%s, and are serialised as bare scalars', (_name, value) => {
		const parsed = parseIdentityAttribute(attribute(value));
		expect(parsed).toEqual({ ok: true, value: bare });
		expect(parsed.ok && JSON.stringify(parsed.value.value)).toBe(JSON.stringify(bare.value));
	});

	test('A1.1 a member written out is of its own type, and callers write scalars', () => {
		expect(codeOf({ ...verbose, street: { '@type': 'City', value: 'B' } })).toBe(
			'StreetAddress.street :: Value is not a string'
		);
		expect(codeOf({ ...verbose, street: { '@type': 'Street' } })).toBe(
			'StreetAddress.street :: Value is not a string'
		);
		expect(codeOf(verbose, true)).toBe('StreetAddress :: street must be string');
	});

	const tooLong = 'StreetAddress.street:String :: must not be longer than 100 characters';
	const born = { '@type': 'BirthDate', month: 1, year: 1900 };
	test.each([
		[
			'A1.2 a text member that is too long, written out',
			{ ...verbose, street: { value: 'x'.repeat(101) } },
			tooLong
		],
		['A1.2 a text member that is too long', { ...verbose, street: 'x'.repeat(101) }, tooLong],
		[
			'A1.2 a text member that is a number',
			{ ...verbose, street: 7 },
			'StreetAddress.street :: Value is not a string'
		],
		[
			'A1.2 a text member written out with a number',
			{ ...verbose, street: { '@type': 'Street', value: 7 } },
			'StreetAddress.street :: Value is not a string'
		],
		[
			'A1.2 a number member that is not whole',
			{ ...born, day: 1.5 },
			'BirthDate.day:Number :: must be a whole number'
		],
		[
			'A1.2 a number member written out that is not whole',
			{ ...born, day: { '@type': 'BirthDay', value: 1.5 } },
			'BirthDate.day:Number :: must be a whole number'
		]
	])('%s is rejected', (_name, value, text) => expect(codeOf(value)).toBe(text));

	test.each(identityValueTypes)('A1.3 JSON → attribute → JSON is stable for %s', (type) => {
		const json = attribute({ '@type': type, ...identityValues[type] });
		const once = parseIdentityAttribute(JSON.parse(JSON.stringify(json)));
		expect(once).toEqual({ ok: true, value: json });
		if (once.ok) expect(parseIdentityAttribute(JSON.parse(JSON.stringify(once.value)))).toEqual(once);
	});

	test('A1.3 a value is of the type its @type names, whatever its members are', () => {
		const typeRead = (type?: string) => {
			const parsed = parseIdentityAttribute(attribute({ '@type': type, value: 'Mirela' }));
			return parsed.ok ? parsed.value.value['@type'] : parsed.error.message;
		};
		expect([typeRead('GivenName'), typeRead('Surname')]).toEqual(['GivenName', 'Surname']);
		expect(typeRead()).toBe('IdentityAttribute.value :: @type is not defined');
	});

	test('A1.3 any object of that shape is taken, wherever it comes from', () => {
		const json = attribute({ '@type': 'GivenName', ...identityValues.GivenName });
		const given = Object.assign(Object.create({ inherited: 1 }) as object, json);
		expect(parseIdentityAttribute(given)).toEqual({ ok: true, value: json });
		const bare = Object.assign(Object.create(null) as object, json);
		expect(parseIdentityAttribute(bare)).toEqual({ ok: true, value: json });
	});

	test('A1.4 duplicate tags are rejected', () => {
		const given = attribute({ '@type': 'GivenName', value: 'Mirela' });
		expect(parseIdentityAttribute({ ...given, tags: ['x:a', 'x:b'] }).ok).toBe(true);
		expect(parseIdentityAttribute({ ...given, tags: ['x:a', 'x:a'] })).toMatchObject({
			error: { message: 'IdentityAttribute.tags:Array :: must not contain an entry twice' }
		});
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
		[
			'StreetAddress',
			{ ...street, country: 'D' },
			'StreetAddress.country:String :: must be one of the listed values'
		]
	])('%s %j is answered "%s"', (type, members, text) => {
		expect(codeOf({ '@type': type, ...members })).toBe(text);
	});

	test('blanks at the edges of the strings of a value are taken away, inner ones stay', () => {
		expect(trimValue({ '@type': 'GivenName', value: '\t Ana Maria \n' } as IdentityValue)).toEqual({
			'@type': 'GivenName',
			value: 'Ana Maria'
		});
	});
});
