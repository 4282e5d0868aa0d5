import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTown, must, type Person, type Town } from './testing/town.ts';

let town: Town;
beforeAll(() => {
	town = createTown();
});
afterAll(async () => town.close());

const NAME = 'transport.messageWasReadAtChanged';

test('what another own device marked read or unread is told once, with the message as it is then', async () => {
	const [anna, berlin] = [await town.person(), await town.person()];
	await town.meet(berlin, anna);
	const other: Person = await anna.second();
	const content = { '@type': 'Mail', to: [anna.address], subject: 's', body: 'b', bodyFormat: 'PlainText' };
	const sent = must(await berlin.engine.messages.send({ recipients: [anna.address], content }));
	await town.settle(berlin, anna, other);
	expect(other.told(NAME)).toEqual([]);
	const read = must(await anna.engine.messages.markRead(sent.id));
	await town.settle(anna, other);
	expect(other.told(NAME)).toMatchObject([{ id: sent.id, wasReadAt: read.wasReadAt }]);
	expect(other.engine.messages.get(sent.id)?.wasReadAt).toBe(read.wasReadAt);
	for (const flag of [false, true, false]) {
		must(await anna.engine.messages.markRead(sent.id, flag));
		await town.settle(anna, other);
	}
	const told = other.told(NAME) as { id: string; wasReadAt?: string }[];
	expect(told.map(({ id, wasReadAt }) => [id, typeof wasReadAt])).toEqual(
		['string', 'undefined', 'string', 'undefined'].map((kind) => [sent.id, kind])
	);
	const again = await other.again();
	await town.settle(anna, again);
	expect(again.told(NAME)).toEqual([]);
	expect(other.told('transport.datawalletSynchronized').length).toBeGreaterThan(0);
	expect(berlin.told('transport.datawalletSynchronized')).toEqual([]);
});
