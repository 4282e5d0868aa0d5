/**
 * Regular expressions written by callers (filters `^ $ ~`). Node's engine backtracks, so a pattern like `(a+)+$` could hold
 * the process for years: the text of a pattern is bounded, and its matches run inside a vm context that can be interrupted.
 *
 * What is bounded is time on the processor. The vm's own bound is wall time, which on a busy machine passes without any
 * work being done; an attempt that was interrupted before it had its share is therefore made again.
 */
import { createContext, Script } from 'node:vm';
import type { Result } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { MAX_PATTERN_LENGTH, MAX_PATTERN_MS } from '../limits.ts';
import { unknown } from './errors.ts';

const sandbox = createContext(Object.create(null) as object);
const script = new Script('texts.map((text) => pattern.test(text))');

const compile = (source: string): RegExp | undefined => {
	try {
		return new RegExp(source, 'i');
	} catch {
		return undefined;
	}
};

const isTimeout = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
const usedMs = (since: NodeJS.CpuUsage) => {
	const { user, system } = process.threadCpuUsage(since);
	return (user + system) / 1000;
};

/** The matches, or undefined: interrupted after the bound. */
function bounded(pattern: RegExp, texts: readonly string[]): boolean[] | undefined {
	Object.assign(sandbox, { pattern, texts });
	const since = process.threadCpuUsage();
	do {
		try {
			return [...(script.runInContext(sandbox, { timeout: MAX_PATTERN_MS }) as boolean[])];
		} catch (error) {
			if (!isTimeout(error)) throw error;
		}
	} while (usedMs(since) < MAX_PATTERN_MS);
	return undefined;
}

/** Without repetition and choice there is nothing to go back to. */
const cannotBacktrack = (source: string) => !/[*+?{|]/.test(source);

/** For each text whether it matches `source` (case-insensitively); 400 for a pattern that is no pattern or takes too long. */
export function matchAll(source: string, texts: readonly string[]): Result<boolean[]> {
	const pattern = source.length > MAX_PATTERN_LENGTH ? undefined : compile(source);
	if (pattern === undefined) return unknown('Invalid regular expression.');
	if (cannotBacktrack(source)) return ok(texts.map((text) => pattern.test(text)));
	const matched = bounded(pattern, texts);
	return matched === undefined ? unknown('The regular expression takes too long.') : ok(matched);
}
