/**
 * Responses: does one fit its request, and what does it cause (content-model.md §4.8, §11 row 5).
 *
 * What a peer answers is checked whole before anything is applied: same shape, lawful result values, mandatory items
 * honoured, attributes that are the peer's and answer the query, ids that are not somebody else's. A response that fails is
 * refused with a reason, and nothing of it is applied.
 */
import { isGroup, isResponseGroup, itemsOf } from '../content/request.ts';
import type {
	AcceptResponseItem,
	Request,
	RequestItem,
	RequestItemGroup,
	Response,
	ResponseItem,
	ResponseItemGroup
} from '../content/request.ts';
import { memoryViews } from '../memory-views.ts';
import type { Fold } from '../views.ts';
import type { Exchange, Judging } from './items/rule.ts';
import { ruleOf } from './items/table.ts';

type Pair = readonly [item: RequestItem, answer: ResponseItem];

/** Items with their answers, groups opened; undefined when the shapes differ. */
function pairUp(request: Request, response: Response): Pair[] | undefined {
	return zip<RequestItem | RequestItemGroup, ResponseItem | ResponseItemGroup, Pair>(
		request.items,
		response.items,
		(node, answer) => {
			if (isGroup(node) !== isResponseGroup(answer)) return undefined;
			if (!isGroup(node)) return [[node, answer as ResponseItem]];
			return zip(node.items, (answer as ResponseItemGroup).items, (item, reply): Pair[] => [[item, reply]]);
		}
	);
}

function zip<A, B, C>(as: readonly A[], bs: readonly B[], join: (a: A, b: B) => C[] | undefined): C[] | undefined {
	if (as.length !== bs.length) return undefined;
	const joined: C[] = [];
	for (const [i, a] of as.entries()) {
		const part = join(a, bs[i] as B);
		if (!part) return undefined;
		joined.push(...part);
	}
	return joined;
}

/**
 * What is wrong with a peer's response to a request of ours; undefined when nothing is. Each answer is judged with those before it
 * tried out, as they were made: what one brings is there for the next, and cannot be used by it in ways nobody else's could.
 */
export function responseFault(request: Request, response: Response, judging: Judging): string | undefined {
	const pairs = pairUp(request, response);
	if (!pairs) return 'The response has another shape than the request.';
	const { me, peer } = judging;
	const trial: Fold = { views: memoryViews(judging.views), me, at: TRIED_AT, emit: () => {} };
	for (const [i, [item, answer]] of pairs.entries()) {
		const fault = answerFault(item, answer, response, { ...judging, views: trial.views });
		if (fault) return `Answer ${i + 1} of ${pairs.length}: ${fault}`;
		if (isAccept(answer)) ruleOf(item).asSender(item, answer, trial, { peer, requestId: response.requestId });
	}
	return undefined;
}
/** Of what is tried out no date is looked at. */
const TRIED_AT = '1970-01-01T00:00:00.000Z';

function answerFault(
	item: RequestItem,
	answer: ResponseItem,
	response: Response,
	judging: Judging
): string | undefined {
	if (!isAccept(answer)) {
		const ignored = response.result === 'Accepted' && item.mustBeAccepted;
		return ignored ? 'An item that must be accepted was not, although the request was.' : undefined;
	}
	if (response.result === 'Rejected') return 'An item was accepted although the request was rejected.';
	return ruleOf(item).fits(item, answer, judging);
}

const isAccept = (answer: ResponseItem): answer is AcceptResponseItem => answer.result === 'Accepted';

type Effect = 'asRecipient' | 'asSender';

/**
 * Everything a committed response causes on one side but the request's own status, item by item. Twice is once. That an item
 * was rejected concerns only the one who asked; an error of the peer's is no answer.
 */
export function applyAnswers(
	fold: Fold,
	request: Request,
	response: Response,
	exchange: Exchange,
	effect: Effect
): void {
	for (const [item, answer] of pairUp(request, response) ?? []) {
		const rule = ruleOf(item);
		if (isAccept(answer)) {
			if (response.result === 'Accepted') rule[effect](item, answer, fold, exchange);
		} else if (effect === 'asSender' && answer['@type'] === 'RejectResponseItem')
			rule.whenRejected?.(item, fold, exchange);
	}
}

/** What sending a request causes. */
export function applySending(fold: Fold, request: Request, exchange: Exchange): void {
	for (const item of itemsOf(request)) ruleOf(item).whenSent?.(item, fold, exchange);
}
