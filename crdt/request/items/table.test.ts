/** Every kind of request item is one row; what is no kind is no request (content-behaviours C3). */
import { describe, expect, test } from 'vitest';
import { anna, berlin, carl, day, id, party } from '../../attribute/testing/party.ts';
import type { RequestItem } from '../../content/request.ts';
import { receiveRequest } from '../incoming.ts';
import { canCreate } from '../outgoing.ts';
import { attribute, judged, message, pair, said } from '../testing/asking.ts';
import { createItem, item, proposeItem, query, readItem } from '../testing/items.ts';
import { createAttribute } from './create.ts';
import { deleteAttribute } from './delete.ts';
import { formField } from './form-field.ts';
import { authorizationRequest, credentialOffer } from './open-id.ts';
import { proposeAttribute } from './propose.ts';
import { readAttribute } from './read.ts';
import { agreement } from './rule.ts';
import { shareAttribute } from './share.ts';
import { ruleOf } from './table.ts';
import { transferFileOwnership } from './transfer.ts';

describe('C3 the table of items', () => {
	test.each<[object, object]>([
		[readItem(query.name), readAttribute],
		[createItem(attribute('Anna')), createAttribute],
		[item('ShareAttribute', { attributeId: id('ATT', 1), attribute: attribute('B', berlin) }), shareAttribute],
		[proposeItem(query.name, attribute('A', '')), proposeAttribute],
		[item('DeleteAttribute', { attributeId: id('ATT', 1) }), deleteAttribute],
		[item('Consent', { consent: 'I agree.' }), agreement],
		[item('Authentication', { title: 'Log in' }), agreement],
		[item('FormField', { title: 'Q', settings: { '@type': 'BooleanFormFieldSettings' } }), formField],
		[item('TransferFileOwnership', { fileReference: 'r', ownershipToken: 't' }), transferFileOwnership],
		[item('ShareCredentialOffer', { credentialOfferUrl: 'u' }), credentialOffer],
		[item('ShareAuthorizationRequest', { authorizationRequestUrl: 'u' }), authorizationRequest]
	])('C3.7 a kind of item has one rule, the same each time: %o', (one, rule) => {
		expect(ruleOf(one as RequestItem)).toBe(rule);
		expect(ruleOf(structuredClone(one) as RequestItem)).toBe(rule);
	});

	test.each(['SongRequestItem', 'RequestItem', 'constructor', '__proto__'])(
		'C3.7 an item of an unknown kind is refused, where it is asked and where it comes: %s',
		(type) => {
			const items = [{ '@type': type, mustBeAccepted: true }] as never;
			const { berlin: b } = pair();
			expect(judged(canCreate(b.views, berlin, { items }, anna, day(1)))).toBe('refused requestDeserialization');
			const a = party(anna);
			const content = { '@type': 'Request', id: id('REQ', 1), items };
			expect(said(receiveRequest(a.at(day(2)), message(1, content, carl)))).toBe('requestDeserialization');
			expect([a.views.list('requests'), a.heard()]).toEqual([[], []]);
		}
	);
});
