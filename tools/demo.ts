// npm start: the relay with the App, a demo Connector beside it, and on the terminal what a person needs to try both. Everything is
// kept below one folder (data/), so the next start finds it as it was.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderUnicodeCompact } from 'uqr';
import { isStrong, randomApiKey } from './apiKey.ts';
import { root } from './bootstrap.js';
import { contactLink } from './demoCity.ts';
import { buildApp } from './generated.ts';
import { keep, type Kept } from './processes.ts';

const HELP = `npm start [-- options]
  --port N             relay and App (or PORT; 8080)
  --connector-port N   demo Connector (or CONNECTOR_PORT; 8090)
  --public-url URL     address others reach the App by (or PUBLIC_URL; http://localhost:PORT)
  --data FOLDER        where everything is kept (or DATA; data)`;

/** How long a process may take until it answers /health; a slow disk on first start is the longest we saw. */
const READY_MS = 60_000;

export interface Setting {
	port: number;
	connectorPort: number;
	publicUrl: string;
	data: string;
}

/** From command line and environment, the command line first. Throws with a sentence for people. */
export function parseSetting(args: string[], env: NodeJS.ProcessEnv): Setting | 'help' {
	const { values } = parseArgs({
		args,
		options: {
			port: { type: 'string' },
			'connector-port': { type: 'string' },
			'public-url': { type: 'string' },
			data: { type: 'string' },
			help: { type: 'boolean', short: 'h' }
		}
	});
	if (values.help) return 'help';
	const number = (text: string, name: string) => {
		const value = Number(text);
		if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new Error(`${name} is not a port: ${text}`);
		return value;
	};
	const port = number(values.port ?? env['PORT'] ?? '8080', '--port');
	const publicUrl = (values['public-url'] ?? env['PUBLIC_URL'] ?? `http://localhost:${port}`).replace(/\/+$/, '');
	if (!/^https?:\/\//.test(publicUrl))
		throw new Error(`--public-url must begin with http:// or https://: ${publicUrl}`);
	return {
		port,
		connectorPort: number(values['connector-port'] ?? env['CONNECTOR_PORT'] ?? '8090', '--connector-port'),
		publicUrl,
		data: resolve(root, values.data ?? env['DATA'] ?? 'data')
	};
}

const isFree = (port: number) =>
	new Promise<boolean>((settle) => {
		const probe = createServer();
		probe.once('error', () => settle(false));
		probe.listen(port, () => probe.close(() => settle(true)));
	});

async function refuseTakenPorts(setting: Setting): Promise<void> {
	if (setting.port === setting.connectorPort)
		throw new Error('Relay and Connector need two ports: --port and --connector-port.');
	const ports = [
		[setting.port, '--port', 'PORT'],
		[setting.connectorPort, '--connector-port', 'CONNECTOR_PORT']
	] as const;
	for (const [port, option, variable] of ports) {
		if (await isFree(port)) continue;
		const other = port + 100;
		throw new Error(
			`Port ${port} is taken by another programme. Choose another: npm start -- ${option} ${other} (or ${variable}=${other} npm start)`
		);
	}
}

/** The key of this data folder, made on the first start and readable by its owner only. */
function apiKeyOf(folder: string): string {
	const file = join(folder, 'api-key.txt');
	if (existsSync(file)) {
		const key = readFileSync(file, 'utf8').trim();
		if (isStrong(key)) return key;
	}
	const key = randomApiKey();
	writeFileSync(file, `${key}\n`, { mode: 0o600 });
	return key;
}

/** Waits until the programme answers; throws when it ends first or takes too long. */
async function ready(kept: Kept, url: string, log: string): Promise<void> {
	const ended = kept.ended.then((how) => {
		throw new Error(`${kept.name} did not start (${how}). Its last words, from ${log}:\n${lastLines(log)}`);
	});
	const answered = (async () => {
		const until = Date.now() + READY_MS;
		while (Date.now() < until) {
			const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
			await response?.body?.cancel();
			if (response?.ok) return;
			await new Promise((later) => setTimeout(later, 100));
		}
		throw new Error(
			`${kept.name} does not answer at ${url}/health. Its last words, from ${log}:\n${lastLines(log)}`
		);
	})();
	await Promise.race([answered, ended]);
}

function lastLines(file: string): string {
	if (!existsSync(file)) return '';
	return readFileSync(file, 'utf8').trim().split('\n').slice(-15).join('\n');
}

function screen(setting: Setting, connectorUrl: string, key: string, link: string): string {
	const header = `-H 'X-API-KEY: ${key}'`;
	const api = `${connectorUrl}/api/core/v1`;
	const pending = `curl -fsS ${header} '${api}/Relationships?status=Pending' | grep -o 'REL[A-Za-z0-9]\\{17\\}' | head -n 1`;
	const phone = setting.publicUrl.startsWith('https://')
		? []
		: [
				'A phone needs HTTPS: put a proxy with a certificate in front and start with PUBLIC_URL=https://your.name npm start',
				''
			];
	return [
		'',
		`App         ${setting.publicUrl}`,
		`Connector   ${connectorUrl}   API key ${key}`,
		`Data, logs  ${setting.data}`,
		'',
		'Become a contact of Demo City: open this link in the App (or scan it)',
		link,
		renderUnicodeCompact(link, { border: 2 }),
		'',
		...phone,
		'Answer as Demo City: fetch what came in, then accept the new contact',
		`curl -fsS -X POST ${header} ${api}/Account/Sync`,
		`curl -fsS -X PUT ${header} "${api}/Relationships/$(${pending})/Accept"`,
		'',
		'Ctrl-C stops everything.'
	].join('\n');
}

/** Environment of the two programmes; everything they keep lies below the data folder. */
export function environments(setting: Setting, relayData: string, connectorData: string, key: string) {
	const relay: Record<string, string> = {
		PORT: String(setting.port),
		DATA_DIR: relayData,
		PUBLIC_URL: setting.publicUrl,
		APP_DIR: join(root, 'web/build')
	};
	const connector: Record<string, string> = {
		transportLibrary__baseUrl: setting.publicUrl,
		transportLibrary__platformClientId: 'demo',
		transportLibrary__platformClientSecret: 'demo',
		database__driver: 'sqlite',
		database__folder: connectorData,
		database__dbName: 'demo',
		infrastructure__httpServer__port: String(setting.connectorPort),
		infrastructure__httpServer__authentication__apiKey__keys__demo__key: key,
		modules__sync__enabled: 'true',
		modules__sync__interval: '5'
	};
	return { relay, connector };
}

/** Starts everything; `front` may put a development server before the relay. Returns when a signal or a dying child ends it. */
export async function demo(setting: Setting, front?: (setting: Setting) => Promise<Kept>): Promise<number> {
	await refuseTakenPorts(setting);
	const relayData = join(setting.data, 'relay');
	const connectorData = join(setting.data, 'connector');
	for (const folder of [relayData, connectorData]) mkdirSync(folder, { recursive: true, mode: 0o700 });

	const kept: Kept[] = [];
	const stopAll = async () => {
		// The Connector first, so that its last words still find the relay.
		for (const child of kept.toReversed()) await child.stop();
	};
	let stopping = false;
	const asked = new Promise<number>((settle) => {
		for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
			process.on(name, () => {
				if (!stopping) console.log('\nStopping …');
				stopping = true;
				settle(0);
			});
	});

	const up = async (): Promise<number> => {
		const key = apiKeyOf(connectorData);
		const env = environments(setting, relayData, connectorData, key);
		const watch = front ? ['--watch-preserve-output', '--watch'] : [];

		const relayLog = join(setting.data, 'relay.log');
		const relay = keep('The relay', process.execPath, [...watch, 'backbone-relay/main.ts'], {
			env: env.relay,
			log: relayLog
		});
		kept.push(relay);
		await ready(relay, `http://localhost:${setting.port}`, relayLog);
		if (front) kept.push(await front(setting));

		const connectorLog = join(setting.data, 'connector.log');
		const connectorUrl = `http://localhost:${setting.connectorPort}`;
		const connector = keep('The Connector', process.execPath, [...watch, 'connector/main.ts', 'start'], {
			env: env.connector,
			log: connectorLog
		});
		kept.push(connector);
		await ready(connector, connectorUrl, connectorLog);

		const link = await contactLink(
			{ url: `${connectorUrl}/api/core/v1`, key },
			setting.publicUrl,
			join(connectorData, 'demo.json')
		);
		if (stopping) return 0;
		console.log(screen(setting, connectorUrl, key, link));

		const [name, how] = await Promise.race(kept.map(async (child) => [child.name, await child.ended] as const));
		if (stopping) return 0;
		throw new Error(`${name} has ended (${how}); the rest is stopped. See the logs in ${setting.data}.`);
	};

	try {
		return await Promise.race([up(), asked]);
	} finally {
		stopping = true;
		await stopAll();
	}
}

/** Runs a command that takes these options, and turns what goes wrong into one sentence. */
export async function command(work: (setting: Setting) => Promise<number>): Promise<never> {
	try {
		const setting = parseSetting(process.argv.slice(2), process.env);
		if (setting === 'help') {
			console.log(HELP);
			process.exit(0);
		}
		process.exit(await work(setting));
	} catch (error) {
		console.error(`\n${error instanceof Error ? error.message : String(error)}`);
		process.exit(1);
	}
}

export async function start(setting: Setting): Promise<number> {
	const trouble = await buildApp();
	if (trouble !== undefined) throw new Error(`The App could not be built:\n${trouble}`);
	return demo(setting);
}
