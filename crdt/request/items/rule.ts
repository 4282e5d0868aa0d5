/**
 * What one row of the table of request items is (table.ts): what may be asked, what may be answered, and what the answer
 * causes on both sides (content-model.md §4.6–§4.8). Everything else about requests is the same for all kinds.
 *
 *   canCreate     may we ask this?                       (code invalidRequestItem unless noted)
 *   canAccept     may it be accepted with these parameters?
 *   answer        the accept item, with what already exists taken into account; its effects happen in the same views
 *   fits          is this a lawful answer of the peer? what it is not, if it is not
 *   asRecipient   what a committed answer causes at the one who was asked
 *   asSender      … and at the one who asked
 *   whenSent, whenRejected   at the one who asked, where that causes anything
 *
 * The last four compute everything from what was committed, so that every device comes to the same, and twice is once.
 */
import type { ParametersOf } from '../../content/decide.ts';
import type { AcceptResponseItem, RequestItem } from '../../content/request.ts';
import type { AttributeTagCollection } from '../../content/tags.ts';
import type { Refusal } from '../../result.ts';
import type { Address, Fold, Iso, Views } from '../../views.ts';
import { requestFault } from '../validation.ts';

export interface Asking {
	readonly views: Views;
	readonly me: Address;
	/** Unknown in a template. */
	readonly peer?: Address | undefined;
	readonly today: Iso;
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
/** Where a peer's answer is judged. */
export interface Judging {
	readonly views: Views;
	readonly me: Address;
	/** Who answered. */
	readonly peer: Address;
}

export interface ItemRule<Item extends RequestItem = RequestItem> {
	canCreate(item: Item, asking: Asking): Refusal | undefined;
	canAccept(item: Item, parameters: ParametersOf<Item>, deciding: Deciding): Refusal | undefined;
	answer(
		item: Item,
		parameters: ParametersOf<Item>,
		fold: Fold,
		exchange: Exchange,
		newId: () => string
	): AcceptResponseItem;
	fits(item: Item, answer: AcceptResponseItem, judging: Judging): string | undefined;
	asRecipient(item: Item, answer: AcceptResponseItem, fold: Fold, exchange: Exchange): void;
	asSender(item: Item, answer: AcceptResponseItem, fold: Fold, exchange: Exchange): void;
	whenSent?(item: Item, fold: Fold, exchange: Exchange): void;
	whenRejected?(item: Item, fold: Fold, exchange: Exchange): void;
}
export type ItemOf<Type extends RequestItem['@type']> = Extract<RequestItem, { readonly '@type': Type }>;

// ----------------------------------------------------------------------------------------------- faults

export const invalidItem = (message: string): Refusal => requestFault('invalidRequestItem', message);
export const invalidParameters = (message: string): Refusal => requestFault('invalidAcceptParameters', message);
export const mismatch = (message: string): Refusal => requestFault('attributeQueryMismatch', message);
/** What the reference throws while it judges an item: its text under a code of its own. */
export const unexpected = (message: string): Refusal =>
	requestFault('unexpectedErrorDuringRequestItemProcessing', message);
export const asItemFault = (fault: Refusal | undefined): Refusal | undefined => fault && invalidItem(fault.message);
export const asParameterFault = (fault: Refusal | undefined): Refusal | undefined =>
	fault && invalidParameters(fault.message);
export const unknownAttribute: Refusal = {
	code: 'error.transport.recordNotFound',
	message: "'LocalAttribute' not found."
};

/** Tags the operator's tree knows, as this device last fetched them. For checks only: a fold never asks. */
export const tagsKnown = (views: Views): AttributeTagCollection | undefined =>
	views.get('published', 'tags')?.value as unknown as AttributeTagCollection | undefined;

// ------------------------------------------------------------------------------------- plain agreement

/** Items that are answered with a yes and cause nothing: Consent, Authentication. */
export const agreement: ItemRule = {
	canCreate: () => undefined,
	canAccept: () => undefined,
	answer: () => ({ '@type': 'AcceptResponseItem', result: 'Accepted' }),
	fits: (item, answer) => plainFault(item, answer),
	asRecipient: () => {},
	asSender: () => {}
};

export const plainFault = (item: RequestItem, answer: AcceptResponseItem): string | undefined =>
	answer['@type'] === 'AcceptResponseItem' ? undefined : `A ${item['@type']} is answered plainly.`;
