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
	const rows: [string, FormFieldSettings, boolean][] = [
		['C9.1 a text', string, true],
		['C9.1 a text of several lines', { ...string, allowNewlines: true }, true],
		['C9.1 a text, with a min', { ...string, min: 1 }, true],
		['C9.1 a text, with a max', { ...string, max: 10 }, true],
		['C9.1 a text, min and max the same', { ...string, min: 3, max: 3 }, true],
		['C9.1 a text, max below min', { ...string, min: 4, max: 3 }, false],
		['C9.1 a text, max 0 below min', { ...string, min: 1, max: 0 }, false],
		['C9.1 a whole number', integer, true],
		['C9.1 a whole number, with a unit and both bounds', { ...integer, unit: 'km', min: -3, max: 3 }, true],
		['C9.1 a whole number, max below min', { ...integer, min: 4, max: 3 }, false],
		['C9.1 a whole number, max 0 below min', { ...integer, min: 1, max: 0 }, false],
		['C9.1 a number', double, true],
		['C9.1 a number, with a unit and both bounds', { ...double, unit: 'kg', min: 0.1, max: 0.2 }, true],
		['C9.1 a number, max below min', { ...double, min: 0.2, max: 0.1 }, false],
		['C9.1 a truth', boolean, true],
		['C9.1 a date', date, true],
		['C9.1 a rating', rating, true],
		['C9.1 one of several options', one, true],
		['C9.1 some of several options', several, true],
		['C9.1 no options', { ...one, options: [] }, false],
		['C9.1 an option twice', { ...one, options: ['Mon', 'Mon'] }, false]
	];
	test.each(rows)('%s: %3$s', (_name, settings, valid) => {
		expect(settingsFault(settings) === undefined).toBe(valid);
	});
});

describe('C9 answers', () => {
	const rows: [string, FormFieldSettings, FormFieldAnswer, boolean][] = [
		['C9.2 a text, of one line', string, 'text', true],
		['C9.2 a text, of several lines', string, 'two\nlines', true],
		['C9.2 a text, as long as may be', string, 'x'.repeat(4096), true],
		['C9.2 a text, longer than may be', string, 'x'.repeat(4097), false],
		['C9.2 a text, empty', string, '', false],
		['C9.2 a text, wrong type: a number', string, 7, false],
		['C9.2 a text, wrong type: a truth', string, true, false],
		['C9.2 a text, wrong cardinality: texts', string, ['text'], false],
		['C9.2 a text, out of range: below min', { ...string, min: 4 }, 'tex', false],
		['C9.2 a text, as long as min', { ...string, min: 4 }, 'text', true],
		['C9.2 a text, out of range: above max', { ...string, max: 4 }, 'texts', false],
		['C9.2 a whole number', integer, 7, true],
		['C9.2 a whole number, negative', integer, -7, true],
		['C9.2 a whole number, zero', integer, 0, true],
		['C9.2 a whole number, wrong type: a fraction', integer, 1.5, false],
		['C9.2 a whole number, wrong type: a text', integer, '7', false],
		['C9.2 a whole number, out of range: below min', { ...integer, min: 3 }, 2, false],
		['C9.2 a whole number, out of range: above max', { ...integer, max: 3 }, 4, false],
		['C9.2 a whole number, both bounds', { ...integer, min: 3, max: 3 }, 3, true],
		['C9.2 a number, a fraction', double, 1.5, true],
		['C9.2 a number, a whole one', double, 7, true],
		['C9.2 a number, wrong type: a text', double, '1.5', false],
		['C9.2 a number, wrong type: none', double, NaN, false],
		['C9.2 a number, out of range: below min', { ...double, min: 1.5 }, 1.4, false],
		['C9.2 a number, out of range: above max', { ...double, max: 1.5 }, 1.6, false],
		['C9.2 a truth, true', boolean, true, true],
		['C9.2 a truth, false', boolean, false, true],
		['C9.2 a truth, wrong type: a text', boolean, 'true', false],
		['C9.2 a truth, wrong type: a number', boolean, 1, false],
		['C9.2 a date, a day', date, '2031-03-31', true],
		['C9.2 a date, a moment', date, '2031-03-31T10:00:00.000Z', true],
		['C9.2 a date, a moment with its zone', date, '2031-03-31T10:00+02:00', true],
		['C9.2 a date, wrong type: of another form', date, '31.03.2031', false],
		['C9.2 a date, out of range: no day of the calendar', date, '2031-02-30', false],
		['C9.2 a date, wrong type: a number', date, 2031, false],
		['C9.2 a rating, the least', rating, 1, true],
		['C9.2 a rating, the most', rating, 5, true],
		['C9.2 a rating, out of range: none', rating, 0, false],
		['C9.2 a rating, out of range: more than the most', rating, 6, false],
		['C9.2 a rating, wrong type: a fraction', rating, 2.5, false],
		['C9.2 a rating, wrong type: a text', rating, '3', false],
		['C9.2 one option', one, 'Tue', true],
		['C9.2 one option, unknown', one, 'Wed', false],
		['C9.2 one option, wrong cardinality: a list', one, ['Tue'], false],
		['C9.2 one option, wrong type: a number', one, 1, false],
		['C9.2 some options, two', several, ['Mon', 'Thu'], true],
		['C9.2 some options, one', several, ['Thu'], true],
		['C9.2 some options, wrong cardinality: none', several, [], false],
		['C9.2 some options, unknown', several, ['Mon', 'Wed'], false],
		['C9.2 some options, one of them twice', several, ['Mon', 'Mon'], false],
		['C9.2 some options, wrong cardinality: a text', several, 'Mon', false]
	];
	test.each(rows)('%s: %4$s', (_name, settings, answer, valid) => {
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
	])('F.7 a bound of zero in %j refuses our own answer %j, and no peer’s', (settings, answer) => {
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
		['text', { ...string, allowNewlines: true, min: 1, max: 9 }],
		['whole number', { ...integer, unit: 'km', min: -1, max: 9 }],
		['number', { ...double, unit: 'kg', min: -1.5, max: 9.5 }],
		['truth', boolean],
		['date', date],
		['rating', rating],
		['one option', one],
		['some options', several]
	])('A6.8 a FormFieldRequestItem for a %s is read from JSON and from an object, as it is', (_name, settings) => {
		const request = { ok: true, value: { '@type': 'Request', items: [item(settings)] } };
		expect(parseRequest(JSON.parse(JSON.stringify({ items: [item(settings)] })))).toEqual(request);
		const given = Object.assign(Object.create({ inherited: 1 }) as object, item(settings));
		expect(parseRequest({ items: [given] })).toEqual(request);
	});

	const whole = 'must be a whole number';
	test.each([
		[
			'A6.8 a min of a text that is not whole',
			{ ...string, min: 1.5 },
			`StringFormFieldSettings.min:Number :: ${whole}`
		],
		[
			'A6.8 a max of a text that is not whole',
			{ ...string, max: 1.5 },
			`StringFormFieldSettings.max:Number :: ${whole}`
		],
		[
			'a max of a text above its bound',
			{ ...string, max: 4097 },
			'StringFormFieldSettings.max:Number :: must not be more than 4096'
		],
		[
			'a min of a text below 0',
			{ ...string, min: -1 },
			'StringFormFieldSettings.min:Number :: must not be less than 0'
		],
		[
			'lines that are not allowed by saying so',
			{ ...string, allowNewlines: false },
			'StringFormFieldSettings.allowNewlines :: Value is not a true'
		],
		[
			'A6.8 a min of a whole number that is not whole',
			{ ...integer, min: 1.5 },
			`IntegerFormFieldSettings.min:Number :: ${whole}`
		],
		[
			'A6.8 a max of a whole number that is not whole',
			{ ...integer, max: 1.5 },
			`IntegerFormFieldSettings.max:Number :: ${whole}`
		],
		[
			'A6.8 a best rating that is not whole',
			{ ...rating, maxRating: 5.5 },
			`RatingFormFieldSettings.maxRating:Number :: ${whole}`
		],
		[
			'a best rating below 5',
			{ ...rating, maxRating: 4 },
			'RatingFormFieldSettings.maxRating:Number :: must not be less than 5'
		],
		[
			'a best rating above 10',
			{ ...rating, maxRating: 11 },
			'RatingFormFieldSettings.maxRating:Number :: must not be more than 10'
		],
		[
			'A6.8 an empty option',
			{ ...one, options: [''] },
			'SelectionFormFieldSettings.options:String :: must not be shorter than 1 characters'
		],
		[
			'A6.8 an option that is too long',
			{ ...one, options: ['x'.repeat(4097)] },
			'SelectionFormFieldSettings.options:String :: must not be longer than 4096 characters'
		],
		['settings without type', {}, 'FormFieldRequestItem.settings :: @type is not defined'],
		[
			'settings of an unknown type',
			{ '@type': 'ColourFormFieldSettings' },
			"Type 'ColourFormFieldSettings' with version 1 was not found within reflection classes. You might have to install a module first."
		]
	])('%s: "%3$s"', (_name, settings, text) => expect(said(settings)).toBe(text));
});
