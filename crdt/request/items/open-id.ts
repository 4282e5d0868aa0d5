/**
 * ShareCredentialOffer and ShareAuthorizationRequest: asked, sent and rejected like any other item. Accepting them needs
 * OpenID for Verifiable Credentials, which is not there yet; what a peer that has it answers is understood.
 */
import { invalidItem, plainFault, type Exchange, type ItemOf, type ItemRule } from './rule.ts';
import type { Fold } from '../../views.ts';

const later = invalidItem('Verifiable credentials are not supported yet.');
const never = (): never => {
	throw new Error('an item that cannot be accepted is answered');
};

type Offer = ItemOf<'ShareCredentialOfferRequestItem'>;
export const credentialOffer: ItemRule<Offer> = {
	canCreate: () => undefined,
	canAccept: () => later,
	answer: never,
	fits: plainFault,
	asRecipient: () => {},
	asSender: (item, _answer, fold, exchange) => processed(item, fold, exchange, true),
	whenRejected: (item, fold, exchange) => processed(item, fold, exchange, false)
};

const processed = ({ credentialOfferUrl }: Offer, fold: Fold, { peer }: Exchange, accepted: boolean): void =>
	fold.emit('consumption.shareCredentialOfferRequestItemProcessedByRecipient', {
		credentialOfferUrl,
		accepted,
		peer
	});

export const authorizationRequest: ItemRule<ItemOf<'ShareAuthorizationRequestRequestItem'>> = {
	canCreate: () => undefined,
	canAccept: () => later,
	answer: never,
	fits: plainFault,
	asRecipient: () => {},
	asSender: () => {}
};
