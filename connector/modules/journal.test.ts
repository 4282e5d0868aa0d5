/** What is told before modules listen: kept, handed over in order, gone afterwards. Kills are in killed.test.ts. */
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../crdt/sim/memory-store.ts';
import { movingClock, outsideParts, receiver } from '../testing/modules.ts';
import { ROWS, silent } from '../testing/parts.ts';
import { openJournal } from './journal.ts';
import { followingOf } from './message.ts';
import { openOutbox } from './outbox.ts';
import { startWebhooks } from './webhooks.ts';

const sent = (id: string) => ({ id, name: 'transport.messageSent', data: ROWS.message });
const mark = { table: 'meta', key: 'told', value: new Uint8Array([1]) };

async function openOn(store: ReturnType<typeof createMemoryStore>, following: typeof followingOf = () => []) {
	const outbox = await openOutbox(store, movingClock(), silent);
	return { outbox, journal: await openJournal(store, outbox.keep, following) };
}
const caughtUp = (journal: Awaited<ReturnType<typeof openOn>>['journal']) => {
	const ids: string[] = [];
	journal.catchUp(({ id }) => ids.push(id));
	return ids;
};

test('what came before anybody listened is there with the mark, after a crash too', async () => {
	const store = createMemoryStore();
	const { journal } = await openOn(store);
	journal.take(sent('a'));
	journal.take(sent('b'));
	await journal.keep(mark);
	expect(await store.get('meta', 'told')).toEqual(mark.value);
	const { journal: next } = await openOn(store);
	next.take(sent('c'));
	expect(caughtUp(next)).toEqual(['a', 'b', 'c']);
	await next.opened();
	expect(caughtUp((await openOn(store)).journal)).toEqual([]);
});

test('once everybody listens nothing is put aside any more', async () => {
	const store = createMemoryStore();
	const { journal } = await openOn(store);
	await journal.opened();
	journal.take(sent('a'));
	await journal.keep(mark);
	expect([caughtUp(journal), caughtUp((await openOn(store)).journal)]).toEqual([[], []]);
});

test('what follows from an event comes with it', async () => {
	const { journal } = await openOn(createMemoryStore(), followingOf);
	journal.take({ id: 'a', name: 'transport.messageReceived', data: ROWS.message });
	const names: string[] = [];
	journal.catchUp(({ name }) => names.push(name));
	expect(names).toEqual(['transport.messageReceived', 'consumption.mailReceived']);
});

test.each([
	['with retry the target is sent it', { retry: { attempts: 3, maxAgeMinutes: 1 } }, ['early', 'late']],
	['without it is as in the original', {}, ['late']]
])('an event told too early: %s', async (_, options, ids) => {
	const target = await receiver();
	const { outbox, journal } = await openOn(createMemoryStore());
	journal.take({ id: 'early', name: 'transport.messageSent', data: { ...ROWS.message, id: 'early' } });
	const parts = await outsideParts({ outbox, journal });
	const webhooks = [{ triggers: ['transport.*'], target: { url: target.url } }];
	const started = await startWebhooks(parts, { webhooks, ...options });
	if (!started.ok) throw new Error(started.error.message);
	parts.emit({ id: 'late', name: 'transport.messageSent', data: { ...ROWS.message, id: 'late' } });
	await target.until(ids.length);
	expect(target.received.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id)).toEqual(ids);
	await started.value();
	target.close();
});
