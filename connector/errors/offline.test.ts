/** A relay that goes away and comes back without its memory: what real Connectors answer meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, consent, createTemplate, must, until, type Shape } from '../testing/party.ts';
import { endAll, newFolder, startRelay, type RunningRelay } from '../testing/processes.ts';
import { forgottenRows, localRows, unreachableRows, type OfflineWorld } from './testing/offline.ts';
import { refusals } from './testing/rows.ts';
import { loaded } from './testing/relationships.ts';
import { asked, mail, member, token, uploaded } from './testing/town.ts';

const content = { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 };
let relay: RunningRelay;
let world: OfflineWorld;
beforeAll(async () => {
	relay = await startRelay();
	const [city, person, office] = await Promise.all([member(relay.url), member(relay.url), member(relay.url)]);
	const { relationshipId: activeId } = await connect(city, person, [consent('ok')], [{ accept: true }]);
	const pendingId = await asked(city, office, [consent('ok')], [{ accept: true }]);
	const offer = await loaded(office, person, [consent('ok')]);
	const [request] = await must<Shape[]>(person.call('GET', `/Requests/Incoming?source.reference=${offer}`));
	world = {
		city,
		person,
		office,
		activeId,
		pendingId,
		file: (await uploaded(city)).id,
		template: (await createTemplate(city, [], { content })).id,
		token: (await token(city)).id,
		references: {
			file: (await uploaded(office)).reference.url,
			template: (await createTemplate(office, [], { content })).reference.url,
			token: (await token(office)).reference.url
		},
		offer,
		plain: await loaded(office, person, [], { content }),
		request: request!.id
	};
	relay.child.kill('SIGTERM');
	await relay.ended;
}, 60_000);
afterAll(endAll);

const worldNow = () => world;
const parties = ({ city, person, office }: OfflineWorld) => [city, person, office];

describe('refused without a relay', () => {
	refusals(unreachableRows, worldNow, parties);
	refusals(localRows, worldNow, parties);

	test('health says so, and what needs no relay works', async () => {
		const { city, person } = world;
		const health = await fetch(`${city.url}/health`);
		expect([health.status, await health.json()]).toMatchObject([
			500,
			{ isHealthy: false, services: { database: 'healthy', backboneConnection: 'unhealthy' } }
		]);
		const to = [person.address];
		await must(city.call('POST', '/Messages', { recipients: to, content: mail(to) }), 201);
		const body = { peer: person.address, content: { items: [consent('?')] } };
		await must(city.call('POST', '/Requests/Outgoing', body), 201);
	});
});

describe('refused by a relay without memory', () => {
	beforeAll(async () => {
		await startRelay(Number(new URL(relay.url).port), newFolder());
		await until(
			async () => (await fetch(`${relay.url}/health`)).status,
			(status) => status === 200,
			'there again'
		);
	});
	refusals(forgottenRows, worldNow, parties);
});
