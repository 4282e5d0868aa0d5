/** §7.3 The commands, as processes: what they print, how they end, beside a running Connector and without one. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run as runCommand } from '../cli.ts';
import { KEY } from '../testing/parts.ts';
import { addressOf } from '../testing/party.ts';
import {
	endAll,
	newFolder,
	run,
	settings,
	startConnector,
	startRelay,
	type RunningRelay
} from '../testing/processes.ts';

afterAll(endAll);
let relay: RunningRelay;
beforeAll(async () => {
	relay = await startRelay();
});

/** A command to its end: exit code and everything it wrote. */
async function command(words: readonly string[], env: Record<string, string>) {
	const started = run(process.execPath, ['connector/main.ts', ...words], env);
	const { code } = await started.ended;
	return { code, output: started.output() };
}

/** The same in this process, for what ends before anything is started. */
async function said(words: readonly string[], env: Record<string, string>) {
	let output = '';
	const writes = [process.stdout, process.stderr].map((stream) =>
		vi.spyOn(stream, 'write').mockImplementation((text) => ((output += String(text)), true))
	);
	try {
		const code = await runCommand(words, env);
		return { code, output };
	} finally {
		for (const write of writes) write.mockRestore();
	}
}

describe('§7.3 identityDeletion', { timeout: 60_000 }, () => {
	const init = ['identityDeletion', 'init'];
	const cancel = ['identityDeletion', 'cancel'];
	const status = ['identity', 'status'];

	test.each([
		['beside a running Connector', true],
		['without one', false]
	])('%s: begins once, is told by identity status, and can be taken back', async (_, isRunning) => {
		const folder = newFolder();
		const connector = isRunning ? await startConnector(relay.url, {}, folder) : undefined;
		const env = settings(relay.url, folder);
		const plain = await command(status, env);
		expect(plain.output).toMatch(/^Identity Address: did:e:\S+\n$/);
		if (connector) expect(plain.output).toContain(await addressOf(connector));
		expect(await command(cancel, env)).toEqual({
			code: 1,
			output: expect.stringMatching(
				/^error\.runtime\.identityDeletionProcess\.noActiveIdentityDeletionProcess: .+\n$/
			)
		});
		expect(await command(init, env)).toEqual({ code: 0, output: 'Identity deletion initiated\n' });
		expect(await command(init, env)).toEqual({
			code: 1,
			output: expect.stringMatching(
				/^error\.runtime\.identityDeletionProcess\.activeIdentityDeletionProcessAlreadyExists: .+\n$/
			)
		});
		const during = await command(status, env);
		expect(during).toEqual({
			code: 0,
			output: expect.stringMatching(
				/^Identity Address: .+\nIdentity deletion status: Active\nEnd of grace period: \S+\n$/
			)
		});
		expect(await command(cancel, env)).toEqual({ code: 0, output: 'Identity deletion cancelled\n' });
		expect((await command(status, env)).output).toBe(plain.output);
	});
});

describe('§7.4 healthcheck', () => {
	const at = (port: number) => ({
		...settings(relay.url, newFolder()),
		infrastructure__httpServer__port: String(port)
	});

	test('is 0 only when the Connector of this configuration answers 200', async () => {
		const connector = await startConnector(relay.url);
		const port = Number(new URL(connector.url).port);
		expect(await command(['healthcheck'], at(port))).toEqual({ code: 0, output: '' });
		connector.child.kill('SIGTERM');
		await connector.ended;
		expect(await command(['healthcheck'], at(port))).toEqual({
			code: 1,
			output: `no Connector answers on port ${port}\n`
		});
		const sick = createServer((_, response) => response.writeHead(500).end()).listen(0);
		await once(sick, 'listening');
		expect(await command(['healthcheck'], at((sick.address() as AddressInfo).port))).toMatchObject({ code: 1 });
		sick.close();
	});
});

describe('§7.3 arguments', () => {
	test.each([
		[['start', 'now'], "unknown command 'start now'"],
		[['identity'], "unknown command 'identity'"],
		[['identityDeletion', 'begin'], "unknown command 'identityDeletion begin'"],
		[['device', 'join'], 'device join needs <link>'],
		[['start', '--yes', '1'], 'start takes no --yes'],
		[['start', '--nothing:here', '1'], 'unknown option --nothing:here'],
		[['start', '-x', '1'], 'unknown option -x'],
		[['start', '-c', 'a', '--config', 'b'], 'option --config is there twice'],
		[[], 'a command is missing']
	])('%j is refused with one line and the usage', async (words, line) => {
		const { code, output } = await said(words, {});
		expect([code, output.split('\n')[0]]).toEqual([1, line]);
		expect(output).toContain('Usage:');
	});

	test('every command is explained by -h, wherever it stands', async () => {
		for (const words of [['-h'], ['start', '--help'], ['identity', 'status', '-h']]) {
			const { code, output } = await said(words, {});
			expect(code).toBe(0);
			for (const name of [
				'start',
				'identity status',
				'identityDeletion init',
				'device join <link>',
				'healthcheck'
			])
				expect(output).toContain(name);
		}
	});
});

describe('§7.2 what the configuration says wrongly ends a start with one line each', () => {
	const violations: [string, Record<string, string>, string[]][] = [
		[
			'a driver for MongoDB',
			{ database__driver: 'mongodb', DATABASE_CONNECTION_STRING: 'mongodb://user:hush@host' },
			[expect.stringMatching(/^configuration: database: driver "mongodb" is not supported, use .+sqlite/)]
		],
		[
			'unknown keys in strict objects',
			{ transportLibrary__more: '1', infrastructure__more: '1', logging__more: '1' },
			[
				'configuration: transportLibrary.more is unknown',
				'configuration: logging.more is unknown',
				'configuration: infrastructure.more is unknown'
			]
		],
		[
			'a mechanism that lacks something',
			{ infrastructure__httpServer__authentication__jwtBearer__audience: 'a' },
			[expect.stringMatching(/^infrastructure\.httpServer\.authentication\.jwtBearer needs issuerBaseURL/)]
		],
		[
			'a fingerprint that is none',
			{ pinnedTLSCertificateSHA256Fingerprints: '{"host":["abc"]}' },
			['configuration: pinnedTLSCertificateSHA256Fingerprints.host.0 must be a SHA-256 fingerprint in hex']
		],
		[
			'documentation without debug mode',
			{ modules__coreHttpApi__docs__enabled: 'true' },
			[expect.stringContaining('docs can be enabled in debug mode only')]
		]
	];
	test.each(violations)('%s', async (_, env, lines) => {
		const { code, output } = await said(['start'], { ...settings(relay.url, newFolder()), ...env });
		expect([code, output.trimEnd().split('\n')]).toEqual([1, lines]);
		expect(output).not.toContain('hush');
	});

	test('members of a module that is off and unknown top-level keys are no violation', async () => {
		const connector = await startConnector(relay.url, {
			modules__webhooks__targets: '{"test":{}}',
			modules__sync__interval: 'never',
			UNRELATED: '{"a":1}',
			own__thing: '1',
			DATABASE_CONNECTION_STRING: 'mongodb://user:hush@host'
		});
		expect((await fetch(`${connector.url}/health`)).status).toBe(200);
		expect(connector.output()).toContain('database.connectionString is ignored');
		expect(connector.output()).not.toContain('hush');
	});
});

describe('§1 bodies over the limit', { timeout: 60_000 }, () => {
	test('are refused with an answer the client gets to read, and the Connector works on', async () => {
		const connector = await startConnector(relay.url);
		const send = async (path: string, body: string | FormData, headers: Record<string, string> = {}) => {
			const response = await fetch(`${connector.url}/api/core/v1${path}`, {
				method: 'POST',
				headers: { 'x-api-key': KEY, ...headers },
				body
			});
			return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
		};
		const json = { 'content-type': 'application/json' };
		const text = JSON.stringify({ content: 'x'.repeat(8 * 1024 * 1024) });
		expect(await send('/Attributes', text, json)).toEqual([413, 'error.connector.unexpected']);
		const form = new FormData();
		form.append('file', new Blob([new Uint8Array(12 * 1024 * 1024)]), 'large');
		expect(await send('/Files/Own', form)).toEqual([400, 'error.runtime.validation.invalidPropertyValue']);
		expect((await fetch(`${connector.url}/health`)).status).toBe(200);
	});
});
