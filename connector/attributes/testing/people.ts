/**
 * People with attributes: Connector processes over a relay process, known by their REST APIs only, and what passes between
 * them as one step each. What a Connector tells the outside comes by webhook.
 */
import { receiver } from '../../testing/modules.ts';
import { addressOf, connect, consent, must, sync, until, type Reply, type Shape } from '../../testing/party.ts';
import { endAll, startConnector, startRelay, type RunningConnector } from '../../testing/processes.ts';

export interface Person extends RunningConnector {
	readonly name: string;
	readonly address: string;
}
/** What tests look at of an attribute. */
export interface Attribute extends Shape {
	readonly '@type': string;
	readonly content: { readonly owner: string; readonly value: { readonly value: string } } & Record<string, unknown>;
	readonly peer?: string;
	readonly deletionInfo?: { readonly deletionStatus: string; readonly deletionDate: string };
}
export interface Succession {
	readonly predecessor: Attribute;
	readonly successor: Attribute;
	readonly notificationId?: string;
}
interface Hook {
	readonly trigger: string;
	readonly data: { readonly id?: string; readonly successor?: Attribute } & Record<string, unknown>;
}

const outside = await receiver();

/** A relay and these people on it, none of whom knows another. */
export async function people<Name extends string>(names: readonly Name[], relayEnv: Record<string, string> = {}) {
	const relay = await startRelay(0, undefined, relayEnv);
	const all = await Promise.all(
		names.map(async (name): Promise<Person> => {
			const started = await startConnector(relay.url, {
				modules__webhooks__enabled: 'true',
				modules__webhooks__webhooks: JSON.stringify([
					{ triggers: ['consumption.*'], target: { url: outside.url + `/${name}` } }
				])
			});
			return { ...started, name, address: await addressOf(started) };
		})
	);
	return Object.fromEntries(all.map((person) => [person.name, person])) as Record<Name, Person>;
}

export async function endPeople(): Promise<void> {
	outside.close();
	await endAll();
}

/** An active relationship, in which nothing was exchanged yet. */
export const meet = async (host: Person, guest: Person): Promise<string> =>
	(await connect(host, guest, [consent('Shall we?')], [{ accept: true }])).relationshipId;

/** What a Connector told outside so far, of one name and about one attribute. */
const toldOf = ({ name }: Person, trigger: string, id: string) =>
	outside.received
		.filter(({ path }) => path === `/${name}`)
		.map(({ body }) => JSON.parse(body) as Hook)
		.filter((hook) => hook.trigger === `consumption.${trigger}` && (hook.data.successor ?? hook.data).id === id)
		.map(({ data }) => data);
/** What it tells about an attribute (of a succession: its successor), once it has so often. */
export const told = (who: Person, trigger: string, id: string, times = 1) =>
	until(
		async () => toldOf(who, trigger, id),
		(all) => all.length >= times,
		`${who.name}'s ${trigger} of ${id}`
	);

// ------------------------------------------------------------------------------------------------- asking

export const get = <T = Attribute[]>(who: Person, path: string) => must<T>(who.call('GET', path));
export const attribute = (who: Person, id: string) => get<Attribute>(who, `/Attributes/${id}`);
export const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
export const ids = async (who: Person, path: string) => idsOf(await get(who, path));

/** Status and code of a refusal. */
export async function refusal(reply: Promise<Reply>): Promise<[number, string | undefined]> {
	const { status, error } = await reply;
	return [status, error?.code];
}
/** The answer at `path`, once it is as wanted; fetching what comes meanwhile. */
export async function seen<T = Attribute>(who: Person, path: string, isWanted: (value: T) => boolean = () => true) {
	const ask = async () => (await sync(who), who.call<T>('GET', path));
	const reply = await until(ask, ({ status, result }) => status === 200 && isWanted(result), `${who.name}'s ${path}`);
	return reply.result;
}
/** The attribute, once it is said to be deleted so. */
export const marked = (who: Person, id: string, status: string) =>
	seen(who, `/Attributes/${id}`, ({ deletionInfo }: Attribute) => deletionInfo?.deletionStatus === status);

// -------------------------------------------------------------------------------------------------- doing

let count = 0;
/** A text no attribute has yet. */
export const fresh = (word = 'Name') => `${word} ${++count}`;
export const valued = (type: string, value: string, tags?: readonly string[]) => ({
	value: { '@type': type, value },
	...(tags && { tags })
});
export const named = (text = fresh(), tags?: readonly string[]) => valued('GivenName', text, tags);

export const create = (who: Person, content: object = named()) =>
	must<Attribute>(who.call('POST', '/Attributes', { content }), 201);
export const succeed = (who: Person, id: string, successorContent: object = named()) =>
	must<Succession>(who.call('POST', `/Attributes/${id}/Succeed`, { successorContent }), 201);
export const notifyPeer = (who: Person, id: string, peer: Person) =>
	who.call<Required<Succession>>('POST', `/Attributes/${id}/NotifyPeer`, { peer: peer.address });
/** Deletes it; says how many were notified. */
export const remove = async (who: Person, id: string) =>
	(await must<{ notificationIds: string[] }>(who.call('DELETE', `/Attributes/${id}`))).notificationIds.length;

/** One asks the other for one thing by message and is answered; both know. Returns the request as it was completed. */
export async function ask(
	asker: Person,
	asked: Person,
	item: object,
	answer: object = { accept: true },
	metadata: object = {}
): Promise<Shape> {
	const content = { ...metadata, items: [{ mustBeAccepted: true, ...item }] };
	const request = await must(asker.call('POST', '/Requests/Outgoing', { content, peer: asked.address }), 201);
	const message = { recipients: [asked.address], content: request['content'] };
	await must(asker.call('POST', '/Messages', message), 201);
	const path = `/Requests/Incoming/${request.id}`;
	await seen<Shape>(asked, path, ({ status }) => status === 'ManualDecisionRequired');
	const decision = 'accept' in answer && answer.accept === false ? 'Reject' : 'Accept';
	await must(asked.call('PUT', `${path}/${decision}`, { items: [answer] }));
	return seen<Shape>(asker, `/Requests/Outgoing/${request.id}`, ({ status }) => status === 'Completed');
}
interface Answer {
	readonly content: { readonly items: readonly { readonly attributeId: string }[] };
}
/** What the only item of a request was answered with. */
export const answerTo = (request: Shape) => (request['response'] as Answer).content.items[0]!;

/** The item that shares an own attribute, or a relationship attribute with a third party. */
export const sharing = ({ id, content, peer }: Attribute) => ({
	'@type': 'ShareAttributeRequestItem',
	attributeId: id,
	attribute: content,
	...(peer !== undefined && { initialAttributePeer: peer })
});
export const share = async (who: Person, peer: Person, id: string) => ask(who, peer, sharing(await attribute(who, id)));

export const proprietary = (value: string) => ({ '@type': 'ProprietaryString', title: 'Card', value });
export const relationshipAttribute = (owner: string, changes: object = {}) => ({
	'@type': 'RelationshipAttribute',
	owner,
	key: fresh('key'),
	confidentiality: 'public',
	isTechnical: false,
	value: proprietary(fresh('card')),
	...changes
});
/** A relationship attribute both have from now on, `owner`'s. Returns its id. */
export async function live(owner: Person, peer: Person, changes: object = {}): Promise<string> {
	const made = relationshipAttribute(owner.address, changes);
	const item = { '@type': 'CreateAttributeRequestItem', attribute: made };
	return answerTo(await ask(owner, peer, item)).attributeId;
}
/** Another value for it; the peer knows. Returns the successor's id. */
export async function renew(owner: Person, peer: Person, id: string): Promise<string> {
	const { successor } = await succeed(owner, id, { value: proprietary(fresh('card')) });
	await seen(peer, `/Attributes/${successor.id}`);
	return successor.id;
}
/** An own identity attribute the peer has. */
export async function given(who: Person, peer: Person, content: object = named()): Promise<string> {
	const { id } = await create(who, content);
	await share(who, peer, id);
	return id;
}
/** Another value for an own identity attribute, told the peer. Returns the successor's id. */
export async function tell(who: Person, peer: Person, id: string, content: object = named()): Promise<string> {
	const { successor } = await succeed(who, id, content);
	await must(notifyPeer(who, successor.id, peer), 201);
	await seen(peer, `/Attributes/${successor.id}`);
	return successor.id;
}
/** The peer is asked to delete it, and says when it will. */
export const promiseToDelete = (who: Person, peer: Person, id: string) =>
	ask(
		who,
		peer,
		{ '@type': 'DeleteAttributeRequestItem', attributeId: id },
		{ accept: true, deletionDate: '2090-01-01T00:00:00.000Z' }
	);

// ------------------------------------------------------------------------------------------- third parties

/** `asker` asks `holder` for a relationship attribute it has with somebody else, and is given it. */
export async function readFrom(asker: Person, holder: Person, id: string): Promise<Shape> {
	const { content, peer } = await attribute(holder, id);
	const query = {
		'@type': 'ThirdPartyRelationshipAttributeQuery',
		key: content['key'],
		owner: content.owner === holder.address ? 'recipient' : 'thirdParty',
		thirdParty: [peer]
	};
	return ask(
		asker,
		holder,
		{ '@type': 'ReadAttributeRequestItem', query },
		{ accept: true, existingAttributeId: id }
	);
}
/** Anna's relationship with Berlin, and both's with Carl: who holds what lives between the first two. */
export async function threePeople() {
	const all = await people(['anna', 'berlin', 'carl']);
	await meet(all.berlin, all.anna);
	await meet(all.carl, all.anna);
	await meet(all.carl, all.berlin);
	return all;
}

// ------------------------------------------------------------------------------------------------ deletion

const NOT_FOUND = [404, 'error.runtime.recordNotFound'];
/** Fails unless none of these is there. */
export async function mustBeGone(who: Person, ...all: readonly string[]): Promise<void> {
	for (const id of all) {
		const answer = await refusal(who.call('GET', `/Attributes/${id}`));
		if (String(answer) !== String(NOT_FOUND)) throw new Error(`${who.name} has ${id} still: ${answer.join(' ')}`);
	}
}
/** All of these, once they are said to be deleted so. */
export const markedAll = async (who: Person, status: string, ...all: readonly string[]): Promise<void> => {
	for (const id of all) await marked(who, id, status);
};
/** Waits until `who` knows that the peer deleted what it was forwarded. */
export async function forgotten(who: Person, peer: Person, ...all: readonly string[]): Promise<void> {
	for (const id of all)
		await seen<Attribute[]>(
			who,
			`/Attributes/${id}/ForwardingDetails?peer=${peer.address}`,
			(rows) => rows.at(-1)?.deletionInfo?.deletionStatus === 'DeletedByRecipient'
		);
}
