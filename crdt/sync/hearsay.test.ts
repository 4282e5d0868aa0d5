/** Files that a letter tells of: anybody may attach anything, so what its sender says holds until the maker’s own word is there. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { FileRow } from '../index.ts';
import { fileObjectOf } from './apply-objects.ts';
import { parseReference } from '../codec/reference.ts';
import { bytesIn, uploaded } from './testing/files.ts';
import { sends } from './testing/hostile-peer.ts';
import { codeOf, createTown, must, type Person, type Town } from './testing/town.ts';

let town: Town;
let anna: Person;
let bert: Person;
let mallory: Person;
let file: FileRow;
const towns: Town[] = [];
beforeEach(async () => {
	town = createTown();
	towns.push(town);
	[anna, bert, mallory] = [await town.person(), await town.person(), await town.person()];
	await town.meet(anna, bert);
	file = await uploaded(bert, { filename: 'invoice.txt' });
});
afterAll(async () => {
	for (const each of towns) await each.close();
});

const content = { '@type': 'ArbitraryMessageContent', value: 1 };

/** Mallory tells Anna of Bert's file before Bert does, and lies about it. */
async function lieAbout(lies: { head?: object; linkKey?: Uint8Array; owner?: string; turn?: number }): Promise<void> {
	const rel = (await town.meet(anna, mallory)).id;
	const { head, ...rest } = lies;
	const reference = must(parseReference(file.reference.url));
	const told = {
		object: { ...fileObjectOf(file), ...head },
		linkKey: reference.key,
		by: bert.address,
		owner: bert.address,
		turn: 0,
		...rest
	};
	await sends(mallory, rel, anna.address, { content, attachments: [file.id], files: [told] });
	await town.settle(anna);
	expect(anna.engine.files.get(file.id)).toMatchObject({ createdBy: bert.address, isOwn: false });
}

const LIES: [string, Parameters<typeof lieAbout>[0]][] = [
	['its name and kind', { head: { filename: 'virus.exe', mimetype: 'text/html', title: 'from Bert' } }],
	['the key that opens it', { linkKey: new Uint8Array(32) }],
	['the key of its bytes', { head: { key: new Uint8Array(32) } }],
	['how often it changed hands', { turn: Number.MAX_SAFE_INTEGER }]
];

describe.each(LIES)('somebody lied about %s', (_name, lies) => {
	test('whoever loads the file has what its maker signed', async () => {
		await lieAbout(lies);
		expect(must(await anna.engine.files.load(file.reference.url))).toMatchObject({
			filename: 'invoice.txt',
			mimetype: 'text/plain',
			createdBy: bert.address,
			owner: bert.address
		});
		expect(anna.engine.files.get(file.id)).not.toHaveProperty('title');
		expect(await bytesIn(anna, file.id)).toEqual(await bytesIn(bert, file.id));
	});

	test('who takes it over owns the file that its maker signed', async () => {
		await lieAbout(lies);
		const item = {
			'@type': 'TransferFileOwnershipRequestItem',
			mustBeAccepted: true,
			fileReference: file.reference.truncated,
			ownershipToken: file.ownershipToken!
		};
		const request = { '@type': 'Request', items: [item] };
		const draft = must(await bert.engine.requests.create({ content: request, peer: anna.address }));
		must(await bert.engine.messages.send({ recipients: [anna.address], content: draft.content }));
		await town.settle(bert, anna);
		must(await anna.engine.requests.accept(draft.id, { items: [{ accept: true }] }));
		await town.settle(anna, bert);
		expect(anna.engine.files.get(file.id)).toMatchObject({
			isOwn: true,
			filename: 'invoice.txt',
			owner: anna.address
		});
		expect(bert.engine.files.get(file.id)).toMatchObject({ isOwn: false, owner: anna.address });
		expect(new TextDecoder().decode(await bytesIn(anna, file.id))).toBe('hello');
	});
});

test('a file whose owner somebody lied about is not taken for another’s once its maker’s word is there', async () => {
	await lieAbout({ owner: mallory.address, turn: 7 });
	must(await anna.engine.files.load(file.reference.url));
	expect(anna.engine.files.get(file.id)).toMatchObject({ owner: bert.address });
});

test('the bytes of what was told of come with the head its maker signed', async () => {
	await lieAbout({ head: { filename: 'virus.exe' } });
	expect(must(await anna.engine.files.download(file.id)).file).toMatchObject({ filename: 'invoice.txt' });
	expect(anna.engine.files.get(file.id)).toMatchObject({ filename: 'invoice.txt' });
});

test('where the relay is out of reach, what was told has to do', async () => {
	await lieAbout({});
	anna.line.down = true;
	expect(must(await anna.engine.files.load(file.reference.url))).toMatchObject({ filename: 'invoice.txt' });
	expect(codeOf(await anna.engine.files.download(file.id))).toBe('error.transport.request.unknown');
});
