/**
 * Filters of GET lists (connector-api.md §1.1): one interpreter, one table of keys per endpoint.
 *
 *   k=v  equals            k=!v  not equals        k=   exists           k=!  does not exist
 *   k=>v k=>=v k=<v k=<=v  compare                 k=^v k=$v k=~v        begins, ends, matches (regular expression, i)
 *   k=a&k=b   any of       k=!a&k=!b  none of      operators may be mixed: comparisons all hold, the rest is "any of"
 *
 * Different keys are ANDed, keys that are not in the table are ignored. A path through a list means "any element";
 * a negation holds when no element matches, so it also holds where the member is missing.
 * Values compare leniently: `7` equals both 7 and "7"; `true` in any case equals true.
 */
import type { Result } from '../../crdt/index.ts';
import { LOCATIONS, ok } from '../../crdt/index.ts';
import { MAX_PATTERNS } from '../limits.ts';
import { unknown } from './errors.ts';
import { matchAll } from './pattern.ts';

/**
 * value: all operators · exists: only `""` and `!` · flag: `true` or `!` (an optional `true`) · text: the very text, any of, no
 * operators · attachments: `+` any, else any of the ids · pin: `true` a PIN, `!` protected, but by no PIN · place: the name of
 * where a password is, or its number.
 */
export type FilterKind = 'value' | 'exists' | 'flag' | 'text' | 'attachments' | 'pin' | 'place';
export interface FilterKey {
	readonly kind: FilterKind;
	/** Where the value lies, if not at the key itself; of several places one must match. */
	readonly paths?: readonly string[];
}
export type FilterTable = Readonly<Record<string, FilterKey>>;

/** `keys('value', 'a b')` → rows of a table. */
export const keys = (kind: FilterKind, names: string): FilterTable =>
	Object.fromEntries(names.split(' ').map((name) => [name, { kind }]));
/** A key that looks elsewhere. */
export const alias = (kind: FilterKind, ...paths: string[]): FilterKey => ({ kind, paths });

/** Query string, flat; repeated name ⇒ several values; a trailing `[]` is stripped. */
export function parseQuery(search: string): ReadonlyMap<string, readonly string[]> {
	const query = new Map<string, string[]>();
	for (const [name, value] of new URLSearchParams(search)) {
		const key = name.endsWith('[]') ? name.slice(0, -2) : name;
		query.set(key, [...(query.get(key) ?? []), value]);
	}
	return query;
}

type Scalar = string | number | boolean;
const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

/** Every value that lies at `path`, through lists; `undefined` never. Member names may contain no dot. */
function valuesAt(row: unknown, path: string): unknown[] {
	return path.split('.').reduce<unknown[]>(
		(found, name) =>
			found
				.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
				.map((value) =>
					typeof value === 'object' && value !== null && Object.hasOwn(value, name)
						? (value as Record<string, unknown>)[name]
						: undefined
				)
				.filter((value) => value !== undefined),
		[row]
	);
}
const scalarsAt = (row: unknown, paths: readonly string[]): Scalar[] =>
	paths.flatMap((path) => valuesAt(row, path).flat(1)).filter(isScalar);

const isNumeric = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));

function equals(value: Scalar, text: string): boolean {
	if (typeof value === 'boolean') return String(value) === text.toLowerCase();
	if (typeof value === 'number') return isNumeric(text) && Number(text) === value;
	return value === text;
}

/** Numbers as numbers, strings as strings; a number and a text that is none do not compare. */
function compare(value: Scalar, text: string): number {
	if (typeof value === 'number') return isNumeric(text) ? value - Number(text) : NaN;
	if (typeof value === 'boolean') return NaN;
	return value < text ? -1 : value > text ? 1 : 0;
}

const COMPARISONS: readonly (readonly [string, (order: number) => boolean])[] = [
	['>=', (order) => order >= 0],
	['<=', (order) => order <= 0],
	['>', (order) => order > 0],
	['<', (order) => order < 0]
];
const PATTERNS: Readonly<Record<string, (text: string) => string>> = {
	'^': (text) => `^${text}`,
	$: (text) => `${text}$`,
	'~': (text) => text
};

/** Judges all rows at once: for each row's values whether the condition holds. */
type Condition = (rows: readonly (readonly Scalar[])[]) => Result<boolean[]>;
interface Operation {
	/** `all` must hold each, of the `any` one must. */
	readonly group: 'any' | 'all';
	readonly holds: Condition;
}
const each =
	(test: (values: readonly Scalar[]) => boolean): Condition =>
	(rows) =>
		ok(rows.map(test));

const matching =
	(source: string): Condition =>
	(rows) => {
		const texts = rows.flatMap((values) => values.map(String));
		const matched = matchAll(source, texts);
		if (!matched.ok) return matched;
		let next = 0;
		return ok(rows.map((values) => values.map(() => matched.value[next++]).some(Boolean)));
	};

/** One value of a key as an operation. */
function operation(text: string): Operation {
	if (text === '') return { group: 'all', holds: each((values) => values.length > 0) };
	if (text === '!') return { group: 'all', holds: each((values) => values.length === 0) };
	if (text.startsWith('!'))
		return { group: 'all', holds: each((values) => !values.some((value) => equals(value, text.slice(1)))) };
	const comparison = COMPARISONS.find(([sign]) => text.startsWith(sign));
	if (comparison) {
		const [sign, holds] = comparison;
		return {
			group: 'all',
			holds: each((values) => values.some((value) => holds(compare(value, text.slice(sign.length)))))
		};
	}
	const pattern = PATTERNS[text.charAt(0)];
	if (pattern) return { group: 'any', holds: matching(pattern(text.slice(1))) };
	return { group: 'any', holds: each((values) => values.some((value) => equals(value, text))) };
}

const exists = (value: string, wanted: (text: string) => boolean | undefined): Operation => ({
	group: 'all',
	holds: each((values) => (wanted(value) === undefined ? true : values.length > 0 === wanted(value)))
});

/** What is there of `passwordProtection` and its `passwordIsPin`: the first alone, or both. */
const [PROTECTED, BY_PIN] = [1, 2];

const OPERATIONS: Readonly<Record<FilterKind, (text: string) => Operation>> = {
	value: operation,
	exists: (text) => exists(text, (each) => (each === '' ? true : each === '!' ? false : undefined)),
	flag: (text) => exists(text, (each) => (each === '!' ? false : each.toLowerCase() === 'true' ? true : undefined)),
	text: (text) => ({ group: 'any', holds: each((values) => values.some((value) => value === text)) }),
	attachments: (text) =>
		text === '+'
			? { group: 'all', holds: each((values) => values.length > 0) }
			: { group: 'any', holds: each((values) => values.some((value) => value === text)) },
	pin: (text) => ({
		group: 'any',
		holds: each(
			(values) => values.length === (text === '!' ? PROTECTED : text.toLowerCase() === 'true' ? BY_PIN : -1)
		)
	}),
	place: (text) => ({
		group: 'any',
		holds: each((values) =>
			values.some((value) => String(value) === text || value === LOCATIONS[Number(text || NaN)])
		)
	})
};

/** Objects at the end of a path count as present for `exists`; scalars compare. */
const presentAt = (row: unknown, paths: readonly string[]): Scalar[] =>
	paths.flatMap((path) => valuesAt(row, path)).map((value) => (isScalar(value) ? value : true));

function conditionOf(key: FilterKey, texts: readonly string[]): Condition {
	const operations = texts.map(OPERATIONS[key.kind]);
	return (rows) => {
		const alternatives = operations.filter(({ group }) => group === 'any');
		let kept = rows.map(() => true);
		for (const { holds } of operations.filter(({ group }) => group === 'all')) {
			const held = holds(rows);
			if (!held.ok) return held;
			kept = kept.map((still, index) => still && held.value[index] === true);
		}
		if (alternatives.length === 0) return ok(kept);
		let any = rows.map(() => false);
		for (const { holds } of alternatives) {
			const held = holds(rows);
			if (!held.ok) return held;
			any = any.map((already, index) => already || held.value[index] === true);
		}
		return ok(kept.map((still, index) => still && any[index] === true));
	};
}

/** Kinds that ask whether something is there, whatever it is. */
const PRESENCE = new Set<FilterKind>(['exists', 'flag', 'pin']);
const EXISTENCE = new Set<string>(['', '!']);

/** The rows that pass, in their order; 400 when a regular expression is none. */
export function filterRows<T>(
	rows: readonly T[],
	table: FilterTable,
	query: ReadonlyMap<string, readonly string[]>
): Result<readonly T[]> {
	let left = rows;
	let patterns = 0;
	for (const [name, texts] of query) {
		const key = Object.hasOwn(table, name) ? table[name] : undefined;
		if (key === undefined) continue;
		patterns += key.kind === 'value' ? texts.filter((text) => PATTERNS[text.charAt(0)] !== undefined).length : 0;
		if (patterns > MAX_PATTERNS) return unknown('There are too many regular expressions.');
		const paths = key.paths ?? [name];
		const isAboutPresence = PRESENCE.has(key.kind) || texts.every((text) => EXISTENCE.has(text));
		const values = left.map((row) => (isAboutPresence ? presentAt(row, paths) : scalarsAt(row, paths)));
		const held = conditionOf(key, texts)(values);
		if (!held.ok) return held;
		left = left.filter((_, index) => held.value[index] === true);
	}
	return ok(left);
}

/** A plain yes/no option of a list that is not a filter. */
export const option = (query: ReadonlyMap<string, readonly string[]>, name: string, missing: boolean): boolean => {
	const value = query.get(name)?.[0];
	return value === undefined ? missing : value.toLowerCase() === 'true';
};
