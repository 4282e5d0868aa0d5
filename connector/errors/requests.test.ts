/** Refusals of requests, as real Connectors answer them. */
import { afterAll, beforeAll, describe } from 'vitest';
import { connect, consent, must, sync, type Shape } from '../testing/party.ts';
import { endAll, startRelay } from '../testing/processes.ts';
import { own } from './testing/attributes.ts';
import { card, GOOD, ITEMS, requestRows, type RequestWorld } from './testing/requests.ts';
import { refusals } from './testing/rows.ts';
import { answer, asked, member, received } from './testing/town.ts';

let world: RequestWorld;
beforeAll(async () => {
	const relay = await startRelay();
	const [city, person, office] = await Promise.all([member(relay.url), member(relay.url), member(relay.url)]);
	await connect(city, person, [consent('ok')], [{ accept: true }]);
	const [open, done] = [await received(city, person, ITEMS), await received(city, person, ITEMS)];
	await answer(done, person, city, GOOD);
	// Both are sent before the key is in use.
	const [first, clash] = [await received(city, person, [card('card')]), await received(city, person, [card('card')])];
	await answer(first, person, city, [{ accept: true }]);

	const { relationshipId } = await connect(city, office, [consent('ok')], [{ accept: true }]);
	const orphan = await received(city, office, [consent('still?')]);
	await must(city.call('PUT', `/Relationships/${relationshipId}/Terminate`));
	await sync(office);

	await asked(person, office, [card('pending')], [{ accept: true }]);
	const [pending] = await must<Shape[]>(office.call('GET', '/Attributes?content.key=pending'));
	world = {
		city,
		person,
		office,
		pendingKey: pending!.id,
		open,
		done,
		clash,
		orphan,
		surname: await own(person, 'Surname', 'Lovelace')
	};
}, 60_000);
afterAll(endAll);

describe('refused of requests', () => {
	refusals(
		requestRows,
		() => world,
		({ city, person, office }) => [city, person, office]
	);
});
