/**
 * Structured logs (one JSON object a line). What may appear: our own words, codes, counts, ids, durations and the
 * correlation id. What never appears: keys, bodies, names, references, anything a person wrote. So routes are logged by
 * their pattern, not by their path, and of an error its name and place, never its message.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type Logger } from 'pino';

export type Log = Logger;

const correlation = new AsyncLocalStorage<string>();
/** Everything `run` starts carries this id: log lines, events, webhooks. */
export const withCorrelation = <T>(id: string, run: () => T): T => correlation.run(id, run);
export const correlationId = (): string | undefined => correlation.getStore();

export const createLog = (level: string): Log =>
	pino({
		level,
		base: null,
		timestamp: pino.stdTimeFunctions.isoTime,
		formatters: { level: (label) => ({ level: label }) },
		mixin: () => {
			const id = correlationId();
			return id === undefined ? {} : { correlationId: id };
		}
	});

/** Where a bug is, without what it was about. */
export function placeOf(error: unknown): { error: string; at: string[] } {
	if (!(error instanceof Error)) return { error: typeof error, at: [] };
	const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
	return { error: error.name, at: frames.slice(0, 6).map((line) => line.trim()) };
}
