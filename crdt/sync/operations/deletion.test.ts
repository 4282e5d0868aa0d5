/** The end of an identity, for itself and for its peers (backbone-behaviours.md §18, §3, §12 to §15). */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { toDto } from '../../index.ts';
import { RelayUnreachable } from '../../ports.ts';
import { arbitrary, codeOf, createTown, DAY, must, type Person, type Town } from '../testing/town.ts';

const CODE = 'error.runtime.identityDeletionProcess';
const INVALID = 'error.runtime.validation.invalidPropertyValue';
let town: Town;
let anna: Person;
let bert: Person;
let rel: string;

const towns: Town[] = [];
beforeEach(async () => {
	town = createTown();
	towns.push(town);
	[anna, bert] = [await town.person(), await town.person()];
	rel = (await town.meet(anna, bert)).id;
});
afterAll(async () => {
	for (const each of towns) await each.close();
});

const at = (person: Person, id = rel) => person.engine.relationships.get(id);
const mail = (from: Person, to: Person, subject: string) =>
	from.engine.messages.send({
		recipients: [to.address],
		content: { '@type': 'Mail', to: [to.address], cc: [], subject, body: 'b', bodyFormat: 'PlainText' }
	});
const subjects = (person: Person) =>
	person.engine.messages.list().flatMap(({ isOwn, content }) => (isOwn ? [] : [content['subject']]));

describe('the own process', () => {
	test('K241 started, one at a time, read, listed, cancelled', async () => {
		const { deletion } = anna.engine;
		expect(codeOf(deletion.active())).toBe(`${CODE}.noActiveIdentityDeletionProcess`);
		expect(codeOf(await deletion.cancel())).toBe(`${CODE}.noActiveIdentityDeletionProcess`);
		const started = must(await deletion.initiate());
		expect(started).toMatchObject({ status: 'Active', createdByDevice: anna.core.self.deviceText });
		expect(started.id).toMatch(/^IDP[A-Za-z0-9]{17}$/);
		expect(must(deletion.active()).id).toBe(started.id);
		expect(codeOf(await deletion.initiate())).toBe(`${CODE}.activeIdentityDeletionProcessAlreadyExists`);
		const cancelled = must(await deletion.cancel());
		expect(cancelled).toMatchObject({
			id: started.id,
			status: 'Cancelled',
			cancelledByDevice: anna.core.self.deviceText
		});
		expect(codeOf(deletion.active())).toBe(`${CODE}.noActiveIdentityDeletionProcess`);
		const second = must(await deletion.initiate(30));
		expect(deletion.list().map(({ id, status }) => [id, status])).toEqual([
			[started.id, 'Cancelled'],
			[second.id, 'Active']
		]);
	});

	test.each([
		['begun', (person: Person) => person.engine.deletion.initiate(), undefined],
		['called off', (person: Person) => person.engine.deletion.cancel(), 'Cancelled']
	] as const)('%s at the relay, and the answer never came: the next sync finds out', async (what, call, status) => {
		if (what === 'called off') must(await anna.engine.deletion.initiate());
		anna.line.falsify = () => {
			anna.line.down = true;
			throw new RelayUnreachable();
		};
		expect(codeOf(await call(anna))).toBe('error.transport.request.unknown');
		delete anna.line.falsify;
		anna.line.down = false;
		anna = await anna.again();
		must(await anna.engine.account.sync());
		expect(codeOf(anna.engine.deletion.active())).toBe(`${CODE}.noActiveIdentityDeletionProcess`);
		expect(anna.engine.deletion.list().at(-1)?.status).toBe(status);
		const answer = await anna.core.call('account', {});
		expect(answer.ok).toBe(true);
		expect(answer.ok && answer.body['deletion']).toBeFalsy();
	});

	test('K242 the length is the caller’s, 14 days otherwise; each step is told', async () => {
		const days = (row: { gracePeriodEndsAt: string; createdAt: string }) =>
			Math.round((Date.parse(row.gracePeriodEndsAt) - Date.parse(row.createdAt)) / DAY);
		expect(days(must(await anna.engine.deletion.initiate()))).toBe(14);
		must(await anna.engine.deletion.cancel());
		expect(days(must(await anna.engine.deletion.initiate(3)))).toBe(3);
		const told = anna.told('transport.identityDeletionProcessStatusChanged') as { status: string }[];
		expect(told.map(({ status }) => status)).toEqual(['Active', 'Cancelled', 'Active']);
	});

	test('K284 less than a day, a fraction and what is no number are refused', async () => {
		for (const days of [0, -1, 0.5, Number.NaN])
			expect(await anna.engine.deletion.initiate(days)).toMatchObject({
				error: { code: INVALID, message: 'lengthOfGracePeriodInDays must be >= 1' }
			});
		expect(codeOf(await anna.engine.deletion.initiate(1.5))).toBe(INVALID);
		expect(anna.engine.deletion.list()).toEqual([]);
	});

	test('K243 after the end of the grace period it cannot be cancelled', async () => {
		must(await anna.engine.deletion.initiate(1));
		town.time.ahead += 2 * DAY;
		expect(codeOf(await anna.engine.deletion.cancel())).toBe(
			'error.platform.validation.device.gracePeriodHasAlreadyExpired'
		);
	});

	test('K247 another own device knows it and is told', async () => {
		const phone = await anna.second();
		const started = must(await anna.engine.deletion.initiate());
		await town.settle(anna, phone);
		expect(must(phone.engine.deletion.active())).toEqual(must(anna.engine.deletion.active()));
		expect(phone.told('transport.identityDeletionProcessStatusChanged')).toEqual([toDto(started)]);
		must(await phone.engine.deletion.cancel());
		await town.settle(anna);
		expect(anna.engine.deletion.get(started.id)?.status).toBe('Cancelled');
	});

	test('without the relay nothing begins', async () => {
		const alone = await town.person();
		alone.line.down = true;
		expect(codeOf(await alone.engine.deletion.initiate())).toBe('error.transport.request.unknown');
		expect(alone.engine.deletion.list()).toEqual([]);
	});

	test('K251 K197 what comes while it is under way is read, in its order, after it was cancelled', async () => {
		must(await anna.engine.deletion.initiate());
		for (const subject of ['one', 'two']) must(await mail(bert, anna, subject));
		await bert.engine.account.sync();
		await town.settle(anna);
		expect(subjects(anna)).toEqual([]);
		expect(anna.told('transport.messageReceived')).toEqual([]);
		must(await anna.engine.deletion.cancel());
		await town.settle(anna);
		expect(subjects(anna)).toEqual(['one', 'two']);
		expect(anna.told('transport.messageReceived')).toHaveLength(2);
	});

	test('two devices agree on what was kept back, also after a restart', async () => {
		const phone = await anna.second();
		must(await anna.engine.deletion.initiate());
		must(await mail(bert, anna, 'kept'));
		must(await bert.engine.relationships.act(rel, 'terminate'));
		await town.settle(bert, anna, phone);
		const again = await phone.again();
		for (const device of [anna, again]) expect([subjects(device), at(device)?.status]).toEqual([[], 'Active']);
		must(await again.engine.deletion.cancel());
		await town.settle(again, anna);
		expect(at(again)).toEqual(at(anna));
		expect([subjects(again), at(again)?.status]).toEqual([['kept'], 'Terminated']);
		expect(subjects(anna)).toEqual(['kept']);
	});
});

describe('its peers', () => {
	test('K246 they are told of the date, and of the cancellation', async () => {
		const { gracePeriodEndsAt } = must(await anna.engine.deletion.initiate(5));
		await town.settle(bert);
		const info = { deletionStatus: 'ToBeDeleted', deletionDate: gracePeriodEndsAt };
		expect(at(bert)?.peerDeletionInfo).toEqual(info);
		expect(bert.told('transport.peerToBeDeleted')).toEqual([toDto(at(bert)!)]);
		must(await anna.engine.deletion.cancel());
		await town.settle(bert);
		expect(at(bert)?.peerDeletionInfo).toBeUndefined();
		expect(bert.told('transport.peerDeletionCancelled')).toEqual([toDto(at(bert)!)]);
	});

	test('K246 also those who only asked, or were only asked', async () => {
		const asked = await town.person();
		const template = must(
			await anna.engine.templates.create({ content: arbitrary('x'), expiresAt: town.inDays(1) })
		);
		must(await asked.engine.templates.load(template.reference.url));
		const creationContent = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
		const { id } = must(await asked.engine.relationships.create({ templateId: template.id, creationContent }));
		await town.settle(anna);
		must(await anna.engine.deletion.initiate());
		await town.settle(asked);
		expect(at(asked, id)?.peerDeletionInfo?.deletionStatus).toBe('ToBeDeleted');
		must(await anna.engine.deletion.cancel());
		must(await asked.engine.deletion.initiate());
		await town.settle(anna);
		expect(at(anna, id)?.peerDeletionInfo?.deletionStatus).toBe('ToBeDeleted');
	});

	test('K176 K175 a new relationship with somebody who leaves, or is gone, is refused', async () => {
		const [carla, dora] = [await town.person(), await town.person()];
		const template = must(
			await anna.engine.templates.create({ content: arbitrary('x'), expiresAt: town.inDays(60) })
		);
		for (const who of [carla, dora]) must(await who.engine.templates.load(template.reference.url));
		const ask = (who: Person) =>
			who.engine.relationships.create({
				templateId: template.id,
				creationContent: { '@type': 'ArbitraryRelationshipCreationContent', value: 1 }
			});
		must(await anna.engine.deletion.initiate(1));
		const leaving = 'error.transport.relationships.activeIdentityDeletionProcessOfOwnerOfRelationshipTemplate';
		expect(codeOf(await ask(carla))).toBe(leaving);
		expect(codeOf(await carla.engine.relationships.checkOwner(template.id))).toBe(leaving);
		town.time.ahead += 2 * DAY;
		const deleted = 'error.transport.relationships.deletedOwnerOfRelationshipTemplate';
		expect(codeOf(await ask(dora))).toBe(deleted);
		expect(dora.engine.relationships.list()).toEqual([]);
	});

	test('K154 what was asked before can be accepted although the other leaves', async () => {
		const asked = await town.person();
		const template = must(
			await anna.engine.templates.create({ content: arbitrary('x'), expiresAt: town.inDays(1) })
		);
		must(await asked.engine.templates.load(template.reference.url));
		const creationContent = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
		const { id } = must(await asked.engine.relationships.create({ templateId: template.id, creationContent }));
		must(await asked.engine.deletion.initiate());
		await town.settle(anna);
		expect(must(await anna.engine.relationships.act(id, 'accept')).status).toBe('Active');
		await town.settle(asked);
		expect(at(asked, id)?.status).toBe('Pending');
		must(await asked.engine.deletion.cancel());
		await town.settle(asked);
		expect(at(asked, id)?.status).toBe('Active');
	});

	test.each([false, true])(
		'K155 what was asked before can be rejected, on both sides (the other leaves: %s)',
		async (leaves) => {
			const asked = await town.person();
			const template = must(
				await anna.engine.templates.create({ content: arbitrary('x'), expiresAt: town.inDays(1) })
			);
			must(await asked.engine.templates.load(template.reference.url));
			const creationContent = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
			const { id } = must(await asked.engine.relationships.create({ templateId: template.id, creationContent }));
			if (leaves) must(await asked.engine.deletion.initiate());
			await town.settle(anna);
			expect(must(await anna.engine.relationships.act(id, 'reject')).status).toBe('Rejected');
			if (leaves) must(await asked.engine.deletion.cancel());
			await town.settle(asked);
			expect(at(asked, id)?.status).toBe('Rejected');
			expect(at(asked, id)?.auditLog).toEqual(at(anna, id)?.auditLog);
		}
	);

	test('K246 K184 after the date the peer is gone, and the relationship with it', async () => {
		const { gracePeriodEndsAt } = must(await anna.engine.deletion.initiate(1));
		await town.settle(bert);
		town.time.ahead += 2 * DAY;
		await town.settle(bert);
		const row = at(bert)!;
		expect(row.status).toBe('DeletionProposed');
		expect(row.peerDeletionInfo?.deletionStatus).toBe('Deleted');
		expect(Date.parse(row.peerDeletionInfo!.deletionDate)).toBeLessThanOrEqual(town.now());
		expect(Date.parse(row.peerDeletionInfo!.deletionDate)).toBeGreaterThanOrEqual(Date.parse(gracePeriodEndsAt));
		expect(row.auditLog.at(-1)).toMatchObject({
			reason: 'DecompositionDueToIdentityDeletion',
			createdBy: anna.address,
			oldStatus: 'Active',
			newStatus: 'DeletionProposed'
		});
		expect(bert.told('transport.peerDeleted')).toEqual([toDto(row)]);
		expect(bert.told('transport.relationshipChanged').at(-1)).toEqual(toDto(row));
		expect(codeOf(await mail(bert, anna, 'too late'))).toBe('error.runtime.messages.hasNoActiveRelationship');
	});

	test('K185 the relationship with somebody who is gone can be removed', async () => {
		must(await anna.engine.deletion.initiate(1));
		await town.settle(bert);
		town.time.ahead += 2 * DAY;
		await town.settle(bert);
		must(await bert.engine.relationships.act(rel, 'decompose'));
		expect(bert.engine.relationships.list()).toEqual([]);
		expect(bert.told('transport.relationshipDecomposedBySelf')).toEqual([{ relationshipId: rel }]);
	});

	test('whoever cancels in time is not gone', async () => {
		must(await anna.engine.deletion.initiate(1));
		await town.settle(bert);
		must(await anna.engine.deletion.cancel());
		town.time.ahead += 2 * DAY;
		await town.settle(bert);
		expect(at(bert)).toMatchObject({ status: 'Active' });
		expect(at(bert)?.peerDeletionInfo).toBeUndefined();
	});

	test('two devices of the peer agree', async () => {
		const phone = await bert.second();
		must(await anna.engine.deletion.initiate(1));
		await town.settle(bert, phone);
		expect(at(phone)).toEqual(at(bert));
		town.time.ahead += 2 * DAY;
		await town.settle(phone, bert);
		expect(at(phone)?.status).toBe('DeletionProposed');
		expect(at(bert)).toEqual(at(phone));
		expect(at(await phone.again())).toEqual(at(bert));
	});

	test('K207 to somebody who leaves only notifications are sent', async () => {
		must(await anna.engine.deletion.initiate());
		await town.settle(bert);
		expect(codeOf(await mail(bert, anna, 'x'))).toBe('error.runtime.messages.peerIsInDeletion');
	});

	test('everybody is told, however many they are', async () => {
		const many = await Promise.all(Array.from({ length: 8 }, () => town.person()));
		const ids: string[] = [];
		for (const each of many) ids.push((await town.meet(anna, each)).id);
		must(await anna.engine.deletion.initiate());
		for (const [i, each] of many.entries()) {
			await town.settle(each);
			expect(at(each, ids[i])?.peerDeletionInfo?.deletionStatus).toBe('ToBeDeleted');
		}
		expect(anna.core.top().list('chores')).toEqual([]);
	});

	test('who could not be told at once is told later', async () => {
		const started = must(await anna.engine.deletion.initiate());
		must(await anna.engine.deletion.cancel());
		await town.settle(bert);
		expect(bert.told('transport.peerToBeDeleted')).toHaveLength(1);
		// The process dies between the record and the letters.
		await anna.core.intend({
			kind: 'plain',
			shown: [
				anna.core.rec('deletion.started', {
					id: 'IDP00000000000000001',
					endsAt: Date.parse(started.gracePeriodEndsAt),
					at: town.now()
				})
			]
		});
		const again = await anna.again();
		await town.settle(again, bert);
		expect(bert.told('transport.peerToBeDeleted')).toHaveLength(2);
	});
});
