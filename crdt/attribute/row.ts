/** Rows of attributes: their content as a type, and how a successor is linked to what it succeeds. */
import { trimmed, type Attribute, type IdentityAttribute } from '../content/attribute.ts';
import { compact } from '../content/json.ts';
import type { AttributeRow, Fold, JsonObject } from '../views.ts';
import { attributeDto } from '../views-dto.ts';

/** The content of an identity attribute. Rows hold parsed content only. */
export const contentOf = (row: AttributeRow): IdentityAttribute => row.content as unknown as IdentityAttribute;
export const isOwnIdentity = (row: AttributeRow): boolean => row['@type'] === 'OwnIdentityAttribute';

/** As it is kept (content-model.md §1.7). */
export const toContent = (content: Attribute): JsonObject => compact(trimmed(content)) as unknown as JsonObject;

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
