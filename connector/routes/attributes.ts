/** Attributes (connector-api.md §2.3): own ones, what peers have of them, and what peers shared. */
import * as v from 'valibot';
import type { AttributeRow, Engine, JsonObject } from '../../crdt/index.ts';
import { forwardingDto, ok } from '../../crdt/index.ts';
import { notFound } from '../http/errors.ts';
import { filterRows, keys, option, type FilterTable } from '../http/filter.ts';
import { jsonObject, parseInput, strict } from '../http/schema.ts';
import { listRows } from '../http/stream.ts';
import { address, ADDRESS, attributeContent, first, idPattern, text } from './input.ts';
import { asCheck, found } from './refuse.ts';
import { endpoint, leaving, type Endpoint, type Query } from './route.ts';

const DELETION: FilterTable = {
	...keys('exists', 'deletionInfo'),
	...keys('value', 'deletionInfo.deletionStatus deletionInfo.deletionDate')
};
const COMMON: FilterTable = {
	...keys('value', 'createdAt wasViewedAt content.value.@type'),
	...keys('text', 'content.tags')
};
const CONTENT = keys('value', 'content.@type content.key content.isTechnical content.confidentiality');

const listFilters: FilterTable = {
	...COMMON,
	...CONTENT,
	...keys('value', '@type succeeds succeededBy isDefault content.owner peer sourceReference initialAttributePeer'),
	...DELETION
};
const ownFilters: FilterTable = { ...COMMON, ...keys('value', 'isDefault') };
const peerFilters: FilterTable = {
	...COMMON,
	...CONTENT,
	...keys('value', 'sourceReference initialAttributePeer'),
	...DELETION
};

/** By creation, ties in the order they were stored: clients delete in list order. */
const byCreation = (rows: readonly AttributeRow[]) =>
	[...rows].sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));

/** Of attributes a peer has: what is said of forwarding them is looked up on the attribute itself (§14, §2.3). */
const sharedFilters: FilterTable = {
	...COMMON,
	...CONTENT,
	...keys('value', '@type isDefault sourceReference'),
	...DELETION
};
const forwardingFilters: FilterTable = { ...keys('value', 'peer sourceReference sharedAt'), ...DELETION };

const ATTRIBUTE = idPattern('ATT');
const newContent = strict({ content: attributeContent });

export const canCreate = endpoint({
	summary: 'Whether an own identity attribute could be created',
	body: newContent,
	run: ({ engine, body }) => asCheck(engine.attributes.canCreate(body.content))
});

export const create = endpoint({
	summary: 'Create an own identity attribute',
	body: newContent,
	run: ({ engine, body }) => engine.attributes.create(body.content)
});

const successor = strict({ successorContent: strict({ value: jsonObject, tags: v.optional(v.array(text)) }) });

export const succeed = endpoint({
	summary: 'Replace an own attribute by its successor',
	body: successor,
	// Any failed look-up, a malformed id too, reads the same (§13 row 11).
	run: ({ engine, params, body }) =>
		leaving(engine, engine.attributes.succeed(params['id'] ?? '', body.successorContent as JsonObject))
});

export const notifyPeer = endpoint({
	summary: 'Tell a peer that an own identity attribute was replaced',
	params: { attributeId: ATTRIBUTE },
	body: strict({ peer: address }),
	run: ({ engine, params, body }) =>
		leaving(engine, engine.attributes.notifyPeer(params['attributeId'] ?? '', body.peer))
});

export const list = endpoint({
	summary: 'All attributes',
	filters: listFilters,
	options: ['hideTechnical'],
	run: ({ engine, query }) =>
		listRows('attributes', (asked) => withoutTechnical(engine.attributes.rows(asked), query), listFilters, query)
});

export const ownIdentity = endpoint({
	summary: 'Own identity attributes',
	filters: ownFilters,
	options: ['onlyLatestVersions'],
	run({ engine, query }) {
		const onlyLatestVersions = option(query, 'onlyLatestVersions', true);
		return filterRows(byCreation(engine.attributes.ownIdentity({ onlyLatestVersions })), ownFilters, query);
	}
});

const isTechnical = (row: AttributeRow) => row.content['isTechnical'] === true;
function* withoutTechnical(rows: Iterable<AttributeRow>, query: Query): Generator<AttributeRow> {
	const isHidden = option(query, 'hideTechnical', false) ? isTechnical : () => false;
	for (const row of rows) if (!isHidden(row)) yield row;
}
const LATEST = ['onlyLatestVersions', 'hideTechnical'];

export const ownShared = endpoint({
	summary: 'Own attributes a peer has',
	params: { peer: ADDRESS },
	filters: sharedFilters,
	options: LATEST,
	run({ engine, params, query }) {
		const onlyLatestVersions = option(query, 'onlyLatestVersions', true);
		const rows = engine.attributes.ownShared(params['peer'] ?? '', { onlyLatestVersions });
		return filterRows([...withoutTechnical(rows, query)], sharedFilters, query);
	}
});

export const peer = endpoint({
	summary: 'Attributes a peer shared',
	params: { peer: ADDRESS },
	filters: peerFilters,
	options: LATEST,
	run({ engine, params, query }) {
		const onlyLatestVersions = option(query, 'onlyLatestVersions', true);
		const rows = byCreation(engine.attributes.peer(params['peer'] ?? '', { onlyLatestVersions }));
		return filterRows([...withoutTechnical(rows, query)], peerFilters, query);
	}
});

export const forwardingDetails = endpoint({
	summary: 'With whom an attribute is shared',
	params: { attributeId: ATTRIBUTE },
	filters: forwardingFilters,
	run({ engine, params, query }) {
		const id = params['attributeId'] ?? '';
		if (engine.attributes.get(id) === undefined) return notFound('LocalAttribute');
		const rows = filterRows(engine.attributes.forwardings(id), forwardingFilters, query);
		return rows.ok ? ok(rows.value.map(forwardingDto)) : rows;
	}
});

export const versions = endpoint({
	summary: 'All versions of an attribute, newest first',
	params: { attributeId: ATTRIBUTE },
	run({ engine, params }) {
		const rows = engine.attributes.versions(params['attributeId'] ?? '');
		return rows.length === 0 ? notFound('LocalAttribute') : ok(rows);
	}
});

const sharedWith = strict({ peer: address });

export const sharedVersions = endpoint({
	summary: 'Versions of an attribute that were shared with a peer, newest first',
	params: { attributeId: ATTRIBUTE },
	options: ['peer', 'onlyLatestVersions'],
	run({ engine, params, query }) {
		const asked = parseInput(sharedWith, first(query, ['peer']));
		if (!asked.ok) return asked;
		const onlyLatestVersions = option(query, 'onlyLatestVersions', true);
		return engine.attributes.sharedVersions(params['attributeId'] ?? '', asked.value.peer, { onlyLatestVersions });
	}
});

export const tagCollection = endpoint({
	summary: 'Tags the operator of the Backbone publishes',
	run: ({ engine }) => engine.published.tagCollection()
});

// ------------------------------------------------------------------------------------------- queries

type QueryType = Parameters<Engine['attributes']['find']>[0];
const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
/** These bodies have no schema: what is no query is a content that cannot be read. */
const queryOf = (body: unknown): JsonObject => (isObject(body) && isObject(body['query']) ? body['query'] : {});

const execute = (type: QueryType, summary: string): Endpoint =>
	endpoint({ summary, run: ({ engine, body }) => engine.attributes.find(type, queryOf(body)) });

export const executeIdentity = execute('IdentityAttributeQuery', 'Own attributes an IdentityAttributeQuery finds');
export const executeThirdParty = execute(
	'ThirdPartyRelationshipAttributeQuery',
	'Relationship attributes a ThirdPartyRelationshipAttributeQuery finds'
);
export const executeIql = execute('IQLQuery', 'Own identity attributes an IQLQuery finds');

export const executeRelationship = endpoint({
	summary: 'The relationship attribute a RelationshipAttributeQuery finds',
	run({ engine, body }) {
		const rows = engine.attributes.find('RelationshipAttributeQuery', queryOf(body));
		return rows.ok ? found('RelationshipAttribute', rows.value[0]) : rows;
	}
});

export const validateIql = endpoint({
	summary: 'Whether a text is an IQL query',
	body: v.object({ query: v.object({ queryString: text }) }),
	run: ({ engine, body }) => ok(engine.attributes.validateIql(body.query.queryString))
});

export const one = endpoint({
	summary: 'One attribute',
	params: { id: ATTRIBUTE },
	run: ({ engine, params }) => found('LocalAttribute', engine.attributes.get(params['id'] ?? ''))
});

/** The path parameter is called attributeId here, as its 400 says. */
export const remove = endpoint({
	summary: 'Delete an attribute and its predecessors',
	accept: 'any',
	params: { attributeId: ATTRIBUTE },
	run: ({ engine, params }) => leaving(engine, engine.attributes.delete(params['attributeId'] ?? ''))
});
