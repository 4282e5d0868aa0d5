/** AMQP 0-9-1 (RabbitMQ): an exchange that is there already, routing key = event name; the broker confirms each message. */
import * as v from 'valibot';
import { brokerKind, connecting, within, type Connection } from './broker.ts';

const configuration = v.strictObject({
	url: v.string(),
	/** The default exchange routes to the queue named like the event. */
	exchange: v.optional(v.string(), ''),
	/** Milliseconds to connect, and for one message. */
	timeout: v.optional(v.pipe(v.number(), v.gtValue(0)), 2000)
});

export const amqp = brokerKind({
	configuration,
	open({ url, exchange, timeout }) {
		async function connect() {
			const { connect: dial } = await import('amqplib');
			const connection = await dial(url, { timeout });
			const closed = new Promise<void>((resolve) => connection.on('close', () => resolve()));
			// What happened is told by `closed` and by the call that failed.
			connection.on('error', () => undefined);
			try {
				const channel = await connection.createConfirmChannel();
				channel.on('error', () => undefined);
				channel.on('close', () => void connection.close().catch(() => undefined));
				if (exchange !== '') await within(channel.checkExchange(exchange), timeout);
				return { use: channel, closed, close: () => connection.close() } satisfies Connection<typeof channel>;
			} catch (error) {
				await connection.close().catch(() => undefined);
				throw error;
			}
		}
		return connecting(
			connect,
			(channel, { name, body, eventId }) =>
				new Promise((resolve, reject) => {
					const options = {
						contentType: 'application/json',
						...(eventId === undefined
							? {}
							: { messageId: eventId, persistent: true, headers: { 'x-event-id': eventId } })
					};
					channel.publish(exchange, name, Buffer.from(body), options, (error: unknown) => {
						if (error instanceof Error) reject(error);
						else if (error) reject(Object.assign(new Error('refused'), { code: 'refused' }));
						else resolve();
					});
				}),
			timeout
		);
	}
});
