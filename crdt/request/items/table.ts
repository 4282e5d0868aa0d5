/** One row per kind of request item. */
import type { RequestItem } from '../../content/request.ts';
import { createAttribute } from './create.ts';
import { deleteAttribute } from './delete.ts';
import { formField } from './form-field.ts';
import { authorizationRequest, credentialOffer } from './open-id.ts';
import { proposeAttribute } from './propose.ts';
import { readAttribute } from './read.ts';
import { agreement, type ItemOf, type ItemRule } from './rule.ts';
import { shareAttribute } from './share.ts';
import { transferFileOwnership } from './transfer.ts';

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
