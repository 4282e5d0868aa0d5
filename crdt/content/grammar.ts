/**
 * String grammars of content-model.md §0 and §1.5, as predicates and as the pattern a screen may show. Every pattern is
 * linear: no repetition of a repetition over the same characters, so no text can stall a reader.
 */

const labelEdge = 'A-Za-z0-9ÄäÖöÜüß';
/** One part of a host name: 1–63 characters, no hyphen at its edges. */
const label = `[${labelEdge}](?:[${labelEdge}-]{0,61}[${labelEdge}])?`;
const lastLabel = `[${labelEdge}][${labelEdge}-]{0,61}[${labelEdge}]`;

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
export const emailPattern = `^${atom}(?:\\.${atom})*@(?:${label}\\.)+${lastLabel}$`;

const pathSegment = "[A-Za-zÄäÖöÜüß0-9?#@!$&'()*+,;=%-]*";
/** `www.` at the start must be followed by a complete host: `www.de` is none. */
export const urlPattern = `^(?:[A-Za-z]+://)?(?:www\\.|(?!www\\.))(?:${label}\\.)+${label}(?::\\d+)?(?:/${pathSegment})*$`;

export const phonePattern = '^[\\d+\\-x#*()/[\\] ]{3,100}$';

/** As the reference shows it; the slashes around it are not part of the pattern. */
export const hexColorPattern = '^#([0-9A-F]{3}){1,2}$/i';

/** Takes what fits and gives nothing back: JavaScript's way to say an atomic group. */
const once = (name: string, pattern: string) => `(?=(?<${name}>${pattern}))\\k<${name}>`;
/**
 * ConsentRequestItem.link, Consent.link. Its parts overlap, so written plainly it takes cubic time; none of them loses
 * anything by being greedy, which makes it linear (differential test beside this file). A `schemaURL` may also have
 * backslashes in its path.
 */
const linkPattern = (pathChars: string) =>
	'^(?:[a-z]{3,9}:(?://)?(?:[-;:&=+$,\\w]+@)?|www\\.|[-;:&=+$,\\w]+@)' +
	once('host', '[a-z0-9.-]+') +
	once('path', `(?:/[${pathChars}]*)?`) +
	'\\??' +
	once('query', '[-+=&;%@.\\w]*') +
	'#?[.!/\\\\\\w]*$';

const addressPattern = '^did:e:((([A-Za-z0-9]+(-[A-Za-z0-9]+)*)\\.)+[a-z]{2,}|localhost):dids:[0-9a-f]{22}$';

const email = new RegExp(emailPattern);
const url = new RegExp(urlPattern);
const phone = new RegExp(phonePattern);
const link = new RegExp(linkPattern('+~%/.\\w-'), 'i');
const schemaUrl = new RegExp(linkPattern('+~%/.\\w\\\\-'), 'i');
const address = new RegExp(addressPattern);

export const isEmail = (text: string): boolean => email.test(text);
export const isUrl = (text: string): boolean => url.test(text);
export const isPhone = (text: string): boolean => phone.test(text);
export const isLink = (text: string): boolean => link.test(text);
export const isSchemaUrl = (text: string): boolean => schemaUrl.test(text);
export const isHexColor = (text: string): boolean => /^#(?:[0-9A-F]{3}){1,2}$/i.test(text);
export const isAddress = (text: string): boolean => text.length <= 320 && address.test(text);

const isoDate =
	/^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** An ISO-8601 date or date-time as UTC with milliseconds, or nothing. Without an offset it counts as UTC. */
export function toUtc(text: string): string | undefined {
	const parts = isoDate.exec(text);
	if (!parts) return undefined;
	const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts;
	if (!isRealDate(Number(year), Number(month), Number(day))) return undefined;
	const millis = fraction.padEnd(3, '0').slice(0, 3);
	const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
	const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${offset}`);
	return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Whether the calendar has that day (Gregorian, years 1–9999). */
export function isRealDate(year: number, month: number, day: number): boolean {
	const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
	const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
	return days !== undefined && Number.isInteger(day) && day >= 1 && day <= days;
}
