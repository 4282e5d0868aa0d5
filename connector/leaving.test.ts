/** What a call sends to a peer is at the relay when the call is answered, as in the original; without a relay it leaves later. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressOf, arrived, connect, identityAttribute, must, read, sync, type Shape } from './testing/party.ts';
import { endAll, startConnector, startRelay, type RunningConnector, type RunningRelay } from './testing/processes.ts';

const ROUNDS = 20;
let relay: RunningRelay;
let city: RunningConnector;
let person: RunningConnector;
let [cityAddress, personAddress] = ['', ''];

const send = (value: unknown) =>
	must(
		city.call('POST', '/Messages', {
			recipients: [personAddress],
			content: { '@type': 'ArbitraryMessageContent', value }
		}),
		201
	);

beforeAll(async () => {
	relay = await startRelay();
	[city, person] = [await startConnector(relay.url), await startConnector(relay.url)];
	[cityAddress, personAddress] = [await addressOf(city), await addressOf(person)];
	const name = identityAttribute('GivenName', 'Mirela', personAddress);
	await connect(city, person, [read('GivenName')], [{ accept: true, newAttribute: name }]);
});
afterAll(endAll);

test('a message: one sync of its recipient brings it', async () => {
	for (let round = 0; round < ROUNDS; round++) {
		const { id } = await send(round);
		await sync(person);
		await must(person.call('GET', `/Messages/${id}`));
	}
});

test('many at once: each is there when its own answer has come', async () => {
	const sent = await Promise.all(Array.from({ length: ROUNDS }, (_, round) => send(`at once ${round}`)));
	await sync(person);
	for (const { id } of sent) await must(person.call('GET', `/Messages/${id}`));
});

test('the answer to a request: one sync of who asked completes it', async () => {
	for (let round = 0; round < ROUNDS / 4; round++) {
		const content = { items: [{ '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: `${round}?` }] };
		const { id, content: written } = await must(
			city.call('POST', '/Requests/Outgoing', { content, peer: personAddress }),
			201
		);
		await must(city.call('POST', '/Messages', { recipients: [personAddress], content: written }), 201);
		await sync(person);
		await must(person.call('PUT', `/Requests/Incoming/${id}/Accept`, { items: [{ accept: true }] }));
		await sync(city);
		expect((await must(city.call('GET', `/Requests/Outgoing/${id}`))).status).toBe('Completed');
	}
});

test('a new version that is told, and a deletion: one sync of the peer shows it', async () => {
	const [name] = await must<Shape[]>(person.call('GET', '/Attributes/Own/Identity'));
	const { successor } = await must<{ successor: Shape }>(
		person.call('POST', `/Attributes/${name!.id}/Succeed`, {
			successorContent: { value: { '@type': 'GivenName', value: 'Mirela Maria' } }
		}),
		201
	);
	await must(person.call('POST', `/Attributes/${successor.id}/NotifyPeer`, { peer: cityAddress }), 201);
	await sync(city);
	const held = await must(city.call('GET', `/Attributes/${successor.id}`));
	expect(held['content']).toMatchObject({ value: { value: 'Mirela Maria' } });
	await must(person.call('DELETE', `/Attributes/${successor.id}`));
	await sync(city);
	const { deletionInfo } = await must<{ deletionInfo: object }>(city.call('GET', `/Attributes/${successor.id}`));
	expect(deletionInfo).toMatchObject({ deletionStatus: 'DeletedByEmitter' });
});

test('a relay that hangs keeps nobody waiting; what was accepted arrives when it goes on', async () => {
	process.kill(relay.child.pid!, 'SIGSTOP');
	const { id } = await send('while it hangs');
	process.kill(relay.child.pid!, 'SIGCONT');
	expect(await arrived(person, `/Messages?id=${id}`)).not.toHaveLength(0);
	await must(person.call('GET', `/Messages/${id}`));
});

test('a relay that is gone keeps nobody waiting; what was accepted arrives when it is back', async () => {
	relay.child.kill('SIGKILL');
	await relay.ended;
	const { id } = await send('while it is gone');
	relay = await startRelay(Number(new URL(relay.url).port), relay.dataDir);
	await sync(city);
	await sync(person);
	await must(person.call('GET', `/Messages/${id}`));
});
