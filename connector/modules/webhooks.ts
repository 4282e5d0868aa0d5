/**
 * Webhooks (connector-api.md §8.1): every event whose name matches a trigger is posted to its target as
 * `{"trigger": <event name>, "data": <the DTO REST would return>}`. No retries, no queue, no time-out, no redirects, no
 * order; a failure is logged without its text. Two entries that match deliver twice.
 */
import * as v from 'valibot';
import type { EngineEvent, Refusal } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { toDto } from '../dto.ts';
import { problemLines } from '../http/schema.ts';
import { MAX_WEBHOOK_ANSWER_BYTES, TOKEN_RENEWAL_MS } from '../limits.ts';
import { correlationId, placeOf } from '../log.ts';
import { createSender, type Sender } from './outgoing.ts';
import type { ModuleParts, StartModule } from './module.ts';

const text = v.string();
const authenticationSchema = v.variant('type', [
	v.strictObject({ type: v.literal('ApiKey'), apiKey: text, headerName: v.optional(text, 'x-api-key') }),
	v.strictObject({
		type: v.literal('OAuth2'),
		accessTokenUrl: text,
		clientId: text,
		clientSecret: text,
		scope: v.optional(text)
	})
]);
type Authentication = v.InferOutput<typeof authenticationSchema>;
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
	skipTlsCheck: v.optional(v.boolean(), false)
});
type TargetConfig = v.InferOutput<typeof targetSchema>;

interface Target {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Headers that prove who we are; fetched when needed. */
	readonly authorize: () => Promise<Readonly<Record<string, string>>>;
}
interface Webhook {
	readonly matches: (event: string) => boolean;
	readonly target: Target;
}

const PLACEHOLDER = '{{trigger}}';
const CODE = 'error.runtime.modules.webhooks.';
const problem = (name: string, message: string): Refusal => ({ code: CODE + name, message });

/** `*` one segment, `**` any number (none too), segments separated by dots. */
export function triggerMatches(trigger: string, event: string): boolean {
	const match = (pattern: readonly string[], name: readonly string[]): boolean => {
		const [first, ...rest] = pattern;
		if (first === undefined) return name.length === 0;
		if (first === '**') return match(rest, name) || (name.length > 0 && match(pattern, name.slice(1)));
		return name.length > 0 && (first === '*' || first === name[0]) && match(rest, name.slice(1));
	};
	return match(trigger.split('.'), event.split('.'));
}

const isHttpUrl = (url: string) => /^https?:\/\//i.test(url) && URL.canParse(url.replace(PLACEHOLDER, 'trigger'));

type OAuth2 = Extract<Authentication, { type: 'OAuth2' }>;

/** Client credentials; the token is kept until shortly before it expires, and callers that ask at once share one request. */
function tokenSource(options: OAuth2, { clock }: ModuleParts, send: Sender): () => Promise<string> {
	let kept: { token: string; until: number } | undefined;
	let asking: Promise<string> | undefined;
	const ask = async () => {
		const basic = Buffer.from(
			`${encodeURIComponent(options.clientId)}:${encodeURIComponent(options.clientSecret)}`
		).toString('base64');
		const form = new URLSearchParams({
			grant_type: 'client_credentials',
			...(options.scope === undefined ? {} : { scope: options.scope })
		});
		const headers = {
			authorization: `Basic ${basic}`,
			'content-type': 'application/x-www-form-urlencoded',
			accept: 'application/json'
		};
		const answer = await send(options.accessTokenUrl, headers, form.toString());
		const body = JSON.parse(answer.text) as { access_token?: unknown; expires_in?: unknown };
		if (answer.status >= 300 || typeof body.access_token !== 'string') throw new Error('no access token');
		kept = {
			token: body.access_token,
			until: clock.now() + Number(body.expires_in ?? 0) * 1000 - TOKEN_RENEWAL_MS
		};
		return kept.token;
	};
	return async () => {
		if (kept && kept.until > clock.now()) return kept.token;
		return (asking ??= ask().finally(() => (asking = undefined)));
	};
}

function authorizer(given: unknown, parts: ModuleParts, send: Sender): Target['authorize'] | undefined {
	if (given === undefined) return async () => ({});
	const parsed = v.safeParse(authenticationSchema, given);
	if (!parsed.success) return undefined;
	const authentication = parsed.output;
	if (authentication.type === 'ApiKey') return async () => ({ [authentication.headerName]: authentication.apiKey });
	if (!isHttpUrl(authentication.accessTokenUrl)) return undefined;
	const token = tokenSource(authentication, parts, send);
	return async () => ({ authorization: `Bearer ${await token()}` });
}

function targetOf(
	config: TargetConfig,
	name: string,
	parts: ModuleParts,
	send: Sender
): { ok: true; value: Target } | { ok: false; error: Refusal } {
	if (!isHttpUrl(config.url))
		return {
			ok: false,
			error: problem(
				'invalidUrlFormat',
				`The url of the webhook target '${name}' must be an http or https address.`
			)
		};
	const authorize = authorizer(config.authentication, parts, send);
	if (!authorize)
		return {
			ok: false,
			error: problem(
				'invalidAuthenticationConfig',
				`The authentication of the webhook target '${name}' is not valid.`
			)
		};
	return ok({ url: config.url, headers: config.headers, authorize });
}

async function deliver({ log }: ModuleParts, send: Sender, target: Target, event: EngineEvent): Promise<void> {
	const id = correlationId();
	try {
		const data = event.data === undefined ? {} : { data: toDto(event.data) };
		const headers = {
			'content-type': 'application/json',
			...target.headers,
			...(id === undefined ? {} : { 'x-correlation-id': id }),
			...(await target.authorize())
		};
		const answer = await send(
			target.url.replace(PLACEHOLDER, event.name),
			headers,
			JSON.stringify({ trigger: event.name, ...data })
		);
		if (answer.status >= 300) log.warn({ trigger: event.name, status: answer.status }, 'webhook refused');
	} catch (error) {
		log.warn({ trigger: event.name, ...placeOf(error) }, 'webhook not delivered');
	}
}

/** Every configured webhook with its target, or the first thing that is wrong. */
function webhooksOf(
	options: v.InferOutput<typeof optionsSchema>,
	parts: ModuleParts,
	send: Sender
): { ok: true; value: Webhook[] } | { ok: false; error: Refusal } {
	const targets = new Map<string, Target>();
	for (const [name, config] of Object.entries(options.targets)) {
		const target = targetOf(config, name, parts, send);
		if (!target.ok) return target;
		targets.set(name, target.value);
	}
	const webhooks: Webhook[] = [];
	for (const { triggers, target } of options.webhooks) {
		const named = typeof target === 'string' ? targets.get(target) : undefined;
		if (typeof target === 'string' && !named)
			return { ok: false, error: problem('invalidTargetReference', `There is no webhook target '${target}'.`) };
		const resolved = typeof target === 'string' ? named && ok(named) : targetOf(target, 'inline', parts, send);
		if (!resolved?.ok)
			return (
				resolved ?? {
					ok: false,
					error: problem('invalidTargetReference', 'The target of a webhook is missing.')
				}
			);
		webhooks.push({
			matches: (event) => triggers.some((trigger) => triggerMatches(trigger, event)),
			target: resolved.value
		});
	}
	return ok(webhooks);
}

export const startWebhooks: StartModule<unknown> = (parts, given) => {
	const parsed = v.safeParse(optionsSchema, given);
	if (!parsed.success)
		return {
			ok: false,
			error: problem('invalidConfiguration', `modules.webhooks.${problemLines(parsed.issues)[0]}`)
		};
	const send = createSender({ skipTlsCheck: parsed.output.skipTlsCheck, maxBytes: MAX_WEBHOOK_ANSWER_BYTES });
	const webhooks = webhooksOf(parsed.output, parts, send);
	if (!webhooks.ok) return webhooks;
	const stop = parts.engine.onEvent((event) => {
		for (const webhook of webhooks.value)
			if (webhook.matches(event.name)) void deliver(parts, send, webhook.target, event);
	});
	return ok(async () => stop());
};
