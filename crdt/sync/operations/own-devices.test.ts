/** Several devices of one identity over the relay: what one does the others have (backbone-behaviours.md §§3, 5, 8). */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../views.ts';
import { arbitrary, codeOf, createTown, must, type Person, type Town } from '../testing/town.ts';

/** One town for all: linking a device takes a second or two. Each test tidies up by saying what is new. */
let town: Town;
let anna: Person;
let phone: Person;
let bert: Person;
let tablet: Person;
let rel: string;
beforeAll(async () => {
	town = createTown();
	[anna, bert] = [await town.person(), await town.person()];
	rel = (await town.meet(anna, bert)).id;
	[phone, tablet] = [await anna.second(), await bert.second()];
	await town.settle(anna, bert, phone, tablet);
});
afterAll(async () => town.close());

const anything = (value: unknown) => ({ '@type': 'ArbitraryMessageContent', value }) as JsonObject;
const send = (from: Person, to: readonly Person[], value: unknown) =>
	from.engine.messages.send({ recipients: to.map(({ address }) => address), content: anything(value) });
const values = (person: Person) => person.engine.messages.list().map(({ content }) => content['value']);
const TABLES = ['relationships', 'messages', 'templates', 'tokens', 'files', 'requests', 'attributes'] as const;
const everything = (person: Person) => TABLES.map((table) => person.core.base().list(table));

describe('one identity', () => {
	test('K47 K48 K51 K52 K53 K55 a device that was linked is the same identity, listed on both, with keys of its own', async () => {
		expect(phone.engine.account.identityInfo()).toEqual(anna.engine.account.identityInfo());
		const listed = (person: Person) =>
			person.engine.devices
				.list()
				.map(({ id }) => id)
				.sort();
		expect(listed(phone)).toEqual(listed(anna));
		expect(listed(anna)).toEqual([anna.core.self.deviceText, phone.core.self.deviceText].sort());
		expect(phone.core.self.deviceText).not.toBe(anna.core.self.deviceText);
		expect(must(await phone.engine.account.sync())).toBeUndefined();
	});

	test('K47 K67 each device has a name, its role and a date; the name can be changed and is the same on both', async () => {
		const own = phone.core.self.deviceText;
		const named = (person: Person) => person.engine.devices.list().find(({ id }) => id === own);
		expect(named(anna)).toMatchObject({ name: 'second', isThis: false, role: 'admin' });
		expect(named(phone)).toMatchObject({ name: 'second', isThis: true });
		expect(Date.parse(named(anna)!.addedAt)).toBeLessThanOrEqual(town.now());
		must(await phone.engine.devices.rename(own, 'Front desk'));
		await town.settle(phone, anna);
		for (const device of [anna, phone]) expect(named(device)?.name).toBe('Front desk');
	});

	test('K54 the new device speaks for the identity: peers take what it signs', async () => {
		const carl = await town.person();
		const { id } = await town.meet(phone, carl);
		expect(carl.engine.relationships.get(id)).toMatchObject({
			peer: anna.address,
			status: 'Active',
			auditLog: [
				{ createdBy: carl.address },
				{ createdBy: anna.address, createdByDevice: phone.core.self.deviceText }
			]
		});
	});
});

describe('what one device does', () => {
	test('K99 K102 messages come to both, and what either sends is on both', async () => {
		must(await send(bert, [anna], 'for both'));
		await town.settle(bert, anna, phone);
		for (const device of [anna, phone]) expect(values(device)).toContain('for both');
		must(await send(phone, [bert], 'from the second'));
		must(await send(anna, [bert], 'from the first'));
		await town.settle(phone, anna, bert, phone);
		expect(values(bert)).toEqual(expect.arrayContaining(['for both', 'from the first', 'from the second']));
		expect(everything(phone)).toEqual(everything(anna));
		const sent = bert.engine.messages.list().find(({ content }) => content['value'] === 'from the second');
		expect(sent).toMatchObject({ createdBy: anna.address, createdByDevice: phone.core.self.deviceText });
	});

	test('K100 two devices send to the same peer at once: all its devices have both', async () => {
		must(await send(anna, [bert], 'one'));
		must(await send(phone, [bert], 'two'));
		await Promise.all([anna, phone].map(({ engine }) => engine.account.sync().then(must)));
		await Promise.all([bert, tablet].map(({ engine }) => engine.account.sync().then(must)));
		await town.settle(bert, tablet, anna, phone);
		for (const device of [bert, tablet, anna, phone])
			expect(
				values(device)
					.filter((value) => value === 'one' || value === 'two')
					.sort()
			).toEqual(['one', 'two']);
		expect(everything(tablet)).toEqual(everything(bert));
		expect(everything(phone)).toEqual(everything(anna));
	});

	test('K103 K104 relationships, templates, tokens and files are there without the other having fetched mail itself', async () => {
		const carl = await town.person();
		await town.meet(anna, carl);
		const expiresAt = town.inDays(1);
		must(await phone.engine.templates.create({ content: arbitrary('of the second'), expiresAt }));
		must(await anna.engine.templates.create({ content: arbitrary('of the first'), expiresAt }));
		const file = must(
			await phone.engine.files.create({ content: new Uint8Array(3), filename: 'f', mimetype: 'a/b' })
		);
		must(await anna.engine.tokens.create({ content: { a: 1 }, expiresAt }));
		const given = must(await bert.engine.tokens.create({ content: { b: 2 }, expiresAt }));
		must(await phone.engine.tokens.load(given.reference.url));
		must(await anna.engine.deletion.initiate());
		must(await phone.engine.account.sync());
		must(await anna.engine.account.sync());
		expect(everything(phone)).toEqual(everything(anna));
		for (const device of [anna, phone]) {
			expect(device.engine.templates.list().map(({ content }) => content['value'])).toEqual(
				expect.arrayContaining(['of the first', 'of the second'])
			);
			expect(device.engine.files.get(file.id)).toMatchObject({ isOwn: true, filesize: 3 });
			expect(device.engine.tokens.list().map(({ isOwn }) => isOwn)).toEqual(
				expect.arrayContaining([true, false])
			);
		}
		expect(phone.engine.relationships.list().map(({ peer }) => peer)).toEqual(
			expect.arrayContaining([bert.address, carl.address])
		);
		expect(must(phone.engine.deletion.active())).toEqual(must(anna.engine.deletion.active()));
		must(await phone.engine.deletion.cancel());
		await town.settle(anna, phone);
	});

	test('K106 a deletion that was cancelled on one device is cancelled on the other', async () => {
		const { id } = must(await anna.engine.deletion.initiate());
		await town.settle(phone);
		must(await phone.engine.deletion.cancel());
		await town.settle(anna);
		expect(anna.engine.deletion.get(id)?.status).toBe('Cancelled');
		expect(anna.engine.deletion.list()).toEqual(phone.engine.deletion.list());
	});
});

describe('synchronising', () => {
	test('K98 twice at once: both say the same, and everything comes once', async () => {
		for (const n of [1, 2, 3]) must(await send(bert, [anna], n));
		must(await bert.engine.account.sync());
		anna.events.length = 0;
		const both = await Promise.all([anna.engine.account.sync(), anna.engine.account.sync()]);
		expect(both).toEqual([
			{ ok: true, value: undefined },
			{ ok: true, value: undefined }
		]);
		expect(values(anna).slice(-3)).toEqual([1, 2, 3]);
		expect(anna.told('transport.messageReceived')).toHaveLength(3);
	});

	test('K115 afterwards nothing waits; without the relay it says so, and what is to be sent waits', async () => {
		must(await anna.engine.account.sync());
		expect(anna.engine.account.status()).toMatchObject({ state: 'upToDate', waiting: 0 });
		anna.line.down = true;
		must(await send(anna, [bert], 'later'));
		expect((await anna.engine.account.sync()).ok).toBe(false);
		expect(anna.engine.account.status().waiting).toBe(1);
		anna.line.down = false;
		must(await anna.engine.account.sync());
		expect(anna.engine.account.status().waiting).toBe(0);
	});

	test('K116 the same again, also by a device that starts anew, makes nothing twice', async () => {
		must(await send(bert, [anna], 'once'));
		await town.settle(bert, anna, anna);
		const before = everything(anna);
		anna = await anna.again();
		await town.settle(anna, anna);
		expect(everything(anna)).toEqual(before);
		expect(anna.told('transport.messageReceived')).toEqual([]);
	});

	test('K117 what is done here leaves with the next synchronisation; on a live line by itself, and is told there after it', async () => {
		must(await send(anna, [bert], 'by itself'));
		await town.settle(bert, phone);
		for (const device of [bert, phone]) expect(values(device)).not.toContain('by itself');
		phone.engine.account.goLive();
		phone.events.length = 0;
		anna.engine.account.goLive();
		await vi.waitFor(() => expect(values(phone)).toContain('by itself'), { timeout: 10_000 });
		await vi.waitFor(() => expect(phone.told('transport.datawalletSynchronized').length).toBeGreaterThan(0));
		for (const device of [anna, phone]) device.engine.account.stopLive();
		await town.settle(bert);
		expect(values(bert)).toContain('by itself');
	});

	test('K118 when it last was is told', async () => {
		const before = town.now();
		must(await anna.engine.account.sync());
		const at = Date.parse(anna.engine.account.syncInfo().lastSyncRun!.completedAt);
		expect(at).toBeGreaterThanOrEqual(before);
		expect(at).toBeLessThanOrEqual(town.now());
	});
});

test('K25 who we are: address and public key, which belong together; the host is in the address', () => {
	const { address, publicKey } = anna.engine.account.identityInfo();
	expect(address).toMatch(/^did:e:localhost:dids:[0-9a-f]{22}$/);
	expect(JSON.parse(Buffer.from(publicKey, 'base64url').toString())).toEqual({
		alg: 3,
		pub: Buffer.from(anna.core.self.ik).toString('base64url')
	});
});

test('K97 a shard nobody knows, and a field that is too large, are refused', async () => {
	for (const shard of ['', 'x', 'flags-20301', 'core/../rel', 'c'.repeat(300)])
		expect(codeOf(await anna.engine.documents.write(shard, 'f', 'v'))).toBe(
			'error.runtime.validation.invalidPropertyValue'
		);
	expect(codeOf(await anna.engine.documents.write('core', 'f', 'v'.repeat(200_000)))).toBe(
		'error.runtime.validation.invalidPropertyValue'
	);
	expect(anna.engine.documents.read('core', 'f')).toBeUndefined();
});

test('K105 both sides decomposed at the same time: synchronising says nothing, and it is gone everywhere', async () => {
	must(await anna.engine.relationships.act(rel, 'terminate'));
	await town.settle(bert, tablet, phone);
	const both = await Promise.all([
		anna.engine.relationships.act(rel, 'decompose'),
		tablet.engine.relationships.act(rel, 'decompose')
	]);
	for (const each of both) must(each);
	await town.settle(anna, phone, bert, tablet);
	for (const { engine } of [anna, phone, bert, tablet]) {
		expect(engine.relationships.get(rel)).toBeUndefined();
		expect(engine.attention()).toEqual([]);
	}
});

test('K6 K7 K8 K9 K10 however many pages there are, whole ones and a last one that is not: all of it comes, in order', async () => {
	const small = createTown({ limits: { pageItems: 4 } });
	const [city, citizen] = [await small.person(), await small.person()];
	await small.meet(city, citizen);
	const desk = await city.second();
	let sent = 0;
	for (const count of [0, 4, 8, 10, 1]) {
		for (let n = 0; n < count; n++) must(await send(citizen, [city], sent++));
		must(await citizen.engine.account.sync());
		must(await city.engine.account.sync());
		must(await desk.engine.account.sync());
		const expected = Array.from({ length: sent }, (_, n) => n);
		expect([count, values(city)]).toEqual([count, expected]);
		expect([count, values(desk)]).toEqual([count, expected]);
	}
	const page = await citizen.core.call('pull', { after: 0 });
	expect(page.ok && (page.body['entries'] as unknown[]).length).toBe(4);
	await small.close();
});
