/**
 * messageBrokerPublisher (connector-api.md §8.2): every event to every broker; the body is the event's data alone, the name is
 * where it goes. Without `retry` one attempt, failures are logged; with it the outbox delivers, in order per broker.
 */
import * as v from 'valibot';
import { ok, refuse, type Clock, type Refusal } from '../../../crdt/index.ts';
import { problemLines } from '../../http/schema.ts';
import { correlationId } from '../../log.ts';
import type { Told } from '../events.ts';
import type { OutsideParts, StartLater } from '../module.ts';
import { nameOf, type Patience } from '../outbox.ts';
import { patienceOf, retrySchema } from '../retry.ts';
import { amqp } from './amqp.ts';
import type { Broker, BrokerKind } from './broker.ts';
import { mqtt } from './mqtt.ts';
import { nats } from './nats.ts';
import { pubSub } from './pubsub.ts';
import { redis } from './redis.ts';

const KINDS: Readonly<Record<string, BrokerKind>> = {
	AMQP: amqp,
	MQTT: mqtt,
	NATS: nats,
	PubSub: pubSub(),
	Redis: redis
};
const optionsSchema = v.looseObject({
	brokers: v.pipe(
		v.array(v.strictObject({ type: v.picklist(Object.keys(KINDS)), configuration: v.unknown() })),
		v.check((brokers) => brokers.length > 0, 'must name at least one broker')
	),
	retry: v.optional(retrySchema)
});

interface Named {
	readonly type: string;
	/** `broker:<type>:<place among the brokers>`: stays when a password changes. */
	readonly lane: string;
	readonly broker: Broker;
}

const invalid = (line: string | undefined) =>
	refuse(
		'error.runtime.modules.messageBrokerPublisher.invalidConfiguration',
		`modules.messageBrokerPublisher.${line ?? 'brokers is invalid'}`
	);

function brokersOf(
	given: v.InferOutput<typeof optionsSchema>['brokers'],
	clock: Clock
): { ok: true; value: Named[] } | { ok: false; error: Refusal } {
	const brokers: Named[] = [];
	for (const [index, { type, configuration }] of given.entries()) {
		const kind = KINDS[type]!;
		const parsed = v.safeParse(kind.configuration, configuration);
		if (!parsed.success) {
			const [line = ''] = problemLines(parsed.issues);
			return invalid(`brokers.${index}.configuration${line.startsWith('must') ? ' ' : '.'}${line}`);
		}
		brokers.push({ type, lane: `broker:${type}:${index}`, broker: kind.open(parsed.output, clock) });
	}
	return ok(brokers);
}

const outgoing = ({ name, data }: Told) => ({ name, body: JSON.stringify(data ?? {}) });

/** One attempt each, handed over in the order of the events, forgotten afterwards. */
function publishOnce({ events, log }: OutsideParts, brokers: readonly Named[]): () => Promise<void> {
	const stop = events.on((event) => {
		for (const { type, broker } of brokers)
			broker.publish(outgoing(event)).catch((error: unknown) => {
				log.warn({ trigger: event.name, broker: type, reason: nameOf(error) }, 'not published');
			});
	});
	return async () => stop();
}

/** Kept until published, one lane per broker. */
function publishSurely(
	{ events, journal, outbox }: OutsideParts,
	brokers: readonly Named[],
	patience: Patience
): () => Promise<void> {
	const lanes = brokers.map(({ lane, broker }) =>
		outbox.lane(lane, patience, async ({ trigger: name, body, eventId }) => {
			await broker.publish({ name, body, eventId });
			return { ok: true };
		})
	);
	const take = (event: Told) => {
		const { name: trigger, body } = outgoing(event);
		const id = correlationId();
		const delivery = { trigger, body, eventId: event.id, ...(id === undefined ? {} : { correlationId: id }) };
		for (const lane of lanes) lane.put(delivery);
	};
	journal.catchUp(take);
	const stop = events.on(take);
	return async () => {
		stop();
		await Promise.all(lanes.map((lane) => lane.stop()));
	};
}

export const startPublisher: StartLater<unknown> = async (parts, given) => {
	const options = v.safeParse(optionsSchema, given);
	if (!options.success) return invalid(problemLines(options.issues)[0]);
	const { retry } = options.output;
	const brokers = brokersOf(options.output.brokers, parts.clock);
	if (!brokers.ok) return brokers;
	// A broker that is away now may be there for the first event.
	for (const { type, broker } of brokers.value)
		broker.ready().catch((error: unknown) => {
			parts.log.warn({ broker: type, reason: nameOf(error) }, 'the broker cannot be reached yet');
		});
	const stop =
		retry === undefined
			? publishOnce(parts, brokers.value)
			: publishSurely(parts, brokers.value, patienceOf(retry));
	// What an earlier configuration left waiting is not forgotten silently.
	await parts.outbox.abandon('broker:');
	return ok(async () => {
		// Those waiting for a broker end with its connection.
		await Promise.all([stop(), ...brokers.value.map(({ broker }) => broker.close())]);
	});
};
