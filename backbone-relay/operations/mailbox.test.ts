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
