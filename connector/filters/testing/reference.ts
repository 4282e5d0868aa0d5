/**
 * The rules of connector-api.md §1.1 once more, the slow and obvious way: one DTO, one key, the values asked for. Written from
 * the text; nothing of connector/http is used.
 */
import type { KeyClass } from './documented.ts';

type Scalar = string | number | boolean;
export type Row = Readonly<Record<string, unknown>>;

/** Everything that lies at a dotted path, through lists. */
export function membersAt(value: unknown, path: string): unknown[] {
	if (value === undefined) return [];
	if (Array.isArray(value)) return value.flatMap((each) => membersAt(each, path));
	if (path === '') return [value];
	if (typeof value !== 'object' || value === null) return [];
	const [name = '', ...rest] = path.split('.');
	return membersAt((value as Row)[name], rest.join('.'));
}
const isScalar = (value: unknown): value is Scalar => typeof value !== 'object';

/** Leniently (§12): a number is what reads as that number, a boolean is written in any case. */
function same(value: Scalar, text: string): boolean {
	switch (typeof value) {
		case 'number':
			return text !== '' && Number(text) === value;
		case 'boolean':
			return text.toLowerCase() === (value ? 'true' : 'false');
		default:
			return value === text;
	}
}
/** -1, 0, 1; undefined: they have no order. */
function order(value: Scalar, text: string): number | undefined {
	if (typeof value === 'boolean') return undefined;
	if (typeof value === 'string') return value === text ? 0 : value < text ? -1 : 1;
	return Number.isNaN(Number(text)) ? undefined : Math.sign(value - Number(text));
}

const COMPARED: readonly (readonly [string, readonly number[]])[] = [
	['>=', [0, 1]],
	['<=', [-1, 0]],
	['>', [1]],
	['<', [-1]]
];
const isPattern = (text: string) => /^[\^$~]/.test(text);
function patternOf(text: string): RegExp {
	const raw = text.slice(1);
	return new RegExp({ '^': `^${raw}`, $: `${raw}$` }[text.charAt(0)] ?? raw, 'i');
}

/** Whether what one value asks for is said of these; several values that all must hold, or one of which must. */
function isSo(values: readonly Scalar[], text: string): boolean {
	if (text === '') return values.length > 0;
	if (text === '!') return values.length === 0;
	if (text.startsWith('!')) return !values.some((value) => same(value, text.slice(1)));
	for (const [sign, orders] of COMPARED)
		if (text.startsWith(sign))
			return values.some((value) => orders.includes(order(value, text.slice(sign.length)) ?? NaN));
	if (isPattern(text)) return values.some((value) => patternOf(text).test(String(value)));
	return values.some((value) => same(value, text));
}
/** Equality and patterns are alternatives of each other; everything else has to hold besides. */
const isAlternative = (text: string) => text !== '' && !/^[!<>]/.test(text);

function valueHolds(values: readonly Scalar[], texts: readonly string[]): boolean {
	const alternatives = texts.filter(isAlternative);
	return (
		texts.filter((text) => !isAlternative(text)).every((text) => isSo(values, text)) &&
		(alternatives.length === 0 || alternatives.some((text) => isSo(values, text)))
	);
}

const PLACES = ['RecoveryKit', 'Self', 'Letter', 'RegistrationLetter', 'Email', 'SMS', 'Website'];
const placeIs = (place: unknown, text: string) =>
	place !== undefined && (String(place) === text || PLACES[Number(text || NaN)] === place);

/** Whether a row passes a key with these values. */
export function passes(row: Row, key: string, type: KeyClass, texts: readonly string[]): boolean {
	const found = membersAt(row, key);
	const someText = (holds: (text: string) => boolean) => texts.some(holds);
	switch (type) {
		case 'X':
			return texts.every((text) => (text === '!' ? found.length === 0 : text !== '' || found.length > 0));
		case 'PB':
			return someText((text) => (text === '!' ? found.length === 0 : text === 'true' && found[0] === true));
		case 'pin':
			return someText((text) => {
				if (row['passwordProtection'] === undefined) return false;
				return text === '!' ? found.length === 0 : text === 'true' && found[0] === true;
			});
		case 'place':
			return someText((text) => placeIs(found[0], text));
		case 'exact':
			return someText((text) => found[0] === text);
		case 'tags':
			return someText((text) => found.includes(text));
		case 'attachments':
			return texts.join() === '+' ? found.length > 0 : someText((text) => found.includes(text));
		case 'participant':
			return valueHolds(
				[...membersAt(row, 'createdBy'), ...membersAt(row, 'recipients.address')].filter(isScalar),
				texts
			);
		default:
			return valueHolds(found.filter(isScalar), texts);
	}
}
