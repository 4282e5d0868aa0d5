/** The end of the own identity, for tests and in debug mode only (connector-api.md §2.15). */
import { endpoint } from './route.ts';

const DAYS = 'lengthOfGracePeriodInDays';

export const initiate = endpoint({
	summary: 'Begin the deletion of the own identity',
	options: [DAYS],
	run({ engine, query }) {
		const given = query.get(DAYS)?.[0];
		// An empty text is no number, although JavaScript thinks so.
		const days = given === undefined ? undefined : given.trim() === '' ? Number.NaN : Number(given);
		return engine.deletion.initiate(days);
	}
});

export const active = endpoint({
	summary: 'The deletion that is under way',
	run: ({ engine }) => engine.deletion.active()
});

export const cancel = endpoint({
	summary: 'Call the deletion off',
	run: ({ engine }) => engine.deletion.cancel()
});
