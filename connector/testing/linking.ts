/** Linking as an operator does it: two commands, and the digits carried from one to the other. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { plainEnv } from './environment.ts';
import { settings } from './processes.ts';

/** A command with a stdin to answer on; `line` resolves with the rest of the first stdout line that begins so. */
export function command(relayUrl: string, words: readonly string[], folder: string, more: Record<string, string> = {}) {
	const env = { ...plainEnv, ...settings(relayUrl, folder), ...more };
	const child = spawn(process.execPath, ['connector/main.ts', ...words], { env });
	const lines: string[] = [];
	let wake: () => void = () => undefined;
	let stderr = '';
	child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
	createInterface({ input: child.stdout }).on('line', (line) => (lines.push(line), wake()));
	const ended = new Promise<number | null>((done) => child.once('close', (code) => (done(code), wake())));
	const line = async (head: string): Promise<string> => {
		for (;;) {
			const found = lines.find((each) => each.startsWith(head));
			if (found !== undefined) return found.slice(head.length);
			if (child.exitCode !== null) throw new Error(`ended before '${head}': ${lines.join('\n')} ${stderr}`);
			await new Promise<void>((next) => (wake = next));
		}
	};
	return { line, ended, answer: (text: string) => child.stdin.end(`${text}\n`), stderr: () => stderr };
}

/** Makes the empty store `joiner` a device of the identity in `inviter`; the address, and the digits that were shown. */
export async function link(
	relayUrl: string,
	inviter: string,
	joiner: string
): Promise<{ address: string; digits: string }> {
	const invite = command(relayUrl, ['device', 'invite'], inviter);
	const joining = command(relayUrl, ['device', 'join', await invite.line('Link: ')], joiner);
	const [shown, seen] = [await invite.line('Code: '), await joining.line('Code: ')];
	invite.answer(seen);
	joining.answer(shown);
	const address = await joining.line('Identity Address: ');
	const codes = [await joining.ended, await invite.ended];
	if (codes.some((code) => code !== 0)) throw new Error(`linking ended with ${codes.join()}`);
	return { address, digits: shown };
}
