/**
 * A message broker as the publisher sees it. Each kind is one file: `open` reads its configuration and returns a broker that
 * connects when there is something to publish. Client libraries are imported when their broker is configured, not before.
 */
import type { GenericSchema, InferOutput } from 'valibot';
import type { Clock } from '../../../crdt/index.ts';
import { BROKER_TIMEOUT_MS } from '../../limits.ts';

export interface Outgoing {
	/** The event's name. */
	readonly name: string;
	/** JSON of the event's data, `{}` when it carries none. */
	readonly body: string;
	/** With `retry` only; travels as header `x-event-id` where the protocol has headers. */
	readonly eventId?: string;
}
export interface Broker {
	/** Resolves when the broker took it. */
	publish(event: Outgoing): Promise<void>;
	/** Connects now, so that a wrong address shows at the start. */
	ready(): Promise<void>;
	close(): Promise<void>;
}

/** One kind of broker: what its configuration is, and how to speak with it. */
export interface BrokerKind<S extends GenericSchema = GenericSchema> {
	readonly configuration: S;
	open(configuration: InferOutput<S>, clock: Clock): Broker;
}
/** Lets the configuration's type flow from its schema. */
export const brokerKind = <S extends GenericSchema>(kind: BrokerKind<S>): BrokerKind => kind as unknown as BrokerKind;

/** An open connection: `closed` settles when it is over, whoever ended it. */
export interface Connection<T> {
	readonly use: T;
	readonly closed: Promise<void>;
	close(): Promise<void>;
}

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Rejects after a while; what goes on in the background is not waited for. */
export function within<T>(promise: Promise<T>, ms: number): Promise<T> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(() => late.reject(failure('timeout')), ms);
	return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}

/**
 * A broker over connections that are opened when needed: one at a time, shared by everything published meanwhile, forgotten
 * when it ends, so the next event connects again.
 */
export function connecting<T>(
	connect: () => Promise<Connection<T>>,
	publish: (use: T, event: Outgoing) => Promise<void>,
	timeoutMs = BROKER_TIMEOUT_MS
): Broker {
	let current: Promise<Connection<T>> | undefined;
	let isOver = false;
	const connected = () => {
		if (isOver) return Promise.reject(failure('stopped'));
		if (current) return current;
		const opening = connect();
		current = opening;
		const forget = () => {
			if (current === opening) current = undefined;
		};
		opening.then(({ closed }) => closed.then(forget, forget), forget);
		return opening;
	};
	const broken = async (closed: Promise<void>): Promise<never> => {
		await closed.catch(() => undefined);
		throw failure('connectionClosed');
	};
	return {
		async ready() {
			await within(connected(), timeoutMs);
		},
		publish: (event) =>
			within(
				connected().then(({ use, closed }) => Promise.race([publish(use, event), broken(closed)])),
				timeoutMs
			),
		async close() {
			isOver = true;
			const last = await current?.catch(() => undefined);
			if (last) await within(last.close(), timeoutMs).catch(() => undefined);
		}
	};
}
