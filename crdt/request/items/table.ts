/** One row per kind of request item. */
import { notImplemented } from '../../content/shape.ts';
import type { RequestItem } from '../../content/request.ts';
import type { Refusal } from '../../result.ts';
import { createAttribute } from './create.ts';
import { deleteAttribute } from './delete.ts';
import { formField } from './form-field.ts';
import { authorizationRequest, credentialOffer } from './open-id.ts';
import { proposeAttribute } from './propose.ts';
import { readAttribute } from './read.ts';
import { agreement, type ItemOf, type ItemRule } from './rule.ts';
import { shareAttribute } from './share.ts';

const unsupported: Refusal = {
	code: notImplemented,
	message: 'The transfer of a file is not implemented yet; it can only be rejected.'
};
/** Files and their claims come with their own rows. */
const transferFileOwnership: ItemRule<ItemOf<'TransferFileOwnershipRequestItem'>> = {
	...agreement,
	canCreate: () => unsupported,
	canAccept: () => unsupported,
	fits: () => 'It cannot have been asked.'
};

const table: { readonly [Type in RequestItem['@type']]: ItemRule<ItemOf<Type>> } = {
	ReadAttributeRequestItem: readAttribute,
	CreateAttributeRequestItem: createAttribute,
	ShareAttributeRequestItem: shareAttribute,
	ProposeAttributeRequestItem: proposeAttribute,
	DeleteAttributeRequestItem: deleteAttribute,
	ConsentRequestItem: agreement,
	AuthenticationRequestItem: agreement,
	FormFieldRequestItem: formField,
	TransferFileOwnershipRequestItem: transferFileOwnership,
	ShareCredentialOfferRequestItem: credentialOffer,
	ShareAuthorizationRequestRequestItem: authorizationRequest
};

export const ruleOf = (item: RequestItem): ItemRule => table[item['@type']] as unknown as ItemRule;

/** Whether an item of a request of ours refuses the request as a whole: there is no rule for it yet. */
export const isSupportedItem = (item: RequestItem): boolean => item['@type'] !== 'TransferFileOwnershipRequestItem';
export { unsupported };
