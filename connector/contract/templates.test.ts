/** Templates and tokens over REST: made, loaded, and what is refused. */
import { beforeAll, describe, expect, test } from 'vitest';
import { addressOf, consent, createTemplate, must, type Party, type Shape } from '../testing/party.ts';
import { createWorld, twoConnectors } from '../testing/world.ts';

describe('templates and tokens', () => {
	let city: Party;
	let person: Party;
	beforeAll(async () => ({ city, person } = await twoConnectors()));
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
		const { person: third } = await twoConnectors();
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
