/**
 * Pictures of a credential's display are kept as files of their own (content-model.md §1.2 VerifiableCredential). They go with
 * the attribute (§3.5): those of own attributes only, as a peer's may name any file, and none that an attribute which stays
 * names too, as a successor may, or a file reference.
 */
import { parseReference } from '../codec/reference.ts';
import { isJsonObject } from '../content/json.ts';
import type { AttributeRow, FileRow, Json, Views } from '../views.ts';
import { isOwnIdentity } from './row.ts';

function fileIn(text: Json | undefined): string[] {
	const reference = typeof text === 'string' ? parseReference(text) : undefined;
	return reference?.ok && reference.value.kind === 'file' ? [reference.value.id] : [];
}

/** Ids of the pictures a credential names; of any other value none. */
function picturesOf({ content: { value } }: AttributeRow): string[] {
	const images = isJsonObject(value) ? value['displayInformationCachedImages'] : undefined;
	return Array.isArray(images)
		? images.flatMap((image) =>
				isJsonObject(image) ? [...fileIn(image['logo']), ...fileIn(image['backgroundImage'])] : []
			)
		: [];
}
/** Ids of all files an attribute names. */
const filesOf = (row: AttributeRow): string[] => {
	const { value } = row.content;
	return [...picturesOf(row), ...(isJsonObject(value) ? fileIn(value['value']) : [])];
};

/** Files that have no purpose any more when these attributes are gone. */
export function cachedFilesOf(views: Views, gone: readonly AttributeRow[]): FileRow[] {
	const named = new Set(gone.filter(isOwnIdentity).flatMap(picturesOf));
	if (named.size === 0) return [];
	const ids = new Set(gone.map(({ id }) => id));
	for (const row of views.list('attributes')) if (!ids.has(row.id)) for (const id of filesOf(row)) named.delete(id);
	return [...named].flatMap((id) => views.get('files', id) ?? []);
}
