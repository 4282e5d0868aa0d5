/**
 * JSON as a person types it (RFC 8259): where the first thing that is wrong stands, and what it is. Engines say this differently,
 * one does not say where, none in words a person can act on; whether it is JSON at all they and this say alike.
 */
export type JsonFault =
	/** It stops before everything that was opened is closed. */
	| 'end'
	/** A text or a name without its double quotes. */
	| 'quotes'
	/** A text that is not closed on its line, or with a wrong \ in it. */
	| 'text'
	/** Between two entries there is no comma, or no closing bracket after the last. */
	| 'comma'
	/** A comma with nothing behind it. */
	| 'extra'
	| 'colon'
	/** More after the end. */
	| 'after'
	/** Nested deeper than is read. */
	| 'deep'
	| 'value';
export interface TextFault<F> {
	readonly fault: F;
	/** From 1. */
	readonly line: number;
}

/** As the engine's (crdt/limits.ts). */
const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\n\r]*/y;

export function jsonFault(text: string): TextFault<JsonFault> | undefined {
	let at = 0;
	const matched = (pattern: RegExp): boolean => {
		pattern.lastIndex = at;
		const found = pattern.exec(text);
		if (found) at = pattern.lastIndex;
		return Boolean(found);
	};
	const blank = () => matched(BLANK);
	const next = (): string => text[at] ?? '';
	const whenOpen = (fault: JsonFault): JsonFault => (at >= text.length ? 'end' : fault);

	function value(depth: number): JsonFault | undefined {
		blank();
		const start = next();
		if (start === '{' || start === '[') return depth > MAX_DEPTH ? 'deep' : inside(start, depth);
		if (start === '"') return string();
		if (matched(WORD) || matched(NUMBER)) return undefined;
		if (start === ',' || start === ']' || start === '}') return 'extra';
		return whenOpen(/[\p{L}_'“”„‚‘’«]/u.test(start) ? 'quotes' : 'value');
	}
	const string = (): JsonFault | undefined => (matched(TEXT) ? undefined : 'text');

	function inside(open: string, depth: number): JsonFault | undefined {
		const close = open === '{' ? '}' : ']';
		at += 1;
		blank();
		if (next() === close) return void (at += 1);
		for (;;) {
			const fault = open === '{' ? named(depth) : value(depth + 1);
			if (fault) return fault;
			blank();
			if (next() === close) return void (at += 1);
			if (next() !== ',') return whenOpen('comma');
			at += 1;
		}
	}
	function named(depth: number): JsonFault | undefined {
		blank();
		if (next() === ',' || next() === '}') return 'extra';
		if (next() !== '"') return whenOpen('quotes');
		const fault = string();
		if (fault) return fault;
		blank();
		if (next() !== ':') return whenOpen('colon');
		at += 1;
		return value(depth + 1);
	}

	let fault = value(1);
	blank();
	if (!fault && at < text.length) fault = 'after';
	return fault && { fault, line: text.slice(0, at).split('\n').length };
}
