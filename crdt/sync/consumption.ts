/**
 * Where the log's fold meets the consumption layer: attributes, requests, message contents. Thin: each function says which
 * rule of crdt/attribute, crdt/request and crdt/content answers.
 */
import type { DecideParameters, ValidationResult } from '../api.ts';
import { forgetPeer, markDeletedByPeer, undoExchange } from '../attribute/sharing.ts';
import { isEqualJson } from '../content/json.ts';
import {
	parseCreationContent,
	parseMessageContent,
	parseTemplateContent,
	type RelationshipCreationContent,
	type RelationshipTemplateContent,
	type ResponseWrapper
} from '../content/parse.ts';
import { asRequest, asResponse, type Request, type Response } from '../content/request.ts';
import {
	applyAsRecipient,
	buildResponse,
	canAccept,
	canReject,
	completedFromTemplate,
	completeIncoming,
	isSameDecision as isSameAnswer,
	processTemplate,
	receiveRequest
} from '../request/incoming.ts';
import {
	canCreate,
	completeFromTemplate,
	completeOutgoing,
	draftRequest,
	markSent,
	prepareRequest
} from '../request/outgoing.ts';
import { checkOpening, checkSend } from '../request/send.ts';
import { deleteRequest, isPast, isUndecided, requestOf } from '../request/status.ts';
import { notificationReceived, notificationSent } from '../notification/notification.ts';
import { ok, refuse, type Result } from '../result.ts';
import { rowsBy } from '../view-query.ts';
import type { Iso, JsonObject, MessageRow, RelationshipRow, RequestRow, TemplateRow, Views } from '../views.ts';
import { toDto } from '../views-dto.ts';
import { attention, localId, type Folding } from './folding.ts';
import { keepingDefaults } from './attribute-records.ts';
import type { Records } from './record.ts';

export { attributesExchangedWith } from '../attribute/versions.ts';
export { isEqualJson as isSameContent };

// --- templates --------------------------------------------------------------------------------------------------------

export const receivedTemplateContent = (content: JsonObject): Result<JsonObject> =>
	parseTemplateContent(content) as Result<unknown> as Result<JsonObject>;

/** Content of an own template: both requests must be askable and end with it (content-model.md §4.9). */
export function templateContent(
	views: Views,
	me: string,
	content: JsonObject,
	expiresAt: Iso,
	now: Iso
): Result<JsonObject> {
	const parsed = parseTemplateContent(content);
	if (!parsed.ok) return parsed;
	if (parsed.value['@type'] !== 'RelationshipTemplateContent') return ok(parsed.value as unknown as JsonObject);
	const template = parsed.value as RelationshipTemplateContent;
	const end = new Date(expiresAt).toISOString();
	const { onNewRelationship, onExistingRelationship } = template;
	if (onNewRelationship.expiresAt !== undefined && onNewRelationship.expiresAt > end)
		return refuse(
			'error.runtime.relationshipTemplates.requestCannotExpireAfterRelationshipTemplate',
			'The expiration date of the Request within the onNewRelationship property of the RelationshipTemplateContent must be set such that the Request expires latest with the RelationshipTemplate.'
		);
	for (const body of [onNewRelationship, onExistingRelationship]) {
		const asked = body && prepareRequest(views, me, asRequest(body) as unknown as JsonObject, undefined, now);
		if (asked && !asked.ok) return asked;
	}
	return ok({
		...template,
		onNewRelationship: { ...onNewRelationship, expiresAt: onNewRelationship.expiresAt ?? end }
	} as unknown as JsonObject);
}

/** A template was loaded (again): told, and its request comes up. */
export function templateLoaded(fold: Folding, template: TemplateRow): void {
	fold.emit('transport.peerRelationshipTemplateLoaded', toDto(template));
	const k = completedFromTemplate(fold.views, template.id);
	processTemplate(fold, template, localId(fold.b, 'REQ', 'treq', template.id, String(k)));
}

// --- relationships ----------------------------------------------------------------------------------------------------

export const creationContent = (content: JsonObject): Result<JsonObject> =>
	parseCreationContent(content) as Result<unknown> as Result<JsonObject>;

export function canCreateRelationship(
	views: Views,
	_me: string,
	templateId: string,
	content: JsonObject | undefined,
	now: Iso
): Result<void> {
	const checked = checkOpening(views, { templateId, creationContent: content }, now);
	return checked.ok ? ok(undefined) : checked;
}

/** A Pending relationship is there: the request of its template is asked and answered (theirs), or ours has left. */
export function relationshipOpened(fold: Folding, row: RelationshipRow): void {
	const parsed = parseCreationContent(row.creationContent);
	if (!parsed.ok) return attention(fold, 'response-refused', row.id, row.peer, row.id);
	if (parsed.value['@type'] !== 'RelationshipCreationContent') return;
	const response = asResponse((parsed.value as RelationshipCreationContent).response);
	if (row._own) return completeIncoming(fold, response.requestId, { type: 'Relationship', reference: row.id });
	const template = fold.views.get('templates', row.templateId);
	if (!template?.isOwn) return;
	const completed = completeFromTemplate(fold, template, {
		response,
		peer: row.peer,
		source: { type: 'Relationship', reference: row.id },
		respondedAt: row.auditLog[0]?.createdAt ?? fold.at,
		isNew: row.auditLog.length <= 1
	});
	if (!completed.ok) attention(fold, 'response-refused', row.id, row.peer, row.id);
}

export function relationshipStatusChanged(fold: Folding, row: RelationshipRow): void {
	if (row.status === 'Rejected' || row.status === 'Revoked')
		undoExchange(fold, row.peer, answeredElsewhere(fold.views, row));
	else if (row.status === 'DeletionProposed')
		markDeletedByPeer(fold, row.peer, row.auditLog.at(-1)?.createdAt ?? fold.at);
}

/** Requests answered with another relationship to the same peer that is not over: it crossed this one. */
const answeredElsewhere = (views: Views, over: RelationshipRow): ReadonlySet<string> =>
	new Set(
		rowsBy(views, 'relationships', 'peer', over.peer)
			.filter(({ id, status }) => id !== over.id && status !== 'Rejected' && status !== 'Revoked')
			.flatMap(({ creationContent }) => {
				const response = creationContent['response'] as { readonly requestId?: string } | undefined;
				return response?.requestId ?? [];
			})
	);

/** Own decomposition: what was exchanged goes. */
export function peerPurged(fold: Folding, row: RelationshipRow): void {
	for (const request of rowsBy(fold.views, 'requests', 'peer', row.peer)) fold.views.delete('requests', request.id);
	forgetPeer(fold, row.peer);
}

// --- messages ---------------------------------------------------------------------------------------------------------

export const canSend = (
	views: Views,
	_me: string,
	input: { recipients: readonly string[]; content: JsonObject; attachments?: readonly string[] },
	now: Iso
): Result<JsonObject> => checkSend(views, input, now) as Result<unknown> as Result<JsonObject>;

/** What arrived, parsed; content of another class is wrapped, as in the original. */
export const receivedContent = (content: JsonObject): Result<JsonObject> =>
	parseMessageContent(content) as Result<unknown> as Result<JsonObject>;

export function messageSent(fold: Folding, row: MessageRow): void {
	if (row.content['@type'] === 'Request') markSent(fold, row);
	if (row.content['@type'] === 'Notification') notificationSent(fold, row);
	fold.emit('transport.messageSent', toDto(row));
	if (row.content['@type'] === 'ResponseWrapper' && typeof row.content['requestId'] === 'string')
		completeIncoming(fold, row.content['requestId'], { type: 'Message', reference: row.id });
}

export function messageReceived(fold: Folding, row: MessageRow): void {
	if (row.content['@type'] === 'Request') {
		const received = receiveRequest(fold, row);
		if (!received.ok) attention(fold, 'request-refused', row.id, row.createdBy, row.id);
		return;
	}
	if (row.content['@type'] === 'ResponseWrapper')
		answerReceived(fold, row, row.content as unknown as ResponseWrapper);
	if (row.content['@type'] === 'Notification') {
		const refused = notificationReceived(fold, row, fold.device);
		if (refused) attention(fold, refused.code, row.id, row.createdBy, row.id);
	}
	fold.emit('consumption.messageProcessed', { message: toDto(row), result: 'NoRequest' });
}

function answerReceived(fold: Folding, row: MessageRow, wrapper: ResponseWrapper): void {
	const received = {
		response: asResponse(wrapper.response as never),
		peer: row.createdBy,
		source: { type: 'Message', reference: row.id } as const,
		respondedAt: row.createdAt
	};
	const template =
		wrapper.requestSourceType === 'RelationshipTemplate'
			? fold.views.get('templates', wrapper.requestSourceReference)
			: undefined;
	const completed =
		wrapper.requestSourceType !== 'RelationshipTemplate'
			? completeOutgoing(fold, received)
			: template?.isOwn
				? completeFromTemplate(fold, template, { ...received, isNew: false })
				: refuse('response-unknown', 'There is no such template.');
	if (!completed.ok) attention(fold, 'response-refused', row.id, row.createdBy, row.id);
}

// --- requests ---------------------------------------------------------------------------------------------------------

export const requestDrafted = (fold: Folding, { id, content, peer }: Records['request.drafted']): void =>
	draftRequest(fold, id, content as unknown as Request, peer);

/** A committed (or waiting) decision: its effects, and, when nothing has to be sent, its end. */
export function requestDecided(fold: Folding, { id, response, automatic, defaults }: Records['request.decided']): void {
	const row = fold.views.get('requests', id);
	if (!row || row.isOwn) return;
	applyAsRecipient(keepingDefaults(fold, defaults), row, response as unknown as Response, automatic);
	const rejectedTemplate = row.source?.type === 'RelationshipTemplate' && response['result'] === 'Rejected';
	if (rejectedTemplate && !fold.pending && !hasActive(fold.views, row.peer)) completeIncoming(fold, id);
}

export const requestDeleted = (fold: Folding, { id }: Records['request.deleted']): void => deleteRequest(fold, id);

const hasActive = (views: Views, peer: string): boolean =>
	rowsBy(views, 'relationships', 'peer', peer).some((row) => row.status === 'Active' && !row._hidden);

export const isOpenForDecision = (row: RequestRow): boolean => !row.isOwn && isUndecided(row.status);
export const isExpired = (row: RequestRow, now: Iso): boolean => isPast(requestOf(row).expiresAt, now);

export const isSameDecision = (row: RequestRow, response: JsonObject): boolean =>
	isSameAnswer(row, response as unknown as Response);

/** How an answer travels in a message. */
export const responseWrapper = (row: RequestRow, response: JsonObject): JsonObject => {
	const { '@type': _type, ...bare } = response;
	return {
		'@type': 'ResponseWrapper',
		requestId: row.id,
		requestSourceReference: row.source?.reference ?? '',
		requestSourceType: row.source?.type ?? 'Message',
		response: bare
	};
};

/** CanAccept, CanReject. */
export function judge(
	views: Views,
	me: string,
	row: RequestRow | undefined,
	decision: DecideParameters,
	accept: boolean,
	now: Iso
): Result<ValidationResult> {
	if (!row) return refuse('error.transport.recordNotFound', "'LocalRequest' not found.");
	return accept ? canAccept(views, me, row, decision, now) : canReject(views, me, row, decision, now);
}

/** The response to commit, or why it cannot be decided so (REST tells details only through CanAccept). */
export function decide(
	views: Views,
	me: string,
	row: RequestRow,
	decision: DecideParameters,
	accept: boolean,
	now: Iso,
	newAttributeId: () => string
): Result<JsonObject> {
	const judged = judge(views, me, row, decision, accept, now);
	if (!judged.ok) return judged;
	if (!judged.value.isSuccess) {
		const verb = accept ? 'accept' : 'reject';
		return refuse(
			'error.runtime.unknown',
			`An error was thrown in a UseCase: Cannot ${verb} the Request with the given parameters. Call 'can${accept ? 'Accept' : 'Reject'}' to get more information.`
		);
	}
	return ok(buildResponse(views, me, row, decision, accept, newAttributeId).response as unknown as JsonObject);
}

export const validateOutgoing = (
	views: Views,
	me: string,
	content: JsonObject,
	peer: string | undefined,
	now: Iso
): Result<ValidationResult> => canCreate(views, me, content, peer, now);

export const prepareOutgoing = (
	views: Views,
	me: string,
	content: JsonObject,
	peer: string,
	now: Iso
): Result<JsonObject> => prepareRequest(views, me, content, peer, now) as Result<unknown> as Result<JsonObject>;
