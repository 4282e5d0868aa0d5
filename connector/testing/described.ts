/** The document of the API as a judge: every answer a test sees must be one it describes. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ALL_ROUTES, wholeDocument } from '../openapi/rows.ts';
import { matcher } from '../routes/match.ts';
import { PREFIX } from '../routes/table.ts';

export const document = wholeDocument();
const match = matcher(ALL_ROUTES);
const { schemas } = document.components;

const ajv = new Ajv2020({ strict: false, allErrors: false });
ajv.addFormat('date-time', /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
ajv.addSchema({ $id: 'api', components: { schemas } });
const judges = new Map<string, ValidateFunction>();

/** References of the document as references of the schema the judge knows. */
const placed = (schema: unknown): object =>
	JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')) as object;

const judgeOf = (place: string, schema: unknown): ValidateFunction => {
	const known = judges.get(place) ?? ajv.compile(placed(schema));
	judges.set(place, known);
	return known;
};

interface Described {
	readonly content?: Readonly<Record<string, { readonly schema: unknown }>>;
}

function operationOf(method: string, path: string) {
	const matched = match(method, path);
	if (matched.kind !== 'row') return undefined;
	const wanted = matched.row.path.replaceAll(/\{\w+\}/g, '{}');
	const found = Object.entries(document.paths).find(
		([each]) => each.replaceAll(/\{\w+\}/g, '{}') === PREFIX + wanted
	);
	return found && { place: `${method} ${found[0]}`, responses: found[1][method.toLowerCase()]?.responses };
}

/** What is wrong with an answer according to the document; undefined: nothing. `path` may carry a query. */
export function undescribed(method: string, path: string, status: number, body: unknown): string | undefined {
	const operation = operationOf(method, path.split('?')[0] ?? '');
	if (operation === undefined) return status >= 400 ? wrong('error', schemas['Error'], body) : undefined;
	if (status >= 400) return wrong('error', schemas['Error'], body);
	const response = operation.responses?.[String(status)] as Described | undefined;
	if (response === undefined) return `${operation.place} is not said to answer ${status}`;
	const schema = response.content?.['application/json']?.schema;
	if (schema === undefined) return undefined;
	return wrong(`${operation.place} ${status}`, schema, body);
}

function wrong(place: string, schema: unknown, body: unknown): string | undefined {
	const judge = judgeOf(place, schema);
	if (judge(body)) return undefined;
	const [first] = judge.errors ?? [];
	return `${place}: ${first?.instancePath ?? ''} ${first?.message ?? ''} ${JSON.stringify(first?.params ?? {})}`;
}

/** Fails when the answer is not described. */
export function mustBeDescribed(method: string, path: string, status: number, body: unknown): void {
	const fault = undescribed(method, path, status, body);
	if (fault !== undefined) throw new Error(`the document does not describe this answer: ${fault}`);
}
