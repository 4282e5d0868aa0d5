/**
 * A request as a sheet with open fields (its items: requestItems.ts): what the person answered so far, what of it would leave the
 * device, and the parameters the engine decides by. Pure functions over content; pages keep the state.
 *
 *   path     "2" or "2.1": where an item stands (test ids, errors and drafts are keyed by it)
 *   Answers  path → what the person wants with it; an item without an answer is not accepted
 */
import type {
	AttributeRow,
	DecideItem,
	DecideParameters,
	Json,
	JsonObject,
	RequestRow,
	ValidationResult
} from '@enmeshed/crdt';
import { dateOf, responseOf, responseText, type Entry } from './formField.ts';
import {
	attributeOf,
	hintsOf,
	isOfRelationship,
	itemOf,
	itemsOf,
	itemTitle,
	list,
	object,
	offeredValue,
	queryOf,
	settingsOf,
	text,
	type Item
} from './requestItems.ts';
import { draftErrors, draftOf } from './values/draft.ts';
import { typeLabel } from './values/types.ts';

/**
 * What a person wants with one item. `fresh` is a value typed in here; it becomes an own entry when the answer goes out. `entry`
 * is what stands in a form field, `date` the day (YYYY-MM-DD) by which something is deleted.
 */
export interface Answer {
	readonly accept: boolean;
	readonly existing?: string;
	readonly fresh?: JsonObject;
	readonly entry?: Entry;
	readonly date?: string;
}
export type Answers = { readonly [path: string]: Answer };

/** Kinds that are ticked at the start when they are needed; nobody agrees to anything, or promises to delete, unasked. */
const STARTS_ON: readonly Item['kind'][] = ['create', 'share'];
const DAY_MS = 86_400_000;
/** Days from now until something is deleted, unless the person says another day. */
const DELETE_IN_DAYS = 30;

/**
 * Where a person starts: what is needed and already there is chosen, what they would store is taken when needed. Optional
 * entries start unticked, and nothing that is a consent is ever ticked for anybody.
 */
export function firstAnswers(
	content: JsonObject,
	candidates: (item: Item) => readonly AttributeRow[],
	nowMs = Date.now()
): Answers {
	return Object.fromEntries(itemsOf(content).map((item) => [item.path, firstAnswer(item, candidates, nowMs)]));
}

function firstAnswer(item: Item, candidates: (item: Item) => readonly AttributeRow[], nowMs: number): Answer {
	const best = item.canChoose ? candidates(item)[0] : undefined;
	switch (item.kind) {
		case 'read': {
			const fresh = defaultValue(item);
			return { accept: item.mandatory, ...(best ? { existing: best.id } : fresh ? { fresh } : {}) };
		}
		case 'propose':
			return { accept: item.mandatory, fresh: offeredValue(item) };
		case 'delete':
			return { accept: false, date: dayFrom(nowMs + DELETE_IN_DAYS * DAY_MS) };
		default:
			return { accept: STARTS_ON.includes(item.kind) && item.mandatory };
	}
}

/** What the sender suggests for an entry that does not exist yet, where it is a whole value already. */
function defaultValue(item: Item): JsonObject | undefined {
	const suggested = object(hintsOf(item)['valueHints'])?.['defaultValue'];
	if (!isOfRelationship(item) || suggested === undefined) return undefined;
	const value = { '@type': item.valueType, title: text(hintsOf(item)['title']) ?? '', value: suggested };
	return Object.keys(draftErrors(item.valueType, draftOf(item.valueType, value))).length ? undefined : value;
}

/** A moment as a day of the calendar on the wall, and back: noon, so that it is the same day nearly everywhere. */
export function dayFrom(ms: number): string {
	const at = new Date(ms);
	const two = (n: number) => String(n).padStart(2, '0');
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
export function deletionDate(day: string | undefined): string | undefined {
	const date = day ? dateOf(day) : undefined;
	return date ? new Date(date.year, date.month - 1, date.day, 12).toISOString() : undefined;
}

/** A draft kept earlier, on top of the start; an entry that is gone since is no longer chosen. */
export function mergeDraft(first: Answers, draft: Json | undefined, isThere: (id: string) => boolean): Answers {
	const kept = object(draft);
	if (!kept) return first;
	return Object.fromEntries(
		Object.entries(first).map(([path, answer]) => {
			const mine = object(kept[path]);
			if (!mine) return [path, answer];
			const existing = text(mine['existing']);
			const fresh = object(mine['fresh']);
			const entry = entryOf(mine['entry']);
			const date = text(mine['date']);
			return [
				path,
				{
					accept: mine['accept'] === true,
					...(existing && isThere(existing) ? { existing } : {}),
					...(fresh ? { fresh } : {}),
					...(entry !== undefined ? { entry } : {}),
					...(date ? { date } : {})
				}
			];
		})
	);
}
const entryOf = (kept: Json | undefined): Entry | undefined =>
	typeof kept === 'string' ? kept : Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : undefined;

/** The engine's parameters: the shape of the request, each item accepted with its value or not. */
export function decisionOf(content: JsonObject, answers: Answers, me: string): DecideParameters {
	const decide = (item: Item): DecideItem => {
		const answer = answers[item.path];
		const parameters = answer?.accept ? parametersOf(item, answer, me) : undefined;
		return parameters ? { accept: true, ...parameters } : { accept: false };
	};
	return { items: shaped(content, (item) => decide(item)) };
}

/** What an item is accepted with; undefined while it lacks something. */
function parametersOf(item: Item, answer: Answer, me: string): { readonly [parameter: string]: Json } | undefined {
	switch (item.kind) {
		case 'read':
			if (answer.existing) return { existingAttributeId: answer.existing };
			return answer.fresh && { newAttribute: newAttribute(item, answer.fresh, me) };
		case 'propose':
			if (answer.existing) return { attributeId: answer.existing };
			return answer.fresh && { attribute: { ...attributeOf(item), owner: me, value: answer.fresh } };
		case 'delete': {
			const date = deletionDate(answer.date);
			return date ? { deletionDate: date } : undefined;
		}
		case 'form': {
			const response = responseOf(settingsOf(item), answer.entry);
			return response === undefined ? undefined : { response };
		}
		case 'unsupported':
			return undefined;
		default:
			return {};
	}
}

/** A typed value as the attribute the query asks for. */
function newAttribute(item: Item, value: JsonObject, me: string): JsonObject {
	const query = queryOf(item);
	if (!isOfRelationship(item)) {
		const tags = query['tags'] ?? hintsOf(item)['tags'];
		return { '@type': 'IdentityAttribute', owner: me, value, ...(tags ? { tags } : {}) };
	}
	return {
		'@type': 'RelationshipAttribute',
		owner: text(query['owner']) ?? me,
		key: query['key'],
		confidentiality: hintsOf(item)['confidentiality'],
		value
	};
}

export const rejectionOf = (content: JsonObject): DecideParameters => ({
	items: shaped(content, () => ({ accept: false }))
});

function shaped(content: JsonObject, decide: (item: Item) => DecideItem): DecideItem[] {
	return list(content['items']).map((node, i) =>
		node['@type'] === 'RequestItemGroup'
			? { items: list(node['items']).map((item, k) => decide(itemOf(item, `${i + 1}.${k + 1}`))) }
			: decide(itemOf(node, String(i + 1)))
	);
}

export interface Leaving {
	readonly path: string;
	readonly label: string;
	/** An entry, or an answer in words. */
	readonly value: JsonObject | string;
}

/** Exactly the values that would leave the device: the chosen and the newly typed ones, and answers to questions. */
export function leavingValues(
	content: JsonObject,
	answers: Answers,
	attribute: (id: string) => AttributeRow | undefined
): Leaving[] {
	return itemsOf(content).flatMap((item): Leaving[] => {
		const answer = answers[item.path];
		if (!answer?.accept) return [];
		if (item.kind === 'form') {
			const response = responseOf(settingsOf(item), answer.entry);
			const line = responseText(settingsOf(item), response);
			return response === undefined ? [] : [{ path: item.path, label: itemTitle(item), value: line }];
		}
		if (item.kind !== 'read' && item.kind !== 'propose') return [];
		const value = answer.existing ? object(attribute(answer.existing)?.content['value']) : answer.fresh;
		if (!value) return [];
		return [{ path: item.path, label: typeLabel(String(value['@type']), value), value }];
	});
}

/** Why an item cannot go out as it is. */
export type ItemProblem =
	| 'missing'
	| 'unanswered'
	| 'consentNeeded'
	| 'storeNeeded'
	| 'deletionDay'
	| 'response'
	| 'unsupported'
	| { readonly code: string };

/** By path. */
export type Problems = ReadonlyMap<string, ItemProblem>;
export const noProblems: Problems = new Map();
export const bothProblems = (one: Problems, other: Problems): Problems => new Map([...one, ...other]);
export const withoutProblem = (problems: Problems, path: string): Problems =>
	new Map([...problems].filter(([at]) => at !== path));

const UNTICKED: { readonly [K in Item['kind']]: ItemProblem } = {
	read: 'unanswered',
	propose: 'unanswered',
	delete: 'unanswered',
	authentication: 'unanswered',
	form: 'unanswered',
	consent: 'consentNeeded',
	create: 'storeNeeded',
	share: 'storeNeeded',
	transfer: 'storeNeeded',
	unsupported: 'unsupported'
};

/** What stands in the way of sharing, by path, before the engine is asked. */
export function problemsOf(content: JsonObject, answers: Answers, nowMs = Date.now()): Map<string, ItemProblem> {
	const problems = new Map<string, ItemProblem>();
	for (const item of itemsOf(content)) {
		const problem = problemOf(item, answers[item.path], nowMs);
		if (problem) problems.set(item.path, problem);
	}
	return problems;
}

function problemOf(item: Item, answer: Answer | undefined, nowMs: number): ItemProblem | undefined {
	if (item.kind === 'unsupported') return item.mandatory ? 'unsupported' : undefined;
	if (!answer?.accept) return item.mandatory ? UNTICKED[item.kind] : undefined;
	if (item.kind === 'read' || item.kind === 'propose') return answer.existing || answer.fresh ? undefined : 'missing';
	if (item.kind === 'form') return responseOf(settingsOf(item), answer.entry) === undefined ? 'response' : undefined;
	if (item.kind !== 'delete') return undefined;
	const date = deletionDate(answer.date);
	return date && Date.parse(date) > nowMs ? undefined : 'deletionDay';
}

/** The engine's verdict, item by item. */
export function problemsFrom(validation: ValidationResult): Map<string, ItemProblem> {
	const problems = new Map<string, ItemProblem>();
	const walk = (node: ValidationResult, path: string) => {
		if (!node.isSuccess && node.items.length === 0 && path) problems.set(path, { code: node.code ?? '' });
		node.items.forEach((child, i) => walk(child, path ? `${path}.${i + 1}` : String(i + 1)));
	};
	walk(validation, '');
	return problems;
}

/** What was answered, by path: for the read-only view of a decided request. */
export interface Answered {
	readonly accepted: boolean;
	/** What was given: an entry, or an answer in words. */
	readonly value?: JsonObject | string;
	/** The day the other side promised to delete by. */
	readonly deletionDate?: string;
}
export function answeredItems(
	request: RequestRow,
	attribute: (id: string) => AttributeRow | undefined
): Map<string, Answered> {
	const answered = new Map<string, Answered>();
	const items = new Map(itemsOf(request.content).map((item) => [item.path, item]));
	const read = (response: JsonObject, path: string) => {
		const inline =
			object(object(response['attribute'])?.['value']) ?? object(object(response['successorContent'])?.['value']);
		const id = text(response['attributeId']) ?? text(response['successorId']);
		const value = inline ?? (id ? object(attribute(id)?.content['value']) : undefined);
		const item = items.get(path);
		const said = item?.kind === 'form' ? responseText(settingsOf(item), response['response']) : '';
		const deletionDate = text(response['deletionDate']);
		answered.set(path, {
			accepted: response['result'] === 'Accepted',
			...(value ? { value } : said ? { value: said } : {}),
			...(deletionDate ? { deletionDate } : {})
		});
	};
	list(request.response?.content['items']).forEach((node, i) => {
		if (node['@type'] === 'ResponseItemGroup')
			list(node['items']).forEach((item, k) => read(item, `${i + 1}.${k + 1}`));
		else read(node, String(i + 1));
	});
	return answered;
}

// ------------------------------------------------------------------------------------------------ whole requests

export const isOpen = (request: RequestRow): boolean =>
	['Open', 'DecisionRequired', 'ManualDecisionRequired'].includes(request.status);
export const wasAccepted = (request: RequestRow): boolean => request.response?.content['result'] === 'Accepted';
export const requestTitle = (request: RequestRow): string | undefined => text(request.content['title']);
export const expiresAt = (request: RequestRow): string | undefined => text(request.content['expiresAt']);

export type RequestFilter = 'todo' | 'waiting' | 'done' | 'expired';
/** Where a request stands for the person: theirs to do, somebody else's, over. */
export function filterOf(request: RequestRow): RequestFilter {
	if (request.status === 'Expired') return 'expired';
	if (request.isOwn) return request.status === 'Completed' ? 'done' : 'waiting';
	return isOpen(request) ? 'todo' : 'done';
}
