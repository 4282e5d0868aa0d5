/**
 * Webhooks (connector-api.md §8.1): every event whose name matches a trigger is posted to its target as
 * `{"trigger": <event name>, "data": <the DTO REST would return>}`. Without `retry` as in the original: one attempt, no queue,
 * no time-out, no redirects, no order; a failure is logged without its text. Two entries that match deliver twice.
 *
 * With `retry` a delivery is kept until its target took it (outbox.ts), in order per target; then, and only then, it carries
 * the event id: header `x-event-id` and member `id`.
 *
 * With `shared` the Connectors of one identity deliver each event once among them (protocol.md §13.5).
 */
import { ok } from '../../crdt/index.ts';
import { DELIVERY_TIMEOUT_MS, MAX_CLAIM_AGE_MS, MAX_WEBHOOK_ANSWER_BYTES } from '../limits.ts';
import { correlationId, withCorrelation } from '../log.ts';
import { isLocal, type Told } from './events.ts';
import type { OutsideParts, StartLater } from './module.ts';
import { nameOf, type Delivery, type Lane, type Patience } from './outbox.ts';
import { createSender, type Sender } from './outgoing.ts';
import { patienceOf, type Retry } from './retry.ts';
import { parseOptions, webhooksOf, type Target, type Webhook } from './targets.ts';

type Posted = { ok: true } | { ok: false; reason: string };

async function post(
	send: Sender,
	target: Target,
	delivery: Omit<Delivery, 'eventId'> & { eventId?: string },
	signal?: AbortSignal
): Promise<Posted> {
	const { trigger, body, eventId, correlationId: correlation } = delivery;
	try {
		const headers = {
			'content-type': 'application/json',
			...target.headers,
			...(correlation === undefined ? {} : { 'x-correlation-id': correlation }),
			...(eventId === undefined ? {} : { 'x-event-id': eventId }),
			...(await target.authorize())
		};
		const { status } = await send(target.urlFor(trigger), headers, body, signal);
		return status >= 200 && status < 300 ? { ok: true } : { ok: false, reason: `status ${status}` };
	} catch (error) {
		return { ok: false, reason: signal?.aborted ? 'timeout' : nameOf(error) };
	}
}

const bodyOf = ({ name, data, id }: Told, hasId: boolean): string =>
	JSON.stringify({
		trigger: name,
		...(data === undefined ? {} : { data }),
		...(hasId ? { id } : {})
	});
const correlated = () => {
	const id = correlationId();
	return id === undefined ? {} : { correlationId: id };
};

/** The lane of events whose device is not known yet. No target's lane is called so: there a # is encoded. */
const CLAIMS = 'webhook:#shared';
/** Whose an event is has to be known before anything is tried, however often the relay has to be asked. */
const claimPatience = (retry: Retry | undefined): Patience => ({
	attempts: Number.MAX_SAFE_INTEGER,
	maxAgeMs: retry ? patienceOf(retry).maxAgeMs : MAX_CLAIM_AGE_MS
});

type Take = (event: { readonly name: string; readonly id: string; readonly body: string }) => void;
interface Delivering {
	/** Hands an event to every webhook that wants it. */
	readonly take: Take;
	stop(): Promise<void>;
}

/** Kept until delivered, one lane per target. */
function lanesOf({ outbox }: OutsideParts, webhooks: readonly Webhook[], send: Sender, retry: Retry): Delivering {
	const lanes = new Map<string, Lane>();
	for (const { target } of webhooks)
		if (!lanes.has(target.lane))
			lanes.set(
				target.lane,
				outbox.lane(target.lane, patienceOf(retry), (delivery, stopped) =>
					post(send, target, delivery, AbortSignal.any([stopped, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]))
				)
			);
	return {
		take({ name, id, body }) {
			for (const { target, matches } of webhooks)
				if (matches(name)) lanes.get(target.lane)?.put({ trigger: name, eventId: id, body, ...correlated() });
		},
		stop: async () => void (await Promise.all([...lanes.values()].map((lane) => lane.stop())))
	};
}

/** One attempt, forgotten afterwards. */
const once = ({ log }: OutsideParts, webhooks: readonly Webhook[], send: Sender): Delivering => ({
	take({ name, body }) {
		for (const { target, matches } of webhooks)
			if (matches(name))
				void post(send, target, { trigger: name, body, ...correlated() }).then((posted) => {
					if (!posted.ok) log.warn({ trigger: name, reason: posted.reason }, 'webhook not delivered');
				});
	},
	stop: async () => undefined
});

/**
 * Several devices of one identity deliver one event once: it waits in a row of its own until the relay said whose it is. What
 * this process alone saw (its start, the end of its sync) is everybody's own.
 */
function claimed({ engine, outbox }: OutsideParts, delivering: Delivering, patience: Patience): Delivering {
	const lane = outbox.lane(
		CLAIMS,
		patience,
		async ({ trigger: name, eventId: id, body, correlationId: correlation }) => {
			const isOurs = isLocal(name) ? ok(true) : await engine.account.claimEvent(id);
			if (!isOurs.ok) return { ok: false, reason: isOurs.error.code };
			const take = () => delivering.take({ name, id, body });
			if (isOurs.value) void (correlation === undefined ? take() : withCorrelation(correlation, take));
			return { ok: true };
		}
	);
	return {
		take: ({ name, id, body }) => lane.put({ trigger: name, eventId: id, body, ...correlated() }),
		async stop() {
			await lane.stop();
			await delivering.stop();
		}
	};
}

export const startWebhooks: StartLater<unknown> = async (parts, given) => {
	const options = parseOptions(given);
	if (!options.ok) return options;
	const { skipTlsCheck, retry, shared } = options.value;
	const send = createSender({ skipTlsCheck, maxBytes: MAX_WEBHOOK_ANSWER_BYTES });
	const webhooks = webhooksOf(options.value, parts.clock, send);
	if (!webhooks.ok) return webhooks;
	const direct =
		retry === undefined ? once(parts, webhooks.value, send) : lanesOf(parts, webhooks.value, send, retry);
	const delivering = shared ? claimed(parts, direct, claimPatience(retry)) : direct;
	// What an earlier configuration left waiting, without `retry` all of it, is not forgotten silently.
	await parts.outbox.abandon('webhook:');
	const take = (event: Told) => {
		if (webhooks.value.some(({ matches }) => matches(event.name)))
			delivering.take({ name: event.name, id: event.id, body: bodyOf(event, retry !== undefined) });
	};
	if (retry) parts.journal.catchUp(take);
	const stop = parts.events.on(take);
	return ok(async () => {
		stop();
		await delivering.stop();
	});
};
