/** Words about tests are only worth something while those tests exist: every test named in the documents is looked up. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lies } from '../crdt/sim/hostile.ts';
import { mutants } from '../crdt/sim/mutants.ts';

const decisions = readdirSync('docs/decisions').map((name) => `docs/decisions/${name}`);
const DOCUMENTS = ['THREATS.md', 'PROTOCOL.md', ...decisions];

interface Named {
	readonly document: string;
	readonly file: string;
	/** Parts of a test's name; empty when the file as a whole is meant. */
	readonly names: readonly string[];
}

/** `path/to/x.test.ts "a name", "another"`: names belong to the file before them. */
function namedIn(document: string): Named[] {
	const found = readFileSync(document, 'utf8').matchAll(
		/([\w./-]+\.(?:test|spec)\.ts)\)?((?:\s*(?:,|with|and)?\s*"[^"]+")*)/g
	);
	return [...found].map(([, file, names]) => ({
		document,
		file: file!,
		names: [...names!.matchAll(/"([^"]+)"/g)].map(([, name]) => name!.replace(/ …$/, ''))
	}));
}

const named = DOCUMENTS.flatMap(namedIn);

test('the documents name tests', () => {
	expect(named.filter(({ document }) => document === 'THREATS.md').length).toBeGreaterThan(30);
});

describe.each([...new Set(named.map(({ file }) => file))])('%s', (file) => {
	const names = new Set(named.filter((row) => row.file === file).flatMap((row) => row.names));

	test('exists', () => {
		expect(existsSync(file)).toBe(true);
	});

	for (const name of names)
		test(`has "${name}"`, () => {
			const source = readFileSync(file, 'utf8').replaceAll("\\'", '’').replaceAll("'", '’');
			expect(source).toContain(name.replaceAll("'", '’'));
		});
});

/** `sim "a row"`: a lie of the hostile relay or a mutant of the simulation. */
const rows = DOCUMENTS.flatMap((document) => [
	...readFileSync(document, 'utf8').matchAll(/\bsim((?:\s*,?\s*"[^"]+")+)/g)
]).flatMap(([, names]) => [...names!.matchAll(/"([^"]+)"/g)].map(([, name]) => name!));

describe('the simulation', () => {
	const known = new Set([...lies, ...mutants].map(({ name }) => name));

	test.each([...new Set(rows)])('has a row "%s"', (name) => {
		expect(known).toContain(name);
	});

	test('each of its lies stands in THREATS.md', () => {
		expect(lies.map(({ name }) => name).filter((name) => !rows.includes(name))).toEqual([]);
	});
});
