/** Mailboxes: who may file, in which order, how often, until when, and what nobody learns. */
import { isSignedBy, parseNotice, sha256, type Bytes, type MailItem } from '@enmeshed/crdt/wire';
import { expect, test } from 'vitest';
import { createIdentity, createSession, random, type Client } from '../testing/client.ts';
import { onEveryStore, openAlias } from '../testing/relay.ts';

const DAY = 86_400_000;
const mailOf = async (client: Client, after = 0) =>
	(await client.must('mail', { after }))['mail'] as unknown as MailItem[];

onEveryStore('mailbox', (relay) => {
	test('mail of all aliases has one order per mailbox, and its day but no time', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const [one, two, bens] = [await openAlias(anna), await openAlias(anna), await openAlias(ben)];
		for (const { envelope } of [one, bens, two, one]) await world.client().must('deliver', envelope());
		const mail = await mailOf(anna);
		expect(mail.map(({ mseq, alias, kind, day }) => ({ mseq, alias, kind, day }))).toEqual(
			[one, two, one].map(({ alias }, i) => ({
				mseq: i + 1,
				alias,
				kind: 'envelope',
				day: Math.floor(world.now / DAY)
			}))
		);
		expect((await mailOf(ben)).map(({ mseq }) => mseq)).toEqual([1]);
		expect(await mailOf(anna, 2)).toHaveLength(1);
	});

	test('the same envelope is filed once; the same id under another alias is another envelope', async () => {
		const world = relay();
		const anna = await world.member();
		const [one, two] = [await openAlias(anna), await openAlias(anna)];
		const envelope = one.envelope();
		for (let i = 0; i < 3; i++) await world.client().must('deliver', envelope);
		await world.client().must('deliver', { ...two.envelope(), envId: envelope.envId });
		expect(await mailOf(anna)).toHaveLength(2);
	});

	test('an unknown alias, a wrong token, a closed and a run-out alias answer alike', async () => {
		const world = relay();
		const anna = await world.member();
		const [open, closed, late] = [
			await openAlias(anna),
			await openAlias(anna),
			await openAlias(anna, world.now + 1000)
		];
		await world.client().must('deliver', late.envelope());
		await anna.must('mailboxClose', { alias: closed.alias });
		world.now += 1000;
		const wrong = [
			{ ...open.envelope(), alias: random(16) },
			{ ...open.envelope(), token: random(32) },
			closed.envelope(),
			late.envelope()
		];
		const replies = await Promise.all(wrong.map((envelope) => world.client().call('deliver', envelope)));
		for (const reply of replies) expect({ ...reply.body, id: 0 }).toEqual({ ...replies[0]!.body, id: 0 });
		expect(replies[0]).toMatchObject({ ok: false, type: 'mailbox-refused' });
		await world.client().must('deliver', open.envelope());
	});

	test('an envelope that was filed stays filed when it comes again after the alias closed', async () => {
		const world = relay();
		const anna = await world.member();
		const { alias, envelope } = await openAlias(anna);
		const sent = envelope();
		await world.client().must('deliver', sent);
		await anna.must('mailboxClose', { alias });
		await world.client().must('deliver', sent);
		expect(await mailOf(anna)).toHaveLength(1);
	});

	test('opening again is fine and may set a closing date; another token, another owner or a closed alias is a conflict', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const [alias, token] = [random(16), random(32)];
		const tokenHash = sha256(token);
		for (let i = 0; i < 2; i++) await anna.must('mailboxOpen', { alias, tokenHash });
		expect(await anna.must('account', {})).toMatchObject({ aliases: 1 });
		expect(await anna.call('mailboxOpen', { alias, tokenHash: random(32) })).toMatchObject({ type: 'conflict' });
		expect(await ben.call('mailboxOpen', { alias, tokenHash })).toMatchObject({ type: 'conflict' });
		await ben.must('mailboxClose', { alias });
		await anna.must('mailboxOpen', { alias, tokenHash, closesAt: world.now + 5000 });
		await anna.must('mailboxOpen', { alias, tokenHash });
		const deliver = () => world.client().call('deliver', { alias, token, envId: random(16), bytes: random(9) });
		expect((await deliver()).ok).toBe(true);
		world.now += 5000;
		expect((await deliver()).ok).toBe(false);
		expect(await anna.call('mailboxOpen', { alias, tokenHash })).toMatchObject({ type: 'conflict' });
	});

	test('an alias takes so many unread items and no more, until mail is acknowledged; a neighbour is not affected', async () => {
		const world = relay({ limits: { pendingPerAlias: 3 } });
		const anna = await world.member();
		const [loud, quiet] = [await openAlias(anna), await openAlias(anna)];
		const session = createSession(anna.identity);
		for (let i = 0; i < 3; i++) await world.client().must('deliver', loud.envelope());
		expect(await world.client().call('deliver', loud.envelope())).toMatchObject({ type: 'mailbox-full' });
		await world.client().must('deliver', quiet.envelope());
		await anna.must('commit', { slots: [], entry: session.entry(), mailAck: 2 });
		expect(await anna.must('account', {})).toMatchObject({ mail: 2 });
		for (let i = 0; i < 2; i++) await world.client().must('deliver', loud.envelope());
		expect(await world.client().call('deliver', loud.envelope())).toMatchObject({ type: 'mailbox-full' });
		await anna.must('commit', { slots: [], entry: session.entry(), mailAck: 999 });
		expect(await anna.must('account', {})).toMatchObject({ mail: 0 });
	});

	test('K203 a full alias keeps places for urgent letters, so many at once; the next acknowledgement frees them', async () => {
		const world = relay({ limits: { pendingPerAlias: 3, reservedPerAlias: 2 } });
		const anna = await world.member();
		const { envelope } = await openAlias(anna);
		const plain = () => world.client().call('deliver', envelope());
		const urgent = () => world.client().call('deliver', { ...envelope(), urgent: true });
		// While there is room an urgent one takes an ordinary place.
		for (const send of [urgent, plain, plain]) expect((await send()).ok).toBe(true);
		expect(await plain()).toMatchObject({ type: 'mailbox-full' });
		for (let i = 0; i < 2; i++) expect((await urgent()).ok).toBe(true);
		expect(await urgent()).toMatchObject({ type: 'mailbox-full' });
		await anna.must('commit', { slots: [], entry: createSession(anna.identity).entry(), mailAck: 1 });
		expect(await plain()).toMatchObject({ type: 'mailbox-full' });
		expect((await urgent()).ok).toBe(true);
		expect((await mailOf(anna)).map(({ mseq }) => mseq)).toEqual([1, 2, 3, 4, 5, 6]);
	});

	test('a day’s letters under one alias have so many bytes, however quickly they are fetched; others are not touched', async () => {
		const world = relay({ limits: { bytesPerAliasPerDay: 2_000 } });
		const anna = await world.member();
		const [loud, quiet] = [await openAlias(anna), await openAlias(anna)];
		const session = createSession(anna.identity);
		const large = (to: typeof loud) => ({ ...to.envelope(), bytes: new Uint8Array(900) });
		for (let i = 0; i < 2; i++) await world.client().must('deliver', large(loud));
		await anna.must('commit', { slots: [], entry: session.entry(), mailAck: 2 });
		expect(await world.client().call('deliver', large(loud))).toMatchObject({ type: 'mailbox-full' });
		await world.client().must('deliver', { ...large(loud), urgent: true });
		await world.client().must('deliver', large(quiet));
		world.now += DAY;
		await world.client().must('deliver', large(loud));
	});

	test('K203 who marks everything urgent gains so many places a day and no more, however quickly it is emptied', async () => {
		const world = relay({ limits: { pendingPerAlias: 1, reservedPerAlias: 2, reservedPerDay: 3 } });
		const anna = await world.member();
		const [loud, quiet] = [await openAlias(anna), await openAlias(anna)];
		const session = createSession(anna.identity);
		const urgent = (to: typeof loud) => world.client().call('deliver', { ...to.envelope(), urgent: true });
		await world.client().must('deliver', loud.envelope());
		const filled = async () => {
			for (let i = 0; ; i++) if (!(await urgent(loud)).ok) return i;
		};
		expect(await filled()).toBe(2);
		await anna.must('commit', { slots: [], entry: session.entry(), mailAck: 99 });
		// One ordinary place, and the one reserved place that is left of the day.
		expect(await filled()).toBe(2);
		await world.client().must('deliver', quiet.envelope());
		for (let i = 0; i < 2; i++) expect((await urgent(quiet)).ok).toBe(true);
		world.now += DAY;
		expect((await urgent(loud)).ok).toBe(true);
	});

	test('K203 a full mailbox has such places too, in a commit as in a deliver; a repeated letter takes none', async () => {
		const world = relay({ limits: { pendingPerMailbox: 2, reservedPerMailbox: 1 } });
		const [anna, ben] = [await world.member(), await world.member()];
		const { envelope } = await openAlias(anna);
		for (let i = 0; i < 2; i++) await world.client().must('deliver', envelope());
		const session = createSession(ben.identity);
		const commit = (urgent: boolean, letter = envelope()) => {
			const entry = session.entry(undefined, { keep: urgent });
			return ben.call('commit', { slots: [], entry, envelopes: [{ ...letter, urgent }] });
		};
		expect(await commit(false)).toMatchObject({ type: 'mailbox-full', body: { index: 0 } });
		const letter = envelope();
		for (let i = 0; i < 2; i++) expect((await commit(true, letter)).ok).toBe(true);
		expect(await commit(true)).toMatchObject({ type: 'mailbox-full' });
		expect(await mailOf(anna)).toHaveLength(3);
	});

	test('K79, K251 while the owner is to be deleted mail is filed and nobody woken; after cancelling it is all there', async () => {
		const world = relay();
		const anna = await world.member();
		const { alias, token, envelope } = await openAlias(anna);
		const pushed: string[] = [];
		anna.wire.onPush(({ push }) => void pushed.push(push));
		await anna.must('accountDelete', {});
		await world.client().must('deliver', envelope());
		await world.client().must('notify', { alias, token, code: 'TestCode' });
		expect(pushed).toEqual([]);
		await anna.must('accountDelete', { days: 0 });
		expect(await mailOf(anna)).toHaveLength(1);
		await world.client().must('deliver', envelope());
		expect(pushed).toEqual(['wake']);
	});

	test('K84 a notification code reaches the open lines of who is behind the alias, in every language, and nothing is stored', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const second = world.client();
		await second.signIn(anna.identity);
		const { alias, token } = await openAlias(anna);
		const before = [await anna.must('account', {}), await anna.must('mail', { after: 0 })];
		const pushed: unknown[] = [];
		for (const client of [anna, second, ben]) client.wire.onPush((push) => void pushed.push(push));
		await world.client().must('notify', { alias, token, code: 'TestCode' });
		expect(pushed).toHaveLength(2);
		for (const push of pushed)
			expect(push).toMatchObject({
				push: 'notification',
				code: 'TestCode',
				texts: { en: { title: 'Test' }, de: { title: 'Test' } }
			});
		const after = [await anna.must('account', {}), await anna.must('mail', { after: 0 })];
		expect(after.map((body) => ({ ...body, id: 0 }))).toEqual(before.map((body) => ({ ...body, id: 0 })));
	});

	test('K85, K86 a code the operator does not have, an empty one, and an alias that takes nothing are refused', async () => {
		const world = relay();
		const anna = await world.member();
		const [open, closed] = [await openAlias(anna), await openAlias(anna)];
		await anna.must('mailboxClose', { alias: closed.alias });
		const notify = ({ alias, token }: { alias: Bytes; token: Bytes }, code: string) =>
			world.client().call('notify', { alias, token, code });
		for (const code of ['Nope', 'testcode', 'constructor', '__proto__'])
			expect(await notify(open, code), code).toMatchObject({ type: 'code-unknown' });
		expect(await notify(open, '')).toMatchObject({ type: 'malformed' });
		for (const target of [closed, { ...open, token: random(32) }, { ...open, alias: random(16) }])
			expect(await notify(target, 'TestCode')).toMatchObject({ type: 'mailbox-refused' });
	});

	test('acknowledged mail is kept 30 days for the other devices, unacknowledged mail for good', async () => {
		const world = relay();
		const anna = await world.member();
		const { envelope } = await openAlias(anna);
		for (let i = 0; i < 4; i++) await world.client().must('deliver', envelope());
		await anna.must('commit', { slots: [], entry: createSession(anna.identity).entry(), mailAck: 3 });
		world.now += 29 * DAY;
		await world.relay.housekeep();
		expect(await mailOf(anna)).toHaveLength(4);
		world.now += 2 * DAY;
		await world.relay.housekeep();
		expect((await mailOf(anna)).map(({ mseq }) => mseq)).toEqual([4]);
		expect(await anna.must('mail', { after: 0 })).toMatchObject({ mseq: 4 });
	});

	test('who holds the token learns whether the mailbox is open, leaving, closed or gone; nobody else learns anything', async () => {
		const world = relay();
		const anna = await world.member();
		const [mine, closed] = [await openAlias(anna), await openAlias(anna)];
		const state = ({ alias, token }: { alias: Bytes; token: Bytes }) =>
			world.client().call('mailboxState', { alias, token });
		await anna.must('mailboxClose', { alias: closed.alias });
		expect(await state(mine)).toMatchObject({ body: { state: 'open' } });
		expect(await state(closed)).toMatchObject({ body: { state: 'closed' } });
		await anna.must('accountDelete', { days: 14 });
		expect(await state(mine)).toMatchObject({ body: { state: 'leaving' } });
		await world.client().must('deliver', mine.envelope());
		await anna.must('accountDelete', { days: 0 });
		expect(await state(mine)).toMatchObject({ body: { state: 'open' } });
		await anna.must('accountDelete', { days: 14 });
		world.now += 14 * DAY;
		const gone = async () => {
			expect(await state(mine)).toMatchObject({ body: { state: 'gone' } });
			expect(await world.client().call('deliver', mine.envelope())).toMatchObject({ type: 'mailbox-refused' });
			const [unknown, wrong] = [
				await state({ ...mine, alias: random(16) }),
				await state({ ...mine, token: random(32) })
			];
			expect(unknown).toEqual(wrong);
			expect(unknown).toMatchObject({ type: 'mailbox-refused' });
		};
		await gone();
		await world.relay.housekeep();
		await gone();
	});

	test('a notice is signed by the relay and dated to the day', async () => {
		const world = relay();
		const anna = await world.member();
		const handle = random(32);
		await anna.must('objectPut', { handle, bytes: random(10), maxUses: 1 });
		await world.client().must('objectRedeem', { handle, claimId: random(16) });
		const [item] = await mailOf(anna);
		expect(item!.kind).toBe('notice');
		const { notice, hash, signature } = parseNotice(item!.bytes)!;
		expect(notice).toEqual({ kind: 'exhausted', handle, time: Math.floor(world.now / DAY) * DAY });
		expect(await isSignedBy(world.relayKey, 'notice', hash, signature)).toBe(true);
		expect(await isSignedBy(createIdentity().device.signer.publicKey, 'notice', hash, signature)).toBe(false);
	});
});
