/**
 * The conformance pages are only worth something while the tests they name exist: every file is there, every quoted title
 * stands in it, and no line of the behaviour list of transport and Backbone is without a row.
 *
 *   | K1, K130 – K133 | behaviour | `path/x.test.ts` "beginning of a title", "another"; `path/y.test.ts` |
 *
 * Titles belong to the file before them. A path is one of the repository, or of a folder the page names above its table.
 * A row without a test begins with why.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const FOLDER = 'docs/conformance';
/** Lines 1 to 269 of the list but those whose mechanism is gone (marked D there). */
const GONE = new Set([96, 101, 107, 108, 111, 112, 113, 114]);
const LINES = Array.from({ length: 269 }, (_, i) => i + 1).filter((line) => !GONE.has(line));
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

/** `K25` stands not in `K255`. */
function has(source: string, title: string): boolean {
	for (let at = source.indexOf(title); at >= 0; at = source.indexOf(title, at + 1))
		if (!/\d$/.test(title) || !/^\d/.test(source.slice(at + title.length))) return true;
	return false;
}

/** What is wrong with a row, in words. */
function faultsOf({ page, line, test: cell }: Row): string[] {
	const named = namedIn(cell);
	if (named.length === 0 && !REASON.test(cell)) return [`${line}: no test, and no reason why`];
	return named.flatMap(({ path, titles }) => {
		const file = locate(page, path);
		if (file === undefined) return [`${line}: there is no ${path}`];
		return titles
			.filter((title) => !has(sourceOf(file), plain(title)))
			.map((title) => `${line}: ${file} has no "${title}"`);
	});
}

/** Numbers of K lines in a first cell: `K1, K130 – K133 (A)`. */
const numbersIn = (cell: string): number[] =>
	[...cell.matchAll(/K(\d+)(?:\s*[–-]\s*K(\d+))?/g)].flatMap(([, from, to]) =>
		Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, i) => Number(from) + i)
	);

describe.each(pages)('%s', (page) => {
	test('names tests that are there', () => {
		const rows = rowsOf(page);
		expect(rows.length).toBeGreaterThan(0);
		expect(rows.flatMap(faultsOf)).toEqual([]);
	});
});

test('every line that is kept has a row', () => {
	const seen = new Set(pages.flatMap(rowsOf).flatMap(({ line }) => numbersIn(line)));
	expect(LINES.filter((line) => !seen.has(line))).toEqual([]);
});

test('control: a missing file, a title nobody wrote and a row without a word are noticed', () => {
	const row = (cell: string): Row => ({ page: pages[0]!, line: 'K1', test: cell });
	const here = '`trials/conformance.test.ts`';
	expect(faultsOf(row(`${here} "every line that is kept …"`))).toEqual([]);
	expect(faultsOf(row('not ours: there is none'))).toEqual([]);
	expect(faultsOf(row(`${here} "${['no', 'such', 'title'].join(' ')}"`))).toHaveLength(1);
	expect(faultsOf(row('`trials/nowhere.test.ts`'))).toHaveLength(1);
	expect(faultsOf(row(''))).toHaveLength(1);
	expect([has('K255 tags', 'K25'), has('K255 tags, K25 who', 'K25')]).toEqual([false, true]);
	expect(numbersIn('K1, K130 – K132 (A), K222–K223')).toEqual([1, 130, 131, 132, 222, 223]);
});
