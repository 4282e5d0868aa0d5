/** Files between people over a relay (backbone-behaviours.md §16, and attachments of §15). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toDto } from '../../index.ts';
import { bytesIn, bytesOf, text, upload, uploaded } from '../testing/files.ts';
import { codeOf, createTown, must, type Person } from '../testing/town.ts';

const town = createTown();
let anna: Person;
let bert: Person;
let carla: Person;

beforeAll(async () => {
	[anna, bert, carla] = [await town.person(), await town.person(), await town.person()];
	await town.meet(anna, bert);
	await town.meet(anna, carla);
});
afterAll(() => town.close());

const INVALID = 'error.runtime.validation.invalidPropertyValue';
describe('content', () => {
	test.each([
		['one byte', 1],
		['less than a piece', 100_000],
		['exactly one piece', (1 << 20) - 16],
		['one byte more than a piece', (1 << 20) - 15],
		['several pieces', 3_000_000]
	])('K211 %s comes back byte for byte, here and there', async (_, length) => {
		const content = bytesOf(length);
		const file = await uploaded(anna, { content, filename: 'Zürich (1).bin', mimetype: 'application/x-test' });
		expect(file).toMatchObject({ filesize: length, filename: 'Zürich (1).bin', isOwn: true, owner: anna.address });
		const loaded = must(await bert.engine.files.load(file.reference.url));
		expect(loaded).toMatchObject({ filesize: length, isOwn: false, createdBy: anna.address });
		expect(loaded.ownershipToken).toBeUndefined();
		expect(Buffer.from(await bytesIn(anna, file.id)).equals(Buffer.from(content))).toBe(true);
		expect(Buffer.from(await bytesIn(bert, file.id)).equals(Buffer.from(content))).toBe(true);
	});

	test('K283 a file of exactly 10 MiB goes up and comes down', async () => {
		const content = bytesOf(10 * 1024 * 1024, 7);
		const file = await uploaded(anna, { content });
		must(await bert.engine.files.load(file.reference.truncated));
		expect(Buffer.from(await bytesIn(bert, file.id)).equals(Buffer.from(content))).toBe(true);
	});

	test('K211 the same file twice is two files, and lists keep their order', async () => {
		const [one, two, three] = [await uploaded(bert), await uploaded(bert), await uploaded(bert)];
		const own = bert.engine.files.list().filter(({ isOwn }) => isOwn);
		expect(own.map(({ id }) => id)).toEqual([one.id, two.id, three.id]);
		expect(new Set(own.map(({ id }) => id)).size).toBe(3);
	});

	test('K212 an empty file can be exchanged, one above 10 MiB is refused', async () => {
		const file = await uploaded(anna, { content: new Uint8Array(0) });
		expect(file.filesize).toBe(0);
		must(await bert.engine.files.load(file.reference.url));
		expect(await bytesIn(bert, file.id)).toHaveLength(0);
		const refused = await upload(anna, { content: new Uint8Array(10 * 1024 * 1024 + 1) });
		expect(refused).toMatchObject({ error: { code: INVALID, message: "'content' is too large" } });
	});
});

describe('what is said about a file', () => {
	test('K213 title, description and tags are optional, the default expiry is used', async () => {
		const bare = await uploaded(anna);
		expect(bare.expiresAt).toBe('9999-12-31T00:00:00.000Z');
		expect(Object.keys(toDto(bare))).not.toContain('title');
		const more = { title: 'T', description: 'D', tags: ['x:one', 'x:two'], expiresAt: town.inDays(2) };
		expect(await uploaded(anna, more)).toMatchObject(more);
	});

	test('K213 invalid and duplicate tags, a past and an empty expiry are refused', async () => {
		expect(codeOf(await upload(anna, { tags: ['nonsense'] }))).toBe('error.consumption.attributes.invalidTags');
		expect(codeOf(await upload(anna, { tags: ['x:a', 'x:a'] }))).toBe(INVALID);
		expect(await upload(anna, { expiresAt: town.inDays(-1) })).toMatchObject({
			error: { code: INVALID, message: "'expiresAt' must be in the future" }
		});
		expect(codeOf(await upload(anna, { expiresAt: '' }))).toBe(INVALID);
		expect(anna.engine.files.list().some(({ tags }) => tags?.includes('nonsense'))).toBe(false);
	});

	test('K214 own and loaded ones are told apart', async () => {
		const file = await uploaded(anna, { tags: ['x:mine'] });
		must(await carla.engine.files.load(file.reference.url));
		const ids = (who: Person, isOwn: boolean) =>
			who.engine.files
				.list()
				.filter((row) => row.isOwn === isOwn)
				.map(({ id }) => id);
		expect(ids(anna, true)).toContain(file.id);
		expect(ids(carla, true)).not.toContain(file.id);
		expect(ids(carla, false)).toContain(file.id);
	});

	test('K215 an unknown id and what is no id are different errors', async () => {
		expect(codeOf(anna.engine.files.find('FIL00000000000000000'))).toBe('error.runtime.recordNotFound');
		expect(codeOf(anna.engine.files.find('nonsense'))).toBe(INVALID);
	});
});

describe('tokens for a file', () => {
	test('K216 the default expiry is the file’s, an explicit one counts, a past one and an unknown file are refused', async () => {
		const file = await uploaded(anna, { expiresAt: town.inDays(5) });
		const { files } = anna.engine;
		expect(must(await files.createToken(file.id, {}))).toMatchObject({
			expiresAt: file.expiresAt,
			isEphemeral: true
		});
		const expiresAt = town.inDays(1);
		expect(must(await files.createToken(file.id, { expiresAt })).expiresAt).toBe(expiresAt);
		expect(codeOf(await files.createToken(file.id, { expiresAt: town.inDays(-1) }))).toBe(INVALID);
		expect(codeOf(await files.createToken('FIL00000000000000000', {}))).toBe('error.runtime.recordNotFound');
		expect(codeOf(await files.createToken('TOK00000000000000000', {}))).toBe('error.runtime.recordNotFound');
	});

	test('K217 a peer’s file is there only after loading it, by token or reference, truncated or URL', async () => {
		for (const form of ['truncated', 'url'] as const) {
			const [byFile, byToken] = [await uploaded(anna), await uploaded(anna)];
			expect(carla.engine.files.get(byFile.id)).toBeUndefined();
			must(await carla.engine.files.load(byFile.reference[form]));
			const token = must(await anna.engine.files.createToken(byToken.id, {}));
			must(await carla.engine.files.load(token.reference[form]));
			for (const { id } of [byFile, byToken]) expect(carla.engine.files.get(id)?.createdBy).toBe(anna.address);
		}
	});

	test('K217 what names no file is refused', async () => {
		expect(await anna.engine.files.load('nonsense')).toMatchObject({
			error: { code: INVALID, message: 'token / file reference invalid' }
		});
		const content = { a: 1 };
		const token = must(await anna.engine.tokens.create({ content, expiresAt: town.inDays(1) }));
		expect(codeOf(await bert.engine.files.load(token.reference.url))).toBe('error.runtime.invalidTokenContent');
	});

	test.each([
		['password', { password: 'Regen & Sonne' }],
		['PIN', { password: '0815', passwordIsPin: true }]
	] as const)('K218 a token with a %s: right, wrong, missing', async (_, passwordProtection) => {
		const file = await uploaded(anna);
		const token = must(await anna.engine.files.createToken(file.id, { passwordProtection }));
		expect(token.passwordProtection).toEqual(passwordProtection);
		const load = (password?: string) =>
			bert.engine.files.load(token.reference.url, password === undefined ? {} : { password });
		expect(codeOf(await load())).toBe('error.transport.noPasswordProvided');
		expect(codeOf(await load('9999'))).toBe('error.runtime.recordNotFound');
		expect(must(await load(passwordProtection.password)).id).toBe(file.id);
	});

	test('K218 a token for one person is for no other', async () => {
		const file = await uploaded(anna);
		const token = must(await anna.engine.files.createToken(file.id, { forIdentity: bert.address }));
		const notIntended = 'error.transport.general.notIntendedForYou';
		expect(codeOf(await carla.engine.files.load(token.reference.url))).toBe(notIntended);
		expect(must(await bert.engine.files.load(token.reference.url)).id).toBe(file.id);
	});
});

describe('deleting', () => {
	test('K219 K220 an own file goes here and at the relay, a loaded one here only', async () => {
		const file = await uploaded(anna);
		must(await bert.engine.files.load(file.reference.url));
		must(await bert.engine.files.delete(file.id));
		expect(bert.engine.files.get(file.id)).toBeUndefined();
		must(await bert.engine.files.load(file.reference.url));
		must(await anna.engine.files.delete(file.id));
		expect(codeOf(await anna.engine.files.download(file.id))).toBe('error.runtime.recordNotFound');
		expect(codeOf(await bert.engine.files.download(file.id))).toBe('error.runtime.recordNotFound');
		expect(codeOf(await carla.engine.files.load(file.reference.url))).toBe('error.runtime.recordNotFound');
	});

	test('K221 whoever owns it deletes it; for others it is only forgotten', async () => {
		const file = await uploaded(anna);
		must(await bert.engine.files.load(file.reference.url));
		must(await bert.engine.files.delete(file.id));
		must(await carla.engine.files.load(file.reference.url));
		expect(await bytesIn(carla, file.id)).toHaveLength(5);
	});

	test('an expired file cannot be loaded any more', async () => {
		const file = await uploaded(anna, { expiresAt: new Date(town.now() + 60_000).toISOString() });
		town.time.ahead += 120_000;
		expect(codeOf(await bert.engine.files.load(file.reference.url))).toBe('error.runtime.recordNotFound');
	});
});

describe('attachments', () => {
	const mail = (to: Person, attachments: string[], from = anna) =>
		from.engine.messages.send({
			recipients: [to.address],
			content: { '@type': 'Mail', to: [to.address], cc: [], subject: 's', body: 'b', bodyFormat: 'PlainText' },
			attachments
		});

	test('K192 all files of a message can be loaded by its recipient, before the message is told', async () => {
		const files = [await uploaded(anna), await uploaded(anna, { title: 'two', tags: ['x:t'] })];
		const ids = files.map(({ id }) => id);
		const known: boolean[] = [];
		const stop = bert.engine.onEvent(({ name }) => {
			if (name === 'transport.messageReceived') known.push(ids.every((id) => bert.engine.files.get(id)));
		});
		const sent = must(await mail(bert, ids));
		expect(sent.attachments).toEqual(ids);
		await town.settle(anna, bert);
		stop();
		expect(known).toEqual([true]);
		expect(bert.engine.messages.get(sent.id)?.attachments).toEqual(ids);
		expect(bert.engine.files.get(ids[1]!)).toMatchObject({
			title: 'two',
			tags: ['x:t'],
			isOwn: false,
			owner: anna.address,
			createdBy: anna.address,
			reference: files[1]!.reference
		});
		for (const id of ids) expect(await bytesIn(bert, id)).toEqual(text('hello'));
	});

	test('K192 many recipients, and a file sent on by somebody who did not make it', async () => {
		const file = await uploaded(anna);
		const content = { '@type': 'ArbitraryMessageContent', value: 1 };
		const recipients = [bert.address, carla.address];
		must(await anna.engine.messages.send({ recipients, content, attachments: [file.id] }));
		await town.settle(anna, bert, carla);
		for (const who of [bert, carla]) expect(await bytesIn(who, file.id)).toHaveLength(5);
		const dora = await town.person();
		await town.meet(bert, dora);
		must(await mail(dora, [file.id], bert));
		await town.settle(bert, dora);
		expect(dora.engine.files.get(file.id)).toMatchObject({ createdBy: anna.address, isOwn: false });
		expect(await bytesIn(dora, file.id)).toHaveLength(5);
	});

	test('K192 many recipients, many files: each has them all', async () => {
		const ids = [(await uploaded(anna)).id, (await uploaded(anna, { content: text('world') })).id];
		const content = { '@type': 'ArbitraryMessageContent', value: 2 };
		const recipients = [bert.address, carla.address];
		const sent = must(await anna.engine.messages.send({ recipients, content, attachments: ids }));
		await town.settle(anna, bert, carla);
		for (const who of [bert, carla]) {
			expect(who.engine.messages.get(sent.id)?.attachments).toEqual(ids);
			expect(await bytesIn(who, ids[0]!)).toEqual(text('hello'));
			expect(await bytesIn(who, ids[1]!)).toEqual(text('world'));
		}
	});

	test('an attachment nobody knows here is not found', async () => {
		expect(codeOf(await mail(bert, ['FIL00000000000000000']))).toBe('error.runtime.recordNotFound');
	});

	test('K199 the files of a message that is held back come with it', async () => {
		const [host, guest] = [await town.person(), await town.person()];
		const { id } = await town.meet(host, guest);
		const file = await uploaded(host);
		must(await mail(guest, [file.id], host));
		await host.engine.account.sync();
		must(await guest.engine.relationships.act(id, 'terminate'));
		await town.settle(guest, host);
		expect(guest.engine.files.get(file.id) === undefined).toBe(guest.engine.messages.list().length === 0);
		must(await host.engine.relationships.act(id, 'reactivate'));
		await town.settle(guest);
		must(await guest.engine.relationships.act(id, 'acceptReactivation'));
		await town.settle(host, guest);
		expect(guest.engine.messages.list()).toHaveLength(1);
		expect(await bytesIn(guest, file.id)).toHaveLength(5);
	});
});
