/** Templates of Berlin's that ask something, and how they reach who loads them. For tests of requests. */
import { berlin, day, id, type Party } from '../../attribute/testing/party.ts';
import type { JsonObject, TemplateRow } from '../../views.ts';
import { processTemplate } from '../incoming.ts';
import { consent, read } from './asking.ts';

export const template = (content: object, more: Partial<TemplateRow> = {}): TemplateRow => ({
	id: id('RLT', 1),
	isOwn: false,
	createdBy: berlin,
	createdByDevice: 'DVC',
	createdAt: day(1),
	content: content as JsonObject,
	reference: { truncated: '', url: '' },
	...more
});
export const offer = (onNew: object = {}, onExisting?: object) => ({
	'@type': 'RelationshipTemplateContent',
	onNewRelationship: { items: [read(), consent()], ...onNew },
	...(onExisting && { onExistingRelationship: onExisting })
});
/** It is loaded, as request `n` if it becomes one. */
export const load = (p: Party, row: TemplateRow, n = 1) => processTemplate(p.at(day(2)), row, id('REQ', n));
