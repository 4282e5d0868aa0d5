import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBic, isIban } from './bank.ts';

const ibans = [
	'DE89370400440532013000',
	'GB29NWBK60161331926819',
	'FR1420041010050500013M02606',
	'NO9386011117947',
	'MT84MALT011000012345MTLCAST001S',
	'CH9300762011623852957',
	'XK051212012345678906'
];

describe('IBAN', () => {
	test.each(ibans)('%s is one', (iban) => expect(isIban(iban)).toBe(true));

	test('with one character changed or two neighbours swapped it is none', () => {
		const characters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
		fc.assert(
			fc.property(
				fc.constantFrom(...ibans),
				fc.nat(40),
				fc.constantFrom(...characters),
				(iban, at, character) => {
					const i = 4 + (at % (iban.length - 5));
					const changed = iban.slice(0, i) + character + iban.slice(i + 1);
					// A digit for a digit, a letter for a letter: the number keeps its length, and 97 cannot divide the difference.
					fc.pre(changed !== iban && /\d/.test(character) === /\d/.test(iban.charAt(i)));
					expect(isIban(changed)).toBe(false);
					const swapped = iban.slice(0, i) + iban.charAt(i + 1) + iban.charAt(i) + iban.slice(i + 2);
					expect(isIban(swapped)).toBe(swapped === iban);
				}
			)
		);
	});

	test.each([
		['blanks', 'DE89 3704 0044 0532 0130 00'],
		['small letters', 'de89370400440532013000'],
		['a missing digit', 'DE8937040044053201300'],
		['another country’s length', 'NO93860111179470'],
		['a country that is none', 'ZZ89370400440532013000'],
		['nothing', '']
	])('with %s it is none', (_name, iban) => expect(isIban(iban)).toBe(false));

	test('the check digits agree with arithmetic on whole numbers', () => {
		const slow = (iban: string) => {
			const digits = [...(iban.slice(4) + iban.slice(0, 4))].map((c) => Number.parseInt(c, 36)).join('');
			return BigInt(digits) % 97n === 1n;
		};
		fc.assert(
			fc.property(fc.stringMatching(/^[0-9]{2}[A-Z0-9]{4}[0-9]{14}$/), (rest) => {
				const iban = `GB${rest}`;
				expect(isIban(iban)).toBe(slow(iban));
			}),
			{ numRuns: 2_000 }
		);
	});
});

test.each([
	['COBADEFF', true],
	['COBADEFFXXX', true],
	['NEDSZAJJ101', true],
	['COBADEF', false],
	['COBADEFFXX', false],
	['COBA2EFF', false],
	['COBAZZFF', false],
	['COBADEFFXXXX', false]
])('%s as BIC: %s', (bic, expected) => expect(isBic(bic)).toBe(expected));
