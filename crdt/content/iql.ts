/**
 * IQL, the language that picks identity attributes (content-model.md §2.4).
 *
 *   Query   := And ( ws "||" ws And )*            And  := Unary ( ws "&&" ws Unary )*
 *   Unary   := "!" Unary | Primary                Primary := "(" ws Query ws ")" | Term
 *   Term    := Type ( "." Seg )+ Pred | Type Pred | Type | Seg ( "." Seg )* Pred | "#" Rhs
 *   Pred    := ( "=" | "~" | ">" | "<" ) Rhs | "?"
 *   Rhs     := "'" ( "\\" | "\'" | any but ' and \ )* "'" | ( "\\" | "\'" | any but ' and \ and space )*
 *   Type    := [A-Z][A-Za-z0-9]*                  Seg := [a-z][A-Za-z0-9]+
 *
 * White space (space, tab, CR, LF) is mandatory where `ws` stands and forbidden elsewhere. A query is read once from left to
 * right into its postfix order, and evaluated with one stack: neither recurses, so no nesting can overflow.
 */
import { toUtc } from './grammar.ts';
import { isObject } from './json.ts';

/** What is said about one field. */
export type IqlTest = { readonly op: '=' | '~' | '>' | '<'; readonly text: string } | { readonly op: '?' };
export type IqlTerm =
	| { readonly kind: 'type'; readonly type: string }
	/** A field of the value of that type. */
	| { readonly kind: 'value'; readonly type: string; readonly path: readonly string[]; readonly test: IqlTest }
	/** A field of the attribute itself. */
	| { readonly kind: 'content'; readonly path: readonly string[]; readonly test: IqlTest }
	| { readonly kind: 'tag'; readonly tag: string };
/** Terms, each operator after what it works on. */
export type IqlAst = readonly (IqlTerm | '!' | '&&' | '||')[];

export interface IqlPosition {
	/** UTF-16 units from the start. */
	readonly offset: number;
	/** 1-based. */
	readonly line: number;
	/** 1-based. */
	readonly column: number;
}
export interface IqlError {
	readonly message: string;
	readonly location: { readonly start: IqlPosition; readonly end: IqlPosition };
}

export type IqlValidation = { readonly isValid: true } | { readonly isValid: false; readonly error: IqlError };

export function validateIql(text: string): IqlValidation {
	const parsed = parseIql(text);
	return parsed.ok ? { isValid: true } : { isValid: false, error: parsed.error };
}

type Operator = '!' | '&&' | '||';
type Parsed = { readonly ok: true; readonly value: IqlAst } | { readonly ok: false; readonly error: IqlError };

/** Reads a query. The error says how far it made sense. */
export function parseIql(text: string): Parsed {
	const reader = createReader(text);
	const ast: (IqlTerm | Operator)[] = [];
	/** Operators whose right side is not complete, and open parentheses. */
	const waiting: (Operator | '(')[] = [];
	for (;;) {
		if (!operand(reader, ast, waiting)) return reader.error();
		const next = afterOperand(reader, ast, waiting);
		if (next === 'end') return { ok: true, value: ast };
		if (next === 'error') return reader.error();
	}
}

/** Any number of `!` and `( `, then a term. */
function operand(reader: Reader, ast: (IqlTerm | Operator)[], waiting: (Operator | '(')[]): boolean {
	for (;;) {
		if (reader.literal('!')) waiting.push('!');
		else if (reader.literal('(')) {
			if (!reader.space()) return false;
			waiting.push('(');
		} else break;
	}
	const term = readTerm(reader);
	if (term) ast.push(term);
	return term !== undefined;
}

/** Closing parentheses, then an operator or the end. */
function afterOperand(
	reader: Reader,
	ast: (IqlTerm | Operator)[],
	waiting: (Operator | '(')[]
): 'more' | 'end' | 'error' {
	for (;;) {
		settle(ast, waiting, (operator) => operator === '!');
		const isOpen = waiting.lastIndexOf('(') >= 0; // from the end: above it are two operators at most
		if (!isOpen && reader.end()) {
			settle(ast, waiting, () => true);
			return 'end';
		}
		if (!reader.space()) return 'error';
		const operator = reader.literal('&&') ? '&&' : reader.literal('||') ? '||' : undefined;
		if (operator) {
			if (!reader.space()) return 'error';
			settle(ast, waiting, (before) => before === '&&' || before === operator);
			waiting.push(operator);
			return 'more';
		}
		if (!isOpen || !reader.literal(')')) return 'error';
		settle(ast, waiting, () => true);
		waiting.pop();
	}
}

/** Operators that bind as tightly as `does` says have their right side now; a parenthesis holds back what is before it. */
function settle(ast: (IqlTerm | Operator)[], waiting: (Operator | '(')[], does: (operator: Operator) => boolean): void {
	for (let top = waiting.at(-1); top && top !== '(' && does(top); top = waiting.at(-1)) {
		ast.push(top);
		waiting.pop();
	}
}

function readTerm(reader: Reader): IqlTerm | undefined {
	if (reader.literal('#')) return { kind: 'tag', tag: readText(reader) };
	const type = reader.match(/[A-Z][A-Za-z0-9]*/y, 'a type');
	if (type === undefined) {
		const first = readSegment(reader);
		const path = first === undefined ? undefined : readPath(reader, [first]);
		const test = path && readTest(reader);
		return path && test && { kind: 'content', path, test };
	}
	const path = readPath(reader, []);
	const test = path && readTest(reader);
	if (test) return { kind: 'value', type, path: path.length > 0 ? path : ['value'], test };
	return path?.length === 0 ? { kind: 'type', type } : undefined;
}

/** `.seg.seg`, appended. */
function readPath(reader: Reader, path: string[]): string[] | undefined {
	while (reader.literal('.')) {
		const segment = readSegment(reader);
		if (segment === undefined) return undefined;
		path.push(segment);
	}
	return path;
}

function readSegment(reader: Reader): string | undefined {
	const start = reader.match(/[a-z]/y, 'a field');
	const rest = start === undefined ? undefined : reader.match(/[A-Za-z0-9]+/y, 'a letter or digit');
	return rest === undefined ? undefined : `${start}${rest}`;
}

function readTest(reader: Reader): IqlTest | undefined {
	if (reader.literal('?')) return { op: '?' };
	const op = reader.match(/[=~><]/y, '"=", "~", ">", "<"');
	return op === undefined ? undefined : { op: op as '=', text: readText(reader) };
}

/** What stands on the right, quoted or not; it may be empty. */
function readText(reader: Reader): string {
	const quoted = reader.attempt(/'(?:\\\\|\\'|[^'\\])*/y, "'");
	const text = quoted?.slice(1) ?? reader.match(/(?:\\\\|\\'|[^'\\ ])*/y, 'text') ?? '';
	return text.replace(/\\(.)/gs, '$1');
}

type Reader = ReturnType<typeof createReader>;

/** A place in the text that only moves on, and remembers the furthest place something was missed at. */
function createReader(text: string) {
	let at = 0;
	let furthest = -1;
	let missed: string[] = [];

	const miss = (place: number, what: string): undefined => {
		if (place > furthest) [furthest, missed] = [place, []];
		if (place === furthest && !missed.includes(what)) missed.push(what);
		return undefined;
	};
	const peek = (pattern: RegExp): string | undefined => {
		pattern.lastIndex = at;
		return pattern.exec(text)?.[0];
	};
	/** Takes what the sticky pattern matches. */
	const match = (pattern: RegExp, what: string): string | undefined => {
		const found = peek(pattern);
		if (found === undefined) return miss(at, what);
		at += found.length;
		return found;
	};
	/** Takes it if `close` follows, which is taken too; else nothing is taken. */
	const attempt = (pattern: RegExp, close: string): string | undefined => {
		const found = peek(pattern);
		if (found === undefined) return undefined;
		const end = at + found.length;
		if (!text.startsWith(close, end)) return miss(end, JSON.stringify(close));
		at = end + close.length;
		return found;
	};
	const literal = (word: string): boolean => {
		const isThere = text.startsWith(word, at);
		if (isThere) at += word.length;
		else miss(at, JSON.stringify(word));
		return isThere;
	};
	const space = (): boolean => match(/[ \t\r\n]+/y, 'white space') !== undefined;
	const end = (): boolean => {
		if (at < text.length) miss(at, 'the end');
		return at === text.length;
	};

	const error = (): Parsed => {
		const found = furthest < text.length ? JSON.stringify(text[furthest]) : 'the end';
		const names = [missed.slice(0, -1).join(', '), missed.at(-1)].filter(Boolean).join(' or ');
		const start = positionOf(text, furthest);
		const stop = positionOf(text, Math.min(furthest + 1, text.length));
		const message = `Expected ${names} but ${found} found.`;
		return { ok: false, error: { message, location: { start, end: stop } } };
	};
	return { match, attempt, literal, space, end, error };
}

function positionOf(text: string, offset: number): IqlPosition {
	const before = text.slice(0, offset).split('\n');
	return { offset, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

// ----------------------------------------------------------------------------------------- evaluation

/**
 * Whether an attribute's content is picked. Comparisons of dates take ISO-8601 only, without an offset as UTC, so that it
 * does not depend on where the device stands.
 */
export function evaluateIql(ast: IqlAst, content: object): boolean {
	const stack: boolean[] = [];
	for (const step of ast) {
		if (typeof step === 'object') stack.push(holds(step, content));
		else if (step === '!') stack.push(!stack.pop());
		else {
			const [right, left] = [stack.pop() === true, stack.pop() === true];
			stack.push(step === '&&' ? left && right : left || right);
		}
	}
	return stack.pop() === true;
}

function holds(term: IqlTerm, content: object): boolean {
	if (term.kind === 'tag') return includes(field(content, ['tags']), term.tag);
	if (term.kind === 'content') return passes(field(content, term.path), term.test);
	if (field(content, ['value', '@type']) !== term.type) return false;
	return term.kind === 'type' || passes(field(content, ['value', ...term.path]), term.test);
}

/** A member of a member, own ones only. */
function field(value: unknown, path: readonly string[]): unknown {
	let at = value;
	for (const name of path) {
		if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
		at = at[name];
	}
	return at;
}

function passes(value: unknown, test: IqlTest): boolean {
	if (value === undefined || value === null) return false;
	switch (test.op) {
		case '?':
			return typeof value !== 'object' || Object.keys(value).length > 0;
		case '=':
			return asText(value) === test.text;
		case '~':
			return includes(value, test.text);
		default:
			return isInOrder(value, test.op, test.text);
	}
}

const includes = (value: unknown, text: string): boolean => Array.isArray(value) && value.includes(text);

/** As JavaScript writes it; objects are equal to no text. */
function asText(value: unknown): string | undefined {
	if (Array.isArray(value))
		return value.some((x) => typeof x === 'object' && x !== null) ? undefined : value.join(',');
	return typeof value === 'object' ? undefined : String(value as string | number | boolean);
}

function isInOrder(value: unknown, op: '>' | '<', text: string): boolean {
	const [left, right] = [typeof value === 'string' ? toUtc(value) : undefined, toUtc(text)];
	if (left === undefined || right === undefined) return false;
	return op === '>' ? left >= right : left <= right;
}
