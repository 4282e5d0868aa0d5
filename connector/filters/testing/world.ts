/**
 * What the lists are asked of: a city with two peers, all three real processes, and an App on the city's identity, which looks at
 * things and makes some of its own. Everything is made over REST, with values that tell the rows of each list apart.
 */
import type { AttributeRow, Engine } from '../../../crdt/index.ts';
import { addressOf, consent, must, read, sync, until, type Shape } from '../../testing/party.ts';
import { startConnector, startRelay, type RunningConnector } from '../../testing/processes.ts';
import {
	appOf,
	ask,
	attribute,
	create,
	decide,
	draft,
	group,
	load,
	look,
	mail,
	no,
	own,
	related,
	relationshipAttribute,
	requestAt,
	send,
	upload,
	year,
	yes,
	type File,
	type Items,
	type Referenced
} from './steps.ts';

/** Requests with this title are refused without a person. */
const UNWANTED = 'Unwanted';
const REFUSING = {
	modules__decider__automationConfig: JSON.stringify([
		{ requestConfig: { 'content.title': UNWANTED }, responseConfig: { accept: false } }
	])
};

export interface FilterWorld {
	readonly city: RunningConnector;
	/** `{peer}` and `{attributeId}` of the paths of lists. */
	readonly parameters: Readonly<Record<string, string>>;
	readonly close: () => Promise<void>;
}

interface Actors {
	readonly city: RunningConnector;
	readonly friend: RunningConnector;
	readonly bank: RunningConnector;
	readonly app: Engine;
}

/** Three relationships: one refused, two that live. Their requests came by templates of both sides, with groups. */
async function relationships({ city, friend, bank }: Actors): Promise<void> {
	await related(city, friend, [consent('First')], [yes], 'Reject');
	const surname = attribute('Surname', 'Lovelace', '', ['x:given']);
	await related(
		city,
		friend,
		[group(read('Surname')), consent('And?', false)],
		[{ items: [{ accept: true, newAttribute: surname }] }, no],
		'Accept'
	);
	const given = await own(city, 'GivenName', 'City', ['x:one', 'x:two']);
	await related(
		bank,
		city,
		[read('GivenName'), group(consent('a', false), consent('b', false))],
		[{ accept: true, existingAttributeId: given }, { items: [yes, no] }],
		'Accept'
	);
	await related(bank, friend, [consent('Also you')], [yes], 'Accept');
}

async function requests({ city, friend, bank }: Actors): Promise<void> {
	const late = { expiresAt: year(60) };
	await decide(city, friend, await ask(friend, city, [consent('One')], late), 'Accept', [yes]);
	await decide(city, bank, await ask(bank, city, [consent('Two'), group(read('Surname', false))]), 'Reject', [
		no,
		{ items: [no] }
	]);
	await ask(friend, city, [read('Surname')], { expiresAt: year(50), title: 'Still open' });
	const unwanted = await ask(bank, city, [read('Surname', false)], { title: UNWANTED });
	await requestAt(city, 'Incoming', unwanted, 'Completed');
	await decide(bank, city, await ask(city, bank, [consent('Four'), group(consent('Five', false))], late), 'Accept', [
		yes,
		{ items: [yes] }
	]);
	await decide(friend, city, await ask(city, friend, [group(consent('Six', false))]), 'Reject', [{ items: [no] }]);
	await ask(city, friend, [consent('Seven')], { expiresAt: year(50) });
	await draft(city, bank, [consent('Eight', false)]);
}

const isLookedAt = ({ content }: AttributeRow): boolean =>
	['EMailAddress', 'Surname', 'PhoneNumber'].includes(String((content['value'] as Shape)['@type'])) ||
	content['key'] === 'number';

/** Attributes of every kind, shared, succeeded and deleted on either side. The id of one that two peers have. */
async function attributes({ city, friend, bank, app }: Actors): Promise<string> {
	const [cityAddress, friendAddress] = [await addressOf(city), await addressOf(friend)];
	const agreed = async (from: RunningConnector, to: RunningConnector, items: Items, answers: Items) =>
		decide(to, from, await ask(from, to, items), 'Accept', answers);
	// Own relationship attributes: one the friend deletes, one it will delete; a technical one stays.
	await agreed(
		city,
		friend,
		[
			create(relationshipAttribute('card', cityAddress, 'public')),
			create(relationshipAttribute('number', cityAddress, 'private', true)),
			create(relationshipAttribute('desk', cityAddress, 'protected'))
		],
		[yes, yes, yes]
	);
	const byKey = async (who: RunningConnector, key: string) =>
		(await must<Shape[]>(who.call('GET', '/Attributes'))).find(
			(row) => (row['content'] as { key?: string }).key === key
		)!.id;
	await must(friend.call('DELETE', `/Attributes/${await byKey(friend, 'card')}`));
	await agreed(
		city,
		friend,
		[{ '@type': 'DeleteAttributeRequestItem', mustBeAccepted: true, attributeId: await byKey(city, 'desk') }],
		[{ accept: true, deletionDate: year(40) }]
	);
	// The friend's own, with the city: technical or not, one deleted by its owner, one the city will delete.
	await agreed(
		friend,
		city,
		[
			create(relationshipAttribute('pass', friendAddress, 'public')),
			create(relationshipAttribute('room', friendAddress, 'private', true)),
			create(relationshipAttribute('gate', friendAddress, 'protected'))
		],
		[yes, yes, yes]
	);
	await must(friend.call('DELETE', `/Attributes/${await byKey(friend, 'pass')}`));
	await agreed(
		friend,
		city,
		[{ '@type': 'DeleteAttributeRequestItem', mustBeAccepted: true, attributeId: await byKey(friend, 'gate') }],
		[{ accept: true, deletionDate: year(41) }]
	);
	// What the friend has with the bank, told the city: an attribute of a third party.
	await agreed(bank, friend, [create(relationshipAttribute('account', await addressOf(bank), 'public'))], [yes]);
	await agreed(
		city,
		friend,
		[
			{
				'@type': 'ReadAttributeRequestItem',
				mustBeAccepted: true,
				query: {
					'@type': 'ThirdPartyRelationshipAttributeQuery',
					key: 'account',
					owner: '',
					thirdParty: [await addressOf(bank)]
				}
			}
		],
		[{ accept: true, existingAttributeId: await byKey(friend, 'account') }]
	);
	// An own one that both have, the bank no longer; and one that was succeeded.
	const shared = await own(city, 'EMailAddress', 'city@example.org', ['x:two', 'x:three']);
	const share = (type: string) => [read(type)];
	const give = [{ accept: true, existingAttributeId: shared }];
	for (const peer of [friend, bank])
		await decide(city, peer, await ask(peer, city, share('EMailAddress')), 'Accept', give);
	await must(bank.call('DELETE', `/Attributes/${shared}`));
	await decide(city, bank, await ask(bank, city, share('EMailAddress')), 'Accept', give);
	await agreed(
		city,
		bank,
		[{ '@type': 'DeleteAttributeRequestItem', mustBeAccepted: true, attributeId: shared }],
		[{ accept: true, deletionDate: year(42) }]
	);
	const phone = await own(city, 'PhoneNumber', '+49 1', ['x:one']);
	await must(
		city.call('POST', `/Attributes/${phone}/Succeed`, {
			successorContent: { value: { '@type': 'PhoneNumber', value: '+49 2' } }
		}),
		201
	);
	await sync(city);
	await look(app, isLookedAt);
	return shared;
}

async function files({ city, friend, bank, app }: Actors): Promise<File> {
	const long = { expiresAt: year(70) };
	await upload(city, 'first', 'a.txt', 'text/plain', {
		title: 'Alpha',
		description: 'The first',
		tags: ['x:one', 'x:two']
	});
	const second = await upload(city, 'the second one', 'b.bin', 'application/octet-stream', {
		...long,
		tags: 'x:two'
	});
	const made = await app.files.create({
		content: new TextEncoder().encode('from the App'),
		filename: 'c.png',
		mimetype: 'image/png',
		title: '7'
	});
	if (!made.ok) throw new Error(made.error.code);
	for (const [who, name, fields] of [
		[friend, 'friend.txt', { title: 'Friendly', description: 'Of a friend', tags: ['x:two'], ...long }],
		[bank, 'bank.pdf', { tags: ['x:three'] }]
	] as const)
		await load(
			city,
			'Files',
			await upload(who, `of ${name}`, name, name.endsWith('pdf') ? 'application/pdf' : 'text/plain', fields)
		);
	const offer = ({ reference, ownershipToken }: File) => [
		{
			'@type': 'TransferFileOwnershipRequestItem',
			mustBeAccepted: true,
			fileReference: reference.truncated,
			ownershipToken
		}
	];
	// One changes hands; two are locked, because somebody came with a token that was no longer good.
	const given = await upload(friend, 'given away', 'given.txt', 'text/plain');
	await decide(city, friend, await ask(friend, city, offer(given)), 'Accept', [yes]);
	for (const [owner, other] of [
		[city, friend],
		[friend, bank]
	] as const) {
		const locked = await upload(owner, 'locked', 'locked.txt', 'text/plain');
		const id = await ask(owner, other, offer(locked));
		await requestAt(other, 'Incoming', id, 'ManualDecisionRequired');
		await must(owner.call('PATCH', `/Files/${locked.id}/RegenerateOwnershipToken`));
		await other.call('PUT', `/Requests/Incoming/${id}/Accept`, { items: [yes] });
		await load(city, 'Files', locked);
		await sync(owner);
	}
	return second;
}

async function messages({ city, friend, bank, app }: Actors, attached: File): Promise<void> {
	const [toFriend, toBank, toCity] = await Promise.all([friend, bank, city].map(addressOf));
	await send(city, [friend], mail([toFriend!], 'Hello', 'How are you?'), [attached.id]);
	await send(city, [friend, bank], mail([toFriend!, toBank!], 'To both', '*Big* news', 'Markdown'));
	await send(city, [bank], { '@type': 'ArbitraryMessageContent', value: { subject: 1 } });
	const deed = await upload(bank, 'deed', 'deed.txt', 'text/plain');
	await send(bank, [city], mail([toCity!], 'Deed', 'Please keep'), [deed.id]);
	await send(friend, [city], mail([toCity!], 'Thanks', 'Fine'));
	await until(
		async () => {
			await sync(city);
			return must<Shape[]>(city.call('GET', '/Messages'));
		},
		(rows) =>
			['Deed', 'Thanks'].every((subject) =>
				rows.some(({ content }) => (content as Shape)['subject'] === subject)
			),
		'the mails'
	);
	await app.account.sync();
	await app.messages.send({ recipients: [toFriend!], content: mail([toFriend!], 'From the App', 'x') });
	const unread = app.messages.list().find(({ content, isOwn }) => !isOwn && content['subject'] === 'Deed');
	await app.messages.markRead(unread!.id, true);
	await app.account.sync();
}

const protections = [
	{},
	{ passwordProtection: { password: 'Secret 1' } },
	{ passwordProtection: { password: '!^~odd' } },
	{ passwordProtection: { password: '1234', passwordIsPin: true, passwordLocationIndicator: 'Letter' } },
	{ passwordProtection: { password: '987654', passwordIsPin: true, passwordLocationIndicator: 50 } },
	{ passwordProtection: { password: 'zz', passwordLocationIndicator: 'Self' } }
];

/** Tokens and templates: each protection, on either side. */
async function objects({ city, friend, bank, app }: Actors): Promise<void> {
	const toCity = await addressOf(city);
	const arbitrary = { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 };
	for (const [index, protection] of protections.entries()) {
		const who = index % 2 ? bank : friend;
		const named = (address: string) => (index % 3 ? {} : { forIdentity: address });
		const times = { expiresAt: year(40 + index) };
		const count = index === 0 ? {} : { maxNumberOfAllocations: index };
		const token = { content: { n: index }, ...times, ...protection };
		const template = { content: arbitrary, ...times, ...count, ...protection };
		const to = await addressOf(who);
		await must(city.call('POST', '/Tokens/Own', { ...token, ...named(to) }), 201);
		await must(city.call('POST', '/RelationshipTemplates/Own', { ...template, ...named(to) }), 201);
		const theirs = [
			['Tokens', await must<Referenced>(who.call('POST', '/Tokens/Own', { ...token, ...named(toCity) }), 201)],
			[
				'RelationshipTemplates',
				await must<Referenced>(
					who.call('POST', '/RelationshipTemplates/Own', { ...template, ...named(toCity) }),
					201
				)
			]
		] as const;
		for (const [kind, object] of theirs) await load(city, kind, object, protection.passwordProtection?.password);
	}
	const made = [
		await app.tokens.create({ content: { n: 'app' }, expiresAt: year(90) }),
		await app.templates.create({ content: arbitrary, expiresAt: year(90) })
	];
	const token = await must<Referenced>(
		friend.call('POST', '/Tokens/Own', { content: { n: 'loaded by the App' }, expiresAt: year(91) }),
		201
	);
	for (const each of [...made, await app.tokens.load(token.reference.truncated)])
		if (!each.ok) throw new Error(each.error.code);
	await app.account.sync();
}

/** Everything; the city has it all when this resolves. */
export async function filterWorld(): Promise<FilterWorld> {
	const relay = await startRelay();
	const [city, friend, bank] = await Promise.all([
		startConnector(relay.url, REFUSING),
		startConnector(relay.url),
		startConnector(relay.url)
	]);
	const app = await appOf(relay, city);
	const actors: Actors = { city, friend, bank, app };
	await relationships(actors);
	const attributeId = await attributes(actors);
	await requests(actors);
	await messages(actors, await files(actors));
	await objects(actors);
	await sync(city);
	return { city, parameters: { peer: await addressOf(friend), attributeId }, close: () => app.close() };
}
