/**
 * Rules decide, or leave it to a person (content-behaviours E4): rules about a request as a whole, groups, and several rules.
 * Rules about items are in decider-items.test.ts, what is no rule in decider-pairs.test.ts, the law of matching in
 * decider-law.test.ts, the Connector's side in connector/modules/decider.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { anna, berlin, day, party, relate } from '../attribute/testing/party.ts';
import { decideByRules } from './decider.ts';
import { group } from './testing/asking.ts';
import { accept, decided, deletion, general, items, one, reject, request, responseFor, rule } from './testing/rules.ts';

const AUTOMATIC = [true, accept];

describe('E4 general rules', () => {
	test('E4.1 without rules a person decides', () => expect(decided([], request([items.create]))).toBe('manual'));

	test('E4.2 a general rule that rejects fills every item, whatever its kind, those in groups too', () => {
		expect(decided([rule({ peer: berlin }, reject)], request([items.read, group(items.remove)]))).toEqual([
			false,
			reject,
			{ items: [reject] }
		]);
	});
	test('E4.2 a general rule that accepts fills items that need nothing but a yes, those in groups too', () => {
		const nodes = [items.create, group(items.shareRelational)];
		expect(decided([rule({ peer: berlin })], request(nodes))).toEqual([true, accept, { items: [accept] }]);
	});
	test('E4.2 all members of a general rule hold together', () => expect(one(general)).toEqual(AUTOMATIC));
	test('E4.2 lists hold where they have what the request has', () => {
		const lists = {
			peer: [anna, berlin],
			'source.type': ['RelationshipTemplate', 'Message'],
			'content.title': ['Other', 'Title'],
			'content.description': ['Description', 'Other'],
			'content.metadata': [{ a: 2 }, { a: 1, b: { c: 2 } }],
			'content.expiresAt': [`>${day(19)}`, `<${day(21)}`]
		};
		expect(one(lists)).toEqual(AUTOMATIC);
	});
	test('E4.2 what the request has beyond the rule does not matter', () => {
		expect(one({ 'content.title': 'Title' })).toEqual(AUTOMATIC);
		expect(one({})).toEqual(AUTOMATIC);
	});
	test.each<[string, object]>([
		['only a day is given', { createdAt: '>2030-01-09' }],
		['the same instant in another zone', { createdAt: '2030-01-10T01:00:00+01:00' }],
		['a deeper path', { 'content.metadata.b.c': 2 }],
		['an undefined wish', { peer: undefined }]
	])('E4.2 a general rule holds: %s', (_name, config) => expect(one(config)).toEqual(AUTOMATIC));

	test.each<[string, object]>([
		['E4.3 another value prevents it', { peer: anna }],
		['E4.3 an expiry that is too high prevents it', { 'content.expiresAt': `<${day(20)}` }],
		['E4.3 an expiry that is too low prevents it', { 'content.expiresAt': `>${day(20)}` }],
		['E4.3 an expiry that is beyond a range prevents it', { 'content.expiresAt': [`>${day(19)}`, `<${day(20)}`] }],
		['E4.3 lists that have not what the request has prevent it', { peer: [anna, 'x'], 'content.title': ['Title'] }],
		['E4.3 a list of objects that has it not prevents it', { 'content.metadata': [{ a: 1 }, { b: { c: 2 } }] }],
		['E4.3 a member the request has not prevents it', { 'content.nothing': 'x' }],
		['E4.3 strictly after is not at', { createdAt: `>${day(10)}` }],
		['E4.3 strictly before is not at', { createdAt: `<${day(10)}` }],
		['E4.3 another object prevents it', { 'content.metadata': { a: 1 } }],
		['E4.3 a date that is none prevents it', { createdAt: 'soon' }],
		['E4.3 an inherited member is none', { 'content.constructor': 'x' }]
	])('%s', (_name, config) => expect(one(config)).toBe('manual'));
	test.each(['createdAt', 'content.expiresAt', 'content.title', 'content.description', 'content.metadata'] as const)(
		'E4.3 one member of several that does not hold prevents it: %s',
		(key) => expect(one({ ...general, [key]: key.endsWith('At') ? day(1) : 'other' })).toBe('manual')
	);
	test('E4.3 optional members the request lacks prevent it', () => {
		const bare = request([items.create], {}, { title: undefined, expiresAt: undefined });
		expect(decided([rule({ 'content.title': 'Title' })], bare)).toBe('manual');
		expect(decided([rule({ 'content.expiresAt': `<${day(30)}` })], bare)).toBe('manual');
		expect(decided([rule({ 'content.description': 'Description' })], bare)).toEqual(AUTOMATIC);
	});

	test.each(['read', 'readRelational', 'readIql', 'propose', 'remove', 'formField', 'transfer'] as const)(
		'E4.4 a general yes cannot serve an item that needs more, a general no can: %s',
		(name) => {
			expect(one({}, accept, items[name])).toBe('manual');
			expect(one({}, reject, items[name])).toEqual([false, reject]);
		}
	);
	test('E4.4 a general yes cannot serve a request with one item that needs more', () => {
		expect(decided([rule({})], request([items.create, items.read]))).toBe('manual');
	});
	test.each<[string, 'consent' | 'authentication']>([
		['E4.4 Consent is never automatic, in a group neither', 'consent'],
		['E4.4 Authentication is never automatic, in a group neither', 'authentication']
	])('%s', (_name, name) => {
		const type = { 'content.item.@type': items[name]['@type'] };
		for (const response of [accept, reject])
			for (const nodes of [[items[name]], [items.create, group(items.create, items[name])]])
				expect(decided([rule({}, response), rule(type, response)], request(nodes))).toBe('manual');
	});

	test.each([
		['E4.5 relationshipAlreadyExists true holds with a relationship', true, true],
		['E4.5 relationshipAlreadyExists true does not hold without', true, false],
		['E4.5 relationshipAlreadyExists false holds without a relationship', false, false],
		['E4.5 relationshipAlreadyExists false does not hold with one', false, true]
	])('%s', (_name, wanted, known) => {
		const rules = [rule({ relationshipAlreadyExists: wanted }, reject)];
		expect(decided(rules, request([items.read]), known)).toEqual(wanted === known ? [false, reject] : 'manual');
	});
	test('E4.5 relationshipAlreadyExists is about any that is known, whatever its status', () => {
		for (const status of ['Pending', 'Active', 'Rejected', 'Revoked', 'Terminated', 'DeletionProposed'] as const) {
			const { views } = party(anna);
			relate({ views, me: anna }, berlin, status);
			const rules = [rule({ relationshipAlreadyExists: true }, reject)];
			expect(decideByRules(rules as never, request([items.read]), views)?.accept).toBe(false);
		}
	});
});

const byType = (item: { '@type': string }, response: object = responseFor(item)) =>
	rule({ 'content.item.@type': item['@type'] }, response);

describe('E4 parts of both kinds', () => {
	const both = { peer: berlin, 'content.item.@type': 'CreateAttributeRequestItem' };

	test('E4.8 a rule about both holds where both parts do', () => expect(one(both)).toEqual(AUTOMATIC));
	test('E4.8 a rule about both does not hold where the part about the request does not', () => {
		expect(one({ ...both, peer: anna })).toBe('manual');
	});
	test('E4.8 a rule about both does not hold where the part about the item does not', () => {
		expect(one(both, accept, items.share)).toBe('manual');
	});
	test('E4.8 every item needs a rule: all of one kind, one rule', () => {
		expect(decided([rule(both)], request([items.create, items.createRelational]))).toEqual([true, accept, accept]);
	});
	test('E4.8 every item needs a rule: one that has none leaves all to a person', () => {
		expect(decided([rule(both)], request([items.create, items.share]))).toBe('manual');
		expect(decided([rule(both), rule({ ...both, peer: anna })], request([items.create, items.share]))).toBe(
			'manual'
		);
	});
});

describe('E4 groups', () => {
	test('E4.9 an item in a group is answered in the group', () => {
		expect(decided([byType(items.create)], request([group(items.create)]))).toEqual([true, { items: [accept] }]);
		expect(decided([byType(items.create, reject)], request([group(items.create)]))).toEqual([
			false,
			{ items: [reject] }
		]);
	});
	test('E4.9 items inside and outside each by its rule', () => {
		const rules = [byType(items.create), byType(items.read), byType(items.remove)];
		expect(decided(rules, request([items.create, group(items.read, items.remove)]))).toEqual([
			true,
			accept,
			{ items: [responseFor(items.read), deletion] }
		]);
	});
	test('E4.9 items inside and outside by one rule', () => {
		expect(decided([byType(items.create)], request([items.create, group(items.create, items.create)]))).toEqual([
			true,
			accept,
			{ items: [accept, accept] }
		]);
	});
	test('E4.9 an item inside that has no rule leaves all to a person', () => {
		const nodes = [items.create, group(items.read, items.remove)];
		expect(decided([byType(items.create), byType(items.read)], request(nodes))).toBe('manual');
	});
	test('E4.9 an item outside that has no rule leaves all to a person', () => {
		const nodes = [items.create, group(items.read, items.remove)];
		expect(decided([byType(items.read), byType(items.remove)], request(nodes))).toBe('manual');
	});
});

describe('E4 several rules', () => {
	const optional = { ...items.read, mustBeAccepted: false };
	const mandatory = { 'content.item.mustBeAccepted': true };
	const no = { accept: false };

	test('E4.10 each item by its own rule', () => {
		const rules = [byType(items.read), byType(items.create), byType(items.share, reject)];
		expect(decided(rules, request([items.create, items.share, items.read]))).toEqual([
			true,
			accept,
			reject,
			responseFor(items.read)
		]);
	});
	test('E4.10 each item by its own rule, in groups', () => {
		const rules = [byType(items.read), byType(items.create), byType(items.share, reject)];
		expect(decided(rules, request([group(items.create, items.share), group(items.read)]))).toEqual([
			true,
			{ items: [accept, reject] },
			{ items: [responseFor(items.read)] }
		]);
	});
	test('E4.10 the first rule that holds counts', () => {
		const [rejecting, accepting] = [rule({ peer: berlin }, reject), rule({})];
		expect(decided([rejecting, accepting], request([items.create]))).toEqual([false, reject]);
		expect(decided([accepting, rejecting], request([items.create]))).toEqual(AUTOMATIC);
		expect(decided([byType(items.create, reject), byType(items.create)], request([items.create]))).toEqual([
			false,
			reject
		]);
	});
	test('E4.10 what is mandatory is accepted, the rest rejected', () => {
		expect(decided([rule(mandatory), rule({}, no)], request([items.create, optional]))).toEqual([true, accept, no]);
	});
	test('E4.10 a special rule, and a general one that rejects what it leaves', () => {
		const rules = [byType(items.create), rule({}, reject)];
		expect(decided(rules, request([items.create, optional, items.remove]))).toEqual([true, accept, reject, reject]);
		expect(decided([rule({ ...mandatory, peer: anna }), rule({}, no)], request([items.create]))).toEqual([
			false,
			no
		]);
	});
	test('E4.10 a special rule, and a general one that accepts what it leaves', () => {
		const rules = [byType(items.create, reject), rule({})];
		expect(decided(rules, request([items.create, items.share]))).toEqual([true, reject, accept]);
	});
	test('E4.10 the general one does not help where what is left needs more', () => {
		expect(decided([byType(items.create), rule({})], request([items.create, items.read]))).toBe('manual');
	});
	test('E4.10 a request whose items are all rejected is rejected, one with a single yes accepted', () => {
		const rules = [byType(items.create, reject), byType(items.share)];
		expect(decided(rules, request([items.create, items.create]))).toEqual([false, reject, reject]);
		expect(decided(rules, request([items.create, group(items.share)]))).toEqual([
			true,
			reject,
			{ items: [accept] }
		]);
	});
});
