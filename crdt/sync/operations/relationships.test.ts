/** Relationships between engines over the relay: their life and what is refused (backbone-behaviours.md §§12, 13); what they
 * take along stands in relationship-effects.test.ts. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry, JsonObject, RelationshipRow } from '../../views.ts';
import { arbitrary, codeOf, createTown, must, type Person, type Town } from '../testing/town.ts';

const TRANSPORT = 'error.transport.relationships';
const CHANGED = 'transport.relationshipChanged';
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
const steps: readonly Step[] = [
	'accept',
	'reject',
	'revoke',
	'terminate',
	'reactivate',
	'acceptReactivation',
	'rejectReactivation',
	'revokeReactivation',
	'decompose'
];
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
const tries = async (person: Person, id: string, step: Step) =>
	codeOf(await person.engine.relationships.act(id, step))?.replace(`${TRANSPORT}.`, '');
const log = (row: RelationshipRow | undefined) =>
	row?.auditLog.map(({ reason, oldStatus, newStatus, createdBy }: AuditEntry) => [
		createdBy === anna.address ? 'anna' : 'bert',
		reason,
		oldStatus ?? '-',
		newStatus
	]);
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

describe('its life', () => {
	test('K151 K166 asked for it is Pending on both sides, with everything that was said', async () => {
		const content = custom({ nested: [1, { a: null }], text: 'ä' });
		const id = await ask(anna, bert, content);
		const [here, there] = [at(bert, id)!, at(anna, id)!];
		for (const [row, peer] of [
			[here, anna],
			[there, bert]
		] as const)
			expect(row).toMatchObject({
				id,
				status: 'Pending',
				peer: peer.address,
				peerIdentity: peer.engine.account.identityInfo(),
				creationContent: content,
				templateId: anna.engine.templates.list()[0]!.id,
				auditLog: [
					{
						reason: 'Creation',
						newStatus: 'Pending',
						createdBy: bert.address,
						createdByDevice: bert.core.self.deviceText,
						createdAt: expect.stringMatching(/^\d{4}-.*Z$/)
					}
				]
			});
		expect(id).toMatch(/^REL[A-Za-z0-9]{17}$/);
		expect([bert.told(CHANGED).length, anna.told(CHANGED).length]).toEqual([1, 1]);
	});

	test('K139 it stays when the template it came of is deleted', async () => {
		const id = await ask(anna, bert);
		const { templateId } = at(anna, id)!;
		must(await anna.engine.templates.delete(templateId!));
		expect(anna.engine.templates.get(templateId!)).toBeUndefined();
		expect(await act(anna, id, 'accept')).toBe('Active');
		await town.settle(bert);
		must(await bert.engine.templates.delete(templateId!));
		for (const person of [anna, bert]) expect(at(person, id)).toMatchObject({ status: 'Active', templateId });
	});

	test('K152 K153 several with different peers, each found by its peer', async () => {
		const carla = await town.person();
		const [first, second] = [(await town.meet(anna, bert)).id, (await town.meet(anna, carla)).id];
		const withPeer = (address: string) =>
			[...anna.engine.relationships.rows({ where: [{ key: 'peer', anyOf: [address] }] })].map(({ id }) => id);
		expect([withPeer(bert.address), withPeer(carla.address)]).toEqual([[first], [second]]);
		expect(withPeer(anna.address)).toEqual([]);
		expect(anna.engine.relationships.list()).toHaveLength(2);
	});

	test.each([false, true])('K156 revoked by who asked, on both sides (the other leaves: %s)', async (leaves) => {
		const id = await ask(anna, bert);
		if (leaves) must(await anna.engine.deletion.initiate());
		expect(await act(bert, id, 'revoke')).toBe('Revoked');
		await town.settle(bert, anna);
		if (leaves) {
			must(await anna.engine.deletion.cancel());
			await town.settle(anna);
		}
		expect(at(anna, id)?.status).toBe('Revoked');
		expect(log(at(anna, id))?.at(-1)).toEqual(['bert', 'RevocationOfCreation', 'Pending', 'Revoked']);
	});

	test('K157 revoked before the other heard of it: there it was asked for and is over, and nothing is wrong', async () => {
		const template = must(
			await anna.engine.templates.create({ content: arbitrary('x'), expiresAt: town.inDays(1) })
		);
		must(await bert.engine.templates.load(template.reference.url));
		const { id } = must(
			await bert.engine.relationships.create({ templateId: template.id, creationContent: custom({}) })
		);
		expect(await act(bert, id, 'revoke')).toBe('Revoked');
		must(await anna.engine.account.sync());
		expect(at(anna, id)?.status).toBe('Revoked');
		expect(anna.engine.attention()).toEqual([]);
		expect(await tries(anna, id, 'accept')).toBe('wrongRelationshipStatus');
	});

	test('K158 K159 K160 K161 K164 K165 every step is there on both sides, with one entry and one event each', async () => {
		const id = await ask(anna, bert);
		const story: [Person, Step, string, string | undefined][] = [
			[anna, 'accept', 'Active', undefined],
			[bert, 'terminate', 'Terminated', undefined],
			[anna, 'reactivate', 'Terminated', 'relationshipReactivationRequested'],
			[bert, 'rejectReactivation', 'Terminated', 'relationshipReactivationCompleted'],
			[anna, 'reactivate', 'Terminated', 'relationshipReactivationRequested'],
			[anna, 'revokeReactivation', 'Terminated', 'relationshipReactivationCompleted'],
			[bert, 'reactivate', 'Terminated', 'relationshipReactivationRequested'],
			[anna, 'acceptReactivation', 'Active', 'relationshipReactivationCompleted']
		];
		for (const [who, step, status, name] of story) {
			const other = who === anna ? bert : anna;
			for (const { events } of [anna, bert]) events.length = 0;
			expect(await act(who, id, step)).toBe(status);
			await town.settle(other);
			expect([step, at(other, id)?.status]).toEqual([step, status]);
			for (const person of [who, other]) {
				expect([step, person.told(CHANGED).length]).toEqual([step, 1]);
				if (name) expect([step, person.told(`transport.${name}`).length]).toEqual([step, 1]);
			}
		}
		expect(at(bert, id)?.auditLog).toEqual(at(anna, id)?.auditLog);
		expect(log(at(anna, id))).toEqual([
			['bert', 'Creation', '-', 'Pending'],
			['anna', 'AcceptanceOfCreation', 'Pending', 'Active'],
			['bert', 'Termination', 'Active', 'Terminated'],
			['anna', 'ReactivationRequested', 'Terminated', 'Terminated'],
			['bert', 'RejectionOfReactivation', 'Terminated', 'Terminated'],
			['anna', 'ReactivationRequested', 'Terminated', 'Terminated'],
			['anna', 'RevocationOfReactivation', 'Terminated', 'Terminated'],
			['bert', 'ReactivationRequested', 'Terminated', 'Terminated'],
			['anna', 'AcceptanceOfReactivation', 'Terminated', 'Active']
		]);
	});

	test('K162 K173 decomposed by one it is proposed there, by both it is gone; each does it once', async () => {
		const { id } = await town.meet(anna, bert);
		await act(anna, id, 'terminate');
		await act(anna, id, 'decompose');
		await town.settle(bert);
		expect([at(anna, id), at(bert, id)?.status]).toEqual([undefined, 'DeletionProposed']);
		expect(await tries(anna, id, 'decompose')).toBe('error.runtime.recordNotFound');
		await act(bert, id, 'decompose');
		await town.settle(anna);
		expect(await tries(bert, id, 'decompose')).toBe('error.runtime.recordNotFound');
		for (const { engine } of [anna, bert]) expect(engine.relationships.list()).toEqual([]);
	});

	test('K163 terminated and decomposed before the other synchronises: both steps are told there, the last as it is', async () => {
		const { id } = await town.meet(anna, bert);
		bert.events.length = 0;
		await act(anna, id, 'terminate');
		await act(anna, id, 'decompose');
		await town.settle(bert);
		const told = bert.told(CHANGED) as { id: string; status: string }[];
		expect(told.map(({ id: of, status }) => [of, status])).toEqual([
			[id, 'Terminated'],
			[id, 'DeletionProposed']
		]);
	});
});

describe('what is refused', () => {
	test('K167 whatever is done to one that is unknown: not found', async () => {
		for (const step of steps)
			expect(await tries(anna, 'REL00000000000000001', step)).toBe('error.runtime.recordNotFound');
		expect(at(anna, 'REL00000000000000001')).toBeUndefined();
	});

	test('K168 Pending: who asked may only revoke, who is asked may only accept or reject', async () => {
		const id = await ask(anna, bert);
		for (const step of ['accept', 'reject'] as const)
			expect(await tries(bert, id, step)).toBe('operationOnlyAllowedForPeer');
		expect(await tries(anna, id, 'revoke')).toBe('operationOnlyAllowedForPeer');
		for (const step of steps.slice(3))
			for (const person of [anna, bert]) expect(await tries(person, id, step)).toBe('wrongRelationshipStatus');
		expect([at(anna, id)?.status, at(bert, id)?.status]).toEqual(['Pending', 'Pending']);
	});

	test('K169 K170 Active: terminate and nothing else; Terminated: not again, and no answer to what nobody asked', async () => {
		const { id } = await town.meet(anna, bert);
		for (const step of steps)
			if (step !== 'terminate')
				expect([step, await tries(anna, id, step)]).toEqual([step, 'wrongRelationshipStatus']);
		await act(anna, id, 'terminate');
		await town.settle(bert);
		for (const person of [anna, bert]) {
			for (const step of ['accept', 'reject', 'revoke', 'terminate'] as const)
				expect(await tries(person, id, step)).toBe('wrongRelationshipStatus');
			for (const step of ['acceptReactivation', 'rejectReactivation', 'revokeReactivation'] as const)
				expect(await tries(person, id, step)).toBe('reactivationNotRequested');
		}
	});

	test('K171 an open request to take it up again: the wrong side, and a second one', async () => {
		const { id } = await town.meet(anna, bert);
		await act(anna, id, 'terminate');
		await act(anna, id, 'reactivate');
		await town.settle(bert);
		for (const step of ['acceptReactivation', 'rejectReactivation'] as const)
			expect(await tries(anna, id, step)).toBe('operationOnlyAllowedForPeer');
		expect(await tries(bert, id, 'revokeReactivation')).toBe('operationOnlyAllowedForPeer');
		for (const person of [anna, bert])
			expect(await tries(person, id, 'reactivate')).toBe('reactivationAlreadyRequested');
		expect(log(at(bert, id))).toEqual(log(at(anna, id)));
	});

	test('K172 somebody outside knows nothing of it and can do nothing to it', async () => {
		const { id } = await town.meet(anna, bert);
		const carla = await town.person();
		for (const step of steps) expect(await tries(carla, id, step)).toBe('error.runtime.recordNotFound');
		expect(at(anna, id)?.status).toBe('Active');
	});

	test('K174 K178 a new one only when the former is over on both sides', async () => {
		const content = arbitrary('come in');
		const template = must(await anna.engine.templates.create({ content, expiresAt: town.inDays(1) }));
		must(await bert.engine.templates.load(template.reference.url));
		const input = { templateId: template.id, creationContent: custom({}) };
		const again = async () => codeOf(await bert.engine.relationships.create(input));
		expect(codeOf(await anna.engine.relationships.create(input))).toBe(
			'error.platform.validation.relationship.cannotCreateRelationshipWithYourself'
		);
		const revoked = must(await bert.engine.relationships.create(input)).id;
		expect(await again()).toBe(`${TRANSPORT}.relationshipCurrentlyExists`);
		await act(bert, revoked, 'revoke');
		const rejected = must(await bert.engine.relationships.create(input)).id;
		await town.settle(anna);
		await act(anna, rejected, 'reject');
		await town.settle(bert);
		const { id } = must(await bert.engine.relationships.create(input));
		await town.settle(anna);
		await act(anna, id, 'accept');
		await town.settle(bert);
		expect(await again()).toBe(`${TRANSPORT}.relationshipCurrentlyExists`);
		await act(bert, id, 'terminate');
		expect(await again()).toBe(`${TRANSPORT}.relationshipCurrentlyExists`);
		await act(bert, id, 'decompose');
		must(await bert.engine.templates.load(template.reference.url));
		expect(await again()).toBe(`${TRANSPORT}.relationshipNotYetDecomposedByPeer`);
		await town.settle(anna);
		await act(anna, id, 'decompose');
		await town.settle(bert);
		expect(must(await bert.engine.relationships.create(input)).status).toBe('Pending');
		await town.settle(anna);
		expect(
			anna.engine.relationships
				.list()
				.map(({ status }) => status)
				.sort()
		).toEqual(['Pending', 'Rejected', 'Revoked']);
	});

	test('K174 not while the other has let go of the former and one has not', async () => {
		const template = must(
			await anna.engine.templates.create({ content: arbitrary('x'), expiresAt: town.inDays(1) })
		);
		must(await bert.engine.templates.load(template.reference.url));
		const { id } = await town.meet(anna, bert);
		for (const step of ['terminate', 'decompose'] as const) await act(anna, id, step);
		await town.settle(bert);
		expect(at(bert, id)?.status).toBe('DeletionProposed');
		const input = { templateId: template.id, creationContent: custom({}) };
		expect(codeOf(await bert.engine.relationships.create(input))).toBe(`${TRANSPORT}.relationshipCurrentlyExists`);
	});

	test('K175 whether one may be asked for: none, one, two that were rejected, and one that is there', async () => {
		const template = must(
			await anna.engine.templates.create({ content: arbitrary('x'), expiresAt: town.inDays(1) })
		);
		must(await bert.engine.templates.load(template.reference.url));
		const input = { templateId: template.id, creationContent: custom({}) };
		const may = () => codeOf(bert.engine.relationships.canCreate(input)) ?? 'yes';
		const exists = `${TRANSPORT}.relationshipCurrentlyExists`;
		expect(may()).toBe('yes');
		for (const last of ['reject', 'reject', 'accept'] as const) {
			const { id } = must(await bert.engine.relationships.create(input));
			expect(may()).toBe(exists);
			await town.settle(anna);
			await act(anna, id, last);
			await town.settle(bert);
			expect([last, may()]).toEqual([last, last === 'reject' ? 'yes' : exists]);
		}
	});

	test('K179 Terminated: no message, no request, no challenge', async () => {
		const { id } = await town.meet(anna, bert);
		await act(bert, id, 'terminate');
		await town.settle(anna);
		for (const [from, to] of [
			[anna, bert],
			[bert, anna]
		] as const) {
			expect(codeOf(await mail(from, [to], 'x'))).toBe('error.runtime.messages.hasNoActiveRelationship');
			const consent = { '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'Yes.' };
			const content = { '@type': 'Request', items: [consent] };
			expect(codeOf(await from.engine.requests.create({ content, peer: to.address }))).toBe(
				'error.consumption.requests.wrongRelationshipStatus'
			);
			expect(from.engine.requests.outgoing()).toEqual([]);
			expect(codeOf(await from.engine.challenges.create({ type: 'Relationship', relationshipId: id }))).toBe(
				'error.transport.challenges.challengeTypeRequiresActiveRelationship'
			);
		}
	});
});
