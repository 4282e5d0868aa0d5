/** Relationship attributes between two identities, and sharing by request (content-behaviours.md E1). */
import { describe, expect, test } from 'vitest';
import type { Device } from '../sim/device.ts';
import type { World } from '../sim/world.ts';
import type { AttributeRow } from '../views.ts';
import { apart, confirmed, does, everybodySyncs, listen, must, people, type People } from './testing/people.ts';

const content = (value: string) => ({
	key: 'customerNumber',
	confidentiality: 'public',
	value: { '@type': 'ProprietaryString', title: 'Customer number', value }
});
const successor = (value: string) => ({ value: content(value).value });
const valueOf = (row: AttributeRow | undefined) => (row?.content['value'] as { value: string } | undefined)?.value;
const TABLES = ['attributes', 'forwardings', 'notifications'] as const;

function agree({ anna, berlin }: People): void {
	for (const [first, ...others] of [anna, berlin])
		for (const other of others) expect(confirmed(other, ...TABLES)).toEqual(confirmed(first, ...TABLES));
}

/** The only request that waits on a device is accepted. */
async function acceptsAs(world: World, device: Device | undefined, answer: object = {}): Promise<void> {
	await everybodySyncs(world);
	const waiting = device?.engine?.requests.incoming().filter((row) => row.status === 'ManualDecisionRequired') ?? [];
	const decision = { items: [{ accept: true, ...answer }] };
	await must(world, device, (engine) => engine.requests.accept(waiting[0]!.id, decision));
	await everybodySyncs(world);
}
const accepts = ({ world, berlin }: People) => acceptsAs(world, berlin[0]);

/** An attribute of Anna's in the relationship with Berlin. */
async function exchanged(devices: number): Promise<People & { readonly id: string }> {
	const all = await people(devices);
	await must(all.world, all.anna[0], (engine) =>
		engine.attributes.createAndShare({ content: content('7'), peer: all.addresses.berlin })
	);
	await accepts(all);
	const [row] = all.anna[0]!.engine!.attributes.list();
	return { ...all, id: row!.id };
}

describe('E1 create and share a relationship attribute', () => {
	test('E1 it exists on both sides after acceptance, under one id, and not before', async () => {
		const all = await people(2);
		const { world, anna, berlin, addresses } = all;
		const request = await must(world, anna[0], (engine) =>
			engine.attributes.createAndShare({
				content: content('7'),
				peer: addresses.berlin,
				requestMetadata: { title: 'Card', expiresAt: '2090-01-01T00:00:00.000Z' },
				requestItemMetadata: { description: 'Your number' }
			})
		);
		expect(request).toMatchObject({
			status: 'Open',
			content: {
				title: 'Card',
				expiresAt: '2090-01-01T00:00:00.000Z',
				items: [{ '@type': 'CreateAttributeRequestItem', mustBeAccepted: true, description: 'Your number' }]
			}
		});
		expect(anna[0]?.engine?.attributes.list()).toEqual([]);
		await accepts(all);
		const [own] = anna[1]!.engine!.attributes.list();
		expect(own).toMatchObject({
			'@type': 'OwnRelationshipAttribute',
			peer: addresses.berlin,
			sourceReference: request.id,
			content: { owner: addresses.anna, key: 'customerNumber', isTechnical: false }
		});
		expect(berlin[1]?.engine?.attributes.get(own!.id)).toMatchObject({
			'@type': 'PeerRelationshipAttribute',
			peer: addresses.anna,
			content: own!.content
		});
		agree(all);
	});
});

describe('E1 succeed a relationship attribute', () => {
	test('E1 both sides hold the successor, the peer by notification', async () => {
		const all = await exchanged(2);
		const { world, anna, berlin, id } = all;
		const told = [listen(anna[0]), listen(berlin[0])];
		const done = await must(world, anna[0], (engine) => engine.attributes.succeed(id, successor('8')));
		expect(done).toMatchObject({
			predecessor: { id, succeededBy: done.successor.id },
			successor: { '@type': 'OwnRelationshipAttribute', sourceReference: done.notificationId },
			notificationId: expect.stringMatching(/^NOT/)
		});
		await everybodySyncs(world);
		expect(berlin[1]?.engine?.attributes.versions(id).map(valueOf)).toEqual(['8', '7']);
		expect(berlin[1]?.engine?.attributes.get(done.successor.id)?.sourceReference).toBe(done.notificationId);
		agree(all);
		expect(told).toEqual([
			['attributeSucceeded', 'messageSent'],
			['messageReceived', 'attributeSucceeded', 'messageProcessed']
		]);
	});

	test('E1 another value type, and one the peer deleted, are refused', async () => {
		const { world, anna, berlin, id } = await exchanged(1);
		const other = { value: { '@type': 'ProprietaryInteger', title: 'Customer number', value: 8 } };
		expect(await does(world, anna[0], (engine) => engine.attributes.succeed(id, other))).toMatchObject({
			error: { code: 'error.consumption.attributes.successionMustNotChangeValueType' }
		});
		await must(world, berlin[0], (engine) => engine.attributes.delete(id));
		await everybodySyncs(world);
		expect(anna[0]?.engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByRecipient');
		expect(await does(world, anna[0], (engine) => engine.attributes.succeed(id, successor('8')))).toMatchObject({
			error: { code: 'error.consumption.attributes.cannotSucceedSharedAttributesDeletedByPeer' }
		});
	});

	test('F5 two devices apart succeed it: one chain with both edits, on both sides', async () => {
		const all = await exchanged(2);
		const { world, anna, berlin, id } = all;
		await apart(world, anna, async () => {
			for (const [i, device] of anna.entries())
				await must(world, device, (engine) => engine.attributes.succeed(id, successor(`8-${i}`)));
		});
		agree(all);
		const here = anna[0]!.engine!.attributes.versions(id).map(valueOf);
		expect([...here].sort()).toEqual(['7', '8-0', '8-1']);
		expect(berlin[0]?.engine?.attributes.versions(id).map(valueOf)).toEqual(here);
		expect(berlin[0]?.engine?.notifications.list().map(({ status }) => status)).toEqual(['Completed', 'Completed']);
		expect(anna[0]?.engine?.todo().filter(({ kind }) => kind === 'otherVersion')).toHaveLength(1);
	});

	test('F5 two devices apart, one succeeds and one deletes it: whatever comes first, both sides agree', async () => {
		for (const first of [0, 1]) {
			const all = await exchanged(2);
			const { world, anna, berlin, id } = all;
			const order = [anna[first]!, anna[1 - first]!];
			await apart(world, anna, async () => {
				await must(world, order[0], (engine) => engine.attributes.succeed(id, successor('8')));
				await must(world, order[1], (engine) => engine.attributes.delete(id));
			});
			agree(all);
			const held = berlin[0]!.engine!.attributes.list().filter(({ deletionInfo }) => !deletionInfo);
			expect(held.map(valueOf)).toEqual(anna[0]!.engine!.attributes.list().map(valueOf));
		}
	});
});

describe('E1 delete a relationship attribute', () => {
	test('E1 the owner deletes: the peer’s is marked', async () => {
		const all = await exchanged(2);
		const { world, anna, berlin, id } = all;
		expect((await must(world, anna[1], (engine) => engine.attributes.delete(id))).notificationIds).toHaveLength(1);
		await everybodySyncs(world);
		expect(anna[0]?.engine?.attributes.list()).toEqual([]);
		expect(berlin[0]?.engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByEmitter');
		agree(all);
	});

	test('E1 the peer deletes: the owner’s is marked', async () => {
		const all = await exchanged(2);
		const { world, anna, berlin, id } = all;
		const told = listen(anna[0]);
		expect((await must(world, berlin[1], (engine) => engine.attributes.delete(id))).notificationIds).toHaveLength(
			1
		);
		await everybodySyncs(world);
		expect(berlin[0]?.engine?.attributes.list()).toEqual([]);
		expect(anna[1]?.engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByRecipient');
		expect(told).toContain('peerRelationshipAttributeDeletedByPeer');
		agree(all);
	});
});

describe('E1 third parties', () => {
	/** An attribute of Anna's relationship with Berlin, owned by one of them, that Carl asked Anna for. */
	async function forwarded(owner: 'anna' | 'berlin') {
		const all = await people(1, {}, 3);
		const { world, anna, berlin, carl, addresses } = all;
		const [from, to] = owner === 'anna' ? [anna, berlin] : [berlin, anna];
		const peer = owner === 'anna' ? addresses.berlin : addresses.anna;
		await must(world, from[0], (engine) => engine.attributes.createAndShare({ content: content('7'), peer }));
		await acceptsAs(world, to[0]);
		const { id } = anna[0]!.engine!.attributes.list()[0]!;
		const query = {
			'@type': 'ThirdPartyRelationshipAttributeQuery',
			key: 'customerNumber',
			owner: '',
			thirdParty: [addresses.berlin]
		};
		const items = [{ '@type': 'ReadAttributeRequestItem', mustBeAccepted: true, query }];
		const asked = { content: { '@type': 'Request', items }, peer: addresses.anna };
		const draft = await must(world, carl[0], (engine) => engine.requests.create(asked));
		await must(world, carl[0], (engine) =>
			engine.messages.send({ recipients: [addresses.anna], content: draft.content })
		);
		await acceptsAs(world, anna[0], { existingAttributeId: id });
		return { ...all, id };
	}
	const status = (device: Device | undefined, id: string) =>
		device?.engine?.attributes.get(id)?.deletionInfo?.deletionStatus;

	test.each(['anna', 'berlin'] as const)(
		'E1 what belongs to %s reaches a third party under its id',
		async (owner) => {
			const { anna, carl, addresses, id } = await forwarded(owner);
			expect(carl[0]?.engine?.attributes.get(id)).toMatchObject({
				'@type': 'ThirdPartyRelationshipAttribute',
				peer: addresses.anna,
				initialAttributePeer: addresses.berlin,
				content: { owner: addresses[owner] }
			});
			expect(anna[0]?.engine?.attributes.forwardings(id)).toMatchObject([{ peer: addresses.carl }]);
		}
	);

	test('E1 a third party that deletes it tells whom it has it from', async () => {
		const { world, anna, berlin, carl, id } = await forwarded('anna');
		const told = listen(anna[0]);
		expect((await must(world, carl[0], (engine) => engine.attributes.delete(id))).notificationIds).toHaveLength(1);
		await everybodySyncs(world);
		expect(anna[0]?.engine?.attributes.forwardings(id)[0]?.deletionInfo?.deletionStatus).toBe('DeletedByRecipient');
		expect([status(anna[0], id), status(berlin[0], id)]).toEqual([undefined, undefined]);
		expect(told).toContain('forwardedAttributeDeletedByPeer');
	});

	test('E1 its owner deletes it: peer and third party are told', async () => {
		const { world, anna, berlin, carl, id } = await forwarded('anna');
		expect((await must(world, anna[0], (engine) => engine.attributes.delete(id))).notificationIds).toHaveLength(2);
		await everybodySyncs(world);
		expect([status(berlin[0], id), status(carl[0], id)]).toEqual(['DeletedByEmitter', 'DeletedByEmitter']);
	});

	test('E1 the peer deletes it: owner and third party are told', async () => {
		const { world, anna, berlin, carl, id } = await forwarded('berlin');
		expect((await must(world, anna[0], (engine) => engine.attributes.delete(id))).notificationIds).toHaveLength(2);
		await everybodySyncs(world);
		expect([status(berlin[0], id), status(carl[0], id)]).toEqual(['DeletedByRecipient', 'DeletedByEmitter']);
	});

	test('E1 a succession is told the peer, not the third party', async () => {
		const { world, anna, berlin, carl, id } = await forwarded('anna');
		const done = await must(world, anna[0], (engine) => engine.attributes.succeed(id, successor('8')));
		await everybodySyncs(world);
		const held = [berlin, carl].map(([device]) => device?.engine?.attributes.get(done.successor.id) !== undefined);
		expect(held).toEqual([true, false]);
	});
});

describe('E1 share', () => {
	const name = { value: { '@type': 'GivenName', value: 'Anna' } };
	async function own(devices = 1): Promise<People & { readonly id: string }> {
		const all = await people(devices);
		const { id } = await must(all.world, all.anna[0], (engine) => engine.attributes.create(name));
		return { ...all, id };
	}
	const share = ({ world, anna, addresses }: People, attributeId: string) =>
		does(world, anna[0], (engine) => engine.attributes.share({ attributeId, peer: addresses.berlin }));

	test('E1 the request is sent with what the caller says, and it is shared when the peer accepted', async () => {
		const all = await own(2);
		const { world, anna, berlin, addresses, id } = all;
		const request = await must(world, anna[0], (engine) =>
			engine.attributes.share({
				attributeId: id,
				peer: addresses.berlin,
				requestMetadata: { title: 'Hi', description: 'It is me', metadata: { a: 1 } },
				requestItemMetadata: { description: 'My name', metadata: { b: 2 } }
			})
		);
		expect(request).toMatchObject({
			status: 'Open',
			content: {
				title: 'Hi',
				description: 'It is me',
				metadata: { a: 1 },
				items: [
					{
						'@type': 'ShareAttributeRequestItem',
						mustBeAccepted: true,
						attributeId: id,
						description: 'My name',
						metadata: { b: 2 }
					}
				]
			}
		});
		expect(anna[0]?.engine?.attributes.forwardings(id)).toEqual([]);
		await accepts(all);
		expect(anna[1]?.engine?.attributes.forwardings(id)).toMatchObject([
			{ peer: addresses.berlin, sourceReference: request.id }
		]);
		expect(berlin[1]?.engine?.attributes.get(id)).toMatchObject({ '@type': 'PeerIdentityAttribute' });
		agree(all);
	});

	test('E1 not twice, not what is unknown or not an own identity attribute; again after the peer deleted it', async () => {
		const all = await own();
		const { world, anna, berlin, addresses, id } = all;
		expect(await share(all, 'ATT00000000000000009')).toMatchObject({
			error: { code: 'error.runtime.recordNotFound' }
		});
		await must(world, anna[0], (engine) => engine.attributes.share({ attributeId: id, peer: addresses.berlin }));
		await accepts(all);
		const before = anna[0]!.engine!.requests.outgoing().length;
		expect(await share(all, id)).toMatchObject({ ok: false });
		expect(anna[0]?.engine?.requests.outgoing()).toHaveLength(before);
		expect(
			await does(world, berlin[0], (engine) => engine.attributes.share({ attributeId: id, peer: addresses.anna }))
		).toMatchObject({ error: { code: 'error.runtime.attributes.isNotOwnIdentityAttribute' } });
		await must(world, berlin[0], (engine) => engine.attributes.delete(id));
		await everybodySyncs(world);
		expect(await share(all, id)).toMatchObject({ ok: true });
		await accepts(all);
		expect(
			anna[0]?.engine?.attributes.forwardings(id).map(({ deletionInfo }) => deletionInfo?.deletionStatus)
		).toEqual(['DeletedByRecipient', undefined]);
	});

	test('E1 not while an older version is shared: that is what the notification is for', async () => {
		const all = await own();
		const { world, anna, addresses, id } = all;
		await must(world, anna[0], (engine) => engine.attributes.share({ attributeId: id, peer: addresses.berlin }));
		await accepts(all);
		const { successor: next } = await must(world, anna[0], (engine) =>
			engine.attributes.succeed(id, { value: { '@type': 'GivenName', value: 'Ann' } })
		);
		expect(await share(all, next.id)).toMatchObject({ ok: false });
	});
});
