/** Requests (connector-api.md §2.11). The decide bodies have no schema: only their outline is judged here. */
import * as v from 'valibot';
import type { DecideParameters, Engine, RequestRow, Result } from '../../crdt/index.ts';
import { ok, refuse } from '../../crdt/index.ts';
import { notFound } from '../http/errors.ts';
import { keys, type FilterTable } from '../http/filter.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { listRows } from '../http/stream.ts';
import { address } from './input.ts';
import { found } from './refuse.ts';
import { endpoint, leaving, type Endpoint } from './route.ts';
import { withoutAbsent } from './templates.ts';

const filters: FilterTable = {
	...keys('value', 'id peer createdAt status content.expiresAt content.items.@type content.items.items.@type'),
	...keys('value', 'source.type source.reference response.createdAt response.source.type response.source.reference'),
	...keys('value', 'response.content.result response.content.items.@type response.content.items.items.@type')
};
const incomingFilters: FilterTable = { ...filters, ...keys('flag', 'wasAutomaticallyDecided') };

export const incomingList = endpoint({
	summary: 'Requests we were asked',
	filters: incomingFilters,
	run: ({ engine, query }) =>
		listRows('requests', (asked) => engine.requests.rows('incoming', asked), incomingFilters, query)
});
export const outgoingList = endpoint({
	summary: 'Requests we asked',
	filters,
	run: ({ engine, query }) => listRows('requests', (asked) => engine.requests.rows('outgoing', asked), filters, query)
});

const oneOf = (direction: 'incoming' | 'outgoing') =>
	endpoint({
		summary: `One ${direction} request`,
		run: ({ engine, params }) => found('LocalRequest', engine.requests.get(params['id'] ?? '', direction))
	});
export const incoming = oneOf('incoming');
export const outgoing = oneOf('outgoing');

type Decide = { readonly [member: string]: unknown };
const isObject = (value: unknown): value is Decide =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isItem = (value: unknown): boolean =>
	isObject(value) &&
	('items' in value
		? Array.isArray(value['items']) &&
			value['items'].every((item) => isObject(item) && typeof item['accept'] === 'boolean')
		: typeof value['accept'] === 'boolean');

const malformed = (reason: string) =>
	refuse('error.runtime.requestDeserialization', `DecideRequestParameters.${reason}`);

/** The decision as the engine takes it, or why it is none. */
function decisionOf(body: unknown): Result<DecideParameters> {
	if (!isObject(body)) return malformed('items :: Value is not defined');
	if (body['decidedByAutomation'] === true)
		return refuse(
			'error.connector.incomingRequests.decidedByAutomation',
			'Decided by automation is not allowed for this endpoint.'
		);
	const items = body['items'];
	if (!Array.isArray(items)) return malformed('items:Array :: Value is not defined');
	if (!items.every(isItem)) return malformed("items:Array :: every item must have 'accept' or 'items'");
	return ok({ items: items as DecideParameters['items'] });
}

const unknownToCheck = refuse('error.transport.recordNotFound', "'LocalRequest' not found.");
type Act = (engine: Engine, id: string, decision: DecideParameters) => Result<unknown> | Promise<Result<RequestRow>>;

const decide = (summary: string, unknownRequest: Result<never>, act: Act): Endpoint =>
	endpoint({
		summary,
		run({ engine, params, body }) {
			const decision = decisionOf(body);
			if (!decision.ok && decision.error.code.startsWith('error.connector.')) return decision;
			const id = params['id'] ?? '';
			if (engine.requests.get(id, 'incoming') === undefined) return unknownRequest;
			return decision.ok ? act(engine, id, decision.value) : decision;
		}
	});

export const canAccept = decide('Whether a decision could be accepted', unknownToCheck, (engine, id, decision) =>
	engine.requests.canAccept(id, decision)
);
export const canReject = decide('Whether a decision could be rejected', unknownToCheck, (engine, id, decision) =>
	engine.requests.canReject(id, decision)
);
export const accept = decide('Accept a request', notFound('LocalRequest'), (engine, id, decision) =>
	leaving(engine, engine.requests.accept(id, decision))
);
export const reject = decide('Reject a request', notFound('LocalRequest'), (engine, id, decision) =>
	leaving(engine, engine.requests.reject(id, decision))
);

const requestBody = (peer: 'required' | 'optional') => ({
	content: jsonObject,
	peer: peer === 'required' ? address : v.optional(address)
});

export const validate = endpoint({
	summary: 'Whether a request could be created',
	body: strict(requestBody('optional')),
	run: ({ engine, body }) => engine.requests.validate(withoutAbsent(body))
});

export const create = endpoint({
	summary: 'Create a request (a draft until its message is sent)',
	body: strict({ content: jsonObject, peer: address }),
	run: ({ engine, body }) => engine.requests.create(body)
});
