/**
 * Pictures of a credential's display are kept as files of their own (content-model.md §1.2 VerifiableCredential). They go with
 * the attribute (§3.5), but for those that an attribute which stays shows too, as a successor may.
 */
import { parseReference } from '../codec/reference.ts';
import { isJsonObject } from '../content/json.ts';
import { rowsBy } from '../view-query.ts';
import type { AttributeRow, FileRow, Views } from '../views.ts';

/** Ids of the files a credential names; of any other value none. */
function namedBy({ content }: AttributeRow): string[] {
	const value = content['value'];
	const images = isJsonObject(value) ? value['displayInformationCachedImages'] : undefined;
	const references = Array.isArray(images)
		? images.flatMap((image) => (isJsonObject(image) ? [image['logo'], image['backgroundImage']] : []))
		: [];
	return references.flatMap((text) => {
		const reference = typeof text === 'string' ? parseReference(text) : undefined;
		return reference?.ok && reference.value.kind === 'file' ? [reference.value.id] : [];
	});
}

/** Files that have no purpose any more when these attributes are gone. */
export function cachedFilesOf(views: Views, gone: readonly AttributeRow[]): FileRow[] {
	const named = new Set(gone.flatMap(namedBy));
	if (named.size === 0) return [];
	const ids = new Set(gone.map(({ id }) => id));
	for (const row of rowsBy(views, 'attributes', '@type', 'OwnIdentityAttribute'))
		if (!ids.has(row.id)) for (const id of namedBy(row)) named.delete(id);
	return [...named].flatMap((id) => views.get('files', id) ?? []);
}
