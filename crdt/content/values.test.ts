import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPermittedText } from './charset.ts';
import { countries, languages } from './codes.ts';
import { isEmail, isLink, isPhone, isRealDate, isUrl, toUtc } from './grammar.ts';
import { invalidTags } from './tags.ts';
import { identityValues } from './testing/samples.ts';
import {
	identityValueTypes,
	relationshipValueTypes,
	membersOf,
	parseIdentityValue,
	renderHints,
	trimValue,
	valueHints,
	type IdentityValue
} from './values.ts';

const today = '2030-06-15T12:00:00.000Z';
const codeOf = (json: unknown, strict = false) => {
	const parsed = parseIdentityValue(json, strict ? { strict: { today } } : {});
	return parsed.ok ? 'ok' : parsed.error.message;
};
const street = identityValues.StreetAddress;
const good = identityValues;

describe('the table of identity values', () => {
	test.each(identityValueTypes)('%s takes a good value as it is, also from our own callers', (type) => {
		const value = { '@type': type, ...good[type] };
		expect(parseIdentityValue(value)).toEqual({ ok: true, value });
		expect(parseIdentityValue(value, { strict: { today } })).toEqual({ ok: true, value });
	});

	test.each(identityValueTypes)('%s has hints for each of its members', (type) => {
		const { propertyHints } = valueHints(type);
		const render = renderHints(type);
		const names = membersOf(type).map(({ name }) => name);
		if (names[0] === 'value') return expect(render.editType).not.toBe('Complex');
		expect(Object.keys(propertyHints)).toEqual(names);
		expect(Object.keys(render.propertyHints)).toEqual(names);
		expect(render).toMatchObject({ technicalType: 'Object', editType: 'Complex' });
	});

	test.each(identityValueTypes)('%s misses each required member by its name', (type) => {
		for (const { name, optional } of membersOf(type)) {
			const value: Record<string, unknown> = { '@type': type, ...good[type] };
			delete value[name];
			expect(codeOf(value)).toBe(optional ? 'ok' : `${type}.${name} :: Value is not defined`);
			const isOptional = optional && !(type === 'VerifiableCredential' && name === 'type');
			expect(codeOf(value, true)).toBe(isOptional ? 'ok' : `${type} :: must have required property '${name}'`);
			const nulled = { '@type': type, ...good[type], [name]: null };
			expect(codeOf(nulled)).toMatch(
				new RegExp(`^${type}\\.${name} :: Value is not (a string|a number|an array|usable)$`)
			);
			expect(codeOf(nulled, true)).not.toBe('ok');
		}
	});

	test('unknown types are unknown', () => {
		expect(parseIdentityValue({ '@type': 'City', value: 'Graz' })).toMatchObject({
			error: {
				code: 'error.runtime.unknownType',
				message:
					"Type 'City' with version 1 was not found within reflection classes. You might have to install a module first."
			}
		});
		for (const none of [undefined, null, 7, 'GivenName', [], {}, { '@type': 7 }, { '@type': '__proto__' }])
			expect(parseIdentityValue(none).ok).toBe(false);
	});

	test('the 29 and 14 types of the content model are all there', () => {
		expect([identityValueTypes.length, relationshipValueTypes.length]).toEqual([29, 14]);
	});

	test('unknown members are dropped from what peers send and refused from our callers', () => {
		const value = { '@type': 'GivenName', value: 'Mirela', colour: 'red' };
		expect(parseIdentityValue(value)).toEqual({ ok: true, value: { '@type': 'GivenName', value: 'Mirela' } });
		expect(codeOf(value, true)).toBe('GivenName :: must NOT have additional properties');
		expect(codeOf({ '@type': 'GivenName', '@version': '1', value: 'Mirela' }, true)).toBe('ok');
	});
});

describe('rules of single types', () => {
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
	])('%s %j is answered "%s"', (type, members, text) => {
		expect(codeOf({ '@type': type, ...members })).toBe(text);
	});

	test('a birth date is refused from tomorrow on, but only where we make it ourselves', () => {
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

describe('grammars', () => {
	test.each([
		[
			isEmail,
			['a@b.de', "o'neil+x@mail.exämple.org", 'a.b@c-d.museum'],
			['a@b', 'a@b.d', '.a@b.de', 'a..b@c.de', 'a.@c.de', 'a@-b.de', 'a@b-.de', 'a b@c.de', '@b.de']
		],
		[
			isUrl,
			['a.d', 'example.org', 'http://example.org:80/a/b', 'www.example.org', 'https://müller.de/?x=1'],
			['www.de', 'localhost', 'http://a b.de', 'example.org/index.html', '-a.de', 'a-.de', 'example.org?x=1']
		],
		[isPhone, ['+49 (0)711 / 123-45', '123', '*21#'], ['12', '+49 abc', '']],
		[
			isLink,
			['https://library.example/rules', 'mailto:me@example.org', 'www.example.org', 'HTTPS://EXAMPLE.ORG'],
			['example', '//example.org', 'https://example.org/a b']
		]
	])('%o knows good from bad', (grammar, yes, no) => {
		for (const text of yes) expect([text, grammar(text)]).toEqual([text, true]);
		for (const text of no) expect([text, grammar(text)]).toEqual([text, false]);
	});

	/** As content-model.md §1.5 writes it: right, but cubic. */
	const slowLink =
		/^(([a-z]{3,9}:(\/\/)?([-;:&=+$,\w]+@)?[a-z0-9.-]+|(www\.|[-;:&=+$,\w]+@)[a-z0-9.-]+)((\/[+~%/.\w-]*)?\??[-+=&;%@.\w]*#?[.!/\\\w]*)?)$/i;
	test('links are judged as the plain pattern judges them', () => {
		const piece = fc.constantFrom(
			'http',
			':',
			'//',
			'www.',
			'a',
			'Z',
			'0',
			'.',
			'-',
			'@',
			'/',
			'?',
			'#',
			'!',
			'\\',
			'~',
			'%',
			'=',
			'+',
			' ',
			';',
			'ß',
			'_'
		);
		const text = fc.oneof(
			fc.array(piece, { maxLength: 14 }),
			fc.array(piece, { maxLength: 10 }).map((rest) => ['http://a', ...rest])
		);
		fc.assert(
			fc.property(text, (pieces) => {
				expect(isLink(pieces.join(''))).toBe(slowLink.test(pieces.join('')));
			}),
			{ numRuns: 5_000 }
		);
	});

	test('no text of the length a member may have stalls a grammar', () => {
		const repeated = ['a', 'a.', '-', 'a-', '/', 'www.', 'a@', 'a/', '?', '#', '1', ':', 'a:', '+'];
		const starts = ['', 'http://', 'abc:', 'www.', 'a@', 'abc://a@a/'];
		for (const part of repeated)
			for (const start of starts) {
				const text = `${(start + part.repeat(1024)).slice(0, 1023)} `;
				for (const holds of [isUrl, isPhone, isLink]) expect(holds(text)).toBe(false);
				expect(isEmail(text.slice(-254))).toBe(false);
			}
	});

	test('dates come out as UTC with milliseconds, whatever the zone, and impossible ones not at all', () => {
		expect(toUtc('2031-03-31')).toBe('2031-03-31T00:00:00.000Z');
		expect(toUtc('2031-03-31T22:00')).toBe('2031-03-31T22:00:00.000Z');
		expect(toUtc('2031-04-01T00:00:00+02:00')).toBe('2031-03-31T22:00:00.000Z');
		expect(toUtc('2031-04-01T00:00:00.123456-0130')).toBe('2031-04-01T01:30:00.123Z');
		for (const none of [
			'',
			'2031',
			'2031-02-30',
			'2031-13-01',
			'2031-01-01T25:00',
			'tomorrow',
			'2031-01-01 10:00',
			'2031-01-01T10:00:00 Z'
		])
			expect(toUtc(none)).toBeUndefined();
	});

	test('the calendar agrees with the platform for every date it can hold', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 9999 }),
				fc.integer({ min: 0, max: 13 }),
				fc.integer({ min: 0, max: 32 }),
				(year, month, day) => {
					const date = new Date(0);
					date.setUTCFullYear(year, month - 1, day);
					const isSame =
						date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
					expect(isRealDate(year, month, day)).toBe(isSame);
				}
			)
		);
	});

	test('the code lists are complete and hold nothing twice', () => {
		expect([countries.length, new Set(countries).size]).toEqual([249, 249]);
		expect([languages.length, new Set(languages).size]).toEqual([183, 183]);
	});
});

describe('permitted characters', () => {
	test.each([
		['Mirela Müller-Çelik', true],
		['Ÿ', true],
		['O’Brien', true],
		['zł 5€', true],
		['C̨̆ S̛̄ r̥̄ L̥ ', true],
		['K͟h k͟h K͟H', true],
		['k͟H', false],
		['̈a', false],
		['X̀', false],
		['Αθήνα', false],
		['Москва', false],
		['東京', false],
		['🙂', false],
		['soft­hyphen', false],
		['–', false],
		['“quoted”', false],
		['\u0000', false],
		['', true]
	])('"%s" is permitted: %s', (text, permitted) => {
		expect(isPermittedText(text)).toBe(permitted);
	});

	test('permitted texts joined are permitted, and one bad character spoils any of them', () => {
		const piece = fc.constantFrom('A̋', 'c̈', 'abc', ' ', 'ß', 'ḳ̄', 'Ĵ');
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(40), (pieces, at) => {
				expect(isPermittedText(pieces.join(''))).toBe(true);
				expect(isPermittedText([...pieces.slice(0, at), '…', ...pieces.slice(at)].join(''))).toBe(false);
			})
		);
	});
});

test('tags mean something by their prefix', () => {
	const good = ['x:private', 'X:', 'urn:a:b', 'language:de', 'mimetype:image/png', 'mimetype:*/*'];
	const bad = ['private', 'URN:a', 'language:xx', 'language:', 'mimetype:image', 'mimetype:audio/mp3', 'bkb:a:b', ''];
	expect(invalidTags([...good, ...bad])).toEqual(bad);
});
