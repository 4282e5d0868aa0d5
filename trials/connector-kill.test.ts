/**
 * Kill of Connectors: two of them work for one identity and are killed without warning, again and again and sometimes both at
 * once, while clients of both write messages, attributes, requests, tokens and templates, and a peer writes to them.
 * Afterwards: whatever a call was answered for is there, on both, each once; both show equal lists; the peer has each message
 * once; nothing waits.
 */
import { afterAll, expect, test } from 'vitest';
import { link } from '../connector/testing/linking.ts';
import { addressOf, connect, consent, must, sync, type Party, type Shape } from '../connector/testing/party.ts';
import {
	endAll,
	startConnector,
	startRelay,
	newFolder,
	type RunningConnector
} from '../connector/testing/processes.ts';

const KILLS = Number(process.env['KILLS'] ?? 8);
const LANES = 3;
const LATER = '2040-01-01T00:00:00.000Z';
/** Lists two Connectors of one identity must agree on. */
const LISTS = ['Messages', 'Attributes', 'Requests/Outgoing', 'Tokens/Own', 'RelationshipTemplates'];

afterAll(endAll);

interface Write {
	readonly list: string;
	readonly body: (n: number) => object;
	readonly path: string;
}

let count = 0;
/** What clients write; each is answered with a row that has an id. */
const writes = (peer: string): readonly Write[] => [
	{
		list: 'Messages',
		path: '/Messages',
		body: (n) => ({ recipients: [peer], content: { '@type': 'ArbitraryMessageContent', value: n } })
	},
	{
		list: 'Attributes',
		path: '/Attributes',
		body: (n) => ({ content: { value: { '@type': 'Surname', value: `case ${n}` } } })
	},
	{
		list: 'Requests/Outgoing',
		path: '/Requests/Outgoing',
		body: (n) => ({ content: { items: [consent(`May we? ${n}`)] }, peer })
	},
	{
		list: 'Tokens/Own',
		path: '/Tokens/Own',
		body: (n) => ({ content: { n }, expiresAt: LATER, ephemeral: false })
	},
	{
		list: 'RelationshipTemplates',
		path: '/RelationshipTemplates/Own',
		body: (n) => ({
			content: { '@type': 'ArbitraryRelationshipTemplateContent', value: n },
			expiresAt: LATER
		})
	}
];

/** Writes until its Connector is gone; what was answered is noted: id → list. */
async function write(to: Party, kinds: readonly Write[], answered: Map<string, string>): Promise<void> {
	for (;;) {
		const n = count++;
		const { list, path, body } = kinds[n % kinds.length]!;
		try {
			const { status, result, error } = await to.call('POST', path, body(n));
			// Refused is no answer that anything was done: the relay or the other Connector was in between.
			if (status === 201) answered.set(result.id, list);
			else if (status === 400) throw new Error(`${path}: ${error?.code} ${error?.message}`);
		} catch (error) {
			if (isGone(error)) return;
			throw error;
		}
	}
}

const isGone = (error: unknown) => error instanceof TypeError || /fetch failed|socket|ECONN/.test(String(error));

const idsOf = async (party: Party, list: string) =>
	(await must<Shape[]>(party.call('GET', `/${list}`))).map(({ id }) => id);

/** Everybody fetches until nothing new comes and nothing waits. */
async function settle(...parties: readonly Party[]): Promise<void> {
	let before = '';
	for (let quiet = 0; quiet < 2;) {
		for (const party of parties) await sync(party);
		const now = JSON.stringify(await Promise.all(parties.map((party) => idsOf(party, 'Messages'))));
		quiet = now === before ? quiet + 1 : 0;
		before = now;
	}
}

test(
	`${KILLS} kills of two Connectors of one identity lose nothing that was answered`,
	{ timeout: 240_000 },
	async () => {
		const relay = await startRelay();
		const folders = [newFolder(), newFolder()];
		const first = await startConnector(relay.url, {}, folders[0]);
		const peer = await startConnector(relay.url);
		await connect(first, peer, [consent('yes')], [{ accept: true }]);
		first.child.kill('SIGTERM');
		await first.ended;
		await link(relay.url, folders[0]!, folders[1]!);
		const start = (at: number) => startConnector(relay.url, {}, folders[at]);
		const running: RunningConnector[] = [await start(0), await start(1)];
		await settle(...running);
		const [me, them] = [await addressOf(running[0]!), await addressOf(peer)];

		const answered = new Map<string, string>();
		const received = new Map<string, string>();
		const kinds = writes(them);
		let isOver = false;
		const load = (connector: RunningConnector) =>
			Array.from({ length: LANES }, () => write(connector, kinds, answered));
		const lanes = running.map(load);
		const others = (async () => {
			while (!isOver) {
				const content = { '@type': 'ArbitraryMessageContent', value: count++ };
				const { id } = await must(peer.call('POST', '/Messages', { recipients: [me], content }), 201);
				received.set(id, 'Messages');
				// Somebody has to fetch, or the mailbox is full some day; who is being killed does not answer.
				await sync(running[count % 2]!).catch(() => undefined);
				await sync(peer);
			}
		})();

		for (let kill = 0; kill < KILLS; kill++) {
			await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 600));
			const hit = kill % 4 === 3 ? [0, 1] : [kill % 2];
			for (const at of hit) running[at]!.child.kill('SIGKILL');
			for (const at of hit) {
				await running[at]!.ended;
				await Promise.all(lanes[at]!);
				running[at] = await start(at);
				lanes[at] = load(running[at]);
			}
		}
		isOver = true;
		await others;
		// The last load ends with a kill as well.
		for (const { child } of running) child.kill('SIGKILL');
		await Promise.all(lanes.flat());
		const [one, two] = [await start(0), await start(1)];
		await settle(one, two, peer);

		for (const party of [one, two])
			for (const list of LISTS) {
				const ids = await idsOf(party, list);
				expect(new Set(ids).size, `${list}, each once`).toBe(ids.length);
				const wanted = [...answered, ...received].flatMap(([id, where]) => (where === list ? [id] : []));
				expect(
					wanted.filter((id) => !ids.includes(id)),
					`${list} that were answered and are gone`
				).toEqual([]);
			}
		for (const list of LISTS) expect(await one.call('GET', `/${list}`)).toEqual(await two.call('GET', `/${list}`));
		const sent = [...answered].flatMap(([id, list]) => (list === 'Messages' ? [id] : []));
		const there = await idsOf(peer, 'Messages');
		expect(sent.filter((id) => there.filter((other) => other === id).length !== 1)).toEqual([]);
		console.log(`${KILLS} kills: ${answered.size} calls answered, ${received.size} messages received, none lost`);
		expect(answered.size).toBeGreaterThan(KILLS * 10);
		expect(new Set(answered.values()).size).toBe(kinds.length);
	}
);
