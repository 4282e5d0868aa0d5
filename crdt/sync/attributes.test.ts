/** Attributes between two identities on several devices: shared, succeeded, deleted, told (content-behaviours.md E1, D). */
import { describe, expect, test } from 'vitest';
import { decodeRequest, encodeRefusal, encodeRequest, type RequestOf } from '../codec/frame.ts';
import type { Relay } from '../ports.ts';
import type { WorldOptions } from '../sim/world.ts';
import type { AttributeRow } from '../views.ts';
import { apart, ask, confirmed, does, everybodySyncs, listen, must, people, type People } from './testing/people.ts';

const name = (value: string) => ({ value: { '@type': 'GivenName', value } });
const valueOf = (row: AttributeRow | undefined) => (row?.content['value'] as { value: string } | undefined)?.value;
const readName = {
	'@type': 'ReadAttributeRequestItem',
	query: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' }
};
const TABLES = ['attributes', 'forwardings', 'notifications', 'metadata'] as const;

/** Anna's name, shared with Berlin. */
async function shared(
	devices: number,
	options: Partial<WorldOptions> = {}
): Promise<People & { readonly id: string; readonly requestId: string }> {
	const all = await people(devices, options);
	const { id } = await must(all.world, all.anna[0], (engine) => engine.attributes.create(name('Anna')));
	await everybodySyncs(all.world);
	const requestId = await ask(all, readName, { existingAttributeId: id });
	return { ...all, id, requestId };
}

/** Envelopes are refused, as by a relay that has no such mailbox; a tolerant commit goes through without them. */
function withMailboxGone(relay: Relay, isGone: () => boolean): Relay {
	return {
		...relay,
		async connect() {
			const line = await relay.connect();
			return {
				...line,
				async exchange(frame) {
					const asked = decodeRequest(frame);
					const body =
						asked.ok && asked.request.op === 'commit'
							? (asked.request.body as RequestOf<'commit'>)
							: undefined;
					if (!isGone() || !asked.ok || !body?.envelopes?.length) return line.exchange(frame);
					if (!body.tolerant) return encodeRefusal(asked.request.id, 'mailbox-refused', { index: 0 });
					return line.exchange(encodeRequest(asked.request.id, 'commit', { ...body, envelopes: [] }));
				}
			};
		}
	};
}

function agree({ anna, berlin }: People): void {
	for (const [first, ...others] of [anna, berlin])
		for (const other of others) expect(confirmed(other, ...TABLES)).toEqual(confirmed(first, ...TABLES));
}

describe('E1 succession and telling the peer', () => {
	test('E1 notify succession: a message goes out, the peer holds the successor, and every device sees the same', async () => {
		const all = await shared(2);
		const { world, anna, berlin, addresses, id } = all;
		const told = [listen(anna[0]), listen(berlin[1])];
		const { successor } = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
		await everybodySyncs(world);
		expect(berlin[0]?.engine?.attributes.get(successor.id)).toBeUndefined();
		const notified = await must(world, anna[0], (engine) =>
			engine.attributes.notifyPeer(successor.id, addresses.berlin)
		);
		expect(notified).toMatchObject({ predecessor: { id }, successor: { id: successor.id, numberOfForwards: 1 } });
		await everybodySyncs(world);
		expect(berlin[1]?.engine?.attributes.get(successor.id)).toMatchObject({
			'@type': 'PeerIdentityAttribute',
			succeeds: id,
			sourceReference: notified.notificationId,
			content: { value: { value: 'Ann' } }
		});
		expect(anna[1]?.engine?.attributes.forwardings(successor.id)).toMatchObject([
			{ peer: addresses.berlin, sourceReference: notified.notificationId }
		]);
		expect(anna[1]?.engine?.notifications.get(notified.notificationId)).toMatchObject({
			isOwn: true,
			status: 'Sent'
		});
		expect(berlin[0]?.engine?.notifications.get(notified.notificationId)).toMatchObject({
			isOwn: false,
			status: 'Completed'
		});
		agree(all);
		expect(told[0]).toEqual(['attributeSucceeded', 'attributeForwardingDetailsChanged', 'messageSent']);
		expect(told[1]).toEqual(['messageReceived', 'attributeSucceeded', 'messageProcessed']);
	});

	test('E1 notify succession: an intermediate version is skipped, and a second notification is refused', async () => {
		const { world, anna, berlin, addresses, id } = await shared(1);
		const second = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
		const third = await must(world, anna[0], (engine) =>
			engine.attributes.succeed(second.successor.id, name('Annie'))
		);
		await must(world, anna[0], (engine) => engine.attributes.notifyPeer(third.successor.id, addresses.berlin));
		await everybodySyncs(world);
		expect(berlin[0]?.engine?.attributes.versions(id).map(valueOf)).toEqual(['Annie', 'Anna']);
		const again = await does(world, anna[0], (engine) =>
			engine.attributes.notifyPeer(third.successor.id, addresses.berlin)
		);
		expect(again).toMatchObject({
			error: { code: 'error.runtime.attributes.ownIdentityAttributeHasAlreadyBeenSharedWithPeer' }
		});
		const older = await does(world, anna[0], (engine) =>
			engine.attributes.notifyPeer(second.successor.id, addresses.berlin)
		);
		expect(older).toMatchObject({
			error: { code: 'error.runtime.attributes.successorOfOwnIdentityAttributeHasAlreadyBeenSharedWithPeer' }
		});
	});

	test('D1 a notification sent while the relationship has ended is delivered when it is taken up again', async () => {
		const { world, anna, berlin, addresses, id } = await shared(1);
		const relationshipId = anna[0]!.engine!.relationships.list()[0]!.id;
		await must(world, anna[0], (engine) => engine.relationships.act(relationshipId, 'terminate'));
		await everybodySyncs(world);
		const { successor } = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
		await must(world, anna[0], (engine) => engine.attributes.notifyPeer(successor.id, addresses.berlin));
		await everybodySyncs(world);
		expect(berlin[0]?.engine?.attributes.get(successor.id)).toBeUndefined();
		await must(world, berlin[0], (engine) => engine.relationships.act(relationshipId, 'reactivate'));
		await everybodySyncs(world);
		await must(world, anna[0], (engine) => engine.relationships.act(relationshipId, 'acceptReactivation'));
		await everybodySyncs(world);
		expect(valueOf(berlin[0]?.engine?.attributes.get(successor.id))).toBe('Ann');
	});
});

describe('E1 deletion', () => {
	test('E1 delete own: holders are told, what they hold is marked, nothing of it stays here', async () => {
		const all = await shared(2);
		const { world, anna, berlin, id } = all;
		const told = [listen(anna[0]), listen(berlin[0])];
		const { notificationIds } = await must(world, anna[0], (engine) => engine.attributes.delete(id));
		expect(notificationIds).toEqual([expect.stringMatching(/^NOT[A-Za-z0-9]{17}$/)]);
		expect(anna[0]?.engine?.attributes.get(id)).toBeUndefined();
		await everybodySyncs(world);
		for (const device of anna) {
			expect(device.engine?.attributes.list()).toEqual([]);
			expect(device.engine?.attributes.forwardings(id)).toEqual([]);
		}
		for (const device of berlin)
			expect(device.engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByEmitter');
		agree(all);
		expect(told[0]).toEqual(['attributeDeleted', 'messageSent']);
		expect(told[1]).toEqual(['messageReceived', 'ownAttributeDeletedByOwner', 'messageProcessed']);
	});

	test('E1 delete a peer’s: the owner sees that it is held no more, with the versions before it', async () => {
		const all = await shared(2);
		const { world, anna, berlin, addresses, id } = all;
		const { successor } = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
		await must(world, anna[0], (engine) => engine.attributes.notifyPeer(successor.id, addresses.berlin));
		await everybodySyncs(world);
		const { notificationIds } = await must(world, berlin[1], (engine) => engine.attributes.delete(successor.id));
		expect(notificationIds).toHaveLength(1);
		await everybodySyncs(world);
		for (const device of berlin) expect(device.engine?.attributes.list()).toEqual([]);
		for (const version of [id, successor.id])
			expect(anna[1]?.engine?.attributes.forwardings(version)).toMatchObject([
				{ deletionInfo: { deletionStatus: 'DeletedByRecipient' } }
			]);
		expect(
			await does(world, anna[0], (engine) => engine.attributes.notifyPeer(successor.id, addresses.berlin))
		).toMatchObject({ error: { code: 'error.runtime.attributes.peerHasNoPreviousVersionOfAttribute' } });
		agree(all);
	});

	test('E1 delete: whose mailbox is gone is passed over, and the deletion is done on every device', async () => {
		let isGone = false;
		const all = await shared(2, { harm: { relay: (relay) => withMailboxGone(relay, () => isGone) } });
		const { world, anna, berlin, id } = all;
		isGone = true;
		await must(world, anna[0], (engine) => engine.attributes.delete(id));
		await everybodySyncs(world);
		isGone = false;
		await everybodySyncs(world);
		for (const device of anna) expect(device.engine?.attributes.list()).toEqual([]);
		expect(anna[0]?.engine?.account.status()).toMatchObject({ state: 'upToDate', waiting: 0 });
		expect(berlin[0]?.engine?.attributes.get(id)?.deletionInfo).toBeUndefined();
		expect(confirmed(anna[1], 'attributes', 'notifications')).toEqual(
			confirmed(anna[0], 'attributes', 'notifications')
		);
	});

	test('E1 delete what nobody holds tells nobody', async () => {
		const { world, anna } = await people(1);
		const { id } = await must(world, anna[0], (engine) => engine.attributes.create(name('Anna')));
		expect(await must(world, anna[0], (engine) => engine.attributes.delete(id))).toEqual({ notificationIds: [] });
		expect(anna[0]?.engine?.messages.list()).toEqual([]);
	});
});

describe('F5 two devices apart', () => {
	test('F5 one succeeds and tells, the other deletes: both sides agree on every device', async () => {
		const all = await shared(2);
		const { world, anna, berlin, addresses, id } = all;
		await apart(world, anna, async () => {
			const { successor } = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
			await must(world, anna[0], (engine) => engine.attributes.notifyPeer(successor.id, addresses.berlin));
			await must(world, anna[1], (engine) => engine.attributes.delete(id));
		});
		agree(all);
		expect(anna[0]?.engine?.attributes.list().map(valueOf)).toEqual(['Ann']);
		expect(berlin[0]?.engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByEmitter');
	});

	test('F5 the owner tells a successor while the peer deletes what it holds: both sides then have the successor', async () => {
		const all = await shared(2);
		const { world, anna, berlin, addresses, id } = all;
		const { successor } = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
		await everybodySyncs(world);
		await apart(world, [...anna, ...berlin], async () => {
			await must(world, anna[0], (engine) => engine.attributes.notifyPeer(successor.id, addresses.berlin));
			await must(world, berlin[1], (engine) => engine.attributes.delete(id));
		});
		agree(all);
		expect(berlin[0]?.engine?.attributes.list().map(({ id: held }) => held)).toEqual([successor.id]);
		expect(anna[1]?.engine?.attributes.forwardings(id)).toMatchObject([
			{ deletionInfo: { deletionStatus: 'DeletedByRecipient' } }
		]);
		const [forwarding] = anna[1]!.engine!.attributes.forwardings(successor.id);
		expect(forwarding).toBeDefined();
		expect(forwarding?.deletionInfo).toBeUndefined();
	});

	test('F5 one deletes first, the other tells a successor of it without knowing: neither side says the peer has it', async () => {
		const all = await shared(2);
		const { world, anna, berlin, addresses, id } = all;
		const { successor } = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
		await everybodySyncs(world);
		await apart(world, anna, async () => {
			await must(world, anna[1], (engine) => engine.attributes.notifyPeer(successor.id, addresses.berlin));
			await must(world, anna[0], (engine) => engine.attributes.delete(id));
		});
		agree(all);
		const holds = berlin[0]!.engine!.attributes.get(successor.id) !== undefined;
		expect(anna[0]!.engine!.attributes.forwardings(successor.id)).toHaveLength(holds ? 1 : 0);
	});

	test('F5 both delete it: it is gone once, the peer is told twice and minds nothing', async () => {
		const all = await shared(2);
		const { world, anna, berlin, id } = all;
		await apart(world, anna, async () => {
			for (const device of anna) await must(world, device, (engine) => engine.attributes.delete(id));
		});
		agree(all);
		expect(anna[0]?.engine?.attributes.list()).toEqual([]);
		expect(berlin[0]?.engine?.notifications.list().map(({ status }) => status)).toEqual(['Completed', 'Completed']);
		expect(berlin[0]?.engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByEmitter');
	});

	test('F5 one shares it while the other deletes it: whoever got it is told', async () => {
		const all = await people(2);
		const { world, anna, berlin } = all;
		const { id } = await must(world, anna[0], (engine) => engine.attributes.create(name('Anna')));
		const content = { '@type': 'Request', items: [{ mustBeAccepted: true, ...readName }] };
		const draft = await must(world, berlin[0], (engine) =>
			engine.requests.create({ content, peer: all.addresses.anna })
		);
		await must(world, berlin[0], (engine) =>
			engine.messages.send({ recipients: [all.addresses.anna], content: draft.content })
		);
		await everybodySyncs(world);
		await apart(world, anna, async () => {
			const decision = { items: [{ accept: true, existingAttributeId: id }] };
			await must(world, anna[0], (engine) => engine.requests.accept(draft.id, decision));
			expect(await must(world, anna[1], (engine) => engine.attributes.delete(id))).toEqual({
				notificationIds: []
			});
		});
		agree(all);
		expect(anna[0]?.engine?.attributes.list()).toEqual([]);
		expect(berlin[0]?.engine?.attributes.get(id)?.deletionInfo?.deletionStatus).toBe('DeletedByEmitter');
	});

	test('F5 both tell the same succession: one forwarding, one successor at the peer', async () => {
		const all = await shared(2);
		const { world, anna, berlin, addresses, id } = all;
		const { successor } = await must(world, anna[0], (engine) => engine.attributes.succeed(id, name('Ann')));
		await everybodySyncs(world);
		await apart(world, anna, async () => {
			for (const device of anna)
				await must(world, device, (engine) => engine.attributes.notifyPeer(successor.id, addresses.berlin));
		});
		agree(all);
		expect(anna[0]?.engine?.attributes.forwardings(successor.id)).toHaveLength(1);
		expect(berlin[0]?.engine?.attributes.versions(id).map(valueOf)).toEqual(['Ann', 'Anna']);
		expect(berlin[0]?.engine?.notifications.list().map(({ status }) => status)).toEqual(['Completed', 'Completed']);
	});

	test('F5 both succeed it and tell: one chain with both edits, here and at the peer', async () => {
		const all = await shared(2);
		const { world, anna, berlin, addresses, id } = all;
		await apart(world, anna, async () => {
			for (const [i, device] of anna.entries())
				await must(world, device, (engine) => engine.attributes.succeed(id, name(`Ann ${i}`)));
		});
		agree(all);
		const [latest] = anna[0]!.engine!.attributes.versions(id);
		expect(anna[0]?.engine?.attributes.versions(id)).toHaveLength(3);
		await must(world, anna[1], (engine) => engine.attributes.notifyPeer(latest!.id, addresses.berlin));
		await everybodySyncs(world);
		agree(all);
		expect(valueOf(berlin[0]?.engine?.attributes.get(latest!.id))).toBe(valueOf(latest));
	});
});

describe('what programs keep, what people set', () => {
	test('E3 metadata of an identity: kept, changed, forgotten, gone with the relationship', async () => {
		const { world, anna, addresses } = await people(2);
		const set = (reference: string, value: never, key?: string) =>
			does(world, anna[0], (engine) =>
				engine.metadata.set({ reference, value, ...(key !== undefined && { key }) })
			);
		expect(await set(addresses.berlin, 'text' as never)).toMatchObject({ value: { value: 'text' } });
		expect(await set(addresses.berlin, { any: ['json'] } as never)).toMatchObject({
			value: { value: { any: ['json'] } }
		});
		expect(await set(addresses.berlin, 7 as never, 'k')).toMatchObject({ value: { key: 'k', value: 7 } });
		expect(await set(addresses.anna, true as never)).toMatchObject({ value: { reference: addresses.anna } });
		expect(await set('did:e:localhost:dids:00000000000000000000ff', 1 as never)).toMatchObject({
			error: { code: 'error.runtime.identityMetadata.unfamiliarReferencedIdentity' }
		});
		await everybodySyncs(world);
		const other = anna[1]!.engine!.metadata;
		expect(other.get(addresses.berlin)).toMatchObject({ value: { value: { any: ['json'] } } });
		const missing = { error: { code: 'error.runtime.identityMetadata.notFound' } };
		expect(other.get(addresses.berlin, 'other')).toMatchObject(missing);
		await must(world, anna[1], (engine) => engine.metadata.delete(addresses.berlin, 'k'));
		expect(await does(world, anna[1], (engine) => engine.metadata.delete(addresses.berlin, 'k'))).toMatchObject(
			missing
		);
		const relationshipId = anna[0]!.engine!.relationships.list()[0]!.id;
		for (const action of ['terminate', 'decompose'] as const)
			await must(world, anna[0], (engine) => engine.relationships.act(relationshipId, action));
		await everybodySyncs(world);
		expect(other.list().map(({ reference }) => reference)).toEqual([addresses.anna]);
	});

	test('E3 settings: by id, by key, the newest counts, those of a relationship go with it', async () => {
		const { world, anna } = await people(2);
		const relationshipId = anna[0]!.engine!.relationships.list()[0]!.id;
		const engine = anna[0]!.engine!.settings;
		const made = await must(world, anna[0], (e) => e.settings.create({ key: 'theme', value: 'dark' }));
		expect(made).toMatchObject({
			id: expect.stringMatching(/^LCLSET[A-Za-z0-9]{14}$/),
			scope: 'Identity',
			key: 'theme'
		});
		expect(engine.get(made.id)).toEqual(made);
		await must(world, anna[0], (e) => e.settings.update(made.id, 'light'));
		expect(engine.byKey('theme')?.value).toBe('light');
		await must(world, anna[0], (e) => e.settings.upsertByKey({ key: 'theme', value: 'system' }));
		expect(engine.list()).toHaveLength(1);
		const own = { key: 'pin', reference: relationshipId, scope: 'Relationship' } as const;
		await must(world, anna[0], (e) => e.settings.upsertByKey({ ...own, value: true }));
		expect(engine.byKey('pin')).toBeUndefined();
		expect(engine.byKey('pin', own)?.value).toBe(true);
		await everybodySyncs(world);
		expect(anna[1]?.engine?.settings.list()).toEqual(engine.list());
		for (const action of ['terminate', 'decompose'] as const)
			await must(world, anna[0], (e) => e.relationships.act(relationshipId, action));
		await everybodySyncs(world);
		expect(anna[1]?.engine?.settings.list().map(({ key }) => key)).toEqual(['theme']);
		await must(world, anna[1], (e) => e.settings.delete(made.id));
		expect(anna[1]?.engine?.settings.get(made.id)).toBeUndefined();
		expect(await does(world, anna[1], (e) => e.settings.update(made.id, 1))).toMatchObject({
			error: { code: 'error.runtime.recordNotFound' }
		});
	});

	test('E3 drafts: created, listed, changed, deleted, on every device', async () => {
		const { world, anna } = await people(2);
		const draft = await must(world, anna[0], (e) => e.drafts.create({ type: 'mail', content: { subject: 'Hi' } }));
		expect(draft).toMatchObject({ id: expect.stringMatching(/^LCLDRF[A-Za-z0-9]{14}$/), type: 'mail' });
		const plain = await must(world, anna[0], (e) => e.drafts.create({ content: 'text' }));
		expect(plain.type).toBe('');
		await everybodySyncs(world);
		await must(world, anna[1], (e) => e.drafts.update(draft.id, { subject: 'Hello' }));
		await everybodySyncs(world);
		expect(anna[0]?.engine?.drafts.get(draft.id)?.content).toEqual({ subject: 'Hello' });
		expect(anna[0]?.engine?.drafts.list().filter(({ type }) => type === 'mail')).toHaveLength(1);
		await must(world, anna[0], (e) => e.drafts.delete(draft.id));
		expect(anna[0]?.engine?.drafts.list().map(({ id }) => id)).toEqual([plain.id]);
		expect(await does(world, anna[0], (e) => e.drafts.delete(draft.id))).toMatchObject({ ok: false });
	});
});
