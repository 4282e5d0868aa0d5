/**
 * The items of a request as a screen shows them: what kind each is, what may be given for it, what it is called. Contents come
 * from peers: what does not look as it should is shown as not supported and never breaks the page.
 */
import type { AttributeRow, Json, JsonObject } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { canEdit, canEnter, typeLabel } from './values/types.ts';

export type ItemKind =
	| 'read'
	| 'propose'
	| 'create'
	| 'share'
	| 'delete'
	| 'authentication'
	| 'form'
	| 'consent'
	/** A file that is to become the person's own. */
	| 'transfer'
	/** Known, but not to this version: credentials. */
	| 'unsupported';
export interface Item {
	readonly path: string;
	readonly kind: ItemKind;
	readonly content: JsonObject;
	readonly mandatory: boolean;
	/** Type of the value asked for, offered or proposed; empty where there is none or any would do. */
	readonly valueType: string;
	/** One of the own entries may be given. */
	readonly canChoose: boolean;
	/** A value may be typed in. */
	readonly canType: boolean;
}
export interface Group {
	/** Undefined for items that stand in no group. */
	readonly path?: string;
	readonly title?: string;
	readonly description?: string;
	readonly items: readonly Item[];
}

export const object = (value: Json | undefined): JsonObject | undefined =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
export const list = (value: Json | undefined): readonly JsonObject[] =>
	Array.isArray(value) ? value.map((v) => object(v as Json) ?? {}) : [];
export const text = (value: Json | undefined): string | undefined =>
	typeof value === 'string' && value ? value : undefined;

/** The request's items, those outside groups gathered where they stand. */
export function groupsOf(content: JsonObject): Group[] {
	const groups: { path?: string; title?: string; description?: string; items: Item[] }[] = [];
	list(content['items']).forEach((node, i) => {
		const path = String(i + 1);
		if (node['@type'] === 'RequestItemGroup') {
			const [title, description] = [text(node['title']), text(node['description'])];
			groups.push({
				path,
				...(title ? { title } : {}),
				...(description ? { description } : {}),
				items: list(node['items']).map((item, k) => itemOf(item, `${path}.${k + 1}`))
			});
			return;
		}
		const last = groups.at(-1);
		if (last && !last.path) last.items.push(itemOf(node, path));
		else groups.push({ items: [itemOf(node, path)] });
	});
	return groups;
}
export const itemsOf = (content: JsonObject): Item[] => groupsOf(content).flatMap((group) => group.items);

export const queryOf = (item: Pick<Item, 'content'>): JsonObject => object(item.content['query']) ?? {};
/** What the query says about an entry that does not exist yet. */
export const hintsOf = (item: Pick<Item, 'content'>): JsonObject =>
	object(queryOf(item)['attributeCreationHints']) ?? {};
export const attributeOf = (item: Pick<Item, 'content'>): JsonObject => object(item.content['attribute']) ?? {};
export const offeredValue = (item: Pick<Item, 'content'>): JsonObject => object(attributeOf(item)['value']) ?? {};
export const settingsOf = (item: Pick<Item, 'content'>): JsonObject => object(item.content['settings']) ?? {};
export const isOfRelationship = (item: Pick<Item, 'content'>): boolean =>
	queryOf(item)['@type'] === 'RelationshipAttributeQuery';

type Shape = Pick<Item, 'kind' | 'valueType' | 'canChoose' | 'canType'>;
const plain = (kind: ItemKind, valueType = ''): Shape => ({ kind, valueType, canChoose: false, canType: false });

/** By type of item; undefined where the content does not say enough to answer it. */
const SHAPES: { readonly [type: string]: (content: JsonObject) => Shape | undefined } = {
	ReadAttributeRequestItem: (content) => asked('read', content),
	ProposeAttributeRequestItem: (content) =>
		text(offeredValue({ content })['@type']) ? asked('propose', content) : undefined,
	CreateAttributeRequestItem: (content) => offered('create', content),
	ShareAttributeRequestItem: (content) => offered('share', content),
	DeleteAttributeRequestItem: (content) => (text(content['attributeId']) ? plain('delete') : undefined),
	AuthenticationRequestItem: () => plain('authentication'),
	ConsentRequestItem: () => plain('consent'),
	TransferFileOwnershipRequestItem: (content) => (text(content['fileReference']) ? plain('transfer') : undefined),
	FormFieldRequestItem: (content) => (text(settingsOf({ content })['@type']) ? plain('form') : undefined)
};

export function itemOf(content: JsonObject, path: string): Item {
	const type = text(content['@type']) ?? '';
	const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type]!(content) : undefined;
	return { path, content, mandatory: content['mustBeAccepted'] === true, ...(shape ?? plain('unsupported')) };
}

/** What four kinds of query may be answered with (content-model.md §2): an own entry, a new one, or either. */
function asked(kind: 'read' | 'propose', content: JsonObject): Shape | undefined {
	const query = queryOf({ content });
	const hinted = text(hintsOf({ content })['valueType']) ?? '';
	switch (query['@type']) {
		case 'IdentityAttributeQuery': {
			const valueType = text(query['valueType']) ?? '';
			return canEdit(valueType) ? { kind, valueType, canChoose: true, canType: true } : undefined;
		}
		case 'RelationshipAttributeQuery':
			return canEnter(hinted) ? { kind, valueType: hinted, canChoose: false, canType: true } : undefined;
		case 'ThirdPartyRelationshipAttributeQuery':
			return kind === 'read' ? { kind, valueType: '', canChoose: true, canType: false } : undefined;
		case 'IQLQuery': {
			const valueType = kind === 'propose' ? String(offeredValue({ content })['@type']) : hinted;
			return { kind, valueType, canChoose: true, canType: canEdit(valueType) };
		}
		default:
			return undefined;
	}
}

function offered(kind: 'create' | 'share', content: JsonObject): Shape | undefined {
	const valueType = text(offeredValue({ content })['@type']);
	return valueType ? plain(kind, valueType) : undefined;
}

/** What an item is called: the entry asked for or offered, or the question itself. */
export function itemTitle(item: Item, attribute: (id: string) => AttributeRow | undefined = () => undefined): string {
	switch (item.kind) {
		case 'consent':
			return m.item_consent();
		case 'transfer':
			return m.item_file();
		case 'authentication':
		case 'form':
			return text(item.content['title']) ?? m.item_question();
		case 'create':
		case 'share':
			return typeLabel(item.valueType, offeredValue(item));
		case 'delete': {
			const value = object(attribute(String(item.content['attributeId']))?.content['value']);
			return value ? m.item_delete({ label: typeLabel(String(value['@type']), value) }) : m.item_delete_gone();
		}
		case 'read':
		case 'propose':
			return (
				text(hintsOf(item)['title']) ??
				(queryOf(item)['@type'] === 'ThirdPartyRelationshipAttributeQuery'
					? m.item_third()
					: item.valueType
						? typeLabel(item.valueType)
						: m.item_any())
			);
		case 'unsupported':
			return UNSUPPORTED[text(item.content['@type']) ?? '']?.() ?? m.item_unsupported();
	}
}
const UNSUPPORTED: { readonly [type: string]: () => string } = {
	ShareCredentialOfferRequestItem: () => m.item_credential(),
	ShareAuthorizationRequestRequestItem: () => m.item_credential()
};
