import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateIql, parseIql, validateIql } from './iql.ts';

// ------------------------------------------------------------------- a slow reader, written from the grammar

/** Where each way of reading ends: recursive descent with backtracking, one function per line of the grammar. */
type Rule = (text: string, at: number) => number | undefined;
const word =
	(literal: string): Rule =>
	(text, at) =>
		text.slice(at, at + literal.length) === literal ? at + literal.length : undefined;
const oneOf =
	(chars: RegExp): Rule =>
	(text, at) =>
		at < text.length && chars.test(text.charAt(at)) ? at + 1 : undefined;
const seq =
	(...rules: Rule[]): Rule =>
	(text, at) =>
		rules.reduce<number | undefined>((place, rule) => (place === undefined ? place : rule(text, place)), at);
const first =
	(...rules: Rule[]): Rule =>
	(text, at) => {
		for (const rule of rules) {
			const end = rule(text, at);
			if (end !== undefined) return end;
		}
		return undefined;
	};
const many =
	(rule: Rule, least = 0): Rule =>
	(text, at) => {
		let [place, count] = [at, 0];
		for (let end = rule(text, place); end !== undefined; end = rule(text, place)) [place, count] = [end, count + 1];
		return count < least ? undefined : place;
	};

const ws = many(oneOf(/[ \t\r\n]/), 1);
const type = seq(oneOf(/[A-Z]/), many(oneOf(/[A-Za-z0-9]/)));
const seg = seq(oneOf(/[a-z]/), many(oneOf(/[A-Za-z0-9]/), 1));
const escaped = first(word('\\\\'), word("\\'"));
const rhs = first(
	seq(word("'"), many(first(escaped, oneOf(/[^'\\]/))), word("'")),
	many(first(escaped, oneOf(/[^'\\ ]/)))
);
const pred = first(seq(oneOf(/[=~><]/), rhs), word('?'));
const term = first(
	seq(type, many(seq(word('.'), seg), 1), pred),
	seq(type, pred),
	type,
	seq(seg, many(seq(word('.'), seg)), pred),
	seq(word('#'), rhs)
);
const primary: Rule = (text, at) => first(seq(word('('), ws, query, ws, word(')')), term)(text, at);
const unary: Rule = (text, at) => first(seq(word('!'), unary), primary)(text, at);
const and = seq(unary, many(seq(ws, word('&&'), ws, unary)));
const query = seq(and, many(seq(ws, word('||'), ws, and)));
const isQuery = (text: string): boolean => query(text, 0) === text.length;

// ---------------------------------------------------------------------------------------------- what is written

type Node =
	| { readonly kind: 'leaf'; readonly text: string; holds(content: Content): boolean }
	| { readonly kind: 'not'; readonly inner: Node }
	| { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node };
type Content = { readonly value: { '@type': string; value?: string; year?: number }; readonly tags?: string[] };

const leaf = (text: string, holds: (content: Content) => boolean): Node => ({ kind: 'leaf', text, holds });
const leaves: Node[] = [
	leaf('GivenName', ({ value }) => value['@type'] === 'GivenName'),
	leaf('Surname=Mira', ({ value }) => value['@type'] === 'Surname' && value.value === 'Mira'),
	leaf("GivenName='Ana Maria'", ({ value }) => value['@type'] === 'GivenName' && value.value === 'Ana Maria'),
	leaf('BirthDate.year=2004', ({ value }) => value['@type'] === 'BirthDate' && value.year === 2004),
	leaf('#x:a', ({ tags = [] }) => tags.includes('x:a')),
	leaf('tags~x:b', ({ tags = [] }) => tags.includes('x:b')),
	leaf('tags?', ({ tags = [] }) => tags.length > 0)
];
const tree: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
	node: fc.oneof(
		{ maxDepth: 5, withCrossShrink: true },
		fc.constantFrom(...leaves),
		tie('node').map((inner): Node => ({ kind: 'not', inner })),
		fc
			.tuple(fc.constantFrom('and' as const, 'or' as const), tie('node'), tie('node'))
			.map(([kind, left, right]): Node => ({ kind, left, right }))
	)
})).node;

const binding = { or: 0, and: 1, not: 2, leaf: 3 };
/** Written with only the parentheses it needs. */
function written(node: Node, gap: string, least = 0): string {
	const bare =
		node.kind === 'leaf'
			? node.text
			: node.kind === 'not'
				? `!${written(node.inner, gap, binding.not)}`
				: [
						written(node.left, gap, binding[node.kind]),
						node.kind === 'and' ? '&&' : '||',
						written(node.right, gap, binding[node.kind] + 1)
					].join(gap);
	return binding[node.kind] < least ? `(${gap}${bare}${gap})` : bare;
}
function holds(node: Node, content: Content): boolean {
	if (node.kind === 'leaf') return node.holds(content);
	if (node.kind === 'not') return !holds(node.inner, content);
	const [left, right] = [holds(node.left, content), holds(node.right, content)];
	return node.kind === 'and' ? left && right : left || right;
}
const content: fc.Arbitrary<Content> = fc.record(
	{
		value: fc.record(
			{
				'@type': fc.constantFrom('GivenName', 'Surname', 'BirthDate'),
				value: fc.constantFrom('Mira', 'Ana Maria', ''),
				year: fc.constantFrom(2004, 1999)
			},
			{ requiredKeys: ['@type'] }
		),
		tags: fc.subarray(['x:a', 'x:b', 'x:c'])
	},
	{ requiredKeys: ['value'] }
);

const isValid = (text: string): boolean => validateIql(text).isValid;
const matches = (text: string, attribute: object): boolean => {
	const parsed = parseIql(text);
	if (!parsed.ok) throw new Error(parsed.error.message);
	return evaluateIql(parsed.value, attribute);
};

describe('the language', () => {
	test('accepts exactly what the grammar accepts', () => {
		const piece = fc.constantFrom(
			...[
				'!',
				'(',
				')',
				' ',
				'\t',
				'\n',
				'&&',
				'||',
				'&',
				'#',
				'.',
				'=',
				'~',
				'>',
				'?',
				"'",
				'\\',
				'\\\\',
				"\\'"
			],
			...['A', 'Ab', 'a', 'ab', 'ab.cd', 'x:y', 'GivenName', '#x', '( ', ' )', ' && ', ' || ', 'A=b', 'ß', '1']
		);
		const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
		fc.assert(
			fc.property(text, (text) => {
				expect([text, isValid(text)]).toEqual([text, isQuery(text)]);
			}),
			{ numRuns: 20_000 }
		);
	});

	test('means what the tree it was written from means', () => {
		fc.assert(
			fc.property(tree, content, fc.constantFrom(' ', '\t', ' \r\n '), (node, content, gap) => {
				// Without quotes only the blank ends a text.
				const text = written(node, gap === '\t' ? ' \t' : gap);
				expect(isQuery(text)).toBe(true);
				expect([text, matches(text, content)]).toEqual([text, holds(node, content)]);
			}),
			{ numRuns: 3_000 }
		);
	});

	test.each([
		'GivenName',
		'NoSuchType',
		'X',
		'GivenName=',
		'#',
		"#'two words'",
		"GivenName='it\\'s'",
		'GivenName=a\\\\b',
		'BirthDate.year>1999',
		'owner=did:e:x',
		'!!GivenName',
		'!( A && B )',
		'( ( A ) )',
		'A && B || C && !D',
		'A=b\n&&\tC'
	])('%j is a query', (text) => expect([isValid(text), isQuery(text)]).toEqual([true, true]));

	test.each([
		['', 0],
		[' A', 0],
		['A ', 2],
		['A &', 2],
		['A &&', 4],
		['A && ', 5],
		['A &&B', 4],
		['A&& B', 1],
		['A B', 2],
		['(A)', 1],
		['( A)', 3],
		['( A', 3],
		['A )', 2],
		['! A', 1],
		['a', 1],
		['ab', 2],
		['a=', 1],
		['A.b=', 3],
		['A.bc', 4],
		["#'open", 6],
		["#'a\\b'", 3],
		['#a\\b', 2],
		["#'a'b", 4],
		['äb=1', 0]
	])('%j is none, and says so at offset %i', (text, offset) => {
		const validation = validateIql(text);
		if (validation.isValid) throw new Error('accepted');
		const { location, message } = validation.error;
		expect(location.start).toEqual({ offset, line: 1, column: offset + 1 });
		expect(location.end.offset).toBe(Math.min(offset + 1, text.length));
		expect(message).toMatch(/^Expected .+ but .+ found\.$/);
		expect(isQuery(text)).toBe(false);
	});

	test('the place of an error is told by line and column', () => {
		expect(validateIql('A\n&& B\n&& ?')).toMatchObject({
			error: {
				message: 'Expected "!", "(", "#", a type or a field but "?" found.',
				location: { start: { offset: 10, line: 3, column: 4 }, end: { offset: 11, line: 3, column: 5 } }
			}
		});
	});

	test('depth and length cost no more than they should', () => {
		const deep = `${'( '.repeat(50_000)}A${' )'.repeat(50_000)}`;
		expect(isValid(deep)).toBe(true);
		expect(matches(`${'!'.repeat(99_999)}A`, { value: { '@type': 'A' } })).toBe(false);
		expect(isValid(`${'A && '.repeat(50_000)}A`)).toBe(true);
		expect(isValid(`#'${"\\'".repeat(50_000)}`)).toBe(false);
	});

	test('no text whatever throws', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (text, json) => {
				const parsed = parseIql(text);
				if (parsed.ok) expect(typeof evaluateIql(parsed.value, { value: json, tags: json })).toBe('boolean');
				for (const query of ['Ab.cd=x', 'ab.cd~x', 'ab>2000-01-01', 'ab?', '#x'])
					expect(typeof matches(query, { ab: json, value: { '@type': 'Ab', cd: json }, tags: json })).toBe(
						'boolean'
					);
			})
		);
	});
});

describe('evaluation', () => {
	const attribute = {
		'@type': 'IdentityAttribute',
		owner: 'did:e:localhost:dids:0123456789abcdef012345',
		tags: ['x:a', "it's"],
		value: {
			'@type': 'Thing',
			value: 'Text',
			count: 7,
			flag: false,
			when: '2004-02-29',
			list: [1, 'b'],
			none: null
		}
	};
	test.each([
		['Thing', true],
		['Other', false],
		['Thing=Text', true],
		['Thing=text', false],
		['Thing.count=7', true],
		['Thing.flag=false', true],
		['Thing.missing=undefined', false],
		['Thing.none=null', false],
		['Thing.none?', false],
		['Thing.list=1,b', true],
		['Thing.list~b', true],
		['Thing.list~1', false],
		['Thing~Text', false],
		['Thing?', true],
		['Other?', false],
		['#x:a', true],
		["#'it\\'s'", true],
		["#it\\'s", true],
		['#x', false],
		['tags~x:a', true],
		['tags?', true],
		['missing?', false],
		['owner=did:e:localhost:dids:0123456789abcdef012345', true],
		['value.count=7', true],
		['toString?', false],
		['Thing.constructor?', false],
		['Thing.when>2004-02-29', true],
		['Thing.when<2004-02-29', true],
		['Thing.when>2004-03-01', false],
		['Thing.when<2004-02-29T00:00:00.001', true],
		['Thing.when<2004-02-28T23:00:00-01:00', true],
		['Thing>2004-01-01', false],
		['Thing.when>soon', false],
		['A || B && Thing', false],
		['Thing || A && B', true],
		['( Thing || A ) && B', false],
		['!A && !B', true],
		['!( Thing || A )', false],
		['!#x:a || Thing', true]
	])('%s is %s', (text, expected) => expect(matches(text, attribute)).toBe(expected));
});
