/** Devices whose clocks are wrong. Chance is left to trials/sim.ts, where a quarter of all devices have such a clock. */
import { expect, test } from 'vitest';
import { everybodySyncs, must, people } from './testing/people.ts';

const DAY = 86_400_000;

test('K12 a clock that is wrong by days dates nothing elsewhere: what it sends has the day the relay received it', async () => {
	const { world, anna, berlin, addresses } = await people(1);
	for (const error of [30 * DAY, -30 * DAY]) {
		berlin[0]!.clockError = error;
		const sent = await must(world, berlin[0], (engine) =>
			engine.messages.send({
				recipients: [addresses.anna],
				content: { '@type': 'ArbitraryMessageContent', value: error }
			})
		);
		expect(Math.abs(Date.parse(sent.createdAt) - world.scheduler.now())).toBeGreaterThan(29 * DAY);
		await everybodySyncs(world);
		const received = anna[0]!.engine!.messages.get(sent.id)!;
		expect(Math.abs(Date.parse(received.createdAt) - world.scheduler.now())).toBeLessThan(DAY);
	}
});
