/** What a template must be, whose it is, and what templates are asked for by, over REST (content-behaviours E6 (7)). */
import { beforeAll, expect, test } from 'vitest';
import { addressOf, consent, createTemplate, must, read, type Shape } from './testing/party.ts';
import { createWorld, type TestConnector } from './testing/world.ts';

/** When templates end unless said otherwise. */
const LATER = '2030-01-01T00:00:00.000Z';

let city: TestConnector;
let person: TestConnector;
let personAddress: string;
const listed = async (party: TestConnector, path: string) =>
	(await must<Shape[]>(party.call('GET', `/RelationshipTemplates${path}`))).map(({ id }) => id);
const create = (body: object) => city.call('POST', '/RelationshipTemplates/Own', body);
const asking = (item: unknown, more: object = {}) => ({
	'@type': 'RelationshipTemplateContent',
	onNewRelationship: { '@type': 'Request', items: [item], ...more }
});

beforeAll(async () => {
	const world = createWorld();
	[city, person] = [await world.connector('city'), await world.connector('person')];
	personAddress = await addressOf(person);
});

test.each<[string, object, string]>([
	['no expiry', { content: asking(consent('x')) }, 'error.runtime.validation.invalidPropertyValue'],
	['no content', { expiresAt: LATER }, 'error.runtime.validation.invalidPropertyValue'],
	[
		'the content of a message',
		{ expiresAt: LATER, content: { '@type': 'ArbitraryMessageContent', value: 1 } },
		'error.runtime.validation.invalidPropertyValue'
	],
	['content of an unknown type', { expiresAt: LATER, content: { '@type': 'Poem' } }, 'error.runtime.unknownType'],
	[
		'an item of an unknown type',
		{ expiresAt: LATER, content: asking({ '@type': 'SingRequestItem', mustBeAccepted: true }) },
		'error.runtime.requestDeserialization'
	],
	[
		'a value of an unknown type',
		{ expiresAt: LATER, content: asking(read('NoSuchValue')) },
		'error.runtime.requestDeserialization'
	],
	[
		'an item that lacks something',
		{ expiresAt: LATER, content: asking({ ...consent('x'), consent: undefined }) },
		'error.runtime.requestDeserialization'
	],
	[
		'a request that outlives it',
		{ expiresAt: LATER, content: asking(consent('x'), { expiresAt: '2199-01-01T00:00:00.000Z' }) },
		'error.runtime.relationshipTemplates.requestCannotExpireAfterRelationshipTemplate'
	]
])('E6.7 a template with %s is refused, and there is none', async (_name, body, code) => {
	const { status, error } = await create(body);
	expect([status, error?.code]).toEqual([400, code]);
	expect(await listed(city, '')).toEqual([]);
});

test('E6.7 a request without an end of its own ends with its template', async () => {
	const { id, reference } = await createTemplate(city, [consent('x')]);
	await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: reference.url }), 201);
	const [request] = await must<Shape[]>(person.call('GET', `/Requests/Incoming?source.reference=${id}`));
	expect(request?.['content']).toMatchObject({ expiresAt: LATER });
	await must(city.call('DELETE', `/RelationshipTemplates/${id}`), 204);
	await must(person.call('DELETE', `/RelationshipTemplates/${id}`), 204);
});

test('E6.7 found by whose they are, for whom, how often, until when and behind what; one for a person is for nobody else', async () => {
	const plain = await createTemplate(city, [consent('x')]);
	const personal = await createTemplate(city, [consent('x')], { forIdentity: personAddress });
	const once = await createTemplate(city, [consent('x')], { maxNumberOfAllocations: 1 });
	const short = await createTemplate(city, [consent('x')], { expiresAt: '2029-01-01T00:00:00.000Z' });
	const secret = await createTemplate(city, [consent('x')], {
		passwordProtection: { password: 'p', passwordLocationIndicator: 'Letter' }
	});
	const all = [plain, personal, once, short, secret].map(({ id }) => id);
	await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: personal.reference.url }), 201);
	for (const [query, expected] of [
		['', all],
		['/Own', all],
		['/Peer', []],
		['?isOwn=false', []],
		[`?createdBy=${await addressOf(city)}`, all],
		[`?forIdentity=${personAddress}`, [personal.id]],
		['?maxNumberOfAllocations=1', [once.id]],
		['?expiresAt=%3C2029-06-01', [short.id]],
		['?passwordProtection=', [secret.id]],
		['?passwordProtection.passwordLocationIndicator=Letter', [secret.id]]
	] as const)
		expect([query, await listed(city, query)]).toEqual([query, expected]);
	for (const query of ['', '/Peer', '?isOwn=false']) expect(await listed(person, query)).toEqual([personal.id]);
	const other = await createTemplate(city, [consent('x')], { forIdentity: await addressOf(city) });
	const refused = await person.call('POST', '/RelationshipTemplates/Peer', { reference: other.reference.url });
	expect([refused.status, refused.error?.code]).toEqual([400, 'error.transport.general.notIntendedForYou']);
});
