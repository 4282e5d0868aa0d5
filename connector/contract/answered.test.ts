/** From a template to an answered request: two Connectors, known by their REST APIs only. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
	addressOf,
	consent,
	createTemplate,
	identityAttribute,
	must,
	read,
	sync,
	until,
	type Party,
	type Shape
} from '../testing/party.ts';
import { twoConnectors } from '../testing/world.ts';

describe('from a template to an answered request', () => {
	let city: Party;
	let person: Party;
	let templateId = '';
	let requestId = '';
	let relationshipId = '';
	let givenName = '';
	beforeAll(async () => ({ city, person } = await twoConnectors()));

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
