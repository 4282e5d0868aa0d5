/** Relationships (connector-api.md §2.9). The state changes are a loop over the relationship table's actions. */
import * as v from 'valibot';
import type { RelationshipAction } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { notFound } from '../http/errors.ts';
import { alias, keys, type FilterTable } from '../http/filter.ts';
import { listRows } from '../http/stream.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { id, idPattern } from './input.ts';
import { asCheck, found } from './refuse.ts';
import { endpoint, type Endpoint } from './route.ts';
import { withoutAbsent } from './templates.ts';

// `template.id` is what older clients still send.
const filters: FilterTable = {
	...keys('value', 'peer status templateId'),
	'template.id': alias('value', 'templateId')
};
const RELATIONSHIP = idPattern('REL');

/** What cannot be read is the caller's fault; everything else is an answer. */
const UNREADABLE = new Set(['error.runtime.requestDeserialization', 'error.runtime.unknownType']);

/** Then only what is known here counts. */
const UNREACHABLE = 'error.transport.request.unknown';

export const canCreate = endpoint({
	summary: 'Whether a relationship could be requested',
	body: strict({ templateId: id('RLT'), creationContent: v.optional(jsonObject) }),
	async run({ engine, body }) {
		const judged = engine.relationships.canCreate(withoutAbsent(body));
		if (!judged.ok) return UNREADABLE.has(judged.error.code) ? judged : asCheck(judged);
		const owner = await engine.relationships.checkOwner(body.templateId);
		return asCheck(!owner.ok && owner.error.code === UNREACHABLE ? judged : owner);
	}
});

export const create = endpoint({
	summary: 'Request a relationship',
	body: strict({ templateId: id('RLT'), creationContent: jsonObject }),
	run: ({ engine, body }) => engine.relationships.create(body)
});

export const list = endpoint({
	summary: 'All relationships',
	filters,
	run: ({ engine, query }) => listRows('relationships', engine.relationships.rows, filters, query)
});

export const one = endpoint({
	summary: 'One relationship',
	params: { id: RELATIONSHIP },
	run: ({ engine, params }) => found('Relationship', engine.relationships.get(params['id'] ?? ''))
});

export const attributes = endpoint({
	summary: 'Attributes exchanged with the peer',
	params: { id: RELATIONSHIP },
	run({ engine, params }) {
		const relationship = engine.relationships.get(params['id'] ?? '');
		return relationship === undefined
			? notFound('Relationship')
			: ok(engine.relationships.attributes(relationship.id));
	}
});

/** Answers after the relay acknowledged the commit; when it did not, nothing changed. */
export const act = (action: Exclude<RelationshipAction, 'create'>, summary: string): Endpoint =>
	endpoint({
		summary,
		params: { relationshipId: RELATIONSHIP },
		run({ engine, params }) {
			const relationshipId = params['relationshipId'] ?? '';
			return engine.relationships.get(relationshipId) === undefined
				? notFound('Relationship')
				: engine.relationships.act(relationshipId, action);
		}
	});
