/** An access token that is kept until shortly before it expires; callers that ask at once share one request. */
import type { Clock } from '../../crdt/index.ts';
import { TOKEN_RENEWAL_MS } from '../limits.ts';
import type { Sent } from './outgoing.ts';

/** `ask` is one request to whoever issues tokens; an answer without token rejects as `noAccessToken`. */
export function keptToken(clock: Clock, ask: () => Promise<Sent>): () => Promise<string> {
	let kept: { token: string; until: number } | undefined;
	let asking: Promise<string> | undefined;
	const renew = async () => {
		const answer = await ask();
		const body = JSON.parse(answer.text) as { access_token?: unknown; expires_in?: unknown } | null;
		if (answer.status >= 300 || typeof body?.access_token !== 'string')
			throw Object.assign(new Error('no access token'), { code: 'noAccessToken' });
		kept = {
			token: body.access_token,
			until: clock.now() + Number(body.expires_in ?? 0) * 1000 - TOKEN_RENEWAL_MS
		};
		return kept.token;
	};
	return async () => {
		if (kept && kept.until > clock.now()) return kept.token;
		return (asking ??= renew().finally(() => (asking = undefined)));
	};
}
