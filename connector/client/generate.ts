/**
 * A TypeScript client from the OpenAPI document: `node connector/client/generate.ts [file]`, by default client/connector-client.ts.
 *
 * One file without imports: the shapes as types, one function per operation, and a fetch wrapper. A refusal is a value:
 *
 *   const connector = createClient({ baseUrl: 'http://localhost:8080', apiKey });
 *   const sent = await connector.postMessages({ body: { recipients, content } });
 *   if (!sent.ok) console.error(sent.status, sent.error.code);
 *
 * Inputs of an operation: its path parameters by name, `query`, and `body` or (uploads) `form`.
 */
import { writeFileSync } from 'node:fs';
import type { Document, Operation } from '../openapi.ts';
import { wholeDocument } from '../openapi/rows.ts';
import type { Schema } from '../openapi/shapes.ts';

// --- schemas to types ----------------------------------------------------------------------------------------------------

const isName = (name: string) => /^[A-Za-z_$][\w$]*$/.test(name);
const member = (name: string) => (isName(name) ? name : JSON.stringify(name));
const schemasOf = (value: unknown): readonly Schema[] => (Array.isArray(value) ? (value as Schema[]) : []);

const SCALARS: Readonly<Record<string, string>> = {
	string: 'string',
	number: 'number',
	integer: 'number',
	boolean: 'boolean',
	null: 'null'
};

function objectType(schema: Schema): string {
	const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
	const required = new Set(schema['required'] as readonly string[] | undefined);
	const members = Object.entries(properties).map(
		([name, inner]) => `${member(name)}${required.has(name) ? '' : '?'}: ${typeOf(inner)}`
	);
	const others = schema['additionalProperties'];
	if (typeof others === 'object' && others !== null) members.push(`[member: string]: ${typeOf(others as Schema)}`);
	else if (others !== false) members.push('[member: string]: unknown');
	return `{ ${members.join('; ')} }`;
}

const isSchemas = (value: unknown) => Array.isArray(value) && value.length > 0;

/** The type of a schema; what has no words in TypeScript (patterns, limits) is left out. */
export function typeOf(schema: Schema): string {
	const { $ref: reference, const: constant, enum: values, type } = schema;
	if (typeof reference === 'string') return reference.replace('#/components/schemas/', '');
	if (constant !== undefined) return JSON.stringify(constant);
	if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ');
	for (const [keyword, glue] of [
		['anyOf', ' | '],
		['oneOf', ' | '],
		['allOf', ' & ']
	] as const)
		if (isSchemas(schema[keyword])) return `(${schemasOf(schema[keyword]).map(typeOf).join(glue)})`;
	if (type === 'array') return `readonly (${typeOf((schema['items'] ?? {}) as Schema)})[]`;
	if (type === 'object') return objectType(schema);
	return typeof type === 'string' ? (SCALARS[type] ?? 'unknown') : 'unknown';
}

// --- operations to functions ---------------------------------------------------------------------------------------------

interface Answered {
	/** How the wrapper reads the answer. */
	readonly kind: 'result' | 'json' | 'text' | 'bytes' | 'nothing';
	readonly type: string;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;

function answerOf({ responses }: Operation): Answered {
	const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
	const content = (success?.['content'] ?? {}) as Content;
	const json = content['application/json']?.schema;
	if (json !== undefined) {
		const result = (json['properties'] as Readonly<Record<string, Schema>> | undefined)?.['result'];
		return result === undefined ? { kind: 'json', type: typeOf(json) } : { kind: 'result', type: typeOf(result) };
	}
	if ('text/plain' in content) return { kind: 'text', type: 'string' };
	return 'application/octet-stream' in content
		? { kind: 'bytes', type: 'Uint8Array' }
		: { kind: 'nothing', type: 'undefined' };
}

/** The one argument of an operation, and whether it may be left out. */
function inputOf({ parameters, requestBody }: Operation): { type: string; isOptional: boolean } {
	const paths = parameters.filter((each) => each.in === 'path').map(({ name }) => `${member(name)}: string`);
	const queries = parameters.filter((each) => each.in === 'query').map(({ name }) => `${member(name)}?: QueryValue`);
	const json = requestBody?.content['application/json']?.schema;
	const form = requestBody?.content['multipart/form-data']?.schema;
	const members = [
		...paths,
		...(queries.length > 0 ? [`query?: { ${queries.join('; ')} }`] : []),
		...(json === undefined
			? []
			: [`body${json['type'] === 'object' && !isSchemas(json['required']) ? '?' : ''}: ${typeOf(json)}`]),
		...(form === undefined ? [] : ['form: FormData'])
	];
	return { type: `{ ${members.join('; ')} }`, isOptional: members.every((each) => /^\w+\?:/.test(each)) };
}

const hasPicture = ({ responses }: Operation) =>
	Object.values(responses).some((response) => 'image/png' in ((response['content'] ?? {}) as Content));

interface Written {
	readonly name: string;
	readonly declared: string;
	readonly row: readonly string[];
}

function functionsOf(path: string, method: string, operation: Operation): Written[] {
	const { type, isOptional } = inputOf(operation);
	const { kind, type: answer } = answerOf(operation);
	const one = (name: string, told: Answered): Written => ({
		name,
		declared: `\t/** ${operation.summary} */\n\t${name}(input${isOptional ? '?' : ''}: ${type}): Promise<Answer<${told.type}>>;`,
		row: [method.toUpperCase(), path, told.kind]
	});
	return [
		one(operation.operationId, { kind, type: answer }),
		...(hasPicture(operation) ? [one(`${operation.operationId}AsPng`, { kind: 'bytes', type: 'Uint8Array' })] : [])
	];
}

// --- the file ------------------------------------------------------------------------------------------------------------

const WRAPPER = `export type QueryValue = string | number | boolean | readonly string[];
export interface Failure {
	readonly id: string;
	readonly code: string;
	readonly message: string;
	readonly docs: string;
	readonly time: string;
}
/** What an operation answers: its value, or what was refused and with which status. */
export type Answer<T> =
	| { readonly ok: true; readonly value: T; readonly headers: Headers }
	| { readonly ok: false; readonly status: number; readonly error: Failure };

export interface ClientOptions {
	/** Where the Connector listens, without path. */
	readonly baseUrl: string;
	readonly apiKey?: string;
	/** Default X-API-KEY. */
	readonly apiKeyHeader?: string;
	/** An OAuth2 bearer token, or how to get a fresh one. */
	readonly bearer?: string | (() => string | Promise<string>);
	/** Goes along with everything a call causes. */
	readonly correlationId?: () => string;
	readonly fetch?: typeof fetch;
}

interface Input {
	readonly query?: Readonly<Record<string, QueryValue | undefined>>;
	readonly body?: unknown;
	readonly form?: FormData;
	readonly [parameter: string]: unknown;
}

function addressOf(base: string, path: string, input: Input): string {
	const place = path.replace(/\\{(\\w+)\\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(input.query ?? {}))
		for (const each of Array.isArray(value) ? value : value === undefined ? [] : [value]) query.append(name, String(each));
	return base.replace(/\\/+$/, '') + place + (query.size > 0 ? \`?\${query}\` : '');
}

async function headersOf(options: ClientOptions, kind: string): Promise<Headers> {
	const headers = new Headers({ accept: kind === 'bytes' ? 'image/png, application/octet-stream, */*;q=0.1' : '*/*' });
	if (options.apiKey !== undefined) headers.set(options.apiKeyHeader ?? 'X-API-KEY', options.apiKey);
	const token = typeof options.bearer === 'function' ? await options.bearer() : options.bearer;
	if (token !== undefined) headers.set('authorization', \`Bearer \${token}\`);
	const correlation = options.correlationId?.();
	if (correlation !== undefined) headers.set('x-correlation-id', correlation);
	return headers;
}

async function readAnswer(response: Response, kind: string): Promise<unknown> {
	if (kind === 'nothing') return undefined;
	if (kind === 'bytes') return new Uint8Array(await response.arrayBuffer());
	if (kind === 'text') return response.text();
	const value: unknown = await response.json();
	return kind === 'result' ? (value as { result: unknown }).result : value;
}

async function failureOf(response: Response): Promise<Failure> {
	try {
		const { error } = (await response.json()) as { error?: Failure };
		if (error !== undefined) return error;
	} catch {
		// Not one of the Connector's own: something in between answered.
	}
	const time = new Date().toISOString();
	return { id: '', code: 'error.client.unreadable', message: response.statusText, docs: '', time };
}

export function createClient(options: ClientOptions): Client {
	const send = options.fetch ?? fetch;
	const call = async ([method, path, kind]: readonly [string, string, string], input: Input): Promise<Answer<unknown>> => {
		const headers = await headersOf(options, kind);
		if (input.body !== undefined) headers.set('content-type', 'application/json');
		const body = input.form ?? (input.body === undefined ? undefined : JSON.stringify(input.body));
		const response = await send(addressOf(options.baseUrl, path, input), {
			method,
			headers,
			...(body === undefined ? {} : { body })
		});
		if (!response.ok) return { ok: false, status: response.status, error: await failureOf(response) };
		return { ok: true, value: await readAnswer(response, kind), headers: response.headers };
	};
	return Object.fromEntries(
		Object.entries(OPERATIONS).map(([name, row]) => [name, (input: Input = {}) => call(row, input)])
	) as unknown as Client;
}
`;

/** The client's source. */
export function clientOf(document: Document): string {
	const types = Object.entries(document.components.schemas)
		.filter(([name]) => name !== 'Error')
		.map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
	const functions = Object.entries(document.paths).flatMap(([path, operations]) =>
		Object.entries(operations).flatMap(([method, operation]) => functionsOf(path, method, operation))
	);
	return [
		`// The Connector's API ${document.info.version}. Written by \`node connector/client/generate.ts\`; changes are lost.`,
		'',
		...types,
		'',
		'export interface Client {',
		...functions.map(({ declared }) => declared),
		'}',
		'',
		'const OPERATIONS: Readonly<Record<string, readonly [method: string, path: string, kind: string]>> = {',
		functions
			.map(({ name, row }) => `\t${name}: [${row.map((each) => JSON.stringify(each)).join(', ')}]`)
			.join(',\n'),
		'};',
		'',
		WRAPPER
	].join('\n');
}

if (import.meta.main) {
	const file = process.argv[2] ?? new URL('connector-client.ts', import.meta.url);
	writeFileSync(file, clientOf(wholeDocument()));
}
