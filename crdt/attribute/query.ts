/**
 * Which own attributes a query finds (content-model.md §2.2, with the advice of §11 rows 10 and 11: keys are compared as they
 * are, relationship attributes are the latest ones of a relationship of ours that are not gone).
 */
import type { Attribute } from '../content/attribute.ts';
import { evaluateIql, parseIql } from '../content/iql.ts';
import {
	anyQuery,
	isIdentityCandidate,
	isRelationshipCandidate,
	isThirdPartyCandidate,
	type AttributeQuery,
	type IdentityAttributeQuery,
	type IQLQuery,
	type RelationshipAttributeQuery,
	type ThirdPartyRelationshipAttributeQuery
} from '../content/query.ts';
import { read } from '../content/shape.ts';
import { rowsBy } from '../view-query.ts';
import type { Address, AttributeRow, JsonObject, Views } from '../views.ts';
import { isDeletedThere } from './deletion.ts';
import { byCreation, ownIdentityAttributes } from './versions.ts';

const attributeOf = (row: AttributeRow): Attribute => row.content as unknown as Attribute;

/** Own identity attributes of the value type with one of the tags, superseded ones included. */
export const findByIdentityQuery = (views: Views, me: Address, query: IdentityAttributeQuery): AttributeRow[] =>
	ownIdentityAttributes(views, { onlyLatestVersions: false }).filter((row) =>
		isIdentityCandidate(attributeOf(row), query, me)
	);

/** Relationship attributes with this key that are neither superseded nor gone, in the order of lists. */
const lived = (views: Views, key: string): AttributeRow[] =>
	byCreation(rowsBy(views, 'attributes', 'content.key', key)).filter(
		(row) =>
			row._aliasOf === undefined &&
			(row['@type'] === 'OwnRelationshipAttribute' || row['@type'] === 'PeerRelationshipAttribute') &&
			row.succeededBy === undefined &&
			!isDeletedThere(row)
	);

/** The first relationship attribute with that key and owner that may be told. */
export const findByRelationshipQuery = (
	views: Views,
	me: Address,
	query: RelationshipAttributeQuery
): AttributeRow | undefined =>
	lived(views, query.key).find((row) => isRelationshipCandidate(attributeOf(row), query, me));

/** Relationship attributes with the third parties that may be told. */
export const findByThirdPartyQuery = (
	views: Views,
	me: Address,
	query: ThirdPartyRelationshipAttributeQuery
): AttributeRow[] =>
	lived(views, query.key).filter((row) => isThirdPartyCandidate(attributeOf(row), row.peer ?? '', query, me));

/** Own identity attributes the query string holds for. */
export const findByIqlQuery = (views: Views, query: IQLQuery): AttributeRow[] => {
	const parsed = parseIql(query.queryString);
	if (!parsed.ok) return [];
	return ownIdentityAttributes(views, { onlyLatestVersions: false }).filter((row) =>
		evaluateIql(parsed.value, row.content)
	);
};

/** Own attributes that could answer a query of a request: latest versions only, the default first, then the newest. */
export function candidates(views: Views, me: Address, query: JsonObject): AttributeRow[] {
	const parsed = read(anyQuery, 'AttributeQuery', query);
	if (!parsed.ok) return [];
	const latest = found(views, me, parsed.value).filter((row) => row.succeededBy === undefined);
	return latest.sort(
		(a, b) =>
			Number(b.isDefault === true) - Number(a.isDefault === true) ||
			(a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? 1 : -1)
	);
}

function found(views: Views, me: Address, query: AttributeQuery): AttributeRow[] {
	switch (query['@type']) {
		case 'IdentityAttributeQuery':
			return findByIdentityQuery(views, me, query);
		case 'IQLQuery':
			return findByIqlQuery(views, query);
		case 'ThirdPartyRelationshipAttributeQuery':
			return findByThirdPartyQuery(views, me, query);
		case 'RelationshipAttributeQuery': {
			const row = findByRelationshipQuery(views, me, query);
			return row ? [row] : [];
		}
	}
}
