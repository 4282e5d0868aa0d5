/** MQTT 3.1.1: topic = event name with `/` for `.`; quality of service 1, so the broker says that it took it. No headers. */
import type { MqttClient } from 'mqtt';
import * as v from 'valibot';
import { BROKER_TIMEOUT_MS } from '../../limits.ts';
import { brokerKind, connecting } from './broker.ts';

export const mqtt = brokerKind({
	configuration: v.strictObject({ url: v.string() }),
	open: ({ url }) =>
		connecting<MqttClient>(
			async () => {
				const { connectAsync } = await import('mqtt');
				const client = await connectAsync(
					url,
					{ reconnectPeriod: 0, connectTimeout: BROKER_TIMEOUT_MS },
					false
				);
				client.on('error', () => undefined);
				return {
					use: client,
					closed: new Promise<void>((resolve) => client.once('close', () => resolve())),
					close: () => client.endAsync()
				};
			},
			async (client, { name, body }) => {
				await client.publishAsync(name.replaceAll('.', '/'), body, { qos: 1 });
			}
		)
});
