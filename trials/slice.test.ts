/** The main job between two engines over a real relay, without Connector and App: asked by template, answered, connected. */
import { afterAll, expect, test } from 'vitest';
import {
	createIdentity,
	joinIdentity,
	openEngine,
	previewReference,
	type Engine,
	type LinkSession,
	type Result
} from '../crdt/index.ts';
import { createMemoryStore } from '../crdt/sim/memory-store.ts';
import { portOnto, startRelay, systemClock, systemRandom } from './in-process.ts';

const relay = startRelay();
afterAll(() => relay.close());

function must<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
	return result.value;
}

function device(line = { down: false }) {
	const ports = {
		clock: systemClock,
		random: systemRandom,
		store: createMemoryStore(),
		relay: portOnto(relay, line)
	};
	return { ports, line };
}

async function person(name: string) {
	const { ports, line } = device();
	const engine = must(
		await createIdentity(ports, { addressHost: 'localhost', deviceName: `${name}'s first`, profileName: name })
	);
	const events: string[] = [];
	engine.onEvent((event) => events.push(event.name));
	return { engine, ports, line, events, address: engine.account.identityInfo().address };
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const read = (valueType: string, mustBeAccepted: boolean) => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: { '@type': 'IdentityAttributeQuery', valueType }
});
const contactTemplate = {
	'@type': 'RelationshipTemplateContent',
	title: 'Demo City',
	onNewRelationship: {
		'@type': 'Request',
		items: [
			{
				'@type': 'RequestItemGroup',
				title: 'About you',
				items: [read('GivenName', true), read('Surname', true), read('EMailAddress', false)]
			},
			{ '@type': 'ConsentRequestItem', mustBeAccepted: false, consent: 'You may write to me.' }
		]
	}
};
const newName = (type: string, value: string, owner: string) => ({
	accept: true,
	newAttribute: { '@type': 'IdentityAttribute', owner, value: { '@type': type, value } }
});

async function connect(
	city: Awaited<ReturnType<typeof person>>,
	citizen: Awaited<ReturnType<typeof person>>
): Promise<string> {
	const template = must(await city.engine.templates.create({ content: contactTemplate, expiresAt: inAnHour() }));
	must(await citizen.engine.templates.load(template.reference.url));
	const request = citizen.engine.requests.incoming()[0]!;
	expect(request.status).toBe('ManualDecisionRequired');
	const decision = {
		items: [
			{
				items: [
					newName('GivenName', 'Mirela', citizen.address),
					newName('Surname', 'Ionescu', citizen.address),
					{ accept: false }
				]
			},
			{ accept: true }
		]
	};
	expect(must(citizen.engine.requests.canAccept(request.id, decision))).toMatchObject({ isSuccess: true });
	expect(must(await citizen.engine.requests.accept(request.id, decision)).status).toBe('Decided');
	must(await citizen.engine.account.sync());
	expect(citizen.engine.requests.get(request.id, 'incoming')?.status).toBe('Completed');
	must(await city.engine.account.sync());
	const pending = city.engine.relationships.list()[0]!;
	expect(pending.status).toBe('Pending');
	expect(city.engine.requests.get(request.id, 'outgoing')?.status).toBe('Completed');
	expect(must(await city.engine.relationships.act(pending.id, 'accept')).status).toBe('Active');
	must(await citizen.engine.account.sync());
	expect(citizen.engine.relationships.get(pending.id)?.status).toBe('Active');
	return pending.id;
}

test('a template is previewed without a profile, loaded, its request accepted, the relationship accepted, and both hold the data', async () => {
	const city = await person('Demo City');
	const citizen = await person('Mirela');
	const template = must(
		await city.engine.templates.create({
			content: contactTemplate,
			expiresAt: inAnHour(),
			maxNumberOfAllocations: 1
		})
	);
	const preview = must(await previewReference(citizen.ports.relay, template.reference.url, { random: systemRandom }));
	expect(preview).toMatchObject({ kind: 'template', createdBy: city.address });
	must(await citizen.engine.templates.load(template.reference.url));
	const relId = await connect(city, citizen).catch(() => undefined);
	expect(relId).toBeDefined();
	const received = city.engine.attributes
		.peer(citizen.address)
		.map(({ content }) => (content['value'] as { value: string }).value);
	expect(received).toEqual(['Mirela', 'Ionescu']);
	expect(citizen.engine.attributes.ownIdentity()).toHaveLength(2);
	expect(citizen.events).toContain('consumption.incomingRequestReceived');
	expect(city.events).toContain('consumption.outgoingRequestCreatedAndCompleted');
	await city.engine.close();
	await citizen.engine.close();
});

test('a request by message is answered by message, once', async () => {
	const city = await person('Demo City');
	const citizen = await person('Mirela');
	await connect(city, citizen);
	const draft = must(
		await city.engine.requests.create({
			peer: citizen.address,
			content: { '@type': 'Request', items: [read('PhoneNumber', true)] }
		})
	);
	must(await city.engine.messages.send({ recipients: [citizen.address], content: draft.content }));
	must(await city.engine.account.sync());
	expect(city.engine.requests.get(draft.id, 'outgoing')?.status).toBe('Open');
	must(await citizen.engine.account.sync());
	expect(citizen.engine.requests.get(draft.id, 'incoming')?.status).toBe('ManualDecisionRequired');
	must(
		await citizen.engine.requests.accept(draft.id, {
			items: [newName('PhoneNumber', '+49 30 123', citizen.address)]
		})
	);
	must(await citizen.engine.account.sync());
	must(await city.engine.account.sync());
	expect(city.engine.requests.get(draft.id, 'outgoing')?.status).toBe('Completed');
	expect(city.engine.messages.list().filter(({ content }) => content['@type'] === 'ResponseWrapper')).toHaveLength(1);
	await city.engine.close();
	await citizen.engine.close();
});

test('a second device is linked, holds everything, and of two offline decisions one counts and the loser is told', async () => {
	const city = await person('Demo City');
	const citizen = await person('Mirela');
	await connect(city, citizen);
	const second = device();
	const joining = joinIdentity(second.ports, { deviceName: 'Phone' });
	const newSide = must(await joining.session);
	const link = await waitFor(newSide, 'waiting');
	const oldSide = must(await citizen.engine.devices.admit(link.link));
	const [old, fresh] = await Promise.all([waitFor(oldSide, 'compare'), waitFor(newSide, 'compare')]);
	expect(old.code).toBe(fresh.code);
	oldSide.confirm();
	newSide.confirm();
	const phone = must(await joining.engine);
	expect(phone.relationships.list().map(({ status }) => status)).toEqual(['Active']);
	expect(phone.attributes.ownIdentity()).toHaveLength(2);

	const draft = must(
		await city.engine.requests.create({
			peer: citizen.address,
			content: { '@type': 'Request', items: [read('PhoneNumber', true)] }
		})
	);
	must(await city.engine.messages.send({ recipients: [citizen.address], content: draft.content }));
	must(await city.engine.account.sync());
	must(await citizen.engine.account.sync());
	must(await phone.account.sync());
	citizen.line.down = true;
	second.line.down = true;
	must(
		await citizen.engine.requests.accept(draft.id, {
			items: [newName('PhoneNumber', '+49 30 123', citizen.address)]
		})
	);
	must(await phone.requests.reject(draft.id, { items: [{ accept: false }] }));
	citizen.line.down = false;
	must(await citizen.engine.account.sync());
	second.line.down = false;
	must(await phone.account.sync());
	must(await city.engine.account.sync());
	expect(city.engine.requests.get(draft.id, 'outgoing')?.response?.content['result']).toBe('Accepted');
	expect(phone.requests.get(draft.id, 'incoming')).toMatchObject({
		status: 'Completed',
		_superseded: { decided: 'Rejected' }
	});
	expect(phone.todo().map(({ kind }) => kind)).toContain('superseded');
	for (const engine of [city.engine, citizen.engine, phone]) await engine.close();
});

test('after a restart everything is as it was', async () => {
	const city = await person('Demo City');
	const citizen = await person('Mirela');
	await connect(city, citizen);
	const shown = (engine: Engine) => [
		engine.relationships.list(),
		engine.attributes.list(),
		engine.requests.incoming(),
		engine.documents.fields('core')
	];
	const before = shown(citizen.engine);
	await citizen.engine.close();
	const again = must(await openEngine(citizen.ports));
	expect(shown(again)).toEqual(before);
	await again.close();
	await city.engine.close();
});

async function waitFor<S extends 'waiting' | 'compare'>(session: LinkSession, step: S) {
	for await (const told of session.steps) {
		if (told.step === step) return told as Extract<typeof told, { step: S }>;
		if (told.step === 'failed') throw new Error(told.reason);
	}
	throw new Error(`no step ${step}`);
}
