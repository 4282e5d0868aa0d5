/** A Connector while its relay cannot be reached. */
import { describe, expect, test } from 'vitest';
import { addressOf, connect, consent, createTemplate, must, sync, type Shape } from '../testing/party.ts';
import { createWorld } from '../testing/world.ts';

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
