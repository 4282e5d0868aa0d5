import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ok } from '../../crdt/index.ts';
import { correlationId, withCorrelation } from '../log.ts';
import { deadLetterRows } from '../routes/dead-letters.ts';
import { outsideParts, settle } from '../testing/modules.ts';
import { KEY, ROWS, testApp, testConfig, withKey } from '../testing/parts.ts';
import { createRegistry } from './http.ts';
import type { ModuleContext } from './own-module.ts';
import { moduleProblems, startModules } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'own-modules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
/** A file with this source; `globalThis.stage` is where it can be seen from the test. */
function write(source: string): string {
	const path = join(folder, `m${count++}.mjs`);
	writeFileSync(path, source);
	return path;
}
interface Stage {
	context?: ModuleContext;
	readonly happened: string[];
	handle?: (event: { name: string; data?: unknown }) => void | Promise<void>;
}
const stage: Stage = { happened: [] };
(globalThis as { stage?: Stage }).stage = stage;
const happened = () => stage.happened.splice(0);

const PLAIN = `
	const { stage } = globalThis;
	export default {
		async init(context) {
			stage.context = context;
			stage.happened.push('init ' + context.mode + ' ' + context.config.word);
			context.on('transport.**', (event) => stage.handle?.(event));
			context.on('runtime.*', ({ name }) => void stage.happened.push(name));
		},
		start: () => void stage.happened.push('start'),
		stop: async () => void stage.happened.push('stop')
	};`;

async function start(parts: Awaited<ReturnType<typeof outsideParts>>, modules: { [name: string]: unknown }) {
	const config = testConfig({ modules });
	expect(moduleProblems(config)).toEqual([]);
	return startModules(parts, config);
}
const own = (location: string, more: object = {}) => ({ enabled: true, location, ...more });
const event = (name: string, data?: unknown) => ({ id: 'e1', name, data });

describe('a module of one’s own', () => {
	test('is initialised, started and stopped once each, and hears that everything runs', async () => {
		const parts = await outsideParts();
		const started = await start(parts, { mine: own(write(PLAIN), { word: 'hello' }) });
		if (!started.ok) throw new Error(started.error.message);
		await settle(10);
		expect(happened()).toEqual([
			'init production hello',
			'runtime.modulesInitialized',
			'start',
			'runtime.modulesStarted'
		]);
		await started.value();
		parts.emit(event('runtime.modulesStarted'));
		expect(happened()).toEqual(['stop']);
	});

	test('hears events one after the other, in their order, also when a handler takes its time or fails', async () => {
		const parts = await outsideParts();
		const started = await start(parts, { mine: own(write(PLAIN)) });
		if (!started.ok) throw new Error(started.error.message);
		await settle(10);
		happened();
		const waits = [30, 0, 10];
		stage.handle = async ({ name }) => {
			const wait = waits.shift() ?? 0;
			await settle(wait);
			stage.happened.push(`${name} ${correlationId() ?? '-'}`);
			if (wait === 0) throw new Error('handler broke');
		};
		withCorrelation('c1', () => parts.emit(event('transport.messageReceived', ROWS.message)));
		parts.emit(event('transport.messageSent', ROWS.message));
		withCorrelation('c3', () => parts.emit(event('transport.relationshipChanged', ROWS.relationship)));
		parts.emit(event('consumption.attributeCreated', ROWS.attribute));
		await started.value();
		expect(happened()).toEqual([
			'transport.messageReceived c1',
			'transport.messageSent -',
			'transport.relationshipChanged c3',
			'stop'
		]);
	});

	test('has the operations of REST: values as `result`, refusals as `error`', async () => {
		const parts = await outsideParts();
		const app = testApp();
		const { servicesOver } = await import('./services.ts');
		const services = servicesOver((request) => {
			request.headers.set('x-api-key', KEY);
			return app.fetch(request);
		});
		const started = await start({ ...parts, services } as typeof parts, { mine: own(write(PLAIN)) });
		if (!started.ok) throw new Error(started.error.message);
		const { call, fetch } = stage.context!.services;
		expect(await call('GET', `/Messages/${ROWS.message.id}`)).toMatchObject({
			ok: true,
			value: { id: ROWS.message.id }
		});
		expect(await call('POST', '/Account/Sync')).toEqual(ok(undefined));
		expect(await call('GET', '/Messages/MSG00000000000000009')).toMatchObject({
			ok: false,
			error: { code: 'error.runtime.recordNotFound' }
		});
		expect(await call('POST', '/Attributes', { odd: 1 })).toMatchObject({
			ok: false,
			error: { code: 'error.runtime.validation.invalidPropertyValue' }
		});
		const picture = await fetch(`/RelationshipTemplates/${ROWS.template.id}`, { headers: { accept: 'image/png' } });
		expect(picture.headers.get('content-type')).toBe('image/png');
		await started.value();
	});

	test('adds endpoints behind authentication and roles, in nobody else’s place', async () => {
		const http = createRegistry(true);
		const parts = await outsideParts({ http });
		const started = await start(parts, { mine: own(write(PLAIN)) });
		if (!started.ok) throw new Error(started.error.message);
		const add = (path: string, roles = ['mine:read']) =>
			stage.context!.http.addEndpoint({
				method: 'POST',
				path,
				roles,
				handle: ({ params, body }) => Response.json({ params, body })
			});
		add('/mine/{id}');
		const config = testConfig({
			infrastructure: {
				httpServer: {
					authentication: { apiKey: { keys: { other: { key: `${KEY}-other`, scopes: ['core:**'] } } } }
				}
			}
		});
		const app = testApp({ endpoints: http, config });
		const ask = (headers: Record<string, string>) =>
			app.request('/Mine/a%20b/', {
				method: 'POST',
				body: '{"x":1}',
				headers: { 'content-type': 'application/json', ...headers }
			});
		const answer = await ask({ 'x-api-key': KEY });
		expect([answer.status, await answer.json()]).toEqual([200, { params: { id: 'a b' }, body: { x: 1 } }]);
		expect((await ask({})).status).toBe(401);
		expect((await ask({ 'x-api-key': `${KEY}-other` })).status).toBe(403);
		expect((await app.request('/mine/a', withKey())).status).toBe(404);
		for (const path of ['/api/core/v1/Messages', '/health', '/Monitoring/Mine', 'mine', '/docs', '/mine/{other}'])
			expect(() => add(path)).toThrow();
		expect(() => add('/roleless', [])).toThrow('needs roles');
		await started.value();
	});

	test.each([
		['export default 7;', 'its default export is not an object with init, start or stop'],
		['export const start = 1;', 'its default export is not an object with init, start or stop'],
		['export default { stop() {} };', 'its default export has neither init nor start'],
		['export default { start: 1 };', 'start of its default export is not a function'],
		['export default {', 'cannot be loaded: '],
		['throw new Error("no database\\nsecond line");', 'cannot be loaded: no database'],
		['export default { init() { throw new Error("no address"); } };', 'init failed: no address'],
		['export default { start: async () => { throw new Error("no key"); } };', 'start failed: no key']
	])('that is none keeps the Connector from starting, with one line: %s', async (source, line) => {
		const started = await start(await outsideParts(), { broken: own(write(source)) });
		expect(started.ok).toBe(false);
		if (started.ok) return;
		expect(started.error.message).toContain('modules.broken: ');
		expect(started.error.message).toContain(line);
		expect(started.error.message).not.toContain('\n');
	});

	test('that is not there, or is there twice, keeps the Connector from starting', async () => {
		const missing = await start(await outsideParts(), { gone: own(join(folder, 'none.mjs')) });
		expect(missing).toMatchObject({ ok: false, error: { code: 'error.connector.modules.invalid' } });
		const once = write('export default { start() {} };');
		expect(await start(await outsideParts(), { a: own(once), b: own(once) })).toMatchObject({
			ok: false,
			error: { message: expect.stringContaining('is loaded by modules.a already') as string }
		});
		const many = write('export default { denyMultipleInstances: false, start() {} };');
		const both = await start(await outsideParts(), { a: own(many), b: own(many) });
		expect(both.ok).toBe(true);
	});

	test('without location is skipped; without HTTP server it has no endpoints', async () => {
		const skipped = await start(await outsideParts(), { nowhere: own('') });
		expect(skipped.ok).toBe(true);
		const source = `export default { init({ http }) { http.addEndpoint({ method: 'GET', path: '/a', roles: ['a'], handle: () => new Response() }); } };`;
		const started = await start(await outsideParts({ http: createRegistry(false) }), { mine: own(write(source)) });
		expect(started).toMatchObject({
			ok: false,
			error: { message: 'modules.mine: init failed: there is no HTTP server to add an endpoint to' }
		});
	});
});

describe('dead letters over HTTP', () => {
	const key = (role: string) => `${KEY}-${role}`;
	const setUp = async () => {
		const parts = await outsideParts();
		let isUp = false;
		const taken: string[] = [];
		const lane = parts.outbox.lane('webhook:crm', { attempts: 1, maxAgeMs: 1000 }, async ({ eventId }) => {
			if (isUp) taken.push(eventId);
			return isUp ? { ok: true } : { ok: false, reason: 'status 500' };
		});
		for (const eventId of ['e1', 'e2'])
			lane.put({ trigger: 'transport.messageSent', eventId, body: '{"secret":1}' });
		while ((await parts.outbox.deadLetters()).length < 2) await settle(5);
		const keys = {
			dead: { key: key('dead-letters'), scopes: ['monitoring:deadLetters'] },
			other: { key: key('other-scope'), scopes: ['monitoring:version', 'core:**'] }
		};
		const config = testConfig({ infrastructure: { httpServer: { authentication: { apiKey: { keys } } } } });
		const app = testApp({ config, monitoring: deadLetterRows(parts.outbox) });
		const ask = (method: string, path: string, apiKey = key('dead-letters')) =>
			app.request(`/Monitoring/DeadLetters${path}`, { method, headers: { 'x-api-key': apiKey } });
		const list = async () => (await (await ask('GET', '')).json()) as { id: string; eventId: string }[];
		return { lane, ask, list, taken, up: () => (isUp = true) };
	};

	test('are listed without what they carried, oldest first', async () => {
		const { ask, lane } = await setUp();
		const answer = await ask('GET', '');
		const text = await answer.text();
		expect(answer.status).toBe(200);
		expect(text).not.toContain('secret');
		expect(JSON.parse(text)).toMatchObject([
			{
				id: expect.stringMatching(/^DLT\d{17}$/) as string,
				target: 'webhook:crm',
				trigger: 'transport.messageSent',
				eventId: 'e1',
				attempts: 1,
				reason: 'status 500'
			},
			{ eventId: 'e2' }
		]);
		await lane.stop();
	});

	test('are replayed to their target, or deleted, once', async () => {
		const { ask, list, lane, taken, up } = await setUp();
		const [first, second] = await list();
		up();
		expect((await ask('POST', `/${first!.id}/Replay`)).status).toBe(204);
		expect((await ask('DELETE', `/${second!.id}`)).status).toBe(204);
		while (taken.length === 0) await settle(5);
		expect(taken).toEqual(['e1']);
		expect(await list()).toEqual([]);
		for (const again of [
			ask('POST', `/${first!.id}/Replay`),
			ask('DELETE', `/${second!.id}`),
			ask('DELETE', '/x')
		]) {
			const answer = await again;
			expect(answer.status).toBe(404);
			expect(await answer.json()).toMatchObject({ error: { code: 'error.runtime.recordNotFound' } });
		}
		await lane.stop();
	});

	test('need the role monitoring:deadLetters', async () => {
		const { ask, list, lane } = await setUp();
		const [letter] = await list();
		const other = key('other-scope');
		expect((await ask('GET', '', other)).status).toBe(403);
		expect((await ask('POST', `/${letter!.id}/Replay`, other)).status).toBe(403);
		expect((await ask('DELETE', `/${letter!.id}`, other)).status).toBe(403);
		expect((await ask('GET', '', 'wrong')).status).toBe(401);
		expect(await list()).toHaveLength(2);
		await lane.stop();
	});
});
