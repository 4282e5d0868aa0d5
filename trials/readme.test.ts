/**
 * What README.md tells people to type is what works: its shell blocks of "Try it by hand" are taken from the text and run, one
 * after the other in one shell, against a relay and a Connector set up as `npm start` does. The person at the App is an engine.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIdentity, type Engine } from '../crdt/index.ts';
import { randomApiKey } from '../tools/apiKey.ts';
import { environments } from '../tools/demo.ts';
import { contactLink } from '../tools/demoCity.ts';
import { freshFolder, startConnector, startRelay, until, type Connector, type Program } from './processes.ts';
import { devicePorts, must } from './story.ts';

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const blocksOf = (title: string): string[] => {
	const section = new RegExp(`^## ${title}$([^]*?)^## `, 'm').exec(README)?.[1] ?? '';
	return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map((block) => block[1]!);
};
const shellBlocks = blocksOf('Try it by hand');
const ownBlocks = blocksOf('For an organisation: from nothing to an answered request');
/** The one that sets what the others use; its values are those `npm start` prints. */
const isSetting = (block: string) => block.startsWith('export ');

/** Runs the blocks as one person would in one terminal; a call the Connector refuses ends it. */
async function runInShell(
	blocks: readonly string[],
	env: Record<string, string>
): Promise<{ code: number | null; output: string }> {
	const script = ['set -euo pipefail', 'curl() { command curl --fail-with-body "$@"; echo; }', ...blocks].join('\n');
	const shell = spawn('bash', ['-c', script], {
		env: { PATH: process.env['PATH'], ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let output = '';
	for (const stream of [shell.stdout, shell.stderr])
		stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const code = await new Promise<number | null>((resolve) => shell.once('close', resolve));
	return { code, output };
}

let relay: Program;
let city: Connector;
let person: Engine;
beforeAll(async () => {
	relay = await startRelay();
	const setting = { port: relay.port, connectorPort: 0, publicUrl: relay.url, data: '' };
	const folder = freshFolder('demo');
	// The demo's own settings, but a free port and a key we know; what arrives is fetched by the README's own line.
	const {
		infrastructure__httpServer__port: _port,
		modules__sync__enabled: _sync,
		...demo
	} = environments(setting, relay.folder, folder, randomApiKey()).connector;
	city = await startConnector(relay.url, demo, folder);
	const link = await contactLink(
		{ url: `${city.url}/api/core/v1`, key: city.key },
		relay.url,
		join(folder, 'demo.json')
	);

	person = must(
		await createIdentity(devicePorts(relay.url), {
			addressHost: 'localhost',
			deviceName: 'Phone',
			profileName: 'Mirela'
		})
	);
	const owner = person.account.identityInfo().address;
	must(await person.templates.load(link));
	const value = (type: string, text: string) => ({
		accept: true,
		newAttribute: { '@type': 'IdentityAttribute', owner, value: { '@type': type, value: text } }
	});
	const [request] = person.requests.incoming();
	must(
		await person.requests.accept(request!.id, {
			items: [
				{ items: [value('GivenName', 'Mirela'), value('Surname', 'Ionescu'), { accept: false }] },
				{ accept: true }
			]
		})
	);
	must(await person.account.sync());
}, 60_000);
afterAll(async () => {
	await person?.close();
	await city?.stop();
	await relay?.stop();
});

test('README has the lines: what they need is named first, all of them call the Connector by these names', () => {
	const [setting, ...lines] = shellBlocks;
	expect(isSetting(setting!)).toBe(true);
	expect(setting).toMatch(/\bCONNECTOR=/);
	expect(setting).toMatch(/\bKEY=/);
	expect(lines.length).toBeGreaterThanOrEqual(3);
	for (const block of lines) {
		expect(block).toContain('curl ');
		expect(block).toContain('"X-API-KEY: $KEY"');
		expect(block).toContain('"$CONNECTOR/api/core/v1/');
	}
});

test('typed one after the other they connect the two, show what was shared and bring a mail', async () => {
	const { code, output } = await runInShell(
		shellBlocks.filter((block) => !isSetting(block)),
		{ CONNECTOR: city.url, KEY: city.key }
	);
	expect(output).not.toContain('"error"');
	expect({ code, output }).toMatchObject({ code: 0 });
	expect(output).toContain('"status":"Pending"');
	expect(output).toContain('"status":"Active"');
	expect(output).toContain('"Ionescu"');
	await until(
		'the mail at the person',
		async () => (must(await person.account.sync()), person.messages.list()),
		(rows) => rows.length === 1
	);
	expect(person.relationships.list()[0]!.status).toBe('Active');
	expect(person.messages.list()[0]!.content).toMatchObject({ '@type': 'Mail', subject: 'Welcome' });
});

test('an integrator with a Connector of their own asks, and has the answer', async () => {
	const [starting, setting, asking, ...taking] = ownBlocks;
	expect(starting).toContain('npm run connector');
	expect(isSetting(setting!)).toBe(true);
	const own = await startConnector(relay.url);
	const folder = freshFolder('integrator');
	const env = { CONNECTOR: own.url, KEY: own.key };
	try {
		const asked = await runInShell([`cd '${folder}'`, asking!], env);
		expect(asked).toMatchObject({ code: 0 });
		const link = asked.output.trim().split('\n').at(-1)!;
		must(await person.templates.load(link));
		const request = person.requests.incoming().find(({ status }) => status === 'ManualDecisionRequired')!;
		const [given] = person.attributes.ownIdentity();
		must(
			await person.requests.accept(request.id, {
				items: [{ accept: true, existingAttributeId: given!.id }, { accept: true }]
			})
		);
		must(await person.account.sync());
		const { code, output } = await runInShell(taking, env);
		expect({ code, output }).toMatchObject({ code: 0 });
		expect(output).toContain('"status":"Active"');
		expect(output).toContain('"status":"Completed"');
		expect(output).toContain('"value":"Mirela"');
	} finally {
		await own.stop();
	}
});

test('a line that fails is noticed', async () => {
	const blocks = ['curl -sS -H "X-API-KEY: $KEY" "$CONNECTOR/api/core/v1/Relationships/RELaaaaaaaaaaaaaaaaa"'];
	expect((await runInShell(blocks, { CONNECTOR: city.url, KEY: city.key })).code).not.toBe(0);
	expect((await runInShell(blocks, { CONNECTOR: city.url, KEY: 'wrong' })).code).not.toBe(0);
});
