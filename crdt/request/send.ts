/**
 * What may be sent and to whom: messages (connector-api.md §2.8, order of §14) and the opening of a relationship
 * (§2.9, order of §14). Checks only, on what is known here and now; the engine checks again when it commits.
 */
import { isEqualJson } from '../content/json.ts';
import { parseCreationContent, parseMessageContent } from '../content/parse.ts';
import type { CreationContent, Mail, MessageContent } from '../content/parse.ts';
import { asResponse, type Request } from '../content/request.ts';
import { invalidProperty } from '../content/shape.ts';
import { maxAttachments, maxRecipients } from '../limits.ts';
import { relationshipToNotify } from '../notification/notification.ts';
import { newestRelationship } from '../relationship/newest.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import { rowsBy } from '../view-query.ts';
import type { Address, Iso, JsonObject, RequestRow, TemplateRow, Views } from '../views.ts';
import { isPast, responseOf } from './status.ts';

export interface Sending {
	readonly recipients: readonly Address[];
	readonly content: JsonObject;
	readonly attachments?: readonly string[];
}

type Fault = Refusal | undefined;
const fault = (code: string, message: string): Refusal => ({ code, message });
const invalid = (message: string): Refusal => fault(invalidProperty, message);

/** May it be sent? The content as parsed is what goes out. */
export function checkSend(views: Views, input: Sending, now: Iso): Result<MessageContent> {
	const form = recipientsFault(input.recipients);
	if (form) return { ok: false, error: form };
	const content = parseMessageContent(input.content);
	if (!content.ok) return content;
	const found =
		contentFault(views, content.value, input.recipients, now) ?? attachmentsFault(views, input.attachments);
	return found ? { ok: false, error: found } : content;
}

function recipientsFault(recipients: readonly Address[]): Fault {
	if (recipients.length < 1) return invalid('recipients must NOT have fewer than 1 items');
	if (recipients.length > maxRecipients) return invalid(`recipients must NOT have more than ${maxRecipients} items`);
	return new Set(recipients).size < recipients.length
		? invalid('recipients must NOT have duplicate items')
		: undefined;
}

function contentFault(views: Views, content: MessageContent, recipients: readonly Address[], now: Iso): Fault {
	const isRequest = content['@type'] === 'Request';
	if (isRequest && recipients.length > 1) return invalid('Only one recipient is allowed for sending requests.');
	const reach = content['@type'] === 'Notification' ? notifyFault : reachFault;
	const unreachable = recipients.map((peer) => reach(views, peer)).find((found) => found !== undefined);
	if (unreachable) return unreachable;
	if (content['@type'] === 'Mail') return mailFault(content as Mail, recipients);
	return isRequest ? requestFault(views, content as Request, recipients[0] as Address, now) : undefined;
}

/** Notifications may also go where the relationship has ended: they are held there until it is taken up again. */
function notifyFault(views: Views, peer: Address): Fault {
	const relationship = relationshipToNotify(views, peer);
	return relationship.ok ? undefined : relationship.error;
}

/** Everything but notifications needs an active relationship and a peer that stays. */
function reachFault(views: Views, peer: Address): Fault {
	const relationship = newestRelationship(views, peer);
	if (relationship?.status !== 'Active')
		return fault(
			'error.runtime.messages.hasNoActiveRelationship',
			`The message cannot be sent to '${peer}': there is no active relationship.`
		);
	const deletion = relationship.peerDeletionInfo?.deletionStatus;
	if (deletion === 'Deleted')
		return fault(
			'error.transport.messages.peerIsDeleted',
			`The message cannot be sent to '${peer}': it was deleted.`
		);
	return deletion
		? fault(
				'error.runtime.messages.peerIsInDeletion',
				`The message cannot be sent to '${peer}': it is being deleted.`
			)
		: undefined;
}

function mailFault({ to, cc }: Mail, recipients: readonly Address[]): Fault {
	const twice = (list: readonly Address[]) => list.find((address, i) => list.indexOf(address) !== i);
	if (twice(cc)) return invalid(`The address '${twice(cc)}' is in 'cc' twice.`);
	if (twice(to)) return invalid(`The address '${twice(to)}' is in 'to' twice.`);
	const both = to.find((address) => cc.includes(address));
	if (both) return invalid(`The address '${both}' is in 'to' and in 'cc'.`);
	const named = new Set([...to, ...cc]);
	const isSame = named.size === recipients.length && recipients.every((address) => named.has(address));
	return isSame ? undefined : invalid("The recipients of the message must be those in 'to' and 'cc'.");
}

function requestFault(views: Views, content: Request, recipient: Address, now: Iso): Fault {
	if (content.id === undefined) return invalid('The request has no id. Create it first.');
	const row = views.get('requests', content.id);
	if (!row || !row.isOwn)
		return fault(
			'error.runtime.recordNotFound',
			'Request not found. Make sure the ID exists and the record is not expired.'
		);
	if (!isEqualJson(row.content, content)) return invalid('The request differs from the one that was created.');
	return draftFault(row, recipient, now);
}

function draftFault(row: RequestRow, recipient: Address, now: Iso): Fault {
	const { expiresAt } = row.content as { readonly expiresAt?: Iso };
	if (row.status === 'Expired' || isPast(expiresAt, now))
		return fault(
			'error.runtime.messages.cannotSendMessageWithExpiredRequest',
			'The message cannot be sent: its request is expired.'
		);
	if (row.peer !== recipient) return invalid('The recipient of the message must be the peer of the request.');
	if (row.status === 'Draft') return undefined;
	return fault(
		'error.runtime.messages.cannotSendRequestThatWasAlreadySent',
		'The message cannot be sent: its request was sent already.'
	);
}

/** Only what is known here can be attached: what travels is how to open it. */
const attachmentsFault = (views: Views, attachments: readonly string[] = []): Fault =>
	attachments.length > maxAttachments
		? invalid(`attachments must NOT have more than ${maxAttachments} items`)
		: unknownFault(views, attachments);

const unknownFault = (views: Views, attachments: readonly string[]): Fault =>
	attachments.some((id) => !views.get('files', id))
		? fault(
				'error.runtime.recordNotFound',
				'File not found. Make sure the ID exists and the record is not expired.'
			)
		: undefined;

// --------------------------------------------------------------------------- opening a relationship

export interface Opening {
	readonly templateId: string;
	readonly creationContent?: JsonObject | undefined;
}
export interface Opened {
	readonly template: TemplateRow;
	/** Undefined when none was given: then only relationship, expiry and peer were checked. */
	readonly content: CreationContent | undefined;
}

/** May a relationship be asked for with this template? */
export function checkOpening(views: Views, { templateId, creationContent }: Opening, now: Iso): Result<Opened> {
	const template = views.get('templates', templateId);
	if (!template || template._deleted)
		return refuse(
			'error.runtime.recordNotFound',
			'RelationshipTemplate not found. Make sure the ID exists and the record is not expired.'
		);
	const content = creationContent === undefined ? undefined : parseCreationContent(creationContent);
	if (content && !content.ok && content.error.code !== invalidProperty) return content;
	const found = templateFault(views, template, now);
	if (found) return { ok: false, error: found };
	if (!content) return ok({ template, content: undefined });
	if (!content.ok) return content;
	const misfit = creationFault(views, template, content.value);
	return misfit ? { ok: false, error: misfit } : ok({ template, content: content.value });
}

const relationshipFault = (code: string, message: string) => fault(`error.transport.relationships.${code}`, message);

function templateFault(views: Views, template: TemplateRow, now: Iso): Fault {
	const peer = template.createdBy;
	if (template.isOwn)
		return fault(
			'error.platform.validation.relationship.cannotCreateRelationshipWithYourself',
			'You cannot create a relationship with yourself.'
		);
	const current = newestRelationship(views, peer);
	if (current && !['Rejected', 'Revoked'].includes(current.status))
		return relationshipFault('relationshipCurrentlyExists', `There is a relationship with '${peer}' already.`);
	if (isPast(template.expiresAt, now))
		return relationshipFault('relationshipTemplateIsExpired', `The template '${template.id}' is expired.`);
	const deletion = current?.peerDeletionInfo?.deletionStatus;
	if (deletion === 'Deleted')
		return relationshipFault('deletedOwnerOfRelationshipTemplate', `The identity '${peer}' was deleted.`);
	if (rowsBy(views, 'relationships', 'peer', peer).some((row) => row._hidden === 'decomposed'))
		return relationshipFault(
			'relationshipNotYetDecomposedByPeer',
			`The earlier relationship with '${peer}' is not decomposed by the peer yet.`
		);
	return (
		deletion &&
		relationshipFault(
			'activeIdentityDeletionProcessOfOwnerOfRelationshipTemplate',
			`The identity '${peer}' is being deleted.`
		)
	);
}

function creationFault(views: Views, template: TemplateRow, content: CreationContent): Fault {
	const isStructured = template.content['@type'] === 'RelationshipTemplateContent';
	if (isStructured !== (content['@type'] === 'RelationshipCreationContent'))
		return invalid(
			`The creation content must be ${isStructured ? 'a RelationshipCreationContent' : 'an ArbitraryRelationshipCreationContent'} to fit its template.`
		);
	if (content['@type'] !== 'RelationshipCreationContent') return undefined;
	const accepted = rowsBy(views, 'requests', 'source.reference', template.id).find(isAcceptedOffer);
	if (!accepted)
		return fault(
			'error.runtime.relationships.noAcceptedIncomingRequest',
			'There is no accepted incoming request for the template. Accept it first.'
		);
	return isEqualJson(responseOf(accepted), asResponse(content.response))
		? undefined
		: fault(
				'error.runtime.relationships.wrongResponseProvidedAsCreationContent',
				'The creation content must hold the response the request was accepted with.'
			);
}

const isAcceptedOffer = (row: RequestRow): boolean =>
	!row.isOwn && row.status === 'Decided' && responseOf(row)?.result === 'Accepted';
