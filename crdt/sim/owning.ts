/** What people do with attributes: make, succeed, tell, share and delete them. */
import type { AttributeRow, JsonObject } from '../index.ts';
import { mayRead, NAMES, nameOf, relationshipValue } from './asking.ts';
import { keep, ok, type Action } from './action.ts';
import type { Device } from './device.ts';
import type { World } from './world.ts';

const keepAttribute = (world: World, device: Device, id: string) =>
	keep(
		world,
		device,
		`attribute ${id}`,
		(now) =>
			now.engine!.attributes.get(id) !== undefined ||
			world.model.deleted.size > 0 ||
			// A change of something a lost decision had made: told where it was made.
			device.engine?.attention().some(({ kind }) => kind === 'succession-failed') === true ||
			[...world.model.purged].some((key) => key.startsWith(`${device.owner}/`))
	);

const activePeers = (device: Device) =>
	device
		.engine!.relationships.list()
		.filter(({ status }) => status === 'Active')
		.map(({ peer }) => peer);

const create: Action = {
	label: 'attribute',
	weight: 5,
	run(world, device) {
		const { random, model } = world;
		const text = model.marker(device.owner, new Set());
		world.user(
			device,
			'attribute',
			(engine) => engine.attributes.create({ value: nameOf(random.pick(NAMES), text) }),
			(result) => {
				const row = ok(result);
				if (row) keepAttribute(world, device, row.id);
			}
		);
		return true;
	}
};

const newest = (device: Device, ...kinds: AttributeRow['@type'][]) =>
	device.engine!.attributes.list().filter((row) => kinds.includes(row['@type']) && !row.succeededBy);

/** Own ones, also those of a relationship: its peer is told. */
const succeed: Action = {
	label: 'succeed',
	weight: 5,
	run(world, device) {
		const { random, model } = world;
		const own = newest(device, 'OwnIdentityAttribute', 'OwnRelationshipAttribute');
		if (own.length === 0) return false;
		const row = random.pick(own);
		const text = model.marker(device.owner, new Set());
		if (row.peer !== undefined) mayRead(world, text, model.ownerOf(row.peer)!);
		const value =
			row['@type'] === 'OwnIdentityAttribute'
				? nameOf(String((row.content['value'] as JsonObject)['@type']), text)
				: relationshipValue(text);
		world.user(
			device,
			'succeed',
			(engine) => engine.attributes.succeed(row.id, { value }),
			(result) => {
				const changed = ok(result);
				if (changed) keepAttribute(world, device, changed.successor.id);
			}
		);
		return true;
	}
};

/** A peer that holds an older version is told the newer one. */
const notify: Action = {
	label: 'notify',
	weight: 3,
	run(world, device) {
		const { random, model } = world;
		const peers = activePeers(device);
		const own = newest(device, 'OwnIdentityAttribute').filter(({ succeeds }) => succeeds !== undefined);
		if (own.length === 0 || peers.length === 0) return false;
		const row = random.pick(own);
		const peer = random.pick(peers);
		if (device.engine!.attributes.versions(row.id).every((version) => !isHeld(device, version.id, peer)))
			return false;
		mayRead(world, row.content, model.ownerOf(peer)!);
		world.user(device, 'notify', (engine) => engine.attributes.notifyPeer(row.id, peer));
		return true;
	}
};

const isHeld = (device: Device, id: string, peer: string): boolean =>
	device.engine!.attributes.forwardings(id).some((forwarding) => forwarding.peer === peer);

const share: Action = {
	label: 'share',
	weight: 2,
	run(world, device) {
		const { random, model } = world;
		const peers = activePeers(device);
		if (peers.length === 0) return false;
		const peer = random.pick(peers);
		const own = newest(device, 'OwnIdentityAttribute');
		if (own.length > 0 && random.chance(0.6)) {
			const row = random.pick(own);
			mayRead(world, row.content, model.ownerOf(peer)!);
			world.user(device, 'share', (engine) => engine.attributes.share({ attributeId: row.id, peer }));
			return true;
		}
		const text = model.marker(device.owner, new Set([model.ownerOf(peer)!]));
		const content: JsonObject = {
			key: random.pick(['card', 'seat', 'desk', 'lamp']),
			confidentiality: 'public',
			value: relationshipValue(text)
		};
		world.user(device, 'share', (engine) => engine.attributes.createAndShare({ content, peer }));
		return true;
	}
};

/** Anything that is held, own or received: whoever else holds it is told. */
const remove: Action = {
	label: 'delete',
	weight: 1.5,
	run(world, device) {
		const rows = device.engine!.attributes.list();
		if (rows.length === 0) return false;
		const { id } = world.random.pick(rows);
		world.model.deleted.add(`${device.owner}/${id}`);
		world.user(device, 'delete', (engine) => engine.attributes.delete(id));
		return true;
	}
};

export const attributeActions: readonly Action[] = [create, succeed, notify, share, remove];
