/** What was made of something that a decision made which then lost: nothing that was written vanishes. */
import { expect, test } from 'vitest';
import { apart, does, everybodySyncs, must, people } from './testing/people.ts';

const name = (value: string) => ({ value: { '@type': 'GivenName', value } });

test('two successors of an attribute that a lost decision had made: the second stands behind the first', async () => {
	const { world, anna, berlin, addresses } = await people(2);
	const item = {
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: true,
		query: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' }
	};
	const content = { '@type': 'Request', items: [item] };
	const { id, content: asked } = await must(world, berlin[0], (engine) =>
		engine.requests.create({ content, peer: addresses.anna })
	);
	await must(world, berlin[0], (engine) => engine.messages.send({ recipients: [addresses.anna], content: asked }));
	await everybodySyncs(world);

	const successors: string[] = [];
	await apart(world, anna, async () => {
		await must(world, anna[0], (engine) => engine.requests.reject(id, { items: [{ accept: false }] }));
		const newAttribute = { '@type': 'IdentityAttribute', owner: addresses.anna, ...name('Anna') };
		await must(world, anna[1], (engine) =>
			engine.requests.accept(id, { items: [{ accept: true, newAttribute }] as never })
		);
		const [made] = anna[1]!.engine!.attributes.ownIdentity();
		await does(world, anna[1], async (engine) => {
			const both = ['Anne', 'Annie'].map((value) => engine.attributes.succeed(made!.id, name(value)));
			for (const outcome of await Promise.all(both)) if (outcome.ok) successors.push(outcome.value.successor.id);
		});
	});

	expect(successors).toHaveLength(2);
	for (const device of anna) {
		const engine = device.engine!;
		expect(engine.requests.get(id, 'incoming')?.response?.content).toMatchObject({ result: 'Rejected' });
		const [first, second] = successors.map((successor) => engine.attributes.get(successor));
		expect(first).toMatchObject({ content: name('Anne'), succeededBy: second?.id });
		expect(second).toMatchObject({ content: name('Annie'), succeeds: first?.id });
	}
});
