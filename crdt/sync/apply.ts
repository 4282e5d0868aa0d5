/**
 * One fold over the log: each kind of record, and each letter that mail brings, has one function here that says what it does
 * to the views. No clock, no randomness, no I/O; applying something twice changes nothing.
 */
import { pseudonymBeside } from '../codec/address.ts';
import { toHex, type Bytes } from '../codec/bytes.ts';
import { fromCbor, type Cbor } from '../codec/cbor.ts';
import { asMap } from '../identity/speech.ts';
import type { Speaker } from '../identity/path.ts';
import { maxGaps, maxWaitingMail } from '../limits.ts';
import {
	eventOf,
	parseLetter,
	type AttachedFile,
	type EventLetter,
	type Letter,
	type MessageLetter
} from '../message/letter.ts';
import {
	addEvent,
	currentWith,
	newEntries,
	openRelationship,
	peerGone,
	relationshipRoot,
	reveal
} from '../relationship/apply.ts';
import { rowsBy } from '../view-query.ts';
import type { ChannelRow, FileRow, Iso, JsonObject, MessageRow, RelationshipRow } from '../views.ts';
import { toDto } from '../views-dto.ts';
import { attributeRecords } from './attribute-records.ts';
import type { RecordKind, Records } from './record.ts';
import { applyDeletion, applyLeaving, cancelDeletion, isLeaving, pausedMail } from './apply-deletion.ts';
import { applyFileNotice, applyObjects, fileRow, receiveFiles } from './apply-objects.ts';
import * as consumption from './consumption.ts';
import { attention, iso, type Folding } from './folding.ts';

/** A mail item, opened and checked as far as it could be. */
export interface MailFact {
	readonly mseq: number;
	readonly day: number;
	readonly alias: Bytes;
	readonly heard?: { readonly letter: Letter; readonly hash: Bytes; readonly speaker: Speaker };
	/** Opened, but what it said does not hold. */
	readonly broken?: boolean;
	readonly sealed?: Bytes;
	readonly notice?: Bytes;
}

const DAY = 86_400_000;

/**
 * The date of something that came by mail: the author's clock, held within the day the relay received it. The relay keeps
 * whole days only (so that its tables cannot be joined by time), the author alone is not believed.
 */
const mailDate = (time: number, day: number): Iso => iso(Math.min(Math.max(time, day * DAY), day * DAY + DAY - 1));

type Apply = { readonly [K in Exclude<RecordKind, 'mail'>]: (fold: Folding, value: Records[K]) => void };

const applyRecords: Apply = {
	...applyObjects,
	...applyDeletion,
	'deletion.cancelled'(fold, value) {
		if (!cancelDeletion(fold, value)) return;
		for (const { id, fact, device } of pausedMail(fold)) {
			fold.views.delete('paused', id);
			applyMail({ ...fold, device }, fact as MailFact);
		}
	},
	'peer.gone'(fold, { rel }) {
		const change = peerGone(fold, rel);
		fold.views.delete('chores', `gone:${rel}`);
		if (!change) return;
		fold.emit('transport.peerDeleted', toDto(change.after));
		eventAdded(fold, rel, change, true);
	},
	claimed() {},
	prekey() {},
	...attributeRecords,
	'request.drafted': (fold, value) => consumption.requestDrafted(fold, value),
	'request.decided': (fold, value) => consumption.requestDecided(fold, value),
	'request.deleted': (fold, value) => consumption.requestDeleted(fold, value),
	'relationship.event'(fold, value) {
		const letter = ownLetter(fold, value.letter);
		if (letter?.t === 'rel') ownEvent({ ...fold, at: iso(letter.time) }, letter, value);
	},
	'message.sent'(fold, value) {
		if (fold.views.get('messages', value.id)) return;
		const row: MessageRow = {
			id: value.id,
			isOwn: true,
			content: value.content,
			createdBy: fold.me,
			createdByDevice: fold.device,
			recipients: value.to.map((address, i) => ({
				address,
				...(value.rels[i] ? { relationshipId: value.rels[i] } : {})
			})),
			createdAt: iso(value.at),
			attachments: value.attachments,
			_delivery: fold.pending ? 'queued' : 'sent'
		};
		fold.views.put('messages', row);
		for (const rel of value.rels) {
			const channel = fold.views.get('channels', rel);
			if (channel) fold.views.put('channels', { ...channel, sent: [...channel.sent, value.id].slice(-4) });
		}
		consumption.messageSent(fold, row);
	}
};

export function applyRecord<K extends Exclude<RecordKind, 'mail'>>(fold: Folding, kind: K, value: Records[K]): void {
	(applyRecords[kind] as (fold: Folding, value: Records[K]) => void)(fold, value);
}

function ownLetter(fold: Folding, bytes: Bytes): Letter | undefined {
	const body = asMap(fromCbor(bytes));
	return body && parseLetter({ body, hash: bytes, speaker: { address: fold.me } as Speaker });
}

function ownEvent(fold: Folding, letter: EventLetter, value: Records['relationship.event']): void {
	const event = eventOf(letter, value.hash, fold.device);
	if (letter.create) {
		const keys = fold.views.get('templateKeys', letter.create.templateId);
		if (fold.views.get('relationships', letter.rel)) return;
		if (!keys?.publicKey || !keys.ik) return attention(fold, 'record-unreadable', letter.rel, letter.to);
		const row = openRelationship(fold, {
			letter: { ...letter, create: letter.create },
			event,
			own: true,
			peer: letter.to,
			peerIk: keys.ik,
			peerChainSeq: 0,
			peerKey: keys.publicKey,
			mailbox: keys.mailbox,
			alias: toHex(letter.create.mailbox.alias),
			...(value.replySeed ? { replySeed: value.replySeed } : {})
		});
		consumption.relationshipOpened(fold, row);
		fold.emit('transport.relationshipChanged', toDto(row));
		return;
	}
	const channel = fold.views.get('channels', letter.rel);
	if (letter.accept && channel) {
		const alias = toHex(letter.accept.mailbox.alias);
		fold.views.put('channels', {
			...channel,
			alias,
			root: relationshipRoot(channel.a, letter.accept.b, letter.rel)
		});
		fold.views.put('aliases', { id: alias, kind: 'relationship', of: letter.rel });
	}
	eventAdded(fold, letter.rel, addEvent(fold, letter.rel, event), true);
}

function eventAdded(
	fold: Folding,
	relId: string,
	change: { before: RelationshipRow; after: RelationshipRow } | undefined,
	own: boolean
): void {
	if (!change) return;
	const { before, after } = change;
	const entries = newEntries(before, after);
	const reactivation = entries.flatMap(({ reason }) => REACTIVATION_EVENTS[reason] ?? []);
	const visible = !after._hidden && (entries.length > 0 || before.status !== after.status);
	if (own && visible) fold.emit('transport.relationshipChanged', toDto(after));
	for (const name of reactivation) fold.emit(name, toDto(after));
	if (!own && visible) fold.emit('transport.relationshipChanged', toDto(after));
	if ((after._hidden === 'decomposed' || after._hidden === 'gone') && !before._hidden) {
		purge(fold, after);
		fold.emit('transport.relationshipDecomposedBySelf', { relationshipId: relId });
	} else if (before.status !== after.status) statusChanged(fold, after);
	if (before.status === 'Pending' && (after.status === 'Rejected' || after.status === 'Revoked')) {
		for (const row of reveal(fold, after)) {
			if (!row._own && row.status === 'Pending') consumption.relationshipOpened(fold, row);
			fold.emit('transport.relationshipChanged', toDto(row));
		}
	}
}

const REACTIVATION_EVENTS: { readonly [reason: string]: string } = {
	ReactivationRequested: 'transport.relationshipReactivationRequested',
	AcceptanceOfReactivation: 'transport.relationshipReactivationCompleted',
	RejectionOfReactivation: 'transport.relationshipReactivationCompleted',
	RevocationOfReactivation: 'transport.relationshipReactivationCompleted'
};

function statusChanged(fold: Folding, row: RelationshipRow): void {
	const held = rowsBy(fold.views, 'held', 'relationshipId', row.id);
	if (row.status === 'Active')
		for (const item of held) {
			fold.views.delete('held', item.id);
			receiveMessage({ ...fold, at: item.at, device: item.device }, row, item.message, item.prev, item.files);
		}
	else if (row.status !== 'Terminated' && row.status !== 'Pending')
		for (const item of held) fold.views.delete('held', item.id);
	consumption.relationshipStatusChanged(fold, row);
}

/** Own decomposition: everything tied to the peer goes (transport-backbone.md §2.13, connector-api.md §13 row 8). */
function purge(fold: Folding, row: RelationshipRow): void {
	const { views } = fold;
	for (const message of rowsBy(views, 'messages', 'participant', row.peer)) forgetInMessage(fold, message, row.peer);
	for (const template of rowsBy(views, 'templates', 'createdBy', row.peer)) views.delete('templates', template.id);
	const template = views.get('templates', row.templateId);
	// Gone from every list; the one who was given it may ask with it once more, as with any deleted one.
	if (template?.isOwn && template.maxNumberOfAllocations === 1)
		views.put('templates', { ...template, _deleted: true });
	for (const token of rowsBy(views, 'tokens', 'createdBy', row.peer)) views.delete('tokens', token.id);
	for (const item of rowsBy(views, 'held', 'relationshipId', row.id)) views.delete('held', item.id);
	for (const { isOwn, source, response } of rowsBy(views, 'requests', 'peer', row.peer)) {
		const keys =
			!isOwn && response && source?.type === 'RelationshipTemplate'
				? views.get('templateKeys', source.reference)
				: undefined;
		if (keys) views.put('templateKeys', { ...keys, forgotten: (keys.forgotten ?? 0) + 1 });
	}
	consumption.peerPurged(fold, row);
}

/** What the peer wrote goes; of what we wrote to several its place is taken by nobody's address, until nobody is left. */
function forgetInMessage({ views, me }: Folding, message: MessageRow, peer: string): void {
	if (message.createdBy === peer) return views.delete('messages', message.id);
	// Received from somebody else: whom they also wrote to is theirs to say.
	if (!message.isOwn) return;
	const nobody = pseudonymBeside(me);
	const recipients = message.recipients.map((recipient) =>
		recipient.address === peer ? { address: nobody } : recipient
	);
	if (recipients.every(({ address }) => address === nobody)) views.delete('messages', message.id);
	else views.put('messages', { ...message, recipients });
}

/** One mail item. */
export function applyMail(fold: Folding, fact: MailFact): void {
	if (fact.notice) return applyNotice(fold, fact.notice);
	if (fact.sealed && hasPlace(fold, toHex(fact.alias)))
		return fold.views.put('waiting', {
			id: String(fact.mseq),
			day: fact.day,
			alias: toHex(fact.alias),
			bytes: fact.sealed
		});
	fold.views.delete('waiting', String(fact.mseq));
	if (isLeaving(fold)) return fold.views.put('paused', { id: String(fact.mseq), device: fold.device, fact });
	if (!fact.heard) return attention(fold, 'mail-unreadable', String(fact.mseq));
	const { letter, hash, speaker } = fact.heard;
	const dated = { ...fold, at: mailDate(letter.time, fact.day) };
	if (letter.t === 'msg') return applyMessageLetter(dated, letter, fact.mseq, speaker.deviceText);
	if (letter.to !== fold.me || letter.from === fold.me)
		return attention(dated, 'not-for-me', String(fact.mseq), letter.from);
	if (letter.t === 'leave') return applyLeaving(dated, letter);
	if (letter.create) return applyCreate(dated, { ...letter, create: letter.create }, hash, speaker, fact);
	applyPeerEvent(dated, letter, hash, speaker);
}

/** Whether mail of this alias may still wait for its key. Aliases nobody knows share their places. */
function hasPlace({ views }: Folding, alias: string): boolean {
	const isKnown = views.get('aliases', alias) !== undefined;
	const waiting = isKnown
		? rowsBy(views, 'waiting', 'alias', alias)
		: views.list('waiting').filter((row) => !views.get('aliases', row.alias));
	return waiting.length < maxWaitingMail;
}

/** A hint of the relay; `bytes` = CBOR [payload, signature]. */
function applyNotice(fold: Folding, bytes: Bytes): void {
	const payload = noticeParts(bytes)?.payload;
	const notice = payload && asMap(fromCbor(payload));
	const kind = notice?.['kind'];
	if (!(notice?.['handle'] instanceof Uint8Array)) return;
	const handle = toHex(notice['handle']);
	if (kind === 'exhausted') {
		const [template] = rowsBy(fold.views, 'templates', '_handle', handle);
		if (template && !template._deleted)
			fold.emit('transport.relationshipTemplateAllocationsExhausted', toDto(template));
	}
	if (kind !== 'claimed' && kind !== 'locked') return;
	const [file] = rowsBy(fold.views, 'files', '_handle', handle);
	if (file) applyFileNotice(fold, file, kind);
}

/** The signed payload of a notice and its signature. */
export function noticeParts(bytes: Bytes): { payload: Bytes; signature: Bytes } | undefined {
	const parts = fromCbor(bytes);
	if (!Array.isArray(parts)) return undefined;
	const [payload, signature] = parts as Cbor[];
	return payload instanceof Uint8Array && signature instanceof Uint8Array
		? { payload: payload as Bytes, signature: signature as Bytes }
		: undefined;
}

function applyCreate(
	fold: Folding,
	letter: EventLetter & { create: NonNullable<EventLetter['create']> },
	hash: Bytes,
	speaker: Speaker,
	fact: MailFact
): void {
	const { create } = letter;
	const template = fold.views.get('templates', create.templateId);
	const alias = fold.views.get('aliases', toHex(fact.alias));
	const known = fold.views.get('relationships', letter.rel);
	if (known) {
		if (known.peer !== letter.from || known._own) attention(fold, 'foreign-id', letter.rel, letter.from);
		return;
	}
	if (!template?.isOwn || alias?.kind !== 'template' || alias.of !== template.id)
		return attention(fold, 'event-refused', letter.rel, letter.from);
	if (template.forIdentity && template.forIdentity !== letter.from)
		return attention(fold, 'not-for-them', letter.rel, letter.from);
	const { maxNumberOfAllocations: most = Infinity, _allocatedBy: allocated = [] } = template;
	const isNew = most !== Infinity && !allocated.includes(letter.from);
	if (isNew && allocated.length >= most)
		return attention(fold, 'allocations-exhausted', letter.rel, letter.from, template.id);
	const current = currentWith(fold.views, letter.from);
	if (current && !(current.status === 'Pending' && current._own))
		return attention(fold, 'relationship-exists', letter.rel, letter.from);
	if (isNew) fold.views.put('templates', { ...template, _allocatedBy: [...allocated, letter.from] });
	const row = openRelationship(fold, {
		letter,
		event: eventOf(letter, hash, speaker.deviceText),
		own: false,
		peer: letter.from,
		peerIk: speaker.ik,
		peerChainSeq: speaker.seq,
		peerKey: create.key,
		mailbox: create.mailbox,
		alias: ''
	});
	if (row._hidden) return;
	consumption.relationshipOpened(fold, row);
	fold.emit('transport.relationshipChanged', toDto(row));
}

function applyPeerEvent(fold: Folding, letter: EventLetter, hash: Bytes, speaker: Speaker): void {
	const channel = fold.views.get('channels', letter.rel);
	if (!channel || channel.peer !== letter.from)
		return attention(fold, 'event-refused', `${letter.rel}:${toHex(hash)}`, letter.from);
	if (letter.accept && channel.own && !channel.root)
		fold.views.put('channels', {
			...channel,
			root: relationshipRoot(channel.a, letter.accept.b, letter.rel),
			mailbox: letter.accept.mailbox,
			peerChainSeq: Math.max(channel.peerChainSeq, speaker.seq)
		});
	eventAdded(fold, letter.rel, addEvent(fold, letter.rel, eventOf(letter, hash, speaker.deviceText)), false);
}

function applyMessageLetter(fold: Folding, letter: MessageLetter, mseq: number, author: string): void {
	const row = fold.views.get('relationships', letter.rel);
	const channel = fold.views.get('channels', letter.rel);
	if (!row || !channel || row.peer !== letter.from || !letter.to.includes(fold.me))
		return attention(fold, 'event-refused', `${letter.id}:${mseq}`, letter.from);
	const known = fold.views.get('messages', letter.id);
	if (known || fold.views.get('held', letter.id)) {
		if (known && known.createdBy !== letter.from) attention(fold, 'foreign-id', letter.id, letter.from);
		return;
	}
	const message: MessageRow = {
		id: letter.id,
		isOwn: false,
		content: letter.content,
		createdBy: letter.from,
		createdByDevice: author,
		recipients: letter.to.map((address) =>
			address === fold.me
				? { address, relationshipId: letter.rel, receivedAt: fold.at, receivedByDevice: fold.device }
				: { address }
		),
		createdAt: fold.at,
		attachments: letter.attachments
	};
	const files = (letter.files ?? []).map((file) => attached(file, channel.mailbox.url));
	if (row.status === 'Active') receiveMessage(fold, row, message, letter.prev, files);
	else if (row.status === 'Pending' || row.status === 'Terminated')
		fold.views.put('held', {
			id: letter.id,
			relationshipId: row.id,
			at: fold.at,
			device: fold.device,
			message,
			prev: letter.prev,
			...(files.length > 0 ? { files } : {})
		});
}

const attached = ({ object, ...holding }: AttachedFile, url: string): FileRow => fileRow(object, { ...holding, url });

function receiveMessage(
	fold: Folding,
	row: RelationshipRow,
	message: MessageRow,
	prev: readonly string[],
	files?: readonly FileRow[]
): void {
	const channel: ChannelRow = fold.views.get('channels', row.id)!;
	const missing = prev.filter((id) => !channel.received.includes(id) && !fold.views.get('held', id));
	const parsed = consumption.receivedContent(message.content);
	if (!parsed.ok) return attention(fold, 'content-unreadable', message.id, message.createdBy);
	const kept: MessageRow = {
		...message,
		content: parsed.value as JsonObject,
		...(missing.length > 0 ? { _missing: missing } : {})
	};
	fold.views.put('messages', kept);
	const gaps = channel.gaps.filter((id) => !closeGap(fold, id, message.id));
	fold.views.put('channels', {
		...channel,
		received: [...channel.received, message.id].slice(-RECEIVED_KEPT),
		gaps: missing.length > 0 ? [...gaps, message.id].slice(-maxGaps) : gaps
	});
	receiveFiles(fold, files);
	fold.emit('transport.messageReceived', toDto(kept));
	consumption.messageReceived(fold, kept);
}

/** Ids kept for gap detection: authors name their last four, so this bridges any reordering the relay can make within one batch. */
const RECEIVED_KEPT = 512;

/** Whether the message with a gap has none any more, now that `id` came. */
function closeGap(fold: Folding, gapped: string, id: string): boolean {
	const message = fold.views.get('messages', gapped);
	if (!message?._missing) return true;
	const { _missing, ...rest } = message;
	const missing = _missing.filter((other) => other !== id);
	fold.views.put('messages', missing.length > 0 ? { ...rest, _missing: missing } : rest);
	return missing.length === 0;
}
