/** Announcements of the operator (connector-api.md §2.2). */
import { parseInput, strict } from '../http/schema.ts';
import { first, text } from './input.ts';
import { endpoint } from './route.ts';

const query = strict({ language: text });

export const list = endpoint({
	summary: 'What the operator announces, in one language where it can',
	options: ['language'],
	run(call) {
		const input = parseInput(query, first(call.query, ['language']));
		return input.ok ? call.engine.published.announcements(input.value.language) : input;
	}
});
