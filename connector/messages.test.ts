/** What messages are asked for by, over REST (connector-api.md §2.8; backbone-behaviours.md §15). */
import { beforeAll, expect, test } from 'vitest';
import { addressOf, arrived, connect, consent, must, sync, type Shape } from './testing/party.ts';
import { createWorld, type TestConnector } from './testing/world.ts';

let city: TestConnector;
let person: TestConnector;
let cityAddress: string;
let personAddress: string;
let relationshipId: string;
const mail = (to: string, subject: string, body: string) => ({
	recipients: [to],
	content: { '@type': 'Mail', to: [to], subject, body, bodyFormat: 'PlainText' }
});
const listed = async (party: TestConnector, query: string) =>
	(await must<Shape[]>(party.call('GET', `/Messages?${query}`))).map(({ content }) => {
		const { subject, value } = content as { subject?: string; value?: string };
		return subject ?? value;
	});

beforeAll(async () => {
	const world = createWorld();
	[city, person] = [await world.connector('city'), await world.connector('person')];
	({ relationshipId } = await connect(city, person, [consent('ok')], [{ accept: true }]));
	[cityAddress, personAddress] = [await addressOf(city), await addressOf(person)];
	await must(city.call('POST', '/Messages', mail(personAddress, 'First', 'about rain')), 201);
	const other = { recipients: [personAddress], content: { '@type': 'ArbitraryMessageContent', value: 'Second' } };
	await must(city.call('POST', '/Messages', other), 201);
	await arrived(person, '/Messages?content.subject=First');
	await must(person.call('POST', '/Messages', mail(cityAddress, 'Answer', 'about sun')), 201);
	await sync(person);
	await arrived(city, '/Messages?content.subject=Answer');
});

test('K190 K209 by participant, by who made it, by recipient and relationship', async () => {
	for (const party of [city, person]) {
		const other = party === city ? personAddress : cityAddress;
		expect(await listed(party, `participant=${other}`)).toEqual(['First', 'Second', 'Answer']);
		expect(await listed(party, `createdBy=${cityAddress}`)).toEqual(['First', 'Second']);
		expect(await listed(party, `recipients.address=${cityAddress}`)).toEqual(['Answer']);
		expect(await listed(party, `recipients.relationshipId=${relationshipId}`)).toEqual([
			'First',
			'Second',
			'Answer'
		]);
		expect(await listed(party, 'recipients.relationshipId=REL00000000000000001')).toEqual([]);
		expect(await listed(party, 'participant=did:e:localhost:dids:00000000000000000000ff')).toEqual([]);
	}
});

test('K209 own and others’, by content, without attachments', async () => {
	expect(await listed(person, 'isOwn=true')).toEqual(['Answer']);
	expect(await listed(person, 'isOwn=false')).toEqual(['First', 'Second']);
	expect(await listed(person, 'content.@type=ArbitraryMessageContent')).toEqual(['Second']);
	expect(await listed(person, 'content.@type=Mail&content.body=~rain')).toEqual(['First']);
	expect(await listed(person, 'content.subject=!First&content.@type=Mail')).toEqual(['Answer']);
	expect(await listed(person, 'attachments=%2B')).toEqual([]);
});

test('K209 by whether and when it was read', async () => {
	const [first] = await must<Shape[]>(person.call('GET', '/Messages?content.subject=First'));
	expect(await listed(person, 'wasReadAt=')).toEqual([]);
	const read = await person.engine.messages.markRead(first!.id);
	expect(read.ok).toBe(true);
	expect(await listed(person, 'wasReadAt=')).toEqual(['First']);
	expect(await listed(person, 'wasReadAt=!')).toEqual(['Second', 'Answer']);
	expect(await listed(person, 'wasReadAt=%3E2020-01-01')).toEqual(['First']);
	expect(await must(person.call('GET', `/Messages/${first!.id}`))).toHaveProperty('wasReadAt');
	await sync(person);
	await sync(city);
	expect(await listed(city, 'wasReadAt=')).toEqual([]);
});

test.each<[string, object]>([
	['nobody', { recipients: [], content: {} }],
	['somebody twice', { recipients: ['me', 'me'], content: {} }],
	['a file twice', { recipients: ['me'], content: {}, attachments: ['FIL00000000000000001', 'FIL00000000000000001'] }]
])('K204 refused before anything else is looked at: %s', async (_, message) => {
	const body = JSON.parse(JSON.stringify(message).replaceAll('"me"', JSON.stringify(personAddress))) as object;
	const { status, error } = await city.call('POST', '/Messages', body);
	expect([status, error?.code]).toEqual([400, 'error.runtime.validation.invalidPropertyValue']);
	expect(error?.message).toMatch(/must NOT have (fewer|duplicate)/);
});
