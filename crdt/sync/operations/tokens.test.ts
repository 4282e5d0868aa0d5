/** Tokens between people (backbone-behaviours.md §17). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idOf } from '../../codec/ids.ts';
import { parseReference, writeReference } from '../../codec/reference.ts';
import { previewReference, type JsonObject, type PasswordProtection } from '../../index.ts';
import { objectHandle, openObject, sealObject } from '../../object/object.ts';
import { codeOf, createTown, must, type Person } from '../testing/town.ts';

const town = createTown();
let anna: Person;
let bert: Person;
let carla: Person;

beforeAll(async () => {
	[anna, bert, carla] = [await town.person(), await town.person(), await town.person()];
});
afterAll(() => town.close());

interface More {
	content?: JsonObject;
	expiresAt?: string;
	ephemeral?: boolean;
	forIdentity?: string;
	passwordProtection?: PasswordProtection;
}
const make = (who: Person, more: More = {}) =>
	who.engine.tokens.create({ content: { a: [1, { b: null }] }, expiresAt: town.inDays(1), ...more });
const made = async (who: Person, more?: More) => must(await make(who, more));

test('K228 arbitrary content, with and without a type, comes back as it was', async () => {
	const contents: JsonObject[] = [{}, { a: [1, { b: null }] }, { '@type': 'ArbitraryMessageContent', value: 'x' }];
	for (const content of contents) {
		const token = await made(anna, { content });
		expect(must(await bert.engine.tokens.load(token.reference.url)).content).toEqual(content);
	}
});

test('K228 what names a file or a template comes back as it was too', async () => {
	const input = { content: new Uint8Array(1), filename: 'f', mimetype: 'text/plain' };
	const file = must(await anna.engine.files.create(input));
	const template = must(
		await anna.engine.templates.create({
			content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 },
			expiresAt: town.inDays(1)
		})
	);
	for (const token of [
		must(await anna.engine.files.createToken(file.id, {})),
		must(await anna.engine.templates.createToken(template.id, {}))
	]) {
		const loaded = must(await bert.engine.tokens.load(token.reference.url)).content as JsonObject;
		expect(loaded).toEqual(token.content);
		expect(loaded['@type']).toMatch(/^TokenContent(File|RelationshipTemplate)$/);
		const again = await made(anna, { content: JSON.parse(JSON.stringify(loaded)) as JsonObject });
		expect(must(await carla.engine.tokens.load(again.reference.truncated)).content).toEqual(loaded);
	}
});

test('content of an unknown type is refused', async () => {
	expect(codeOf(await make(anna, { content: { '@type': 'Nonsense' } }))).toBe('error.runtime.invalidTokenContent');
});

test('K229 a token that is empty is recognised and not loaded', async () => {
	// As a device makes one that has nothing to say yet.
	const random = anna.core.ports.random.bytes(16);
	const named = idOf('TOK', anna.address, random);
	const key = anna.core.ports.random.bytes(32);
	const bytes = await sealObject(anna.core.ports.random, key, anna.core.signer(), {
		t: 'token',
		id: named,
		random,
		content: null,
		time: town.now(),
		device: anna.core.self.deviceText,
		expiresAt: town.now() + 60_000
	});
	await anna.core.call('objectPut', { handle: objectHandle(named), bytes });
	const { url } = writeReference({ id: named, key, baseUrl: anna.core.ports.relay.url });
	expect(codeOf(await bert.engine.tokens.load(url))).toBe('error.transport.tokens.emptyToken');
	expect(bert.engine.tokens.get(named)).toBeUndefined();
});

test('K233 everybody, one person, with a password: who may', async () => {
	const plain = await made(anna);
	expect(must(await carla.engine.tokens.load(plain.reference.url, { password: 'superfluous' })).id).toBe(plain.id);
	const personal = await made(anna, { forIdentity: bert.address });
	const notIntended = 'error.transport.general.notIntendedForYou';
	expect(codeOf(await carla.engine.tokens.load(personal.reference.url))).toBe(notIntended);
	expect(must(await bert.engine.tokens.load(personal.reference.url)).forIdentity).toBe(bert.address);
	const guarded = await made(anna, { passwordProtection: { password: 'x' } });
	expect(codeOf(await bert.engine.tokens.load(guarded.reference.url))).toBe('error.transport.noPasswordProvided');
	const wrong = await bert.engine.tokens.load(guarded.reference.url, { password: 'y' });
	expect(wrong).toMatchObject({
		error: {
			code: 'error.runtime.recordNotFound',
			message:
				'Token not found. Make sure the ID exists and the record is not expired. If a password is required to fetch the record, make sure you passed the correct one.'
		}
	});
	const right = must(await bert.engine.tokens.load(guarded.reference.url, { password: 'x' }));
	expect(right.passwordProtection).toEqual({ password: 'x' });
});

test('K230 before there is a profile a plain token is shown, a protected and a personal one are not', async () => {
	const { ports } = bert.core;
	const look = async (url: string) => previewReference(ports.relay, url, ports);
	expect(must(await look((await made(anna)).reference.url))).toMatchObject({
		kind: 'token',
		createdBy: anna.address
	});
	const guarded = await made(anna, { passwordProtection: { password: 'x' } });
	expect(codeOf(await look(guarded.reference.url))).toBe('error.runtime.recordNotFound');
	const personal = await made(anna, { forIdentity: bert.address });
	expect(codeOf(await look(personal.reference.url))).toBe('error.transport.general.notIntendedForYou');
});

test('K234 a token locks after enough wrong passwords; its maker and who has it are not concerned', async () => {
	const token = await made(anna, { passwordProtection: { password: 'x' } });
	must(await carla.engine.tokens.load(token.reference.url, { password: 'x' }));
	for (const who of [await town.person(), await town.person()])
		for (let i = 0; i < 50; i++)
			await who.core.call('objectRedeem', {
				handle: objectHandle(token.id),
				claimId: new Uint8Array(16).fill(i),
				verifier: Uint8Array.of(i, 1)
			});
	expect(codeOf(await bert.engine.tokens.load(token.reference.url, { password: 'x' }))).toBe(
		'error.platform.token.tooManyFailedPasswordAttempts'
	);
	must(await carla.engine.tokens.load(token.reference.url, { password: 'x' }));
	must(await anna.engine.tokens.load(token.reference.url, { password: 'x' }));
});

test('K237 K238 lists hold own and loaded ones; an own one goes at the relay too, a loaded one here only', async () => {
	const token = await made(anna);
	must(await bert.engine.tokens.load(token.reference.url));
	expect(bert.engine.tokens.list().map(({ id }) => id)).toContain(token.id);
	expect(carla.engine.tokens.get(token.id)).toBeUndefined();
	must(await bert.engine.tokens.delete(token.id));
	expect(bert.engine.tokens.get(token.id)).toBeUndefined();
	must(await carla.engine.tokens.load(token.reference.url));
	must(await anna.engine.tokens.delete(token.id));
	expect(codeOf(await bert.engine.tokens.load(token.reference.url))).toBe('error.runtime.recordNotFound');
});

test('K239 an ephemeral token is kept by nobody', async () => {
	const token = await made(anna, { ephemeral: true });
	expect(token.isEphemeral).toBe(true);
	expect(anna.engine.tokens.get(token.id)).toBeUndefined();
	const loaded = must(await bert.engine.tokens.load(token.reference.url, { ephemeral: true }));
	expect(loaded).toMatchObject({ id: token.id, isEphemeral: true, isOwn: false });
	expect(bert.engine.tokens.get(token.id)).toBeUndefined();
});

test('K240 no expiry, and an expired one', async () => {
	const INVALID = 'error.runtime.validation.invalidPropertyValue';
	expect(codeOf(await make(anna, { expiresAt: '' }))).toBe(INVALID);
	expect(codeOf(await make(anna, { expiresAt: town.inDays(-1) }))).toBe(INVALID);
	const token = await made(anna, { expiresAt: new Date(town.now() + 60_000).toISOString() });
	town.time.ahead += 120_000;
	expect(codeOf(await bert.engine.tokens.load(token.reference.url))).toBe('error.runtime.recordNotFound');
});

test('K240 what is no reference, and an id alone, is refused', async () => {
	const token = await made(anna);
	for (const text of ['', 'TOKshort', token.id])
		expect(codeOf(await bert.engine.tokens.load(text))).toBe('error.runtime.validation.invalidPropertyValue');
});

test('the relay holds neither the password nor what could be tried out without the reference', async () => {
	const token = await made(anna, { passwordProtection: { password: 'Geheimnis' } });
	const stored = await anna.core.call('objectGet', { handle: objectHandle(token.id) });
	expect(stored.ok).toBe(true);
	const bytes = Buffer.from(stored.body['bytes'] as Uint8Array);
	expect(bytes.includes('Geheimnis')).toBe(false);
	// Nor does the key of the reference alone open it.
	const reference = must(parseReference(token.reference.url));
	expect(await openObject(token.id, reference.key, new Uint8Array(bytes))).toBeUndefined();
});
