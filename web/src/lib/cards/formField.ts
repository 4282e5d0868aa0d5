/**
 * A form field as a person fills it in: `entry` is what stands in the inputs (text, or the ticked options), a response is what
 * the request is answered with. What is wrong is said in words; the engine judges again before anything leaves.
 */
import type { Json, JsonObject } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { getLocale } from '$lib/paraglide/runtime.js';
import { calendarDate } from './dates.ts';

export type Entry = string | readonly string[];
export type FormKind = 'text' | 'integer' | 'decimal' | 'flag' | 'date' | 'rating' | 'one' | 'several';
/** The most a person may type (content-model.md §4.2). */
const MAX_TEXT = 4096;

const number = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined);

export function formKind(settings: JsonObject): FormKind {
	switch (settings['@type']) {
		case 'IntegerFormFieldSettings':
			return 'integer';
		case 'DoubleFormFieldSettings':
			return 'decimal';
		case 'BooleanFormFieldSettings':
			return 'flag';
		case 'DateFormFieldSettings':
			return 'date';
		case 'RatingFormFieldSettings':
			return 'rating';
		case 'SelectionFormFieldSettings':
			return settings['allowMultipleSelection'] === true ? 'several' : 'one';
		default:
			return 'text';
	}
}

export const optionsOf = (settings: JsonObject): string[] =>
	Array.isArray(settings['options']) ? settings['options'].filter((option) => typeof option === 'string') : [];
export const maxRatingOf = (settings: JsonObject): number =>
	Math.min(10, Math.max(5, number(settings['maxRating']) ?? 5));
export const unitOf = (settings: JsonObject): string => (typeof settings['unit'] === 'string' ? settings['unit'] : '');
export const maxLengthOf = (settings: JsonObject): number => Math.min(MAX_TEXT, number(settings['max']) ?? MAX_TEXT);

/** "1,5" is what Germans type for 1.5. */
export const decimalOf = (typed: string): number => {
	const plain = typed.trim().replace(',', '.');
	return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
};
export const integerOf = (typed: string): number => {
	const value = /^[+-]?\d{1,16}$/.test(typed.trim()) ? Number(typed) : NaN;
	return Number.isSafeInteger(value) ? value : NaN;
};

/** The answer an entry stands for; undefined when there is none or it is no good (formError says why). */
export function responseOf(settings: JsonObject, entry: Entry | undefined): Json | undefined {
	if (entry === undefined || formError(settings, entry)) return undefined;
	switch (formKind(settings)) {
		case 'integer':
		case 'rating':
			return integerOf(entry as string);
		case 'decimal':
			return decimalOf(entry as string);
		case 'flag':
			return entry === 'true';
		case 'several':
			return [...entry];
		default:
			return entry as string;
	}
}

/** What is wrong with an entry, in words. */
export function formError(settings: JsonObject, entry: Entry | undefined): string | undefined {
	const kind = formKind(settings);
	if (kind === 'several') return (entry ?? []).length ? undefined : m.form_choose();
	const typed = typeof entry === 'string' ? entry : '';
	if (!typed.trim())
		return ['one', 'flag', 'rating'].includes(kind)
			? m.form_choose()
			: kind === 'date'
				? m.form_date()
				: m.form_empty();
	if (kind === 'text') return lengthError(settings, typed.length);
	if (kind === 'integer') return rangeError(settings, integerOf(typed), m.form_integer());
	if (kind === 'decimal') return rangeError(settings, decimalOf(typed), m.form_number());
	if (kind === 'date') return dateOf(typed) ? undefined : m.form_date();
	return undefined;
}

function lengthError(settings: JsonObject, length: number): string | undefined {
	const [min, max] = [number(settings['min']) ?? 0, maxLengthOf(settings)];
	if (length < min) return m.form_short({ min });
	return length > max ? m.form_long({ max }) : undefined;
}
function rangeError(settings: JsonObject, value: number, wrong: string): string | undefined {
	const [min, max] = [number(settings['min']), number(settings['max'])];
	if (Number.isNaN(value)) return wrong;
	if (min !== undefined && value < min) return m.form_less({ min });
	return max !== undefined && value > max ? m.form_more({ max }) : undefined;
}

/** A day without a time zone, as it stands in a date field. */
export function dateOf(typed: string): { year: number; month: number; day: number } | undefined {
	const [, year, month, day] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(typed) ?? []).map(Number);
	return year && month && day ? { year, month, day } : undefined;
}

const numberText = (value: number): string =>
	value.toLocaleString(getLocale(), { useGrouping: false, maximumFractionDigits: 15 });

/** A response as a line to read; peers' ones too, hence nothing is trusted. */
export function responseText(settings: JsonObject, response: Json | undefined): string {
	const unit = unitOf(settings);
	if (Array.isArray(response)) return response.map(String).join(', ');
	if (typeof response === 'boolean') return response ? m.value_yes() : m.value_no();
	if (formKind(settings) === 'rating') return m.form_rated({ value: String(response), max: maxRatingOf(settings) });
	if (typeof response === 'number') return unit ? `${numberText(response)} ${unit}` : numberText(response);
	if (typeof response !== 'string') return '';
	const date = formKind(settings) === 'date' ? dateOf(response.slice(0, 10)) : undefined;
	return date ? calendarDate(date.year, date.month, date.day) : response;
}
