/** Refusals of relationships, as real Connectors answer them. */
import { afterAll, beforeAll, describe } from 'vitest';
import { consent, createTemplate } from '../testing/party.ts';
import { endAll, startRelay } from '../testing/processes.ts';
import { loaded, relationshipRows, type RelationshipWorld } from './testing/relationships.ts';
import { refusals } from './testing/rows.ts';
import { member } from './testing/town.ts';

let world: RelationshipWorld;
beforeAll(async () => {
	const relay = await startRelay();
	const [city, person, guest] = await Promise.all([member(relay.url), member(relay.url), member(relay.url)]);
	const content = { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 };
	world = {
		city,
		person,
		guest,
		template: await loaded(city, guest, [consent('ok')]),
		arbitrary: await loaded(city, guest, [], { content }),
		own: (await createTemplate(guest, [], { content })).id,
		course: { at: -1, id: '' }
	};
}, 60_000);
afterAll(endAll);

describe('refused of relationships', () => {
	refusals(
		relationshipRows,
		() => world,
		({ city, person, guest }) => [city, person, guest]
	);
});
