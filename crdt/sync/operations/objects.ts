/** Objects at the relay: templates and tokens, put, redeemed once per identity, deleted. */
import type { CreateTemplate, Engine } from '../../api.ts';
import { utf8, type Bytes } from '../../codec/bytes.ts';
import { parseReference, type Reference } from '../../codec/reference.ts';
import { blinded, sha256 } from '../../crypto/hash.ts';
import { kemPair } from '../../crypto/hpke.ts';
import { objectHandle, openObject, sealObject, type TemplateObject, type TokenObject } from '../../object/object.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { Iso, JsonObject, TemplateRow, TokenRow } from '../../views.ts';
import { type Base, INVALID, notFound, shown } from './base.ts';
import { tokenRow } from '../apply.ts';
import * as consumption from '../consumption.ts';

const NOT_INTENDED = refuse('error.transport.general.notIntendedForYou', 'It is not intended for you.');
const DAY = 86_400_000;

export function objectOperations({
	core,
	self,
	clock,
	random,
	now,
	newId,
	reaching
}: Base): Pick<Engine, 'templates' | 'tokens'> {
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
				url: core.ports.relay.url,
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
			return shown('RelationshipTemplate', core.top().get('templates', id));
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
			if (reference.baseUrl && !sameOrigin(reference.baseUrl, core.ports.relay.url))
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
			return shown('RelationshipTemplate', core.top().get('templates', object.id));
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
		return shown('RelationshipTemplate', core.top().get('templates', row.id));
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
				return ok({
					...tokenRow(object, linkKey, self.address, true, core.ports.relay.url),
					isEphemeral: true
				});
			await core.intend({ kind: 'plain', shown: [core.rec('token.own', { object, linkKey })] });
			return shown('Token', core.top().get('tokens', id));
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
					...tokenRow(object, reference.key, by.address, isOwn, core.ports.relay.url),
					isEphemeral: true
				});
			const record = isOwn
				? core.rec('token.own', { object, linkKey: reference.key })
				: core.rec('token.loaded', { object, linkKey: reference.key, by: by.address, at: clock.now() });
			await core.intend({
				kind: 'plain',
				shown: [core.rec('claimed', { objectId: object.id, claimId: fetched.value.claimId }), record]
			});
			return shown('Token', core.top().get('tokens', object.id));
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

	return {
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
		}
	};
}

/** The alias of a template takes late requests this long after it expired. */
const ALIAS_GRACE = 30 * DAY;
/** Default life of a token for a template without expiry. */
const DEFAULT_TOKEN_LIFE = 12 * DAY;
const TEMPLATE_TOKEN = 'TokenContentRelationshipTemplate';

function sameOrigin(a: string, b: string): boolean {
	try {
		return new URL(a).origin === new URL(b).origin;
	} catch {
		return false;
	}
}
