/** The memory store keeps the promises of the port, and can be put back to an earlier moment. */
import { expect, test } from 'vitest';
import { createMemoryStore } from './memory.ts';
import { anAccount, storeSuite } from './suite.ts';

storeSuite('memory store', () => {
	let store = createMemoryStore();
	return { store, reopen: () => (store = createMemoryStore(store.snapshot())) };
});

test('a snapshot opened again is the store of that moment', () => {
	const store = createMemoryStore();
	const [before, after] = [anAccount(), anAccount()];
	store.transaction(() => store.putAccount(before));
	const backup = store.snapshot();
	store.transaction(() => store.putAccount(after));
	const restored = createMemoryStore(backup);
	expect([restored.account(before.tag), restored.account(after.tag)]).toEqual([before, undefined]);
});
