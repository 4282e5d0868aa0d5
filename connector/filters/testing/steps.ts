/** Single steps between Connectors that run: what the lists are filled with (world.ts). */
import { createMemoryStore } from '../../../crdt/sim/memory-store.ts';
import { joinIdentity, type AttributeRow, type Engine } from '../../../crdt/index.ts';
import { systemClock, systemRandom } from '../../account.ts';
import { relayLine } from '../../relay-line.ts';
import { PREFIX } from '../../routes/table.ts';
import { command } from '../../testing/linking.ts';
import { KEY } from '../../testing/parts.ts';
import { addressOf, createTemplate, must, sync, until, type Reply, type Shape } from '../../testing/party.ts';
import type { RunningConnector, RunningRelay } from '../../testing/processes.ts';

export type Referenced = Shape & { readonly reference: { readonly truncated: string; readonly url: string } };
export type File = Referenced & { readonly ownershipToken: string };
type Request = Shape & { readonly content: { readonly id: string } };
export type Items = readonly object[];

export const year = (n: number) => `20${n}-01-01T00:00:00.000Z`;
export const yes = { accept: true };
export const no = { accept: false };

/** An App joins the identity of a Connector that runs. */
export async function appOf(relay: RunningRelay, city: RunningConnector): Promise<Engine> {
	const invite = command(relay.url, ['device', 'invite'], city.folder);
	const ports = {
		clock: systemClock,
		random: systemRandom,
		store: createMemoryStore(),
		relay: relayLine({ baseUrl: relay.url, timeoutMs: 10_000 })
	};
	const joining = joinIdentity(ports, { deviceName: 'App', link: await invite.line('Link: ') });
	const session = await joining.session;
	if (!session.ok) throw new Error(session.error.code);
	invite.answer(await invite.line('Code: '));
	for await (const step of session.value.steps) if (step.step === 'compare') session.value.confirm();
	const engine = await joining.engine;
	if (!engine.ok) throw new Error(engine.error.code);
	if ((await invite.ended) !== 0) throw new Error(invite.stderr());
	return engine.value;
}

export async function upload(who: RunningConnector, content: string, name: string, type: string, fields: object = {}) {
	const form = new FormData();
	form.append('file', new Blob([content], { type }), name);
	for (const [field, value] of Object.entries(fields))
		for (const each of [value].flat()) form.append(field, String(each));
	const answer = await fetch(`${who.url}${PREFIX}/Files/Own`, {
		method: 'POST',
		headers: { 'x-api-key': KEY },
		body: form
	});
	return must<File>(Promise.resolve({ status: answer.status, ...(await answer.json()) } as Reply<File>), 201);
}
export const load = (who: RunningConnector, kind: string, { reference }: Referenced, password?: string) =>
	must(who.call('POST', `/${kind}/Peer`, { reference: reference.truncated, ...(password && { password }) }), 201);

export const attribute = (type: string, value: string, owner = '', tags?: readonly string[]) => ({
	'@type': 'IdentityAttribute',
	owner,
	value: { '@type': type, value },
	...(tags && { tags })
});
export const own = async (who: RunningConnector, type: string, value: string, tags?: readonly string[]) =>
	(
		await must(
			who.call('POST', '/Attributes', { content: { value: { '@type': type, value }, ...(tags && { tags }) } }),
			201
		)
	).id;
export const relationshipAttribute = (key: string, owner: string, confidentiality: string, isTechnical = false) => ({
	'@type': 'RelationshipAttribute',
	owner,
	key,
	confidentiality,
	...(isTechnical && { isTechnical }),
	value: isTechnical
		? { '@type': 'ProprietaryInteger', title: key, value: 7 }
		: { '@type': 'ProprietaryString', title: key, value: `${key} of somebody` }
});
export const create = (owned: object) => ({
	'@type': 'CreateAttributeRequestItem',
	mustBeAccepted: true,
	attribute: owned
});
export const group = (...items: Items) => ({ '@type': 'RequestItemGroup', items });

export const mail = (to: readonly string[], subject: string, body: string, bodyFormat = 'PlainText') => ({
	'@type': 'Mail',
	to,
	subject,
	body,
	bodyFormat
});
export async function send(
	from: RunningConnector,
	to: readonly RunningConnector[],
	content: object,
	attachments: string[] = []
) {
	const recipients = await Promise.all(to.map(addressOf));
	return must(from.call('POST', '/Messages', { recipients, content, attachments }), 201);
}

export async function draft(
	from: RunningConnector,
	to: RunningConnector,
	items: Items,
	more: object = {}
): Promise<Request> {
	const peer = await addressOf(to);
	return must<Request>(from.call('POST', '/Requests/Outgoing', { peer, content: { items, ...more } }), 201);
}
export const requestAt = (who: RunningConnector, side: 'Incoming' | 'Outgoing', id: string, status: string) =>
	until(
		async () => (await sync(who), (await who.call('GET', `/Requests/${side}/${id}`)).result),
		(request) => request?.status === status,
		`${side} ${id} ${status}`
	);

/** A request that goes by message. */
export async function ask(
	from: RunningConnector,
	to: RunningConnector,
	items: Items,
	more: object = {}
): Promise<string> {
	const { content } = await draft(from, to, items, more);
	await send(from, [to], content);
	return content.id;
}
export async function decide(
	who: RunningConnector,
	by: RunningConnector,
	id: string,
	how: 'Accept' | 'Reject',
	items: Items
) {
	await requestAt(who, 'Incoming', id, 'ManualDecisionRequired');
	await must(who.call('PUT', `/Requests/Incoming/${id}/${how}`, { items }));
	await requestAt(who, 'Incoming', id, 'Completed');
	await requestAt(by, 'Outgoing', id, 'Completed');
}

/** The other takes a template and asks for a relationship; what the templator does with it. */
export async function related(
	templator: RunningConnector,
	requestor: RunningConnector,
	items: Items,
	answers: Items,
	end: 'Accept' | 'Reject'
): Promise<string> {
	const template = await createTemplate(templator, items);
	await load(requestor, 'RelationshipTemplates', template);
	const [request] = await must<Shape[]>(requestor.call('GET', '/Requests/Incoming')).then((rows) =>
		rows.filter(({ source }) => (source as { reference?: string }).reference === template.id)
	);
	await must(requestor.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, { items: answers }));
	const relationship = await until(
		async () => {
			await sync(templator);
			const rows = await must<Shape[]>(templator.call('GET', '/Relationships'));
			return rows.find(({ templateId }) => templateId === template.id);
		},
		(row) => row !== undefined,
		'a relationship'
	);
	await must(templator.call('PUT', `/Relationships/${relationship!.id}/${end}`));
	await sync(requestor);
	return relationship!.id;
}

/** The App looks at some attributes. */
export async function look(app: Engine, isSeen: (row: AttributeRow) => boolean): Promise<void> {
	await app.account.sync();
	for (const row of app.attributes.list().filter(isSeen)) await app.attributes.markViewed(row.id);
	await app.account.sync();
}
