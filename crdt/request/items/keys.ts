/**
 * Keys of relationship attributes (content-model.md §1.1): within a relationship the same key, owner and value type stand for
 * one attribute. Judged against what is there (per item) and among the items of one request (§4.6 4, §4.7 8).
 */
import { isKeyInUse } from '../../attribute/peer.ts';
import { isIdentityAttribute, type Attribute } from '../../content/attribute.ts';
import type { RequestItem } from '../../content/request.ts';
import type { Refusal } from '../../result.ts';
import type { Address, Views } from '../../views.ts';
import { requestFault } from '../validation.ts';
import { invalidParameters, unexpected } from './rule.ts';

export interface AttributeKey {
	readonly key: string;
	/** `""` where the recipient is not known. */
	readonly owner: Address;
	readonly valueType: string;
}

/** The key of the relationship attribute an item would bring into being, with `""` put to the recipient. */
function keyOf(item: RequestItem, recipient: Address): AttributeKey | undefined {
	if (item['@type'] === 'CreateAttributeRequestItem') return keyOfAttribute(item.attribute, recipient);
	if (item['@type'] !== 'ReadAttributeRequestItem' && item['@type'] !== 'ProposeAttributeRequestItem')
		return undefined;
	const { query } = item;
	if (query['@type'] !== 'RelationshipAttributeQuery') return undefined;
	const { valueType } = query.attributeCreationHints;
	return { key: query.key, owner: query.owner || recipient, valueType };
}

function keyOfAttribute(attribute: Attribute, recipient: Address): AttributeKey | undefined {
	if (isIdentityAttribute(attribute)) return undefined;
	return { key: attribute.key, owner: attribute.owner || recipient, valueType: attribute.value['@type'] };
}

/** A key two of the items would bring into being. */
export function repeatedKey(items: readonly RequestItem[], recipient: Address): string | undefined {
	const seen = new Set<string>();
	for (const item of items) {
		const found = keyOf(item, recipient);
		if (!found) continue;
		const name = JSON.stringify([found.key, found.owner, found.valueType]);
		if (seen.has(name)) return found.key;
		seen.add(name);
	}
	return undefined;
}

export const violatedKeys = (key: string): Refusal =>
	requestFault(
		'violatedKeyUniquenessOfRelationshipAttributes',
		`The key '${key}' may stand for one relationship attribute of an owner and value type only.`
	);

/** Whether the relationship with `peer` has such an attribute already: text if it has. */
export function inUse(views: Views, peer: Address, item: RequestItem, recipient: Address): string | undefined {
	const found = keyOf(item, recipient);
	if (!found || !isKeyInUse(views, peer, found)) return undefined;
	return `There is a relationship attribute with the key '${found.key}' already.`;
}

/** The same while an item is to be accepted: one that must be cannot be at all. */
export function inUseFault(views: Views, peer: Address, item: RequestItem, recipient: Address): Refusal | undefined {
	const message = inUse(views, peer, item, recipient);
	if (message === undefined) return undefined;
	return item.mustBeAccepted ? unexpected(message) : invalidParameters(message);
}
