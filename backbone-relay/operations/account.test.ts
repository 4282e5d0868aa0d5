/** Accounts, chains, logins and linking slots. */
import { encodeChainPublic, encodeChainRecord, chainHash, EMPTY_ROOT, type ChainBody } from '@enmeshed/crdt/wire';
import { expect, test } from 'vitest';
import { createClient, createDevice, createIdentity, createSession, createSigner, random } from '../testing/client.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createTestRelay, onEveryStore, openAlias } from '../testing/relay.ts';

const DAY = 86_400_000;

onEveryStore('accounts', (relay) => {
	test('K19 registering again is fine; a chain that does not hold registers nobody', async () => {
		const world = relay();
		const identity = createIdentity();
		identity.extend({ type: 1, device: createDevice('member').part, time: 2 });
		const client = world.client();
		expect(await client.must('register', { chain: identity.chain })).toMatchObject({ created: true });
		expect(await client.must('register', { chain: identity.chain })).toMatchObject({ created: false });
		const other = createIdentity();
		other.extend({ type: 3, epoch: 1, time: 1 }, createDevice());
		expect(await client.call('register', { chain: other.chain })).toMatchObject({ type: 'signature-invalid' });
		expect(await client.call('register', { chain: [other.chain[0]!, other.chain[0]!] })).toMatchObject({
			type: 'malformed'
		});
		expect(await client.call('register', { chain: [random(100)] })).toMatchObject({ type: 'malformed' });
		expect(await client.hello(other)).toMatchObject({ type: 'login-failed' });
	});

	test('a login needs the device’s signature over this line’s challenge; every failure looks alike', async () => {
		const world = relay();
		const anna = await world.member();
		const stranger = createIdentity();
		const other = world.client();
		const wrong = [
			other.hello(stranger),
			other.hello(anna.identity, { device: createDevice() }),
			other.hello(anna.identity, { device: { ...anna.identity.device, signer: createSigner() } }),
			other.hello({ ...anna.identity, tag: random(16) })
		];
		for (const reply of await Promise.all(wrong))
			expect({ ...reply.body, id: 0 }).toMatchObject({ type: 'login-failed', id: 0 });
		expect(await other.call('account', {})).toMatchObject({ type: 'not-signed-in' });
		const { challenge } = other.wire;
		const elsewhere = world.client();
		const replayed = { ...elsewhere, wire: { ...elsewhere.wire, challenge } };
		expect(replayed.wire.challenge).not.toEqual(elsewhere.wire.challenge);
		expect(await createClient(replayed.wire, world.relayKey).hello(anna.identity)).toMatchObject({
			type: 'login-failed'
		});
	});

	test('the chain grows by compare-and-set; a repeated record is fine, a late one learns the head', async () => {
		const world = relay();
		const anna = await world.member();
		const { identity } = anna;
		const before = identity.head;
		const late = identity.record({ type: 3, epoch: 1, time: 9 });
		const first = identity.extend({ type: 1, device: createDevice().part, time: 2 });
		expect(await anna.must('chainAppend', { record: first, expectHead: before })).toMatchObject({ seq: 1 });
		expect(await anna.must('chainAppend', { record: first, expectHead: before })).toMatchObject({ seq: 1 });
		expect(await anna.call('chainAppend', { record: late.bytes, expectHead: before })).toMatchObject({
			type: 'chain-moved',
			body: { seq: 1, head: identity.head }
		});
		expect((await anna.must('chain', { after: 0 }))['chain']).toEqual([first]);
		expect((await anna.must('chain', { after: -1 }))['chain']).toEqual(identity.chain);
	});

	test('of many records for one place exactly one is taken', async () => {
		const world = relay();
		const anna = await world.member();
		const records = Array.from({ length: 10 }, () =>
			anna.identity.record({ type: 1, device: createDevice().part, time: 2 })
		);
		const replies = await Promise.all(
			records.map(({ bytes }) => anna.call('chainAppend', { record: bytes, expectHead: anna.identity.head }))
		);
		expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
		expect(replies.filter((reply) => !reply.ok && reply.type === 'chain-moved')).toHaveLength(9);
	});

	test('the rules of membership hold: members add nobody, epochs go one by one, reserved types are refused', async () => {
		const world = relay();
		const anna = await world.member();
		const { identity } = anna;
		const member = createDevice('member');
		const append = (record: Uint8Array<ArrayBuffer>, expectHead = identity.head) =>
			anna.call('chainAppend', { record, expectHead });
		const head = identity.head;
		expect((await append(identity.extend({ type: 1, device: member.part, time: 2 }), head)).ok).toBe(true);
		const refusedRow = (body: ChainBody, by = identity.device) => append(identity.record(body, by).bytes);
		expect(await refusedRow({ type: 1, device: createDevice().part, time: 3 }, member)).toMatchObject({
			type: 'signature-invalid'
		});
		expect(await refusedRow({ type: 1, device: createDevice().part, time: 3 }, createDevice())).toMatchObject({
			type: 'signature-invalid'
		});
		expect(await refusedRow({ type: 3, epoch: 2, time: 3 })).toMatchObject({ type: 'malformed' });
		for (const type of [2, 5, 6, 7] as const) {
			const publicBytes = encodeChainPublic({
				prev: identity.head,
				seq: 2,
				body: { type, raw: {}, time: 1 } as unknown as ChainBody,
				signer: identity.device.id
			});
			const signature = identity.device.signer.sign('chain', chainHash(publicBytes));
			expect(await append(encodeChainRecord(publicBytes, new Uint8Array(0), signature))).toMatchObject({
				type: 'malformed'
			});
		}
		expect((await anna.must('chain', { after: -1 }))['chain']).toHaveLength(2);
	});

	test('deletion has a grace period that may be cancelled; afterwards nothing is left, the account row last', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		await anna.must('append', { entries: [createSession(anna.identity).entry()] });
		const mine = await openAlias(anna);
		const handle = random(32);
		await anna.must('objectPut', { handle, bytes: random(30_000) });
		await world.client().must('deliver', mine.envelope());
		const at = world.now + 14 * DAY;
		expect(await anna.must('accountDelete', { days: 14 })).toMatchObject({ deletion: { at } });
		world.now += DAY;
		expect(await anna.must('accountDelete', { days: 14 })).toMatchObject({ deletion: { at } });
		expect(await anna.must('account', {})).toMatchObject({ entries: 1, deletion: { at } });
		expect((await anna.must('accountDelete', { days: 0 }))['deletion']).toBeUndefined();
		world.now = at;
		await world.relay.housekeep();
		expect(await anna.must('account', {})).toMatchObject({ entries: 1 });

		await anna.must('accountDelete', { days: 1 });
		world.now += DAY;
		expect(await anna.call('pull', { after: 0 })).toMatchObject({ type: 'not-signed-in' });
		expect(await world.client().hello(anna.identity)).toMatchObject({ type: 'login-failed' });
		expect(await world.client().call('objectPeek', { handle })).toMatchObject({ type: 'object-not-found' });
		expect(await world.relay.housekeep()).toMatchObject({ accounts: 1, files: 1 });
		expect(world.store.account(anna.identity.tag)).toBeUndefined();
		expect(world.store.entriesAfter(anna.identity.tag, 0, { items: 9, bytes: 9 })).toEqual([]);
		expect(await world.relay.housekeep()).toMatchObject({ accounts: 0 });
		expect(await ben.must('account', {})).toMatchObject({ entries: 0 });
		// Peers were told that it is gone: the same identity does not come back.
		expect(await world.client().call('register', { chain: anna.identity.chain })).toMatchObject({
			type: 'registration-refused'
		});
		expect(world.reported).toEqual([]);
	});

	test('a linking slot is written once, read by whoever knows its id, and gone after ten minutes', async () => {
		const world = relay();
		const [one, two] = [world.client(), world.client()];
		const [id, bytes] = [random(16), random(300)];
		for (let i = 0; i < 2; i++) await one.must('rendezvousPut', { rendezvous: id, slot: 2, bytes });
		expect(await two.call('rendezvousPut', { rendezvous: id, slot: 2, bytes: random(300) })).toMatchObject({
			type: 'slot-taken'
		});
		expect(await two.must('rendezvousGet', { rendezvous: id, slot: 2 })).toMatchObject({ bytes });
		expect((await two.must('rendezvousGet', { rendezvous: id, slot: 1 }))['bytes']).toBeUndefined();
		world.now += 10 * 60_000;
		expect((await two.must('rendezvousGet', { rendezvous: id, slot: 2 }))['bytes']).toBeUndefined();
		await world.relay.housekeep();
		expect(world.store.rendezvous(id, 2)).toBeUndefined();
	});
});

test('an account has so many lines and no more', async () => {
	const world = createTestRelay({ limits: { linesPerAccount: 2 } });
	const anna = await world.member();
	await world.client().signIn(anna.identity);
	expect(await world.client().hello(anna.identity)).toMatchObject({ type: 'rate-limited', body: { retryAfter: 60 } });
	anna.wire.close();
	await world.client().signIn(anna.identity);
});

test('a relay restored from an old backup shows it: the root at the cursor does not match', async () => {
	const store = createMemoryStore();
	const world = createTestRelay({ store });
	const anna = await world.member();
	const session = createSession(anna.identity);
	await anna.must('append', { entries: [session.entry()] });
	const backup = store.snapshot();
	const { acks } = await anna.must('append', { entries: [session.entry()] });
	const [ack] = acks as unknown as { root: Uint8Array<ArrayBuffer> }[];
	const restored = createTestRelay({ store: createMemoryStore(backup) });
	const welcome = await restored.client().signIn(anna.identity, { cursor: 2, root: ack!.root });
	expect(welcome).toMatchObject({ seq: 1, rootMatches: false });
	expect(await restored.client().signIn(anna.identity, { cursor: 0, root: EMPTY_ROOT })).toMatchObject({
		rootMatches: true
	});
});

test('a bug in one request refuses that request and no other of its tick', async () => {
	const store = createMemoryStore();
	const world = createTestRelay({
		store: {
			...store,
			putSlot: () => {
				throw new TypeError('a bug');
			}
		}
	});
	const anna = await world.member();
	const session = createSession(anna.identity);
	const [first, second] = [createSession(anna.identity).entry(), session.entry()];
	const [bad, good] = await Promise.all([
		anna.call('commit', { slots: [random(32)], entry: first }),
		anna.call('append', { entries: [second] })
	]);
	expect([bad, good]).toMatchObject([{ ok: false, type: 'unavailable' }, { ok: true }]);
	expect((await anna.must('pull', { after: 0 }))['entries']).toEqual([second]);
	expect(world.reported).toHaveLength(1);
});
