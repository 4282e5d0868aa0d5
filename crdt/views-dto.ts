/**
 * Rows as REST and events show them (connector-api.md §3): every member but those starting with `_`, which never leave the
 * engine. A row is built so that nothing else has to be added.
 */
import type { AttributeRow, ForwardingRow, Tables, TableName } from './views.ts';

type Shown<T> = { readonly [K in keyof T as K extends `_${string}` ? never : K]: T[K] };

/** The row without its `_` members. */
export function toDto<T extends Tables[TableName]>(row: T): Shown<T> {
	return Object.fromEntries(
		Object.entries(row).filter(([member, value]) => !member.startsWith('_') && value !== undefined)
	) as unknown as Shown<T>;
}

/** An attribute: `numberOfForwards` is there for the kinds that can be forwarded, 0 included. */
export function attributeDto(row: AttributeRow): Shown<AttributeRow> {
	const forwardable = ['OwnIdentityAttribute', 'OwnRelationshipAttribute', 'PeerRelationshipAttribute'];
	const { numberOfForwards = 0, ...shown } = toDto(row);
	return forwardable.includes(row['@type']) ? { ...shown, numberOfForwards } : shown;
}

/** REST shows neither the id nor the attribute of a forwarding. */
export function forwardingDto({ peer, sourceReference, sharedAt, deletionInfo }: ForwardingRow) {
	return { peer, sourceReference, sharedAt, ...(deletionInfo && { deletionInfo }) };
}
