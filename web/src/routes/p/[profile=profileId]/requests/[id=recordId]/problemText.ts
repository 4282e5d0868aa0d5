/** Why an item cannot go out, and what else an answer causes, in words. */
import type { AttributeRow } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { dayDate } from '$lib/cards/dates.ts';
import { formError } from '$lib/cards/formField.ts';
import { itemTitle, offeredValue, settingsOf, type Item } from '$lib/cards/requestItems.ts';
import { deletionDate, type Answer, type ItemProblem } from '$lib/cards/requests.ts';
import { valueText, type FileNames } from '$lib/cards/values/text.ts';

export interface Asking {
	/** Who asks. */
	readonly name: string;
	/** A new contact depends on the answer. */
	readonly connects: boolean;
	readonly attribute: (id: string) => AttributeRow | undefined;
	readonly file: FileNames;
}

const texts: {
	readonly [P in Exclude<ItemProblem, object>]: (item: Item, answer: Answer, asking: Asking) => string;
} = {
	missing: (item, _, { attribute }) => m.problem_missingValue({ label: itemTitle(item, attribute) }),
	unanswered: (item, _, { connects, name }) =>
		item.kind === 'form'
			? m.problem_question()
			: connects
				? m.problem_unanswered_connect({ name })
				: m.problem_unanswered(),
	consentNeeded: (_, __, { name }) => m.problem_consent({ name }),
	storeNeeded: (_, __, { name }) => m.problem_store({ name }),
	deletionDay: () => m.problem_deletionDay(),
	response: (item, { entry }) => formError(settingsOf(item), entry) ?? m.problem_item(),
	unsupported: () => m.problem_unsupportedItem()
};

export function problemText(item: Item, problem: ItemProblem, answer: Answer, asking: Asking): string {
	if (typeof problem === 'string') return texts[problem](item, answer, asking);
	if (/characters/i.test(problem.code)) return m.error_characters();
	if (/attributeQueryMismatch/.test(problem.code)) return m.problem_mismatch();
	if (/mustBeAcceptedItemNotAccepted/.test(problem.code)) return texts.unanswered(item, answer, asking);
	if (/PendingRelationship/.test(problem.code)) return m.problem_pending();
	if (item.kind === 'transfer') return m.problem_file();
	if (/invalidRequestItem|unexpectedError/.test(problem.code)) return m.problem_asked({ name: asking.name });
	return m.problem_item();
}

/** What an accepted item causes besides values that leave. */
export function alsoText(item: Item, answer: Answer, { attribute, file }: Asking): string | undefined {
	const label = itemTitle(item, attribute);
	switch (item.kind) {
		case 'consent':
			return m.review_consent({ text: String(item.content['consent'] ?? '').slice(0, 140) });
		case 'create':
		case 'share':
			return m.review_stored({ label, value: valueText(offeredValue(item), file).slice(0, 280) });
		case 'authentication':
			return m.review_confirmed({ text: label });
		case 'delete':
			return m.review_delete({ label, date: dayDate(deletionDate(answer.date) ?? '') });
		case 'transfer':
			return m.review_file({ name: file(String(item.content['fileReference']))?.label ?? m.value_file() });
		default:
			return undefined;
	}
}
