import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { environmentTree, logLevel, parseConfig, readConfig, type ConfigResult } from './config.ts';
import { parseArguments, run } from './cli.ts';
import { testConfig } from './testing/parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'connector-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: unknown) => {
	const path = join(folder, name);
	writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
	return path;
};
const base = { transportLibrary: { baseUrl: 'http://relay.example' } };
const configOf = (result: ConfigResult) => {
	if (!result.ok) throw new Error(result.problems.join('\n'));
	return result.config;
};
const problemsOf = (tree: { [key: string]: unknown }) => {
	const result = readConfig({ file: file('problem.json', tree) });
	return result.ok ? [] : result.problems;
};

describe('sources of the configuration', () => {
	test('the command line wins over the environment, that over the file, that over the defaults', () => {
		const path = file('a.json', {
			...base,
			infrastructure: { httpServer: { port: 1, cors: { origin: 'https://a' } } },
			logging: { level: 'warn' }
		});
		const config = configOf(
			readConfig({
				file: path,
				env: { infrastructure__httpServer__port: '2', modules__sync__enabled: 'true' },
				options: [['infrastructure:httpServer:port', '3']]
			})
		);
		expect(config.infrastructure.httpServer.port).toBe(3);
		expect(config.infrastructure.httpServer.cors.origin).toBe('https://a');
		expect(config.modules['sync']).toMatchObject({ enabled: true, interval: 60 });
		expect(logLevel(config)).toBe('warn');
		expect(config.database).toEqual({ driver: 'sqlite', folder: 'data/connector', dbName: 'default' });
	});

	test('a colon and two underscores nest alike; a value that is JSON is JSON; names are case-sensitive', () => {
		const tree = environmentTree({
			'transportLibrary:baseUrl': 'http://relay',
			modules__webhooks__targets: '{"a":{"url":"http://x"}}',
			debug: 'true',
			Debug__x: '1',
			'database:dbName': 'not json',
			UNRELATED: '1'
		});
		expect(tree).toMatchObject({
			transportLibrary: { baseUrl: 'http://relay' },
			modules: { webhooks: { targets: { a: { url: 'http://x' } } } },
			debug: true,
			database: { dbName: 'not json' }
		});
	});

	test('the aliases work, and a full name wins over its alias', () => {
		const config = configOf(
			readConfig({
				file: file('b.json', base),
				env: {
					DATABASE_NAME: 'from-alias',
					database__dbName: 'from-name',
					SYNC_ENABLED: 'true',
					PLATFORM_CLIENT_ID: 'id',
					PLATFORM_CLIENT_SECRET: 'secret',
					DEBUG: 'true'
				}
			})
		);
		expect(config.database.dbName).toBe('from-name');
		expect(config.debug).toBe(true);
		expect(config.modules['sync']?.enabled).toBe(true);
		expect(config.transportLibrary).toMatchObject({ platformClientId: 'id', platformClientSecret: 'secret' });
	});

	test('the file is -c, else CUSTOM_CONFIG_LOCATION, else ./config.json', () => {
		const named = file('named.json', { ...base, database: { dbName: 'named' } });
		const custom = file('custom.json', { ...base, database: { dbName: 'custom' } });
		expect(configOf(readConfig({ file: named, env: { CUSTOM_CONFIG_LOCATION: custom } })).database.dbName).toBe(
			'named'
		);
		expect(configOf(readConfig({ env: { CUSTOM_CONFIG_LOCATION: custom } })).database.dbName).toBe('custom');
		expect(configOf(readConfig({ env: { transportLibrary__baseUrl: 'http://r' } })).database.dbName).toBe(
			'default'
		);
		expect(readConfig({ file: file('broken.json', '{') })).toMatchObject({
			problems: [expect.stringContaining('not a JSON object')]
		});
	});

	test('a file may be missing; that one was named is said beside what is wrong, or as a warning', () => {
		const none = join(folder, 'none.json');
		const line = `${none}: the configuration file does not exist`;
		const rest = { transportLibrary__baseUrl: 'http://r' };
		expect(readConfig({ env: rest })).toMatchObject({ ok: true, warnings: [] });
		expect(readConfig({ env: { ...rest, CUSTOM_CONFIG_LOCATION: none } })).toMatchObject({
			ok: true,
			warnings: [line]
		});
		expect(readConfig({ env: rest, file: none })).toMatchObject({ ok: true, warnings: [line] });
		expect(readConfig({ file: none })).toEqual({
			ok: false,
			problems: [line, 'transportLibrary.baseUrl is required']
		});
	});

	test('nothing reaches the prototype', () => {
		environmentTree({ 'debug:__proto__:polluted': '1', 'constructor:prototype:polluted': '1' });
		parseConfig(JSON.parse('{"__proto__":{"polluted":1}}') as { [key: string]: unknown });
		expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
	});
});

describe('violations of the configuration', () => {
	const cases: [string, { [key: string]: unknown }, string[]][] = [
		['a missing base URL', {}, ['transportLibrary.baseUrl is required']],
		[
			'a base URL without scheme',
			{ transportLibrary: { baseUrl: 'relay' } },
			['transportLibrary.baseUrl must begin with http:// or https://']
		],
		[
			'a base URL with a bar',
			{ transportLibrary: { baseUrl: 'http://a|b' } },
			["transportLibrary.baseUrl must not contain '|'"]
		],
		[
			'an unknown member',
			{ ...base, infrastructure: { httpServer: { prt: 1 } } },
			['infrastructure.httpServer.prt is unknown']
		],
		['an unknown top-level key', { ...base, HOME: '/root' }, []],
		[
			'a port that is none',
			{ ...base, infrastructure: { httpServer: { port: 'http' } } },
			['infrastructure.httpServer.port must be a port from 0 to 65535']
		],
		['a port as text', { ...base, infrastructure: { httpServer: { port: '8080' } } }, []],
		['a wrong type', { ...base, debug: 'yes' }, ['debug must be boolean']],
		[
			'two violations, two lines',
			{
				...base,
				debug: 1,
				infrastructure: { httpServer: { authentication: { apiKey: { keys: { a: { key: 1 } } } } } }
			},
			['debug must be boolean', 'infrastructure.httpServer.authentication.apiKey.keys.a.key must be string']
		],
		[
			'a key with an unknown member',
			{
				...base,
				infrastructure: { httpServer: { authentication: { apiKey: { keys: { a: { key: 'k', x: 1 } } } } } }
			},
			['infrastructure.httpServer.authentication.apiKey.keys.a.x is unknown']
		],
		[
			'an enabled module whose members are wrong',
			{ ...base, modules: { sync: { enabled: 'true' } } },
			['modules.sync.enabled must be boolean']
		],
		['a disabled module', { ...base, modules: { webhooks: { enabled: false, targets: 7 } } }, []],
		[
			'an expiry that is no date',
			{
				...base,
				infrastructure: {
					httpServer: { authentication: { apiKey: { keys: { a: { key: 'k', expiresAt: 'soon' } } } } }
				}
			},
			['infrastructure.httpServer.authentication.apiKey.keys.a.expiresAt must match ISO8601 datetime format']
		],
		[
			'limits of the original',
			{
				transportLibrary: {
					baseUrl: 'http://r',
					platformMaxUnencryptedFileSize: 1,
					tagCacheLifetimeInMinutes: 5,
					platformMaxContentLength: 1
				}
			},
			[]
		],
		[
			'a database name that leaves its folder',
			{ ...base, database: { dbName: '../x' } },
			['database.dbName must be a plain file name']
		]
	];
	test.each(cases)('%s', (_, tree, lines) => {
		expect(problemsOf(tree)).toEqual(lines);
	});

	test.each([
		{ driver: 'mongodb', dbName: 'x', connectionString: 'mongodb://x' },
		{ connectionString: 'redis://x' },
		{ driver: 'postgres' },
		{ driver: 'postgres', connectionString: 'postgres://[' },
		{ driver: 'lokijs', folder: 'x', dbName: 'y' }
	])('a foreign database %j gets one line that names our setting', (database) => {
		const lines = problemsOf({ ...base, database });
		expect(lines).toHaveLength(1);
		expect(lines[0]).toContain('{"driver":"sqlite","folder":"data/connector","dbName":"default"}');
	});

	test.each(['mongodb://user:secret@x', 'mongodb+srv://x'])(
		'a connection string for MongoDB without its driver is ignored with a warning that does not repeat it (%s)',
		(connectionString) => {
			const read = readConfig({
				file: file('mongo.json', base),
				env: { DATABASE_CONNECTION_STRING: connectionString }
			});
			expect(configOf(read).database).toEqual({
				driver: 'sqlite',
				folder: 'data/connector',
				dbName: 'default'
			});
			const warnings = read.ok ? read.warnings : [];
			expect(warnings).toEqual([expect.stringContaining('database.connectionString is ignored')]);
			expect(warnings.join()).not.toContain(connectionString);
		}
	);

	test.each([{}, { driver: 'postgres' }])('PostgreSQL is chosen by its connection string (%j)', (database) => {
		const connectionString = 'postgres://connector:secret@db.example/enmeshed';
		const read = readConfig({
			file: file('postgres.json', { ...base, database }),
			env: { DATABASE_CONNECTION_STRING: connectionString }
		});
		expect(configOf(read).database).toMatchObject({ connectionString, folder: 'data/connector' });
	});

	test('a configuration for log4js is read for its level', () => {
		const logging = {
			appenders: { console: { type: 'stdout' } },
			categories: { default: { appenders: ['console'], level: 'OFF' } }
		};
		expect(logLevel(testConfig({ logging }))).toBe('silent');
	});
});

describe('the command line', () => {
	test('takes settings in both forms and refuses what it does not know', () => {
		expect(parseArguments(['start', '-c', 'x.json', '--debug', 'true', '--modules:sync:interval=5'])).toEqual({
			words: ['start'],
			file: 'x.json',
			options: [
				['debug', 'true'],
				['modules:sync:interval', '5']
			]
		});
		expect(parseArguments(['start', '--verbose', '1'])).toEqual({ problem: 'unknown option --verbose' });
		expect(parseArguments(['start', '--debug'])).toEqual({ problem: 'option --debug needs a value' });
	});

	test('violations are one line each and exit code 1', async () => {
		const written: string[] = [];
		const write = process.stderr.write.bind(process.stderr);
		process.stderr.write = ((line: string) => written.push(line) > 0) as typeof process.stderr.write;
		try {
			expect(
				await run(['start'], {
					transportLibrary__baseUrl: 'nowhere',
					debug: '7',
					CUSTOM_CONFIG_LOCATION: file('empty.json', {})
				})
			).toBe(1);
			expect(
				await run(['start'], {
					transportLibrary__baseUrl: 'http://r',
					CUSTOM_CONFIG_LOCATION: file('empty.json', {})
				})
			).toBe(1);
			expect(await run(['dance'], {})).toBe(1);
		} finally {
			process.stderr.write = write;
		}
		expect(written[0]).toBe('configuration: debug must be boolean\n');
		expect(written[1]).toBe('configuration: transportLibrary.baseUrl must begin with http:// or https://\n');
		expect(written[2]).toContain('infrastructure.httpServer.authentication must be configured');
		expect(written[3]).toBe("unknown command 'dance'\n");
	});
});
