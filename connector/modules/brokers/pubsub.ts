/**
 * Google Pub/Sub over its REST interface: an existing topic, message attribute `namespace` = event name. Four fields and one
 * call; the vendor's library would bring gRPC and some eighty packages along for it. Who we are is a service account
 * (`keyFile`): a signed assertion is exchanged for a token, which is kept until shortly before it expires. With the
 * vendor's emulator (PUBSUB_EMULATOR_HOST) there is no account.
 */
import { readFileSync } from 'node:fs';
import { importPKCS8, SignJWT } from 'jose';
import * as v from 'valibot';
import type { Clock } from '../../../crdt/index.ts';
import { BROKER_TIMEOUT_MS, MAX_WEBHOOK_ANSWER_BYTES } from '../../limits.ts';
import { createSender, type Sender } from '../outgoing.ts';
import { keptToken } from '../token.ts';
import { brokerKind, type Broker } from './broker.ts';

const SCOPE = 'https://www.googleapis.com/auth/pubsub';
const keySchema = v.object({
	client_email: v.string(),
	private_key: v.string(),
	private_key_id: v.optional(v.string()),
	token_uri: v.optional(v.string(), 'https://oauth2.googleapis.com/token')
});
type Key = v.InferOutput<typeof keySchema>;

const failure = (code: string) => Object.assign(new Error(code), { code });

function readKey(keyFile: string): Key {
	try {
		return v.parse(keySchema, JSON.parse(readFileSync(keyFile, 'utf8')));
	} catch {
		throw failure('keyFileUnreadable');
	}
}

/** A token for the account of `key` (RFC 7523). */
const accountToken = (key: Key, clock: Clock, send: Sender): (() => Promise<string>) =>
	keptToken(clock, async () => {
		const now = Math.floor(clock.now() / 1000);
		const signer = await importPKCS8(key.private_key, 'RS256');
		const assertion = await new SignJWT({ scope: SCOPE })
			.setProtectedHeader({
				alg: 'RS256',
				typ: 'JWT',
				...(key.private_key_id ? { kid: key.private_key_id } : {})
			})
			.setIssuer(key.client_email)
			.setAudience(key.token_uri)
			.setIssuedAt(now)
			.setExpirationTime(now + 3600)
			.sign(signer);
		const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
		return send(
			key.token_uri,
			{ 'content-type': 'application/x-www-form-urlencoded' },
			form.toString(),
			AbortSignal.timeout(BROKER_TIMEOUT_MS)
		);
	});

interface Places {
	readonly base: string;
	/** `host:port`, as the vendor's tools set it. */
	readonly emulator: string | undefined;
}
const VENDOR: Places = { base: 'https://pubsub.googleapis.com', emulator: process.env['PUBSUB_EMULATOR_HOST'] };

export const pubSub = ({ base, emulator }: Places = VENDOR) =>
	brokerKind({
		configuration: v.strictObject({ projectId: v.string(), topicName: v.string(), keyFile: v.string() }),
		open({ projectId, topicName, keyFile }, clock): Broker {
			const send = createSender({ skipTlsCheck: false, maxBytes: MAX_WEBHOOK_ANSWER_BYTES });
			let access: { base: string; token: () => Promise<string> } | undefined;
			const reach = () => {
				if (emulator) return { base: `http://${emulator}`, token: async () => 'emulator' };
				return { base, token: accountToken(readKey(keyFile), clock, send) };
			};
			// Both forms are in use: the bare name and the full one.
			const topic = topicName.includes('/') ? topicName : `projects/${projectId}/topics/${topicName}`;
			return {
				async ready() {
					access ??= reach();
					await access.token();
				},
				async publish({ name, body, eventId }) {
					access ??= reach();
					const attributes = { namespace: name, ...(eventId === undefined ? {} : { 'x-event-id': eventId }) };
					const message = { data: Buffer.from(body).toString('base64'), attributes };
					const answer = await send(
						`${access.base}/v1/${topic}:publish`,
						{ authorization: `Bearer ${await access.token()}`, 'content-type': 'application/json' },
						JSON.stringify({ messages: [message] }),
						AbortSignal.timeout(BROKER_TIMEOUT_MS)
					);
					if (answer.status >= 300) throw failure(`status${answer.status}`);
				},
				async close() {}
			};
		}
	});
