/**
 * Characters that values of attributes may hold: DIN 91379 "datatype C" (content-model.md Appendix A). Single code points
 * plus listed base-and-combining sequences; nothing is normalised first. A sequence is tried before its base alone, and
 * no combining mark is allowed alone, so matching never backtracks far.
 */

const singles =
	'0009-000A 000D 0020-007E 00A0-00AC 00AE-017E 0187-0188 018F 0197 01A0-01A1 01AF-01B0 01B7 01CD-01DC 01DE-01DF ' +
	'01E2-01F0 01F4-01F5 01F8-01FF 0212-0213 0218-021B 021E-021F 0227-0233 0259 0268 0292 02B9-02BA 02BE-02BF 02C8 ' +
	'02CC 1E02-1E03 1E06-1E07 1E0A-1E11 1E17 1E1C-1E2B 1E2F-1E37 1E3A-1E3B 1E40-1E49 1E52-1E5B 1E5E-1E63 1E6A-1E6F ' +
	'1E80-1E87 1E8C-1E97 1E9E 1EA0-1EF9 2019 2021 20AC';

/** Base letters, then the marks each of them may carry; a mark written `0328_0306` is two in a row. */
const sequences: readonly (readonly [bases: string, marks: string])[] = [
	['Aa', '030B'],
	['Cc', '0300 0304 0306 0308 0315 0323 0326 0328_0306'],
	['Dd', '0302'],
	['Ff', '0300 0304'],
	['Gg', '0300'],
	['H', '0304 0326 0331'],
	['h', '0304 0326'],
	['J', '0301 030C'],
	['j', '0301'],
	['Kk', '0300 0302 0304 0307 0315 031B 0326 035F_0068'],
	['K', '035F_0048'],
	['Ll', '0302 0325 0325_0304 0326'],
	['Mm', '0300 0302 0306 0310'],
	['Nn', '0302 0304 0306 0326'],
	['Pp', '0300 0304 0315 0323'],
	['Rr', '0306 0325 0325_0304'],
	['Ss', '0300 0304 031B_0304 0331'],
	['T', '0300 0304 0308 0315 031B'],
	['t', '0300 0304 0315 031B'],
	['Uu', '0307'],
	['Zz', '0300 0304 0306 0308 0327'],
	['Çç', '0306'],
	['Ûû', '0304'],
	['ÿ', '0301'],
	['Čč', '0315 0323'],
	['ē', '030D'],
	['Īī', '0301'],
	['ō', '030D'],
	['Žž', '0326 0327'],
	['ḲḳṢṣṬṭ', '0304'],
	['ẠạỌọ', '0308'],
	['Ụụ', '0304 0308']
];

const escape = (hex: string) => `\\u${hex}`;
const singleClass = `[${singles
	.split(' ')
	.map((range) => range.split('-').map(escape).join('-'))
	.join('')}]`;
const sequencePatterns = sequences.map(([bases, marks]) => {
	const tails = marks.split(' ').map((mark) => mark.split('_').map(escape).join(''));
	// Longer tails first: `0325_0304` must win over `0325`.
	return `[${bases}](?:${tails.sort((a, b) => b.length - a.length).join('|')})`;
});
/** A stretch at a time: over millions of characters at once, the matcher's own stack would overflow. */
const stretch = new RegExp(`(?:${sequencePatterns.join('|')}|${singleClass}){1,10000}`, 'uy');

export function isPermittedText(text: string): boolean {
	for (let at = 0; at < text.length; at = stretch.lastIndex) {
		stretch.lastIndex = at;
		if (!stretch.test(text)) return false;
	}
	return true;
}

/** What a relationship value is called may hold any character; no identity value has such members. */
const exempt: readonly string[] = ['title', 'description'];

/** Whether every top-level string of a value, but title and description, is permitted (content-model.md §1.7). */
export const hasPermittedCharacters = (value: object): boolean =>
	Object.entries(value).every(
		([member, x]) => typeof x !== 'string' || exempt.includes(member) || isPermittedText(x)
	);
