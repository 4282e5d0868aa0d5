/** Berlin (an organisation) asks, Anna is asked: items, answers and the way between the two. For tests of requests. */
import { expect } from 'vitest';
import type { DecideItem, ValidationResult } from '../../api.ts';
import { anna, berlin, day, id, party, relate, type Party } from '../../attribute/testing/party.ts';
import { isForwarded } from '../../attribute/versions.ts';
import type { IdentityAttribute } from '../../content/attribute.ts';
import type { Response } from '../../content/request.ts';
import type { Result } from '../../result.ts';
import type { AttributeRow, JsonObject, MessageRow, RequestRow } from '../../views.ts';
import {
	applyAsRecipient,
	buildResponse,
	canAccept,
	canReject,
	completeIncoming,
	receiveRequest
} from '../incoming.ts';
import { completeOutgoing, draftRequest, markSent, prepareRequest } from '../outgoing.ts';

const value = (text: string, valueType = 'GivenName') => ({ '@type': valueType, value: text });
export const attribute = (text: string, owner = anna, tags?: string[], valueType = 'GivenName') =>
	({
		'@type': 'IdentityAttribute',
		owner,
		value: value(text, valueType),
		...(tags && { tags })
	}) as IdentityAttribute;
export const read = (valueType = 'GivenName', mustBeAccepted = true, tags?: string[]) => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: { '@type': 'IdentityAttributeQuery', valueType, ...(tags && { tags }) }
});
export const create = (text: string, owner = '', tags?: string[], mustBeAccepted = true) => ({
	'@type': 'CreateAttributeRequestItem',
	mustBeAccepted,
	attribute: attribute(text, owner, tags)
});
export const consent = (mustBeAccepted = true) => ({
	'@type': 'ConsentRequestItem',
	mustBeAccepted,
	consent: 'I agree.'
});
export const fileTransfer = {
	'@type': 'TransferFileOwnershipRequestItem',
	mustBeAccepted: false,
	fileReference: 'UklM',
	ownershipToken: 'x'
};
export const group = (...items: object[]) => ({ '@type': 'RequestItemGroup', items });

const shortCode = (code: string | undefined) => code?.split('.').at(-1);
export const said = (result: Result<unknown>) => (result.ok ? 'ok' : shortCode(result.error.code));
/** `ok`, or the codes of the tree: `inheritedFromItem[ok,invalidRequestItem]`. */
function tree({ isSuccess, code, items }: ValidationResult): string {
	const children = items.length > 0 && items.some((item) => !item.isSuccess) ? `[${items.map(tree).join()}]` : '';
	return (isSuccess ? 'ok' : `${shortCode(code)}`) + children;
}
export const judged = (result: Result<ValidationResult>) =>
	result.ok ? tree(result.value) : `refused ${shortCode(result.error.code)}`;

export const ids = (from: number) => {
	let next = from;
	return () => id('ATT', next++);
};
export function mustBe<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
	return result.value;
}
export const requestIn = (p: Party, n = 1) => p.views.get('requests', id('REQ', n)) as RequestRow;
export const attributeIn = (p: Party, n: number) => p.views.get('attributes', id('ATT', n)) as AttributeRow;

export function message(n: number, content: object, createdBy = berlin): MessageRow {
	return {
		id: id('MSG', n),
		isOwn: false,
		content: content as JsonObject,
		createdBy,
		createdByDevice: 'DVC',
		recipients: [{ address: anna }],
		createdAt: day(2),
		attachments: []
	};
}

/** Berlin drafts and sends, Anna receives. */
export function ask(from: Party, to: Party, items: object[], n = 1, more: object = {}): void {
	const content = mustBe(prepareRequest(from.views, from.me, { items: items as never, ...more }, to.me, day(1)));
	draftRequest(from.at(day(1)), id('REQ', n), content, to.me);
	markSent(from.at(day(1)), { ...message(n, requestIn(from, n).content, from.me), recipients: [{ address: to.me }] });
	mustBe(receiveRequest(to.at(day(2)), message(n, requestIn(from, n).content, from.me)));
}
/** Anna decides; her response is committed and reaches Berlin. */
export function answer(to: Party, from: Party, items: DecideItem[], n = 1, accept = true, newIds = ids(100)): Response {
	const row = requestIn(to, n);
	const may = (accept ? canAccept : canReject)(to.views, to.me, row, { items }, day(3));
	expect(judged(may)).toBe('ok');
	const { response } = buildResponse(to.views, to.me, row, { items }, accept, newIds);
	applyAsRecipient(to.at(day(3)), row, response);
	completeIncoming(to.at(day(3)), row.id, { type: 'Message', reference: id('MSG', n + 50) });
	const source = { type: 'Message', reference: id('MSG', n + 50) } as const;
	mustBe(completeOutgoing(from.at(day(4)), { response, peer: to.me, source, respondedAt: day(3) }));
	return response;
}
export function pair(): { anna: Party; berlin: Party } {
	const world = { anna: party(anna), berlin: party(berlin) };
	relate(world.anna, berlin);
	relate(world.berlin, anna);
	return world;
}
export const yes = { accept: true };
export const no = { accept: false };

/** What one gave and the other holds, in short: they must be the same. */
export const given = (p: Party, peer: string) =>
	p.views
		.list('attributes')
		.filter((row) => row['@type'] === 'OwnIdentityAttribute' && isForwarded(p.views, row.id, peer))
		.map(({ id, content }) => [id, (content['value'] as JsonObject)['value']])
		.sort();
export const held = (p: Party) =>
	p.views
		.list('attributes')
		.filter((row) => row['@type'] === 'PeerIdentityAttribute')
		.map(({ id, content }) => [id, (content['value'] as JsonObject)['value']])
		.sort();
