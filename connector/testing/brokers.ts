/** Where the message brokers are that tests publish to: Debian's ports, or others by `AMQP_PORT`, `MQTT_PORT`, `REDIS_PORT`, `NATS_PORT`. */
import { connect } from 'node:net';

const port = (name: string, usual: number) => Number(process.env[name] ?? usual);

export const PORTS = {
	AMQP: port('AMQP_PORT', 5672),
	MQTT: port('MQTT_PORT', 1883),
	Redis: port('REDIS_PORT', 6379),
	NATS: port('NATS_PORT', 4222)
} as const;
export type BrokerKind = keyof typeof PORTS;

/** Whether somebody listens on this machine. */
export const answers = (at: number): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = connect({ host: '127.0.0.1', port: at, timeout: 1000 });
		const end = (isThere: boolean) => (socket.destroy(), resolve(isThere));
		socket.once('connect', () => end(true));
		socket.once('error', () => end(false));
		socket.once('timeout', () => end(false));
	});
