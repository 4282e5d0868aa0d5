/** Files: bodies in parts, ownership by token (PROTOCOL.md §4.1). Titles name the lines of the behaviour list. */
import { equal, FRAME_LIMITS, parseNotice, sha256, type Bytes } from '@enmeshed/crdt/wire';
import { describe, expect, test } from 'vitest';
import { random, type Client } from '../testing/client.ts';
import { createTestRelay, onEveryStore } from '../testing/relay.ts';

const PART = FRAME_LIMITS.partBytes;

async function sendParts(client: Client, handle: Bytes, content: Bytes, part = PART): Promise<void> {
	for (let at = 0; at < content.length; at += part)
		await client.must('objectPart', { handle, at, bytes: content.slice(at, at + part) });
}

const bodyOf = (content: Bytes) => ({ size: content.length, digest: sha256(content) });

interface Sent {
	readonly handle: Bytes;
	readonly head: Bytes;
	readonly token: Bytes;
	readonly record: Bytes;
}

async function upload(client: Client, content: Bytes, part?: number): Promise<Sent> {
	const [handle, head, token, record] = [random(32), random(200), random(32), random(100)];
	await sendParts(client, handle, content, part);
	const ownershipHash = sha256(token);
	await client.must('objectPut', { handle, bytes: head, body: bodyOf(content), record, ownershipHash });
	return { handle, head, token, record };
}

async function download(client: Client, handle: Bytes, part = PART): Promise<Bytes> {
	const parts: Bytes[] = [];
	for (let at = 0; ; at += part) {
		const { bytes } = await client.must('objectRead', { handle, at, length: part });
		if ((bytes as Bytes).length === 0) return new Uint8Array(Buffer.concat(parts));
		parts.push(bytes as Bytes);
	}
}

const noticesOf = async (client: Client): Promise<string[]> => {
	const { mail } = await client.must('mail', { after: 0 });
	return (mail as unknown as { bytes: Bytes }[]).map(({ bytes }) => parseNotice(bytes)!.notice.kind);
};

onEveryStore('files: content', (relay) => {
	test('K211 what was sent in parts comes back byte for byte, whole and in ranges, with its size; the same file twice is two', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const content = random(2 * PART + 12_345);
		for (let i = 0; i < 2; i++) {
			const { handle, head, record } = await upload(anna, content);
			expect(await ben.must('objectPeek', { handle })).toMatchObject({
				bytes: head,
				size: content.length,
				record
			});
			expect(equal(await download(ben, handle), content)).toBe(true);
			expect(equal(await download(world.client(), handle, 700_001), content)).toBe(true);
			const range = await ben.must('objectRead', { handle, at: PART - 10, length: 20 });
			expect(range).toMatchObject({ bytes: content.slice(PART - 10, PART + 10), size: content.length });
			expect(await ben.must('objectRead', { handle, at: content.length + 5 })).toMatchObject({
				bytes: new Uint8Array(0)
			});
		}
		expect(await anna.must('account', {})).toMatchObject({ objects: 2, objectBytes: 2 * (content.length + 300) });
		expect(world.reported).toEqual([]);
	});

	test('K219 a look at a file gives its metadata alone; a deleted file is gone for everybody, content and all', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const { handle, head } = await upload(anna, random(300_000));
		expect((await ben.must('objectPeek', { handle }))['bytes']).toEqual(head);
		await anna.must('objectDelete', { handle });
		expect(await ben.call('objectPeek', { handle })).toMatchObject({ type: 'object-not-found' });
		expect(await ben.call('objectRead', { handle, at: 0 })).toMatchObject({ type: 'object-not-found' });
		expect(await anna.must('account', {})).toMatchObject({ objects: 0, objectBytes: 0 });
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(await world.store.sweepBlobs()).toBe(0);
	});

	test('K220, K221 only the owner deletes; for another it looks as if nothing was there, and nothing goes', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const { handle } = await upload(anna, random(1000));
		expect(await ben.must('objectDelete', { handle })).toEqual({
			...(await ben.must('objectDelete', { handle: random(32) })),
			id: expect.anything() as number
		});
		expect(await ben.must('objectPeek', { handle })).toMatchObject({ size: 1000 });
	});

	test('K213 an expired file is missing for all but its owner, and its content goes with it 30 days later', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const [handle, content] = [random(32), random(50_000)];
		await sendParts(anna, handle, content);
		const expiresAt = world.now + 1000;
		await anna.must('objectPut', { handle, bytes: random(9), body: bodyOf(content), expiresAt });
		expect(await ben.must('objectPeek', { handle })).toMatchObject({ expiresAt });
		world.now += 1000;
		expect(await ben.call('objectRead', { handle, at: 0 })).toMatchObject({ type: 'object-not-found' });
		expect(await anna.must('objectRead', { handle, at: 0 })).toMatchObject({ bytes: content });
		world.now += 31 * 86_400_000;
		expect(await world.relay.housekeep()).toMatchObject({ files: 1 });
		expect(await anna.must('account', {})).toMatchObject({ objects: 0, objectBytes: 0 });
	});

	test('K212 a content of one byte is one; none, and more than the limit, are refused before anything is kept', async () => {
		const world = relay();
		const anna = await world.member();
		const { handle } = await upload(anna, random(1));
		expect(await anna.must('objectRead', { handle, at: 0 })).toMatchObject({ size: 1 });
		const part = { handle: random(32), at: 0, bytes: new Uint8Array(0) };
		expect(await anna.call('objectPart', part)).toMatchObject({ type: 'malformed' });
		const beyond = { handle: random(32), at: FRAME_LIMITS.objectBytes, bytes: random(1) };
		expect(await anna.call('objectPart', beyond)).toMatchObject({ type: 'too-large' });
		expect(await anna.must('account', {})).toMatchObject({ objects: 1 });
	});

	test('K283 a file of exactly 10 MiB, sealed and padded, goes up and down', async () => {
		const world = relay();
		const anna = await world.member();
		const content = random((10 << 20) + (1 << 19) + 28);
		const { handle } = await upload(anna, content);
		expect(equal(await download(anna, handle), content)).toBe(true);
	});

	test('who redeemed a protected object reads its body by the same claimId, others do not', async () => {
		const world = relay();
		const [anna, ben, cleo] = [await world.member(), await world.member(), await world.member()];
		const [handle, content, claimId, verifier] = [random(32), random(5000), random(16), random(32)];
		await sendParts(anna, handle, content);
		const put = { handle, bytes: random(9), body: bodyOf(content), verifierHash: sha256(verifier), maxUses: 1 };
		await anna.must('objectPut', put);
		expect(await ben.call('objectRead', { handle, at: 0, claimId })).toMatchObject({ type: 'object-not-found' });
		await ben.must('objectRedeem', { handle, claimId, verifier });
		expect(await ben.must('objectRead', { handle, at: 0, claimId })).toMatchObject({ bytes: content });
		expect(await cleo.call('objectRead', { handle, at: 0, claimId: random(16) })).toMatchObject({
			type: 'object-not-found'
		});
	});
});

onEveryStore('files: an upload', (relay) => {
	test('goes on after lost answers: a part sent twice counts once, one out of place says where to go on', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, content] = [random(32), random(3000)];
		const part = (at: number, end: number) =>
			anna.call('objectPart', { handle, at, bytes: content.slice(at, end) });
		expect(await part(0, 1000)).toMatchObject({ ok: true, body: { have: 1000 } });
		expect(await part(0, 1000)).toMatchObject({ ok: true, body: { have: 1000 } });
		expect(await part(2000, 3000)).toMatchObject({ type: 'upload-incomplete', body: { have: 1000 } });
		expect(await part(500, 2000)).toMatchObject({ ok: true, body: { have: 2000 } });
		const put = { handle, bytes: random(9), body: bodyOf(content) };
		expect(await anna.call('objectPut', put)).toMatchObject({ type: 'upload-incomplete', body: { have: 2000 } });
		await part(2000, 3000);
		for (let i = 0; i < 2; i++) await anna.must('objectPut', put);
		// Whoever asks once more, after the put, is told that it is whole.
		expect(await part(0, 1000)).toMatchObject({ ok: true, body: { have: 3000 } });
		expect(await anna.must('objectRead', { handle, at: 0 })).toMatchObject({ bytes: content });
		expect(await world.store.sweepBlobs()).toBe(0);
	});

	test('of other bytes than its digest says is thrown away and begins again', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, content] = [random(32), random(3000)];
		const put = { handle, bytes: random(9), body: bodyOf(content) };
		await sendParts(anna, handle, random(3000));
		expect(await anna.call('objectPut', put)).toMatchObject({ type: 'upload-incomplete', body: { have: 0 } });
		await sendParts(anna, handle, random(3001));
		expect(await anna.call('objectPut', put)).toMatchObject({ type: 'upload-incomplete', body: { have: 0 } });
		await sendParts(anna, handle, content);
		await anna.must('objectPut', put);
		expect(await anna.must('account', {})).toMatchObject({ objects: 1, objectBytes: 3009 });
	});

	test('of many parts at once is written in their order', async () => {
		const world = relay();
		const anna = await world.member();
		const [handle, content] = [random(32), random(20_000)];
		await Promise.all(
			Array.from({ length: 20 }, (_, i) =>
				anna.call('objectPart', { handle, at: i * 1000, bytes: content.slice(i * 1000, i * 1000 + 1000) })
			)
		);
		let have = Number((await anna.call('objectPart', { handle, at: 0, bytes: random(1) })).body['have']);
		while (have < content.length)
			have = (await anna.must('objectPart', { handle, at: have, bytes: content.slice(have, have + 1000) }))[
				'have'
			] as number;
		await anna.must('objectPut', { handle, bytes: random(1), body: bodyOf(content) });
	});

	test('that nobody continues is forgotten after ten minutes, file and all; so it is at a restart', async () => {
		const world = relay();
		const anna = await world.member();
		const handle = random(32);
		await anna.must('objectPart', { handle, at: 0, bytes: random(100) });
		world.now += 10 * 60_000;
		await world.relay.housekeep();
		const next = { handle, at: 100, bytes: random(100) };
		expect(await anna.call('objectPart', next)).toMatchObject({ type: 'upload-incomplete', body: { have: 0 } });
		await anna.must('objectPart', { handle, at: 0, bytes: random(100) });
		await world.relay.close();
		const again = createTestRelay({ store: world.store });
		const back = await again.member(anna.identity);
		expect(await back.call('objectPart', next)).toMatchObject({ type: 'upload-incomplete', body: { have: 0 } });
		expect(await world.store.sweepBlobs()).toBe(0);
	});

	test('is one account’s own: another’s parts under the same handle do not meet it', async () => {
		const world = relay();
		const [anna, ben] = [await world.member(), await world.member()];
		const [handle, content] = [random(32), random(500)];
		await anna.must('objectPart', { handle, at: 0, bytes: content });
		await ben.must('objectPart', { handle, at: 0, bytes: random(400) });
		await anna.must('objectPut', { handle, bytes: random(9), body: bodyOf(content) });
		const late = { handle, at: 400, bytes: random(9) };
		expect(await ben.call('objectPart', late)).toMatchObject({ type: 'conflict' });
	});

	test('counts against what the account may hold, and only so many are under way', async () => {
		const world = relay({ limits: { accountObjectBytes: 1000, uploadsPerAccount: 2, uploads: 3 } });
		const [anna, ben] = [await world.member(), await world.member()];
		const part = (client: Client, length: number, handle = random(32)) =>
			client.call('objectPart', { handle, at: 0, bytes: random(length) });
		expect(await part(anna, 1001)).toMatchObject({ type: 'quota' });
		expect((await part(anna, 600)).ok).toBe(true);
		expect(await part(anna, 600)).toMatchObject({ type: 'quota' });
		expect((await part(anna, 100)).ok).toBe(true);
		expect(await part(anna, 1)).toMatchObject({ type: 'quota' });
		expect((await part(ben, 1)).ok).toBe(true);
		expect(await part(ben, 1)).toMatchObject({ type: 'unavailable' });
	});

	test('that stands still gives way when all places are taken; one that goes on does not', async () => {
		const world = relay({ limits: { uploads: 2 } });
		const [anna, ben, cleo] = [await world.member(), await world.member(), await world.member()];
		const [idle, busy, late] = [random(32), random(32), random(32)];
		const part = (client: Client, handle: Bytes, at: number) =>
			client.call('objectPart', { handle, at, bytes: random(100) });
		await part(anna, idle, 0);
		world.now += 29_000;
		await part(ben, busy, 0);
		expect(await part(cleo, late, 0)).toMatchObject({ type: 'unavailable' });
		world.now += 1000;
		expect((await part(cleo, late, 0)).ok).toBe(true);
		expect(await part(anna, idle, 100)).toMatchObject({ type: 'upload-incomplete', body: { have: 0 } });
		expect((await part(ben, busy, 100)).ok).toBe(true);
	});
});

describe('what a refused or failed put leaves', () => {
	test('is no file: the body is dropped with the request', async () => {
		const world = createTestRelay({ limits: { accountObjects: 1 } });
		const anna = await world.member();
		const [one, two, content] = [random(32), random(32), random(400)];
		for (const handle of [one, two]) await sendParts(anna, handle, content);
		await anna.must('objectPut', { handle: one, bytes: random(9), body: bodyOf(content) });
		expect(await anna.call('objectPut', { handle: two, bytes: random(9), body: bodyOf(content) })).toMatchObject({
			type: 'quota'
		});
		await world.relay.close();
		expect(await world.store.sweepBlobs()).toBe(0);
	});
});

onEveryStore('files: ownership', (relay) => {
	async function shared() {
		const world = relay();
		const [anna, ben, cleo] = [await world.member(), await world.member(), await world.member()];
		const content = random(900);
		const sent = await upload(anna, content);
		const next = random(32);
		const claim = {
			handle: sent.handle,
			token: sent.token,
			nextOwnershipHash: sha256(next),
			claimId: random(16),
			record: random(150),
			expect: sha256(sent.record)
		};
		return { world, anna, ben, cleo, content, next, claim, ...sent };
	}

	test('K222 the token exists from the beginning and claims are open', async () => {
		const { anna, handle, token } = await shared();
		const own = await anna.must('objectGet', { handle });
		expect(own).toMatchObject({ ownershipHash: sha256(token) });
		expect(own['ownershipLocked']).toBeUndefined();
	});

	test('K223 the token is told right or wrong to owner and others; locked says no; unknown is not there', async () => {
		const { anna, ben, cleo, handle, token } = await shared();
		const valid = async (client: Client, shown: Bytes) =>
			(await client.must('objectToken', { handle, token: shown }))['valid'];
		expect([await valid(anna, token), await valid(ben, token)]).toEqual([true, true]);
		expect([await valid(anna, random(32)), await valid(anna, token)]).toEqual([false, true]);
		expect(await valid(cleo, random(32))).toBe(false);
		expect([await valid(anna, token), await valid(ben, token)]).toEqual([false, false]);
		expect(await ben.call('objectToken', { handle, token: random(31) })).toMatchObject({ type: 'malformed' });
		expect(await ben.call('objectToken', { handle: random(32), token })).toMatchObject({
			type: 'object-not-found'
		});
	});

	test('K224 a wrong token of another locks claims and tells the owner, once; the owner’s own does not; reading goes on', async () => {
		const { anna, ben, handle, token, content } = await shared();
		for (let i = 0; i < 3; i++) await anna.must('objectToken', { handle, token: random(32) });
		expect(await noticesOf(anna)).toEqual([]);
		for (let i = 0; i < 3; i++) await ben.must('objectToken', { handle, token: random(32) });
		expect(await noticesOf(anna)).toEqual(['locked']);
		expect(await ben.must('objectPeek', { handle })).toMatchObject({ ownershipLocked: true });
		expect(await ben.must('objectRead', { handle, at: 0 })).toMatchObject({ bytes: content });
		expect(await anna.must('objectToken', { handle, token })).toMatchObject({ valid: false });
	});

	test('K225 only the owner makes another token, which unlocks; of two that make one at once the first stays', async () => {
		const { anna, ben, handle, token, claim } = await shared();
		await ben.must('objectToken', { handle, token: random(32) });
		const [one, two] = [random(32), random(32)];
		const renew = (client: Client, expected: Bytes, next: Bytes) =>
			client.call('objectRenew', { handle, expect: sha256(expected), next: sha256(next) });
		expect(await renew(ben, token, one)).toMatchObject({ type: 'object-not-found' });
		for (let i = 0; i < 2; i++) expect((await renew(anna, token, one)).ok).toBe(true);
		expect(await renew(anna, token, two)).toMatchObject({ type: 'conflict' });
		const own = await anna.must('objectGet', { handle });
		expect(own).toMatchObject({ ownershipHash: sha256(one) });
		expect(own['ownershipLocked']).toBeUndefined();
		expect((await ben.call('objectClaim', { ...claim, token: one })).ok).toBe(true);
		const other = { handle: random(32), expect: random(32), next: random(32) };
		expect(await anna.call('objectRenew', other)).toMatchObject({ type: 'object-not-found' });
	});

	test('K226 the right token makes the caller the owner, with token, record and content; the old owner is told', async () => {
		const { anna, ben, handle, claim, next, content } = await shared();
		for (let i = 0; i < 2; i++) await ben.must('objectClaim', claim);
		expect(await noticesOf(anna)).toEqual(['claimed']);
		expect(await noticesOf(ben)).toEqual([]);
		expect(await ben.must('objectGet', { handle })).toMatchObject({
			record: claim.record,
			ownershipHash: sha256(next)
		});
		expect(await anna.call('objectGet', { handle })).toMatchObject({ type: 'object-not-found' });
		expect(await anna.must('objectRead', { handle, at: 0 })).toMatchObject({ bytes: content });
		expect([await anna.must('account', {}), await ben.must('account', {})]).toMatchObject([
			{ objects: 0, objectBytes: 0 },
			{ objects: 1, objectBytes: 900 + 200 + 150 }
		]);
		// What it stands for may go on to a third, and the new owner deletes it.
		await ben.must('objectDelete', { handle });
		expect(await ben.must('account', {})).toMatchObject({ objects: 0, objectBytes: 0 });
	});

	test('K226 refused: an own file, a wrong token (locks, tells the owner), a locked one, none', async () => {
		const { anna, ben, cleo, handle, claim } = await shared();
		expect(await anna.call('objectClaim', claim)).toMatchObject({ type: 'own-object' });
		expect(await anna.call('objectClaim', { ...claim, token: random(32) })).toMatchObject({ type: 'own-object' });
		expect(await noticesOf(anna)).toEqual([]);
		expect(await ben.call('objectClaim', { ...claim, handle: random(32) })).toMatchObject({
			type: 'object-not-found'
		});
		expect(await ben.call('objectClaim', { ...claim, token: random(32) })).toMatchObject({ type: 'token-wrong' });
		expect(await noticesOf(anna)).toEqual(['locked']);
		expect(await cleo.call('objectClaim', claim)).toMatchObject({ type: 'object-locked' });
		expect(await anna.must('objectGet', { handle })).toMatchObject({ ownershipLocked: true });
	});

	test('of two that claim at once one is the owner; the other is told that it changed, and locks nothing', async () => {
		const { anna, ben, cleo, handle, claim } = await shared();
		const two = await Promise.all([
			ben.call('objectClaim', claim),
			cleo.call('objectClaim', { ...claim, claimId: random(16), record: random(90) })
		]);
		expect(two.map((reply) => (reply.ok ? 'ok' : reply.type)).sort()).toEqual(['ok', 'record-moved']);
		expect(await noticesOf(anna)).toEqual(['claimed']);
		expect((await anna.must('objectPeek', { handle }))['ownershipLocked']).toBeUndefined();
	});

	test('a claim whose answer was lost does no harm when it comes again after the next one', async () => {
		const { ben, cleo, handle, claim, next } = await shared();
		await ben.must('objectClaim', claim);
		const theirs = { handle, token: next, nextOwnershipHash: random(32), claimId: random(16) };
		await cleo.must('objectClaim', { ...theirs, record: random(9), expect: sha256(claim.record) });
		expect(await ben.call('objectClaim', claim)).toMatchObject({ type: 'record-moved' });
		// Also where the file has no owner record that would tell.
		const { record: _record, expect: _expect, ...bare } = claim;
		expect(await ben.call('objectClaim', bare)).toMatchObject({ type: 'record-moved' });
		expect((await cleo.must('objectGet', { handle }))['ownershipLocked']).toBeUndefined();
		expect(await noticesOf(cleo)).toEqual([]);
	});

	test('who holds as much as it may claims nothing more', async () => {
		const world = relay({ limits: { accountObjects: 1 } });
		const [anna, ben] = [await world.member(), await world.member()];
		const { handle, token } = await upload(anna, random(9));
		await upload(ben, random(9));
		const claim = { handle, token, nextOwnershipHash: random(32), claimId: random(16) };
		expect(await ben.call('objectClaim', claim)).toMatchObject({ type: 'quota' });
		expect(await noticesOf(anna)).toEqual([]);
	});
});
