/** A relay has several names: localhost, one at home, a public one. A link written under one of them works under the others. */
import { afterAll, expect, test } from 'vitest';
import { createIdentity, type Engine } from '../crdt/index.ts';
import { createMemoryStore } from '../crdt/sim/memory-store.ts';
import { portOnto, startRelay, systemClock, systemRandom, type TestRelay } from './in-process.ts';
import { inDays, must, storyTemplate } from './story.ts';

const ours = startRelay();
const another = startRelay();
const engines: Engine[] = [];
afterAll(async () => {
	for (const engine of engines) await engine.close();
	await Promise.all([ours.close(), another.close()]);
});

async function engineAt(relay: TestRelay, url: string): Promise<Engine> {
	const ports = {
		clock: systemClock,
		random: systemRandom,
		store: createMemoryStore(),
		relay: { ...portOnto(relay), url }
	};
	const engine = must(await createIdentity(ports, { addressHost: 'localhost', deviceName: 'd' }));
	engines.push(engine);
	return engine;
}

test('a link made under one name of the relay is loaded under another; what lies elsewhere is told apart', async () => {
	const office = await engineAt(ours, 'https://relay.example.org');
	const home = await engineAt(ours, 'http://localhost:8080');
	const content = storyTemplate((place) => place);
	const { reference } = must(await office.templates.create({ content, expiresAt: inDays(1) }));
	expect(reference.url).toMatch(/^https:\/\/relay\.example\.org\/r\//);
	expect(must(await home.templates.load(reference.url)).content['title']).toBe('template title');

	const stranger = await engineAt(another, 'http://localhost:9090');
	expect(await stranger.templates.load(reference.url)).toMatchObject({ error: { code: 'error.app.foreignRelay' } });
	const underOurName = reference.url.replace('https://relay.example.org', 'http://localhost:9090');
	expect(await stranger.templates.load(underOurName)).toMatchObject({
		error: { code: 'error.runtime.recordNotFound' }
	});
});
