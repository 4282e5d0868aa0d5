/** Defaults, the first look (content-behaviours.md B6, B1; content-model.md §3.3). */
import { describe, expect, test } from 'vitest';
import type { AttributeRow } from '../views.ts';
import { changeDefault, checkDefault } from './default.ts';
import { createOwn, markViewed, succeedOwn } from './own.ts';
import { receiveAttribute } from './peer.ts';
import { anna, berlin, code, day, id, identity, party, type Party } from './testing/party.ts';

const row = (p: Party, n: number) => p.views.get('attributes', id('ATT', n)) as AttributeRow;
const defaults = (p: Party) =>
	p.views
		.list('attributes')
		.filter((each) => each.isDefault)
		.map((each) => Number(each.id.slice(3)));

function wallet(options = { defaults: true }): Party {
	const p = party(anna);
	createOwn(p.at(day(1), options), id('ATT', 1), identity(anna, 'Anna'));
	createOwn(p.at(day(2), options), id('ATT', 2), identity(anna, 'Ann'));
	createOwn(p.at(day(3), options), id('ATT', 3), identity(anna, 'Meier', { type: 'Surname' }));
	return p;
}

describe('B6 default', () => {
	test('B1 the first of its value type becomes the default, others do not; where none are kept, none does', () => {
		expect(defaults(wallet())).toEqual([1, 3]);
		expect(defaults(wallet({ defaults: false }))).toEqual([]);
	});

	test('B6 is changed within the value type, and a second time changes nothing', () => {
		const p = wallet();
		changeDefault(p.at(day(4)), id('ATT', 2));
		expect(defaults(p)).toEqual([2, 3]);
		const before = p.views.list('attributes');
		changeDefault(p.at(day(5)), id('ATT', 2));
		expect(p.views.list('attributes')).toEqual(before);
	});

	test('B5 moves to the successor', () => {
		const p = wallet();
		succeedOwn(p.at(day(4)), id('ATT', 1), id('ATT', 4), identity(anna, 'Annie'));
		expect(defaults(p).sort()).toEqual([3, 4]);
	});

	test('B6 is refused where none are kept, for others’ attributes and for superseded ones', () => {
		const p = wallet();
		succeedOwn(p.at(day(4)), id('ATT', 2), id('ATT', 4), identity(anna, 'Annie'));
		const content = identity(berlin, 'Berta');
		receiveAttribute(p.at(day(4)), { id: id('ATT', 5), content, peer: berlin, sourceReference: id('REQ', 1) });
		const said = (n: number, isEnabled = true) => code(checkDefault(p.views, id('ATT', n), isEnabled));
		expect([said(1, false), said(5), said(2), said(9), said(4)]).toEqual([
			'setDefaultOwnIdentityAttributesIsDisabled',
			'isNotOwnIdentityAttribute',
			'hasSuccessor',
			'recordNotFound',
			'ok'
		]);
	});

	test('B6 two devices that choose differently agree: the later choice in the log counts', () => {
		for (const order of [
			[1, 2],
			[2, 1]
		]) {
			const p = wallet({ defaults: false });
			for (const n of order) changeDefault(p.at(day(4)), id('ATT', n));
			expect(defaults(p)).toEqual([order[1]]);
		}
	});
});

describe('B6 the first look', () => {
	test('B6 sets the date, later looks keep it and are not told', () => {
		const p = wallet();
		p.heard();
		for (const n of [5, 6]) markViewed(p.at(day(n)), id('ATT', 1));
		expect(row(p, 1).wasViewedAt).toBe(day(5));
		expect(p.heard()).toEqual(['consumption.attributeWasViewedAtChanged']);
	});
});
