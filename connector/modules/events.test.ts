import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../crdt/index.ts';
import { toDto } from '../dto.ts';
import { settle } from '../testing/modules.ts';
import { silent } from '../testing/parts.ts';
import { addressOf, arrived, connect, consent, identityAttribute, must, read, sync, until } from '../testing/party.ts';
import { createWorld } from '../testing/world.ts';
import { createEvents, PAYLOADS, toldOf, triggerMatches, type Told } from './events.ts';

type Row = { readonly id: string; readonly [member: string]: unknown };

/** What REST would answer about an object now; undefined when there is none any more. */
const readers: Readonly<Record<string, (engine: Engine, id: string) => unknown>> = {
	MSG: (engine, id) => engine.messages.get(id),
	RLT: (engine, id) => engine.templates.get(id),
	REL: (engine, id) => engine.relationships.get(id),
	ATT: (engine, id) => engine.attributes.get(id),
	REQ: (engine, id) => engine.requests.get(id, 'incoming') ?? engine.requests.get(id, 'outgoing')
};
const current = (engine: Engine, { id }: Row) => toDto(readers[id.slice(0, 3)]?.(engine, id));

/** The DTOs inside an event's data, by the table. */
function rowsOf({ name, data }: Told): Row[] {
	const { of, members } = PAYLOADS[name] ?? {};
	if (of !== undefined) return [data as Row];
	const inner = data as Readonly<Record<string, unknown>>;
	return (members ?? []).map((member) => inner[member]).filter((value): value is Row => typeof value === 'object');
}

const sorted = (value: unknown): unknown =>
	Array.isArray(value)
		? value.map(sorted)
		: typeof value === 'object' && value !== null
			? Object.fromEntries(
					Object.entries(value)
						.filter(([, inner]) => inner !== undefined)
						.sort(([a], [b]) => (a < b ? -1 : 1))
						.map(([key, inner]) => [key, sorted(inner)])
				)
			: value;

/** Whether it becomes so before anything else can be asked for. */
async function soon(isSo: () => boolean): Promise<boolean> {
	for (let turn = 0; turn < 40; turn++) {
		if (isSo()) return true;
		await settle(turn < 20 ? 0 : 10);
	}
	return false;
}

describe('the table of events', () => {
	test('knows every event the engine tells', () => {
		const folder = join(import.meta.dirname, '../../crdt');
		const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((path) => path.endsWith('.ts') && !path.includes('.test.') && !path.startsWith('sim'))
			.flatMap((path) => [
				...readFileSync(join(folder, path), 'utf8').matchAll(/'((?:transport|consumption)\.\w+)'/g)
			])
			.map(([, name]) => name ?? '');
		expect(names.length).toBeGreaterThan(10);
		expect([...new Set(names)].filter((name) => !Object.hasOwn(PAYLOADS, name))).toEqual([]);
	});

	test('lets a name it does not know leave nobody, and a payload its members only', () => {
		expect(toldOf({ id: '1', name: 'consumption.invented', data: { a: 1 } })).toBeUndefined();
		expect(toldOf({ id: '1', name: 'toString', data: {} })).toBeUndefined();
		expect(toldOf({ id: '1', name: 'transport.datawalletSynchronized', data: { a: 1 } })).toEqual({
			id: '1',
			name: 'transport.datawalletSynchronized'
		});
		expect(
			toldOf({
				id: '1',
				name: 'transport.relationshipDecomposedBySelf',
				data: { relationshipId: 'REL1', more: 1 }
			})
		).toEqual({ id: '1', name: 'transport.relationshipDecomposedBySelf', data: { relationshipId: 'REL1' } });
		const member = 'consumption.relationshipEvent.REL1';
		expect(toldOf({ id: '1', name: member, data: { id: 'REL1', _own: true } })).toEqual({
			id: '1',
			name: member,
			data: { id: 'REL1' }
		});
	});

	test('what a listener tells comes after what it was told, for everybody; one that throws disturbs nobody', () => {
		const source = { onEvent: () => () => undefined };
		const events = createEvents(source, silent);
		const heard: string[] = [];
		events.on(({ name }) => {
			if (name === 'runtime.initialized')
				events.tell({ id: '2', name: 'runtime.modulesLoaded', data: undefined });
			throw new Error('broken');
		});
		events.on(({ name }) => heard.push(name));
		events.tell({ id: '1', name: 'runtime.initialized', data: undefined });
		expect(heard).toEqual(['runtime.initialized', 'runtime.modulesLoaded']);
	});

	test('a trigger of many wildcards is judged at all: trying each way to read it would not end', () => {
		const segments = 'abcdefghijklmnopqrstuvwxyz'.split('').join('.');
		expect(triggerMatches(`${'**.'.repeat(24)}1`, segments)).toBe(false);
		expect(triggerMatches(`${'**.'.repeat(24)}z`, segments)).toBe(true);
	});
});

describe('what an event carries', { timeout: 60_000 }, () => {
	test('is the DTO REST gives at that moment, whoever caused it', async () => {
		const world = createWorld();
		const [city, person] = await Promise.all([world.connector('city'), world.connector('person')]);
		const seen = new Map<string, number>();
		const wrong: unknown[] = [];
		const checks: Promise<void>[] = [];
		const same = (row: Row, shown: unknown) => JSON.stringify(sorted(row)) === JSON.stringify(sorted(shown));
		for (const { engine } of [city, person])
			createEvents(engine, silent).on((event) => {
				seen.set(event.name, (seen.get(event.name) ?? 0) + 1);
				for (const row of rowsOf(event)) {
					if (event.name.endsWith('attributeDeleted') || same(row, current(engine, row))) continue;
					checks.push(
						// What the log confirms while an own action is still shown on top: REST shows it a moment later.
						soon(() => same(row, current(engine, row))).then((isShown) => {
							if (!isShown) wrong.push({ event: event.name, told: row, shown: current(engine, row) });
						})
					);
				}
			});
		const items = [read('GivenName'), consent('May we?', false)];
		const answer = [{ accept: true, newAttribute: identityAttribute('GivenName', 'Ada') }, { accept: true }];
		const { relationshipId } = await connect(city, person, items, answer);
		const [cityAddress, personAddress] = [await addressOf(city), await addressOf(person)];
		const mail = { '@type': 'Mail', to: [personAddress], subject: 's', body: 'b', bodyFormat: 'PlainText' };
		await must(city.call('POST', '/Messages', { recipients: [personAddress], content: mail }), 201);
		await arrived(person, '/Messages');
		const content = { items: [consent('Again?')] };
		const request = await must(city.call('POST', '/Requests/Outgoing', { content, peer: personAddress }), 201);
		await must(city.call('POST', '/Messages', { recipients: [personAddress], content: request['content'] }), 201);
		const [incoming] = await arrived(person, '/Requests/Incoming?source.type=Message');
		await must(person.call('PUT', `/Requests/Incoming/${incoming!.id}/Accept`, { items: [{ accept: true }] }));
		await until(
			async () => {
				await sync(person);
				await sync(city);
				return must(city.call('GET', `/Requests/Outgoing/${request.id}`));
			},
			({ status }) => status === 'Completed',
			'completed'
		);
		const own = await must(
			person.call('POST', '/Attributes', { content: { value: { '@type': 'Surname', value: 'L' } } }),
			201
		);
		await must(
			person.call('POST', `/Attributes/${own.id}/Succeed`, {
				successorContent: { value: { '@type': 'Surname', value: 'Lovelace' } }
			}),
			201
		);
		for (const step of ['Terminate', 'Reactivate'] as const)
			await must(city.call('PUT', `/Relationships/${relationshipId}/${step}`));
		await sync(person);
		await must(person.call('PUT', `/Relationships/${relationshipId}/Reactivate/Accept`));
		await sync(city);
		await must(city.call('PUT', `/Relationships/${relationshipId}/Terminate`));
		await sync(person);
		await must(person.call('DELETE', `/Relationships/${relationshipId}`), 204);
		await sync(city);
		await Promise.all(checks);
		expect(wrong).toEqual([]);
		expect([...seen.keys()].sort()).toEqual(
			expect.arrayContaining([
				'consumption.attributeCreated',
				'consumption.attributeSucceeded',
				'consumption.incomingRequestReceived',
				'consumption.incomingRequestStatusChanged',
				'consumption.messageProcessed',
				'consumption.outgoingRequestCreated',
				'consumption.outgoingRequestFromRelationshipCreationCreatedAndCompleted',
				'consumption.outgoingRequestStatusChanged',
				'consumption.relationshipTemplateProcessed',
				'transport.messageReceived',
				'transport.messageSent',
				'transport.peerRelationshipTemplateLoaded',
				'transport.relationshipChanged',
				'transport.relationshipDecomposedBySelf',
				'transport.relationshipReactivationCompleted',
				'transport.relationshipReactivationRequested'
			])
		);
		expect(cityAddress).not.toBe(personAddress);
		await Promise.all([city.engine.close(), person.engine.close()]);
	});
});
