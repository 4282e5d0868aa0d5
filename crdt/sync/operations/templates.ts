/** Templates (connector-api.md §2.10): what a relationship begins with. Put at the relay, redeemed once per identity. */
import type { CreateTemplate, CreateToken, Engine } from '../../api.ts';
import { utf8, type Bytes } from '../../codec/bytes.ts';
import { parseReference, type Reference } from '../../codec/reference.ts';
import { blinded, sha256 } from '../../crypto/hash.ts';
import { kemPair } from '../../crypto/hpke.ts';
import type { TemplateObject } from '../../object/object.ts';
import { isSameProtection, parseProtection, protectionOf, shownProtection } from '../../object/protection.ts';
import { referenceIn, templateTokenContent } from '../../object/token-content.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { TemplateRow, TokenRow } from '../../views.ts';
import { INVALID, notFound, shown, tooMuch, type Base } from './base.ts';
import * as consumption from '../consumption.ts';
import { futureDate, tokenTerms, type ObjectStore } from './object-store.ts';
import { shownAs } from './rows.ts';
import type { Tokens } from './tokens.ts';

const DAY = 86_400_000;
/** The alias of a template takes late requests this long after it expired. */
const ALIAS_GRACE = 30 * DAY;
/** Default life of a token for a template without expiry. */
const DEFAULT_TOKEN_LIFE = 12 * DAY;
const WRONG_CONTENT = refuse(
	'error.runtime.invalidTokenContent',
	'The given token has an invalid content for this route.'
);
const refusedInherit = (what: 'personalization' | 'passwordProtection', must: string) =>
	refuse(`error.runtime.relationshipTemplates.${what}MustBeInherited`, must);

export function templateOperations(base: Base, objects: ObjectStore, tokens: Tokens): Engine['templates'] {
	const { core, self, clock, random, now, newId, reaching } = base;

	async function create(input: CreateTemplate): Promise<Result<TemplateRow>> {
		const expires = futureDate(input.expiresAt, clock.now());
		if (!expires.ok) return expires;
		const { maxNumberOfAllocations: max } = input;
		if (max !== undefined && !(Number.isSafeInteger(max) && max >= 1))
			return refuse(INVALID, 'maxNumberOfAllocations must be >= 1');
		const protection = parseProtection(random, input.passwordProtection);
		if (!protection.ok) return protection;
		const content = consumption.templateContent(core.top(), self.address, input.content, input.expiresAt, now());
		if (!content.ok) return content;
		const refused = tooMuch(content.value);
		if (refused) return refused;
		return reaching(async () => {
			const { id, random: idRandom } = newId('RLT');
			const pair = kemPair(random.bytes(32));
			const token = random.bytes(32);
			const alias = blinded(core.keys().b, 'mbx', utf8(id), utf8('0')).slice(0, 16);
			const object: TemplateObject = {
				t: 'template',
				id,
				random: idRandom,
				content: content.value,
				key: pair.publicKey,
				mailbox: { url: core.ports.relay.url, alias, token },
				time: clock.now(),
				device: self.deviceText,
				expiresAt: expires.value,
				...(max !== undefined ? { max } : {}),
				...(input.forIdentity ? { for: input.forIdentity } : {})
			};
			const linkKey = random.bytes(32);
			const put = await objects.put(object, linkKey, max === undefined ? {} : { maxUses: max }, protection.value);
			if (!put.ok) return put;
			const own = {
				object,
				linkKey,
				seed: pair.seed,
				...(protection.value ? { protection: protection.value } : {})
			};
			const outcome = await core.commitNow(async () => ({
				built: {
					ops: [core.rec('template.own', own)],
					slots: [],
					intent: random.bytes(16),
					envelopes: [],
					aliases: [{ op: 'open', alias, tokenHash: sha256(token), closesAt: expires.value + ALIAS_GRACE }],
					settles: []
				}
			}));
			return outcome.ok ? shown('RelationshipTemplate', core.top().get('templates', id)) : outcome;
		});
	}

	async function load(text: string, password: string | undefined): Promise<Result<TemplateRow>> {
		const reference = parseReference(text);
		if (!reference.ok)
			return reference.error.code === 'error.runtime.invalidReference'
				? refuse(INVALID, 'token / relationship template reference invalid')
				: reference;
		return loadReference(reference.value, password);
	}

	async function loadReference(reference: Reference, password: string | undefined): Promise<Result<TemplateRow>> {
		if (reference.kind === 'file') return refuse('error.runtime.invalidReference', 'It names a file.');
		if (reference.kind === 'token') return loadToken(reference, password);
		const row = core.top().get('templates', reference.id);
		if (row?.isOwn) return row._deleted ? notFound('RelationshipTemplate') : ok(row);
		const stored = row && !row._deleted ? await tellAgain(row) : undefined;
		return stored ?? fetch(reference, password);
	}

	const fetch = (reference: Reference, password: string | undefined): Promise<Result<TemplateRow>> =>
		reaching(async () => {
			const fetched = await objects.redeem(reference, password);
			if (!fetched.ok) return fetched;
			const { opened, claimId, protection } = fetched.value;
			const { object, by } = opened;
			if (object.t !== 'template') return refuse('error.runtime.invalidReference', 'It is no template.');
			if (!consumption.receivedTemplateContent(object.content).ok)
				return refuse('error.runtime.requestDeserialization', 'Its content cannot be read.');
			const loaded = {
				object,
				linkKey: reference.key,
				by: by.address,
				ik: by.ik,
				at: clock.now(),
				...(protection ? { protection } : {})
			};
			await core.intend({
				kind: 'plain',
				shown: [core.rec('claimed', { objectId: object.id, claimId }), core.rec('template.loaded', loaded)]
			});
			return shown('RelationshipTemplate', core.top().get('templates', object.id));
		});

	/** A template this identity holds already: told again, without asking the relay. */
	async function tellAgain(row: TemplateRow): Promise<Result<TemplateRow> | undefined> {
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
		const { key, password } = reference.value;
		const told = {
			object,
			linkKey: key,
			by: row.createdBy,
			ik: keys.ik as Bytes,
			at: clock.now(),
			...(password ? { protection: protectionOf(password, row.passwordProtection?.password ?? '') } : {})
		};
		await core.intend({ kind: 'plain', shown: [core.rec('template.loaded', told)] });
		return shown('RelationshipTemplate', core.top().get('templates', row.id));
	}

	async function loadToken(reference: Reference, password: string | undefined): Promise<Result<TemplateRow>> {
		const token = await tokens.load(reference, {
			ephemeral: true,
			...(password === undefined ? {} : { password })
		});
		if (!token.ok) return token;
		const inside = referenceIn(token.value.content);
		return inside?.kind === 'template' ? loadReference(inside, password) : WRONG_CONTENT;
	}

	/** A token says nothing its template keeps to itself: whom it is for, and its password. */
	function tokenObjection(row: TemplateRow, input: CreateToken): Result<never> | undefined {
		if (!row.isOwn)
			return refuse(
				'error.runtime.relationshipTemplates.cannotCreateTokenForPeerTemplate',
				'You cannot create a token for a template of a peer.'
			);
		if (row.forIdentity !== undefined && row.forIdentity !== input.forIdentity)
			return refusedInherit(
				'personalization',
				'If a RelationshipTemplate is personalized, Tokens created from it must have the same personalization.'
			);
		if (row.passwordProtection && !isSameProtection(row.passwordProtection, normal(input.passwordProtection)))
			return refusedInherit(
				'passwordProtection',
				'If a RelationshipTemplate has password protection, Tokens created from it must have the same password protection.'
			);
		return undefined;
	}

	/** A location by its number or its name is the same. */
	function normal(input: CreateToken['passwordProtection']): CreateToken['passwordProtection'] {
		const parsed = parseProtection(random, input);
		return parsed.ok && parsed.value ? shownProtection(parsed.value) : input;
	}

	async function createToken(id: string, input: CreateToken): Promise<Result<TokenRow>> {
		const row = core.top().get('templates', id);
		if (!row || row._deleted) return notFound('RelationshipTemplate');
		const objection = tokenObjection(row, input);
		if (objection) return objection;
		const expiresAt = input.expiresAt ?? row.expiresAt ?? new Date(clock.now() + DEFAULT_TOKEN_LIFE).toISOString();
		const content = templateTokenContent(row.reference.url);
		return tokens.operations.create({ ...tokenTerms(input), content, expiresAt });
	}

	const visible = (row: TemplateRow | undefined) => (row?._deleted ? undefined : row);
	return {
		create,
		load: (text, options) => load(text, options?.password),
		get: (id) => visible(core.top().get('templates', id)),
		rows: (query = {}) =>
			shownAs(
				query,
				(asked) => core.top().rows('templates', asked),
				(row) => (row._deleted ? undefined : row)
			),
		list: () =>
			core
				.top()
				.list('templates')
				.filter((row) => !row._deleted),
		async delete(id) {
			const row = visible(core.top().get('templates', id));
			return row ? objects.remove(id, row.isOwn) : notFound('RelationshipTemplate');
		},
		createToken
	};
}
