/** A relay's housekeeping in a process of its own, one row a transaction, at a day of the caller's choosing: it may be killed. */
import { createSqliteStore } from '../store/sqlite.ts';
import { createTestRelay } from './relay.ts';

const [folder, now] = process.argv.slice(2);
const store = createSqliteStore(folder!);
const world = createTestRelay({ store, limits: { housekeepingRows: 1 } });
world.now = Number(now);
console.log('erasing');
await world.relay.housekeep();
store.close();
console.log('done');
