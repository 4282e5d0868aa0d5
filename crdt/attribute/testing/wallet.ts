/** Attributes to start from, and short ways to make and to look at them. For tests of folds, on top of a party. */
import type { Attribute } from '../../content/attribute.ts';
import type { Address, AttributeRow, DeletionInfo, DeletionStatus, Fold } from '../../views.ts';
import { createOwn, succeedOwn } from '../own.ts';
import { receiveAttribute, type Received } from '../peer.ts';
import { addForwarding } from '../sharing.ts';
import { anna, berlin, carl, day, id, identity, party, relationship, type Party } from './party.ts';

/** Attribute n; undefined at run time when it is gone. */
export const rowOf = (p: Party, n: number): AttributeRow => p.views.get('attributes', id('ATT', n)) as AttributeRow;
export const numbersOf = (rows: readonly { readonly id: string }[]): number[] =>
	rows.map((row) => Number(row.id.slice(3)));
export const info = (deletionStatus: DeletionStatus, n = 9): DeletionInfo => ({ deletionStatus, deletionDate: day(n) });

/** Attribute n as it comes from Berlin, of a third party if one is named. */
export const withBerlin = (n: number, content: Attribute, initialAttributePeer?: Address): Received => ({
	id: id('ATT', n),
	content,
	peer: berlin,
	sourceReference: id('REQ', n),
	...(initialAttributePeer !== undefined && { initialAttributePeer })
});

/** Attribute n is given to a peer, by request n. */
export const forward = (p: Party, n: number, peer: Address = berlin, at = 5): void =>
	addForwarding(p.at(day(at)), id('ATT', n), peer, id('REQ', n));

/** Versions 1 … count of one own identity attribute, `Anna 1` … */
export function chain(count: number, options: Pick<Fold, 'defaults'> = {}): Party {
	const p = party(anna);
	createOwn(p.at(day(1), options), id('ATT', 1), identity(anna, 'Anna 1'));
	for (let n = 2; n <= count; n++)
		succeedOwn(p.at(day(n), options), id('ATT', n - 1), id('ATT', n), identity(anna, `Anna ${n}`));
	p.heard();
	return p;
}

/** Attributes 1 to 5: one of each kind, all with the value `a`. */
export function oneOfEach(): Party {
	const p = party(anna);
	createOwn(p.at(day(1)), id('ATT', 1), identity(anna, 'a'));
	receiveAttribute(p.at(day(1)), withBerlin(2, identity(berlin, 'a')));
	receiveAttribute(p.at(day(1)), withBerlin(3, relationship(anna, 'a')));
	receiveAttribute(p.at(day(1)), withBerlin(4, relationship(berlin, 'a')));
	receiveAttribute(p.at(day(1)), withBerlin(5, relationship(carl, 'a'), carl));
	p.heard();
	return p;
}

/** What each of those may be succeeded by. */
export const kinds: readonly (readonly [kind: string, n: number, next: (value: string) => Attribute])[] = [
	['an own identity attribute', 1, (value) => identity(anna, value)],
	['a peer identity attribute', 2, (value) => identity(berlin, value)],
	['an own relationship attribute', 3, (value) => relationship(anna, value)],
	['a peer relationship attribute', 4, (value) => relationship(berlin, value)],
	['a third party’s attribute', 5, (value) => relationship(carl, value)]
];
