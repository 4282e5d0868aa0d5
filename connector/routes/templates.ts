/** Relationship templates (connector-api.md §2.10): what a relationship begins with. */
import * as v from 'valibot';
import { notFound } from '../http/errors.ts';
import { alias, keys, type FilterTable } from '../http/filter.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { listRows, ofSide } from '../http/stream.ts';
import { address, idPattern, iso, passwordProtection, reference, text, tokenInput } from './input.ts';
import { expiryInPast, found, isPast } from './refuse.ts';
import { endpoint, type Call } from './route.ts';

/** Of templates and tokens. A password is a text like any other: what it begins with is no operator. */
export const protectionFilters: FilterTable = {
	...keys('exists', 'passwordProtection'),
	...keys('text', 'passwordProtection.password'),
	...keys('place', 'passwordProtection.passwordLocationIndicator'),
	'passwordProtection.passwordIsPin': alias('pin', 'passwordProtection', 'passwordProtection.passwordIsPin')
};
const filters: FilterTable = {
	...keys('value', 'isOwn createdAt expiresAt createdBy createdByDevice maxNumberOfAllocations forIdentity'),
	...protectionFilters
};
const TEMPLATE = idPattern('RLT');

const listed = (summary: string, accept: 'json' | 'any', isOwn?: boolean) =>
	endpoint({
		summary,
		accept,
		filters,
		run: ({ engine: { templates }, query }) =>
			listRows('templates', isOwn === undefined ? templates.rows : ofSide(templates.rows, isOwn), filters, query)
	});
export const list = listed('All templates', 'any');
export const own = listed('Own templates', 'json', true);
export const peer = listed('Loaded templates', 'json', false);

export const one = endpoint({
	summary: 'One template, or its reference as a QR code',
	accept: 'picture',
	params: { id: TEMPLATE },
	run: ({ engine, params }) => found('RelationshipTemplate', engine.templates.get(params['id'] ?? ''))
});

export const create = endpoint({
	summary: 'Create a template',
	body: strict({
		expiresAt: iso,
		content: jsonObject,
		maxNumberOfAllocations: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
		forIdentity: v.optional(address),
		passwordProtection
	}),
	run({ engine, body, now }) {
		if (isPast(body.expiresAt, now)) return expiryInPast();
		return engine.templates.create(withoutAbsent(body));
	}
});

/** exactOptionalPropertyTypes: an absent member is absent, not undefined. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
	[K in keyof T as undefined extends T[K] ? never : K]: T[K];
};
export const withoutAbsent = <T extends object>(input: T): Present<T> =>
	Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Present<T>;

export const load = endpoint({
	summary: 'Load a template of somebody else by its reference',
	body: strict({
		reference: reference(['RLT', 'TOK'], 'token / relationship template reference invalid'),
		password: v.optional(v.pipe(text, v.minLength(1)))
	}),
	run: ({ engine, body: { reference: named, ...options } }) => engine.templates.load(named, withoutAbsent(options))
});

/** A picture is of a token nobody keeps. */
export const isEphemeral = (call: Call<unknown>, asked: boolean | undefined) => call.wantsPicture || (asked ?? true);

export const createToken = endpoint({
	summary: 'Create a token that holds a template, or its QR code',
	accept: 'picture',
	params: { templateId: TEMPLATE },
	body: tokenInput,
	run(call) {
		const { engine, params, body, now } = call;
		if (isPast(body.expiresAt, now)) return expiryInPast();
		const input = { ...withoutAbsent(body), ephemeral: isEphemeral(call, body.ephemeral) };
		return engine.templates.createToken(params['templateId'] ?? '', input);
	}
});

export const remove = endpoint({
	summary: 'Delete a template',
	accept: 'any',
	params: { templateId: TEMPLATE },
	run({ engine, params }) {
		const id = params['templateId'] ?? '';
		return engine.templates.get(id) === undefined ? notFound('RelationshipTemplate') : engine.templates.delete(id);
	}
});
