/** What people do beside talking: files that change hands, tokens, what programs keep, what is thrown away, leaving and staying. */
import type { FileRow, JsonObject } from '../index.ts';
import { isForAnybody } from './asking.ts';
import { keep, ok, type Action } from './action.ts';
import type { Device } from './device.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;
/** Longer than any world lasts: what is to be erased then comes back before. */
const GRACE_DAYS = 3_650;

const inDays = (world: World, days: number) => new Date(world.scheduler.now() + days * DAY).toISOString();
/** Somebody of that identity threw away what has this id. */
const isDropped = (world: World, device: Device, id: string) => world.model.dropped.has(`${device.owner}/${id}`);

/** A reference somebody else may load. */
function publish(world: World, device: Device, what: 'files' | 'tokens', url: string): void {
	world.model[what].push({ owner: device.owner, url });
}

const upload: Action = {
	label: 'file',
	weight: 3,
	run(world, device) {
		const text = world.model.marker(device.owner, isForAnybody);
		const content = new TextEncoder().encode(text.repeat(1 + world.random.below(40)));
		world.user(
			device,
			'file',
			(engine) => engine.files.create({ content, filename: 'page.txt', mimetype: 'text/plain', title: text }),
			(result) => {
				const row = ok(result);
				if (!row) return;
				publish(world, device, 'files', row.reference.url);
				keep(
					world,
					device,
					`file ${row.id}`,
					(now) => now.engine!.files.get(row.id) !== undefined || isDropped(world, device, row.id)
				);
			}
		);
		return true;
	}
};

const fetchFile: Action = {
	label: 'fetch',
	weight: 3,
	run(world, device) {
		const { random, model } = world;
		const there = model.files.filter(({ owner }) => owner !== device.owner);
		if (there.length === 0) return false;
		const { url } = random.pick(there.slice(-4));
		world.user(
			device,
			'fetch',
			(engine) => engine.files.load(url),
			(result) => {
				const row = ok(result);
				if (!row || !device.engine) return;
				keep(
					world,
					device,
					`loaded file ${row.id}`,
					(now) => now.engine!.files.get(row.id) !== undefined || isDropped(world, device, row.id)
				);
				world.user(device, 'read file', async (engine) => {
					const read = await engine.files.download(row.id);
					// The line may break between two pieces: the rest is asked for again then.
					if (read.ok) await wholeOf(read.value.chunks).catch(() => undefined);
					return read;
				});
			}
		);
		return true;
	}
};

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
	let size = 0;
	for await (const chunk of chunks) size += chunk.length;
	return size;
}

const isMine = ({ isOwn, ownershipToken, ownershipIsLocked }: FileRow) => isOwn && ownershipToken && !ownershipIsLocked;

/** A file is offered to a peer; whoever accepts owns it from then on. */
const handOver: Action = {
	label: 'hand over',
	weight: 6,
	run(world, device) {
		const { random } = world;
		const files = device.engine!.files.list().filter(isMine);
		const active = device.engine!.relationships.list().filter(({ status }) => status === 'Active');
		if (files.length === 0 || active.length === 0) return false;
		const { peer } = random.pick(active);
		const { reference, ownershipToken } = random.pick(files);
		const item: JsonObject = {
			'@type': 'TransferFileOwnershipRequestItem',
			mustBeAccepted: true,
			fileReference: reference.truncated,
			ownershipToken: ownershipToken!
		};
		world.user(
			device,
			'hand over',
			(engine) => engine.requests.create({ content: { '@type': 'Request', items: [item] }, peer }),
			(result) => {
				const row = ok(result);
				if (!row || !device.engine) return;
				world.user(device, 'message', (engine) =>
					engine.messages.send({ recipients: [peer], content: row.content })
				);
			}
		);
		return true;
	}
};

/** The owner makes another ownership token; somebody else tries a wrong one, and locks it. */
const changeToken: Action = {
	label: 'renew token',
	weight: 1.5,
	run(world, device) {
		const files = device.engine!.files.list();
		if (files.length === 0) return false;
		const { id, isOwn } = world.random.pick(files);
		if (isOwn) world.user(device, 'renew token', (engine) => engine.files.regenerateOwnershipToken(id));
		else world.user(device, 'wrong token', (engine) => engine.files.validateOwnershipToken(id, 'A'.repeat(20)));
		return true;
	}
};

const makeToken: Action = {
	label: 'token',
	weight: 2,
	run(world, device) {
		const { random, model } = world;
		const content: JsonObject = { text: model.marker(device.owner, isForAnybody) };
		const input = { content, expiresAt: inDays(world, random.pick([1, 30])), ephemeral: random.chance(0.2) };
		world.user(
			device,
			'token',
			(engine) => engine.tokens.create(input),
			(result) => {
				const row = ok(result);
				if (!row) return;
				publish(world, device, 'tokens', row.reference.url);
				if (input.ephemeral) return;
				keep(
					world,
					device,
					`token ${row.id}`,
					(now) => now.engine!.tokens.get(row.id) !== undefined || isDropped(world, device, row.id)
				);
			}
		);
		return true;
	}
};

const loadToken: Action = {
	label: 'load token',
	weight: 2,
	run(world, device) {
		const { random, model } = world;
		const there = model.tokens.filter(({ owner }) => owner !== device.owner);
		if (there.length === 0) return false;
		const { url } = random.pick(there.slice(-4));
		world.user(device, 'load token', (engine) => engine.tokens.load(url));
		return true;
	}
};

/** Own ones are gone at the relay too. */
const throwAway: Action = {
	label: 'throw away',
	weight: 1.5,
	run(world, device) {
		const { random, model } = world;
		const what = random.pick(['files', 'tokens', 'templates'] as const);
		const rows = device.engine![what].list();
		if (rows.length === 0) return false;
		const { id } = random.pick<{ readonly id: string }>(rows);
		model.dropped.add(`${device.owner}/${id}`);
		world.user(device, 'throw away', (engine) => engine[what].delete(id));
		return true;
	}
};

const note: Action = {
	label: 'metadata',
	weight: 2,
	run(world, device) {
		const { random, model } = world;
		const peers = device.engine!.relationships.list().map(({ peer }) => peer);
		const reference = random.pick([model.identities[device.owner]!.address, ...peers]);
		const key = random.chance(0.5) ? 'customer' : undefined;
		const place = { reference, ...(key === undefined ? {} : { key }) };
		if (random.chance(0.3)) world.user(device, 'metadata', (engine) => engine.metadata.delete(reference, key));
		else {
			const value = model.marker(device.owner, new Set());
			world.user(device, 'metadata', (engine) => engine.metadata.set({ ...place, value }));
		}
		return true;
	}
};

const setting: Action = {
	label: 'setting',
	weight: 1.5,
	run(world, device) {
		const { random, model } = world;
		const value = model.marker(device.owner, new Set());
		if (random.chance(0.5)) {
			world.user(
				device,
				'setting',
				(engine) => engine.settings.upsertByKey({ key: random.pick(['look', 'sound']), value }),
				(result) => {
					const row = ok(result);
					if (row)
						keep(
							world,
							device,
							`setting ${row.id}`,
							(now) => now.engine!.settings.get(row.id) !== undefined
						);
				}
			);
			return true;
		}
		const drafts = device.engine!.drafts.list();
		if (drafts.length > 0 && random.chance(0.5)) {
			const { id } = random.pick(drafts);
			model.dropped.add(`${device.owner}/${id}`);
			world.user(device, 'draft', (engine) => engine.drafts.delete(id));
			return true;
		}
		world.user(
			device,
			'draft',
			(engine) => engine.drafts.create({ content: value }),
			(result) => {
				const row = ok(result);
				if (!row) return;
				keep(
					world,
					device,
					`draft ${row.id}`,
					(now) => now.engine!.drafts.get(row.id) !== undefined || isDropped(world, device, row.id)
				);
			}
		);
		return true;
	}
};

const look: Action = {
	label: 'look',
	weight: 1,
	run(world, device) {
		const rows = device.engine!.attributes.list();
		if (rows.length === 0) return false;
		const { id } = world.random.pick(rows);
		world.user(device, 'look', (engine) => engine.attributes.markViewed(id));
		return true;
	}
};

/** A draft of a request that is not sent after all. */
const discard: Action = {
	label: 'draft request',
	weight: 1,
	run(world, device) {
		const { random } = world;
		const drafts = device.engine!.requests.outgoing().filter(({ status }) => status === 'Draft');
		if (drafts.length === 0) return false;
		const { id } = random.pick(drafts);
		world.user(device, 'discard request', (engine) => engine.requests.discard(id));
		return true;
	}
};

/** From now on this process answers one peer by rules, until it ends. */
const automate: Action = {
	label: 'automate',
	weight: 0.7,
	run(world, device) {
		const { random, model } = world;
		const others = model.identities.filter(({ owner }) => owner !== device.owner);
		if (others.length === 0) return false;
		const peer = random.pick(others).address;
		const rules = [
			{
				requestConfig: { 'content.item.@type': 'ConsentRequestItem', peer },
				responseConfig: { accept: random.chance(0.5) }
			},
			{
				requestConfig: { 'content.item.@type': 'AuthenticationRequestItem', peer },
				responseConfig: { accept: random.chance(0.5) }
			}
		];
		const automated = device.engine!.requests.automate(rules);
		if (!automated.ok) world.fail('answer', `${device.name} automate: ${automated.error.message}`);
		return true;
	}
};

/** One of the devices of an identity tells the outside of an event. */
const claim: Action = {
	label: 'claim',
	weight: 3,
	run(world, device) {
		const { random, model } = world;
		const events = [...(model.events.get(device.owner) ?? [])];
		if (events.length === 0) return false;
		const id = random.pick(events.slice(-3));
		world.user(
			device,
			'claim',
			(engine) => engine.account.claimEvent(id),
			(result) => {
				if (!result.ok || !result.value) return;
				const name = `${device.owner}/${id}`;
				const told = model.claimed.get(name) ?? device.name;
				if (told !== device.name) world.fail('told once', `${told} and ${device.name} both tell ${id}`);
				model.claimed.set(name, told);
			}
		);
		return true;
	}
};

const isOnTime = (world: World, owner: number): boolean =>
	world.devices.every((device) => device.owner !== owner || Math.abs(device.clockError) < 30 * DAY);

/** An identity that wants to leave reads nothing, and tells its peers; most stay after all. */
const leaveOrStay: Action = {
	label: 'leave',
	weight: 1.2,
	run(world, device) {
		const isLeaving = device.engine!.deletion.active().ok;
		if (isLeaving) world.user(device, 'stay', (engine) => engine.deletion.cancel());
		// A clock that is years ahead takes the grace period for over: a device with it cannot stay.
		else if (isOnTime(world, device.owner) && world.random.chance(0.25))
			world.user(device, 'leave', (engine) => engine.deletion.initiate(GRACE_DAYS));
		else return false;
		return true;
	}
};

export const keepingActions: readonly Action[] = [
	upload,
	fetchFile,
	handOver,
	changeToken,
	makeToken,
	loadToken,
	throwAway,
	note,
	setting,
	look,
	discard,
	automate,
	claim,
	leaveOrStay
];
