/** Queries for own attributes as callers give them: read, then carried out (crdt/attribute/query.ts). */
import {
	findByIdentityQuery,
	findByIqlQuery,
	findByRelationshipQuery,
	findByThirdPartyQuery
} from '../../attribute/query.ts';
import { parseQuery } from '../../content/parse.ts';
import type { AttributeQuery } from '../../content/query.ts';
import { ok, type Result } from '../../result.ts';
import type { Address, AttributeRow, JsonObject, Views } from '../../views.ts';

type Type = AttributeQuery['@type'];
type Find = (views: Views, me: Address, query: never) => AttributeRow[];

const finders: Record<Type, Find> = {
	IdentityAttributeQuery: findByIdentityQuery,
	RelationshipAttributeQuery: (views, me, query) => {
		const row = findByRelationshipQuery(views, me, query);
		return row ? [row] : [];
	},
	ThirdPartyRelationshipAttributeQuery: findByThirdPartyQuery,
	IQLQuery: (views, _me, query) => findByIqlQuery(views, query)
};

export function findByQuery(views: Views, me: Address, type: Type, json: JsonObject): Result<AttributeRow[]> {
	const query = parseQuery(type, json);
	return query.ok ? ok(finders[type](views, me, query.value as never)) : query;
}
