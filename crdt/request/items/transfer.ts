/**
 * TransferFileOwnershipRequestItem: a file changes hands (content-model.md §4.6–§4.8). What is judged here is what is known of
 * the file on this device; the claim itself is made with the commit of the decision (crdt/sync/file-owner.ts), and who owned
 * it learns of it from the relay.
 */
import { parseReference } from '../../codec/reference.ts';
import { isIdentityAttribute, type IdentityAttribute } from '../../content/attribute.ts';
import { invalidTags } from '../../content/tags.ts';
import type { Refusal } from '../../result.ts';
import type { Address, FileRow, Iso, Views } from '../../views.ts';
import { attributeOf, gave, gaveVersion, givenIdFault, giveNew, took, tookVersion, versionFault } from './giving.ts';
import { invalidItem, tagsKnown, type ItemOf, type ItemRule } from './rule.ts';

type Transfer = ItemOf<'TransferFileOwnershipRequestItem'>;

function fileNamed(views: Views, { fileReference }: Transfer): FileRow | undefined {
	const reference = parseReference(fileReference);
	return reference.ok && reference.value.kind === 'file' ? views.get('files', reference.value.id) : undefined;
}

/** What stands in the way of handing over this file, whoever judges it. */
function fileFault(views: Views, row: FileRow, owner: Address, today: Iso): Refusal | undefined {
	if (row.owner !== owner) return invalidItem('The file is not owned by who offers it.');
	if (row.expiresAt <= today) return invalidItem('The file has expired.');
	if (row.ownershipIsLocked) return invalidItem('The file cannot be claimed until its owner makes another token.');
	const bad = invalidTags(row.tags, 'IdentityFileReference', tagsKnown(views));
	return bad.length > 0 ? invalidItem(`Tags of the file are not valid: '${bad.join("', '")}'.`) : undefined;
}
const UNKNOWN = 'The file is not known here.';

/** The attribute that names the file from now on: its new owner's. */
const attributeFor = (row: FileRow, owner: Address): IdentityAttribute =>
	({
		'@type': 'IdentityAttribute',
		owner,
		value: { '@type': 'IdentityFileReference', value: row.reference.truncated },
		...(row.tags && row.tags.length > 0 ? { tags: row.tags } : {})
	}) as unknown as IdentityAttribute;

const referenceIn = (content: unknown): string | undefined => {
	const { value } = content as { readonly value?: { readonly '@type'?: string; readonly value?: unknown } };
	return value?.['@type'] === 'IdentityFileReference' && typeof value.value === 'string' ? value.value : undefined;
};
function isSameFile(a: string, b: string): boolean {
	const [first, second] = [parseReference(a), parseReference(b)];
	return first.ok && second.ok && first.value.id === second.value.id;
}

export const transferFileOwnership: ItemRule<Transfer> = {
	canCreate(item, { views, me, today }) {
		const row = fileNamed(views, item);
		if (!row) return invalidItem(UNKNOWN);
		const fault = fileFault(views, row, me, today);
		if (fault) return fault;
		return row.ownershipToken === item.ownershipToken
			? undefined
			: invalidItem('The ownership token is not the one of the file.');
	},
	canAccept(item, _parameters, { views, me, peer, today }) {
		const row = fileNamed(views, item);
		if (!row) return invalidItem(UNKNOWN);
		if (row.owner === me) return invalidItem('The file is yours already.');
		return fileFault(views, row, peer, today);
	},
	answer(item, _parameters, fold, exchange, newId) {
		const row = fileNamed(fold.views, item);
		if (!row) throw new Error('there is no such file, although it was just judged');
		return giveNew(attributeFor(row, fold.me), fold, exchange, newId, (given) => ({
			'@type': 'TransferFileOwnershipAcceptResponseItem',
			result: 'Accepted',
			attributeId: given.id,
			attribute: attributeOf(given) as IdentityAttribute
		}));
	},
	fits(item, answer, judging) {
		const fault = (content: unknown): string | undefined => {
			const named = referenceIn(content);
			const isTheirs = (content as IdentityAttribute).owner === judging.peer;
			return isTheirs && named !== undefined && isSameFile(named, item.fileReference)
				? undefined
				: 'It does not name the file as theirs.';
		};
		if (answer['@type'] !== 'TransferFileOwnershipAcceptResponseItem')
			return versionFault(answer, judging, ['PeerIdentityAttribute'], fault);
		return givenIdFault(answer.attributeId, judging, ['PeerIdentityAttribute']) ?? fault(answer.attribute);
	},
	asRecipient(_item, answer, fold, exchange) {
		if (answer['@type'] !== 'TransferFileOwnershipAcceptResponseItem') return gaveVersion(answer, fold, exchange);
		gave(fold, answer.attributeId, answer.attribute, exchange);
	},
	asSender(_item, answer, fold, exchange) {
		if (answer['@type'] !== 'TransferFileOwnershipAcceptResponseItem') return tookVersion(answer, fold, exchange);
		if (isIdentityAttribute(answer.attribute)) took(fold, answer.attributeId, answer.attribute, exchange);
	}
};
