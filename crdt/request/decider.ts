/**
 * Decides incoming requests by rules (content-model.md §6, connector-api.md §8.4). Pure: rules and what is known in, a
 * decision out. Whether it can be carried out is judged afterwards like a person's (canAccept, canReject).
 *
 *   rule = { requestConfig: what must hold, responseConfig: what to answer then }
 *
 *   parseRules     a configuration as rules, or why a pair of them cannot work together
 *   decideByRules  the whole answer, or undefined: a person decides
 *
 * Each item takes the first rule that holds for it; one item without a rule leaves the whole request to a person.
 */
import type { DecideItem, DecideParameters } from '../api.ts';
import { isEqualJson, isObject } from '../content/json.ts';
import { isGroup, itemsOf } from '../content/request.ts';
import type { Request, RequestItem } from '../content/request.ts';
import { newestRelationship } from '../relationship/newest.ts';
import { ok, refuse, type Result } from '../result.ts';
import type { JsonObject, RequestRow, Views } from '../views.ts';
import { toDto } from '../views-dto.ts';
import { requestOf } from './status.ts';

/** The answer to one item, as decide parameters. */
export type ResponseConfig = { readonly accept: boolean; readonly [member: string]: unknown };
export interface DeciderRule {
	readonly requestConfig: { readonly [key: string]: unknown };
	readonly responseConfig: ResponseConfig;
}
export interface Decided {
	readonly accept: boolean;
	readonly decision: DecideParameters;
}

const ITEM = 'content.item.';
const isItemKey = (key: string): boolean => key.startsWith(ITEM);
const isItemRule = ({ requestConfig }: DeciderRule): boolean => Object.keys(requestConfig).some(isItemKey);

// ----------------------------------------------------------------------------------------------- reading

/** Rules as configured, in order. */
export function parseRules(config: unknown): Result<readonly DeciderRule[]> {
	if (config === undefined) return ok([]);
	if (!Array.isArray(config)) return refuse(invalid, 'automationConfig must be array');
	const rules: DeciderRule[] = [];
	for (const [index, entry] of (config as unknown[]).entries()) {
		if (!isRule(entry))
			return refuse(
				invalid,
				`automationConfig[${index}] must have 'requestConfig' (an object) and 'responseConfig' (an object with 'accept')`
			);
		if (!isCompatible(entry))
			return refuse(
				'error.runtime.decide.requestConfigDoesNotMatchResponseConfig',
				`The RequestConfig does not match the ResponseConfig (automationConfig[${index}]).`
			);
		rules.push(entry);
	}
	return ok(rules);
}

const invalid = 'error.runtime.validation.invalidPropertyValue';

const isRule = (entry: unknown): entry is DeciderRule =>
	isObject(entry) &&
	isObject(entry['requestConfig']) &&
	isObject(entry['responseConfig']) &&
	typeof entry['responseConfig']['accept'] === 'boolean';

/** Which member an accepting answer needs beside `accept`; of any other item none may be there. */
const parameterOf: { readonly [type: string]: string } = {
	DeleteAttributeRequestItem: 'deletionDate',
	ProposeAttributeRequestItem: 'attribute',
	ReadAttributeRequestItem: 'newAttribute'
};

/** Rejecting fits everything; accepting must bring what the items asked for need, and nothing else. */
function isCompatible(rule: DeciderRule): boolean {
	const { accept, ...more } = rule.responseConfig;
	const given = Object.keys(more).filter((member) => more[member] !== undefined);
	if (!accept) return true;
	const type = rule.requestConfig[`${ITEM}@type`];
	const types = Array.isArray(type) ? (type as unknown[]) : [type];
	return types.every((each) => {
		const needed = typeof each === 'string' && Object.hasOwn(parameterOf, each) ? parameterOf[each] : undefined;
		return needed === undefined ? given.length === 0 : given.length === 1 && given[0] === needed;
	});
}

// ---------------------------------------------------------------------------------------------- deciding

/** Never without a person, whatever the rules say. */
const personal = ['AuthenticationRequestItem', 'ConsentRequestItem'];
/** What a general rule may accept: items that need nothing but a yes. */
const plain = ['CreateAttributeRequestItem', 'ShareAttributeRequestItem'];

/** The answer the rules give to the whole request; undefined when a person has to. */
export function decideByRules(rules: readonly DeciderRule[], row: RequestRow, views: Views): Decided | undefined {
	const request = requestOf(row);
	if (itemsOf(request).some((item) => personal.includes(item['@type']))) return undefined;
	const known = newestRelationship(views, row.peer) !== undefined;
	const local = toDto(row) as unknown as JsonObject;
	const fitting = rules.filter((rule) => isGeneralPartMet(rule, local, known));
	const items = answers(request, fitting);
	if (!items) return undefined;
	return { accept: items.some(isAccepting), decision: { items } };
}

const isAccepting = (answer: DecideItem): boolean =>
	'items' in answer && Array.isArray(answer.items)
		? (answer.items as DecideItem[]).some(isAccepting)
		: (answer as { readonly accept?: unknown }).accept === true;

function answers(request: Request, rules: readonly DeciderRule[]): DecideItem[] | undefined {
	const filled: DecideItem[] = [];
	for (const node of request.items) {
		if (!isGroup(node)) {
			const answer = answerTo(node, rules);
			if (!answer) return undefined;
			filled.push(answer);
			continue;
		}
		const inside = node.items.flatMap((item) => answerTo(item, rules) ?? []);
		if (inside.length < node.items.length) return undefined;
		filled.push({ items: inside });
	}
	return filled;
}

const answerTo = (item: RequestItem, rules: readonly DeciderRule[]): DecideItem | undefined =>
	rules.find((rule) => isItemPartMet(rule, item))?.responseConfig as DecideItem | undefined;

function isGeneralPartMet({ requestConfig }: DeciderRule, local: JsonObject, isKnown: boolean): boolean {
	return Object.entries(requestConfig).every(([key, wanted]) => {
		if (isItemKey(key) || wanted === undefined) return true;
		if (key === 'relationshipAlreadyExists') return wanted === isKnown;
		return matches(key, wanted, at(local, key));
	});
}

function isItemPartMet(rule: DeciderRule, item: RequestItem): boolean {
	if (!isItemRule(rule)) return !rule.responseConfig.accept || plain.includes(item['@type']);
	return Object.entries(rule.requestConfig).every(
		([key, wanted]) =>
			!isItemKey(key) ||
			wanted === undefined ||
			matches(key, wanted, at(item as unknown as JsonObject, key.slice(ITEM.length)))
	);
}

/** The member at a dotted path; undefined where there is none. */
const at = (root: unknown, path: string): unknown =>
	path
		.split('.')
		.reduce<unknown>(
			(value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
			root
		);

/** Whether one member is as a rule wants it. */
export function matches(key: string, wanted: unknown, actual: unknown): boolean {
	if (actual === undefined) return false;
	if (key.endsWith('tags') && Array.isArray(wanted) && Array.isArray(actual))
		return wanted.some((tag) => actual.includes(tag));
	if (key.endsWith('At')) {
		const bounds: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
		return bounds.every((bound) => isWithin(bound, actual));
	}
	if (Array.isArray(wanted)) return wanted.some((each) => isSame(each, actual));
	return isSame(wanted, actual);
}

/** `>date` strictly after, `<date` strictly before, else the same instant. */
function isWithin(bound: unknown, actual: unknown): boolean {
	if (typeof bound !== 'string' || typeof actual !== 'string') return false;
	const sign = /^[<>]/.exec(bound)?.[0];
	const limit = Date.parse(sign ? bound.slice(1) : bound);
	const time = Date.parse(actual);
	if (sign === '>') return time > limit;
	return sign === '<' ? time < limit : time === limit;
}

/** Scalars as they are; objects whatever the order of their members. */
const isSame = (wanted: unknown, actual: unknown): boolean => isEqualJson(wanted, actual);
