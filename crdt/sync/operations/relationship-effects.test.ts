/** What the end of a relationship takes along, here and at the peer (backbone-behaviours.md §14). */
import { pseudonymBeside } from '../../codec/address.ts';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../views.ts';
import { arbitrary, createTown, DAY, must, type Person, type Town } from '../testing/town.ts';

let town: Town;
let anna: Person;
let bert: Person;
const towns: Town[] = [];
beforeEach(async () => {
	town = createTown();
	towns.push(town);
	[anna, bert] = [await town.person(), await town.person()];
});
afterAll(async () => {
	for (const each of towns) await each.close();
});

type Step = Parameters<Person['engine']['relationships']['act']>[1];
const custom = (value: JsonObject): JsonObject => ({ '@type': 'ArbitraryRelationshipCreationContent', value });

/** `guest` asks `host`; both know it. */
async function ask(host: Person, guest: Person, content = custom({ said: 'hello' })): Promise<string> {
	const expiresAt = town.inDays(60);
	const template = must(await host.engine.templates.create({ content: arbitrary('come in'), expiresAt }));
	must(await guest.engine.templates.load(template.reference.url));
	const asked = must(await guest.engine.relationships.create({ templateId: template.id, creationContent: content }));
	await town.settle(host);
	return asked.id;
}
const at = (person: Person, id: string) => person.engine.relationships.get(id);
const act = async (person: Person, id: string, step: Step) =>
	must(await person.engine.relationships.act(id, step)).status;
const mail = (from: Person, to: readonly Person[], subject: string) =>
	from.engine.messages.send({
		recipients: to.map(({ address }) => address),
		content: {
			'@type': 'Mail',
			to: to.map(({ address }) => address),
			cc: [],
			subject,
			body: 'b',
			bodyFormat: 'PlainText'
		}
	});
const subjects = (person: Person) => person.engine.messages.list().map(({ content }) => content['subject']);

describe('what it takes along', () => {
	test('K142 K180 decomposed: the peer’s templates and tokens go, one’s own for others stay', async () => {
		const carla = await town.person();
		const { id } = await town.meet(bert, anna);
		await town.meet(carla, anna);
		const expiresAt = town.inDays(1);
		for (const person of [bert, carla, anna]) {
			const token = must(await person.engine.tokens.create({ content: { of: person.address }, expiresAt }));
			if (person !== anna) must(await anna.engine.tokens.load(token.reference.url));
		}
		must(await anna.engine.templates.create({ content: arbitrary('mine'), expiresAt }));
		await act(anna, id, 'terminate');
		await act(anna, id, 'decompose');
		await town.settle(bert);
		const left = [anna.engine.templates.list(), anna.engine.tokens.list()];
		for (const rows of left)
			expect(rows.map(({ createdBy }) => createdBy).sort()).toEqual([anna.address, carla.address].sort());
		await act(bert, id, 'decompose');
		expect(bert.engine.templates.list().map(({ isOwn }) => isOwn)).toEqual([true]);
		expect(bert.engine.tokens.list().map(({ isOwn }) => isOwn)).toEqual([true]);
	});

	test('K142 one’s own template for one use goes with its relationship, one for several does not', async () => {
		const once = async (maxNumberOfAllocations: number, guest: Person) => {
			const template = must(
				await anna.engine.templates.create({
					content: arbitrary('x'),
					expiresAt: town.inDays(1),
					maxNumberOfAllocations
				})
			);
			must(await guest.engine.templates.load(template.reference.url));
			const { id } = must(
				await guest.engine.relationships.create({ templateId: template.id, creationContent: custom({}) })
			);
			await town.settle(anna);
			for (const step of ['accept', 'terminate', 'decompose'] as const) await act(anna, id, step);
			return template.id;
		};
		const [, kept] = [await once(1, bert), await once(2, await town.person())];
		expect(anna.engine.templates.list().map(({ id }) => id)).toEqual([kept]);
	});

	test('K181 K200 messages between the two go with one’s own decomposition; the other and third ones keep theirs', async () => {
		const carla = await town.person();
		const { id } = await town.meet(anna, bert);
		const { id: other } = await town.meet(anna, carla);
		must(await mail(anna, [bert], 'to bert'));
		must(await mail(anna, [bert, carla], 'to both'));
		must(await mail(anna, [carla], 'to carla'));
		await town.settle(anna, bert, carla);
		must(await mail(bert, [anna], 'from bert'));
		await town.settle(bert, anna);
		await act(anna, id, 'terminate');
		await act(anna, id, 'decompose');
		await town.settle(bert, carla);
		expect(subjects(anna)).toEqual(['to both', 'to carla']);
		const [both] = anna.engine.messages.list();
		expect(both!.recipients.map(({ address }) => address)).toEqual([pseudonymBeside(anna.address), carla.address]);
		expect(subjects(bert).sort()).toEqual(['from bert', 'to bert', 'to both']);
		expect(subjects(carla)).toEqual(['to both', 'to carla']);
		await act(bert, id, 'decompose');
		expect(subjects(bert)).not.toContain('to bert');
		expect(subjects(bert)).not.toContain('from bert');
		expect(subjects(carla)).toEqual(['to both', 'to carla']);
		await act(anna, other, 'terminate');
		await act(anna, other, 'decompose');
		expect(subjects(anna)).toEqual([]);
	});

	test('K182 nobody’s address takes the peer’s place on the other own device too', async () => {
		const carla = await town.person();
		const { id } = await town.meet(anna, bert);
		await town.meet(anna, carla);
		const phone = await anna.second();
		must(await mail(anna, [bert, carla], 'to both'));
		await town.settle(anna, bert, carla, phone);
		const sentTo = (person: Person) =>
			person.engine.messages.list().map(({ recipients }) => recipients.map(({ address }) => address));
		expect(sentTo(phone)).toEqual([[bert.address, carla.address]]);
		await act(anna, id, 'terminate');
		await act(anna, id, 'decompose');
		await town.settle(phone);
		for (const device of [anna, phone])
			expect(sentTo(device)).toEqual([[pseudonymBeside(anna.address), carla.address]]);
	});

	test('K182 K183 the other own device loses the same: messages, requests, attributes; what the peer holds is marked', async () => {
		const { id } = await town.meet(anna, bert);
		const phone = await anna.second();
		const content = {
			'@type': 'Request',
			items: [
				{
					'@type': 'CreateAttributeRequestItem',
					mustBeAccepted: true,
					attribute: {
						'@type': 'IdentityAttribute',
						owner: anna.address,
						value: { '@type': 'GivenName', value: 'Anna' }
					}
				}
			]
		};
		const asked = must(await bert.engine.requests.create({ content, peer: anna.address }));
		must(await bert.engine.messages.send({ recipients: [anna.address], content: asked.content }));
		await town.settle(bert, anna);
		must(await anna.engine.requests.accept(asked.id, { items: [{ accept: true }] as never }));
		await town.settle(anna, bert, phone);
		expect(bert.engine.requests.get(asked.id, 'outgoing')?.status).toBe('Completed');
		const [held] = bert.core.top().list('attributes');
		expect(held).toMatchObject({ content: { value: { value: 'Anna' } } });
		expect(held).not.toHaveProperty('deletionInfo');
		await act(anna, id, 'terminate');
		await act(anna, id, 'decompose');
		await town.settle(phone, bert);
		for (const device of [anna, phone]) {
			expect(device.engine.messages.list()).toEqual([]);
			expect(device.engine.requests.incoming()).toEqual([]);
			expect(device.core.top().list('forwardings')).toEqual([]);
		}
		expect(phone.core.top().list('attributes')).toEqual(anna.core.top().list('attributes'));
		expect(bert.core.top().get('attributes', held!.id)).toMatchObject({
			deletionInfo: { deletionStatus: 'DeletedByEmitter' }
		});
	});

	test('K185 an identity that was erased: DeletionProposed from any status, nothing where one was rid of it before', async () => {
		const [pending, ended, rid] = [await town.person(), await town.person(), await town.person()];
		const ids = [
			await ask(anna, pending),
			(await town.meet(anna, ended)).id,
			(await town.meet(anna, rid)).id
		] as const;
		await act(ended, ids[1], 'terminate');
		await act(rid, ids[2], 'terminate');
		await act(rid, ids[2], 'decompose');
		must(await anna.engine.deletion.initiate(1));
		await town.settle(pending, ended, rid);
		town.time.ahead += 2 * DAY;
		await town.settle(pending, ended, rid);
		for (const [person, id, before] of [
			[pending, ids[0], 'Pending'],
			[ended, ids[1], 'Terminated']
		] as const)
			expect(at(person, id)).toMatchObject({
				status: 'DeletionProposed',
				auditLog: expect.arrayContaining([
					expect.objectContaining({
						reason: 'DecompositionDueToIdentityDeletion',
						oldStatus: before,
						newStatus: 'DeletionProposed'
					})
				])
			});
		expect(rid.engine.relationships.list()).toEqual([]);
		expect(rid.told('transport.peerDeleted')).toEqual([]);
	});

	test('K186 what still waits for a relationship goes when it is decomposed', async () => {
		const { id } = await town.meet(anna, bert);
		await act(anna, id, 'terminate');
		must(await mail(bert, [anna], 'too late'));
		await town.settle(bert, anna);
		expect(subjects(anna)).toEqual([]);
		expect(anna.core.top().list('held')).toHaveLength(1);
		await act(anna, id, 'decompose');
		expect(anna.core.top().list('held')).toEqual([]);
		await town.settle(anna);
		expect([subjects(anna), anna.engine.attention()]).toEqual([[], []]);
	});
});
