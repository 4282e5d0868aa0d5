/** Proof paths and speech: who may speak for an address, and that nobody else can. */
import { describe, expect, test } from 'vitest';
import { equal, toHex, type Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import { encodeChainPublic } from '../codec/chain.ts';
import { deviceIdText } from '../codec/ids.ts';
import { chainHash, deviceIdOf } from '../codec/membership.ts';
import { makeSigningKey, signHash } from '../crypto/seal.ts';
import { devicePart } from './create.ts';
import { checkPath, makePath, type ProofPath } from './path.ts';
import { hear, speak } from './speech.ts';
import { makePerson, seeded, type Person } from './testing/person.ts';

const asCbor = (path: ProofPath) => path as unknown as Cbor;
const body = toCbor({ t: 'msg' });

async function family() {
	const person = await makePerson('family');
	const laptop = await person.addDevice();
	await person.newEpoch();
	const office = await person.addDevice('member', laptop);
	return { person, phone: person.devices[0]!, laptop, office };
}

describe('a path', () => {
	test('is as short as it can be and names who speaks', async () => {
		const { person, phone, laptop, office } = await family();
		const lengths = [phone, laptop, office].map((device) => makePath(person.chain, device.id).length);
		expect(lengths).toEqual([1, 2, 3]);
		const speaker = await checkPath(asCbor(makePath(person.chain, office.id)), office.id);
		expect(speaker).toMatchObject({ address: person.address, deviceText: deviceIdText(office.ds), seq: 3 });
		expect(equal(speaker!.identityTag, person.membership().identityTag)).toBe(true);
	});

	test('carries nothing sealed', async () => {
		const { person, office } = await family();
		const bytes = Buffer.from(toCbor(asCbor(makePath(person.chain, office.id))));
		for (const { sealed } of person.chain) if (sealed.length > 0) expect(bytes.includes(sealed)).toBe(false);
		expect(bytes.length).toBeLessThan(1500);
	});

	test('speaks only for devices in it', async () => {
		const { person, phone, laptop, office } = await family();
		const path = makePath(person.chain, laptop.id);
		expect(await checkPath(asCbor(path), phone.id)).toBeDefined();
		expect(await checkPath(asCbor(path), office.id)).toBeUndefined();
		expect(await checkPath(asCbor(path), new Uint8Array(16))).toBeUndefined();
	});

	test('in another order, with a gap, with a record twice, or without its genesis proves nothing', async () => {
		const { person, office } = await family();
		const [genesis, laptop, last] = makePath(person.chain, office.id);
		const wrong: ProofPath[] = [
			[],
			[laptop!, last!],
			[genesis!, last!],
			[genesis!, last!, laptop!],
			[genesis!, genesis!, laptop!, last!],
			[genesis!, laptop!, laptop!, last!]
		];
		for (const path of wrong) expect(await checkPath(asCbor(path), office.id)).toBeUndefined();
	});

	test('of two identities together proves nothing', async () => {
		const { person, office } = await family();
		const other = await makePerson('another');
		const mine = makePath(person.chain, office.id);
		expect(
			await checkPath(asCbor([makePath(other.chain, other.devices[0]!.id)[0]!, ...mine.slice(1)]), office.id)
		).toBeUndefined();
	});

	test('through a member that is not admin proves nothing', async () => {
		const { person, office } = await family();
		const guest = await makeSigningKey(seeded('guest').bytes(32));
		const part = { ...devicePart(office, 'member'), id: deviceIdOf(guest.publicKey), ds: guest.publicKey };
		const publicBytes = encodeChainPublic({
			prev: person.membership().head,
			seq: 4,
			body: { type: 1, device: part, time: 1 },
			signer: office.id
		});
		const step = [publicBytes, await signHash(office.key, 'chain', chainHash(publicBytes))] as const;
		expect(await checkPath(asCbor([...makePath(person.chain, office.id), step]), part.id)).toBeUndefined();
	});

	test('whose address belongs to another root proves nothing: the relay cannot hand out its own key for a peer', async () => {
		const { person } = await family();
		const thief = await makePerson('thief');
		const { body: real } = thief.chain[0]!;
		if (real.type !== 0) throw new Error('a genesis is expected');
		const publicBytes = encodeChainPublic({
			prev: new Uint8Array(32),
			seq: 0,
			body: { ...real, address: person.address }
		});
		const step = [publicBytes, await signHash(thief.rootSeed, 'chain', chainHash(publicBytes))] as const;
		expect(await checkPath(asCbor([step]), thief.devices[0]!.id)).toBeUndefined();
		expect(
			await checkPath(asCbor(makePath(thief.chain, thief.devices[0]!.id)), thief.devices[0]!.id)
		).toBeDefined();
	});

	test('a genesis stands at the beginning of a chain', async () => {
		const person = await makePerson('late genesis');
		const { body: real } = person.chain[0]!;
		const publicBytes = encodeChainPublic({ prev: new Uint8Array(32), seq: 5, body: real });
		const step = [publicBytes, await signHash(person.rootSeed, 'chain', chainHash(publicBytes))] as const;
		expect(await checkPath(asCbor([step]), person.devices[0]!.id)).toBeUndefined();
	});

	test('has at most 16 records', async () => {
		const person = await makePerson('generations');
		let by = person.devices[0]!;
		for (let i = 0; i < 15; i++) by = await person.addDevice('admin', by);
		expect(await checkPath(asCbor(makePath(person.chain, by.id)), by.id)).toBeDefined();
		by = await person.addDevice('admin', by);
		expect(await checkPath(asCbor(makePath(person.chain, by.id)), by.id)).toBeUndefined();
	});

	test.each<[string, Cbor]>([
		['a number', 3],
		['a map', {}],
		['a list of numbers', [1]],
		['steps of three', [[new Uint8Array(1), new Uint8Array(64), 1]]]
	])('%s is no path', async (_, value) => {
		expect(await checkPath(value, new Uint8Array(16))).toBeUndefined();
	});
});

describe('speech', () => {
	const say = (person: Person, bytes: Bytes = body) => speak(person.signer(), 'event', bytes);

	test('is heard as it was said', async () => {
		const person = await makePerson('speech');
		const heard = await hear('event', await say(person));
		expect(heard).toMatchObject({ body: { t: 'msg' }, speaker: { address: person.address } });
	});

	test('for one purpose never counts for another', async () => {
		const person = await makePerson('purpose');
		expect(await hear('template', await say(person))).toBeUndefined();
	});

	test('cannot be taken over: not by another device of the identity, not by another identity', async () => {
		const person = await makePerson('taken over');
		const laptop = await person.addDevice();
		const other = await makePerson('who takes over');
		const said = fromCbor(await say(person)) as { [name: string]: Cbor };
		const as = (signer: { device: Bytes; path: ProofPath }) =>
			toCbor({ ...said, device: signer.device, path: asCbor(signer.path) });
		expect(await hear('event', as(person.signer(laptop)))).toBeUndefined();
		expect(await hear('event', as(other.signer()))).toBeUndefined();
	});

	test('of something that is no map is not heard', async () => {
		const person = await makePerson('no map');
		expect(await hear('event', await say(person, toCbor([1])))).toBeUndefined();
		expect(await hear('event', await say(person, Uint8Array.of(255)))).toBeUndefined();
	});

	test('has a hash that depends on every byte of it', async () => {
		const person = await makePerson('hash');
		const hashes = await Promise.all(
			[body, toCbor({ t: 'msh' })].map(async (bytes) =>
				toHex((await hear('event', await say(person, bytes)))!.hash)
			)
		);
		expect(new Set(hashes).size).toBe(2);
	});
});
