/**
 * Bank account numbers: IBAN (ISO 13616, check digits by ISO 7064 mod 97-10) and BIC (ISO 9362). Upper-case, without blanks,
 * as BankAccount holds them (content-model.md §1.2). Where the IBAN registry names a length for a country it must be met.
 */
import { countries } from './codes.ts';

const lengths: { readonly [country: string]: number } = Object.fromEntries(
	(
		'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
		'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
		'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
		'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
	)
		.split(' ')
		.map((entry) => [entry.slice(0, 2), Number(entry.slice(2))])
);

/** Kosovo has account numbers but no place in the country list. */
const isBankCountry = (code: string): boolean => code === 'XK' || countries.includes(code);

export function isIban(text: string): boolean {
	if (!/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(text)) return false;
	const country = text.slice(0, 2);
	if (!isBankCountry(country) || (lengths[country] ?? text.length) !== text.length) return false;
	return mod97(text.slice(4) + text.slice(0, 4)) === 1;
}

/** Letters count as 10 (A) to 35 (Z); the number is taken digit by digit, as it is longer than numbers can be. */
const mod97 = (text: string): number =>
	[...text].reduce((rest, char) => {
		const value = Number.parseInt(char, 36);
		return (rest * (value > 9 ? 100 : 10) + value) % 97;
	}, 0);

/** Eight characters for an institution, three more for a branch. Case is not told apart. */
export const isBic = (text: string): boolean =>
	/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/i.test(text) && isBankCountry(text.slice(4, 6).toUpperCase());
