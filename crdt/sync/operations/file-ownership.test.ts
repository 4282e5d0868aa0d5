/** Who owns a file: its token, claims, and handing it over by a request (backbone-behaviours.md §16; content-behaviours C10). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateFile, FileRow, JsonObject } from '../../index.ts';
import { toDto } from '../../index.ts';
import { RelayUnreachable } from '../../ports.ts';
import { claimFile, claimFiles, readOwner } from '../file-owner.ts';
import { bytesIn, uploaded } from '../testing/files.ts';
import { codeOf, createTown, must, type Person } from '../testing/town.ts';

const town = createTown();
let anna: Person;
let bert: Person;
let carla: Person;

beforeAll(async () => {
	[anna, bert, carla] = [await town.person(), await town.person(), await town.person()];
	await town.meet(anna, bert);
});
afterAll(() => town.close());

describe('ownership', () => {
	/** What the decision about a transfer does (crdt/sync/file-owner.ts): claims, and writes the records it is given. */
	async function claim(who: Person, id: string, token: string) {
		const claimed = await claimFile(who.core, who.engine.files.get(id)!, token);
		if (claimed.ok) await who.core.intend({ kind: 'plain', shown: claimed.value });
		return claimed;
	}

	test('K222 a file has an ownership token from the beginning, and is not locked', async () => {
		const file = await uploaded(anna);
		expect(file.ownershipToken).toMatch(/^[A-Za-z0-9]{20}$/);
		expect(file.ownershipIsLocked).toBeUndefined();
		expect(must(await anna.engine.files.validateOwnershipToken(file.id, file.ownershipToken!))).toEqual({
			isValid: true
		});
	});

	test('K223 K224 a wrong token of another locks the file and its owner is told; the owner’s own does not', async () => {
		const file = await uploaded(anna);
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

	test('a record of its owner that nobody signed is refused, and nothing of the file is kept', async () => {
		const file = await uploaded(anna);
		must(await bert.engine.files.load(file.reference.url));
		must(await claim(bert, file.id, file.ownershipToken!));
		await bert.engine.account.sync();
		let changed = 0;
		carla.line.falsify = (body) => {
			const { record } = body;
			if (!(record instanceof Uint8Array)) return body;
			changed += 1;
			return { ...body, record: record.map((byte, i) => (i === record.length - 1 ? byte ^ 1 : byte)) };
		};
		expect(codeOf(await carla.engine.files.load(file.reference.url))).toBe('error.transport.files.invalidMetadata');
		delete carla.line.falsify;
		expect(changed).toBeGreaterThan(0);
		expect(carla.engine.files.get(file.id)).toBeUndefined();
		expect(must(await carla.engine.files.load(file.reference.url)).owner).toBe(bert.address);
	});

	test('K225 another token: of the owner only, it unlocks, unknown ones are not found', async () => {
		const file = await uploaded(anna);
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

	test.each(['the same', 'a newer'])(
		'another token whose answer never came is found again, under %s epoch',
		async (which) => {
			const file = await uploaded(anna);
			anna.line.falsify = () => {
				anna.line.down = true;
				throw new RelayUnreachable();
			};
			expect(codeOf(await anna.engine.files.regenerateOwnershipToken(file.id))).toBe(
				'error.transport.request.unknown'
			);
			delete anna.line.falsify;
			anna.line.down = false;
			if (which === 'a newer') must(await anna.engine.devices.renewKeys());
			const again = must(await anna.engine.files.regenerateOwnershipToken(file.id));
			expect(again.ownershipToken).not.toBe(file.ownershipToken);
			const { validateOwnershipToken } = anna.engine.files;
			expect(must(await validateOwnershipToken(file.id, again.ownershipToken!))).toEqual({ isValid: true });
			expect(must(await validateOwnershipToken(file.id, file.ownershipToken!))).toEqual({ isValid: false });
		}
	);

	test('K226 the right token: new owner, new token, the old owner is told and its copy follows', async () => {
		const file = await uploaded(anna);
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
		const file = await uploaded(anna);
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
		const file = await uploaded(anna);
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
		const [offered, other] = [await uploaded(anna), await uploaded(anna)];
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
			const file = await uploaded(anna, { expiresAt: town.inDays(1), tags: ['x:a'] });
			expect(judge(anna, item(file))).toBeUndefined();
			expect(judge(anna, item(file, { fileReference: file.reference.url }))).toBeUndefined();
			const unknown = file.reference.truncated.replace(
				/^.{30}/,
				(await uploaded(carla)).reference.truncated.slice(0, 30)
			);
			expect(judge(anna, item(file, { fileReference: unknown }))).toBe(ITEM);
			expect(judge(anna, item(file, { ownershipToken: 'wrong' }))).toBe(ITEM);
			const foreign = await uploaded(carla);
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

		test('K226 a reference that is none, or names something else, cannot be offered', async () => {
			const file = await uploaded(anna);
			const token = must(await anna.engine.tokens.create({ content: { a: 1 }, expiresAt: town.inDays(30) }));
			expect(judge(anna, item(file))).toBeUndefined();
			for (const fileReference of ['nonsense', token.reference.truncated])
				expect(judge(anna, item(file, { fileReference }))).toBe(ITEM);
		});

		test('C10 accepting claims the file and gives an attribute that names it; the former owner is told', async () => {
			const file = await uploaded(anna, { tags: ['x:paper'] });
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
				const file = await uploaded(anna, more);
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
			const file = await uploaded(anna);
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
		const [kept, given, locked] = [await uploaded(dora), await uploaded(dora), await uploaded(dora)];
		for (const { reference } of [given, locked]) must(await bert.engine.files.load(reference.url));
		must(await claim(bert, given.id, given.ownershipToken!));
		await bert.engine.files.validateOwnershipToken(locked.id, 'wrong');
		await town.settle(dora, phone);
		const seen = ({ engine }: Person) => [...engine.files.list()].sort((a, b) => (a.id < b.id ? -1 : 1));
		expect(seen(phone)).toEqual(seen(dora));
		expect(phone.engine.files.get(given.id)?.owner).toBe(bert.address);
		expect(phone.engine.files.get(locked.id)?.ownershipIsLocked).toBe(true);
		expect(await bytesIn(phone, kept.id)).toHaveLength(5);
		const again = await phone.again();
		expect(seen(again)).toEqual(seen(dora));
	});
});
