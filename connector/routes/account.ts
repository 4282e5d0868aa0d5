/** Account: who we are, and fetching what others wrote (connector-api.md §2.1). */
import { ok } from '../../crdt/index.ts';
import { endpoint } from './route.ts';

export const identityInfo = endpoint({
	summary: 'Address and public key of the own identity',
	run: ({ engine }) => ok(engine.account.identityInfo())
});

/** Returns after a real round trip and after folding. */
export const sync = endpoint({
	summary: 'Fetch and apply what others wrote',
	run: ({ engine }) => engine.account.sync()
});

export const syncInfo = endpoint({
	summary: 'When the last sync completed',
	run: ({ engine }) => ok(engine.account.syncInfo())
});
