/** Every operator of connector-api.md §1.1 for a key, with values that stand in the rows: the text behind `key=`, or several. */
import type { KeyClass } from './documented.ts';
import { membersAt, type Row } from './reference.ts';

export interface Question {
	readonly operator: string;
	readonly texts: readonly string[];
}

/** At most so many values of a key are asked for. */
const VALUES = 3;
const NOWHERE = 'nowhere';

/** First, last and one in the middle of the values there are, as texts. */
function valuesOf(rows: readonly Row[], path: string): string[] {
	const numeric = (a: string, b: string) => Number(a) - Number(b) || (a < b ? -1 : 1);
	const found = [
		...new Set(rows.flatMap((row) => membersAt(row, path)).filter((value) => typeof value !== 'object'))
	];
	const texts = found.map(String).sort(numeric);
	return texts.length <= VALUES ? texts : [texts[0]!, texts[texts.length >> 1]!, texts.at(-1)!];
}
/** A dot is any character, a bracket would be a set: the text itself as a pattern. */
const literally = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const ask = (operator: string, ...texts: string[]): Question => ({ operator, texts });

function withOperators(values: readonly string[]): Question[] {
	const [low = NOWHERE, high = NOWHERE] = [values[0], values.at(-1)];
	const half = (text: string) => Math.ceil(text.length / 2);
	return [
		ask('exists', ''),
		ask('not exists', '!'),
		ask('equals', NOWHERE),
		ask('not equals', `!${NOWHERE}`),
		ask('any of', low, high, NOWHERE),
		ask('any of', high, NOWHERE),
		ask('none of', `!${low}`, `!${high}`),
		ask('none of', `!${high}`, `!${NOWHERE}`),
		ask('range', `>=${low}`, `<${high}`),
		ask('range', `>${low}`, `<=${high}`),
		ask('range', `>${low}`, `<${high}`),
		ask('range', `>${high}`, `<${low}`),
		ask('mixed', `>=${low}`, `!${high}`),
		ask('mixed', `>${low}`, high, NOWHERE),
		ask('mixed', `^${literally(low.slice(0, half(low)))}`, high),
		ask('mixed', `~${literally(high)}`, `!${low}`),
		ask('mixed', '', `!${low}`),
		...values.flatMap((value) => [
			ask('equals', value),
			ask('equals', value.toUpperCase()),
			ask('not equals', `!${value}`),
			ask('>', `>${value}`),
			ask('>=', `>=${value}`),
			ask('<', `<${value}`),
			ask('<=', `<=${value}`),
			ask('^', `^${literally(value.slice(0, half(value)))}`),
			ask('^', `^${literally(value.slice(half(value)))}`),
			ask('$', `$${literally(value.slice(half(value)))}`),
			ask('$', `$${literally(value.slice(0, half(value)))}`),
			ask('~', `~${literally(value.slice(1)).toUpperCase()}`),
			ask('~', `~${literally(value.slice(0, 1))}.*${literally(value.slice(-1))}$`),
			ask('~', `~^(${NOWHERE}|${literally(value)})$`)
		])
	];
}

/** What may be written where no operator is known is asked too: it is a text like any other. */
function withoutOperators(values: readonly string[]): Question[] {
	const [first = NOWHERE, last = NOWHERE] = [values[0], values.at(-1)];
	return [
		...values.map((value) => ask('equals', value)),
		ask('equals', NOWHERE),
		ask('any of', first, last),
		ask('any of', last, NOWHERE),
		ask('no operator', `!${first}`),
		ask('no operator', `^${first.slice(0, 1)}`),
		ask('no operator', `~${first}`),
		ask('no operator', `>${first.slice(0, 1)}`),
		ask('no operator', '')
	];
}

/** What a list is asked about a key. */
export function questionsOf(rows: readonly Row[], key: string, type: KeyClass): readonly Question[] {
	switch (type) {
		case 'X':
			return [ask('exists', ''), ask('not exists', '!')];
		case 'PB':
		case 'pin':
			return [ask('true', 'true'), ask('not exists', '!')];
		case 'place':
			return [
				...withoutOperators(valuesOf(rows, key)),
				...['1', '2', '4', '50', '7'].map((n) => ask('number', n))
			];
		case 'exact':
		case 'tags':
			return withoutOperators(valuesOf(rows, key));
		case 'attachments':
			return [
				ask('any at all', '+'),
				...withoutOperators(valuesOf(rows, key)).filter(({ texts }) => texts[0] !== '')
			];
		case 'participant': {
			const values = [...new Set([...valuesOf(rows, 'createdBy'), ...valuesOf(rows, 'recipients.address')])];
			const [first = NOWHERE, last = NOWHERE] = [values[0], values.at(-1)];
			return [
				...values.map((value) => ask('equals', value)),
				ask('equals', NOWHERE),
				...values.map((value) => ask('any of', value, NOWHERE)),
				ask('any of', first, last),
				...values.map((value) => ask('none of', `!${value}`, `!${NOWHERE}`))
			];
		}
		default:
			return withOperators(valuesOf(rows, key));
	}
}
