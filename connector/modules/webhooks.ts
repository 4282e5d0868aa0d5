/**
 * Webhooks (connector-api.md §8.1): every event whose name matches a trigger is posted to its target as
 * `{"trigger": <event name>, "data": <the DTO REST would return>}`. Without `retry` as in the original: one attempt, no queue,
 * no time-out, no redirects, no order; a failure is logged without its text. Two entries that match deliver twice.
 *
 * With `retry` a delivery is kept until its target took it (outbox.ts), in order per target; then, and only then, it carries
 * the event id: header `x-event-id` and member `id`.
 */
import { ok } from '../../crdt/index.ts';
import { DELIVERY_TIMEOUT_MS, MAX_WEBHOOK_ANSWER_BYTES } from '../limits.ts';
import { correlationId } from '../log.ts';
import type { Told } from './events.ts';
import type { OutsideParts, StartLater } from './module.ts';
import { nameOf, type Delivery, type Lane } from './outbox.ts';
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
		return { ok: false, reason: nameOf(error) };
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

/** One attempt, forgotten afterwards. */
function deliverOnce({ events, log }: OutsideParts, webhooks: readonly Webhook[], send: Sender): () => Promise<void> {
	const stop = events.on((event) => {
		for (const { target, matches } of webhooks) {
			if (!matches(event.name)) continue;
			const delivery = { trigger: event.name, body: bodyOf(event, false), ...correlated() };
			void post(send, target, delivery).then((posted) => {
				if (!posted.ok) log.warn({ trigger: event.name, reason: posted.reason }, 'webhook not delivered');
			});
		}
	});
	return async () => stop();
}

/** Kept until delivered, one lane per target. */
async function deliverSurely(
	{ events, outbox }: OutsideParts,
	webhooks: readonly Webhook[],
	send: Sender,
	retry: Retry
): Promise<() => Promise<void>> {
	const lanes = new Map<string, Lane>();
	for (const { target } of webhooks)
		if (!lanes.has(target.lane))
			lanes.set(
				target.lane,
				outbox.lane(target.lane, patienceOf(retry), (delivery, stopped) =>
					post(send, target, delivery, AbortSignal.any([stopped, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]))
				)
			);
	await outbox.abandon('webhook:');
	const stop = events.on((event) => {
		for (const { target, matches } of webhooks) {
			if (!matches(event.name)) continue;
			const delivery = { trigger: event.name, eventId: event.id, body: bodyOf(event, true), ...correlated() };
			lanes.get(target.lane)?.put(delivery);
		}
	});
	return async () => {
		stop();
		await Promise.all([...lanes.values()].map((lane) => lane.stop()));
	};
}

export const startWebhooks: StartLater<unknown> = async (parts, given) => {
	const options = parseOptions(given);
	if (!options.ok) return options;
	const { skipTlsCheck, retry } = options.value;
	const send = createSender({ skipTlsCheck, maxBytes: MAX_WEBHOOK_ANSWER_BYTES });
	const webhooks = webhooksOf(options.value, parts.clock, send);
	if (!webhooks.ok) return webhooks;
	return ok(
		retry === undefined
			? deliverOnce(parts, webhooks.value, send)
			: await deliverSurely(parts, webhooks.value, send, retry)
	);
};
