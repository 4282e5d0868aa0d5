/** Dates as people say them: relative up to a week, then absolute (design-language.md). Everything by Intl, in the chosen language. */
import { getLocale } from '$lib/paraglide/runtime.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Dates in the region the person's browser names for the chosen language; "en" alone would mean American ones. */
function formatLocale(): string {
	const locale = getLocale();
	const regional =
		typeof navigator === 'undefined' ? undefined : navigator.languages.find((tag) => tag.startsWith(`${locale}-`));
	return regional ?? { en: 'en-GB', de: 'de-DE' }[locale];
}

const made = new Map<string, unknown>();
/** Formatters are slow to make and asked for in every row. */
function format<T>(key: string, make: (locale: string) => T): T {
	const locale = formatLocale();
	const name = `${locale} ${key}`;
	let formatter = made.get(name) as T | undefined;
	if (!formatter) made.set(name, (formatter = make(locale)));
	return formatter;
}
const dated = (key: string, options: Intl.DateTimeFormatOptions) =>
	format(key, (locale) => new Intl.DateTimeFormat(locale, options));
const relative = () => format('relative', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));

const startOfDay = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0);
/** Calendar days from `to` back to `from`: yesterday is 1 even five minutes after midnight. */
const daysBetween = (from: number, to: number): number => Math.round((startOfDay(to) - startOfDay(from)) / DAY);

/** "5 minutes ago", "yesterday", "Tuesday", "3 March", "3 March 2024". */
export function relativeDate(iso: string, now: number): string {
	const at = Date.parse(iso);
	const age = now - at;
	if (age < MINUTE && age > -MINUTE) return relative().format(0, 'second');
	if (age >= 0 && age < HOUR) return relative().format(-Math.floor(age / MINUTE), 'minute');
	const days = daysBetween(at, now);
	if (days === 0) return dated('time', { hour: '2-digit', minute: '2-digit' }).format(at);
	if (days === 1) return relative().format(-1, 'day');
	if (days > 1 && days < 7) return dated('weekday', { weekday: 'long' }).format(at);
	return absoluteDay(at, now);
}

function absoluteDay(at: number, now: number): string {
	const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
	return dated(sameYear ? 'day' : 'dayYear', {
		day: 'numeric',
		month: 'long',
		...(sameYear ? {} : { year: 'numeric' })
	}).format(at);
}

/** Day heading of a list: "Today", "Yesterday", "Tuesday", "3 March". */
export function dayName(iso: string, now: number): string {
	const at = Date.parse(iso);
	const days = daysBetween(at, now);
	if (days >= 0 && days < 2) {
		const name = relative().format(-days, 'day');
		return name[0]!.toUpperCase() + name.slice(1);
	}
	return days > 1 && days < 7 ? dated('weekday', { weekday: 'long' }).format(at) : absoluteDay(at, now);
}

/** "Sunday, 22 November": the date at the top of a day. */
export const todayName = (now: number): string =>
	dated('today', { weekday: 'long', day: 'numeric', month: 'long' }).format(now);

/** The full moment, for <time title> and details. */
export const fullDate = (iso: string): string =>
	dated('full', { dateStyle: 'long', timeStyle: 'short' }).format(Date.parse(iso));
export const dayDate = (iso: string): string => dated('long', { dateStyle: 'long' }).format(Date.parse(iso));

/** A date without a time zone: a birthday is the same day everywhere. */
export function calendarDate(year: number, month: number, day: number): string {
	const at = new Date(Date.UTC(2000, month - 1, day));
	at.setUTCFullYear(year);
	return dated('calendar', { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}

/** How long until then: "in 3 days", "in 2 hours". */
export function until(iso: string, now: number): string {
	const left = Date.parse(iso) - now;
	if (left > 2 * DAY) return relative().format(Math.round(left / DAY), 'day');
	if (left > 2 * HOUR) return relative().format(Math.round(left / HOUR), 'hour');
	return relative().format(Math.max(1, Math.round(left / MINUTE)), 'minute');
}
export const isSoon = (iso: string, now: number): boolean => Date.parse(iso) - now < 7 * DAY;
