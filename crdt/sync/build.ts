/**
 * How an intent becomes a commit: its slots, its envelopes, and the check that it is still allowed (PROTOCOL.md §8). Called
 * under the flow lock with the views the log confirmed, right before sealing.
 */
import { fromHex, utf8, type Bytes } from '../codec/bytes.ts';
import { idOf } from '../codec/ids.ts';
import { parseReference } from '../codec/reference.ts';
import { blinded, sha256 } from '../crypto/hash.ts';
import { kemPair } from '../crypto/hpke.ts';
import { speak, speechHash } from '../identity/speech.ts';
import { sealEnvelope, type SealTo } from '../message/envelope.ts';
import { encodeLetter, type AttachedFile, type EventLetter, type MessageLetter } from '../message/letter.ts';
import { currentWith, endedWith, headOf } from '../relationship/apply.ts';
import { ok, refuse } from '../result.ts';
import type { ChannelRow, JsonObject, RelationshipAction, RelationshipRow, Views } from '../views.ts';
import { fileObjectOf } from './apply-objects.ts';
import { claimFiles } from './file-owner.ts';
import { slotOf, type Builders, type Core } from './core.ts';
import type { Built, BuildResult, Intent } from './intent.ts';
import type { Op, Records } from './record.ts';
import { othersToTell } from './withdrawal.ts';
import * as consumption from './consumption.ts';

type Envelope = Built['envelopes'][number];

async function address(
	core: Core,
	to: SealTo,
	mailbox: { alias: Bytes; token: Bytes },
	body: Bytes
): Promise<Envelope> {
	const { random } = core.ports;
	const envId = random.bytes(16);
	const plaintext = await speak(core.signer(), 'event', body);
	return {
		alias: mailbox.alias,
		token: mailbox.token,
		envId,
		bytes: await sealEnvelope(random, to, mailbox.alias, envId, plaintext)
	};
}

/** A letter in a relationship, or in one that is only asked for: to the key its other side announced. */
export const sealLetter = (core: Core, { root, peerKey, mailbox }: ChannelRow, body: Bytes): Promise<Envelope> =>
	address(
		core,
		root ? { root: root as Bytes } : { publicKey: peerKey as Bytes },
		mailbox as { alias: Bytes; token: Bytes },
		body
	);

const nothing: Pick<Built, 'slots' | 'envelopes' | 'aliases'> = { slots: [], envelopes: [], aliases: [] };

/** The alias of a relationship: equal on every own device, unknown to anybody else. */
const relationshipAlias = (core: Core, relId: string): Bytes =>
	blinded(core.keys().b, 'mbx', utf8(relId), utf8('0')).slice(0, 16);

export interface EventToBuild {
	readonly action: RelationshipAction;
	readonly relId: string;
	/** create only */
	readonly create?: { readonly random: Bytes; readonly templateId: string; readonly content: JsonObject };
}

type EventParts = Pick<Built, 'ops' | 'slots' | 'envelopes' | 'aliases' | 'aliasSeen' | 'wholeLog' | 'tolerant'>;

/** A signed relationship event with what carries it. `views` must hold the peer's newest events. */
export async function buildEvent(
	core: Core,
	views: Views,
	mseq: number,
	{ action, relId, create }: EventToBuild
): Promise<EventParts> {
	return create ? buildCreate(core, views, relId, create) : buildStep(core, views, mseq, relId, action);
}

async function buildCreate(
	core: Core,
	views: Views,
	relId: string,
	create: NonNullable<EventToBuild['create']>
): Promise<EventParts> {
	const { random, clock, relay } = core.ports;
	const keys = views.get('templateKeys', create.templateId)!;
	const template = views.get('templates', create.templateId)!;
	const reply = kemPair(random.bytes(32));
	const mailbox = { url: relay.url, alias: relationshipAlias(core, relId), token: random.bytes(32) };
	const letter: EventLetter = {
		t: 'rel',
		rel: relId,
		from: core.self.address,
		to: template.createdBy,
		action: 'create',
		n: 0,
		time: clock.now(),
		create: {
			templateId: template.id,
			random: create.random,
			content: create.content,
			a: random.bytes(32),
			key: reply.publicKey,
			mailbox
		}
	};
	const body = encodeLetter(letter);
	const record: Records['relationship.event'] = {
		letter: body,
		hash: speechHash('event', body),
		replySeed: reply.seed,
		peerKey: keys.publicKey!
	};
	return {
		ops: [core.rec('relationship.event', record)],
		slots: [
			eventSlot(core, relId, 0),
			slotOf(core.keys().b, 'open', utf8(template.createdBy), utf8(String(endedWith(views, template.createdBy))))
		],
		envelopes: [await address(core, { publicKey: keys.publicKey! }, keys.mailbox, body)],
		aliases: [{ op: 'open', alias: mailbox.alias, tokenHash: sha256(mailbox.token) }],
		wholeLog: true
	};
}

const eventSlot = (core: Core, relId: string, n: number): Bytes =>
	slotOf(core.keys().b, 'rel', utf8(relId), utf8(String(n)));

/** Delivered even when the mailbox refuses: the relationship ends on our side whatever the peer's relay says. */
const TOLERANT: readonly RelationshipAction[] = ['terminate', 'revoke', 'reject', 'decompose'];

async function buildStep(
	core: Core,
	views: Views,
	mseq: number,
	relId: string,
	action: RelationshipAction
): Promise<EventParts> {
	const { random, clock, relay } = core.ports;
	const row = views.get('relationships', relId)!;
	const channel = views.get('channels', relId)!;
	const mine = headOf(row, core.self.address);
	const theirs = headOf(row, row.peer);
	const accept =
		action === 'accept'
			? {
					b: random.bytes(32),
					mailbox: { url: relay.url, alias: relationshipAlias(core, relId), token: random.bytes(32) }
				}
			: undefined;
	const letter: EventLetter = {
		t: 'rel',
		rel: relId,
		from: core.self.address,
		to: row.peer,
		action,
		n: mine ? mine.n + 1 : 0,
		...(mine ? { prev: mine.hash } : {}),
		...(theirs ? { seen: [theirs.n, theirs.hash] as const } : {}),
		time: clock.now(),
		...(accept ? { accept } : {})
	};
	const body = encodeLetter(letter);
	const readAt = channel.alias ? fromHex(channel.alias) : views.get('templateKeys', row.templateId)?.mailbox.alias;
	const to: SealTo = channel.root ? { root: channel.root as Bytes } : { publicKey: channel.peerKey as Bytes };
	return {
		ops: [core.rec('relationship.event', { letter: body, hash: speechHash('event', body) })],
		slots: [eventSlot(core, relId, letter.n)],
		envelopes: [await address(core, to, channel.mailbox as { alias: Bytes; token: Bytes }, body)],
		aliases: accept ? [{ op: 'open', alias: accept.mailbox.alias, tokenHash: sha256(accept.mailbox.token) }] : [],
		...(readAt ? { aliasSeen: { alias: readAt as Bytes, mseq } } : {}),
		...(accept ? { wholeLog: true as const } : {}),
		...(TOLERANT.includes(action) ? { tolerant: true } : {})
	};
}

/** What the attachments are: a file just uploaded may wait in the same entry. One that was deleted meanwhile is left out. */
const attachedFiles = (core: Core, views: Views, ids: readonly string[]): AttachedFile[] =>
	ids.flatMap((id) => {
		const row = core.top().get('files', id) ?? views.get('files', id);
		const reference = row && parseReference(row.reference.url);
		if (!row || !reference?.ok) return [];
		const { createdBy: by, owner, _turn: turn } = row;
		return [{ object: fileObjectOf(row), linkKey: reference.value.key, by, owner, turn: Math.max(turn, 0) }];
	});

/** One envelope per recipient, same message id. */
async function buildMessage(core: Core, views: Views, value: Records['message.sent']): Promise<Envelope[]> {
	const envelopes: Envelope[] = [];
	const files = attachedFiles(core, views, value.attachments);
	for (const rel of value.rels) {
		const channel = views.get('channels', rel);
		if (!channel?.root) throw new Error('a message needs an accepted relationship');
		const letter: MessageLetter = {
			t: 'msg',
			id: value.id,
			random: value.random,
			rel,
			from: core.self.address,
			to: value.to,
			time: value.at,
			content: value.content,
			attachments: files.map(({ object }) => object.id),
			...(files.length > 0 ? { files } : {}),
			prev: channel.sent.filter((id) => id !== value.id)
		};
		envelopes.push(
			await address(
				core,
				{ root: channel.root as Bytes },
				channel.mailbox as { alias: Bytes; token: Bytes },
				encodeLetter(letter)
			)
		);
	}
	return envelopes;
}

type Parts = Partial<Pick<Built, 'ops' | 'slots' | 'envelopes' | 'aliases' | 'wholeLog' | 'tolerant'>>;
const built = (intent: Intent, parts: Parts): BuildResult => ({
	built: { ...nothing, ops: intent.shown, ...parts, intent: intent.id, settles: [intent.n] }
});

async function buildMessageIntent(core: Core, intent: Intent, views: Views): Promise<BuildResult> {
	const op = find(intent, 'message.sent');
	const gone = op.rels.find(
		(rel) => !['Active', 'Terminated'].includes(views.get('relationships', rel)?.status ?? '')
	);
	const mute = op.rels.find((rel) => !views.get('channels', rel)?.root);
	if (gone !== undefined || mute !== undefined)
		return { refused: refuse('relationship-over', 'The relationship is over.').error };
	const ended = op.rels.some((rel) => views.get('relationships', rel)?.status === 'Terminated');
	if (ended && op.content['@type'] !== 'Notification')
		return { refused: refuse('relationship-ended', 'The relationship has ended.').error };
	return built(intent, { envelopes: await buildMessage(core, views, op) });
}

function find<K extends keyof Records>(intent: Intent, kind: K): Records[K] {
	const op = intent.shown.find((shown) => shown.o === 'rec' && shown.k === kind);
	if (op?.o !== 'rec') throw new Error(`an intent without ${kind}`);
	return op.v as Records[K];
}

/** A successor; that of an own relationship attribute goes to its peer with it. */
async function buildSuccession(core: Core, intent: Intent, views: Views): Promise<BuildResult> {
	const { predecessor } = find(intent, 'attribute.succeeded');
	const slots = [slotOf(core.keys().b, 'succ', utf8(predecessor))];
	const messages = messagesOf(intent);
	if (messages.length === 0) return built(intent, { slots });
	if (!views.get('attributes', predecessor))
		return { refused: refuse('predecessor-gone', 'What was to be succeeded is gone.').error };
	if (!messages.every((message) => isReachable(views, message)))
		return { refused: refuse('relationship-over', 'The relationship is over.').error };
	return built(intent, { slots, envelopes: await envelopesOf(core, views, messages) });
}

/** Those who hold it are told while they can be; where a relationship is over there is nobody to tell. */
async function buildWithdrawal(core: Core, intent: Intent, views: Views): Promise<BuildResult> {
	const others = othersToTell(core.self.address, intent, views);
	const messages = [...messagesOf(intent), ...others].filter((message) => isReachable(views, message));
	const parts = {
		ops: [...intent.shown, ...others.map((message) => core.rec('message.sent', message))],
		envelopes: await envelopesOf(core, views, messages)
	};
	return built(intent, intent.kind === 'lastWithdrawal' ? { ...parts, tolerant: true } : parts);
}

const messagesOf = ({ shown }: Intent): Records['message.sent'][] =>
	shown.flatMap((op) => (op.o === 'rec' && op.k === 'message.sent' ? [op.v] : []));

const isReachable = (views: Views, { rels }: Records['message.sent']): boolean =>
	rels.every(
		(rel) =>
			['Active', 'Terminated'].includes(views.get('relationships', rel)?.status ?? '') &&
			views.get('channels', rel)?.root !== undefined
	);

/** In the order of the messages: each names those before it. */
async function envelopesOf(
	core: Core,
	views: Views,
	messages: readonly Records['message.sent'][]
): Promise<Envelope[]> {
	const envelopes: Envelope[] = [];
	for (const message of messages) envelopes.push(...(await buildMessage(core, views, message)));
	return envelopes;
}

/** A decided request: the answer, and what carries it to whom asked. */
async function buildDecision(core: Core, intent: Intent, views: Views): Promise<BuildResult> {
	const decided = find(intent, 'request.decided');
	const request = views.get('requests', decided.id);
	const now = new Date(core.ports.clock.now()).toISOString();
	const slot = slotOf(core.keys().b, 'req', utf8(decided.id));
	if (!request || !consumption.isOpenForDecision(request)) return { superseded: true, slot };
	if (consumption.isExpired(request, now)) return { refused: refuse('expired', 'The request has expired.').error };
	const accepted = decided.response['result'] === 'Accepted';
	const claimed = accepted ? await claimFiles(core, request.content, decided.response) : ok([]);
	if (!claimed.ok) return { refused: claimed.error };
	const shown = [...intent.shown, ...claimed.value];
	const current = currentWith(views, request.peer);
	if (request.source?.type === 'RelationshipTemplate' && current?.status !== 'Active') {
		if (!accepted) return built(intent, { slots: [slot] });
		if (current)
			return {
				refused: refuse(
					'error.transport.relationships.relationshipCurrentlyExists',
					'There is a relationship already.'
				).error
			};
		const random = sha256(intent.id).slice(0, 16);
		const relId = idOf('REL', core.self.address, random);
		const content: JsonObject = { '@type': 'RelationshipCreationContent', response: withoutType(decided.response) };
		const event = await buildEvent(core, views, 0, {
			action: 'create',
			relId,
			create: { random, templateId: request.source.reference, content }
		});
		return built(intent, { ...event, ops: [...shown, ...event.ops], slots: [slot, ...event.slots] });
	}
	if (current?.status !== 'Active')
		return { refused: refuse('relationship-over', 'The relationship is over.').error };
	const message = answerMessage(
		core,
		intent,
		request.peer,
		current,
		consumption.responseWrapper(request, decided.response),
		decided.at
	);
	return built(intent, {
		slots: [slot],
		ops: [...shown, core.rec('message.sent', message)],
		envelopes: await buildMessage(core, views, message)
	});
}

function withoutType(response: JsonObject): JsonObject {
	const { '@type': _, ...rest } = response;
	return rest;
}

function answerMessage(
	core: Core,
	intent: Intent,
	peer: string,
	row: RelationshipRow,
	content: JsonObject,
	at: number
): Records['message.sent'] {
	const random = sha256(intent.id).slice(16);
	return {
		id: idOf('MSG', core.self.address, random),
		random,
		to: [peer],
		rels: [row.id],
		content,
		attachments: [],
		at
	};
}

const successorIn = (ops: readonly Op[], predecessor: string): string | undefined =>
	ops
		.flatMap((op) =>
			op.o === 'rec' && op.k === 'attribute.succeeded' && op.v.predecessor === predecessor ? [op.v.id] : []
		)
		.at(0);

/** The notification of a succession that was put behind another. */
const behindIn = (content: JsonObject, predecessorId: string): JsonObject => ({
	...content,
	items: (content['items'] as readonly JsonObject[]).map((item) => ({ ...item, predecessorId }))
});

export const builders: Builders = {
	async build(core, intent, views) {
		if (intent.kind === 'message') return buildMessageIntent(core, intent, views);
		if (intent.kind === 'succession') return buildSuccession(core, intent, views);
		if (intent.kind === 'withdrawal' || intent.kind === 'lastWithdrawal')
			return buildWithdrawal(core, intent, views);
		if (intent.kind === 'decision') return buildDecision(core, intent, views);
		return built(intent, {});
	},
	wasDecidedAlike(core, intent) {
		const { id, response } = find(intent, 'request.decided');
		const row = core.base().get('requests', id);
		return row !== undefined && consumption.isSameDecision(row, response);
	},
	async lost(core, intent, winner) {
		if (intent.kind !== 'succession') return undefined;
		// Put behind the winner: no edit is lost and the chain stays linear.
		const value = find(intent, 'attribute.succeeded');
		// What a decision that lost would have made is not there; the first succession of it is, and stands alone.
		let behind = core.base().get('attributes', value.predecessor)
			? value.predecessor
			: (successorIn(winner.ops, value.predecessor) ?? value.predecessor);
		for (
			let next = core.base().get('attributes', behind)?.succeededBy;
			next;
			next = core.base().get('attributes', behind)?.succeededBy
		)
			behind = next;
		const newest = core.base().get('attributes', behind);
		if (!newest || behind === value.predecessor || consumption.isSameContent(newest.content, value.content))
			return undefined;
		const op: Op = core.rec('attribute.succeeded', { ...value, predecessor: behind, rebased: true });
		const told = intent.shown.flatMap((each) => (each.o === 'rec' && each.k === 'message.sent' ? [each] : []));
		return {
			kind: 'succession',
			shown: [
				op,
				...told.map((each) => ({ ...each, v: { ...each.v, content: behindIn(each.v.content, behind) } }))
			]
		};
	}
};
