/**
 * Letters: what one identity tells another, as signed speech (identity/speech.ts, domain "event") inside an envelope.
 *
 *   relationship  { t "rel", rel, from, to, action, n, prev?, seen? [m, hash 32], time, … }
 *                 create adds  templateId, random 16, content, a 32, key 1216, mailbox [url, alias 16, token 32]
 *                 accept adds  b 32, mailbox
 *   message       { t "msg", id, random 16, rel, from, to [address], time, content, attachments [id], prev [id], files? }
 *                 files: what each attachment is, in their order: { object (the head of §9.3), linkKey 32, by, owner, turn }
 *   leave         { t "leave", rel, from, to, n, time, endsAt? }   the author's identity ends then; without: it stays after all
 *
 * times are milliseconds. Parsed here to typed values or to nothing.
 */
import { isAddress } from '../codec/address.ts';
import { toHex, type Bytes } from '../codec/bytes.ts';
import { isJson, toCbor, type Cbor } from '../codec/cbor.ts';
import { idOf, isId } from '../codec/ids.ts';
import { isTime } from '../codec/time.ts';
import { isKemPublic } from '../crypto/hpke.ts';
import { asMap, type CborMap, type Heard } from '../identity/speech.ts';
import { parseFile, type FileObject } from '../object/head.ts';
import type { JsonObject, RelationshipAction, RelationshipEvent } from '../views.ts';

export interface Mailbox {
	readonly url: string;
	readonly alias: Bytes;
	readonly token: Bytes;
}

export interface EventLetter {
	readonly t: 'rel';
	readonly rel: string;
	readonly from: string;
	readonly to: string;
	readonly action: RelationshipAction;
	readonly n: number;
	readonly prev?: Bytes;
	readonly seen?: readonly [number, Bytes];
	readonly time: number;
	readonly create?: {
		readonly templateId: string;
		readonly random: Bytes;
		readonly content: JsonObject;
		readonly a: Bytes;
		readonly key: Bytes;
		readonly mailbox: Mailbox;
	};
	readonly accept?: { readonly b: Bytes; readonly mailbox: Mailbox };
}

export interface MessageLetter {
	readonly t: 'msg';
	readonly id: string;
	readonly random: Bytes;
	readonly rel: string;
	readonly from: string;
	readonly to: readonly string[];
	readonly time: number;
	readonly content: JsonObject;
	readonly attachments: readonly string[];
	readonly prev: readonly string[];
	readonly files?: readonly AttachedFile[];
}

/** An attachment as its sender knows it: who receives it needs no relay to show it. */
export interface AttachedFile {
	readonly object: FileObject;
	readonly linkKey: Bytes;
	/** Who made it. */
	readonly by: string;
	readonly owner: string;
	readonly turn: number;
}

export interface LeavingLetter {
	readonly t: 'leave';
	readonly rel: string;
	readonly from: string;
	readonly to: string;
	/** Counts the author's decisions: 2k begun for the k-th time, 2k + 1 called off. */
	readonly n: number;
	readonly time: number;
	readonly endsAt?: number;
}
export type Letter = EventLetter | MessageLetter | LeavingLetter;

const mailboxToCbor = ({ url, alias, token }: Mailbox): Cbor => [url, alias, token];

export function encodeLetter(letter: Letter): Bytes {
	if (letter.t !== 'rel') return toCbor(letter as unknown as Cbor);
	const { create, accept, seen, ...event } = letter;
	return toCbor({
		...event,
		seen: seen && [seen[0], seen[1]],
		...(create && { ...create, content: create.content as Cbor, mailbox: mailboxToCbor(create.mailbox) }),
		...(accept && { ...accept, mailbox: mailboxToCbor(accept.mailbox) })
	});
}

const ACTIONS: readonly string[] = [
	'create',
	'accept',
	'reject',
	'revoke',
	'terminate',
	'reactivate',
	'acceptReactivation',
	'rejectReactivation',
	'revokeReactivation',
	'decompose'
] satisfies RelationshipAction[];

const bytes = (value: Cbor | undefined, length: number): value is Bytes =>
	value instanceof Uint8Array && value.length === length;
const uint = (value: Cbor | undefined): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** Where a relay may be: it stands in front of references that people are shown, and is somebody else's word. */
const RELAY_URL = /^https?:\/\/[^\s\p{Cc}]{1,1000}$/u;

export function parseMailbox(value: Cbor | undefined): Mailbox | undefined {
	if (!Array.isArray(value) || typeof value[0] !== 'string' || !bytes(value[1], 16) || !bytes(value[2], 32))
		return undefined;
	if (!RELAY_URL.test(value[0])) return undefined;
	return { url: value[0], alias: value[1], token: value[2] };
}

/** The letter, when it is one and its author is who signed it. */
export function parseLetter({ body, speaker }: Heard): Letter | undefined {
	if (
		body['from'] !== speaker.address ||
		typeof body['rel'] !== 'string' ||
		!isId(body['rel'], 'REL') ||
		!isTime(body['time'])
	)
		return undefined;
	if (body['t'] === 'leave') return parseLeaving(body);
	return body['t'] === 'rel' ? parseEvent(body) : body['t'] === 'msg' ? parseMessage(body) : undefined;
}

function parseLeaving(body: CborMap): LeavingLetter | undefined {
	const { rel, from, to, n, time, endsAt } = body;
	if (typeof to !== 'string' || !uint(n) || (endsAt !== undefined && !isTime(endsAt))) return undefined;
	return {
		t: 'leave',
		rel: rel as string,
		from: from as string,
		to,
		n,
		time: time as number,
		...(endsAt === undefined ? {} : { endsAt })
	};
}

function parseEvent(body: CborMap): EventLetter | undefined {
	const { rel, from, to, action, n, prev, seen } = body;
	if (typeof to !== 'string' || typeof action !== 'string' || !ACTIONS.includes(action) || !uint(n)) return undefined;
	if ((n === 0) !== (prev === undefined) || (prev !== undefined && !bytes(prev, 32))) return undefined;
	const seenPair = parseSeen(seen);
	if (seenPair === 'bad') return undefined;
	const create = action === 'create' ? parseCreate(body) : undefined;
	const accept = action === 'accept' ? parseAccept(body) : undefined;
	if ((action === 'create' && !create) || (action === 'accept' && !accept)) return undefined;
	return {
		t: 'rel',
		rel: rel as string,
		from: from as string,
		to,
		action: action as RelationshipAction,
		n,
		...(prev ? { prev } : {}),
		...(seenPair ? { seen: seenPair } : {}),
		time: body['time'] as number,
		...(create ? { create } : {}),
		...(accept ? { accept } : {})
	};
}

function parseSeen(value: Cbor | undefined): readonly [number, Bytes] | undefined | 'bad' {
	if (value === undefined) return undefined;
	return Array.isArray(value) && value.length === 2 && uint(value[0]) && bytes(value[1], 32)
		? [value[0], value[1]]
		: 'bad';
}

function parseCreate(body: CborMap): EventLetter['create'] {
	const { templateId, random, a, key } = body;
	const mailbox = parseMailbox(body['mailbox']);
	const content = isJson(body['content']) ? asMap(body['content']) : undefined;
	if (
		typeof templateId !== 'string' ||
		!bytes(random, 16) ||
		!bytes(a, 32) ||
		!bytes(key, 1216) ||
		!mailbox ||
		!content
	)
		return undefined;
	if (idOf('REL', body['from'] as string, random) !== body['rel'] || !isKemPublic(key)) return undefined;
	return { templateId, random, content: content as JsonObject, a, key, mailbox };
}

function parseAccept(body: CborMap): EventLetter['accept'] {
	const mailbox = parseMailbox(body['mailbox']);
	return bytes(body['b'], 32) && mailbox ? { b: body['b'], mailbox } : undefined;
}

const texts = (value: Cbor | undefined, max: number): value is readonly string[] =>
	Array.isArray(value) && value.length <= max && value.every((text) => typeof text === 'string');

function parseMessage(body: CborMap): MessageLetter | undefined {
	const { id, random, to, attachments, prev } = body;
	const content = isJson(body['content']) ? asMap(body['content']) : undefined;
	if (typeof id !== 'string' || !bytes(random, 16) || idOf('MSG', body['from'] as string, random) !== id)
		return undefined;
	if (!texts(to, 100) || !to.every(isAddress) || !texts(attachments, 100) || !texts(prev, 4) || !content)
		return undefined;
	const files = body['files'] === undefined ? undefined : parseFiles(body['files'], attachments);
	if (body['files'] !== undefined && !files) return undefined;
	return {
		t: 'msg',
		id,
		random,
		rel: body['rel'] as string,
		from: body['from'] as string,
		to,
		time: body['time'] as number,
		content: content as JsonObject,
		attachments,
		prev,
		...(files ? { files } : {})
	};
}

/** One for each attachment; an id is its maker's, whoever sends it on. */
function parseFiles(value: Cbor, attachments: readonly string[]): AttachedFile[] | undefined {
	if (!Array.isArray(value) || value.length !== attachments.length) return undefined;
	const files = (value as Cbor[]).flatMap((file) => parseAttached(file) ?? []);
	return files.length === value.length && files.every(({ object }, i) => object.id === attachments[i])
		? files
		: undefined;
}

function parseAttached(value: Cbor): AttachedFile | undefined {
	const map = asMap(value);
	const head = map && asMap(map['object']);
	const object = head && parseFile(head);
	if (!map || !object) return undefined;
	const { linkKey, by, owner, turn } = map;
	if (!bytes(linkKey, 32) || typeof by !== 'string' || typeof owner !== 'string' || !uint(turn)) return undefined;
	if (!isAddress(by) || !isAddress(owner) || idOf('FIL', by, object.random) !== object.id) return undefined;
	return { object, linkKey, by, owner, turn };
}

/** The event as the fold reads it. */
export const eventOf = (letter: EventLetter, hash: Bytes, device: string): RelationshipEvent => ({
	relId: letter.rel,
	author: letter.from,
	device,
	n: letter.n,
	prev: letter.prev ? toHex(letter.prev) : null,
	seen: letter.seen ? { m: letter.seen[0], hash: toHex(letter.seen[1]) } : null,
	action: letter.action,
	time: new Date(letter.time).toISOString(),
	hash: toHex(hash)
});
