/** What the engine does when something goes wrong at a given moment, in small worlds of its own. Chance is left to trials/sim.ts. */
import { expect, test } from 'vitest';
import { simRelay } from '../../trials/sim-relay.ts';
import { equal, toHex } from '../codec/bytes.ts';
import { decodeEntry } from '../codec/entry.ts';
import { encodeRequest } from '../codec/frame.ts';
import { inject, silencingUpdate } from '../sim/evil.ts';
import type { Device } from '../sim/device.ts';
import { befriend, type World } from '../sim/world.ts';
import { decodeFrame } from './intent.ts';
import { getMeta } from './rows.ts';
import { createMemoryStore } from '../sim/memory-store.ts';
import { cut, does, everybodySyncs, until, worldOf } from './testing/small.ts';

const frameOf = async (device: Device) => {
	const stored = await getMeta(createMemoryStore(device.disk), 'frame');
	return stored && decodeFrame(stored.bytes);
};
const logOf = async (world: World, owner: number) =>
	world.relay().account((await world.invariants.secretsOf(owner)).tag)!.entries;

test('what was sealed before a crash is sent again byte for byte', async () => {
	const world = await worldOf(1, 1);
	const [device] = world.devices as [Device];
	world.user(device, 'write', (engine) => engine.documents.write('core', 'profile/name', 'Mirela'));
	await until(world, async () => (await frameOf(device)) !== undefined);
	const sealed = (await frameOf(device))!.entry;
	world.crash(device);
	world.open(device);
	await world.drain();
	await does(world, device, (engine) => engine.account.sync());
	const entries = await logOf(world, 0);
	expect(entries.filter((entry) => equal(entry, sealed))).toHaveLength(1);
	expect(await frameOf(device)).toBeUndefined();
	expect(device.engine!.documents.read('core', 'profile/name')).toBe('Mirela');
});

test('a refusal ends the session: the next entry is sealed under another', async () => {
	const world = await worldOf(1, 2);
	const [first, second] = world.devices as [Device, Device];
	const attribute = { value: { '@type': 'Surname', value: 'Ionescu' } };
	const made = await does(world, first, (engine) => engine.attributes.create(attribute));
	await everybodySyncs(world);
	const id = made.ok ? made.value.id : '';
	for (const device of [first, second]) cut(device, true);
	await does(world, first, (engine) =>
		engine.attributes.succeed(id, { value: { '@type': 'Surname', value: 'Popescu' } })
	);
	await does(world, second, (engine) =>
		engine.attributes.succeed(id, { value: { '@type': 'Surname', value: 'Marin' } })
	);
	first.cut = second.cut = false;
	const sessionsBefore = await sessionsOf(world);
	await everybodySyncs(world);
	const sessionsAfter = await sessionsOf(world);
	expect(sessionsAfter.length).toBeGreaterThan(sessionsBefore.length);
	for (const device of [first, second]) {
		const shown = device
			.engine!.attributes.versions(id)
			.map(({ content }) => (content['value'] as { value: string }).value);
		expect(shown[shown.length - 1]).toBe('Ionescu');
		expect(shown.slice(0, -1).sort()).toEqual(['Marin', 'Popescu']);
		expect(device.engine!.todo().some(({ kind }) => kind === 'otherVersion')).toBe(true);
	}
});

const sessionsOf = async (world: World) => [
	...new Set(
		(await logOf(world, 0))
			.map((entry) => decodeEntry(entry))
			.flatMap((decoded) => (decoded.ok ? [toHex(decoded.entry.session)] : []))
	)
];

test('a sibling that was taken over cannot silence another device: its update is kept as evidence', async () => {
	const world = await worldOf(1, 2);
	const [honest, taken] = world.devices as [Device, Device];
	void inject(world, taken, [{ o: 'doc', shard: 'drafts', u: silencingUpdate(0 * 65_536 + 2, 0, 1_000) }]);
	await world.drain();
	await everybodySyncs(world);
	world.crash(honest);
	world.open(honest);
	await world.drain();
	await does(world, honest, (engine) => engine.documents.write('drafts', 'letter', 'Dear Sir'));
	await everybodySyncs(world);
	expect(taken.engine!.documents.read('drafts', 'letter')).toBe('Dear Sir');
	expect(honest.engine!.attention().map(({ kind }) => kind)).toEqual(['update-refused']);
});

test('a relay that shows an older state is not written to any more, and says so', async () => {
	let rollBack = false;
	const world = await worldOf(1, 1, {
		harm: {
			relay: (relay) => ({
				...relay,
				async connect() {
					const line = await relay.connect();
					if (!rollBack) return line;
					const { decodeFromRelay, decodeRequest, encodeAnswer } = await import('../codec/frame.ts');
					return {
						...line,
						async exchange(frame) {
							const answer = await line.exchange(frame);
							const asked = decodeRequest(frame);
							const said = decodeFromRelay(answer);
							if (!asked.ok || asked.request.op !== 'hello' || !said || !('answer' in said))
								return answer;
							return encodeAnswer(said.answer.id, { ...said.answer.body, rootMatches: false });
						}
					};
				}
			})
		}
	});
	const [device] = world.devices as [Device];
	rollBack = true;
	for (const line of [...device.lines]) line.snap(false);
	expect((await does(world, device, (engine) => engine.account.sync())).ok).toBe(false);
	expect(device.engine!.account.status()).toMatchObject({ state: 'frozen', reason: 'rollback' });
	const before = (await logOf(world, 0)).length;
	await does(world, device, (engine) => engine.documents.write('core', 'profile/name', 'kept here'));
	expect(await logOf(world, 0)).toHaveLength(before);
	world.crash(device);
	world.open(device);
	await world.drain();
	expect(device.engine!.documents.read('core', 'profile/name')).toBe('kept here');
	expect(device.engine!.account.status().state).toBe('frozen');
});

test('mail that nobody can read stands aside and does not hold up what comes after it', async () => {
	const world = await worldOf(2, 1);
	const [host, guest] = [world.running(0)[0]!, world.running(1)[0]!];
	const content = { '@type': 'ArbitraryRelationshipTemplateContent', value: { text: 'welcome' } };
	const expiresAt = new Date(world.scheduler.now() + 86_400_000).toISOString();
	const template = await does(world, host, (engine) => engine.templates.create({ content, expiresAt }));
	if (!template.ok) throw new Error(template.error.code);
	const { mailbox } = host.views.get('templateKeys', template.value.id)!;
	const line = world.relay().connect();
	for (const envId of [1, 2, 3])
		void line.handle(
			encodeRequest(envId, 'deliver', {
				alias: mailbox.alias,
				token: mailbox.token,
				envId: new Uint8Array(16).fill(envId),
				bytes: new Uint8Array(300).fill(envId)
			})
		);
	await world.drain();
	await does(world, guest, (engine) => engine.templates.load(template.value.reference.url));
	await does(world, guest, (engine) =>
		engine.relationships.create({
			templateId: template.value.id,
			creationContent: { '@type': 'ArbitraryRelationshipCreationContent', value: { text: 'hello' } }
		})
	);
	await does(world, host, (engine) => engine.account.sync());
	expect(host.engine!.relationships.list().map(({ status }) => status)).toEqual(['Pending']);
	expect(host.engine!.attention().map(({ kind }) => kind)).toEqual([
		'mail-unreadable',
		'mail-unreadable',
		'mail-unreadable'
	]);
});

test('a device is linked whichever side shows the code, and holds what the first one holds', async () => {
	const world = await worldOf(1, 4);
	expect(world.running(0)).toHaveLength(4);
	const [first, ...linked] = world.running(0) as [Device, ...Device[]];
	for (const device of linked) {
		expect(device.engine!.devices.list()).toHaveLength(4);
		expect(device.engine!.documents.fields('core')).toEqual(first.engine!.documents.fields('core'));
	}
});

test('a linking that a person does not confirm leaves no trace in the chain', async () => {
	const world = await worldOf(1, 1);
	const [device] = world.devices as [Device];
	const session = await does(world, device, (engine) => engine.devices.invite());
	if (!session.ok) throw new Error(session.error.code);
	const steps: string[] = [];
	const followed = (async () => {
		for await (const step of session.value.steps)
			steps.push(step.step === 'failed' ? `failed ${step.reason}` : step.step);
	})();
	session.value.cancel();
	await world.drain();
	await followed;
	expect(steps).toEqual(['waiting', 'failed cancelled']);
	expect(device.engine!.devices.list()).toHaveLength(1);
});

test('a mailbox that is full takes the end of a relationship all the same', async () => {
	const world = await worldOf(2, 1, { makeRelay: (env) => simRelay(env, { pendingPerAlias: 2 }) });
	await befriend(world);
	await everybodySyncs(world);
	const [anna, ben] = world.devices as [Device, Device];
	const [row] = anna.engine!.relationships.list();
	const content = { '@type': 'ArbitraryMessageContent', value: 'hello' };
	for (let i = 0; i < 4; i++)
		await does(world, anna, (engine) => engine.messages.send({ recipients: [row!.peer], content }));
	expect(anna.engine!.account.status().waiting).toBeGreaterThan(0);
	const ended = await does(world, anna, (engine) => engine.relationships.act(row!.id, 'terminate'));
	expect(ended).toMatchObject({ ok: true, value: { status: 'Terminated' } });
	await does(world, ben, (engine) => engine.account.sync());
	expect(ben.engine!.relationships.get(row!.id)!.status).toBe('Terminated');
});
