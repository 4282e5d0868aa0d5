/** What the request module says of messages that ask nothing (content-behaviours E5), seen where events are told. */
import { beforeEach, expect, test } from 'vitest';
import { addressOf, arrived, connect, consent, must, type Shape } from '../testing/party.ts';
import { createWorld, type TestConnector } from '../testing/world.ts';

let city: TestConnector;
let person: TestConnector;
beforeEach(async () => {
	const world = createWorld();
	[city, person] = await Promise.all([world.connector('city'), world.connector('person')]);
	await connect(city, person, [consent('ok')], [{ accept: true }]);
	return async () => {
		await Promise.all([city.engine.close(), person.engine.close()]);
	};
});

const processed = (party: TestConnector) =>
	party.events
		.filter(({ name }) => name === 'consumption.messageProcessed')
		.map(({ data }) => {
			const { message, result } = data as { message: Shape; result: string };
			return [message.id, result];
		});

test.each([
	['a mail', (to: string) => ({ '@type': 'Mail', to: [to], subject: 'Hello', body: 'you' })],
	['arbitrary content', () => ({ '@type': 'ArbitraryMessageContent', value: { a: 1 } })]
])('E5.6 %s asks nothing: it is processed as NoRequest, once, by who received it', async (_name, content) => {
	const to = await addressOf(person);
	const before = (await must<Shape[]>(person.call('GET', '/Requests/Incoming'))).length;
	const body = { recipients: [to], content: content(to) };
	const { id } = await must(city.call('POST', '/Messages', body), 201);
	await arrived(person, `/Messages?id=${id}`);
	expect(processed(person)).toEqual([[id, 'NoRequest']]);
	expect(processed(city)).toEqual([]);
	expect(await must<Shape[]>(person.call('GET', '/Requests/Incoming'))).toHaveLength(before);
});
