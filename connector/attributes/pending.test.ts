/**
 * While a relationship is pending, nothing that is shared in it can be deleted, by either side and of no kind
 * (content-behaviours.md E1.16 – E1.19; content-model.md §3.5): the other side could not be told. Carl asks Anna and Berlin,
 * who know each other, for a relationship; their templates ask him for attributes of every kind and give him some.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTemplate, must, read, until, type Shape } from '../testing/party.ts';
import {
	attribute,
	create,
	endPeople,
	fresh,
	get,
	ids,
	live,
	meet,
	mustBeGone,
	named,
	people,
	refusal,
	relationshipAttribute,
	remove,
	seen,
	sharing,
	type Attribute,
	type Person
} from './testing/people.ts';

const PENDING = [400, 'error.runtime.attributes.cannotDeleteSharedAttributeWhileRelationshipIsPending'];

let anna: Person;
let berlin: Person;
let carl: Person;
/** Anna's name, given Carl; her card with Berlin, given Carl; Carl's name, given Anna; what lives between the two. */
const held = { annas: '', card: '', carls: '', hers: '', his: '' };
/** Berlin's side of another of Anna's cards, given Carl. */
let berlins = '';
/** Carl's name before the one he gave. */
let older = '';
let relationshipId = '';

const mandatory = (item: object) => ({ mustBeAccepted: true, ...item });
const made = (owner: string, key: string) =>
	mandatory({ '@type': 'CreateAttributeRequestItem', attribute: relationshipAttribute(owner, { key }) });

/** Carl asks for a relationship by a template with these items. Returns its id once both know it. */
async function asks(host: Person, items: readonly object[], answer: readonly object[]): Promise<string> {
	const template = await createTemplate(host, items);
	await must(carl.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	const [request] = await get<Shape[]>(carl, `/Requests/Incoming?source.reference=${template.id}`);
	await must(carl.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, { items: answer }));
	const [made] = await until(
		() => get<Shape[]>(carl, `/Relationships?templateId=${template.id}&status=Pending`),
		(rows) => rows.length > 0,
		'a relationship'
	);
	await seen<Shape>(host, `/Relationships/${made!.id}`, ({ status }) => status === 'Pending');
	return made!.id;
}

beforeAll(async () => {
	({ anna, berlin, carl } = await people(['anna', 'berlin', 'carl']));
	await meet(berlin, anna);
	held.annas = (await create(anna)).id;
	held.card = await live(anna, berlin);
	older = (await create(carl)).id;
	const succeeded = { successorContent: named() };
	held.carls = (
		await must<{ successor: Attribute }>(carl.call('POST', `/Attributes/${older}/Succeed`, succeeded), 201)
	).successor.id;
	const accept = { accept: true };
	const keys = [fresh('key'), fresh('key')] as const;
	relationshipId = await asks(
		anna,
		[
			read('GivenName'),
			made('', keys[0]),
			made(anna.address, keys[1]),
			mandatory(sharing(await attribute(anna, held.annas))),
			mandatory(sharing(await attribute(anna, held.card)))
		],
		[{ ...accept, existingAttributeId: held.carls }, accept, accept, accept, accept]
	);
	[held.his] = (await ids(carl, `/Attributes?content.key=${keys[0]}`)) as [string];
	[held.hers] = (await ids(carl, `/Attributes?content.key=${keys[1]}`)) as [string];
	berlins = await live(anna, berlin);
	await asks(berlin, [mandatory(sharing(await attribute(berlin, berlins)))], [accept]);
}, 120_000);
afterAll(endPeople);

type Name = keyof typeof held;
async function refused(who: Person, id: string, kind: string): Promise<void> {
	const row = await attribute(who, id);
	expect(row['@type']).toBe(kind);
	const before = await ids(who, '/Attributes');
	expect(await refusal(who.call('DELETE', `/Attributes/${id}`))).toEqual(PENDING);
	expect(await attribute(who, id)).toEqual(row);
	expect(await ids(who, '/Attributes')).toEqual(before);
}

describe('whoever asked', () => {
	test.each<[string, Name, string]>([
		['E1.16 pending refused: an own identity attribute', 'carls', 'OwnIdentityAttribute'],
		['E1.17 pending refused: a peer’s identity attribute', 'annas', 'PeerIdentityAttribute'],
		['E1.18 pending refused: an own relationship attribute', 'his', 'OwnRelationshipAttribute'],
		['E1.18 pending refused: a peer’s relationship attribute', 'hers', 'PeerRelationshipAttribute'],
		['E1.19 pending refused: a third party’s attribute of its owner', 'card', 'ThirdPartyRelationshipAttribute']
	])('%s', async (_, name, kind) => {
		await refused(carl, held[name], kind);
	});
	test('E1.19 pending refused: a third party’s attribute of the peer it lives with', async () => {
		await refused(carl, berlins, 'ThirdPartyRelationshipAttribute');
	});
	test('E1.16 what is shared nowhere can be deleted, also its older version that is not', async () => {
		const { id } = await create(carl);
		expect(await remove(carl, id)).toBe(0);
		expect(await remove(carl, older)).toBe(0);
	});
});

describe('whoever was asked', () => {
	test.each<[string, Name, string]>([
		['E1.16 pending refused there too: an own identity attribute', 'annas', 'OwnIdentityAttribute'],
		['E1.17 pending refused there too: a peer’s identity attribute', 'carls', 'PeerIdentityAttribute'],
		['E1.18 pending refused there too: an own relationship attribute', 'hers', 'OwnRelationshipAttribute'],
		['E1.18 pending refused there too: a peer’s relationship attribute', 'his', 'PeerRelationshipAttribute'],
		['E1.18 pending refused: an own one that was given to the one who asks', 'card', 'OwnRelationshipAttribute']
	])('%s', async (_, name, kind) => {
		await refused(anna, held[name], kind);
	});
	test('E1.18 pending refused: a peer’s one that was given to the one who asks', async () => {
		await refused(berlin, berlins, 'PeerRelationshipAttribute');
	});
});

describe('once the relationship is active (last: it changes what both see)', () => {
	test('E1.16 E1.17 E1.18 E1.19 all of it can be deleted, and the other side is told', async () => {
		await must(anna.call('PUT', `/Relationships/${relationshipId}/Accept`));
		await seen<Shape>(carl, `/Relationships/${relationshipId}`, ({ status }) => status === 'Active');
		for (const name of ['carls', 'annas', 'his', 'hers', 'card'] as const) {
			expect([name, await remove(carl, held[name])]).toEqual([name, 1]);
			await mustBeGone(carl, held[name]);
		}
	});
});
