/** OpenAPI 3.1 of the route table: the same schemas that judge bodies describe them. */
import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { jsonObject } from './http/schema.ts';
import { versionInfo } from './routes/monitoring.ts';
import type { MonitoringRow } from './routes/monitoring.ts';
import type { Route } from './routes/route.ts';
import { PREFIX } from './routes/table.ts';

type Json = Readonly<Record<string, unknown>>;

const schemaOf = (schema: GenericSchema): Json => {
	const { $schema: _, ...described } = toJsonSchema(schema, {
		errorMode: 'ignore',
		typeMode: 'input',
		overrideSchema: ({ valibotSchema }) => (valibotSchema === jsonObject ? { type: 'object' } : undefined)
	});
	return described;
};

const PATH_PARAMETER = /\{(\w+)\}/g;
const pathParameters = (row: Route) =>
	[...row.path.matchAll(PATH_PARAMETER)].map(([, name = '']) => ({
		name,
		in: 'path',
		required: true,
		schema: { type: 'string', ...(row.params?.[name] === undefined ? {} : { pattern: row.params[name].source }) }
	}));
const queryParameters = (row: Route) => [
	...Object.keys(row.filters ?? {}).map((name) => ({
		name,
		in: 'query',
		description: 'Filter',
		schema: { type: 'array', items: { type: 'string' } }
	})),
	...(row.options ?? []).map((name) => ({ name, in: 'query', schema: { type: 'boolean' } }))
];

const ERROR: Json = {
	type: 'object',
	required: ['error'],
	properties: {
		error: {
			type: 'object',
			required: ['id', 'code', 'message', 'docs', 'time'],
			properties: Object.fromEntries(
				['id', 'code', 'message', 'docs', 'time'].map((name) => [name, { type: 'string' }])
			)
		}
	}
};
const failure = (description: string) => ({
	description,
	content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
});
const envelope = { type: 'object', required: ['result'], properties: { result: {} } };

function successOf(row: Route): Json {
	if (row.status === 204) return { description: 'Done' };
	const json = { 'application/json': { schema: envelope } };
	return {
		description: 'Success',
		content:
			row.accept === 'picture' ? { ...json, 'image/png': { schema: { type: 'string', format: 'binary' } } } : json
	};
}

const responsesOf = (row: Route): Json => ({
	...(row.run === undefined
		? { 501: failure('Not implemented yet') }
		: { [row.status]: successOf(row), 400: failure('Refused') }),
	401: failure('No valid key'),
	403: failure('No permitted role'),
	...(row.path.includes('{') ? { 404: failure('Not found') } : {})
});

const operationOf = (row: Route): Json => ({
	summary: row.summary,
	tags: [row.path.split('/')[1] ?? ''],
	parameters: [...pathParameters(row), ...queryParameters(row)],
	...(row.body === undefined
		? {}
		: { requestBody: { content: { 'application/json': { schema: schemaOf(row.body) } } } }),
	responses: responsesOf(row)
});

/** `/A/{id}` and `/A/{templateId}` are one path to OpenAPI: all take the first row's names. */
const shape = (path: string) => path.replaceAll(PATH_PARAMETER, '{}');

function pathsOf(rows: readonly Route[]): Json {
	const names = new Map<string, string>();
	const paths: Record<string, Record<string, Json>> = {};
	for (const row of rows) {
		const path = names.get(shape(row.path)) ?? row.path;
		names.set(shape(row.path), path);
		const own = [...row.path.matchAll(PATH_PARAMETER)].map(([, name]) => name);
		const shared = [...path.matchAll(PATH_PARAMETER)].map(([, name]) => name);
		const params = Object.fromEntries(
			shared.flatMap((name, index) =>
				row.params?.[own[index] ?? ''] === undefined ? [] : [[name, row.params[own[index] ?? '']]]
			)
		);
		paths[PREFIX + path] = {
			...paths[PREFIX + path],
			[row.method.toLowerCase()]: operationOf({ ...row, path, params: params as NonNullable<Route['params']> })
		};
	}
	return paths;
}

export const openApi = (rows: readonly Route[], _monitoring: readonly MonitoringRow[], headerName: string): Json => ({
	openapi: '3.1.0',
	info: { title: 'Connector', version: versionInfo.version },
	security: [{ ApiKeyAuth: [] }],
	paths: pathsOf(rows),
	components: {
		schemas: { Error: ERROR },
		securitySchemes: { ApiKeyAuth: { type: 'apiKey', in: 'header', name: headerName } }
	}
});

const isScalar = (value: unknown) => typeof value !== 'object' || value === null || Object.keys(value).length === 0;

/** JSON values as block YAML; scalars and keys stand as JSON, which YAML 1.2 reads. */
export function toYaml(value: unknown, indent = ''): string {
	if (isScalar(value)) return `${JSON.stringify(value)}\n`;
	const entries: [string, unknown][] = Array.isArray(value)
		? value.map((each) => ['-', each])
		: Object.entries(value as object).map(([key, each]) => [`${JSON.stringify(key)}:`, each]);
	return entries
		.map(([head, each]) => `${indent}${head}${isScalar(each) ? ' ' : '\n'}${toYaml(each, `${indent}  `)}`)
		.join('');
}
