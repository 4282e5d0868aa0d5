/** CreateAttributeRequestItem: an attribute is to come into being at the one who is asked, or between the two. */
import { isIdentityAttribute, ownedBy, trimmed, type Attribute } from '../../content/attribute.ts';
import { isEqualJson } from '../../content/json.ts';
import { tagFault } from '../../content/tags.ts';
import type { Address } from '../../views.ts';
import {
	charactersFault,
	gave,
	gaveVersion,
	givenIdFault,
	giveNew,
	newIdFault,
	took,
	tookVersion,
	versionFault
} from './giving.ts';
import { inUse, inUseFault } from './keys.ts';
import { asItemFault, invalidItem, tagsKnown, unexpected, type ItemOf, type ItemRule } from './rule.ts';

type Create = ItemOf<'CreateAttributeRequestItem'>;

/** What is to be created, with `""` put to who was asked. */
const createdContent = ({ attribute }: Create, recipient: Address): Attribute => trimmed(ownedBy(attribute, recipient));

export const createAttribute: ItemRule<Create> = {
	canCreate(item, { views, me, peer }) {
		const { attribute } = item;
		const { owner } = attribute;
		const characters = charactersFault(attribute);
		if (characters !== undefined) return invalidItem(characters);
		if (isIdentityAttribute(attribute)) {
			if (owner === me)
				return invalidItem(
					'The owner of the attribute must not be the sender. Share it instead of creating it.'
				);
			if (owner !== '' && owner !== peer)
				return invalidItem('The owner of the attribute can only be the recipient, or an empty string.');
			return asItemFault(tagFault(attribute, tagsKnown(views)));
		}
		if (owner !== '' && owner !== me && owner !== peer)
			return invalidItem('The owner of the attribute can only be the sender, the recipient, or an empty string.');
		const used = peer === undefined ? undefined : inUse(views, peer, item, peer);
		return used === undefined ? undefined : invalidItem(used);
	},
	canAccept(item, _parameters, { views, me, peer }) {
		const { attribute } = item;
		const characters = charactersFault(attribute);
		if (characters !== undefined) return unexpected(characters);
		if (isIdentityAttribute(attribute)) {
			if (attribute.owner !== '' && attribute.owner !== me)
				return invalidItem('The owner of the attribute must be you.');
			return asItemFault(tagFault(attribute, tagsKnown(views)));
		}
		if (attribute.owner !== '' && attribute.owner !== me && attribute.owner !== peer)
			return invalidItem('The owner of the attribute must be one of the two.');
		return inUseFault(views, peer, item, me);
	},
	answer: (item, _parameters, fold, exchange, newId) =>
		giveNew(createdContent(item, fold.me), fold, exchange, newId, (row) => ({
			'@type': 'CreateAttributeAcceptResponseItem',
			result: 'Accepted',
			attributeId: row.id
		})),
	fits(item, answer, judging) {
		const asked = createdContent(item, judging.peer);
		const isIdentity = isIdentityAttribute(asked);
		if (answer['@type'] === 'CreateAttributeAcceptResponseItem')
			return isIdentity
				? givenIdFault(answer.attributeId, judging, ['PeerIdentityAttribute'])
				: newIdFault(answer.attributeId, judging);
		if (!isIdentity) return 'A relationship attribute that is created is new.';
		return versionFault(answer, judging, ['PeerIdentityAttribute'], (content) =>
			content.owner === asked.owner && isEqualJson(content.value, asked.value)
				? undefined
				: 'It is not what was to be created.'
		);
	},
	asRecipient(item, answer, fold, exchange) {
		if (answer['@type'] !== 'CreateAttributeAcceptResponseItem') return gaveVersion(answer, fold, exchange);
		gave(fold, answer.attributeId, createdContent(item, fold.me), exchange);
	},
	asSender(item, answer, fold, exchange) {
		if (answer['@type'] !== 'CreateAttributeAcceptResponseItem') return tookVersion(answer, fold, exchange);
		took(fold, answer.attributeId, createdContent(item, exchange.peer), exchange);
	}
};
