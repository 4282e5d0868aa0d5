/** Rows of attributes: their content as a type, and how a successor is linked to what it succeeds. */
import type { IdentityAttribute } from '../content/attribute.ts';
import { compact } from '../content/json.ts';
import { trimValue } from '../content/values.ts';
import type { AttributeRow, Fold, JsonObject } from '../views.ts';
import { attributeDto } from '../views-dto.ts';

export type RelationshipAttribute = {
	readonly '@type': 'RelationshipAttribute';
	readonly owner: string;
	readonly key: string;
	readonly confidentiality: 'public' | 'private' | 'protected';
	readonly isTechnical: boolean;
	readonly value: JsonObject & { readonly '@type': string };
};
export type Attribute = IdentityAttribute | RelationshipAttribute;

/** The content of an identity attribute. Rows hold parsed content only. */
export const contentOf = (row: AttributeRow): IdentityAttribute => row.content as unknown as IdentityAttribute;
export const isOwnIdentity = (row: AttributeRow): boolean => row['@type'] === 'OwnIdentityAttribute';

/** As it is kept: identity values trimmed, relationship values as they came (content-model.md §1.7). */
export const toContent = (content: Attribute): JsonObject =>
	compact(
		content['@type'] === 'IdentityAttribute'
			? { ...content, value: trimValue(content.value as never) }
			: { ...content }
	) as unknown as JsonObject;

/** Links both ways; the default flag moves with the value, what was said about deleting the old one does not. */
export function link(fold: Fold, old: AttributeRow, successor: AttributeRow): void {
	const { isDefault: _moved, ...rest } = old;
	const predecessor = { ...rest, succeededBy: successor.id };
	fold.views.put('attributes', predecessor);
	fold.views.put('attributes', successor);
	fold.emit('consumption.attributeSucceeded', {
		predecessor: attributeDto(predecessor),
		successor: attributeDto(successor)
	});
}
