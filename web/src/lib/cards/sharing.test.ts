import type { AttributeRow, ForwardingRow } from '@enmeshed/crdt';
import { expect, it } from 'vitest';
import { holdersOf, versionsOf } from './sharing.ts';

const row = (id: string, links: Partial<AttributeRow> = {}) => ({ id, ...links }) as AttributeRow;
const chain = [
	row('1', { succeededBy: '2' }),
	row('2', { succeeds: '1', succeededBy: '3' }),
	row('3', { succeeds: '2' })
];
const find = (id: string) => chain.find((a) => a.id === id);
const shared = (peer: string, attributeId: string, sharedAt: string) =>
	({ peer, attributeId, sharedAt }) as ForwardingRow;

it('finds the whole chain from any of its versions, newest first', () => {
	for (const id of ['1', '2', '3']) expect(versionsOf(id, find).map((a) => a.id)).toEqual(['3', '2', '1']);
	expect(versionsOf('x', find)).toEqual([]);
});

it('ends in damaged data: a circle, a missing successor', () => {
	const circle = [row('a', { succeeds: 'b', succeededBy: 'b' }), row('b', { succeeds: 'a', succeededBy: 'a' })];
	expect(versionsOf('a', (id) => circle.find((x) => x.id === id)).length).toBeLessThanOrEqual(1000);
	expect(
		versionsOf('a', (id) => (id === 'a' ? row('a', { succeededBy: 'gone' }) : undefined)).map((x) => x.id)
	).toEqual(['a']);
});

it('names for each contact the version shared last', () => {
	const holders = holdersOf(versionsOf('3', find), [
		shared('p', '1', '2026-01-01'),
		shared('p', '3', '2026-03-01'),
		shared('q', '2', '2026-02-01'),
		shared('r', 'other', '2026-02-01')
	]);
	expect(holders.map((h) => [h.address, h.attributeId])).toEqual([
		['p', '3'],
		['q', '2']
	]);
});
