import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasPermittedCharacters, isPermittedText } from './charset.ts';
import { countries, languages } from './codes.ts';
import { isEmail, isHexColor, isLink, isPhone, isRealDate, isSchemaUrl, isUrl, toUtc } from './grammar.ts';

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
		],
		[isSchemaUrl, ['https://schema.example/a\\b', 'www.example.org'], ['example', 'https://example.org/a b']],
		[isHexColor, ['#fff', '#00FF7a'], ['#ffff', 'fff', '#ggg', '#0000000', '#']]
	])('%o knows good from bad', (grammar, yes, no) => {
		for (const text of yes) expect([text, grammar(text)]).toEqual([text, true]);
		for (const text of no) expect([text, grammar(text)]).toEqual([text, false]);
	});

	/** As content-model.md §1.5 writes them: right, but cubic. */
	const slowSchemaUrl =
		/^(([a-z]{3,9}:(\/\/)?([-;:&=+$,\w]+@)?[a-z0-9.-]+|(www\.|[-;:&=+$,\w]+@)[a-z0-9.-]+)((\/[+~%/.\w\\-]*)?\??[-+=&;%@.\w]*#?[.!/\\\w]*)?)$/i;
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
				expect(isSchemaUrl(pieces.join(''))).toBe(slowSchemaUrl.test(pieces.join('')));
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
				for (const holds of [isUrl, isPhone, isLink, isSchemaUrl]) expect(holds(text)).toBe(false);
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

	test('length is no way to stall or to overflow the check', () => {
		const long = 'Aék͟h'.repeat(4_000_000);
		expect([isPermittedText(long), isPermittedText(`${long}…`)]).toEqual([true, false]);
	});

	const proprietary = { '@type': 'ProprietaryString', title: 'Card', description: 'Number', value: 'Ana' };

	test('B8.4 a forbidden character is found in every string of an identity value', () => {
		expect(hasPermittedCharacters({ '@type': 'GivenName', value: 'Ана' })).toBe(false);
		const account = { '@type': 'BankAccount', accountHolder: 'Ana', iban: 'DE89370400440532013000' };
		expect(hasPermittedCharacters(account)).toBe(true);
		expect(hasPermittedCharacters({ ...account, accountHolder: '名' })).toBe(false);
	});

	test('B8.4 a forbidden character is found in a relationship value', () => {
		expect(hasPermittedCharacters(proprietary)).toBe(true);
		expect(hasPermittedCharacters({ ...proprietary, value: '名' })).toBe(false);
		expect(hasPermittedCharacters({ '@type': 'Consent', consent: '名' })).toBe(false);
	});

	test('B8.4 any character may stand in title and description', () => {
		expect(hasPermittedCharacters({ ...proprietary, title: 'Имя 🙂' })).toBe(true);
		expect(hasPermittedCharacters({ ...proprietary, description: '名' })).toBe(true);
	});

	test('B8.4 a JSON value is looked at where it is a string, and nowhere deeper', () => {
		expect(hasPermittedCharacters({ '@type': 'ProprietaryJSON', title: 't', value: { name: '名' } })).toBe(true);
		expect(hasPermittedCharacters({ '@type': 'ProprietaryJSON', title: 't', value: '名' })).toBe(false);
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
