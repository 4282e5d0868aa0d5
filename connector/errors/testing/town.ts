/** What the rows act on: a relay and Connectors of their own, and calls a `Party` has no word for. */
import { PREFIX } from '../../routes/table.ts';
import { KEY } from '../../testing/parts.ts';
import { addressOf, arrived, createTemplate, must, sync, until, type Party, type Shape } from '../../testing/party.ts';
import { startConnector, type RunningConnector } from '../../testing/processes.ts';
import type { Answer } from './rows.ts';

export const DAY = 86_400_000;
export const LATER = '2030-01-01T00:00:00.000Z';
export const PAST = '2020-01-01T00:00:00.000Z';
export const STRANGER = 'did:e:localhost:dids:00000000000000000000ff';
export const INVALID = 'error.runtime.validation.invalidPropertyValue';

/** Somebody: a Connector and who it is. */
export interface Member extends RunningConnector {
	readonly address: string;
}

export async function member(relayUrl: string, env: Record<string, string> = {}, folder?: string): Promise<Member> {
	const started = await startConnector(relayUrl, env, folder);
	return { ...started, address: await addressOf(started) };
}

/** The environment of a process whose clock is ahead. */
export const later = (ms: number): Record<string, string> => ({
	NODE_OPTIONS: `--import=${import.meta.dirname}/later.ts`,
	LATER_MS: String(ms)
});

/** A call as it is, with whatever headers and body; `path` below the prefix unless it begins with two slashes. */
export async function raw(
	{ url }: { readonly url: string },
	method: string,
	path: string,
	{ headers = {}, ...init }: RequestInit & { readonly headers?: Record<string, string> } = {}
): Promise<Answer> {
	const place = path.startsWith('//') ? path.slice(1) : PREFIX + path;
	const response = await fetch(url + place, { method, ...init, headers: { 'x-api-key': KEY, ...headers } });
	const text = await response.text();
	const body = (response.headers.get('content-type') ?? '').startsWith('application/json') ? JSON.parse(text) : {};
	return { ...(body as object), status: response.status, headers: response.headers };
}

/** An upload of `fields`; `content` is the file's, none when it is undefined. */
export function upload(
	party: { readonly url: string },
	content: string | Uint8Array<ArrayBuffer> | undefined,
	fields: Readonly<Record<string, string>> = {}
): Promise<Answer> {
	const body = new FormData();
	if (content !== undefined) body.append('file', new Blob([content]), 'a.txt');
	for (const [name, value] of Object.entries(fields)) body.append(name, value);
	return raw(party, 'POST', '/Files/Own', { body });
}

export type Referenced = Shape & { readonly reference: { readonly truncated: string; readonly url: string } };

export async function uploaded(
	party: { readonly url: string },
	fields: Readonly<Record<string, string>> = {}
): Promise<Referenced> {
	const { status, result } = await upload(party, 'Hello', fields);
	if (status !== 201) throw new Error(`not uploaded: ${status}`);
	return result as Referenced;
}

export const token = (party: Party, more: object = {}) =>
	must<Referenced>(party.call('POST', '/Tokens/Own', { content: { a: 1 }, expiresAt: LATER, ...more }), 201);

export const mail = (to: readonly string[], more: object = {}) => ({
	'@type': 'Mail',
	to,
	subject: 's',
	body: 'b',
	bodyFormat: 'PlainText',
	...more
});

/** `requestor` asked for a relationship, which nobody decided yet; both know it. */
export async function asked(
	templator: Party,
	requestor: Party,
	items: readonly unknown[],
	answer: readonly unknown[]
): Promise<string> {
	const template = await createTemplate(templator, items);
	await must(requestor.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	const [request] = await must<Shape[]>(requestor.call('GET', `/Requests/Incoming?source.reference=${template.id}`));
	await must(requestor.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, { items: answer }));
	const [relationship] = await arrived(templator, `/Relationships?templateId=${template.id}`);
	const isCompleted = ({ status }: Shape) => status === 'Completed';
	await until(() => must(requestor.call('GET', `/Requests/Incoming/${request!.id}`)), isCompleted, 'completed');
	return relationship!.id;
}

/** A request by message, as it arrived. */
export async function received(from: Party, to: Member, items: readonly unknown[], more: object = {}): Promise<string> {
	const content = { items, ...more };
	const draft = await must<Shape>(from.call('POST', '/Requests/Outgoing', { content, peer: to.address }), 201);
	await must(from.call('POST', '/Messages', { recipients: [to.address], content: draft['content'] }), 201);
	await arrived(to, `/Requests/Incoming?id=${draft.id}`);
	return draft.id;
}

/** Answers a request and waits until the one who asked has the answer. */
export async function answer(request: string, by: Party, asker: Party, items: readonly unknown[]): Promise<void> {
	await must(by.call('PUT', `/Requests/Incoming/${request}/Accept`, { items }));
	const ask = async () => {
		await sync(asker);
		return must(asker.call('GET', `/Requests/Outgoing/${request}`));
	};
	await until(ask, ({ status }) => status === 'Completed', 'answered');
}
