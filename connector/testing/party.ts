/** One side of a conversation, known by its REST API only: in process or a real one. */

export interface Reply<T = unknown> {
	readonly status: number;
	readonly result: T;
	readonly error?: { readonly code: string; readonly message: string };
}
export interface Party {
	/** One call below the prefix; a body makes it JSON. */
	call<T = Shape>(method: string, path: string, body?: unknown): Promise<Reply<T>>;
}
/** What tests look at of any DTO. */
export interface Shape {
	readonly id: string;
	readonly address: string;
	readonly status: string;
	readonly [member: string]: unknown;
}

/** The result of a call that must succeed. */
export async function must<T = Shape>(reply: Promise<Reply<T>>, status = 200): Promise<T> {
	const { status: got, result, error } = await reply;
	if (got !== status) throw new Error(`${got} ${error?.code ?? ''} ${error?.message ?? ''}`);
	return result;
}

/** Asks until the answer is as wanted: what the engine does after it has answered. */
export async function until<T>(ask: () => Promise<T>, isWanted: (value: T) => boolean, what: string): Promise<T> {
	const end = Date.now() + 10_000;
	for (;;) {
		const value = await ask();
		if (isWanted(value)) return value;
		if (Date.now() > end) throw new Error(`never ${what}: ${JSON.stringify(value)}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

/** Syncs until the list has rows: what was sent by the outbox leaves a moment after its call was answered. */
export const arrived = (party: Party, path: string): Promise<Shape[]> =>
	until(
		async () => {
			await sync(party);
			return must<Shape[]>(party.call('GET', path));
		},
		(rows) => rows.length > 0,
		`anything at ${path}`
	);

const LATER = '2030-01-01T00:00:00.000Z';
export const read = (valueType: string, mustBeAccepted = true) => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: { '@type': 'IdentityAttributeQuery', valueType }
});
export const consent = (text: string, mustBeAccepted = true) => ({
	'@type': 'ConsentRequestItem',
	mustBeAccepted,
	consent: text
});
export const identityAttribute = (type: string, value: string, owner = '') => ({
	'@type': 'IdentityAttribute',
	owner,
	value: { '@type': type, value }
});

export const sync = (party: Party) => must(party.call('POST', '/Account/Sync'), 204);
export const addressOf = async (party: Party) => (await must(party.call('GET', '/Account/IdentityInfo'))).address;

export const createTemplate = (party: Party, items: readonly unknown[], more: object = {}) =>
	must<Shape & { reference: { truncated: string; url: string } }>(
		party.call('POST', '/RelationshipTemplates/Own', {
			expiresAt: LATER,
			content: {
				'@type': 'RelationshipTemplateContent',
				title: 'Demo',
				onNewRelationship: { '@type': 'Request', items }
			},
			...more
		}),
		201
	);

/** The relationship both have with each other, accepted. `answer` decides the request of the template. */
export async function connect(
	templator: Party,
	requestor: Party,
	items: readonly unknown[],
	answer: readonly unknown[]
): Promise<{ relationshipId: string; requestId: string; templateId: string }> {
	const template = await createTemplate(templator, items);
	await must(requestor.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	const [request] = await must<Shape[]>(requestor.call('GET', `/Requests/Incoming?source.reference=${template.id}`));
	if (!request) throw new Error('no request came of the template');
	await must(requestor.call('PUT', `/Requests/Incoming/${request.id}/Accept`, { items: answer }));
	const ask = () => must<Shape[]>(requestor.call('GET', `/Relationships?templateId=${template.id}`));
	const [relationship] = await until(ask, (rows) => rows.length > 0, 'a relationship');
	await sync(templator);
	await must(templator.call('PUT', `/Relationships/${relationship!.id}/Accept`));
	await sync(requestor);
	return { relationshipId: relationship!.id, requestId: request.id, templateId: template.id };
}
