/** The grammar of rules, held equal to a slow reference (content-behaviours E4; content-model.md §6). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anna, berlin, day, party, relate } from '../attribute/testing/party.ts';
import type { JsonObject, RequestRow } from '../views.ts';
import { decideByRules, matches, type DeciderRule } from './decider.ts';
import { group } from './testing/asking.ts';
import { accept, deletion, items, reject, request } from './testing/rules.ts';

// ------------------------------------------------------------------------------------ the slow reference

/** The same grammar once more, told as the specification tells it: rule by rule over all items still undecided. */
function slowly(rules: readonly DeciderRule[], row: RequestRow, known: boolean): unknown {
	const nodes = row.content['items'] as unknown as Record<string, never>[];
	const flat: { item: JsonObject; answer: unknown }[] = [];
	for (const node of nodes)
		for (const item of (node['items'] ?? [node]) as JsonObject[]) flat.push({ item, answer: undefined });
	for (const { item } of flat) if (/^(Authentication|Consent)/.test(String(item['@type']))) return 'manual';
	const text = JSON.stringify;
	const lookUp = (root: unknown, keys: string[]): unknown => {
		let found = root;
		for (const key of keys) {
			if (found === null || typeof found !== 'object' || Array.isArray(found)) return undefined;
			found = Object.getOwnPropertyDescriptor(found, key)?.value;
		}
		return found;
	};
	const holds = (key: string, wish: unknown, found: unknown): boolean => {
		if (found === undefined) return false;
		if (/tags$/.test(key) && Array.isArray(wish) && Array.isArray(found)) {
			for (const a of wish) for (const b of found) if (a === b) return true;
			return false;
		}
		if (/At$/.test(key)) {
			const time = new Date(String(found)).getTime();
			for (const bound of Array.isArray(wish) ? wish : [wish]) {
				const date = new Date(String(bound).replace(/^[<>]/, '')).getTime();
				if (
					String(bound)[0] === '>'
						? !(time > date)
						: String(bound)[0] === '<'
							? !(time < date)
							: time !== date
				)
					return false;
			}
			return true;
		}
		for (const each of Array.isArray(wish) ? (wish as unknown[]) : [wish])
			if (text(each) === text(found)) return true;
		return false;
	};
	for (const { requestConfig, responseConfig } of rules) {
		const keys = Object.keys(requestConfig);
		const outer = keys.filter((key) => key.slice(0, 13) !== 'content.item.');
		const inner = keys.filter((key) => !outer.includes(key));
		let fits = true;
		for (const key of outer) {
			const wish = requestConfig[key];
			if (key === 'relationshipAlreadyExists') fits &&= wish === known;
			else fits &&= holds(key, wish, lookUp(row, key.split('.')));
		}
		if (!fits) continue;
		for (const place of flat) {
			if (place.answer !== undefined) continue;
			const type = String(place.item['@type']);
			let taken = inner.length > 0 || !responseConfig.accept || /^(Create|Share)Attribute/.test(type);
			for (const key of inner)
				taken &&= holds(key, requestConfig[key], lookUp(place.item, key.slice(13).split('.')));
			if (taken) place.answer = responseConfig;
		}
	}
	if (flat.some(({ answer }) => answer === undefined)) return 'manual';
	const answers = flat.map(({ answer }) => answer);
	const shaped = nodes.map((node) => {
		const inside = node['items'] as unknown[] | undefined;
		return inside ? { items: inside.map(() => answers.shift()) } : answers.shift();
	});
	return [flat.some(({ answer }) => (answer as { accept: boolean }).accept), ...shaped];
}

const itemPool = Object.values(items).flatMap((item) => [item, { ...item, mustBeAccepted: false }]);
const anItem = fc.constantFrom<object>(...itemPool, ...itemPool.filter((item) => !/^(Auth|Cons)/.test(item['@type'])));
const nodes = fc.array(
	fc.oneof(
		anItem,
		fc.array(anItem, { minLength: 1, maxLength: 3 }).map((inside) => group(...inside))
	),
	{
		minLength: 1,
		maxLength: 3
	}
);
const pool: [string, unknown[]][] = [
	['peer', [berlin, anna, [anna, berlin]]],
	['createdAt', [day(10), `>${day(9)}`, `<${day(9)}`, [`>${day(9)}`, `<${day(11)}`]]],
	['source.type', ['Message', 'RelationshipTemplate', ['Message', 'RelationshipTemplate']]],
	['content.expiresAt', [`>${day(12)}`, `<${day(12)}`]],
	['content.metadata', [{ a: 1, b: { c: 2 } }, [{ a: 1, b: { c: 2 } }], { a: 1 }]],
	['relationshipAlreadyExists', [true, false]],
	['content.item.@type', [...new Set(Object.values(items).map((item) => item['@type']))]],
	['content.item.mustBeAccepted', [true, false]],
	['content.item.metadata', [{ case: 7 }, { case: 8 }]],
	['content.item.attribute.tags', [['x:a'], ['x:z', 'x:b'], ['x:z'], 'x:a']],
	['content.item.attribute.value.@type', ['GivenName', ['GivenName', 'ProprietaryString']]],
	['content.item.query.attributeCreationHints.tags', [['x:a'], ['x:b']]],
	['content.item.query.key', ['card', 'other']]
];
const config = fc
	.subarray(pool, { maxLength: 3 })
	.chain((picked) =>
		fc.tuple(...picked.map(([key, wishes]) => fc.constantFrom(...wishes).map((wish) => [key, wish] as const)))
	)
	.map((pairs) => Object.fromEntries(pairs));
const rules = fc.array(
	fc.record({
		requestConfig: config,
		responseConfig: fc.constantFrom<{ accept: boolean }>(accept, reject, deletion)
	}),
	{ maxLength: 4 }
);

test('E4 the matching is that of a slow reference, whatever the rules and requests', () => {
	let automatic = 0;
	fc.assert(
		fc.property(rules, nodes, fc.boolean(), (some, asked, known) => {
			const { views } = party(anna);
			if (known) relate({ views, me: anna }, berlin);
			const row = request(asked);
			const found = decideByRules(some, row, views);
			const answer = found ? [found.accept, ...found.decision.items] : 'manual';
			if (found) automatic += 1;
			expect(answer).toEqual(slowly(some, row, known));
		}),
		{ numRuns: 3_000 }
	);
	expect(automatic).toBeGreaterThan(100);
});

test('E4 a member compares whatever the order of an object’s members', () => {
	expect(matches('content.metadata', { b: 1, a: 2 }, { a: 2, b: 1 })).toBe(true);
	expect(matches('content.metadata', { b: 1 }, { a: 2, b: 1 })).toBe(false);
});
