/** What the records about attributes and about what programs keep of identities do to the views (PROTOCOL.md §3.1). */
import { changeDefault } from '../attribute/default.ts';
import { deleteAttribute } from '../attribute/delete.ts';
import { createOwn, markViewed, succeedOwn } from '../attribute/own.ts';
import { succeedOwnRelationship } from '../attribute/peer.ts';
import { addForwarding } from '../attribute/sharing.ts';
import { compact } from '../content/json.ts';
import type { Folding } from './folding.ts';
import type { RecordKind, Records } from './record.ts';

type AttributeKinds = Extract<RecordKind, `attribute.${string}` | `metadata.${string}`>;

/** Whoever wrote the record keeps default attributes: `defaults` in it says so, and so every device folds alike. */
export const keepingDefaults = (fold: Folding, defaults: boolean | undefined): Folding =>
	defaults ? { ...fold, defaults } : fold;

/** One value per reference and key; no key is a slot of its own. */
export const metadataId = (reference: string, key: string | undefined): string =>
	key === undefined ? reference : `${reference}|${key}`;

export const attributeRecords: { readonly [K in AttributeKinds]: (fold: Folding, value: Records[K]) => void } = {
	'attribute.created': (fold, { id, content, defaults }) =>
		createOwn(keepingDefaults(fold, defaults), id, content as never),
	'attribute.succeeded': (fold, { predecessor, id, content, rebased, reference }) =>
		reference === undefined
			? succeedOwn(fold, predecessor, id, content as never, rebased)
			: succeedOwnRelationship(
					fold,
					predecessor,
					{ id, content: content as never, sourceReference: reference },
					rebased
				),
	'attribute.deleted': (fold, { id, defaults }) => deleteAttribute(keepingDefaults(fold, defaults), id),
	'attribute.viewed': (fold, { id }) => markViewed(fold, id),
	'attribute.forwarded'(fold, { id, predecessor, peer, reference }) {
		// Deleted by us before this came into the log: the peer was told so first, and takes no successor of it.
		if (fold.views.get('attributes', predecessor)) addForwarding(fold, id, peer, reference);
	},
	'attribute.default': (fold, { id }) => changeDefault(fold, id),
	'metadata.set'(fold, { reference, key, value }) {
		fold.views.put('metadata', compact({ id: metadataId(reference, key), reference, key, value }));
	},
	'metadata.deleted': (fold, { reference, key }) => fold.views.delete('metadata', metadataId(reference, key))
};
