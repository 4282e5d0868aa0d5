/** Tokens (connector-api.md §2.12): JSON of whatever form behind a reference. Ephemeral ones are kept nowhere. */
import type { Engine } from '../../api.ts';
import { parseReference, type Reference } from '../../codec/reference.ts';
import { parseTokenContent } from '../../content/parse.ts';
import type { TokenObject } from '../../object/object.ts';
import { parseProtection } from '../../object/protection.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { Json, JsonObject, TokenRow } from '../../views.ts';
import { tokenRow } from '../apply-objects.ts';
import { INVALID, notFound, shown, tooMuch, type Base } from './base.ts';
import { futureDate, type ObjectStore } from './object-store.ts';

const EMPTY = refuse('error.transport.tokens.emptyToken', 'The token is empty.');

export interface Tokens {
	readonly operations: Engine['tokens'];
	/** Also for templates and files, which look into it. */
	load(reference: Reference, options: { ephemeral: boolean; password?: string }): Promise<Result<TokenRow>>;
}

export function tokenOperations(base: Base, objects: ObjectStore): Tokens {
	const { core, self, clock, random, newId, reaching } = base;

	const create: Engine['tokens']['create'] = async (input) => {
		const expires = futureDate(input.expiresAt, clock.now());
		if (!expires.ok) return expires;
		const protection = parseProtection(random, input.passwordProtection);
		if (!protection.ok) return protection;
		const content = parseTokenContent(input.content);
		if (!content.ok) return content;
		const refused = tooMuch(content.value);
		if (refused) return refused;
		return reaching(async () => {
			const { id, random: idRandom } = newId('TOK');
			const object: TokenObject = {
				t: 'token',
				id,
				random: idRandom,
				content: content.value as JsonObject,
				time: clock.now(),
				device: self.deviceText,
				expiresAt: expires.value,
				...(input.forIdentity ? { for: input.forIdentity } : {})
			};
			const linkKey = random.bytes(32);
			const put = await objects.put(object, linkKey, {}, protection.value);
			if (!put.ok) return put;
			const holding = { linkKey, by: self.address, isOwn: true, url: core.ports.relay.url };
			if (input.ephemeral)
				return ok({ ...tokenRow(object, { ...holding, protection: protection.value }), isEphemeral: true });
			const record = { object, linkKey, ...(protection.value ? { protection: protection.value } : {}) };
			await core.intend({ kind: 'plain', shown: [core.rec('token.own', record)] });
			return shown('Token', core.top().get('tokens', id));
		});
	};

	const load: Tokens['load'] = async (reference, { ephemeral, password }) => {
		const stored = core.top().get('tokens', reference.id);
		if (stored) return isEmpty(stored.content) ? EMPTY : ok(stored);
		return reaching(async () => {
			const fetched = await objects.redeem(reference, password);
			if (!fetched.ok) return fetched;
			const { opened, claimId, protection } = fetched.value;
			const { object, by } = opened;
			if (object.t !== 'token') return refuse('error.runtime.invalidReference', 'It is no token.');
			if (isEmpty(object.content)) return EMPTY;
			const isOwn = by.address === self.address;
			const holding = { linkKey: reference.key, by: by.address, isOwn, url: core.ports.relay.url, protection };
			if (ephemeral) return ok({ ...tokenRow(object, holding), isEphemeral: true });
			const kept = { object, linkKey: reference.key, ...(protection ? { protection } : {}) };
			const record = isOwn
				? core.rec('token.own', kept)
				: core.rec('token.loaded', { ...kept, by: by.address, at: clock.now() });
			await core.intend({
				kind: 'plain',
				shown: [core.rec('claimed', { objectId: object.id, claimId }), record]
			});
			return shown('Token', core.top().get('tokens', object.id));
		});
	};

	return {
		load,
		operations: {
			create,
			async load(text, { ephemeral = false, password } = {}) {
				const reference = parseReference(text);
				if (!reference.ok && reference.error.code !== 'error.runtime.invalidReference') return reference;
				if (!reference.ok || reference.value.kind !== 'token')
					return refuse(INVALID, 'token reference invalid');
				return load(reference.value, { ephemeral, ...(password === undefined ? {} : { password }) });
			},
			get: (id) => core.top().get('tokens', id),
			list: () => core.top().list('tokens'),
			rows: (query) => core.top().rows('tokens', query),
			async delete(id) {
				const row = core.top().get('tokens', id);
				return row ? objects.remove(id, row.isOwn) : notFound('Token');
			}
		}
	};
}

/** A token that waits for its content (a device that shows a code before it has anything to say). */
const isEmpty = (content: Json): boolean => content === null;
