/** Append and commit: what is taken, what is refused and why, and that a refusal leaves nothing. */
import { EMPTY_ROOT, entryHash, nextRoot, sha256, toHex, type Bytes, type Cbor } from '@enmeshed/crdt/wire';
import { expect, test } from 'vitest';
import {
	createDevice,
	createIdentity,
	createSession,
	createSigner,
	isProven,
	random,
	type Client
} from '../testing/client.ts';
import { onEveryStore, openAlias } from '../testing/relay.ts';

interface Ack {
	readonly seq: number;
	readonly root: Bytes;
}
const hashOf = (entry: Bytes) => entryHash(entry.slice(0, -64));
const acksOf = (body: { readonly [name: string]: Cbor | undefined }) => body['acks'] as unknown as Ack[];
const logOf = async (client: Client) => (await client.must('pull', { after: 0 }))['entries'] as unknown as Bytes[];

onEveryStore('append', (relay) => {
	test('an entry gets the next position, the root over it, and a proof signed by the relay', async () => {
		const world = relay();
		const anna = await world.member();
		const entry = createSession(anna.identity).entry();
		const body = await anna.must('append', { entries: [entry] });
		const root = nextRoot(EMPTY_ROOT, hashOf(entry));
		expect(acksOf(body)).toEqual([{ seq: 1, root }]);
		expect(await isProven(world.relayKey, anna.identity.tag, 1, root, body['proof'])).toBe(true);
		expect(await isProven(world.relayKey, anna.identity.tag, 2, root, body['proof'])).toBe(false);
		expect(world.reported).toEqual([]);
	});

	test('requests in flight together are answered in one tick, each with a proof of its own', async () => {
		const world = relay();
		const members = await Promise.all([world.member(), world.member(), world.member()]);
		const before = world.relay.stats().ticks;
		const sessions = members.map(({ identity }) => createSession(identity));
		const calls = members.flatMap((member, i) =>
			[1, 2, 3].map(() => member.must('append', { entries: [sessions[i]!.entry()] }))
		);
		for (const [i, body] of (await Promise.all(calls)).entries()) {
			const [ack] = acksOf(body);
			const { tag } = members[Math.floor(i / 3)]!.identity;
			expect(ack!.seq).toBe((i % 3) + 1);
			expect(await isProven(world.relayKey, tag, ack!.seq, ack!.root, body['proof'])).toBe(true);
		}
		expect(world.relay.stats().ticks - before).toBe(1);
	});

	test('K101, K107, K110 two devices of one account write at once: all is taken, in one order that both read', async () => {
		const world = relay();
		const anna = await world.member();
		const phone = createDevice();
		await anna.must('chainAppend', {
			expectHead: anna.identity.head,
			record: anna.identity.extend({ type: 1, device: phone.part, time: 2 })
		});
		const second = world.client();
		expect((await second.hello(anna.identity, { device: phone })).ok).toBe(true);
		const write = async (client: Client, session: ReturnType<typeof createSession>) => {
			const entries = Array.from({ length: 20 }, () => session.entry());
			const replies = await Promise.all(entries.map((entry) => client.call('append', { entries: [entry] })));
			expect(replies.every(({ ok }) => ok)).toBe(true);
			return entries;
		};
		const both = await Promise.all([
			write(anna, createSession(anna.identity)),
			write(second, createSession(anna.identity, { device: phone }))
		]);
		const [one, two] = [await logOf(anna), await logOf(second)];
		expect(one).toEqual(two);
		expect(one.map(toHex).sort()).toEqual(both.flat().map(toHex).sort());
		for (const entries of both) {
			const own = new Set(entries.map(toHex));
			expect(one.map(toHex).filter((entry) => own.has(entry))).toEqual(entries.map(toHex));
		}
	});

	test('the same entry again gets the same answer, also after the epoch has moved; other bytes at its place are a conflict', async () => {
		const world = relay();
		const anna = await world.member();
		const session = createSession(anna.identity);
		const other = session.entry(undefined, { keep: false });
		const entry = session.entry();
		const first = acksOf(await anna.must('append', { entries: [entry] }));
		const record = anna.identity.record({ type: 3, epoch: 1, time: 2 });
		await anna.must('chainAppend', { record: record.bytes, expectHead: anna.identity.head });
		expect(acksOf(await anna.must('append', { entries: [entry] }))).toEqual(first);
		expect(await anna.call('append', { entries: [other] })).toMatchObject({
			ok: false,
			type: 'conflict',
			body: { index: 0, seq: 1 }
		});
		expect(await anna.call('append', { entries: [session.entry()] })).toMatchObject({
			type: 'stale-epoch',
			body: { epoch: 1 }
		});
		expect(await logOf(anna)).toEqual([entry]);
	});

	test('what does not continue its session is refused: a gap, a wrong predecessor, a session begun in the middle', async () => {
		const world = relay();
		const anna = await world.member();
		const session = createSession(anna.identity);
		const [zero, one, two] = [session.entry(), session.entry(), session.entry()];
		expect(await anna.call('append', { entries: [one] })).toMatchObject({ type: 'signature-invalid' });
		await anna.must('append', { entries: [zero] });
		expect(await anna.call('append', { entries: [two] })).toMatchObject({
			type: 'not-contiguous',
			body: { sseq: 1 }
		});
		const fork = createSession(anna.identity, { session: session.session });
		fork.entry();
		expect(await anna.call('append', { entries: [fork.entry()] })).toMatchObject({ type: 'not-contiguous' });
		await anna.must('append', { entries: [one, two] });
		expect(await logOf(anna)).toEqual([zero, one, two]);
	});

	test('a refused append leaves nothing, also of the entries before the bad one', async () => {
		const world = relay();
		const anna = await world.member();
		const session = createSession(anna.identity);
		const [zero, one] = [session.entry(), session.entry()];
		const broken = session.entry();
		broken[broken.length - 1]! ^= 1;
		expect(await anna.call('append', { entries: [zero, one, broken] })).toMatchObject({
			type: 'signature-invalid',
			body: { index: 2 }
		});
		expect(await logOf(anna)).toEqual([]);
		expect(await anna.must('account', {})).toMatchObject({ entries: 0, entryBytes: 0 });
		await anna.must('append', { entries: [zero] });
	});

	test('only a device of the identity may write, with its own key, in its own session', async () => {
		const world = relay();
		const anna = await world.member();
		const stranger = createDevice();
		expect(
			await anna.call('append', { entries: [createSession(anna.identity, { device: stranger }).entry()] })
		).toMatchObject({
			type: 'signature-invalid'
		});
		const impostor = { ...anna.identity.device, signer: createSigner() };
		expect(
			await anna.call('append', { entries: [createSession(anna.identity, { device: impostor }).entry()] })
		).toMatchObject({
			type: 'signature-invalid'
		});
		const foreign = createSession(createIdentity()).entry();
		expect(await anna.call('append', { entries: [foreign] })).toMatchObject({ type: 'signature-invalid' });
		const second = createDevice();
		await anna.must('chainAppend', {
			expectHead: anna.identity.head,
			record: anna.identity.extend({ type: 1, device: second.part, time: 2 })
		});
		await anna.must('append', { entries: [createSession(anna.identity, { device: second }).entry()] });
	});

	test('every changed byte of an entry is refused', async () => {
		const world = relay();
		const anna = await world.member();
		const entry = createSession(anna.identity).entry(random(20));
		for (let at = 0; at < entry.length; at++) {
			const changed = new Uint8Array(entry);
			changed[at]! ^= 1 << (at % 8);
			expect((await anna.call('append', { entries: [changed] })).ok, `byte ${at}`).toBe(false);
		}
		expect(await logOf(anna)).toEqual([]);
		expect(world.reported).toEqual([]);
	});

	test('pull pages by items and bytes, and hello tells whether the root at the cursor is the relay’s', async () => {
		const world = relay({ limits: { pageBytes: 2000 } });
		const anna = await world.member();
		const session = createSession(anna.identity);
		const entries = Array.from({ length: 9 }, () => session.entry(random(300)));
		const acks = acksOf(await anna.must('append', { entries }));
		expect((await anna.must('pull', { after: 2, limit: 3 }))['entries']).toEqual(entries.slice(2, 5));
		expect(((await anna.must('pull', { after: 0 }))['entries'] as unknown as Bytes[]).length).toBe(5);
		const at = async (cursor: number, root: Bytes) =>
			(await world.client().signIn(anna.identity, { cursor, root }))['rootMatches'];
		expect(await at(4, acks[3]!.root)).toBe(true);
		expect(await at(4, acks[4]!.root)).toBe(false);
		expect(await at(0, EMPTY_ROOT)).toBe(true);
		expect(await at(10, acks[8]!.root)).toBe(false);
	});

	test('a log has a bound, and an entry beyond it is refused as quota', async () => {
		const world = relay({ limits: { accountEntryBytes: 1000 } });
		const anna = await world.member();
		const session = createSession(anna.identity);
		await anna.must('append', { entries: [session.entry(random(500))] });
		expect(await anna.call('append', { entries: [session.entry(random(500))] })).toMatchObject({ type: 'quota' });
	});
});

onEveryStore('commit', (relay) => {
	test('takes slots, opens aliases, files envelopes and acknowledges mail, all at once', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const toBen = await openAlias(ben);
		const [alias, token, slot] = [random(16), random(32), random(32)];
		const entry = createSession(anna.identity).entry();
		const envelope = toBen.envelope();
		const aliases = [{ op: 'open' as const, alias, tokenHash: sha256(token) }];
		const body = await anna.must('commit', { slots: [slot], entry, envelopes: [envelope], aliases });
		expect(body).toMatchObject({ seq: 1 });
		expect(await isProven(world.relayKey, anna.identity.tag, 1, body['root'] as Bytes, body['proof'])).toBe(true);
		expect((await ben.must('mail', { after: 0 }))['mail']).toMatchObject([
			{ mseq: 1, alias: toBen.alias, bytes: envelope.bytes }
		]);
		await ben.must('deliver', { alias, token, envId: random(16), bytes: random(10) });
		expect(await anna.must('account', {})).toMatchObject({ entries: 1, mail: 1, aliases: 1 });
	});

	test('a taken slot refuses all of it and names the winner; its own repetition is no loser', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const toBen = await openAlias(ben);
		const slots = [random(32), random(32)];
		const winner = createSession(anna.identity).entry();
		const commit = { slots, entry: winner, envelopes: [toBen.envelope()] };
		const first = await anna.must('commit', commit);
		const loser = createSession(anna.identity).entry();
		const alias = random(16);
		const lost = {
			slots: [random(32), slots[1]!],
			entry: loser,
			envelopes: [toBen.envelope()],
			aliases: [{ op: 'open' as const, alias, tokenHash: random(32) }]
		};
		const reply = await anna.call('commit', lost);
		expect(reply).toMatchObject({ ok: false, type: 'slot-taken', body: { slot: slots[1], index: 1, seq: 1 } });
		expect(await anna.must('commit', commit)).toMatchObject({ seq: first['seq'], root: first['root'] });
		expect(await logOf(anna)).toEqual([winner]);
		expect(await ben.must('account', {})).toMatchObject({ mail: 1 });
		expect(await anna.must('account', {})).toMatchObject({ aliases: 0 });
		// The slot that was free stays free.
		await anna.must('commit', { slots: [lost.slots[0]!], entry: loser });
	});

	test('of many commits that race for one slot exactly one wins', async () => {
		const world = relay();
		const anna = await world.member();
		const slot = random(32);
		const commits = Array.from({ length: 20 }, () => ({
			slots: [slot],
			entry: createSession(anna.identity).entry()
		}));
		const replies = await Promise.all(commits.map((commit) => anna.call('commit', commit)));
		expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
		for (const reply of replies)
			if (!reply.ok) expect(reply).toMatchObject({ type: 'slot-taken', body: { seq: 1 } });
		expect(await logOf(anna)).toHaveLength(1);
	});

	test('a refused envelope fails it whole, unless it is tolerant: then the refused ones are named, also when asked again', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const toBen = await openAlias(ben);
		const nowhere = { ...toBen.envelope(), alias: random(16) };
		const forged = { ...toBen.envelope(), token: random(32) };
		const strict = {
			slots: [],
			entry: createSession(anna.identity).entry(),
			envelopes: [toBen.envelope(), nowhere]
		};
		expect(await anna.call('commit', strict)).toMatchObject({ type: 'mailbox-refused', body: { index: 1 } });
		expect(await ben.must('account', {})).toMatchObject({ mail: 0 });
		const tolerant = { ...strict, envelopes: [nowhere, toBen.envelope(), forged], tolerant: true };
		for (let i = 0; i < 2; i++)
			expect(await anna.must('commit', tolerant)).toMatchObject({ seq: 1, undelivered: [0, 2] });
		expect(await ben.must('account', {})).toMatchObject({ mail: 1 });
	});

	test('mail nobody has seen under the alias refuses it, until the device has seen it', async () => {
		const world = relay();
		const anna = await world.member();
		const toAnna = await openAlias(anna);
		const other = await openAlias(anna);
		await world.client().must('deliver', toAnna.envelope());
		await world.client().must('deliver', other.envelope());
		const entry = createSession(anna.identity).entry();
		const commit = (mseq: number, alias: Bytes) =>
			anna.call('commit', { slots: [], entry, aliasSeen: { alias, mseq } });
		expect(await commit(0, toAnna.alias)).toMatchObject({ type: 'unseen-mail', body: { mseq: 1 } });
		expect(await logOf(anna)).toEqual([]);
		expect(await commit(1, toAnna.alias)).toMatchObject({ ok: true });
	});

	test('entries this device has not read refuse a commit that must stand at the end of the log', async () => {
		const world = relay();
		const anna = await world.member();
		await anna.must('append', { entries: [createSession(anna.identity).entry()] });
		const entry = createSession(anna.identity).entry();
		const commit = (logSeen: number) => anna.call('commit', { slots: [], entry, logSeen });
		expect(await commit(0)).toMatchObject({ type: 'unseen-log', body: { seq: 1 } });
		expect(await logOf(anna)).toHaveLength(1);
		expect(await commit(1)).toMatchObject({ ok: true });
		// The answer was lost: the same again is the same.
		expect(await commit(1)).toMatchObject({ ok: true, body: { seq: 2 } });
	});

	test('a wake reaches every line of the account after the commit, and of nobody else', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const phone = world.client();
		await phone.signIn(anna.identity);
		const woken: string[] = [];
		anna.wire.onPush((push) => woken.push(`anna ${JSON.stringify(push)}`));
		phone.wire.onPush((push) => woken.push(`phone ${JSON.stringify(push)}`));
		ben.wire.onPush(() => woken.push('ben'));
		await anna.must('append', { entries: [createSession(anna.identity).entry()] });
		const wake = '{"push":"wake","seq":1,"mseq":0,"chain":0}';
		expect(woken.sort()).toEqual([`anna ${wake}`, `phone ${wake}`]);
		phone.wire.close();
		await anna.must('append', { entries: [createSession(anna.identity).entry()] });
		expect(woken).toHaveLength(3);
	});
});

onEveryStore('many at once', (relay) => {
	test('more requests than are worked on at once wait as bytes and keep their order', async () => {
		const world = relay({ limits: { atOnce: 8, tickRequests: 5 } });
		const anna = await world.member();
		const session = createSession(anna.identity);
		const entries = Array.from({ length: 100 }, () => session.entry());
		const replies = await Promise.all(entries.map((entry) => anna.must('append', { entries: [entry] })));
		expect(replies.map((body) => acksOf(body)[0]!.seq)).toEqual(entries.map((_, i) => i + 1));
		expect(await logOf(anna)).toEqual(entries);
	});

	test('one bad signature in a busy session refuses that entry and what follows it, nothing before', async () => {
		const world = relay();
		const anna = await world.member();
		const session = createSession(anna.identity);
		const entries = Array.from({ length: 6 }, () => session.entry());
		entries[5]![entries[5]!.length - 1]! ^= 1;
		const replies = await Promise.all(entries.map((entry) => anna.call('append', { entries: [entry] })));
		expect(replies.map(({ ok }) => ok)).toEqual([true, true, true, true, true, false]);
		expect(replies[5]).toMatchObject({ type: 'signature-invalid' });
		expect(await logOf(anna)).toEqual(entries.slice(0, 5));
	});
});
