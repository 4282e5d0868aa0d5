/** Notifications from sending to the end (content-behaviours.md D (1), D (2); content-model.md §5.1). */
import { describe, expect, test } from 'vitest';
import { forgetPeer } from '../attribute/sharing.ts';
import { anna, berlin, carl, code, day, id, identity, party, relate } from '../attribute/testing/party.ts';
import { notificationReceived, notificationSent, relationshipToNotify } from './notification.ts';
import { deleted, device, hear, message, statusOf, succeeded, wallet } from './testing/hearing.ts';

describe('D life cycle', () => {
	test('D1 an own one is on record when its message left: Sent', () => {
		const p = party(anna);
		notificationSent(p.at(day(6)), message(1, anna, [berlin], [deleted('Own', 1)]));
		expect(p.views.list('notifications')).toEqual([
			{
				id: id('NOT', 1),
				isOwn: true,
				peer: berlin,
				createdAt: day(6),
				content: message(1, anna, [berlin], [deleted('Own', 1)]).content,
				status: 'Sent',
				source: { type: 'Message', reference: id('MSG', 1) }
			}
		]);
	});

	test('D1 one to several recipients is not on record', () => {
		const p = party(anna);
		notificationSent(p.at(day(6)), message(1, anna, [berlin, carl], [deleted('Own', 1)]));
		expect(p.views.list('notifications')).toEqual([]);
	});

	test('D1 a received one is on record with its peer and message', () => {
		const p = wallet();
		hear(p, [deleted('Own', 5)]);
		expect(p.views.get('notifications', id('NOT', 1))).toMatchObject({
			isOwn: false,
			peer: berlin,
			content: message(1, berlin, [anna], [deleted('Own', 5)]).content,
			source: { type: 'Message', reference: id('MSG', 1) }
		});
	});

	test('D1 a received one is processed and completed at once', () => {
		const p = wallet();
		expect(hear(p, [deleted('Own', 5)])).toEqual({
			refused: undefined,
			status: 'Completed',
			failure: undefined,
			told: ['consumption.ownAttributeDeletedByOwner']
		});
		expect(statusOf(p, 5)).toBe('DeletedByEmitter');
	});

	test('D1 an id that is none, or another’s, is refused and nothing of it is done', () => {
		const p = wallet();
		hear(p, [deleted('Own', 5)]);
		const before = p.views.list('attributes');
		expect(hear(p, [deleted('Own', 4)]).refused).toBe('foreign-id');
		const odd = message(2, berlin, [anna], [deleted('Own', 4)]);
		const refused = notificationReceived(p.at(day(6)), { ...odd, content: { ...odd.content, id: 'x' } }, device);
		expect(refused?.code).toBe('foreign-id');
		expect(p.views.list('attributes')).toEqual(before);
	});

	test('D1 items are done in order; when one fails, nothing of the others stays and nothing is told', () => {
		const p = wallet();
		const before = [p.views.list('attributes'), p.views.list('forwardings')];
		const items = [succeeded(5, 20, identity(berlin, 'Bertha')), deleted('Own', 20), deleted('Own', 1)];
		expect(hear(p, items)).toEqual({
			refused: undefined,
			status: 'Error',
			failure: 'wrongTypeOfAttribute',
			told: []
		});
		expect([p.views.list('attributes'), p.views.list('forwardings')]).toEqual(before);
	});

	test('D1 a later item sees what an earlier one did', () => {
		const p = wallet();
		const items = [succeeded(5, 20, identity(berlin, 'Bertha')), deleted('Own', 20)];
		expect(hear(p, items)).toMatchObject({
			status: 'Completed',
			told: ['consumption.attributeSucceeded', 'consumption.ownAttributeDeletedByOwner']
		});
		expect([statusOf(p, 5), statusOf(p, 20)]).toEqual(['DeletedByEmitter', 'DeletedByEmitter']);
	});

	test('D1 own decomposition takes them along, sent and received, and nobody else’s', () => {
		const p = wallet();
		hear(p, [deleted('Own', 5)]);
		notificationSent(p.at(day(6)), message(2, anna, [berlin], [deleted('Own', 1)]));
		notificationSent(p.at(day(6)), message(3, anna, [carl], [deleted('Own', 1)]));
		forgetPeer(p.at(day(7)), berlin);
		expect(p.views.list('notifications')).toMatchObject([{ id: id('NOT', 3), peer: carl }]);
	});

	test('D1 they may be sent while the relationship is active or terminated, to a peer that is being deleted too', () => {
		const said = (status: Parameters<typeof relate>[2], deletion?: 'ToBeDeleted' | 'Deleted') => {
			const p = party(anna);
			const peerDeletionInfo = deletion && { deletionStatus: deletion, deletionDate: day(9) };
			relate(p, berlin, status, peerDeletionInfo ? { peerDeletionInfo } : {});
			return code(relationshipToNotify(p.views, berlin));
		};
		expect([said('Active'), said('Terminated'), said('Active', 'ToBeDeleted')]).toEqual(['ok', 'ok', 'ok']);
		expect([said('Pending'), said('DeletionProposed'), said('Rejected')]).toEqual(
			Array<string>(3).fill('hasNeitherActiveNorTerminatedRelationship')
		);
		expect(said('Active', 'Deleted')).toBe('peerIsDeleted');
		expect(code(relationshipToNotify(party(anna).views, berlin))).toBe('hasNeitherActiveNorTerminatedRelationship');
	});
});

describe('D the device', () => {
	test('D2 an own one names no device', () => {
		const p = party(anna);
		notificationSent(p.at(day(6)), message(1, anna, [berlin], [deleted('Own', 1)]));
		expect(p.views.get('notifications', id('NOT', 1))).not.toHaveProperty('receivedByDevice');
	});

	test('D2 a received one names the device that copied its mail, in Error too', () => {
		const p = wallet();
		hear(p, [deleted('Own', 5)]);
		hear(p, [deleted('Own', 1)], berlin, 2);
		expect(p.views.list('notifications')).toMatchObject([
			{ status: 'Completed', receivedByDevice: device },
			{ status: 'Error', receivedByDevice: device }
		]);
	});
});
