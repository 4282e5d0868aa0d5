/**
 * `device invite` and `device join <link>`: several Connectors, or a Connector and an App, on one identity.
 *
 * Both sides show six digits, and both must say that they are the same: whoever stands in between cannot make them so. A
 * person answers y or n; a script gives the digits the other side printed, as a line on stdin or with `--yes`.
 */
import { createInterface } from 'node:readline';
import { joinAccount, openAccount } from '../account.ts';
import { inviteRunning } from '../control.ts';
import type { Config } from '../config.ts';
import { ok, type LinkSession, type LinkStep, type Result } from '../../crdt/index.ts';
import { complain, complainOf, say, type Command } from './command.ts';

const FAILURES: Readonly<Record<Extract<LinkStep, { step: 'failed' }>['reason'], string>> = {
	expired: 'the other side did not come in time',
	cancelled: 'cancelled',
	mismatch: 'the other side is not who it said it is',
	unreachable: 'the relay cannot be reached',
	invalid: 'the other side said something that cannot be'
};

/** The next line of stdin; undefined at its end. */
function lineOfStdin(): Promise<string | undefined> {
	return new Promise((resolve) => {
		const reader = createInterface({ input: process.stdin });
		reader.once('line', (line) => {
			resolve(line.trim());
			reader.close();
		});
		reader.once('close', () => resolve(undefined));
	});
}

/** Whether both sides show the same digits, by whom we can ask. */
async function isSame(code: string, yes: string | undefined): Promise<boolean> {
	if (yes !== undefined) return yes === code;
	process.stderr.write('Does the other side show the same code? y, n, or the code it shows: ');
	const answer = (await lineOfStdin())?.toLowerCase();
	if (process.stdin.isTTY === true) return answer === 'y' || answer === 'yes' || answer === code;
	return answer === 'y' || answer === code;
}

/** Shows the steps of a linking until it is over; the exit code. */
async function converse(session: LinkSession, yes: string | undefined): Promise<number> {
	for await (const step of session.steps)
		switch (step.step) {
			case 'waiting':
				say(`Link: ${step.link}`);
				say(`Valid until: ${step.expiresAt}`);
				break;
			case 'compare':
				say(`Code: ${step.code}`);
				if (await isSame(step.code, yes)) session.confirm();
				else session.cancel();
				break;
			case 'joining':
				break;
			case 'done':
				return 0;
			case 'failed':
				return complain(`device: ${FAILURES[step.reason]}`);
		}
	return complain(`device: ${FAILURES.cancelled}`);
}

/** The Connector that runs invites, or, when none runs, this process. */
async function invitation(config: Config): Promise<Result<{ session: LinkSession; close: () => Promise<void> }>> {
	const running = await inviteRunning(config.database);
	if (running !== undefined)
		return running.ok ? ok({ session: running.value, close: async () => undefined }) : running;
	const account = await openAccount(config, () => undefined);
	if (!account.ok) return account;
	const { engine, store } = account.value;
	const close = async () => {
		await engine.close();
		await store.close();
	};
	const invited = await engine.devices.invite();
	if (invited.ok) return ok({ session: invited.value, close });
	await close();
	return invited;
}

export const deviceInvite: Command = async (config, { yes }) => {
	const invited = await invitation(config);
	if (!invited.ok) return complainOf(invited.error);
	try {
		return await converse(invited.value.session, yes);
	} finally {
		await invited.value.close();
	}
};

const relayOf = (link: string) => link.split('/link#')[0]?.replace(/\/+$/, '');

export const deviceJoin: Command = async (config, { words, yes }) => {
	const [link = ''] = words;
	const relay = relayOf(link);
	if (link.includes('/link#') && relay !== config.transportLibrary.baseUrl.replace(/\/+$/, ''))
		return complain(`device: the link belongs to another relay, set transportLibrary.baseUrl to ${relay}`);
	const joining = await joinAccount(config, link);
	if (!joining.ok) return complainOf(joining.error);
	const { session, joined } = joining.value;
	const code = await converse(session, yes);
	const address = await joined;
	if (!address.ok) return code === 0 ? complainOf(address.error) : code;
	say(`Identity Address: ${address.value}`);
	return 0;
};
