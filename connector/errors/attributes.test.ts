/** Refusals around attributes, as real Connectors answer them. */
import { afterAll, beforeAll, describe } from 'vitest';
import { connect, must, read, sync, until, type Shape } from '../testing/party.ts';
import { endAll, startRelay } from '../testing/processes.ts';
import { attributeRows, own, type AttributeWorld } from './testing/attributes.ts';
import { refusals } from './testing/rows.ts';
import { asked, member } from './testing/town.ts';

const card = (key: string) => ({
	'@type': 'CreateAttributeRequestItem',
	mustBeAccepted: true,
	attribute: {
		'@type': 'RelationshipAttribute',
		owner: '',
		key,
		confidentiality: 'public',
		value: { '@type': 'ProprietaryString', title: 'Card', value: '7' }
	}
});

let world: AttributeWorld;
beforeAll(async () => {
	const relay = await startRelay();
	const [city, person, office] = await Promise.all([member(relay.url), member(relay.url), member(relay.url)]);
	const [first, surname, pending] = await Promise.all([
		own(person, 'GivenName', 'Ada'),
		own(person, 'Surname', 'Lovelace'),
		own(office, 'DisplayName', 'Office')
	]);
	const succeed = async (id: string, name: string) => {
		const successorContent = { value: { '@type': 'GivenName', value: name } };
		const done = await must<Record<'successor', Shape>>(
			person.call('POST', `/Attributes/${id}/Succeed`, { successorContent }),
			201
		);
		return done.successor.id;
	};
	const second = await succeed(first, 'Augusta');
	await connect(
		city,
		person,
		[read('GivenName'), card('card'), card('lost')],
		[{ accept: true, existingAttributeId: second }, { accept: true }, { accept: true }]
	);
	const third = await succeed(second, 'Augusta Ada');
	await asked(city, office, [read('DisplayName')], [{ accept: true, existingAttributeId: pending }]);

	const keyed = async (key: string) =>
		(await must<Shape[]>(person.call('GET', `/Attributes?content.key=${key}`)))[0]!.id;
	const [key, lostKey] = [await keyed('card'), await keyed('lost')];
	await must(city.call('DELETE', `/Attributes/${lostKey}`));
	await until(
		async () => (await sync(person), must(person.call('GET', `/Attributes/${lostKey}`))),
		(row) => 'deletionInfo' in row,
		'told of the deletion'
	);
	world = { city, person, office, names: [first, second, third], surname, key, lostKey, pending };
}, 60_000);
afterAll(endAll);

describe('refused of attributes', () => {
	refusals(
		attributeRows,
		() => world,
		({ city, person, office }) => [city, person, office]
	);
});
