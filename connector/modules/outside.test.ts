/** Modules as an operator meets them: real Connectors, a real relay, systems behind real ports. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiver, settle } from '../testing/modules.ts';
import { KEY } from '../testing/parts.ts';
import { addressOf, arrived, connect, consent, must, sync, until, type Shape } from '../testing/party.ts';
import {
	endAll,
	newFolder,
	run,
	settings,
	startConnector,
	startRelay,
	type RunningConnector,
	type RunningRelay
} from '../testing/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'outside-'));
afterAll(async () => {
	await endAll();
	rmSync(folder, { recursive: true, force: true });
});
let relay: RunningRelay;
let city: RunningConnector;
beforeAll(async () => {
	relay = await startRelay();
	city = await startConnector(relay.url);
});

interface Hook {
	readonly trigger: string;
	readonly data?: Shape;
	readonly id: string;
}
const hooks = (url: string, retry = { attempts: 1000, maxAgeMinutes: 1000 }) => ({
	modules__webhooks__enabled: 'true',
	modules__webhooks__webhooks: JSON.stringify([{ triggers: ['**'], target: { url } }]),
	modules__webhooks__retry: JSON.stringify(retry)
});
const items = [consent('May we?')];
const answer = [{ accept: true }];
const mail = (to: string, subject: string) => ({
	recipients: [to],
	content: { '@type': 'Mail', to: [to], subject, body: 'b', bodyFormat: 'PlainText' }
});
const monitoring = (party: RunningConnector, path: string, method = 'GET') =>
	fetch(`${party.url}/Monitoring${path}`, { method, headers: { 'x-api-key': KEY } });

describe('webhooks with retry, between processes', { timeout: 60_000 }, () => {
	/** Where REST shows an object of an event. */
	const places: Readonly<Record<string, string>> = {
		MSG: '/Messages/',
		RLT: '/RelationshipTemplates/',
		REL: '/Relationships/',
		ATT: '/Attributes/'
	};

	test('what arrives is what REST answers while the queue waits for the receiver', async () => {
		const told: { hook: Hook; shown: unknown }[] = [];
		const reading: { office?: RunningConnector } = {};
		// The receiver asks before it answers, so nothing else is delivered meanwhile.
		const target = await receiver(async () => {
			const hook = JSON.parse(target.received.at(-1)?.body ?? '') as Hook;
			const place = places[hook.data?.id?.slice(0, 3) ?? ''];
			const reply = place ? await reading.office?.call('GET', place + hook.data?.id) : undefined;
			told.push({ hook, shown: reply?.result });
			return {};
		});
		const office = await startConnector(relay.url, hooks(target.url));
		reading.office = office;
		await connect(city, office, items, answer);
		const to = await addressOf(office);
		for (const subject of ['one', 'two', 'three']) {
			await must(city.call('POST', '/Messages', mail(to, subject)), 201);
			await arrived(office, `/Messages?content.subject=${subject}`);
		}
		await until(
			async () => told.filter(({ hook }) => hook.trigger === 'transport.messageReceived'),
			(some) => some.length === 3,
			'three messages'
		);
		const last = new Map(told.filter(({ shown }) => shown).map((each) => [each.hook.data?.id, each]));
		expect(last.size).toBeGreaterThanOrEqual(5);
		for (const { hook, shown } of last.values()) expect(hook.data).toEqual(shown);
		const subjects = told
			.filter(({ hook }) => hook.trigger === 'transport.messageReceived')
			.map(({ hook }) => (hook.data?.['content'] as { subject: string }).subject);
		expect(subjects).toEqual(['one', 'two', 'three']);
		expect(new Set(told.map(({ hook }) => hook.id)).size).toBe(told.length);
		office.child.kill('SIGTERM');
		expect(await office.ended).toEqual({ code: 0, signal: null });
		target.close();
	});

	test('what was told before SIGKILL is delivered after the next start, and dead letters can be replayed', async () => {
		let isUp = false;
		const target = await receiver(() => ({ status: isUp ? 200 : 503 }));
		const dataFolder = newFolder();
		const office = await startConnector(relay.url, hooks(target.url), dataFolder);
		await must(
			office.call('POST', '/Attributes', { content: { value: { '@type': 'GivenName', value: 'Secret-Name' } } }),
			201
		);
		await target.until(1);
		office.child.kill('SIGKILL');
		await office.ended;
		isUp = true;
		const again = await startConnector(relay.url, hooks(target.url, { attempts: 1, maxAgeMinutes: 1 }), dataFolder);
		const created = async () =>
			target.received.filter(({ body }) => (JSON.parse(body) as Hook).trigger === 'consumption.attributeCreated');
		await until(created, (some) => some.length > 0, 'delivered');
		await settle(200);
		isUp = false;
		await must(
			again.call('POST', '/Attributes', { content: { value: { '@type': 'Surname', value: 'Secret-Name' } } }),
			201
		);
		const letters = await until(
			async () => (await (await monitoring(again, '/DeadLetters')).json()) as { id: string; trigger: string }[],
			(some) => some.length > 0,
			'given up'
		);
		expect(letters.map(({ trigger }) => trigger)).toEqual(['consumption.attributeCreated']);
		isUp = true;
		const before = target.received.length;
		expect((await monitoring(again, `/DeadLetters/${letters[0]!.id}/Replay`, 'POST')).status).toBe(204);
		await target.until(before + 1);
		expect(await (await monitoring(again, '/DeadLetters')).json()).toEqual([]);
		expect(again.output() + office.output()).not.toContain('Secret-Name');
		target.close();
	});
});

describe('modules of one’s own, in a process', { timeout: 60_000 }, () => {
	test('the example greets whom the organisation is newly connected with, and tells how many', async () => {
		const office = await startConnector(relay.url, {
			modules__welcome: JSON.stringify({
				enabled: true,
				location: './connector/examples/welcome.ts',
				text: 'Good to have you.'
			})
		});
		await connect(office, city, items, answer);
		const from = await addressOf(office);
		const messages = await arrived(city, `/Messages?createdBy=${encodeURIComponent(from)}`);
		expect(messages).toMatchObject([{ content: { '@type': 'Mail', body: 'Good to have you.' } }]);
		const greeted = (key: string) => fetch(`${office.url}/welcome/greeted`, { headers: { 'x-api-key': key } });
		expect(await (await greeted(KEY)).json()).toEqual({ greeted: 1 });
		expect((await greeted('wrong')).status).toBe(401);
		await office.said('ready to greet');
		await office.said('greeted');
		expect(office.output()).not.toContain('Good to have you');
	});

	test('one that cannot start ends the Connector with one line and 1', async () => {
		const broken = join(folder, 'broken.mjs');
		writeFileSync(broken, 'export default { start() { throw new Error("no database"); } };');
		for (const [location, line] of [
			[broken, /^error\.connector\.modules\.invalid: modules\.mine: start failed: no database$/m],
			[
				'./nowhere.ts',
				/^error\.connector\.modules\.invalid: modules\.mine: \.\/nowhere\.ts cannot be loaded: .+$/m
			],
			['@nmshd/connector:FaxModule', /^modules\.mine: there is no module @nmshd\/connector:FaxModule$/m]
		] as const) {
			const failed = run(process.execPath, ['connector/main.ts', 'start'], {
				...settings(relay.url, newFolder()),
				modules__mine: JSON.stringify({ enabled: true, location })
			});
			expect(await failed.ended).toMatchObject({ code: 1 });
			expect(failed.output()).toMatch(line);
			const plain = failed
				.output()
				.split('\n')
				.filter((each) => each !== '' && !each.startsWith('{'));
			expect(plain).toHaveLength(1);
		}
	});
});

describe('automations and live updates, between processes', { timeout: 60_000 }, () => {
	test('sse brings mail without being asked; autoAccept accepts; autoDecompose lets go', async () => {
		const office = await startConnector(relay.url, {
			modules__sse__enabled: 'true',
			modules__autoAcceptPendingRelationships__enabled: 'true',
			modules__autoDecomposeDeletionProposedRelationships__enabled: 'true'
		});
		const template = await must<Shape & { reference: { url: string } }>(
			office.call('POST', '/RelationshipTemplates/Own', {
				expiresAt: '2030-01-01T00:00:00.000Z',
				content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }
			}),
			201
		);
		await must(city.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
		const { id } = await must(
			city.call('POST', '/Relationships', {
				templateId: template.id,
				creationContent: { '@type': 'ArbitraryRelationshipCreationContent', value: 1 }
			}),
			201
		);
		const at = (party: RunningConnector) => party.call('GET', `/Relationships/${id}`);
		await until(
			() => at(office),
			({ result }) => result?.status === 'Active',
			'accepted'
		);
		await sync(city);
		await must(city.call('PUT', `/Relationships/${id}/Terminate`));
		await must(city.call('DELETE', `/Relationships/${id}`), 204);
		await until(
			() => at(office),
			({ status }) => status === 404,
			'decomposed'
		);
	});

	test('what a request or a sync causes carries its correlation id; what the relay brings has one of its own', async () => {
		const target = await receiver();
		const office = await startConnector(relay.url, { ...hooks(target.url), modules__sse__enabled: 'true' });
		const attribute = { content: { value: { '@type': 'GivenName', value: 'Ada' } } };
		await fetch(`${office.url}/api/core/v1/Attributes`, {
			method: 'POST',
			headers: { 'x-api-key': KEY, 'x-correlation-id': 'trace-1', 'content-type': 'application/json' },
			body: JSON.stringify(attribute)
		});
		await connect(office, city, items, answer);
		const to = await addressOf(office);
		await must(city.call('POST', '/Messages', mail(to, 'by itself')), 201);
		const of = (trigger: string) =>
			target.received
				.filter(({ body }) => (JSON.parse(body) as Hook).trigger === trigger)
				.map(({ headers }) => headers['x-correlation-id']);
		await until(
			async () => of('transport.messageReceived'),
			(some) => some.length === 1,
			'received'
		);
		expect(of('consumption.attributeCreated')).toEqual(['trace-1']);
		expect(of('transport.messageReceived')).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
		const all = target.received.map(({ headers }) => headers['x-correlation-id']);
		expect(all.filter((id) => id === 'trace-1')).toHaveLength(1);
		// Only what the start itself told belongs to nobody.
		expect(all.filter((id) => id === undefined).length).toBeLessThanOrEqual(1);
		target.close();
	});
});
