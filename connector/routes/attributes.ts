/** Attributes (connector-api.md §2.3): own identity attributes and what peers shared. */
import * as v from 'valibot';
import type { AttributeRow, JsonObject } from '../../crdt/index.ts';
import { notFound, notImplemented } from '../http/errors.ts';
import { filterRows, keys, option, type FilterTable } from '../http/filter.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { ADDRESS, attributeContent, idPattern, text } from './input.ts';
import { asCheck, found } from './refuse.ts';
import { endpoint } from './route.ts';

const DELETION: FilterTable = {
	...keys('exists', 'deletionInfo'),
	...keys('value', 'deletionInfo.deletionStatus deletionInfo.deletionDate')
};
const COMMON: FilterTable = {
	...keys('value', 'createdAt wasViewedAt content.value.@type'),
	...keys('tags', 'content.tags')
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
	summary: 'Replace an own identity attribute by its successor',
	body: successor,
	run({ engine, params, body }) {
		const id = params['id'] ?? '';
		const predecessor = engine.attributes.get(id);
		// Any failed look-up, a malformed id too, reads the same (§13 row 11).
		if (predecessor === undefined)
			return { ok: false, error: { ...notFound('').error, message: `Predecessor attribute '${id}' not found.` } };
		if (predecessor['@type'] === 'OwnRelationshipAttribute')
			return notImplemented('Succession of relationship attributes');
		return engine.attributes.succeed(id, body.successorContent as JsonObject);
	}
});

export const list = endpoint({
	summary: 'All attributes',
	filters: listFilters,
	run: ({ engine, query }) => filterRows(byCreation(engine.attributes.list()), listFilters, query)
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

export const peer = endpoint({
	summary: 'Attributes a peer shared',
	params: { peer: ADDRESS },
	filters: peerFilters,
	options: ['onlyLatestVersions', 'hideTechnical'],
	run({ engine, params, query }) {
		const onlyLatestVersions = option(query, 'onlyLatestVersions', true);
		const rows = byCreation(engine.attributes.peer(params['peer'] ?? '', { onlyLatestVersions }));
		const shown = option(query, 'hideTechnical', false) ? rows.filter((row) => !isTechnical(row)) : rows;
		return filterRows(shown, peerFilters, query);
	}
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
	run: ({ engine, params }) => engine.attributes.delete(params['attributeId'] ?? '')
});
