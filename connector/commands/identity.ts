/** `identity status` and `identityDeletion init|cancel`: who we are, and for how long. */
import { identityAddress, openAccount } from '../account.ts';
import type { Config } from '../config.ts';
import { askRunning, callOn, type Call } from '../control.ts';
import type { DeletionRow, Result } from '../../crdt/index.ts';
import { complainOf, say, type Command } from './command.ts';

/** Done by the Connector that runs on this database or, when none does, by this process. */
async function call(config: Config, name: Call): Promise<Result<unknown>> {
	const running = await askRunning(config.database, name);
	if (running !== undefined) return running;
	const account = await openAccount(config, () => undefined);
	if (!account.ok) return account;
	const { engine, store } = account.value;
	try {
		return await callOn(engine, name);
	} finally {
		await engine.close();
		await store.close();
	}
}

export const identityStatus: Command = async (config) => {
	const address = await identityAddress(config);
	if (!address.ok) return complainOf(address.error);
	const deletion = await call(config, 'deletion');
	say(`Identity Address: ${address.value}`);
	if (!deletion.ok) return 0;
	const { status, gracePeriodEndsAt } = deletion.value as DeletionRow;
	say(`Identity deletion status: ${status}`);
	say(`End of grace period: ${new Date(gracePeriodEndsAt).toLocaleDateString()}`);
	return 0;
};

const deletion =
	(name: Call, done: string): Command =>
	async (config) => {
		const answered = await call(config, name);
		if (!answered.ok) return complainOf(answered.error);
		say(done);
		return 0;
	};

export const initiateDeletion = deletion('initiateDeletion', 'Identity deletion initiated');
export const cancelDeletion = deletion('cancelDeletion', 'Identity deletion cancelled');
