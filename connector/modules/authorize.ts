/** How a webhook proves who it is (connector-api.md §8.1): a key in a header, or OAuth2 client credentials. */
import * as v from 'valibot';
import type { Clock } from '../../crdt/index.ts';
import type { Sender } from './outgoing.ts';
import { keptToken } from './token.ts';

const text = v.string();
const authenticationSchema = v.variant('type', [
	v.strictObject({ type: v.literal('ApiKey'), apiKey: text, headerName: v.optional(text, 'x-api-key') }),
	v.strictObject({
		type: v.literal('OAuth2'),
		accessTokenUrl: text,
		clientId: text,
		clientSecret: text,
		scope: v.optional(text)
	})
]);
type OAuth2 = Extract<v.InferOutput<typeof authenticationSchema>, { type: 'OAuth2' }>;

/** Headers that prove who we are; fetched when needed. Rejects when no token can be had. */
export type Authorize = () => Promise<Readonly<Record<string, string>>>;

/** Client credentials (RFC 6749 §4.4). */
function clientCredentials(options: OAuth2, clock: Clock, send: Sender): () => Promise<string> {
	const basic = Buffer.from(
		`${encodeURIComponent(options.clientId)}:${encodeURIComponent(options.clientSecret)}`
	).toString('base64');
	const form = new URLSearchParams({
		grant_type: 'client_credentials',
		...(options.scope === undefined ? {} : { scope: options.scope })
	});
	const headers = {
		authorization: `Basic ${basic}`,
		'content-type': 'application/x-www-form-urlencoded',
		accept: 'application/json'
	};
	return keptToken(clock, () => send(options.accessTokenUrl, headers, form.toString()));
}

/** Undefined when what is given is no authentication. */
export function authorizer(
	given: unknown,
	clock: Clock,
	send: Sender,
	isUrl: (url: string) => boolean
): Authorize | undefined {
	if (given === undefined) return async () => ({});
	const parsed = v.safeParse(authenticationSchema, given);
	if (!parsed.success) return undefined;
	const authentication = parsed.output;
	if (authentication.type === 'ApiKey') return async () => ({ [authentication.headerName]: authentication.apiKey });
	if (!isUrl(authentication.accessTokenUrl)) return undefined;
	const token = clientCredentials(authentication, clock, send);
	return async () => ({ authorization: `Bearer ${await token()}` });
}
