/**
 * The Engine as callers see it (api.ts): each operation checks against the views, writes an intent or commits, and answers
 * with the row that shows the result.
 */
import type { CreateTemplate, DecideParameters, DeviceView, Engine, TodoItem } from '../api.ts';
import { toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { deviceIdText, idOf } from '../codec/ids.ts';
import { parseReference, type Reference } from '../codec/reference.ts';
import { blinded, sha256 } from '../crypto/hash.ts';
import { kemPair } from '../crypto/hpke.ts';
import { publicKeyText } from '../relationship/apply.ts';
import { objectHandle, openObject, sealObject, type TemplateObject, type TokenObject } from '../object/object.ts';
import { check, possible } from '../relationship/rules.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import { RelayUnreachable } from '../ports.ts';
import type {
	AttributeRow,
	Iso,
	JsonObject,
	MessageRow,
	RelationshipRow,
	RequestRow,
	TemplateRow,
	TokenRow
} from '../views.ts';
import { tokenRow } from './apply.ts';
import { buildEvent } from './build.ts';
import * as consumption from './consumption.ts';
import { UNREACHABLE, type Core } from './engine.ts';
import { beginEpoch } from './epochs.ts';
import type { BuildResult } from './intent.ts';
import { admitDevice } from './link.ts';
import { ensurePrekey } from './prekeys.ts';
import type { Op } from './record.ts';

const INVALID = 'error.runtime.validation.invalidPropertyValue';
const notFound = (entity: string, detail = 'Make sure the ID exists and the record is not expired.') =>
	refuse('error.runtime.recordNotFound', `${entity} not found. ${detail}`);
const NOT_INTENDED = refuse('error.transport.general.notIntendedForYou', 'It is not intended for you.');

export function createEngine(core: Core): Engine {
	const { ports, self } = core;
	const { clock, random } = ports;
	const now = (): Iso => new Date(clock.now()).toISOString();
	const newId = (prefix: 'ATT' | 'REQ' | 'MSG' | 'RLT' | 'TOK' | 'REL'): { id: string; random: Bytes } => {
		const bytes = random.bytes(16);
		return { id: idOf(prefix, self.address, bytes), random: bytes };
	};

	// --- objects ----------------------------------------------------------------------------------------------------

	async function putObject(
		object: TemplateObject | TokenObject,
		key: Bytes,
		extra: { maxUses?: number; forTag?: Bytes }
	): Promise<Result<void>> {
		const bytes = await sealObject(random, key, core.signer(), object);
		const answer = await core.call('objectPut', {
			handle: objectHandle(object.id),
			bytes,
			...(object.expiresAt !== undefined ? { expiresAt: object.expiresAt } : {}),
			...extra
		});
		if (answer.ok) return ok(undefined);
		return answer.type === 'too-large'
			? refuse(INVALID, 'content is too large')
			: refuse('error.platform.unexpected', 'The relay refused it.');
	}

	/** Refusals are values; a relay out of reach is one too. */
	async function reaching<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
		try {
			return await work();
		} catch (error) {
			if (error instanceof RelayUnreachable) return UNREACHABLE;
			throw error;
		}
	}

	async function createTemplate(input: CreateTemplate): Promise<Result<TemplateRow>> {
		const expires = Date.parse(input.expiresAt);
		if (Number.isNaN(expires)) return refuse(INVALID, 'expiresAt must match ISO8601 datetime format');
		if (expires <= clock.now()) return refuse(INVALID, "'expiresAt' must be in the future");
		if (
			input.maxNumberOfAllocations !== undefined &&
			!(Number.isSafeInteger(input.maxNumberOfAllocations) && input.maxNumberOfAllocations >= 1)
		)
			return refuse(INVALID, 'maxNumberOfAllocations must be >= 1');
		const content = consumption.templateContent(core.top(), self.address, input.content, input.expiresAt, now());
		if (!content.ok) return content;
		return reaching(async () => {
			const { id, random: idRandom } = newId('RLT');
			const pair = kemPair(random.bytes(32));
			const token = random.bytes(32);
			const mailbox = {
				url: ports.relay.url,
				alias: blinded(core.keys().b, 'mbx', utf8(id), utf8('0')).slice(0, 16),
				token
			};
			const object: TemplateObject = {
				t: 'template',
				id,
				random: idRandom,
				content: content.value,
				key: pair.publicKey,
				mailbox,
				time: clock.now(),
				device: self.deviceText,
				expiresAt: expires,
				...(input.maxNumberOfAllocations !== undefined ? { max: input.maxNumberOfAllocations } : {}),
				...(input.forIdentity ? { for: input.forIdentity } : {})
			};
			const linkKey = random.bytes(32);
			const put = await putObject(
				object,
				linkKey,
				input.maxNumberOfAllocations !== undefined ? { maxUses: input.maxNumberOfAllocations } : {}
			);
			if (!put.ok) return put;
			const outcome = await core.commitNow(async () => ({
				built: {
					ops: [core.rec('template.own', { object, linkKey, seed: pair.seed })],
					slots: [],
					intent: random.bytes(16),
					envelopes: [],
					aliases: [
						{ op: 'open', alias: mailbox.alias, tokenHash: sha256(token), closesAt: expires + ALIAS_GRACE }
					],
					settles: []
				}
			}));
			if (!outcome.ok) return outcome;
			return ok(core.top().get('templates', id)!);
		});
	}

	/** Fetches and opens what a reference names, once per identity and object. */
	async function redeem(
		reference: Reference
	): Promise<Result<{ opened: NonNullable<Awaited<ReturnType<typeof openObject>>>; claimId: Bytes }>> {
		if (reference.password)
			return refuse('error.connector.notImplemented', 'Password protection is not implemented yet.');
		if (reference.forIdentityTail && !self.address.endsWith(reference.forIdentityTail)) return NOT_INTENDED;
		const claimId = blinded(core.keys().b, 'claim', utf8(reference.id)).slice(0, 16);
		const answer = await core.call('objectRedeem', { handle: objectHandle(reference.id), claimId });
		const entity = reference.kind === 'template' ? 'RelationshipTemplate' : 'Token';
		if (!answer.ok) {
			if (answer.type === 'object-exhausted')
				return refuse(
					'error.platform.validation.relationshipTemplate.maxNumberOfAllocationsExhausted',
					'The maximum number of allocations is exhausted.'
				);
			if (answer.type === 'object-locked' && reference.kind === 'token')
				return refuse('error.platform.token.tooManyFailedPasswordAttempts', 'The token is locked.');
			// One relay has several names (localhost, a name at home, its public one): only what is not here lies elsewhere.
			if (reference.baseUrl && !sameOrigin(reference.baseUrl, ports.relay.url))
				return refuse('error.app.foreignRelay', 'It lies at another relay.');
			return notFound(
				entity,
				'Make sure the ID exists and the record is not expired. If a password is required to fetch the record, make sure you passed the correct one.'
			);
		}
		const bytes = answer.body['bytes'];
		const opened =
			bytes instanceof Uint8Array ? await openObject(reference.id, reference.key, bytes as Bytes) : undefined;
		if (!opened) return refuse('error.transport.signatureNotValid', 'It was changed on the way.');
		if (opened.object.for && opened.object.for !== self.address && opened.by.address !== self.address)
			return NOT_INTENDED;
		return ok({ opened, claimId });
	}

	async function loadTemplate(text: string): Promise<Result<TemplateRow>> {
		const reference = parseReference(text);
		if (!reference.ok)
			return reference.error.code === 'error.runtime.invalidReference'
				? refuse(INVALID, 'token / relationship template reference invalid')
				: reference;
		if (reference.value.kind === 'file') return refuse('error.runtime.invalidReference', 'It names a file.');
		if (reference.value.kind === 'token') return loadTemplateToken(reference.value);
		const ownRow = core.top().get('templates', reference.value.id);
		if (ownRow?.isOwn) return ownRow._deleted ? notFound('RelationshipTemplate') : ok(ownRow);
		const stored = ownRow && !ownRow._deleted ? await reloadStored(ownRow) : undefined;
		if (stored) return stored;
		return reaching(async () => {
			const fetched = await redeem(reference.value);
			if (!fetched.ok) return fetched;
			const { object, by } = fetched.value.opened;
			if (object.t !== 'template') return refuse('error.runtime.invalidReference', 'It is no template.');
			if (!consumption.receivedTemplateContent(object.content).ok)
				return refuse('error.runtime.requestDeserialization', 'Its content cannot be read.');
			await core.intend({
				kind: 'plain',
				shown: [
					core.rec('claimed', { objectId: object.id, claimId: fetched.value.claimId }),
					core.rec('template.loaded', {
						object,
						linkKey: reference.value.key,
						by: by.address,
						ik: by.ik,
						at: clock.now()
					})
				]
			});
			return ok(core.top().get('templates', object.id)!);
		});
	}

	/** A template this identity holds already: told again, without asking the relay. */
	async function reloadStored(row: TemplateRow): Promise<Result<TemplateRow> | undefined> {
		const keys = core.top().get('templateKeys', row.id);
		const reference = parseReference(row.reference.url);
		if (!keys?.publicKey || !keys.ik || !reference.ok) return undefined;
		const object: TemplateObject = {
			t: 'template',
			id: row.id,
			random: new Uint8Array(16),
			content: row.content,
			key: keys.publicKey as Bytes,
			mailbox: keys.mailbox as TemplateObject['mailbox'],
			time: Date.parse(row.createdAt),
			device: row.createdByDevice,
			...(row.expiresAt ? { expiresAt: Date.parse(row.expiresAt) } : {}),
			...(row.maxNumberOfAllocations !== undefined ? { max: row.maxNumberOfAllocations } : {}),
			...(row.forIdentity ? { for: row.forIdentity } : {})
		};
		await core.intend({
			kind: 'plain',
			shown: [
				core.rec('template.loaded', {
					object,
					linkKey: reference.value.key,
					by: row.createdBy,
					ik: keys.ik as Bytes,
					at: clock.now()
				})
			]
		});
		return ok(core.top().get('templates', row.id)!);
	}

	async function loadTemplateToken(reference: Reference): Promise<Result<TemplateRow>> {
		const token = await loadToken(reference, true);
		if (!token.ok) return token;
		const content = token.value.content as { '@type'?: string; templateReference?: string } | null;
		if (content?.['@type'] !== TEMPLATE_TOKEN || typeof content.templateReference !== 'string')
			return refuse(
				'error.runtime.invalidTokenContent',
				'The given token has an invalid content for this route.'
			);
		return loadTemplate(content.templateReference);
	}

	// --- tokens -----------------------------------------------------------------------------------------------------

	async function createToken(input: {
		content: JsonObject;
		expiresAt: Iso;
		ephemeral?: boolean;
		forIdentity?: string;
	}): Promise<Result<TokenRow>> {
		const expires = Date.parse(input.expiresAt);
		if (Number.isNaN(expires)) return refuse(INVALID, 'expiresAt must match ISO8601 datetime format');
		if (expires <= clock.now()) return refuse(INVALID, "'expiresAt' must be in the future");
		return reaching(async () => {
			const { id, random: idRandom } = newId('TOK');
			const object: TokenObject = {
				t: 'token',
				id,
				random: idRandom,
				content: input.content,
				time: clock.now(),
				device: self.deviceText,
				expiresAt: expires,
				...(input.forIdentity ? { for: input.forIdentity } : {})
			};
			const linkKey = random.bytes(32);
			const put = await putObject(object, linkKey, {});
			if (!put.ok) return put;
			if (input.ephemeral)
				return ok({ ...tokenRow(object, linkKey, self.address, true, ports.relay.url), isEphemeral: true });
			await core.intend({ kind: 'plain', shown: [core.rec('token.own', { object, linkKey })] });
			return ok(core.top().get('tokens', id)!);
		});
	}

	async function loadToken(reference: Reference, ephemeral: boolean): Promise<Result<TokenRow>> {
		const stored = core.top().get('tokens', reference.id);
		if (stored) return ok(stored);
		return reaching(async () => {
			const fetched = await redeem(reference);
			if (!fetched.ok) return fetched;
			const { object, by } = fetched.value.opened;
			if (object.t !== 'token') return refuse('error.runtime.invalidReference', 'It is no token.');
			const isOwn = by.address === self.address;
			if (ephemeral)
				return ok({
					...tokenRow(object, reference.key, by.address, isOwn, ports.relay.url),
					isEphemeral: true
				});
			const shown = isOwn
				? core.rec('token.own', { object, linkKey: reference.key })
				: core.rec('token.loaded', { object, linkKey: reference.key, by: by.address, at: clock.now() });
			await core.intend({
				kind: 'plain',
				shown: [core.rec('claimed', { objectId: object.id, claimId: fetched.value.claimId }), shown]
			});
			return ok(core.top().get('tokens', object.id)!);
		});
	}

	async function deleteObject(id: string, isOwn: boolean): Promise<Result<void>> {
		if (isOwn) {
			const gone = await reaching(async () => {
				const answer = await core.call('objectDelete', { handle: objectHandle(id) });
				return answer.ok || answer.type === 'not-found' || answer.type === 'object-not-found'
					? ok(undefined)
					: refuse('error.platform.unexpected', 'The relay refused it.');
			});
			if (!gone.ok) return gone;
		}
		await core.intend({ kind: 'plain', shown: [core.rec('object.deleted', { id })] });
		return ok(undefined);
	}

	// --- relationships ----------------------------------------------------------------------------------------------

	async function act(
		id: string,
		action: Parameters<Engine['relationships']['act']>[1]
	): Promise<Result<RelationshipRow>> {
		const row = core.top().get('relationships', id);
		if (!row || row._hidden)
			return notFound('Relationship', 'Make sure the ID exists and the record is not expired.');
		let refused: Refusal | undefined;
		const outcome = await core.commitNow(async (views, mseq): Promise<BuildResult> => {
			const current = views.get('relationships', id);
			const allowed = current ? check(current, self.address, action) : notFound('Relationship');
			if (!allowed.ok) {
				refused = allowed.error;
				return { refused: allowed.error };
			}
			const parts = await buildEvent(core, views, mseq, { action, relId: id });
			return { built: { ...parts, intent: random.bytes(16), settles: [] } };
		});
		if (!outcome.ok) return { ok: false, error: refused ?? outcome.error };
		const after = core.top().get('relationships', id);
		return ok(after && !after._hidden ? after : { ...row });
	}

	async function createRelationship(input: {
		templateId: string;
		creationContent: JsonObject;
	}): Promise<Result<RelationshipRow>> {
		const content = consumption.creationContent(input.creationContent);
		if (!content.ok) return content;
		let refused: Refusal | undefined;
		const { id: relId, random: idRandom } = newId('REL');
		const outcome = await core.commitNow(async (views, mseq): Promise<BuildResult> => {
			const allowed = consumption.canCreateRelationship(
				views,
				self.address,
				input.templateId,
				content.value,
				now()
			);
			if (!allowed.ok) {
				refused = allowed.error;
				return { refused: allowed.error };
			}
			const parts = await buildEvent(core, views, mseq, {
				action: 'create',
				relId,
				create: { random: idRandom, templateId: input.templateId, content: content.value }
			});
			return { built: { ...parts, intent: random.bytes(16), settles: [] } };
		});
		if (!outcome.ok) return { ok: false, error: refused ?? outcome.error };
		return ok(core.top().get('relationships', relId)!);
	}

	// --- messages ---------------------------------------------------------------------------------------------------

	async function send(input: {
		recipients: string[];
		content: JsonObject;
		attachments?: string[];
	}): Promise<Result<MessageRow>> {
		const checked = consumption.canSend(core.top(), self.address, input, now());
		if (!checked.ok) return checked;
		const rels = input.recipients.map(
			(peer) =>
				core
					.top()
					.list('relationships')
					.findLast((row) => row.peer === peer && !row._hidden)?.id ?? ''
		);
		const { id, random: idRandom } = newId('MSG');
		await core.intend({
			kind: 'message',
			shown: [
				core.rec('message.sent', {
					id,
					random: idRandom,
					to: input.recipients,
					rels,
					content: checked.value,
					attachments: input.attachments ?? [],
					at: clock.now()
				})
			]
		});
		return ok(core.top().get('messages', id)!);
	}

	const messageIntent = (id: string) =>
		core
			.intents()
			.find((intent) => intent.shown.some((op) => op.o === 'rec' && op.k === 'message.sent' && op.v.id === id));

	// --- requests ---------------------------------------------------------------------------------------------------

	const shownRequest = (row: RequestRow): RequestRow => {
		const lost = core.superseded()[row.id] as
			{ byDevice: string; at: number; decided: 'Accepted' | 'Rejected' } | undefined;
		const waiting = core
			.intents()
			.find((intent) => intent.kind === 'decision' && decidedId(intent.shown) === row.id);
		return {
			...consumption.withExpiry(row, now()),
			...(lost
				? {
						_superseded: {
							byDevice: lost.byDevice,
							at: new Date(lost.at).toISOString(),
							decided: lost.decided
						}
					}
				: {}),
			...(waiting && !waiting.failed ? { _pending: true as const } : {}),
			...(waiting?.failed ? { _failed: waiting.failed } : {})
		};
	};
	const decidedId = (ops: readonly Op[]) => {
		const op = ops.find((shown) => shown.o === 'rec' && shown.k === 'request.decided');
		return op?.o === 'rec' && op.k === 'request.decided' ? op.v.id : undefined;
	};
	const requests = (isOwn: boolean) =>
		core
			.top()
			.list('requests')
			.filter((row) => row.isOwn === isOwn)
			.map(shownRequest);
	const request = (id: string, direction: 'incoming' | 'outgoing') => {
		const row = core.top().get('requests', id);
		return row && row.isOwn === (direction === 'outgoing') ? shownRequest(row) : undefined;
	};

	async function decide(id: string, decision: DecideParameters, accept: boolean): Promise<Result<RequestRow>> {
		const row = request(id, 'incoming');
		if (!row) return notFound('LocalRequest');
		const response = consumption.decide(
			core.top(),
			self.address,
			row,
			decision,
			accept,
			now(),
			() => newId('ATT').id
		);
		if (!response.ok) return response;
		await core.intend({
			kind: 'decision',
			shown: [core.rec('request.decided', { id, response: response.value, at: clock.now() })]
		});
		return ok(decidedOnly(request(id, 'incoming')!));
	}

	/** REST answers Decided, before anything was sent (protocol.md §13.3). */
	function decidedOnly(row: RequestRow): RequestRow {
		const { response, ...rest } = row;
		if (!response) return row;
		const { source: _source, ...unsent } = response;
		return { ...rest, status: 'Decided', response: unsent };
	}

	// --- attributes -------------------------------------------------------------------------------------------------

	async function createAttribute(content: JsonObject): Promise<Result<AttributeRow>> {
		const prepared = consumption.prepareOwn(core.top(), self.address, content, now());
		if (!prepared.ok) return prepared;
		const { id } = newId('ATT');
		await core.intend({
			kind: 'plain',
			shown: [core.rec('attribute.created', { id, content: prepared.value, at: clock.now() })]
		});
		return ok(core.top().get('attributes', id)!);
	}

	async function succeed(
		predecessorId: string,
		successor: JsonObject
	): Promise<Result<{ predecessor: AttributeRow; successor: AttributeRow }>> {
		const prepared = consumption.prepareSuccessor(core.top(), self.address, predecessorId, successor, now());
		if (!prepared.ok) return prepared;
		const { id } = newId('ATT');
		await core.intend({
			kind: 'succession',
			shown: [
				core.rec('attribute.succeeded', {
					predecessor: predecessorId,
					id,
					content: prepared.value,
					at: clock.now()
				})
			]
		});
		return ok({
			predecessor: core.top().get('attributes', predecessorId)!,
			successor: core.top().get('attributes', id)!
		});
	}

	// --- documents --------------------------------------------------------------------------------------------------

	async function write(
		shard: string,
		field: string,
		value: Parameters<Engine['documents']['write']>[2]
	): Promise<Result<void>> {
		if (!SHARD.test(shard)) return refuse(INVALID, 'shard is unknown');
		if (JSON.stringify(value).length > MAX_FIELD) return refuse(INVALID, 'value is too large');
		await core.beginWriting();
		const update = core.documents.write(shard, field, value);
		await core.intend({ kind: 'plain', shown: [{ o: 'doc', shard, u: update }] });
		return ok(undefined);
	}

	const devices = (): DeviceView[] =>
		[...core.membership().members.values()].map((member) => {
			const id = deviceIdText(member.ds);
			const name = core.documents.read('core', `device/${id}/name`);
			return {
				id,
				name: typeof name === 'string' ? name : '',
				isThis: toHex(member.id) === toHex(self.device),
				role: member.role,
				ordinal: member.ordinal,
				addedAt: new Date(member.addedAt).toISOString()
			};
		});

	function todo(): TodoItem[] {
		const views = core.top();
		const items: TodoItem[] = [];
		for (const row of requests(false)) {
			if (row.status === 'ManualDecisionRequired' || row.status === 'DecisionRequired')
				items.push({
					id: `request:${row.id}`,
					kind: 'request',
					reference: row.id,
					peer: row.peer,
					...due(row)
				});
			if (row._superseded)
				items.push({ id: `superseded:${row.id}`, kind: 'superseded', reference: row.id, peer: row.peer });
		}
		for (const row of views.list('relationships'))
			if (row.status === 'Pending' && !row._own && !row._hidden)
				items.push({ id: `relationship:${row.id}`, kind: 'relationship', reference: row.id, peer: row.peer });
		for (const row of views.list('attributes'))
			if (row._rebased && !row.succeededBy && !row._aliasOf && !core.documents.read('core', `resolved/${row.id}`))
				items.push({ id: `otherVersion:${row.id}`, kind: 'otherVersion', reference: row.id });
		for (const row of views.list('messages'))
			if (row._delivery === 'failed')
				items.push({ id: `failed:${row.id}`, kind: 'failedMessage', reference: row.id });
		for (const row of views.list('attention'))
			items.push({
				id: `attention:${row.id}`,
				kind: 'attention',
				reference: row.id,
				...(row.peer ? { peer: row.peer } : {})
			});
		if (core.membership().members.size === 1)
			items.push({ id: 'onlyCopy', kind: 'onlyCopy', reference: self.deviceText });
		return items;
	}
	const due = (row: RequestRow) =>
		typeof row.content['expiresAt'] === 'string' ? { dueAt: row.content['expiresAt'] } : {};
	const visible = (row: RelationshipRow) => !row._hidden;

	let prekeyChecked = false;
	core.onChange(() => {
		if (prekeyChecked || core.status().state !== 'upToDate') return;
		prekeyChecked = true;
		ensurePrekey(core).catch(() => (prekeyChecked = false));
	});

	return {
		account: {
			identityInfo: () => ({ address: self.address, publicKey: publicKeyText(self.ik) }),
			async sync() {
				const outcome = await core.sync();
				return outcome.ok ? ok(undefined) : outcome;
			},
			syncInfo() {
				const { lastSyncAt } = core.status();
				return lastSyncAt ? { lastSyncRun: { completedAt: lastSyncAt } } : {};
			},
			status: core.status,
			relayIsHealthy: core.relayIsHealthy,
			goLive: () => core.goLive(true),
			stopLive: () => core.goLive(false)
		},
		attributes: {
			canCreate: (content) => {
				const checked = consumption.checkOwn(core.top(), self.address, content, now());
				return checked.ok ? ok(undefined) : checked;
			},
			create: createAttribute,
			succeed,
			async delete(id) {
				const allowed = consumption.canDelete(core.top(), id);
				if (!allowed.ok) return allowed;
				await core.intend({ kind: 'plain', shown: [core.rec('attribute.deleted', { id, at: clock.now() })] });
				return ok({ notificationIds: [] });
			},
			get: (id) => core.top().get('attributes', id),
			list: () => consumption.listAttributes(core.top()),
			ownIdentity: (options) => consumption.ownIdentityAttributes(core.top(), options),
			peer: (peer, options) => consumption.peerAttributes(core.top(), peer, options),
			versions: (id) => {
				const row = core.top().get('attributes', id);
				return row ? consumption.versionsOf(core.top(), row) : [];
			},
			forwardings: (id) => consumption.forwardingsOf(core.top(), id),
			candidates: (query) => consumption.candidates(core.top(), query),
			async markViewed(id) {
				const row = core.top().get('attributes', id);
				if (!row) return notFound('LocalAttribute', '');
				if (!row.wasViewedAt)
					await core.intend({
						kind: 'plain',
						shown: [core.rec('attribute.viewed', { id, at: clock.now() })]
					});
				return ok(core.top().get('attributes', id)!);
			}
		},
		templates: {
			create: createTemplate,
			load: loadTemplate,
			get: (id) => {
				const row = core.top().get('templates', id);
				return row?._deleted ? undefined : row;
			},
			list: () =>
				core
					.top()
					.list('templates')
					.filter((row) => !row._deleted),
			async delete(id) {
				const row = core.top().get('templates', id);
				return !row || row._deleted ? notFound('RelationshipTemplate') : deleteObject(id, row.isOwn);
			},
			async createToken(id, input) {
				const row = core.top().get('templates', id);
				if (!row || row._deleted) return notFound('RelationshipTemplate');
				if (!row.isOwn)
					return refuse(
						'error.runtime.relationshipTemplates.cannotCreateTokenForPeerTemplate',
						'You cannot create a token for a template of a peer.'
					);
				if (row.forIdentity !== undefined && row.forIdentity !== input.forIdentity)
					return refuse(
						'error.runtime.relationshipTemplates.personalizationMustBeInherited',
						'If a RelationshipTemplate is personalized, Tokens created from it must have the same personalization.'
					);
				const expiresAt =
					input.expiresAt ?? row.expiresAt ?? new Date(clock.now() + DEFAULT_TOKEN_LIFE).toISOString();
				const content = { '@type': TEMPLATE_TOKEN, templateReference: row.reference.url, templateId: id };
				return createToken({
					content,
					expiresAt,
					ephemeral: input.ephemeral ?? true,
					...(input.forIdentity ? { forIdentity: input.forIdentity } : {})
				});
			}
		},
		tokens: {
			create: createToken,
			async load(text, options) {
				const reference = parseReference(text);
				if (!reference.ok || reference.value.kind !== 'token')
					return refuse(INVALID, 'token reference invalid');
				return loadToken(reference.value, options?.ephemeral ?? false);
			},
			get: (id) => core.top().get('tokens', id),
			list: () => core.top().list('tokens'),
			async delete(id) {
				const row = core.top().get('tokens', id);
				return row ? deleteObject(id, row.isOwn) : notFound('Token');
			}
		},
		relationships: {
			canCreate: ({ templateId, creationContent }) => {
				const content = creationContent && consumption.creationContent(creationContent);
				if (content && !content.ok) return content;
				return consumption.canCreateRelationship(core.top(), self.address, templateId, content?.value, now());
			},
			create: createRelationship,
			get: (id) => {
				const row = core.top().get('relationships', id);
				return row && visible(row) ? row : undefined;
			},
			list: () => core.top().list('relationships').filter(visible),
			possible: (id) => {
				const row = core.top().get('relationships', id);
				return row && visible(row) ? possible(row, self.address) : [];
			},
			act,
			attributes: (id) => {
				const row = core.top().get('relationships', id);
				return row ? consumption.attributesExchangedWith(core.top(), row.peer) : [];
			}
		},
		messages: {
			send,
			get: (id) => withRead(core, core.top().get('messages', id)),
			list: () =>
				core
					.top()
					.list('messages')
					.map((row) => withRead(core, row)!),
			async markRead(id, read = true) {
				const row = core.top().get('messages', id);
				if (!row) return notFound('Message');
				const written = await write(flagsShard(row), `read/${id}`, read ? now() : false);
				return written.ok ? ok(withRead(core, core.top().get('messages', id))!) : written;
			},
			async discard(id) {
				const intent = messageIntent(id);
				if (!intent) return notFound('Message', 'It has been sent.');
				await core.revise(intent.n, null);
				return ok(undefined);
			},
			async retry(id) {
				const intent = messageIntent(id);
				if (!intent) return notFound('Message', 'It has been sent.');
				const { failed: _failed, ...rest } = intent;
				await core.revise(intent.n, { ...rest, failed: undefined } as never);
				return ok(core.top().get('messages', id)!);
			}
		},
		requests: {
			incoming: () => requests(false),
			outgoing: () => requests(true),
			get: request,
			canAccept: (id, decision) =>
				consumption.judge(core.top(), self.address, request(id, 'incoming'), decision, true, now()),
			canReject: (id, decision) =>
				consumption.judge(core.top(), self.address, request(id, 'incoming'), decision, false, now()),
			accept: (id, decision) => decide(id, decision, true),
			reject: (id, decision) => decide(id, decision, false),
			validate: ({ content, peer }) =>
				consumption.validateOutgoing(core.top(), self.address, content, peer, now()),
			async create({ content, peer }) {
				const prepared = consumption.prepareOutgoing(core.top(), self.address, content, peer, now());
				if (!prepared.ok) return prepared;
				const { id } = newId('REQ');
				await core.intend({
					kind: 'plain',
					shown: [
						core.rec('request.drafted', { id, content: { ...prepared.value, id }, peer, at: clock.now() })
					]
				});
				return ok(request(id, 'outgoing')!);
			}
		},
		documents: {
			read: (shard, field) => core.documents.read(shard, field),
			fields: (shard, prefix) => core.documents.fields(shard, prefix),
			write,
			otherVersions: (shard) =>
				core.documents.otherVersions(shard).map(({ field, value, ordinal }) => ({
					field,
					value,
					byDevice: devices().find((device) => device.ordinal === ordinal)?.id ?? ''
				}))
		},
		devices: {
			list: devices,
			rename: (id, name) => write('core', `device/${id}/name`, name.slice(0, 20)),
			async renewKeys() {
				const outcome = await beginEpoch(core);
				return outcome.ok ? ok(undefined) : outcome;
			},
			admit: async (link) => admitDevice(core, { link }),
			invite: async () => admitDevice(core, {})
		},
		attention: () => core.top().list('attention'),
		todo,
		onEvent: core.onEvent,
		onChange: core.onChange,
		close: core.close
	};
}

const DAY = 86_400_000;
/** The alias of a template takes late requests this long after it expired. */
const ALIAS_GRACE = 30 * DAY;
/** Default life of a token for a template without expiry. */
const DEFAULT_TOKEN_LIFE = 12 * DAY;
const TEMPLATE_TOKEN = 'TokenContentRelationshipTemplate';
const SHARD = /^(core|rel|req|drafts|flags-\d{6})$/;
/** One field of a document: the longest mail draft with room to spare. */
const MAX_FIELD = 128 * 1024;

/** Read flags of one month together: a shard stays small. */
const flagsShard = (row: MessageRow): string => `flags-${row.createdAt.slice(0, 4)}${row.createdAt.slice(5, 7)}`;

function withRead(core: Core, row: MessageRow | undefined): MessageRow | undefined {
	const read = row && core.documents.read(flagsShard(row), `read/${row.id}`);
	return row && typeof read === 'string' ? { ...row, wasReadAt: read } : row;
}

function sameOrigin(a: string, b: string): boolean {
	try {
		return new URL(a).origin === new URL(b).origin;
	} catch {
		return false;
	}
}
