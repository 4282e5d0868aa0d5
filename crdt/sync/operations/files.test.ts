/** Files between people over a relay (backbone-behaviours.md §16, and attachments of §15). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateFile, FileRow, JsonObject } from '../../index.ts';
import { toDto } from '../../index.ts';
import { claimFile, claimFiles, readOwner } from '../file-owner.ts';
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
const bytesOf = (length: number, salt = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + salt) % 251);
const text = (content: string) => new TextEncoder().encode(content);
const upload = (who: Person, more: Partial<CreateFile> = {}) =>
	who.engine.files.create({ content: text('hello'), filename: 'a.txt', mimetype: 'text/plain', ...more });
const made = async (who: Person, more?: Partial<CreateFile>): Promise<FileRow> => must(await upload(who, more));

async function read(who: Person, id: string): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	for await (const chunk of must(await who.engine.files.download(id)).chunks) pieces.push(chunk);
	return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

describe('content', () => {
	test.each([
		['one byte', 1],
		['less than a piece', 100_000],
		['exactly one piece', (1 << 20) - 16],
		['one byte more than a piece', (1 << 20) - 15],
		['several pieces', 3_000_000]
	])('K211 %s comes back byte for byte, here and there', async (_, length) => {
		const content = bytesOf(length);
		const file = await made(anna, { content, filename: 'Zürich (1).bin', mimetype: 'application/x-test' });
		expect(file).toMatchObject({ filesize: length, filename: 'Zürich (1).bin', isOwn: true, owner: anna.address });
		const loaded = must(await bert.engine.files.load(file.reference.url));
		expect(loaded).toMatchObject({ filesize: length, isOwn: false, createdBy: anna.address });
		expect(loaded.ownershipToken).toBeUndefined();
		expect(Buffer.from(await read(anna, file.id)).equals(Buffer.from(content))).toBe(true);
		expect(Buffer.from(await read(bert, file.id)).equals(Buffer.from(content))).toBe(true);
	});

	test('K283 a file of exactly 10 MiB goes up and comes down', async () => {
		const content = bytesOf(10 * 1024 * 1024, 7);
		const file = await made(anna, { content });
		must(await bert.engine.files.load(file.reference.truncated));
		expect(Buffer.from(await read(bert, file.id)).equals(Buffer.from(content))).toBe(true);
	});

	test('K211 the same file twice is two files, and lists keep their order', async () => {
		const [one, two, three] = [await made(bert), await made(bert), await made(bert)];
		const own = bert.engine.files.list().filter(({ isOwn }) => isOwn);
		expect(own.map(({ id }) => id)).toEqual([one.id, two.id, three.id]);
		expect(new Set(own.map(({ id }) => id)).size).toBe(3);
	});

	test('K212 an empty file can be exchanged, one above 10 MiB is refused', async () => {
		const file = await made(anna, { content: new Uint8Array(0) });
		expect(file.filesize).toBe(0);
		must(await bert.engine.files.load(file.reference.url));
		expect(await read(bert, file.id)).toHaveLength(0);
		const refused = await upload(anna, { content: new Uint8Array(10 * 1024 * 1024 + 1) });
		expect(refused).toMatchObject({ error: { code: INVALID, message: "'content' is too large" } });
	});
});

describe('what is said about a file', () => {
	test('K213 title, description and tags are optional, the default expiry is used', async () => {
		const bare = await made(anna);
		expect(bare.expiresAt).toBe('9999-12-31T00:00:00.000Z');
		expect(Object.keys(toDto(bare))).not.toContain('title');
		const more = { title: 'T', description: 'D', tags: ['x:one', 'x:two'], expiresAt: town.inDays(2) };
		expect(await made(anna, more)).toMatchObject(more);
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
		const file = await made(anna, { tags: ['x:mine'] });
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
		const file = await made(anna, { expiresAt: town.inDays(5) });
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
			const [byFile, byToken] = [await made(anna), await made(anna)];
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
		const file = await made(anna);
		const token = must(await anna.engine.files.createToken(file.id, { passwordProtection }));
		expect(token.passwordProtection).toEqual(passwordProtection);
		const load = (password?: string) =>
			bert.engine.files.load(token.reference.url, password === undefined ? {} : { password });
		expect(codeOf(await load())).toBe('error.transport.noPasswordProvided');
		expect(codeOf(await load('9999'))).toBe('error.runtime.recordNotFound');
		expect(must(await load(passwordProtection.password)).id).toBe(file.id);
	});

	test('K218 a token for one person is for no other', async () => {
		const file = await made(anna);
		const token = must(await anna.engine.files.createToken(file.id, { forIdentity: bert.address }));
		const notIntended = 'error.transport.general.notIntendedForYou';
		expect(codeOf(await carla.engine.files.load(token.reference.url))).toBe(notIntended);
		expect(must(await bert.engine.files.load(token.reference.url)).id).toBe(file.id);
	});
});

describe('deleting', () => {
	test('K219 K220 an own file goes here and at the relay, a loaded one here only', async () => {
		const file = await made(anna);
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
		const file = await made(anna);
		must(await bert.engine.files.load(file.reference.url));
		must(await bert.engine.files.delete(file.id));
		must(await carla.engine.files.load(file.reference.url));
		expect(await read(carla, file.id)).toHaveLength(5);
	});

	test('an expired file cannot be loaded any more', async () => {
		const file = await made(anna, { expiresAt: new Date(town.now() + 60_000).toISOString() });
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
		const files = [await made(anna), await made(anna, { title: 'two', tags: ['x:t'] })];
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
		for (const id of ids) expect(await read(bert, id)).toEqual(text('hello'));
	});

	test('K192 many recipients, and a file sent on by somebody who did not make it', async () => {
		const file = await made(anna);
		const content = { '@type': 'ArbitraryMessageContent', value: 1 };
		const recipients = [bert.address, carla.address];
		must(await anna.engine.messages.send({ recipients, content, attachments: [file.id] }));
		await town.settle(anna, bert, carla);
		for (const who of [bert, carla]) expect(await read(who, file.id)).toHaveLength(5);
		const dora = await town.person();
		await town.meet(bert, dora);
		must(await mail(dora, [file.id], bert));
		await town.settle(bert, dora);
		expect(dora.engine.files.get(file.id)).toMatchObject({ createdBy: anna.address, isOwn: false });
		expect(await read(dora, file.id)).toHaveLength(5);
	});

	test('an attachment nobody knows here is not found', async () => {
		expect(codeOf(await mail(bert, ['FIL00000000000000000']))).toBe('error.runtime.recordNotFound');
	});

	test('K199 the files of a message that is held back come with it', async () => {
		const [host, guest] = [await town.person(), await town.person()];
		const { id } = await town.meet(host, guest);
		const file = await made(host);
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
		expect(await read(guest, file.id)).toHaveLength(5);
	});
});

describe('ownership', () => {
	/** What the decision about a transfer does (crdt/sync/file-owner.ts): claims, and writes the records it is given. */
	async function claim(who: Person, id: string, token: string) {
		const claimed = await claimFile(who.core, who.engine.files.get(id)!, token);
		if (claimed.ok) await who.core.intend({ kind: 'plain', shown: claimed.value });
		return claimed;
	}

	test('K222 a file has an ownership token from the beginning, and is not locked', async () => {
		const file = await made(anna);
		expect(file.ownershipToken).toMatch(/^[A-Za-z0-9]{20}$/);
		expect(file.ownershipIsLocked).toBeUndefined();
		expect(must(await anna.engine.files.validateOwnershipToken(file.id, file.ownershipToken!))).toEqual({
			isValid: true
		});
	});

	test('K223 K224 a wrong token of another locks the file and its owner is told; the owner’s own does not', async () => {
		const file = await made(anna);
		const token = file.ownershipToken!;
		must(await bert.engine.files.load(file.reference.url));
		const { validateOwnershipToken: byAnna } = anna.engine.files;
		const { validateOwnershipToken: byBert } = bert.engine.files;
		expect(must(await byAnna(file.id, 'wrong'))).toEqual({ isValid: false });
		expect(must(await byBert(file.id, token))).toEqual({ isValid: true });
		expect(must(await byBert(file.id, 'wrong'))).toEqual({ isValid: false });
		expect(must(await byBert(file.id, token))).toEqual({ isValid: false });
		expect(codeOf(await byBert('FIL00000000000000000', token))).toBe('error.runtime.recordNotFound');
		await town.settle(anna);
		expect(anna.engine.files.get(file.id)?.ownershipIsLocked).toBe(true);
		expect(anna.told('transport.fileOwnershipLocked')).toContainEqual(toDto(anna.engine.files.get(file.id)!));
	});

	test('K225 another token: of the owner only, it unlocks, unknown ones are not found', async () => {
		const file = await made(anna);
		must(await bert.engine.files.load(file.reference.url));
		await bert.engine.files.validateOwnershipToken(file.id, 'wrong');
		await town.settle(anna);
		const renewed = must(await anna.engine.files.regenerateOwnershipToken(file.id));
		expect(renewed.ownershipToken).not.toBe(file.ownershipToken);
		expect(renewed.ownershipIsLocked).toBeUndefined();
		const { validateOwnershipToken } = bert.engine.files;
		expect(must(await validateOwnershipToken(file.id, renewed.ownershipToken!))).toEqual({ isValid: true });
		expect(must(await validateOwnershipToken(file.id, file.ownershipToken!))).toEqual({ isValid: false });
		expect(codeOf(await bert.engine.files.regenerateOwnershipToken(file.id))).toBe(
			'error.runtime.files.notOwnedByYou'
		);
		const unknown = await bert.engine.files.regenerateOwnershipToken('FIL00000000000000000');
		expect(codeOf(unknown)).toBe('error.runtime.recordNotFound');
	});

	test('K226 the right token: new owner, new token, the old owner is told and its copy follows', async () => {
		const file = await made(anna);
		must(await bert.engine.files.load(file.reference.url));
		must(await claim(bert, file.id, file.ownershipToken!));
		const mine = bert.engine.files.get(file.id)!;
		expect(mine).toMatchObject({ isOwn: true, owner: bert.address, createdBy: anna.address });
		expect(mine.ownershipToken).not.toBe(file.ownershipToken);
		await town.settle(anna);
		const theirs = anna.engine.files.get(file.id)!;
		expect(theirs).toMatchObject({ isOwn: false, owner: bert.address });
		expect(theirs.ownershipToken).toBeUndefined();
		expect(anna.told('transport.fileOwnershipClaimed')).toContainEqual(toDto(theirs));
		// The new owner deletes it for everybody; the old one no longer can.
		expect(codeOf(await anna.engine.files.regenerateOwnershipToken(file.id))).toBe(
			'error.runtime.files.notOwnedByYou'
		);
		must(await bert.engine.files.validateOwnershipToken(file.id, mine.ownershipToken!));
		must(await bert.engine.files.delete(file.id));
		expect(codeOf(await anna.engine.files.download(file.id))).toBe('error.runtime.recordNotFound');
	});

	test('K226 the same claim again changes nothing; a loader learns the owner from the record', async () => {
		const file = await made(anna);
		must(await bert.engine.files.load(file.reference.url));
		const row = bert.engine.files.get(file.id)!;
		const [first, second] = [
			must(await claimFile(bert.core, row, file.ownershipToken!)),
			must(await claimFile(bert.core, row, file.ownershipToken!))
		];
		expect(first[0]).toMatchObject({ v: { id: file.id, turn: 1 } });
		expect((second[0] as { v: unknown }).v).toEqual((first[0] as { v: unknown }).v);
		await bert.core.intend({ kind: 'plain', shown: first });
		await bert.core.intend({ kind: 'plain', shown: second });
		expect(bert.engine.files.get(file.id)).toMatchObject({ isOwn: true, _turn: 1 });
		expect(must(await carla.engine.files.load(file.reference.url)).owner).toBe(bert.address);
		// And on: whoever got it hands it to the next.
		must(await claim(carla, file.id, bert.engine.files.get(file.id)!.ownershipToken!));
		await town.settle(bert);
		expect(bert.engine.files.get(file.id)).toMatchObject({ isOwn: false, owner: carla.address, _turn: 2 });
	});

	test('K226 the own file, a wrong token, a locked file, an unknown one', async () => {
		const file = await made(anna);
		const token = file.ownershipToken!;
		const own = await claimFile(anna.core, file, token);
		expect(codeOf(own)).toBe('error.platform.validation.file.cannotClaimOwnershipOfOwnFile');
		must(await bert.engine.files.load(file.reference.url));
		expect(codeOf(await claim(bert, file.id, 'wrong'))).toBe('error.platform.forbidden');
		expect(codeOf(await claim(bert, file.id, token))).toBe('error.platform.forbidden');
		await town.settle(anna);
		expect(anna.engine.files.get(file.id)?.ownershipIsLocked).toBe(true);
		must(await anna.engine.files.delete(file.id));
		expect(codeOf(await claim(bert, file.id, token))).toBe('error.platform.recordNotFound');
	});

	test('a file whose transfer waits for a decision is known after the sync; what the decision accepts is claimed', async () => {
		const [offered, other] = [await made(anna), await made(anna)];
		const item = (file: FileRow) => ({
			'@type': 'TransferFileOwnershipRequestItem',
			mustBeAccepted: false,
			fileReference: file.reference.truncated,
			ownershipToken: file.ownershipToken!
		});
		const content = { items: [item(offered), { '@type': 'RequestItemGroup', items: [item(other)] }] };
		const request = { id: 'REQ00000000000000001', isOwn: false, peer: anna.address, createdAt: town.inDays(0) };
		bert.core.base().put('requests', { ...request, status: 'ManualDecisionRequired', content });
		await town.settle(bert);
		for (const { id } of [offered, other]) expect(bert.engine.files.get(id)?.owner).toBe(anna.address);
		const [yes, no] = [{ result: 'Accepted' }, { result: 'Rejected' }];
		const ops = must(await claimFiles(bert.core, content, { items: [no, { items: [yes] }] }));
		expect(ops.map((op) => (op as { v: { id: string } }).v.id)).toEqual([other.id]);
		const wrong = { items: [{ ...item(offered), ownershipToken: 'wrong' }] };
		expect(codeOf(await claimFiles(bert.core, wrong, { items: [yes] }))).toBe('error.platform.forbidden');
		bert.core.base().delete('requests', request.id);
	});

	describe('by a request', () => {
		const item = (file: FileRow, more: JsonObject = {}): JsonObject => ({
			'@type': 'TransferFileOwnershipRequestItem',
			mustBeAccepted: false,
			fileReference: file.reference.truncated,
			ownershipToken: file.ownershipToken!,
			...more
		});
		const judge = (who: Person, ...items: JsonObject[]) =>
			must(who.engine.requests.validate({ content: { items }, peer: bert.address })).items[0]?.code;
		const ITEM = 'error.consumption.requests.invalidRequestItem';

		test('C10 what may be offered: an own file that lasts, with its token, in both forms of its reference', async () => {
			const file = await made(anna, { expiresAt: town.inDays(1), tags: ['x:a'] });
			expect(judge(anna, item(file))).toBeUndefined();
			expect(judge(anna, item(file, { fileReference: file.reference.url }))).toBeUndefined();
			const unknown = file.reference.truncated.replace(
				/^.{30}/,
				(await made(carla)).reference.truncated.slice(0, 30)
			);
			expect(judge(anna, item(file, { fileReference: unknown }))).toBe(ITEM);
			expect(judge(anna, item(file, { ownershipToken: 'wrong' }))).toBe(ITEM);
			const foreign = await made(carla);
			must(await anna.engine.files.load(foreign.reference.url));
			expect(judge(anna, item(foreign))).toBe(ITEM);
			town.time.ahead += 2 * 86_400_000;
			expect(judge(anna, item(file))).toBe(ITEM);
		});

		/** Anna asks Bert; his incoming request. */
		async function asked(file: FileRow, more: JsonObject = {}): Promise<{ id: string; content: JsonObject }> {
			const { requests, messages } = anna.engine;
			const drafted = must(await requests.create({ content: { items: [item(file, more)] }, peer: bert.address }));
			must(await messages.send({ recipients: [bert.address], content: drafted.content }));
			await town.settle(anna, bert);
			return bert.engine.requests.get(drafted.id, 'incoming')!;
		}
		const yes = { items: [{ accept: true }] };

		test('C10 accepting claims the file and gives an attribute that names it; the former owner is told', async () => {
			const file = await made(anna, { tags: ['x:paper'] });
			const { id } = await asked(file);
			expect(must(bert.engine.requests.canAccept(id, yes)).isSuccess).toBe(true);
			must(await bert.engine.requests.accept(id, yes));
			await town.settle(bert, anna);
			expect(bert.engine.files.get(file.id)).toMatchObject({ isOwn: true, owner: bert.address });
			expect(anna.engine.files.get(file.id)).toMatchObject({ isOwn: false, owner: bert.address });
			expect(anna.told('transport.fileOwnershipClaimed')).toContainEqual(toDto(anna.engine.files.get(file.id)!));
			const request = anna.engine.requests.get(id, 'outgoing')!;
			expect(request.status).toBe('Completed');
			const [answer] = request.response!.content['items'] as { attributeId: string }[];
			const value = { '@type': 'IdentityFileReference', value: file.reference.truncated };
			for (const [who, type] of [
				[bert, 'OwnIdentityAttribute'],
				[anna, 'PeerIdentityAttribute']
			] as const)
				expect(who.engine.attributes.get(answer!.attributeId)).toMatchObject({
					'@type': type,
					content: { owner: bert.address, value, tags: ['x:paper'] }
				});
		});

		test('C10 what cannot be accepted: a file that expired, is locked, changed hands, or is the own one', async () => {
			const offered = async (change: (file: FileRow) => Promise<unknown>, more: Partial<CreateFile> = {}) => {
				const file = await made(anna, more);
				const { id } = await asked(file);
				await change(file);
				return must(bert.engine.requests.canAccept(id, yes)).items[0]?.code;
			};
			const expiresAt = new Date(town.now() + 3_600_000).toISOString();
			expect(await offered(async () => (town.time.ahead += 7_200_000), { expiresAt })).toBe(ITEM);
			expect(
				await offered(async ({ id, ownershipToken }) => {
					must(await claim(bert, id, ownershipToken!));
				})
			).toBe(ITEM);
			expect(
				await offered(async (file) => {
					must(await carla.engine.files.load(file.reference.url));
					await carla.engine.files.validateOwnershipToken(file.id, 'wrong');
					await readOwner(bert.core, bert.engine.files.get(file.id)!);
				})
			).toBe(ITEM);
			expect(
				await offered(async (file) => {
					must(await carla.engine.files.load(file.reference.url));
					must(await claim(carla, file.id, file.ownershipToken!));
					await readOwner(bert.core, bert.engine.files.get(file.id)!);
				})
			).toBe(ITEM);
		});

		test('C10 a token that is the file’s no longer: accepting fails, is said to have, and everything is as before', async () => {
			const file = await made(anna);
			const { id } = await asked(file);
			must(await anna.engine.files.regenerateOwnershipToken(file.id));
			const before = bert.core.top().list('attributes');
			must(await bert.engine.requests.accept(id, yes));
			await town.settle(bert, anna);
			const failed = { status: 'ManualDecisionRequired', _failed: 'error.platform.forbidden' };
			expect(bert.engine.requests.get(id, 'incoming')).toMatchObject(failed);
			expect(anna.engine.requests.get(id, 'outgoing')?.status).toBe('Open');
			expect(bert.engine.files.get(file.id)?.owner).toBe(anna.address);
			expect(bert.core.top().list('attributes')).toEqual(before);
		});
	});

	test('two devices of one identity show the same files, tokens and owners', async () => {
		const dora = await town.person();
		const phone = await dora.second();
		const [kept, given, locked] = [await made(dora), await made(dora), await made(dora)];
		for (const { reference } of [given, locked]) must(await bert.engine.files.load(reference.url));
		must(await claim(bert, given.id, given.ownershipToken!));
		await bert.engine.files.validateOwnershipToken(locked.id, 'wrong');
		await town.settle(dora, phone);
		const seen = ({ engine }: Person) => [...engine.files.list()].sort((a, b) => (a.id < b.id ? -1 : 1));
		expect(seen(phone)).toEqual(seen(dora));
		expect(phone.engine.files.get(given.id)?.owner).toBe(bert.address);
		expect(phone.engine.files.get(locked.id)?.ownershipIsLocked).toBe(true);
		expect(await read(phone, kept.id)).toHaveLength(5);
		const again = await phone.again();
		expect(seen(again)).toEqual(seen(dora));
	});
});
