/** NATS: subject = event name, behind `subjectPrefix` when there is one; a round trip says that the server took it. */
import type { ConnectionOptions, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import * as v from 'valibot';
import { BROKER_TIMEOUT_MS } from '../../limits.ts';
import { brokerKind, connecting } from './broker.ts';

const SUBJECT = /^[^\s.*>]+(\.[^\s.*>]+)*$/;
const configuration = v.strictObject({
	url: v.pipe(
		v.string(),
		v.check(
			(url) => /^(nats|tls|ws|wss):\/\/./.test(url) && URL.canParse(url),
			'must be a nats:// or tls:// address'
		)
	),
	subjectPrefix: v.optional(v.pipe(v.string(), v.regex(SUBJECT, 'must be a subject without wildcards')))
});

/** The client wants credentials apart from the address: `nats://user:password@host`, or `nats://token@host`. */
export function optionsOf(address: string): ConnectionOptions {
	const { protocol, host, username, password } = new URL(address);
	const user = decodeURIComponent(username);
	const credentials =
		user === '' ? {} : password === '' ? { token: user } : { user, pass: decodeURIComponent(password) };
	return {
		servers: host,
		reconnect: false,
		timeout: BROKER_TIMEOUT_MS,
		...(protocol === 'tls:' ? { tls: {} } : {}),
		...credentials
	};
}

export const nats = brokerKind({
	configuration,
	open({ url, subjectPrefix }) {
		const prefix = subjectPrefix === undefined ? '' : `${subjectPrefix}.`;
		return connecting<{ client: NatsConnection; headersOf: (id: string) => MsgHdrs }>(
			async () => {
				const { connect, headers } = await import('@nats-io/transport-node');
				const client = await connect(optionsOf(url));
				const headersOf = (id: string) => {
					const made = headers();
					made.set('x-event-id', id);
					return made;
				};
				return {
					use: { client, headersOf },
					closed: client.closed().then(() => undefined),
					close: () => client.drain()
				};
			},
			async ({ client, headersOf }, { name, body, eventId }) => {
				client.publish(prefix + name, body, eventId === undefined ? {} : { headers: headersOf(eventId) });
				await client.flush();
			}
		);
	}
});
