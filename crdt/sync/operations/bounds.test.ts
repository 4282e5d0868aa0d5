/** The largest and the deepest content: what is taken arrives and outlives a restart, what is not leaves nothing behind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toCbor } from '../../codec/cbor.ts';
import { maxContentBytes, maxJsonDepth } from '../../limits.ts';
import type { Json, JsonObject } from '../../views.ts';
import { codeOf, createTown, must, type Person } from '../testing/town.ts';

const town = createTown();
let anna: Person;
let bert: Person;
beforeAll(async () => {
	[anna, bert] = [await town.person(), await town.person()];
	await town.meet(anna, bert);
});
afterAll(() => town.close());

const INVALID = 'error.runtime.validation.invalidPropertyValue';
const typed = (type: string, value: Json): JsonObject => ({ '@type': type, value });
/** A text so long that the content is of just these bytes (heads of long texts are five bytes, counted by a shorter one). */
const padded = (bytes: number, around: (text: string) => Json): Json => {
	const short = 'x'.repeat(70_000);
	return around('x'.repeat(bytes - toCbor(around(short)).length + short.length));
};
const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)]);
const items = [{ '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: '?' }];

/** Each way content goes, with what it needs around a text. */
const WAYS: readonly (readonly [string, (text: string) => JsonObject, (content: JsonObject) => Promise<unknown>])[] = [
	[
		'a message',
		(text) => typed('ArbitraryMessageContent', text),
		(content) => anna.engine.messages.send({ recipients: [bert.address], content })
	],
	[
		'a request',
		(text) => ({ '@type': 'Request', items, metadata: { text } }),
		(content) => anna.engine.requests.create({ content, peer: bert.address })
	],
	[
		'a template',
		(text) => typed('ArbitraryRelationshipTemplateContent', text),
		(content) => anna.engine.templates.create({ content, expiresAt: town.inDays(1) })
	],
	[
		'a token',
		(text) => ({ text }),
		(content) => anna.engine.tokens.create({ content, expiresAt: town.inDays(1), ephemeral: false })
	],
	[
		'a note',
		(text) => ({ text }),
		(content) => anna.engine.metadata.set({ reference: anna.address, key: 'l', value: content })
	]
];
const kept = ({ engine: { messages, requests, templates, tokens, metadata } }: Person) =>
	[messages.list(), [...requests.rows('outgoing')], templates.list(), tokens.list(), metadata.list()].map(
		({ length }) => length
	);

describe('content', () => {
	test.each(WAYS)('%s that is too large for the relay is refused and leaves nothing', async (_name, around, act) => {
		const before = kept(anna);
		const refusal = await act(padded(maxContentBytes + 1, around) as JsonObject);
		expect(refusal).toMatchObject({
			ok: false,
			error: { code: 'error.transport.request.bodyLengthExceeded', status: 413 }
		});
		expect(kept(anna)).toEqual(before);
	});

	test.each(WAYS)('%s as large as it may be leaves', async (_name, around, act) => {
		must((await act(padded(maxContentBytes - 32, around) as JsonObject)) as Parameters<typeof must>[0]);
		await town.settle(anna);
		expect(anna.core.intents()).toEqual([]);
	});

	const TOO_MUCH = 'error.transport.request.bodyLengthExceeded';
	const long = 'x'.repeat(maxContentBytes);

	test('is measured with what belongs to it: the key of a note, a credential, what is said of a hundred files and no more', async () => {
		const { metadata, attributes, messages, files } = anna.engine;
		expect(codeOf(await metadata.set({ reference: anna.address, key: long, value: 1 }))).toBe(TOO_MUCH);
		const credential = { '@type': 'VerifiableCredential', type: 'jwt', value: long };
		expect(codeOf(await attributes.create({ value: credential }))).toBe(TOO_MUCH);
		const ids: string[] = [];
		for (let n = 0; n < 13; n++) {
			const described = { filename: `${n}`, mimetype: 'text/plain', description: 'd'.repeat(60_000) };
			ids.push(must(await files.create({ content: new Uint8Array(1), ...described })).id);
		}
		const mail = { '@type': 'Mail', to: [bert.address], subject: 's', body: 'b' };
		const send = (attachments: string[]) =>
			messages.send({ recipients: [bert.address], content: mail, attachments });
		expect(codeOf(await send(ids))).toBe(TOO_MUCH);
		expect(codeOf(await send(Array.from({ length: 101 }, () => ids[0]!)))).toBe(INVALID);
	});

	test('the largest message arrives', async () => {
		await town.settle(bert);
		expect(bert.engine.messages.list().map(({ content }) => String(content['value']).length > 700_000)).toEqual([
			true
		]);
	});

	test('that nests as deep as it may arrives, and one level more is refused', async () => {
		const deep = nested(maxJsonDepth);
		const send = (value: Json) =>
			anna.engine.messages.send({
				recipients: [bert.address],
				content: typed('ArbitraryMessageContent', value)
			});
		const note = (value: Json) => anna.engine.metadata.set({ reference: anna.address, key: 'deep', value: value });
		must(await send(deep));
		must(await note(deep));
		await town.settle(anna, bert);
		expect(bert.engine.messages.list().at(-1)).toMatchObject({ content: { value: deep } });
		expect(codeOf(await send([deep]))).toBe('error.runtime.requestDeserialization');
		for (const value of [[deep], Infinity, { a: NaN }]) expect(codeOf(await note(value))).toBe(INVALID);
	});

	test('is still there after a restart without a line, and what waited then leaves', async () => {
		anna.line.down = true;
		must(await anna.engine.metadata.set({ reference: anna.address, key: 'waits', value: nested(maxJsonDepth) }));
		anna = await anna.again();
		expect(anna.engine.metadata.get(anna.address, 'waits')).toMatchObject({ ok: true });
		anna.line.down = false;
		await town.settle(anna);
		expect(anna.core.intents()).toEqual([]);
	});
});
