/** Schemas more than one endpoint uses. Patterns of ids and addresses are applied unanchored, as clients know it. */
import * as v from 'valibot';
import { toUtc, type JsonObject, type PasswordProtection } from '../../crdt/index.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { MAX_REFERENCE_LENGTH } from '../limits.ts';

export const idPattern = (prefix: string) => new RegExp(`${prefix}[A-Za-z0-9]{17}`);
export const ADDRESS = /did:e:((([A-Za-z0-9]+(-[A-Za-z0-9]+)*)\.)+[a-z]{2,}|localhost):dids:[0-9a-f]{22}/;

export const text = v.string();
export const address = v.pipe(text, v.regex(ADDRESS));
export const id = (prefix: string) => v.pipe(text, v.regex(idPattern(prefix)));

/** The same dates as inside of contents (a day there is, UTC without an offset), but only together with a time. */
const dateTime = (value: string) => (/T/i.test(value) ? toUtc(value.toUpperCase()) : undefined);
/** Any ISO-8601 date-time, as ISO-8601 UTC with milliseconds. */
export const iso = v.pipe(
	text,
	v.check((value) => dateTime(value) !== undefined, 'must match ISO8601 datetime format'),
	v.transform((value) => dateTime(value) ?? value)
);

/** Shape only: what a PIN and a location may be, the engine judges (§4.3), after it looked at the expiry. */
export const passwordProtection = v.optional(
	v.pipe(
		strict({
			password: v.pipe(text, v.minLength(1)),
			passwordIsPin: v.optional(v.literal(true)),
			passwordLocationIndicator: v.optional(v.unknown())
		}),
		v.transform((given) => given as PasswordProtection)
	)
);

/** A token for a template or a file; everything may be left out. */
export const tokenInput = strict({
	expiresAt: v.optional(iso),
	ephemeral: v.optional(v.boolean()),
	forIdentity: v.optional(address),
	passwordProtection
});

const TRUNCATED = /^[A-Za-z0-9_-]{84,}=*$/;
const URL_FORM = /^https?:\/\/.*\/r\/(TOK|FIL|RLT)[a-zA-Z0-9]+(\?app=.+)?#[a-zA-Z0-9-_]+$/;
const PREFIX = { RLT: 'UkxU', TOK: 'VE9L', FIL: 'RklM' } as const;
type Kind = keyof typeof PREFIX;

/** A URL may name anything where a token may stand for it: that it is something else is the engine's to say (§2.6, §4.2). */
const isReference = (value: unknown, kinds: readonly Kind[]): value is string => {
	if (typeof value !== 'string') return false;
	const named = value.length <= MAX_REFERENCE_LENGTH ? URL_FORM.exec(value)?.[1] : undefined;
	if (named !== undefined) return kinds.length > 1 || kinds.includes(named as Kind);
	return TRUNCATED.test(value) && kinds.some((kind) => value.startsWith(PREFIX[kind]));
};
/** Truncated or URL form of one of these kinds; anything else is refused with this text alone. */
export const reference = (kinds: readonly Kind[], refusal: string) =>
	v.pipe(
		v.optional(v.unknown(), null),
		v.check((value) => isReference(value, kinds), `!${refusal}`),
		v.transform((value) => value as string)
	);

/** The first value of these query parameters, as one object; those that are not there are left out. */
export const first = (query: ReadonlyMap<string, readonly string[]>, names: readonly string[]): JsonObject =>
	Object.fromEntries(
		names.flatMap((name) => (query.get(name)?.[0] === undefined ? [] : [[name, query.get(name)?.[0]]]))
	);

/** `{value, tags?}` of an attribute; the value is judged by the engine. */
export const attributeContent = v.pipe(
	strict({ value: jsonObject, tags: v.optional(v.array(text)) }),
	v.transform((content) => content as JsonObject)
);
