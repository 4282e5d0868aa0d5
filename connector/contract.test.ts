/** Two Connectors, known by their REST APIs only: what integrators of both sides rely on, as stories. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { EngineEvent } from '../crdt/index.ts';
import { toDto } from './dto.ts';
import { correlationId } from './log.ts';
import { PREFIX } from './routes/table.ts';
import { asJson } from './testing/parts.ts';
import {
	addressOf,
	arrived,
	connect,
	consent,
	createTemplate,
	identityAttribute,
	must,
	read,
	sync,
	until,
	type Party,
	type Shape
} from './testing/party.ts';
import { createWorld } from './testing/world.ts';

const inProcess = async () => {
	const world = createWorld();
	return { city: await world.connector('city'), person: await world.connector('person') };
};

describe('from a template to an answered request', () => {
	let city: Party;
	let person: Party;
	let templateId = '';
	let requestId = '';
	let relationshipId = '';
	let givenName = '';
	beforeAll(async () => ({ city, person } = await inProcess()));

	test('the template is there for both, and its request waits for a decision', async () => {
		const template = await createTemplate(city, [
			read('GivenName'),
			{
				'@type': 'RequestItemGroup',
				title: 'Contact',
				items: [read('EMailAddress', false), read('PhoneNumber', false)]
			},
			consent('May we write to you?'),
			{
				'@type': 'CreateAttributeRequestItem',
				mustBeAccepted: true,
				attribute: identityAttribute('DisplayName', 'Citizen 7')
			}
		]);
		templateId = template.id;
		expect(template).toMatchObject({ isOwn: true, expiresAt: '2030-01-01T00:00:00.000Z' });
		expect(await must(city.call('GET', `/RelationshipTemplates/${templateId}`))).toEqual(template);
		const loaded = await must(
			person.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.truncated }),
			201
		);
		expect(loaded).toMatchObject({
			id: templateId,
			isOwn: false,
			createdBy: await addressOf(city),
			content: template['content']
		});
		const [request, ...others] = await must<Shape[]>(person.call('GET', '/Requests/Incoming'));
		expect(others).toEqual([]);
		expect(request).toMatchObject({
			isOwn: false,
			status: 'ManualDecisionRequired',
			source: { type: 'RelationshipTemplate', reference: templateId },
			peer: await addressOf(city)
		});
		requestId = request!.id;
		expect(await must<Shape[]>(person.call('GET', '/Requests/Incoming?status=Open'))).toEqual([]);
	});

	test('loading it again answers the same, and makes no second request', async () => {
		const { reference } = await must<Shape & { reference: { url: string } }>(
			city.call('GET', `/RelationshipTemplates/${templateId}`)
		);
		expect(
			await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: reference.url }), 201)
		).toMatchObject({ id: templateId });
		expect(await must<Shape[]>(person.call('GET', '/Requests/Incoming'))).toHaveLength(1);
		expect(
			await must(city.call('POST', '/RelationshipTemplates/Peer', { reference: reference.url }), 201)
		).toMatchObject({ id: templateId, isOwn: true });
	});

	const decision = () => ({
		items: [
			{ accept: true, existingAttributeId: givenName },
			{
				items: [
					{ accept: false },
					{ accept: true, newAttribute: identityAttribute('PhoneNumber', '+49 123 456', '') }
				]
			},
			{ accept: true },
			{ accept: true }
		]
	});

	test('a decision is checked without effect, with a reason for each item', async () => {
		const created = await must(
			person.call('POST', '/Attributes', {
				content: { value: { '@type': 'GivenName', value: 'Ada' }, tags: ['x:mine'] }
			}),
			201
		);
		givenName = created.id;
		const path = `/Requests/Incoming/${requestId}/CanAccept`;
		expect(await must(person.call('PUT', path, decision()))).toMatchObject({
			isSuccess: true,
			items: [{ isSuccess: true }, { isSuccess: true, items: [{}, {}] }, {}, {}]
		});
		const rejecting = await must(
			person.call('PUT', path, {
				items: [
					{ accept: false },
					{ items: [{ accept: false }, { accept: false }] },
					{ accept: true },
					{ accept: true }
				]
			})
		);
		expect(rejecting).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.validation.inheritedFromItem',
			items: [
				{
					isSuccess: false,
					code: 'error.consumption.requests.decide.validation.mustBeAcceptedItemNotAccepted'
				},
				{},
				{},
				{}
			]
		});
		expect(await must(person.call('PUT', path, { items: [] }))).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.decide.validation.invalidNumberOfItems'
		});
		const refused = await person.call('PUT', `/Requests/Incoming/${requestId}/Accept`, { items: [] });
		expect([refused.status, refused.error?.code]).toEqual([400, 'error.runtime.unknown']);
		expect(await must(person.call('GET', `/Requests/Incoming/${requestId}`))).toMatchObject({
			status: 'ManualDecisionRequired'
		});
	});

	test('accepting answers Decided; the relationship follows by itself', async () => {
		const decided = await must<Shape & { response: object }>(
			person.call('PUT', `/Requests/Incoming/${requestId}/Accept`, decision())
		);
		expect(decided).toMatchObject({ status: 'Decided', response: { content: { result: 'Accepted' } } });
		expect(decided.response).not.toHaveProperty('source');
		const completed = await until(
			() => must<Shape>(person.call('GET', `/Requests/Incoming/${requestId}`)),
			({ status }) => status === 'Completed',
			'Completed'
		);
		const [relationship] = await must<Shape[]>(person.call('GET', '/Relationships'));
		relationshipId = relationship!.id;
		expect(completed).toMatchObject({ response: { source: { type: 'Relationship', reference: relationshipId } } });
		expect(relationship).toMatchObject({
			status: 'Pending',
			templateId,
			peer: await addressOf(city),
			auditLog: [{ reason: 'Creation', newStatus: 'Pending' }]
		});
		const again = await person.call('PUT', `/Requests/Incoming/${requestId}/Accept`, decision());
		expect([again.status, again.error?.code]).toEqual([400, 'error.runtime.unknown']);
	});

	test('what the peer did is there after a sync and not before', async () => {
		expect(await must<Shape[]>(city.call('GET', '/Relationships'))).toEqual([]);
		await sync(city);
		expect(await must<Shape[]>(city.call('GET', '/Relationships?status=Pending'))).toMatchObject([
			{ id: relationshipId, peer: await addressOf(person) }
		]);
		expect(await must<Shape[]>(city.call('GET', '/Requests/Outgoing'))).toMatchObject([
			{
				id: requestId,
				isOwn: true,
				status: 'Completed',
				source: { type: 'RelationshipTemplate', reference: templateId },
				response: {
					content: { result: 'Accepted' },
					source: { type: 'Relationship', reference: relationshipId }
				}
			}
		]);
		expect(await must(city.call('GET', '/Account/SyncInfo'))).toMatchObject({
			lastSyncRun: { completedAt: expect.any(String) }
		});
	});

	test('accepting makes it Active for both, and the shared attributes are there', async () => {
		expect(await must(city.call('PUT', `/Relationships/${relationshipId}/Accept`))).toMatchObject({
			status: 'Active',
			auditLog: [{}, { reason: 'AcceptanceOfCreation', oldStatus: 'Pending', newStatus: 'Active' }]
		});
		await sync(person);
		expect(await must(person.call('GET', `/Relationships/${relationshipId}`))).toMatchObject({ status: 'Active' });
		const shared = await must<Shape[]>(city.call('GET', `/Attributes/Peer/${await addressOf(person)}`));
		expect(
			shared.map((row) => [
				row['@type'],
				row.id === givenName,
				(row['content'] as { value: { value: string } }).value.value
			])
		).toEqual(
			expect.arrayContaining([
				['PeerIdentityAttribute', true, 'Ada'],
				['PeerIdentityAttribute', false, '+49 123 456'],
				['PeerIdentityAttribute', false, 'Citizen 7']
			])
		);
		expect(
			await must<Shape[]>(person.call('GET', '/Attributes/Own/Identity?content.value.@type=GivenName'))
		).toMatchObject([{ id: givenName, numberOfForwards: 1 }]);
		expect(await must<Shape[]>(city.call('GET', `/Relationships/${relationshipId}/Attributes`))).toHaveLength(3);
	});
});

describe('messages and requests between contacts', () => {
	let city: Party;
	let person: Party;
	let cityAddress = '';
	let personAddress = '';
	beforeAll(async () => {
		({ city, person } = await inProcess());
		[cityAddress, personAddress] = [await addressOf(city), await addressOf(person)];
		await connect(city, person, [consent('ok')], [{ accept: true }]);
	});
	const mail = (to: string, subject: string) => ({
		'@type': 'Mail',
		to: [to],
		subject: subject,
		body: 'Hello',
		bodyFormat: 'PlainText'
	});

	test('a mail is there for both, as both know it', async () => {
		const sent = await must(
			city.call('POST', '/Messages', { recipients: [personAddress], content: mail(personAddress, 'First') }),
			201
		);
		expect(sent).toMatchObject({
			isOwn: true,
			content: { cc: [], subject: 'First' },
			recipients: [{ address: personAddress }],
			attachments: []
		});
		const [received] = await arrived(person, '/Messages?content.subject=First');
		expect(received).toMatchObject({ id: sent.id, isOwn: false, createdBy: cityAddress, content: sent['content'] });
		expect(await must(person.call('GET', `/Messages/${sent.id}`))).toEqual(received);
		expect(
			await must<Shape[]>(person.call('GET', `/Messages?participant=${cityAddress}&isOwn=!true`))
		).toHaveLength(1);
		expect(await must<Shape[]>(person.call('GET', '/Messages?isOwn=true'))).toHaveLength(0);
	});

	test.each<[string, (address: string) => object, number, string]>([
		[
			'to a stranger',
			() => ({
				recipients: ['did:e:localhost:dids:00000000000000000000ff'],
				content: mail('did:e:localhost:dids:00000000000000000000ff', 'x')
			}),
			400,
			'error.runtime.messages.hasNoActiveRelationship'
		],
		[
			'a mail to others than its recipients',
			(to) => ({ recipients: [to], content: mail('did:e:localhost:dids:00000000000000000000ff', 'x') }),
			400,
			'error.runtime.validation.invalidPropertyValue'
		],
		[
			'an unknown type',
			(to) => ({ recipients: [to], content: { '@type': 'Nothing' } }),
			400,
			'error.runtime.unknownType'
		],
		[
			'a mail without to',
			(to) => ({ recipients: [to], content: { '@type': 'Mail', subject: 's', body: 'b' } }),
			400,
			'error.runtime.requestDeserialization'
		],
		[
			'an attachment nobody knows',
			(to) => ({ recipients: [to], content: mail(to, 'x'), attachments: ['FIL00000000000000001'] }),
			404,
			'error.runtime.recordNotFound'
		],
		[
			'a request nobody made',
			(to) => ({
				recipients: [to],
				content: { '@type': 'Request', id: 'REQ00000000000000001', items: [consent('x')] }
			}),
			404,
			'error.runtime.recordNotFound'
		]
	])('a message is refused: %s', async (_, message, status, code) => {
		const before = await must<Shape[]>(city.call('GET', '/Messages'));
		const { status: got, error } = await city.call('POST', '/Messages', message(personAddress));
		expect([got, error?.code]).toEqual([status, code]);
		expect(await must<Shape[]>(city.call('GET', '/Messages'))).toEqual(before);
	});

	test('a request travels in a message and its answer comes back in one', async () => {
		const draft = await must<Shape & { content: object }>(
			city.call('POST', '/Requests/Outgoing', {
				peer: personAddress,
				content: { items: [read('Surname'), consent('yes?', false)] }
			}),
			201
		);
		expect(draft).toMatchObject({ isOwn: true, status: 'Draft', content: { id: draft.id } });
		const sent = await must(
			city.call('POST', '/Messages', { recipients: [personAddress], content: draft.content }),
			201
		);
		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({
			status: 'Open',
			source: { type: 'Message', reference: sent.id }
		});
		const twice = await city.call('POST', '/Messages', { recipients: [personAddress], content: draft.content });
		expect([twice.status, twice.error?.code]).toEqual([
			400,
			'error.runtime.messages.cannotSendRequestThatWasAlreadySent'
		]);

		expect(await arrived(person, `/Requests/Incoming?id=${draft.id}`)).toMatchObject([
			{ status: 'ManualDecisionRequired', source: { type: 'Message', reference: sent.id } }
		]);
		const answer = {
			items: [
				{ accept: true, newAttribute: identityAttribute('Surname', 'Lovelace') },
				{ accept: false, code: 'mine', message: 'no' }
			]
		};
		expect(await must(person.call('PUT', `/Requests/Incoming/${draft.id}/Accept`, answer))).toMatchObject({
			status: 'Decided'
		});
		const completed = await until(
			() =>
				must<Shape & { response: { source: { reference: string } } }>(
					person.call('GET', `/Requests/Incoming/${draft.id}`)
				),
			({ status }) => status === 'Completed',
			'Completed'
		);

		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({ status: 'Open' });
		await sync(city);
		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({
			status: 'Completed',
			response: {
				source: { type: 'Message', reference: completed.response.source.reference },
				content: {
					result: 'Accepted',
					items: [
						{ '@type': 'ReadAttributeAcceptResponseItem' },
						{ result: 'Rejected', code: 'mine', message: 'no' }
					]
				}
			}
		});
		const surname = await must<Shape[]>(
			city.call('GET', `/Attributes/Peer/${personAddress}?content.value.@type=Surname`)
		);
		expect(surname).toMatchObject([{ sourceReference: draft.id, content: { value: { value: 'Lovelace' } } }]);
		expect(await must<Shape[]>(city.call('GET', '/Messages?content.@type=ResponseWrapper'))).toHaveLength(1);
	});

	test('a rejected request comes back rejected', async () => {
		const draft = await must<Shape & { content: object }>(
			city.call('POST', '/Requests/Outgoing', { peer: personAddress, content: { items: [consent('again?')] } }),
			201
		);
		await must(city.call('POST', '/Messages', { recipients: [personAddress], content: draft.content }), 201);
		await arrived(person, `/Requests/Incoming?id=${draft.id}`);
		expect(
			await must(person.call('PUT', `/Requests/Incoming/${draft.id}/CanReject`, { items: [{ accept: false }] }))
		).toMatchObject({ isSuccess: true });
		expect(
			await must(person.call('PUT', `/Requests/Incoming/${draft.id}/Reject`, { items: [{ accept: false }] }))
		).toMatchObject({ status: 'Decided' });
		await until(
			() => must(person.call('GET', `/Requests/Incoming/${draft.id}`)),
			({ status }) => status === 'Completed',
			'Completed'
		);
		await sync(city);
		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({
			status: 'Completed',
			response: { content: { result: 'Rejected' } }
		});
	});

	test('a request is judged without being made', async () => {
		const validate = (body: object) => must(city.call('POST', '/Requests/Outgoing/Validate', body), 201);
		expect(await validate({ content: { items: [consent('x')] }, peer: personAddress })).toMatchObject({
			isSuccess: true,
			items: [{ isSuccess: true }]
		});
		expect(await validate({ content: { items: [consent('x')] } })).toMatchObject({ isSuccess: true });
		expect(await validate({ content: { items: [consent('x')] }, peer: cityAddress })).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.cannotShareRequestWithYourself'
		});
		expect(
			await validate({
				content: { items: [consent('x')], expiresAt: '2020-01-01T00:00:00.000Z' },
				peer: personAddress
			})
		).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.cannotCreateRequestWithExpirationDateInPast'
		});
		const stranger = 'did:e:localhost:dids:00000000000000000000ff';
		expect(await validate({ content: { items: [consent('x')] }, peer: stranger })).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.missingRelationship'
		});
		for (const [content, status, code] of [
			[{ items: [] }, 400, 'error.runtime.requestDeserialization'],
			[{ items: [{ '@type': 'Nothing' }] }, 400, 'error.runtime.requestDeserialization'],
			[
				{
					items: [
						{
							'@type': 'TransferFileOwnershipRequestItem',
							mustBeAccepted: true,
							fileReference: 'r',
							ownershipToken: 't'
						}
					]
				},
				400,
				'error.consumption.requests.validation.inheritedFromItem'
			]
		] as const) {
			const refused = await city.call('POST', '/Requests/Outgoing', { content, peer: personAddress });
			expect([refused.status, refused.error?.code]).toEqual([status, code]);
		}
	});
});

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

describe('the states of a relationship', () => {
	let city: Party;
	let person: Party;
	let id = '';
	beforeAll(async () => {
		({ city, person } = await inProcess());
		({ relationshipId: id } = await connect(city, person, [consent('ok')], [{ accept: true }]));
	});
	const act = (party: Party, step: string) =>
		party.call(step === '' ? 'DELETE' : 'PUT', `/Relationships/${id}${step}`);
	const refusal = async (party: Party, step: string) => {
		const { status, error } = await act(party, step);
		return [status, error?.code.replace('error.transport.relationships.', '')];
	};

	test('Active can be terminated and nothing else', async () => {
		for (const step of ['/Accept', '/Reject', '/Revoke', '/Reactivate', ''])
			expect(await refusal(city, step)).toEqual([400, 'wrongRelationshipStatus']);
		for (const step of ['/Reactivate/Accept', '/Reactivate/Reject', '/Reactivate/Revoke'])
			expect((await refusal(city, step))[0]).toBe(400);
		expect(await must(act(person, '/Terminate'))).toMatchObject({ status: 'Terminated' });
		expect(await refusal(person, '/Terminate')).toEqual([400, 'wrongRelationshipStatus']);
	});

	test('Terminated can be taken up again, by the other side’s acceptance only', async () => {
		await sync(city);
		expect(await refusal(city, '/Reactivate/Accept')).toEqual([400, 'reactivationNotRequested']);
		expect(await must(act(city, '/Reactivate'))).toMatchObject({
			status: 'Terminated',
			auditLog: expect.arrayContaining([expect.objectContaining({ reason: 'ReactivationRequested' })])
		});
		expect(await refusal(city, '/Reactivate')).toEqual([400, 'reactivationAlreadyRequested']);
		expect(await refusal(city, '/Reactivate/Accept')).toEqual([400, 'operationOnlyAllowedForPeer']);
		await sync(person);
		expect(await refusal(person, '/Reactivate/Revoke')).toEqual([400, 'operationOnlyAllowedForPeer']);
		expect(await must(act(person, '/Reactivate/Reject'))).toMatchObject({ status: 'Terminated' });
		expect(await must(act(person, '/Reactivate'))).toMatchObject({ status: 'Terminated' });
		expect(await must(act(person, '/Reactivate/Revoke'))).toMatchObject({ status: 'Terminated' });
		expect(await must(act(person, '/Reactivate'))).toMatchObject({ status: 'Terminated' });
		await sync(city);
		expect(await must(act(city, '/Reactivate/Accept'))).toMatchObject({ status: 'Active' });
		await sync(person);
		expect(await must(person.call('GET', `/Relationships/${id}`))).toMatchObject({ status: 'Active' });
	});

	test('decomposing removes it here and proposes it there', async () => {
		await must(act(city, '/Terminate'));
		await sync(person);
		expect((await act(person, '')).status).toBe(204);
		expect((await person.call('GET', `/Relationships/${id}`)).status).toBe(404);
		expect(await must<Shape[]>(person.call('GET', '/Requests/Incoming'))).toEqual([]);
		await sync(city);
		expect(await must(city.call('GET', `/Relationships/${id}`))).toMatchObject({ status: 'DeletionProposed' });
		expect((await act(city, '')).status).toBe(204);
		expect(await must<Shape[]>(city.call('GET', '/Relationships'))).toEqual([]);
		expect(await refusal(city, '/Accept')).toEqual([404, 'error.runtime.recordNotFound']);
	});

	test.each([
		['Reject', 'Rejected'],
		['Revoke', 'Revoked']
	])('a request for a relationship can end by %s', async (step, status) => {
		const { city: a, person: b } = await inProcess();
		const template = await must<Shape & { reference: { url: string } }>(
			a.call('POST', '/RelationshipTemplates/Own', {
				expiresAt: '2030-01-01T00:00:00Z',
				content: { '@type': 'ArbitraryRelationshipTemplateContent', value: { a: 1 } }
			}),
			201
		);
		await must(b.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
		const creation = {
			templateId: template.id,
			creationContent: { '@type': 'ArbitraryRelationshipCreationContent', value: 7 }
		};
		expect(await must(b.call('PUT', '/Relationships/CanCreate', { templateId: template.id }))).toEqual({
			isSuccess: true
		});
		const created = await must(b.call('POST', '/Relationships', creation), 201);
		expect(created).toMatchObject({ status: 'Pending', creationContent: creation.creationContent });
		expect(await must(b.call('PUT', '/Relationships/CanCreate', creation))).toMatchObject({
			isSuccess: false,
			code: 'error.transport.relationships.relationshipCurrentlyExists'
		});
		const own = await b.call('PUT', `/Relationships/${created.id}/Accept`);
		expect([own.status, own.error?.code]).toEqual([
			400,
			'error.transport.relationships.operationOnlyAllowedForPeer'
		]);
		await sync(a);
		const [actor, other] = step === 'Reject' ? [a, b] : [b, a];
		expect(await must(actor.call('PUT', `/Relationships/${created.id}/${step}`))).toMatchObject({ status });
		await sync(other);
		expect(await must(other.call('GET', `/Relationships/${created.id}`))).toMatchObject({ status });
	});
});

describe('templates and tokens', () => {
	let city: Party;
	let person: Party;
	beforeAll(async () => ({ city, person } = await inProcess()));
	const LATER = '2030-01-01T00:00:00.000Z';

	test('a token carries any object; an ephemeral one is kept nowhere', async () => {
		const token = await must<Shape & { reference: { truncated: string } }>(
			city.call('POST', '/Tokens/Own', { content: { anything: [1, { x: true }] }, expiresAt: LATER }),
			201
		);
		expect(token).toMatchObject({ isOwn: true, isEphemeral: false, content: { anything: [1, { x: true }] } });
		expect(await must(city.call('GET', `/Tokens/${token.id}`))).toEqual(token);
		const fleeting = await must<Shape>(
			person.call('POST', '/Tokens/Peer', { reference: token.reference.truncated, ephemeral: true }),
			201
		);
		expect(fleeting).toMatchObject({ id: token.id, isOwn: false, isEphemeral: true });
		expect((await person.call('GET', `/Tokens/${token.id}`)).status).toBe(404);
		await must(person.call('POST', '/Tokens/Peer', { reference: token.reference.truncated }), 201);
		expect(await must<Shape[]>(person.call('GET', '/Tokens/Peer'))).toMatchObject([{ id: token.id }]);
		expect(await must<Shape[]>(person.call('GET', '/Tokens/Own'))).toEqual([]);
		expect((await city.call('DELETE', `/Tokens/${token.id}`)).status).toBe(204);
		expect((await city.call('GET', `/Tokens/${token.id}`)).status).toBe(404);
	});

	test('a template can be loaded by a token for it, in both forms, once its uses allow', async () => {
		const template = await createTemplate(city, [consent('ok')], { maxNumberOfAllocations: 1 });
		const token = await must<Shape & { reference: { url: string }; isEphemeral: boolean }>(
			city.call('POST', `/RelationshipTemplates/Own/${template.id}/Token`, {}),
			201
		);
		expect(token.isEphemeral).toBe(true);
		expect((await city.call('GET', `/Tokens/${token.id}`)).status).toBe(404);
		expect(
			await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: token.reference.url }), 201)
		).toMatchObject({ id: template.id, maxNumberOfAllocations: 1 });
		const { person: third } = await inProcess();
		const foreign = await third.call('POST', '/RelationshipTemplates/Peer', {
			reference: template.reference.truncated
		});
		expect(foreign.status).toBe(404);
		expect((await city.call('DELETE', `/RelationshipTemplates/${template.id}`)).status).toBe(204);
		expect((await city.call('GET', `/RelationshipTemplates/${template.id}`)).status).toBe(404);
	});

	test('a used-up template says so, a token without template too', async () => {
		const world = createWorld();
		const [a, b, c] = [await world.connector('a'), await world.connector('b'), await world.connector('c')];
		const template = await createTemplate(a, [consent('ok')], { maxNumberOfAllocations: 1 });
		await must(b.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
		const late = await c.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url });
		expect([late.status, late.error?.code]).toEqual([
			500,
			'error.platform.validation.relationshipTemplate.maxNumberOfAllocationsExhausted'
		]);
		const token = await must<Shape & { reference: { url: string } }>(
			a.call('POST', '/Tokens/Own', { content: { a: 1 }, expiresAt: LATER }),
			201
		);
		const wrong = await b.call('POST', '/RelationshipTemplates/Peer', { reference: token.reference.url });
		expect([wrong.status, wrong.error?.code]).toEqual([400, 'error.runtime.invalidTokenContent']);
	});

	test('what is meant for somebody else is not for others', async () => {
		const world = createWorld();
		const [a, b, c] = [await world.connector('a'), await world.connector('b'), await world.connector('c')];
		const token = await must<Shape & { reference: { url: string } }>(
			a.call('POST', '/Tokens/Own', { content: {}, expiresAt: LATER, forIdentity: await addressOf(b) }),
			201
		);
		const refused = await c.call('POST', '/Tokens/Peer', { reference: token.reference.url });
		expect([refused.status, refused.error?.code]).toEqual([400, 'error.transport.general.notIntendedForYou']);
		expect(await must(b.call('POST', '/Tokens/Peer', { reference: token.reference.url }), 201)).toMatchObject({
			forIdentity: await addressOf(b)
		});
	});

	test.each<[string, object, string]>([
		['another content class', { '@type': 'Mail', to: ['x'], subject: '', body: '' }, 'error.runtime.'],
		['an unknown content type', { '@type': 'Nothing' }, 'error.runtime.unknownType'],
		[
			'a request without items',
			{ '@type': 'RelationshipTemplateContent', onNewRelationship: { '@type': 'Request', items: [] } },
			'error.runtime.requestDeserialization'
		],
		[
			'a request that outlives the template',
			{
				'@type': 'RelationshipTemplateContent',
				onNewRelationship: { '@type': 'Request', items: [consent('x')], expiresAt: '2031-01-01T00:00:00.000Z' }
			},
			'error.runtime.relationshipTemplates.requestCannotExpireAfterRelationshipTemplate'
		]
	])('a template with %s is refused', async (_, content, code) => {
		const { status, error } = await city.call('POST', '/RelationshipTemplates/Own', { content, expiresAt: LATER });
		expect([status, error?.code]).toEqual([400, expect.stringContaining(code)]);
	});
});

describe('own attributes', () => {
	let city: Party;
	beforeAll(async () => ({ city } = await inProcess()));
	const value = (type: string, text: string) => ({ value: { '@type': type, value: text } });

	test('are created once, succeeded, listed and deleted', async () => {
		const first = await must(city.call('POST', '/Attributes', { content: value('GivenName', 'Ada') }), 201);
		expect(first).toMatchObject({
			'@type': 'OwnIdentityAttribute',
			numberOfForwards: 0,
			content: { owner: await addressOf(city) }
		});
		const twin = await city.call('POST', '/Attributes', { content: value('GivenName', 'Ada') });
		expect([twin.status, twin.error?.code]).toEqual([
			400,
			'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute'
		]);
		expect(
			await must(city.call('PUT', '/Attributes/CanCreate', { content: value('GivenName', 'Ada') }))
		).toMatchObject({
			isSuccess: false,
			code: 'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute'
		});
		expect(await must(city.call('PUT', '/Attributes/CanCreate', { content: value('GivenName', 'Eve') }))).toEqual({
			isSuccess: true
		});
		const succeeded = await must<{ predecessor: Shape; successor: Shape }>(
			city.call('POST', `/Attributes/${first.id}/Succeed`, { successorContent: value('GivenName', 'Eve') }),
			201
		);
		expect(succeeded).toMatchObject({
			predecessor: { id: first.id, succeededBy: succeeded.successor.id },
			successor: { succeeds: first.id }
		});
		expect(Object.keys(succeeded)).toEqual(['predecessor', 'successor']);
		expect(await must<Shape[]>(city.call('GET', '/Attributes/Own/Identity'))).toMatchObject([
			{ id: succeeded.successor.id }
		]);
		expect(await must<Shape[]>(city.call('GET', '/Attributes/Own/Identity?onlyLatestVersions=false'))).toHaveLength(
			2
		);
		expect(await must<Shape[]>(city.call('GET', '/Attributes?succeeds='))).toMatchObject([
			{ id: succeeded.successor.id }
		]);
		expect(await must(city.call('DELETE', `/Attributes/${succeeded.successor.id}`))).toEqual({
			notificationIds: []
		});
		expect(await must<Shape[]>(city.call('GET', '/Attributes'))).toEqual([]);
	});

	test.each<[string, object, number, string]>([
		['an unknown type', { value: { '@type': 'Nothing' } }, 400, 'error.runtime.validation.invalidPropertyValue'],
		['a missing value', { value: { '@type': 'GivenName' } }, 400, 'error.runtime.validation.invalidPropertyValue'],
		[
			'too much',
			{ value: { '@type': 'GivenName', value: 'x', more: 1 } },
			400,
			'error.runtime.validation.invalidPropertyValue'
		],
		[
			'a value outside its list',
			{ value: { '@type': 'Sex', value: 'robot' } },
			400,
			'error.runtime.validation.invalidPropertyValue'
		],
		[
			'a tag nobody knows',
			{ ...value('GivenName', 'Tag'), tags: ['unknown'] },
			400,
			'error.consumption.attributes.invalidTags'
		],
		[
			'characters nobody may use',
			value('GivenName', 'A\u0007'),
			400,
			'error.consumption.attributes.forbiddenCharactersInAttribute'
		]
	])('are refused: %s', async (_, content, status, code) => {
		const { status: got, error } = await city.call('POST', '/Attributes', { content });
		expect([got, error?.code]).toEqual([status, code]);
		expect(await must<Shape[]>(city.call('GET', '/Attributes'))).toEqual([]);
	});

	test('a succession needs a predecessor', async () => {
		const { status, error } = await city.call('POST', '/Attributes/ATT00000000000000009/Succeed', {
			successorContent: value('GivenName', 'x')
		});
		expect([status, error?.code, error?.message]).toEqual([
			404,
			'error.runtime.recordNotFound',
			"Predecessor attribute 'ATT00000000000000009' not found."
		]);
	});
});

describe('while the relay cannot be reached', () => {
	test('local work goes on and leaves later; everything that needs it says so and leaves nothing behind', async () => {
		const world = createWorld();
		const [city, person] = [await world.connector('city'), await world.connector('person')];
		const { relationshipId } = await connect(city, person, [consent('ok')], [{ accept: true }]);
		const to = await addressOf(person);
		const template = await createTemplate(person, [consent('x')]);
		world.cut(true);

		const content = { '@type': 'Mail', to: [to], subject: 'Later', body: 'b', bodyFormat: 'PlainText' };
		await must(city.call('POST', '/Messages', { recipients: [to], content }), 201);
		await must(
			city.call('POST', '/Attributes', { content: { value: { '@type': 'GivenName', value: 'Offline' } } }),
			201
		);
		await must(city.call('POST', '/Requests/Outgoing', { peer: to, content: { items: [consent('x')] } }), 201);
		const before = {
			relationships: await must(city.call('GET', '/Relationships')),
			templates: await must(city.call('GET', '/RelationshipTemplates'))
		};
		for (const [method, path, body] of [
			['POST', '/Account/Sync', undefined],
			[
				'POST',
				'/RelationshipTemplates/Own',
				{
					expiresAt: '2030-01-01T00:00:00Z',
					content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }
				}
			],
			['POST', '/Tokens/Own', { expiresAt: '2030-01-01T00:00:00Z', content: {} }],
			['POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }],
			['PUT', `/Relationships/${relationshipId}/Terminate`, {}]
		] as const) {
			const { status, error } = await city.call(method, path, body);
			expect([path, status, error?.code]).toEqual([path, 500, 'error.transport.request.unknown']);
		}
		expect({
			relationships: await must(city.call('GET', '/Relationships')),
			templates: await must(city.call('GET', '/RelationshipTemplates'))
		}).toEqual(before);
		const health = await city.app.request('/health');
		expect([health.status, await health.json()]).toMatchObject([
			500,
			{ services: { backboneConnection: 'unhealthy' } }
		]);

		world.cut(false);
		await sync(city);
		await sync(person);
		expect(await must<Shape[]>(person.call('GET', '/Messages?content.subject=Later'))).toHaveLength(1);
		expect((await city.app.request('/health')).status).toBe(200);
	});
});
