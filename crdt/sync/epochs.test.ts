/** Renewing keys: what was written stays readable, what is written next is under the new epoch, on both devices. */
import { afterAll, expect, test } from 'vitest';
import { createIdentity, openEngine, type Result } from '../index.ts';
import { createMemoryStore } from '../sim/memory-store.ts';
import { portOnto, startRelay, systemClock, systemRandom } from '../../trials/in-process.ts';

const relay = startRelay();
afterAll(() => relay.close());
const must = <T>(result: Result<T>): T => {
	if (!result.ok) throw new Error(result.error.code);
	return result.value;
};

test('after new keys old and new entries are read, also by a restarted device', async () => {
	const ports = { clock: systemClock, random: systemRandom, store: createMemoryStore(), relay: portOnto(relay) };
	const engine = must(await createIdentity(ports, { addressHost: 'localhost', deviceName: 'First' }));
	must(await engine.documents.write('core', 'before', 1));
	must(await engine.account.sync());
	must(await engine.devices.renewKeys());
	must(await engine.documents.write('core', 'after', 2));
	must(await engine.account.sync());
	expect(engine.account.status().waiting).toBe(0);
	await engine.close();
	const again = must(await openEngine(ports));
	must(await again.account.sync());
	expect(again.documents.fields('core')).toMatchObject({ before: 1, after: 2 });
	await again.close();
});
