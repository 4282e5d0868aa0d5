/** Objects: who may put, read, look, redeem, claim and delete, how often, and what a stranger cannot do. */
import { parseNotice, sha256, utf8, type Bytes, type MailItem } from '@enmeshed/crdt/wire';
import { expect, test } from 'vitest';
import { random, type Client } from '../testing/client.ts';
import { onEveryStore } from '../testing/relay.ts';

const DAY = 86_400_000;
const redeem = (client: Client, handle: Bytes, claimId = random(16), verifier?: Bytes) =>
	client.call('objectRedeem', { handle, claimId, ...(verifier ? { verifier } : {}) });
const noticesOf = async (client: Client) =>
	((await client.must('mail', { after: 0 }))['mail'] as unknown as MailItem[])
		.filter(({ kind }) => kind === 'notice')
		.map(({ bytes }) => parseNotice(bytes)!.notice.kind);

onEveryStore('objects', (relay) => {
	test('small and large ones come back whole to their owner and to whoever knows the handle', async () => {
		const world = relay();
		const anna = await world.member();
		for (const size of [0, 100, 16 << 10, (16 << 10) + 1, 300_000]) {
			const [handle, bytes] = [random(32), random(size)];
			await anna.must('objectPut', { handle, bytes });
			expect(await anna.must('objectGet', { handle })).toMatchObject({
				bytes,
				uses: 0,
				failures: 0,
				locked: false
			});
			expect(await world.client().must('objectPeek', { handle })).toMatchObject({ bytes });
			expect((await redeem(world.client(), handle)).body).toMatchObject({ bytes });
			expect(await anna.must('objectGet', { handle })).toMatchObject({ uses: 1 });
		}
		expect(await anna.must('account', {})).toMatchObject({
			objects: 5,
			objectBytes: 100 + (16 << 10) * 2 + 1 + 300_000
		});
		expect(world.reported).toEqual([]);
	});

	test('the same bytes again are fine; other bytes, other terms and another owner are a conflict', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		for (const size of [50, 50_000]) {
			const put = { handle: random(32), bytes: random(size), maxUses: 3 };
			await anna.must('objectPut', put);
			await anna.must('objectPut', put);
			expect(await anna.call('objectPut', { ...put, bytes: random(size) })).toMatchObject({ type: 'conflict' });
			expect(await anna.call('objectPut', { ...put, maxUses: 4 })).toMatchObject({ type: 'conflict' });
			expect(await ben.call('objectPut', put)).toMatchObject({ type: 'conflict' });
		}
		expect(await anna.must('account', {})).toMatchObject({ objects: 2, objectBytes: 50_050 });
		expect(await ben.must('account', {})).toMatchObject({ objects: 0, objectBytes: 0 });
		expect(await world.store.sweepBlobs()).toBe(0);
	});

	test('of many puts of one handle at once one is stored and no file is left over', async () => {
		const world = relay();
		const anna = await world.member();
		const handle = random(32);
		const puts = Array.from({ length: 5 }, () => anna.call('objectPut', { handle, bytes: random(20_000) }));
		expect((await Promise.all(puts)).filter(({ ok }) => ok)).toHaveLength(1);
		await world.relay.close();
		expect(await anna.call('objectGet', { handle })).toMatchObject({ ok: false });
		expect(await world.store.sweepBlobs()).toBe(0);
	});

	test('K136, K234 a use is counted once per claim, the last one leaves a notice, and an earlier claim reads on', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, bytes] = [random(32), random(40)];
		await anna.must('objectPut', { handle, bytes, maxUses: 2 });
		const [first, second] = [random(16), random(16)];
		for (let i = 0; i < 3; i++) expect(await redeem(world.client(), handle, first)).toMatchObject({ ok: true });
		expect(await noticesOf(anna)).toEqual([]);
		expect(await redeem(world.client(), handle, second)).toMatchObject({ ok: true });
		expect(await noticesOf(anna)).toEqual(['exhausted']);
		expect(await redeem(world.client(), handle)).toMatchObject({ type: 'object-exhausted' });
		expect(await world.client().call('objectPeek', { handle })).toMatchObject({ type: 'object-not-found' });
		expect(await redeem(world.client(), handle, first)).toMatchObject({ ok: true, body: { bytes } });
		expect(await redeem(anna, handle)).toMatchObject({ ok: true });
		expect(await anna.must('objectGet', { handle })).toMatchObject({ uses: 2 });
	});

	test('K234 a password is asked for; two sources lock it after 100 wrong ones; owner and earlier claims read on', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, bytes, verifier] = [random(32), random(40), utf8('correct')];
		await anna.must('objectPut', { handle, bytes, verifierHash: sha256(verifier) });
		const early = random(16);
		expect(await redeem(world.client(), handle)).toMatchObject({ type: 'verifier-missing' });
		expect(await redeem(world.client(), handle, early, verifier)).toMatchObject({ ok: true });
		const [one, two] = [world.client('one'), world.client('two')];
		for (let left = 99; left >= 50; left--)
			expect(
				await redeem(
					one,
					handle,
					early.map((b) => b ^ 1),
					random(8)
				)
			).toMatchObject({ type: 'verifier-wrong', body: { remaining: left } });
		for (let i = 0; i < 50; i++)
			expect(await redeem(two, handle, random(16), random(8))).toMatchObject({ type: 'verifier-wrong' });
		expect(await noticesOf(anna)).toEqual(['locked']);
		expect(await redeem(world.client('three'), handle, random(16), verifier)).toMatchObject({
			type: 'object-locked'
		});
		expect(await redeem(world.client('three'), handle, early)).toMatchObject({ ok: true });
		expect(await anna.must('objectGet', { handle })).toMatchObject({ bytes, failures: 100, locked: true });
		expect(await world.client().call('objectPeek', { handle })).toMatchObject({ type: 'object-not-found' });
	});

	test('K282 one stranger alone locks only himself out', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, verifier] = [random(32), utf8('correct')];
		await anna.must('objectPut', { handle, bytes: random(4), verifierHash: sha256(verifier) });
		for (let i = 0; i < 100; i++) await redeem(world.client('bad'), handle, random(16), random(8));
		expect(await redeem(world.client('bad'), handle, random(16), verifier)).toMatchObject({
			type: 'object-locked'
		});
		expect(await redeem(world.client('good'), handle, random(16), verifier)).toMatchObject({ ok: true });
		expect(await noticesOf(anna)).toEqual([]);
	});

	test('K282 one address with many accounts is one stranger: it locks nobody out but itself', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, verifier] = [random(32), utf8('correct')];
		await anna.must('objectPut', { handle, bytes: random(4), verifierHash: sha256(verifier) });
		for (let account = 0; account < 4; account++) {
			const client = await world.member(undefined, 'one address');
			for (let i = 0; i < 30; i++) await redeem(client, handle, random(16), random(8));
		}
		expect(await anna.must('objectGet', { handle })).toMatchObject({ failures: 50, locked: false });
		const fresh = await world.member(undefined, 'one address');
		expect(await redeem(fresh, handle, random(16), verifier)).toMatchObject({ type: 'object-locked' });
		const honest = await world.member(undefined, 'another address');
		expect((await redeem(honest, handle, random(16), verifier)).ok).toBe(true);
		expect(await noticesOf(anna)).toEqual([]);
	});

	test('K235 the owner makes a locked one open again; nobody else does', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const [handle, verifier] = [random(32), utf8('correct')];
		await anna.must('objectPut', { handle, bytes: random(4), verifierHash: sha256(verifier) });
		for (const source of ['one', 'two'])
			for (let i = 0; i < 50; i++) await redeem(world.client(source), handle, random(16), random(8));
		expect(await redeem(ben, handle, random(16), verifier)).toMatchObject({ type: 'object-locked' });
		expect(await ben.call('objectUnlock', { handle })).toMatchObject({ type: 'object-not-found' });
		for (let i = 0; i < 2; i++) await anna.must('objectUnlock', { handle });
		expect(await anna.must('objectGet', { handle })).toMatchObject({ failures: 0, locked: false });
		expect((await redeem(world.client('one'), handle, random(16), verifier)).ok).toBe(true);
		// Who had locked only himself out starts anew as well.
		for (let i = 0; i < 100; i++) await redeem(world.client('alone'), handle, random(16), random(8));
		expect(await redeem(world.client('alone'), handle, random(16), verifier)).toMatchObject({
			type: 'object-locked'
		});
		await anna.must('objectUnlock', { handle });
		expect((await redeem(world.client('alone'), handle, random(16), verifier)).ok).toBe(true);
	});

	test('K134, K137 a superfluous password is ignored; a wrong one spoils nothing for who gave the right one before', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const [plain, closed, claimId, verifier] = [random(32), random(32), random(16), utf8('correct')];
		await anna.must('objectPut', { handle: plain, bytes: random(4) });
		await anna.must('objectPut', { handle: closed, bytes: random(4), verifierHash: sha256(verifier) });
		expect((await redeem(ben, plain, random(16), random(8))).ok).toBe(true);
		expect((await redeem(ben, closed, claimId, verifier)).ok).toBe(true);
		for (const shown of [undefined, random(8)]) expect((await redeem(ben, closed, claimId, shown)).ok).toBe(true);
		expect((await redeem(anna, closed)).ok).toBe(true);
		expect(await anna.must('objectGet', { handle: closed })).toMatchObject({ uses: 1, failures: 0 });
	});

	test('K134, K231, K233 who gets what: owner, others and nobody, with the right, a wrong and no password', async () => {
		const world = relay();
		const [anna, ben, cleo] = [await world.member(), await world.member(), await world.member()];
		const verifier = utf8('correct');
		const terms = {
			plain: {},
			closed: { verifierHash: sha256(verifier) },
			bens: { forTag: ben.identity.tag },
			both: { forTag: ben.identity.tag, verifierHash: sha256(verifier) }
		};
		const handles = new Map<string, Bytes>();
		for (const [name, more] of Object.entries(terms)) {
			handles.set(name, random(32));
			await anna.must('objectPut', { handle: handles.get(name)!, bytes: random(9), ...more });
		}
		const shown = { no: undefined, right: verifier, wrong: random(9) };
		const [yes, gone, missing, wrong] = ['✓', 'object-not-found', 'verifier-missing', 'verifier-wrong'];
		/** Per caller and object: what no, the right and a wrong password get. */
		const rows: [string, Client, { [name: string]: (string | undefined)[] }][] = [
			[
				'owner',
				anna,
				{ plain: [yes, yes, yes], closed: [yes, yes, yes], bens: [yes, yes, yes], both: [yes, yes, yes] }
			],
			[
				'ben',
				ben,
				{
					plain: [yes, yes, yes],
					closed: [missing, yes, wrong],
					bens: [yes, yes, yes],
					both: [missing, yes, wrong]
				}
			],
			[
				'cleo',
				cleo,
				{
					plain: [yes, yes, yes],
					closed: [missing, yes, wrong],
					bens: [gone, gone, gone],
					both: [gone, gone, gone]
				}
			],
			[
				'nobody',
				world.client(),
				{
					plain: [yes, yes, yes],
					closed: [missing, yes, wrong],
					bens: [gone, gone, gone],
					both: [gone, gone, gone]
				}
			]
		];
		for (const [who, client, row] of rows)
			for (const [name, expected] of Object.entries(row))
				for (const [i, word] of (['no', 'right', 'wrong'] as const).entries()) {
					const reply = await redeem(client, handles.get(name)!, random(16), shown[word]);
					expect(reply.ok ? yes : reply.type, `${who}, ${name}, ${word} password`).toBe(expected[i]);
				}
	});

	test('K123 without a maximum anybody may redeem, none is no maximum', async () => {
		const world = relay();
		const anna = await world.member();
		const handle = random(32);
		await anna.must('objectPut', { handle, bytes: random(4) });
		for (let i = 0; i < 20; i++) expect((await redeem(world.client(), handle)).ok).toBe(true);
		const none = { handle: random(32), bytes: random(4), maxUses: 0 };
		expect(await anna.call('objectPut', none)).toMatchObject({ type: 'malformed' });
	});

	test('K143 of many that redeem at once exactly as many as allowed get it, and one notice is left', async () => {
		const world = relay();
		const anna = await world.member();
		const handle = random(32);
		await anna.must('objectPut', { handle, bytes: random(4), maxUses: 5 });
		const replies = await Promise.all(Array.from({ length: 40 }, () => redeem(world.client(), handle)));
		expect(replies.filter(({ ok }) => ok)).toHaveLength(5);
		expect(await noticesOf(anna)).toEqual(['exhausted']);
	});

	test('K126, K134 what is for one identity looks missing to every other and to nobody in particular', async () => {
		const world = relay();
		const [anna, ben, cleo] = [await world.member(), await world.member(), await world.member()];
		const handle = random(32);
		await anna.must('objectPut', { handle, bytes: random(4), forTag: ben.identity.tag });
		const missing = await redeem(cleo, random(32));
		for (const client of [cleo, world.client()]) {
			expect({ ...(await redeem(client, handle)).body, id: 0 }).toEqual({ ...missing.body, id: 0 });
			expect(await client.call('objectPeek', { handle })).toMatchObject({ type: 'object-not-found' });
		}
		expect(await redeem(ben, handle)).toMatchObject({ ok: true });
		expect(await redeem(anna, handle)).toMatchObject({ ok: true });
	});

	test('what has expired is missing for everybody but the owner and earlier redeemers, and gone 30 days later', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, claimId] = [random(32), random(16)];
		await anna.must('objectPut', { handle, bytes: random(30_000), expiresAt: world.now + DAY });
		expect(await redeem(world.client(), handle, claimId)).toMatchObject({
			ok: true,
			body: { expiresAt: world.now + DAY }
		});
		world.now += DAY;
		expect(await redeem(world.client(), handle, claimId)).toMatchObject({ ok: true });
		expect(await redeem(world.client(), handle)).toMatchObject({ type: 'object-not-found' });
		expect(await world.client().call('objectPeek', { handle })).toMatchObject({ type: 'object-not-found' });
		expect(await anna.must('objectGet', { handle })).toMatchObject({ uses: 1 });
		world.now += 31 * DAY;
		expect(await world.relay.housekeep()).toMatchObject({ files: 1 });
		expect(await anna.call('objectGet', { handle })).toMatchObject({ type: 'object-not-found' });
		expect(await anna.must('account', {})).toMatchObject({ objects: 0, objectBytes: 0 });
	});

	test('K139, K141, K238 only the owner reads its counters and deletes it; to others it looks missing', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const handle = random(32);
		await anna.must('objectPut', { handle, bytes: random(20_000) });
		const [foreign, missing] = [
			await ben.call('objectGet', { handle }),
			await ben.call('objectGet', { handle: random(32) })
		];
		expect({ ...foreign.body, id: 0 }).toEqual({ ...missing.body, id: 0 });
		await ben.must('objectDelete', { handle });
		expect(await anna.must('objectGet', { handle })).toMatchObject({ uses: 0 });
		for (let i = 0; i < 2; i++) await anna.must('objectDelete', { handle });
		expect(await redeem(world.client(), handle)).toMatchObject({ type: 'object-not-found' });
		expect(await world.store.sweepBlobs()).toBe(0);
	});

	test('the ownership of a file moves to who shows the token; a wrong one by a stranger locks it, by the owner never', async () => {
		const world = relay();
		const [anna, ben, cleo] = [await world.member(), await world.member(), await world.member()];
		const [handle, token, next] = [random(32), random(32), random(32)];
		await anna.must('objectPut', { handle, bytes: random(9), ownershipHash: sha256(token) });
		const claim = { handle, token, nextOwnershipHash: sha256(next), claimId: random(16) };
		expect(await anna.call('objectClaim', { ...claim, token: random(32) })).toMatchObject({ type: 'own-object' });
		for (let i = 0; i < 2; i++) await ben.must('objectClaim', claim);
		expect(await noticesOf(anna)).toEqual(['claimed']);
		expect(await ben.must('objectGet', { handle })).toMatchObject({ uses: 0 });
		expect(await anna.call('objectGet', { handle })).toMatchObject({ type: 'object-not-found' });
		expect([await anna.must('account', {}), await ben.must('account', {})]).toMatchObject([
			{ objects: 0 },
			{ objects: 1, objectBytes: 9 }
		]);
		const stolen = { ...claim, claimId: random(16) };
		expect(await cleo.call('objectClaim', stolen)).toMatchObject({ type: 'token-wrong' });
		expect(await noticesOf(ben)).toEqual(['locked']);
		expect(await cleo.call('objectClaim', { ...stolen, token: next })).toMatchObject({ type: 'object-locked' });
		expect(await cleo.call('objectClaim', { ...stolen, handle: random(32) })).toMatchObject({
			type: 'object-not-found'
		});
	});

	test('an account holds so many objects and bytes and no more', async () => {
		const world = relay({ limits: { accountObjects: 2, accountObjectBytes: 50_000 } });
		const anna = await world.member();
		const put = (size: number) => anna.call('objectPut', { handle: random(32), bytes: random(size) });
		expect([(await put(40_000)).ok, await put(20_000), (await put(10)).ok, await put(1)]).toMatchObject([
			true,
			{ type: 'quota' },
			true,
			{ type: 'quota' }
		]);
		expect(await world.store.sweepBlobs()).toBe(0);
	});
});
