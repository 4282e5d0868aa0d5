/**
 * One row per kind of request item: what may be asked, what may be answered, and what the answer causes on both sides
 * (content-model.md §4.6–§4.8). Everything else about requests is the same for all kinds.
 *
 *   canCreate    may we ask this?                      (code invalidRequestItem unless noted)
 *   canAccept    may it be accepted with these parameters?
 *   answer       the accept item, with what already exists taken into account; its effects happen in the same views
 *   fits         is this a lawful answer of the peer? what it is not, if it is not
 *   asRecipient  what a committed answer causes at the one who was asked
 *   asSender     … and at the one who asked
 *
 * The last two compute everything from the committed answer, so that every device comes to the same, and twice is once.
 */
import {
	adoptOwn,
	contentOf,
	findOwn,
	forbiddenCharacters,
	mergeTags,
	succeedOwn,
	createOwn,
	tagFault,
	toContent
} from '../attribute/own.ts';
import { keepReceived, receiveAttribute, receiveSuccessor } from '../attribute/peer.ts';
import { addForwarding, keepForwarding } from '../attribute/sharing.ts';
import { hasSharedSuccessor, heldVersion } from '../attribute/versions.ts';
import type { DecideItem } from '../api.ts';
import type { Attribute, IdentityAttribute } from '../content/attribute.ts';
import { hasPermittedCharacters } from '../content/charset.ts';
import { isEqualJson, isJsonObject, isObject } from '../content/json.ts';
import { parseIdentityAttribute } from '../content/parse.ts';
import { queryFault, type IdentityAttributeQuery } from '../content/query.ts';
import type * as content from '../content/request.ts';
import type { AcceptResponseItem, ConsentRequestItem, RequestItem } from '../content/request.ts';
import { notImplemented } from '../content/shape.ts';
import { parseIdentityValue, trimValue } from '../content/values.ts';
import type { Refusal } from '../result.ts';
import type { Address, AttributeRow, Fold, Iso, Views } from '../views.ts';
import { requestFault } from './validation.ts';

export interface Asking {
	readonly views: Views;
	readonly me: Address;
	/** Unknown in a template. */
	readonly peer?: Address | undefined;
}
export interface Deciding {
	readonly views: Views;
	readonly me: Address;
	/** Who asked. */
	readonly peer: Address;
	readonly today: Iso;
}
/** What an answer's effects are told with. */
export interface Exchange {
	readonly peer: Address;
	readonly requestId: string;
}
/** Accept parameters of one item, parsed. */
export type Parameters = Extract<DecideItem, { readonly accept: boolean }>;

type ReadAttributeRequestItem = content.ReadAttributeRequestItem & { readonly query: IdentityAttributeQuery };
type CreateAttributeRequestItem = content.CreateAttributeRequestItem & { readonly attribute: IdentityAttribute };
/** An item of a kind that has a row below. */
export type SupportedItem = ReadAttributeRequestItem | CreateAttributeRequestItem | ConsentRequestItem;

interface ItemRule<Item> {
	canCreate(item: Item, asking: Asking): Refusal | undefined;
	canAccept(item: Item, parameters: Parameters, deciding: Deciding): Refusal | undefined;
	answer(item: Item, parameters: Parameters, fold: Fold, exchange: Exchange, newId: () => string): AcceptResponseItem;
	fits(item: Item, answer: AcceptResponseItem, exchange: Exchange, views: Views): string | undefined;
	asRecipient(item: Item, answer: AcceptResponseItem, fold: Fold, exchange: Exchange): void;
	asSender(item: Item, answer: AcceptResponseItem, fold: Fold, exchange: Exchange): void;
}

const invalidItem = (message: string): Refusal => requestFault('invalidRequestItem', message);
const invalidParameters = (message: string): Refusal => requestFault('invalidAcceptParameters', message);
const mismatch = (message: string): Refusal => requestFault('attributeQueryMismatch', message);
const asItemFault = (fault: Refusal | undefined): Refusal | undefined => fault && invalidItem(fault.message);
const asParameterFault = (fault: Refusal | undefined): Refusal | undefined => fault && invalidParameters(fault.message);

// ------------------------------------------------------------------------------------- ReadAttribute

const readAttribute: ItemRule<ReadAttributeRequestItem> = {
	canCreate: ({ query }) => {
		const asked: IdentityAttribute = {
			'@type': 'IdentityAttribute',
			owner: '',
			value: { '@type': query.valueType }
		};
		return asItemFault(tagFault(query.tags ? { ...asked, tags: query.tags } : asked));
	},
	canAccept: (item, parameters, deciding) => {
		const chosen = chooseAttribute(parameters, deciding);
		if ('code' in chosen) return chosen;
		if (!hasPermittedCharacters(chosen.value)) return asParameterFault(forbiddenCharacters);
		const fault = queryFault(chosen, item.query, deciding.me, deciding.peer);
		return fault ? mismatch(fault) : asParameterFault(tagFault(chosen));
	},
	answer: (_item, parameters, fold, exchange, newId) => {
		const { existingAttributeId, newAttribute, tags } = parameters;
		const existing = typeof existingAttributeId === 'string' && fold.views.get('attributes', existingAttributeId);
		if (existing) return share(withTags(existing, tags, fold, newId), fold, exchange, readAccept);
		const content = { ...(newAttribute as unknown as IdentityAttribute), owner: fold.me };
		return share(resolve(content, fold, newId), fold, exchange, readAccept);
	},
	fits: (item, answer, { peer }, views) => {
		if (answer['@type'] === 'ReadAttributeAcceptResponseItem')
			return idFault(views, answer.attributeId, peer) ?? queryFault(answer.attribute, item.query, peer, '');
		if (answer['@type'] !== 'AttributeSuccessionAcceptResponseItem') return sharedFault(answer, peer, views);
		return successionFault(answer, peer, views) ?? queryFault(answer.successorContent, item.query, peer, '');
	},
	asRecipient: (_item, answer, fold, exchange) => {
		if (answer['@type'] !== 'ReadAttributeAcceptResponseItem') return giveVersion(answer, fold, exchange);
		adoptOwn(fold, answer.attributeId, answer.attribute as IdentityAttribute);
		addForwarding(fold, answer.attributeId, exchange.peer, exchange.requestId);
	},
	asSender: (_item, answer, fold, exchange) => {
		if (answer['@type'] !== 'ReadAttributeAcceptResponseItem') return takeVersion(answer, fold, exchange);
		receiveAttribute(fold, received(answer.attributeId, answer.attribute, exchange));
	}
};

/** The attribute the parameters choose: one that exists (with more tags, if given) or a new one. */
function chooseAttribute(
	{ existingAttributeId, newAttribute, tags }: Parameters,
	{ views, me, peer, today }: Deciding
): IdentityAttribute | Refusal {
	const misuse = parametersFault(existingAttributeId, newAttribute, tags);
	if (misuse) return requestFault('servalErrorDuringRequestItemProcessing', misuse);
	if (newAttribute !== undefined) return parseNewAttribute(newAttribute, me, today);
	const row = views.get('attributes', existingAttributeId as string);
	if (!row) return { code: 'error.transport.recordNotFound', message: "'LocalAttribute' not found." };
	if (row['@type'] !== 'OwnIdentityAttribute')
		return invalidParameters('The chosen attribute is not an own identity attribute.');
	if (hasSharedSuccessor(views, row, peer))
		return mismatch('The chosen attribute is outdated: the peer already holds a newer version of it.');
	const content = contentOf(row);
	if (!addsTags(row, tags)) return content;
	if (row.succeededBy !== undefined) return invalidParameters('Tags can be added to the latest version only.');
	return { ...content, tags: mergeTags(content.tags, tags as string[]) };
}

function parametersFault(existing: unknown, newAttribute: unknown, tags: unknown): string | undefined {
	const type = 'AcceptReadAttributeRequestItemParameters';
	if ((existing === undefined) === (newAttribute === undefined))
		return `${type} :: You have to specify either existingAttributeId or newAttribute.`;
	if (existing !== undefined && typeof existing !== 'string')
		return `${type}.existingAttributeId :: Value is not a string`;
	if (tags === undefined) return undefined;
	if (newAttribute !== undefined) return `${type}.tags :: Tags go into the new attribute itself.`;
	return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')
		? undefined
		: `${type}.tags :: Value is not an array`;
}

/** A new attribute typed in while deciding: as strict as creating one, blanks at the edges trimmed. */
function parseNewAttribute(json: unknown, me: Address, today: Iso): IdentityAttribute | Refusal {
	const given = isObject(json) && isJsonObject(json['value']) ? { ...json, value: trimValue(json['value']) } : json;
	const attribute = parseIdentityAttribute(given);
	if (!attribute.ok) return requestFault('servalErrorDuringRequestItemProcessing', attribute.error.message);
	const value = parseIdentityValue(attribute.value.value, { strict: { today } });
	if (!value.ok) return requestFault('servalErrorDuringRequestItemProcessing', value.error.message);
	return { ...attribute.value, owner: attribute.value.owner || me };
}

const addsTags = (row: AttributeRow, tags: unknown): boolean =>
	Array.isArray(tags) && tags.some((tag) => !contentOf(row).tags?.includes(tag as string));

const readAccept = (row: AttributeRow): AcceptResponseItem => ({
	'@type': 'ReadAttributeAcceptResponseItem',
	result: 'Accepted',
	attributeId: row.id,
	attribute: contentOf(row)
});

// ----------------------------------------------------------------------------------- CreateAttribute

const createAttribute: ItemRule<CreateAttributeRequestItem> = {
	canCreate: ({ attribute }, { me, peer }) => {
		if (!hasPermittedCharacters(attribute.value)) return asItemFault(forbiddenCharacters);
		if (attribute.owner === me)
			return invalidItem('The owner of the attribute must not be the sender. Share it instead of creating it.');
		if (attribute.owner !== '' && attribute.owner !== peer)
			return invalidItem('The owner of the attribute can only be the recipient, or an empty string.');
		return asItemFault(tagFault(attribute));
	},
	canAccept: ({ attribute }, _parameters, { me }) => {
		if (!hasPermittedCharacters(attribute.value))
			return requestFault('unexpectedErrorDuringRequestItemProcessing', forbiddenCharacters.message);
		if (attribute.owner !== '' && attribute.owner !== me)
			return invalidItem('The owner of the attribute must be you.');
		return asItemFault(tagFault(attribute));
	},
	answer: (item, _parameters, fold, exchange, newId) =>
		share(resolve(createdContent(item, fold.me), fold, newId), fold, exchange, (row) => ({
			'@type': 'CreateAttributeAcceptResponseItem',
			result: 'Accepted',
			attributeId: row.id
		})),
	fits: (item, answer, { peer }, views) => {
		if (answer['@type'] === 'CreateAttributeAcceptResponseItem') return idFault(views, answer.attributeId, peer);
		if (answer['@type'] !== 'AttributeSuccessionAcceptResponseItem') return sharedFault(answer, peer, views);
		const { successorContent } = answer;
		const isAsked = isEqualJson(successorContent.value, createdContent(item, peer).value);
		return (
			successionFault(answer, peer, views) ??
			(isAsked ? undefined : 'The successor is not what was to be created.')
		);
	},
	asRecipient: (item, answer, fold, exchange) => {
		if (answer['@type'] !== 'CreateAttributeAcceptResponseItem') return giveVersion(answer, fold, exchange);
		adoptOwn(fold, answer.attributeId, createdContent(item, fold.me));
		addForwarding(fold, answer.attributeId, exchange.peer, exchange.requestId);
	},
	asSender: (item, answer, fold, exchange) => {
		if (answer['@type'] !== 'CreateAttributeAcceptResponseItem') return takeVersion(answer, fold, exchange);
		receiveAttribute(fold, received(answer.attributeId, createdContent(item, exchange.peer), exchange));
	}
};

/** What is to be created, at its owner. */
const createdContent = ({ attribute }: CreateAttributeRequestItem, owner: Address): IdentityAttribute => ({
	...attribute,
	owner,
	value: trimValue(attribute.value)
});

// ------------------------------------------------------------------------------------------- Consent

const consent: ItemRule<ConsentRequestItem> = {
	canCreate: () => undefined,
	canAccept: () => undefined,
	answer: () => ({ '@type': 'AcceptResponseItem', result: 'Accepted' }),
	fits: (_item, answer) => (answer['@type'] === 'AcceptResponseItem' ? undefined : 'A consent is answered plainly.'),
	asRecipient: () => {},
	asSender: () => {}
};

// ---------------------------------------------------------------------- what Read and Create share

/** The own attribute to give: an equal one that exists (with new tags: its successor), or a new one. */
function resolve(content: IdentityAttribute, fold: Fold, newId: () => string): AttributeRow {
	const twin = findOwn(fold.views, content.value);
	if (twin) return withTags(twin, content.tags, fold, newId);
	const id = newId();
	createOwn(fold, id, content);
	return rowOf(fold.views, id);
}

/** The attribute itself, or its successor with the tags it lacked. */
function withTags(row: AttributeRow, tags: unknown, fold: Fold, newId: () => string): AttributeRow {
	if (!addsTags(row, tags)) return row;
	const content = contentOf(row);
	const id = newId();
	succeedOwn(fold, row.id, id, { ...content, tags: mergeTags(content.tags, tags as string[]) });
	return rowOf(fold.views, id);
}

/** How to tell the peer, by what it already holds (content-model.md §4.8). */
function share(
	row: AttributeRow,
	fold: Fold,
	{ peer, requestId }: Exchange,
	accept: (row: AttributeRow) => AcceptResponseItem
): AcceptResponseItem {
	const held = heldVersion(fold.views, row, peer);
	if (held?.id === row.id) {
		keepForwarding(fold, row.id, peer);
		return { '@type': 'AttributeAlreadySharedAcceptResponseItem', result: 'Accepted', attributeId: row.id };
	}
	addForwarding(fold, row.id, peer, requestId);
	if (!held) return accept(row);
	return {
		'@type': 'AttributeSuccessionAcceptResponseItem',
		result: 'Accepted',
		predecessorId: held.id,
		successorId: row.id,
		successorContent: contentOf(row)
	};
}

function rowOf(views: Views, id: string): AttributeRow {
	const row = views.get('attributes', id);
	if (!row) throw new Error(`attribute ${id} was just put`);
	return row;
}

/** At the one who was asked: the version named is held by the peer from now on. */
function giveVersion(answer: AcceptResponseItem, fold: Fold, { peer, requestId }: Exchange): void {
	if (answer['@type'] === 'AttributeAlreadySharedAcceptResponseItem')
		return keepForwarding(fold, answer.attributeId, peer);
	if (answer['@type'] !== 'AttributeSuccessionAcceptResponseItem') return;
	const { successorId, predecessorId } = answer;
	const successorContent = answer.successorContent as IdentityAttribute;
	// Extended tags: the version before it holds the same value. Changed elsewhere meanwhile: behind what we have now.
	if (findOwn(fold.views, successorContent.value)) adoptOwn(fold, successorId, successorContent);
	else succeedOwn(fold, predecessorId, successorId, successorContent);
	addForwarding(fold, successorId, peer, requestId);
}

/** At the one who asked: the version named is what we hold from now on. */
function takeVersion(answer: AcceptResponseItem, fold: Fold, exchange: Exchange): void {
	if (answer['@type'] === 'AttributeAlreadySharedAcceptResponseItem') return keepReceived(fold, answer.attributeId);
	if (answer['@type'] !== 'AttributeSuccessionAcceptResponseItem') return;
	const { predecessorId, successorId, successorContent } = answer;
	receiveSuccessor(fold, predecessorId, received(successorId, successorContent, exchange));
}

const received = (id: string, content: Attribute, { peer, requestId }: Exchange) => ({
	id,
	content: toContent(content as IdentityAttribute) as unknown as IdentityAttribute,
	peer,
	sourceReference: requestId
});

/** An id a peer names: of the right form, and if known, of an attribute this very peer gave us. */
function idFault(views: Views, id: string, peer: Address): string | undefined {
	if (!/^ATT[A-Za-z0-9]{17}$/.test(id)) return 'It names something that is no attribute id.';
	const row = views.get('attributes', id);
	const isTheirs = !row || (row['@type'] === 'PeerIdentityAttribute' && row.peer === peer);
	return isTheirs ? undefined : 'It names an attribute that is not the peer’s.';
}

/** AlreadyShared is the last kind a Read or Create may be answered with. */
function sharedFault(answer: AcceptResponseItem, peer: Address, views: Views): string | undefined {
	if (answer['@type'] !== 'AttributeAlreadySharedAcceptResponseItem')
		return `${answer['@type']} is no answer to this item.`;
	return idFault(views, answer.attributeId, peer);
}

function successionFault(
	{ predecessorId, successorId, successorContent }: Extract<AcceptResponseItem, { successorId: string }>,
	peer: Address,
	views: Views
): string | undefined {
	const fault = idFault(views, predecessorId, peer) ?? idFault(views, successorId, peer);
	if (fault) return fault;
	if (successorContent.owner !== peer) return 'The successor does not belong to the peer.';
	const old = views.get('attributes', predecessorId);
	const isSameKind = !old || contentOf(old).value['@type'] === successorContent.value['@type'];
	return isSameKind ? undefined : 'The successor is of another value type.';
}

// --------------------------------------------------------------------------------------------- table

const table = {
	ReadAttributeRequestItem: readAttribute,
	CreateAttributeRequestItem: createAttribute,
	ConsentRequestItem: consent
} as unknown as { readonly [type: string]: ItemRule<SupportedItem> };

/** Whether there is a row for what the item is and carries. */
export const isSupportedItem = (item: RequestItem): item is SupportedItem =>
	Object.hasOwn(table, item['@type']) &&
	(!('query' in item) || item.query['@type'] === 'IdentityAttributeQuery') &&
	(!('attribute' in item) || item.attribute['@type'] === 'IdentityAttribute');

/** The row for an item of a supported kind. */
export function ruleOf(item: SupportedItem): ItemRule<SupportedItem> {
	const rule = table[item['@type']];
	if (!rule) throw new Error(`no rule for ${item['@type']}`);
	return rule;
}

export const unsupported: Refusal = {
	code: notImplemented,
	message: 'This kind of item is not implemented yet; it can only be rejected.'
};
