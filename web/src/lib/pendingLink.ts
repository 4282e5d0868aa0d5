/**
 * A link that was opened and not finished: before there is a profile, or with no network. Kept sealed in the vault for a day;
 * continued by itself once there is a profile. The part after # is a key: it leaves the address at once and is never in a query.
 */
import { vault } from './vault/client.ts';

/** Where to go once a profile is there: to the kept link if one waits, else home. */
export async function afterProfile(profile: string): Promise<string> {
	const link = await vault().keptLink();
	return link ? `/p/${profile}/scan?continue` : `/p/${profile}/home`;
}
