/**
 * Requests others make (content-model.md §4.5, §4.7–§4.9).
 *
 *   receiveRequest    a message brought one → Open → DecisionRequired → ManualDecisionRequired (there are no decider rules)
 *   processTemplate   a peer's template was loaded: the ladder of §4.9, told by relationshipTemplateProcessed
 *   canAccept, canReject   may it be decided so? a tree of reasons
 *   buildResponse     the response to commit; new ids are in it, so that everybody computes the same from it
 *   applyAsRecipient  effects of the committed response: attributes first, then → Decided
 *   completeIncoming  the response went out, or nothing has to → Completed
 */
import type { DecideItem, DecideParameters, ValidationResult } from '../api.ts';
import { parseAcceptParameters } from '../content/decide.ts';
import { isObject, isEqualJson } from '../content/json.ts';
import { parseRequest, type RelationshipTemplateContent } from '../content/parse.ts';
import { asRequest, isGroup, itemsOf } from '../content/request.ts';
import type { Request, RequestItem, RequestItemGroup, Response, ResponseItem } from '../content/request.ts';
import type { Unnamed } from '../content/shape.ts';
import { deserialization } from '../content/shape.ts';
import { newestRelationship } from '../relationship/newest.ts';
import { ok, refuse, type Refusal, type Result } from '../result.ts';
import { memoryViews } from '../memory-views.ts';
import type {
	Address,
	AttributeRow,
	Fold,
	Iso,
	JsonObject,
	MessageRow,
	RelationshipStatus,
	RequestRow,
	TemplateRow,
	Views
} from '../views.ts';
import { toDto } from '../views-dto.ts';
import { applyAnswers } from './answer.ts';
import { repeatedKey, violatedKeys } from './items/keys.ts';
import { invalidParameters, type Deciding } from './items/rule.ts';
import { ruleOf } from './items/table.ts';
import { deletionFault } from './outgoing.ts';
import { isPast, moveTo, requestOf, responseOf, UNDECIDED, withExpiry } from './status.ts';
import { failure, parentOf, requestFault, success, verdict } from './validation.ts';

// -------------------------------------------------------------------------------------------- arriving

/** A message with a Request arrived. A refusal is for "needs attention": nothing was stored, nothing told. */
export function receiveRequest(fold: Fold, message: MessageRow): Result<RequestRow> {
	const parsed = parseRequest(message.content);
	if (!parsed.ok) return parsed;
	const { id } = parsed.value;
	if (message.isOwn || id === undefined || !/^REQ[A-Za-z0-9]{17}$/.test(id))
		return refuse('request-invalid', 'A request by message needs an id and a peer.');
	const known = fold.views.get('requests', id);
	if (known && !known.isOwn && known.source?.reference === message.id) return ok(known);
	if (known)
		return refuse(
			'error.consumption.requests.cannotCreateRequestWithDuplicateId',
			`Cannot create the request with id '${id}': there is one with this id already.`
		);
	const source = { type: 'Message', reference: message.id } as const;
	const row = openRequest(fold, { id, peer: message.createdBy, content: parsed.value, source });
	const result = row.status === 'Expired' ? 'Error' : 'ManualRequestDecisionRequired';
	fold.emit('consumption.messageProcessed', { message: toDto(message), result });
	return ok(row);
}

interface Arrived {
	readonly id: string;
	readonly peer: Address;
	readonly content: Request;
	readonly source: NonNullable<RequestRow['source']>;
}

/** Stores it and lets it come to where a person decides; one that is expired already goes no further. */
function openRequest(fold: Fold, { id, peer, content, source }: Arrived): RequestRow {
	const open: RequestRow = {
		id,
		isOwn: false,
		peer,
		createdAt: fold.at,
		status: 'Open',
		content: content as unknown as JsonObject,
		source
	};
	const row = withExpiry(open, fold.at);
	fold.views.put('requests', row);
	fold.emit('consumption.incomingRequestReceived', toDto(row));
	if (row.status === 'Expired') return row;
	return moveTo(fold, moveTo(fold, row, 'DecisionRequired'), 'ManualDecisionRequired');
}

export interface TemplateProcessed {
	readonly result:
		| 'ManualRequestDecisionRequired'
		| 'NonCompletedRequestExists'
		| 'RelationshipExists'
		| 'NoRequest'
		| 'RequestExpired'
		| 'Error';
	readonly requestId?: string;
	readonly relationshipId?: string;
}

/** How many requests of a template were completed here: the `k` in the id of the next one (protocol.md §1). */
export const completedFromTemplate = (views: Views, templateId: string): number =>
	fromTemplate(views, templateId).filter((row) => row.status === 'Completed').length +
	(views.get('templateKeys', templateId)?.forgotten ?? 0);

const theirs = { key: 'isOwn', anyOf: ['false'] };
const fromTemplate = (views: Views, templateId: string): RequestRow[] => [
	...views.rows('requests', { where: [theirs, { key: 'source.reference', anyOf: [templateId] }] })
];

/** A peer's template was loaded, for the first time or again. `requestId` is that of the request it would become. */
export function processTemplate(fold: Fold, template: TemplateRow, requestId: string): TemplateProcessed {
	const processed = climb(fold, template, requestId);
	fold.emit('consumption.relationshipTemplateProcessed', { template: toDto(template), ...processed });
	return processed;
}

/** The ladder of content-model.md §4.9; its numbers stand at the rungs. */
function climb(fold: Fold, template: TemplateRow, requestId: string): TemplateProcessed {
	const { views, at } = fold;
	if (template.content['@type'] !== 'RelationshipTemplateContent') return { result: 'NoRequest' }; // 1
	const { onNewRelationship, onExistingRelationship } = template.content as unknown as RelationshipTemplateContent;
	const open = fromTemplate(views, template.id).find((row) => row.status !== 'Completed');
	if (open) return { result: 'NonCompletedRequestExists', requestId: open.id }; // 2
	const relationship = newestRelationship(views, template.createdBy);
	const status = relationship?.status;
	const exists = { result: 'RelationshipExists', relationshipId: relationship?.id ?? '' } as const;
	if (status === 'Pending' || status === 'Terminated' || status === 'DeletionProposed') return exists; // 3, 4
	if (status === 'Active') return onExistingRelationship ? become(onExistingRelationship) : exists; // 5
	const offers = views.rows('requests', {
		where: [
			theirs,
			{ key: 'peer', anyOf: [template.createdBy] },
			{ key: 'status', anyOf: [...UNDECIDED, 'Decided'] }
		]
	});
	const other = [...offers].find((row) => isUndecidedOffer(row, at));
	if (other) return { result: 'NonCompletedRequestExists', requestId: other.id }; // 6
	return become(withTemplateExpiry(onNewRelationship, template)); // 7, 8

	function become(body: Unnamed<Request>): TemplateProcessed {
		if (isPast(body.expiresAt, at)) return { result: 'RequestExpired' };
		if (template.isOwn || views.get('requests', requestId)) return { result: 'Error' };
		const source = { type: 'RelationshipTemplate', reference: template.id } as const;
		openRequest(fold, { id: requestId, peer: template.createdBy, content: asRequest(body), source });
		return { result: 'ManualRequestDecisionRequired', requestId };
	}
}

/** A request by template from that peer that waits for a decision, or for its answer to leave. */
function isUndecidedOffer(row: RequestRow, now: Iso): boolean {
	if (row.isOwn || row.source?.type !== 'RelationshipTemplate') return false;
	return ['Open', 'DecisionRequired', 'ManualDecisionRequired', 'Decided'].includes(withExpiry(row, now).status);
}

/** Whichever ends first: the template or the request in it. */
function withTemplateExpiry(body: Unnamed<Request>, { expiresAt }: TemplateRow): Unnamed<Request> {
	if (expiresAt === undefined || (body.expiresAt !== undefined && body.expiresAt <= expiresAt)) return body;
	return { ...body, expiresAt };
}

// -------------------------------------------------------------------------------------------- deciding

/** May it be accepted so? A refusal means it cannot be asked now (status), or the parameters are none. */
export const canAccept = (views: Views, me: Address, row: RequestRow, decision: DecideParameters, now: Iso) =>
	canDecide(views, me, row, decision, now, true);

export const canReject = (views: Views, me: Address, row: RequestRow, decision: DecideParameters, now: Iso) =>
	canDecide(views, me, row, decision, now, false);

function canDecide(
	views: Views,
	me: Address,
	row: RequestRow,
	decision: DecideParameters,
	now: Iso,
	accept: boolean
): Result<ValidationResult> {
	const misuse = parametersFault(decision);
	if (misuse) return refuse(deserialization, misuse);
	const relationship = newestRelationship(views, row.peer);
	const status = relationship && relationshipFault(row, relationship.status);
	if (status) return ok(failure(status));
	if (!/^(Manual)?DecisionRequired$/.test(withExpiry(row, now).status))
		return refuse(
			'error.runtime.unknown',
			"An error was thrown in a UseCase: Local Request has to be in status 'DecisionRequired/ManualDecisionRequired'."
		);
	const deletion = deletionFault(relationship?.peerDeletionInfo?.deletionStatus, row.peer);
	if (deletion) return ok(failure(deletion));
	const request = requestOf(row);
	const judged = judge(request, decision, { views, me, peer: row.peer, today: now }, accept);
	if (!accept || !judged.isSuccess) return ok(judged);
	return keysFault(request, decision, me) ?? ok(judged);
}

/** Keys two accepted items would bring into being: if both must be, the request can never be accepted (§4.7 8). */
function keysFault(request: Request, decision: DecideParameters, me: Address): Result<ValidationResult> | undefined {
	const items = itemsOf(request);
	const always = repeatedKey(
		items.filter((item) => item.mustBeAccepted),
		me
	);
	if (always !== undefined) return { ok: false, error: violatedKeys(always) };
	const answers = decision.items.flatMap((node) => (isGroupAnswer(node) ? node.items : [node]));
	const chosen = repeatedKey(
		items.filter((_, i) => answers[i]?.['accept' as never] === true),
		me
	);
	return chosen === undefined ? undefined : ok(failure(invalidParameters(violatedKeys(chosen).message)));
}

function relationshipFault(row: RequestRow, status: RelationshipStatus): Refusal | undefined {
	const allowed = row.source?.type === 'RelationshipTemplate' ? ['Active', 'Rejected', 'Revoked'] : ['Active'];
	if (allowed.includes(status)) return undefined;
	return requestFault(
		'wrongRelationshipStatus',
		`You cannot decide a request from '${row.peer}': the relationship is ${status}.`
	);
}

/** Decide parameters as they come from callers: text if they are none. */
function parametersFault(decision: unknown): string | undefined {
	const root = 'DecideRequestParameters';
	if (!isObject(decision) || !Array.isArray(decision['items'])) return `${root}.items :: Value is not an array`;
	for (const item of decision['items'].flatMap((node: unknown) =>
		isObject(node) && Array.isArray(node['items']) ? node['items'] : [node]
	)) {
		if (!isObject(item) || typeof item['accept'] !== 'boolean')
			return `${root}.items.accept :: Value is not a boolean`;
		const { code, message } = item;
		if (code !== undefined && !isShort(code, 200))
			return `${root}.items.code :: must not be longer than 200 characters`;
		if (message !== undefined && !isShort(message, 1000))
			return `${root}.items.message :: must not be longer than 1000 characters`;
	}
	return undefined;
}

/** What is said to one item. */
type Parameters = Extract<DecideItem, { readonly accept: boolean }>;

const isShort = (value: unknown, max: number): boolean => typeof value === 'string' && value.length <= max;

const decideFault = (code: string, message: string): Refusal => requestFault(`decide.validation.${code}`, message);
const wrongNumber = decideFault(
	'invalidNumberOfItems',
	'The number of items in the request and in the response differs.'
);

function judge(request: Request, { items }: DecideParameters, deciding: Deciding, accept: boolean): ValidationResult {
	if (items.length !== request.items.length) return failure(wrongNumber);
	return parentOf(request.items.map((node, i) => judgeNode(node, items[i] as DecideItem, deciding, accept)));
}

function judgeNode(
	node: RequestItem | RequestItemGroup,
	answer: DecideItem,
	deciding: Deciding,
	accept: boolean
): ValidationResult {
	if (!isGroup(node))
		return isGroupAnswer(answer) ? failure(answeredAsGroup) : judgeItem(node, answer, deciding, accept);
	if (!isGroupAnswer(answer)) return failure(answeredAsItem);
	if (answer.items.length !== node.items.length) return failure(wrongNumber);
	return parentOf(node.items.map((item, i) => judgeNode(item, answer.items[i] as DecideItem, deciding, accept)));
}

const isGroupAnswer = (answer: DecideItem): answer is Extract<DecideItem, { items: readonly DecideItem[] }> =>
	Array.isArray(answer['items']);
const answeredAsGroup = decideFault(
	'requestItemAnsweredAsRequestItemGroup',
	'The request item was answered as if it were a group.'
);
const answeredAsItem = decideFault(
	'requestItemGroupAnsweredAsRequestItem',
	'The request item group was answered as if it were an item.'
);

function judgeItem(item: RequestItem, answer: Parameters, deciding: Deciding, accept: boolean): ValidationResult {
	if (answer.accept && !accept)
		return failure(
			decideFault('itemAcceptedButRequestNotAccepted', 'The item was accepted, but the request was not.')
		);
	if (accept && item.mustBeAccepted && !answer.accept)
		return failure(decideFault('mustBeAcceptedItemNotAccepted', 'The item must be accepted but was rejected.'));
	if (!answer.accept) return success;
	const parameters = parseAcceptParameters(item, answer, deciding.today);
	return verdict(parameters.ok ? ruleOf(item).canAccept(item, parameters.value, deciding) : parameters.error);
}

// ----------------------------------------------------------------------------------------- the response

export interface BuiltResponse {
	readonly response: Response;
	/** Own attributes the response brings into being, in order. */
	readonly created: readonly AttributeRow[];
}

/**
 * The response to a decision that was found possible. It is tried out on top of the views while it is built, so that an
 * attribute given twice is given once and called "already shared" after that.
 */
export function buildResponse(
	views: Views,
	me: Address,
	row: RequestRow,
	decision: DecideParameters,
	accept: boolean,
	newAttributeId: () => string
): BuiltResponse {
	const created: string[] = [];
	const newId = () => {
		const id = newAttributeId();
		created.push(id);
		return id;
	};
	const trial: Fold = { views: memoryViews(views), me, at: row.createdAt, emit: () => {} };
	const request = requestOf(row);
	const items = request.items.map((node, i): Response['items'][number] => {
		const answer = decision.items[i] as DecideItem;
		if (!isGroup(node)) return answerItem(node, answer as Parameters, trial, row, newId);
		const answers = (answer as { readonly items: readonly Parameters[] }).items;
		const replies = node.items.map((item, k) => answerItem(item, answers[k] as Parameters, trial, row, newId));
		return { '@type': 'ResponseItemGroup', items: replies };
	});
	const response: Response = {
		'@type': 'Response',
		result: accept ? 'Accepted' : 'Rejected',
		requestId: row.id,
		items
	};
	return { response, created: created.flatMap((id) => trial.views.get('attributes', id) ?? []) };
}

function answerItem(
	item: RequestItem,
	parameters: Parameters,
	trial: Fold,
	row: RequestRow,
	newId: () => string
): ResponseItem {
	if (parameters.accept) {
		// It was judged by today's date when it was found possible.
		const parsed = parseAcceptParameters(item, parameters, '9999-12-31T00:00:00.000Z');
		if (!parsed.ok) throw new Error('parameters that were found good cannot be read');
		return ruleOf(item).answer(item, parsed.value, trial, { peer: row.peer, requestId: row.id }, newId);
	}
	const { code, message } = parameters;
	return {
		'@type': 'RejectResponseItem',
		result: 'Rejected',
		...(typeof code === 'string' && { code }),
		...(typeof message === 'string' && { message })
	};
}

/** Effects of a committed response at the one who was asked: attributes first, then the status. Twice is once. */
export function applyAsRecipient(fold: Fold, row: RequestRow, response: Response, automatic = false): RequestRow {
	if (row.response) return row;
	applyAnswers(fold, requestOf(row), response, { peer: row.peer, requestId: row.id }, 'asRecipient');
	return moveTo(fold, row, 'Decided', {
		...(automatic && { wasAutomaticallyDecided: true }),
		response: { createdAt: fold.at, content: response as unknown as JsonObject }
	});
}

/** The answer left with that message or relationship; without a source nothing had to (a template's request rejected). */
export function completeIncoming(
	fold: Fold,
	requestId: string,
	source?: { readonly type: 'Message' | 'Relationship'; readonly reference: string }
): void {
	const row = fold.views.get('requests', requestId);
	if (!row?.response || row.isOwn || row.status !== 'Decided') return;
	moveTo(fold, row, 'Completed', { response: { ...row.response, ...(source && { source }) } });
}

/** Two devices decided alike, whatever ids each made: then the second one's call has succeeded too (protocol.md §13.2). */
export const isSameDecision = (row: RequestRow, response: Response): boolean =>
	isEqualJson(withoutIds(responseOf(row)), withoutIds(response));

const withoutIds = (response: Response | undefined): unknown =>
	response &&
	JSON.parse(
		JSON.stringify(response, (member, value: unknown) =>
			/^(attribute|successor)Id$/.test(member) ? undefined : value
		)
	);
