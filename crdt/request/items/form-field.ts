/** FormField: a question with a form; the answer stays in the response. What peers answer is judged leniently. */
import { answerFault, settingsFault } from '../../content/form-field.ts';
import { invalidItem, invalidParameters, type ItemOf, type ItemRule } from './rule.ts';

export const formField: ItemRule<ItemOf<'FormFieldRequestItem'>> = {
	canCreate({ settings }) {
		const fault = settingsFault(settings);
		return fault === undefined ? undefined : invalidItem(fault);
	},
	canAccept({ settings }, { response }) {
		const fault = answerFault(settings, response, 'own');
		return fault === undefined ? undefined : invalidParameters(fault);
	},
	answer: (_item, { response }) => ({ '@type': 'FormFieldAcceptResponseItem', result: 'Accepted', response }),
	fits: ({ settings }, answer) =>
		answer['@type'] === 'FormFieldAcceptResponseItem'
			? answerFault(settings, answer.response, 'received')
			: 'It is answered with a response.',
	asRecipient: () => {},
	asSender: () => {}
};
