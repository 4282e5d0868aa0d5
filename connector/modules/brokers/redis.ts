/** Redis: `PUBLISH <event name> <data>`. No headers, and nobody keeps it: who does not listen misses it. */
import * as v from 'valibot';
import { BROKER_TIMEOUT_MS } from '../../limits.ts';
import { brokerKind, connecting } from './broker.ts';

/** What is used of the client; its full type lists every command there is. */
interface Publisher {
	publish(channel: string, message: string): Promise<number>;
}

export const redis = brokerKind({
	configuration: v.strictObject({ url: v.string() }),
	open: ({ url }) =>
		connecting<Publisher>(
			async () => {
				const { createClient } = await import('@redis/client');
				const client = createClient({
					url,
					socket: { reconnectStrategy: false, connectTimeout: BROKER_TIMEOUT_MS }
				});
				const closed = new Promise<void>((resolve) => {
					client.on('end', () => resolve());
					client.on('error', () => resolve());
				});
				await client.connect();
				return {
					use: client,
					closed,
					close: async () => {
						if (client.isOpen) await client.close();
					}
				};
			},
			async (client, { name, body }) => {
				await client.publish(name, body);
			}
		)
});
