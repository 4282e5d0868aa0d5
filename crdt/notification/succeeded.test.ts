/** Successions that are told (content-behaviours.md D (6); content-model.md §3.3, §5.1). */
import { describe, expect, test } from 'vitest';
import { deleteAttribute } from '../attribute/delete.ts';
import { anna, berlin, carl, day, id, identity, relationship } from '../attribute/testing/party.ts';
import { rowOf } from '../attribute/testing/wallet.ts';
import type { NotificationItem } from '../content/notification.ts';
import { notificationSent } from './notification.ts';
import { deleted, hear, message, succeeded, wallet } from './testing/hearing.ts';

describe('D PeerAttributeSucceeded', () => {
	test.each([
		['D6 of a peer identity attribute: the successor comes from the notification', 5, identity(berlin, 'Bertha')],
		[
			'D6 of a peer relationship attribute: the successor comes from the notification',
			4,
			relationship(berlin, '5', { key: 'k' })
		]
	] as const)('%s', (_name, n, content) => {
		const p = wallet();
		expect(hear(p, [succeeded(n, 20, content)])).toMatchObject({
			status: 'Completed',
			told: ['consumption.attributeSucceeded']
		});
		expect(rowOf(p, 20)).toMatchObject({
			'@type': rowOf(p, n)['@type'],
			succeeds: id('ATT', n),
			peer: berlin,
			content,
			sourceReference: id('NOT', 1)
		});
		expect(rowOf(p, n).succeededBy).toBe(id('ATT', 20));
	});

	const fromBerlin = relationship(berlin, 'x');
	test.each<[string, NotificationItem, string, string]>([
		['D6 of the wrong kind: an own attribute', succeeded(3, 20, fromBerlin), berlin, 'wrongTypeOfAttribute'],
		['D6 of the wrong kind: a third party’s', succeeded(6, 20, fromBerlin), berlin, 'wrongTypeOfAttribute'],
		[
			'D6 by the wrong sender: another peer’s attribute',
			succeeded(5, 20, identity(carl, 'x')),
			carl,
			'senderIsNotPeerOfSharedAttribute'
		],
		[
			'D6 by the wrong sender: one who does not own the successor',
			succeeded(5, 20, identity(carl, 'x')),
			berlin,
			'successionPeerIsNotOwner'
		],
		['D6 of an unknown attribute', succeeded(99, 20, identity(berlin, 'x')), berlin, 'predecessorDoesNotExist'],
		['D6 by another kind of content', succeeded(5, 20, fromBerlin), berlin, 'successionMustNotChangeContentType'],
		['D6 with another key', succeeded(4, 20, fromBerlin), berlin, 'successionMustNotChangeKey'],
		['D6 under an id that is used', succeeded(5, 4, identity(berlin, 'x')), berlin, 'successorMustNotYetExist'],
		['D6 without a change', succeeded(5, 20, identity(berlin, 'Berta')), berlin, 'successionMustChangeContent'],
		[
			'D6 under an id that is none',
			{ ...succeeded(5, 20, identity(berlin, 'x')), successorId: '../x' } as NotificationItem,
			berlin,
			'successorIsNotAValidAttribute'
		]
	])('%s: an error, and nothing of it is done', (_name, item, from, failure) => {
		const p = wallet();
		const before = p.views.list('attributes');
		expect(hear(p, [item], from)).toMatchObject({ status: 'Error', failure, told: [] });
		expect(p.views.list('attributes')).toEqual(before);
	});

	test('D6 rolled back because a later item fails: the successor is gone, and so is the link to it', () => {
		const p = wallet();
		const items = [succeeded(5, 20, identity(berlin, 'Bertha')), deleted('Own', 1)];
		expect(hear(p, items)).toMatchObject({ status: 'Error', failure: 'wrongTypeOfAttribute', told: [] });
		expect(p.views.get('attributes', id('ATT', 20))).toBeUndefined();
		expect(rowOf(p, 5)).not.toHaveProperty('succeededBy');
		expect(hear(p, items.slice(0, 1), berlin, 2)).toMatchObject({ status: 'Completed' });
	});

	test('D6 of what we deleted and told so: taken as new, for the two crossed, and both sides then hold it', () => {
		const p = wallet();
		deleteAttribute(p.at(day(2)), id('ATT', 5));
		const item = succeeded(5, 20, identity(berlin, 'Bertha'));
		expect(hear(p, [item])).toMatchObject({ failure: 'predecessorDoesNotExist' });
		notificationSent(p.at(day(3)), message(3, anna, [berlin], [deleted('Forwarded', 5)]));
		expect(hear(p, [item], berlin, 2)).toMatchObject({
			status: 'Completed',
			told: ['consumption.attributeCreated']
		});
		expect(rowOf(p, 20)).toMatchObject({ peer: berlin });
		expect(rowOf(p, 20)).not.toHaveProperty('succeeds');
		expect(hear(p, [succeeded(5, 4, identity(berlin, 'Bertha'))], berlin, 4)).toMatchObject({
			failure: 'successorMustNotYetExist'
		});
	});

	test('D6 told again by another device of the peer: once is enough', () => {
		const p = wallet();
		hear(p, [succeeded(5, 20, identity(berlin, 'Bertha'))]);
		expect(hear(p, [succeeded(5, 20, identity(berlin, 'Bertha'))], berlin, 2)).toMatchObject({
			status: 'Completed',
			told: []
		});
	});
});
