import { expect, it, vi } from 'vitest';
import { dayName, relativeDate, until } from './dates.ts';

vi.stubGlobal('navigator', { languages: ['en-GB'] });
const now = new Date(2026, 10, 22, 0, 5).getTime();
const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).toISOString();

it.each([
	[at(2026, 10, 22, 0, 4), '1 minute ago'],
	[at(2026, 10, 21, 23, 20), '45 minutes ago'],
	[at(2026, 10, 21, 20), 'yesterday'],
	[at(2026, 10, 18, 20), 'Wednesday'],
	[at(2026, 10, 15, 20), '15 November'],
	[at(2024, 10, 15, 20), '15 November 2024']
])('%s reads as %s five minutes after midnight', (iso, text) => expect(relativeDate(iso, now)).toBe(text));

it('names days by the calendar', () => {
	expect(dayName(at(2026, 10, 22, 0, 1), now)).toBe('Today');
	expect(dayName(at(2026, 10, 21, 23, 59), now)).toBe('Yesterday');
	// The same day number of another month is not yesterday.
	expect(dayName(at(2026, 9, 21), now)).toBe('21 October');
});

it('says how long is left', () => {
	expect(until(new Date(now + 3 * 86_400_000).toISOString(), now)).toBe('in 3 days');
	expect(until(new Date(now + 90 * 60_000).toISOString(), now)).toBe('in 90 minutes');
});
