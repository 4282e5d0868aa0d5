/** Tokens (connector-api.md §2.12): JSON of whatever form behind a reference. Ephemeral ones are kept nowhere. */
import * as v from 'valibot';
import { notFound } from '../http/errors.ts';
import { keys, type FilterTable } from '../http/filter.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { listRows, ofSide } from '../http/stream.ts';
import { address, idPattern, iso, passwordProtection, reference, text } from './input.ts';
import { expiryInPast, found, isPast } from './refuse.ts';
import { endpoint } from './route.ts';
import { protectionFilters, withoutAbsent } from './templates.ts';

const filters: FilterTable = {
	...keys('value', 'isOwn createdAt createdBy createdByDevice expiresAt forIdentity'),
	...protectionFilters
};
const TOKEN = idPattern('TOK');

const listed = (summary: string, isOwn: boolean) =>
	endpoint({
		summary,
		filters,
		run: ({ engine, query }) => listRows('tokens', ofSide(engine.tokens.rows, isOwn), filters, query)
	});
export const own = listed('Own tokens', true);
export const peer = listed('Loaded tokens', false);

export const one = endpoint({
	summary: 'One token, or its reference as a QR code',
	accept: 'picture',
	params: { id: TOKEN },
	run: ({ engine, params }) => found('Token', engine.tokens.get(params['id'] ?? ''))
});

export const create = endpoint({
	summary: 'Create a token',
	body: strict({
		content: jsonObject,
		expiresAt: iso,
		ephemeral: v.optional(v.boolean()),
		forIdentity: v.optional(address),
		passwordProtection
	}),
	run({ engine, body, now }) {
		if (isPast(body.expiresAt, now)) return expiryInPast();
		return engine.tokens.create(withoutAbsent(body));
	}
});

export const load = endpoint({
	summary: 'Load a token of somebody else by its reference',
	body: strict({
		reference: reference(['TOK'], 'token reference invalid'),
		ephemeral: v.optional(v.boolean()),
		password: v.optional(v.pipe(text, v.minLength(1)))
	}),
	run: ({ engine, body: { reference: named, ...options } }) => engine.tokens.load(named, withoutAbsent(options))
});

export const remove = endpoint({
	summary: 'Delete a token',
	accept: 'any',
	params: { tokenId: TOKEN },
	run({ engine, params }) {
		const id = params['tokenId'] ?? '';
		return engine.tokens.get(id) === undefined ? notFound('Token') : engine.tokens.delete(id);
	}
});
