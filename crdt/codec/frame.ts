/**
 * Frames between an engine and a relay (PROTOCOL.md §4): CBOR maps, the same over WebSocket (one frame a binary message)
 * and HTTP (one frame a body). A request carries `id`; its answer repeats it; answers may come in any order.
 *
 *   request   { v 1, id, op, …operation }
 *   answer    { v 1, id, ok: true, …result }  or  { v 1, id, ok: false, type, status, title, …particulars }
 *   push      { v 1, push: "wake", seq, mseq, chain }      the newest positions; the engine pulls
 *   push      { v 1, push: "challenge", challenge }        the relay speaks first
 *   push      { v 1, push: "notification", code, texts }   a peer sent a notification code of the operator's list
 *   push      { v 1, push: "published", name }             the operator changed what is published under that name
 *
 * Refusals are RFC 9457 problems: `type` is stable, `status` is what HTTP shows. Unknown members are ignored, unknown
 * operations refused. Every request is idempotent: an answer that was lost may be asked for again.
 */
import * as v from 'valibot';
import type { Bytes } from './bytes.ts';
import { fromLooseCbor, toCbor, type Cbor } from './cbor.ts';

const bytes = (length: number) =>
	v.custom<Bytes>((value) => value instanceof Uint8Array && value.length === length, `${length} bytes`);
const someBytes = (min: number, max: number) =>
	v.custom<Bytes>(
		(value) => value instanceof Uint8Array && value.length >= min && value.length <= max,
		`${min} to ${max} bytes`
	);
const uint = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Structural bounds of a frame; the relay's own limits (backbone-relay/limits.ts) may be lower and are told by `version`. */
export const FRAME_LIMITS = {
	/** One entry: 1 MiB holds the largest flush; larger content goes to objects. */
	entryBytes: 1 << 20,
	/** One envelope, as above. */
	envelopeBytes: 1 << 20,
	/** One object: the 10 MiB file limit of REST plus sealing and padding. */
	objectBytes: 12 << 20,
	/** Entries of one append: what an offline month leaves is sent in several. */
	entriesPerAppend: 256,
	/** Slots of one commit: request, relationship event, open, and one to spare. */
	slots: 4,
	/** Envelopes of one commit: recipients of one message. */
	envelopes: 100,
	/** Aliases opened or closed by one commit. */
	aliases: 8,
	/** Chain records of one registration. */
	chain: 64,
	/** A linking slot. */
	rendezvousBytes: 8 << 10,
	/** One part of an upload, and the most one objectRead answers: what a slow line moves in a second or so. */
	partBytes: 1 << 20,
	/** The sealed owner record of a file: a proof path of 16 records and a signature. */
	recordBytes: 64 << 10,
	/** A notification code. */
	codeLength: 100
} as const;

/** What the operator publishes: announcements, tags of attribute values, notification codes. */
export const PUBLISHED = ['announcements', 'tags', 'codes'] as const;
export type PublishedName = (typeof PUBLISHED)[number];

const aliasChange = v.variant('op', [
	v.object({ op: v.literal('open'), alias: bytes(16), tokenHash: bytes(32), closesAt: v.optional(uint) }),
	v.object({ op: v.literal('close'), alias: bytes(16) })
]);
const envelope = v.object({
	alias: bytes(16),
	token: bytes(32),
	envId: bytes(16),
	bytes: someBytes(1, FRAME_LIMITS.envelopeBytes),
	/** Ends or revives a relationship: may use the places an alias keeps for such letters when it is full otherwise. */
	urgent: v.optional(v.boolean())
});

/** Operation → schema of its request. `anonymous` ones need no hello. */
export const OPERATIONS = {
	/** Creates the account, idempotent by genesis hash. `chain` = records from genesis on. → { created } */
	register: v.object({
		chain: v.pipe(v.array(someBytes(1, 65_536)), v.minLength(1), v.maxLength(FRAME_LIMITS.chain)),
		client: v.optional(v.object({ id: v.string(), secret: v.string() }))
	}),
	/**
	 * Answers the challenge: signature over domain "login" of domainHash("login", challenge, relayKey, identityTag, device).
	 * Subscribes this line to wake-ups. → { seq, root 32, rootMatches, mseq, chain: [record], entries: [bytes], mail: [item] }
	 * `root` is the root the engine has at `cursor`; rootMatches tells whether the relay has the same there.
	 * `entries` and `mail` are the first pages after the cursors; `chain` the records from chainSeq+1 on (chainSeq -1 = none).
	 */
	hello: v.object({
		identityTag: bytes(16),
		device: bytes(16),
		signature: bytes(64),
		cursor: uint,
		root: bytes(32),
		mailCursor: uint,
		chainSeq: v.pipe(v.number(), v.safeInteger(), v.minValue(-1))
	}),
	/** → { entries: [bytes] in order from after+1, seq: newest, root: newest } ; stops at 1 MiB or `limit` */
	pull: v.object({ after: uint, limit: v.optional(uint) }),
	/** → { mail: [{ mseq, alias 16, kind: "envelope" | "notice", day, bytes }], mseq: newest } ; day = days since 1970 */
	mail: v.object({ after: uint, limit: v.optional(uint) }),
	/** → { acks: [{ seq, root 32 }] in the order asked, proof of the one with the highest seq } ; entries of one or several sessions, each contiguous */
	append: v.object({
		entries: v.pipe(
			v.array(someBytes(1, FRAME_LIMITS.entryBytes)),
			v.minLength(1),
			v.maxLength(FRAME_LIMITS.entriesPerAppend)
		)
	}),
	/**
	 * Atomic: every slot empty → slots taken, entry appended, aliases changed, envelopes filed, mail acknowledged.
	 * → { seq, root 32, proof, undelivered?: [index] }. `tolerant`: refused envelopes do not fail it, they are reported.
	 * Refusals: slot-taken { slot 32, index, seq } (seq = the winner's entry; the winner may be this very entry's twin),
	 * mailbox-refused { index }, unseen-mail { mseq }, unseen-log { seq }, and those of append.
	 */
	commit: v.object({
		slots: v.pipe(v.array(bytes(32)), v.maxLength(FRAME_LIMITS.slots)),
		entry: someBytes(1, FRAME_LIMITS.entryBytes),
		envelopes: v.optional(v.pipe(v.array(envelope), v.maxLength(FRAME_LIMITS.envelopes))),
		aliases: v.optional(v.pipe(v.array(aliasChange), v.maxLength(FRAME_LIMITS.aliases))),
		mailAck: v.optional(uint),
		aliasSeen: v.optional(v.object({ alias: bytes(16), mseq: uint })),
		logSeen: v.optional(uint),
		tolerant: v.optional(v.boolean())
	}),
	/** Compare-and-set on the chain head (32-byte hash). → { seq } ; refusal chain-moved { seq, head } */
	chainAppend: v.object({ record: someBytes(1, 65_536), expectHead: bytes(32) }),
	/** Own chain from seq `after`+1 on. → { chain: [record] } */
	chain: v.object({ after: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)) }),
	/** → {} */
	mailboxOpen: v.object({ alias: bytes(16), tokenHash: bytes(32), closesAt: v.optional(uint) }),
	/** → {} */
	mailboxClose: v.object({ alias: bytes(16) }),
	/** Anonymous: files an envelope under an alias. → {} ; refusal mailbox-refused (unknown alias and wrong token alike) */
	deliver: envelope,
	/**
	 * Anonymous, by whoever holds the token. → { state: "open" | "leaving" | "closed" | "gone" } ; leaving = the owner's deletion
	 * runs, gone = the owner's account was erased; refusal mailbox-refused (unknown alias and wrong token alike)
	 */
	mailboxState: v.object({ alias: bytes(16), token: bytes(32) }),
	/**
	 * Anonymous, by whoever holds the token: the operator's text for this code goes to the owner's open lines; nothing is
	 * stored. → {} ; refusals mailbox-refused, code-unknown
	 */
	notify: v.object({
		alias: bytes(16),
		token: bytes(32),
		code: v.pipe(v.string(), v.minLength(1), v.maxLength(FRAME_LIMITS.codeLength))
	}),
	/**
	 * One part of the body of an object that is not put yet: `at` = where it begins. A part that is there already is
	 * answered the same. Parts that no objectPut names within 10 minutes are forgotten, and so after a restart.
	 * → { have } bytes so far ; refusals upload-incomplete { have } (at is beyond it), conflict (the handle is taken), quota
	 */
	objectPart: v.object({ handle: bytes(32), at: uint, bytes: someBytes(1, FRAME_LIMITS.partBytes) }),
	/**
	 * handle = SHA-256(id). Owner only for the same handle; the same again is fine. `bytes` is the object, or with `body` its
	 * head (a file's metadata); the body was sent by objectPart before and is read by objectRead. → {}
	 * Refusals: conflict, quota, upload-incomplete { have } (other bytes were uploaded: have 0, all of it again)
	 */
	objectPut: v.object({
		handle: bytes(32),
		bytes: someBytes(0, FRAME_LIMITS.objectBytes),
		body: v.optional(
			v.object({
				size: v.pipe(uint, v.minValue(1), v.maxValue(FRAME_LIMITS.objectBytes)),
				/** SHA-256 of the body. */
				digest: bytes(32)
			})
		),
		/** Sealed owner record of a file (PROTOCOL.md §4.1): bytes to the relay. */
		record: v.optional(someBytes(1, FRAME_LIMITS.recordBytes)),
		expiresAt: v.optional(uint),
		maxUses: v.optional(v.pipe(uint, v.minValue(1))),
		/** Only this account may redeem. */
		forTag: v.optional(bytes(16)),
		/** SHA-256 of what a redeemer must show; wrong ones are counted, 100 lock it. */
		verifierHash: v.optional(bytes(32)),
		/** SHA-256 of the ownership token of a file. */
		ownershipHash: v.optional(bytes(32))
	}),
	/**
	 * Owner: its own object whatever its state.
	 * → { bytes, uses, failures, locked, expiresAt?, size?, record?, ownershipHash?, ownershipLocked? } ; size = of the body
	 */
	objectGet: v.object({ handle: bytes(32) }),
	/**
	 * Anonymous look that counts as no use; refused not-found when protected, personalised, expired, locked or exhausted.
	 * → { bytes, expiresAt?, size?, record?, ownershipLocked? }
	 */
	objectPeek: v.object({ handle: bytes(32) }),
	/** A range of the body, for whoever may peek, the owner, and who redeemed it by claimId. → { bytes, size } */
	objectRead: v.object({
		handle: bytes(32),
		at: uint,
		/** Default and highest: 1 MiB. Fewer bytes come at the end; none beyond it. */
		length: v.optional(v.pipe(uint, v.minValue(1), v.maxValue(FRAME_LIMITS.partBytes))),
		claimId: v.optional(bytes(16))
	}),
	/**
	 * Anonymous or as an account: one use per claimId; the same claimId reads again, also when it is locked, used up or (30
	 * days) expired. → { bytes, expiresAt?, size?, record?, ownershipLocked? }
	 * Refusals: object-not-found (unknown, deleted, expired, other forTag), object-exhausted, object-locked,
	 * verifier-missing, verifier-wrong { remaining }.
	 */
	objectRedeem: v.object({ handle: bytes(32), claimId: bytes(16), verifier: v.optional(someBytes(1, 64)) }),
	/** Owner: forgets wrong passwords, so a locked object opens again. → {} */
	objectUnlock: v.object({ handle: bytes(32) }),
	/** Owner. → {} (also when it was gone) */
	objectDelete: v.object({ handle: bytes(32) }),
	/**
	 * Ownership of a file moves to the caller: proves the token, sets the next one and the next owner record, of which
	 * `expect` is SHA-256 of the one before. The same claimId again is fine. → {}
	 * Refusals, in this order: object-not-found, own-object, object-locked, record-moved, token-wrong (locks it, and tells
	 * the owner), quota
	 */
	objectClaim: v.object({
		handle: bytes(32),
		token: bytes(32),
		nextOwnershipHash: bytes(32),
		claimId: bytes(16),
		record: v.optional(someBytes(1, FRAME_LIMITS.recordBytes)),
		expect: v.optional(bytes(32))
	}),
	/**
	 * Whether the ownership token holds; false while claims are locked. A wrong one by another than the owner locks claims
	 * and tells the owner, as in objectClaim. → { valid } ; refusal object-not-found
	 */
	objectToken: v.object({ handle: bytes(32), token: bytes(32) }),
	/** Owner: another ownership token (compare-and-set on the hash of the old one); unlocks claims. → {} ; refusal conflict */
	objectRenew: v.object({ handle: bytes(32), expect: bytes(32), next: bytes(32) }),
	/** Anonymous: writes one slot once (the same bytes again is fine); lives 10 minutes. → {} ; refusal slot-taken */
	rendezvousPut: v.object({
		rendezvous: bytes(16),
		slot: v.pipe(uint, v.maxValue(3)),
		bytes: someBytes(1, FRAME_LIMITS.rendezvousBytes)
	}),
	/** Anonymous. → { bytes? } */
	rendezvousGet: v.object({ rendezvous: bytes(16), slot: v.pipe(uint, v.maxValue(3)) }),
	/** Usage and deletion state. → { entries, entryBytes, mail, objects, objectBytes, aliases, deletion?: { at } } */
	account: v.object({}),
	/** Starts the grace period (days ≥ 1, else the relay's default, 14) or, with 0, cancels it. → { deletion?: { at } } */
	accountDelete: v.object({ days: v.optional(v.pipe(uint, v.maxValue(3650))) }),
	/** Anonymous. Whether an account of this tag was erased, or its grace period is over. → { at? } when, milliseconds */
	accountGone: v.object({ identityTag: bytes(16) }),
	/**
	 * Anonymous or as an account (announcements that name its address come along then). → { etag, value? }: value is the
	 * JSON value as CBOR (PROTOCOL.md §4.2), absent when `etag` is the newest.
	 */
	published: v.object({ name: v.picklist(PUBLISHED), etag: v.optional(v.string()) }),
	/** Anonymous. → { version, addressHost, relayKey 32, limits } */
	version: v.object({})
} as const;

export type Operation = keyof typeof OPERATIONS;
export type RequestOf<O extends Operation> = v.InferOutput<(typeof OPERATIONS)[O]>;
export const ANONYMOUS: readonly Operation[] = [
	'register',
	'deliver',
	'mailboxState',
	'notify',
	'objectPeek',
	'objectRead',
	'objectRedeem',
	'rendezvousPut',
	'rendezvousGet',
	'accountGone',
	'published',
	'version'
];

/** Refusal type → HTTP status and what a person would want to know. */
export const REFUSALS = {
	malformed: { status: 400, title: 'The frame is not one this relay understands.' },
	'unknown-operation': { status: 400, title: 'There is no such operation.' },
	'not-signed-in': { status: 401, title: 'This operation needs a signed-in device.' },
	'login-failed': { status: 401, title: 'The login was not accepted.' },
	'registration-refused': { status: 403, title: 'This relay needs a valid client id and secret.' },
	'signature-invalid': { status: 403, title: 'The signature or the signer is not accepted.' },
	'not-found': { status: 404, title: 'There is nothing here for you.' },
	'object-not-found': { status: 404, title: 'There is nothing here for you.' },
	'object-exhausted': { status: 409, title: 'It has been used as often as allowed.' },
	'object-locked': { status: 423, title: 'It is locked after too many wrong passwords.' },
	'verifier-missing': { status: 403, title: 'It is protected by a password.' },
	'verifier-wrong': { status: 403, title: 'The password is wrong.' },
	'token-wrong': { status: 403, title: 'The ownership token is wrong.' },
	'own-object': { status: 409, title: 'It is yours already.' },
	'record-moved': { status: 409, title: 'Its owner has changed meanwhile.' },
	'upload-incomplete': { status: 409, title: 'The upload is not whole.' },
	'code-unknown': { status: 400, title: 'The operator has no such notification code.' },
	'mailbox-refused': { status: 404, title: 'The mailbox does not take this.' },
	'mailbox-full': { status: 429, title: 'The mailbox is full; the recipient has to fetch first.' },
	'slot-taken': { status: 409, title: 'Another commit came first.' },
	'unseen-mail': { status: 409, title: 'There is newer mail under this alias.' },
	'unseen-log': { status: 409, title: 'There are newer entries in this log.' },
	conflict: { status: 409, title: 'Other bytes are stored at this place.' },
	'not-contiguous': { status: 409, title: 'The entry does not continue its session.' },
	'stale-epoch': { status: 409, title: 'The epoch is not the current one.' },
	'chain-moved': { status: 409, title: 'The device chain has moved on.' },
	'too-large': { status: 413, title: 'It is larger than this relay takes.' },
	quota: { status: 429, title: 'The account has used what it may.' },
	'rate-limited': { status: 429, title: 'Too many requests; try again later.' },
	'storage-full': { status: 507, title: 'The relay has no space left; nothing was stored.' },
	unavailable: { status: 503, title: 'The relay cannot take this now; nothing was stored.' }
} as const;
export type RefusalType = keyof typeof REFUSALS;

export interface MailItem {
	readonly mseq: number;
	readonly alias: Bytes;
	readonly kind: 'envelope' | 'notice';
	/** Arrival, in whole days since 1970-01-01 UTC: the relay keeps no finer time. */
	readonly day: number;
	readonly bytes: Bytes;
}

/** Proof that an acknowledged (seq, root) stands in a signed tick: see codec/ack.ts. */
export interface AckProof {
	readonly time: number;
	/** Sibling hashes from the leaf up, each with its side: 0 = the sibling is on the left. */
	readonly path: readonly { readonly side: 0 | 1; readonly hash: Bytes }[];
	readonly signature: Bytes;
}

export type RequestFrame = { readonly id: number; readonly op: Operation; readonly body: RequestOf<Operation> };
export type AnswerFrame =
	| { readonly id: number; readonly ok: true; readonly body: { readonly [key: string]: Cbor | undefined } }
	| {
			readonly id: number;
			readonly ok: false;
			readonly type: RefusalType | 'unknown';
			readonly body: { readonly [key: string]: Cbor | undefined };
	  };
export type PushFrame =
	| { readonly push: 'wake'; readonly seq: number; readonly mseq: number; readonly chain: number }
	| { readonly push: 'challenge'; readonly challenge: Bytes }
	| { readonly push: 'notification'; readonly code: string; readonly texts: NotificationTexts }
	| { readonly push: 'published'; readonly name: PublishedName };

/** Two-letter language code → what a person reads; `en` is always there. */
export type NotificationTexts = { readonly [language: string]: { readonly title: string; readonly body: string } };

export const encodeRequest = <O extends Operation>(id: number, op: O, body: RequestOf<O>): Bytes =>
	toCbor({ v: 1, id, op, ...(body as { [key: string]: Cbor }) });

export const encodeAnswer = (id: number, body: { readonly [key: string]: Cbor | undefined }): Bytes =>
	toCbor({ ...body, v: 1, id, ok: true });

export const encodeRefusal = (
	id: number,
	type: RefusalType,
	body: { readonly [key: string]: Cbor | undefined } = {}
): Bytes => toCbor({ ...body, v: 1, id, ok: false, type, ...REFUSALS[type] });

export const encodePush = (push: PushFrame): Bytes => toCbor({ v: 1, ...push });

export const isMap = (value: Cbor | undefined): value is { readonly [key: string]: Cbor | undefined } =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** The parsed request, or the refusal to answer with (its `id` as far as it could be read, else 0). */
export function decodeRequest(
	frame: Uint8Array
):
	| { ok: true; request: RequestFrame }
	| { ok: false; id: number; type: 'malformed' | 'unknown-operation'; detail: string } {
	const map = fromLooseCbor(frame);
	if (!isMap(map)) return { ok: false, id: 0, type: 'malformed', detail: 'not a CBOR map' };
	const id = typeof map['id'] === 'number' && Number.isSafeInteger(map['id']) && map['id'] >= 0 ? map['id'] : 0;
	if (map['v'] !== 1 || map['id'] !== id)
		return { ok: false, id, type: 'malformed', detail: 'v must be 1 and id an unsigned integer' };
	const op = map['op'];
	if (typeof op !== 'string' || !Object.hasOwn(OPERATIONS, op))
		return { ok: false, id, type: 'unknown-operation', detail: 'op' };
	const parsed = v.safeParse(OPERATIONS[op as Operation], map);
	if (parsed.success) return { ok: true, request: { id, op: op as Operation, body: parsed.output } };
	const issue = parsed.issues[0];
	return { ok: false, id, type: 'malformed', detail: v.getDotPath(issue) ?? op };
}

function parseTexts(value: Cbor | undefined): NotificationTexts | undefined {
	if (!isMap(value)) return undefined;
	const texts: { [language: string]: { title: string; body: string } } = {};
	for (const [language, text] of Object.entries(value)) {
		if (!/^[a-z]{2}$/.test(language) || !isMap(text)) return undefined;
		const { title, body } = text;
		if (typeof title !== 'string' || typeof body !== 'string') return undefined;
		texts[language] = { title, body };
	}
	return Object.hasOwn(texts, 'en') ? texts : undefined;
}

function parsePush(map: { readonly [key: string]: Cbor | undefined }): PushFrame | undefined {
	const { push, challenge, seq, mseq, chain, code, name } = map;
	if (push === 'challenge' && challenge instanceof Uint8Array) return { push, challenge: challenge as Bytes };
	if (push === 'wake' && typeof seq === 'number' && typeof mseq === 'number' && typeof chain === 'number')
		return { push, seq, mseq, chain };
	const texts = push === 'notification' ? parseTexts(map['texts']) : undefined;
	if (push === 'notification' && typeof code === 'string' && texts) return { push, code, texts };
	const published = PUBLISHED.find((known) => known === name);
	return push === 'published' && published ? { push, name: published } : undefined;
}

/** Undefined when the frame is neither answer nor push of this version. */
export function decodeFromRelay(frame: Uint8Array): { answer: AnswerFrame } | { push: PushFrame } | undefined {
	const map = fromLooseCbor(frame);
	if (!isMap(map) || map['v'] !== 1) return undefined;
	if (map['push'] !== undefined) {
		const push = parsePush(map);
		return push && { push };
	}
	const id = map['id'];
	if (typeof id !== 'number') return undefined;
	if (map['ok'] === true) return { answer: { id, ok: true, body: map } };
	const type = map['type'];
	if (map['ok'] !== false || typeof type !== 'string') return undefined;
	return {
		answer: { id, ok: false, type: Object.hasOwn(REFUSALS, type) ? (type as RefusalType) : 'unknown', body: map }
	};
}
