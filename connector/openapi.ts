/**
 * OpenAPI 3.1 of everything a caller can ask: the route table, health and monitoring. The same schemas that judge bodies
 * describe them; what answers look like stands in openapi/shapes.ts. The client in client/ is generated from this.
 */
import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { PAGE_OPTIONS } from './http/page.ts';
import { jsonObject } from './http/schema.ts';
import { bodyOf } from './openapi/bodies.ts';
import { isList, resultName, resultOf, unnamed } from './openapi/results.ts';
import { ref, SHAPES, type Schema } from './openapi/shapes.ts';
import { versionInfo, type MonitoringRow } from './routes/monitoring.ts';
import type { Route } from './routes/route.ts';
import { PREFIX } from './routes/table.ts';

export interface Operation {
	readonly operationId: string;
	readonly summary: string;
	readonly tags: readonly string[];
	readonly parameters: readonly Parameter[];
	readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
	readonly responses: Readonly<Record<string, Schema>>;
	readonly security?: readonly [];
}
export interface Parameter {
	readonly name: string;
	readonly in: 'path' | 'query';
	readonly required?: true;
	readonly description?: string;
	readonly schema: Schema;
}
export interface Document {
	readonly openapi: '3.1.0';
	readonly info: { readonly title: string; readonly version: string };
	readonly security: readonly Schema[];
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly securitySchemes: Schema };
}

/** A body as its schema judges it: what the schema turns it into afterwards nobody outside sees. */
const schemaOf = (schema: GenericSchema): Schema => {
	const { $schema: _, ...described } = toJsonSchema(schema, {
		errorMode: 'ignore',
		typeMode: 'input',
		overrideSchema: ({ valibotSchema }) => (valibotSchema === jsonObject ? { type: 'object' } : undefined)
	});
	return described;
};

const PATH_PARAMETER = /\{(\w+)\}/g;
const pathParameters = (path: string, patterns: Route['params'] = {}): Parameter[] =>
	[...path.matchAll(PATH_PARAMETER)].map(([, name = '']) => ({
		name,
		in: 'path',
		required: true,
		schema: { type: 'string', ...(patterns[name] === undefined ? {} : { pattern: patterns[name].source }) }
	}));

const FILTER = 'Filter: a value, or one behind ! > >= < <= ^ $ ~; several are alternatives';
const queryParameters = (row: Route): Parameter[] => [
	...Object.keys(row.filters ?? {}).map((name) => ({
		name,
		in: 'query' as const,
		description: FILTER,
		schema: { type: 'array', items: { type: 'string' } }
	})),
	...(row.options ?? []).map((name) => ({ name, in: 'query' as const, schema: { type: 'string' } })),
	...(row.method === 'GET' && isList(row.method, row.path)
		? Object.entries(PAGE_OPTIONS).map(([name, description]) => ({
				name,
				in: 'query' as const,
				description,
				schema: name === 'sort' ? { type: 'string' } : { type: 'integer', minimum: 0 }
			}))
		: [])
];

const json = (schema: Schema) => ({ 'application/json': { schema } });
const failure = (description: string): Schema => ({ description, content: json(ref('Error')) });
const envelope = (result: Schema): Schema => ({
	type: 'object',
	properties: { result },
	required: ['result'],
	additionalProperties: false
});
const BINARY: Schema = { type: 'string', contentEncoding: 'binary' };

function successOf(row: Route): Schema {
	if (row.status === 204) return { description: 'Done' };
	if (resultName(row.method, row.path) === 'bytes')
		return { description: 'The file', content: { 'application/octet-stream': { schema: BINARY } } };
	const content = json(envelope(resultOf(row.method, row.path)));
	return {
		description: 'Success',
		content: row.accept === 'picture' ? { ...content, 'image/png': { schema: BINARY } } : content
	};
}

const responsesOf = (row: Route): Operation['responses'] => ({
	[row.status]: successOf(row),
	400: failure('Refused'),
	401: failure('Not authenticated'),
	403: failure('No permitted role'),
	404: failure('Not found'),
	...(row.accept === 'any' ? {} : { 406: failure('Not available as asked') }),
	...(row.method === 'GET' ? {} : { 413: failure('The body is too large') }),
	500: failure('The relay cannot be reached, it refused, or a fault')
});

/** What an upload is made of: its file, and the body's other members as fields. */
function formOf(body: GenericSchema | undefined): Schema {
	const described = body === undefined ? {} : schemaOf(body);
	const { content: _, ...fields } = (described['properties'] ?? {}) as Record<string, Schema>;
	return { type: 'object', properties: { file: BINARY, ...fields }, required: ['file'] };
}

function requestBodyOf(row: Route): Pick<Operation, 'requestBody'> {
	if (row.upload === true)
		return { requestBody: { content: { 'multipart/form-data': { schema: formOf(row.body) } } } };
	const body = bodyOf(row.method, row.path) ?? (row.body === undefined ? undefined : schemaOf(row.body));
	return body === undefined ? {} : { requestBody: { content: json(body) } };
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
/** `GET /Files/{id}/Download` → `getFilesByIdDownload`. */
const operationIdOf = (method: string, path: string) =>
	method.toLowerCase() +
	path
		.split('/')
		.map((segment) => (segment.startsWith('{') ? `By${capital(segment.slice(1, -1))}` : capital(segment)))
		.join('');

const operationOf = (row: Route, named: string): Operation => ({
	operationId: operationIdOf(row.method, row.path),
	summary: row.summary,
	tags: [row.path.split('/')[1] ?? ''],
	parameters: [...pathParameters(named, renamed(row, named)), ...queryParameters(row)],
	...requestBodyOf(row),
	responses: responsesOf(row)
});

/** The patterns of a row's parameters under the names its path has in the document. */
function renamed(row: Route, named: string): NonNullable<Route['params']> {
	const own = [...row.path.matchAll(PATH_PARAMETER)].map(([, name = '']) => name);
	const shared = [...named.matchAll(PATH_PARAMETER)].map(([, name = '']) => name);
	return Object.fromEntries(
		shared.flatMap((name, index) => {
			const pattern = row.params?.[own[index] ?? ''];
			return pattern === undefined ? [] : [[name, pattern]];
		})
	);
}

const textOrJson = (method: string, path: string): Schema =>
	resultName(method, path) === 'text'
		? { 'text/plain': { schema: { type: 'string' } } }
		: json(resultOf(method, path));

const monitoringOperation = ({ method, path, summary }: MonitoringRow): Operation => ({
	operationId: operationIdOf(method, path),
	summary,
	tags: ['Monitoring'],
	parameters: pathParameters(path),
	responses: {
		...(method === 'GET'
			? { 200: { description: 'Success', content: textOrJson(method, path) } }
			: { 204: { description: 'Done' } }),
		400: failure('Refused'),
		401: failure('Not authenticated'),
		403: failure('No permitted role'),
		404: failure('Not found')
	}
});

const HEALTH: Operation = {
	operationId: 'getHealth',
	summary: 'Whether database and relay can be reached',
	tags: ['Monitoring'],
	parameters: [],
	responses: {
		200: { description: 'Healthy', content: json(ref('Health')) },
		500: { description: 'Not healthy', content: json(ref('Health')) }
	},
	security: []
};

/** `/A/{id}` and `/A/{templateId}` are one path to OpenAPI: all take the first row's names. */
function pathsOf(rows: readonly Route[], monitoring: readonly MonitoringRow[]): Document['paths'] {
	const names = new Map<string, string>();
	const paths: Record<string, Record<string, Operation>> = { '/health': { get: HEALTH } };
	const add = (path: string, method: string, operation: Operation) =>
		(paths[path] = { ...paths[path], [method.toLowerCase()]: operation });
	for (const row of rows) {
		const named = names.get(unnamed(row.path)) ?? row.path;
		names.set(unnamed(row.path), named);
		add(PREFIX + named, row.method, operationOf(row, named));
	}
	for (const row of monitoring) add(row.path, row.method, monitoringOperation(row));
	return paths;
}

export const openApi = (
	rows: readonly Route[],
	monitoring: readonly MonitoringRow[],
	headerName: string
): Document => ({
	openapi: '3.1.0',
	info: { title: 'Connector', version: versionInfo.version },
	security: [{ ApiKeyAuth: [] }],
	paths: pathsOf(rows, monitoring),
	components: {
		schemas: SHAPES,
		securitySchemes: { ApiKeyAuth: { type: 'apiKey', in: 'header', name: headerName } }
	}
});
