/** Bytes of an answer with what every GET has: a weak ETag, and 304 when the client holds the same (connector-api.md §14). */
import { createHash } from 'node:crypto';

export type Payload = string | Uint8Array<ArrayBuffer>;

const weakTag = (payload: Payload) => {
	const bytes = Buffer.from(payload as string);
	return `W/"${bytes.length.toString(16)}-${createHash('sha1').update(bytes).digest('base64').slice(0, 27)}"`;
};

const bare = (tag: string) => tag.trim().replace(/^W\//, '');

/** Whether the client's copy is still good. */
function isFresh(request: Request, tag: string): boolean {
	const known = request.headers.get('if-none-match');
	if (known === null || /(?:^|,)\s*no-cache\s*(?:,|$)/.test(request.headers.get('cache-control') ?? '')) return false;
	return known.trim() === '*' || known.split(',').some((each) => bare(each) === bare(tag));
}

/** An answer with a body; for GET and HEAD with its tag. */
export function reply(
	request: Request,
	status: number,
	type: string,
	payload: Payload,
	headers: Readonly<Record<string, string>> = {}
): Response {
	const isRead = (request.method === 'GET' || request.method === 'HEAD') && status === 200;
	if (!isRead) return new Response(payload, { status, headers: { 'content-type': type, ...headers } });
	const etag = weakTag(payload);
	if (isFresh(request, etag)) return new Response(null, { status: 304, headers: { etag, ...headers } });
	return new Response(payload, { status, headers: { 'content-type': type, etag, ...headers } });
}

export const JSON_TYPE = 'application/json; charset=utf-8';
export const replyJson = (
	request: Request,
	status: number,
	value: unknown,
	headers?: Readonly<Record<string, string>>
): Response => reply(request, status, JSON_TYPE, JSON.stringify(value), headers);
