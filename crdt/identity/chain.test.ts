/** The device chain: who belongs, who may add whom, which secrets each device reads, and what waits for later versions. */
import { describe, expect, test } from 'vitest';
import { createTestRelay } from '../../backbone-relay/testing/relay.ts';
import { toHex, type Bytes } from '../codec/bytes.ts';
import { toCbor, type Cbor } from '../codec/cbor.ts';
import { decodeChainRecord, encodeChainRecord, type ChainBody } from '../codec/chain.ts';
import { loginHash } from '../codec/login.ts';
import { chainHash, extendMembership, type Membership } from '../codec/membership.ts';
import { decodeFromRelay, encodeRequest, type Operation, type RequestOf } from '../codec/frame.ts';
import { kemPair } from '../crypto/hpke.ts';
import { signHash } from '../crypto/seal.ts';
import { fillEpochs, openChainRecord, type IdentityKeys } from './chain.ts';
import { devicePart, makeDeviceKeys, type DeviceKeys } from './create.ts';
import { makePerson, seeded, type Person } from './testing/person.ts';

const judge = async (person: Person, bytes: Bytes) => {
	const result = await extendMembership(person.membership(), decodeChainRecord(bytes)!);
	return result.ok ? 'accepted' : result.why;
};

/** A next record with any members, signed by a device or the root. */
async function written(person: Person, members: { readonly [name: string]: Cbor }, by?: DeviceKeys): Promise<Bytes> {
	const { head, seq } = person.membership();
	const publicBytes = toCbor({ v: 1, prev: head, seq: seq + 1, ...(by ? { signer: by.id } : {}), ...members });
	return encodeChainRecord(
		publicBytes,
		new Uint8Array(0),
		await signHash(by?.key ?? person.rootSeed, 'chain', chainHash(publicBytes))
	);
}

/** What one device knows after reading the whole chain. */
async function readAs(person: Person, device: DeviceKeys): Promise<IdentityKeys> {
	let keys: IdentityKeys | undefined;
	for (const record of person.chain)
		keys = await openChainRecord(keys, record, { id: device.id, seed: device.dkSeed });
	return fillEpochs(keys!, person.chain);
}

describe('membership', () => {
	test('a device added by an admin belongs; its place in the chain is its ordinal', async () => {
		const person = await makePerson('membership');
		const laptop = await person.addDevice();
		await person.newEpoch();
		const office = await person.addDevice('member', laptop);
		const members = [...person.membership().members.values()].map(({ ordinal, role, id }) => [
			ordinal,
			role,
			toHex(id)
		]);
		expect(members).toEqual([
			[0, 'admin', toHex(person.devices[0]!.id)],
			[1, 'admin', toHex(laptop.id)],
			[3, 'member', toHex(office.id)]
		]);
		expect(person.membership().epoch).toBe(1);
	});

	test('members, strangers and other identities add nobody', async () => {
		const person = await makePerson('rights');
		const other = await makePerson('rights of another');
		const office = await person.addDevice('member');
		const guest = await makeDeviceKeys(seeded('guest'));
		const add: ChainBody = { type: 1, device: devicePart(guest, 'admin'), time: 1 };
		expect(await judge(person, await person.record(add, office, { dk: guest.dk }))).toBe('rights');
		expect(await judge(person, await person.record(add, guest, { dk: guest.dk }))).toBe('signature');
		expect(await judge(person, await person.record(add, other.devices[0], { dk: guest.dk }))).toBe('signature');
		expect(await judge(person, await person.record({ type: 3, epoch: 1, time: 1 }, office))).toBe('rights');
		const prekey: ChainBody = { type: 4, version: 1, prekey: kemPair(seeded('pk').bytes(32)).publicKey, time: 1 };
		expect(await judge(person, await person.record(prekey, office))).toBe('accepted');
	});

	test('the root may add; a device named twice, with a foreign id, or an epoch left out may not be', async () => {
		const person = await makePerson('root');
		const [phone] = person.devices;
		const guest = await makeDeviceKeys(seeded('guest of the root'));
		const rooted = await written(person, { type: 1, body: { device: { ...devicePart(guest, 'admin') }, time: 1 } });
		expect(await judge(person, rooted)).toBe('accepted');
		const again: ChainBody = { type: 1, device: devicePart(phone!, 'admin'), time: 1 };
		expect(await judge(person, await person.record(again, phone, { dk: guest.dk }))).toBe('body');
		const foreign: ChainBody = {
			type: 1,
			device: { ...devicePart(guest, 'admin'), id: new Uint8Array(16) },
			time: 1
		};
		expect(await judge(person, await person.record(foreign, phone, { dk: guest.dk }))).toBe('body');
		expect(await judge(person, await written(person, { type: 3, body: { epoch: 2, time: 1 } }, phone))).toBe(
			'body'
		);
	});

	test('a record for another place, another identity, or with members of its own making is refused', async () => {
		const person = await makePerson('place');
		const other = await makePerson('place of another');
		const [phone] = person.devices;
		const body = { epoch: 1, time: 1 };
		expect(await judge(person, await written(person, { type: 3, body, seq: 2 }, phone))).toBe('order');
		expect(await judge(person, await written(person, { type: 3, body, prev: new Uint8Array(32) }, phone))).toBe(
			'order'
		);
		expect(await judge(person, await other.record({ type: 3, epoch: 1, time: 1 }))).toBe('order');
		expect(await judge(person, await written(person, { type: 3, body: { ...body, more: 1 } }, phone))).toBe('body');
		expect(await judge(person, await written(person, { type: 3, body, more: 1 }, phone))).toBe('body');
		expect(await judge(person, other.chain[0]!.bytes)).toBe('order');
	});

	test('a sealed part that was swapped or stripped is refused', async () => {
		const person = await makePerson('sealed');
		const one = decodeChainRecord(await person.record({ type: 3, epoch: 1, time: 1 }))!;
		const two = decodeChainRecord(await person.record({ type: 3, epoch: 1, time: 1 }))!;
		expect(await judge(person, encodeChainRecord(one.publicBytes, one.sealed, one.signature))).toBe('accepted');
		expect(await judge(person, encodeChainRecord(one.publicBytes, two.sealed, one.signature))).toBe('sealed');
		expect(await judge(person, encodeChainRecord(one.publicBytes, new Uint8Array(0), one.signature))).toBe(
			'sealed'
		);
	});

	test('a chain begins with a genesis of its root, and with nothing else', async () => {
		const person = await makePerson('genesis');
		const { body, publicBytes, sealed } = person.chain[0]!;
		const begins = async (bytes: Bytes) => {
			const result = await extendMembership(undefined, decodeChainRecord(bytes)!);
			return result.ok ? 'accepted' : result.why;
		};
		expect(await begins(person.chain[0]!.bytes)).toBe('accepted');
		expect(await begins(await person.record({ type: 3, epoch: 1, time: 1 }))).toBe('order');
		const byDevice = encodeChainRecord(
			publicBytes,
			sealed,
			await signHash(person.devices[0]!.key, 'chain', chainHash(publicBytes))
		);
		expect(await begins(byDevice)).toBe('signature');
		expect(body.type).toBe(0);
	});
});

describe('secrets', () => {
	test('every device reads every epoch and the same blinding key, whenever it came', async () => {
		const person = await makePerson('secrets');
		await person.newEpoch();
		const laptop = await person.addDevice();
		await person.newEpoch();
		await person.newEpoch();
		const late = await person.addDevice('member', laptop);
		const all = await Promise.all([person.devices[0]!, laptop, late].map((device) => readAs(person, device)));
		for (const { b, epochs } of all) {
			expect(toHex(b)).toBe(toHex(all[0]!.b));
			expect([...epochs.keys()].sort()).toEqual([0, 1, 2, 3]);
			for (const [epoch, e] of epochs) expect(toHex(e)).toBe(toHex(all[0]!.epochs.get(epoch)!));
		}
	});

	test('who is not among the recipients reads nothing', async () => {
		const person = await makePerson('outside');
		await person.newEpoch();
		const stranger = await makeDeviceKeys(seeded('stranger'));
		const { b, epochs } = await readAs(person, stranger);
		expect([b.length, epochs.size]).toEqual([0, 0]);
	});

	test('a device key is believed only when it is the one its record names', async () => {
		const person = await makePerson('device key');
		const guest = await makeDeviceKeys(seeded('guest'));
		const wrong = kemPair(seeded('wrong').bytes(32)).publicKey;
		await person.take(
			await person.record({ type: 1, device: devicePart(guest, 'member'), time: 1 }, undefined, { dk: wrong })
		);
		expect(person.keys().deviceKeys.has(toHex(guest.id))).toBe(false);
	});
});

describe('reserved types', () => {
	async function signedIn(person: Person) {
		const relay = createTestRelay();
		const line = relay.relay.connect();
		let id = 0;
		const call = async <O extends Operation>(op: O, body: RequestOf<O>) => {
			const decoded = decodeFromRelay(await line.handle(encodeRequest(++id, op, body)));
			return decoded && 'answer' in decoded ? decoded.answer : undefined;
		};
		const { identityTag } = person.membership();
		const [device] = person.devices;
		await call('register', { chain: person.chain.map(({ bytes }) => bytes) });
		const signature = await signHash(
			device!.key,
			'login',
			loginHash(line.challenge, relay.relayKey, identityTag, device!.id)
		);
		const hello = {
			identityTag,
			device: device!.id,
			signature,
			cursor: 0,
			root: new Uint8Array(32),
			mailCursor: 0,
			chainSeq: -1
		};
		expect(await call('hello', hello)).toMatchObject({ ok: true });
		return call;
	}

	test.each([2, 5, 6, 7])('type %i is refused when written and kept when read', async (type) => {
		const person = await makePerson(`reserved ${type}`);
		const [phone] = person.devices;
		const call = await signedIn(person);
		const record = await written(person, { type, body: { of: 'a later version' } }, phone);
		expect(await call('chainAppend', { record, expectHead: person.membership().head })).toMatchObject({
			ok: false,
			type: 'malformed'
		});
		expect(await call('chain', { after: -1 })).toMatchObject({
			ok: true,
			body: { chain: [person.chain[0]!.bytes] }
		});
		const fresh = await makePerson(`reserved ${type}, again`);
		const chain = [fresh.chain[0]!.bytes, await written(fresh, { type, body: {} }, fresh.devices[0])];
		expect(await call('register', { chain })).toMatchObject({ ok: false, type: 'malformed' });

		const before: Membership = person.membership();
		await person.take(record);
		expect(person.membership()).toMatchObject({ seq: 1, epoch: before.epoch, members: before.members });
		expect(person.chain[1]!.body).toEqual({ type, raw: { of: 'a later version' } });
		await person.newEpoch();
		expect(person.membership()).toMatchObject({ seq: 2, epoch: 1 });
	});

	test('a reserved record counts only when somebody of the identity signed it', async () => {
		const person = await makePerson('reserved, forged');
		const stranger = await makeDeviceKeys(seeded('stranger'));
		expect(await judge(person, await written(person, { type: 2, body: {} }, stranger))).toBe('signature');
	});

	test('a type nobody reserved is no record', async () => {
		const person = await makePerson('unknown type');
		expect(decodeChainRecord(await written(person, { type: 8, body: {} }))).toBeUndefined();
	});
});
