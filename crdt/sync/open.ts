/** Coming to an engine: make an identity, open the one in the store, join one from another device, or look at a code first. */
import type { Engine, LinkSession } from '../api.ts';
import { isAddressHost } from '../codec/address.ts';
import { equal, type Bytes } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import { decodeChainRecord } from '../codec/chain.ts';
import { loginHash } from '../codec/login.ts';
import { extendMembership, type Membership } from '../codec/membership.ts';
import { parseReference } from '../codec/reference.ts';
import { domainHash } from '../crypto/hash.ts';
import { signHash } from '../crypto/seal.ts';
import { deviceIdText } from '../codec/ids.ts';
import { makeDeviceKeys, makeIdentity } from '../identity/create.ts';
import type { EnginePorts } from './ports.ts';
import { objectHandle, openObject } from '../object/object.ts';
import { RelayUnreachable, type Random, type Relay, type Store, type StoreWrite } from '../ports.ts';
import { ok, refuse, type Result } from '../result.ts';
import type { Iso, Json } from '../views.ts';
import { builders } from './build.ts';
import { UNREACHABLE, type Client } from './core.ts';
import { openCore } from './engine.ts';
import { beginJoining, joinDevice, writeCode, type Joined, type Joining } from './link.ts';
import { openLine } from './line.ts';
import { createEngine } from './operations.ts';
import { getMeta, numberKey, putMeta } from './rows.ts';

export async function hasIdentity(store: Store): Promise<boolean> {
	return (await store.range('chain', undefined, undefined, 1)).length > 0;
}

export interface CreateOptions {
	/** Host part of the address: what the relay tells in `version`. */
	readonly addressHost: string;
	readonly deviceName: string;
	readonly profileName?: string;
	readonly client?: Client;
	/** Keeps default attributes: the App does, a Connector does not. */
	readonly defaults?: boolean;
}

/** A new identity with this device as its first. Works offline; it registers when the relay can be reached. */
export async function createIdentity(ports: EnginePorts, options: CreateOptions): Promise<Result<Engine>> {
	if (!isAddressHost(options.addressHost))
		return refuse('error.runtime.validation.invalidPropertyValue', 'addressHost is not a host name');
	if (await hasIdentity(ports.store))
		return refuse('error.runtime.alreadyInitialized', 'This store holds an identity.');
	const device = await makeDeviceKeys(ports.random);
	const identity = await makeIdentity(ports.random, device, options.addressHost, ports.clock.now());
	await ports.store.write([
		{ secret: 'ds', value: device.key },
		putMeta('keys', { ds: device.ds, dkSeed: device.dkSeed, rootSeed: identity.rootSeed, pqSeed: identity.pqSeed }),
		{ table: 'chain', key: numberKey(0), value: identity.genesis }
	]);
	const opened = await openEngine(ports, options);
	if (!opened.ok) return opened;
	await nameDevice(opened.value, deviceIdText(device.ds), options.deviceName);
	if (options.profileName)
		await opened.value.documents.write('core', 'profile/name', options.profileName.slice(0, 40));
	return opened;
}

const nameDevice = (engine: Engine, id: string, name: string) => engine.devices.rename(id, name);

/** The identity this store holds. */
export async function openEngine(
	ports: EnginePorts,
	options: Pick<CreateOptions, 'client' | 'defaults'> = {}
): Promise<Result<Engine>> {
	if (!(await hasIdentity(ports.store)))
		return refuse('error.transport.general.noIdentityFound', 'There is no identity in this store.');
	return ok(createEngine(await openCore(ports, builders, options.client), options));
}

/** This is the new device: shows a code, or takes the link another device shows. An unfinished joining is taken up again. */
export function joinIdentity(
	ports: EnginePorts,
	options: { readonly deviceName: string; readonly link?: string; readonly defaults?: boolean }
): { readonly session: Promise<Result<LinkSession>>; readonly engine: Promise<Result<Engine>> } {
	const started = start(ports, options);
	return {
		session: started.then((result) => (result.ok ? ok(result.value.session) : result)),
		engine: started.then(async (result) => {
			if (!result.ok) return result;
			const { joining, joined, finish } = result.value;
			const outcome = await joined;
			if (!outcome) return refuse('error.app.linkFailed', 'The device was not linked.');
			return complete(ports, options, joining, outcome, finish);
		})
	};
}

async function start(ports: EnginePorts, options: { deviceName: string; link?: string }) {
	if (await hasIdentity(ports.store))
		return refuse('error.runtime.alreadyInitialized', 'This store holds an identity.');
	const joining =
		(await resume(ports, options.link)) ??
		(await beginJoining(ports.clock, ports.random, ports.relay, options.link));
	if (!joining) return refuse('error.app.noDeviceCode', 'This is not a device code.');
	await ports.store.write(keep(joining));
	return ok({ joining, ...joinDevice(ports, joining, options.deviceName, options.link === undefined) });
}

const keep = ({ keys, rN, code, deadline }: Joining): StoreWrite[] => [
	{ secret: 'ds', value: keys.key },
	putMeta('link', {
		ds: keys.ds,
		dkSeed: keys.dkSeed,
		dk: keys.dk,
		id: keys.id,
		rN,
		url: code.url,
		rendezvous: code.rendezvous,
		secret: code.secret,
		deadline
	})
];

async function resume({ store, clock }: EnginePorts, link: string | undefined): Promise<Joining | undefined> {
	const kept = await getMeta(store, 'link');
	const key = await store.secret('ds');
	if (!kept || !key || typeof kept['deadline'] !== 'number' || kept['deadline'] <= clock.now()) return undefined;
	const { ds, dkSeed, dk, id, rN, url, rendezvous, secret, deadline } = kept as { [name: string]: Bytes } & {
		url: never;
		deadline: never;
	};
	const joining: Joining = {
		keys: { key, ds: ds!, dkSeed: dkSeed!, dk: dk!, id: id! },
		rN: rN!,
		code: { url: url as string, rendezvous: rendezvous!, secret: secret! },
		deadline: deadline as number
	};
	// Another code was taken meanwhile: that one counts.
	return link === undefined || link === writeCode(joining.code) ? joining : undefined;
}

/** Reads the chain as the new device, checks it from the genesis both people compared, and opens. */
async function complete(
	ports: EnginePorts,
	options: { deviceName: string; defaults?: boolean },
	{ keys }: Joining,
	{ identityTag, genesis }: Joined,
	finish: (step: 'done' | 'unreachable' | 'invalid') => void
): Promise<Result<Engine>> {
	try {
		const line = await openLine(
			ports.relay,
			() => undefined,
			() => undefined
		);
		try {
			const version = await line.call('version', {});
			const relayKey = version.ok ? version.body['relayKey'] : undefined;
			if (!(relayKey instanceof Uint8Array)) throw new RelayUnreachable();
			const hello = await line.call('hello', {
				identityTag,
				device: keys.id,
				signature: await signHash(keys.key, 'login', loginHash(line.challenge, relayKey, identityTag, keys.id)),
				cursor: 0,
				root: new Uint8Array(32),
				mailCursor: 0,
				chainSeq: -1
			});
			const records = hello.ok && Array.isArray(hello.body['chain']) ? (hello.body['chain'] as Cbor[]) : [];
			if (!(await isOwnChain(records, genesis, keys.id))) {
				finish('invalid');
				return refuse('error.app.linkFailed', 'The relay shows another identity.');
			}
			await ports.store.write([
				putMeta('keys', { ds: keys.ds, dkSeed: keys.dkSeed }),
				putMeta('relayKey', { key: relayKey as Bytes }),
				putMeta('registered', { at: ports.clock.now() }),
				putMeta('link', null),
				...records.map((bytes, seq): StoreWrite => ({
					table: 'chain',
					key: numberKey(seq),
					value: bytes as Bytes
				}))
			]);
		} finally {
			line.close();
		}
		const opened = await openEngine(ports, options);
		if (opened.ok) {
			await opened.value.account.sync();
			await nameDevice(opened.value, deviceIdText(keys.ds), options.deviceName);
			finish('done');
		}
		return opened;
	} catch (error) {
		if (!(error instanceof RelayUnreachable)) throw error;
		finish('unreachable');
		return UNREACHABLE;
	}
}

async function isOwnChain(records: readonly Cbor[], genesis: Bytes, device: Bytes): Promise<boolean> {
	let membership: Membership | undefined;
	for (const bytes of records) {
		const record = bytes instanceof Uint8Array ? decodeChainRecord(bytes as Bytes) : undefined;
		const extended = record && (await extendMembership(membership, record));
		if (!record || !extended?.ok) return false;
		if (record.seq === 0 && !equal(domainHash('link-genesis', record.publicBytes), genesis)) return false;
		membership = extended.membership;
	}
	return [...(membership?.members.values() ?? [])].some(({ id }) => equal(id, device));
}

export type Preview =
	| { readonly kind: 'template'; readonly content: Json; readonly createdBy: string; readonly expiresAt?: Iso }
	| { readonly kind: 'token'; readonly content: Json; readonly createdBy: string; readonly expiresAt: Iso }
	| { readonly kind: 'file'; readonly filename: string; readonly createdBy: string; readonly expiresAt: Iso };

/** What a code holds, before there is a profile. Uses no allocation. One with a password or for somebody shows nothing. */
export async function previewReference(
	relay: Relay,
	text: string,
	_ports: { readonly random: Random }
): Promise<Result<Preview>> {
	const reference = parseReference(text);
	if (!reference.ok) return reference;
	try {
		const line = await openLine(
			relay,
			() => undefined,
			() => undefined
		);
		try {
			const answer = await line.call('objectPeek', { handle: objectHandle(reference.value.id) });
			if (!answer.ok) return refuse('error.runtime.recordNotFound', 'The code is unknown, expired or used up.');
			const bytes = answer.body['bytes'];
			const opened =
				bytes instanceof Uint8Array
					? await openObject(reference.value.id, reference.value.key, bytes as Bytes)
					: undefined;
			if (!opened) return refuse('error.transport.signatureNotValid', 'It was changed on the way.');
			const { object, by } = opened;
			if ('for' in object)
				return refuse('error.transport.general.notIntendedForYou', 'It is meant for somebody.');
			const expiry =
				object.expiresAt === undefined ? {} : { expiresAt: new Date(object.expiresAt).toISOString() };
			const shown = object.t === 'file' ? { filename: object.filename } : { content: object.content };
			return ok({ kind: object.t, ...shown, createdBy: by.address, ...expiry } as Preview);
		} finally {
			line.close();
		}
	} catch (error) {
		if (!(error instanceof RelayUnreachable)) throw error;
		return UNREACHABLE;
	}
}
