/**
 * Form fields: what may be set for one, and what is a valid answer (content-model.md §4.2). The reference takes a bound of 0
 * for none; here it is a bound in what we make and answer ourselves, and none where a peer's answer is judged (§11 row 9).
 */
import * as v from 'valibot';
import { isRealDate, toUtc } from './grammar.ts';
import { oneOfTypes, text, whole, type Shape } from './shape.ts';

type Bounds = { readonly min?: number; readonly max?: number };
export type FormFieldSettings =
	| ({ readonly '@type': 'StringFormFieldSettings'; readonly allowNewlines?: true } & Bounds)
	| ({ readonly '@type': 'IntegerFormFieldSettings'; readonly unit?: string } & Bounds)
	| ({ readonly '@type': 'DoubleFormFieldSettings'; readonly unit?: string } & Bounds)
	| { readonly '@type': 'BooleanFormFieldSettings' }
	| { readonly '@type': 'DateFormFieldSettings' }
	| { readonly '@type': 'RatingFormFieldSettings'; readonly maxRating: number }
	| {
			readonly '@type': 'SelectionFormFieldSettings';
			readonly options: readonly string[];
			readonly allowMultipleSelection?: true;
	  };
export type FormFieldAnswer = string | number | boolean | readonly string[];

const integer = v.pipe(v.number(), v.integer('must be a whole number'));
const number = v.pipe(v.number(), v.finite('must be a finite number'));
const flag = v.optional(v.literal(true));
/** What is typed: never empty, never longer than a page. */
const entry = text(4096, 1);

export const formFieldSettings: Shape<FormFieldSettings> = oneOfTypes({
	StringFormFieldSettings: v.object({
		'@type': v.literal('StringFormFieldSettings'),
		allowNewlines: flag,
		min: v.optional(whole(0, 4096)),
		max: v.optional(whole(0, 4096))
	}),
	IntegerFormFieldSettings: v.object({
		'@type': v.literal('IntegerFormFieldSettings'),
		unit: v.optional(v.string()),
		min: v.optional(integer),
		max: v.optional(integer)
	}),
	DoubleFormFieldSettings: v.object({
		'@type': v.literal('DoubleFormFieldSettings'),
		unit: v.optional(v.string()),
		min: v.optional(number),
		max: v.optional(number)
	}),
	BooleanFormFieldSettings: v.object({ '@type': v.literal('BooleanFormFieldSettings') }),
	DateFormFieldSettings: v.object({ '@type': v.literal('DateFormFieldSettings') }),
	RatingFormFieldSettings: v.object({ '@type': v.literal('RatingFormFieldSettings'), maxRating: whole(5, 10) }),
	SelectionFormFieldSettings: v.object({
		'@type': v.literal('SelectionFormFieldSettings'),
		options: v.array(entry),
		allowMultipleSelection: flag
	})
} as unknown as { readonly [type: string]: Shape<FormFieldSettings> });

export const formFieldAnswer = v.union([
	entry,
	number,
	v.boolean(),
	v.array(entry)
]) as unknown as Shape<FormFieldAnswer>;

/** Why nobody could be asked with these settings; undefined when somebody can. */
export function settingsFault(settings: FormFieldSettings): string | undefined {
	if (settings['@type'] === 'SelectionFormFieldSettings') {
		if (settings.options.length === 0) return 'A selection must have at least one option.';
		if (new Set(settings.options).size < settings.options.length)
			return 'The options of a selection must differ from one another.';
		return undefined;
	}
	if (!('min' in settings) || !('max' in settings)) return undefined;
	const { min, max } = settings;
	return min !== undefined && max !== undefined && max < min ? 'The max must not be less than the min.' : undefined;
}

/**
 * Why that is no answer to such a field; undefined when it is one. `received`: as leniently as peers judge.
 * Newlines are not counted against a field that does not allow them.
 */
export function answerFault(
	settings: FormFieldSettings,
	answer: FormFieldAnswer,
	mode: 'own' | 'received'
): string | undefined {
	switch (settings['@type']) {
		case 'StringFormFieldSettings':
			if (typeof answer !== 'string') return wrongKind('a string');
			if (answer.length < 1 || answer.length > 4096) return 'The answer must have 1 to 4096 characters.';
			return rangeFault(answer.length, settings, mode, 'The length of the answer');
		case 'IntegerFormFieldSettings':
			if (!Number.isInteger(answer)) return wrongKind('a whole number');
			return rangeFault(answer as number, settings, mode, 'The answer');
		case 'DoubleFormFieldSettings':
			if (typeof answer !== 'number' || !Number.isFinite(answer)) return wrongKind('a number');
			return rangeFault(answer, settings, mode, 'The answer');
		case 'BooleanFormFieldSettings':
			return typeof answer === 'boolean' ? undefined : wrongKind('true or false');
		case 'DateFormFieldSettings':
			return typeof answer === 'string' && isDate(answer, mode) ? undefined : wrongKind('an ISO 8601 date');
		case 'RatingFormFieldSettings':
			if (!Number.isInteger(answer)) return wrongKind('a whole number');
			return rangeFault(answer as number, { min: 1, max: settings.maxRating }, mode, 'The answer');
		case 'SelectionFormFieldSettings':
			return settings.allowMultipleSelection
				? choicesFault(settings.options, answer)
				: choiceFault(settings.options, answer);
	}
}

const wrongKind = (kind: string): string => `The answer must be ${kind}.`;

function rangeFault(value: number, { min, max }: Bounds, mode: 'own' | 'received', what: string) {
	const isBound = (bound: number | undefined): bound is number =>
		bound !== undefined && (mode === 'own' || bound !== 0);
	if (isBound(min) && value < min) return `${what} must not be less than ${min}.`;
	return isBound(max) && value > max ? `${what} must not be more than ${max}.` : undefined;
}

function choiceFault(options: readonly string[], answer: FormFieldAnswer): string | undefined {
	if (typeof answer !== 'string') return wrongKind('one of the options');
	return options.includes(answer) ? undefined : 'The answer is none of the options.';
}

function choicesFault(options: readonly string[], answer: FormFieldAnswer): string | undefined {
	if (!Array.isArray(answer)) return wrongKind('a list of options');
	const chosen: readonly string[] = answer;
	if (chosen.length === 0) return 'At least one option must be chosen.';
	if (!chosen.every((option) => options.includes(option))) return 'The answer holds what is none of the options.';
	return new Set(chosen).size < chosen.length ? 'An option must not be chosen twice.' : undefined;
}

/** ISO 8601 in all its forms (year, month, week, day of the year, time alone), as peers take them. */
const anyIso =
	/^(?:[+-]\d{6}|\d{4})(?:-?\d{2}(?:-?\d{2})?|-?W\d{2}(?:-?\d)?|-?\d{3})?(?:T\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$|^T?\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const isDate = (text: string, mode: 'own' | 'received'): boolean =>
	toUtc(text) !== undefined || (mode === 'received' && anyIso.test(text) && isCalendarDay(text));

/** Of texts that name a day of a month: whether the calendar has it. */
function isCalendarDay(text: string): boolean {
	const named = /^(\d{4})(-?)(\d{2})\2(\d{2})(?:T|$)/i.exec(text);
	return !named || isRealDate(Number(named[1]), Number(named[3]), Number(named[4]));
}
