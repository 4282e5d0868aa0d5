/** Several Connectors on one identity: how a second one joins, and that both then act as one. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command as inRelay, link } from './testing/linking.ts';
import {
	addressOf,
	arrived,
	connect,
	consent,
	createTemplate,
	identityAttribute,
	must,
	read,
	sync,
	until,
	type Party,
	type Shape
} from './testing/party.ts';
import {
	endAll,
	newFolder,
	run,
	settings,
	startConnector,
	startRelay,
	type RunningConnector,
	type RunningRelay
} from './testing/processes.ts';

afterAll(endAll);
let relay: RunningRelay;
beforeAll(async () => {
	relay = await startRelay();
});

const command = (words: readonly string[], folder: string, more: Record<string, string> = {}) =>
	inRelay(relay.url, words, folder, more);

const LISTS = [
	'/Attributes',
	'/RelationshipTemplates',
	'/Relationships',
	'/Messages',
	'/Requests/Incoming',
	'/Requests/Outgoing',
	'/Tokens/Own',
	'/Tokens/Peer',
	'/Files'
];
const listsOf = async (party: Party) =>
	Object.fromEntries(
		await Promise.all(LISTS.map(async (path) => [path, await must<Shape[]>(party.call('GET', path))] as const))
	);

describe('two Connectors on one identity against one peer', { timeout: 120_000 }, () => {
	let first: RunningConnector;
	let second: RunningConnector;
	let peer: RunningConnector;

	test('a running Connector invites, an empty store joins, and both are the same identity', async () => {
		first = await startConnector(relay.url);
		const folder = newFolder();
		const { address, digits } = await link(relay.url, first.folder, folder);
		expect(digits).toMatch(/^\d{6}$/);
		expect(address).toBe(await addressOf(first));
		second = await startConnector(relay.url, { transportLibrary__allowIdentityCreation: 'false' }, folder);
		expect(await addressOf(second)).toBe(address);
		expect(statSync(join(first.folder, 'default.sock')).mode & 0o077).toBe(0);
	});

	test('what one does the other knows after its sync, in every list', async () => {
		peer = await startConnector(relay.url);
		await must(
			first.call('POST', '/Attributes', { content: { value: { '@type': 'GivenName', value: 'City' } } }),
			201
		);
		await connect(
			first,
			peer,
			[read('GivenName'), consent('May we?', false)],
			[{ accept: true, newAttribute: identityAttribute('GivenName', 'Ada') }, { accept: true }]
		);
		const to = await addressOf(peer);
		await sync(second);
		const content = { '@type': 'Mail', to: [to], subject: 'From the second', body: 'b', bodyFormat: 'PlainText' };
		await must(second.call('POST', '/Messages', { recipients: [to], content }), 201);
		await createTemplate(second, [consent('Another?')]);
		const token = { content: { kept: 'by the first' }, expiresAt: '2090-01-01T00:00:00.000Z' };
		await must(first.call('POST', '/Tokens/Own', token), 201);
		await arrived(peer, '/Messages?content.subject=From+the+second');
		await sync(second);
		await sync(first);
		const [a, b] = await Promise.all([listsOf(first), listsOf(second)]);
		expect(a['/Messages']?.length).toBeGreaterThan(0);
		expect(b).toEqual(a);
	});

	test('a request gets exactly one answer, whichever Connector gives it', async () => {
		const city = await addressOf(first);
		const relationshipRequests = async (title: string) => {
			const created = await must<Shape & { content: object }>(
				peer.call('POST', '/Requests/Outgoing', {
					peer: city,
					content: { items: [consent(title)] }
				}),
				201
			);
			await must(peer.call('POST', '/Messages', { recipients: [city], content: created.content }), 201);
			return created.id;
		};
		const ids = [await relationshipRequests('one'), await relationshipRequests('two')];
		for (const party of [first, second])
			for (const id of ids) await arrived(party, `/Requests/Incoming?id=${id}&status=ManualDecisionRequired`);
		const decide = (party: Party, id: string, action: 'Accept' | 'Reject') =>
			party.call('PUT', `/Requests/Incoming/${id}/${action}`, { items: [{ accept: action === 'Accept' }] });
		await must(decide(first, ids[0]!, 'Accept'));
		// Both at once, and not of one mind.
		await Promise.all([decide(first, ids[1]!, 'Accept'), decide(second, ids[1]!, 'Reject')]);
		for (const id of ids)
			await until(
				async () => {
					for (const party of [first, second, peer]) await sync(party);
					return must(peer.call('GET', `/Requests/Outgoing/${id}`));
				},
				({ status }) => status === 'Completed',
				'completed'
			);
		type Wrapped = Shape & { content: { requestId?: string } };
		const heard = await must<Wrapped[]>(peer.call('GET', '/Messages'));
		for (const id of ids) expect(heard.filter(({ content }) => content.requestId === id)).toHaveLength(1);
		await until(
			async () => {
				await sync(first);
				await sync(second);
				return [await listsOf(first), await listsOf(second)] as const;
			},
			([a, b]) => JSON.stringify(a) === JSON.stringify(b),
			'equal'
		);
		expect(await listsOf(second)).toEqual(await listsOf(first));
		const decided = await must(second.call('GET', `/Requests/Incoming/${ids[1]}`));
		expect(decided.status).toBe('Completed');
	});
});

describe('joining', { timeout: 60_000 }, () => {
	test('a Connector that does not run invites by itself', async () => {
		const folder = newFolder();
		const status = run(process.execPath, ['connector/main.ts', 'identity', 'status'], settings(relay.url, folder));
		expect(await status.ended).toMatchObject({ code: 0 });
		const { address } = await link(relay.url, folder, newFolder());
		expect(status.output()).toBe(`Identity Address: ${address}\n`);
	});

	test('does not happen when somebody says the codes differ', async () => {
		const folder = newFolder();
		await run(process.execPath, ['connector/main.ts', 'identity', 'status'], settings(relay.url, folder)).ended;
		const invite = command(['device', 'invite', '--yes', '0'], folder);
		const joining = command(['device', 'join', await invite.line('Link: ')], newFolder());
		await joining.line('Code: ');
		expect(await invite.ended).toBe(1);
		expect(invite.stderr()).toBe('device: cancelled\n');
		joining.answer('n');
		expect(await joining.ended).toBe(1);
	});

	test('needs an empty store and a link of this relay; what is wrong is one line', async () => {
		const folder = newFolder();
		await run(process.execPath, ['connector/main.ts', 'identity', 'status'], settings(relay.url, folder)).ended;
		const cases: [string, string, RegExp][] = [
			[folder, `${relay.url}/link#${'A'.repeat(64)}`, /^error\.runtime\.alreadyInitialized: .+\n$/],
			[newFolder(), 'nonsense', /^error\.app\.noDeviceCode: .+\n$/],
			[
				newFolder(),
				`http://other.example/link#${'A'.repeat(64)}`,
				/^device: the link belongs to another relay.+\n$/
			]
		];
		for (const [place, text, line] of cases) {
			const joining = command(['device', 'join', text], place);
			expect(await joining.ended).toBe(1);
			expect(joining.stderr()).toMatch(line);
		}
	});
});
