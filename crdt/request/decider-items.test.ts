/** Rules about items: every member of every kind, and each that differs (content-behaviours E4). */
import { describe, expect, test } from 'vitest';
import { anna } from '../attribute/testing/party.ts';
import { accept, allOf, decided, general, items, one, reject, request, responseFor, rule } from './testing/rules.ts';

type Name = keyof typeof items;
const TYPE = 'content.item.@type';
const names = Object.keys(items).filter((name) => !['consent', 'authentication'].includes(name)) as Name[];

describe('E4 rules about items', () => {
	test('E4.6 a rule about items rejects', () => {
		expect(one({ [TYPE]: 'ReadAttributeRequestItem' }, reject, items.read)).toEqual([false, reject]);
	});
	test('E4.6 a rule about items accepts', () => {
		expect(one({ [TYPE]: 'CreateAttributeRequestItem' })).toEqual([true, accept]);
	});
	test('E4.6 lists hold where they have what the item has; of tags one in common is enough', () => {
		expect(
			one({
				[TYPE]: ['ShareAttributeRequestItem', 'CreateAttributeRequestItem'],
				'content.item.description': ['Other', 'Because'],
				'content.item.metadata': [{ case: 8 }, { case: 7 }],
				'content.item.attribute.value.value': ['Anna', 'Otto'],
				'content.item.attribute.tags': ['x:z', 'x:b']
			})
		).toEqual([true, accept]);
	});
	test('E4.6 several equal items are all answered', () => {
		expect(
			decided([rule({ [TYPE]: 'CreateAttributeRequestItem' })], request([items.create, items.create]))
		).toEqual([true, accept, accept]);
	});
	test('E4.6 what the item has beyond the rule does not matter', () => {
		expect(one({ 'content.item.attribute.value.@type': 'GivenName' })).toEqual([true, accept]);
	});
	test('E4.6 another value prevents it', () => {
		expect(one({ [TYPE]: 'ShareAttributeRequestItem' })).toBe('manual');
		expect(one({ 'content.item.attribute.value.value': 'Otto' })).toBe('manual');
	});
	test('E4.6 another boolean prevents it', () => {
		expect(one({ 'content.item.mustBeAccepted': false })).toBe('manual');
		const optional = { ...items.create, mustBeAccepted: false };
		expect(one({ 'content.item.mustBeAccepted': true }, accept, optional)).toBe('manual');
		expect(one({ 'content.item.mustBeAccepted': false }, accept, optional)).toEqual([true, accept]);
	});
	test('E4.6 lists that have not what the item has prevent it, tags without one in common too', () => {
		expect(one({ [TYPE]: ['ShareAttributeRequestItem', 'FormFieldRequestItem'] })).toBe('manual');
		expect(one({ 'content.item.attribute.tags': ['x:z'] })).toBe('manual');
		expect(one({ 'content.item.attribute.tags': [] })).toBe('manual');
		expect(one({ 'content.item.attribute.tags': 'x:b' })).toBe('manual');
	});
	test('E4.6 a member the item has not prevents it', () => {
		expect(one({ 'content.item.nothing': 1 })).toBe('manual');
		const { description: _description, ...bare } = items.create;
		expect(one({ 'content.item.description': 'Because' }, accept, bare)).toBe('manual');
	});
	test.each(names)('E4.6 any member that differs, or is not there, prevents it: %s', (name) => {
		const item = items[name];
		for (const path of Object.keys(allOf(item)).filter((path) => path !== TYPE)) {
			expect(one({ ...allOf(item), [path]: 'other' }, responseFor(item), item)).toBe('manual');
			expect(one({ ...allOf(item), [path]: ['other', 'another'] }, responseFor(item), item)).toBe('manual');
		}
		expect(one({ ...allOf(item), 'content.item.nothing': 1 }, responseFor(item), item)).toBe('manual');
	});

	test.each<[string, Name, number]>([
		['E4.7 Create, an identity attribute: all members hold together', 'create', 9],
		['E4.7 Create, a relationship attribute: all members hold together', 'createRelational', 13],
		['E4.7 Delete: all members hold together', 'remove', 5],
		['E4.7 Propose, an identity attribute: all members hold together', 'propose', 11],
		['E4.7 Propose, a relationship attribute: all members hold together', 'proposeRelational', 19],
		['E4.7 Read by an identity query: all members hold together', 'read', 7],
		['E4.7 Read by a relationship query: all members hold together', 'readRelational', 11],
		['E4.7 Read by a question in words: all members hold together', 'readIql', 8],
		['E4.7 Share, an identity attribute: all members hold together', 'share', 10],
		['E4.7 Share, a relationship attribute: all members hold together', 'shareRelational', 14],
		['E4.7 TransferFileOwnership: all members hold together', 'transfer', 6],
		['E4.7 FormField: all members hold together', 'formField', 6]
	])('%s, with the general ones too', (_name, name, members) => {
		const item = items[name];
		const response = responseFor(item);
		expect(Object.keys(allOf(item))).toHaveLength(members);
		expect(one(allOf(item), response, item)).toEqual([true, response]);
		expect(one({ ...general, ...allOf(item) }, response, item)).toEqual([true, response]);
		expect(one({ ...allOf(item), peer: anna }, response, item)).toBe('manual');
	});
});
