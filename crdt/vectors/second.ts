/**
 * A second decoder, written from PROTOCOL.md alone: it imports nothing of ours, only Node's own primitives (OpenSSL), and
 * reads every frozen vector. If it agrees with the engine, a stranger could have written either.
 *
 * Each decoder takes a vector's `given` and returns what the vector expects; it throws when something does not hold.
 */
import {
	argon2Sync,
	createDecipheriv,
	createHash,
	createHmac,
	createPrivateKey,
	createPublicKey,
	decapsulate,
	diffieHellman,
	hkdfSync,
	verify,
	type KeyObject
} from 'node:crypto';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Value = null | boolean | number | string | Buffer | Value[] | { [key: string]: Value };
type Map_ = { [key: string]: Value };
type Given = { readonly [name: string]: Json };

// --- small things -----------------------------------------------------------------------------------------------------

class Refused extends Error {}

function must(condition: boolean, what: string): asserts condition {
	if (!condition) throw new Refused(what);
}

const cat = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);
const text = (value: string): Buffer => Buffer.from(value, 'utf8');
const u = (value: number, length: number): Buffer => Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const sha512 = (bytes: Uint8Array): Buffer => createHash('sha512').update(bytes).digest();
const hmac = (key: Uint8Array, bytes: Uint8Array): Buffer => createHmac('sha256', key).update(bytes).digest();
const hkdf = (ikm: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
	Buffer.from(hkdfSync('sha256', ikm, salt, info, length));
const EMPTY = Buffer.alloc(0);

/** h'…' of the vectors. */
function bytesOf(value: Json | undefined): Buffer {
	const match = typeof value === 'string' ? /^h'([0-9a-f]*)'$/.exec(value) : null;
	if (!match) throw new Refused('bytes are expected');
	return Buffer.from(match[1]!, 'hex');
}
function textOf(value: Json | undefined): string {
	must(typeof value === 'string', 'a text is expected');
	return value;
}

/** A decoded value as the vectors write it. */
function show(value: Value): Json {
	if (Buffer.isBuffer(value)) return `h'${value.toString('hex')}'`;
	if (Array.isArray(value)) return value.map(show);
	if (value === null || typeof value !== 'object') return value;
	return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, show(member)]));
}

const lengths = (parts: readonly Uint8Array[]): Buffer => cat(...parts.flatMap((part) => [u(part.length, 4), part]));
/** H(d, p…) */
const domain = (d: string, ...parts: readonly Uint8Array[]): Buffer =>
	sha256(cat(text(`enmeshed/${d}`), u(0, 1), lengths(parts)));
/** Bl(d, p…) */
const blinded = (b: Buffer, d: string, ...parts: readonly Uint8Array[]): Buffer =>
	hmac(b, cat(text(d), u(0, 1), lengths(parts)));

const publicKeys = new Map<string, KeyObject>();
function ed25519(raw: Buffer): KeyObject {
	const name = raw.toString('hex');
	const key =
		publicKeys.get(name) ??
		createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
	publicKeys.set(name, key);
	return key;
}
const isSigned = (key: Buffer, d: string, hash: Buffer, signature: Buffer): boolean =>
	verify(null, cat(text(`enmeshed/${d}`), u(0, 1), hash), ed25519(key), signature);

function open(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer {
	must(sealed.length >= 16, 'too short to be sealed');
	const decipher = createDecipheriv('aes-256-gcm', key, nonce);
	decipher.setAAD(aad);
	decipher.setAuthTag(sealed.subarray(-16));
	return cat(decipher.update(sealed.subarray(0, -16)), decipher.final());
}
const ZERO_NONCE = Buffer.alloc(12);

// --- CBOR (PROTOCOL.md §0) --------------------------------------------------------------------------------------------

interface Reader {
	readonly bytes: Buffer;
	at: number;
	readonly sorted: boolean;
}

function take(reader: Reader, length: number): Buffer {
	must(reader.at + length <= reader.bytes.length, 'truncated');
	const part = reader.bytes.subarray(reader.at, reader.at + length);
	reader.at += length;
	return part;
}

/** The argument of a head, in its shortest form. */
function argument(reader: Reader, minor: number): number {
	if (minor < 24) return minor;
	const size = ({ 24: 1, 25: 2, 26: 4, 27: 8 } as { [minor: number]: number })[minor];
	must(size !== undefined, 'indefinite or reserved length');
	const value = take(reader, size).reduce((sum, byte) => sum * 256 + byte, 0);
	must(
		value >= [0, 24, 256, 0, 65_536, 0, 0, 0, 2 ** 32][size]! && value <= Number.MAX_SAFE_INTEGER,
		'not the shortest form'
	);
	return value;
}

function half(bits: number): number {
	const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
	if (exponent === 0) return sign * fraction * 2 ** -24;
	return exponent === 31 ? NaN : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** All numbers of half precision are exact singles; whether one fits is looked up by trying. */
function isHalf(value: number): boolean {
	if (value === 0 || Math.abs(value) > 65_504) return value === 0;
	const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
	return Number.isInteger(value / 2 ** (exponent - 10));
}

function simple(reader: Reader, minor: number): Value {
	if (minor === 20 || minor === 21) return minor === 21;
	if (minor === 22) return null;
	must(minor >= 25 && minor <= 27, 'no such value here');
	const raw = take(reader, minor === 25 ? 2 : minor === 26 ? 4 : 8);
	const value = minor === 25 ? half(raw.readUInt16BE()) : minor === 26 ? raw.readFloatBE() : raw.readDoubleBE();
	must(Number.isFinite(value) && !Number.isSafeInteger(value), 'not a float of ours');
	const shortest = isHalf(value) ? 25 : Math.fround(value) === value ? 26 : 27;
	must(shortest === minor, 'not the shortest float');
	return value;
}

function readMap(reader: Reader, count: number, depth: number): Map_ {
	const members: [string, Value][] = [];
	let last: Buffer | undefined;
	for (let i = 0; i < count; i++) {
		const from = reader.at;
		const key = read(reader, depth);
		must(typeof key === 'string', 'keys are texts');
		const encoded = reader.bytes.subarray(from, reader.at);
		must(!reader.sorted || !last || Buffer.compare(last, encoded) < 0, 'keys out of order');
		must(!members.some(([other]) => other === key), 'a key twice');
		last = encoded;
		members.push([key, read(reader, depth)]);
	}
	return Object.fromEntries(members);
}

function read(reader: Reader, depth = 0): Value {
	const first = take(reader, 1)[0]!;
	const [major, minor] = [first >> 5, first & 31];
	if (major === 7) return simple(reader, minor);
	must(major !== 6, 'tags are not ours');
	const value = argument(reader, minor);
	if (major === 0) return value;
	if (major === 1) return -1 - value;
	if (major === 2) return Buffer.from(take(reader, value));
	if (major === 3) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(take(reader, value));
	must(depth < 64, 'too deep');
	return major === 4
		? Array.from({ length: value }, () => read(reader, depth + 1))
		: readMap(reader, value, depth + 1);
}

function cbor(bytes: Buffer, sorted = true): Value {
	const reader: Reader = { bytes, at: 0, sorted };
	const value = read(reader);
	must(reader.at === bytes.length, 'something follows');
	return value;
}

function asMap(value: Value | undefined): Map_ {
	must(
		typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value),
		'a map is expected'
	);
	return value;
}
function asBytes(value: Value | undefined, length?: number): Buffer {
	must(Buffer.isBuffer(value) && (length === undefined || value.length === length), 'bytes are expected');
	return value;
}
function asList(value: Value | undefined): Value[] {
	must(Array.isArray(value), 'a list is expected');
	return value;
}
function asNumber(value: Value | undefined): number {
	must(typeof value === 'number', 'a number is expected');
	return value;
}
const sameBytes = (a: Buffer, b: Buffer): boolean => a.equals(b);

// --- HPKE with X-Wing (PROTOCOL.md §0, RFC 9180 §5.1) -----------------------------------------------------------------

const x25519Private = (raw: Buffer): KeyObject =>
	createPrivateKey({
		key: cat(Buffer.from('302e020100300506032b656e04220420', 'hex'), raw),
		format: 'der',
		type: 'pkcs8'
	});
const x25519Public = (raw: Buffer): KeyObject =>
	createPublicKey({ key: cat(Buffer.from('302a300506032b656e032100', 'hex'), raw), format: 'der', type: 'spki' });
const ML_KEM_768 = '300b0609608648016503040402';
const ML_DSA_65 = '300b0609608648016503040312';
/** A private key of FIPS 203 or 204 from its seed, in PKCS#8 (the seed alone, tagged [0]). */
function fromSeed(algorithm: string, seed: Buffer): KeyObject {
	const inner = cat(Buffer.from([0x80, seed.length]), seed);
	const body = cat(Buffer.from([2, 1, 0]), Buffer.from(algorithm, 'hex'), Buffer.from([4, inner.length]), inner);
	return createPrivateKey({ key: cat(Buffer.from([0x30, body.length]), body), format: 'der', type: 'pkcs8' });
}
const rawPublic = (key: KeyObject, length: number): Buffer =>
	createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-length);

function xwing(seed: Buffer): { mlkem: KeyObject; x: KeyObject; publicKey: Buffer } {
	const expanded = createHash('shake256', { outputLength: 96 }).update(seed).digest();
	const mlkem = fromSeed(ML_KEM_768, expanded.subarray(0, 64));
	const x = x25519Private(expanded.subarray(64));
	return { mlkem, x, publicKey: cat(rawPublic(mlkem, 1184), rawPublic(x, 32)) };
}

function hpkeOpen(seed: Buffer, info: Buffer, aad: Buffer, enc: Buffer, sealed: Buffer): Buffer {
	must(enc.length === 1120, 'an encapsulation has 1120 bytes');
	const { mlkem, x, publicKey } = xwing(seed);
	const theirs = enc.subarray(1088);
	const ssM = decapsulate(mlkem, enc.subarray(0, 1088)) as unknown as Buffer;
	const ssX = diffieHellman({ privateKey: x, publicKey: x25519Public(theirs) });
	const shared = createHash('sha3-256')
		.update(cat(ssM, ssX, theirs, publicKey.subarray(1184), Buffer.from('5c2e2f2f5e5c', 'hex')))
		.digest();
	const suite = cat(text('HPKE'), u(0x647a, 2), u(1, 2), u(2, 2));
	const extract = (salt: Buffer, label: string, ikm: Buffer) =>
		hmac(salt.length ? salt : Buffer.alloc(32), cat(text('HPKE-v1'), suite, text(label), ikm));
	const expand = (prk: Buffer, label: string, context: Buffer, length: number) =>
		hmac(prk, cat(u(length, 2), text('HPKE-v1'), suite, text(label), context, u(1, 1))).subarray(0, length);
	const context = cat(u(0, 1), extract(EMPTY, 'psk_id_hash', EMPTY), extract(EMPTY, 'info_hash', info));
	const secret = extract(shared, 'secret', EMPTY);
	return open(expand(secret, 'key', context, 32), expand(secret, 'base_nonce', context, 12), aad, sealed);
}

// --- padding, ids, addresses, references (§0, §1) ---------------------------------------------------------------------

function unpad(padded: Buffer): Buffer {
	const length = padded.readUInt32BE();
	must(4 + length <= padded.length && padded.subarray(4 + length).every((byte) => byte === 0), 'not padded');
	return padded.subarray(4, 4 + length);
}

function entryBucket(n: number): number {
	let bucket = 256;
	while (bucket < n && bucket < 4096) bucket *= 2;
	if (n <= bucket) return bucket;
	const e = Math.floor(Math.log2(n));
	const step = 2 ** (e - Math.floor(Math.log2(e)) - 1);
	return Math.ceil(n / step) * step;
}
function envelopeBucket(n: number): number {
	let bucket = 3 * 256;
	while (bucket < n) bucket *= 2;
	return bucket;
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
function b62(hash: Buffer, count = 17): string {
	let rest = BigInt(`0x${hash.toString('hex')}`);
	const digits = Array.from({ length: count }, () => {
		const digit = DIGITS[Number(rest % 62n)]!;
		rest /= 62n;
		return digit;
	});
	return digits.reverse().join('');
}
const idOf = (prefix: string, author: string, random: Buffer): string =>
	prefix + b62(domain('id', text(prefix), text(author), random));
const deviceText = (ds: Buffer): string => `DVC${b62(domain('id', text('DVC'), ds))}`;
const deviceId = (ds: Buffer): Buffer => domain('device', ds).subarray(0, 16);

function addressOf(publicKey: Buffer, host: string): string {
	const body = `did:e:${host}:dids:${sha256(sha512(publicKey)).toString('hex').slice(0, 20)}`;
	return body + sha256(text(body)).toString('hex').slice(0, 2);
}
const belongs = (address: string, ik: Buffer): boolean => addressOf(ik, address.split(':')[2] ?? '') === address;

const KINDS: { [prefix: string]: string } = { RLT: 'template', TOK: 'token', FIL: 'file' };

function reference(written: string): Json {
	const url = /^(https?:\/\/.+)\/r\/([A-Za-z0-9]{20})(?:\?app=[^#]*)?#(.+)$/.exec(written);
	const fields = Buffer.from(url ? url[3]! : written, 'base64url')
		.toString('utf8')
		.split('|');
	const [id, baseUrl] = url ? [url[2]!, url[1]!] : fields.shift()!.split('@');
	const [alg, key, tail, password] = fields;
	must(alg === '2' && (fields.length === 2 || fields.length === 4), 'a reference of ours');
	return {
		kind: KINDS[id!.slice(0, 3)]!,
		id: id!,
		key: show(Buffer.from(key!, 'base64url')),
		...(baseUrl ? { baseUrl } : {}),
		...(tail ? { forIdentityTail: tail } : {}),
		...(password ? { password: passwordPart(password) } : {})
	};
}

function passwordPart(written: string): Json {
	const match = /^(?:pw|pin(\d+))&([A-Za-z0-9+/]{22}==)(?:&(\d+))?$/.exec(written)!;
	const [, pin, salt, where] = match;
	return {
		...(pin ? { pinLength: Number(pin) } : {}),
		salt: show(Buffer.from(salt!, 'base64')),
		...(where ? { locationIndicator: Number(where) } : {})
	};
}

// --- device chain (§2.1), proof path and speech (§2.2) ----------------------------------------------------------------

interface Device {
	readonly id: Buffer;
	readonly ds: Buffer;
	readonly dkHash: Buffer;
	readonly role: string;
}
function device(value: Value | undefined): Device {
	const { id, ds, dkHash, role } = asMap(value);
	const found = { id: asBytes(id, 16), ds: asBytes(ds, 32), dkHash: asBytes(dkHash, 32), role: String(role) };
	must(sameBytes(found.id, deviceId(found.ds)) && ['admin', 'member'].includes(found.role), 'a device fits its key');
	return found;
}

interface PublicPart {
	readonly hash: Buffer;
	readonly prev: Buffer;
	readonly seq: number;
	readonly type: number;
	readonly body: Map_;
	readonly sealed: Buffer | undefined;
	readonly signer: Buffer | undefined;
}
function publicPart(bytes: Buffer): PublicPart {
	const { v, prev, seq, type, body, sealed, signer } = asMap(cbor(bytes));
	must(v === 1, 'version 1');
	return {
		hash: sha256(bytes),
		prev: asBytes(prev, 32),
		seq: asNumber(seq),
		type: asNumber(type),
		body: asMap(body),
		sealed: sealed === undefined ? undefined : asBytes(sealed, 32),
		signer: signer === undefined ? undefined : asBytes(signer, 16)
	};
}

interface Chain {
	ik: Buffer;
	tag: Buffer;
	address: string;
	head: Buffer;
	seq: number;
	epoch: number;
	readonly members: Map<string, Device & { ordinal: number; dk?: Buffer }>;
	readonly epochs: Map<number, Buffer>;
	b: Buffer | undefined;
	readonly hashes: Buffer[];
}
interface Me {
	readonly id: Buffer;
	readonly seed: Buffer;
}

function signerKey(
	chain: { ik: Buffer; members: ReadonlyMap<string, Device> },
	part: PublicPart,
	adminOnly: boolean
): Buffer {
	if (!part.signer) return chain.ik;
	const member = chain.members.get(part.signer.toString('hex'));
	must(member !== undefined && (!adminOnly || member.role === 'admin'), 'signed by somebody who may');
	return member.ds;
}

function genesisOf(part: PublicPart): Chain {
	must(part.type === 0 && part.seq === 0 && part.prev.every((byte) => byte === 0) && !part.signer, 'a genesis');
	const ik = asBytes(part.body['ik'], 32);
	asBytes(part.body['pqHash'], 32);
	const first = device(part.body['device']);
	must(first.role === 'admin', 'the first device is admin');
	const members = new Map([[first.id.toString('hex'), { ...first, ordinal: 0 }]]);
	const address = String(part.body['address']);
	return {
		ik,
		tag: part.hash.subarray(0, 16),
		address,
		head: part.hash,
		seq: 0,
		epoch: 0,
		members,
		epochs: new Map(),
		b: undefined,
		hashes: [part.hash]
	};
}

function extend(chain: Chain, part: PublicPart): void {
	must(part.seq === chain.seq + 1 && sameBytes(part.prev, chain.head), 'follows its head');
	if (part.type === 1) {
		const added = device(part.body['device']);
		must(!chain.members.has(added.id.toString('hex')), 'a new device');
		chain.members.set(added.id.toString('hex'), { ...added, ordinal: part.seq });
	} else if (part.type === 3) {
		must(part.body['epoch'] === chain.epoch + 1, 'the next epoch');
		chain.epoch += 1;
	} else must([2, 4, 5, 6, 7].includes(part.type), 'a known type');
	chain.seq = part.seq;
	chain.head = part.hash;
	chain.hashes.push(part.hash);
}

function openSealed(chain: Chain, part: PublicPart, sealed: Buffer, me: Me): void {
	if (sealed.length === 0) return must(part.sealed === undefined, 'a sealed part is missing');
	must(part.sealed !== undefined && sameBytes(part.sealed, sha256(sealed)), 'the sealed part fits');
	const { dk, to, back } = asMap(cbor(sealed));
	if (dk !== undefined) {
		const member = chain.members.get(asBytes(asMap(part.body['device'])['id']).toString('hex'))!;
		must(sameBytes(sha256(asBytes(dk, 1216)), member.dkHash), 'the device key fits its hash');
		member.dk = asBytes(dk);
	}
	const mine = to === undefined ? undefined : asMap(to)[me.id.toString('hex')];
	if (mine !== undefined) {
		const [enc, sealedTo] = asList(mine);
		const secrets = asMap(
			cbor(hpkeOpen(me.seed, text('enmeshed/epoch'), cat(part.prev, me.id), asBytes(enc), asBytes(sealedTo)))
		);
		chain.epochs.set(asNumber(secrets['epoch']), asBytes(secrets['e'], 32));
		chain.b = asBytes(secrets['b'], 32);
	}
	const e = chain.epochs.get(chain.epoch);
	if (back === undefined || !e) return;
	const previous = open(
		hkdf(e, EMPTY, text('enmeshed/back'), 32),
		ZERO_NONCE,
		text(String(chain.epoch)),
		asBytes(back, 48)
	);
	const known = chain.epochs.get(chain.epoch - 1);
	must(!known || sameBytes(known, previous), 'one secret an epoch');
	chain.epochs.set(chain.epoch - 1, previous);
}

function readChain(records: readonly Buffer[], me: Me): Chain {
	let chain: Chain | undefined;
	for (const record of records) {
		const [bytes, sealed, signature] = asList(cbor(record));
		const part = publicPart(asBytes(bytes));
		const before = chain ?? genesisOf(part);
		must(
			isSigned(
				signerKey(before, part, part.type === 1 || part.type === 3),
				'chain',
				part.hash,
				asBytes(signature, 64)
			),
			'signed'
		);
		if (chain) extend(chain, part);
		else chain = before;
		openSealed(chain, part, asBytes(sealed), me);
	}
	must(chain !== undefined && belongs(chain.address, chain.ik), 'the address belongs to the root');
	return chain;
}

interface Speaker {
	readonly address: string;
	readonly ik: Buffer;
	readonly tag: Buffer;
	readonly ds: Buffer;
	readonly seq: number;
}

function checkPath(path: Value, speaker: Buffer): Speaker {
	const steps = asList(path);
	must(steps.length >= 1 && steps.length <= 16, 'a path has 1 to 16 records');
	let chain: Chain | undefined;
	for (const step of steps) {
		const [bytes, signature, ...more] = asList(step);
		const part = publicPart(asBytes(bytes));
		const before = chain ?? genesisOf(part);
		must(
			more.length === 0 && (chain ? part.type === 1 && part.seq > chain.seq : true),
			'pairs, ascending, of devices'
		);
		must(isSigned(signerKey(before, part, true), 'chain', part.hash, asBytes(signature, 64)), 'signed');
		if (chain) {
			const added = device(part.body['device']);
			chain.members.set(added.id.toString('hex'), { ...added, ordinal: part.seq });
			chain.seq = part.seq;
		} else chain = before;
	}
	const member = chain!.members.get(speaker.toString('hex'));
	must(member !== undefined && belongs(chain!.address, chain!.ik), 'the device belongs');
	return { address: chain!.address, ik: chain!.ik, tag: chain!.tag, ds: member.ds, seq: chain!.seq };
}

function hear(d: string, bytes: Buffer): { speaker: Speaker; device: Buffer; hash: Buffer; body: Map_ } {
	const outer = asMap(cbor(bytes));
	const by = asBytes(outer['device'], 16);
	const speaker = checkPath(outer['path']!, by);
	const hash = domain(d, asBytes(outer['body']));
	must(isSigned(speaker.ds, d, hash, asBytes(outer['sig'], 64)), 'signed speech');
	return { speaker, device: by, hash, body: asMap(cbor(asBytes(outer['body']))) };
}

// --- log (§3) ---------------------------------------------------------------------------------------------------------

const sessionKey = (e: Buffer, session: Buffer, tag: Buffer, by: Buffer): Buffer =>
	hkdf(e, session, cat(text('enmeshed/session'), tag, by, u(1, 1)), 32);
const commitment = (e: Buffer, session: Buffer): Buffer => hkdf(e, session, text('enmeshed/commit'), 16);

function entry({ bytes: given, e, ds, device: by, rootBefore }: Given): Json {
	const bytes = bytesOf(given);
	must(bytes[0] === 1 && bytes[1] === 1, 'version and suite');
	const [tag, session] = [bytes.subarray(2, 18), bytes.subarray(18, 34)];
	const sseq = bytes.readUInt32BE(34);
	const begin = sseq === 0 ? 142 : 108;
	const end = begin + bytes.readUInt32BE(104);
	must(bytes.length === end + 64, 'its length');
	const hash = sha256(bytes.subarray(0, end));
	const key = sessionKey(bytesOf(e), session, tag, bytesOf(by));
	const plain = unpad(open(key, cat(u(0, 8), u(sseq, 4)), bytes.subarray(0, begin), bytes.subarray(begin, end)));
	if (sseq === 0)
		must(sameBytes(commitment(bytesOf(e), session), bytes.subarray(124, 140)), 'the key it committed to');
	const first = {
		deviceId: show(bytes.subarray(108, 124)),
		keyCommitment: show(bytes.subarray(124, 140)),
		sessionOrdinal: bytes.readUInt16BE(140)
	};
	return {
		identityTag: show(tag),
		session: show(session),
		sseq,
		epoch: bytes.readUInt32BE(38),
		chainHead: show(bytes.subarray(42, 50)),
		seenSeq: bytes.readUIntBE(50, 6),
		seenRoot: show(bytes.subarray(56, 72)),
		prevHash: show(bytes.subarray(72, 104)),
		...(sseq === 0 ? { first } : {}),
		hash: show(hash),
		root: show(sha256(cat(bytesOf(rootBefore), hash))),
		signed: isSigned(bytesOf(ds), 'entry', hash, bytes.subarray(end)),
		ops: show(cbor(plain))
	};
}

/** The client id a Yjs update (v1) begins with: variable-length integers, seven bits a byte, lowest first. */
function clientOf(update: Buffer): number {
	let at = 0;
	const varint = (): number => {
		let [value, factor] = [0, 1];
		for (;;) {
			const byte = update[at++]!;
			value += (byte & 127) * factor;
			factor *= 128;
			if (byte < 128) return value;
		}
	};
	must(varint() === 1 && varint() > 0, 'one client');
	return varint();
}

// --- relay (§4) -------------------------------------------------------------------------------------------------------

function ack({ identityTag, seq, root, relayKey, proof }: Given): Json {
	const { time, path, signature } = asMap(cbor(bytesOf(proof)));
	const tag = bytesOf(identityTag);
	// CBOR [identityTag, seq, root, time], by hand.
	const head = (major: number, value: number): Buffer =>
		value < 24
			? u(major * 32 + value, 1)
			: value < 256
				? cat(u(major * 32 + 24, 1), u(value, 1))
				: cat(u(major * 32 + 27, 1), u(value, 8));
	const leafBytes = cat(
		head(4, 4),
		head(2, 16),
		tag,
		head(0, Number(seq)),
		head(2, 32),
		bytesOf(root),
		head(0, asNumber(time))
	);
	let hash = domain('ack-leaf', leafBytes);
	for (const step of asList(path)) {
		const [side, other] = asList(step);
		must(side === 0 || side === 1, 'left or right');
		hash = side === 0 ? domain('ack-node', asBytes(other, 32), hash) : domain('ack-node', hash, asBytes(other, 32));
	}
	return {
		treeRoot: show(hash),
		time: asNumber(time),
		signed: isSigned(bytesOf(relayKey), 'ack', hash, asBytes(signature, 64))
	};
}

function login({ challenge, relayKey, identityTag, device: by, ds, signature }: Given): Json {
	const hash = domain('login', bytesOf(challenge), bytesOf(relayKey), bytesOf(identityTag), bytesOf(by));
	return { hash: show(hash), signed: isSigned(bytesOf(ds), 'login', hash, bytesOf(signature)) };
}

function notice({ bytes, relayKey }: Given): Json {
	const [payload, signature] = asList(cbor(bytesOf(bytes)));
	const signed = isSigned(bytesOf(relayKey), 'notice', sha256(asBytes(payload)), asBytes(signature, 64));
	return { ...(show(cbor(asBytes(payload))) as { [key: string]: Json }), signed };
}

// --- between identities (§9) ------------------------------------------------------------------------------------------

function envelope({ bytes: given, root, seed, publicKey }: Given): Json {
	const bytes = bytesOf(given);
	must(bytes[0] === 1 && bytes[1] === 1, 'version and suite');
	const end = 41 + bytes.readUInt16BE(39);
	const [header, key, sealed] = [bytes.subarray(0, end), bytes.subarray(41, end), bytes.subarray(end)];
	if (publicKey !== undefined)
		must(sameBytes(xwing(bytesOf(seed)).publicKey, bytesOf(publicKey)), 'the seed gives the key');
	const padded =
		bytes[2] === 1
			? hpkeOpen(bytesOf(seed), text('enmeshed/envelope'), header, key, sealed)
			: open(hkdf(bytesOf(root), key, text('enmeshed/message'), 32), ZERO_NONCE, header, sealed);
	must(padded.length === envelopeBucket(4 + padded.readUInt32BE()), 'its bucket');
	const plaintext = unpad(padded);
	hear('event', plaintext);
	return {
		kind: bytes[2]!,
		alias: show(bytes.subarray(3, 19)),
		envId: show(bytes.subarray(19, 35)),
		k: bytes.readUInt32BE(35),
		key: show(key),
		plaintext: show(plaintext)
	};
}

const ID_OF_ACTION: { [t: string]: [prefix: string, member: string] } = { msg: ['MSG', 'id'], rel: ['REL', 'rel'] };

function letter({ speech, domain: d }: Given): Json {
	const { speaker, device: by, hash, body } = hear(textOf(d), bytesOf(speech));
	must(body['from'] === speaker.address, 'the speaker speaks for itself');
	if (body['random'] !== undefined) {
		const [prefix, member] = ID_OF_ACTION[String(body['t'])]!;
		must(idOf(prefix, speaker.address, asBytes(body['random'], 16)) === body[member], 'its id');
	}
	for (const file of (body['files'] ?? []) as Map_[]) {
		const head = file['object'] as Map_;
		must(idOf('FIL', String(file['by']), asBytes(head['random'], 16)) === head['id'], 'the id of its attachment');
	}
	return { from: speaker.address, device: show(by), hash: show(hash), body: show(body) };
}

function object({ id, key, bytes }: Given): Json {
	const all = bytesOf(bytes);
	const padded = open(bytesOf(key), all.subarray(0, 12), text(textOf(id)), all.subarray(12));
	must(padded.length === entryBucket(4 + padded.readUInt32BE()), 'its bucket');
	const { speaker, device: by, body } = hear('template', unpad(padded));
	const prefix = { template: 'RLT', token: 'TOK', file: 'FIL' }[String(body['t'])]!;
	must(body['id'] === id && idOf(prefix, speaker.address, asBytes(body['random'], 16)) === id, 'its id');
	return { handle: show(sha256(text(textOf(id)))), from: speaker.address, device: show(by), body: show(body) };
}

function password({ key, password: typed, salt }: Given): Json {
	const s = argon2Sync('argon2id', {
		message: text(textOf(typed)),
		nonce: bytesOf(salt),
		parallelism: 1,
		tagLength: 32,
		memory: 20 * 1024,
		passes: 3
	});
	const of = (name: string) =>
		show(hkdf(cat(bytesOf(key), s), Buffer.alloc(0), text(`enmeshed/password/${name}`), 32));
	return { content: of('key'), verifier: of('verifier') };
}

/** A body of one chunk: the first is the last. */
function body({ id, key, size, bytes }: Given): Json {
	const nonce = cat(Buffer.alloc(11), Buffer.from([1]));
	const padded = open(bytesOf(key), nonce, text(textOf(id)), bytesOf(bytes));
	must(padded.length === entryBucket(Number(size)), 'its bucket');
	must(
		padded.subarray(Number(size)).every((byte) => byte === 0),
		'zeros to the end'
	);
	return show(padded.subarray(0, Number(size)));
}

function owner({ id, key, bytes }: Given): Json {
	const all = bytesOf(bytes);
	const derivedKey = hkdf(bytesOf(key), Buffer.alloc(0), text('enmeshed/owner'), 32);
	const said = hear('template', unpad(open(derivedKey, all.subarray(0, 12), text(textOf(id)), all.subarray(12))));
	return { from: said.speaker.address, device: show(said.device), body: show(said.body) };
}

function challenge({ challengeString, signature }: Given): Json {
	const written = JSON.parse(textOf(challengeString)) as Record<string, string>;
	const given = JSON.parse(Buffer.from(textOf(signature), 'base64url').toString('utf8')) as Record<string, string>;
	const [steps, by] = cbor(Buffer.from(given['path']!, 'base64url')) as [Value, Buffer];
	const { address, ds } = checkPath(steps, by);
	const hash = domain('challenge', text(textOf(challengeString)));
	must(isSigned(ds, 'challenge', hash, Buffer.from(given['sig']!, 'base64url')), 'the signature');
	must(written['createdBy'] === address && written['createdByDevice'] === deviceText(ds), 'who made it');
	return { from: address, device: show(by), deviceText: given['by']! };
}

// --- linking (§11) ----------------------------------------------------------------------------------------------------

function deviceCode({ text: written }: Given): Json {
	const match = /^(https?:\/\/.+)\/link#([A-Za-z0-9_-]{64})$/.exec(textOf(written))!;
	const bytes = Buffer.from(match[2]!, 'base64url');
	return { url: match[1]!, rendezvous: show(bytes.subarray(0, 16)), secret: show(bytes.subarray(16)) };
}

function linkSlot({ rendezvous, secret, slot, bytes }: Given): Json {
	const [id, sealed] = [bytesOf(rendezvous), bytesOf(bytes)];
	const key = hkdf(bytesOf(secret), id, text(`enmeshed/link/${String(slot)}`), 32);
	return show(cbor(open(key, sealed.subarray(0, 12), cat(id, u(Number(slot), 1)), sealed.subarray(12))));
}

function linkDigits({ address, genesis, rA, ds, dk, rN }: Given): Json {
	const genesisHash = domain('link-genesis', bytesOf(genesis));
	const [DS, DK, N] = [bytesOf(ds), bytesOf(dk), bytesOf(rN)];
	const hash = domain('link-digits', text(textOf(address)), genesisHash, bytesOf(rA), DS, DK, N);
	const digits = String(hash.readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
	return { genesisHash: show(genesisHash), commitment: show(domain('link-commit', DS, DK, N)), digits };
}

// --- every vector -----------------------------------------------------------------------------------------------------

function chain({ records, device: by, seed }: Given): Json {
	const me = { id: bytesOf(by), seed: bytesOf(seed) };
	const read = readChain((records as Json[]).map(bytesOf), me);
	const mine = read.members.get(me.id.toString('hex'))!;
	must(mine.dk !== undefined && sameBytes(xwing(me.seed).publicKey, mine.dk), 'the chain has my key');
	const members = [...read.members.values()].map(({ id, ds, dkHash, role, ordinal }) => ({
		id: show(id),
		ds: show(ds),
		dk: show(dkHash),
		role,
		ordinal,
		text: deviceText(ds)
	}));
	return {
		hashes: read.hashes.map(show),
		membership: {
			identityTag: show(read.tag),
			address: read.address,
			seq: read.seq,
			epoch: read.epoch,
			head: show(read.head),
			members
		},
		epochs: Object.fromEntries([...read.epochs].map(([epoch, e]) => [String(epoch), show(e)])),
		b: show(read.b!)
	};
}

function derived(name: string, { b, label, parts }: Given): Json {
	const bytes = blinded(bytesOf(b), textOf(label), ...(parts as string[]).map(text));
	if (label === 'treq') return `REQ${b62(bytes)}`;
	return show(name.includes('slot') ? bytes : bytes.subarray(0, 16));
}

function buckets({ lengths: all }: Given): Json {
	return (all as number[]).map((length) => ({
		length,
		entry: entryBucket(4 + length),
		envelope: envelopeBucket(4 + length)
	}));
}

function path({ path: given, device: by }: Given): Json {
	const { address, ik, tag, ds, seq } = checkPath(cbor(bytesOf(given)), bytesOf(by));
	return { address, ik: show(ik), identityTag: show(tag), ds: show(ds), seq };
}

function client({ update }: Given): Json {
	const id = clientOf(bytesOf(update));
	return { client: id, ordinal: Math.floor(id / 65_536), session: id % 65_536 };
}

/** By how a vector's name begins; the longest that fits counts. */
const decoders: { readonly [name: string]: (given: Given, name: string) => Json } = {
	cbor: ({ bytes }) => show(cbor(bytesOf(bytes))),
	address: ({ publicKey, host }) => addressOf(bytesOf(publicKey), textOf(host)),
	id: ({ prefix, author, random }) => idOf(textOf(prefix), textOf(author), bytesOf(random)),
	'device id': ({ ds }) => ({ id: show(deviceId(bytesOf(ds))), text: deviceText(bytesOf(ds)) }),
	reference: ({ text: written }) => reference(textOf(written)),
	'padding buckets': buckets,
	padding: ({ padded }) => show(unpad(bytesOf(padded))),
	'chain read': chain,
	'key that no quantum computer breaks': ({ seed }) =>
		show(sha256(rawPublic(fromSeed(ML_DSA_65, bytesOf(seed)), 1952))),
	'proof path': path,
	'session key': ({ e, session, identityTag, device: by }) => ({
		key: show(sessionKey(bytesOf(e), bytesOf(session), bytesOf(identityTag), bytesOf(by))),
		commitment: show(commitment(bytesOf(e), bytesOf(session)))
	}),
	entry: entry,
	'client id': client,
	blinded: (given, name) => derived(name, given),
	ack: ack,
	login: login,
	notice: notice,
	letter: letter,
	'relationship root': ({ a, b, rel }) =>
		show(hkdf(cat(bytesOf(a), bytesOf(b)), text(textOf(rel)), text('enmeshed/r0'), 32)),
	envelope: envelope,
	object: object,
	password: password,
	'file body': body,
	'owner record': owner,
	'ownership token': ({ token, id, b }) => ({
		proof: show(domain('ownership', text(textOf(token)))),
		next: b62(blinded(bytesOf(b), 'ownership', text(textOf(id)), text(textOf(token))), 20)
	}),
	challenge: challenge,
	'device code': deviceCode,
	'link slot': linkSlot,
	'link digits': linkDigits,
	request: ({ frame }) => show(cbor(bytesOf(frame), false)),
	answer: ({ frame }) => show(cbor(bytesOf(frame), false)),
	refusal: ({ frame }) => show(cbor(bytesOf(frame), false)),
	push: ({ frame }) => show(cbor(bytesOf(frame), false))
};

/** What this decoder makes of a vector. Throws when it does not hold, or when it knows no such structure. */
export function decode(name: string, given: Given): Json {
	const known = Object.keys(decoders).filter((begin) => name === begin || name.startsWith(`${begin} `));
	const best = known.sort((a, b) => b.length - a.length)[0];
	must(best !== undefined, `nothing is known of "${name}"`);
	return decoders[best]!(given, name);
}
