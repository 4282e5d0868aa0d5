/**
 * Sharing by request: an own identity attribute that exists, or a relationship attribute that comes into being when the peer
 * accepts (content-model.md §3.3). Both are a request with one mandatory item, created and sent in one.
 */
import type { Engine, RequestMetadata, ShareAttribute } from '../../api.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { JsonObject, RequestRow } from '../../views.ts';
import { notFound, type Base } from './base.ts';

/** What asks: the operations on requests and messages. */
export interface Asking {
	readonly requests: Pick<Engine['requests'], 'create' | 'discard' | 'get'>;
	readonly messages: Pick<Engine['messages'], 'send'>;
}

export function sharingOperations(
	{ core, self }: Base,
	{ requests, messages }: Asking
): Pick<Engine['attributes'], 'share' | 'createAndShare'> {
	/** A draft whose message cannot go is taken back: the caller is told, and nothing is left of it. */
	async function ask(peer: string, item: JsonObject, metadata: RequestMetadata): Promise<Result<RequestRow>> {
		const content = {
			'@type': 'Request',
			...metadata.requestMetadata,
			items: [{ ...metadata.requestItemMetadata, ...item, mustBeAccepted: true }]
		} as JsonObject;
		const draft = await requests.create({ content, peer });
		if (!draft.ok) return draft;
		const sent = await messages.send({ recipients: [peer], content: draft.value.content });
		if (!sent.ok) {
			await requests.discard(draft.value.id);
			return sent;
		}
		return ok(requests.get(draft.value.id, 'outgoing') ?? draft.value);
	}

	return {
		async share({ attributeId, peer, ...metadata }: ShareAttribute) {
			const row = core.top().get('attributes', attributeId);
			if (!row) return notFound('LocalAttribute');
			if (row['@type'] !== 'OwnIdentityAttribute')
				return refuse(
					'error.runtime.attributes.isNotOwnIdentityAttribute',
					`Attribute '${attributeId}' is not an own identity attribute.`
				);
			const item = { '@type': 'ShareAttributeRequestItem', attributeId, attribute: row.content };
			return ask(peer, item, metadata);
		},
		createAndShare({ content, peer, ...metadata }) {
			const attribute = { '@type': 'RelationshipAttribute', ...content, owner: self.address };
			return ask(peer, { '@type': 'CreateAttributeRequestItem', attribute }, metadata);
		}
	};
}
