import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PATTERNS } from '../limits.ts';
import { alias, filterRows, keys, parseQuery, type FilterTable } from './filter.ts';

const table: FilterTable = {
	...keys('value', 'a b.c list.x isOwn n'),
	...keys('exists', 'info'),
	...keys('flag', 'auto'),
	...keys('text', 'tags lock.password'),
	...keys('place', 'lock.where'),
	'lock.pin': alias('pin', 'lock', 'lock.pin'),
	...keys('attachments', 'attachments'),
	who: alias('value', 'from', 'to.address')
};

const rows = [
	{
		id: 0,
		a: 'apple',
		n: 7,
		isOwn: true,
		list: [{ x: 'p' }, { x: 'q' }],
		tags: ['t1', 't2'],
		attachments: ['F1'],
		from: 'me',
		to: [{ address: 'you' }]
	},
	{
		id: 1,
		a: 'Banana',
		b: { c: '2026-01-01T00:00:00.000Z' },
		isOwn: false,
		info: { s: 1 },
		attachments: [],
		from: 'you',
		to: [{ address: 'me' }]
	},
	{
		id: 2,
		lock: { password: '!a', where: 'Self' },
		a: '7',
		b: { c: '2026-06-01T00:00:00.000Z' },
		auto: true,
		tags: ['t3']
	},
	{ id: 3, lock: { password: '12', pin: true, where: 50 } }
];
const ids = (query: string) => {
	const kept = filterRows(rows, table, parseQuery(query));
	return kept.ok ? kept.value.map(({ id }) => id) : kept.error.code;
};

describe('filters of lists', () => {
	test.each<[string, number[] | string]>([
		['', [0, 1, 2, 3]],
		['a=apple', [0]],
		['a=APPLE', []],
		['a=7', [2]],
		['n=7', [0]],
		['n=7.0', [0]],
		['a=!apple', [1, 2, 3]],
		['a=', [0, 1, 2]],
		['a=!', [3]],
		['b.c=>2026-03', [2]],
		['b.c=>=2026-06-01T00:00:00.000Z', [2]],
		['b.c=<2026-03', [1]],
		['b.c=<=2026-01-01T00:00:00.000Z', [1]],
		['b.c=>2025&b.c=<2026-03', [1]],
		['n=>6&n=<8', [0]],
		['a=%5Eban', [1]],
		['a=$A', [1]],
		['a=~an.n', [1]],
		['a=apple&a=7', [0, 2]],
		['a[]=apple&a[]=7', [0, 2]],
		['a=!apple&a=!7', [1, 3]],
		['a=%5Eban&a=7', [1, 2]],
		['isOwn=true', [0]],
		['isOwn=TRUE', [0]],
		['isOwn=!true', [1, 2, 3]],
		['list.x=q', [0]],
		['list.x=!q', [1, 2, 3]],
		['info=', [1]],
		['info=!', [0, 2, 3]],
		['auto=true', [2]],
		['auto=!', [0, 1, 3]],
		['tags=t2', [0]],
		['tags=t2&tags=t3', [0, 2]],
		['lock.password=!a', [2]],
		['lock.password=^1', []],
		['lock.password=', []],
		['lock.password=12&lock.password=!a', [2, 3]],
		['lock.pin=true', [3]],
		['lock.pin=!', [2]],
		['lock.pin=false', []],
		['lock.where=Self', [2]],
		['lock.where=1', [2]],
		['lock.where=50', [3]],
		['lock.where=', []],
		['attachments=%2B', [0]],
		['attachments=F1&attachments=F2', [0]],
		['who=you', [0, 1]],
		['who=you&a=apple', [0]],
		['unknown=1', [0, 1, 2, 3]],
		['__proto__=1&constructor=1&toString=x', [0, 1, 2, 3]],
		['a=~(', 'error.runtime.unknown'],
		[`a=~${'x'.repeat(300)}`, 'error.runtime.unknown']
	])('%s', (query, expected) => {
		expect(ids(query)).toEqual(expected);
	});

	test('a pattern that would run for years is ended and refused', () => {
		const many = [{ a: `${'a'.repeat(60)}!` }];
		const kept = filterRows(many, table, parseQuery('a=~(a%2B)%2B$'));
		expect(kept).toMatchObject({ ok: false, error: { code: 'error.runtime.unknown' } });
		expect(filterRows(many, table, parseQuery('a=~a'))).toMatchObject({ ok: true, value: [{}] });
	});
});

/** The rules once more, one row and one value at a time, the slow and obvious way. */
function slowly(row: Record<string, unknown>, key: string, texts: readonly string[]): boolean {
	const raw = row[key];
	const values = raw === undefined ? [] : Array.isArray(raw) ? (raw as unknown[]) : [raw];
	const same = (value: unknown, text: string) => {
		if (typeof value === 'number') return text.trim() !== '' && Number(text) === value;
		return typeof value === 'boolean' ? String(value) === text.toLowerCase() : value === text;
	};
	const less = (value: unknown, text: string) =>
		typeof value === 'number' ? value < Number(text) : typeof value === 'string' && value < text;
	const more = (value: unknown, text: string) =>
		typeof value === 'number' ? value > Number(text) : typeof value === 'string' && value > text;
	const alternatives: boolean[] = [];
	const all: boolean[] = [];
	for (const text of texts) {
		if (text === '')
			all.push(
				raw !== undefined &&
					!(Array.isArray(raw) && raw.length === 0 && texts.some((each) => each !== '' && each !== '!'))
			);
		else if (text === '!') all.push(!(raw !== undefined));
		else if (text[0] === '!') all.push(values.every((value) => !same(value, text.slice(1))));
		else if (text.startsWith('>='))
			all.push(
				values.some(
					(value) =>
						more(value, text.slice(2)) ||
						(typeof value === 'number' ? value === Number(text.slice(2)) : value === text.slice(2))
				)
			);
		else if (text.startsWith('<='))
			all.push(
				values.some(
					(value) =>
						less(value, text.slice(2)) ||
						(typeof value === 'number' ? value === Number(text.slice(2)) : value === text.slice(2))
				)
			);
		else if (text[0] === '>') all.push(values.some((value) => more(value, text.slice(1))));
		else if (text[0] === '<') all.push(values.some((value) => less(value, text.slice(1))));
		else if (text[0] === '^')
			alternatives.push(
				values.some((value) => String(value).toLowerCase().startsWith(text.slice(1).toLowerCase()))
			);
		else if (text[0] === '$')
			alternatives.push(
				values.some((value) => String(value).toLowerCase().endsWith(text.slice(1).toLowerCase()))
			);
		else if (text[0] === '~')
			alternatives.push(
				values.some((value) => String(value).toLowerCase().includes(text.slice(1).toLowerCase()))
			);
		else alternatives.push(values.some((value) => same(value, text)));
	}
	return all.every(Boolean) && (alternatives.length === 0 || alternatives.some(Boolean));
}

test('a query has so many regular expressions and no more, whatever keys they stand at', () => {
	const some = (count: number) => Array.from({ length: count }, () => 'a=~apple').join('&');
	expect(filterRows(rows, table, parseQuery(some(MAX_PATTERNS)))).toMatchObject({ ok: true, value: [{ id: 0 }] });
	for (const query of [some(MAX_PATTERNS + 1), `${some(MAX_PATTERNS)}&b.c=^x`, `${some(MAX_PATTERNS)}&n=$7`])
		expect(filterRows(rows, table, parseQuery(query))).toMatchObject({ ok: false });
	expect(filterRows(rows, table, parseQuery(`${some(MAX_PATTERNS)}&tags=~t&unknown=~x`))).toMatchObject({ ok: true });
});

describe('filters held equal to a slow reference', () => {
	const word = fc.string({ unit: fc.constantFrom('a', 'B', '1', '2'), minLength: 1, maxLength: 3 });
	const scalar = fc.oneof(word, fc.integer({ min: 0, max: 30 }), fc.boolean());
	const row = fc.record(
		{ k: fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 })), l: scalar },
		{ requiredKeys: [] }
	);
	const sign = fc.constantFrom('', '!', '>', '>=', '<', '<=', '^', '$', '~');
	const value = fc
		.tuple(sign, fc.oneof(word, fc.constant('')))
		.map(([operator, text]) =>
			text === '' && operator !== '' && operator !== '!' ? `${operator}1` : operator + text
		);
	const query = fc.tuple(fc.array(value, { minLength: 1, maxLength: 3 }), fc.array(value, { maxLength: 2 }));

	test('for any rows and any two keys', () => {
		const two = keys('value', 'k l');
		fc.assert(
			fc.property(fc.array(row, { maxLength: 8 }), query, (many, [k, l]) => {
				const asked = new Map([['k', k], ...(l.length > 0 ? [['l', l] as const] : [])]);
				const kept = filterRows(many, two, asked);
				if (!kept.ok) throw new Error(kept.error.message);
				expect(kept.value).toEqual(
					many.filter((each) => slowly(each, 'k', k) && (l.length === 0 || slowly(each, 'l', l)))
				);
			}),
			{ numRuns: 3000 }
		);
	});
});
