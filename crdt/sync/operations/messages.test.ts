/** Messages between engines over the relay (backbone-behaviours.md §15). */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { toDto } from '../../index.ts';
import type { JsonObject } from '../../views.ts';
import { arbitrary, codeOf, createTown, DAY, must, type Person, type Town } from '../testing/town.ts';

let town: Town;
let anna: Person;
let bert: Person;
let rel: string;
const towns: Town[] = [];
beforeEach(async () => {
	town = createTown();
	towns.push(town);
	[anna, bert] = [await town.person(), await town.person()];
	rel = (await town.meet(anna, bert)).id;
});
afterAll(async () => {
	for (const each of towns) await each.close();
});

const anything = (value: unknown) => ({ '@type': 'ArbitraryMessageContent', value }) as JsonObject;
const send = (from: Person, to: readonly Person[], content: JsonObject) =>
	from.engine.messages.send({ recipients: to.map(({ address }) => address), content });
const received = (person: Person) => person.engine.messages.list().filter(({ isOwn }) => !isOwn);
const values = (person: Person) => received(person).map(({ content }) => content['value']);
const act = async (person: Person, step: Parameters<Person['engine']['relationships']['act']>[1]) =>
	must(await person.engine.relationships.act(rel, step));

describe('between two', () => {
	test('K188 one, two, three: there, in order, told once, listed and read by id', async () => {
		for (let n = 1; n <= 3; n++) {
			const sent = must(await send(anna, [bert], anything(n)));
			await town.settle(anna, bert);
			expect(values(bert)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
			expect(bert.engine.messages.get(sent.id)).toMatchObject({
				id: sent.id,
				isOwn: false,
				createdBy: anna.address,
				createdByDevice: anna.core.self.deviceText,
				content: anything(n)
			});
			expect(anna.engine.messages.get(sent.id)).toMatchObject({ isOwn: true, createdBy: anna.address });
			expect(bert.told('transport.messageReceived')).toHaveLength(n);
			expect(anna.told('transport.messageSent')).toHaveLength(n);
		}
		expect(anna.engine.messages.list()).toHaveLength(3);
		expect(bert.engine.messages.get('MSG00000000000000001')).toBeUndefined();
	});

	test('K190 found by address and by relationship, on both sides', async () => {
		const carl = await town.person();
		await town.meet(anna, carl);
		must(await send(anna, [bert], anything('to bert')));
		must(await send(anna, [carl], anything('to carl')));
		await town.settle(anna, bert, carl);
		must(await send(bert, [anna], anything('to anna')));
		await town.settle(bert, anna);
		const by = (person: Person, key: string, value: string) =>
			[...person.engine.messages.rows({ where: [{ key, anyOf: [value] }] })].map(
				({ content }) => content['value']
			);
		expect(by(anna, 'participant', bert.address).sort()).toEqual(['to anna', 'to bert']);
		expect(by(anna, 'recipients.relationshipId', rel).sort()).toEqual(['to anna', 'to bert']);
		expect(by(bert, 'participant', anna.address).sort()).toEqual(['to anna', 'to bert']);
		expect(by(bert, 'recipients.relationshipId', rel).sort()).toEqual(['to anna', 'to bert']);
		expect(by(anna, 'participant', carl.address)).toEqual(['to carl']);
	});

	test('K191 arbitrary JSON and mails are the same on both sides, member for member', async () => {
		const to = [bert.address];
		const contents: JsonObject[] = [
			anything({ deep: [{ a: null, b: [true, 1.5, 'ä\u0000😀'] }], empty: {} }),
			anything('text'),
			{ '@type': 'Mail', to, cc: [], subject: 's', body: '<b>b</b>', bodyFormat: 'PlainText' },
			{ '@type': 'Mail', to, subject: 's', body: 'b', bodyFormat: 'Markdown' }
		];
		for (const content of contents) {
			const sent = must(await send(anna, [bert], content));
			await town.settle(anna, bert);
			const [here, there] = [anna, bert].map((person) => person.engine.messages.get(sent.id)!.content);
			expect(there).toEqual(here);
			expect(JSON.parse(JSON.stringify(there))).toEqual(there);
			expect(there).toMatchObject(content);
		}
	});

	test('K193 read is dated, unread takes the date away; the sender does not learn of it', async () => {
		const sent = must(await send(anna, [bert], anything('x')));
		await town.settle(anna, bert);
		expect(bert.engine.messages.get(sent.id)?.wasReadAt).toBeUndefined();
		const { wasReadAt } = must(await bert.engine.messages.markRead(sent.id));
		expect(Math.abs(Date.parse(wasReadAt!) - town.now())).toBeLessThan(60_000);
		expect(bert.engine.messages.get(sent.id)?.wasReadAt).toBe(wasReadAt);
		expect(must(await bert.engine.messages.markRead(sent.id)).wasReadAt).toBe(wasReadAt);
		must(await bert.engine.messages.markRead(sent.id, false));
		expect(bert.engine.messages.get(sent.id)?.wasReadAt).toBeUndefined();
		await town.settle(bert, anna);
		expect(anna.engine.messages.get(sent.id)?.wasReadAt).toBeUndefined();
		expect(codeOf(await bert.engine.messages.markRead('MSG00000000000000001'))).toBe(
			'error.runtime.recordNotFound'
		);
	});

	test('K195 to a stranger, or where it was not accepted or is over, nothing is sent', async () => {
		const stranger = await town.person();
		const refused = 'error.runtime.messages.hasNoActiveRelationship';
		expect(codeOf(await send(anna, [stranger], anything(1)))).toBe(refused);
		expect(codeOf(await send(anna, [bert, stranger], anything(1)))).toBe(refused);
		await act(bert, 'terminate');
		await act(bert, 'decompose');
		await town.settle(anna);
		for (const [from, to] of [
			[anna, bert],
			[bert, anna]
		] as const)
			expect(codeOf(await send(from, [to], anything(1)))).toBe(refused);
		expect(anna.engine.messages.list()).toEqual([]);
	});
});

describe('when the relationship ends', () => {
	test('K196 K199 what was sent before one heard of the end is delivered when it is taken up again, in its order', async () => {
		const early = must(await send(bert, [anna], anything('early')));
		await town.settle(bert, anna);
		await act(anna, 'terminate');
		for (const n of [1, 2, 3]) must(await send(bert, [anna], anything(n)));
		await town.settle(bert, anna);
		expect(values(anna)).toEqual(['early']);
		expect(anna.engine.messages.get(early.id)?.content).toEqual(anything('early'));
		await act(bert, 'reactivate');
		await town.settle(anna);
		expect(values(anna)).toEqual(['early']);
		await act(anna, 'acceptReactivation');
		await town.settle(anna, bert);
		expect(values(anna)).toEqual(['early', 1, 2, 3]);
		expect(anna.told('transport.messageReceived')).toHaveLength(4);
	});

	test('K199 what is sent right after accepting waits until the other has heard that it was accepted', async () => {
		const carl = await town.person();
		const expiresAt = town.inDays(1);
		const template = must(await anna.engine.templates.create({ content: arbitrary('come in'), expiresAt }));
		must(await carl.engine.templates.load(template.reference.url));
		const creationContent = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
		const { id } = must(await carl.engine.relationships.create({ templateId: template.id, creationContent }));
		await town.settle(anna);
		expect(codeOf(await send(carl, [anna], anything('too early')))).toBe(
			'error.runtime.messages.hasNoActiveRelationship'
		);
		must(await anna.engine.relationships.act(id, 'accept'));
		must(await send(anna, [carl], anything('welcome')));
		must(await anna.engine.account.sync());
		expect([carl.engine.relationships.get(id)?.status, values(carl)]).toEqual(['Pending', []]);
		await town.settle(carl);
		expect([carl.engine.relationships.get(id)?.status, values(carl)]).toEqual(['Active', ['welcome']]);
		const names = carl.events.map(({ name }) => name);
		expect(names.lastIndexOf('transport.relationshipChanged')).toBeLessThan(
			names.indexOf('transport.messageReceived')
		);
	});

	test('K199 what was meant for a former relationship is never delivered in the next', async () => {
		await act(anna, 'terminate');
		must(await send(bert, [anna], anything('of the former')));
		await town.settle(bert, anna);
		await act(anna, 'decompose');
		await town.settle(bert);
		await act(bert, 'decompose');
		await town.settle(anna);
		rel = (await town.meet(anna, bert)).id;
		must(await send(bert, [anna], anything('of the next')));
		await town.settle(bert, anna);
		expect(values(anna)).toEqual(['of the next']);
	});

	test('K208 notifications wait while it has ended, and while the other leaves; then they come in their order', async () => {
		const attribute = (value: string) => ({ value: { '@type': 'GivenName', value } });
		const content = {
			'@type': 'Request',
			items: [
				{
					'@type': 'CreateAttributeRequestItem',
					mustBeAccepted: true,
					attribute: { '@type': 'IdentityAttribute', owner: anna.address, ...attribute('Anna') }
				}
			]
		};
		const asked = must(await bert.engine.requests.create({ content, peer: anna.address }));
		must(await send(bert, [anna], asked.content));
		await town.settle(bert, anna);
		must(await anna.engine.requests.accept(asked.id, { items: [{ accept: true }] as never }));
		await town.settle(anna, bert);
		let newest = anna.core.top().list('attributes')[0]!.id;
		const rename = async (name: string) => {
			newest = must(await anna.engine.attributes.succeed(newest, attribute(name))).successor.id;
			must(await anna.engine.attributes.notifyPeer(newest, bert.address));
			await town.settle(anna, bert);
		};
		const shown = () =>
			bert.core
				.top()
				.list('attributes')
				.map(({ content: { value } }) => (value as { value: string }).value);
		await act(bert, 'terminate');
		await town.settle(anna);
		await rename('Ann');
		await rename('Anne');
		expect(shown()).toEqual(['Anna']);
		await act(anna, 'reactivate');
		await town.settle(bert);
		await act(bert, 'acceptReactivation');
		await town.settle(anna, bert);
		expect(shown()).toEqual(['Anna', 'Ann', 'Anne']);
		must(await bert.engine.deletion.initiate());
		await rename('Anni');
		await rename('Annika');
		expect(shown()).toEqual(['Anna', 'Ann', 'Anne']);
		must(await bert.engine.deletion.cancel());
		await town.settle(bert);
		expect(shown()).toEqual(['Anna', 'Ann', 'Anne', 'Anni', 'Annika']);
		expect(bert.told('consumption.attributeSucceeded')).toHaveLength(4);
		expect(bert.engine.attention()).toEqual([]);
	});

	test('K206 a request that is read after its date is expired', async () => {
		const consent = { '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'Yes.' };
		const content = { '@type': 'Request', expiresAt: town.inDays(1), items: [consent] };
		const draft = must(await anna.engine.requests.create({ content, peer: bert.address }));
		must(await send(anna, [bert], draft.content));
		await town.settle(anna);
		town.time.ahead += 2 * DAY;
		await town.settle(bert, anna);
		expect(bert.engine.requests.get(draft.id, 'incoming')?.status).toBe('Expired');
		expect(anna.engine.requests.get(draft.id, 'outgoing')?.status).toBe('Expired');
	});
});

describe('to many', () => {
	test('K189 each recipient has its own copy, by its own relationship, and reads it', async () => {
		const others = [await town.person(), await town.person()];
		const rels = [rel];
		for (const each of others) rels.push((await town.meet(anna, each)).id);
		const all = [bert, ...others];
		const sent = must(await send(anna, all, anything('all of you')));
		await town.settle(anna, ...all);
		for (const [i, each] of all.entries()) {
			const message = each.engine.messages.get(sent.id)!;
			expect(message.content).toEqual(anything('all of you'));
			const own = message.recipients.find(({ address }) => address === each.address);
			expect(own).toMatchObject({ relationshipId: rels[i], receivedByDevice: each.core.self.deviceText });
			// Whom else it went to is told, how they received it is not.
			for (const other of message.recipients) if (other !== own) expect(Object.keys(other)).toEqual(['address']);
		}
		expect(anna.engine.messages.get(sent.id)?.recipients.map(({ relationshipId }) => relationshipId)).toEqual(rels);
	});

	test('K201 of the others a recipient sees the address and nothing else; the sender sees all', async () => {
		const carl = await town.person();
		const second = (await town.meet(anna, carl)).id;
		const sent = must(await send(anna, [bert, carl], anything(1)));
		await town.settle(anna, bert, carl);
		expect(toDto(anna.engine.messages.get(sent.id)!)).toMatchObject({
			recipients: [
				{ address: bert.address, relationshipId: rel },
				{ address: carl.address, relationshipId: second }
			]
		});
		expect(JSON.stringify(bert.engine.messages.get(sent.id))).not.toContain(second);
	});

	test('K210 messages over many relationships come with one synchronisation, the second brings none', async () => {
		const many = await Promise.all(Array.from({ length: 6 }, () => town.person()));
		for (const each of many) await town.meet(anna, each);
		for (const each of many) {
			for (const n of [1, 2, 3]) must(await send(each, [anna], anything(n)));
			must(await each.engine.account.sync());
		}
		anna.events.length = 0;
		must(await anna.engine.account.sync());
		expect(received(anna)).toHaveLength(18);
		expect(anna.told('transport.messageReceived')).toHaveLength(18);
		for (const each of many)
			expect(
				received(anna)
					.filter(({ createdBy }) => createdBy === each.address)
					.map(({ content }) => content['value'])
			).toEqual([1, 2, 3]);
		anna.events.length = 0;
		must(await anna.engine.account.sync());
		expect([received(anna).length, anna.told('transport.messageReceived').length]).toEqual([18, 0]);
	});
});
