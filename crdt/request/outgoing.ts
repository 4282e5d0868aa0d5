/**
 * Requests we make (content-model.md §4.5, §4.6, §4.9).
 *
 *   canCreate            may it be asked? a tree of reasons; with no peer it is for a template
 *   prepareRequest       the same as a yes or a refusal with the root's code, and the parsed content
 *   draftRequest         record → Draft row
 *   markSent             the message went out → Open
 *   completeOutgoing     a peer's response by message → Completed, with its effects
 *   completeFromTemplate a peer's response to a template of ours → the request, asked and answered in one
 *
 * Refusals of the last two (`response-…`) are for "needs attention": nothing was applied.
 */
import type { ValidationResult } from '../api.ts';
import { isEqualJson } from '../content/json.ts';
import { parseRequest, type RelationshipTemplateContent } from '../content/parse.ts';
import { asRequest, isGroup, itemsOf } from '../content/request.ts';
import type { Request, RequestItem, Response } from '../content/request.ts';
import { newestRelationship } from '../relationship/newest.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import type { Address, Fold, Iso, JsonObject, MessageRow, RequestRow, TemplateRow, Views } from '../views.ts';
import { toDto } from '../views-dto.ts';
import { applyAnswers, applySending, responseFault } from './answer.ts';
import { repeatedKey, violatedKeys } from './items/keys.ts';
import type { Asking } from './items/rule.ts';
import { ruleOf } from './items/table.ts';
import { isPast, moveTo, requestOf } from './status.ts';
import { failure, firstFailure, parentOf, requestFault, verdict } from './validation.ts';

/** May it be asked? A refusal means it is no request at all. */
export function canCreate(
	views: Views,
	me: Address,
	content: JsonObject,
	peer: Address | undefined,
	now: Iso
): Result<ValidationResult> {
	const request = parseRequest(content);
	return request.ok ? ok(validate(request.value, { views, me, peer, today: now }, now)) : request;
}

function validate(request: Request, asking: Asking, now: Iso): ValidationResult {
	const fault = requestLevelFault(request, asking, now);
	if (fault) return failure(fault);
	const judge = (item: RequestItem): ValidationResult => verdict(ruleOf(item).canCreate(item, asking));
	const judged = parentOf(
		request.items.map((node) => (isGroup(node) ? parentOf(node.items.map(judge)) : judge(node)))
	);
	const mandatory = itemsOf(request).filter((item) => item.mustBeAccepted);
	const repeated = judged.isSuccess ? repeatedKey(mandatory, asking.peer ?? '') : undefined;
	return repeated === undefined ? judged : failure(violatedKeys(repeated));
}

function requestLevelFault(request: Request, { views, me, peer }: Asking, now: Iso): Refusal | undefined {
	if (peer === me) return requestFault('cannotShareRequestWithYourself', 'You cannot share a request with yourself.');
	if (isPast(request.expiresAt, now))
		return requestFault(
			'cannotCreateRequestWithExpirationDateInPast',
			'You cannot create a request with an expiration date that is in the past.'
		);
	return peer === undefined ? undefined : peerFault(views, peer);
}

/** Whether requests to that peer are possible at all. */
function peerFault(views: Views, peer: Address): Refusal | undefined {
	const relationship = newestRelationship(views, peer);
	if (!relationship)
		return requestFault(
			'missingRelationship',
			`You cannot create a request to '${peer}': there is no relationship.`
		);
	if (relationship.status !== 'Pending' && relationship.status !== 'Active')
		return requestFault(
			'wrongRelationshipStatus',
			`You cannot create a request to '${peer}': the relationship is ${relationship.status}.`
		);
	return deletionFault(relationship.peerDeletionInfo?.deletionStatus, peer);
}

export function deletionFault(status: 'ToBeDeleted' | 'Deleted' | undefined, peer: Address): Refusal | undefined {
	if (status === 'ToBeDeleted')
		return requestFault('peerIsInDeletion', `The identity '${peer}' is about to be deleted.`);
	return status && requestFault('peerIsDeleted', `The identity '${peer}' was deleted.`);
}

/** What `POST Requests/Outgoing` and templates need: the content, or the first failure. */
export function prepareRequest(
	views: Views,
	me: Address,
	content: JsonObject,
	peer: Address | undefined,
	now: Iso
): Result<Request> {
	const request = parseRequest(content);
	if (!request.ok) return request;
	const fault = firstFailure(validate(request.value, { views, me, peer, today: now }, now));
	return fault ? { ok: false, error: fault } : request;
}

/** A draft as recorded. `id` stands in the content from now on. */
export function draftRequest(fold: Fold, id: string, content: Request, peer: Address): void {
	if (fold.views.get('requests', id)) return;
	const row: RequestRow = {
		id,
		isOwn: true,
		peer,
		createdAt: fold.at,
		status: 'Draft',
		content: { ...content, id } as unknown as JsonObject
	};
	fold.views.put('requests', row);
	fold.emit('consumption.outgoingRequestCreated', toDto(row));
}

/** The message with the request is on its way. One that a sibling gave up at the same time is there again. */
export function markSent(fold: Fold, message: Pick<MessageRow, 'id' | 'content' | 'recipients' | 'createdAt'>): void {
	const { id, content, recipients } = message;
	const peer = recipients[0]?.address;
	if (typeof content['id'] !== 'string' || peer === undefined) return;
	const known = fold.views.get('requests', content['id']);
	if (known && (!known.isOwn || known.status !== 'Draft')) return;
	const draft: RequestRow = known ?? {
		id: content['id'],
		isOwn: true,
		peer,
		createdAt: message.createdAt,
		status: 'Draft',
		content
	};
	applySending(fold, requestOf(draft), { peer, requestId: draft.id });
	moveTo(fold, draft, 'Open', { source: { type: 'Message', reference: id } });
}

// -------------------------------------------------------------------------------------- answers arrive

export interface ReceivedResponse {
	readonly response: Response;
	readonly peer: Address;
	/** What brought it. */
	readonly source: { readonly type: 'Message' | 'Relationship'; readonly reference: string };
	/** When the peer made it: the message's createdAt, or the first audit-log entry of the relationship. */
	readonly respondedAt: Iso;
}

/** A response to a request we sent by message. The first one counts; the same again changes nothing. */
export function completeOutgoing(fold: Fold, received: ReceivedResponse): Result<RequestRow> {
	const { response, peer } = received;
	const row = fold.views.get('requests', response.requestId);
	if (!row || !row.isOwn || row.peer !== peer || row.source?.type === 'RelationshipTemplate')
		return refuse('response-unknown', `There is no request '${response.requestId}' to that peer.`);
	if (row.response) return repeated(row, response);
	if (row.status === 'Draft') return refuse('response-unknown', 'The request was not sent yet.');
	const fault = lateness(requestOf(row), received) ?? lawfulness(fold, requestOf(row), received);
	if (fault) return { ok: false, error: fault };
	return ok(applyAsSender(fold, row, received));
}

/** Effects of a committed response at the one who asked: attributes first, then the status. */
export function applyAsSender(fold: Fold, row: RequestRow, received: ReceivedResponse): RequestRow {
	if (row.response) return row;
	const { response, peer } = received;
	applyAnswers(fold, requestOf(row), response, { peer, requestId: row.id }, 'asSender');
	return moveTo(fold, row, 'Completed', { response: recorded(fold, received) });
}

const recorded = (fold: Fold, { response, source }: ReceivedResponse) => ({
	createdAt: fold.at,
	content: response as unknown as JsonObject,
	source
});

const repeated = (row: RequestRow, response: Response): Result<RequestRow> =>
	isEqualJson(row.response?.content, response)
		? ok(row)
		: refuse('response-second', 'The request was already answered, and differently.');

const lateness = ({ expiresAt }: Request, { respondedAt }: ReceivedResponse): Refusal | undefined =>
	expiresAt !== undefined && respondedAt > expiresAt
		? { code: 'response-late', message: 'The request was answered after it had expired.' }
		: undefined;

function lawfulness(fold: Fold, request: Request, { response, peer }: ReceivedResponse): Refusal | undefined {
	const message = responseFault(request, response, { views: fold.views, me: fold.me, peer });
	return message === undefined ? undefined : { code: 'response-invalid', message };
}

/**
 * A response to a template of ours, by creation content or (a relationship existed) by message. Judged by when the peer
 * responded, never dropped because we were away. `isNew`: the source is a relationship with exactly one audit-log entry.
 */
export function completeFromTemplate(
	fold: Fold,
	template: TemplateRow,
	received: ReceivedResponse & { readonly isNew: boolean }
): Result<RequestRow> {
	const { response, peer, source } = received;
	const existing = fold.views.get('requests', response.requestId);
	if (existing) {
		const isSame = existing.isOwn && existing.peer === peer && existing.source?.reference === template.id;
		return isSame
			? repeated(existing, response)
			: refuse('foreign-id', 'The response names a request that is another.');
	}
	const asked = askedBy(fold, template, received);
	if (!asked.ok) return asked;
	applyAnswers(fold, asked.value, response, { peer, requestId: response.requestId }, 'asSender');
	const row: RequestRow = {
		id: response.requestId,
		isOwn: true,
		peer,
		createdAt: fold.at,
		status: 'Completed',
		content: asked.value as unknown as JsonObject,
		source: { type: 'RelationshipTemplate', reference: template.id },
		response: recorded(fold, received)
	};
	fold.views.put('requests', row);
	fold.emit('consumption.outgoingRequestCreatedAndCompleted', toDto(row));
	if (source.type === 'Relationship')
		fold.emit('consumption.outgoingRequestFromRelationshipCreationCreatedAndCompleted', toDto(row));
	return ok(row);
}

/** The request of the template that was answered. By message both are possible: the peer may have loaded it before. */
function askedBy(fold: Fold, template: TemplateRow, received: ReceivedResponse & { isNew: boolean }): Result<Request> {
	if (!/^REQ[A-Za-z0-9]{17}$/.test(received.response.requestId))
		return refuse('response-invalid', 'The request id is none.');
	if (template.content['@type'] !== 'RelationshipTemplateContent')
		return refuse('response-unknown', 'The template asks for nothing.');
	const { onNewRelationship, onExistingRelationship } = template.content as unknown as RelationshipTemplateContent;
	const bodies = received.isNew ? [onNewRelationship] : [onExistingRelationship, onNewRelationship];
	let fault: Refusal = { code: 'response-unknown', message: 'The template asks for nothing.' };
	for (const body of bodies) {
		if (!body) continue;
		const asked = asRequest(body);
		const found = lateness(asked, received) ?? lawfulness(fold, asked, received);
		if (!found) return ok(asked);
		fault = found;
	}
	return { ok: false, error: fault };
}
