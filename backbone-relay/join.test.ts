/**
 * What a table join must not show (PROTOCOL.md §4). A hundred identities write to each other; then a thief has the relay's
 * files and tries to pair each sender's entry with the recipient's mail of the same commit, by every stored column and every
 * column that a key leads to: by equal values, and by equal rank. Guessing finds one pair of all; so must every column.
 * Two leaky variants (a counter over all accounts, a time of arrival) are caught by the same thief.
 *
 * Not claimed: sizes (random here), the WAL, the page layout, and a relay that watches live (THREATS.md).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toHex, type Bytes } from '@enmeshed/crdt/wire';
import { expect, test } from 'vitest';
import { createSqliteStore } from './store/sqlite.ts';
import { createSession, random, type Client } from './testing/client.ts';
import { createTestRelay, openAlias } from './testing/relay.ts';

const IDENTITIES = 100;
const COMMITS = 600;
/** Hits of pure guessing are about Poisson(1): ten or more once in ten million tries. */
const CHANCE = 9;

type Value = string | number | null;
type Row = { readonly [column: string]: Value };
interface Loot {
	readonly entries: Row[];
	readonly mails: Row[];
	/** For each entry the place of its mail in `mails`: what the thief wants to know. */
	readonly truth: readonly number[];
	/** What a leaky relay would have kept as well, in the same order. */
	readonly leaks: { readonly [name: string]: { entries: number[]; mails: number[] } };
}

const below = (bound: number) => Math.floor(Math.random() * bound);

interface Person {
	readonly member: Client;
	readonly session: ReturnType<typeof createSession>;
	readonly inbox: Awaited<ReturnType<typeof openAlias>>;
	/** How often it writes: people differ by far. */
	readonly busy: number;
}

/** Runs the relay and opens its file as a thief would. */
async function steal(): Promise<Loot> {
	const folder = mkdtempSync(join(tmpdir(), 'relay-join-'));
	const store = createSqliteStore(folder);
	let counter = 0;
	const counted = new Map<string, number>();
	const timed = new Map<string, number>();
	const note = (name: string) => {
		counted.set(name, counter++);
		timed.set(name, world.now);
	};
	const world = createTestRelay({
		store: {
			...store,
			addEntry: (tag, entry) => (note(`e${toHex(entry.bytes)}`), store.addEntry(tag, entry)),
			addMail: (mailbox, mail) => (note(`m${toHex(mail.bytes)}`), store.addMail(mailbox, mail))
		}
	});
	const people: Person[] = [];
	for (let i = 0; i < IDENTITIES; i++) {
		const member = await world.member();
		const session = createSession(member.identity);
		// A past of any length: where a log stands says nothing about when.
		for (let n = below(40); n > 0; n--) await member.must('append', { entries: [session.entry(random(64))] });
		const inbox = await openAlias(member);
		for (let n = below(20); n > 0; n--) await world.client().must('deliver', inbox.envelope(random(64)));
		people.push({ member, session, inbox, busy: Math.random() ** 3 });
	}
	const someone = () => {
		for (;;) {
			const person = people[below(people.length)]!;
			if (Math.random() < person.busy) return person;
		}
	};
	const pairs: { entry: string; mail: string }[] = [];
	for (let i = 0; i < COMMITS;) {
		const batch = Array.from({ length: Math.min(1 + below(6), COMMITS - i) }, () => {
			const [from, to] = [someone(), people[below(people.length)]!];
			const [entry, bytes] = [from.session.entry(random(200 + below(2000))), random(200 + below(2000))];
			pairs.push({ entry: toHex(entry), mail: toHex(bytes) });
			return from.member.must('commit', { slots: [random(32)], entry, envelopes: [to.inbox.envelope(bytes)] });
		});
		await Promise.all(batch);
		i += batch.length;
		world.now += 1 + below(5000);
	}
	store.close();
	const loot = readFiles(join(folder, 'relay.sqlite'), pairs, counted, timed);
	rmSync(folder, { recursive: true });
	return loot;
}

const plain = (value: unknown): Value => (value instanceof Uint8Array ? toHex(value as Bytes) : (value as Value));

/** All columns of a row and of the rows its keys lead to, with the sizes of bytes. */
function flatten(prefix: string, row: object | undefined): { [column: string]: Value } {
	const columns: { [column: string]: Value } = {};
	for (const [name, value] of Object.entries(row ?? {})) {
		columns[`${prefix}.${name}`] = plain(value);
		if (value instanceof Uint8Array && name === 'bytes') columns[`${prefix}.${name}.size`] = value.length;
	}
	return columns;
}

function readFiles(
	path: string,
	pairs: readonly { entry: string; mail: string }[],
	counted: Map<string, number>,
	timed: Map<string, number>
): Loot {
	const db = new DatabaseSync(path);
	const all = (sql: string) => db.prepare(sql).all();
	const one = (sql: string, ...keys: (Uint8Array | number)[]) => db.prepare(sql).get(...keys);
	const wanted = new Map(pairs.map(({ entry, mail }) => [entry, mail]));
	const sent = new Set(pairs.map(({ mail }) => mail));
	const entryRows = all('select * from entry').map((row, order) => ({ row, order }));
	const mailRows = all('select * from mail').map((row, order) => ({ row, order }));
	const entries = entryRows.filter(({ row }) => wanted.has(toHex(row['bytes'] as Bytes)));
	const mails = mailRows.filter(({ row }) => sent.has(toHex(row['bytes'] as Bytes)));
	const mailAt = new Map(mails.map(({ row }, i) => [toHex(row['bytes'] as Bytes), i]));
	const [entryNames, mailNames] = [entries, mails].map((rows) =>
		rows.map(({ row }) => toHex(row['bytes'] as Bytes))
	) as [string[], string[]];
	const leak = (values: Map<string, number>) => ({
		entries: entryNames.map((name) => values.get(`e${name}`)!),
		mails: mailNames.map((name) => values.get(`m${name}`)!)
	});
	const loot: Loot = {
		entries: entries.map(({ row, order }) => ({
			order,
			...flatten('entry', row),
			...flatten(
				'session',
				one('select * from session where tag = ? and session = ?', row['tag'] as Bytes, row['session'] as Bytes)
			),
			...flatten('account', one('select * from account where tag = ?', row['tag'] as Bytes)),
			...flatten(
				'slot',
				one('select * from slot where tag = ? and seq = ?', row['tag'] as Bytes, row['seq'] as number)
			),
			...flatten('chain', one('select * from chain where tag = ?', row['tag'] as Bytes))
		})),
		mails: mails.map(({ row, order }) => ({
			order,
			...flatten('mail', row),
			...flatten('alias', one('select * from alias where alias = ?', row['alias'] as Bytes)),
			...flatten('account', one('select * from account where tag = ?', row['mailbox'] as Bytes))
		})),
		truth: entryNames.map((name) => mailAt.get(wanted.get(name)!)!),
		leaks: { counter: leak(counted), time: leak(timed) }
	};
	db.close();
	return loot;
}

const compare = (a: Value, b: Value): number => (a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1);
const ranked = (values: readonly Value[]): number[] =>
	values.map((_, i) => i).sort((a, b) => compare(values[a]!, values[b]!) || a - b);

/** Sort both sides, pair the n-th with the n-th. → how many pairs are right (guessing: 1) */
function hitsByRank(entries: readonly Value[], mails: readonly Value[], truth: readonly number[]): number {
	const [left, right] = [ranked(entries), ranked(mails)];
	return left.filter((entry, n) => truth[entry] === right[n]).length;
}

/** Pick any mail with the same value. → how many pairs are right on average (guessing: 1) */
function hitsByValue(entries: readonly Value[], mails: readonly Value[], truth: readonly number[]): number {
	const sizes = new Map<Value, number>();
	for (const value of mails) sizes.set(value, (sizes.get(value) ?? 0) + 1);
	return entries.reduce<number>((sum, value, i) => sum + (mails[truth[i]!] === value ? 1 / sizes.get(value)! : 0), 0);
}

const columnOf = (rows: readonly Row[], name: string): Value[] => rows.map((row) => row[name] ?? null);

/** The best pair of columns a thief can find. */
function best({ entries, mails, truth }: Loot): { columns: string; hits: number; tried: number } {
	let found = { columns: '', hits: 0 };
	let tried = 0;
	for (const left of Object.keys(entries[0]!)) {
		for (const right of Object.keys(mails[0]!)) {
			const sides = [columnOf(entries, left), columnOf(mails, right)] as const;
			for (const hits of [hitsByRank(...sides, truth), hitsByValue(...sides, truth)]) {
				tried++;
				if (hits > found.hits) found = { columns: `${left} with ${right}`, hits };
			}
		}
	}
	return { ...found, tried };
}

test(
	'no stored column pairs a sender’s entry with the recipient’s mail better than guessing',
	{ timeout: 120_000 },
	async () => {
		const loot = await steal();
		expect([loot.entries.length, loot.mails.length]).toEqual([COMMITS, COMMITS]);
		const { columns, hits, tried } = best(loot);
		console.log(`${tried} ways tried on ${COMMITS} pairs; the best (${columns}) finds ${hits.toFixed(1)}`);
		expect(tried).toBeGreaterThan(500);
		expect(hits, columns).toBeLessThanOrEqual(CHANCE);

		for (const [name, leak] of Object.entries(loot.leaks)) {
			const leaky: Loot = {
				...loot,
				entries: loot.entries.map((row, i) => ({ ...row, [name]: leak.entries[i]! })),
				mails: loot.mails.map((row, i) => ({ ...row, [name]: leak.mails[i]! }))
			};
			const caught = best(leaky);
			console.log(`with a ${name}: ${caught.columns} finds ${caught.hits.toFixed(1)}`);
			expect(caught.hits).toBeGreaterThan(COMMITS / 8);
		}
	}
);
