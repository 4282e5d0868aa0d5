/** Defaults, the first look (content-behaviours.md B1 (2), B6; content-model.md §3.3). */
import { describe, expect, test } from 'vitest';
import { changeDefault, checkDefault } from './default.ts';
import { adoptOwn, createOwn, markViewed, succeedOwn } from './own.ts';
import { receiveAttribute } from './peer.ts';
import { anna, berlin, code, day, id, identity, party, type Party } from './testing/party.ts';
import { numbersOf, rowOf, withBerlin } from './testing/wallet.ts';

const defaults = (p: Party) => numbersOf(p.views.list('attributes').filter((each) => each.isDefault));

/** 1 and 2 are given names, 3 is a surname. */
function wallet(options = { defaults: true }): Party {
	const p = party(anna);
	createOwn(p.at(day(1), options), id('ATT', 1), identity(anna, 'Anna'));
	createOwn(p.at(day(2), options), id('ATT', 2), identity(anna, 'Ann'));
	createOwn(p.at(day(3), options), id('ATT', 3), identity(anna, 'Meier', { type: 'Surname' }));
	return p;
}

describe('B1 the default', () => {
	test('B1.2 the first own identity attribute of its value type becomes the default', () => {
		const p = wallet();
		expect([1, 3].map((n) => rowOf(p, n).isDefault)).toEqual([true, true]);
	});

	test('B1.2 the second of its value type does not become the default', () => {
		const p = wallet();
		expect(rowOf(p, 2)).not.toHaveProperty('isDefault');
		expect(defaults(p)).toEqual([1, 3]);
	});

	test('B1.2 where no defaults are kept none ever becomes one, however it comes into being', () => {
		const p = wallet({ defaults: false });
		succeedOwn(p.at(day(4)), id('ATT', 1), id('ATT', 4), identity(anna, 'Annie'));
		adoptOwn(p.at(day(4)), id('ATT', 5), identity(anna, 'Dr.', { type: 'HonorificPrefix' }));
		expect(defaults(p)).toEqual([]);
	});

	test('B1.2 what peers give never becomes a default', () => {
		const p = party(anna);
		receiveAttribute(p.at(day(1), { defaults: true }), withBerlin(1, identity(berlin, 'Berta')));
		expect(defaults(p)).toEqual([]);
	});
});

describe('B6 default', () => {
	test('B6.1 the default is changed within its value type', () => {
		const p = wallet();
		changeDefault(p.at(day(4)), id('ATT', 2));
		expect(defaults(p)).toEqual([2, 3]);
	});

	test('B6.1 changing to what is the default already changes nothing', () => {
		const p = wallet();
		const before = p.views.list('attributes');
		changeDefault(p.at(day(5)), id('ATT', 1));
		expect(p.views.list('attributes')).toEqual(before);
		expect(code(checkDefault(p.views, id('ATT', 1), true))).toBe('ok');
	});

	test('B6.1 changing is an error where no defaults are kept', () => {
		expect(code(checkDefault(wallet({ defaults: false }).views, id('ATT', 1), false))).toBe(
			'setDefaultOwnIdentityAttributesIsDisabled'
		);
	});

	test('B6.1 changing is an error for others’ attributes, superseded and unknown ones', () => {
		const p = wallet();
		succeedOwn(p.at(day(4)), id('ATT', 2), id('ATT', 4), identity(anna, 'Annie'));
		receiveAttribute(p.at(day(4)), withBerlin(5, identity(berlin, 'Berta')));
		const said = (n: number) => code(checkDefault(p.views, id('ATT', n), true));
		expect([said(5), said(2), said(9), said(4)]).toEqual([
			'isNotOwnIdentityAttribute',
			'hasSuccessor',
			'recordNotFound',
			'ok'
		]);
	});

	test('B6.1 two devices that choose differently agree: the later choice in the log counts', () => {
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
	test('B6.2 the first look sets the date and is told', () => {
		const p = wallet();
		p.heard();
		expect(rowOf(p, 1).wasViewedAt).toBeUndefined();
		markViewed(p.at(day(5)), id('ATT', 1));
		expect(rowOf(p, 1).wasViewedAt).toBe(day(5));
		expect(p.heard()).toEqual(['consumption.attributeWasViewedAtChanged']);
	});

	test('B6.2 later looks keep the date and are not told', () => {
		const p = wallet();
		markViewed(p.at(day(5)), id('ATT', 1));
		p.heard();
		markViewed(p.at(day(6)), id('ATT', 1));
		expect(rowOf(p, 1).wasViewedAt).toBe(day(5));
		expect(p.heard()).toEqual([]);
	});
});
