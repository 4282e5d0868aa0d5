/**
 * A client that signs and nothing more: identities, devices, entries and envelopes of random bytes, made with node:crypto and
 * the wire codecs. For the relay's tests, trials and benches; it has no engine behind it, so a wrong engine cannot hide a
 * wrong relay.
 */
import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
	ackLeaf,
	ackRoot,
	addressOf,
	chainHash,
	concat,
	decodeFromRelay,
	deviceIdOf,
	EMPTY_ROOT,
	encodeChainPublic,
	encodeChainRecord,
	encodeEntry,
	encodeEntryHeader,
	encodeRequest,
	entryHash,
	isSignedBy,
	loginHash,
	parseProof,
	signedMessage,
	utf8,
	type AnswerFrame,
	type Bytes,
	type Cbor,
	type ChainBody,
	type Operation,
	type PushFrame,
	type RequestOf,
	type SignatureDomain
} from '@enmeshed/crdt/wire';

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export const random = (length: number): Bytes => new Uint8Array(randomBytes(length));

export interface Signer {
	readonly publicKey: Bytes;
	sign(domain: SignatureDomain, hash: Uint8Array): Bytes;
	raw(message: Uint8Array): Bytes;
}

export function createSigner(seed: Uint8Array = random(32)): Signer {
	const key: KeyObject = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
	const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
	const raw = (message: Uint8Array) => new Uint8Array(sign(null, message, key));
	return {
		publicKey: new Uint8Array(spki.subarray(-32)),
		raw,
		sign: (domain, hash) => raw(signedMessage(domain, hash))
	};
}

export interface Device {
	readonly id: Bytes;
	readonly signer: Signer;
	readonly part: { id: Bytes; ds: Bytes; dkHash: Bytes; role: 'admin' | 'member' };
}

export function createDevice(role: 'admin' | 'member' = 'admin', seed?: Uint8Array): Device {
	const signer = createSigner(seed);
	const id = deviceIdOf(signer.publicKey);
	return { id, signer, part: { id, ds: signer.publicKey, dkHash: random(32), role } };
}

/** An identity with its chain as the relay sees it. */
export interface Identity {
	readonly address: string;
	readonly tag: Bytes;
	readonly device: Device;
	readonly chain: Bytes[];
	head: Bytes;
	epoch: number;
	/** A next record, signed by the device (or whoever is given); does not change the identity. */
	record(body: ChainBody, by?: Device): { bytes: Bytes; hash: Bytes };
	/** The same, taken into the chain. */
	extend(body: ChainBody, by?: Device): Bytes;
}

/** `address`: what its genesis says; its own unless given. */
export function createIdentity({ address }: { readonly address?: string } = {}): Identity {
	const root = createSigner();
	const device = createDevice();
	const body: ChainBody = {
		type: 0,
		ik: root.publicKey,
		pqHash: random(32),
		address: address ?? addressOf(root.publicKey, 'localhost'),
		device: device.part,
		time: 1
	};
	const genesis = encodeChainPublic({ prev: new Uint8Array(32), seq: 0, body });
	const head = chainHash(genesis);
	const identity: Identity = {
		tag: head.slice(0, 16),
		address: body.address,
		device,
		chain: [encodeChainRecord(genesis, new Uint8Array(0), root.sign('chain', head))],
		head,
		epoch: 0,
		record(next, by = device) {
			const publicBytes = encodeChainPublic({
				prev: identity.head,
				seq: identity.chain.length,
				body: next,
				signer: by.id
			});
			const hash = chainHash(publicBytes);
			return { bytes: encodeChainRecord(publicBytes, new Uint8Array(0), by.signer.sign('chain', hash)), hash };
		},
		extend(next, by) {
			const { bytes, hash } = identity.record(next, by);
			identity.chain.push(bytes);
			identity.head = hash;
			if (next.type === 3) identity.epoch = next.epoch;
			return bytes;
		}
	};
	return identity;
}

export interface SessionOptions {
	readonly epoch?: number;
	readonly device?: Device;
	readonly session?: Bytes;
}

/** One session of a device: entries of random ciphertext, each chained to the one before. */
export function createSession(
	identity: Identity,
	{ epoch, device = identity.device, session = random(16) }: SessionOptions = {}
) {
	let sseq = 0;
	let prevHash: Bytes = new Uint8Array(32);
	/** An entry at the session's end; `keep: false` leaves the session where it is. */
	function entry(ciphertext: Bytes = random(240), { keep = true }: { keep?: boolean } = {}): Bytes {
		const first =
			sseq === 0 ? { first: { deviceId: device.id, keyCommitment: random(16), sessionOrdinal: 0 } } : {};
		const header = encodeEntryHeader(
			{
				identityTag: identity.tag,
				session,
				sseq,
				epoch: epoch ?? identity.epoch,
				chainHead: identity.head.slice(0, 8),
				seenSeq: 0,
				seenRoot: new Uint8Array(16),
				prevHash,
				...first
			},
			ciphertext.length
		);
		const hash = entryHash(concat(header, ciphertext));
		const bytes = encodeEntry(header, ciphertext, device.signer.sign('entry', hash));
		if (keep) {
			sseq++;
			prevHash = hash;
		}
		return bytes;
	}
	return { session, entry };
}

export type Fields = { readonly [name: string]: Cbor | undefined };
export type Reply = { ok: true; body: Fields } | { ok: false; type: string; body: Fields };

/** What a client needs of a line, in process or over a socket. */
export interface Wire {
	readonly challenge: Bytes;
	exchange(frame: Uint8Array): Promise<Uint8Array>;
	onPush(listener: (push: PushFrame) => void): void;
	close(): void;
}

/** A line of `createRelay` as a Wire. */
export function wireTo(line: {
	readonly challenge: Bytes;
	handle(frame: Uint8Array): Promise<Bytes>;
	onPush(listener: (frame: Bytes) => void): void;
	close(): void;
}): Wire {
	return {
		challenge: line.challenge,
		exchange: (frame) => line.handle(frame),
		onPush: (listener) =>
			line.onPush((frame) => {
				const decoded = decodeFromRelay(frame);
				if (decoded && 'push' in decoded) listener(decoded.push);
			}),
		close: () => line.close()
	};
}

export const replyOf = (frame: Uint8Array): Reply => {
	const decoded = decodeFromRelay(frame);
	if (!decoded || !('answer' in decoded)) throw new Error('not an answer');
	const answer: AnswerFrame = decoded.answer;
	return answer.ok ? { ok: true, body: answer.body } : { ok: false, type: answer.type, body: answer.body };
};

export type HelloOptions = Partial<Omit<RequestOf<'hello'>, 'device'>> & { device?: Device };

export function helloBody(
	challenge: Bytes,
	relayKey: Bytes,
	identity: Identity,
	{ cursor = 0, root = EMPTY_ROOT, mailCursor = 0, chainSeq = -1, device = identity.device }: HelloOptions = {}
): RequestOf<'hello'> {
	const signature = device.signer.sign('login', loginHash(challenge, relayKey, identity.tag, device.id));
	return { identityTag: identity.tag, device: device.id, signature, cursor, root, mailCursor, chainSeq };
}

/** Calls by name over a Wire; `must` throws on a refusal. */
export function createClient(wire: Wire, relayKey: Bytes) {
	let id = 0;
	async function call<O extends Operation>(op: O, body: RequestOf<O>): Promise<Reply> {
		return replyOf(await wire.exchange(encodeRequest(++id, op, body)));
	}
	async function must<O extends Operation>(op: O, body: RequestOf<O>): Promise<Fields> {
		const reply = await call(op, body);
		if (!reply.ok)
			throw new Error(`${op} was refused: ${reply.type} ${JSON.stringify(reply.body['detail'] ?? '')}`);
		return reply.body;
	}
	return {
		wire,
		call,
		must,
		hello: (identity: Identity, options: HelloOptions = {}) =>
			call('hello', helloBody(wire.challenge, relayKey, identity, options)),
		async signIn(identity: Identity, options: HelloOptions = {}): Promise<Fields> {
			await must('register', { chain: identity.chain });
			return must('hello', helloBody(wire.challenge, relayKey, identity, options));
		}
	};
}
export type Client = ReturnType<typeof createClient>;

/** Whether a proof stands for (tag, seq, root) under the relay's key. */
export async function isProven(
	relayKey: Bytes,
	tag: Bytes,
	seq: number,
	root: Bytes,
	proof: Cbor | undefined
): Promise<boolean> {
	const parsed = parseProof(proof);
	if (!parsed) return false;
	return isSignedBy(relayKey, 'ack', ackRoot(ackLeaf(tag, seq, root, parsed.time), parsed.path), parsed.signature);
}

export const text = utf8;
