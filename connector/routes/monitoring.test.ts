/** The health check (connector-api.md §2.13): what it looks at, and how often. */
import { expect, test } from 'vitest';
import { rowEngine } from '../testing/parts.ts';
import { healthCheck } from './monitoring.ts';

/** An engine whose relay answers when it is told to, and how often it was asked. */
function slowRelay() {
	const engine = rowEngine();
	const asked: PromiseWithResolvers<boolean>[] = [];
	const relayIsHealthy = () => {
		const answer = Promise.withResolvers<boolean>();
		asked.push(answer);
		return answer.promise;
	};
	return { asked, engine: { ...engine, account: { ...engine.account, relayIsHealthy } } };
}

test('§2.13 callers that ask at the same time share one check; who asks later gets another', async () => {
	const { asked, engine } = slowRelay();
	const health = healthCheck(engine, () => true);
	const [one, two] = [health(), health()];
	expect(asked).toHaveLength(1);
	asked[0]!.resolve(true);
	expect((await one).isHealthy).toBe(true);
	expect(await two).toEqual(await one);
	const later = health();
	expect(asked).toHaveLength(2);
	asked[1]!.resolve(false);
	expect(await later).toMatchObject({ isHealthy: false, services: { backboneConnection: 'unhealthy' } });
});

test('§2.13 a check that fails is not the answer of the next one', async () => {
	const { asked, engine } = slowRelay();
	const health = healthCheck(engine, () => true);
	const broken = health().catch(() => undefined);
	asked[0]!.reject(new Error('broken'));
	await broken;
	const next = health();
	expect(asked).toHaveLength(2);
	asked[1]!.resolve(true);
	expect((await next).isHealthy).toBe(true);
});

test('§2.13 a database that does not answer makes it unhealthy, whatever the relay says', async () => {
	const { asked, engine } = slowRelay();
	const health = healthCheck(engine, () => false)();
	asked[0]!.resolve(true);
	expect(await health).toMatchObject({ isHealthy: false, services: { database: 'unhealthy' } });
});
