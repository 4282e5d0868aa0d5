/**
 * Asking views for rows. What can be asked for is declared here, once for every implementation: `KEYS` says per table which
 * members rows are looked up by, `matches` is the meaning of a query, and an index is only a faster way to the same rows.
 *
 *   { where: [{ key: 'peer', anyOf: [address] }, { key: 'createdAt', from: { value, inclusive: true } }], limit: 100 }
 *
 * All conditions hold; a key with several values (the participants of a message) holds when one of them does. `id` can be
 * asked for in every table. Values compare as texts, bytewise.
 */
import { toHex, utf8 } from './codec/bytes.ts';
import { jsonText } from './content/json.ts';
import { sha256 } from './crypto/hash.ts';
import { isUndecided } from './request/status.ts';
import type { Bound, JsonObject, Query, TableName, Tables, Views, Where } from './views.ts';

type Extract<T> = (row: T) => string | readonly string[] | undefined;
type Keys = { readonly [T in TableName]?: { readonly [key: string]: Extract<Tables[T]> } };

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const type = (content: JsonObject | undefined): string | undefined => text(content?.['@type']);
const members = (content: JsonObject | undefined, name: string): readonly JsonObject[] => {
	const list = content?.[name];
	return Array.isArray(list)
		? list.filter((item): item is JsonObject => typeof item === 'object' && item !== null)
		: [];
};
const types = (list: readonly JsonObject[]): readonly string[] => list.flatMap((item) => type(item) ?? []);
const inner = (content: JsonObject | undefined): readonly JsonObject[] =>
	members(content, 'items').flatMap((item) => members(item, 'items'));
const shard = (row: { readonly shard: string }) => row.shard;
/** The relay's name of an own object: what it tells about one says no more. */
const handle = (row: { readonly isOwn: boolean; readonly id: string }) =>
	row.isOwn ? toHex(sha256(utf8(row.id))) : undefined;
/** What stands for a value of any size. */
export const valueKey = (value: unknown): string => toHex(sha256(utf8(jsonText(value))).slice(0, 16));

/** What rows are looked up by. REST filters (connector/http/filter.ts) and folds use these names. */
export const KEYS: Keys = {
	relationships: {
		peer: (row) => row.peer,
		status: (row) => row.status,
		templateId: (row) => row.templateId,
		createdAt: (row) => row._createdAt,
		_hidden: (row) => row._hidden
	},
	notifications: {
		peer: (row) => row.peer,
		'content.items.attributeId': (row) =>
			members(row.content, 'items').flatMap(({ attributeId }) => text(attributeId) ?? [])
	},
	attention: { kind: (row) => row.kind },
	waiting: { alias: (row) => row.alias },
	metadata: { reference: (row) => row.reference },
	chores: { kind: (row) => row.kind },
	templates: {
		isOwn: (row) => String(row.isOwn),
		createdBy: (row) => row.createdBy,
		createdAt: (row) => row.createdAt,
		forIdentity: (row) => row.forIdentity,
		_handle: handle
	},
	tokens: {
		isOwn: (row) => String(row.isOwn),
		createdBy: (row) => row.createdBy,
		createdAt: (row) => row.createdAt,
		forIdentity: (row) => row.forIdentity
	},
	messages: {
		createdBy: (row) => row.createdBy,
		createdAt: (row) => row.createdAt,
		participant: (row) => [row.createdBy, ...row.recipients.map(({ address }) => address)],
		'recipients.address': (row) => row.recipients.map(({ address }) => address),
		'recipients.relationshipId': (row) => row.recipients.flatMap(({ relationshipId }) => relationshipId ?? []),
		'content.@type': (row) => type(row.content),
		attachments: (row) => row.attachments,
		/** Only what did not leave yet: `queued` and `failed`. */
		_delivery: (row) => (row._delivery === 'sent' ? undefined : row._delivery)
	},
	requests: {
		isOwn: (row) => String(row.isOwn),
		peer: (row) => row.peer,
		createdAt: (row) => row.createdAt,
		status: (row) => row.status,
		/** Only of what can still expire. */
		_expiresAt: (row) => (isUndecided(row.status) ? text(row.content['expiresAt']) : undefined),
		'source.type': (row) => row.source?.type,
		'source.reference': (row) => row.source?.reference,
		'content.items.@type': (row) => types(members(row.content, 'items')),
		'content.items.items.@type': (row) => types(inner(row.content)),
		'response.source.type': (row) => row.response?.source?.type,
		'response.source.reference': (row) => row.response?.source?.reference,
		'response.content.items.@type': (row) => types(members(row.response?.content, 'items')),
		'response.content.items.items.@type': (row) => types(inner(row.response?.content))
	},
	attributes: {
		'@type': (row) => row['@type'],
		peer: (row) => row.peer,
		createdAt: (row) => row.createdAt,
		'content.@type': (row) => type(row.content),
		'content.value.@type': (row) => type(row.content['value'] as JsonObject | undefined),
		'content.key': (row) => text(row.content['key']),
		'content.owner': (row) => text(row.content['owner']),
		sourceReference: (row) => row.sourceReference,
		succeeds: (row) => row.succeeds,
		succeededBy: (row) => row.succeededBy,
		initialAttributePeer: (row) => row.initialAttributePeer,
		_aliasOf: (row) => row._aliasOf,
		/** Only of own ones that are shown and newest: of equal ones there is one. */
		_ownValue: (row) =>
			row['@type'] === 'OwnIdentityAttribute' && row._aliasOf === undefined && row.succeededBy === undefined
				? valueKey(row.content['value'])
				: undefined
	},
	forwardings: {
		attributeId: (row) => row.attributeId,
		peer: (row) => row.peer,
		sourceReference: (row) => row.sourceReference
	},
	files: {
		isOwn: (row) => String(row.isOwn),
		createdBy: (row) => row.createdBy,
		createdAt: (row) => row.createdAt,
		owner: (row) => row.owner,
		_handle: handle
	},
	held: { relationshipId: (row) => row.relationshipId },
	aliases: { of: (row) => row.of },
	channels: { peer: (row) => row.peer },
	updates: { shard }
};

/** Tables whose lists are asked for by one side only: an index says the side first, so that the other side costs nothing. */
export const SIDES: { readonly [T in TableName]?: { readonly key: string; readonly values: readonly string[] } } = {
	requests: { key: 'isOwn', values: ['false', 'true'] },
	templates: { key: 'isOwn', values: ['false', 'true'] },
	tokens: { key: 'isOwn', values: ['false', 'true'] },
	files: { key: 'isOwn', values: ['false', 'true'] }
};

/** Whether rows of a table can be asked for by a key. */
export const isKey = (table: TableName, key: string): boolean => key === 'id' || Object.hasOwn(KEYS[table] ?? {}, key);

/** A row's values of a key, each once. */
export function valuesOf(table: TableName, key: string, row: Tables[TableName]): readonly string[] {
	if (key === 'id') return [row.id];
	const extract = KEYS[table]?.[key] as Extract<Tables[TableName]> | undefined;
	if (!extract) throw new Error(`rows of ${table} cannot be asked for by ${key}`);
	const value = extract(row);
	return value === undefined ? [] : typeof value === 'string' ? [value] : [...new Set(value)];
}

const within = (value: string, from: Bound | undefined, to: Bound | undefined): boolean =>
	(!from || value > from.value || (from.inclusive && value === from.value)) &&
	(!to || value < to.value || (to.inclusive && value === to.value));

/** Rows with one of these values, in insertion order. */
export const rowsBy = <T extends TableName>(
	views: Pick<Views, 'rows'>,
	table: T,
	key: string,
	...anyOf: readonly string[]
): Tables[T][] => [...views.rows(table, { where: [{ key, anyOf }] })];

/** The meaning of one condition. */
export function holds(table: TableName, where: Where, row: Tables[TableName]): boolean {
	const values = valuesOf(table, where.key, row);
	return 'anyOf' in where
		? values.some((value) => where.anyOf.includes(value))
		: values.some((value) => within(value, where.from, where.to));
}

/** The date a row is ordered by. */
export const orderOf = (table: TableName, row: Tables[TableName]): string | undefined =>
	valuesOf(table, 'createdAt', row)[0];

/** Whether a row is asked for; its place and the limit aside. */
export const matches = (table: TableName, { where = [], order }: Query, row: Tables[TableName]): boolean =>
	where.every((each) => holds(table, each, row)) && (order === undefined || orderOf(table, row) !== undefined);
