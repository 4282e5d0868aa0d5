/** The webhooks of a configuration (connector-api.md §8.1): which event goes where, with which headers. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ok, type Clock, type Refusal, type Result } from '../../crdt/index.ts';
import { problemLines } from '../http/schema.ts';
import { authorizer, type Authorize } from './authorize.ts';
import { triggerMatches } from './events.ts';
import type { Sender } from './outgoing.ts';
import { retrySchema } from './retry.ts';

const text = v.string();
const targetSchema = v.strictObject({
	url: text,
	headers: v.optional(v.record(text, text), {}),
	authentication: v.optional(v.unknown())
});
const optionsSchema = v.looseObject({
	targets: v.optional(v.record(text, targetSchema), {}),
	webhooks: v.optional(
		v.array(
			v.strictObject({
				triggers: v.array(text),
				target: v.union([text, targetSchema], 'must be the name of a target or a target')
			})
		),
		[]
	),
	skipTlsCheck: v.optional(v.boolean(), false),
	retry: v.optional(retrySchema),
	shared: v.optional(v.boolean(), false)
});
type TargetConfig = v.InferOutput<typeof targetSchema>;
export type WebhookOptions = v.InferOutput<typeof optionsSchema>;

export interface Target {
	/** The lane of its deliveries: `webhook:<name>`, of an inline target a digest of its address (which may hold a secret). */
	readonly lane: string;
	readonly urlFor: (event: string) => string;
	readonly headers: Readonly<Record<string, string>>;
	readonly authorize: Authorize;
}
export interface Webhook {
	readonly matches: (event: string) => boolean;
	readonly target: Target;
}

const PLACEHOLDER = '{{trigger}}';
const CODE = 'error.runtime.modules.webhooks.';
const problem = (name: string, message: string): { ok: false; error: Refusal } => ({
	ok: false,
	error: { code: CODE + name, message }
});

const isHttpUrl = (url: string) => /^https?:\/\//i.test(url) && URL.canParse(url.replace(PLACEHOLDER, 'trigger'));
const laneOf = (name: string) => `webhook:${encodeURIComponent(name).replaceAll('!', '%21')}`;
const inlineName = (url: string) => `inline-${createHash('sha256').update(url).digest('hex').slice(0, 12)}`;

export function parseOptions(given: unknown): Result<WebhookOptions> {
	const parsed = v.safeParse(optionsSchema, given);
	return parsed.success
		? ok(parsed.output)
		: problem('invalidConfiguration', `modules.webhooks.${problemLines(parsed.issues)[0]}`);
}

function targetOf(config: TargetConfig, name: string, clock: Clock, send: Sender): Result<Target> {
	if (!isHttpUrl(config.url))
		return problem('invalidUrlFormat', `The url of the webhook target '${name}' must be an http or https address.`);
	const authorize = authorizer(config.authentication, clock, send, isHttpUrl);
	if (!authorize)
		return problem(
			'invalidAuthenticationConfig',
			`The authentication of the webhook target '${name}' is not valid.`
		);
	return ok({
		lane: laneOf(name),
		// A function, because a replacement text may not be read as a pattern.
		urlFor: (event) => config.url.replace(PLACEHOLDER, () => event),
		headers: config.headers,
		authorize
	});
}

/** Every configured webhook with its target, or the first thing that is wrong. */
export function webhooksOf(options: WebhookOptions, clock: Clock, send: Sender): Result<Webhook[]> {
	const named = new Map<string, Target>();
	for (const [name, config] of Object.entries(options.targets)) {
		const target = targetOf(config, name, clock, send);
		if (!target.ok) return target;
		named.set(name, target.value);
	}
	const inline = new Map<string, Target>();
	const webhooks: Webhook[] = [];
	for (const { triggers, target: given } of options.webhooks) {
		const target = typeof given === 'string' ? named.get(given) : inlineTarget(given);
		if (!target) return problem('invalidTargetReference', `There is no webhook target '${String(given)}'.`);
		if ('ok' in target) return target;
		webhooks.push({ matches: (event) => triggers.some((trigger) => triggerMatches(trigger, event)), target });
	}
	return ok(webhooks);

	/** Inline targets of one address share its lane. */
	function inlineTarget(config: TargetConfig): Target | { ok: false; error: Refusal } {
		const made = targetOf(config, 'inline', clock, send);
		if (!made.ok) return made;
		const name = inlineName(JSON.stringify(config));
		const target = inline.get(name) ?? { ...made.value, lane: laneOf(name) };
		inline.set(name, target);
		return target;
	}
}
