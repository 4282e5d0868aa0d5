/** The catalogue, the suites and the page say the same: no documented code without a call that provokes it, or a reason. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { attributeRows } from './testing/attributes.ts';
import { ANSWERED, CATALOGUE, UNANSWERED, type Code } from './testing/catalogue.ts';
import { debugRows, httpRows } from './testing/http.ts';
import { loadingRows } from './testing/loading.ts';
import { messageRows } from './testing/messages.ts';
import { lookUpRows, makingRows } from './testing/objects.ts';
import { offlineRows } from './testing/offline.ts';
import { passingRows } from './testing/passing.ts';
import { relationshipRows } from './testing/relationships.ts';
import { requestRows } from './testing/requests.ts';
import { startRows } from './testing/start.ts';

const TABLES: Readonly<Record<string, readonly { readonly name: string; readonly code: Code }[]>> = {
	attributes: attributeRows,
	http: httpRows,
	'http, debug mode': debugRows,
	loading: loadingRows,
	'look-ups': lookUpRows,
	making: makingRows,
	messages: messageRows,
	offline: offlineRows,
	passing: passingRows,
	relationships: relationshipRows,
	requests: requestRows,
	start: startRows
};
const provoked = new Set(Object.values(TABLES).flatMap((rows) => rows.map(({ code }) => code)));
const sorted = (codes: Iterable<string>) => [...new Set(codes)].sort();

test('the codes marked as answered are exactly those the suites provoke', () => {
	expect(sorted(provoked)).toEqual(sorted(ANSWERED));
});

test('every code that is not answered says why', () => {
	for (const code of UNANSWERED) expect(CATALOGUE[code].length).toBeGreaterThan(10);
	expect(sorted([...ANSWERED, ...UNANSWERED])).toEqual(sorted(Object.keys(CATALOGUE)));
});

describe.each(Object.entries(TABLES))('%s', (_, rows) => {
	test('no two rows have one name and code', () => {
		const names = rows.map(({ name, code }) => `${name}: ${code}`);
		expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
	});
});

/** Codes the sources spell out, but for those of the App and of wires, and those that go on in a template. */
const spelled = globSync('{crdt,connector}/**/*.ts', { exclude: (name) => name.endsWith('node_modules') })
	.filter((path) => !/\.test\.ts$|\/(testing|errors|sim|client)\//.test(path))
	.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/['`](error\.[\w.-]+\w)['`]/g)])
	.map(([, code]) => code!)
	.filter((code) => !code.startsWith('error.app.'));

/** Beginnings of codes. */
const isBeginning = (code: string) => Object.keys(CATALOGUE).some((known) => known.startsWith(`${code}.`));

test('whatever code the sources spell out is in the catalogue', () => {
	expect(spelled.length).toBeGreaterThan(80);
	expect(sorted(spelled.filter((code) => !Object.hasOwn(CATALOGUE, code) && !isBeginning(code)))).toEqual([]);
});

test('the page lists the codes nobody answers with their reasons', () => {
	const page = readFileSync('docs/conformance/errors.md', 'utf8');
	const list = page.split('## Codes no call answers')[1] ?? '';
	const rows = [...list.matchAll(/^\| `(error\.[\w.-]+)` \| (.+) \|$/gm)].map(([, code, reason]) => [code, reason]);
	expect(rows).toEqual(UNANSWERED.map((code) => [code, CATALOGUE[code]]));
});
