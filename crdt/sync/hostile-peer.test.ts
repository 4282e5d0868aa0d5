/** What a peer may do that is a valid member of a relationship, and hostile: it costs the others little, and means nothing. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { maxGaps, maxRelationshipEvents, maxWaitingMail } from '../limits.ts';
import { parseMailbox } from '../message/letter.ts';
import { says, sends, throwsNoise } from './testing/hostile-peer.ts';
import { createTown, type Person, type Town } from './testing/town.ts';

let town: Town;
let anna: Person;
let mallory: Person;
let rel: string;
const towns: Town[] = [];
beforeEach(async () => {
	town = createTown();
	towns.push(town);
	[anna, mallory] = [await town.person(), await town.person()];
	rel = (await town.meet(anna, mallory)).id;
});
afterAll(async () => {
	for (const each of towns) await each.close();
});

describe('noise in envelopes', () => {
	test.each([
		['sealed to a key', 1],
		['sealed by the relationship', 2]
	] as const)(
		'%s: it cannot be read, is said once, and nothing of it is kept or tried again',
		async (_name, kind) => {
			for (let i = 0; i < 3; i++) await throwsNoise(mallory, rel, kind);
			await town.settle(anna);
			expect(anna.core.base().list('waiting')).toEqual([]);
			expect(anna.engine.attention().map(({ kind: what }) => what)).toEqual(Array(3).fill('mail-unreadable'));
		}
	);

	test('of what needs a key that is not here so many wait, the rest cannot be read', async () => {
		for (let i = 0; i < maxWaitingMail + 3; i++) await throwsNoise(mallory, rel, 2, 1);
		await town.settle(anna);
		expect(anna.core.base().list('waiting')).toHaveLength(maxWaitingMail);
		expect(anna.engine.attention()).toHaveLength(3);
	});
});

describe('messages that name what never was', () => {
	test('are read, and so many are watched for what is missing', async () => {
		const content = { '@type': 'ArbitraryMessageContent', value: 1 };
		for (let i = 0; i < maxGaps + 3; i++)
			await sends(mallory, rel, anna.address, { content, prev: [`MSG0000000000000${1000 + i}`] });
		await town.settle(anna);
		expect(anna.engine.messages.list()).toHaveLength(maxGaps + 3);
		expect(anna.core.base().get('channels', rel)!.gaps).toHaveLength(maxGaps);
	});
});

describe('events of a relationship', () => {
	test('beyond those a side may add are dropped: neither kept nor folded', async () => {
		const heads = (n: number) => ({
			n,
			prev: new Uint8Array(32).fill(n % 256),
			action: 'terminate',
			to: anna.address
		});
		const kept = anna.engine.relationships.get(rel)!._events.length;
		for (const n of [2, maxRelationshipEvents - 1, maxRelationshipEvents, 1_000_000])
			await says(mallory, rel, { t: 'rel', ...heads(n) });
		await town.settle(anna);
		expect(anna.engine.relationships.get(rel)).toMatchObject({ status: 'Active' });
		expect(
			anna.engine.relationships
				.get(rel)!
				._events.map(({ n }) => n)
				.slice(kept)
		).toEqual([2]);
	});
});

describe('a mailbox', () => {
	const at = (url: string) => parseMailbox([url, new Uint8Array(16), new Uint8Array(32)])?.url;

	test.each(['https://relay.example', 'http://localhost:8080', 'https://relay.example/below'])(
		'lies at %s',
		(url) => {
			expect(at(url)).toBe(url);
		}
	);

	test.each([
		['a script', 'javascript:alert(1)//https://relay.example'],
		['data', 'data:text/html,x'],
		['nowhere', ''],
		['an address with a line end in it', 'https://relay.example\nhttps://other.example'],
		['an address longer than any', `https://${'a'.repeat(1001)}`]
	])('does not lie at %s: references that people are shown would begin with it', (_name, url) => {
		expect(at(url)).toBeUndefined();
	});
});
