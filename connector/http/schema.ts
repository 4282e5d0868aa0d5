/**
 * Valibot schemas judged the way clients of the original know it: the first failing rule only, as
 * `<json pointer without leading slash> <message of a JSON-schema validator>` (connector-api.md §1).
 *
 * Order inside one object: missing members, unknown members, then the members' own values in schema order. A message that
 * begins with `!` stands alone, without pointer.
 */
import * as v from 'valibot';
import type { JsonObject, Result } from '../../crdt/index.ts';
import { ok, refuse } from '../../crdt/index.ts';

type Issue = v.BaseIssue<unknown>;

const WORDS: Readonly<Record<string, string>> = { Object: 'object', Array: 'array' };
/** `recipients/0` for the first recipient. */
const pointer = (issue: Issue) => (issue.path ?? []).map((item) => String(item.key)).join('/');
const keyOf = (issue: Issue) => String(issue.path?.at(-1)?.key);
const isMissing = (issue: Issue) => issue.type.endsWith('object') && issue.expected?.startsWith('"') === true;
const isUnknownKey = (issue: Issue) => issue.type === 'strict_object' && issue.expected === 'never';

/** Valibot takes a list for an object and then misses its members; to everybody else it is no object. */
const isList = (issue: Issue) => (isMissing(issue) || isUnknownKey(issue)) && Array.isArray(issue.path?.at(-1)?.input);

/** The message of a rule as ajv words it; messages of our own checks are taken as they are. */
function words(issue: Issue): string {
	if (isList(issue)) return 'must be object';
	if (isMissing(issue)) return `must have required property '${keyOf(issue)}'`;
	if (isUnknownKey(issue)) return 'must NOT have additional properties';
	switch (issue.type) {
		case 'min_length':
			return Array.isArray(issue.input)
				? `must NOT have fewer than ${issue.requirement} items`
				: `must NOT have fewer than ${issue.requirement} characters`;
		case 'max_length':
			return Array.isArray(issue.input)
				? `must NOT have more than ${issue.requirement} items`
				: `must NOT have more than ${issue.requirement} characters`;
		case 'min_value':
			return `must be >= ${issue.requirement}`;
		case 'max_value':
			return `must be <= ${issue.requirement}`;
		case 'integer':
			return 'must be integer';
		case 'regex':
			return `must match pattern ${(issue.requirement as RegExp).source.replaceAll('\\/', '/')}`;
		case 'picklist':
			return 'must be equal to one of the allowed values';
		case 'literal':
			return 'must be equal to constant';
		case 'check':
		case 'custom':
		case 'union':
			return issue.message;
		default:
			return `must be ${WORDS[String(issue.expected)] ?? issue.expected}`;
	}
}

/** Where the fault lies: a missing or unknown member is a fault of the object around it. */
const place = (issue: Issue) => {
	const path = pointer(issue);
	return isMissing(issue) || isUnknownKey(issue) ? path.split('/').slice(0, -1).join('/') : path;
};

function line(issue: Issue): string {
	const text = words(issue);
	return text.startsWith('!') ? text.slice(1) : `${place(issue)} ${text}`.replaceAll('"', '').trim();
}

/** 0 missing, 1 unknown, 2 a member's own value: smaller comes first within one object. */
const rank = (issue: Issue) => (isMissing(issue) ? 0 : isUnknownKey(issue) ? 1 : 2);

/** The issue a validator that stops at the first fault would report. */
function firstIssue(issues: readonly Issue[], depth = 0): Issue {
	const here = issues.filter((issue) => (issue.path?.length ?? 0) <= depth + 1);
	const best = [0, 1].flatMap((wanted) => here.filter((issue) => rank(issue) === wanted))[0];
	const first = best ?? issues[0];
	if (!first) throw new Error('no issue');
	if (best || (first.path?.length ?? 0) <= depth + 1) return first;
	const key = first.path?.[depth]?.key;
	return firstIssue(
		issues.filter((issue) => issue.path?.[depth]?.key === key),
		depth + 1
	);
}

/** Every violation, one line each, as a person who wrote a configuration reads it: `a.b must be number`, `a.c is unknown`. */
export const problemLines = (issues: readonly Issue[]): string[] =>
	issues.map((issue) => {
		if (isUnknownKey(issue)) return `${dotted(issue)} is unknown`;
		if (isMissing(issue)) return `${dotted(issue)} is required`;
		return `${dotted(issue)} ${words(issue)}`.trim();
	});
const dotted = (issue: Issue) => pointer(issue).replaceAll('/', '.');

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
/** Any JSON object. */
export const jsonObject = v.custom<JsonObject>(isPlainObject, 'must be object');
/** An object with these members and no others (a list is not one, see `isList`). */
export const strict = v.strictObject;

/** The value as the schema gives it, or 400 `error.runtime.validation.invalidPropertyValue`. */
export function parseInput<S extends v.GenericSchema>(schema: S, input: unknown): Result<v.InferOutput<S>> {
	const parsed = v.safeParse(schema, input);
	if (parsed.success) return ok(parsed.output);
	return invalidValue(line(firstIssue(parsed.issues)));
}

export const invalidValue = (message: string) => refuse('error.runtime.validation.invalidPropertyValue', message);
