/**
 * Rules at work in a Connector (content-behaviours E4; connector-api.md §8.4, §9): what is told, in which order, and what REST
 * shows. The matching itself is in crdt/request/decider*.test.ts.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { joinIdentity, type Engine, type LinkSession, type Relay } from '../../crdt/index.ts';
import { storyOf } from '../../crdt/request/testing/story.ts';
import { createMemoryStore } from '../../crdt/sim/memory-store.ts';
import { silent, stillClock, testRandom } from '../testing/parts.ts';
import {
	addressOf,
	connect,
	consent,
	createTemplate,
	identityAttribute,
	must,
	read,
	sync,
	until,
	type Shape
} from '../testing/party.ts';
import { createWorld, type TestConnector } from '../testing/world.ts';
import { startDecider } from './decider.ts';

let world: ReturnType<typeof createWorld>;
let city: TestConnector;
let person: TestConnector;
beforeEach(async () => {
	world = createWorld();
	[city, person] = await Promise.all([world.connector('city'), world.connector('person')]);
	return async () => {
		await Promise.all([city.engine.close(), person.engine.close()]);
	};
});

const create = (value: string, mustBeAccepted = true) => ({
	'@type': 'CreateAttributeRequestItem',
	mustBeAccepted,
	attribute: identityAttribute('GivenName', value)
});
const automate = (automationConfig: unknown) =>
	startDecider({ engine: person.engine, clock: stillClock(), log: silent } as never, { automationConfig });
const rule = (requestConfig: object, responseConfig: object = { accept: true }) => ({ requestConfig, responseConfig });

async function ask(items: readonly unknown[], more: object = {}): Promise<Shape> {
	const peer = await addressOf(person);
	const made = await must(city.call('POST', '/Requests/Outgoing', { content: { items, ...more }, peer }), 201);
	person.events.splice(0);
	await must(city.call('POST', '/Messages', { recipients: [peer], content: made['content'] }), 201);
	await sync(city);
	await sync(person);
	return made;
}
const befriended = () => connect(city, person, [consent('x')], [{ accept: true }]);
const incoming = (id: string) => must(person.call('GET', `/Requests/Incoming/${id}`));
const settled = (id: string, status: string) =>
	until(
		() => incoming(id),
		(row) => row.status === status,
		status
	);

describe('E4 by message', () => {
	beforeEach(async () => {
		await befriended();
	});

	test('E4.1 by message without rules: ManualDecisionRequired, then messageProcessed', async () => {
		expect(automate(undefined).ok).toBe(true);
		await ask([create('Anna')]);
		expect(storyOf(person.events)).toEqual([
			'received Open',
			'Open→DecisionRequired',
			'DecisionRequired→ManualDecisionRequired',
			'processed ManualRequestDecisionRequired'
		]);
		expect(person.events.at(-1)).toMatchObject({
			name: 'consumption.messageProcessed',
			data: { message: { id: expect.stringMatching(/^MSG/) as string }, result: 'ManualRequestDecisionRequired' }
		});
	});

	test('E4.2 a rule accepts: Decided, processed, then Completed; REST says it was automatic, the sender has it', async () => {
		automate([rule({ peer: await addressOf(city) })]);
		const { id } = await ask([create('Anna')]);
		const row = await settled(id, 'Completed');
		expect(row).toMatchObject({ wasAutomaticallyDecided: true, response: { content: { result: 'Accepted' } } });
		expect(storyOf(person.events)).toEqual([
			'received Open',
			'Open→DecisionRequired',
			'DecisionRequired→Decided',
			'processed RequestAutomaticallyDecided',
			'Decided→Completed'
		]);
		const listed = await must<Shape[]>(person.call('GET', '/Requests/Incoming?wasAutomaticallyDecided=true'));
		expect(listed.map((each) => each.id)).toEqual([id]);
		await sync(city);
		expect(await must(city.call('GET', `/Requests/Outgoing/${id}`))).toMatchObject({ status: 'Completed' });
	});

	test('E4.2 a rule rejects with its code', async () => {
		automate([rule({ 'content.title': 'No' }, { accept: false, code: 'c', message: 'm' })]);
		const { id } = await ask([read('GivenName')], { title: 'No' });
		const row = await settled(id, 'Completed');
		expect(row).toMatchObject({
			wasAutomaticallyDecided: true,
			response: { content: { result: 'Rejected', items: [{ code: 'c', message: 'm' }] } }
		});
	});

	test.each<[string, unknown, readonly unknown[]]>([
		['E4.3 a rule that does not fit', [rule({ 'content.title': 'other' })], [create('Anna')]],
		['E4.4 consent', [rule({})], [create('Anna'), consent('y')]],
		[
			'E4.10 a mandatory item that is rejected, so that it cannot be accepted',
			[rule({ 'content.item.mustBeAccepted': true }, { accept: false }), rule({})],
			[create('Anna'), create('Ann', false)]
		]
	])('%s leaves it to a person, told as always', async (_name, rules, items) => {
		automate(rules);
		const { id } = await ask(items);
		expect((await incoming(id)).status).toBe('ManualDecisionRequired');
		expect(storyOf(person.events)).toEqual([
			'received Open',
			'Open→DecisionRequired',
			'DecisionRequired→ManualDecisionRequired',
			'processed ManualRequestDecisionRequired'
		]);
	});

	test('E4 rules that were taken away decide nothing any more', async () => {
		const started = automate([rule({})]);
		if (started.ok) await started.value();
		const { id } = await ask([create('Anna')]);
		expect((await incoming(id)).status).toBe('ManualDecisionRequired');
	});
});

test('E4.1 by template without rules: ManualDecisionRequired, then relationshipTemplateProcessed', async () => {
	expect(automate(undefined).ok).toBe(true);
	const template = await createTemplate(city, [create('Anna')]);
	await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	const [row] = await must<Shape[]>(person.call('GET', '/Requests/Incoming'));
	expect(row).toMatchObject({ status: 'ManualDecisionRequired' });
	expect(row).not.toHaveProperty('wasAutomaticallyDecided');
	expect(storyOf(person.events)).toEqual([
		'received Open',
		'Open→DecisionRequired',
		'DecisionRequired→ManualDecisionRequired',
		'processed ManualRequestDecisionRequired'
	]);
	expect(person.events.at(-1)).toMatchObject({
		name: 'consumption.relationshipTemplateProcessed',
		data: { template: { id: template.id }, result: 'ManualRequestDecisionRequired', requestId: row!.id }
	});
});

test('E4.2 by template: a rule rejects, which completes it, and nothing leaves', async () => {
	automate([rule({ 'source.type': 'RelationshipTemplate' }, { accept: false })]);
	const template = await createTemplate(city, [read('GivenName')]);
	await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	const [row] = await until(
		() => must<Shape[]>(person.call('GET', '/Requests/Incoming')),
		([first]) => first?.status === 'Completed',
		'completed'
	);
	expect(row).toMatchObject({ wasAutomaticallyDecided: true, response: { content: { result: 'Rejected' } } });
	expect(row!['response']).not.toHaveProperty('source');
	expect(await must<Shape[]>(person.call('GET', '/Relationships'))).toEqual([]);
	const processed = person.events.find(({ name }) => name === 'consumption.relationshipTemplateProcessed');
	expect(processed?.data).toMatchObject({ result: 'RequestAutomaticallyDecided', requestId: row?.id });
});

test('E4.2 by template: the relationship is asked for, processed names the request', async () => {
	automate([rule({ relationshipAlreadyExists: false, 'source.type': 'RelationshipTemplate' })]);
	const template = await createTemplate(city, [create('Anna')]);
	await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	const [relationship] = await until(
		() => must<Shape[]>(person.call('GET', '/Relationships')),
		(rows) => rows.length > 0,
		'a relationship'
	);
	expect(relationship?.status).toBe('Pending');
	const [row] = await must<Shape[]>(person.call('GET', '/Requests/Incoming'));
	expect(row).toMatchObject({ status: 'Completed', wasAutomaticallyDecided: true });
	const processed = person.events.find(({ name }) => name === 'consumption.relationshipTemplateProcessed');
	expect(processed?.data).toMatchObject({ result: 'RequestAutomaticallyDecided', requestId: row?.id });
	expect(storyOf(person.events)).toEqual([
		'received Open',
		'Open→DecisionRequired',
		'DecisionRequired→Decided',
		'processed RequestAutomaticallyDecided',
		'Decided→Completed'
	]);
});

test('E4.11 a pair that cannot work together does not start', () => {
	const item = { 'content.item.@type': 'ReadAttributeRequestItem' };
	expect(automate([rule(item)])).toMatchObject({
		ok: false,
		error: { code: 'error.runtime.decide.requestConfigDoesNotMatchResponseConfig' }
	});
});

describe('expiry', () => {
	beforeEach(() => () => void vi.useRealTimers());
	const soon = () => new Date(Date.now() + 60_000).toISOString();
	/** A minute goes by for everybody, without anybody waiting. */
	const pass = () => vi.setSystemTime(Date.now() + 61_000);

	test('E2.3 an incoming request past its date is told Expired once, cannot be decided, and can be deleted then only', async () => {
		await befriended();
		const { id } = await ask([create('Anna')], { expiresAt: soon() });
		expect((await person.engine.requests.delete(id)).ok).toBe(false);
		pass();
		for (let i = 0; i < 2; i++) expect((await incoming(id)).status).toBe('Expired');
		await must(person.call('GET', '/Requests/Incoming'));
		await sync(person);
		expect(storyOf(person.events).slice(3)).toEqual([
			'processed ManualRequestDecisionRequired',
			'ManualDecisionRequired→Expired'
		]);
		for (const action of ['Accept', 'Reject', 'CanAccept', 'CanReject']) {
			const items = [{ accept: action.endsWith('Accept') }];
			const refused = await person.call('PUT', `/Requests/Incoming/${id}/${action}`, { items });
			expect([refused.status, refused.error?.code]).toEqual([400, 'error.runtime.unknown']);
		}
		expect(await person.engine.requests.delete(id)).toMatchObject({ ok: true });
		expect((await person.call('GET', `/Requests/Incoming/${id}`)).status).toBe(404);
	});

	test('C2.Expired an outgoing one expires too, and an answer made in time still completes it, from Expired', async () => {
		await befriended();
		const { id } = await ask([create('Anna')], { expiresAt: soon() });
		await must(person.call('PUT', `/Requests/Incoming/${id}/Accept`, { items: [{ accept: true }] }));
		await settled(id, 'Completed');
		pass();
		expect((await must(city.call('GET', `/Requests/Outgoing/${id}`))).status).toBe('Expired');
		await sync(city);
		expect((await must(city.call('GET', `/Requests/Outgoing/${id}`))).status).toBe('Completed');
		const changes = city.events
			.filter(({ name }) => name === 'consumption.outgoingRequestStatusChanged')
			.map(({ data }) => data as { oldStatus: string; newStatus: string })
			.map(({ oldStatus, newStatus }) => `${oldStatus}→${newStatus}`);
		expect(changes).toEqual(['Draft→Open', 'Open→Expired', 'Expired→Completed']);
	});

	test('C2.Discard only a draft can be given up', async () => {
		await befriended();
		const sent = await ask([create('Anna')]);
		expect(await city.engine.requests.discard(sent.id)).toMatchObject({ ok: false });
		const peer = await addressOf(person);
		const body = { content: { items: [create('Anna')] }, peer };
		const draft = await must(city.call('POST', '/Requests/Outgoing', body), 201);
		expect(await city.engine.requests.discard(draft.id)).toMatchObject({ ok: true });
		expect((await city.call('GET', `/Requests/Outgoing/${draft.id}`)).status).toBe(404);
	});
});

test('C1.Accept an answer given offline that comes too late stands at its request and in attention', async () => {
	const mine = await createTemplate(person, [create('City')]);
	const theirs = await createTemplate(city, [create('Anna')]);
	await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: theirs.reference.url }), 201);
	const [request] = await must<Shape[]>(person.call('GET', '/Requests/Incoming'));
	await must(city.call('POST', '/RelationshipTemplates/Peer', { reference: mine.reference.url }), 201);
	const [asked] = await must<Shape[]>(city.call('GET', '/Requests/Incoming'));
	await must(city.call('PUT', `/Requests/Incoming/${asked!.id}/Accept`, { items: [{ accept: true }] }));
	await until(
		() => must<Shape[]>(city.call('GET', '/Relationships')),
		(rows) => rows.length > 0,
		'asked for'
	);
	world.cut(true);
	await must(person.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, { items: [{ accept: true }] }));
	world.cut(false);
	await sync(person);
	await sync(person);
	// Whichever of the two crossing relationships counts, the one whose answer is void is told so.
	const crossed = { _failed: 'relationship-crossed', status: 'Completed' };
	const both = [
		{ engine: person.engine, row: person.engine.requests.get(request!.id, 'incoming') },
		{ engine: city.engine, row: city.engine.requests.get(asked!.id, 'incoming') }
	];
	await sync(city);
	await sync(city);
	const shown = both.map(({ engine, row }) => ({ engine, row: engine.requests.get(row!.id, 'incoming')! }));
	expect(shown.filter(({ row }) => row._failed !== undefined)).toHaveLength(1);
	for (const { engine, row } of shown) {
		const isVoid = row._failed !== undefined;
		if (isVoid) expect(row).toMatchObject(crossed);
		const told = expect.objectContaining({ kind: 'decision-failed', reference: row.id }) as unknown;
		if (isVoid) expect(engine.attention()).toContainEqual(told);
		else expect(engine.attention()).not.toContainEqual(told);
		expect(engine.todo().some(({ reference }) => reference.includes(row.id))).toBe(isVoid);
	}
});

test('C1.Accept after the relationship has ended is refused; given offline before we heard of it, it fails and says so', async () => {
	const { relationshipId } = await befriended();
	const { id } = await ask([create('Anna')]);
	world.cut(true);
	await must(person.call('PUT', `/Requests/Incoming/${id}/Accept`, { items: [{ accept: true }] }));
	world.cut(false);
	await must(city.call('PUT', `/Relationships/${relationshipId}/Terminate`));
	await sync(person);
	await sync(person);
	const row = person.engine.requests.get(id, 'incoming');
	const wasSent = row?.status === 'Completed';
	if (!wasSent) expect(row).toMatchObject({ status: 'ManualDecisionRequired', _failed: 'relationship-over' });
	const other = await person.call<Shape>('PUT', `/Requests/Incoming/${id}/CanAccept`, { items: [{ accept: true }] });
	expect(other.result).toMatchObject({
		isSuccess: false,
		code: 'error.consumption.requests.wrongRelationshipStatus'
	});
});

/** Another device of the same identity, in this process. */
async function sibling(of: TestConnector): Promise<Engine> {
	const relay: Relay = {
		url: 'http://localhost:1',
		async connect() {
			const line = world.relay.relay.connect({ source: 'sibling' });
			return {
				challenge: line.challenge,
				exchange: (frame) => line.handle(frame),
				onPush: (listener) => line.onPush(listener),
				onClose: (listener) => line.onClose(listener),
				close: () => line.close()
			};
		}
	};
	const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 20)));
	const clock = { now: () => Date.now(), sleep };
	const invited = await of.engine.devices.invite();
	if (!invited.ok) throw new Error(invited.error.message);
	const confirm = async (session: LinkSession, onLink?: (link: string) => void) => {
		for await (const step of session.steps) {
			if (step.step === 'waiting') onLink?.(step.link);
			if (step.step === 'compare') session.confirm();
			if (step.step === 'failed') throw new Error(step.reason);
		}
	};
	let showLink: (link: string) => void = () => {};
	const shown = new Promise<string>((resolve) => (showLink = resolve));
	const inviting = confirm(invited.value, showLink);
	const ports = { clock, random: testRandom, store: createMemoryStore(), relay };
	const joining = joinIdentity(ports, { deviceName: 'second', link: await shown });
	const session = await joining.session;
	if (!session.ok) throw new Error(session.error.message);
	await Promise.all([inviting, confirm(session.value)]);
	const engine = await joining.engine;
	if (!engine.ok) throw new Error(engine.error.message);
	return engine.value;
}

test('E4 two Connectors of one identity with the same rules: both decide, exactly one answer leaves', async () => {
	await befriended();
	const second = await sibling(person);
	await second.account.sync();
	const rules = [rule({ peer: await addressOf(city) })];
	automate(rules);
	second.requests.automate(rules);
	const peer = await addressOf(person);
	const content = { items: [create('Anna')] };
	const made = await must(city.call('POST', '/Requests/Outgoing', { content, peer }), 201);
	await must(city.call('POST', '/Messages', { recipients: [peer], content: made['content'] }), 201);
	await sync(city);
	await Promise.all([sync(person), second.account.sync()]);
	for (let i = 0; i < 3; i++) await Promise.all([sync(person), second.account.sync()]);
	await sync(city);
	const answers = (await must<(Shape & { content: { requestId?: string } })[]>(city.call('GET', '/Messages'))).filter(
		({ content: { requestId } }) => requestId === made.id
	);
	expect(answers).toHaveLength(1);
	for (const engine of [person.engine, second])
		expect(engine.requests.get(made.id, 'incoming')).toMatchObject({
			status: 'Completed',
			wasAutomaticallyDecided: true,
			response: { source: { reference: answers[0]!.id } }
		});
	expect(city.engine.attention()).toEqual([]);
	await second.close();
});
