// The message brokers the Connector is tested against. For each of them one of four things is so:
//
//   answers     somebody listens on its port: used as it is, and left alone
//   installed   nobody listens, but the program is here: started as a process of our own, data in a folder of its own
//   toInstall   nobody listens, no program, but we may install Debian's package: then as `installed`
//   none        it cannot be had: named, and its tests say so and are counted as skipped
//
// What was started here is stopped, by its process, when the tests are over; its folder goes with it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, PORTS, type BrokerKind } from '../connector/testing/brokers.ts';
import { findProgram, installByApt } from './machine.ts';
import { keep, type Kept } from './processes.ts';

type Programs = readonly [string, ...string[]];
interface Command {
	/** Paths, or names looked up. */
	readonly program: string;
	readonly args: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}
export interface Broker {
	readonly kind: BrokerKind;
	readonly name: string;
	readonly package: string;
	/** All of them have to be there. */
	readonly programs: Programs;
	/** What runs, in this order, to listen on a port and keep its data in a folder. In the foreground: it ends when its process does. */
	readonly commands: (port: number, folder: string) => readonly Command[];
	/** How long it may take until it answers. */
	readonly patienceMs: number;
}

/** Debian's command of that name changes the user and the folder; the program behind it does what it is told. */
const RABBITMQ = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export const BROKERS: readonly Broker[] = [
	{
		kind: 'AMQP',
		name: 'RabbitMQ',
		package: 'rabbitmq-server',
		programs: [RABBITMQ, 'epmd'],
		commands: (port, folder) => {
			// Erlang's nodes find each other by a service that would stay behind: ours, on a port of its own, comes first.
			const names = String(port + 1);
			const env = {
				HOME: folder,
				ERL_EPMD_PORT: names,
				RABBITMQ_NODENAME: `proof${port}@localhost`,
				RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
				RABBITMQ_NODE_PORT: String(port),
				RABBITMQ_DIST_PORT: String(port + 2),
				RABBITMQ_MNESIA_BASE: join(folder, 'data'),
				RABBITMQ_LOG_BASE: join(folder, 'log'),
				RABBITMQ_PID_FILE: join(folder, 'pid'),
				RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
				RABBITMQ_CONF_ENV_FILE: join(folder, 'none.conf'),
				RABBITMQ_CONFIG_FILE: join(folder, 'none')
			};
			return [
				{ program: 'epmd', args: ['-address', '127.0.0.1', '-port', names], env },
				{ program: RABBITMQ, args: [], env }
			];
		},
		patienceMs: 90_000
	},
	{
		kind: 'MQTT',
		name: 'Mosquitto',
		package: 'mosquitto',
		programs: ['mosquitto'],
		// Without a configuration it listens on this machine only, and keeps nothing.
		commands: (port) => [{ program: 'mosquitto', args: ['-p', String(port)] }],
		patienceMs: 10_000
	},
	{
		kind: 'Redis',
		name: 'Redis',
		package: 'redis-server',
		programs: ['redis-server'],
		commands: (port, folder) => [
			{
				program: 'redis-server',
				args: [
					'--bind',
					'127.0.0.1',
					'--port',
					String(port),
					'--dir',
					folder,
					'--save',
					'',
					'--daemonize',
					'no'
				]
			}
		],
		patienceMs: 10_000
	},
	{
		kind: 'NATS',
		name: 'NATS',
		package: 'nats-server',
		programs: ['nats-server'],
		commands: (port, folder) => [
			{ program: 'nats-server', args: ['-a', '127.0.0.1', '-p', String(port), '-sd', folder] }
		],
		patienceMs: 10_000
	}
];

/** What this machine offers; tests give another one. */
export interface Machine {
	readonly answers: (port: number) => Promise<boolean>;
	readonly find: (program: string) => string | undefined;
	readonly mayInstall: boolean;
	readonly install: (name: string) => Promise<boolean>;
}
/** Servers lie where a plain user's PATH does not look. */
const PATH = ['/usr/sbin', '/usr/bin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(':')].join(':');
const here: Machine = {
	answers,
	find: (program) => findProgram([program], PATH),
	mayInstall: process.getuid?.() === 0 && findProgram(['apt-get']) !== undefined,
	install: installByApt
};

export type Plan = 'answers' | 'installed' | 'toInstall' | 'none';
const isInstalled = ({ programs }: Broker, { find }: Machine) =>
	programs.every((program) => find(program) !== undefined);

/** What would be done about a broker on this port. */
export async function planOf(broker: Broker, port: number, machine: Machine = here): Promise<Plan> {
	if (await machine.answers(port)) return 'answers';
	if (isInstalled(broker, machine)) return 'installed';
	return machine.mayInstall ? 'toInstall' : 'none';
}

/** How the logs of what was started end. */
const lastWords = (folder: string) =>
	readdirSync(join(folder, 'log'))
		.map((file) =>
			readFileSync(join(folder, 'log', file), 'utf8')
				.trim()
				.split('\n')
				.at(-1)
				?.slice(0, 300)
		)
		.filter(Boolean)
		.join(' · ');

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Processes of our own that answer on the port, or undefined; `stop` ends them, the newest first, and removes their folder. */
export async function startBroker(
	{ name, commands, patienceMs }: Broker,
	port: number,
	machine: Machine = here
): Promise<{ readonly stop: () => Promise<void> } | undefined> {
	const folder = mkdtempSync(join(tmpdir(), `${name.toLowerCase()}-`));
	for (const inner of ['data', 'log']) mkdirSync(join(folder, inner));
	const running: Kept[] = [];
	let hasEnded = false;
	const stop = async () => {
		for (const kept of running.toReversed()) await kept.stop();
		rmSync(folder, { recursive: true, force: true });
	};
	for (const { program, args, env } of commands(port, folder)) {
		const log = join(folder, 'log', `${running.length}.txt`);
		const kept = keep(name, machine.find(program) ?? program, [...args], { env: { PATH, ...env }, log });
		void kept.ended.then(() => (hasEnded = true));
		running.push(kept);
	}
	for (const end = Date.now() + patienceMs; !hasEnded && Date.now() < end; await pause(100))
		if (await machine.answers(port)) return { stop };
	console.error(`${name} did not answer on port ${port}: ${lastWords(folder)}`);
	await stop();
	return undefined;
}

export interface Brokers {
	/** Names of those that cannot be had. */
	readonly missing: readonly string[];
	/** Ends what was started for this. */
	readonly stop: () => Promise<void>;
}

/** Has each broker answer on its port, if it can be had. */
export async function ensureBrokers(
	brokers: readonly Broker[] = BROKERS,
	ports: Readonly<Record<BrokerKind, number>> = PORTS,
	machine: Machine = here
): Promise<Brokers> {
	const missing: string[] = [];
	const stops: (() => Promise<void>)[] = [];
	for (const broker of brokers) {
		const port = ports[broker.kind];
		const plan = await planOf(broker, port, machine);
		if (plan === 'toInstall') await machine.install(broker.package);
		// A package may have started its server already.
		if (await machine.answers(port)) continue;
		const started = isInstalled(broker, machine) ? await startBroker(broker, port, machine) : undefined;
		if (started) stops.push(started.stop);
		else missing.push(broker.name);
	}
	return { missing, stop: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}
