/** Challenges between two people over a relay (backbone-behaviours.md §4). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../codec/bytes.ts';
import { codeOf, createTown, must, type Person } from '../testing/town.ts';

const town = createTown();
let anna: Person;
let bert: Person;
let relationshipId: string;

beforeAll(async () => {
	[anna, bert] = [await town.person(), await town.person()];
	relationshipId = (await town.meet(anna, bert)).id;
});
afterAll(() => town.close());

const made = async (type: 'Identity' | 'Device' | 'Relationship') =>
	must(await bert.engine.challenges.create(type === 'Relationship' ? { type, relationshipId } : { type }));
const check = (challengeString: string, signature: string) =>
	anna.engine.challenges.validate(challengeString, signature);

test.each(['Identity', 'Device', 'Relationship'] as const)(
	'K36 a challenge of the type %s is created',
	async (type) => {
		const challenge = await made(type);
		expect(challenge).toMatchObject({ type, createdBy: bert.address });
		expect(challenge.id).toMatch(/^CHL[A-Za-z0-9]{17}$/);
		const { createdBy, createdByDevice, expiresAt, id } = challenge;
		expect(challenge.challengeString).toBe(JSON.stringify({ createdBy, createdByDevice, expiresAt, id, type }));
		expect(JSON.parse(fromUtf8(fromBase64Url(challenge.signature)!))).toMatchObject({
			alg: 2,
			by: createdByDevice
		});
	}
);

test('K35 K39 a peer signs for its relationship or identity, the other side validates it and finds the relationship', async () => {
	for (const type of ['Identity', 'Relationship'] as const) {
		const { challengeString, signature } = await made(type);
		expect(must(await check(challengeString, signature))).toMatchObject({
			isValid: true,
			correspondingRelationship: { id: relationshipId, peer: bert.address }
		});
	}
});

test('K38 a relationship that is not named or not known is refused', async () => {
	const { challenges } = bert.engine;
	expect(codeOf(await challenges.create({ type: 'Relationship' }))).toBe('error.runtime.recordNotFound');
	const unknown = { type: 'Relationship', relationshipId: 'REL00000000000000000' } as const;
	expect(codeOf(await challenges.create(unknown))).toBe('error.runtime.recordNotFound');
});

test('K40 the type Device cannot be validated', async () => {
	const { challengeString, signature } = await made('Device');
	expect(await check(challengeString, signature)).toMatchObject({
		error: {
			code: 'error.runtime.notSupported',
			message: "Validating challenges of the type 'Device' is not yet supported."
		}
	});
});

test('K41 the signature of another challenge is not valid, and that is no error', async () => {
	const [one, other] = [await made('Identity'), await made('Identity')];
	expect(must(await check(one.challengeString, other.signature))).toEqual({ isValid: false });
});

test('K41 what was signed for one relationship is not valid in another, what was signed for the identity is', async () => {
	const carl = await town.person();
	await town.meet(carl, bert);
	for (const type of ['Identity', 'Relationship'] as const) {
		const { challengeString, signature } = await made(type);
		const shownToCarl = must(await carl.engine.challenges.validate(challengeString, signature));
		expect(shownToCarl.isValid, type).toBe(type === 'Identity');
		expect(must(await check(challengeString, signature)).isValid, type).toBe(true);
	}
});

test('K41 somebody else cannot sign in the name of a peer', async () => {
	const { challengeString } = await made('Identity');
	const mallory = await town.person();
	const own = must(await mallory.engine.challenges.create({ type: 'Identity' }));
	expect(must(await check(challengeString, own.signature))).toEqual({ isValid: false });
	// Mallory claims to be Bert in a text of her own, signed by herself: the relay does not hold that text.
	const claimed = own.challengeString.replace(mallory.address, bert.address);
	expect(must(await check(claimed, own.signature))).toEqual({ isValid: false });
});

test('K42 what is no challenge and no signature is an error', async () => {
	const { challengeString, signature } = await made('Identity');
	const INVALID = 'error.runtime.validation.invalidPropertyValue';
	for (const text of ['', 'no json', '[]', '{"id":"CHL"}', '{"a":1}'])
		expect(codeOf(await check(text, signature))).toBe(INVALID);
	const shapeless = toBase64Url(utf8(JSON.stringify({ sig: 'x', alg: 2 })));
	for (const text of ['', 'no signature', shapeless])
		expect(codeOf(await check(challengeString, text))).toBe(INVALID);
});

test('K44 an id that is none is an error', async () => {
	const { challengeString, signature } = await made('Identity');
	const other = challengeString.replace(/CHL[A-Za-z0-9]{17}/, 'CHLshort');
	expect(codeOf(await check(other, signature))).toBe('error.runtime.validation.invalidPropertyValue');
});

test('a challenge the relay does not know, or that is older than ten minutes, is not valid', async () => {
	const { challengeString, signature, id } = await made('Identity');
	const unknown = challengeString.replace(id, 'CHL00000000000000000');
	expect(must(await check(unknown, signature))).toEqual({ isValid: false });
	town.time.ahead += 10 * 60_000;
	expect(must(await check(challengeString, signature))).toEqual({ isValid: false });
});

test('somebody without relationship is not found', async () => {
	const stranger = await town.person();
	const { challengeString, signature } = must(await stranger.engine.challenges.create({ type: 'Identity' }));
	expect(codeOf(await check(challengeString, signature))).toBe('error.transport.recordNotFound');
});

test('K43 no challenge for a relationship that is over', async () => {
	must(await bert.engine.relationships.act(relationshipId, 'terminate'));
	const refused = await bert.engine.challenges.create({ type: 'Relationship', relationshipId });
	expect(codeOf(refused)).toBe('error.transport.challenges.challengeTypeRequiresActiveRelationship');
});

test('a challenge that cannot reach the relay is not made', async () => {
	const carla = await town.person();
	carla.line.down = true;
	expect(codeOf(await carla.engine.challenges.create({ type: 'Identity' }))).toBe('error.transport.request.unknown');
});
