/** Notifications between two identities on several devices (content-behaviours.md D (1), D (2)). */
import { expect, test } from 'vitest';
import { ask, confirmed, does, everybodySyncs, listen, must, people, type People } from './testing/people.ts';

const name = (value: string) => ({ value: { '@type': 'GivenName', value } });

/** Anna's name on two devices, shared with Berlin, who has two as well. */
async function shared(): Promise<People & { readonly id: string }> {
	const all = await people(2);
	const { id } = await must(all.world, all.anna[0], (engine) => engine.attributes.create(name('Anna')));
	await everybodySyncs(all.world);
	const query = { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' };
	await ask(all, { '@type': 'ReadAttributeRequestItem', query }, { existingAttributeId: id });
	return { ...all, id };
}

test('D1 it is sent, received and processed: Sent here, Completed there, on every device', async () => {
	const { world, anna, berlin, addresses, id } = await shared();
	const { notificationIds } = await must(world, anna[0], (engine) => engine.attributes.delete(id));
	await everybodySyncs(world);
	const [notificationId] = notificationIds;
	for (const { engine } of anna)
		expect(engine?.notifications.get(notificationId!)).toMatchObject({
			isOwn: true,
			peer: addresses.berlin,
			status: 'Sent',
			source: { type: 'Message' }
		});
	for (const { engine } of berlin) {
		expect(engine?.notifications.get(notificationId!)).toMatchObject({
			isOwn: false,
			peer: addresses.anna,
			status: 'Completed',
			source: { type: 'Message' }
		});
		expect(engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByEmitter');
	}
});

test('D1 D2 one device of ours is the one that received it; all have it so, and each tells it once', async () => {
	const { world, anna, berlin, id } = await shared();
	const told = berlin.map((device) => listen(device));
	await must(world, anna[0], (engine) => engine.attributes.delete(id));
	await does(world, berlin[1], (engine) => engine.account.sync());
	await everybodySyncs(world);
	const [first, second] = berlin.map((device) => confirmed(device, 'notifications'));
	expect(second).toEqual(first);
	const receiver = berlin[1]?.engine?.devices.list().find(({ isThis }) => isThis);
	expect(first).toMatchObject([[{ receivedByDevice: receiver?.id }]]);
	for (const names of told)
		expect(names.filter((each) => each === 'ownAttributeDeletedByOwner')).toEqual(['ownAttributeDeletedByOwner']);
});

test('D1 decomposing the relationship takes them along, on every device', async () => {
	const { world, anna, berlin, id } = await shared();
	await must(world, anna[0], (engine) => engine.attributes.delete(id));
	await everybodySyncs(world);
	const relationshipId = berlin[0]!.engine!.relationships.list()[0]!.id;
	for (const action of ['terminate', 'decompose'] as const)
		await must(world, berlin[0], (engine) => engine.relationships.act(relationshipId, action));
	await everybodySyncs(world);
	for (const { engine } of berlin) expect(engine?.notifications.list()).toEqual([]);
	for (const { engine } of anna) expect(engine?.notifications.list()).toHaveLength(1);
});
