/** The states of a relationship, as both sides can step through them over REST. */
import { beforeAll, describe, expect, test } from 'vitest';
import { connect, consent, must, sync, type Party, type Shape } from '../testing/party.ts';
import { twoConnectors } from '../testing/world.ts';

describe('the states of a relationship', () => {
	let city: Party;
	let person: Party;
	let id = '';
	beforeAll(async () => {
		({ city, person } = await twoConnectors());
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
		const { city: a, person: b } = await twoConnectors();
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
