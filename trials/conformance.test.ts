/**
 * The conformance pages are only worth something while the tests they name exist: every file is there, every test file is
 * named with the beginning of a title that stands in it, and no line of the two behaviour lists is without a row.
 *
 *   | K1, K130 – K133 | behaviour | `path/x.test.ts` "beginning of a title", "another"; `path/y.test.ts` "a third" |
 *   | A2 (3), C1 Get, list (2), E7 (1)–(5) | … the third line of section A2, … |
 *
 * Titles belong to the file before them. A path is one of the repository, or of a folder the page names above its table.
 * A row without a test begins with why.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const FOLDER = 'docs/conformance';
/** Lines of the list but those whose mechanism is gone (marked D there). */
const GONE = new Set([96, 101, 107, 108, 111, 112, 113, 114]);
const LINES = Array.from({ length: 287 }, (_, i) => i + 1).filter((line) => !GONE.has(line));
/** Sections of the list of the content model, and how many lines each has. Those of C1 have names instead of numbers. */
const SECTIONS: { readonly [section: string]: number } = {
	...{ A1: 4, A2: 7, A3: 8, A4: 3, A5: 1, A6: 10, A7: 2 },
	...{ B1: 3, B2: 3, B3: 4, B4: 4, B5: 3, B6: 3, B7: 4, B8: 4 },
	...{ 'C1 Received': 4, 'C1 CheckPrerequisites': 1, 'C1 RequireManualDecision': 1, 'C1 CanAccept': 5 },
	...{ 'C1 Accept': 2, 'C1 Complete': 1, 'C1 Get': 3, 'C1 Flows': 1 },
	...{ C2: 10, C3: 9, C4: 10, C5: 12, C6: 5, C7: 9, C8: 5, C9: 4, C10: 4, C11: 4 },
	...{ D: 7, E1: 22, E2: 5, E3: 5, E4: 11, E5: 9, E6: 9, E7: 5, F: 7 }
};
/** How a row says that it has no test: elsewhere, or not at all. */
const REASON = /^(not ours: |other issue: |none: |–$)/;
const HEAD = '| Line | Behaviour | Test |';

interface Row {
	readonly page: string;
	readonly line: string;
	readonly test: string;
}
interface Named {
	readonly path: string;
	readonly titles: readonly string[];
}

const pages = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`);
const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]));

/** Rows of the tables with that head: a table ends with the first line that is no row. */
function rowsOf(page: string): Row[] {
	const rows: Row[] = [];
	let inside = false;
	for (const line of texts.get(page)!.split('\n')) {
		if (line === HEAD) inside = true;
		else if (!line.startsWith('|')) inside = false;
		else if (inside && !line.startsWith('|---')) {
			const [, first = '', , last = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
			rows.push({ page, line: first, test: last });
		}
	}
	return rows;
}

/** Folders a page names above its table; `a/` is `b/a/` is an abbreviation. */
function foldersOf(page: string): string[] {
	const intro = texts.get(page)!.split(HEAD)[0]!;
	return ['', ...[...intro.matchAll(/`([\w./-]+\/)`/g)].map(([, folder]) => folder!)];
}
function expand(page: string, path: string): string {
	for (const [, short, long] of texts.get(page)!.matchAll(/`([\w-]+\/)` is\s+`([\w./-]+\/)`/g))
		if (path.startsWith(short!)) return long! + path.slice(short!.length);
	return path;
}
const locate = (page: string, path: string): string | undefined =>
	[expand(page, path), ...foldersOf(page).map((folder) => join(folder, path))].find(existsSync);

/** Paths in a cell, each with the titles that follow it. Folders and programmes count where they stand in backticks. */
function namedIn(cell: string): Named[] {
	const tokens = cell.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`|([\w./-]+\.(?:test|spec)\.ts)|"([^"]+)"/g);
	const named: { path: string; titles: string[] }[] = [];
	for (const [, quoted, bare, title] of tokens) {
		const path = quoted ?? bare;
		if (title !== undefined) named.at(-1)?.titles.push(title.replace(/ ?…$/, ''));
		else if (path!.includes('/') || path!.endsWith('.ts')) named.push({ path: path!, titles: [] });
	}
	return named;
}

const plain = (text: string) => text.replaceAll("\\'", '’').replaceAll("'", '’');
const sources = new Map<string, string>();
/** Text of a file, or of all files of a folder. */
function sourceOf(path: string): string {
	const known = sources.get(path);
	if (known !== undefined) return known;
	const files = statSync(path).isDirectory()
		? readdirSync(path)
				.filter((name) => name.endsWith('.ts'))
				.map((name) => join(path, name))
		: [path];
	const text = plain(files.map((file) => readFileSync(file, 'utf8')).join('\n'));
	sources.set(path, text);
	return text;
}

/** Where titles begin: in a string, after the codes of lines. */
const BEGINNING = /[’"`](?:[A-Z]\d*(?:\.\w+)?,? )*$/;
/** `K25` stands not in `K255`; words in the middle of a title are not its beginning. */
function has(source: string, title: string): boolean {
	for (let at = source.indexOf(title); at >= 0; at = source.indexOf(title, at + 1)) {
		const isWhole = !/\d$/.test(title) || !/^\d/.test(source.slice(at + title.length, at + title.length + 1));
		if (isWhole && BEGINNING.test(source.slice(Math.max(0, at - 60), at))) return true;
	}
	return false;
}

const isTest = (path: string) => /\.(test|spec)\.ts$/.test(path);

/** What is wrong with a row, in words. */
function faultsOf({ page, line, test: cell }: Row): string[] {
	const named = namedIn(cell);
	const isProven = named.some(({ path, titles }) => isTest(path) && titles.length > 0);
	const faults = isProven || REASON.test(cell) ? [] : [`${line}: no test with a title, and no reason why`];
	for (const { path, titles } of named) {
		const file = locate(page, path);
		if (file === undefined) faults.push(`${line}: there is no ${path}`);
		else if (isTest(path) && titles.length === 0) faults.push(`${line}: no title of ${file}`);
		else
			faults.push(
				...titles
					.filter((title) =>
						isTest(path) ? !has(sourceOf(file), plain(title)) : !sourceOf(file).includes(plain(title))
					)
					.map((title) => `${line}: ${file} has no "${title}"`)
			);
	}
	return faults;
}

/** Numbers of K lines in a first cell: `K1, K130 – K133 (A)`. */
const numbersIn = (cell: string): number[] =>
	[...cell.matchAll(/K(\d+)(?:\s*[–-]\s*K(\d+))?/g)].flatMap(([, from, to]) =>
		Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, i) => Number(from) + i)
	);

/** `(1)–(3)`, `(2, 4)`, `(5)`. */
const numbersOf = (range: string): number[] => {
	const [from, to] = range.split('–').map((part) => [...part.matchAll(/\d+/g)].map(([n]) => Number(n)));
	if (to === undefined) return from!;
	return Array.from({ length: to[0]! - from![0]! + 1 }, (_, i) => from![0]! + i);
};
/** Lines of the other list in a first cell: `C1 Get, list (2)` is the second of `C1 Get`; numbers count for all names before. */
function linesIn(cell: string): string[] {
	const lines: string[] = [];
	let [section, names, isRead] = ['', [] as string[], false];
	const parts = /\b([A-E]\d{1,2}|[DF])\b|([A-Z][a-z]\w+)|(\(\d+(?:, \d+)*\)(?:–\(\d+\))?|\(\d+–\d+\))/g;
	for (const [, code, name, range] of cell.matchAll(parts)) {
		if (range === undefined && isRead) [names, isRead] = [[], false];
		if (code !== undefined) [section, names] = [code, [code]];
		else if (name !== undefined) names.push(`${section} ${name}`);
		else {
			isRead = true;
			const known = names.filter((each) => each in SECTIONS);
			for (const each of known.length > 0 ? known : [section])
				lines.push(...numbersOf(range!).map((n) => `${each} (${n})`));
		}
	}
	return lines;
}
const SPOKEN = Object.entries(SECTIONS).flatMap(([section, count]) =>
	Array.from({ length: count }, (_, i) => `${section} (${i + 1})`)
);

describe.each(pages)('%s', (page) => {
	test('names tests that are there', () => {
		const rows = rowsOf(page);
		expect(rows.length).toBeGreaterThan(0);
		expect(rows.flatMap(faultsOf)).toEqual([]);
	});
});

/** Lines without a row, and rows of lines there are not. */
function uncovered<L>(lines: readonly L[], rows: readonly L[]): { readonly missing: L[]; readonly unknown: L[] } {
	const [wanted, seen] = [new Set(lines), new Set(rows)];
	return { missing: lines.filter((line) => !seen.has(line)), unknown: [...seen].filter((line) => !wanted.has(line)) };
}
const cells = pages.flatMap(rowsOf).map(({ line }) => line);
const NOTHING = { missing: [], unknown: [] };

test('every line of transport and Backbone that is kept has a row, and no row names one there is not', () => {
	const kept = cells.flatMap(numbersIn).filter((line) => !GONE.has(line));
	expect(uncovered(LINES, kept)).toEqual(NOTHING);
});

test('every line of the content model has a row, and no row names one there is not', () => {
	expect(uncovered(SPOKEN, cells.flatMap(linesIn))).toEqual(NOTHING);
});

describe('controls: it is noticed', () => {
	const row = (cell: string): Row => ({ page: pages[0]!, line: 'K1', test: cell });
	const here = '`trials/conformance.test.ts`';
	const title = '"every line of the content model …"';

	test.each([
		['a row that is right', `${here} ${title}`, 0],
		['a row that says why', 'not ours: there is none', 0],
		['a reason with a test', `not ours: elsewhere: ${here} ${title}`, 0],
		['a folder beside a test', `${here} ${title}; \`crdt/sim/\``, 0],
		['a title nobody wrote', `${here} "${['no', 'such', 'title'].join(' ')}"`, 1],
		['words that begin no title', `${here} "${['line', 'of', 'the', 'content'].join(' ')}"`, 1],
		['a missing file', `${here} ${title}; \`trials/nowhere.test.ts\` "x"`, 1],
		['a row without a word', '', 1],
		['a file without a title', `${here} ${title}; \`trials/threats.test.ts\``, 1],
		['a file without a title where a reason stands', 'not ours: but `trials/threats.test.ts`', 1],
		['a folder alone', '`crdt/sim/`', 1],
		['a programme alone', '`bench/scale.ts`', 1]
	])('%s', (_name, cell, faults) => expect(faultsOf(row(cell))).toHaveLength(faults));

	test('a title within a longer code, or after other codes', () => {
		expect([has("'K255 tags", 'K25'), has('’K255 K25 who', 'K25'), has('’A1.2 tags’', 'tags')]).toEqual([
			false,
			true,
			true
		]);
	});

	test('a line without a row, a row without a line', () => {
		expect(uncovered(['A1 (1)', 'A1 (2)'], linesIn('A1 (1)'))).toEqual({ missing: ['A1 (2)'], unknown: [] });
		expect(uncovered(['A1 (1)'], linesIn('A1 (1)–(2)'))).toEqual({ missing: [], unknown: ['A1 (2)'] });
		expect([LINES.length, SPOKEN.length]).toEqual([279, 233]);
	});

	test('which lines a cell means', () => {
		expect(numbersIn('K1, K130 – K132 (A), K222–K223')).toEqual([1, 130, 131, 132, 222, 223]);
		expect(linesIn('K1, K130 – K132 (A)')).toEqual([]);
		expect(linesIn('A2 (3), B7 (1, 2) shared, E7 (1)–(3)')).toEqual([
			...['A2 (3)', 'B7 (1)', 'B7 (2)', 'E7 (1)', 'E7 (2)', 'E7 (3)']
		]);
		expect(linesIn('C1 CanAccept, CanReject (2)')).toEqual(['C1 CanAccept (2)']);
		expect(linesIn('C1 CheckPrerequisites, RequireManualDecision (1)')).toEqual([
			...['C1 CheckPrerequisites (1)', 'C1 RequireManualDecision (1)']
		]);
		expect(linesIn('D (1), F (7)')).toEqual(['D (1)', 'F (7)']);
		expect(linesIn('B8 (tags), A9 (1)')).toEqual(['A9 (1)']);
	});
});
