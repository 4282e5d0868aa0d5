/**
 * Objects: templates, tokens and the heads of files as they lie at the relay (PROTOCOL.md §9.3). The relay keeps sealed bytes
 * under SHA-256(id); the key is in the reference only, or made of it and a password (crypto/password.ts).
 *
 *   object  nonce 12 ‖ AES-256-GCM(key, nonce, AAD = id as UTF-8, padded signed speech of domain "template")
 *   template  { t "template", id, random 16, content, key 1216, mailbox, time, device, expiresAt?, max?, for? }
 *   token     { t "token", id, random 16, content, time, device, expiresAt, for? }
 *   file      { t "file", id, random 16, time, device, expiresAt, filename, mimetype, size, key 32, title?, description?, tags? }
 *             key opens the body (object/file.ts)
 */
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import { isJson, toCbor, type Cbor } from '../codec/cbor.ts';
import { idOf } from '../codec/ids.ts';
import { entryBucket, pad, unpad } from '../codec/padding.ts';
import { sha256 } from '../crypto/hash.ts';
import { isKemPublic } from '../crypto/hpke.ts';
import { open, seal } from '../crypto/seal.ts';
import type { Speaker } from '../identity/path.ts';
import { asMap, hear, speak, type CborMap, type Signer } from '../identity/speech.ts';
import { isTime } from '../codec/time.ts';
import { parseMailbox, type Mailbox } from '../message/letter.ts';
import { parseFile, type FileObject } from './head.ts';
import type { Random } from '../ports.ts';
import type { Json, JsonObject } from '../views.ts';

export interface TemplateObject {
	readonly t: 'template';
	readonly id: string;
	readonly random: Bytes;
	readonly content: JsonObject;
	readonly key: Bytes;
	readonly mailbox: Mailbox;
	readonly time: number;
	readonly device: string;
	readonly expiresAt?: number;
	readonly max?: number;
	readonly for?: string;
}
export interface TokenObject {
	readonly t: 'token';
	readonly id: string;
	readonly random: Bytes;
	readonly content: Json;
	readonly time: number;
	readonly device: string;
	readonly expiresAt: number;
	readonly for?: string;
}
export type SharedObject = TemplateObject | TokenObject | FileObject;
const PREFIX = { template: 'RLT', token: 'TOK', file: 'FIL' } as const;

export const objectHandle = (id: string): Bytes => sha256(utf8(id));

export async function sealObject(random: Random, key: Bytes, signer: Signer, object: SharedObject): Promise<Bytes> {
	const { mailbox, ...rest } = object as TemplateObject;
	const body = toCbor({
		...rest,
		...(mailbox && { mailbox: [mailbox.url, mailbox.alias, mailbox.token] })
	} as unknown as Cbor);
	const nonce = random.bytes(12);
	return concat(
		nonce,
		await seal(key, nonce, utf8(object.id), pad(await speak(signer, 'template', body), entryBucket))
	);
}

/** The object and who made it, or undefined when it does not open, is not signed by who it says, or is not the one asked for. */
export async function openObject(
	id: string,
	key: Bytes,
	bytes: Bytes
): Promise<{ object: SharedObject; by: Speaker } | undefined> {
	const padded = await open(key, bytes.slice(0, 12), utf8(id), bytes.slice(12));
	const speech = padded && unpad(padded);
	const heard = speech && (await hear('template', speech));
	const object = heard && parseObject(heard.body);
	if (!object || object.id !== id || !(object.random instanceof Uint8Array)) return undefined;
	return idOf(PREFIX[object.t], heard.speaker.address, object.random) === id
		? { object, by: heard.speaker }
		: undefined;
}

const uint = (value: Cbor | undefined): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function parseObject(body: CborMap): SharedObject | undefined {
	const { t, id, random, content, time, device, expiresAt, max } = body;
	if (
		typeof id !== 'string' ||
		!(random instanceof Uint8Array) ||
		random.length !== 16 ||
		!isTime(time) ||
		typeof device !== 'string'
	)
		return undefined;
	if ((expiresAt !== undefined && !isTime(expiresAt)) || (max !== undefined && !uint(max))) return undefined;
	if (t === 'file') return parseFile(body);
	if ((body['for'] !== undefined && typeof body['for'] !== 'string') || !isJson(content)) return undefined;
	const shared = { id, random: random as Bytes, time, device, ...(body['for'] ? { for: body['for'] } : {}) };
	if (t === 'token')
		return expiresAt === undefined ? undefined : { t, ...shared, content: content as Json, expiresAt };
	const mailbox = parseMailbox(body['mailbox']);
	const map = asMap(content);
	if (t !== 'template' || !mailbox || !map || !(body['key'] instanceof Uint8Array) || !isKemPublic(body['key']))
		return undefined;
	return {
		t,
		...shared,
		content: map as JsonObject,
		key: body['key'] as Bytes,
		mailbox,
		...(expiresAt !== undefined ? { expiresAt } : {}),
		...(max !== undefined ? { max } : {})
	};
}
