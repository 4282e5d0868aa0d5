/** What people do in a simulated world, each with what it promises when the engine says it is done. */
import type { JsonObject, RelationshipAction, RelationshipRow, RequestRow } from '../index.ts';
import { keep, ok, type Action } from './action.ts';
import { decisionFor, mayRead, rejectionOf, requestItems } from './asking.ts';
import type { Device } from './device.ts';
import { canonicalJson, type Write } from './model.ts';
import { keepingActions } from './keeping.ts';
import { attributeActions } from './owning.ts';
import { closeGently, type World } from './world.ts';

const addressOf = (world: World, owner: number) => world.model.identities[owner]!.address;
const others = (world: World, device: Device) =>
	world.model.identities.filter(
		({ owner }) => owner !== device.owner && world.devices.some((other) => other.owner === owner)
	);

// --- templates and relationships ----------------------------------------------------------------------------------------

const makeTemplate: Action = {
	label: 'template',
	weight: 4,
	run(world, device) {
		const { random, model, scheduler } = world;
		const text = model.marker(device.owner, undefined);
		const items = requestItems(world, device);
		const content: JsonObject = random.chance(0.5)
			? { '@type': 'ArbitraryRelationshipTemplateContent', value: { text } }
			: {
					'@type': 'RelationshipTemplateContent',
					title: text,
					onNewRelationship: { '@type': 'Request', items },
					...(random.chance(0.4) ? { onExistingRelationship: { '@type': 'Request', items } } : {})
				};
		const peer = random.pick(others(world, device));
		const input = {
			content,
			expiresAt: new Date(scheduler.now() + random.pick([1, 30, 100]) * 86_400_000).toISOString(),
			...(random.chance(0.3) ? { maxNumberOfAllocations: 1 + random.below(2) } : {}),
			...(peer && random.chance(0.2) ? { forIdentity: peer.address } : {})
		};
		world.user(
			device,
			'template',
			(engine) => engine.templates.create(input),
			(result) => {
				const row = ok(result);
				if (!row) return;
				model.templates.push({ id: row.id, owner: device.owner, url: row.reference.url });
				keep(
					world,
					device,
					`template ${row.id}`,
					(now) => now.views.get('templates', row.id) !== undefined || purgedAny(world, device.owner)
				);
			}
		);
		return true;
	}
};

const purgedAny = (world: World, owner: number) => [...world.model.purged].some((key) => key.startsWith(`${owner}/`));

const loadTemplate: Action = {
	label: 'load',
	weight: 6,
	run(world, device) {
		const { random, model } = world;
		const foreign = model.templates.filter(({ owner }) => owner !== device.owner);
		if (foreign.length === 0) return false;
		const template = random.pick(foreign.slice(-4));
		world.user(
			device,
			'load',
			(engine) => engine.templates.load(template.url),
			(result) => {
				const row = ok(result);
				if (!row) return;
				const { engine } = device;
				const purged = `${device.owner}/${row.createdBy}`;
				keep(
					world,
					device,
					`loaded ${row.id}`,
					(now) =>
						now.engine!.templates.get(row.id) !== undefined ||
						model.purged.has(purged) ||
						model.dropped.has(`${device.owner}/${row.id}`)
				);
				if (random.chance(0.7) && engine === device.engine) openRelationship(world, device, row.id);
			}
		);
		return true;
	}
};

function openRelationship(world: World, device: Device, templateId: string): void {
	const { model } = world;
	const peer = device.engine!.templates.get(templateId)?.createdBy;
	const readers = new Set(peer === undefined ? [] : [model.ownerOf(peer)!]);
	const creationContent: JsonObject = {
		'@type': 'ArbitraryRelationshipCreationContent',
		value: { text: model.marker(device.owner, readers) }
	};
	if (!device.engine!.relationships.canCreate({ templateId, creationContent }).ok) return;
	world.user(
		device,
		'create',
		(engine) => engine.relationships.create({ templateId, creationContent }),
		(result) => {
			const row = ok(result);
			if (row) keepRelationship(world, device, row);
		}
	);
}

const keepRelationship = (world: World, device: Device, { id }: RelationshipRow) =>
	keep(world, device, `relationship ${id}`, (now) => now.views.get('relationships', id) !== undefined);

const createRelationship: Action = {
	label: 'create',
	weight: 4,
	run(world, device) {
		const loaded = device.engine!.templates.list().filter(({ isOwn }) => !isOwn);
		if (loaded.length === 0) return false;
		openRelationship(world, device, world.random.pick(loaded).id);
		return true;
	}
};

/** What people do with what is possible: they like to get on. */
const LIKING: { readonly [action in RelationshipAction]: number } = {
	create: 0,
	accept: 12,
	reject: 1,
	revoke: 1,
	terminate: 2,
	reactivate: 3,
	acceptReactivation: 4,
	rejectReactivation: 1,
	revokeReactivation: 1,
	decompose: 1
};

function actOn(
	world: World,
	device: Device,
	row: RelationshipRow,
	action: Exclude<RelationshipAction, 'create'>
): void {
	const { model } = world;
	if (action === 'decompose') model.purged.add(`${device.owner}/${row.peer}`);
	world.user(
		device,
		action,
		(engine) => engine.relationships.act(row.id, action),
		(result) => {
			if (!result.ok) return;
			const me = addressOf(world, device.owner);
			keep(world, device, `${action} of ${row.id}`, (now) =>
				(now.views.get('relationships', row.id)?._events ?? []).some(
					(event) => event.author === me && event.action === action
				)
			);
		}
	);
}

const changeRelationship: Action = {
	label: 'act',
	weight: 12,
	run(world, device) {
		const rows = device.engine!.relationships.list();
		if (rows.length === 0) return false;
		const row = world.random.pick(rows);
		const possible = device.engine!.relationships.possible(row.id).filter((action) => action !== 'create');
		if (possible.length === 0) return false;
		const action = world.random.weighted(possible.map((action) => [LIKING[action], action] as const));
		actOn(world, device, row, action as Exclude<RelationshipAction, 'create'>);
		return true;
	}
};

// --- messages -------------------------------------------------------------------------------------------------------------

const sendMessage: Action = {
	label: 'message',
	weight: 14,
	run(world, device) {
		const { random, model } = world;
		const active = device.engine!.relationships.list().filter(({ status }) => status === 'Active');
		if (active.length === 0) return false;
		const first = random.pick(active).peer;
		const recipients = random.chance(0.25) ? [...new Set([first, ...active.map(({ peer }) => peer)])] : [first];
		const text = model.marker(device.owner, new Set(recipients.map((peer) => model.ownerOf(peer)!)));
		const content: JsonObject = random.chance(0.6)
			? {
					'@type': 'Mail',
					to: recipients,
					cc: [],
					subject: text,
					body: text.repeat(1 + random.below(30)),
					bodyFormat: 'PlainText'
				}
			: { '@type': 'ArbitraryMessageContent', value: { text } };
		send(world, device, recipients, content);
		return true;
	}
};

function send(world: World, device: Device, recipients: string[], content: JsonObject): void {
	const { model } = world;
	world.user(
		device,
		'message',
		(engine) => engine.messages.send({ recipients, content }),
		(result) => {
			const row = ok(result);
			if (!row) return;
			keep(
				world,
				device,
				`message ${row.id}`,
				(now) =>
					now.engine!.messages.get(row.id) !== undefined ||
					// One that could not be sent stays where it was written.
					(now !== device && device.engine?.messages.get(row.id)?._delivery !== 'sent') ||
					model.discarded.has(row.id) ||
					recipients.some((peer) => model.purged.has(`${device.owner}/${peer}`))
			);
		}
	);
}

const tidyMessages: Action = {
	label: 'tidy',
	weight: 2,
	run(world, device) {
		const failed = device.engine!.messages.list().filter(({ _delivery }) => _delivery === 'failed');
		const read = device.engine!.messages.list().filter(({ isOwn, wasReadAt }) => !isOwn && !wasReadAt);
		if (failed.length > 0) {
			const { id } = world.random.pick(failed);
			world.model.discarded.add(id);
			if (world.random.chance(0.5)) world.user(device, 'discard', (engine) => engine.messages.discard(id));
			else world.user(device, 'retry', (engine) => engine.messages.retry(id));
			return true;
		}
		if (read.length === 0) return false;
		const { id } = world.random.pick(read);
		world.user(device, 'read', (engine) => engine.messages.markRead(id));
		return true;
	}
};

// --- requests -------------------------------------------------------------------------------------------------------------

const askByMessage: Action = {
	label: 'request',
	weight: 5,
	run(world, device) {
		const active = device.engine!.relationships.list().filter(({ status }) => status === 'Active');
		if (active.length === 0) return false;
		const { peer } = world.random.pick(active);
		const content: JsonObject = { '@type': 'Request', items: requestItems(world, device, peer) };
		world.user(
			device,
			'request',
			(engine) => engine.requests.create({ content, peer }),
			(result) => {
				const row = ok(result);
				if (row && device.engine) send(world, device, [peer], row.content);
			}
		);
		return true;
	}
};

function decide(world: World, device: Device, request: RequestRow, accept: boolean): boolean {
	const { model } = world;
	const { decision, shared } = accept
		? decisionFor(world, device, request, true)
		: { decision: rejectionOf(request), shared: [] };
	const { requests } = device.engine!;
	const judged = accept ? requests.canAccept(request.id, decision) : requests.canReject(request.id, decision);
	if (!judged.ok || !judged.value.isSuccess) return false;
	const reader = model.ownerOf(request.peer)!;
	mayRead(world, shared, reader);
	world.user(
		device,
		accept ? 'decide yes' : 'decide no',
		(engine) =>
			accept ? engine.requests.accept(request.id, decision) : engine.requests.reject(request.id, decision),
		(result) => {
			const row = ok(result);
			if (!row?.response) return;
			// One that failed may be decided anew on the same device: what was decided last is what counts.
			const earlier = model.decisions.findIndex((made) => made.device === device && made.request === row.id);
			if (earlier >= 0) model.decisions.splice(earlier, 1);
			model.decisions.push({
				owner: device.owner,
				device,
				request: row.id,
				accept,
				response: canonicalJson(row.response.content)
			});
			keep(world, device, `decision on ${row.id}`, (now) => {
				const known = now.engine!.requests.get(row.id, 'incoming');
				return known === undefined
					? // A relationship that came first takes the place of what its template asked.
						model.purged.has(`${device.owner}/${row.peer}`) ||
							now.views.list('relationships').some(({ peer }) => peer === row.peer)
					: known.response !== undefined || known._failed !== undefined || now.name !== device.name;
			});
		}
	);
	return true;
}

const openRequests = (device: Device) =>
	device.engine!.requests.incoming().filter(({ status }) => status === 'ManualDecisionRequired');

const answerRequest: Action = {
	label: 'decide',
	weight: 9,
	run(world, device) {
		const open = openRequests(device);
		if (open.length === 0) return false;
		return decide(world, device, world.random.pick(open), world.random.chance(0.75));
	}
};

/** Two devices, both offline, decide one request differently. */
const decideTwice: Action = {
	label: 'decide twice',
	weight: 8,
	run(world, device) {
		const request = openRequests(device)[0];
		const other = world
			.running(device.owner)
			.find((sibling) => sibling !== device && openRequests(sibling).some(({ id }) => id === request?.id));
		if (!request || !other) return false;
		for (const each of [device, other]) {
			each.cut = true;
			for (const line of [...each.lines]) line.snap(false);
		}
		const accept = world.random.chance(0.5);
		decide(world, device, request, accept);
		decide(
			world,
			other,
			openRequests(other).find(({ id }) => id === request.id)!,
			world.random.chance(0.3) ? accept : !accept
		);
		return true;
	}
};

// --- own data -------------------------------------------------------------------------------------------------------------

const writeDocument: Action = {
	label: 'write',
	weight: 10,
	run(world, device) {
		const { random, model } = world;
		const [shard, field] = random.pick([
			['core', 'profile/name'],
			['rel', 'name/x'],
			['drafts', 'a'],
			['drafts', 'b'],
			['core', `setting/${random.below(3)}`]
		] as const);
		const value = model.marker(device.owner, new Set());
		const key = `${device.owner}/${shard}/${field}/${device.name}`;
		const write: Write = { value, acknowledged: false };
		model.writes.set(key, [...(model.writes.get(key) ?? []), write]);
		world.user(
			device,
			'write',
			(engine) => engine.documents.write(shard, field, value),
			(result) => {
				if (result.ok) write.acknowledged = true;
			}
		);
		return true;
	}
};

const sync: Action = {
	label: 'sync',
	weight: 34,
	run(world, device) {
		world.user(device, 'sync', (engine) => engine.account.sync());
		return true;
	}
};

const linkDevice: Action = {
	label: 'link',
	weight: 0.4,
	run(world, device) {
		if (world.devices.filter(({ owner }) => owner === device.owner).length >= 4) return false;
		world.link(device);
		return true;
	}
};

const renewKeys: Action = {
	label: 'renew',
	weight: 0.7,
	run(world, device) {
		world.user(device, 'renew', (engine) => engine.devices.renewKeys());
		return true;
	}
};

const close: Action = {
	label: 'close',
	weight: 1,
	run(world, device) {
		closeGently(world, device);
		return true;
	}
};

export const actions: readonly Action[] = [
	makeTemplate,
	loadTemplate,
	createRelationship,
	changeRelationship,
	sendMessage,
	tidyMessages,
	askByMessage,
	answerRequest,
	decideTwice,
	...attributeActions,
	...keepingActions,
	writeDocument,
	sync,
	linkDevice,
	renewKeys,
	close
];

/** User actions one device has under way at most. */
const MOST_BUSY = 3;

/** Somebody does something sensible, if there is anything. */
export function act(world: World): Action | undefined {
	const running = world.running().filter(({ busy }) => busy < MOST_BUSY);
	if (running.length === 0) return undefined;
	const device = world.random.pick(running);
	const { only, likes } = world.options;
	const list = (only ? actions.filter(({ label }) => only.includes(label)) : actions).map(
		(action) => [action.weight * (likes?.[action.label] ?? 1), action] as const
	);
	for (let tries = 0; tries < 4; tries++) {
		const action = world.random.weighted(list);
		if (action.run(world, device)) return action;
	}
	return undefined;
}
