import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerFault, settingsFault, type FormFieldAnswer, type FormFieldSettings } from './form-field.ts';
import { parseRequest } from './parse.ts';

const string = { '@type': 'StringFormFieldSettings' } as const;
const integer = { '@type': 'IntegerFormFieldSettings' } as const;
const double = { '@type': 'DoubleFormFieldSettings' } as const;
const boolean = { '@type': 'BooleanFormFieldSettings' } as const;
const date = { '@type': 'DateFormFieldSettings' } as const;
const rating = { '@type': 'RatingFormFieldSettings', maxRating: 5 } as const;
const days = ['Mon', 'Tue', 'Thu'];
const one = { '@type': 'SelectionFormFieldSettings', options: days } as const;
const several = { ...one, allowMultipleSelection: true } as const;

describe('C9 settings that can be asked with', () => {
	const rows: [FormFieldSettings, boolean][] = [
		[string, true],
		[{ ...string, allowNewlines: true }, true],
		[{ ...string, min: 1 }, true],
		[{ ...string, max: 10 }, true],
		[{ ...string, min: 3, max: 3 }, true],
		[{ ...string, min: 4, max: 3 }, false],
		[{ ...string, min: 1, max: 0 }, false],
		[integer, true],
		[{ ...integer, unit: 'km', min: -3, max: 3 }, true],
		[{ ...integer, min: 4, max: 3 }, false],
		[{ ...integer, min: 1, max: 0 }, false],
		[double, true],
		[{ ...double, unit: 'kg', min: 0.1, max: 0.2 }, true],
		[{ ...double, min: 0.2, max: 0.1 }, false],
		[boolean, true],
		[date, true],
		[rating, true],
		[one, true],
		[several, true],
		[{ ...one, options: [] }, false],
		[{ ...one, options: ['Mon', 'Mon'] }, false]
	];
	test.each(rows)('C9 %j: %s', (settings, valid) => {
		expect(settingsFault(settings) === undefined).toBe(valid);
	});
});

describe('C9 answers', () => {
	const rows: [FormFieldSettings, FormFieldAnswer, boolean][] = [
		[string, 'text', true],
		[string, 'two\nlines', true],
		[string, 'x'.repeat(4096), true],
		[string, 'x'.repeat(4097), false],
		[string, '', false],
		[string, 7, false],
		[string, true, false],
		[string, ['text'], false],
		[{ ...string, min: 4 }, 'tex', false],
		[{ ...string, min: 4 }, 'text', true],
		[{ ...string, max: 4 }, 'texts', false],
		[integer, 7, true],
		[integer, -7, true],
		[integer, 0, true],
		[integer, 1.5, false],
		[integer, '7', false],
		[{ ...integer, min: 3 }, 2, false],
		[{ ...integer, max: 3 }, 4, false],
		[{ ...integer, min: 3, max: 3 }, 3, true],
		[double, 1.5, true],
		[double, 7, true],
		[double, '1.5', false],
		[double, NaN, false],
		[{ ...double, min: 1.5 }, 1.4, false],
		[{ ...double, max: 1.5 }, 1.6, false],
		[boolean, true, true],
		[boolean, false, true],
		[boolean, 'true', false],
		[boolean, 1, false],
		[date, '2031-03-31', true],
		[date, '2031-03-31T10:00:00.000Z', true],
		[date, '2031-03-31T10:00+02:00', true],
		[date, '31.03.2031', false],
		[date, '2031-02-30', false],
		[date, 2031, false],
		[rating, 1, true],
		[rating, 5, true],
		[rating, 0, false],
		[rating, 6, false],
		[rating, 2.5, false],
		[rating, '3', false],
		[one, 'Tue', true],
		[one, 'Wed', false],
		[one, ['Tue'], false],
		[one, 1, false],
		[several, ['Mon', 'Thu'], true],
		[several, ['Thu'], true],
		[several, [], false],
		[several, ['Mon', 'Wed'], false],
		[several, ['Mon', 'Mon'], false],
		[several, 'Mon', false]
	];
	test.each(rows)('C9 to %j, %j is an answer: %s', (settings, answer, valid) => {
		for (const mode of ['own', 'received'] as const) {
			const fault = answerFault(settings, answer, mode);
			expect([mode, fault === undefined]).toEqual([mode, valid]);
			if (fault !== undefined) expect(fault).toMatch(/\.$/);
		}
	});

	test.each<[FormFieldSettings, FormFieldAnswer]>([
		[{ ...integer, max: 0 }, 7],
		[{ ...integer, min: 0 }, -7],
		[{ ...double, max: 0 }, 0.5],
		[{ ...string, max: 0 }, 'text']
	])('F a bound of zero in %j refuses our own answer %j, and no peer’s', (settings, answer) => {
		expect(answerFault(settings, answer, 'own')).toMatch(/must not be/);
		expect(answerFault(settings, answer, 'received')).toBeUndefined();
	});

	test.each(['2031', '2031-03', '20310331', '2031-W12', '2031-W12-3', '2031-090', '10:30', 'T10:30:00Z'])(
		'the date %j is taken from peers, who know more forms, and not given',
		(text) => {
			expect(answerFault(date, text, 'own')).toBeDefined();
			expect(answerFault(date, text, 'received')).toBeUndefined();
		}
	);

	test('what fits the strict judge fits the lenient one', () => {
		const settings = fc.constantFrom<FormFieldSettings>(
			string,
			{ ...string, min: 0, max: 3 },
			{ ...integer, min: 0, max: 3 },
			{ ...double, min: 0, max: 0 },
			date,
			rating,
			one,
			several
		);
		const answer = fc.oneof(
			fc.string(),
			fc.double(),
			fc.integer({ min: -1, max: 6 }),
			fc.boolean(),
			fc.constantFrom(...days, '2031-03-31'),
			fc.array(fc.constantFrom(...days, 'x'))
		);
		fc.assert(
			fc.property(settings, answer, (settings, answer) => {
				if (answerFault(settings, answer, 'own') === undefined)
					expect(answerFault(settings, answer, 'received')).toBeUndefined();
			})
		);
	});
});

describe('A6 form fields on the wire', () => {
	const item = (settings: object) => ({
		'@type': 'FormFieldRequestItem',
		mustBeAccepted: false,
		title: 'Lending day',
		settings
	});
	const said = (settings: object): string => {
		const parsed = parseRequest({ items: [item(settings)] });
		return parsed.ok ? 'ok' : parsed.error.message;
	};

	test.each([
		[{ ...string, allowNewlines: true, min: 1, max: 9 }],
		[{ ...integer, unit: 'km', min: -1, max: 9 }],
		[{ ...double, unit: 'kg', min: -1.5, max: 9.5 }],
		[boolean],
		[date],
		[rating],
		[one],
		[several]
	])('A6 a FormFieldRequestItem with %j is read as it is', (settings) => {
		expect(parseRequest({ items: [item(settings)] })).toEqual({
			ok: true,
			value: { '@type': 'Request', items: [item(settings)] }
		});
	});

	test.each([
		[{ ...string, min: 1.5 }, 'StringFormFieldSettings.min:Number :: must be a whole number'],
		[{ ...string, max: 1.5 }, 'StringFormFieldSettings.max:Number :: must be a whole number'],
		[{ ...string, max: 4097 }, 'StringFormFieldSettings.max:Number :: must not be more than 4096'],
		[{ ...string, min: -1 }, 'StringFormFieldSettings.min:Number :: must not be less than 0'],
		[{ ...string, allowNewlines: false }, 'StringFormFieldSettings.allowNewlines :: Value is not a true'],
		[{ ...integer, min: 1.5 }, 'IntegerFormFieldSettings.min:Number :: must be a whole number'],
		[{ ...integer, max: 1.5 }, 'IntegerFormFieldSettings.max:Number :: must be a whole number'],
		[{ ...rating, maxRating: 5.5 }, 'RatingFormFieldSettings.maxRating:Number :: must be a whole number'],
		[{ ...rating, maxRating: 4 }, 'RatingFormFieldSettings.maxRating:Number :: must not be less than 5'],
		[{ ...rating, maxRating: 11 }, 'RatingFormFieldSettings.maxRating:Number :: must not be more than 10'],
		[
			{ ...one, options: [''] },
			'SelectionFormFieldSettings.options:String :: must not be shorter than 1 characters'
		],
		[
			{ ...one, options: ['x'.repeat(4097)] },
			'SelectionFormFieldSettings.options:String :: must not be longer than 4096 characters'
		],
		[{}, 'FormFieldRequestItem.settings :: @type is not defined'],
		[
			{ '@type': 'ColourFormFieldSettings' },
			"Type 'ColourFormFieldSettings' with version 1 was not found within reflection classes. You might have to install a module first."
		]
	])('A6 settings %j are answered "%s"', (settings, text) => expect(said(settings)).toBe(text));
});
