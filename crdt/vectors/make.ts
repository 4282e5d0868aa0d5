/**
 * The frozen vectors: known inputs → exact bytes, for every structure of PROTOCOL.md. `given` is what a decoder gets, `expect`
 * what it must find; both are JSON with bytes as h'…'. vectors.json was written once by
 *
 *   node crdt/vectors/make.ts > crdt/vectors/vectors.json
 *
 * and is not written again while the versions in the formats stay: vectors.test.ts compares byte for byte, second.ts (written
 * from PROTOCOL.md alone) decodes it.
 */
import { pathToFileURL } from 'node:url';
import * as Y from 'yjs';
import { ackLeaf, ackTree, encodeProof } from '../codec/ack.ts';
import { addressOf } from '../codec/address.ts';
import { concat, toHex, uint, utf8, type Bytes } from '../codec/bytes.ts';
import { toCbor, type Cbor } from '../codec/cbor.ts';
import { decodeChainRecord, encodeChainRecord } from '../codec/chain.ts';
import type { EntryHeader } from '../codec/entry.ts';
import {
	encodeAnswer,
	encodePush,
	encodeRefusal,
	encodeRequest,
	OPERATIONS,
	type Operation,
	type RequestOf
} from '../codec/frame.ts';
import { base62, deviceIdText, idOf } from '../codec/ids.ts';
import { EMPTY_ROOT, nextRoot } from '../codec/log.ts';
import { loginHash } from '../codec/login.ts';
import { chainHash, deviceIdOf } from '../codec/membership.ts';
import { encodeNotice } from '../codec/notice.ts';
import { entryBucket, envelopeBucket, pad } from '../codec/padding.ts';
import { parseReference, writeReference } from '../codec/reference.ts';
import { blinded, domainHash, hkdf, sha256 } from '../crypto/hash.ts';
import { kemPair } from '../crypto/hpke.ts';
import { pqCommitment } from '../crypto/pq.ts';
import { makeSigningKey, seal, signHash } from '../crypto/seal.ts';
import { makeChainRecord } from '../identity/chain.ts';
import { devicePart, makeDeviceKeys, makeIdentity } from '../identity/create.ts';
import { makePath } from '../identity/path.ts';
import { speak, speechHash, type Signer } from '../identity/speech.ts';
import { sealEnvelope } from '../message/envelope.ts';
import { encodeLetter, type EventLetter, type Letter } from '../message/letter.ts';
import { passwordKeys } from '../crypto/password.ts';
import { signChallenge, writeChallenge } from '../identity/challenge.ts';
import { CHUNK, nextOwnershipToken, ownershipProof, sealBody, sealOwner } from '../object/file.ts';
import type { FileObject } from '../object/head.ts';
import { objectHandle, sealObject, type TemplateObject, type TokenObject } from '../object/object.ts';
import type { Random } from '../ports.ts';
import { relationshipRoot } from '../relationship/apply.ts';
import { clientId } from '../sync/documents.ts';
import { digitsOf, writeCode } from '../sync/link.ts';
import { encodeOps, type Op, type Records } from '../sync/record.ts';
import { keyCommitment, sealEntry, sessionKey } from '../sync/seal-entry.ts';
import { slotOf } from '../sync/core.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export interface Vector {
	readonly name: string;
	readonly given: { readonly [name: string]: Json };
	readonly expect: Json;
}

/** Bytes as h'…'; members that are undefined are left out. */
export function shown(value: Cbor | undefined): Json {
	if (value instanceof Uint8Array) return `h'${toHex(value)}'`;
	if (Array.isArray(value)) return (value as readonly Cbor[]).map(shown);
	if (value === null || typeof value !== 'object') return value ?? null;
	const members = Object.entries(value).filter(([, member]) => member !== undefined);
	return Object.fromEntries(members.map(([key, member]) => [key, shown(member as Cbor)]));
}

/** Bytes that are the same at each run: SHA-256 of a name and a counter. */
function seeded(name: string): Random {
	let counter = 0;
	return {
		bytes(length) {
			const parts: Bytes[] = [];
			for (let have = 0; have < length; have += 32)
				parts.push(sha256(concat(utf8(`vectors/${name}/`), uint(counter++, 4))));
			return concat(...parts).slice(0, length);
		}
	};
}
const fixed = (name: string, length: number): Bytes => seeded(name).bytes(length);

const TIME = 1_790_000_000_000;
const URL = 'https://relay.example';
const HOST = 'relay.example';

/** One identity with two devices, built once for all vectors. */
async function makeWorld(name: string) {
	const random = seeded(name);
	const device = await makeDeviceKeys(random);
	const identity = await makeIdentity(random, device, HOST, TIME);
	const second = await makeDeviceKeys(random);
	const genesis = decodeChainRecord(identity.genesis)!;
	const { body } = genesis;
	if (body.type !== 0) throw new Error('a genesis is expected');
	// What genesis sealed, drawn from the same stream: read back by the vector below.
	return { random, device, identity, second, genesis, ik: body.ik, tag: chainHash(genesis.publicBytes).slice(0, 16) };
}
type World = Awaited<ReturnType<typeof makeWorld>>;

interface Secrets {
	readonly e0: Bytes;
	readonly e1: Bytes;
	readonly b: Bytes;
}

/** genesis · add-device (by device 0) · new-epoch · publish-prekeys · a record of a reserved type (signed by the root). */
async function makeChain(world: World, { e0, e1, b }: Secrets): Promise<Bytes[]> {
	const { random, device, second, identity } = world;
	const records = [identity.genesis];
	const head = () => chainHash(decodeChainRecord(records.at(-1)!)!.publicBytes);
	const part = devicePart(second, 'admin');
	const add = { type: 1, device: part, time: TIME + 1000 } as const;
	const signer = { signer: device.id, key: device.key };
	const one = { id: second.id, dk: second.dk };
	records.push(
		await makeChainRecord(random, {
			prev: head(),
			seq: 1,
			body: add,
			...signer,
			give: { to: [one], epoch: 0, e: e0, b },
			dk: second.dk
		})
	);
	const both = [{ id: device.id, dk: device.dk }, one];
	const epoch = { type: 3, epoch: 1, time: TIME + 2000 } as const;
	records.push(
		await makeChainRecord(random, {
			prev: head(),
			seq: 2,
			body: epoch,
			...signer,
			give: { to: both, epoch: 1, e: e1, b, previous: e0 }
		})
	);
	const prekey = { type: 4, version: 1, prekey: kemPair(random.bytes(32)).publicKey, time: TIME + 3000 } as const;
	records.push(
		await makeChainRecord(random, { prev: head(), seq: 3, body: prekey, signer: second.id, key: second.key })
	);
	const reserved = toCbor({
		v: 1,
		prev: head(),
		seq: 4,
		type: 2,
		body: { device: second.id, reason: 'of a later version' }
	});
	records.push(
		encodeChainRecord(reserved, new Uint8Array(0), await signHash(identity.rootSeed, 'chain', chainHash(reserved)))
	);
	return records;
}

const address = (publicKey: Bytes, host: string): Vector => ({
	name: `address ${host}`,
	given: { publicKey: shown(publicKey), host },
	expect: addressOf(publicKey, host)
});

function idVectors(author: string, ds: Bytes): Vector[] {
	const random = fixed('id', 16);
	const kinds = ['ATT', 'REQ', 'MSG', 'REL', 'RLT', 'TOK'] as const;
	const ids = kinds.map((prefix): Vector => ({
		name: `id ${prefix}`,
		given: { prefix, author, random: shown(random) },
		expect: idOf(prefix, author, random)
	}));
	return [
		...ids,
		{ name: 'device id', given: { ds: shown(ds) }, expect: { id: shown(deviceIdOf(ds)), text: deviceIdText(ds) } }
	];
}

function referenceVectors(author: string): Vector[] {
	const id = idOf('RLT', author, fixed('reference', 16));
	const key = fixed('reference-key', 32);
	const short = writeReference({ id, key, baseUrl: URL });
	const personal = writeReference({ id, key, baseUrl: URL, forIdentityTail: author.slice(-4) });
	const far = writeReference({ id, key, baseUrl: 'https://a-very-long-name-of-a-relay.example.org:8443' });
	const texts = {
		truncated: short.truncated,
		url: short.url,
		personal: personal.url,
		'with a password': writeReference({ id, key, baseUrl: URL, password: { salt: fixed('salt', 16) } }).url,
		'with a PIN': writeReference({
			id,
			key,
			baseUrl: URL,
			password: { salt: fixed('salt', 16), pinLength: 6, locationIndicator: 50 }
		}).truncated,
		'without base url': far.truncated
	};
	return Object.entries(texts).map(([name, text]): Vector => {
		const parsed = parseReference(text);
		if (!parsed.ok) throw new Error('a reference that does not parse');
		return { name: `reference ${name}`, given: { text }, expect: shown({ ...parsed.value } as unknown as Cbor) };
	});
}

function cborVectors(): Vector[] {
	const values: Cbor[] = [
		[0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, Number.MAX_SAFE_INTEGER],
		[-1, -24, -25, -256, -257, -4_294_967_296],
		[0.5, 1.1, -0.1, 65_504.5, 1e20, 1e300, 5e-324],
		[true, false, null, '', 'a', 'ü😀', '\ufeffmarked', new Uint8Array(0), Uint8Array.of(1, 2)],
		Object.fromEntries<Cbor>([
			['b', 1],
			['aa', 2],
			['a', { '': [] }],
			['é', {}],
			['__proto__', 3]
		])
	];
	return values.map((value, i) => ({
		name: `cbor ${i}`,
		given: { bytes: shown(toCbor(value)) },
		expect: shown(value)
	}));
}

function paddingVectors(): Vector[] {
	const lengths = [0, 251, 252, 253, 508, 509, 1020, 2045, 4092, 4093, 5000, 10_000, 70_000, 1_000_000];
	const buckets = lengths.map((length) => [length, entryBucket(4 + length), envelopeBucket(4 + length)]);
	return [
		{
			name: 'padding buckets',
			given: { lengths },
			expect: buckets.map(([length, entry, envelope]) => ({ length, entry, envelope }) as Json)
		},
		{ name: 'padding', given: { padded: shown(pad(utf8('hello'), entryBucket)) }, expect: shown(utf8('hello')) }
	];
}

function deriveVectors(b: Bytes, relId: string, templateId: string): Vector[] {
	const derive = (name: string, label: string, parts: readonly string[], expect: Bytes | string): Vector => ({
		name: `blinded ${name}`,
		given: { b: shown(b), label, parts },
		expect: typeof expect === 'string' ? expect : shown(expect)
	});
	const reqId = `REQ${base62(blinded(b, 'treq', utf8(templateId), utf8('0')))}`;
	const peer = addressOf(fixed('peer', 32), HOST);
	return [
		derive('slot of a request', 'slot/req', [reqId], slotOf(b, 'req', utf8(reqId))),
		derive('slot of a relationship event', 'slot/rel', [relId, '0'], slotOf(b, 'rel', utf8(relId), utf8('0'))),
		derive('slot of an opening', 'slot/open', [peer, '0'], slotOf(b, 'open', utf8(peer), utf8('0'))),
		derive('slot of a mail batch', 'slot/mail', ['1'], slotOf(b, 'mail', utf8('1'))),
		derive(
			'slot of a succession',
			'slot/succ',
			['ATT00000000000000001'],
			slotOf(b, 'succ', utf8('ATT00000000000000001'))
		),
		derive(
			'alias of a template',
			'mbx',
			[templateId, '0'],
			blinded(b, 'mbx', utf8(templateId), utf8('0')).slice(0, 16)
		),
		derive('alias of a relationship', 'mbx', [relId, '0'], blinded(b, 'mbx', utf8(relId), utf8('0')).slice(0, 16)),
		derive('claim', 'claim', [templateId], blinded(b, 'claim', utf8(templateId)).slice(0, 16)),
		derive('id of a request by template', 'treq', [templateId, '0'], reqId)
	];
}

async function ackVectors(tag: Bytes): Promise<Vector[]> {
	const { key, publicKey } = await makeSigningKey(fixed('relay-key', 32));
	const leaves = Array.from({ length: 5 }, (_, i) => ({
		tag: i === 4 ? tag : fixed(`tag-${i}`, 16),
		seq: i + 1,
		root: fixed(`root-${i}`, 32)
	}));
	const { root, paths } = ackTree(leaves.map((leaf) => ackLeaf(leaf.tag, leaf.seq, leaf.root, TIME)));
	const signature = await signHash(key, 'ack', root);
	return leaves.map((leaf, i): Vector => ({
		name: `ack ${i} of 5`,
		given: {
			identityTag: shown(leaf.tag),
			seq: leaf.seq,
			root: shown(leaf.root),
			relayKey: shown(publicKey),
			proof: shown(toCbor(encodeProof({ time: TIME, path: paths[i]!, signature })))
		},
		expect: { treeRoot: shown(root), time: TIME, signed: true }
	}));
}

async function loginVector(world: World): Promise<Vector> {
	const { publicKey } = await makeSigningKey(fixed('relay-key', 32));
	const challenge = fixed('challenge', 40);
	const hash = loginHash(challenge, publicKey, world.tag, world.device.id);
	const signature = await signHash(world.device.key, 'login', hash);
	return {
		name: 'login',
		given: {
			challenge: shown(challenge),
			relayKey: shown(publicKey),
			identityTag: shown(world.tag),
			device: shown(world.device.id),
			ds: shown(world.device.ds),
			signature: shown(signature)
		},
		expect: { hash: shown(hash), signed: true }
	};
}

/** One request of each operation with everything optional, and what it is answered. */
const frames = (): { readonly [O in Operation]: readonly [RequestOf<O>, { readonly [member: string]: Cbor }] } => {
	const b = (name: string, length: number) => fixed(`frame-${name}`, length);
	// Nobody looks inside: a frame carries them as bytes.
	const [entry, envelope] = [b('entry', 48), b('envelope', 48)];
	const records = [b('record-0', 48), b('record-1', 48)];
	const mailItem = { mseq: 4, alias: b('alias', 16), kind: 'envelope', day: 20_717, bytes: envelope };
	const proof = encodeProof({ time: TIME, path: [{ side: 1, hash: b('step', 32) }], signature: b('signature', 64) });
	const filed = { alias: b('alias', 16), token: b('token', 32), envId: b('envId', 16), bytes: envelope };
	return {
		register: [{ chain: records, client: { id: 'client', secret: 'secret' } }, { created: true }],
		hello: [
			{
				identityTag: b('tag', 16),
				device: b('device', 16),
				signature: b('signature', 64),
				cursor: 7,
				root: b('root', 32),
				mailCursor: 3,
				chainSeq: -1
			},
			{
				seq: 8,
				root: b('root', 32),
				rootMatches: true,
				mseq: 4,
				chain: records,
				entries: [entry],
				mail: [mailItem]
			}
		],
		pull: [
			{ after: 7, limit: 256 },
			{ entries: [entry], seq: 8, root: b('root', 32) }
		],
		mail: [
			{ after: 3, limit: 256 },
			{ mail: [mailItem], mseq: 4 }
		],
		append: [{ entries: [entry] }, { acks: [{ seq: 8, root: b('root', 32) }], proof }],
		commit: [
			{
				slots: [b('slot', 32)],
				entry,
				envelopes: [filed],
				aliases: [
					{ op: 'open', alias: b('alias', 16), tokenHash: b('tokenHash', 32), closesAt: TIME },
					{ op: 'close', alias: b('alias2', 16) }
				],
				mailAck: 4,
				aliasSeen: { alias: b('alias', 16), mseq: 4 },
				tolerant: true
			},
			{ seq: 8, root: b('root', 32), undelivered: [0], proof }
		],
		chainAppend: [{ record: records[1]!, expectHead: b('head', 32) }, { seq: 1 }],
		chain: [{ after: -1 }, { chain: records }],
		mailboxOpen: [{ alias: b('alias', 16), tokenHash: b('tokenHash', 32), closesAt: TIME }, {}],
		mailboxClose: [{ alias: b('alias', 16) }, {}],
		deliver: [filed, {}],
		mailboxState: [{ alias: b('alias', 16), token: b('token', 32) }, { state: 'open' }],
		notify: [{ alias: b('alias', 16), token: b('token', 32), code: 'TestCode' }, {}],
		objectPart: [{ handle: b('handle', 32), at: 0, bytes: b('part', 48) }, { have: 48 }],
		objectPut: [
			{
				handle: b('handle', 32),
				bytes: b('object', 64),
				expiresAt: TIME,
				maxUses: 1,
				forTag: b('tag', 16),
				verifierHash: b('verifierHash', 32),
				ownershipHash: b('ownershipHash', 32)
			},
			{}
		],
		objectGet: [
			{ handle: b('handle', 32) },
			{ bytes: b('object', 64), uses: 1, failures: 0, locked: false, expiresAt: TIME }
		],
		objectPeek: [{ handle: b('handle', 32) }, { bytes: b('object', 64), expiresAt: TIME }],
		objectRead: [
			{ handle: b('handle', 32), at: 0, length: 48, claimId: b('claimId', 16) },
			{ bytes: b('part', 48), size: 48 }
		],
		objectUnlock: [{ handle: b('handle', 32) }, {}],
		objectRedeem: [
			{ handle: b('handle', 32), claimId: b('claimId', 16), verifier: b('verifier', 32) },
			{ bytes: b('object', 64), expiresAt: TIME }
		],
		objectDelete: [{ handle: b('handle', 32) }, {}],
		objectClaim: [
			{
				handle: b('handle', 32),
				token: b('token', 32),
				nextOwnershipHash: b('ownershipHash', 32),
				claimId: b('claimId', 16)
			},
			{}
		],
		objectToken: [{ handle: b('handle', 32), token: b('token', 32) }, { valid: true }],
		objectRenew: [{ handle: b('handle', 32), expect: b('expect', 32), next: b('next', 32) }, {}],
		rendezvousPut: [{ rendezvous: b('rendezvous', 16), slot: 3, bytes: b('bytes', 40) }, {}],
		rendezvousGet: [{ rendezvous: b('rendezvous', 16), slot: 3 }, { bytes: b('bytes', 40) }],
		account: [
			{},
			{ entries: 8, entryBytes: 4096, mail: 0, objects: 1, objectBytes: 64, aliases: 2, deletion: { at: TIME } }
		],
		accountDelete: [{ days: 14 }, { deletion: { at: TIME } }],
		accountGone: [{ identityTag: b('tag', 16) }, { at: TIME }],
		published: [
			{ name: 'codes', etag: 'old' },
			{ etag: 'new', value: {} }
		],
		version: [{}, { version: '0.1.0', addressHost: HOST, relayKey: b('relayKey', 32), limits: { slots: 4 } }]
	};
};

/** Operations and members that came later: their vectors come after the others, whose bytes stay. */
const LATER: readonly Operation[] = [
	'notify',
	'objectPart',
	'objectRead',
	'objectUnlock',
	'objectToken',
	'objectRenew',
	'accountGone',
	'published'
];

function laterMembers(): Vector[] {
	const b = (name: string, length: number) => fixed(`frame-${name}`, length);
	const body = { size: 48, digest: b('digest', 32) };
	const file = { handle: b('handle', 32), bytes: b('object', 64), body, record: b('record', 40) };
	const claim = {
		handle: b('handle', 32),
		token: b('token', 32),
		nextOwnershipHash: b('ownershipHash', 32),
		claimId: b('claimId', 16),
		record: b('record', 40),
		expect: b('expect', 32)
	};
	const urgent = {
		alias: b('alias', 16),
		token: b('token', 32),
		envId: b('envId', 16),
		bytes: b('bytes', 40),
		urgent: true
	};
	const seen = { bytes: b('object', 64), size: 48, record: b('record', 40), ownershipLocked: true };
	return [
		['request objectPut of a file', encodeRequest(1, 'objectPut', file), { id: 1, op: 'objectPut', ...file }],
		[
			'request objectClaim with a record',
			encodeRequest(2, 'objectClaim', claim),
			{ id: 2, op: 'objectClaim', ...claim }
		],
		[
			'request deliver of an urgent letter',
			encodeRequest(3, 'deliver', urgent),
			{ id: 3, op: 'deliver', ...urgent }
		],
		['answer objectPeek of a file', encodeAnswer(4, seen), { id: 4, ok: true, ...seen }]
	].map(([name, frame, expect]) => ({
		name: name as string,
		given: { frame: shown(frame as Bytes) },
		expect: shown({ v: 1, ...(expect as { [name: string]: Cbor }) })
	}));
}

function frameVectors(): Vector[] {
	const all = frames();
	const known = Object.keys(OPERATIONS) as Operation[];
	const ops = [...known.filter((op) => !LATER.includes(op)), ...LATER];
	const both = ops.flatMap((op, i): Vector[] => {
		const [request, answer] = all[op];
		return [
			{
				name: `request ${op}`,
				given: { frame: shown(encodeRequest(i + 1, op, request)) },
				expect: shown({ v: 1, id: i + 1, op, ...request } as Cbor)
			},
			{
				name: `answer ${op}`,
				given: { frame: shown(encodeAnswer(i + 1, answer)) },
				expect: shown({ v: 1, id: i + 1, ok: true, ...answer })
			}
		];
	});
	const refusal = encodeRefusal(9, 'slot-taken', { slot: fixed('slot', 32), index: 0, seq: 12 });
	const title = 'Another commit came first.';
	return [
		...both,
		{
			name: 'refusal',
			given: { frame: shown(refusal) },
			expect: shown({
				v: 1,
				id: 9,
				ok: false,
				type: 'slot-taken',
				status: 409,
				title,
				slot: fixed('slot', 32),
				index: 0,
				seq: 12
			})
		},
		{
			name: 'push challenge',
			given: { frame: shown(encodePush({ push: 'challenge', challenge: fixed('challenge', 40) })) },
			expect: shown({ v: 1, push: 'challenge', challenge: fixed('challenge', 40) })
		},
		{
			name: 'push wake',
			given: { frame: shown(encodePush({ push: 'wake', seq: 8, mseq: 4, chain: 1 })) },
			expect: { v: 1, push: 'wake', seq: 8, mseq: 4, chain: 1 }
		},
		...laterMembers(),
		{
			name: 'push notification',
			given: {
				frame: shown(
					encodePush({ push: 'notification', code: 'TestCode', texts: { en: { title: 'T', body: 'B' } } })
				)
			},
			expect: { v: 1, push: 'notification', code: 'TestCode', texts: { en: { title: 'T', body: 'B' } } }
		},
		{
			name: 'push published',
			given: { frame: shown(encodePush({ push: 'published', name: 'tags' })) },
			expect: { v: 1, push: 'published', name: 'tags' }
		}
	];
}

/** Every kind of record once, with all its members. */
function everyRecord(template: TemplateObject, token: TokenObject, letter: Bytes): Op[] {
	const r = (name: string, length: number) => fixed(`record-${name}`, length);
	const attribute = {
		'@type': 'IdentityAttribute',
		owner: template.id,
		value: { '@type': 'GivenName', value: 'Ada' }
	};
	const file: FileObject = {
		t: 'file',
		id: 'FIL00000000000000001',
		random: r('file', 16),
		time: TIME,
		device: 'DVC00000000000000001',
		expiresAt: TIME + 86_400_000,
		filename: 'Zürich.pdf',
		mimetype: 'application/pdf',
		size: 3,
		key: r('file-key', 32),
		title: 'T',
		description: 'D',
		tags: ['x:a']
	};
	const values: { readonly [K in keyof Records]: Records[K] } = {
		'template.own': { object: template, linkKey: r('link', 32), seed: r('seed', 32) },
		'template.loaded': {
			object: template,
			linkKey: r('link', 32),
			by: 'did:e:relay.example:dids:0',
			ik: r('ik', 32),
			at: TIME
		},
		'token.own': { object: token, linkKey: r('link', 32) },
		'token.loaded': { object: token, linkKey: r('link', 32), by: 'did:e:relay.example:dids:0', at: TIME },
		'file.own': { object: file, linkKey: r('link', 32), token: 'aB3dE6gH9jK2mN5pQ8sT' },
		'file.loaded': {
			object: file,
			linkKey: r('link', 32),
			by: 'did:e:relay.example:dids:0',
			owner: 'did:e:relay.example:dids:1',
			turn: 1,
			locked: true,
			at: TIME
		},
		'file.renewed': { id: file.id, token: 'tS8qP5nM2kJ9hG6eD3bA' },
		'file.claimed': { id: file.id, turn: 2, token: 'tS8qP5nM2kJ9hG6eD3bA' },
		'file.owner': { id: file.id, owner: 'did:e:relay.example:dids:1', turn: 3, locked: true },
		'deletion.started': { id: 'IDP00000000000000001', endsAt: TIME + 14 * 86_400_000, at: TIME },
		'deletion.told': {
			id: 'IDP00000000000000001',
			status: 'Active',
			rels: ['REL00000000000000001'],
			last: true
		},
		'deletion.cancelled': { id: 'IDP00000000000000001', at: TIME },
		'peer.gone': { rel: 'REL00000000000000001', at: TIME },
		'attribute.forwarded': {
			id: 'ATT00000000000000002',
			predecessor: 'ATT00000000000000001',
			peer: 'did:e:relay.example:dids:1',
			reference: 'NOT00000000000000001',
			at: TIME
		},
		'attribute.default': { id: 'ATT00000000000000001', at: TIME },
		'metadata.set': { reference: 'did:e:relay.example:dids:1', key: 'k', value: { a: [1] }, at: TIME },
		'metadata.deleted': { reference: 'did:e:relay.example:dids:1', key: 'k', at: TIME },
		'object.deleted': { id: token.id },
		claimed: { objectId: template.id, claimId: r('claim', 16) },
		'attribute.created': { id: 'ATT00000000000000001', content: attribute, at: TIME },
		'attribute.succeeded': {
			predecessor: 'ATT00000000000000001',
			id: 'ATT00000000000000002',
			content: attribute,
			at: TIME,
			rebased: true
		},
		'attribute.deleted': { id: 'ATT00000000000000002', at: TIME },
		'attribute.viewed': { id: 'ATT00000000000000001', at: TIME },
		'request.drafted': {
			id: 'REQ00000000000000001',
			content: { '@type': 'Request', items: [] },
			peer: 'did:e:relay.example:dids:0',
			at: TIME
		},
		'request.decided': {
			id: 'REQ00000000000000001',
			response: { '@type': 'Response', result: 'Accepted', items: [] },
			at: TIME,
			automatic: true
		},
		'request.deleted': { id: 'REQ00000000000000002', at: TIME },
		'relationship.event': {
			letter,
			hash: speechHash('event', letter),
			replySeed: r('reply', 32),
			peerKey: template.key
		},
		'message.sent': {
			id: 'MSG00000000000000001',
			random: r('message', 16),
			to: ['did:e:relay.example:dids:0'],
			rels: ['REL00000000000000001'],
			content: { '@type': 'Mail', subject: 'Hello', body: 'ü' },
			attachments: [],
			at: TIME
		},
		mail: { mseq: 1, day: 20_717, alias: r('alias', 16), plain: r('plain', 64) },
		prekey: { version: 1, seed: r('prekey', 32) }
	};
	return Object.entries(values).map(([k, v]) => ({ o: 'rec', i: fixed(`op-${k}`, 16), k, v }) as unknown as Op);
}

function documentUpdate(): Bytes {
	const doc = new Y.Doc();
	doc.clientID = clientId(1, 3);
	doc.getMap('fields').set('profile/name\u001f1', { v: 'Ada', l: 1, saw: {} });
	return new Uint8Array(Y.encodeStateAsUpdate(doc));
}

const asCbor = (ops: readonly Op[]): Cbor => ops as unknown as Cbor;

async function entryVectors(world: World, e: Bytes, ops: readonly (readonly Op[])[]): Promise<Vector[]> {
	const session = fixed('session', 16);
	const { tag, device } = world;
	const key = sessionKey(e, session, tag, device.id);
	const given = { e: shown(e), ds: shown(device.ds), device: shown(device.id) };
	const vectors: Vector[] = [
		{
			name: 'session key',
			given: { e: shown(e), session: shown(session), identityTag: shown(tag), device: shown(device.id) },
			expect: { key: shown(key), commitment: shown(keyCommitment(e, session)) }
		}
	];
	let prevHash: Bytes = new Uint8Array(32);
	let root = EMPTY_ROOT;
	for (const [sseq, list] of ops.entries()) {
		const header: EntryHeader = {
			identityTag: tag,
			session,
			sseq,
			epoch: 0,
			chainHead: chainHash(world.genesis.publicBytes).slice(0, 8),
			seenSeq: sseq,
			seenRoot: root.slice(0, 16),
			prevHash,
			...(sseq === 0
				? { first: { deviceId: device.id, keyCommitment: keyCommitment(e, session), sessionOrdinal: 3 } }
				: {})
		};
		const { bytes, hash } = await sealEntry(key, device.key, header, encodeOps(list));
		const before = root;
		root = nextRoot(root, hash);
		const { first, ...rest } = header;
		vectors.push({
			name: `entry ${sseq}`,
			given: { bytes: shown(bytes), ...given, rootBefore: shown(before) },
			expect: shown({
				...rest,
				...(first ? { first } : {}),
				hash,
				root,
				signed: true,
				ops: asCbor(list)
			} as unknown as Cbor)
		});
		prevHash = hash;
	}
	return vectors;
}

async function chainVectors(world: World, records: readonly Bytes[], { e0, e1, b }: Secrets): Promise<Vector[]> {
	const { device, second, identity } = world;
	const seen = records.map((bytes) => {
		const { publicBytes, seq } = decodeChainRecord(bytes)!;
		return { seq, hash: chainHash(publicBytes) };
	});
	const membership = {
		identityTag: world.tag,
		address: identity.address,
		seq: 4,
		epoch: 1,
		head: seen.at(-1)!.hash,
		members: [
			{
				id: device.id,
				ds: device.ds,
				dk: sha256(device.dk),
				role: 'admin',
				ordinal: 0,
				text: deviceIdText(device.ds)
			},
			{
				id: second.id,
				ds: second.ds,
				dk: sha256(second.dk),
				role: 'admin',
				ordinal: 1,
				text: deviceIdText(second.ds)
			}
		]
	};
	const given = { records: records.map(shown) };
	const epochs = { '0': e0, '1': e1 };
	return [
		{
			name: 'chain read by its first device',
			given: { ...given, device: shown(device.id), seed: shown(device.dkSeed) },
			expect: shown({ hashes: seen.map(({ hash }) => hash), membership, epochs, b })
		},
		{
			name: 'chain read by its second device',
			given: { ...given, device: shown(second.id), seed: shown(second.dkSeed) },
			expect: shown({ hashes: seen.map(({ hash }) => hash), membership, epochs, b })
		},
		{
			name: 'key that no quantum computer breaks',
			given: { seed: shown(identity.pqSeed) },
			expect: shown(pqCommitment(identity.pqSeed))
		}
	];
}

async function speechVectors(
	signer: Signer,
	from: string,
	letters: readonly (readonly [name: string, letter: Letter])[]
): Promise<Vector[]> {
	const vectors: Vector[] = [];
	for (const [name, letter] of letters) {
		const body = encodeLetter(letter);
		const speech = await speak(signer, 'event', body);
		const hash = speechHash('event', body);
		vectors.push({
			name: `letter ${name}`,
			given: { speech: shown(speech), domain: 'event' },
			expect: shown({ from, device: signer.device, hash, body: flat(letter) })
		});
	}
	return vectors;
}

async function passwordVectors(linkKey: Bytes): Promise<Vector[]> {
	const salt = fixed('salt', 16);
	const password = 'Grüße 😀';
	const { content, verifier } = await passwordKeys(linkKey, password, salt);
	return [
		{
			name: 'password',
			given: { key: shown(linkKey), password, salt: shown(salt) },
			expect: shown({ content, verifier })
		}
	];
}

async function fileVectors(
	file: FileObject,
	linkKey: Bytes,
	signer: Signer,
	from: string,
	by: Bytes,
	b: Bytes
): Promise<Vector[]> {
	const small = new Uint8Array([1, 2, 3]);
	const [body] = await Array.fromAsync(sealBody(file.id, file.key, small));
	const prev = sha256(small);
	const record = await sealOwner(seeded('owner'), linkKey, signer, { id: file.id, turn: 1, prev, time: TIME });
	const token = 'aB3dE6gH9jK2mN5pQ8sT';
	return [
		{
			name: 'file body of one chunk',
			given: { id: file.id, key: shown(file.key), size: 3, bytes: shown(body!) },
			expect: shown(small)
		},
		{
			name: 'owner record',
			given: { id: file.id, key: shown(linkKey), bytes: shown(record) },
			expect: shown({ from, device: by, body: { t: 'owner', id: file.id, turn: 1, prev, time: TIME } })
		},
		{
			name: 'ownership token',
			given: { token, id: file.id, b: shown(b) },
			expect: { proof: shown(ownershipProof(token)), next: nextOwnershipToken(b, file.id, token) }
		}
	];
}

async function challengeVector(signer: Signer, from: string, by: Bytes, deviceText: string): Promise<Vector> {
	const challengeString = writeChallenge({
		id: 'CHL00000000000000001',
		type: 'Identity',
		expiresAt: new Date(TIME).toISOString(),
		createdBy: from,
		createdByDevice: deviceText
	});
	const signature = await signChallenge(signer, deviceText, challengeString);
	return {
		name: 'challenge',
		given: { challengeString, signature },
		expect: { from, device: shown(by), deviceText }
	};
}

/** A letter as it stands in the body: create and accept lie flat, mailboxes are triples. */
function flat(letter: Letter): Cbor {
	if (letter.t !== 'rel') return letter as unknown as Cbor;
	const { create, accept, ...event } = letter;
	const triple = (mailbox: { url: string; alias: Bytes; token: Bytes }) => [
		mailbox.url,
		mailbox.alias,
		mailbox.token
	];
	return {
		...event,
		...(create ? { ...create, mailbox: triple(create.mailbox) } : {}),
		...(accept ? { ...accept, mailbox: triple(accept.mailbox) } : {})
	} as unknown as Cbor;
}

async function linkVectors(world: World): Promise<Vector[]> {
	const { second, identity, genesis } = world;
	const rendezvous = fixed('rendezvous', 16);
	const secret = fixed('link-secret', 32);
	const [rA, rN, nonce] = [fixed('rA', 32), fixed('rN', 32), fixed('link-nonce', 12)];
	const genesisHash = domainHash('link-genesis', genesis.publicBytes);
	const commitment = domainHash('link-commit', second.ds, second.dk, rN);
	const value = { commitment };
	const key = hkdf(secret, rendezvous, utf8('enmeshed/link/0'), 32);
	const sealed = concat(nonce, await seal(key, nonce, concat(rendezvous, Uint8Array.of(0)), toCbor(value)));
	return [
		{
			name: 'device code',
			given: { text: writeCode({ url: URL, rendezvous, secret }) },
			expect: shown({ url: URL, rendezvous, secret })
		},
		{
			name: 'link slot',
			given: shown({ rendezvous, secret, slot: 0, bytes: sealed }) as Vector['given'],
			expect: shown(value)
		},
		{
			name: 'link digits',
			given: shown({
				address: identity.address,
				genesis: genesis.publicBytes,
				rA,
				ds: second.ds,
				dk: second.dk,
				rN
			}) as Vector['given'],
			expect: shown({
				genesisHash,
				commitment,
				digits: digitsOf(identity.address, genesisHash, rA, second.ds, second.dk, rN)
			})
		}
	];
}

async function noticeVector(): Promise<Vector> {
	const { key, publicKey } = await makeSigningKey(fixed('relay-key', 32));
	const notice = { kind: 'exhausted', handle: fixed('handle', 32), time: 20_717 * 86_400_000 } as const;
	let signature: Bytes = new Uint8Array(64);
	encodeNotice(notice, (hash) => {
		signature = hash;
		return new Uint8Array(64);
	});
	const signed = await signHash(key, 'notice', signature);
	const bytes = encodeNotice(notice, () => signed);
	return {
		name: 'notice',
		given: { bytes: shown(bytes), relayKey: shown(publicKey) },
		expect: shown({ ...notice, signed: true })
	};
}

export async function makeVectors(): Promise<Vector[]> {
	const world = await makeWorld('world');
	const { device, second, identity } = world;
	const secrets = await readSecrets(world);
	const records = await makeChain(world, secrets);
	const chain = records.map((bytes) => decodeChainRecord(bytes)!);
	const signer: Signer = { device: second.id, key: second.key, path: makePath(chain, second.id) };
	const first: Signer = { device: device.id, key: device.key, path: makePath(chain, device.id) };
	const { address: me } = identity;
	const peer = addressOf(fixed('peer', 32), HOST);

	const idRandom = fixed('template', 16);
	const templateId = idOf('RLT', me, idRandom);
	const templateKey = kemPair(fixed('template-key', 32));
	const mailbox = {
		url: URL,
		alias: blinded(secrets.b, 'mbx', utf8(templateId), utf8('0')).slice(0, 16),
		token: fixed('mailbox-token', 32)
	};
	const content = { '@type': 'ArbitraryRelationshipTemplateContent', value: { half: 0.5, list: [1, 'zwei', null] } };
	const text = deviceIdText(second.ds);
	const template: TemplateObject = {
		t: 'template',
		id: templateId,
		random: idRandom,
		content,
		key: templateKey.publicKey,
		mailbox,
		time: TIME,
		device: text,
		expiresAt: TIME + 86_400_000,
		max: 3,
		for: peer
	};
	const tokenRandom = fixed('token', 16);
	const token: TokenObject = {
		t: 'token',
		id: idOf('TOK', me, tokenRandom),
		random: tokenRandom,
		content,
		time: TIME,
		device: text,
		expiresAt: TIME
	};

	const relRandom = fixed('relationship', 16);
	const rel = idOf('REL', me, relRandom);
	const [a, b] = [fixed('a', 32), fixed('b', 32)];
	const replyKey = kemPair(fixed('reply-key', 32)).publicKey;
	const box = (id: string) => ({
		url: URL,
		alias: blinded(secrets.b, 'mbx', utf8(id), utf8('0')).slice(0, 16),
		token: fixed(`token-${id}`, 32)
	});
	const create: EventLetter = {
		t: 'rel',
		rel,
		from: me,
		to: peer,
		action: 'create',
		n: 0,
		time: TIME,
		create: {
			templateId,
			random: relRandom,
			content: { '@type': 'ArbitraryRelationshipCreationContent', value: {} },
			a,
			key: replyKey,
			mailbox: box(rel)
		}
	};
	const createBody = encodeLetter(create);
	const seen = [0, speechHash('event', createBody)] as const;
	const accept: EventLetter = {
		t: 'rel',
		rel,
		from: me,
		to: peer,
		action: 'accept',
		n: 0,
		seen,
		time: TIME + 1,
		accept: { b, mailbox: box(rel) }
	};
	const terminate: EventLetter = {
		t: 'rel',
		rel,
		from: me,
		to: peer,
		action: 'terminate',
		n: 1,
		prev: speechHash('event', createBody),
		seen,
		time: TIME + 2
	};
	const messageRandom = fixed('message', 16);
	const message: Letter = {
		t: 'msg',
		id: idOf('MSG', me, messageRandom),
		random: messageRandom,
		rel,
		from: me,
		to: [peer],
		time: TIME + 3,
		content: { '@type': 'Mail', subject: 'Hello', body: 'Grüße 😀', to: [peer] },
		attachments: [],
		prev: ['MSG00000000000000001']
	};
	const file: FileObject = {
		t: 'file',
		id: idOf('FIL', me, fixed('file', 16)),
		random: fixed('file', 16),
		time: TIME,
		device: 'DVC00000000000000001',
		expiresAt: TIME + 86_400_000,
		filename: 'Zürich.pdf',
		mimetype: 'application/pdf',
		size: CHUNK,
		key: fixed('file-key', 32),
		title: 'T',
		description: 'D',
		tags: ['x:a']
	};
	const leaving: Letter = { t: 'leave', rel, from: me, to: peer, n: 0, time: TIME + 4, endsAt: TIME + 1_209_600_000 };
	const staying: Letter = { t: 'leave', rel, from: me, to: peer, n: 1, time: TIME + 5 };
	const attached = { object: file, linkKey: fixed('link-key', 32), by: me, owner: peer, turn: 1 };
	const withFile: Letter = { ...message, attachments: [file.id], files: [attached] };
	const letters: (readonly [name: string, letter: Letter])[] = [
		['create', create],
		['accept', accept],
		['terminate', terminate],
		['message', message],
		['message with a file', withFile],
		['leave', leaving],
		['leave called off', staying]
	];

	const root = relationshipRoot(a, b, rel);
	const plaintext = await speak(signer, 'event', encodeLetter(message));
	const [alias, envId] = [fixed('alias', 16), fixed('envId', 16)];
	const inRelationship = await sealEnvelope(seeded('envelope'), { root }, alias, envId, plaintext);
	const toKey = await sealEnvelope(seeded('hpke'), { publicKey: templateKey.publicKey }, alias, envId, plaintext);
	const envelopeExpect = (kind: number, key: Bytes) => shown({ kind, alias, envId, k: 0, key, plaintext });

	const linkKey = fixed('link-key', 32);
	const objects = await Promise.all(
		[template, token, file].map(async (object): Promise<Vector> => {
			const bytes = await sealObject(seeded(object.t), linkKey, signer, object);
			const { mailbox: where, ...rest } = object as TemplateObject;
			const body = { ...rest, ...(where ? { mailbox: [where.url, where.alias, where.token] } : {}) };
			return {
				name: `object ${object.t}`,
				given: { id: object.id, key: shown(linkKey), bytes: shown(bytes) },
				expect: shown({
					handle: objectHandle(object.id),
					from: me,
					device: second.id,
					body: body as unknown as Cbor
				})
			};
		})
	);

	const ops: Op[][] = [
		[
			{ o: 'doc', shard: 'core', u: documentUpdate() },
			{ o: 'commit', slots: [fixed('slot', 32)], intent: fixed('intent', 16) }
		],
		[
			...everyRecord(template, token, createBody),
			{ o: 'unknown', raw: { o: 'snapshot', id: fixed('snapshot', 16) } }
		]
	];
	const rawOps = ops.map((list) => list.map((op) => (op.o === 'unknown' ? op.raw : op)));
	const entries = await entryVectors(world, secrets.e0, ops);
	for (const [i, list] of rawOps.entries())
		(entries[i + 1]!.expect as { ops: Json }).ops = shown(list as unknown as Cbor);
	const update = documentUpdate();

	return [
		...cborVectors(),
		address(world.ik, HOST),
		address(world.ik, 'localhost'),
		address(fixed('another-key', 32), 'a-b.example.org'),
		...idVectors(me, second.ds),
		...referenceVectors(me),
		...paddingVectors(),
		...(await chainVectors(world, records, secrets)),
		...[first, signer].map((from, i): Vector => ({
			name: `proof path of device ${i}`,
			given: { path: shown(toCbor(from.path as unknown as Cbor)), device: shown(from.device) },
			expect: shown({
				address: me,
				ik: world.ik,
				identityTag: world.tag,
				ds: i === 0 ? device.ds : second.ds,
				seq: i
			})
		})),
		...entries,
		{
			name: 'client id',
			given: { update: shown(update) },
			expect: { client: clientId(1, 3), ordinal: 1, session: 3 }
		},
		...deriveVectors(secrets.b, rel, templateId),
		...(await ackVectors(world.tag)),
		await loginVector(world),
		await noticeVector(),
		...(await speechVectors(signer, me, letters)),
		{ name: 'relationship root', given: shown({ a, b, rel }) as Vector['given'], expect: shown(root) },
		{
			name: 'envelope in a relationship',
			given: shown({ bytes: inRelationship, root }) as Vector['given'],
			expect: envelopeExpect(2, seeded('envelope').bytes(32))
		},
		{
			name: 'envelope to a key',
			given: shown({ bytes: toKey, seed: templateKey.seed, publicKey: templateKey.publicKey }) as Vector['given'],
			expect: envelopeExpect(1, toKey.slice(41, 41 + 1120))
		},
		...objects,
		...(await passwordVectors(linkKey)),
		...(await fileVectors(file, linkKey, signer, me, second.id, secrets.b)),
		await challengeVector(signer, me, second.id, deviceIdText(second.ds)),
		...(await linkVectors(world)),
		...frameVectors()
	];
}

/** Epoch secret and blinding key as genesis drew them: after two device seeds, root and ML-DSA seeds, as makeIdentity does. */
async function readSecrets(world: World): Promise<Secrets> {
	const again = seeded('world');
	for (let i = 0; i < 4; i++) again.bytes(32);
	const [e0, b] = [again.bytes(32), again.bytes(32)];
	return { e0, b, e1: world.random.bytes(32) };
}

/** One vector a line, so that a change shows which. */
export const written = (vectors: readonly Vector[]): string =>
	`[\n${vectors.map((vector) => JSON.stringify(vector)).join(',\n')}\n]\n`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(written(await makeVectors()));
