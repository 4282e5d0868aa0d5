import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from './jsonText.ts';
import { xmlFault } from './xmlText.ts';

const isJson = (text: string): boolean => {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
};

describe('JSON that is typed', () => {
	it.each([
		['{"a": 1', 'end', 1],
		['{\n\t"a": [1, 2\n', 'end', 3],
		['{\n\t"a": 1\n\t"b": 2\n}', 'comma', 3],
		['{"a": 1,\n}', 'extra', 2],
		['[1,,2]', 'extra', 1],
		['{a: 1}', 'quotes', 1],
		["{'a': 1}", 'quotes', 1],
		['{"a": yes}', 'quotes', 1],
		['{"a" 1}', 'colon', 1],
		['{"a": "x\n"}', 'text', 1],
		['{} {}', 'after', 1],
		['', 'end', 1],
		['[.5]', 'value', 1]
	])('%j: %s in line %i', (text, fault, line) => expect(jsonFault(text)).toEqual({ fault, line }));

	it('is refused where it nests deeper than anything reads', () => {
		expect(jsonFault('['.repeat(64) + ']'.repeat(64))).toBeUndefined();
		expect(jsonFault('['.repeat(65) + ']'.repeat(65))?.fault).toBe('deep');
	});

	it('is JSON exactly when the platform says so', () => {
		const bits = fc.constantFrom(...'{}[]",:0-9.eE+\\u/n\t ', 'true', 'null', '"a"', '1.5', '\n', "'");
		fc.assert(
			fc.property(
				fc.oneof(
					fc.json(),
					fc.array(bits, { maxLength: 12 }).map((a) => a.join(''))
				),
				(text) => {
					expect([text, jsonFault(text) === undefined]).toEqual([text, isJson(text)]);
				}
			),
			{ numRuns: 3000 }
		);
	});

	it('is looked at from its first fault when a sign of it is lost', () => {
		fc.assert(
			fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (text, n) => {
				const lost = text.slice(0, n % text.length) + text.slice((n % text.length) + 1);
				expect([lost, jsonFault(lost) === undefined]).toEqual([lost, isJson(lost)]);
			}),
			{ numRuns: 1000 }
		);
	});
});

describe('XML that is typed', () => {
	it.each([
		'<a/>',
		'<?xml version="1.0"?>\n<!-- by hand -->\n<a b="1" c=\'2\'><d>x &amp; y &#228;</d><![CDATA[<&]]></a>\n',
		'<ns:größe ns:id="1">ü</ns:größe>'
	])('%j is well-formed', (text) => expect(xmlFault(text)).toBeUndefined());

	it.each([
		['hello', { fault: 'none', line: 1 }],
		['<!-- nothing -->', { fault: 'none', line: 1 }],
		['<a>\n<b>\n</a>', { fault: 'close', line: 3, name: 'a' }],
		['<a>\n<b>', { fault: 'open', line: 2, name: 'b' }],
		['<a/>\n<b/>', { fault: 'outside', line: 2 }],
		['<a/>\n text', { fault: 'outside', line: 2 }],
		['<a>Tom & Ute</a>', { fault: 'ampersand', line: 1 }],
		['<a b="1&2"/>', { fault: 'ampersand', line: 1 }],
		['<a>\n<b c=1/></a>', { fault: 'tag', line: 2 }],
		['<a><!-- </a>', { fault: 'end', line: 1 }]
	])('%j: %o', (text, told) => expect(xmlFault(text)).toEqual(told));
});
