/** What waits is shown the same, whether it is shown anew with each entry or only what left is let go of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryViews, type Layer } from '../memory-views.ts';
import type { ChannelRow, JsonObject, RelationshipRow, TableName } from '../views.ts';
import { createDocuments } from './documents.ts';
import { createFolder } from './fold.ts';
import type { Intent } from './intent.ts';
import type { OpenedEntry } from './log.ts';
import { createPublisher } from './publish.ts';
import type { Op, Records } from './record.ts';
import type { State } from './state.ts';
import { createTop } from './top.ts';

const ME = 'did:e:localhost:dids:1111111111111111111111';
const DEVICE = 'DVC00000000000000000';
const PEERS = [0, 1];
const addressOf = (peer: number) => `did:e:localhost:dids:222222222222222222222${peer}`;
const bytes = (length: number) => new Uint8Array(length);

/** Relationships the log confirmed. */
function confirmed(): Layer {
	const views = memoryViews();
	for (const peer of PEERS) {
		const [id, address] = [`REL${peer}`, addressOf(peer)];
		views.put('relationships', {
			id,
			peer: address,
			status: 'Active',
			auditLog: [],
			_events: []
		} as unknown as RelationshipRow);
		views.put('channels', {
			id,
			peer: address,
			root: bytes(32),
			mailbox: { alias: bytes(16) },
			sent: [],
			received: [],
			gaps: []
		} as unknown as ChannelRow);
	}
	return views;
}

function stateOn(base: Layer, intents: readonly Intent[]): State {
	return {
		ports: { relay: { url: 'http://relay.test' } },
		self: { address: ME, deviceText: DEVICE, ordinal: 0, identityTag: bytes(16) },
		keys: { b: bytes(32) },
		documents: createDocuments(),
		base,
		top: base,
		intents,
		log: { cursor: 0 },
		mailFolded: 0,
		publishing: true
	} as unknown as State;
}

function shownBy(state: State) {
	const publisher = createPublisher(state);
	const folder = createFolder(state, publisher);
	return { folder, top: createTop(state, folder, publisher) };
}

const TABLES: readonly TableName[] = ['messages', 'requests', 'attributes', 'metadata', 'channels', 'attention'];
/** Which messages were the last is in the order they were written or left; letters are built on the base, which knows. */
const contentOf = (state: State) =>
	TABLES.map((table) => [table, state.top.list(table).map((row) => ({ ...row, sent: undefined }))]);

const rec = <K extends keyof Records>(n: number, k: K, v: Records[K]): Op =>
	({ o: 'rec', i: bytes(16).fill(n), k, v }) as Op;
const message = (n: number, to: readonly number[], content: JsonObject): Op =>
	rec(n, 'message.sent', {
		id: `MSG${n}`,
		random: bytes(16),
		to: to.map(addressOf),
		rels: to.map((peer) => `REL${peer}`),
		content,
		attachments: [],
		at: n
	});
const text: JsonObject = { '@type': 'ArbitraryMessageContent', value: 1 };
const request = (n: number): JsonObject => ({
	'@type': 'Request',
	id: `REQ${String(n).padStart(17, '0')}`,
	items: [{ '@type': 'ConsentRequestItem', mustBeAccepted: false, consent: 'yes?' }]
});

/** What somebody does; `n` and a small number decide on what. */
const deeds: readonly (readonly [Intent['kind'], (n: number, on: number) => Op])[] = [
	['message', (n, on) => message(n, [on % 2], text)],
	['message', (n) => message(n, [0, 1], text)],
	[
		'plain',
		(n, on) =>
			rec(n, 'request.drafted', {
				id: String(request(n)['id']),
				content: request(n),
				peer: addressOf(on % 2),
				at: n
			})
	],
	['message', (n, on) => message(n, [on % 2], request(Math.max(0, n - 1)))],
	['plain', (n, on) => rec(n, 'metadata.set', { reference: addressOf(on % 2), value: n, at: n })],
	['plain', (n, on) => rec(n, 'metadata.deleted', { reference: addressOf(on % 2), at: n })],
	[
		'plain',
		(n, on) =>
			rec(n, 'attribute.created', {
				id: `ATT${99 - n}`,
				content: {
					'@type': 'IdentityAttribute',
					owner: ME,
					value: { '@type': 'Surname', value: `name ${on}` }
				},
				at: n
			})
	],
	['plain', (n, on) => rec(n, 'attribute.deleted', { id: `ATT${99 - Math.max(0, n - 1 - on)}`, at: n })]
];

const story = fc.array(
	fc.record({
		deed: fc.nat(deeds.length - 1),
		on: fc.nat(3),
		leave: fc.nat(4),
		late: fc.boolean(),
		fails: fc.nat(9)
	}),
	{ minLength: 1, maxLength: 25 }
);

test('letting go of what left shows what showing all anew would', async () => {
	await fc.assert(
		fc.asyncProperty(story, async (steps) => {
			const state = stateOn(confirmed(), []);
			const { folder, top } = shownBy(state);
			await top.rebuild();
			for (const [n, { deed, on, leave, late, fails }] of steps.entries()) {
				const [kind, make] = deeds[deed]!;
				const intent: Intent = { n, id: bytes(16), kind, shown: [make(n, on)] };
				state.intents = [...state.intents, intent];
				await top.show(intent);
				const first = state.intents.find(({ failed }) => !failed);
				if (fails === 0 && first) {
					const failed = { ...first, failed: 'mailbox-refused' };
					state.intents = state.intents.map((other) => (other === first ? failed : other));
					await top.revise(first, failed);
				}
				// Some leave, perhaps past one that waits for a mailbox.
				const ready = state.intents.filter(({ failed }) => !failed).slice(late && kind === 'message' ? 1 : 0);
				const settled = ready.slice(0, leave);
				const entry = {
					seq: n + 1,
					device: DEVICE,
					member: { ordinal: 0 },
					ops: settled.flatMap(({ shown }) => shown)
				};
				state.intents = state.intents.filter((other) => !settled.includes(other));
				await folder.foldEntries([entry as unknown as OpenedEntry]);
				await top.settle(settled, [entry as unknown as OpenedEntry]);

				const other = stateOn(state.base as Layer, state.intents);
				await shownBy(other).top.rebuild();
				expect(contentOf(state)).toEqual(contentOf(other));
			}
		}),
		{ numRuns: 300 }
	);
});

test('what left is not shown twice, and what somebody else wrote is shown at once', async () => {
	const state = stateOn(confirmed(), []);
	const { folder, top } = shownBy(state);
	const waits = Array.from({ length: 3 }, (_, n): Intent => ({
		n,
		id: bytes(16),
		kind: 'message',
		shown: [message(n, [0], text)]
	}));
	state.intents = waits;
	await top.rebuild();
	state.intents = waits.slice(1);
	const theirs = rec(9, 'metadata.set', { reference: addressOf(0), value: 'theirs', at: 9 });
	const entry = {
		seq: 1,
		device: 'DVC other',
		member: { ordinal: 1 },
		ops: [...waits[0]!.shown, theirs]
	} as unknown as OpenedEntry;
	await folder.foldEntries([entry]);
	await top.settle(waits.slice(0, 1), [entry]);
	expect(state.top.list('messages').map(({ id, _delivery }) => [id, _delivery])).toEqual([
		['MSG0', 'sent'],
		['MSG1', 'queued'],
		['MSG2', 'queued']
	]);
	expect(state.top.list('metadata').map(({ value }) => value)).toEqual(['theirs']);
});
