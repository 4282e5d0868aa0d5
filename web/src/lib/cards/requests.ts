/**
 * A request as a sheet with open fields: its items in order, what the person answered so far, what of it would leave the
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
import { canEdit, typeLabel, valueLines } from './values.ts';

export type ItemKind = 'read' | 'create' | 'consent' | 'unsupported';
export interface Item {
	readonly path: string;
	readonly kind: ItemKind;
	readonly content: JsonObject;
	readonly mandatory: boolean;
	/** read: the type asked for; create: the type offered. */
	readonly valueType: string;
}
export interface Group {
	/** Undefined for items that stand in no group. */
	readonly path?: string;
	readonly title?: string;
	readonly description?: string;
	readonly items: readonly Item[];
}

/** What a person wants with one item. `fresh` is a value typed in here; it becomes an own entry when the answer goes out. */
export type Answer = { readonly accept: boolean; readonly existing?: string; readonly fresh?: JsonObject };
export type Answers = { readonly [path: string]: Answer };

const object = (value: Json | undefined): JsonObject | undefined =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
const list = (value: Json | undefined): readonly JsonObject[] =>
	Array.isArray(value) ? value.map((v) => object(v as Json) ?? {}) : [];
const text = (value: Json | undefined): string | undefined => (typeof value === 'string' && value ? value : undefined);

/** The request's items, those outside groups gathered where they stand. */
export function groupsOf(content: JsonObject): Group[] {
	const groups: { path?: string; title?: string; description?: string; items: Item[] }[] = [];
	list(content['items']).forEach((node, i) => {
		const path = String(i + 1);
		if (node['@type'] === 'RequestItemGroup') {
			const [title, description] = [text(node['title']), text(node['description'])];
			groups.push({
				path,
				...(title ? { title } : {}),
				...(description ? { description } : {}),
				items: list(node['items']).map((item, k) => itemOf(item, `${path}.${k + 1}`))
			});
			return;
		}
		const last = groups.at(-1);
		if (last && !last.path) last.items.push(itemOf(node, path));
		else groups.push({ items: [itemOf(node, path)] });
	});
	return groups;
}
export const itemsOf = (content: JsonObject): Item[] => groupsOf(content).flatMap((group) => group.items);

function itemOf(content: JsonObject, path: string): Item {
	const query = object(content['query']);
	const value = object(object(content['attribute'])?.['value']);
	const type = content['@type'];
	const kind: ItemKind =
		type === 'ReadAttributeRequestItem' && query?.['@type'] === 'IdentityAttributeQuery'
			? 'read'
			: type === 'CreateAttributeRequestItem' && object(content['attribute'])?.['@type'] === 'IdentityAttribute'
				? 'create'
				: type === 'ConsentRequestItem'
					? 'consent'
					: 'unsupported';
	const valueType =
		kind === 'read' ? text(query?.['valueType']) : kind === 'create' ? text(value?.['@type']) : undefined;
	const known = kind === 'consent' || (valueType !== undefined && canEdit(valueType));
	return {
		path,
		kind: known ? kind : 'unsupported',
		content,
		mandatory: content['mustBeAccepted'] === true,
		valueType: valueType ?? ''
	};
}

export const queryOf = (item: Item): JsonObject => object(item.content['query']) ?? {};
export const offeredValue = (item: Item): JsonObject => object(object(item.content['attribute'])?.['value']) ?? {};

/**
 * Where a person starts: what is needed and already there is chosen, what they would store is taken when needed. Optional
 * entries start unticked, and nothing that is a consent is ever ticked for anybody.
 */
export function firstAnswers(content: JsonObject, candidates: (item: Item) => readonly AttributeRow[]): Answers {
	const answers: { [path: string]: Answer } = {};
	for (const item of itemsOf(content)) {
		const best = item.kind === 'read' ? candidates(item)[0] : undefined;
		if (item.kind === 'read')
			answers[item.path] = { accept: item.mandatory, ...(best ? { existing: best.id } : {}) };
		else answers[item.path] = { accept: item.kind === 'create' && item.mandatory };
	}
	return answers;
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
			return [
				path,
				{
					accept: mine['accept'] === true,
					...(existing && isThere(existing) ? { existing } : {}),
					...(fresh ? { fresh } : {})
				}
			];
		})
	);
}

/** The engine's parameters: the shape of the request, each item accepted with its value or not. */
export function decisionOf(content: JsonObject, answers: Answers, me: string): DecideParameters {
	const decide = (item: Item): DecideItem => {
		const answer = answers[item.path];
		if (!answer?.accept) return { accept: false };
		if (item.kind !== 'read') return { accept: true };
		if (answer.existing) return { accept: true, existingAttributeId: answer.existing };
		if (!answer.fresh) return { accept: false };
		const tags = queryOf(item)['tags'];
		return {
			accept: true,
			newAttribute: { '@type': 'IdentityAttribute', owner: me, value: answer.fresh, ...(tags ? { tags } : {}) }
		};
	};
	return { items: shaped(content, (item) => decide(item)) };
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
	readonly lines: readonly string[];
}

/** Exactly the values that would leave the device: the chosen and the newly typed ones. */
export function leavingValues(
	content: JsonObject,
	answers: Answers,
	attribute: (id: string) => AttributeRow | undefined
): Leaving[] {
	return itemsOf(content).flatMap((item) => {
		const answer = answers[item.path];
		if (item.kind !== 'read' || !answer?.accept) return [];
		const value = answer.existing ? object(attribute(answer.existing)?.content['value']) : answer.fresh;
		return value ? [{ path: item.path, label: typeLabel(item.valueType, value), lines: valueLines(value) }] : [];
	});
}

/** Why an item cannot go out as it is. */
export type ItemProblem =
	'missing' | 'unanswered' | 'consentNeeded' | 'storeNeeded' | 'unsupported' | { readonly code: string };

/** What stands in the way of sharing, by path, before the engine is asked. */
export function problemsOf(content: JsonObject, answers: Answers): Map<string, ItemProblem> {
	const problems = new Map<string, ItemProblem>();
	for (const item of itemsOf(content)) {
		const answer = answers[item.path];
		const filled = item.kind !== 'read' || answer?.existing || answer?.fresh;
		if (item.kind === 'unsupported' && item.mandatory) problems.set(item.path, 'unsupported');
		else if (answer?.accept && !filled) problems.set(item.path, 'missing');
		else if (item.mandatory && !answer?.accept) {
			const why = {
				read: 'unanswered',
				consent: 'consentNeeded',
				create: 'storeNeeded',
				unsupported: 'unsupported'
			} as const;
			problems.set(item.path, why[item.kind]);
		}
	}
	return problems;
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
	readonly lines: readonly string[];
}
export function answeredItems(
	request: RequestRow,
	attribute: (id: string) => AttributeRow | undefined
): Map<string, Answered> {
	const answered = new Map<string, Answered>();
	const read = (response: JsonObject, path: string) => {
		const inline =
			object(object(response['attribute'])?.['value']) ?? object(object(response['successorContent'])?.['value']);
		const id = text(response['attributeId']) ?? text(response['successorId']);
		const value = inline ?? (id ? object(attribute(id)?.content['value']) : undefined);
		answered.set(path, { accepted: response['result'] === 'Accepted', lines: value ? valueLines(value) : [] });
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
