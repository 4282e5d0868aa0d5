/** What a command is given, and how it says what went wrong. */
import type { Config } from '../config.ts';
import type { Refusal } from '../../crdt/index.ts';

export interface Given {
	/** What was ignored in the configuration, one line each. */
	readonly warnings: readonly string[];
	/** Words after the command's own. */
	readonly words: readonly string[];
	/** `--yes CODE`. */
	readonly yes?: string;
}
/** Runs; the number is the exit code. */
export type Command = (config: Config, given: Given) => Promise<number>;

/** One line each on stderr; the exit code of a failure. */
export const complain = (...lines: readonly string[]): 1 => {
	for (const line of lines) process.stderr.write(`${line}\n`);
	return 1;
};
export const complainOf = ({ code, message }: Refusal): 1 => complain(`${code}: ${message}`);
/** One line on stdout. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);
