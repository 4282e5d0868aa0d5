/** `identity status`: who we are. */
import { identityAddress } from '../account.ts';
import { complainOf, say, type Command } from './command.ts';

export const identityStatus: Command = async (config) => {
	const address = await identityAddress(config);
	if (!address.ok) return complainOf(address.error);
	say(`Identity Address: ${address.value}`);
	return 0;
};
