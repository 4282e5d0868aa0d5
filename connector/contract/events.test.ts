/** What is told of what happens, and under which correlation id. */
import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../crdt/index.ts';
import { toDto } from '../dto.ts';
import { correlationId } from '../log.ts';
import { PREFIX } from '../routes/table.ts';
import { asJson } from '../testing/parts.ts';
import { addressOf, arrived, connect, consent, identityAttribute, must, read, sync } from '../testing/party.ts';
import { createWorld } from '../testing/world.ts';

describe('events', () => {
	const named = (events: readonly EngineEvent[]) =>
		events.map(({ name }) => name.replace(/^(transport|consumption)\./, '')).sort();

	test('tell every change once, and what they tell is what REST shows', async () => {
		const world = createWorld();
		const [city, person] = [await world.connector('city'), await world.connector('person')];
		const answer = [{ accept: true, newAttribute: identityAttribute('GivenName', 'Ada') }];
		const { relationshipId, requestId, templateId } = await connect(city, person, [read('GivenName')], answer);
		expect(named(city.events)).toEqual([
			'attributeCreated',
			'outgoingRequestCreatedAndCompleted',
			'outgoingRequestFromRelationshipCreationCreatedAndCompleted',
			'relationshipChanged',
			'relationshipChanged'
		]);
		expect(named(person.events)).toEqual([
			'attributeCreated',
			'attributeForwardingDetailsChanged',
			'incomingRequestReceived',
			'incomingRequestStatusChanged',
			'incomingRequestStatusChanged',
			'incomingRequestStatusChanged',
			'incomingRequestStatusChanged',
			'peerRelationshipTemplateLoaded',
			'relationshipChanged',
			'relationshipChanged',
			'relationshipTemplateProcessed'
		]);
		const last = (party: typeof city, name: string) =>
			toDto(party.events.findLast((event) => event.name === name)?.data);
		expect(last(city, 'transport.relationshipChanged')).toEqual(
			await must(city.call('GET', `/Relationships/${relationshipId}`))
		);
		expect(last(person, 'consumption.incomingRequestStatusChanged')).toEqual({
			request: await must(person.call('GET', `/Requests/Incoming/${requestId}`)),
			oldStatus: 'Decided',
			newStatus: 'Completed'
		});
		expect(last(city, 'consumption.outgoingRequestCreatedAndCompleted')).toEqual(
			await must(city.call('GET', `/Requests/Outgoing/${requestId}`))
		);
		expect(last(person, 'consumption.relationshipTemplateProcessed')).toEqual({
			template: await must(person.call('GET', `/RelationshipTemplates/${templateId}`)),
			result: 'ManualRequestDecisionRequired',
			requestId
		});

		for (const { events } of [city, person]) events.length = 0;
		const to = await addressOf(person);
		const content = { '@type': 'Mail', to: [to], subject: 's', body: 'b', bodyFormat: 'PlainText' };
		const sent = await must(city.call('POST', '/Messages', { recipients: [to], content }), 201);
		expect(last(city, 'transport.messageSent')).toEqual(sent);
		await arrived(person, '/Messages');
		expect(last(person, 'transport.messageReceived')).toEqual(
			await must(person.call('GET', `/Messages/${sent.id}`))
		);
		await sync(city);
		await sync(person);
		expect([named(city.events), named(person.events)]).toEqual([
			['messageSent'],
			['messageProcessed', 'messageReceived']
		]);
	});
});

describe('the correlation id of a call', () => {
	test('is known where its events are told, at once and after what follows by itself', async () => {
		const world = createWorld();
		const [city, person] = [await world.connector('city'), await world.connector('person')];
		await connect(city, person, [consent('ok')], [{ accept: true }]);
		const heard: (string | undefined)[] = [];
		for (const { engine } of [city, person]) engine.onEvent(({ name }) => heard.push(`${name} ${correlationId()}`));
		const to = await addressOf(person);
		const content = { '@type': 'Mail', to: [to], subject: 's', body: 'b', bodyFormat: 'PlainText' };
		const call = (party: typeof city, id: string, path: string, body: object) =>
			party.app.request(PREFIX + path, { method: 'POST', ...asJson(body, { 'x-correlation-id': id }) });
		expect((await call(city, 'call-1', '/Messages', { recipients: [to], content })).status).toBe(201);
		await city.call('POST', '/Account/Sync');
		expect((await call(person, 'call-2', '/Account/Sync', {})).status).toBe(204);
		expect(heard).toEqual([
			'transport.messageSent call-1',
			'transport.messageReceived call-2',
			'consumption.messageProcessed call-2'
		]);
	});
});
