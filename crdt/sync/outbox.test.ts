/** What waits to leave: in its order, past what cannot be taken now, and by itself when it can. */
import { expect, test } from 'vitest';
import { simRelay } from '../../trials/sim-relay.ts';
import { decodeFromRelay, decodeRequest, encodeRefusal } from '../codec/frame.ts';
import type { Device } from '../sim/device.ts';
import { befriend, type World, type WorldOptions } from '../sim/world.ts';
import { cut, does, everybodySyncs, worldOf } from './testing/small.ts';

const PER_MAILBOX = 2;
/** Longer than what could not leave waits. */
const A_WHILE = 6_000;

type Harm = NonNullable<WorldOptions['harm']>['relay'];

/** A relay that is watched: what it says to commits, and whether it says instead that it is busy. */
function watched() {
	const seen = { refused: [] as string[], busy: false };
	const relay: Harm = (inner) => ({
		...inner,
		async connect() {
			const line = await inner.connect();
			return {
				...line,
				async exchange(frame) {
					const asked = decodeRequest(frame);
					if (!asked.ok || asked.request.op !== 'commit') return line.exchange(frame);
					if (seen.busy) return encodeRefusal(asked.request.id, 'unavailable');
					const answer = await line.exchange(frame);
					const said = decodeFromRelay(answer);
					if (said && 'answer' in said && !said.answer.ok) seen.refused.push(said.answer.type);
					return answer;
				}
			};
		}
	});
	return { seen, harm: { relay } };
}

const send = (world: World, from: Device, to: string, value: string) =>
	does(world, from, (engine) =>
		engine.messages.send({ recipients: [to], content: { '@type': 'ArbitraryMessageContent', value } })
	);
const received = (device: Device) =>
	device.engine!.messages.list().flatMap(({ isOwn, content }) => (isOwn ? [] : [String(content['value'])]));
const addressOf = (device: Device) => device.engine!.account.identityInfo().address;

test('a full mailbox holds up what goes there, in its order, and nothing that goes elsewhere', async () => {
	const { seen, harm } = watched();
	const world = await worldOf(3, 1, {
		harm,
		makeRelay: (env) => simRelay(env, { pendingPerAlias: PER_MAILBOX })
	});
	await befriend(world);
	await everybodySyncs(world);
	const [anna, ben, carl] = world.devices as [Device, Device, Device];
	cut(anna, true);
	const letters = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
	for (const letter of letters) await send(world, anna, addressOf(ben), letter);
	await send(world, anna, addressOf(carl), 'to Carl');
	cut(anna, false);
	await does(world, anna, (engine) => engine.account.sync());
	await does(world, carl, (engine) => engine.account.sync());
	expect(received(carl)).toEqual(['to Carl']);
	expect(anna.engine!.account.status().waiting).toBe(letters.length - PER_MAILBOX);
	// One refusal tells that the mailbox is full, however much goes there.
	expect(seen.refused.filter((type) => type === 'mailbox-full').length).toBeLessThanOrEqual(2);

	for (let round = 0; received(ben).length < letters.length; round++) {
		expect(round).toBeLessThan(letters.length);
		await does(world, ben, (engine) => engine.account.sync());
		world.scheduler.advance(A_WHILE);
		await world.drain();
	}
	expect(received(ben)).toEqual(letters);
	expect(anna.engine!.account.status().waiting).toBe(0);
});

test('what a busy relay could not take leaves by itself a while later', async () => {
	const { seen, harm } = watched();
	const world = await worldOf(2, 1, { harm });
	await befriend(world);
	await everybodySyncs(world);
	const [anna, ben] = world.devices as [Device, Device];
	seen.busy = true;
	await send(world, anna, addressOf(ben), 'hello');
	expect(anna.engine!.account.status().waiting).toBe(1);
	seen.busy = false;
	for (let i = 0; i < 3; i++) {
		world.scheduler.advance(A_WHILE);
		await world.drain();
	}
	expect(anna.engine!.account.status().waiting).toBe(0);
	await does(world, ben, (engine) => engine.account.sync());
	expect(received(ben)).toEqual(['hello']);
});

test('what many intend at once waits for the disk together, and each of it is there after a crash', async () => {
	let writes = 0;
	const harm: WorldOptions['harm'] = {
		store: (store) => ({
			...store,
			async write(batch) {
				if (batch.some((each) => 'table' in each && each.table === 'intents' && each.value)) writes += 1;
				await store.write(batch);
			}
		})
	};
	const world = await worldOf(2, 1, { harm });
	await befriend(world);
	await everybodySyncs(world);
	const [anna, ben] = world.devices as [Device, Device];
	cut(anna, true);
	const to = addressOf(ben);
	const values = Array.from({ length: 20 }, (_, n) => `letter ${n}`);
	writes = 0;
	await does(world, anna, (engine) =>
		Promise.all(
			values.map((value) =>
				engine.messages.send({ recipients: [to], content: { '@type': 'ArbitraryMessageContent', value } })
			)
		)
	);
	// The first may have begun alone.
	expect(writes).toBeLessThanOrEqual(2);
	world.crash(anna);
	world.open(anna);
	await world.drain();
	expect(anna.engine!.messages.list().map(({ content }) => content['value'])).toEqual(values);
});

test('a write that fails fails for everybody whose intent was in it, and nothing of it is shown', async () => {
	let isBroken = false;
	const harm: WorldOptions['harm'] = {
		store: (store) => ({
			...store,
			async write(batch) {
				if (isBroken) throw new Error('the disk is full');
				await store.write(batch);
			}
		})
	};
	const world = await worldOf(1, 1, { harm });
	const [anna] = world.devices as [Device];
	cut(anna, true);
	isBroken = true;
	const results = await does(world, anna, (engine) =>
		Promise.allSettled(
			['Ada', 'Bea', 'Cleo'].map((value) => engine.attributes.create({ value: { '@type': 'GivenName', value } }))
		)
	);
	expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
	expect(anna.engine!.attributes.list()).toEqual([]);
});
