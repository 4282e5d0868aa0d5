/** Every filter key × every operator (connector-api.md §1.1), asked of a real process and held to a slow reference. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PREFIX, ROUTES } from '../routes/table.ts';
import { KEY } from '../testing/parts.ts';
import { must, type Party } from '../testing/party.ts';
import { endAll } from '../testing/processes.ts';
import { DOCUMENTED, type DocumentedList, type KeyClass } from './testing/documented.ts';
import { questionsOf } from './testing/questions.ts';
import { membersAt, passes, type Row } from './testing/reference.ts';
import { filterWorld, type FilterWorld } from './testing/world.ts';

let world: FilterWorld;
let city: Party;
beforeAll(async () => {
	world = await filterWorld();
	city = world.city;
}, 180_000);
afterAll(async () => {
	await world?.close();
	await endAll();
});

const LISTS = Object.entries(DOCUMENTED);
/** What belongs to a list and is no filter: shown whatever their version. */
const WHOLE: Readonly<Record<string, string>> = {
	'/Attributes/Own/Identity': 'onlyLatestVersions=false',
	'/Attributes/Own/Shared/{peer}': 'onlyLatestVersions=false',
	'/Attributes/Peer/{peer}': 'onlyLatestVersions=false'
};
const placed = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => world.parameters[name] ?? '');
const query = (key: string, texts: readonly string[]) =>
	texts.map((text) => `${encodeURIComponent(key)}=${encodeURIComponent(text)}`).join('&');
const rowsOf = (path: string, asked = '') =>
	must<Row[]>(city.call('GET', `${placed(path)}?${[WHOLE[path], asked].filter(Boolean).join('&')}`));
const idOf = (row: Row) => row['id'] ?? `${String(row['peer'])} ${String(row['sourceReference'])}`;
const idsOf = (rows: readonly Row[]) => rows.map(idOf);

/** Names of the query, where it is told from the member that is looked at. */
const namesOf = ({ keys, aliases = {} }: DocumentedList): readonly (readonly [string, string, KeyClass])[] => [
	...Object.entries(keys).map(([key, type]) => [key, key, type] as const),
	...Object.entries(aliases).map(([name, { of }]) => [name, of, keys[of]!] as const)
];

test('the routes declare the keys that are documented, and no others', () => {
	const declared = ROUTES.filter(({ filters }) => filters !== undefined);
	expect(Object.fromEntries(declared.map(({ path, filters }) => [path, Object.keys(filters!).sort()]))).toEqual(
		Object.fromEntries(
			LISTS.map(([path, list]) => [
				path,
				namesOf(list)
					.map(([name]) => name)
					.sort()
			])
		)
	);
});

describe.each(LISTS)('%s', (path, list) => {
	let whole: readonly Row[];
	beforeAll(async () => (whole = await rowsOf(path)));

	test.each(namesOf(list))('%s', { timeout: 60_000 }, async (name, member, type) => {
		const wrong: string[] = [];
		const selected = new Set<number>();
		for (const { operator, texts } of questionsOf(whole, member, type)) {
			const asked = query(name, texts);
			const got = idsOf(await rowsOf(path, asked));
			const wanted = idsOf(whole.filter((row) => passes(row, member, type, texts)));
			selected.add(got.length);
			if (got.join() !== wanted.join())
				wrong.push(
					`${operator} ${asked}: ${got.length} [${got.join()}] instead of ${wanted.length} [${wanted.join()}]`
				);
		}
		expect(wrong).toEqual([]);
		// Data that answer every question alike would prove nothing.
		const tellsApart = [...selected].some((count) => count > 0 && count < whole.length);
		expect(tellsApart).toBe(list.alike?.[member] === undefined);
	});

	const withOperators = namesOf(list).filter(([, , type]) => ['T', 'I', 'D', 'B', 'N'].includes(type));

	test('a pattern that is none is refused for every key that takes patterns', async () => {
		for (const [name] of withOperators)
			for (const pattern of ['~(', '^[', '$(', `~${'x'.repeat(300)}`]) {
				const { status, error } = await city.call('GET', `${placed(path)}?${query(name, [pattern])}`);
				expect([name, pattern, status, error?.code]).toEqual([name, pattern, 400, 'error.runtime.unknown']);
			}
	});

	test('different keys all have to hold', async () => {
		const first = (member: string) => membersAt(whole, member).find((value) => typeof value !== 'object');
		for (const [index, [name, member, type]] of withOperators.entries()) {
			const [otherName, other, otherType] = withOperators[(index + 1) % withOperators.length]!;
			const texts = [String(first(member) ?? 'nowhere')];
			const others = [`!${String(first(other) ?? 'nowhere')}`];
			expect(idsOf(await rowsOf(path, `${query(name, texts)}&${query(otherName, others)}`))).toEqual(
				idsOf(whole.filter((row) => passes(row, member, type, texts) && passes(row, other, otherType, others)))
			);
		}
	});

	test.each(['nobody=1', '__proto__=1', '__proto__.polluted=1', 'constructor=!', 'toString=~(', 'hasOwnProperty='])(
		'what is no key of it changes nothing: %s',
		async (asked) => {
			expect(idsOf(await rowsOf(path, asked))).toEqual(idsOf(whole));
			expect({}).not.toHaveProperty('polluted');
		}
	);

	test('a name with [] is the name', async () => {
		const [name, member] = withOperators[0]!;
		const [one, other] = membersAt(whole, member).map(String);
		expect(idsOf(await rowsOf(path, query(`${name}[]`, [one!, other ?? one!])))).toEqual(
			idsOf(await rowsOf(path, query(name, [one!, other ?? one!])))
		);
	});

	test('what passes is sorted and cut into pages, and the whole of it is counted', async () => {
		const [name, member, type] = withOperators.find(([, , each]) => each === 'D' || each === 'I')!;
		const [one = ''] = membersAt(whole, member).map(String);
		const texts = [`!${one}`];
		const passing = whole.filter((row) => passes(row, member, type, texts));
		const by = (row: Row) => String(membersAt(row, 'id')[0] ?? membersAt(row, 'sourceReference')[0]);
		const sort = 'id' in whole[0]! ? '-id' : '-sourceReference';
		const ordered = [...passing].sort((a, b) => (by(a) < by(b) ? 1 : -1));
		for (const [offset, limit] of [
			[0, 2],
			[1, 2],
			[0, 1000],
			[1000, 1]
		] as const) {
			const paged = [WHOLE[path], query(name, texts), `sort=${sort}&offset=${offset}&limit=${limit}`];
			const response = await fetch(
				`${world.city.url}${PREFIX}${placed(path)}?${paged.filter(Boolean).join('&')}`,
				{
					headers: { 'x-api-key': KEY }
				}
			);
			const { result } = (await response.json()) as { result: Row[] };
			expect(idsOf(result)).toEqual(idsOf(ordered.slice(offset, offset + limit)));
			expect(response.headers.get('x-total-count')).toBe(String(passing.length));
		}
	});
});
