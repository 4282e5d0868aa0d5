/**
 * What Create, Read and Propose share (content-model.md §4.7, §4.8): an attribute is chosen or made, and the peer is told
 * which version it holds from now on, by what it holds already.
 *
 *   nothing        the item's own accept item, with the attribute
 *   this version   AttributeAlreadyShared; a promise to delete it is off
 *   an older one   AttributeSuccession
 */
import { adoptOwn, contentOf, createOwn, findOwn, mergeTags, succeedOwn } from '../../attribute/own.ts';
import { keepReceived, receiveAttribute, receiveSuccessor } from '../../attribute/peer.ts';
import { addForwarding, keepForwarding } from '../../attribute/sharing.ts';
import { aliasesOf, hasSharedSuccessor, isForwarded, predecessorsOf, unaliased } from '../../attribute/versions.ts';
import { isIdentityAttribute, ownedBy, type Attribute, type IdentityAttribute } from '../../content/attribute.ts';
import { hasPermittedCharacters } from '../../content/charset.ts';
import type { ChosenAttribute } from '../../content/decide.ts';
import type { AcceptResponseItem } from '../../content/request.ts';
import type { Refusal } from '../../result.ts';
import type { Address, AttributeRow, Fold, Views } from '../../views.ts';
import { invalidParameters, mismatch, unknownAttribute, type Deciding, type Exchange, type Judging } from './rule.ts';

/** The content of a row of any kind. Rows hold parsed content only. */
export const attributeOf = (row: AttributeRow): Attribute => row.content as unknown as Attribute;

export type Chosen = { readonly content: Attribute; readonly row?: AttributeRow } | { readonly fault: Refusal };

/** The attribute the parameters choose: a version of an own one, with more tags if given, or a new one. */
export function choose(
	chosen: ChosenAttribute,
	{ views, me, peer }: Deciding,
	kinds: readonly AttributeRow['@type'][]
): Chosen {
	if ('newAttribute' in chosen) return { content: ownedBy(chosen.newAttribute, me) };
	const found = views.get('attributes', chosen.existingId);
	if (!found) return { fault: unknownAttribute };
	const row = unaliased(views, found);
	if (!kinds.includes(row['@type']))
		return { fault: invalidParameters('The chosen attribute is of a kind that cannot be given here.') };
	if (hasSharedSuccessor(views, row, peer))
		return { fault: mismatch('The chosen attribute is outdated: the peer already holds a newer version of it.') };
	if (!addsTags(row, chosen.tags)) return { content: attributeOf(row), row };
	if (row.succeededBy !== undefined)
		return { fault: invalidParameters('Tags can be added to the latest version only.') };
	const content = contentOf(row);
	return { content: { ...content, tags: mergeTags(content.tags, chosen.tags) }, row };
}

const addsTags = (row: AttributeRow, tags: readonly string[] = []): boolean =>
	row['@type'] === 'OwnIdentityAttribute' && tags.some((tag) => !contentOf(row).tags?.includes(tag));

export const charactersFault = ({ value }: Attribute): string | undefined =>
	hasPermittedCharacters(value) ? undefined : 'The attribute contains forbidden characters.';

// ------------------------------------------------------------------------------------------- answering

type Accept = (row: AttributeRow) => AcceptResponseItem;

/** The answer with the attribute the parameters choose. */
export function give(
	chosen: ChosenAttribute,
	fold: Fold,
	exchange: Exchange,
	newId: () => string,
	accept: Accept
): AcceptResponseItem {
	if ('newAttribute' in chosen) return giveNew(ownedBy(chosen.newAttribute, fold.me), fold, exchange, newId, accept);
	const row = unaliased(fold.views, rowOf(fold.views, chosen.existingId));
	return share(withTags(row, chosen.tags, fold, newId), fold, exchange, accept);
}

/** The answer with a new attribute: an identity's is found among the own ones or made, a relationship's is always made. */
export function giveNew(
	content: Attribute,
	fold: Fold,
	exchange: Exchange,
	newId: () => string,
	accept: Accept
): AcceptResponseItem {
	if (isIdentityAttribute(content)) return share(resolve(content, fold, newId), fold, exchange, accept);
	const id = newId();
	receiveAttribute(fold, received(id, content, exchange));
	return accept(rowOf(fold.views, id));
}

/** The own attribute to give: an equal one that exists (with new tags: its successor), or a new one. */
function resolve(content: IdentityAttribute, fold: Fold, newId: () => string): AttributeRow {
	const twin = findOwn(fold.views, content.value);
	if (twin) return withTags(twin, content.tags, fold, newId);
	const id = newId();
	createOwn(fold, id, content);
	return rowOf(fold.views, id);
}

/** The attribute itself, or its successor with the tags it lacked. */
function withTags(
	row: AttributeRow,
	tags: readonly string[] | undefined,
	fold: Fold,
	newId: () => string
): AttributeRow {
	if (!addsTags(row, tags)) return row;
	const content = contentOf(row);
	const id = newId();
	succeedOwn(fold, row.id, id, { ...content, tags: mergeTags(content.tags, tags) });
	return rowOf(fold.views, id);
}

/** How to tell the peer, by what it already holds. */
function share(row: AttributeRow, fold: Fold, { peer, requestId }: Exchange, accept: Accept): AcceptResponseItem {
	const held = heldBy(fold.views, row, peer);
	if (held && (held.id === row.id || held._aliasOf === row.id)) {
		keepForwarding(fold, held.id, peer);
		return { '@type': 'AttributeAlreadySharedAcceptResponseItem', result: 'Accepted', attributeId: held.id };
	}
	addForwarding(fold, row.id, peer, requestId);
	if (!held) return accept(row);
	return {
		'@type': 'AttributeSuccessionAcceptResponseItem',
		result: 'Accepted',
		predecessorId: held.id,
		successorId: row.id,
		successorContent: attributeOf(row)
	};
}

/** The newest of this version and those before it that the peer holds, under whatever id it knows it. */
const heldBy = (views: Views, row: AttributeRow, peer: Address): AttributeRow | undefined =>
	[row, ...predecessorsOf(views, row)]
		.flatMap((version) => [version, ...aliasesOf(views, version)])
		.find((version) => isForwarded(views, version.id, peer));

function rowOf(views: Views, id: string): AttributeRow {
	const row = views.get('attributes', id);
	if (!row) throw new Error(`there is no attribute ${id}, although it was just judged`);
	return row;
}

// --------------------------------------------------------------------------------------------- effects

/** At the one who was asked: an attribute given under this id. A relationship's that is not ours to forward is new. */
export function gave(
	fold: Fold,
	id: string,
	content: Attribute,
	exchange: Exchange,
	initialAttributePeer?: Address
): void {
	if (isIdentityAttribute(content)) adoptOwn(fold, id, content);
	else if (initialAttributePeer === undefined) return receiveAttribute(fold, received(id, content, exchange));
	if (fold.views.get('attributes', id)) addForwarding(fold, id, exchange.peer, exchange.requestId);
}

/** At the one who was asked: the version named is held by the peer from now on. */
export function gaveVersion(answer: AcceptResponseItem, fold: Fold, { peer, requestId }: Exchange): void {
	if (answer['@type'] === 'AttributeAlreadySharedAcceptResponseItem')
		return keepForwarding(fold, answer.attributeId, peer);
	if (answer['@type'] !== 'AttributeSuccessionAcceptResponseItem') return;
	const { successorId, successorContent, predecessorId } = answer;
	if (isIdentityAttribute(successorContent)) {
		// Extended tags: the version before it holds the same value. Changed elsewhere meanwhile: behind what we have now.
		if (findOwn(fold.views, successorContent.value)) adoptOwn(fold, successorId, successorContent);
		else succeedOwn(fold, predecessorId, successorId, successorContent);
	}
	if (fold.views.get('attributes', successorId)) addForwarding(fold, successorId, peer, requestId);
}

/** At the one who asked: what the peer gave under this id. */
export const took = (
	fold: Fold,
	id: string,
	content: Attribute,
	exchange: Exchange,
	initialAttributePeer?: Address
): void => receiveAttribute(fold, { ...received(id, content, exchange), initialAttributePeer });

/** At the one who asked: the version named is what we hold from now on. */
export function tookVersion(answer: AcceptResponseItem, fold: Fold, exchange: Exchange): void {
	if (answer['@type'] === 'AttributeAlreadySharedAcceptResponseItem') return keepReceived(fold, answer.attributeId);
	if (answer['@type'] !== 'AttributeSuccessionAcceptResponseItem') return;
	const { predecessorId, successorId, successorContent } = answer;
	// Whose a relationship attribute is, only its predecessor says; one that is gone here has no successor.
	if (!isIdentityAttribute(successorContent) && !fold.views.get('attributes', predecessorId)) return;
	receiveSuccessor(fold, predecessorId, received(successorId, successorContent, exchange));
}

const received = (id: string, content: Attribute, { peer, requestId }: Exchange) => ({
	id,
	content,
	peer,
	sourceReference: requestId
});

// -------------------------------------------------------------------------------------- lawful answers

const isAttributeId = (id: string): boolean => /^ATT[A-Za-z0-9]{17}$/.test(id);

/** An id a peer names for something it gives: of the right form, and if known, of what this very peer gave us. */
export function givenIdFault(
	id: string,
	{ views, peer }: Judging,
	kinds: readonly AttributeRow['@type'][]
): string | undefined {
	if (!isAttributeId(id)) return 'It names something that is no attribute id.';
	const row = views.get('attributes', id);
	const isTheirs = !row || (kinds.includes(row['@type']) && row.peer === peer);
	return isTheirs ? undefined : 'It names an attribute that is not the peer’s.';
}

/** An id for something new between us: never one that is in use. */
export function newIdFault(id: string, { views }: Judging): string | undefined {
	if (!isAttributeId(id)) return 'It names something that is no attribute id.';
	return views.get('attributes', id) ? 'It names an attribute there is already.' : undefined;
}

/** AlreadyShared and Succession, for what the peer gives of its own or of a third party's. */
export function versionFault(
	answer: AcceptResponseItem,
	judging: Judging,
	kinds: readonly AttributeRow['@type'][],
	contentFault: (content: Attribute) => string | undefined
): string | undefined {
	const { views } = judging;
	if (answer['@type'] === 'AttributeAlreadySharedAcceptResponseItem') {
		const fault = givenIdFault(answer.attributeId, judging, kinds);
		const row = fault === undefined ? views.get('attributes', answer.attributeId) : undefined;
		return fault ?? (row && contentFault(attributeOf(row)));
	}
	if (answer['@type'] !== 'AttributeSuccessionAcceptResponseItem')
		return `${answer['@type']} is no answer to this item.`;
	const { predecessorId, successorId, successorContent } = answer;
	const fault = givenIdFault(predecessorId, judging, kinds) ?? givenIdFault(successorId, judging, kinds);
	if (fault !== undefined) return fault;
	const old = views.get('attributes', predecessorId);
	if (old && !isSameKind(attributeOf(old), successorContent)) return 'The successor is of another kind.';
	return contentFault(successorContent);
}

const isSameKind = (old: Attribute, successor: Attribute): boolean =>
	old['@type'] === successor['@type'] &&
	old.owner === successor.owner &&
	old.value['@type'] === successor.value['@type'] &&
	(isIdentityAttribute(old) || isIdentityAttribute(successor) || old.key === successor.key);
