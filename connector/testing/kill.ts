/**
 * Preloaded into a Connector (`NODE_OPTIONS=--import`): ends it with SIGKILL at one moment of its writing. `KILL_EVENT` is the
 * event whose delivery is meant, `KILL_AT` the moment:
 *
 *   queue   the delivery is about to be written        fold   it is written, what the change made of the views is not yet
 */
import { StatementSync } from 'node:sqlite';

const { KILL_AT: at, KILL_EVENT: event = '' } = process.env;
const run = StatementSync.prototype.run as (this: StatementSync, ...values: unknown[]) => never;
let isQueued = false;

const isDelivery = ([table, , value]: readonly unknown[]) =>
	table === 'connector.outbox' && value instanceof Uint8Array && Buffer.from(value).includes(`"${event}"`);

StatementSync.prototype.run = function (this: StatementSync, ...values: unknown[]) {
	if (isDelivery(values)) {
		if (at === 'queue') process.kill(process.pid, 'SIGKILL');
		isQueued = true;
	}
	// Everything of the store is one table; other statements are the views'.
	if (at === 'fold' && isQueued && !/\bkv\b/.test(this.sourceSQL)) process.kill(process.pid, 'SIGKILL');
	return run.apply(this, values);
};
